"""Where the text of a sentence stands: the public addresses of its document, and the sentence's place in the text."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import pyoxigraph as ox

from kzus_graph.engine.serving import Release
from kzus_graph.web.view import corrections, page_queries
from kzus_graph.web.view.page_queries import Row


@dataclass(frozen=True)
class TextPlace:
    """A public *address* at which a text stands, the *host* in it, and in words the *place* in the text."""

    address: str
    host: str
    place: str


def of(release: Release, segment: ox.NamedNode) -> list[TextPlace]:
    """Return where the text of *segment* stands; the list is empty if no public address of its document is recorded."""
    rows = page_queries.rows(release, "text-places", segment=segment)
    return [
        TextPlace(address, (urlsplit(address).hostname or address).removeprefix("www."), _place(row))
        for row in rows
        if corrections.is_web_address(address := row["address"].value)
    ]


def _place(row: Row) -> str:
    said = {name: term.value for name, term in row.items()}
    words = []
    if "paragraph" in said:
        title = said["paragraph"] == "0"
        words.append("title" if title else f"paragraph {said['paragraph']}, sentence {said['sentence']}")
    if "start" in said:
        words.append(f"characters {said['start']} to {said['end']}")
    return "; ".join(words)
