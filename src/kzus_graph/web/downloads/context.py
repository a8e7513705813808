"""The JSON-LD context of the data documents: short names for the terms of the ontology and of common vocabularies."""

import json
from typing import Final

import pyoxigraph as ox
from flask import Blueprint, Response, g

from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf import json_ld
from kzus_graph.rdf.json_ld import BY_LANGUAGE, IRI, PLAIN, Context
from kzus_graph.rdf.prefixes import LOCAL_NAME, PREFIXES
from kzus_graph.web.view import page_queries, responses

PATH: Final = "context.jsonld"
DATE: Final = PREFIXES["xsd"] + "date"
COMMON: Final = {
    "label": ("rdfs:label", BY_LANGUAGE),
    "comment": ("rdfs:comment", BY_LANGUAGE),
    "seeAlso": ("rdfs:seeAlso", IRI),
    "isDefinedBy": ("rdfs:isDefinedBy", IRI),
    "prefLabel": ("skos:prefLabel", BY_LANGUAGE),
    "altLabel": ("skos:altLabel", BY_LANGUAGE),
    "definition": ("skos:definition", BY_LANGUAGE),
    "scopeNote": ("skos:scopeNote", BY_LANGUAGE),
    "notation": ("skos:notation", PLAIN),
    "broader": ("skos:broader", IRI),
    "narrower": ("skos:narrower", IRI),
    "inScheme": ("skos:inScheme", IRI),
    "topConceptOf": ("skos:topConceptOf", IRI),
    "exactMatch": ("skos:exactMatch", IRI),
    "closeMatch": ("skos:closeMatch", IRI),
    "broadMatch": ("skos:broadMatch", IRI),
    "narrowMatch": ("skos:narrowMatch", IRI),
    "relatedMatch": ("skos:relatedMatch", IRI),
    "sources": ("dcterms:source", IRI),
    "isPartOf": ("dcterms:isPartOf", IRI),
    "publisher": ("dcterms:publisher", IRI),
    "title": ("dcterms:title", BY_LANGUAGE),
    "description": ("dcterms:description", BY_LANGUAGE),
    "created": ("dcterms:created", DATE),
    "issued": ("dcterms:issued", DATE),
    "modified": ("dcterms:modified", DATE),
    "isPrimaryTopicOf": ("foaf:isPrimaryTopicOf", IRI),
    "homepage": ("foaf:homepage", IRI),
}
"""Names for terms of other vocabularies, each with its term and the kind of its values."""
KINDS: Final = {
    PREFIXES["owl"] + "ObjectProperty": IRI,
    PREFIXES["xsd"] + "string": PLAIN,
    PREFIXES["xsd"] + "integer": PLAIN,
    PREFIXES["xsd"] + "boolean": PLAIN,
}
"""The kinds of properties by class or range; the kind of any other datatype is the datatype."""

RESERVED: Final = json_ld.ALIASES.keys() | PREFIXES.keys()
"""What can't be the name of a term, since the context has it as an alias or a prefix."""

blueprint = Blueprint("context", __name__)
"""The Flask route of the JSON-LD context."""


@blueprint.get(f"/{PATH}")
def whole() -> Response:
    """Return the JSON-LD context: every short name in the JSON-LD documents of this site, with its IRI."""
    return responses.kept(_body(g.release), "application/ld+json", vary="Accept-Encoding")


@once
def _body(release: Release) -> bytes:
    return json.dumps(of(release).document(), ensure_ascii=False, indent=1).encode() + b"\n"


@once
def of(release: Release) -> Context:
    """Return the context of *release*: COMMON, and the ontology's own terms by their local names."""
    properties = {name: (_iri(term), kind) for name, (term, kind) in COMMON.items()}
    classes: dict[str, str] = {}
    for row in page_queries.rows(release, "names-of-terms"):
        iri = row["term"].value
        name = iri.removeprefix(PREFIXES["dip"])
        if name == iri or not LOCAL_NAME.fullmatch(name) or name in RESERVED:
            continue
        if row["kind"].value == PREFIXES["owl"] + "Class":
            classes[name] = iri
        else:
            properties.setdefault(name, (iri, _kind(row["kind"].value, row.get("range"))))
    return Context(properties, {name: iri for name, iri in classes.items() if name not in properties})


def _kind(kind: str, range_: page_queries.Term | None) -> str:
    if kind in KINDS:
        return KINDS[kind]
    value = range_.value if isinstance(range_, ox.NamedNode) else ""
    return KINDS.get(value, value if value.startswith(PREFIXES["xsd"]) else BY_LANGUAGE)


def _iri(name: str) -> str:
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local
