"""The rules of CONTRIBUTING that a machine can check."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from rdflib import SH
from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from kzus_graph import __version__
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.vocab import GRAPH
from tests.conftest import ROOT
from tests.graphs import read

PACKAGE = ROOT / "src" / "kzus_graph"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST_MODULE = 300
ROOMS = {
    "processes": 0, "rdf": 1, "links": 2, "owl": 2, "releases": 2, "shacl": 2, "fulltext": 3, "engine": 3,
    "pipeline": 4, "tabular": 5, "web": 5, "cli": 6, "__main__": 7,
}  # fmt: skip
"""How high each room of the package stands: a module imports from rooms below its own, or from its own."""
WEB_ROOMS = {
    "http": 0, "view": 1, "charts": 2, "downloads": 2, "linking": 2, "linked_data": 3, "sparql": 3, "site": 4,
    "asgi": 4, "application": 5, "release_fronts": 5, "copier": 6, "static_export": 7, "server": 6,
}  # fmt: skip
"""The same for the web application."""
MIRRORED = [path for room in ROOMS for path in sorted((ROOT / "tests" / room).rglob("test_*.py"))]
"""Tests of one module; those of the whole stand beside this file, and in folders of other names."""
FILES = [path for folder in ("queries", "ontology") for path in sorted((ROOT / folder).rglob("*.rq"))]
SHAPES = read((ROOT / "ontology" / name, GRAPH.shapes) for name in ("shapes.ttl", "house-style.ttl"))
QUERIES = {str(path.relative_to(ROOT)): re.sub(r"^\s*#.*", "", path.read_text("utf-8"), flags=re.M) for path in FILES}
QUERIES |= {" ".join(query.split()): str(query) for query in SHAPES[GRAPH.shapes].objects(None, SH.select)}
"""Our queries without their comments, those of shapes by their words."""
EXISTENCE = {"Builtin_EXISTS", "Builtin_NOTEXISTS"}
"""What rdflib calls the two."""
BANNED_NAMES = {"utils", "util", "helpers", "manager", "service", "core", "common", "settings", "config"}


def room(path: Path) -> str:
    """The top-level name below the package that *path* belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def imports(path: Path) -> frozenset[str]:
    """What *path* imports, as dotted names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return frozenset(found)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_opens_with_a_sentence_and_fits_one_sitting(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text()))
    assert docstring and docstring.split("\n\n")[0].rstrip().endswith(".")
    assert len(path.read_text().splitlines()) <= LONGEST_MODULE
    assert path.stem not in BANNED_NAMES


def arrows(folder: Path) -> set[tuple[str, str]]:
    """Which room of *folder* imports from which other, as the code has it."""
    within = ["kzus_graph", *folder.relative_to(PACKAGE).parts]
    found = set()
    for path in folder.rglob("*.py"):
        names = [name.split(".") for name in imports(path)]
        others = {name[len(within)] for name in names if name[:-1][: len(within)] == within}
        found |= {(path.relative_to(folder).parts[0].removesuffix(".py"), other) for other in others}
    return {(one, other) for one, other in found if one != other}


HOUSES = {PACKAGE: ROOMS, PACKAGE / "web": WEB_ROOMS}


@pytest.mark.parametrize("folder", HOUSES, ids=lambda folder: folder.name)
def test_imports_go_one_way(folder: Path) -> None:
    rooms = HOUSES[folder]
    drawn = {(one, other) for one, other in arrows(folder) if other in rooms}
    assert len(drawn) > len(rooms)
    assert {(one, other) for one, other in drawn if rooms[one] <= rooms[other]} == set()
    assert {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()} == {
        *rooms,
        "__init__",
    }


@pytest.mark.parametrize("folder", HOUSES, ids=lambda folder: folder.name)
def test_the_picture_of_the_rooms_is_drawn_from_the_code(folder: Path) -> None:
    lines = sorted(f"    {one} --> {other}" for one, other in arrows(folder) if other in HOUSES[folder])
    picture = "\n".join(["```mermaid", "graph TD", *lines, "```"])
    assert picture in (ROOT / "docs" / "architecture.md").read_text("utf-8")


def module_lists() -> str:
    """The modules of each room, from high to low, as the page on the architecture has them."""
    found = []
    for folder, rooms in HOUSES.items():
        for name in sorted(rooms, key=lambda name: (-rooms[name], name)):
            modules = sorted(path.stem for path in (folder / name).glob("*.py") if path.stem != "__init__")
            if modules and name != "web":
                place = (folder / name).relative_to(PACKAGE).as_posix()
                found.append(f"* `{place}/`: {', '.join(f'`{module}`' for module in modules)}")
    return "\n".join(found)


def test_the_page_on_the_architecture_names_all_modules() -> None:
    assert module_lists() in (ROOT / "docs" / "architecture.md").read_text("utf-8")


def test_no_module_imports_itself_through_others() -> None:
    names = {".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): path for path in MODULES}
    # raises CycleError, which names the modules
    assert len([*TopologicalSorter({name: imports(path) & set(names) for name, path in names.items()}).static_order()])


def test_no_two_modules_and_no_two_public_classes_have_one_name() -> None:
    modules = [path.stem for path in MODULES if path.stem != "__init__"]
    trees = [ast.parse(path.read_text()) for path in MODULES]
    classes = [node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)]
    public = [name for name in classes if not name.startswith("_")]
    assert [name for names in (modules, public) for name in set(names) if names.count(name) > 1] == []


@pytest.mark.parametrize("path", MIRRORED, ids=lambda path: str(path.relative_to(ROOT / "tests")))
def test_a_test_module_has_the_name_and_the_place_of_what_it_tests(path: Path) -> None:
    place = path.relative_to(ROOT / "tests")
    assert (PACKAGE / place.with_name(place.name.removeprefix("test_"))).is_file()


def test_options_and_the_commands_of_links_load_no_web_framework() -> None:
    modules = "kzus_graph.cli.options, kzus_graph.cli.links, kzus_graph.web"
    script = f"import sys; import {modules}; sys.exit('flask' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_web_and_command_line_know_flask_and_click(path: Path) -> None:
    if room(path) not in {"web", "cli", "__main__"}:
        assert not {name.split(".")[0] for name in imports(path)} & {"flask", "werkzeug", "click"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_sparql_lives_in_its_own_files(path: Path) -> None:
    tree = ast.parse(path.read_text())
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, documented)}
    constants = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    strings = [value for value in constants if isinstance(value, str) and value not in docstrings]
    queries = [text for text in strings if re.search(r"\b(SELECT|CONSTRUCT|ASK|DESCRIBE)\b.*[{?]", text, re.DOTALL)]
    assert not [text for text in queries if "\n" in text.strip()]


@pytest.mark.parametrize(
    "path",
    sorted(path for folder in ("ontology", "data", "queries") for path in (ROOT / folder).rglob("*.*")),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_prefixes_are_those_of_the_one_table(path: Path) -> None:
    declared = re.findall(r"^\s*@?prefix\s+([\w-]*):\s*<([^>]*)>", path.read_text(), re.IGNORECASE | re.MULTILINE)
    for prefix, namespace in declared:
        assert PREFIXES.get(prefix) == namespace, prefix


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_an_exists_holds_one_triple_pattern(query: str) -> None:
    number = len(re.findall(r"\bEXISTS\b", query))
    # rdflib takes long to read a query: only for one that has some
    found = list(existences(query)) if number else []
    assert len(found) == number
    assert [patterns(group) for group in found if patterns(group) != 1] == []


@pytest.mark.parametrize(
    ("group", "numbers"),
    [
        ("?a dip:party ?b FILTER (?b != ?c)", [1]),
        ("GRAPH ?g { ?a dip:during+|^dip:party ?b }", [1]),
        ("VALUES ?b { dip:Visit } ?a a ?b BIND (1 AS ?c)", [1]),
        ("?a dip:party ?b FILTER NOT EXISTS { ?b dip:party ?c }", [1, 1]),
        ("?a dip:party ?b FILTER (EXISTS { ?b dip:party ?c ; a ?d } || EXISTS { ?d ?e ?f })", [1, 2, 1]),
        ("?a dip:party ?b ; a ?c", [2]),
        ("?a dip:party/dip:during ?b", [2]),
        ("?a (dip:party|dip:during/dip:party/a)* ?b", [3]),
        ("?a dip:party ?b OPTIONAL { ?b dip:party ?c }", [2]),
        ("?a dip:party ?b MINUS { ?b dip:party ?c }", [2]),
        ("{ ?a dip:party ?b } UNION { ?a dip:during ?b }", [2]),
        ("{ SELECT ?a { ?a dip:party ?b ; a ?c } }", [2]),
        ("VALUES ?b { dip:Visit }", [0]),
    ],
)
def test_triple_patterns_are_counted_as_the_joins_that_they_are(group: str, numbers: list[int]) -> None:
    for keyword in ("EXISTS", "NOT EXISTS"):
        query = f"SELECT * {{ ?a a ?z FILTER {keyword} {{ {group} }} }}"
        assert [patterns(found) for found in existences(query)] == numbers


def existences(query: str) -> Iterator[CompValue]:
    """Yield what stands in each EXISTS of *query*, as SPARQL algebra; one that holds another comes before it."""
    todo = [translateQuery(parseQuery(query), initNs=PREFIXES).algebra]
    while todo:
        node = todo.pop()
        if isinstance(node, CompValue) and node.name in EXISTENCE:
            # the item of this name is the syntax tree, the attribute its algebra
            yield node.graph
            todo.append(node.graph)
        elif isinstance(node, CompValue):
            todo += reversed(node.values())
        elif isinstance(node, list | tuple):
            todo += reversed(node)


def patterns(node: object) -> int:
    """Return how many triple patterns stand in *node*, not counting what is in an EXISTS of its own."""
    if isinstance(node, CompValue):
        if node.name in EXISTENCE:
            return 0
        if node.name == "BGP":
            return sum(steps(path) for _, path, _ in node.triples)
        return sum(patterns(part) for part in node.values())
    return sum(map(patterns, node)) if isinstance(node, list | tuple) else 0


def steps(path: object) -> int:
    """Return how many triple patterns it takes to walk along *path*; of several ways the longest counts."""
    if isinstance(path, SequencePath):
        return sum(map(steps, path.args))
    if isinstance(path, AlternativePath):
        return max(map(steps, path.args))
    if isinstance(path, InvPath):
        return steps(path.arg)
    return steps(path.path) if isinstance(path, MulPath) else 1


def test_version_is_the_same_everywhere() -> None:
    assert f'owl:versionInfo "{__version__}"' in (ROOT / "ontology" / "dip.ttl").read_text()
    assert f"version: {__version__}" in (ROOT / "CITATION.cff").read_text()
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == __version__


def test_each_runtime_dependency_is_justified() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    listed = re.search(r"^dependencies = \[(.*?)^\]", text, re.DOTALL | re.MULTILINE)
    assert listed
    contributing = (ROOT / "CONTRIBUTING.md").read_text()
    names = re.findall(r'^\s*"([\w.-]+)', listed[1], re.MULTILINE)
    assert names
    for name in names:
        assert f"| {name} |" in contributing, name


def test_no_file_names_a_path_of_some_machine() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in tracked.decode().split("\0"):
        path = ROOT / name
        if name and path.is_file() and path.suffix not in {".png", ".webp", ".ico", ".woff2"}:
            text = path.read_text("utf-8", errors="ignore")
            assert not re.search(r"(?<!\w)/(home|root|Users)/\w+/|[^.\w]/wor[k]/", text), name
