"""Regular expressions of ``sh:pattern`` for Oxigraph, whose engine (Rust's regex) differs from Python's in places."""

import re
from typing import Final

PIECES: Final = re.compile(
    r"(?P<escape>\\.)|(?P<class>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<group>\((?:\?:)?(?!\?))|(?P<end>\$)"
    r"|(?P<repeat>(?:[*+?]|\{\d+(?:,\d*)?\})\??(?![*+?{]))|(?P<plain>[^\\\[\](){}*+?$])|(?P<close>\))",
    re.DOTALL,
)
SAFE_ESCAPES: Final = frozenset("dDtnrfv")
# Python takes these four for white space besides what Unicode calls so.
SPACE: Final = r"\s\x1C-\x1F"


class NotPortable(ValueError):
    """A pattern that the two engines may read in two ways; the message says what is in it."""


def portable(pattern: str, flags: str) -> str:
    r"""Return *pattern* so that Oxigraph finds by it what Python finds by it, as a string of SPARQL.

    The last ``$`` of Python also stands before a final line break, and its ``\s`` has four characters more.
    Raises NotPortable for what isn't known to be the same.

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
            raise NotPortable(f"the class {text!r}")
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
