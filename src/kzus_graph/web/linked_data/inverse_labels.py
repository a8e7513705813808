"""Labels for properties read from object to subject: the label of the inverse property, or our own words."""

from collections.abc import Mapping
from typing import Final

import pyoxigraph as ox

from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.vocab import DIP
from kzus_graph.web.view import labels, page_queries
from kzus_graph.web.view.labels import Labels, Shown
from kzus_graph.web.view.translation import gettext, marked

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
    SKOS + "inScheme": marked("in this scheme"),
    SKOS + "topConceptOf": marked("at its top"),
    PREFIXES["dcterms"] + "isPartOf": marked("its parts"),
    OA + "hasSource": marked("passages of this document"),
    OA + "hasSelector": marked("the passage at this position"),
} | {
    str(DIP[name]): words
    for name, words in {
        "actedAs": marked("acted in this office"),
        "actingFor": marked("offices that act for it"),
        "addressee": marked("addressed to it"),
        "appliesTo": marked("applies to it"),
        "atPlace": marked("at this place"),
        "author": marked("author of"),
        "bodyOf": marked("bodies set up by it with others"),
        "citedRecord": marked("cite this record"),
        "commemorates": marked("commemorated by"),
        "concerns": marked("concern it"),
        "concernsInstrument": marked("concern this instrument"),
        "concernsWork": marked("concern this work"),
        "coversPlace": marked("cover this place"),
        "coversTopic": marked("cover this topic"),
        "dateBasis": marked("dated on this basis"),
        "delegationOf": marked("its delegations"),
        "destination": marked("destination of"),
        "disagreementAbout": marked("disagreements about it"),
        "during": marked("during it"),
        "eventCode": marked("kinds of events with this code"),
        "groupOf": marked("groups that come from it"),
        "groupedProperty": marked("groups with this property"),
        "hasNote": marked("what this note is on"),
        "hasTopic": marked("have this topic"),
        "headOfDelegation": marked("led the delegation"),
        "host": marked("host of"),
        "implementsInstrument": marked("implemented by"),
        "inContextOf": marked("in its context"),
        "inSeries": marked("in this series"),
        "includesParticipant": marked("took part in a part of"),
        "instrumentStatus": marked("have this status"),
        "jurisdiction": marked("offices with authority over it"),
        "locatedIn": marked("located here"),
        "madeAt": marked("said there"),
        "mode": marked("speak in this mode"),
        "noteKind": marked("notes of this kind"),
        "ofState": marked("organizations of this state"),
        "onTerritoryOf": marked("on its territory"),
        "organizer": marked("organizer of"),
        "partOfGroup": marked("groups within it"),
        "partOfOrganization": marked("organizations within it"),
        "party": marked("party to"),
        "positionOf": marked("offices of it"),
        "prefers": marked("preferred by"),
        "propertyGroup": marked("disagreements about such properties"),
        "refersTo": marked("refer to it"),
        "represented": marked("represented by"),
        "role": marked("took part in this role"),
        "roleEvent": marked("roles that fit such events"),
        "roleProperty": marked("roles with this property"),
        "sessionOf": marked("sessions of it"),
        "setsAside": marked("set aside by"),
        "side": marked("side of"),
        "speaker": marked("speaker of"),
        "speechAct": marked("statements that do this"),
        "stanceOf": marked("statements of its stance"),
        "statusAct": marked("statuses that follow from such an act"),
        "succeedsSeries": marked("succeeded by"),
        "tenureHolder": marked("tenures of this person"),
        "tenurePosition": marked("tenures of this office"),
        "territoryOf": marked("its territory"),
        "timedToCoincideWith": marked("timed to coincide with it"),
        "undertakenFor": marked("undertaken for its sake"),
        "verdict": marked("notes with this verdict"),
        "visitor": marked("visitor in"),
        "withinFrameworkOf": marked("within its framework"),
    }.items()
}  # fmt: skip
"""Our labels for properties without an inverse in the ontology; each is the heading of a list of their subjects."""


def back(release: Release, name: str, names: Labels) -> Shown:
    """Return the property with the IRI *name* with a label for it read from object to subject.

    This is the label of the inverse property (for a symmetric property, its own label); if there is none, our label in
    WORDS; else a phrase made from the label that *names* has for the property.
    """
    inverse = _inverses(release).get(name) or KNOWN.get(name)
    if inverse:
        return (names if inverse == name else Labels(release, [ox.NamedNode(inverse)])).shown(ox.NamedNode(inverse))
    words = gettext(WORDS.get(name, "")) or gettext(
        "whose “%(property)s” is this", property=names.of_property(name).text
    )
    return Shown(ox.NamedNode(name), words, labels.of_page())


@once
def _inverses(release: Release) -> Mapping[str, str]:
    """Return the IRI of the declared inverse by the IRI of the property; a symmetric property is its own inverse."""
    return {row["property"].value: row["back"].value for row in page_queries.rows(release, "inverse-labels")}
