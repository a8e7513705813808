"""Finds the comparisons of variables with literals in a query, and the properties whose objects these variables are."""

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
# Comparisons that fail between values of different types; != is left out, since it can be true between them.
_COMPARES: Final = frozenset({"=", "<", ">", "<=", ">="})
# Next to one of these signs, a variable does not simply take the values of the property before it.
_REWORKS: Final = frozenset({"+", "-", "*", "/", "|", "^", "!"})
_GIVES: Final = frozenset({"AS", "VALUES"})


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison of *variable* with the literal *value*, which begins at the offset *start* in the query.

    *properties* are the IRIs of the properties that have the variable as object in the query.
    """

    variable: str
    properties: tuple[str, ...]
    value: ox.Literal
    start: int


def family(datatype: str) -> str:
    """Return ``xsd:decimal`` if *datatype* is numeric, else *datatype*; equal results mean comparable datatypes.

    >>> family(XSD + "int") == family(XSD + "double"), family(XSD + "date") == family(XSD + "dateTime")
    (True, False)
    """
    return XSD + "decimal" if datatype in _NUMBERS else datatype


def stated(words: Sequence[Token], prefixes: Mapping[str, str]) -> Iterator[tuple[str, ox.Literal]]:
    """Yield (property IRI, literal) for each literal that directly follows a property, as in ``rdfs:label "Astana"``.

    *words* are the tokens of the query, *prefixes* its namespaces by prefix.
    """
    for place, word in enumerate(words[:-1]):
        if word.kind in ("name", "iri") and words[place + 1].kind == "string":
            value, _ = _literal(words, place + 1, prefixes)
            if value is not None and (name := iri(word, prefixes)):
                yield name, value


def comparisons(words: Sequence[Token], prefixes: Mapping[str, str]) -> Iterator[Comparison]:
    """Yield each comparison of a variable with a literal, such as ``?date > 1900``.

    Variables are left out unless all their values are objects of properties that the query names. *words* are the
    tokens of the query, *prefixes* its namespaces by prefix.
    """
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
    """Return for each variable the IRIs of the properties that it is an object of, as keys of a dict (in order).

    Variables that may also get values from AS, VALUES or an inverse, alternative or negated path are left out.
    """
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
    """Return the literal that begins at token index *place* (None if there is none), and the index of the next token.

    A literal may also be written as a constructor call, such as ``xsd:date("…")``.
    """
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
        # A literal with a base direction (``@ar--rtl``) has a datatype that our data don't use.
        language = texts[1][1:].lower()
        return (None if "--" in language else ox.Literal(plain, language=language)), place + 2
    if texts[1:2] == ["^^"] and kinds[2:3] in (["name"], ["iri"]):
        name = iri(words[place + 2], prefixes)
        return (_typed(plain, name) if name else None), place + 3
    return ox.Literal(plain), place + 1


def _typed(plain: str, datatype: str) -> ox.Literal:
    return ox.Literal(plain, datatype=ox.NamedNode(datatype))


def _text(token: str) -> str | None:
    """Return the text between the quotes of a string token; None if the text has a backslash escape."""
    quotes = 3 if token[:3] in ('"""', "'''") and len(token) > 5 else 1
    return None if "\\" in token else token[quotes:-quotes]
