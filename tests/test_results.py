"""Formats, and rows counted from bytes."""

import pyoxigraph as ox
import pytest

from kzus_graph.engine import results

TRICKY = ["x}},{", '}},{"a', '"bindings":[{', "a\r\nb", 'say "hi"', "<result>", "{},{}", "tab\tnewline\n"]
QUERIES = {"SELECT ?o ?s { ?s ?p ?o }": 40, "SELECT ?s { ?s a ?o }": 0, "SELECT ?o { <http://e/3> ?p ?o }": 1}


@pytest.fixture(scope="module")
def store():
    store = ox.Store()
    store.extend(
        ox.Quad(ox.NamedNode(f"http://e/{n}"), ox.NamedNode("http://e/p"), ox.Literal(text, language=language))
        for n, text in enumerate(TRICKY * 5)
        for language in ["en" if n % 2 else None]
    )
    return store


@pytest.mark.parametrize("step", [1, 2, 7, 64, 100_000])
@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
def test_rows_are_counted_however_the_bytes_are_cut(store, name, step):
    form = results.named(name, "solutions")
    for query, rows in QUERIES.items():
        data = store.query(query).serialize(format=form.engine)
        count = results.RowCount(name)
        for start in range(0, len(data), step):
            count(data[start : start + step])
        assert count.rows == rows


@pytest.mark.parametrize(
    ("name", "kind", "found"),
    [
        ("srj", "solutions", "json"),
        ("JSON", "graph", "jsonld"),
        ("ttl", "graph", "turtle"),
        ("application/n-triples", "graph", "ntriples"),
        ("csv", "graph", None),
        ("application/json", "solutions", "json"),
    ],
)
def test_short_names(name, kind, found):
    form = results.named(name, kind)
    assert (form.name if form else None) == found
