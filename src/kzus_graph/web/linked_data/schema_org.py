"""A description of a resource for search engines: its schema.org classes and properties, as JSON-LD."""

from typing import Any, Final

import pyoxigraph as ox

from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.web.linked_data.page_statements import TYPE, ResourceDescription
from kzus_graph.web.view.page_queries import Term

SCHEMA: Final = PREFIXES["schema"]
SKOS: Final = PREFIXES["skos"]


def about(thing: ResourceDescription) -> dict[str, Any]:
    """Return the schema.org description of *thing* as a JSON-LD object, made from its inferred schema.org triples."""
    kinds = [term.value.removeprefix(SCHEMA) for term in thing.merged.get(TYPE, []) if term.value.startswith(SCHEMA)]
    found: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@id": thing.resource.iri.value,
        "@type": sorted(kinds) or "Thing",
        "name": thing.name,
        "url": thing.resource.iri.value,
    }
    if thing.summary:
        found["description"] = thing.summary
    for name, values in sorted(thing.merged.items()):
        if name.startswith(SCHEMA):
            found[name.removeprefix(SCHEMA)] = [_value(thing, value) for value in values]
    same = [term.value for term in thing.merged.get(SKOS + "exactMatch", [])]
    other = [term.value for term in thing.merged.get(SKOS + "altLabel", [])]
    return found | ({"sameAs": same} if same else {}) | ({"alternateName": other} if other else {})


def _value(thing: ResourceDescription, value: Term) -> Any:
    if isinstance(value, ox.NamedNode):
        return {"@id": value.value, "name": thing.names[value.value]}
    return value.value
