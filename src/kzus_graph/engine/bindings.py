"""Reads a remote endpoint's solutions from SPARQL results JSON, checks them, and writes them as a ``VALUES`` block."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from kzus_graph.rdf.prefixes import PREFIXES

XSD_STRING: Final = PREFIXES["xsd"] + "string"
LANG_STRINGS: Final = (PREFIXES["rdf"] + "langString", PREFIXES["rdf"] + "dirLangString")
DIRECTIONS: Final = {"ltr": ox.BaseDirection.LTR, "rtl": ox.BaseDirection.RTL}

Term = ox.NamedNode | ox.Literal
Row = tuple[Term | None, ...]


class TooMany(ValueError):
    """The SPARQL results have more rows than the caller accepts."""


@dataclass(frozen=True, slots=True)
class Bindings:
    """A table of solutions: variable names, and rows with one term per variable; None where the variable is unbound."""

    names: tuple[str, ...]
    rows: list[Row]

    def values(self) -> str:
        """Return the table as a SPARQL ``VALUES`` block.

        >>> Bindings(("a", "b"), [(ox.NamedNode("http://e/"), None), (ox.Literal('"'), ox.Literal(1))]).values()
        'VALUES (?a ?b) { (<http://e/> UNDEF) ("\\\\"" "1"^^<http://www.w3.org/2001/XMLSchema#integer>) }'
        """
        rows = " ".join(f"({' '.join('UNDEF' if term is None else str(term) for term in row)})" for row in self.rows)
        return f"VALUES ({' '.join(f'?{name}' for name in self.names)}) {{ {rows} }}"

    def plain(self) -> "Bindings":
        """Return a table of those columns that have an IRI or a plain string in each cell, without duplicate rows.

        Only such cells mean the same to every endpoint. Numbers and dates can be written in several ways, which some
        endpoints treat as different terms; a blank node has no meaning outside of its document; an unbound variable
        (UNDEF) matches everything.
        """
        kept = [at for at in range(len(self.names)) if all(_is_plain(row[at]) for row in self.rows)]
        rows = dict.fromkeys(tuple(row[at] for at in kept) for row in self.rows)
        return Bindings(tuple(self.names[at] for at in kept), list(rows))


def _is_plain(term: Term | None) -> bool:
    return isinstance(term, ox.NamedNode) or (isinstance(term, ox.Literal) and term.datatype.value == XSD_STRING)


def read(data: bytes, names: Collection[str], most: int, mark: str = "") -> Bindings:
    """Return the solutions in a SPARQL 1.1 Query Results JSON document, with only the variables in *names*.

    ``VALUES`` can't contain blank nodes, so each becomes the IRI ``urn:blank:<mark>:<number>``. Within one document,
    equal blank nodes get equal IRIs; another *mark* for each document keeps the IRIs of different documents apart.
    Without a *mark*, a blank node becomes None (unbound). Raises TooMany for more than *most* rows, and ValueError if
    *data* is not such a document. Both messages lack a subject: the caller puts "its answer" before them.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is broken JSON ({_reason(error)})") from None
    try:
        given, rows = document["head"]["vars"], document["results"]["bindings"]
        found = tuple(name for name in dict.fromkeys(given) if name in names)
        if len(rows) > most:
            raise TooMany(f"has more than {most:,} rows")
        reader = _Reader(mark)
        return Bindings(found, [tuple(reader.term(row.get(name)) for name in found) for row in rows])
    except (KeyError, TypeError, AttributeError):
        raise ValueError("is not in the SPARQL 1.1 Query Results JSON Format") from None


def _reason(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


class _Reader:
    """Converts one document's terms from JSON to pyoxigraph; it checks each term, so that no term can inject SPARQL."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.blank: dict[str, int] = {}

    def term(self, said: Any) -> Term | None:
        if said is None:
            return None
        kind, value = said["type"], said["value"]
        if kind == "triple":
            raise ValueError("contains a triple term, which is not part of SPARQL 1.1")
        if kind not in ("uri", "bnode", "literal", "typed-literal") or not isinstance(value, str):
            raise ValueError(
                f"has a term of type {str(kind)[:40]!r}: that type is unknown, or the term's value is not a string"
            )
        try:
            if kind == "uri":
                return ox.NamedNode(value)
            if kind == "bnode":
                if not self.mark:
                    return None
                return ox.NamedNode(f"urn:blank:{self.mark}:{self.blank.setdefault(value, len(self.blank))}")
            return _literal(value, said.get("xml:lang"), said.get("its:dir"), said.get("datatype"))
        except (ValueError, TypeError) as error:
            raise ValueError(f"contains an invalid RDF term: {value[:80]!r} ({error})") from None


def _literal(value: str, language: str | None, direction: str | None, datatype: str | None) -> ox.Literal:
    value.encode()  # raises ValueError for half a surrogate pair
    if direction:
        if direction not in DIRECTIONS or not language:
            raise ValueError("a base direction must be ltr or rtl, and needs a language tag")
        return ox.Literal(value, language=language, direction=DIRECTIONS[direction])
    if language:
        return ox.Literal(value, language=language)
    if datatype is None:
        return ox.Literal(value)
    if datatype in LANG_STRINGS:
        raise ValueError("a literal of the datatype rdf:langString or rdf:dirLangString must have a language tag")
    return ox.Literal(value, datatype=ox.NamedNode(datatype))
