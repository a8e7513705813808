"""Write triples as compact JSON-LD 1.1: short names by a context, of which a document contains what it uses.

pyoxigraph writes JSON-LD in expanded form only. The context stands in the document and not at an address alone, so that
a parser without a network reads the document.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import pyoxigraph as ox

from kzus_graph.rdf.prefixes import LOCAL_NAME, PREFIXES

IRI: Final = "@id"
"""The kind of a name whose values are IRIs."""
BY_LANGUAGE: Final = "@language"
"""The kind of a name whose values are texts in languages."""
PLAIN: Final = ""
"""The kind of a name whose values are texts without a language, whole numbers or truth values."""
ALIASES: Final = {"id": "@id", "type": "@type"}
"""Names for the two keywords that nearly each object has."""
RDF_TYPE: Final = PREFIXES["rdf"] + "type"
XSD: Final = PREFIXES["xsd"]
EXACT: Final = 2**53
"""Whole numbers from here on are written as text: many readers hold numbers as floating point."""
Term = ox.NamedNode | ox.BlankNode | ox.Literal


@dataclass(frozen=True)
class Context:
    """Short names: *properties* has the IRI and kind of each (a datatype is a kind, too), *classes* the IRI of each."""

    properties: Mapping[str, tuple[str, str]]
    classes: Mapping[str, str]

    @cached_property
    def names(self) -> dict[tuple[str, str], str]:
        """The name of a property by its IRI and kind."""
        return {of: name for name, of in self.properties.items()}

    @cached_property
    def class_names(self) -> dict[str, str]:
        """The name of a class by its IRI."""
        return {iri: name for name, iri in self.classes.items()}

    def document(self) -> dict[str, Any]:
        """Return the whole context as a JSON-LD document, with all prefixes."""
        writer = _Writer(self, ())
        for name in self.properties:
            writer.define(name)
        for name in self.classes:
            writer.define_class(name)
        writer.prefixes.update(PREFIXES)
        return {"@context": writer.context()}


def writable(triples: Iterable[ox.Triple]) -> bool:
    """Return whether ``document`` can hold *triples*: those with triple terms or with a base direction it can't."""
    objects = (triple.object for triple in triples)
    return not any(isinstance(it, ox.Triple) or (isinstance(it, ox.Literal) and it.direction) for it in objects)


def document(triples: Iterable[ox.Triple], context: Context) -> dict[str, Any]:
    """Return *triples*, in their order, as a JSON-LD document with the part of *context* that it uses.

    It is the object of the only subject, or has an object for each subject in ``@graph``.
    """
    said: defaultdict[Any, list[tuple[str, Term]]] = defaultdict(list)
    for triple in triples:
        assert not isinstance(triple.object, ox.Triple)
        said[triple.subject].append((triple.predicate.value, triple.object))
    writer = _Writer(context, _iris(said))
    objects = [writer.object(subject, of) for subject, of in said.items()]
    head = {"@context": writer.context()}
    return head | objects[0] if len(objects) == 1 else head | {"@graph": objects}


def _iris(said: Mapping[Any, list[tuple[str, Term]]]) -> Iterable[str]:
    for subject, of in said.items():
        yield subject.value
        for property_, value in of:
            yield property_
            yield value.datatype.value if isinstance(value, ox.Literal) else value.value


class _Writer:
    """Writes objects, and remembers which names and prefixes they use."""

    def __init__(self, context: Context, iris: Iterable[str]) -> None:
        self._whole = context
        self._terms: dict[str, Any] = {}
        self.prefixes: dict[str, str] = {}
        # An IRI whose scheme is written like a prefix (geo:51.1,71.4) would be read as a prefixed name.
        self._taken = {iri.partition(":")[0] for iri in iris}

    def context(self) -> dict[str, Any]:
        return dict(sorted(self.prefixes.items())) | ALIASES | dict(sorted(self._terms.items()))

    def define(self, name: str) -> None:
        """Define the *name* of a property in the context."""
        iri, kind = self._whole.properties[name]
        if name not in self._terms:
            more = {"@container": kind} if kind == BY_LANGUAGE else {"@type": kind if kind == IRI else self.short(kind)}
            self._terms[name] = {"@id": self.short(iri), **more} if kind else self.short(iri)

    def define_class(self, name: str) -> None:
        """Define the *name* of a class in the context."""
        self._terms[name] = self.short(self._whole.classes[name])

    def short(self, iri: str) -> str:
        """Return *iri* as a prefixed name, or as it is if there is none."""
        for prefix, namespace in PREFIXES.items():
            if iri.startswith(namespace) and prefix not in self._taken and LOCAL_NAME.fullmatch(iri, len(namespace)):
                self.prefixes[prefix] = namespace
                return f"{prefix}:{iri[len(namespace) :]}"
        return iri

    def node(self, term: ox.NamedNode | ox.BlankNode) -> str:
        return self.short(term.value) if isinstance(term, ox.NamedNode) else str(term)

    def object(self, subject: ox.NamedNode | ox.BlankNode, said: list[tuple[str, Term]]) -> dict[str, Any]:
        found: defaultdict[str, list[Any]] = defaultdict(list)
        texts: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for property_, value in said:
            if property_ == RDF_TYPE and isinstance(value, ox.NamedNode):
                found["type"].append(self._class(value))
                continue
            kind = _kind(value)
            name = self._whole.names.get((property_, kind))
            if name is None:
                found[self.short(property_)].append(self._expanded(value))
                continue
            self.define(name)
            if kind == BY_LANGUAGE:
                assert isinstance(value, ox.Literal)
                texts[name][value.language or ""].append(value.value)
                found[name] = []
            elif isinstance(value, ox.Literal):
                found[name].append(_native(value) if kind == PLAIN else value.value)
            else:
                found[name].append(self.node(value))
        by_language = {name: {tag: _one(of) for tag, of in tags.items()} for name, tags in texts.items()}
        values = {name: by_language.get(name) or _one(of) for name, of in found.items()}
        return {"id": self.node(subject)} | ({"type": values["type"]} if "type" in values else {}) | values

    def _class(self, value: ox.NamedNode) -> str:
        name = self._whole.class_names.get(value.value)
        if name is None:
            return self.short(value.value)
        self.define_class(name)
        return name

    def _expanded(self, value: Term) -> Any:
        if not isinstance(value, ox.Literal):
            return {"id": self.node(value)}
        if value.language:
            return {"@language": value.language, "@value": value.value}
        if _kind(value) == PLAIN:
            return _native(value)
        return {"type": self.short(value.datatype.value), "@value": value.value}


def _kind(value: Term) -> str:
    if not isinstance(value, ox.Literal):
        return IRI
    if value.language:
        return BY_LANGUAGE
    kind = value.datatype.value
    return PLAIN if kind == XSD + "string" or not isinstance(_native(value), str) else kind


def _native(value: ox.Literal) -> str | int | bool:
    """Return a whole number or truth value in its canonical form as JSON has it, any other literal as its text."""
    kind, text = value.datatype.value, value.value
    if kind == XSD + "boolean" and text in ("true", "false"):
        return text == "true"
    if kind == XSD + "integer" and text.removeprefix("-").isdigit() and text.isascii() and len(text) < 17:
        number = int(text)
        return number if str(number) == text and abs(number) < EXACT else text
    return text


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values
