"""Queries for the nodes in doubt beside pyshacl alone: do they find the same, and how long does each take?

``python -m bench.validation [--cases N] [--seed S] [--rounds N]``: random shapes on random graphs, then the real data
with hundreds of faults in each round. The exit code is 1 if there was a difference.
"""

import argparse
import sys
import time
from pathlib import Path
from random import Random

from rdflib import SH, Graph

from kzus_graph.pipeline import checks, content, reasoning
from kzus_graph.pipeline.merge import merged
from kzus_graph.rdf import ntriples
from kzus_graph.rdf.ntriples import Lines
from kzus_graph.rdf.vocab import GRAPH
from kzus_graph.shacl import shapes
from tests.random_shapes import Shapes, data
from tests.shacl.test_candidates import LESS_THAN, as_read, with_faults


def compared(lines: Lines, constraints: Graph) -> tuple[int, int, tuple[float, float]]:
    """Return the results of pyshacl, those missing from or extra in ours, and the seconds of ours and of pyshacl's."""
    began = time.perf_counter()
    ours = set(shapes.report(checks.stored(lines, {}), constraints))
    middle = time.perf_counter()
    theirs = set(shapes.whole_report(ntriples.graph(lines), constraints))
    ended = time.perf_counter()
    results = sum(predicate == SH.result for _, predicate, _ in theirs)
    return results, len(ours ^ theirs), (middle - began, ended - middle)


def random_cases(cases: int, seed: int) -> int:
    """Compare *cases* of random shapes, print what came of it, return the differences."""
    given_up = differences = found = 0
    for number in range(seed, seed + cases):
        random = Random(number)
        graph, constraints = as_read(data(random)), as_read(Shapes(random).graph)
        try:
            results, different, _ = compared(ntriples.of_graph(graph), constraints)
        except shapes.ShapesError as error:
            assert LESS_THAN in str(error)
            given_up += 1
            continue
        found += results
        differences += different
        if different:
            print(f"seed {number}: {different} triples of the reports differ")
    print(f"{cases:,} random cases, {given_up} that pyshacl gives up at: {found:,} results, {differences} differences")
    return differences


def faulty_rounds(root: Path, rounds: int, seed: int) -> int:
    """Compare *rounds* of faults in the data of *root*, print what came of it, return the differences."""
    graphs = content.read(root)
    asserted = merged(graphs)
    rules = sorted((root / "ontology" / "rules").glob("*.rq"))
    known = ntriples.union(asserted, reasoning.rule_results(checks.stored(asserted, graphs), rules))
    flat = {"asserted": known, "closure": ntriples.union(known, reasoning.inferred(known))}
    constraints = ntriples.graph(graphs[GRAPH.shapes])
    differences = 0
    for run in shapes.RUNS:
        found, ours, theirs = 0, 0.0, 0.0
        for number in range(rounds):
            lines = with_faults(flat[run], Random(seed + number))
            results, different, seconds = compared(lines, shapes.for_run(constraints, run))
            found += results
            differences += different
            ours, theirs = ours + seconds[0], theirs + seconds[1]
        print(
            f"{run}: {rounds} rounds of faults, {found:,} results, {differences} differences;"
            f" {ours / rounds:.2f} s a round, pyshacl alone {theirs / rounds:.2f} s"
        )
    return differences


def main() -> None:
    """Compare random cases, then the real data with faults."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--root", type=Path, default=Path.cwd())
    options = parser.parse_args()
    differences = random_cases(options.cases, options.seed)
    differences += faulty_rounds(options.root, options.rounds, options.seed)
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
