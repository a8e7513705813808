"""Asks services about what stands before their clause, and as it stands: are the answers the same, and what is saved?

Run it as ``python bench/joins.py --seconds 60``. It makes random queries over two small graphs, one of them behind
SERVICE, and stops at the first whose rows differ. Then it joins a few things with a large graph either way.
"""

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable

import pyoxigraph as ox

from kzus_graph.engine import federation, groups, guard, refusals, remotes

SERVICE = "http://service.example/"
OURS = """
PREFIX : <http://e/>
:a :p 1 ; :same :A ; :name "a" . :b :p 2 ; :same :B ; :name "b" . :c :p 3 ; :name "c" .
:d :p 4 ; :same :D , :E ; :code "D" . :x :likes :A . _:n :kept _:m ; :p 9 .
GRAPH :g1 { :a :same :A . :b :p 2 } GRAPH :g2 { :d :same :D , :A ; :name "d" }
"""
THEIRS = """
PREFIX : <http://e/>
:A :label "A" ; :size 10 ; :same :B . :B :label "B" , "Bee" ; :p 2 . :D :size 40 ; :code "D" .
:E :label "E" ; :size 10 . :Z :label "Z" ; :size 99 . :a :label "A" . :b :size 10 .
"""
VARIABLES = ("?a", "?b", "?c", "?d")
MOST_ROWS = 3000
HUMANS = 150_000


