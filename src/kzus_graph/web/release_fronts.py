"""The ASGI application for all releases: a request for an older release goes to a front that has few threads."""

from collections.abc import MutableMapping
from typing import Any, Final

from kzus_graph.engine.older import NoSuchRelease, OlderReleases
from kzus_graph.web.asgi import AsgiApplication
from kzus_graph.web.http import release_choice
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.http.request_body import Receive, Send

THREADS: Final = 8
"""The threads for all requests that ask for an older release; if none is free, the answer is 503."""


class ReleaseFronts:
    """Passes a request that names an older release to *other*, every other request to *current*.

    Both are fronts of the same Flask application. They share nothing that a request may hold, so that requests for
    older releases can't hold up those for the current one.
    """

    def __init__(self, current: AsgiApplication, other: AsgiApplication, older: OlderReleases) -> None:
        self._current = current
        self._other = other
        self._older = older

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one HTTP request; the scope's "kzus.release" is the release that was found for it."""
        if scope["type"] != "http" or not scope["query_string"]:
            await self._current(scope, receive, send)
            return
        try:
            asked = release_choice.asked(scope["path"], scope["query_string"])
            found = self._older.loaded(self._older.name_of(asked)) if asked else None
        except (Problem, NoSuchRelease):
            asked, found = "?", None
        if not asked:
            await self._current(scope, receive, send)
        elif found is not None:
            front = self._current if self._older.is_current(found) else self._other
            await front({**scope, "kzus.release": found}, receive, send)
        else:
            # A thread of Flask loads the release, or states why it can't; the front must not answer by itself.
            await self._other({**scope, "kzus.unloaded": True}, receive, send)

    @property
    def under_way(self) -> int:
        """How many requests are in work."""
        return self._current.under_way + self._other.under_way
