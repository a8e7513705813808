"""Files of users that are broken, hostile or not what they seem: one clear line each, within bounds."""

import gzip
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pyoxigraph as ox
import pytest

from kzus_graph.engine.workers import Pool, Unloadable
from kzus_graph.rdf import reading, turtle
from tests.conftest import ROOT
from tests.engine.test_workers import ask, until

DEEP = 300_000
RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">'
    '<rdf:Description rdf:about="http://e/a">{}</rdf:Description></rdf:RDF>'
)
LAUGHS = '<!ENTITY a0 "ha ha ha ha ha ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
STATEMENT = "<http://e/a> <http://e/b> <http://e/c> .\n"
LONG = f'<!ENTITY a "{"x" * 100_000}">'


def xml(entities: str, body: str) -> str:
    """RDF/XML with entities of its own."""
    return f"<!DOCTYPE rdf:RDF [{entities}]>{RDF.format(body)}"


def poison(size: int = 12) -> str:
    """Blank nodes each joined to each: to name them takes for ever."""
    return "".join(f"_:a{i} <http://e/p> _:a{j} .\n" for i in range(size) for j in range(size) if i != j)


TOO_MUCH = {
    "laughs.rdf": (xml(LAUGHS, "<e:p>&a11;</e:p>"), "more memory"),
    "laughs-attribute.rdf": (xml(LAUGHS, '<e:p rdf:resource="&a11;"/>'), "more memory"),
    "quadratic.rdf": (xml(LONG, "<e:p>" + "&a;" * 30_000 + "</e:p>"), "more memory"),
    "many.rdf": (xml(LONG, "".join(f"<e:p>{n}&a;</e:p>" for n in range(10_000))), "as N-Quads it exceeds"),
    "entity-of-entity.rdf": (xml('<!ENTITY a "&b;"><!ENTITY b "&a;">', "<e:p>&a;</e:p>"), "entity"),
    "file-entity.rdf": (xml('<!ENTITY a SYSTEM "file:///etc/passwd">', "<e:p>&a;</e:p>"), "ENTITY"),
    "lists.jsonld": ("[" * DEEP + "]" * DEEP, "line 1, column .*stack size"),
    "objects.jsonld": ('{"http://e/p":' * DEEP + "1" + "}" * DEEP, "line 1, column .*stack size"),
    "context.jsonld": ('{"@context":' + "[" * DEEP + "]" * DEEP + "}", "line 1, column .*stack size"),
    "triples.ttl": ("<e:a> <e:b> " + "<<( <e:a> <e:b> " * DEEP + "1" + " )>>" * DEEP + " .", "nested too deeply"),
    "some-triples.ttl": ("<e:a> <e:b> " + "<<( <e:a> <e:b> " * 40 + "1" + " )>>" * 40 + " .", "more than 32 deep"),
    "open.ttl": ('<e:a> <e:b> """' + "x" * 20_000_000, "never closed|quot|end of file"),
    "braces.trig": ("{" * DEEP, "line 1"),
    "formulas.n3": ("<e:a> <e:b> " + "{ <e:b> <e:c> " * DEEP, "line 1"),
}

ODD = {
    "utf16.ttl": (STATEMENT.encode("utf-16"), "UTF-16; save it as UTF-8"),
    "utf16.rdf": (RDF.format("").encode("utf-16"), "UTF-16; save it as UTF-8"),
    "latin.ttl": ('<e:a> <e:b> "é" .'.encode("latin-1"), "line 1, column 14: Invalid UTF-8"),
    "cyrillic.rdf": (
        b'<?xml version="1.0" encoding="windows-1251"?>' + RDF.format("<e:p>Мир</e:p>").encode("cp1251"),
        "Only UTF-8 is supported",
    ),
    "nul.ttl": (b"\0\0\0", "line 1, column 1"),
    "empty.jsonld": (b"", "the file is empty"),
    "empty.rdf": (b"", "the file is empty"),
    "empty.ttl.gz": (gzip.compress(b""), "the file is empty"),
    "nothing.ttl.gz": (b"", "the file is empty"),
    "web-page.rdf": (b"<html><body>404 not found", "XML namespaces are required"),
    "json.ttl": (b'{"a": 1}', "line 1, column 1"),
    "crlf.ttl": (b"<e:a> <e:b> 1 .\r\n<e:a> <e:b> .\r\n", r"line 2, column 13: \. is not a valid RDF object"),
    "plain.ttl.gz": (STATEMENT.encode(), "not a whole gzip file"),
    "cut.ttl.gz": (gzip.compress(STATEMENT.encode() * 5000, 0)[:-2000], "not a whole gzip file"),
    "cut-at-its-end.ttl.gz": (gzip.compress(STATEMENT.encode() * 5000)[:-8], "not a whole gzip file"),
    "spoilt.ttl.gz": (gzip.compress(STATEMENT.encode(), 0)[:-8] + bytes(8), "not a whole gzip file"),
    "data.csv": (b"a,b\n", "unknown kind of file"),
    "data.gz": (gzip.compress(STATEMENT.encode()), "unknown kind of file"),
    "noextension": (STATEMENT.encode(), "unknown kind of file"),
}


