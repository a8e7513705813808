"""Read untrusted RDF files in a separate process with limits on time and memory.

A file can break its parser: XML entities can expand without limit, nested triples can overflow the stack, and blank
nodes can be connected so that labelling them never ends. So the parser runs in its own process, which returns N-Quads.
"""

import contextlib
import gzip
import hashlib
import io
import os
import re
import resource
import signal
import stat
import subprocess
import sys
import zlib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Final, cast

import pyoxigraph as ox

from kzus_graph.processes import lifetime

SUFFIXES: Final[dict[str, ox.RdfFormat]] = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".n3": ox.RdfFormat.N3,
    ".trig": ox.RdfFormat.TRIG,
    ".nq": ox.RdfFormat.N_QUADS,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
}
"""The formats of RDF files by file extension; each extension may be followed by .gz."""

_NEVER_EMPTY: Final = (ox.RdfFormat.RDF_XML, ox.RdfFormat.JSON_LD)

# Memory in bytes that reading a file may add to the process: a fixed part, and a part for each byte of the file. A
# byte of a .gz file counts as ten. A parsed statement takes some 400 bytes in memory, and seldom less than 7 in a file.
PACKED: Final = 10
MEMORY: Final = 1 << 30
MEMORY_BYTE: Final = 64
# Processor time in seconds: a fixed part, and a part for each MiB. Half a second for a MiB is usual.
SECONDS: Final = 30
SECONDS_MIB: Final = 4
# How many bytes of N-Quads a file may become: short forms of Turtle become ten to fifty times as long.
OUTPUT: Final = 64 << 20
OUTPUT_BYTE: Final = 100
# How many bytes a .gz file may unpack to: RDF packs to a tenth, seldom to a hundredth.
UNPACKED: Final = 64 << 20
UNPACKED_BYTE: Final = 20
# How deep triples may be nested in triples: code that reads or writes them recurses once for each level.
NESTED: Final = 32


class Unreadable(ValueError):
    """Raised for a file that is invalid or exceeds a limit; the message has the path and, if known, line and column."""


