"""What a query says of values: which properties a variable stands for, and what literals it is held against."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from kzus_graph.engine.guard import iri
from kzus_graph.engine.tokens import Token
from kzus_graph.rdf.prefixes import PREFIXES

XSD: Final = PREFIXES["xsd"]
LANG_STRING: Final = PREFIXES["rdf"] + "langString"
_NUMBERS: Final = frozenset(
    XSD + name
    for name in (
        "integer",
        "decimal",
        "float",
        "double",
        "long",
        "int",
        "short",
        "byte",
        "nonNegativeInteger",
        "positiveInteger",
        "nonPositiveInteger",
        "negativeInteger",
        "unsignedLong",
        "unsignedInt",
        "unsignedShort",
        "unsignedByte",
    )  # fmt: skip
)
# One that is true of values of two kinds, as != is, tells nothing.
_COMPARES: Final = frozenset({"=", "<", ">", "<=", ">="})
# A variable beside one of these stands for something else than the values of its property.
_REWORKS: Final = frozenset({"+", "-", "*", "/", "|", "^", "!"})
_GIVES: Final = frozenset({"AS", "VALUES"})


@dataclass(frozen=True, slots=True)
class Comparison:
    """A variable held against a literal: its properties in the query, the literal, and where that stands."""

    variable: str
    properties: tuple[str, ...]
    value: ox.Literal
    start: int


def family(datatype: str) -> str:
    """Return what stands for all datatypes whose values can be compared with those of *datatype*.

    >>> family(XSD + "int") == family(XSD + "double"), family(XSD + "date") == family(XSD + "dateTime")
    (True, False)
    """
    return XSD + "decimal" if datatype in _NUMBERS else datatype


def stated(words: Sequence[Token], prefixes: Mapping[str, str]) -> Iterator[tuple[str, ox.Literal]]:
    """Yield each property with the literal that follows it, as ``rdfs:label "Astana"``."""
    for place, word in enumerate(words[:-1]):
        if word.kind in ("name", "iri") and words[place + 1].kind == "string":
            value, _ = _literal(words, place + 1, prefixes)
            if value is not None and (name := iri(word, prefixes)):
                yield name, value


def comparisons(words: Sequence[Token], prefixes: Mapping[str, str]) -> Iterator[Comparison]:
    """Yield each comparison of a variable, whose properties the query names, with a literal."""
    if not any(word.kind in ("string", "number") for word in words):
        return
    properties = _properties(words, prefixes)
    place = 0
    while place < len(words):
        value, end = _literal(words, place, prefixes)
        if value is not None:
            for beside, beyond, sign in ((place - 2, place - 3, place - 1), (end + 1, end + 2, end)):
                if not (0 <= beside < len(words) and 0 <= beyond < len(words)):
                    continue
                variable = words[beside]
                known = properties.get(variable.text, ()) if variable.kind == "var" else ()
                if known and words[sign].text in _COMPARES and words[beyond].text not in _REWORKS:
                    yield Comparison(variable.text, tuple(known), value, words[place].start)
        place = max(end, place + 1)


def _properties(words: Sequence[Token], prefixes: Mapping[str, str]) -> dict[str, dict[str, None]]:
    """The properties whose values each variable stands for; none for one that gets values in another way, too."""
    found: dict[str, dict[str, None]] = {}
    doubtful: set[str] = set()
    for before, word, after in zip(words, words[1:], words[2:], strict=False):
        if after.kind != "var":
            continue
        if word.text.upper() in _GIVES or (word.kind in ("name", "iri") and before.text in _REWORKS - {"/"}):
            doubtful.add(after.text)
        elif word.kind in ("name", "iri"):
            found.setdefault(after.text, {})[iri(word, prefixes)] = None
    return {name: known for name, known in found.items() if name not in doubtful}


def _literal(words: Sequence[Token], place: int, prefixes: Mapping[str, str]) -> tuple[ox.Literal | None, int]:
    """The literal that begins at a place, also as ``xsd:date("…")``, and where what comes after it begins."""
    kind = words[place].kind
    if kind == "number":
        return ox.Literal(words[place].text, datatype=ox.NamedNode(XSD + "decimal")), place + 1
    if kind not in ("name", "string"):
        return None, place + 1
    kinds = [word.kind for word in words[place : place + 4]]
    texts = [word.text for word in words[place : place + 4]]
    if kinds[:3] == ["name", "mark", "string"] and texts[1::2] == ["(", ")"]:
        name = iri(words[place], prefixes)
        plain = _text(texts[2])
        return (_typed(plain, name), place + 4) if name.startswith(XSD) and plain is not None else (None, place + 1)
    if kinds[:1] != ["string"] or (plain := _text(texts[0])) is None:
        return None, place + 1
    if kinds[1:2] == ["lang"]:
        # One with a direction is of another kind, which we don't have.
        language = texts[1][1:].lower()
        return (None if "--" in language else ox.Literal(plain, language=language)), place + 2
    if texts[1:2] == ["^^"] and kinds[2:3] in (["name"], ["iri"]):
        name = iri(words[place + 2], prefixes)
        return (_typed(plain, name) if name else None), place + 3
    return ox.Literal(plain), place + 1


def _typed(plain: str, datatype: str) -> ox.Literal:
    return ox.Literal(plain, datatype=ox.NamedNode(datatype))


def _text(token: str) -> str | None:
    """What a string says, if that is plain: one with escapes is not looked at."""
    quotes = 3 if token[:3] in ('"""', "'''") and len(token) > 5 else 1
    return None if "\\" in token else token[quotes:-quotes]
