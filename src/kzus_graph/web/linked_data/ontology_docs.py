"""Pages of the ontology, of its alignment with other vocabularies, and of the SHACL shapes, term by term."""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import quote

import pyoxigraph as ox
from flask import Blueprint, Response, g, render_template

from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf.formats import PAGE
from kzus_graph.rdf.prefixes import BASE, PREFIXES
from kzus_graph.rdf.vocab import DIP, GRAPH
from kzus_graph.web.charts import class_diagram
from kzus_graph.web.linked_data import dereference
from kzus_graph.web.linked_data.dereference import Resource
from kzus_graph.web.linked_data.resource_page import resource_page
from kzus_graph.web.view import locale, page_queries, responses
from kzus_graph.web.view.labels import Labels, Shown, iris
from kzus_graph.web.view.page_queries import Term as Node

RDFS: Final = PREFIXES["rdfs"]
OWL: Final = PREFIXES["owl"]
SKOS: Final = PREFIXES["skos"]
TYPE: Final = PREFIXES["rdf"] + "type"
MESSAGE: Final = PREFIXES["sh"] + "message"
# A sh:message has placeholders like {?value}: in brackets, after a colon at the end, or within the sentence.
BRACKETED: Final = re.compile(r" \([^()]*\{[^()]*\)")
LABEL_OF_SLOT: Final = re.compile(r": \{[?$]\w+\}(?=\.?$)")
SLOT: Final = re.compile(r"\{[?$]\w+\}")
ALIGNMENT: Final = str(GRAPH.alignment)
SECTIONS: Final = (
    ("Classes", "classes", OWL + "Class"),
    ("Object properties", "object-properties", OWL + "ObjectProperty"),
    ("Datatype properties", "datatype-properties", OWL + "DatatypeProperty"),
    ("Annotation properties", "annotation-properties", OWL + "AnnotationProperty"),
)
TRAITS: Final = {
    OWL + "TransitiveProperty": "transitive",
    OWL + "SymmetricProperty": "symmetric",
    OWL + "FunctionalProperty": "functional",
}
KEPT: Final = {str(DIP[name]) for name in ("onBehalfOf", "atPlace")}
"""Properties that the diagram shows although a property chain infers them: editors also assert them."""
TEXTS: Final = (RDFS + "label", SKOS + "definition", SKOS + "scopeNote", SKOS + "example", SKOS + "editorialNote")


@dataclass
class Term:
    """The entry of one term on the ontology's page.

    *lines* are rows of related terms, each with a label; *chains* are the property chains that imply the property;
    *shapes* are the SHACL shapes that constrain the term, each with its label. *number* counts the uses of the term in
    the default graph; *thing* is an example: an instance of the class, or the subject of a triple with the property
    as predicate and *value* as object. *translated* is its name in the language of the request; empty for English.
    """

    iri: str
    label: str = ""
    definition: str = ""
    scope: list[str] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    traits: list[str] = field(default_factory=list)
    lines: list[tuple[str, list[Shown]]] = field(default_factory=list)
    chains: list[tuple[Shown, Shown]] = field(default_factory=list)
    shapes: list[tuple[Shown, str]] = field(default_factory=list)
    number: int = 0
    thing: Shown | None = None
    value: Shown | None = None
    translated: str = ""

    @property
    def local(self) -> str:
        """The local name of the term, which is also its anchor on the page."""
        return self.iri.removeprefix(str(DIP))


Said = dict[str, list[tuple[Node, str]]]


STAND_IN: Final = "https://host.invalid/"
"""What a page that is kept for all hosts has in the place of the base URL of the site."""
blueprint = Blueprint("vocabulary", __name__)
"""The routes of the pages of the ontology, of its alignment and of the SHACL shapes."""


@blueprint.get("/page/ontology")
@blueprint.get("/page/ontology/<version>")
def ontology_page(version: str = "") -> Response:
    """Return the page of the ontology, with an entry for each term."""
    return _shown("ontology", version, ontology, "ontology.html")


@blueprint.get("/page/ontology/alignment")
@blueprint.get("/page/ontology/alignment/<version>")
def alignment_page(version: str = "") -> Response:
    """Return the page of the ontology's alignment with other vocabularies, with a row for each link."""
    return _shown("ontology/alignment", version, aligned, "alignment.html")


@blueprint.get("/page/shapes")
@blueprint.get("/page/shapes/<version>")
def shapes_page(version: str = "") -> Response:
    """Return the page of the SHACL shapes, with an entry for each shape."""
    return _shown("shapes", version, shapes, "shapes.html")


