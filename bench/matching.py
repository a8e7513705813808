"""Matching names: how long a batch takes, for things as many as today and a hundred times as many.

``python -m bench.matching``. The names are made up of syllables, always the same; a tenth of the queries has a slip.
"""

import random
import re
import time

from kzus_graph.forms import Named
from kzus_graph.matching import Names, taken

SYLLABLES = re.findall("[A-Z][a-z]*", "NaZarBaYevTokAYanKasSymJoMartErLanIdRisSovBakYtZhanOlZhasSuLeiMenOv")
QUERIES = 200


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


def main() -> None:
    """Print for each number of things how long the index and a batch of queries take, and how many were found."""
    for count in (400, 4_000, 40_000):
        chance = random.Random(1)
        names = made(count, chance)
        begin = time.perf_counter()
        known = Names([Named(f"t{number}", (name,)) for number, name in enumerate(names)])
        built = time.perf_counter()
        asked = [chance.choice(names) for _ in range(QUERIES)]
        answers = [taken(known.find(slipped(name, chance))) for name in asked]
        found = sum(best is not None and best.by == name for best, name in zip(answers, asked, strict=True))
        done = time.perf_counter()
        print(
            f"{count:>6,} things: index {built - begin:5.2f} s, {QUERIES} queries {done - built:5.2f} s"
            f" ({(done - built) / QUERIES * 1000:.1f} ms each), {found} found for certain"
        )


if __name__ == "__main__":
    main()
