"""The rules of CONTRIBUTING that a machine can check."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from kzus_graph import __version__
from kzus_graph.vocab import PREFIXES
from tests.conftest import ROOT

PACKAGE = ROOT / "src" / "kzus_graph"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST_MODULE = 300
ROOMS = {
    "kinship": -1, "reading": 0, "vocab": 0, "writing": 0, "characters": 0, "identifiers": 1, "sssom": 1, "turtle": 1,
    "queries": 1, "sources": 1, "publication": 1, "owl": 2, "reasoning": 3, "links": 2,
    "content": 3, "changes": 5, "merge": 4, "description": 4, "shapes": 3, "checks": 4, "tabular": 5, "release": 6,
    "engine": 7, "web": 8,
    "liveness": 1, "lookup": 2, "spelling": 0, "alignment": 1, "forms": 2, "matching": 3, "suggestions": 4,
    "cli": 10,
    "__main__": 12,
}  # fmt: skip
"""How high each room of the package stands: a module imports from rooms below its own, or from its own."""
BANNED_NAMES = {"utils", "util", "helpers", "manager", "service", "core", "common", "settings", "config"}


def room(path: Path) -> str:
    """The top-level name below the package that *path* belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """What *path* imports, as dotted names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_opens_with_a_sentence_and_fits_one_sitting(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text()))
    assert docstring and docstring.split("\n\n")[0].rstrip().endswith(".")
    assert len(path.read_text().splitlines()) <= LONGEST_MODULE
    assert path.stem not in BANNED_NAMES


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    if path == PACKAGE / "__init__.py":
        return
    own = ROOMS[room(path)]
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "kzus_graph" and len(parts) > 1 and parts[1] in ROOMS:
            assert ROOMS[parts[1]] < own or parts[1] == room(path), f"{path.name} imports {name}"


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
            assert not re.search(r"/(home|root|Users)/\w+/|[^.\w]/wor[k]/", text), name
