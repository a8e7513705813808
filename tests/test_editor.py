"""How the editor of the query page gets into the package: pinned, with its licences, and with no registry named."""

import importlib.util
import json
import re
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.conftest import ROOT

LOCK = ROOT / "web" / "package-lock.json"


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class App:
    """What hatchling gives a hook to speak through."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def display_warning(self, text: str) -> None:
        self.warnings.append(text)


def hook(build: ModuleType, root: Path, app: Any = None) -> Any:
    return build.EditorHook(str(root), {}, None, None, str(root / "dist"), "wheel", app)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A root with nothing but the lock."""
    (tmp_path / "web").mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / "web" / name, tmp_path / "web")
    return tmp_path


def test_every_package_is_pinned_by_its_digest_and_no_address_is_recorded() -> None:
    packages = json.loads(LOCK.read_text())["packages"]
    wanted = {name: entry for name, entry in packages.items() if name}
    assert "node_modules/@zazuko/yasgui" in wanted and len(wanted) > 40
    for name, entry in wanted.items():
        assert re.fullmatch(r"sha512-[\w+/]+=*", entry["integrity"]) and "resolved" not in entry, name
    asked = json.loads((ROOT / "web" / "package.json").read_text())
    for name, version in (asked["dependencies"] | asked["devDependencies"]).items():
        assert wanted[f"node_modules/{name}"]["version"] == version, "an exact version, the one that is locked"


def test_node_is_asked_for_only_where_there_is_none(
    build: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KZUS_GRAPH_EDITOR", raising=False)
    monkeypatch.setattr(build.shutil, "which", lambda name: "/somewhere/npm")
    assert hook(build, checkout).dependencies() == []
    monkeypatch.setattr(build.shutil, "which", lambda name: None)
    assert hook(build, checkout).dependencies() == [build.NODE]
    monkeypatch.setenv("KZUS_GRAPH_EDITOR", "no")
    assert hook(build, checkout).dependencies() == []


def test_what_is_built_is_kept_until_the_lock_changes(
    build: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KZUS_GRAPH_EDITOR", raising=False)
    monkeypatch.setattr(build.shutil, "which", lambda name: None)
    bundle = checkout / build.BUNDLE
    bundle.mkdir(parents=True)
    shutil.copy(checkout / "web" / "package-lock.json", bundle)
    data: dict[str, Any] = {"artifacts": []}
    hook(build, checkout).initialize("standard", data)
    assert data["artifacts"] == [f"/{build.BUNDLE.as_posix()}/"]
    (checkout / "web" / "package-lock.json").write_text("{}")
    assert hook(build, checkout).dependencies() == [build.NODE]


def test_a_checkout_does_without_and_a_wheel_does_not(
    build: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KZUS_GRAPH_EDITOR", raising=False)
    monkeypatch.setattr(build.shutil, "which", lambda name: None)
    monkeypatch.setattr(build.importlib.util, "find_spec", lambda name: None)
    app, data = App(), {"artifacts": []}
    hook(build, checkout, app).initialize("editable", data)
    assert len(app.warnings) == 1 and "plain form" in app.warnings[0] and not data["artifacts"]
    with pytest.raises(RuntimeError, match="KZUS_GRAPH_EDITOR=no"):
        hook(build, checkout, app).initialize("standard", data)


def test_licences_name_every_package_and_carry_its_text(build: ModuleType, tmp_path: Path) -> None:
    for name, manifest, text in (
        (
            "one",
            {"name": "one", "version": "1.0", "license": "MIT", "author": {"name": "A. Uthor"}},
            "Permission is granted",
        ),
        ("@some/other", {"name": "@some/other", "version": "2.0", "author": "B. Riter"}, None),
    ):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "package.json").write_text(json.dumps(manifest))
        if text:
            (tmp_path / name / "LICENSE.md").write_text(text)
    found = sorted(build.licences(tmp_path))
    assert found[0].startswith("== @some/other 2.0: see its text\nby B. Riter")
    assert found[1].startswith("== one 1.0: MIT\nby A. Uthor") and found[1].endswith("Permission is granted")


def test_the_built_editor_is_whole() -> None:
    bundle = ROOT / "src" / "kzus_graph" / "web" / "static" / "yasgui"
    if not bundle.is_dir():
        pytest.skip("the editor is not built here: pip install . with npm on PATH")
    assert {path.name for path in bundle.iterdir()} == {
        "licences.txt",
        "package-lock.json",
        "yasgui.min.css",
        "yasgui.min.js",
    }
    script = (bundle / "yasgui.min.js").read_text("utf-8")
    assert "sourceMappingURL" not in script and len(script) > 500_000
    assert "@zazuko/yasqe" in (bundle / "licences.txt").read_text("utf-8")
