"""Look-up: finds the thing in our data set that an identifier, of our data set or another, stands for."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from kzus_graph.links.identifiers import canonical, readings
from kzus_graph.rdf.prefixes import compact

COLUMNS: Final = ("uri", "found", "iri", "label", "match", "target", "confidence", "link")


@dataclass(frozen=True)
class Match:
    """A *thing* in our data set, linked to *target* in another by an SSSOM row; *link* is the IRI of that row.

    If *target* is empty, *thing* was looked up by its own identifier and has no link.
    """

    thing: str
    label: str
    predicate: str = ""
    target: str = ""
    confidence: str = ""
    link: str = ""


class Index:
    """An index of the links of a release, by subject (a thing in our data set) and by target (a thing in another)."""

    def __init__(self, matches: Iterable[Match]) -> None:
        """Index *matches*; the methods return links with skos:exactMatch before other links."""
        self._by_target: defaultdict[str, list[Match]] = defaultdict(list)
        self._by_thing: defaultdict[str, list[Match]] = defaultdict(list)

        def place(match: Match) -> tuple[bool, str, str]:
            return not match.predicate.endswith("exactMatch"), match.thing, match.target

        for match in sorted(matches, key=place):
            self._by_thing[canonical(match.thing)].append(match)
            if match.target:
                self._by_target[canonical(match.target)].append(match)

    def find(self, name: str, here: str = "") -> list[Match]:
        """Return the links whose subject *name* identifies; if there are none, those whose target *name* identifies.

        *here* is the base address of our server, whose page addresses identify things in our data set, too. A thing in
        our data set without a link gives one match without a target.
        """
        for reading in readings(name, here):
            own, others = self._by_thing.get(reading, []), self._by_target.get(reading, [])
            if found := [match for match in own if match.target] or others or own:
                return found
        return []

    def own(self, name: str, here: str = "") -> str:
        """Return the IRI of our thing that *name* identifies; empty if none. *here* is our server's base address."""
        found = (self._by_thing[reading] for reading in readings(name, here) if reading in self._by_thing)
        return next((matches[0].thing for matches in found), "")


def matches(rows: Iterable[Mapping[str, Any]]) -> list[Match]:
    """Return *rows*, the solutions of the query ``links.rq``, as matches; each row maps variable names to RDF terms."""
    return [Match(**{name: row[name].value if name in row else "" for name in Match.__annotations__}) for row in rows]


def answer(known: Index, name: str, here: str = "") -> dict[str, Any]:
    """Return, as data for JSON, whether *name* identifies a thing in the index *known*, and the matches found.

    *here* is the base address of our server. For a thing without a link, the values about the link are null.
    """
    found = known.find(name, here)
    return {
        "uri": name,
        "found": bool(found),
        "matches": [
            {
                "iri": match.thing,
                "label": match.label,
                "match": compact(match.predicate) if match.predicate else None,
                "target": match.target or None,
                "confidence": float(match.confidence) if match.confidence else None,
                "link": match.link or None,
            }
            for match in found
        ],
    }


def table(results: Iterable[dict[str, Any]]) -> str:
    """Return *results* of ``answer`` as CSV (RFC 4180): one row for each match, and one for each name without any."""
    text = io.StringIO()
    rows = csv.DictWriter(text, COLUMNS)
    rows.writeheader()
    for result in results:
        for match in result["matches"] or [{}]:
            rows.writerow({"uri": result["uri"], "found": str(result["found"]).lower(), **match})
    return text.getvalue()
