"""The main job, as a person does it: ``kzus-graph serve`` in a folder, then a question over HTTP."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.error import URLError
from urllib.request import Request

import pytest
from click.testing import CliRunner

from kzus_graph.cli.serve import export
from kzus_graph.releases import publication
from tests.conftest import copy_small_root
from tests.serving import Served, fetch


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server started where there is no release yet, with the paths that its options have by default."""
    folder = tmp_path_factory.mktemp("served")
    copy_small_root(folder / "root")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "kzus_graph", "serve", "--root", "root", "--port", str(port), "--access-log"]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
    server = Served(f"http://127.0.0.1:{port}", process.pid, folder / "server.log")
    try:
        for _ in range(600):
            assert process.poll() is None, server.log.read_text()
            try:
                fetch(Request(f"{server.url}/health"))
                break
            except URLError:
                time.sleep(0.1)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def test_serve_builds_and_answers_a_question(served: Served) -> None:
    status, headers, body = served.ask(
        "PREFIX dip: <https://w3id.org/kzus/ontology#> SELECT ?from { ?v a dip:Visit ; dip:notBefore ?from }",
        Accept="text/csv",
    )
    assert (status, headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert body == b"from\r\n1901-05-02\r\n"


def test_serve_hands_out_the_files_of_a_release_in_a_relative_folder(served: Served) -> None:
    release = publication.current(served.log.parent / "release")
    assert release
    status, _, body = served.get("/dumps/kzus-graph-all.ttl")
    assert status == 200
    assert body == (release / "dumps" / "kzus-graph-all.ttl").read_bytes()


def test_serve_says_where_it_is_and_logs_who_asked(served: Served) -> None:
    served.get("/health")
    time.sleep(0.2)
    log = served.log.read_text()
    assert f"{served.url}/sparql" in log
    assert "/health" in log or "/sparql" in log


def test_an_export_has_only_languages_that_there_are() -> None:
    told = CliRunner().invoke(export, ["site", "--languages", "en,de"])
    assert told.exit_code == 2 and "'de' must be one of en, kk, ru." in told.output
