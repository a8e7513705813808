"""How a worker's end is told, made good, and bounded, whatever ended it and whoever doesn't read."""

import contextlib
import json
import logging
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.request import Request

import pyoxigraph as ox
import pytest

from kzus_graph.engine import control, endings, evaluation, holder, refusals
from kzus_graph.engine.evaluation import Question
from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.engine.workers import Pool, Unloadable
from kzus_graph.web.application import create_app
from tests.engine.test_workers import RUNAWAYS, ask, graph, until
from tests.handmade import describe, name_current, publish
from tests.serving import SERVE, Served, fetch, serving

XSD = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
ZONES = ("", "Z", "+14:00", "-14:00")


def values(kind: str) -> str:
    """A thousand values that the engine has no order for."""
    draw = random.Random(1)
    makers = {
        "dateTime": lambda: (
            f'"1990-01-0{draw.randint(1, 4)}T{draw.randint(10, 23)}:00:00{draw.choice(ZONES)}"^^xsd:dateTime'
        ),
        "duration": lambda: f'"P{draw.randint(0, 20)}M{draw.randint(0, 300)}D"^^xsd:duration',
        "number and text": lambda: draw.choice(("{}", '"{}"')).format(draw.randint(-2000, 2000)),
    }  # fmt: skip
    return " ".join(makers[kind]() for _ in range(1000))


@pytest.fixture(scope="module")
def pool(tmp_path_factory):
    pool = Pool([graph(tmp_path_factory.mktemp("graph") / "data.nt")], workers=2, queue=2, memory=512 << 20)
    yield pool
    pool.close()


@pytest.fixture
def single(tmp_path):
    pool = Pool([graph(tmp_path / "data.nt")], workers=1)
    yield pool
    pool.close()


def ended(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


# The truth about a failure


@pytest.mark.parametrize(
    ("kind", "way_around"),
    [
        ("dateTime", "STR(?x)"),
        ("duration", "STR(?x)"),
        ("number and text", "STR(?x)"),
        ("number and text", "isNumeric(?x) ?x"),
    ],
)
def test_values_without_an_order_are_said_to_have_none_and_the_way_around_works(pool, kind, way_around):
    query = f"{XSD}SELECT ?x {{ VALUES ?x {{ {values(kind)} }} }} ORDER BY "
    with pytest.raises(refusals.Unorderable):
        ask(pool, query + "?x")
    assert ask(pool, query + way_around)[1] == 1000


@pytest.mark.parametrize(
    "query",
    [
        f"ASK {{ FILTER({'(' * 20_000}1{')' * 20_000}) }}",
        f"ASK {{ {'{' * 20_000}{'}' * 20_000} }}",
        f"ASK {{ FILTER({'!' * 50_000}true) }}",
        f"ASK {{ {'UNION'.join(['{}'] * 30_000)} }}",
        f"SELECT (1{'+1' * 100_000} AS ?n) {{}}",
        f"ASK {{ ?a ?b {'<<( ?a ?b ' * 20_000}1{')>>' * 20_000} }}",
    ],
    ids=["parentheses", "groups", "not", "union", "sum", "triple terms"],
)
def test_a_query_that_takes_the_stack_is_said_to_be_too_deep(pool, query):
    with pytest.raises(refusals.OutOfStack):
        ask(pool, query)
    assert ask(pool, "ASK {}", form="tsv")[0] == b"true"


def test_memory_is_said_to_be_short_only_when_it_is(pool):
    with pytest.raises(refusals.OutOfMemory):
        ask(pool, "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?i", seconds=30)


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (-signal.SIGABRT, "memory allocation of 2400000000 bytes failed\n", refusals.OutOfMemory),
        (-signal.SIGABRT, "terminate called after throwing an instance of 'std::bad_alloc'\n", refusals.OutOfMemory),
        (-signal.SIGABRT, "thread '<unnamed>' panicked at src/eval.rs:1:2:\nindex out of bounds\n", refusals.Broken),
        (-signal.SIGABRT, "", refusals.Broken),
        (-signal.SIGSEGV, "", refusals.OutOfStack),
        (-signal.SIGXCPU, "", refusals.OutOfTime),
        (-signal.SIGKILL, "", refusals.Lost),
        (-signal.SIGTERM, "", refusals.Lost),
        (endings.OURS, "KeyError\n", refusals.Faulty),
        (endings.OURS, "PanicException\nthread panicked at src/eval.rs:1:2:\n", refusals.Broken),
    ],
)
def test_each_end_has_its_reason(status, words, kind):
    assert type(endings.refusal(status, words)) is kind


