"""What a query says about itself, read before it runs: its form, its variables, what it wants from outside."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal

Form = Literal["select", "ask", "construct", "describe"]

FORMS: Final[frozenset[str]] = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
UPDATES: Final[frozenset[str]] = frozenset(
    {"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"}
)
# Calls whose value changes from one evaluation to the next, so that an answer must not be kept.
VOLATILE: Final[frozenset[str]] = frozenset({"NOW", "RAND", "UUID", "STRUUID", "BNODE"})

_ABSOLUTE: Final = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")
_CODEPOINT: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_TOKEN: Final = re.compile(
    r"""
      (?P<space>[\s\x00]+|\#[^\n\r]*)
    | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    | (?P<string>\"\"\"(?:\"{0,2}(?:[^"\\]|\\.))*\"\"\"|'''(?:'{0,2}(?:[^'\\]|\\.))*'''
        |"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
    | (?P<var>[?$]\w+)
    | (?P<blank>_:\w[\w.·-]*)
    | (?P<name>(?:[^\W\d_](?:[\w.·-]*[\w·-])?)?:(?:(?:[\w:·-]|%[0-9A-Fa-f]{2}|\\.)
        (?:(?:[\w:.·-]|%[0-9A-Fa-f]{2}|\\.)*(?:[\w:·-]|%[0-9A-Fa-f]{2}|\\.))?)?)
    | (?P<lang>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
    | (?P<word>[^\W\d]\w*)
    | (?P<mark>\^\^|&&|\|\||!=|<=|>=|<<\(?|\)?>>|.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a query and where it stands."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where the token ends."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Call:
    """A ``SERVICE`` clause: its target and its extent in the text; *fault* says why there is no target."""

    target: str | None
    silent: bool
    start: int
    body: int
    end: int
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the guard learned from the text of a query."""

    text: str
    form: Form | None = None
    update: str | None = None
    star: int | None = None
    variables: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    disguised: bool = False
    volatile: bool = False
    relative: bool = False
    prologue: int = 0
    prefixes: dict[str, str] = field(default_factory=dict)


def tokens(text: str) -> list[Token]:
    """Split a query into words; whatever is not one becomes marks, so that nothing is skipped."""
    found = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind != "space":
            found.append(Token(kind or "mark", match.group(), match.start()))
    return found


def plain(text: str) -> str:
    r"""Decode codepoint escapes until none is left.

    >>> plain(r"\u0053ERVICE \u005Cu0053")
    'SERVICE S'
    """
    while "\\" in text:
        decoded = _CODEPOINT.sub(_character, text)
        if decoded == text:
            break
        text = decoded
    return text


def _character(match: re.Match[str]) -> str:
    code = int(match.group(1) or match.group(2), 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\N{REPLACEMENT CHARACTER}"


@lru_cache(maxsize=1024)
def read(text: str) -> Reading:
    """Read a query as far as the server must know it; whether it is valid is for the engine to say."""
    words = tokens(text)
    prefixes: dict[str, str] = {}
    first = 0
    while first < len(words):
        word = words[first].text.upper()
        if word == "PREFIX" and first + 2 < len(words):
            prefixes[words[first + 1].text[:-1]] = words[first + 2].text[1:-1]
            first += 3
        elif word in ("BASE", "VERSION") and first + 1 < len(words):
            first += 2
        else:
            break
    head = words[first].text.upper() if first < len(words) and words[first].kind == "word" else ""
    keywords = {word.text.upper() for word in words if word.kind == "word"}
    calls = tuple(_calls(words, prefixes)) if "SERVICE" in keywords else ()
    return Reading(
        text=text,
        form=head.lower() if head in FORMS else None,  # type: ignore[arg-type]  # FORMS holds those four
        update=head if head in UPDATES else None,
        star=_star(words, first) if head == "SELECT" else None,
        variables=tuple(dict.fromkeys(word.text[1:] for word in words if word.kind == "var")),
        calls=calls,
        disguised="\\" in text and _services(tokens(plain(text))) > _services(words),
        volatile=not VOLATILE.isdisjoint(keywords),
        relative=any(word.kind == "iri" and not _ABSOLUTE.match(word.text) for word in words),
        prologue=words[first].start if first < len(words) else len(text),
        prefixes=prefixes,
    )


def _services(words: list[Token]) -> int:
    return sum(word.kind == "word" and word.text.upper() == "SERVICE" for word in words)


def _star(words: list[Token], first: int) -> int | None:
    for word in words[first + 1 : first + 3]:
        if word.text == "*":
            return word.start
        if word.text.upper() not in ("DISTINCT", "REDUCED"):
            break
    return None


def _calls(words: list[Token], prefixes: dict[str, str]) -> list[Call]:
    """Find the outermost SERVICE clauses. One that holds another gets no target: its answerer would have to call on."""
    found = []
    place = 0
    while place < len(words):
        if words[place].kind != "word" or words[place].text.upper() != "SERVICE":
            place += 1
            continue
        start = words[place].start
        place += 1
        silent = place < len(words) and words[place].text.upper() == "SILENT"
        place += silent
        target, fault = _target(words[place], prefixes) if place < len(words) else (None, "it ends too early")
        place += 1
        if place >= len(words) or words[place].text != "{":
            found.append(Call(None, silent, start, start, start, fault or "no group in braces follows"))
            continue
        body, depth = words[place].start, 0
        while place < len(words):
            depth += {"{": 1, "}": -1}.get(words[place].text, 0)
            place += 1
            if depth == 0:
                break
        end = words[place - 1].end
        if depth:
            target, fault = None, "its group is not closed"
        elif _services([word for word in words if body < word.start < end]):
            target, fault = None, "another SERVICE stands inside it, and nobody is asked to ask others"
        found.append(Call(target, silent, start, body, end, fault))
    return found


def _target(word: Token, prefixes: dict[str, str]) -> tuple[str | None, str]:
    """Give the IRI that a word stands for, or None and why it can't be one that is asked."""
    if word.kind == "iri" and re.match(r"<https?://", word.text):
        return word.text[1:-1], ""
    if word.kind == "name":
        prefix, _, local = word.text.partition(":")
        if prefix in prefixes and "\\" not in local:
            return prefixes[prefix] + local, ""
        return None, "its name has an escape, or a prefix that is not declared"
    if word.kind == "var":
        return None, f"{word.text} is a variable, and an address is only asked if the query spells it out"
    return None, "only an http or https address that the query spells out is asked"
