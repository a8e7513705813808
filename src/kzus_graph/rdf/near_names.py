"""Near names: for a mistyped name, the most similar name that is known."""

import difflib
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from kzus_graph.rdf.prefixes import compact

SUGGESTIONS: Final = 200
"""The most unknown names that get a suggestion; the search for similar names takes milliseconds for each."""
SIMILAR: Final = 0.7
"""The least share of letters that two similar names have in common, as difflib counts it."""


class NearNames:
    """The local names of IRIs that are known, by namespace, and what was found among them for mistyped ones."""

    def __init__(self, names: Iterable[str]) -> None:
        """Take *names*, IRIs that are known."""
        self._locals: defaultdict[str, list[str]] = defaultdict(list)
        for name in sorted(names):
            space = namespace(name)
            self._locals[space].append(name[len(space) :])
        self._found: dict[str, str] = {}

    def nearest(self, name: str) -> str:
        """Return the known IRI in the namespace of *name* that is most similar to it; empty if none is similar.

        The known IRI of the same local name in a namespace with another separator (/ or #) comes first.
        """
        if name not in self._found and len(self._found) < SUGGESTIONS:
            space = namespace(name)
            other = space[:-1] + ("#" if space.endswith("/") else "/")
            if name[len(space) :] in self._locals.get(other, ()):
                self._found[name] = other + name[len(space) :]
            else:
                wanted = [each for each in self._locals.get(space, ()) if space + each != name]
                close = difflib.get_close_matches(name[len(space) :], wanted, 1, SIMILAR)
                self._found[name] = space + close[0] if close else ""
        return self._found.get(name, "")

    def hint(self, name: str) -> str:
        """Return "; did you mean …?" with the nearest name of *name*, or an empty text.

        >>> NearNames(["https://w3id.org/kzus/ontology#Visit"]).hint("https://w3id.org/kzus/ontology#Visitt")
        '; did you mean dip:Visit?'
        """
        found = self.nearest(name)
        return f"; did you mean {compact(found)}?" if found else ""


def namespace(name: str) -> str:
    """Return *name*, an IRI, up to its last slash or hash.

    >>> namespace("https://w3id.org/kzus/ontology#Visit")
    'https://w3id.org/kzus/ontology#'
    """
    return name[: max(name.rfind("/"), name.rfind("#")) + 1]