class Bounded(io.RawIOBase):
    """A read-only wrapper of *file* that raises OverflowError when more than *most* bytes have been read."""

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file = file
        self._left = most

    def readable(self) -> bool:
        """Return True: this file object supports reading."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes: at most *size*, at most 1 MiB. Raises OverflowError past the wrapper's limit."""
        data = self._file.read(min(size, 1 << 20) if size >= 0 else 1 << 20)
        self._left -= len(data)
        if self._left < 0:
            raise OverflowError
        return data

    def readinto(self, buffer: Any, /) -> int:
        """Read the next bytes into *buffer*; return how many these are. Parsers that read by line call this."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


@contextlib.contextmanager
def statements(path: Path, *, labelled: bool = False) -> Iterator[IO[bytes]]:
    """Open the statements of *path*, an RDF file or the folder of an Oxigraph store, as a stream of N-Quads.

    The caller must read the stream to its end. With *labelled*, the function *canonical* labels the blank nodes. Raises
    Unreadable, possibly only at the end of the ``with`` block; the statements that the stream gave are then incomplete.
    """
    most = OUTPUT + OUTPUT_BYTE * _weight(path)
    broken: SyntaxError | None = None
    with subprocess.Popen(
        [sys.executable, "-c", _START, str(os.getpid()), "labelled" if labelled else "plain", path],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A long Rust backtrace could fill the pipe of standard error, which is read last.
        env={**os.environ, "RUST_BACKTRACE": "0"},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            yield cast("IO[bytes]", Bounded(process.stdout, most))
        except SyntaxError as error:
            # The parser may have died in the middle of a line; the reason is known when its process has ended.
            broken = error
        except OverflowError:
            raise Unreadable(f"{path}: as N-Quads it exceeds {most >> 20:,} MiB, the limit for its file size") from None
        finally:
            process.stdout.close()
            said = process.stderr.read().decode("utf-8", "replace")
    if process.returncode:
        raise Unreadable(_reason(path, process.returncode, said))
    if broken is not None:
        raise broken


def quads(path: Path) -> list[ox.Quad]:
    """Return the quads of the untrusted file *path*; *canonical* labels the blank nodes. Raises Unreadable."""
    with statements(path, labelled=True) as file:
        return list(ox.parse(cast("Any", file), format=ox.RdfFormat.N_QUADS))


def canonical(quads: list[ox.Quad], prefix: str) -> list[ox.Quad]:
    """Return *quads*, each blank node labelled *prefix* (of the file) and the number in its RDFC-1.0 label."""
    if not any(map(_has_blank_node, quads)):
        return quads
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)

    def label(term: Any) -> Any:
        if isinstance(term, ox.BlankNode):
            return ox.BlankNode(prefix + term.value.removeprefix("c14n").zfill(4))
        if isinstance(term, ox.Triple):
            return ox.Triple(label(term.subject), term.predicate, label(term.object))
        return term

    return [ox.Quad(label(quad.subject), quad.predicate, label(quad.object), quad.graph_name) for quad in dataset]


def _has_blank_node(said: ox.Quad | ox.Triple) -> bool:
    inner = said.object
    return isinstance(said.subject, ox.BlankNode) or (
        _has_blank_node(inner) if isinstance(inner, ox.Triple) else isinstance(inner, ox.BlankNode)
    )


def label_prefix(path: Path, data: bytes) -> str:
    """Return the prefix of all blank node labels of the file *path*: its name and a digest of its bytes, *data*."""
    return re.sub(r"\W", "", path.stem) + hashlib.sha256(data).hexdigest()[:8]


def fault(path: Path, error: SyntaxError) -> str:
    """Return a message about a syntax *error* in *path*: the path, line and column if known, and the reason."""
    reason = re.sub(r"^.*?Parser error at line \d+[^:]*: ", "", str(error.msg))
    if "LoadDocumentCallback" in reason:
        reason = "its @context is a remote document, which is not fetched; copy the context into the file"
    place = f", line {error.lineno}, column {error.offset}" if error.lineno else ""
    return f"{path}{place}: {reason}"


def main(arguments: list[str]) -> None:
    """Write an RDF file as N-Quads to standard output; on failure, write a line to standard error and exit with code 1.

    *arguments* are the parent's process id, ``labelled`` or ``plain``, and the path of the file.
    """
    parent, manner, path = int(arguments[0]), arguments[1], Path(arguments[2])
    lifetime.end_with(parent)
    with contextlib.suppress(BrokenPipeError):
        try:
            _bound(path)
            _write(path, manner == "labelled", sys.stdout.buffer)
            sys.stdout.buffer.flush()
        except SyntaxError as error:
            sys.exit(fault(path, error))
        except Unreadable as error:
            sys.exit(str(error))
        except MemoryError as error:
            sys.exit(f"{path}: {_out_of_memory(error)}")
        except OverflowError:
            sys.exit(f"{path}: it unpacks to more than {PACKED * UNPACKED_BYTE} times its size, which is the limit")
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            sys.exit(f"{path}: not a whole gzip file ({str(error).rstrip('.')})")
        except OSError as error:
            sys.exit(f"{path}: {error.strerror or error}")
        except RuntimeError as error:
            sys.exit(f"{path}: {error}")
        return
    os._exit(1)


def _out_of_memory(error: MemoryError) -> str:
    if "buffer" in str(error):
        return "a term is longer than 16 MiB, or a literal has no closing quotation mark"
    return "reading it takes more memory than a file of its size may use"


def _weight(path: Path) -> int:
    """Return the size in bytes from which the limits for reading *path* follow; each byte of a .gz file counts PACKED.

    Raises Unreadable when *path* is neither a file nor a folder: reading a pipe, for example, might never end.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from None
    if stat.S_ISDIR(found.st_mode):
        return sum(entry.stat().st_size for entry in path.iterdir())
    if not stat.S_ISREG(found.st_mode):
        raise Unreadable(f"{path}: not a regular file; save its content to a regular file first")
    return found.st_size * (PACKED if path.suffix.lower() == ".gz" else 1)


