"""Reads the CSVW metadata of tables: the columns, the statement that each cell makes, and its named graph.

Standards: Model for Tabular Data and Metadata on the Web, Metadata Vocabulary for Tabular Data (W3C, 2015), read by the
library csvw; we allow only the part that ``metadata.schema.json`` lists. The graph of a statement is given by R2RML's
``rr:graph`` (one graph) or ``rr:graphMap`` with ``rr:template``, a common property of column, schema, table or group.
"""

import codecs
import difflib
import json
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import csvw
import jsonschema
import pyoxigraph as ox
from csvw.metadata_utils import NAMESPACES

from kzus_graph.rdf.characters import unseen
from kzus_graph.tabular.group import Column, ForeignKey, Table, TableGroup, Template

MOST: Final = 1 << 20
"""The most bytes of a metadata file."""
ENCODINGS: Final = {
    "utf-8": "utf-8", "utf-8-sig": "utf-8", "ascii": "us-ascii",
    "cp1251": "windows-1251", "cp1252": "windows-1252", "iso8859-1": "iso-8859-1",
}  # fmt: skip
"""The encodings that tables may have, by the name of Python's codec; Python finds the codec by any alias."""


class TableError(ValueError):
    """The error that a table or its metadata must be changed before an import; the message says where and how."""


def group(path: Path) -> TableGroup:
    """Return the table group of the CSV file *path*, as described by the metadata in the same folder.

    The metadata are ``<file>-metadata.json``, else ``csv-metadata.json`` (CSVW, section 5.3), else the first file
    ``*-metadata.json`` that contains the name of the CSV file. All tables must be in this folder; nothing is fetched
    from the web. Raises TableError.
    """
    beside = (path.with_name(f"{path.name}-metadata.json"), path.with_name("csv-metadata.json"))
    others = (file for file in sorted(path.parent.glob("*-metadata.json")) if f'"{path.name}"' in _text(file))
    metadata = next((file for file in beside if file.is_file()), None) or next(others, None)
    if metadata is None:
        raise TableError(
            f"{path}: this table has no metadata; describe its columns in {beside[0].name} (see docs/import.md)"
        )
    data = _json(metadata)
    _conform(data, metadata)
    for part in (data, *data.get("tables", ())):
        if "dialect" in part:
            part["dialect"] = _dialect(part["dialect"], metadata)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            described = csvw.TableGroup.fromvalue(data) if "tables" in data else csvw.Table.fromvalue(data)
        except ValueError as error:
            raise TableError(f"{metadata}: {error}") from None
    if warned:
        raise TableError(f"{metadata}: {warned[0].message}")
    tables = tuple(_table(table, metadata) for table in getattr(described, "tables", [described]))
    found = TableGroup(metadata, tables)
    if path.name not in {table.name for table in tables}:
        raise TableError(f"{metadata}: does not describe {path.name}, only: {', '.join(t.name for t in tables)}")
    if faults := [f"{metadata}: {fault}" for fault in _faults(found)]:
        raise TableError("\n".join(faults))
    return found


def _text(path: Path) -> str:
    """Return the text of the metadata file *path*. Raises TableError."""
    with path.open("rb") as file:
        text = file.read(MOST + 1)
    if len(text) > MOST:
        raise TableError(f"{path}: the metadata are longer than {MOST:,} bytes; shorten them")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TableError(f"{path}: the metadata are not in UTF-8 ({error.reason} at byte {error.start})") from None


def _json(path: Path) -> Any:
    """Return the parsed JSON of the metadata file *path*. Raises TableError."""
    try:
        return json.loads(_text(path))
    except (json.JSONDecodeError, RecursionError) as error:
        raise TableError(f"{path}: the metadata are not JSON ({error})") from None


@cache
def _schema() -> Any:
    return json.loads(Path(__file__).with_name("metadata.schema.json").read_text("utf-8"))


def _conform(data: Any, path: Path) -> None:
    """Raise TableError, listing each fault, if *data* break ``metadata.schema.json``, the part of CSVW we support."""
    kind = "group" if isinstance(data, dict) and "tables" in data else "table"
    definitions = _schema()["$defs"]
    schema = {"$ref": f"#/$defs/{kind}", "$defs": definitions, "required": ["@context"]}
    faults = []
    for error in jsonschema.Draft202012Validator(schema).iter_errors(data):
        place = error.json_path.removeprefix("$").removeprefix(".") or "top"
        if error.validator == "additionalProperties":
            allowed = error.schema["properties"]
            for name in error.instance:
                if name not in allowed and ":" not in name:
                    close = difflib.get_close_matches(name, allowed, 1)
                    hint = f"; did you mean {close[0]!r}?" if close else f"; use one of: {', '.join(allowed)}"
                    faults.append(f"{path}: {place}: {name!r} is not a supported property here{hint}")
        elif error.validator in ("const", "enum"):
            done = [error.validator_value] if error.validator == "const" else error.validator_value
            said, wanted = json.dumps(error.instance), ", ".join(map(json.dumps, done))
            faults.append(
                f"{path}: {place}: {_short(said)} is not supported; leave this property out, or write {wanted}"
            )
        else:
            faults.append(f"{path}: {place}: {_short(error.message)}")
    if faults:
        raise TableError("\n".join(sorted(set(faults))))


