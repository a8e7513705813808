"""Sends every error as a problem document (RFC 9457): as JSON, as an HTML page, or as plain text."""

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlsplit

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from kzus_graph.rdf.prefixes import BASE
from kzus_graph.web.http import base_url
from kzus_graph.web.http.content_negotiation import weight_of

TYPES: Final = BASE + "problem/"


class Problem(Exception):
    """An error to be sent to the client as a problem document (RFC 9457).

    *kind* is the last path segment of the problem type's IRI, *detail* the explanation for people, *more* are further
    members of the document.
    """

    def __init__(
        self, status: int, kind: str, detail: str, *, headers: Iterable[tuple[str, str]] = (), **more: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.headers = tuple(headers)
        self.more = {key: value for key, value in more.items() if value is not None}

    def document(self) -> dict[str, Any]:
        """Return the members of the problem document."""
        return {
            "type": TYPES + self.kind,
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            **self.more,
        }


def response(problem: Problem) -> Response:
    """Return *problem* as a response: an HTML page for a browser, text for curl or Wget, JSON for other programs.

    A 404 for a path that ends with a slash becomes a redirect (308) to the path without this slash.
    """
    if problem.status == 404 and (address := _without_slash()):
        return Response(status=308, headers={"Location": address, "Cache-Control": "public, no-cache"})
    accept = request.headers.get("Accept", "")
    agent = request.headers.get("User-Agent", "")
    document = problem.document()
    if "text/html" in accept and weight_of("text/html", accept) > 0:
        body, media = render_template("problem.html", document=document), "text/html; charset=utf-8"
    elif "json" not in accept and (agent.startswith(("curl/", "Wget/")) or accept.startswith("text/plain")):
        body, media = _text(document), "text/plain; charset=utf-8"
    else:
        # A quoted word may look like markup: escape it, so that no content sniffing takes the body for HTML.
        body = json.dumps(document, ensure_ascii=False, indent=1).replace("<", "\\u003c") + "\n"
        media = "application/problem+json"
    # Echoed text may have a lone surrogate in it.
    answer = Response(body.encode("utf-8", "replace"), status=problem.status, content_type=media)
    answer.headers.extend(problem.headers)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _without_slash() -> str:
    """Return the path and query string of the current request, without the slashes at the end of the path.

    The result is empty if the path doesn't end with a slash, or if the route of the path ends with one, too.
    """
    path = request.path.strip("/")
    belongs = request.url_rule is not None and request.url_rule.rule.endswith("/")
    if belongs or not path or not request.path.endswith("/"):
        return ""
    asked = request.query_string.decode("latin-1")
    base_url.note(base_url.BY_PREFIX)
    # Exactly one slash at the front, and only safe characters: the redirect must not lead to another host.
    return f"{request.script_root}/{quote(path)}{'?' if asked else ''}{quote(asked, safe='=&%+;,:/?@-._~')}"


def _text(document: dict[str, Any]) -> str:
    lines = [f"{document['status']} {document['title']}", document["detail"]]
    if "line" in document:
        lines.append(f"at line {document['line']}, column {document['column']}")
    lines += [f"{name}: {_words(document[name])}" for name in document if name not in _PLAIN]
    return "\n".join(lines) + "\n"


_PLAIN: Final = ("type", "title", "status", "detail", "line", "column")


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} ({more})" for key, more in value.items())
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def install(app: Flask) -> None:
    """Make *app* answer every error with a problem document."""
    app.register_error_handler(Problem, response)

    def known(error: HTTPException) -> Response:
        headers = [(name, value) for name, value in error.get_headers() if name.lower() == "allow"]
        kind = HTTPStatus(error.code or 500).phrase.lower().replace(" ", "-")
        return response(Problem(error.code or 500, kind, error.description or kind, headers=headers))

    app.register_error_handler(HTTPException, known)

    @app.after_request
    def stay(response: Response) -> Response:
        """Remove scheme and host from a redirect's Location: the target is on the host that the client requested."""
        parts = urlsplit(response.location or "")
        if parts.netloc:
            response.location = "/" + parts._replace(scheme="", netloc="").geturl().lstrip("/")
            response.set_data(b"")
        return response
