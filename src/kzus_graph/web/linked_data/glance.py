"""The lines at the top of a page: the values of the properties that matter most."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from kzus_graph.rdf.vocab import DIP
from kzus_graph.web.view.labels import Labels, Shown, natural
from kzus_graph.web.view.page_queries import Term
from kzus_graph.web.view.translation import marked

LINES: Final = (
    (marked("Where"), ("atPlace",)), (marked("Undertaken for"), ("undertakenFor",)),
    (marked("Part of"), ("subEventOf", "withinFrameworkOf")), (marked("During"), ("during",)),
    (marked("Included"), ("hasSubEvent",)), (marked("Series"), ("inSeries",)),
    (marked("Led to"), ("produced", "resultedIn")), (marked("Said by"), ("statedBy", "stanceOf")),
    (marked("Said at"), ("madeAt",)), (marked("Laid down in"), ("provisionOf",)),
    (marked("Result of"), ("producedBy", "resultOf")), (marked("Parties"), ("party",)),
    (marked("Status"), ("instrumentStatus",)), (marked("Offices held"), ("actedAs",)),
    (marked("Acted for"), ("represented",)), (marked("Office of"), ("positionOf",)), (marked("Body of"), ("bodyOf",)),
    (marked("Located in"), ("locatedIn",)), (marked("Territory of"), ("territoryOf",)),
    (marked("Topics"), ("hasTopic",)), (marked("About"), ("disagreementAbout",)), (marked("Prefers"), ("prefers",)),
    (marked("Sets aside"), ("setsAside",)),
)  # fmt: skip
"""The heading of each line, and the local names of the properties whose values it shows."""
Line = tuple[str, list[Shown]]
"""A heading in English, and the values."""


def lines(
    thing: Term, merged: Mapping[str, Sequence[Term]], said: Mapping[str, Collection[Term]], names: Labels
) -> list[Line]:
    """Return the lines of the page about *thing*: of each property the asserted values, or all if none is asserted.

    *merged* has the values in the default graph, *said* the asserted ones, both by property.
    """
    found: list[Line] = []
    for heading, locals_ in LINES:
        terms: list[Term] = []
        for name in (str(DIP[local]) for local in locals_):
            asserted = [value for value in merged.get(name, ()) if value in said.get(name, ())]
            terms += [value for value in asserted or merged.get(name, ()) if value not in (*terms, thing)]
        if heading == "During" and any(name == "Part of" for name, _ in found):
            continue
        if terms:
            found.append((heading, sorted(map(names.shown, terms), key=lambda shown: natural(shown.text))))
    return found
