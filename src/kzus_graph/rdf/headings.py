"""Read the headings of columns: for each variable of the questions of a root, its heading in each language.

The table, ``headings.csv``, is beside the query files. Its first column is the variable, each other column a language.
"""

import csv
from io import StringIO
from pathlib import Path
from typing import Final

from kzus_graph.rdf.queries import QueryFileError, decoded

FILE: Final = "headings.csv"
VARIABLE: Final = "variable"


def read(folder: Path) -> dict[str, dict[str, str]]:
    """Return the headings in the table of *folder*, by variable, then by language; nothing if there is no table.

    An empty cell is no heading. Raises QueryFileError if the table is not UTF-8, has no column for the variables, a
    variable twice, or a row of another length than the first; the message names the line.
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    table = csv.reader(StringIO(decoded(path.read_bytes(), path).removeprefix("\ufeff"), newline=""), strict=True)
    found: dict[str, dict[str, str]] = {}
    try:
        first, *languages = next(table, [""])
        if first != VARIABLE:
            raise QueryFileError(f"{path}: the first column must be named {VARIABLE!r}, the others by languages")
        for row in table:
            if len(row) != len(languages) + 1:
                raise QueryFileError(f"{path}: line {table.line_num}: {len(row)} cells instead of {len(languages) + 1}")
            variable, *headings = (cell.strip() for cell in row)
            if not variable or variable in found:
                raise QueryFileError(f"{path}: line {table.line_num}: the variable {variable!r} is empty or twice")
            found[variable] = {tag: heading for tag, heading in zip(languages, headings, strict=True) if heading}
    except csv.Error as error:
        raise QueryFileError(f"{path}: line {table.line_num}: not CSV ({error})") from None
    return found
