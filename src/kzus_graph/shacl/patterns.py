"""Translate regular expressions of ``sh:pattern`` from Python's syntax to that of Rust, which Oxigraph uses."""

import re
from typing import Final

PIECES: Final = re.compile(
    r"(?P<escape>\\.)|(?P<class>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<group>\((?:\?:)?(?!\?))|(?P<end>\$)"
    r"|(?P<repeat>(?:[*+?]|\{\d+(?:,\d*)?\})\??(?![*+?{]))|(?P<plain>[^\\\[\](){}*+?$])|(?P<close>\))",
    re.DOTALL,
)
SAFE_ESCAPES: Final = frozenset("dDtnrfv")
# Python counts these four characters as white space; Unicode does not.
SPACE: Final = r"\s\x1C-\x1F"


class NotPortable(ValueError):
    """Raised for a pattern that Python and Rust may interpret differently; the message names the part at fault."""


def portable(pattern: str, flags: str) -> str:
    r"""Return a pattern, as a SPARQL string, that matches in Oxigraph exactly where *pattern* matches in Python.

    In Python, ``$`` also matches before a final line break, and ``\s`` matches four more characters.
    Raises NotPortable if *flags* is not empty, and for syntax that may have another meaning in Rust than in Python.

    >>> print(portable(r"^\S+$", ""))
    "^[^\\s\\x1C-\\x1F]+(?:\\n?$)"
    """
    if flags.strip():
        raise NotPortable(f"the flags {flags!r}")
    result, position = [], 0
    while position < len(pattern):
        found = PIECES.match(pattern, position)
        if found is None:
            raise NotPortable(f"{pattern[position : position + 5]!r}")
        result.append(_piece(str(found.lastgroup), found[0]))
        position = found.end()
    text = "".join(result).replace("\\", "\\\\").replace('"', '\\"')
    for letter, escaped in (("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(letter, escaped)
    return f'"{text}"'


def _piece(kind: str, text: str) -> str:
    if kind == "end":
        return r"(?:\n?$)"
    if kind == "escape":
        return _escape(text, inside=False)
    if kind == "class":
        if text[1] == "]" or text.startswith("[^]") or re.search(r"(?<!\\)\[.*\[|&&|--|~~", text, re.DOTALL):
            raise NotPortable(f"the character class {text!r}")
        return re.sub(r"\\.", lambda found: _escape(found[0], inside=True), text, flags=re.DOTALL)
    return text


def _escape(text: str, *, inside: bool) -> str:
    letter = text[1]
    if letter == "s":
        return SPACE if inside else f"[{SPACE}]"
    if letter == "S" and not inside:
        return f"[^{SPACE}]"
    if letter in SAFE_ESCAPES or (letter.isascii() and not letter.isalnum() and not letter.isspace()):
        return text
    raise NotPortable(repr(text))