def test_the_log_has_the_place_of_a_panic_and_not_its_message() -> None:
    words = (
        "thread panicked at src/eval.rs:1:2:\nsomething about somebody\npyo3_runtime.PanicException: about somebody\n"
    )
    assert endings.line(endings.OURS, words) == "raised: panicked at src/eval.rs:1:2"
    assert endings.line(endings.OURS, "KeyError\n") == "raised KeyError"


def test_a_fault_of_ours_is_called_so_and_logged_without_data(pool, caplog):
    with pytest.raises(refusals.Faulty, match="the server's own code has an error"):
        ask(pool, "ASK { 'secret' ?p ?o }", form="no such format")
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    said = record.getMessage()
    assert "KeyError" in said
    assert "evaluation.py" in said
    assert "_answer" in said
    assert "secret" not in said
    assert "no such format" not in said


@pytest.mark.parametrize(
    ("query", "status", "problem"),
    [
        (f"{XSD}SELECT ?x {{ VALUES ?x {{ {values('duration')} }} }} ORDER BY ?x", 422, "unorderable"),
        (f"ASK {{ FILTER({'!' * 20_000}true) }}", 422, "too-deep"),
    ],
    ids=["unorderable", "too deep"],
)
def test_the_client_is_told(tmp_path_factory, query, status, problem):
    folder = tmp_path_factory.mktemp("told")
    with serving(folder, graph(folder / "data.nt"), "--workers", "1") as served:
        request = Request(served.sparql, query.encode(), {"Content-Type": "application/sparql-query"})
        got, _, body = fetch(request)
        said = json.loads(body)
    assert got == status
    assert said["type"].endswith(f"/problem/{problem}")
    assert "memory" not in body.decode()
    assert said["hint"]
    assert "backtrace" not in served.log.read_text()


# Workers that died


def test_idle_workers_that_were_killed_are_replaced_without_being_asked(pool):
    old = [worker.pid for worker in pool._turns.idle]
    for pid in old:
        os.kill(pid, signal.SIGKILL)
    assert until(lambda: pool.state()["workers"] == 2 and not {worker.pid for worker in pool._turns.idle} & set(old))


def test_a_question_that_meets_dead_workers_is_asked_of_a_fresh_one(pool):
    for _ in range(20):
        for worker in list(pool._turns.idle):
            # One that was killed in the last round may not be known to have ended.
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGKILL)
        assert ask(pool, "ASK {}", form="tsv")[0] == b"true"


@pytest.mark.parametrize("kills", [1, 3])
def test_a_question_is_asked_again_when_the_workers_there_are_were_killed_from_outside(single, kills):
    answer = single.ask(Question(query=RUNAWAYS["cross product"], format="csv"), time.monotonic() + 3)
    seen = []

    def killing():
        for _ in range(kills):
            assert until(lambda: answer.worker is not None and answer.worker.pid not in seen)
            seen.append(answer.worker.pid)
            os.kill(seen[-1], signal.SIGKILL)

    thread = threading.Thread(target=killing)
    thread.start()
    with pytest.raises(refusals.OutOfTime if kills == 1 else refusals.Lost):
        list(answer)
    thread.join()
    assert len(set(seen)) == kills
    assert ask(single, "ASK {}", form="tsv")[0] == b"true"


def test_what_has_begun_is_not_asked_again(single):
    answer = single.ask(Question(query="SELECT * { ?a ?b ?c . ?d ?e ?f }", format="csv"), time.monotonic() + 10)
    chunks = iter(answer)
    assert next(chunks).startswith(b"a,b,c,d,e,f\r\n")
    os.kill(answer.worker.pid, signal.SIGKILL)
    with pytest.raises(refusals.Lost):
        list(chunks)
    assert single.state()["busy"] == 0


def test_workers_come_back_when_the_system_gives_processes_again(single):
    holder_pid = single._control._process.pid
    before = resource.prlimit(holder_pid, resource.RLIMIT_NOFILE)
    # A fork needs a pipe; this is the limit that holds for a superuser, too.
    resource.prlimit(holder_pid, resource.RLIMIT_NOFILE, (4, before[1]))
    for worker in list(single._turns.idle):
        os.kill(worker.pid, signal.SIGKILL)
    assert until(lambda: single.fault != "" and single.state()["workers"] == 0)
    resource.prlimit(holder_pid, resource.RLIMIT_NOFILE, before)
    assert ask(single, "ASK {}", form="tsv", seconds=20)[0] == b"true"
    assert (single.state()["workers"], single.fault) == (1, "")


