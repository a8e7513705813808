"""Dumps: write a data set in each of the six formats. The same graphs always give the same bytes."""

import gzip
import shutil
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kzus_graph.rdf import longturtle, ntriples, writing
from kzus_graph.rdf.ntriples import Lines, NamedLines
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.turtle import FORMATS

SOURCES: Final = {"ttl": "nt", "trig": "nq", "rdf": "nt", "jsonld": "nt"}
"""For each format that is written from another dump, the format of that dump. Writing then needs no graph in memory."""
LEVEL: Final = 6
"""Gzip level. Level 9 takes twice the time and saves 1 to 3 %; level 4 takes two thirds of it and adds 12 to 17 %."""


def write_lines(path: Path, default: Lines, named: NamedLines) -> None:
    """Write *default* and *named* to *path* as N-Quads if *path* ends in ``.nq``, else *default* alone as N-Triples."""
    lines = _quads(default, named) if path.suffix == ".nq" else default
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines)


def write(path: Path, heading: str = "") -> None:
    """Write the dump *path*, in the format of its extension, from the dump in the format that SOURCES gives for it.

    Only TriG has the named graphs; the other formats have the default graph alone. Turtle is written by longturtle,
    after the *heading*; the other formats by pyoxigraph, in the order of the lines. Raises writing.Unwritable.
    """
    extension = path.suffix.removeprefix(".")
    source = path.with_suffix(f".{SOURCES[extension]}")
    with path.open("wb") as file:
        if extension == "ttl":
            file.write(heading.encode())
            with source.open(encoding="utf-8", newline="\n") as lines:
                file.writelines(block.encode() for block in longturtle.written(lines))
        else:
            quads = ox.parse(path=source, format=FORMATS[SOURCES[extension]])
            given = quads if extension == "trig" else (quad.triple for quad in quads)
            writing.graph(given, file, FORMATS[extension], PREFIXES)


def pack(path: Path) -> Path:
    """Compress *path* to a gzip file in the same folder, and return the path of that file.

    The header of the gzip file has no time and no name, so the same content always gives the same bytes.
    """
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
