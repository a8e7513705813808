"""Writes the answers in the docs anew when the data have changed: ``python -m tests.answers RELEASE`` (a folder)."""

import re
import sys
from pathlib import Path

import pyoxigraph as ox

from tests.conftest import ROOT

ANSWERED = re.compile(r"```sparql\n(.*?)```\n+```csv\n(.*?)```", re.DOTALL)


def answered(text: str, store: ox.Store) -> str:
    """Return a document with the present answer after each query that is followed by one and asks nobody else."""

    def with_answer(found: re.Match[str]) -> str:
        if "SERVICE" in found[1]:
            return found[0]
        rows = store.query(found[1])
        assert isinstance(rows, ox.QuerySolutions)
        answer = (rows.serialize(format=ox.QueryResultsFormat.CSV) or b"").decode().replace("\r\n", "\n")
        return f"```sparql\n{found[1]}```\n```csv\n{answer}```"

    return ANSWERED.sub(with_answer, text)


def main(release: Path) -> None:
    """Write every document of the docs whose answers have changed."""
    store = ox.Store.read_only(str(release / "store"))
    for path in sorted((ROOT / "docs").glob("*.md")):
        before = path.read_text("utf-8")
        after = answered(before, store)
        if after != before:
            path.write_text(after, "utf-8")
            print(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
