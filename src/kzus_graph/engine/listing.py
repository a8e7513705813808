"""Writes an answer as an HTML page, with labels and links for IRIs; row by row, so that any number is possible."""

import re
from collections.abc import Iterator
from html import escape
from typing import Final, NamedTuple

import pyoxigraph as ox

from kzus_graph.engine.tables import Solutions
from kzus_graph.rdf import writing
from kzus_graph.rdf.prefixes import BASE, PREFIXES, compact

NAMES: Final = (ox.NamedNode(PREFIXES["rdfs"] + "label"), ox.NamedNode(PREFIXES["skos"] + "prefLabel"))
LANGUAGES: Final = ("en", None)
MOST_REMEMBERED: Final = 50_000
# Characters that HTML can't hold or show are written by name; HTML would read a carriage return as a line end.
UNSEEN: Final = {code: f"<small>U+{code:04X}</small>" for code in (*range(9), *range(11, 32), *range(127, 160))} | {
    code: f"<small>U+{code:04X}</small>" for code in (0xFFFE, 0xFFFF)
}


class Frame(NamedTuple):
    """The parts of the HTML page around the rows.

    *head* comes before the rows and *foot* after them; *empty* comes before *foot* if there are no rows. In links,
    *site* replaces the beginning that all IRIs of this dataset share (BASE); if *release* is not empty, they lead to
    the pages of that release.
    """

    head: str = '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Answer</title></head><body>\n'
    empty: str = ""
    foot: str = "</body></html>\n"
    site: str = "/"
    release: str = ""


class StoreLabels:
    """The labels of resources in the default graph of *store*; each is looked up when first needed, then cached."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self._known: dict[str, str] = {}

    def of(self, thing: ox.NamedNode) -> str:
        """Return the label of *thing*: in English, else without a language, else in any; an empty string if none."""
        if thing.value not in self._known:
            if len(self._known) > MOST_REMEMBERED:
                self._known.clear()
            self._known[thing.value] = self._asked(thing)
        return self._known[thing.value]

    def _asked(self, thing: ox.NamedNode) -> str:
        found: dict[str | None, str] = {}
        for name in NAMES:
            for quad in self._store.quads_for_pattern(thing, name, None, ox.DefaultGraph()):
                if isinstance(quad.object, ox.Literal):
                    found.setdefault(quad.object.language, quad.object.value)
        return next((found[language] for language in (*LANGUAGES, *found) if language in found), "")


def html(results: Solutions, labels: StoreLabels, frame: Frame) -> Iterator[str]:
    """Yield an answer as an HTML page, in pieces: the rows as a table, or ``true`` or ``false`` for an ASK query."""
    yield frame.head
    if isinstance(results, ox.QueryBoolean):
        yield f'<p class="lead"><strong>{"true" if results else "false"}</strong></p>\n'
        yield frame.foot if results else frame.empty + frame.foot
        return
    names = [variable.value for variable in results.variables]
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    yield (
        '<div class="scroll" tabindex="0" role="group" aria-label="Rows"><table class="answer" data-sortable="whole">'
        f"<thead><tr>{heads}</tr></thead><tbody>\n"
    )
    rows = 0
    for row in results:
        rows += 1
        yield f"<tr>{''.join(f'<td>{_cell(row[name], labels, frame)}</td>' for name in names)}</tr>\n"
    yield f"</tbody></table></div>\n<p>{rows} {'row' if rows == 1 else 'rows'}</p>\n"
    yield frame.foot if rows else frame.empty + frame.foot


def _cell(term: writing.Term | None, labels: StoreLabels, frame: Frame) -> str:
    if term is None:
        return ""
    if isinstance(term, ox.NamedNode):
        return _link(term, labels.of(term), frame)
    if isinstance(term, ox.Triple):
        inner = term.object
        # A triple within a triple may be nested deeply, so it is written as one text.
        last = escape(writing.text(inner)) if isinstance(inner, ox.Triple) else _cell(inner, labels, frame)
        parts = (_cell(term.subject, labels, frame), _cell(term.predicate, labels, frame), last)
        return f"&lt;&lt;( {' '.join(parts)} )&gt;&gt;"
    if isinstance(term, ox.BlankNode):
        return escape(str(term))
    words = escape(term.value).translate(UNSEEN)
    if term.direction:
        words = f'<bdi lang="{escape(term.language or "")}" dir="{term.direction}">{words}</bdi>'
    kind = term.datatype.value
    note = writing.tag(term) or ("" if kind == PREFIXES["xsd"] + "string" else kind.rpartition("#")[2])
    return words + (f" <small>{escape(note)}</small>" if note else "")


def _link(thing: ox.NamedNode, label: str, frame: Frame) -> str:
    """Return HTML for the IRI *thing*: its *label*, if any, and its prefixed name, as a link.

    An IRI of this dataset links to its page on the site of *frame*, another http(s) IRI to itself; others get no link.
    """
    iri = thing.value
    short = compact(iri).strip("<>")
    if not re.match(r"https?://", iri):
        return escape(iri)
    # Two slashes at the beginning of an address would mean another host.
    ours = iri.startswith(BASE) and not iri.startswith(f"{BASE}/")
    address = frame.site + iri.removeprefix(BASE) if ours else iri
    if ours and frame.release:
        path, mark, fragment = address.partition("#")
        address = f"{path}{'&' if '?' in path else '?'}release={frame.release}{mark}{fragment}"
    anchor = f'<a href="{escape(address)}" title="{escape(iri)}">{escape(label or short)}</a>'
    return f'{anchor} <small class="iri">{escape(short)}</small>' if label else anchor