def refused(path: Path, words: str) -> None:
    """Both ways of reading say the one line, which names the file."""
    for labelled in (False, True):
        with (
            pytest.raises(reading.Unreadable, match=words) as caught,
            reading.statements(path, labelled=labelled) as file,
        ):
            while file.read(1 << 20):
                pass
        said = str(caught.value)
        assert said.startswith(str(path)), said
        assert "\n" not in said
        assert len(said) < 500
    with pytest.raises(Unloadable, match=words):
        Pool([path], workers=1)


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_takes_too_much_is_one_line(tmp_path, name):
    text, words = TOO_MUCH[name]
    (tmp_path / name).write_text(text)
    refused(tmp_path / name, words)


@pytest.mark.parametrize("name", ODD)
def test_what_is_not_what_it_seems_is_one_line(tmp_path, name):
    data, words = ODD[name]
    (tmp_path / name).write_bytes(data)
    refused(tmp_path / name, words)


def test_what_unpacks_without_end_is_one_line(tmp_path):
    (tmp_path / "bomb.ttl.gz").write_bytes(gzip.compress(b"#%b\n" % (b"x" * 9998) * 10_000))
    refused(tmp_path / "bomb.ttl.gz", "it unpacks to more than 200 times its size, which is the limit")


def test_time_is_bounded(tmp_path, monkeypatch):
    # Depth costs the XML parser its square.
    body = "<rdf:Description><e:p>" * 60_000 + "</e:p></rdf:Description>" * 60_000
    (tmp_path / "deep.rdf").write_text(RDF.format(f"<e:p>{body}</e:p>"))
    (tmp_path / "poison.nt").write_text(poison())
    start = "from kzus_graph.rdf import reading; reading.SECONDS = 1; reading.SECONDS_MIB = 0; "
    monkeypatch.setattr(reading, "_START", f"{start}import sys; reading.main(sys.argv[1:])")
    for name in ("deep.rdf", "poison.nt"):
        with pytest.raises(
            reading.Unreadable, match=rf"{name}: reading it takes more (processor time|memory) than a file of its"
        ):
            reading.quads(tmp_path / name)
    # Without names for its nodes there is nothing hard about it.
    pool = Pool([tmp_path / "poison.nt"], workers=1)
    pool.close()
    assert pool.quads == 132


@pytest.mark.parametrize("what", ["pipe", "endless", "missing", "folder", "unreadable", "socket"])
def test_what_is_no_file_is_refused_at_once(tmp_path, what):
    path = tmp_path / "data.ttl"
    if what == "pipe":
        os.mkfifo(path)
    elif what == "endless":
        path.symlink_to("/dev/zero")
    elif what == "folder":
        path.mkdir()
    elif what == "unreadable":
        path.symlink_to(path)
    elif what == "socket":
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(path))
    words = {"missing": "No such file", "unreadable": "symbolic links", "folder": "CURRENT|nothing"}
    refused(path, words.get(what, "not a regular file"))


def test_a_remote_context_opens_no_connection(tmp_path):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(0.2)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/context.jsonld"
        path = tmp_path / "remote.jsonld"
        path.write_text(f'{{"@context": "{address}", "name": "x"}}')
        refused(path, "@context is a remote document, which is not fetched")
        with pytest.raises(TimeoutError):
            listening.accept()


@pytest.mark.parametrize("name", ["data.ttl", "data.ttl.gz"])
def test_a_byte_order_mark_and_line_ends_of_windows_are_passed_over(tmp_path, name):
    data = b"\xef\xbb\xbf" + STATEMENT.replace("\n", "\r\n").encode() + b"# \xd0\x9c\r\n"
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    expected = [ox.Quad(*(ox.NamedNode(f"http://e/{letter}") for letter in "abc"))]
    assert reading.quads(tmp_path / name) == expected
    pool = Pool([tmp_path / name], workers=1)
    try:
        assert ask(pool, "SELECT ?c { <http://e/a> <http://e/b> ?c }") == (b"c\r\nhttp://e/c\r\n", 1)
    finally:
        pool.close()


