"""``/conformance``: how the endpoint fares in the W3C's test suites, as page and as data."""

from functools import cache
from html import escape
from importlib.resources import files
from typing import Final

import pyoxigraph as ox
from flask import Blueprint, Response, request

from kzus_graph.engine import results
from kzus_graph.vocab import PREFIXES
from kzus_graph.web import negotiation
from kzus_graph.web.errors import Problem

EARL: Final = "http://www.w3.org/ns/earl#"
ROWS: Final = f"""PREFIX earl: <{EARL}> PREFIX dcterms: <{PREFIXES["dcterms"]}> PREFIX rdfs: <{PREFIXES["rdfs"]}>
SELECT ?label ?title ?outcome ?why ?test ?suite {{
  ?assertion earl:test ?test ; earl:result ?result . ?result earl:outcome ?outcome .
  ?test dcterms:title ?title ; rdfs:label ?label ; dcterms:isPartOf ?suite .
  OPTIONAL {{ ?result dcterms:description ?why }}
}} ORDER BY ?label"""


@cache
def _report() -> ox.Store:
    store = ox.Store()
    store.load((files("kzus_graph.web") / "conformance.ttl").read_bytes(), format=ox.RdfFormat.TURTLE)
    return store


@cache
def page() -> str:
    """The report as a table, worst first."""
    rows, counts, source = [], dict[str, int](), ""
    solutions = _report().query(ROWS)
    assert isinstance(solutions, ox.QuerySolutions)
    for row in solutions:
        outcome = row["outcome"].value.removeprefix(EARL)
        counts[outcome] = counts.get(outcome, 0) + 1
        source = row["suite"].value
        why = escape(row["why"].value) if row["why"] is not None else ""
        cells = (escape(row["label"].value), escape(row["title"].value), f"<b>{outcome}</b>", why)
        rows.append((outcome == "passed", f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"))
    summary = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    body = "\n".join(row for _, row in sorted(rows, key=lambda pair: pair[0]))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Conformance</title>'
        '<meta name="viewport" content="width=device-width"></head><body><h1>Conformance</h1>'
        f"<p>W3C tests of the SPARQL protocol, result formats and service description: {summary}. Files: "
        f'<a href="{escape(source)}">{escape(source)}</a>. The same as data: <a href="/conformance.ttl">EARL</a>.</p>'
        f"<table><thead><tr><th>test</th><th>what</th><th>outcome</th><th>why</th></tr></thead><tbody>\n{body}\n"
        "</tbody></table></body></html>\n"
    )


def blueprint() -> Blueprint:
    """The page and its data."""
    pages = Blueprint("conformance", __name__)

    @pages.get("/conformance", defaults={"suffix": None})
    @pages.get("/conformance.<suffix>")
    def conformance(suffix: str | None) -> Response:
        accept = request.headers.get("Accept", "")
        kinds = results.formats("graph")
        form = results.named(suffix, "graph") if suffix else negotiation.choose(accept, kinds)
        html = negotiation.weight_of("text/html", accept)
        if suffix is None and html > 0 and (form is None or "text/html" in accept or accept.strip() in ("", "*/*")):
            answer = Response(page(), content_type="text/html; charset=utf-8")
        elif form is None:
            raise Problem(406, "not-acceptable", "The report comes as HTML and in every RDF format.")
        else:
            assert isinstance(form.engine, ox.RdfFormat)
            triples = (quad.triple for quad in _report())
            prefixes = {"earl": EARL, "dcterms": PREFIXES["dcterms"], "rdfs": PREFIXES["rdfs"]}
            body = ox.serialize(triples, format=form.engine, prefixes=prefixes)
            answer = Response(body, content_type=form.content_type)
        answer.headers["Vary"] = "Accept, Accept-Encoding"
        answer.headers["Cache-Control"] = "public, no-cache"
        answer.add_etag()
        return answer

    return pages
