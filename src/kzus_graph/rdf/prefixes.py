"""The table of all prefixes and their namespaces, in a module that does not import rdflib.

The server starts dozens of processes that answer SPARQL queries and use this table; importing rdflib would take most
of their start-up time.
"""

import re
from typing import Final

BASE: Final = "https://w3id.org/kzus/"

PREFIXES: Final[dict[str, str]] = {
    "dip": BASE + "ontology#",
    "kzus": BASE + "id/",
    "topic": BASE + "topic/",
    "code": BASE + "code/",
    "source": BASE + "source/",
    "note": BASE + "note/",
    "shape": BASE + "shapes#",
    "graph": BASE + "graph/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dcterms": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "oa": "http://www.w3.org/ns/oa#",
    "time": "http://www.w3.org/2006/time#",
    "void": "http://rdfs.org/ns/void#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "schema": "https://schema.org/",
    "org": "http://www.w3.org/ns/org#",
    "sem": "http://semanticweb.cs.vu.nl/2009/11/sem/",
    "lode": "http://linkedevents.org/ontology/",
    "crm": "http://www.cidoc-crm.org/cidoc-crm/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "wgs84": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "vann": "http://purl.org/vocab/vann/",
    "bibo": "http://purl.org/ontology/bibo/",
    "sh": "http://www.w3.org/ns/shacl#",
    "spdx": "http://spdx.org/rdf/terms#",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "sssom": "https://w3id.org/sssom/",
    "semapv": "https://w3id.org/semapv/vocab/",
    "wd": "http://www.wikidata.org/entity/",
    "wdt": "http://www.wikidata.org/prop/direct/",
    "p": "http://www.wikidata.org/prop/",
    "ps": "http://www.wikidata.org/prop/statement/",
    "pq": "http://www.wikidata.org/prop/qualifier/",
    "dbo": "http://dbpedia.org/ontology/",
}

LOCAL_NAME: Final = re.compile(r"[A-Za-z0-9](?:[\w.-]*[\w-])?")
"""Matches the local names that *compact* writes after a prefix: a subset of Turtle's PN_LOCAL that needs no escape."""


def compact(iri: str) -> str:
    """Return *iri* as a prefixed name if it is in a namespace of PREFIXES, else in angle brackets.

    What follows the namespace must need no escape (LOCAL_NAME); otherwise *iri* is written in angle brackets, too.

    >>> compact("https://w3id.org/kzus/id/astana")
    'kzus:astana'
    >>> compact("https://example.org/")
    '<https://example.org/>'
    """
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and LOCAL_NAME.fullmatch(iri, len(namespace)):
            return f"{prefix}:{iri[len(namespace) :]}"
    return f"<{iri}>"
