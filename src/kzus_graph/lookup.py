"""Look-up: from the name that another data set gives a thing to ours, however that name is written."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

SPELLINGS: Final = tuple(
    (re.compile(pattern), canonical)
    for pattern, canonical in (
        (r"(?:m\.)?wikidata\.org/(?:wiki|entity)/(?:Special:EntityData/)?(Q\d+)(?:\.\w+)?", r"wikidata.org/entity/\1"),
        (r"dbpedia\.org/(?:resource|page|data)/(.+?)(?:\.(?:json|ttl|n3|rdf|ntriples))?", r"dbpedia.org/resource/\1"),
        (r"(?:sws\.)?geonames\.org/(\d+)(?:/.*)?", r"sws.geonames.org/\1"),
        (r"(id\.loc\.gov/(?:authorities|vocabulary)/\w+/[\w-]+)(?:\.[\w.]+)?", r"\1"),
        (r"viaf\.org/viaf/(\d+)(?:/.*)?", r"viaf.org/viaf/\1"),
        (r"isni\.org/(?:isni/)?(?:page/)?(\d{4}) ?(\d{4}) ?(\d{4}) ?(\d{3}[\dXx])", r"isni.org/isni/\1\2\3\4"),
        (r"([a-z]+)\.m\.(wikipedia\.org/wiki/.+)", r"\1.\2"),
    )
)
"""Other ways to write a name, after scheme, ``www.`` and a slash at the end are gone, and the way we compare by."""


@dataclass(frozen=True)
class Match:
    """A thing of ours that is linked to a name elsewhere; *link* names the row that says why."""

    thing: str
    label: str
    predicate: str
    target: str
    confidence: str
    link: str


class Index:
    """The links of a release, by what they lead to and by what they are of."""

    def __init__(self, matches: Iterable[Match]) -> None:
        """Sort *matches* in, the surest first."""
        self._by_target: defaultdict[str, list[Match]] = defaultdict(list)
        self._by_thing: defaultdict[str, list[Match]] = defaultdict(list)
        def place(match: Match) -> tuple[bool, str, str]:
            return not match.predicate.endswith("exactMatch"), match.thing, match.target

        for match in sorted(matches, key=place):
            self._by_target[canonical(match.target)].append(match)
            self._by_thing[match.thing].append(match)

    def find(self, iri: str) -> list[Match]:
        """Return the links that lead to *iri*, or, if that is a thing of ours, those that it has itself."""
        return self._by_thing.get(iri.strip()) or self._by_target.get(canonical(iri), [])


def canonical(iri: str) -> str:
    """Return *iri* in the form by which names are compared: no scheme, no ``www.``, nothing percent-encoded.

    >>> canonical("https://www.wikidata.org/wiki/Q232") == canonical("http://www.wikidata.org/entity/Q232")
    True
    >>> canonical("http://dbpedia.org/page/Washington%2C_D.C.")
    'dbpedia.org/resource/Washington,_D.C.'
    >>> canonical("not an address")
    'not an address'
    """
    iri = iri.strip().removeprefix("<").removesuffix(">")
    try:
        parts = urlsplit(iri)
        host = (parts.hostname or "").removeprefix("www.").rstrip(".")
    except ValueError:
        return iri
    if parts.scheme.lower() not in ("http", "https") or not host:
        return iri
    query = f"?{parts.query}" if parts.query else ""
    bare = f"{host}{unquote(parts.path).rstrip('/')}{query}"
    for pattern, written in SPELLINGS:
        found = pattern.fullmatch(bare)
        if found:
            return found.expand(written)
    return f"{bare}#{parts.fragment}" if parts.fragment else bare
