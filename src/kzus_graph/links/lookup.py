"""Look-up: from the name that a data set, ours or another, gives a thing to ours, however that name is written."""

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
    """A thing of ours that is linked to a name elsewhere; *link* names the row that says why.

    Without a *target* it is the thing itself, which has no link.
    """

    thing: str
    label: str
    predicate: str = ""
    target: str = ""
    confidence: str = ""
    link: str = ""


class Index:
    """The links of a release, by what they lead to and by what they are of."""

    def __init__(self, matches: Iterable[Match]) -> None:
        """Sort *matches* in, the surest first."""
        self._by_target: defaultdict[str, list[Match]] = defaultdict(list)
        self._by_thing: defaultdict[str, list[Match]] = defaultdict(list)

        def place(match: Match) -> tuple[bool, str, str]:
            return not match.predicate.endswith("exactMatch"), match.thing, match.target

        for match in sorted(matches, key=place):
            self._by_thing[canonical(match.thing)].append(match)
            if match.target:
                self._by_target[canonical(match.target)].append(match)

    def find(self, name: str, here: str = "") -> list[Match]:
        """Return the links that lead to what *name* identifies, or those of the thing itself if that is ours.

        *here* is the address that the server is reached at, whose pages are names of our things, too. A thing of ours
        without a link gives a match without a target.
        """
        for reading in readings(name, here):
            own, others = self._by_thing.get(reading, []), self._by_target.get(reading, [])
            if found := [match for match in own if match.target] or others or own:
                return found
        return []

    def own(self, name: str, here: str = "") -> str:
        """Return the IRI of the thing of ours that *name* is a name of; nothing when it is none, or of another's."""
        found = (self._by_thing[reading] for reading in readings(name, here) if reading in self._by_thing)
        return next((matches[0].thing for matches in found), "")


def matches(rows: Iterable[Mapping[str, Any]]) -> list[Match]:
    """Return the solutions of ``links.rq``, each a mapping of terms, as matches."""
    return [Match(**{name: row[name].value if name in row else "" for name in Match.__annotations__}) for row in rows]


def answer(known: Index, name: str, here: str = "") -> dict[str, Any]:
    """Return what is known of one name: whether it was found, and each thing of ours with how it matches.

    *here* is the address that the server is reached at. A thing of ours without a link matches by nothing (null).
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
    """Return *results* as CSV (RFC 4180): a row a match, and one for each name that is unknown."""
    text = io.StringIO()
    rows = csv.DictWriter(text, COLUMNS)
    rows.writeheader()
    for result in results:
        for match in result["matches"] or [{}]:
            rows.writerow({"uri": result["uri"], "found": str(result["found"]).lower(), **match})
    return text.getvalue()
