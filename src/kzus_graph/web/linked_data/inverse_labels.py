"""Labels for properties read from object to subject: the label of the inverse property, or our own words."""

from collections.abc import Mapping
from typing import Final

import pyoxigraph as ox

from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.vocab import DIP
from kzus_graph.web.view import page_queries
from kzus_graph.web.view.labels import Labels

SKOS: Final = PREFIXES["skos"]
OA: Final = PREFIXES["oa"]
KNOWN: Final = {
    SKOS + "broader": SKOS + "narrower", SKOS + "narrower": SKOS + "broader", SKOS + "related": SKOS + "related",
    SKOS + "exactMatch": SKOS + "exactMatch", SKOS + "closeMatch": SKOS + "closeMatch",
    SKOS + "broadMatch": SKOS + "narrowMatch", SKOS + "narrowMatch": SKOS + "broadMatch",
    SKOS + "relatedMatch": SKOS + "relatedMatch",
}  # fmt: skip
"""The inverse of each of these SKOS properties (W3C Recommendation 2009, sections 8 and 10)."""
WORDS: Final = {
    SKOS + "inScheme": "in this scheme",
    SKOS + "topConceptOf": "at its top",
    PREFIXES["dcterms"] + "isPartOf": "its parts",
    OA + "hasSource": "passages of this document",
    OA + "hasSelector": "the passage at this position",
} | {
    str(DIP[name]): words
    for name, words in {
        "actedAs": "acted in this office",
        "actingFor": "offices that act for it",
        "addressee": "addressed to it",
        "appliesTo": "applies to it",
        "atPlace": "at this place",
        "author": "author of",
        "bodyOf": "bodies set up by it with others",
        "citedRecord": "cite this record",
        "commemorates": "commemorated by",
        "concerns": "concern it",
        "concernsInstrument": "concern this instrument",
        "concernsWork": "concern this work",
        "coversPlace": "cover this place",
        "coversTopic": "cover this topic",
        "dateBasis": "dated on this basis",
        "delegationOf": "its delegations",
        "destination": "destination of",
        "disagreementAbout": "disagreements about it",
        "during": "during it",
        "eventCode": "kinds of events with this code",
        "groupOf": "groups that come from it",
        "groupedProperty": "groups with this property",
        "hasNote": "what this note is on",
        "hasTopic": "have this topic",
        "headOfDelegation": "led the delegation",
        "host": "host of",
        "implementsInstrument": "implemented by",
        "inContextOf": "in its context",
        "inSeries": "in this series",
        "includesParticipant": "took part in a part of",
        "instrumentStatus": "have this status",
        "jurisdiction": "offices with authority over it",
        "locatedIn": "located here",
        "madeAt": "said there",
        "mode": "speak in this mode",
        "noteKind": "notes of this kind",
        "ofState": "organizations of this state",
        "onTerritoryOf": "on its territory",
        "organizer": "organizer of",
        "partOfGroup": "groups within it",
        "partOfOrganization": "organizations within it",
        "party": "party to",
        "positionOf": "offices of it",
        "prefers": "preferred by",
        "propertyGroup": "disagreements about such properties",
        "refersTo": "refer to it",
        "represented": "represented by",
        "role": "took part in this role",
        "roleEvent": "roles that fit such events",
        "roleProperty": "roles with this property",
        "sessionOf": "sessions of it",
        "setsAside": "set aside by",
        "side": "side of",
        "speaker": "speaker of",
        "speechAct": "statements that do this",
        "stanceOf": "statements of its stance",
        "statusAct": "statuses that follow from such an act",
        "succeedsSeries": "succeeded by",
        "tenureHolder": "tenures of this person",
        "tenurePosition": "tenures of this office",
        "territoryOf": "its territory",
        "timedToCoincideWith": "timed to coincide with it",
        "undertakenFor": "undertaken for its sake",
        "verdict": "notes with this verdict",
        "visitor": "visitor in",
        "withinFrameworkOf": "within its framework",
    }.items()
}  # fmt: skip
"""Our labels for properties without an inverse in the ontology; each is the heading of a list of their subjects."""


def back(release: Release, name: str, names: Labels) -> str:
    """Return a label for the property with the IRI *name*, read from object to subject.

    This is the label of the inverse property (for a symmetric property, its own label); if there is none, our label in
    WORDS; else a phrase made from the label that *names* has for the property.
    """
    inverse = _inverses(release).get(name) or KNOWN.get(name)
    if inverse:
        return names[inverse] if inverse == name else Labels(release, [ox.NamedNode(inverse)])[inverse]
    return WORDS.get(name) or f"whose “{names.of_property(name)}” is this"


@once
def _inverses(release: Release) -> Mapping[str, str]:
    """Return the IRI of the declared inverse by the IRI of the property; a symmetric property is its own inverse."""
    return {row["property"].value: row["back"].value for row in page_queries.rows(release, "inverse-labels")}
