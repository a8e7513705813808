"""Runs the notebook of the docs: ``python -m tests.notebook ENDPOINT`` stores its answers anew, plot and all.

Needs pandas, and matplotlib for the plot. No Jupyter: a cell is a piece of Python whose last line may be an answer.
"""

import ast
import base64
import io
import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

NOTEBOOK = ROOT / "docs" / "notebook.ipynb"
Output = dict[str, Any]


def cells(path: Path = NOTEBOOK) -> list[dict[str, Any]]:
    """The cells with code, in their order."""
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["cells"]
    return [cell for cell in found if cell["cell_type"] == "code"]


def is_plot(cell: dict[str, Any]) -> bool:
    return "plot" in cell["metadata"].get("tags", ())


def run(cell: dict[str, Any], names: dict[str, Any]) -> list[Output]:
    """Run a cell among *names*; return its outputs in the form that nbformat gives them, without their number."""
    tree = ast.parse("".join(cell["source"]))
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, NOTEBOOK.name, "exec"), names)  # noqa: S102
    if is_plot(cell):
        figure = names["axes"].figure
        picture = io.BytesIO()
        figure.savefig(picture, format="png", dpi=80, metadata={"Software": None})
        data = {"image/png": base64.b64encode(picture.getvalue()).decode(), "text/plain": [names["axes"].get_title()]}
        return [{"output_type": "display_data", "data": data, "metadata": {}}]
    if last is None:
        return []
    assert isinstance(last, ast.Expr)
    value = eval(compile(ast.Expression(last.value), NOTEBOOK.name, "eval"), names)  # noqa: S307
    data = {"text/plain": lines(repr(value))}
    if hasattr(value, "to_csv"):
        # A table that only counts its rows has no names for them.
        named = type(value.index).__name__ != "RangeIndex"
        data |= {"text/html": lines(value._repr_html_()), "text/csv": lines(value.to_csv(index=named))}
    return [{"output_type": "execute_result", "data": data, "metadata": {}}]


def lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def main(endpoint: str) -> None:
    """Run every cell against *endpoint* and store what comes out."""
    os.environ |= {"KZUS_ENDPOINT": endpoint, "MPLBACKEND": "Agg"}
    notebook = json.loads(NOTEBOOK.read_text("utf-8"))
    names: dict[str, Any] = {}
    coded = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for number, cell in enumerate(coded, 1):
        cell["execution_count"] = number
        cell["outputs"] = run(cell, names)
        for output in cell["outputs"]:
            if output["output_type"] == "execute_result":
                output["execution_count"] = number
    NOTEBOOK.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
