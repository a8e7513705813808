"""The example queries of a release: each a question in words with its SPARQL text."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf.queries import HEADER, SERVICE
from kzus_graph.web.view import page_queries

GROUPS: Final = (
    "Visits",
    "Meetings and who took part",
    "People and their offices",
    "States, bodies, companies and groups",
    "Events: kinds, parts, places",
    "Dates and order",
    "Agreements and other instruments",
    "What was said",
    "Topics",
    "Sources, doubts and disagreements",
    "Names, kinds and what was inferred",
    "Links to other data sets",
    "Asked together with other endpoints",
)
"""The headings for example queries, in their order on the query page; headings not in this list come after these."""
OTHER: Final = "Other questions"


@dataclass(frozen=True)
class Example:
    """An example query: a *question* in words, and *text*, the SPARQL query that answers it.

    *group* is its heading on the query page; *services* are the addresses of the SPARQL endpoints that it calls.
    """

    name: str
    question: str
    text: str
    group: str = OTHER
    services: tuple[str, ...] = ()

    @property
    def hosts(self) -> str:
        """The host names of the endpoints in *services*, joined by "and"."""
        return " and ".join(urlsplit(service).netloc for service in self.services)


@once
def listed(release: Release) -> tuple[Example, ...]:
    """Return the example queries of *release*, sorted by name."""
    return tuple(
        Example(
            row["example"].value.rpartition("/")[2],
            row["question"].value,
            _shown(row["text"].value),
            dict(HEADER.findall(row["text"].value)).get("group", OTHER),
            tuple(sorted(set(SERVICE.findall(row["text"].value)))),
        )
        for row in page_queries.rows(release, "query-examples")
    )


def grouped(found: Iterable[Example]) -> dict[str, list[Example]]:
    """Return the examples *found* by group: first the GROUPS in order, then other groups by name, then OTHER.

    >>> some = [Example("a", "A?", ""), Example("b", "B?", "", "Tea"), Example("c", "C?", "", "Topics")]
    >>> {group: [one.name for one in ones] for group, ones in grouped(some).items()}
    {'Topics': ['c'], 'Tea': ['b'], 'Other questions': ['a']}
    """
    groups: dict[str, list[Example]] = {}
    for example in found:
        groups.setdefault(example.group, []).append(example)
    order = {group: place for place, group in enumerate(GROUPS)}
    return dict(sorted(groups.items(), key=lambda item: (item[0] == OTHER, order.get(item[0], len(order)), item[0])))


def of(release: Release, text: str) -> Example | None:
    """Return the example query whose SPARQL is *text*, or None; line endings and outer white space may differ."""
    asked = text.replace("\r\n", "\n").strip()
    return next((one for one in listed(release) if one.text.strip() == asked), None)


def _shown(text: str) -> str:
    """Return the query *text*, its header lines for ``summary``, ``note`` and ``returns`` written as plain comments.

    A header line is ``#+ key: value``; header lines with other keys are left out.

    >>> _shown("#+ summary: Who?\\n#+ source: a\\n#+ note: Only here.\\nASK {}\\n")
    '# Who?\\n# Only here.\\nASK {}\\n'
    """
    lines = []
    for line in text.splitlines():
        if line.startswith("#+ "):
            key, _, value = line[3:].partition(":")
            if key in ("summary", "note"):
                lines.append(f"# {value.strip()}")
            elif key == "returns":
                lines.append(f"# Returns: {value.strip()}")
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"