class Queries:
    """Random queries: groups in groups, with SERVICE anywhere."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.made = 0

    def __call__(self) -> str:
        """Make one."""
        return f"PREFIX : <http://e/> SELECT * {{ {self._group(0)} }}"

    def _variable(self) -> str:
        return self.random.choice(VARIABLES)

    def _triple(self, *properties: str) -> str:
        subject, object_ = (
            self.random.choice((*VARIABLES, *VARIABLES, *more)) for more in ((":a", ":A"), (":A", "10"))
        )
        return f"{subject} {self.random.choice(properties)} {object_} ."

    def _ours(self) -> str:
        return self._triple(":p", ":same", ":name", ":code", ":likes", ":kept")

    def _theirs(self) -> str:
        return self._triple(":label", ":size", ":code", ":same", ":p")

    def _filter(self, depth: int) -> str:
        one, other = self._variable(), self._variable()
        choices = [
            f"({one} != {self.random.choice([other, ':A'])})",
            f"(!BOUND({one}))",
            f"(BOUND({one}) || {other} = :A)",
            f"REGEX(STR({one}), '[ABD]')",
            f"(COALESCE({one} = {other}, true))",
        ]
        if depth < 3:
            choices.append(f"{self.random.choice(['NOT ', ''])}EXISTS {{ {self._group(depth + 1)} }}")
        return f"FILTER {self.random.choice(choices)}"

    def _clause(self) -> str:
        parts = [
            self.random.choice(
                [
                    *[self._theirs()] * 4,
                    f"OPTIONAL {{ {self._theirs()} }}",
                    f"FILTER({self._variable()} != {self._variable()})",
                    f"{{ {self._theirs()} }} UNION {{ {self._theirs()} }}",
                ]
            )
            for _ in range(self.random.randint(1, 2))
        ]
        body = " ".join(parts)
        if self.random.random() < 0.15:
            body = f"SELECT {self._variable()} {self._variable()} {{ {body} }}"
        elif self.random.random() < 0.1:
            body += f" MINUS {{ {self._theirs()} }}"
        return f"SERVICE <{SERVICE}> {{ {body} }}"

    def _group(self, depth: int) -> str:
        parts = [self._part(depth) for _ in range(self.random.randint(1, 3))]
        if self.random.random() < 0.15:
            self.made += 1
            parts.append(f"BIND({self._variable()} AS ?f{self.made})")
        return " ".join(parts)

    def _part(self, depth: int) -> str:
        kind = self.random.randrange(13)
        if kind < 2 or (depth >= 3 and kind > 6):
            return self._ours()
        if kind < 4:
            # The case that is wanted most: something of ours, then a clause.
            return f"{self._ours()} {self._clause()}"
        if kind < 6:
            return self._clause()
        if kind == 6:
            return self._filter(depth)
        inner = self._group(depth + 1)
        match kind:
            case 7:
                return f"OPTIONAL {{ {inner} }}"
            case 8:
                return f"{{ {inner} }} UNION {{ {self._group(depth + 1)} }}"
            case 9:
                return f"MINUS {{ {inner} }}"
            case 10:
                return f"{{ {inner} }}"
            case 11:
                return f"GRAPH {self.random.choice(['?g', ':g1', '?a'])} {{ {inner} }}"
            case _:
                one, other = self.random.sample(VARIABLES, 2)
                return f"{{ SELECT {one} {other} {{ {inner} }} }}"


def store(text: str) -> ox.Store:
    loaded = ox.Store()
    loaded.load(text, format=ox.RdfFormat.TRIG)
    return loaded


def asking(graph: ox.Store) -> Callable[[str], bytes]:
    def ask(query: str) -> bytes:
        found = graph.query(query)
        assert isinstance(found, ox.QuerySolutions)
        return found.serialize(format=ox.QueryResultsFormat.JSON) or b""

    return ask


def rows(graph: ox.Store, query: str) -> "Counter[tuple[tuple[str, str], ...]]":
    """The solutions of a query with a service; what stands for a blank node has another name each time."""
    resolved = federation.resolve(guard.read(query), [SERVICE], time.monotonic() + 60, asking(graph))
    found = graph.query(resolved.text)
    assert isinstance(found, ox.QuerySolutions)
    names = [variable.value for variable in found.variables]
    counted: Counter[tuple[tuple[str, str], ...]] = Counter()
    for number, row in enumerate(found):
        if number > MOST_ROWS:
            raise OverflowError
        terms = ((name, str(row[name])) for name in names if row[name] is not None)
        counted[tuple((name, term) for name, term in terms if "urn:blank" not in term)] += 1
    return counted


def compare(seed: int, seconds: float) -> int:
    """Say how many queries had the same rows either way; 1 if one had not."""
    graph, theirs = store(OURS), asking(store(THEIRS))
    asked: Counter[bool] = Counter()

    def ask(_: object, query: str, *__: object) -> bytes:
        asked["VALUES (" in query] += 1
        return theirs(query)

    remotes.ask = ask  # type: ignore[assignment]
    queries, before = Queries(seed), groups.before
    same = filled = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        query = queries()
        if not 1 <= len(guard.read(query).calls) <= 5:
            continue
        try:
            about = rows(graph, query)
            groups.before = lambda *_: None
            whole = rows(graph, query)
        except (SyntaxError, OverflowError, refusals.TooLarge):
            continue
        finally:
            groups.before = before
        if about != whole:
            print(query, about - whole, whole - about, sep="\n")
            return 1
        same += 1
        filled += bool(about)
    print(f"{same:,} queries, {filled:,} with rows: the same either way; {asked[True]:,} clauses asked about values")
    return 0


def measure() -> None:
    """Join 14 things with a graph that knows 150,000, asked about what stands before and as it stands."""
    humans = "".join(f":q{number} :born 'in {number}' .\n" for number in range(HUMANS))
    theirs = asking(store(f"PREFIX : <http://e/>\n{humans}"))
    graph = store("PREFIX : <http://e/>\n" + "".join(f":p{n} :same :q{n * 1000} .\n" for n in range(14)))
    query = f"PREFIX : <http://e/> SELECT * {{ ?p :same ?q SERVICE <{SERVICE}> {{ ?q :born ?when }} }}"
    before = groups.before
    for name, way in (("about what stands before", before), ("as it stands", lambda *_: None)):
        sizes = []

        def ask(_: object, query: str, *__: object, sizes: list[int] = sizes) -> bytes:
            body = theirs(query)
            sizes.append(len(body))
            return body

        remotes.ask = ask  # type: ignore[assignment]
        groups.before = way
        began = time.monotonic()
        try:
            said = f"{sum(rows(graph, query).values())} rows"
        except refusals.AboutService as error:
            said = f"refused, {error.args[0]}"
        took = time.monotonic() - began
        print(f"{name}: {said}; {took:.3f} s, {sum(sizes):,} bytes from the service")
        if said.startswith("refused"):
            document = json.loads(theirs("PREFIX : <http://e/> SELECT * { ?q :born ?when }"))
            print(f"  ({len(document['results']['bindings']):,} rows would have come)")
    groups.before = before


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    failed = compare(options.seed, options.seconds)
    measure()
    sys.exit(failed)