def test_questions_under_way_survive_the_holder(pool):
    answer = pool.ask(Question(query=RUNAWAYS["cross product"], format="csv"), time.monotonic() + 2)
    loads = pool.loads
    pool._control._process.kill()
    with pytest.raises(refusals.OutOfTime):
        list(answer)
    assert until(lambda: pool.loads == loads + 1 and pool.state()["workers"] == 2)
    assert ask(pool, "ASK {}", form="tsv")[0] == b"true"


def test_a_holder_that_is_stuck_is_replaced(tmp_path, monkeypatch):
    monkeypatch.setattr(control, "SILENCE", 0.3)
    pool = Pool([graph(tmp_path / "data.nt")], workers=1)
    try:
        os.kill(pool._control._process.pid, signal.SIGSTOP)
        os.kill(pool._turns.idle[0].pid, signal.SIGKILL)
        assert until(lambda: pool.loads == 2)
        assert ask(pool, "ASK {}", form="tsv")[0] == b"true"
    finally:
        pool.close()


# Readers that stall


def test_answers_that_nobody_reads_free_their_workers_at_the_deadline(pool):
    question = Question(query="SELECT * { ?a ?b ?c . ?d ?e ?f }", format="json")
    held = [pool.ask(question, time.monotonic() + 0.3) for _ in range(2)]
    begun = next(iter(held[0]))
    assert until(lambda: pool.state()["busy"] == 0)
    # Nobody has touched them since.
    assert ask(pool, "ASK {}", form="tsv")[0] == b"true"
    assert begun.startswith(b'{"head"')
    for answer in held:
        with pytest.raises(refusals.OutOfTime):
            list(answer)
        killed = pool.killed
        answer.close()
        assert pool.killed == killed


def test_a_reader_who_waits_wakes_when_his_answer_is_stopped(single):
    answer = single.ask(Question(query=RUNAWAYS["cross product"], format="csv"), time.monotonic() + 60)
    caught = []

    def reading():
        try:
            list(answer)
        except refusals.Refusal as refusal:
            caught.append(refusal)

    thread = threading.Thread(target=reading)
    thread.start()
    assert until(lambda: answer._in_use)
    answer.stop(refusals.Abandoned("the client is gone"))
    thread.join(10)
    assert [str(refusal) for refusal in caught] == ["the client is gone"]
    assert until(lambda: single.state() == {"workers": 1, "busy": 0, "long": 0, "waiting": 0})


def test_a_giant_term_comes_in_small_frames(pool):
    query = f'SELECT (GROUP_CONCAT(CONCAT(STR(?a), "{"x" * 400}")) AS ?n) {{ ?a ?p ?b . ?c ?q ?d }}'
    answer = pool.ask(Question(query=query, format="csv"), time.monotonic() + 30)
    sizes, held = [], 0
    for chunk in answer:
        sizes.append(len(chunk))
        held = max(held, len(answer._held))
    assert sum(sizes) > 60_000_000
    assert max(sizes) <= 2 * evaluation.CHUNK
    assert held <= evaluation.LARGEST_FRAME + 256 * 1024


def test_a_worker_that_announces_a_giant_frame_is_not_believed(single):
    answer = single.ask(Question(query=RUNAWAYS["cross product"], format="csv"), time.monotonic() + 10)
    answer._held += evaluation.HEADER.pack(evaluation.DATA, 1 << 31)
    with pytest.raises(refusals.Broken):
        list(answer)
    assert ask(single, "ASK {}", form="tsv")[0] == b"true"


def test_a_message_is_cut(pool):
    with pytest.raises(refusals.Refusal) as caught:
        ask(pool, f"SELECT (<http://{'x' * 500_000}/>(1) AS ?x) {{}}")
    assert len(str(caught.value)) <= evaluation.MESSAGE


# The holder and its messages


