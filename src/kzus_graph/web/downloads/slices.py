"""Slices: the data of a class, of some years, of a topic, or of a saved query, as a file at a permanent address."""

import re
import time
from typing import Final, NoReturn

import pyoxigraph as ox
from flask import Blueprint, Response, g

from kzus_graph.engine.evaluation import Question
from kzus_graph.engine.refusals import Refusal
from kzus_graph.engine.serving import Release
from kzus_graph.rdf import formats
from kzus_graph.rdf.formats import DATA, Format
from kzus_graph.rdf.prefixes import BASE, LOCAL_NAME, PREFIXES
from kzus_graph.web.downloads.void import written
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.view import page_queries, query_errors, responses

XSD_DATE: Final = ox.NamedNode(PREFIXES["xsd"] + "date")
YEARS: Final = re.compile(r"(\d{4})(?:-(\d{4}))?")
SECONDS: Final = 10.0
GRAPH_FORMS: Final = ("construct", "describe")


blueprint = Blueprint("slices", __name__)
"""The Flask routes of the slices."""


@blueprint.get("/slices/class/<name>.<suffix>")
def of_class(name: str, suffix: str) -> Response:
    """Return the statements about all instances of the class dip:*name*, as a file with the extension *suffix*."""
    class_ = _term("dip", name)
    release = g.release
    things = _things(release, "slice-class", **{"class": class_})
    return _slice(release, things, suffix, f"statements about the instances of dip:{name}")


@blueprint.get("/slices/years/<years>.<suffix>")
def of_years(years: str, suffix: str) -> Response:
    """Return the statements about what may have happened in *years*, such as 2010 or 2008-2012, as a file."""
    found = YEARS.fullmatch(years)
    if found is None or (found[2] and found[2] < found[1]):
        raise Problem(404, "not-found", "The years must be one year, such as 2010, or a range, such as 2008-2012.")
    first, last = f"{found[1]}-01-01", f"{found[2] or found[1]}-12-31"
    release = g.release
    days = {"first": ox.Literal(first, datatype=XSD_DATE), "last": ox.Literal(last, datatype=XSD_DATE)}
    things = _things(release, "slice-years", **days)
    return _slice(release, things, suffix, f"statements about what may have happened from {first} to {last}")


@blueprint.get("/slices/topic/<name>.<suffix>")
def of_topic(name: str, suffix: str) -> Response:
    """Return the statements about things with the topic *name* or a narrower topic, as a file."""
    topic = _term("topic", name)
    release = g.release
    things = _things(release, "slice-topic", topic=topic)
    return _slice(release, things, suffix, f"statements about things with topic:{name} or a narrower topic")


@blueprint.get("/slices/query/<name>.<suffix>")
def of_query(name: str, suffix: str) -> Response:
    """Return the result of the example query *name*, as a file with the extension *suffix*."""
    return _answer(g.release, name, suffix)


def _things(release: Release, query: str, **terms: ox.NamedNode | ox.Literal) -> list[ox.NamedNode]:
    found = [row["thing"] for row in page_queries.rows(release, query, **terms)]
    things = [thing for thing in found if isinstance(thing, ox.NamedNode)]
    if not things:
        _nothing()
    return things


def _slice(release: Release, things: list[ox.NamedNode], suffix: str, words: str) -> Response:
    """Return the statements about *things*, as a table or as a graph, depending on the file extension *suffix*.

    Raises Problem (404) if *suffix* is unknown. A Turtle file begins with a comment that contains *words*, a
    description of the content.
    """
    table = formats.named("csv", "solutions")
    assert table is not None
    if suffix == table.suffix:
        return responses.kept(
            page_queries.written(release, "slice-table", table.name, things=things), table.content_type
        )
    for form in DATA:
        if form.suffix == suffix:
            body = written(release, page_queries.triples(release, "slice-graph", things=things), form)
            licence = responses.site(release).licence
            head = f"# {words}, from release {release.name} of <{BASE}dataset>, <{licence}>\n\n".encode()
            return responses.kept(head + body if suffix == "ttl" else body, form.content_type)
    known = [table, *DATA]
    raise Problem(
        404,
        "not-found",
        f"Unknown extension: addresses of slices end in {', '.join('.' + form.suffix for form in known)}.",
    )


def endings(release: Release, name: str) -> tuple[str, ...]:
    """Return the file extensions of the links to the result of the example query *name*. Raises Problem (404)."""
    return ("ttl", "nt") if _saved(release, name)[1] == "graph" else ("csv", "srj")


def _saved(release: Release, name: str) -> tuple[str, formats.Kind]:
    """Return the SPARQL of the example query *name* and the kind of its result. Raises Problem (404)."""
    query = page_queries.own(f"query/{name}")
    found = page_queries.rows(release, "example-text", thing=query) if query is not None else []
    if not found:
        _nothing()
    form = found[0]["form"].value.rpartition("#")[2]
    return found[0]["text"].value, "graph" if form in GRAPH_FORMS else "solutions"


def _answer(release: Release, name: str, suffix: str) -> Response:
    """Return the result of the example query *name* in the format of the extension *suffix*. Raises Problem."""
    text, kind = _saved(release, name)
    form = next((form for form in formats.formats(kind) if form.suffix == suffix), None)
    if form is None:
        suffixes = ", ".join("." + form.suffix for form in formats.formats(kind))
        raise Problem(404, "not-found", f"Unknown extension: addresses of this result end in {suffixes}.")
    return responses.kept(_asked(release, text, form), form.content_type)


def _asked(release: Release, text: str, form: Format) -> bytes:
    prefixes = PREFIXES if form.kind == "graph" else None
    question = Question(query=text, format=form.name, seconds=SECONDS, prefixes=prefixes)
    try:
        return b"".join(release.pool.ask(question, time.monotonic() + SECONDS))
    except Refusal as refusal:
        raise query_errors.problem(refusal, text) from refusal


def _term(prefix: str, name: str) -> ox.NamedNode:
    if not LOCAL_NAME.fullmatch(name):
        _nothing()
    return ox.NamedNode(PREFIXES[prefix] + name)


def _nothing() -> NoReturn:
    raise Problem(
        404,
        "not-found",
        "This slice (a part of the data to download) does not exist, or is empty in this release.",
        hint="All slices are listed at /dumps/#slices.",
    )
