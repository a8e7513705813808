"""Dumps: a data set of lines in each of the six formats, the same bytes for the same graphs."""

import gzip
import shutil
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kzus_graph import longturtle, ntriples, writing
from kzus_graph.ntriples import Lines, NamedLines
from kzus_graph.turtle import FORMATS
from kzus_graph.vocab import PREFIXES

SOURCES: Final = {"trig": "nq", "rdf": "nt", "jsonld": "nt"}
"""Formats that pyoxigraph writes, and the dump beside them that it reads for it."""
LEVEL: Final = 6
"""Of compression. Level 9 takes twice as long and saves 1 to 3 %, level 4 takes two thirds and adds 12 to 17 %."""


def write(path: Path, default: Lines, named: NamedLines, heading: str = "") -> None:
    """Write the data set to *path*, in the format of its extension; a Turtle file begins with the *heading*.

    Triple formats, and JSON-LD, carry the default graph alone. N-Triples and N-Quads are the lines; Turtle is that of
    longturtle; the others are written by pyoxigraph in the order of the lines, from the file of SOURCES beside *path*,
    which must be there. Raises writing.Unwritable.
    """
    extension = path.suffix.removeprefix(".")
    with path.open("wb") as file:
        if extension == "ttl":
            file.write(heading.encode())
            file.writelines(block.encode() for block in longturtle.written(default))
        elif extension == "nt":
            file.writelines(map(str.encode, default))
        elif extension == "nq":
            file.writelines(map(str.encode, _quads(default, named)))
        else:
            source = SOURCES[extension]
            quads = ox.parse(path=path.with_suffix(f".{source}"), format=FORMATS[source])
            given = quads if extension == "trig" else (quad.triple for quad in quads)
            writing.graph(given, file, FORMATS[extension], PREFIXES)


def pack(path: Path) -> Path:
    """Return a gzip file that is written beside *path*; it holds no time and no name, so that its bytes stay."""
    packed_path = path.with_name(path.name + ".gz")
    with (
        path.open("rb") as plain,
        packed_path.open("wb") as file,
        gzip.GzipFile("", "wb", LEVEL, file, mtime=0) as packed,
    ):
        shutil.copyfileobj(plain, packed, 1 << 20)
    return packed_path


def _quads(default: Lines, named: NamedLines) -> Iterator[str]:
    """Yield the data set as lines of N-Quads, the default graph first, then the named graphs by name."""
    return chain(default, *(ntriples.n_quads(named[name], name) for name in sorted(named)))