def test_a_forked_child_never_returns_into_its_parents_code(tmp_path):
    program = (
        "import os, sys\n"
        "from kzus_graph.engine import holder\n"
        "def work(*_): raise KeyboardInterrupt('secret')\n"
        "holder.work = work\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    out, into = os.pipe()\n"
        "    import socket\n"
        "    ours, theirs = socket.socketpair()\n"
        "    holder._become_worker(None, theirs.fileno(), os.dup(2), 1 << 30, os.getppid())\n"
        "    print('returned')\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout == f"{endings.OURS}\n"
    assert "KeyboardInterrupt" in done.stderr
    assert "secret" not in done.stderr


def test_the_holder_bears_odd_messages():
    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=holder_of, args=(theirs,))
    thread.start()
    for message in (b"?", holder.KILL, holder.LOST, holder.FORK):
        if message == holder.KILL:
            # Not ours: it must live.
            ours.sendall(holder.MESSAGE.pack(message, os.getpid()))
            continue
        ours.sendall(holder.MESSAGE.pack(message, 1))
    lines = b""
    while lines.count(b"\n") < 2:
        lines += ours.recv(4096)
    assert (
        lines == b'{"status": 0, "words": ""}\n{"error": "a worker process must be started with exactly one socket"}\n'
    )
    ours.sendall(b"??")
    ours.close()
    thread.join(10)
    assert not thread.is_alive()


def holder_of(connection):
    """Serve a connection as the holder does, but for signals, which a thread may not set."""
    herd = holder.Herd(ox.Store(), 1 << 30)
    with connection:
        while message := holder._message(connection):
            (kind, pid), handed = message
            if kind == holder.FORK:
                holder._say(connection, herd._fork(handed))
            elif kind == holder.KILL:
                herd._kill(pid)
            elif kind == holder.LOST:
                holder._say(connection, herd._inquire(pid))


def test_workers_end_when_the_holder_is_killed(tmp_path):
    pool = Pool([graph(tmp_path / "data.nt")], workers=2)
    answer = pool.ask(Question(query=RUNAWAYS["cross product"], format="csv"), time.monotonic() + 60)
    pids = [answer.worker.pid, *(worker.pid for worker in pool._turns.idle)]
    pool._closed.set()  # nobody mends it
    pool._control._process.kill()
    assert until(lambda: all(map(ended, pids)))
    answer.close()
    pool.close()


def test_everything_ends_with_the_server_however_that_died(tmp_path):
    log = tmp_path / "log"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    file = graph(tmp_path / "data.nt")
    command = [*SERVE, "--port", str(port), "--workers", "2", "--dataset", str(file)]
    with log.open("wb") as output:
        main = subprocess.Popen(command, stdout=output, stderr=output)
    served = Served(f"http://127.0.0.1:{port}", main.pid, log)
    try:
        assert until(lambda: up(served))
        runaway = threading.Thread(target=lambda: quietly(lambda: served.ask(RUNAWAYS["cross product"])))
        runaway.start()
        assert until(lambda: b'"busy":1' in served.get("/health")[2].replace(b" ", b""))
        everyone = served.processes()
        assert len(everyone) == 5  # the server, its holder, two workers and the spare one
        main.kill()
        assert until(lambda: all(ended(pid) for pid in everyone - {main.pid}))
        runaway.join()
    finally:
        main.kill()
        main.wait()


def up(served):
    try:
        return served.get("/health", 2)[0] == 200
    except OSError:
        return False


def quietly(call):
    try:
        call()
    except OSError:
        return


def children(parent):
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == parent:
                found.append(int(entry.name))
    return found


# Releases and health


def test_health_counts_and_says_what_is_wrong(tmp_path):
    publish(tmp_path, "1.0.0", "old")
    releases = Releases(Limits(workers=2, queue=2), folder=tmp_path)
    try:
        assert releases.state() == {
            "status": "ok", "release": "1.0.0", "quads": 1, "workers": 2, "busy": 0, "long": 0, "waiting": 0,
        }  # fmt: skip
        name_current(tmp_path, "2.0.0")
        assert until(lambda: releases.fault != "")
        assert releases.state()["status"] == "ok"
        assert "2.0.0: the release is incomplete" in releases.state()["fault"]
        publish(tmp_path, "2.0.0", "new", "newer")
        assert until(lambda: releases.current.name == "2.0.0")
        assert "fault" not in releases.state()
    finally:
        releases.close()