def _shown(path: str, version: str, page: Callable[[Release], dict[str, Any]], template: str) -> Response:
    found = dereference.find(g.release, f"{path}/{version}" if version else path)
    if version and not version[0].isdigit():
        return resource_page(g.release, found)
    # The page is the same for all hosts and parameters, so that no client can have it made anew by naming others.
    g.stand_in = STAND_IN
    where = (responses.root(), responses.is_copy(), locale.wanted(), locale.asked())
    made = _made(g.release, found, template, page, *where)
    # A report of an error has the address as a parameter.
    for text, host in ((STAND_IN, responses.host()), (quote(STAND_IN, safe=""), quote(responses.host(), safe=""))):
        made = made.replace(text.encode(), host.encode())
    return responses.sent(made, links=dereference.links(found, PAGE))


@once
def _made(
    release: Release, found: Resource, template: str, page: Callable[[Release], dict[str, Any]],
    root: str, static: bool, language: str, asked: str,
) -> bytes:  # fmt: skip
    """Return the rendered page, cached for each combination of the arguments.

    *root* is the path prefix of the addresses of the site; *static* is true for a static copy of the site.
    *asked* is the language in the address. The page has STAND_IN for the host.
    """
    return render_template(template, downloads=dereference.downloads(found), **page(release)).encode()


def ontology(release: Release) -> dict[str, Any]:
    """Return the variables of ontology.html: the terms by section, the tree of classes, and the class diagram."""
    rows = page_queries.rows(release, "terms")
    chains = page_queries.rows(release, "chains")
    counts = page_queries.rows(release, "term-counts")
    constrained = page_queries.rows(release, "shapes-of-terms")
    wanted = iris(rows, ("term", "property", "value")) | iris(chains, ("first", "second"))
    shown = wanted | iris(counts, ("thing", "value")) | iris(constrained, ("shape",))
    names = Labels(release, shown, locale.ENGLISH)
    said: dict[str, Said] = defaultdict(lambda: defaultdict(list))
    for row in sorted(rows, key=lambda row: str(row["value"])):
        said[row["term"].value][row["property"].value].append((row["value"], row["graph"].value))
    terms = {iri: _term(iri, of, said, names) for iri, of in sorted(said.items())}
    if locale.wanted() != locale.ENGLISH:
        called = Labels(release, iris(rows, ("term",)))
        for iri, entry in terms.items():
            entry.translated = called[iri] if called.language(iri) else ""
    chained = {row["term"].value for row in chains} - KEPT
    for row in chains:
        if row["term"].value in terms:
            terms[row["term"].value].chains.append((names.shown(row["first"]), names.shown(row["second"])))
    for row in counts:
        if (term := terms.get(row["term"].value)) is not None:
            term.number = int(row["number"].value)
            term.thing = names.shown(row["thing"])
            term.value = names.shown(row["value"]) if "value" in row else None
    for row in constrained:
        if row["term"].value in terms:
            terms[row["term"].value].shapes.append((names.shown(row["shape"]), row["label"].value))
    kinds = {iri: {value.value for value, _ in of[TYPE]} for iri, of in said.items()}
    sections = [
        (title, anchor, [terms[iri] for iri in sorted(terms) if kind in kinds[iri]]) for title, anchor, kind in SECTIONS
    ]
    return {
        "about": _about(release, "ontology"),
        "sections": sections,
        "by_iri": terms,
        "tree": _tree(said),
        "diagram": class_diagram.draw(_edges(said, chained), {iri: term.label for iri, term in terms.items()}),
    }


def aligned(release: Release) -> dict[str, Any]:
    """Return the variables of alignment.html: each link from our terms to terms of other vocabularies."""
    rows = page_queries.rows(release, "alignment")
    names = Labels(release, iris(rows, ("term", "value")), locale.ENGLISH)
    tables = []
    for heading, words in (("Classes", ("subClassOf", "equivalentClass")), ("Properties", ("sub", "equivalent"))):
        of = [row for row in rows if row["property"].value.rpartition("#")[2].startswith(words)]
        rows = [row for row in rows if row not in of]
        tables.append((heading, [(names.shown(row["term"]), _how(row), names.shown(row["value"])) for row in of]))
    return {"about": _about(release, "ontology/alignment"), "tables": tables}


def _how(row: page_queries.Row) -> str:
    return "a kind of" if "sub" in row["property"].value.rpartition("#")[2] else "the same as"


def _about(release: Release, path: str) -> dict[str, str]:
    """Return one value for each property of the document at *path*, by the local name of the property."""
    rows = page_queries.rows(release, "statements", thing=ox.NamedNode(BASE + path))
    return {row["property"].value.rpartition("/")[2].rpartition("#")[2]: row["value"].value for row in rows}


