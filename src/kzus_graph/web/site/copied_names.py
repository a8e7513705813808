"""``/search/names.json``, in static copies of the site only: the names of all things, which a script searches."""

import json
from typing import Any, Final

from flask import Blueprint, Response, g

from kzus_graph.engine.serving import Release
from kzus_graph.links.spelling import LETTERS, plain
from kzus_graph.rdf.prefixes import BASE
from kzus_graph.web.site import search
from kzus_graph.web.view import full_text, locale, responses, translation

MOST: Final = 1_000_000
blueprint = Blueprint("names", __name__)
"""The route of the file of names. A server doesn't have it: it answers searches itself."""


@blueprint.get("/search/names.json")
def names() -> Response:
    """Return the names of all things as JSON, with kinds and dates in the language of the request."""
    body = json.dumps(content(g.release), ensure_ascii=False, separators=(",", ":"))
    response = responses.kept(body.encode(), "application/json")
    response.headers.extend(locale.headers())
    return response


def content(release: Release) -> dict[str, Any]:
    """Return the content of the file: the letters that others are reduced to, the words for kinds, and all things.

    Each thing is a list: the path of its page, its name in the language of the request, the language of this name if it
    is another one, the index of its kind, its date in words, and its other names, if they differ in more than spelling.
    """
    hits = full_text.search_index(release).find("", most=MOST).hits
    kinds: dict[str, int] = {}
    things = []
    for hit, one in zip(hits, search.results(release, hits), strict=True):
        path, mark, fragment = one.shown.iri.removeprefix(BASE).partition("#")
        language = one.shown.language or locale.ENGLISH
        kind = kinds.setdefault(", ".join(each.text for each in one.kinds), len(kinds))
        others = {plain(name): name for name, _ in reversed(hit.names)}
        others.pop(plain(one.shown.text), None)
        things.append(
            [
                translation.page_path(path) + mark + fragment,
                one.shown.text,
                "" if language == locale.wanted() else language,
                kind,
                one.when,
                *others.values(),
            ]
        )
    letters = {chr(letter): written for letter, written in LETTERS.items()}
    return {"letters": letters, "kinds": list(kinds), "things": things}