@pytest.mark.parametrize("extension", sorted(turtle.FORMATS))
def test_both_ways_of_reading_give_the_same(tmp_path, extension):
    form = turtle.FORMATS[extension]
    node = ox.NamedNode("http://e/a")
    terms = [
        ox.Literal("x\ry\n", language="en"),
        ox.Literal("01", datatype=ox.NamedNode("http://e/t")),
        ox.BlankNode("b"),
    ]
    triples = [ox.Triple(node, node, term) for term in terms]
    path = tmp_path / f"data.{extension}"
    path.write_bytes(ox.serialize(triples, format=form))
    assert set(reading.quads(path)) == set(turtle.parse(path))
    assert len(reading.quads(path)) == 3


@pytest.mark.parametrize("name", ["empty.ttl", "empty.nq", "remarks.trig"])
def test_nothing_is_a_graph_of_nothing_where_the_format_says_so(tmp_path, name):
    (tmp_path / name).write_text("# nothing\n" if name.startswith("remarks") else "")
    assert reading.quads(tmp_path / name) == []
    pool = Pool([tmp_path / name], workers=1)
    pool.close()
    assert pool.quads == 0


def test_deep_but_flat_is_read(tmp_path):
    (tmp_path / "list.ttl").write_text("<e:a> <e:b> " + "(" * 100_000 + ")" * 100_000 + " .")
    pool = Pool([tmp_path / "list.ttl"], workers=1)
    pool.close()
    assert pool.quads == 199_999


def test_the_reader_ends_with_whoever_started_it(tmp_path):
    (tmp_path / "poison.nt").write_text(poison())
    program = "import sys; from pathlib import Path; from kzus_graph.rdf.reading import quads; quads(Path(sys.argv[1]))"
    parent = subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "poison.nt")])
    mark = f"labelled\0{tmp_path}/poison.nt".encode()
    try:
        assert until(lambda: running(mark))
    finally:
        parent.kill()
        parent.wait()
    assert until(lambda: not running(mark))


def running(mark: bytes) -> bool:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if mark in (entry / "cmdline").read_bytes():
                    return True
            except OSError:
                continue
    return False


@pytest.mark.parametrize("command", ["serve", "check", "suggest"])
@pytest.mark.parametrize("name", ["laughs.rdf", "triples.ttl", "lists.jsonld", "cut.ttl.gz", "utf16.ttl", "pipe.ttl"])
def test_the_command_line_says_one_line_and_fails(tmp_path, small_release, command, name):
    path = tmp_path / name
    if name == "pipe.ttl":
        os.mkfifo(path)
    elif name in TOO_MUCH:
        path.write_text(TOO_MUCH[name][0])
    else:
        path.write_bytes(ODD[name][0])
    root, out = small_release.parent.parent / "root", small_release.parent
    arguments = {
        "serve": ["serve", "--root", root, "--port", "1", "--dataset", path],
        "check": ["check", "--root", root, path],
        "suggest": ["links", "suggest", "--root", root, "--release", out, "--file", path],
    }[command]
    program = [sys.executable, "-m", "kzus_graph", *map(str, arguments)]
    done = subprocess.run(program, capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "panicked" not in done.stderr
    # The server's library says there that its process ended.
    assert done.stdout == ""
    said = [line for line in done.stderr.splitlines() if str(path) in line]
    assert len(said) == 1
    assert said[0].startswith("kzus-graph: ")


def test_an_output_that_grows_is_cut_off_early(tmp_path):
    path = tmp_path / "many.rdf"
    path.write_text(TOO_MUCH["many.rdf"][0])
    passed = 0
    with pytest.raises(reading.Unreadable, match="grows"), reading.statements(path) as file:
        while data := file.read(1 << 20):
            passed += len(data)
    assert passed <= reading.OUTPUT + reading.OUTPUT_BYTE * path.stat().st_size


def test_two_can_read_at_once(tmp_path):
    (tmp_path / "data.ttl").write_text(STATEMENT)
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(len(reading.quads(tmp_path / "data.ttl")))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1, 1]
