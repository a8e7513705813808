"""Formats, and rows counted from bytes."""

import io
import random

import pyoxigraph as ox
import pytest

from kzus_graph.engine import calendars, listing, maps, results
from kzus_graph.rdf import formats, writing
from tests import terms

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
    form = formats.named(name, "solutions")
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
    form = formats.named(name, kind)
    assert (form.name if form else None) == found


ROWS = (0, 1, 2, 3, 40)


def answer(chance: random.Random, rows: int, columns: int) -> str:
    """A query whose answer has that many rows; a third of the cells, and the whole of some rows, have no value."""

    def cell() -> str:
        term = terms.term(chance) if chance.random() < 0.6 else None
        # A block of values has no blank nodes.
        return "UNDEF" if term is None or "_:" in str(term) else written(term)

    names = [f"?{'abcdefghijklmnopqrstuvwxyz'[number % 26]}{number}" for number in range(columns)]
    lines = [" ".join(cell() if chance.random() < 0.8 else "UNDEF" for _ in names) for _ in range(rows)]
    block = " ".join(f"({line})" for line in lines)
    return f"SELECT {' '.join(names) or '*'} {{ VALUES ({' '.join(names)}) {{ {block} }} }}"


def written(term) -> str:
    return f"<<( {term} )>>" if isinstance(term, ox.Triple) else str(term)


def bytes_of(name: str, query: str) -> bytes:
    form = formats.named(name, "solutions")
    assert form is not None
    found = ox.Store().query(query)
    file = io.BytesIO()
    if name == "html":
        return "".join(listing.html(found, listing.StoreLabels(ox.Store()), listing.Frame())).encode()
    writing.solutions(found, file, form.engine)
    return file.getvalue()


def counted(name: str, data: bytes, cuts: list[int]) -> int:
    count = results.RowCount(name)
    for begin, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        count(data[begin:end])
    return count.rows


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv", "html"])
@pytest.mark.parametrize("columns", [0, 1, 2, 3, 12])
def test_hostile_rows_are_counted_wherever_the_bytes_are_cut(name: str, columns: int) -> None:
    for seed in range(30):
        chance = random.Random(f"{seed} {columns}")
        rows = ROWS[seed % len(ROWS)]
        query = answer(chance, rows, columns)
        try:
            data = bytes_of(name, query)
        except writing.Unwritable:
            assert name == "xml"
            continue
        for step in (1, 5, 64, 8192):
            assert counted(name, data, list(range(step, len(data), step))) == rows, (name, seed, step)
        for at in chance.sample(range(len(data)), min(len(data), 100)):
            assert counted(name, data, [at]) == rows, (name, seed, at)


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv", "html"])
def test_a_short_answer_is_counted_at_every_cut(name: str) -> None:
    query = 'SELECT ?x ?y { VALUES (?x ?y) { (UNDEF UNDEF) ("},{}" UNDEF) ("\\\\" "},{") (UNDEF "a") (UNDEF UNDEF) } }'
    data = bytes_of(name, query)
    for first in range(len(data)):
        assert counted(name, data, [first]) == 5
        assert counted(name, data, [first, min(first + 3, len(data))]) == 5


def test_a_row_counts_as_soon_as_it_has_begun() -> None:
    count = results.RowCount("json")
    data = bytes_of("json", "SELECT ?x { VALUES ?x { UNDEF 1 UNDEF } }")
    seen = []
    for at in range(len(data)):
        count(data[at : at + 1])
        seen.append(count.rows)
    assert seen == sorted(seen) and seen[-1] == 3 and set(seen) == {0, 1, 2, 3}


@pytest.mark.parametrize("text", ["},{}" * 200_000, '"' * 300_000, "\\" * 300_000, "},{" * 300_000 + "\\"])
def test_one_long_text_is_no_row_and_takes_time_by_its_length(text: str) -> None:
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("http://e/s"), ox.NamedNode("http://e/p"), ox.Literal(text)))
    data = store.query("SELECT ?o { ?s ?p ?o }").serialize(format=ox.QueryResultsFormat.JSON) or b""
    assert counted("json", data, list(range(8192, len(data), 8192))) == 1


def test_events_and_places_are_counted_in_hostile_words() -> None:
    for seed in range(20):
        chance = random.Random(seed)
        words = [terms.text(chance) + "x" * chance.randrange(80) + "END:VEVENT" * 9 for _ in range(5)]
        block = " ".join(f'("2010-04-11" "POINT(1 2)" {ox.Literal(word)} UNDEF)' for word in words)
        query = f"SELECT * {{ VALUES (?date ?wkt ?label ?none) {{ {block} (UNDEF UNDEF UNDEF UNDEF) }} }}"
        for name, write in (("icalendar", calendars.calendar), ("geojson", maps.geojson)):
            pieces = [piece.encode() for piece in write(ox.Store().query(query))]
            count = results.RowCount(name)
            for piece in pieces:
                count(piece)
            data = b"".join(pieces)
            assert count.rows == counted(name, data, list(range(1, len(data)))) == 5
