"""Converts the rows of a table to RDF statements, and reports faults by row and column.

Standard: Generating RDF from Tabular Data on the Web (W3C, 2015), minimal mode: one statement for each cell. We differ
from the standard in three points. Each statement goes to a named graph. A column with a separator and a valueUrl makes
one statement for each part of a cell. A column with the property dip:edtf or dip:tenureEdtf also makes the statements
that the date implies (see ``dates``).
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final
from urllib.parse import unquote

import pyoxigraph as ox

from kzus_graph.rdf.characters import unseen
from kzus_graph.rdf.prefixes import BASE, PREFIXES, compact
from kzus_graph.rdf.vocab import CODE
from kzus_graph.tabular import dates
from kzus_graph.tabular.cells import CellFault, short, value_of
from kzus_graph.tabular.group import Column, Table, Template, letters
from kzus_graph.tabular.known import Known
from kzus_graph.tabular.ledger import Ledger, Location
from kzus_graph.tabular.rows import Row

TYPE: Final = ox.NamedNode(PREFIXES["rdf"] + "type")
STATED: Final = ox.NamedNode(str(CODE["basis-stated"]))
DATED: Final = {dates.EDTF: dates.claims, dates.TENURE: dates.tenure}
"""Properties whose value is a date in EDTF, each with the function that returns the claims of such a date."""
SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:--[a-z0-9]+(?:-[a-z0-9]+)*)?")
"""Matches the local name of an IRI in kzus: (a participation has two parts). Names of sources may also have dots."""


class Conversion:
    """A converter of the rows of one table to statements; it records faults and notices in a ledger."""

    def __init__(self, table: Table, number: int, known: Known, ledger: Ledger, ends: dict[str, set[tuple[str, ...]]]):
        """Prepare to convert *table*, which has the index *number* in its group.

        *ends* has, by name of a table, the column lists to which foreign keys refer. *known* are the data outside the
        tables. Faults and notices go to *ledger*.
        """
        self.table, self.number, self.known, self.ledger = table, number, known, ledger
        self.real = [column for column in table.columns if not column.virtual]
        self.speaking = [column for column in table.columns if column.predicate]
        self.ends = ends[table.name] | {table.primary_key}
        self.width = len(self.real)
        self.has_basis = {column.subject.text for column in self.speaking if column.predicate == dates.BASIS}

    def header(self, row: Row | None) -> bool:
        """Return whether *row*, the header, has the columns that the metadata describe; if not, record a fault."""
        wanted = [column.titles[0] for column in self.real]
        cells = [cell.strip() for cell in row.cells] if row else []
        self.width = len(cells)
        while len(cells) > len(wanted) and not cells[-1]:
            cells.pop()  # columns of a spreadsheet that were empty, or emptied
        if len(cells) == 1 and len(self.real) > 1:
            for delimiter in ";\t|,":
                if len(cells[0].rstrip(delimiter).split(delimiter)) == len(self.real):
                    name = {"\t": "tabs"}.get(delimiter, f"'{delimiter}'")
                    self._lost(
                        row, f"cells are separated by {name}; state this delimiter in the dialect of the metadata"
                    )
                    return False
        good = len(cells) == len(self.real) and all(
            cell in {*column.titles, column.name} for cell, column in zip(cells, self.real, strict=True)
        )
        if not good:
            if row and (odd := next((number for number, cell in enumerate(cells, 1) if unseen(cell)), 0)):
                words = f"the name of this column, {cells[odd - 1]!r}: {unseen(cells[odd - 1])}"
                self.ledger.lost(Location(self.number, 1, odd, self.place(row, odd)), words)
                return False
            extra = [cell or "a column without a name" for cell in cells if cell not in wanted]
            missing = [title for title in wanted if title not in cells]
            said = [f"missing: {', '.join(missing)}"] * bool(missing)
            said += [f"not in the metadata: {', '.join(short(cell) for cell in extra)}"] * bool(extra)
            reason = "; ".join(said) or "they are in another order, or occur twice"
            self._lost(row, f"the columns must be {', '.join(wanted)}; {reason}")
        return good

    def statements(self, row: Row) -> list[ox.Quad]:
        """Return the statements of *row*, without duplicates; if *row* has a fault, record the fault and return []."""
        if len(row.cells) != self.width:
            words = f"{len(row.cells)} cells, but the table has {self.width} columns"
            self._lost(row, f"{words}; look for a missing comma, or a comma in a cell without quotation marks")
            return []
        beyond = range(len(self.real), self.width)
        if odd := next((at + 1 for at in beyond if row.cells[at].strip()), 0):
            words = f"{short(row.cells[odd - 1])!r} is in a column without a name; describe the column, or empty it"
            self.ledger.lost(Location(self.number, row.number, odd, self.place(row, odd)), words)
            return []
        cells: dict[str, Any] = {}
        faults: dict[tuple[str, str], None] = {}
        for column, raw in zip(self.real, row.cells, strict=False):
            try:
                cells[column.name] = value_of(column, raw)
            except CellFault as fault:
                faults[column.name, str(fault)] = None
        # keys are noted even in a row with a fault, so that rows that refer to it get no fault of their own
        self._note_keys(row, cells)
        quads: dict[ox.Quad, Column] = {}
        expanded: dict[Any, ox.NamedNode] = {}
        for column in self.speaking:
            if column.needs <= cells.keys():
                try:
                    quads |= dict.fromkeys(self._cell(column, cells, expanded), column)
                except CellFault as fault:
                    faults[fault.column or column.name, str(fault)] = None
        for node in {quad.subject for quad in quads}:
            self.ledger.seen("node", node.value, row.place)  # type: ignore[union-attr]
        for quad, column in quads.items():
            self._note_names(row, column, quad)
        for name, words in faults:
            self._fault(row, self._column(name), words)
        return [] if faults else self._left_to_say(row, quads)

    def _cell(self, column: Column, cells: dict[str, Any], expanded: dict[Any, ox.NamedNode]) -> Iterator[ox.Quad]:
        """Yield the statements that *column* makes from *cells*, the values of a row by column name. Raises CellFault.

        *expanded* caches the IRIs of the row, by template.
        """
        value = column.cell.default if column.virtual else cells[column.name]
        if column.virtual and column.value is None:
            value = value_of(column, "")
        for part in value if isinstance(value, list) else [value]:
            if part is None:
                continue
            if column.value is None:
                term: ox.NamedNode | ox.Literal = _literal(column, part)
            elif column.several:
                term = _iri(column.value, {**cells, column.name: part}, {})
            else:
                term = _iri(column.value, cells, expanded)
            subject = _iri(column.subject, cells, expanded)
            graph = _iri(column.graph, cells, expanded)
            assert column.predicate is not None, "a column that makes statements has a property"
            if column.predicate in DATED:
                try:
                    claims = DATED[column.predicate](str(part))
                except ValueError as error:
                    raise CellFault(str(error)) from None
                for property_, claim in claims:
                    yield ox.Quad(subject, property_, claim, graph)
                if column.predicate == dates.EDTF and column.subject.text not in self.has_basis:
                    yield ox.Quad(subject, dates.BASIS, STATED, graph)
            else:
                yield ox.Quad(subject, column.predicate, term, graph)

    def _note_keys(self, row: Row, cells: dict[str, Any]) -> None:
        """Record the keys and references of *row*; record a fault if an earlier row has the same primary key.

        *cells* are the values of the row by column name.
        """
        for columns in self.ends:
            if not cells.keys() >= set(columns):
                continue
            value = "\x1f".join(str(cells[name]) for name in columns)
            before = self.ledger.seen(f"{self.table.name} {columns}", value, row.place)
            if before and columns == self.table.primary_key:
                words = ", ".join(f"{name} {short(str(cells[name]))}" for name in columns)
                self._fault(
                    row, self._column(columns[0]), f"{words} is already in {before}; write one row for each key"
                )
        for key in self.table.foreign_keys:
            values = [cells.get(name) for name in key.columns]
            if None not in values:
                words = f"{short(' '.join(map(str, values)))} is not in {key.other}, column {', '.join(key.there)}"
                place = self._place(row, self._column(key.columns[0]))
                self.ledger.want(f"{key.other} {key.there}", "\x1f".join(map(str, values)), place, words)

    def _note_names(self, row: Row, column: Column, quad: ox.Quad) -> None:
        """Record, for a later check, each property or object of *quad* that only the tables can describe.

        These are the IRIs of our namespace that no file outside the tables describes.
        """
        for term in (quad.object, quad.predicate):
            if isinstance(term, ox.NamedNode) and term.value.startswith(BASE) and term.value not in self.known.names:
                hint = self.known.near.hint(term.value) or "; describe it in data/ or in a table of this group"
                words = f"{compact(term.value)} is not described anywhere{hint}"
                self.ledger.want("node", term.value, self._place(row, column), words)

    def _left_to_say(self, row: Row, quads: Iterable[ox.Quad]) -> list[ox.Quad]:
        """Return those of *quads* whose subject has no description written by hand in the same graph.

        Record a notice for each of the other subjects.
        """
        left: list[ox.Quad] = []
        ours: dict[Any, list[ox.Quad]] = {}
        for quad in quads:
            node = (quad.graph_name, quad.subject)
            said = self.known.by_hand.get(node)
            if said is None:
                left.append(quad)
            else:
                ours.setdefault(node, []).extend([] if (quad.predicate, quad.object) in said else [quad])
        for node, differing in ours.items():
            words = f"{_shown(node[1])} is described by hand in {_shown(node[0])} ({self.known.files[node]})"
            if differing:
                said_here = " ; ".join(f"{_shown(quad.predicate)} {_shown(quad.object)}" for quad in differing)
                words += f"; it is not changed, although only the table states: {said_here}"
            else:
                words += ", with all statements of the table about it"
            self.ledger.notice(self._place(row, None), words)
        return left

    def place(self, row: Row, cell: int) -> str:
        """Return the position of cell number *cell* (from 1) of *row*, for a message: table, row and column."""
        column = self.real[cell - 1].place if cell <= len(self.real) else f"column {letters(cell)}"
        return f"{self.table.name}, {row.place}, {column}"

    def _column(self, name: str) -> Column:
        return next(column for column in self.table.columns if column.name == name)

    def _place(self, row: Row | None, column: Column | None) -> Location:
        text = ", ".join([self.table.name, row.place if row else "row 1", *([column.place] if column else [])])
        return Location(self.number, row.number if row else 1, column.number if column else 0, text)

    def _fault(self, row: Row, column: Column, words: str) -> None:
        self.ledger.fault(self._place(row, column), words)

    def _lost(self, row: Row | None, words: str) -> None:
        self.ledger.lost(self._place(row, None), words)


def _literal(column: Column, value: str) -> ox.Literal:
    if column.base == "string":
        return ox.Literal(value, language=column.language) if column.language else ox.Literal(value)
    return ox.Literal(value, datatype=ox.NamedNode(PREFIXES["xsd"] + column.base))


def _iri(template: Template, cells: dict[str, Any], expanded: dict[Any, ox.NamedNode]) -> ox.NamedNode:
    """Return the IRI that *template* gives for *cells*, the values of a row by column name.

    *expanded* caches the IRIs of the row, by template. Raises CellFault if the result is not an IRI, or breaks the
    naming rules of our namespaces.
    """
    found = expanded.get(template.text)
    if found is None:
        values = {name: cells[name] for name in template.names}
        try:
            found = _named(template.expand(values) if values else template.text)
        except CellFault as fault:
            # the cell that is not a slug is the one to change
            odd = [name for name, value in values.items() if not SLUG.fullmatch(str(value))]
            raise CellFault(str(fault), min(odd, default="")) from None
        expanded[template.text] = found
    return found


@lru_cache(1 << 12)
def _named(text: str) -> ox.NamedNode:
    """Return *text* as an IRI. Raises CellFault if it is not an IRI, or breaks the naming rules of our namespaces."""
    if not text.startswith(("http://", "https://")):
        raise CellFault(f"{short(text)!r} is not an absolute IRI; write it in full, beginning with https://")
    for prefix in ("kzus", "source", "note", "topic", "code"):
        local = text.removeprefix(PREFIXES[prefix])
        if local != text and not SLUG.fullmatch(local.replace(".", "-") if prefix == "source" else local):
            name = f"{prefix}:{short(unquote(local))}"
            raise CellFault(f"{name} is not a valid name here; use lower-case letters, digits and hyphens")
    try:
        return ox.NamedNode(text)
    except ValueError as error:
        raise CellFault(f"{short(text)!r} is not an IRI ({error})") from None


def _shown(term: Any) -> str:
    """Return the RDF *term* as text for a message."""
    return compact(term.value) if isinstance(term, ox.NamedNode) else str(term)
