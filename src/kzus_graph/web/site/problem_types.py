"""``/problem/…``: a page that explains each problem type; its address is the ``type`` of error answers (RFC 9457)."""

from typing import Final

from flask import Blueprint, Response

from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.view import responses

KINDS: Final = {
    "abandoned": "The client closed the connection before the answer was ready.",
    "answer-too-long": "The answer is too long for a page or a spreadsheet. Add a LIMIT, or fetch it from /sparql.",
    "bad-request": "The server cannot parse the request.",
    "busy": "All worker processes are busy and the queue is full. The header Retry-After says when to try again.",
    "callback": "The parameter callback is not the name of a JavaScript function.",
    "charset": "The body or the parameters of the request are not encoded in UTF-8.",
    "decade": "The parameter decade is not the first year of a decade, such as 1990.",
    "engine": "The query engine crashed on the query. This is an error in the engine; the server log has details.",
    "evaluation": "The query is syntactically valid, but its evaluation failed.",
    "http-version": "An answer of this size needs HTTP/1.1: a client of HTTP/1.0 cannot tell if it is complete.",
    "internal-server-error": "An error in the code of the server. The server log has the details.",
    "kind": "The parameter kind is not the local name of a class of the ontology, such as Visit.",
    "lang": "The parameter lang is not one of the language tags that this site supports. The detail lists them.",
    "lost": "The process that evaluated the query was killed, twice. The header Retry-After says when to try again.",
    "lookup": "The identifiers to look up are missing, too many, too long, or in an unsupported format.",
    "malformed-query": "The query is not valid SPARQL 1.1. The members line, column and hint help to find the error.",
    "media-type": "This address does not accept the body's media type. The header Accept-Post lists what it accepts.",
    "memory": "The query needed more memory than one query may use. Make it more selective.",
    "method": "The server does not implement this HTTP method. The detail lists the methods that it implements.",
    "method-not-allowed": "This address does not support the method. The header Allow lists what it supports.",
    "missing-query": "The parameter query is missing or empty.",
    "not-acceptable": "This address does not offer a requested format. The member formats lists those that it offers.",
    "not-found": "This release of the data set has nothing at this address.",
    "order": "The parameter order must be earliest or latest.",
    "page": "The parameter page is not a whole number from 1 to 999999.",
    "query-too-deep": "The brackets in the query are nested more deeply than the server accepts.",
    "query-too-long": "The query has more tokens than the server accepts. Split it into several queries.",
    "question": "The parameters of a built question are malformed or too many, or name things that this release lacks.",
    "range": "The file does not contain the requested range of bytes. The header Content-Range gives its length.",
    "read-only": "The endpoint is read-only: SPARQL updates are refused.",
    "reconcile": "The request does not follow the Reconciliation Service API, or exceeds a limit of this server.",
    "release": "The parameter release is not the name of a release, or stands in the body and not in the address.",
    "release-busy": "Other older releases are in use. The header Retry-After says when to try again.",
    "release-damaged": "The older release can't be loaded. The log of the server states the reason.",
    "release-gone": "The release was removed. The member oldest names the oldest release that the server has.",
    "release-unknown": "The server never had this release. The member releases lists those that it has.",
    "repeated-parameter": "A parameter that may occur only once occurs several times.",
    "service": "The query reads a document or sends a request to another endpoint, which is not allowed here.",
    "service-busy": "The endpoint in a SERVICE clause is overloaded. The header Retry-After says when to try again.",
    "service-failed": "The endpoint in a SERVICE clause gave no usable answer. The member hint states why.",
    "service-timeout": "The endpoint in a SERVICE clause did not answer within the time limit of the query.",
    "service-too-large": "The answer to a SERVICE clause is larger than this server accepts. Narrow the clause.",
    "timeout": "The query exceeded its time limit, or the parameter timeout is not a positive number.",
    "too-deep": "The query is nested too deeply, or has too long a chain of operators, for the query engine.",
    "sort": "The parameter sort is not the name of a column of the table, with or without a minus in front.",
    "too-long": "The query in the address is too long. Send it to /sparql in a POST request.",
    "too-many-parameters": "The request has more parameters than the server accepts.",
    "too-many-rows": "The answer has more rows than the server sends. Add a LIMIT, or download a dump from /dumps/.",
    "unorderable": "The query sorts values for which no order is defined. The member hint states what to change.",
    "unknown-prefix": "The query uses a prefix that it does not declare.",
    "withdrawn": "The resource was withdrawn. The member successor is the IRI of its replacement, if it has one.",
}
"""The meaning of each problem type, in one or two sentences."""


blueprint = Blueprint("problems", __name__)
"""The routes of the pages on problem types."""


@blueprint.get("/problem/")
def every() -> Response:
    """Return the page that explains all problem types."""
    return responses.page("problems.html", kinds=KINDS)


@blueprint.get("/problem/<kind>")
def one(kind: str) -> Response:
    """Return the page that explains the problem type *kind*.

    Raises Problem (404) if there is no such type.
    """
    if kind not in KINDS:
        raise Problem(404, "not-found", "There is no problem type of this name.", hint="See the list at /problem/.")
    return responses.page("problems.html", kinds={kind: KINDS[kind]})
