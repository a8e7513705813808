"""Matching names: how many are found in other writings, beside plain rapidfuzz; what constants are good for; speed.

``python -m bench.matching [--ablation] [RELEASES]``. The names are those of the release, written otherwise by rule
(``tests/variants.py``), those of the tables of messy names in ``tests/fixtures``, and names of what isn't in the graph:
persons of ours crossed, large cities, countries, and the chiefs of mission of the world where that table is beside the
checkout. For the speed, names are made up of syllables, always the same; a tenth of the queries has a slip.
"""

import csv
import random
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rapidfuzz import fuzz, process, utils

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.links import alignment, matching, name_forms, near_words
from kzus_graph.links.matching import CERTAIN, CLEAR, Candidate, NameIndex, taken
from kzus_graph.links.name_forms import Named
from kzus_graph.rdf.prefixes import BASE, PREFIXES
from kzus_graph.web.application import create_app
from kzus_graph.web.linking.entity_index import entity_index_of
from tests import variants
from tests.conftest import FIXTURES, SHARED
from tests.variants import Written

SYLLABLES = re.findall("[A-Z][a-z]*", "NaZarBaYevTokAYanKasSymJoMartErLanIdRisSovBakYtZhanOlZhasSuLeiMenOv")
QUERIES = 200
Finder = Callable[[Written], list[Candidate]]
WITHOUT = (
    (matching, "CERTAIN", 85.0), (matching, "CERTAIN", 95.0), (matching, "CLEAR", 0.0), (matching, "CLEAR", 10.0),
    (matching, "WORTH_SHOWING", 0.0), (matching, "LITTLE", 1.0), (matching, "EXTRA", 1.0), (matching, "CLASH", 1.0),
    (matching, "SHARED", 0.0), (near_words, "NEAR", 0.9), (matching, "COMPARED", 10), (matching, "COMPARED", 1_000),
    (name_forms, "QUALIFIED", 1.0), (alignment, "INITIAL", 1.0), (alignment, "ACRONYM", 1.0),
    (alignment, "GENDER", 0.87), (alignment, "SHORT_EDIT", 1.0), (alignment, "STRANGE", 0.0),
)  # fmt: skip
"""Constants, each with a value that takes its effect away, or halves or doubles it where it has no such value."""


def made(count: int, chance: random.Random) -> list[str]:
    """Return names of two words, no two alike."""

    def word() -> str:
        return "".join(chance.choice(SYLLABLES).lower() for _ in range(chance.randrange(2, 5))).capitalize()

    names: set[str] = set()
    while len(names) < count:
        names.add(f"{word()} {word()}")
    return sorted(names)


def slipped(name: str, chance: random.Random) -> str:
    """Return *name*, its words swapped; one in ten with a letter less."""
    swapped = " ".join(reversed(name.split()))
    if chance.random() < 0.1:
        place = chance.randrange(1, len(swapped) - 1)
        swapped = swapped[:place] + swapped[place + 1 :]
    return swapped.upper()


def speed() -> None:
    """Print for each number of things how long the index and a batch of queries take, and how many were found."""
    for count in (400, 4_000, 40_000):
        chance = random.Random(1)
        names = made(count, chance)
        begin = time.perf_counter()
        known = NameIndex([Named(f"t{number}", (name,)) for number, name in enumerate(names)])
        built = time.perf_counter()
        asked = [chance.choice(names) for _ in range(QUERIES)]
        answers = [taken(known.find(slipped(name, chance))) for name in asked]
        found = sum(best is not None and best.by == name for best, name in zip(answers, asked, strict=True))
        done = time.perf_counter()
        print(
            f"{count:>6,} things: index {built - begin:5.2f} s, {QUERIES} queries {done - built:5.2f} s"
            f" ({(done - built) / QUERIES * 1000:.1f} ms each), {found} found for certain"
        )


def things_of(folder: Path) -> list[Named]:
    """Return the things that names may mean, as the reconciliation service has them."""
    releases = Releases(Limits(workers=1), folder=folder)
    with create_app(releases).app_context():
        things = entity_index_of(releases.current).things
    releases.close()
    return things


