"""Other endpoints, on loopback: one that answers real SPARQL from its own data, and one that behaves as it is told."""

import contextlib
import http.server
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pyoxigraph as ox

JSON = "application/sparql-results+json"


class Endpoint:
    """A SPARQL endpoint over RDF files or Turtle; it remembers what it was asked."""

    def __init__(self, *data: Path | str) -> None:
        self.asked: list[str] = []
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.store = ox.Store()
        for source in data:
            text = source.read_text("utf-8") if isinstance(source, Path) else source
            self.store.load(text, format=ox.RdfFormat.TURTLE)
        standin = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                standin.requests.append((self.path, dict(self.headers)))
                standin.asked.append(form["query"][0])
                try:
                    found = standin.store.query(form["query"][0])
                    body = found.serialize(format=ox.QueryResultsFormat.JSON) or b""
                    self.send_response(200)
                    self.send_header("Content-Type", JSON)
                except SyntaxError as error:
                    body = str(error).encode()
                    self.send_response(400)
                    self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/sparql"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@contextlib.contextmanager
def endpoint(*data: Path | str) -> Iterator[Endpoint]:
    """Serve data until the block is left."""
    served = Endpoint(*data)
    try:
        yield served
    finally:
        served.close()


Behaviour = Callable[[socket.socket, bytes], None]


class Rogue:
    """A server that reads a request and then does to the connection whatever ``behave`` says."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.behave: Behaviour = lambda *_: None
        self.over = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.threads: list[threading.Thread] = []
        self.accepting = threading.Thread(target=self._accept)
        self.accepting.start()

    def _accept(self) -> None:
        while True:
            connection, _ = self.listener.accept()
            if self.over.is_set():
                connection.close()
                return
            thread = threading.Thread(target=self._talk, args=(connection,))
            thread.start()
            self.threads.append(thread)

    def _talk(self, connection: socket.socket) -> None:
        # Whoever asked may hang up at any time: that is what these tests want.
        with connection, contextlib.suppress(OSError):
            request = _request(connection)
            self.asked.append(request)
            self.behave(connection, request)

    def close(self) -> None:
        self.over.set()
        socket.create_connection(("127.0.0.1", self.port)).close()
        self.accepting.join()
        self.listener.close()
        for thread in self.threads:
            thread.join()


def _request(connection: socket.socket) -> bytes:
    data = b""
    # A TLS greeting has no end of that kind.
    while b"\r\n\r\n" not in data and not data.startswith(b"\x16") and (more := connection.recv(65536)):
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length and (more := connection.recv(65536)):
        body += more
    return head + b"\r\n\r\n" + body


def says(body: bytes = b"", status: str = "200 OK", length: int | None = None, **headers: str) -> Behaviour:
    """Answer like this; an underscore in the name of a header stands for a hyphen, and Content-Length may lie."""

    def behave(connection: socket.socket, _: bytes) -> None:
        named = {"Content-Type": JSON, "Content-Length": str(len(body) if length is None else length)}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value)
        connection.sendall(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode("latin-1") + body)

    return behave


def sends(data: bytes) -> Behaviour:
    """Send just these bytes and hang up."""
    return lambda connection, _: connection.sendall(data)