def _dialect(said: dict[str, Any], path: Path) -> dict[str, str]:
    """Return the delimiter and the encoding (its standard name) that the CSVW dialect *said* has. Raises TableError."""
    given = said.get("encoding", "utf-8")
    try:
        encoding = ENCODINGS[codecs.lookup(given).name]
    except (LookupError, ValueError):
        known = ", ".join(dict.fromkeys(ENCODINGS.values()))
        raise TableError(
            f"{path}: dialect.encoding: {given!r} is not supported; save the table in one of {known}"
        ) from None
    return {"delimiter": said.get("delimiter", ","), "encoding": encoding}


def _short(words: str) -> str:
    return words if len(words) < 200 else f"{words[:100]} … {words[-90:]}"


def _table(table: Any, metadata: Path) -> Table:
    """Return *table*, an object of the library csvw, as a Table."""
    dialect = table.dialect or (table._parent and table._parent.dialect)
    schema = table.tableSchema
    return Table(
        metadata.parent / str(table.url),
        tuple(_column(column, metadata) for column in schema.columns),
        dialect.delimiter if dialect else ",",
        dialect.encoding if dialect else "utf-8",
        tuple(schema.primaryKey),
        tuple(
            ForeignKey(tuple(key.columnReference), str(key.reference.resource), tuple(key.reference.columnReference))
            for key in schema.foreignKeys
        ),
    )


def _column(column: Any, metadata: Path) -> Column:
    """Return *column*, an object of the library csvw, as a Column. Raises TableError if a part is missing or wrong."""
    where = f"{metadata}: column {column.name}"
    predicate = column.inherit("propertyUrl")
    silent = column.suppressOutput
    subject, graph = column.inherit("aboutUrl"), _graph(column)
    if not silent and (predicate is None or subject is None or graph is None):
        raise TableError(
            f"{where}: must have propertyUrl, aboutUrl and rr:graph or rr:graphMap, or else suppressOutput: true"
        )
    if column.virtual and not silent and column.valueUrl is None and not column.default:
        raise TableError(f"{where}: is virtual, so it must have a valueUrl or a default")
    if words := unseen(column.default or ""):
        raise TableError(f"{where}: default {column.default!r}: {words}")
    property_ = None if silent else _template(str(predicate.uri), where)
    if property_ and property_.names:
        raise TableError(f"{where}: propertyUrl must be one property, not a template")
    value, required = column.inherit("valueUrl"), bool(column.inherit("required"))
    # all that a column inherits has been read; csvw would look it up again for every cell
    column._parent = None
    return Column(
        name=column.name,
        number=column._number,
        titles=tuple(title for titles in (column.titles or {}).values() for title in titles) or (column.name,),
        cell=column,
        virtual=column.virtual,
        required=required,
        several=column.separator is not None,
        base=column.datatype.base if column.datatype else "string",
        language=None if column.lang == "und" else column.lang.lower(),
        subject=_template("" if subject is None else subject.uri, where),
        predicate=ox.NamedNode(property_.text) if property_ else None,
        value=None if value is None else _template(value.uri, where),
        graph=_template(graph or "", where),
    )


def _graph(column: Any) -> str | None:
    """Return the template of the named graph that *column*, else its schema, table or group states, or None."""
    part = column
    while part is not None:
        said = part.common_props
        if "rr:graph" in said:
            return str(said["rr:graph"]["@id"])
        if "rr:graphMap" in said:
            return str(said["rr:graphMap"]["rr:template"])
        part = getattr(part, "_parent", None)
    return None


def _template(text: str, where: str) -> Template:
    """Return *text* as a URI template; a prefix predefined by CSVW, such as foaf:, is expanded. Raises TableError."""
    prefix, colon, local = text.partition(":")
    if colon and prefix in NAMESPACES:
        text = NAMESPACES[prefix] + local
    if text and not text.startswith(("http://", "https://", "{+")):
        raise TableError(f"{where}: {text} is not an absolute IRI; write it in full, or begin with {{+column}}")
    parsed = csvw.metadata.URITemplate(text)
    return Template(text, frozenset(parsed.variable_names), parsed.expand)


def _faults(group: TableGroup) -> Iterator[str]:
    """Yield a message for each template, primary key or foreign key in *group* that does not fit the columns."""
    for table in group.tables:
        columns = {column.name: column for column in table.columns}
        for column in table.columns:
            for template in filter(None, (column.subject, column.graph, column.value)):
                for name in sorted(template.names - columns.keys()):
                    close = difflib.get_close_matches(name, columns, 1)
                    hint = f"; did you mean {{{close[0]}}}?" if close else ""
                    yield f"{table.name}, column {column.name}: {template.text} uses {name}, which is no column{hint}"
                for name in sorted(template.names & columns.keys()):
                    other = columns[name]
                    if other is not column and (not other.required or other.several or other.virtual):
                        yield (
                            f"{table.name}, column {column.name}: {template.text} needs {name} in every row; make it a"
                            " required column with a single value, or move the optional columns to another table"
                        )
        for name in table.primary_key:
            if name not in columns or not columns[name].required:
                yield f"{table.name}: primaryKey {name} must be a required column"
        others = {other.name: {column.name for column in other.columns} for other in group.tables}
        for key in table.foreign_keys:
            wrong = [name for name in key.columns if name not in columns]
            wrong += [name for name in key.there if name not in others.get(key.other, ())]
            if wrong or len(key.columns) != len(key.there):
                yield (
                    f"{table.name}: the foreign key to {key.other} must name the same number of columns in both tables,"
                    f" and only existing ones; not found: {wrong}"
                )
