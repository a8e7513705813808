"""Workers answer, are stopped, are replaced, and leave nothing behind."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyoxigraph as ox
import pytest

from kzus_graph.engine import deadlines, refusals, workers
from kzus_graph.engine.evaluation import Question
from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.engine.workers import Pool

pytestmark = pytest.mark.slow

RUNAWAYS = {
    "cross product": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
    "order by": "SELECT ?a { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?i ?a LIMIT 1",
    "path": "SELECT (COUNT(*) AS ?n) { ?a (!<x:y>)* ?b . ?c (!<x:y>)* ?d . ?e (!<x:y>)* ?f }",
}


def graph(path: Path, size: int = 400) -> Path:
    lines = [f"<http://e/{n}> <http://e/next> <http://e/{(n * 7 + 1) % size}> .\n" for n in range(size)]
    path.write_text("".join(lines))
    return path


@pytest.fixture(scope="module")
def pool(tmp_path_factory):
    pool = Pool([graph(tmp_path_factory.mktemp("graph") / "data.nt")], workers=2, queue=2)
    yield pool
    pool.close()


def until(holds, seconds=20.0):
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


def ask(pool, query, *, seconds=10.0, form="csv", **more):
    question = Question(query=query, format=form, seconds=seconds, **more)
    answer = pool.ask(question, time.monotonic() + seconds)
    return b"".join(answer), answer.rows


def test_answer(pool):
    assert ask(pool, "SELECT ?x { <http://e/0> ?p ?x }") == (b"x\r\nhttp://e/1\r\n", 1)
    assert ask(pool, "ASK { ?s ?p ?o }", form="json")[0] == b'{"head":{},"boolean":true}'


def test_columns_stand_as_in_the_query(pool):
    body, _ = ask(pool, "SELECT * { ?z ?m ?a } LIMIT 1", star=7, variables=("z", "m", "a"))
    assert body.startswith(b"z,m,a\r\n")


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("SELECT {", refusals.Malformed),
        ("SELECT (<http://none/>(1) AS ?x) {}", refusals.Failed),
        ("SELECT * { SERVICE <http://127.0.0.1:8/> { ?s ?p ?o } }", refusals.ReachesOut),
    ],
)
def test_refusal_leaves_the_worker_alive(pool, query, refusal):
    killed = pool.killed
    with pytest.raises(refusal):
        ask(pool, query)
    assert pool.killed == killed
    assert ask(pool, "ASK {}", form="tsv")[0]


@pytest.mark.quiet
@pytest.mark.parametrize("query", RUNAWAYS.values(), ids=RUNAWAYS)
def test_deadline_holds_for_every_operator(pool, query):
    began = time.monotonic()
    with pytest.raises(refusals.OutOfTime):
        ask(pool, query, seconds=0.4)
    assert time.monotonic() - began < 0.4 + 2  # bench/load.py measures how soon; without a kill it takes minutes
    assert ask(pool, "ASK {}", form="tsv")[0]
    assert pool.state()["busy"] == 0


def test_row_cap(pool):
    assert ask(pool, "SELECT * { ?s ?p ?o } LIMIT 50", max_rows=50)[1] == 50
    with pytest.raises(refusals.TooManyRows, match="50"):
        ask(pool, "SELECT * { ?s ?p ?o } LIMIT 51", max_rows=50)
    with pytest.raises(refusals.TooManyRows):
        ask(pool, "CONSTRUCT WHERE { ?s ?p ?o }", form="turtle", max_rows=50)


def test_memory_cap(tmp_path):
    pool = Pool([graph(tmp_path / "data.nt")], workers=1, memory=64 << 20)
    try:
        with pytest.raises(refusals.OutOfMemory):
            ask(pool, "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?i", seconds=30)
        assert ask(pool, "ASK {}", form="tsv")[0]
    finally:
        pool.close()


@pytest.mark.quiet
def test_full_queue_refuses_at_once(tmp_path):
    pool = Pool([graph(tmp_path / "data.nt")], workers=1, queue=1)
    outcomes: list[str] = []

    def runaway():
        try:
            ask(pool, RUNAWAYS["cross product"], seconds=0.4)
        except refusals.Refusal as refusal:
            outcomes.append(type(refusal).__name__)

    threads = [threading.Thread(target=runaway) for _ in range(2)]
    try:
        for thread in threads:
            thread.start()
            time.sleep(0.05)
        began = time.monotonic()
        with pytest.raises(refusals.Busy):
            ask(pool, "ASK {}")
        assert time.monotonic() - began < 1
    finally:
        for thread in threads:
            thread.join()
        pool.close()
    assert outcomes == ["OutOfTime", "OutOfTime"]


@pytest.mark.quiet
def test_long_queries_leave_room_for_short_ones(tmp_path):
    pool = Pool([graph(tmp_path / "data.nt")], workers=4, queue=8)
    outcomes: list[str] = []

    def runaway():
        try:
            ask(pool, RUNAWAYS["cross product"], seconds=4.0)
        except refusals.Refusal as refusal:
            outcomes.append(type(refusal).__name__)

    threads = [threading.Thread(target=runaway) for _ in range(4)]
    try:
        for thread in threads:
            thread.start()
        time.sleep(2.2)
        began = time.monotonic()
        assert ask(pool, "ASK {}", form="tsv")[0]
        assert time.monotonic() - began < 1.5
    finally:
        for thread in threads:
            thread.join()
        pool.close()
    # One of them had lost its worker to what is new, and waited until its time was over; none was refused.
    assert outcomes == ["OutOfTime"] * 4


def test_a_query_that_takes_long_is_asked_again_when_there_is_a_place_for_it(tmp_path, monkeypatch):
    monkeypatch.setattr(deadlines, "GIVES_WAY", 0.0)
    monkeypatch.setattr(deadlines, "LONG", 0.05)
    pool = Pool([graph(tmp_path / "data.nt")], workers=4, queue=8)
    query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f VALUES ?x { 1 2 3 4 5 6 7 8 9 10 } }"
    outcomes = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(ask(pool, query, form="csv", seconds=60.0))) for _ in range(6)
    ]
    try:
        for thread in threads:
            thread.start()
        most = 0
        while any(thread.is_alive() for thread in threads):
            most = max(most, pool.state()["long"])
            time.sleep(0.005)
    finally:
        pool.close()
    assert outcomes == [(b"n\r\n1600000\r\n", 1)] * 6
    assert most == 2
    assert pool.killed > 0  # the third had begun on a worker


def test_a_query_like_one_that_took_long_has_its_place_among_those_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(deadlines, "GIVES_WAY", 0.05)
    pool = Pool([graph(tmp_path / "data.nt")], workers=1)
    query = "SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c . ?d ?e ?f VALUES ?x {{ 1 2 3 4 5 6 7 8 9 10 }} }} LIMIT {}"
    try:
        assert not any(pool.precedents.of(query.format(1))[1:])
        ask(pool, query.format(1), form="csv", seconds=60.0)
        assert pool.precedents.of(query.format(2)).long
        again = pool.ask(Question(query=query.format(2), format="csv"), time.monotonic() + 60)
        assert again.long
        assert pool.state()["long"] == 1
        again.close()
        ask(pool, "ASK { ?s ?p 1 }", form="tsv")
        assert pool.precedents.of("ASK { ?s ?p 2 }").brief
        brief = pool.ask(Question(query="ASK { ?s ?p 3 }", format="tsv"), time.monotonic() + 60)
        assert not brief.long
        assert list(brief)
    finally:
        pool.close()


@pytest.mark.quiet
def test_an_answer_that_nobody_reads_ends_at_its_deadline(pool):
    question = Question(query="SELECT * { ?a ?b ?c . ?d ?e ?f }", format="json")
    answer = pool.ask(question, time.monotonic() + 0.3)
    chunks = iter(answer)
    assert next(chunks)
    assert answer.worker is not None
    pid = answer.worker.pid
    time.sleep(0.6)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(refusals.OutOfTime):
        list(chunks)


def test_closing_an_answer_stops_the_query(pool):
    answer = pool.ask(Question(query=RUNAWAYS["cross product"], format="json"), time.monotonic() + 10)
    killed = pool.killed
    answer.close()
    assert pool.killed == killed + 1
    assert pool.state()["busy"] == 0


def test_no_process_is_left(tmp_path):
    pool = Pool([graph(tmp_path / "data.nt")], workers=3)
    pids = [worker.pid for worker in pool._turns.idle]
    pool.close()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_on_disk_store_is_served_with_its_graphs(tmp_path):
    store = ox.Store(str(tmp_path / "store"))
    node = ox.NamedNode("http://e/a")
    store.add(ox.Quad(node, node, node))
    store.add(ox.Quad(node, node, ox.Literal("named"), ox.NamedNode("http://e/g")))
    store.flush()
    del store
    pool = Pool([tmp_path / "store"], workers=1)
    try:
        assert pool.quads == 2
        assert ask(pool, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")[0] == b"n\r\n1\r\n"
        assert ask(pool, "SELECT ?o { GRAPH <http://e/g> { ?s ?p ?o } }")[0] == b"o\r\nnamed\r\n"
    finally:
        pool.close()


@pytest.mark.parametrize(("name", "text"), [("bad.ttl", "<a> <b"), ("data.doc", ""), ("none.nt", None)])
def test_what_cannot_be_loaded_is_named(tmp_path, name, text):
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(workers.Unloadable, match=name):
        Pool([tmp_path / name], workers=1)


def test_the_holder_is_replaced_if_it_dies(tmp_path):
    releases = Releases(Limits(workers=2, queue=2), files=[graph(tmp_path / "data.nt")])
    try:
        before = releases.current.cache
        holder = releases.current.pool._control._process
        holder.kill()
        holder.wait()
        for _ in range(10):
            assert ask(releases.current.pool, "ASK {}", form="tsv")[0]
        assert until(lambda: releases.current.pool.loads == 2)
        releases.refresh()
        assert releases.current.cache is not before
    finally:
        releases.close()


def test_the_process_that_holds_a_graph_starts_without_rdflib():
    """It would take longer to load than all the rest."""
    program = "import sys; from kzus_graph.engine import holder; print('rdflib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "False\n"