def test_health_is_503_when_no_worker_lives_and_200_when_all_are_busy(tmp_path):
    file = graph(tmp_path / "data.nt")
    releases = Releases(Limits(workers=1, queue=4), files=[file])
    client = create_app(releases).test_client()
    try:
        pool = releases.current.pool
        answer = pool.ask(Question(query=RUNAWAYS["cross product"], format="csv"), time.monotonic() + 60)
        waiting = [threading.Thread(target=ask, args=(pool, "ASK {}"), kwargs={"form": "tsv"}) for _ in range(3)]
        for thread in waiting:
            thread.start()
        assert until(lambda: client.get("/health").json["waiting"] == 3)
        assert (client.get("/health").status_code, client.get("/health").json["status"]) == (200, "ok")
        answer.close()
        for thread in waiting:
            thread.join()
        file.unlink()
        pool._control._process.kill()
        assert until(lambda: client.get("/health").status_code == 503)
        assert until(lambda: "data.nt" in client.get("/health").json.get("fault", ""))
        assert client.get("/health").json["status"] == "broken"
        graph(file)
        assert until(lambda: client.get("/health").status_code == 200)
    finally:
        releases.close()


@pytest.mark.parametrize("what", ["folder", "pipe", "bytes", "nothing", "path", "up", "nul", "gone", "endless"])
def test_the_watcher_survives_whatever_stands_in_place_of_current(tmp_path, what):
    publish(tmp_path, "1.0.0", "old")
    current = tmp_path / "CURRENT"
    releases = Releases(Limits(workers=1), folder=tmp_path)
    try:
        current.unlink()
        if what == "folder":
            current.mkdir()
        elif what == "pipe":
            os.mkfifo(current)
        elif what == "endless":
            current.symlink_to("/dev/zero")
        elif what != "gone":
            texts = {"bytes": b"\xff\xfe1", "nothing": b"", "path": b"/etc", "up": b"..", "nul": b"1.0\0.0"}
            current.write_bytes(texts[what])
        assert until(lambda: releases.fault != "")
        assert "CURRENT" in releases.fault
        assert releases.state()["status"] == "ok"
        current.rmdir() if what == "folder" else current.unlink(missing_ok=True)
        publish(tmp_path, "1.1.0", "new")
        assert until(lambda: releases.current.name == "1.1.0")
        assert releases.fault == ""
    finally:
        releases.close()


def test_the_watcher_survives_a_lack_of_descriptors(tmp_path):
    publish(tmp_path, "1.0.0", "old")
    releases = Releases(Limits(workers=1), folder=tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        publish(tmp_path, "1.1.0", "new")
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        releases.refresh()
        assert "Too many open files" in releases.fault
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert until(lambda: releases.current.name == "1.1.0")
        assert releases._watcher.is_alive()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        releases.close()


def test_a_release_that_cannot_be_loaded_is_logged_once(tmp_path, caplog):
    publish(tmp_path, "1.0.0", "old")
    releases = Releases(Limits(workers=1), folder=tmp_path)
    try:
        publish(tmp_path, "2.0.0", "new")
        (tmp_path / "2.0.0" / "store" / "CURRENT").unlink()
        assert until(lambda: releases.fault != "")
        time.sleep(1.2)
        said = [record.getMessage() for record in caplog.records if record.name == "kzus_graph.releases"]
        assert len(said) == 1
        assert "2.0.0" in said[0]
        assert "1.0.0 remains in use" in said[0]
    finally:
        releases.close()


# Stores


@pytest.mark.parametrize("part", ["MANIFEST-*", "*.sst", "CURRENT"])
@pytest.mark.parametrize("harm", ["cut", "gone"])
def test_an_unreadable_store_is_never_served_as_an_empty_one(tmp_path, part, harm):
    store = publish(tmp_path, "1.0.0", *map(str, range(100))) / "store"
    file = next(store.glob(part))
    if harm == "cut":
        os.truncate(file, file.stat().st_size // 2)
    else:
        file.unlink()
    with pytest.raises(Unloadable, match=r"1\.0\.0"):
        Releases(Limits(workers=1), folder=tmp_path)
    with pytest.raises(Unloadable, match="store"):
        Pool([store], workers=1)


def test_a_store_with_fewer_quads_than_its_manifest_says_is_not_served(tmp_path):
    describe(publish(tmp_path, "1.0.0", "one", "two"), quads=3)
    with pytest.raises(Unloadable, match="2 statements, but there should be 3"):
        Releases(Limits(workers=1), folder=tmp_path)


def test_a_folder_that_is_no_store_is_refused(tmp_path):
    (tmp_path / "store").mkdir()
    with pytest.raises(Unloadable, match="store"):
        Pool([tmp_path / "store"], workers=1)
