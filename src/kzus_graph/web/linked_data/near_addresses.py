"""Finds which thing somebody means by an address that does not exist: in another spelling, or almost the same name."""

from typing import Final

from rapidfuzz import fuzz, process

from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf.prefixes import BASE
from kzus_graph.web.view import page_queries

SPACES: Final = ("id", "topic", "code", "source", "note", "graph")
"""The paths below which things have their IRIs, in the order in which a name is looked for."""
LONGEST: Final = 120
"""The most characters of an address that may be meant for a thing."""
SIMILAR: Final = 85.0
"""The least similarity, in percent of the letters, of an address and a thing that it may mean."""
MOST: Final = 3


def same(release: Release, path: str) -> str:
    """Return the path of the IRI of the thing that *path* names in another spelling; empty if there is none.

    Capital letters, spaces and underscores are written as in IRIs, and a missing space of names (``id/``) is added.
    """
    wanted = _candidates(path)
    things = [thing for name in wanted if (thing := page_queries.own(name)) is not None]
    if not things:
        return ""
    found = {row["thing"].value.removeprefix(BASE) for row in page_queries.rows(release, "near", things=things)}
    return next((name for name in wanted if name in found), "")


def similar(release: Release, path: str) -> list[str]:
    """Return the paths of up to MOST people, events and the like whose names are written much like that in *path*."""
    name = next(iter(_candidates(path)), "").rpartition("/")[2]
    found = process.extract(name, _names(release), scorer=fuzz.ratio, limit=MOST, score_cutoff=SIMILAR) if name else []
    return [f"id/{close}" for close, _, _ in found]


def _candidates(path: str) -> list[str]:
    """Return the paths that may be meant by *path*, the likeliest first.

    >>> _candidates("id/Barack_Obama")[:2], _candidates("../x"), _candidates("topic/Energy")[0]
    (['id/barack-obama', 'topic/barack-obama'], [], 'topic/energy')
    """
    head, _, name = path.rpartition("/")
    slug = name.lower().replace("_", "-").replace(" ", "-")
    if not slug or len(path) > LONGEST or head not in ("", *SPACES):
        return []
    return [f"{space}/{slug}" for space in sorted(SPACES, key=lambda space: space != head)]


@once
def _names(release: Release) -> list[str]:
    """Return the names of all things below ``id/``, without those that begin with the name of an event (``a--b``)."""
    paths = (row["thing"].value.removeprefix(BASE) for row in page_queries.rows(release, "names-of-things"))
    return [path.removeprefix("id/") for path in paths if "--" not in path]
