"""How long reading a query takes, from 10 kB to 1 MiB, for texts that are written to make it slow.

    python bench/reading.py

Prints milliseconds of processor time for each kind of text: telling the words apart; what the guard does before a query
runs (over 100,000 words it stops, which is said by a plus); and saying why it is refused.
"""

import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from kzus_graph.engine import guard, refusals
from kzus_graph.engine.tokens import tokens
from kzus_graph.web.view import query_errors

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.hostile.test_reading import UNITS  # noqa: E402 -- found by the line above

SIZES = (10_000, 100_000, 1 << 20)


def milliseconds(read: Callable[[str], object], query: str) -> str:
    """Return what one reading takes."""
    began, more = time.thread_time(), ""
    try:
        read(query)
    except refusals.TooLong:
        more = "+"
    return f"{1000 * (time.thread_time() - began):.1f}{more}"


def main() -> None:
    """Print the table."""
    ways: dict[str, Callable[[str], object]] = {
        "words": lambda query: deque(tokens(query), maxlen=0),
        "guard": guard.read,
        "why refused": lambda query: query_errors.explain(query, ""),
    }
    print("| repeated | " + " | ".join(f"{way}, {size // 1000:,} kB" for way in ways for size in SIZES) + " |")
    print("|---|" + "---:|" * (len(ways) * len(SIZES)))
    for name, unit in UNITS.items():
        queries = [f"SELECT * {{ ?s ?p {unit * (size // len(unit))}" for size in SIZES]
        print(
            f"| {name} | " + " | ".join(milliseconds(read, query) for read in ways.values() for query in queries) + " |"
        )


if __name__ == "__main__":
    main()
