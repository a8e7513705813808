"""Find invisible characters and letters in decomposed Unicode form, and name them by code point and position."""

import re
import unicodedata
from typing import Final

PLAIN: Final = re.compile(r"[ -~]*")
KINDS: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})
"""Refused Unicode categories: control, format, unassigned, private use, surrogate, separators (except U+0020)."""
IGNORED: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Invisible characters whose Unicode category is not in KINDS; most are classified as letters or marks."""


def unseen(text: str) -> str:
    """Return a message about the first invisible character of *text*, or else about its first decomposed letter.

    The message states the position, and how to correct *text*. The message is empty when every character is visible or
    a space (U+0020), and *text* is in composed form (NFC, Unicode Standard Annex 15).

    >>> unseen("Asta\\u200bna")
    'character 5 is U+200B (ZERO WIDTH SPACE), which is invisible; delete it'
    >>> unseen("10\\u00a0000"), unseen("Astana – Алматы, Zürich")
    ('character 3 is U+00A0 (NO-BREAK SPACE); replace it by a space', '')
    >>> unseen("Zu\\u0308rich")
    'characters 2 and 3 are U+0075 U+0308, a decomposed letter; write one character: ü (U+00FC)'
    """
    if PLAIN.fullmatch(text):
        return ""
    for place, character in enumerate(text, 1):
        kind = unicodedata.category(character)
        if character != " " and (kind in KINDS or IGNORED.match(character)):
            name = unicodedata.name(character, "")
            said = f"character {place} is U+{ord(character):04X}" + (f" ({name})" if name else "")
            return f"{said}; replace it by a space" if kind == "Zs" else f"{said}, which is invisible; delete it"
    if unicodedata.is_normalized("NFC", text):
        return ""
    return _in_pieces(text)


def _in_pieces(text: str) -> str:
    """Return a message that names the first letter of *text* not in composed form (NFC), and says what to write."""
    begins = [at for at, character in enumerate(text) if not unicodedata.combining(character)] or [0]
    for first, end in zip(begins, [*begins[1:], len(text)], strict=True):
        # the second piece may be a letter, not a combining mark: Hangul syllables are composed of letters
        piece = text[first : end + (unicodedata.normalize("NFC", text[first:end]) == text[first:end])]
        whole = unicodedata.normalize("NFC", piece)
        if whole != piece:
            points, becomes = (" ".join(f"U+{ord(one):04X}" for one in each) for each in (piece, whole))
            if len(piece) == 1:
                return f"character {first + 1} is {points}, not in composed form (NFC); write {whole} ({becomes})"
            where = f"characters {first + 1} and {first + len(piece)} are {points}"
            return f"{where}, a decomposed letter; write one character: {whole} ({becomes})"
    return "some letters are decomposed; write the text in composed form (NFC)"
