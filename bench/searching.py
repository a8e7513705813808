"""Searching: the time of one search, and the size of the index, for a release and for many times as many things.

``python -m bench.searching [RELEASES] [THINGS]``: the things of the release are written again, with names in which
each word beside the usual ones has other syllables, until there are THINGS (40,000). Times are processor time.
"""

import csv
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles

import pyoxigraph as ox

from bench.matching import SYLLABLES
from kzus_graph.fulltext import entries, storage
from kzus_graph.fulltext.entries import Entry
from kzus_graph.fulltext.index import SearchIndex
from kzus_graph.rdf.message_catalogues import TermNames
from kzus_graph.releases import publication
from tests.conftest import FIXTURES, ROOT

ROUNDS = 5
HOSTILE = (
    "a" * 1_000_000, "the of and to in", "kazakhstan united states meeting visit president agreement 2010 event",
    '"' * 200, "NEAR(a b) OR * AND NOT", "zzzzzzzzzzzz qqqqqqqq xxxxxxxx kkkkkkkk wwwwwwwww", "a b c d e f g h i j k l",
)  # fmt: skip


def multiplied(found: Sequence[Entry], number: int) -> list[Entry]:
    """Return *found* again and again until there are *number* entries, each time with other rare words in the names."""
    chance = random.Random(1)
    usual = Counter(word for entry in found for name, _ in entry.names for word in set(name.split()))
    made: list[Entry] = list(found)
    while len(made) < number:
        words: dict[str, str] = {}

        def other(word: str, words: dict[str, str] = words) -> str:
            if usual[word] > 20 or not word.isalpha():
                return word
            if word not in words:
                words[word] = "".join(chance.choice(SYLLABLES).lower() for _ in range(chance.randrange(2, 5)))
            return words[word]

        copy = len(made) // len(found)
        for entry in found[: number - len(made)]:
            names = tuple((" ".join(map(other, name.split())), language) for name, language in entry.names)
            made.append(replace(entry, iri=f"{entry.iri}-{copy}", names=names))
    order = {group: place for place, (group, _) in enumerate(entries.GROUPS)}
    return sorted(made, key=lambda entry: (order[entry.group], -entry.used, entry.iri))


def measured(index: SearchIndex, texts: Sequence[str], *, typing: bool = False) -> tuple[list[float], str]:
    """Return the milliseconds that each of *texts* takes, and the one that takes longest."""
    took = {}
    for text in texts:
        times = []
        for _ in range(ROUNDS):
            began = time.process_time()
            index.find(text, typing=typing, most=8 if typing else 50)
            times.append(1000 * (time.process_time() - began))
        took[text] = median(times)
    return list(took.values()), max(took, key=took.__getitem__)[:40]


def main() -> None:
    releases = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "release"
    number = int(sys.argv[2]) if len(sys.argv) > 2 else 40_000
    current = publication.current(releases)
    assert current, f"no release in {releases}"
    names = TermNames((current / publication.WORDS).glob("*.po"))
    found = entries.entries(entries.of_store(ox.Store.read_only(str(current / "store"))), names)
    with (FIXTURES / "searches.csv").open(encoding="utf-8") as file:
        searches = [row["search"] for row in csv.DictReader(file)]
    begun = [text[:length] for text in searches for length in range(2, len(text), 3)]
    with tempfile.TemporaryDirectory() as folder:
        for things in (found, multiplied(found, number)):
            path = Path(folder) / f"{len(things)}.sqlite"
            began = time.process_time()
            storage.write(path, things)
            wrote = time.process_time() - began
            began = time.process_time()
            index = SearchIndex(storage.opened(path))
            opened = 1000 * (time.process_time() - began)
            size = path.stat().st_size / 1e6
            print(f"{len(things):,} things: {size:.1f} MB, written in {wrote:.1f} s, open in {opened:.0f} ms")
            for name, texts in (("searches", searches), ("typing", begun), ("hostile", HOSTILE)):
                took, slowest = measured(index, texts, typing=name == "typing")
                p95 = quantiles(took, n=20)[-1]
                print(f"  {name}: median {median(took):.1f} ms, p95 {p95:.1f}, most {max(took):.1f} ({slowest!r})")


if __name__ == "__main__":
    main()
