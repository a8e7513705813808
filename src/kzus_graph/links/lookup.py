"""Look-up: from an identifier, ours or another data set's, in any spelling, to the thing of ours that it names."""

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
    """A thing of ours with a link to a *target* in another data set; *link* is the IRI of the row with the reason.

    Without a *target*, the match is the thing itself, which has no link.
    """

    thing: str
    label: str
    predicate: str = ""
    target: str = ""
    confidence: str = ""
    link: str = ""


class Index:
    """An index of the links of a release, by their targets and by the things of ours that have them."""

    def __init__(self, matches: Iterable[Match]) -> None:
        """Index *matches*, exact matches first."""
        self._by_target: defaultdict[str, list[Match]] = defaultdict(list)
        self._by_thing: defaultdict[str, list[Match]] = defaultdict(list)

        def place(match: Match) -> tuple[bool, str, str]:
            return not match.predicate.endswith("exactMatch"), match.thing, match.target

        for match in sorted(matches, key=place):
            self._by_thing[canonical(match.thing)].append(match)
            if match.target:
                self._by_target[canonical(match.target)].append(match)

    def find(self, name: str, here: str = "") -> list[Match]:
        """Return the links to the target that *name* identifies, or, if *name* is a thing of ours, the links of it.

        *here* is the address of the server; the addresses of its pages identify our things, too. A thing of ours
        without a link gives a match without a target.
        """
        for reading in readings(name, here):
            own, others = self._by_thing.get(reading, []), self._by_target.get(reading, [])
            if found := [match for match in own if match.target] or others or own:
                return found
        return []

    def own(self, name: str, here: str = "") -> str:
        """Return the IRI of the thing of ours that *name* identifies; empty if it identifies none of ours."""
        found = (self._by_thing[reading] for reading in readings(name, here) if reading in self._by_thing)
        return next((matches[0].thing for matches in found), "")


def matches(rows: Iterable[Mapping[str, Any]]) -> list[Match]:
    """Return the solutions of ``links.rq`` as matches; each solution maps variable names to terms."""
    return [Match(**{name: row[name].value if name in row else "" for name in Match.__annotations__}) for row in rows]


def answer(known: Index, name: str, here: str = "") -> dict[str, Any]:
    """Return whether *name* was found, and each thing of ours that it matches, with the link; as data for JSON.

    *here* is the address of the server. For a thing of ours without a link, the values of the link are null.
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
    """Return *results* as CSV (RFC 4180): one row for each match, and one for each unknown name."""
    text = io.StringIO()
    rows = csv.DictWriter(text, COLUMNS)
    rows.writeheader()
    for result in results:
        for match in result["matches"] or [{}]:
            rows.writerow({"uri": result["uri"], "found": str(result["found"]).lower(), **match})
    return text.getvalue()