def in_general(message: str) -> str:
    """Return the sh:message of a shape without its placeholders for values.

    A placeholder in brackets or after a colon at the end is left out; any other becomes an ellipsis.

    >>> in_general("Its dates ({?from} to {?to}) are not within those of {?value}.")
    'Its dates are not within those of ….'
    >>> in_general("No two terms share a label: {?value}.")
    'No two terms share a label.'
    """
    return SLOT.sub("…", LABEL_OF_SLOT.sub("", BRACKETED.sub("", message)))


def _term(iri: str, of: Said, said: dict[str, Said], names: Labels) -> Term:
    texts = {name: [value.value for value, _ in of.get(name, [])] for name in TEXTS}
    label, definition = ((texts[name] or [""])[0] for name in TEXTS[:2])
    scope, examples, remarks = (texts[name] for name in TEXTS[2:])
    term = Term(iri, label, definition, scope, examples, remarks)
    term.traits = [TRAITS[value.value] for value, _ in of[TYPE] if value.value in TRAITS]

    def line(label: str, values: list[Node]) -> None:
        if values:
            term.lines.append((label, sorted({names.shown(value) for value in values}, key=lambda shown: shown.text)))

    own = {name: [value for value, graph in values if graph != ALIGNMENT] for name, values in of.items()}
    line("Kind of", own.get(RDFS + "subClassOf", []) + own.get(RDFS + "subPropertyOf", []))
    line("Kinds of it", _pointing(said, (RDFS + "subClassOf", RDFS + "subPropertyOf"), iri))
    line("From", own.get(RDFS + "domain", []))
    line("To", own.get(RDFS + "range", []))
    line("Other direction", own.get(OWL + "inverseOf", []) + _pointing(said, (OWL + "inverseOf",), iri))
    line("Properties", _pointing(said, (RDFS + "domain",), iri))
    line("Range of", _pointing(said, (RDFS + "range",), iri))
    line("Event codes", own.get(str(DIP.eventCode), []))
    line(
        "In other vocabularies", [value for values in of.values() for value, graph in values if _foreign(value, graph)]
    )
    return term


def _foreign(value: Node, graph: str) -> bool:
    return graph == ALIGNMENT and isinstance(value, ox.NamedNode) and not value.value.startswith((BASE, OWL))


def _pointing(said: dict[str, Said], properties: tuple[str, ...], iri: str) -> list[Node]:
    return [
        ox.NamedNode(term)
        for term, of in said.items()
        for name in properties
        if any(value.value == iri for value, _ in of.get(name, []))
    ]


def _edges(said: dict[str, Said], chained: set[str]) -> list[tuple[str, str, str]]:
    """Return (domain, property, range) IRIs of the properties that editors assert, without those only inferred."""
    found = []
    derived = chained | {value.value for of in said.values() for value, _ in of.get(OWL + "inverseOf", [])}
    for term, of in sorted(said.items()):
        if term in derived or any(value.value in derived for value, _ in of.get(RDFS + "subPropertyOf", [])):
            continue
        for domain, _ in of.get(RDFS + "domain", []):
            found += [(domain.value, term, value.value) for value, _ in of.get(RDFS + "range", [])]
    return found


def _tree(said: dict[str, Said]) -> dict[str, list[str]]:
    """Return the IRIs of the direct subclasses of each class, by its IRI; the top classes are under the key ''."""
    found: dict[str, list[str]] = defaultdict(list)
    for iri, of in sorted(said.items()):
        if any(value.value == OWL + "Class" for value, _ in of[TYPE]):
            above = [value.value for value, _ in of.get(RDFS + "subClassOf", []) if value.value in said]
            for name in above or [""]:
                found[name].append(iri)
    return found


def shapes(release: Release) -> dict[str, Any]:
    """Return the variables of shapes.html: the shapes with a label and a message, and the other shapes (parts).

    *owner* is the IRI of the shape on whose entry each part is shown; *others* are the parts without an owner.
    """
    rows = page_queries.rows(release, "shapes")
    names = Labels(release, iris(rows, ("term", "value")), locale.ENGLISH)
    said: dict[str, dict[str, list[Shown]]] = defaultdict(lambda: defaultdict(list))
    for row in sorted(rows, key=lambda row: str(row["value"])):
        shown = names.shown(row["value"])
        said[row["term"].value][row["property"].value.rpartition("#")[2]].append(
            replace(shown, text=in_general(shown.text)) if row["property"].value == MESSAGE else shown
        )
    main = {iri: of for iri, of in sorted(said.items()) if of.get("label") and of.get("message")}
    parts = {iri: of for iri, of in sorted(said.items()) if iri not in main}
    # A part that several shapes share is shown, with its anchor, in the entry of the first of them.
    owner: dict[str, str] = {}
    for iri, of in main.items():
        for part in of.get("property", []):
            owner.setdefault(part.iri, iri)
    return {"shapes": main, "parts": parts, "owner": owner, "others": [iri for iri in parts if iri not in owner]}
