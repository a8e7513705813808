"""Look-up: from the name that a data set, ours or another, gives a thing to ours, however that name is written."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from kzus_graph.links.identifiers import canonical, readings


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
