"""The main loop of a worker process: it reads one query at a time from a socket and sends the answer back in frames.

A frame is a header (a letter for its kind, and the length of its body) and a body.
"""

import io
import json
import resource
import socket
import struct
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any, Final, NamedTuple, cast

import pyoxigraph as ox

from kzus_graph.engine import calendars, listing, maps, tables
from kzus_graph.engine.results import RowCount
from kzus_graph.rdf import writing
from kzus_graph.rdf.formats import FORMATS

HEADER: Final = struct.Struct(">cI")
DATA: Final = b"D"
END: Final = b"E"
FAILURE: Final = b"X"
QUESTION: Final = b"Q"
CHUNK: Final = 64 * 1024
# The most bytes in a frame's body: it is less than two chunks, or a message cut to MESSAGE characters.
LARGEST_FRAME: Final = 4 * CHUNK
MESSAGE: Final = 16 * 1024

# Writers for the formats of rows that the engine itself can't write.
WRITERS: Final[dict[str, Callable[[tables.Solutions], Iterator[str]]]] = {
    "geojson": maps.geojson,
}
_FORMATS: Final = {form.name: form for form in FORMATS}


class Question(NamedTuple):
    """A query with all the options that a worker process needs to evaluate it.

    *format* is the name of the answer's format. *star* is the offset of the ``*`` in ``SELECT *``, if any; *variables*
    are the query's variables in the order in which the query first names them. *seconds* limits the processor time.
    *prefixes* are declared in an answer that is an RDF graph.
    """

    query: str
    format: str
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    star: int | None = None
    variables: tuple[str, ...] = ()
    max_rows: int | None = None
    seconds: float = 10.0
    base: str | None = None
    prefixes: dict[str, str] | None = None
    # The parts of the HTML page around the rows.
    frame: tuple[str, ...] = ()

    def encode(self) -> bytes:
        """Return the query and its options as one frame: a header with the length of the JSON text, then that text."""
        body = json.dumps(self._asdict(), ensure_ascii=False).encode("utf-8", "surrogatepass")
        return HEADER.pack(QUESTION, len(body)) + body


class RowLimitReached(Exception):
    """The answer has more rows than ``max_rows``, the limit set for this query."""


class Frames(io.RawIOBase):
    """A writable file that sends the written bytes over a socket, in frames (header, body), and counts their rows."""

    def __init__(self, connection: socket.socket, count: RowCount, max_rows: int | None) -> None:
        self._connection = connection
        self._count = count
        self._max_rows = max_rows
        self._held: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        """Return True: the file is only for writing."""
        return True

    def write(self, chunk: Any, /) -> int:
        """Buffer the bytes *chunk*, send a frame whenever the buffer is full, and return the length of *chunk*.

        Raises RowLimitReached if the answer now has more rows than its limit.
        """
        data = bytes(chunk)
        self._count(data)
        if self._max_rows is not None and self._count.rows > self._max_rows:
            raise RowLimitReached
        # A single term may be as large as the memory of a worker; small frames keep the reader's memory small.
        for start in range(0, len(data), CHUNK):
            part = data[start : start + CHUNK]
            self._held.append(part)
            self._size += len(part)
            if self._size >= CHUNK:
                self._connection.sendall(self._frame())
        return len(data)

    def end(self, outcome: dict[str, Any]) -> None:
        """Send the bytes that are still buffered, then the frame that ends the answer, with *outcome* as JSON."""
        body = json.dumps(outcome).encode()
        rest = self._frame() if self._size else b""
        self._connection.sendall(rest + HEADER.pack(END, len(body)) + body)

    def _frame(self) -> bytes:
        frame = b"".join((HEADER.pack(DATA, self._size), *self._held))
        self._held.clear()
        self._size = 0
        return frame


def work(store: ox.Store, connection: socket.socket) -> None:
    """Evaluate the queries that arrive on *connection*, one by one, and send the answers, until the socket closes."""
    while body := _question(connection):
        asked = json.loads(body)
        _bound_processor_time(asked["seconds"])
        try:
            _answer(store, asked, connection)
        except RowLimitReached:
            _fail(connection, "rows", f"more than {asked['max_rows']} rows")
        except SyntaxError as error:
            _fail(connection, "syntax", str(error))
        except MemoryError:
            _fail(connection, "memory", "the query needed more memory than one query may use; make it more specific")
        except OSError as error:
            _fail(connection, "outside", str(error))
        except (tables.ColumnsMissing, writing.Unwritable) as error:
            _fail(connection, "columns", str(error))
        except (ValueError, RuntimeError) as error:
            _fail(connection, "evaluation", str(error))


