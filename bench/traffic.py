"""A small HTTP load generator: many keep-alive connections in one thread, closed loop or at a fixed rate."""

import heapq
import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit


def request(url: str, query: str, accept: str = "application/sparql-results+json", extra: str = "") -> bytes:
    """The bytes of a GET that asks a query."""
    parts = urlsplit(url)
    return (
        f"GET {parts.path}?query={quote(query, safe='')}{extra} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        f"Accept: {accept}\r\nUser-Agent: bench\r\n\r\n"
    ).encode()


@dataclass
class Tally:
    """What came back: seconds per answer and how many of each status (0: a broken connection)."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    elapsed: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.seconds) / self.elapsed if self.elapsed else 0.0

    def quantile(self, share: float) -> float:
        """The time within which a share of the answers came, in milliseconds."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class Connection:
    """One keep-alive connection and the answer that is on its way."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.address = address
        self.began = 0.0
        self.open()

    def open(self) -> None:
        """Connect anew."""
        self.socket = socket.create_connection(self.address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reset()

    def _reset(self) -> None:
        self._held = b""
        self._left: int | None = None
        self._status = 0
        self._chunked = False

    def send(self, data: bytes, began: float) -> None:
        """Send a request; ``began`` is when it was due."""
        self.began = began
        self.socket.sendall(data)

    def receive(self) -> int | None:
        """Take what has come; the status once the answer is whole, 0 if it broke off, None while it goes on."""
        try:
            data = self.socket.recv(1 << 18)
        except ConnectionError:
            data = b""
        if not data:
            return 0
        if self._status == 0:
            self._held += data
            end = self._held.find(b"\r\n\r\n")
            if end < 0:
                return None
            head = self._held[:end].lower()
            self._status = int(head[9:12])
            data = self._held[end + 4 :]
            place = head.find(b"content-length:")
            self._chunked = place < 0
            if not self._chunked:
                stop = head.find(b"\r\n", place)
                self._left = int(head[place + 15 : stop if stop > 0 else None])
            self._held = b""
        if self._chunked:
            self._held = (self._held + data)[-7:]
            done = self._held.endswith(b"\r\n0\r\n\r\n")
        else:
            assert self._left is not None
            self._left -= len(data)
            done = self._left <= 0
        if not done:
            return None
        status = self._status
        self._reset()
        return status


def closed_loop(url: str, requests: Iterator[bytes], *, connections: int, seconds: float, most: int = 10**9) -> Tally:
    """Ask as fast as answers come, on each of some connections."""
    parts = urlsplit(url)
    tally = Tally()
    with selectors.DefaultSelector() as selector:
        began = time.perf_counter()
        stop = began + seconds
        busy = 0
        for _ in range(connections):
            connection = Connection((parts.hostname or "", parts.port or 80))
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send(next(requests), time.perf_counter())
            busy += 1
        while busy:
            for key, _ in selector.select(60):
                connection = key.data
                status = connection.receive()
                if status is None:
                    continue
                now = time.perf_counter()
                tally.statuses[status] += 1
                tally.seconds.append(now - connection.began)
                if now < stop and len(tally.seconds) + busy <= most:
                    if status == 0:
                        selector.unregister(connection.socket)
                        connection.socket.close()
                        connection.open()
                        selector.register(connection.socket, selectors.EVENT_READ, connection)
                    connection.send(next(requests), now)
                else:
                    busy -= 1
                    selector.unregister(connection.socket)
                    connection.socket.close()
        tally.elapsed = time.perf_counter() - began
    return tally


def fixed_rate(
    url: str, requests: Iterator[bytes], *, connections: int, rate: float, seconds: float, each: Callable[[], None]
) -> Tally:
    """Ask at a fixed rate; an answer's time counts from when its request was due, so that a stall is not hidden."""
    parts = urlsplit(url)
    tally = Tally()
    with selectors.DefaultSelector() as selector:
        free = [Connection((parts.hostname or "", parts.port or 80)) for _ in range(connections)]
        everyone = list(free)
        for connection in everyone:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        began = time.perf_counter()
        total = int(rate * seconds)
        due = [began + number / rate for number in range(total)]
        heapq.heapify(due)
        while due or len(free) < connections:
            each()
            now = time.perf_counter()
            while due and free and due[0] <= now:
                free.pop().send(next(requests), heapq.heappop(due))
            wait = max(0.0, min(0.05, due[0] - now)) if due and free else 0.05
            for key, _ in selector.select(wait):
                connection = key.data
                status = connection.receive()
                if status is None:
                    continue
                idle = connection in free
                if not idle:
                    tally.statuses[status] += 1
                    tally.seconds.append(time.perf_counter() - connection.began)
                if status == 0:
                    selector.unregister(connection.socket)
                    connection.socket.close()
                    connection.open()
                    selector.register(connection.socket, selectors.EVENT_READ, connection)
                if not idle:
                    # A server may close a connection that was idle for long: that is no answer.
                    free.append(connection)
        tally.elapsed = time.perf_counter() - began
        for connection in everyone:
            connection.socket.close()
    return tally
