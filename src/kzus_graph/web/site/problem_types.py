"""``/problem/…``: pages that explain each type of problem; error answers link to them as their type (RFC 9457)."""

from typing import Final

from flask import Blueprint, Response

from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.view import responses

KINDS: Final = {
    "abandoned": "The client went away before the answer was ready.",
    "bad-request": "The request cannot be understood.",
    "busy": "All who answer queries are at work and the queue is full. Try again after the seconds in Retry-After.",
    "callback": "The parameter callback is not the name of a function of JavaScript.",
    "charset": "The body or the parameters are not UTF-8.",
    "engine": "The engine broke down over the query: a fault of its own, which is in the server's log.",
    "evaluation": "The query is well formed, but working it out failed.",
    "http-version": "An answer of this size needs HTTP/1.1: with 1.0 nobody can tell whether it is whole.",
    "internal-server-error": "An error in the server; its log says more.",
    "kind": "The parameter kind is not the name of a class of the ontology.",
    "lang": "The parameter lang is none of the languages that names here are in.",
    "lost": "Whoever was at the query was ended from outside, twice. Try again after the seconds in Retry-After.",
    "lookup": "The names to look up are missing, too many, too long, or in a form that is not read.",
    "malformed-query": "The query is not SPARQL 1.1. The members line and column say where, hint what may help.",
    "media-type": "The body is of a type that this address does not take. Accept-Post says which it does.",
    "memory": "The query needed more memory than one query may have. Narrow it.",
    "method": "There is no such method here. The detail says which there are.",
    "method-not-allowed": "This address does not take this method. Allow says which it does.",
    "missing-query": "The parameter query is missing.",
    "not-acceptable": "There is no such format here. The member formats says which there are.",
    "not-found": "There is nothing at this address in this release.",
    "page": "The parameter page is not a number from 1.",
    "query-too-deep": "Brackets stand within one another in the query, deeper than is read.",
    "query-too-long": "The query has more words than are read. Ask in several queries.",
    "range": "The file has no such part. Content-Range says how long it is.",
    "read-only": "The release cannot be changed: updates are refused.",
    "reconcile": "The request to the reconciliation service is not of the form that its specification gives.",
    "repeated-parameter": "A parameter was given twice that may be given once.",
    "service": "The query asks another endpoint or reads a document, which is not allowed here.",
    "service-busy": "The endpoint that the query asks is overloaded. Try again after the seconds in Retry-After.",
    "service-failed": "The endpoint that the query asks gave no answer that can be used. The member hint says why.",
    "service-timeout": "The endpoint that the query asks took longer than the query may.",
    "service-too-large": "The endpoint that the query asks answered with more than is taken. Narrow the clause.",
    "timeout": "The query took longer than it may, or the timeout asked for is not a number of seconds.",
    "too-deep": "The query is nested too deeply, or chained too long, for the engine.",
    "too-long": "A query in an address is too long. Send it as a POST.",
    "too-many-parameters": "The request has too many parameters.",
    "too-many-rows": "The answer has more rows than are given out. Add a LIMIT, or fetch a dump.",
    "unorderable": "The query sorts values that have no order among each other. The member hint says what to do.",
    "unknown-prefix": "The query uses a prefix that it does not declare.",
    "withdrawn": "The thing was withdrawn. The member successor says what took its place, if anything did.",
}
"""What each type of problem means, in one or two sentences."""


blueprint = Blueprint("problems", __name__)
"""The routes of the pages on types of problems."""


@blueprint.get("/problem/")
def every() -> Response:
    """All types of problems."""
    return responses.page("problems.html", kinds=KINDS)


@blueprint.get("/problem/<kind>")
def one(kind: str) -> Response:
    """One type of problem."""
    if kind not in KINDS:
        raise Problem(404, "not-found", "There is no such type of problem.", hint="They are listed at /problem/.")
    return responses.page("problems.html", kinds={kind: KINDS[kind]})