def _question(connection: socket.socket) -> bytes:
    header = _exactly(connection, HEADER.size)
    return _exactly(connection, HEADER.unpack(header)[1]) if header else b""


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size and (more := connection.recv(min(size - len(data), 1 << 20))):
        data += more
    return bytes(data) if len(data) == size else b""


def _used() -> float:
    """Return the processor seconds that this process has spent so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _bound_processor_time(seconds: float) -> None:
    """Make the kernel end this process after *seconds* + 5 more seconds of processor time, even without a server."""
    limit, most = int(_used() + seconds) + 5, resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (limit if most == resource.RLIM_INFINITY else min(limit, most), most))


def _fail(connection: socket.socket, kind: str, message: str) -> None:
    body = json.dumps({"kind": kind, "message": message[:MESSAGE], "used": _used()}).encode()
    connection.sendall(HEADER.pack(FAILURE, len(body)) + body)


def _answer(store: ox.Store, asked: dict[str, Any], connection: socket.socket) -> None:
    form = _FORMATS[asked["format"]]
    count = RowCount(form.name)
    frames = Frames(connection, count, asked["max_rows"])
    file = cast(IO[bytes], frames)
    results = _evaluate(store, asked["query"], asked)
    if isinstance(results, ox.QuerySolutions) and asked["star"] is not None:
        results = _in_order(store, asked, results)
    if isinstance(results, ox.QueryTriples):
        assert isinstance(form.engine, ox.RdfFormat)
        triples: Iterable[ox.Triple] = results
        if asked["max_rows"] is not None:
            triples = _counted(results, count, asked["max_rows"])
        writing.graph(triples, file, form.engine, asked["prefixes"])
    elif form.name == "html":
        for text in listing.html(results, listing.StoreLabels(store), listing.Frame(*asked["frame"])):
            frames.write(text.encode("utf-8", "replace"))
    elif form.name == "icalendar":
        for text in calendars.calendar(results, listing.StoreLabels(store).of):
            frames.write(text.encode("utf-8", "replace"))
    elif form.engine is None:
        for text in WRITERS[form.name](results):
            frames.write(text.encode("utf-8", "replace"))
    else:
        assert isinstance(form.engine, ox.QueryResultsFormat)
        writing.solutions(results, file, form.engine)
    frames.end({"rows": count.rows, "used": _used()})


def _evaluate(
    store: ox.Store, query: str, asked: dict[str, Any]
) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    dataset: dict[str, Any] = {}
    if asked["default_graphs"] is not None:
        dataset["default_graph"] = [ox.NamedNode(graph) for graph in asked["default_graphs"]]
        dataset["named_graphs"] = [ox.NamedNode(graph) for graph in asked["named_graphs"]]
    return store.query(query, base_iri=asked["base"], **dataset)


def _in_order(store: ox.Store, asked: dict[str, Any], results: ox.QuerySolutions) -> ox.QuerySolutions:
    """Return the results of a ``SELECT *`` query with the columns in the order in which the query names the variables.

    *results* have the columns sorted by name, as the query engine does. If that is another order, the query is run
    again with the variables in place of the ``*``. *asked* is the query with its options.
    """
    place = {name: number for number, name in enumerate(asked["variables"])}
    names = [variable.value for variable in results.variables]
    wanted = sorted(names, key=lambda name: place.get(name, len(place)))
    if wanted == names:
        return results
    query, star = asked["query"], asked["star"]
    listed = query[:star] + " ".join(f"?{name}" for name in wanted) + " " + query[star + 1 :]
    ordered = _evaluate(store, listed, asked)
    assert isinstance(ordered, ox.QuerySolutions)
    return ordered


def _counted(triples: Iterable[ox.Triple], count: RowCount, limit: int) -> Iterator[ox.Triple]:
    for number, triple in enumerate(triples):
        if number >= limit:
            raise RowLimitReached
        yield triple