def messy() -> Iterator[Written]:
    """Yield the names of the tables that people wrote by hand."""
    for path in sorted(FIXTURES.glob("*messy-names.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                prefix, _, local = row["type"].partition(":")
                means = frozenset({BASE + row["expected"]} if row["expected"] else ())
                yield Written(row["name"], "written by hand", PREFIXES[prefix] + local, means)


def ours(things: Sequence[Named]) -> Finder:
    """Return how we find names."""
    names = NameIndex(things)
    return lambda written: names.find(written.text, [written.kind] if written.kind else ())


def plainly(things: Sequence[Named], scorer: Callable[..., float]) -> Finder:
    """Return how rapidfuzz finds names by itself, with its own way to make case and punctuation alike."""
    kinds = {kind for named in things for kind in named.kinds}
    of_kind: dict[str, tuple[list[Named], list[str]]] = {}
    for kind in ("", *kinds):
        pairs = [(named, name) for named in things if not kind or kind in named.kinds for name in named.names]
        of_kind[kind] = [named for named, _ in pairs], [utils.default_process(name) for _, name in pairs]

    def find(written: Written) -> list[Candidate]:
        whose, names = of_kind.get(written.kind, ([], []))
        best: dict[str, Candidate] = {}
        for name, score, place in process.extract(utils.default_process(written.text), names, scorer=scorer, limit=10):
            best.setdefault(whose[place].thing, Candidate(whose[place], score, name))
        return list(best.values())

    return find


def measured(find: Finder, all_: Iterable[Written]) -> tuple[int, int, int, int, int, float]:
    """Return how many names mean something, are first, among the first three, taken rightly, wrongly; ms for each."""
    number = first = three = right = wrong = 0
    begin, count = time.perf_counter(), 0
    for written in all_:
        candidates = find(written)
        ids = [candidate.named.thing for candidate in candidates[:3]]
        best = taken(candidates)
        count += 1
        number += bool(written.things)
        first += bool(ids) and ids[0] in written.things
        three += not written.things.isdisjoint(ids)
        right += best is not None and {best.named.thing} == written.things
        wrong += best is not None and {best.named.thing} != written.things
    return number, first, three, right, wrong, (time.perf_counter() - begin) * 1000 / max(count, 1)


def compare(things: Sequence[Named], tests: Sequence[Written]) -> None:
    """Print for each sort of names what we find and what rapidfuzz does, taken for certain by the same rule."""
    ways = {
        "ours": ours(things),
        "WRatio": plainly(things, fuzz.WRatio),
        "token_sort_ratio": plainly(things, fuzz.token_sort_ratio),
    }
    print(f"taken for certain: {CERTAIN:g} or more, and {CLEAR:g} more than the next, or alone letter for letter\n")
    print("| names | how many | by | first | among three | taken rightly | taken wrongly | ms each |")
    print("|---|---|---|---|---|---|---|---|")
    for sort, some in [*variants.by_sort(tests).items(), ("all", tests)]:
        for way, find in ways.items():
            number, first, three, right, wrong, spent = measured(find, some)
            shares = [f"{100 * part / number:.1f} %" if number else "" for part in (first, three, right)]
            print(f"| {sort} | {len(some):,} | {way} | {' | '.join(shares)} | {wrong} | {spent:.2f} |")


@contextmanager
def without(module: object, name: str, value: float) -> Iterator[None]:
    """Set a constant to *value* meanwhile."""
    kept = getattr(module, name)
    setattr(module, name, value)
    alignment.likeness.cache_clear()
    try:
        yield
    finally:
        setattr(module, name, kept)
        alignment.likeness.cache_clear()


def ablation(things: Sequence[Named], tests: Sequence[Written]) -> None:
    """Print what becomes of recall and precision when the effect of one constant is taken away."""
    print("| constant | as it is | tried | first | among three | taken rightly | taken wrongly | ms each |")
    print("|---|---|---|---|---|---|---|---|")
    whole = measured(ours(things), tests)
    print(f"| none | | | {' | '.join(map(str, whole[1:5]))} | {whole[5]:.2f} |")
    for module, name, value in WITHOUT:
        kept = getattr(module, name)
        with without(module, name, value):
            *counts, spent = measured(ours(things), tests)
        changes = [f"{now - then:+}" for now, then in zip(counts[1:], whole[1:5], strict=True)]
        print(f"| {name} | {kept:g} | {value:g} | {' | '.join(changes)} | {spent:.2f} |", flush=True)


def main(releases: Path, *, ablate: bool) -> None:
    """Print the tables."""
    things = things_of(releases)
    world = SHARED / "world"
    absent = variants.absent(things, world if world.is_dir() else None)
    tests = [*messy(), *variants.hard(things), *absent[::4]]
    if ablate:
        ablation(things, tests)
    else:
        compare(things, tests)
        print()
        speed()


if __name__ == "__main__":
    given = [word for word in sys.argv[1:] if word != "--ablation"]
    main(Path(given[0] if given else "release"), ablate="--ablation" in sys.argv)