def _bound(path: Path) -> None:
    """Limit the processor time of this process, which reads *path*, and on Linux its address space.

    The address space is not limited if *path* is the folder of an Oxigraph store: only this program writes it, and
    Oxigraph reserves much address space for its threads.
    """
    weight = _weight(path)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    seconds = SECONDS + SECONDS_MIB * weight // (1 << 20)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    if not path.is_dir() and (rest := lifetime.address_space()):
        memory = rest + MEMORY + MEMORY_BYTE * weight
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _write(path: Path, labelled: bool, out: IO[bytes]) -> None:
    if path.is_dir():
        ox.Store.read_only(str(path)).dump(out, format=ox.RdfFormat.N_QUADS)
        return
    plain = Path(path.stem) if path.suffix.lower() == ".gz" else path
    form = SUFFIXES.get(plain.suffix.lower())
    if form is None:
        raise Unreadable(f"{path}: unknown kind of file; its name must end in {' '.join(SUFFIXES)} (.gz may follow)")
    with _opened(path, form) as file:
        found: Iterable[ox.Quad]
        if labelled:
            data = b"".join(iter(lambda: file.read(1 << 20), b""))
            found = canonical(list(_flat(ox.parse(data, format=form), path)), label_prefix(plain, data))
        else:
            found = _flat(ox.parse(cast("Any", file), format=form, base_iri=path.absolute().as_uri()), path)
        ox.serialize(found, out, format=ox.RdfFormat.N_QUADS)


def _flat(quads: Iterable[ox.Quad], path: Path) -> Iterator[ox.Quad]:
    """Yield *quads*, read from *path*. Raises Unreadable for triple terms that are nested more than NESTED deep."""
    for quad in quads:
        term, depth = quad.object, 0
        while isinstance(term, ox.Triple):
            term, depth = term.object, depth + 1
            if depth > NESTED:
                raise Unreadable(f"{path}: triple terms are nested more than {NESTED} deep")
        yield quad


@contextlib.contextmanager
def _opened(path: Path, form: ox.RdfFormat) -> Iterator[IO[bytes]]:
    """Open *path*, a file in the format *form*, after any byte order mark; unpack a .gz file, up to a size limit."""
    packed = path.suffix.lower() == ".gz"
    with gzip.open(path) if packed else path.open("rb") as file:
        start = cast("Any", file).peek(3)[:3]
        if not start and (packed or form in _NEVER_EMPTY):
            # An empty file is valid Turtle, but not XML or JSON; an empty .gz file has most likely been cut off.
            raise Unreadable(f"{path}: the file is empty")
        if start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            raise Unreadable(f"{path}: written in UTF-16; save it as UTF-8")
        if start == BOM_UTF8:
            file.read(3)
        most = UNPACKED + UNPACKED_BYTE * _weight(path) if packed else sys.maxsize
        yield cast("IO[bytes]", Bounded(cast("IO[bytes]", file), most))


def _reason(path: Path, status: int, said: str) -> str:
    """Return why the process that read *path* failed, from its exit *status* and *said*, its output on stderr."""
    if status > 0:
        return said.strip().splitlines()[-1] if said.strip() else f"{path}: reading it failed without a message"
    if status == -signal.SIGXCPU:
        return f"{path}: reading it takes more processor time than a file of its size may use"
    if status == -signal.SIGABRT and "memory allocation" in said:
        return f"{path}: {_out_of_memory(MemoryError())}"
    if status == -signal.SIGSEGV:
        return f"{path}: it is nested too deeply to be read"
    if status == -signal.SIGKILL:
        return f"{path}: the process that reads it was ended by SIGKILL; the system may be short of memory"
    return f"{path}: the parser crashed while reading it ({signal.Signals(-status).name})"


_START: Final = "import sys; from kzus_graph.rdf.reading import main; main(sys.argv[1:])"
