"""The compiled rules beside owlrl: do they find the same in random ontologies, and how long does each take?

``python -m bench.reasoning [--cases N] [--seed S] [--owlrl] [FILE…]``. Each FILE, in N-Triples as pyoxigraph writes
them, is reasoned over in a process of its own, with Python's garbage collector off; with --owlrl by owlrl as well.
The exit code is 1 if there was a disagreement; the seed and number of a case make it again.
"""

import argparse
import gc
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from kzus_graph.owl import closure, reference
from kzus_graph.owl.contradictions import Inconsistent
from tests.ontologies import Ontology

REASONERS = {"compiled": closure.inferred, "owlrl": reference.inferred}
Answer = set[str] | list[str]


def answer(infer: Callable[[list[str]], set[str]], lines: list[str]) -> tuple[Answer, float]:
    """Return what is inferred, or the contradictions, and the seconds of the processor that it took."""
    began = time.process_time()
    try:
        found: Answer = infer(lines)
    except Inconsistent as error:
        found = error.contradictions
    return found, time.process_time() - began


def compare(cases: int, seed: str) -> int:
    """Print how many of the *cases* each reasoner answers alike, and in what time; return the disagreements."""
    seconds = dict.fromkeys(REASONERS, 0.0)
    contradictory = statements = disagreements = 0
    for number in range(cases):
        lines = Ontology(f"{seed} {number}").lines
        answers = {}
        for name, infer in REASONERS.items():
            answers[name], took = answer(infer, lines)
            seconds[name] += took
        statements += len(answers["owlrl"])
        contradictory += isinstance(answers["owlrl"], list)
        if answers["compiled"] != answers["owlrl"]:
            disagreements += 1
            compiled, owlrl = map(set, answers.values())
            print(f"seed {seed!r}, case {number}:")
            print("".join(f"  compiled alone: {line.strip()}\n" for line in sorted(compiled - owlrl)), end="")
            print("".join(f"  owlrl alone: {line.strip()}\n" for line in sorted(owlrl - compiled)), end="")
    print(
        f"{cases:,} random ontologies, seed {seed!r}: {contradictory:,} contradictory, {statements:,} statements and"
        f" contradictions, {disagreements} disagreements; "
        + ", ".join(f"{name} {took:.1f} s" for name, took in seconds.items())
    )
    return disagreements


def measure(path: Path, reasoner: str) -> tuple[int, int, float, int]:
    """Return how many lines *path* has, how many follow, the seconds, and the peak of memory in MiB."""
    with path.open(encoding="utf-8", newline="\n") as file:
        lines = list(file)
    gc.disable()
    found, took = answer(REASONERS[reasoner], lines)
    return len(lines), len(found), took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def main() -> None:
    """Compare on random ontologies, then measure on files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", default="2026")
    parser.add_argument("--owlrl", action="store_true")
    parser.add_argument("files", nargs="*", type=Path)
    asked = parser.parse_args()
    disagreements = compare(asked.cases, asked.seed)
    for path in asked.files:
        for reasoner in ("compiled", "owlrl") if asked.owlrl else ("compiled",):
            with ProcessPoolExecutor(1) as pool:
                lines, found, took, memory = pool.submit(measure, path, reasoner).result()
            print(f"{path.name}: {lines:,} triples, {found:,} follow; {reasoner} {took:.1f} s, {memory:,} MiB")
    sys.exit(disagreements > 0)


if __name__ == "__main__":
    main()
