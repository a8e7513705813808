"""Characters: those in a text that nobody sees, or that are not the ones they look like, by code point and place."""

import re
import unicodedata
from typing import Final

PLAIN: Final = re.compile(r"[ -~]*")
KINDS: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})
"""Unicode's categories of what controls, is unassigned, private or half, and of separators; a blank alone is meant."""
IGNORED: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Letters and marks by category, of which nothing is shown."""


def unseen(text: str) -> str:
    """Return what is wrong with the first character of *text* that cannot be seen or is in pieces, and what to do.

    Nothing when each can be seen, is a blank, and is in composed form (NFC, Unicode Standard Annex 15).

    >>> unseen("Asta\\u200bna")
    'character 5 is U+200B (ZERO WIDTH SPACE), which nobody sees; delete it'
    >>> unseen("10\\u00a0000"), unseen("Astana – Алматы, Zürich")
    ('character 3 is U+00A0 (NO-BREAK SPACE); write an ordinary blank', '')
    >>> unseen("Zu\\u0308rich")
    'characters 2 and 3 are U+0075 U+0308, a letter in pieces; write it as one: ü (U+00FC)'
    """
    if PLAIN.fullmatch(text):
        return ""
    for place, character in enumerate(text, 1):
        kind = unicodedata.category(character)
        if character != " " and (kind in KINDS or IGNORED.match(character)):
            name = unicodedata.name(character, "")
            said = f"character {place} is U+{ord(character):04X}" + (f" ({name})" if name else "")
            return f"{said}; write an ordinary blank" if kind == "Zs" else f"{said}, which nobody sees; delete it"
    if unicodedata.is_normalized("NFC", text):
        return ""
    return _in_pieces(text)


def _in_pieces(text: str) -> str:
    """Return which letter of *text*, which is not in composed form, is the first that is in pieces."""
    begins = [at for at, character in enumerate(text) if not unicodedata.combining(character)] or [0]
    for first, end in zip(begins, [*begins[1:], len(text)], strict=True):
        # a piece may be no mark: Hangul is composed of letters
        piece = text[first : end + (unicodedata.normalize("NFC", text[first:end]) == text[first:end])]
        whole = unicodedata.normalize("NFC", piece)
        if whole != piece:
            points, becomes = (" ".join(f"U+{ord(one):04X}" for one in each) for each in (piece, whole))
            if len(piece) == 1:
                return f"character {first + 1} is {points}, another form of a letter; write {whole} ({becomes})"
            where = f"characters {first + 1} and {first + len(piece)} are {points}"
            return f"{where}, a letter in pieces; write it as one: {whole} ({becomes})"
    return "it has letters in pieces; write it in composed form (NFC)"
