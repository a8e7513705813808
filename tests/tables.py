"""A root with the tables of the fictional chronicle, and the command that imports them."""

import shutil
from pathlib import Path

from click.testing import CliRunner, Result

from kzus_graph.cli import main
from tests.conftest import FIXTURES

CHRONICLE = FIXTURES / "tables"


def add_tables(root: Path) -> Path:
    """Return the folder of *root* with the chronicle's tables and metadata in it."""
    return Path(shutil.copytree(CHRONICLE, root / "data" / "tables"))


def run_import(root: Path, *arguments: str | Path) -> Result:
    """Return what the command printed when it imported the chronicle, or what *arguments* name."""
    given = [str(argument) for argument in arguments]
    if not any(argument.endswith(".csv") for argument in given):
        given.append(str(root / "data" / "tables" / "chronicle.csv"))
    return CliRunner().invoke(main, ["import", "--root", str(root), *given])


def edit(path: Path, old: str, new: str) -> None:
    """Put *new* in the place of *old* in the file *path*, where it must stand once."""
    text = path.read_bytes().decode()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_bytes(text.replace(old, new).encode())
