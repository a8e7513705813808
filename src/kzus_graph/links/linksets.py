"""Links to other data sets: reads the SSSOM tables that state each link and its reason, and makes RDF of them.

People edit the tables (``data/links/*.sssom.tsv``, and ``ontology/mappings.sssom.tsv`` for terms of the ontology). From
them, ``write`` makes ``data/links/*.ttl`` with the links as plain triples. The reasons are in the named graph
``graph:mappings``, which is not merged into the default graph, since it describes links and not the world.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from os.path import commonprefix
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from rdflib import DCTERMS, FOAF, OWL, RDF, RDFS, SKOS, VOID, XSD, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from kzus_graph.links import sssom
from kzus_graph.links.sssom import SUFFIX, LinksError
from kzus_graph.rdf import files, longturtle, ntriples
from kzus_graph.rdf.ntriples import Lines, NamedLines, Triple
from kzus_graph.rdf.prefixes import BASE, PREFIXES, compact
from kzus_graph.rdf.vocab import DATASET, GRAPH, SOURCE

SSSOM: Final = Namespace(PREFIXES["sssom"])
LINKS: Final = {
    SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch,
    FOAF.isPrimaryTopicOf, FOAF.homepage,
}  # fmt: skip
"""Properties that link a thing in our data set to the same or a similar thing in another, or to a page about it."""
NAMES: Final = (RDFS.label.n3(), SKOS.prefLabel.n3())
COLUMNS: Final = ("subject_id", "predicate_id", "object_id", "mapping_justification")
"""The columns that a table must have: SSSOM requires predicate and justification; a link needs subject and object."""
DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
PAST_ASCII: Final = re.compile(r"[^A-Za-z0-9]+")
HEADING: Final = "# Made by 'kzus-graph links write' of {table}: edit that table, which says why each link holds.\n\n"


@dataclass(frozen=True, order=True)
class Mapping:
    """One row of an SSSOM table, its CURIEs expanded; *name* is the IRI of the row, *table* that of the mapping set."""

    table: URIRef
    subject: URIRef
    predicate: URIRef
    object: URIRef
    subject_label: str
    object_label: str
    justification: URIRef
    date: str
    confidence: str
    comment: str
    name: URIRef
    object_category: str = ""
    """The class, one of ours, that the thing has where its identifier was read; empty if not known."""


def tables(root: Path) -> list[Path]:
    """Return the paths of the SSSOM tables below the folder *root*: those in ``ontology``, then in ``data/links``."""
    return [path for folder in ("ontology", "data/links") for path in sorted((root / folder).glob(f"*{SUFFIX}"))]


def read(path: Path) -> list[Mapping]:
    """Return the rows of the SSSOM table in the file *path* as mappings.

    Raises LinksError for the first line that breaks a rule of SSSOM or of this data set.
    """
    return _mappings(path, sssom.read(path))


def _mappings(path: Path, table: sssom.MappingTable) -> list[Mapping]:
    if "mapping_set_id" not in table.metadata or "license" not in table.metadata:
        raise LinksError(f"{path}: the metadata (# lines) must give mapping_set_id and license; one is missing")
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise LinksError(f"{path}, line {table.line}: required columns are missing: {', '.join(missing)}")
    mappings = [_mapping(row.cells, table, f"{path}, line {row.line}") for row in table.rows]
    named: dict[URIRef, Mapping] = {}
    for mapping in mappings:
        if named.setdefault(mapping.name, mapping) is not mapping:
            link = f"{compact(mapping.subject)} {compact(mapping.predicate)} <{mapping.object}>"
            raise LinksError(f"{path}: two rows state the same link; delete one: {link}")
    return mappings


def _mapping(row: dict[str, str], table: sssom.MappingTable, place: str) -> Mapping:
    """Return *row* of *table* as a mapping; its default date is the table's. Raises LinksError that names *place*."""

    def iri(column: str) -> URIRef:
        prefix, colon, local = row[column].partition(":")
        if not colon or prefix not in table.prefixes or not local:
            known = "" if colon and prefix in table.prefixes else f"; curie_map declares no prefix {prefix!r}"
            raise LinksError(f"{place}, column {column}: {row[column]!r} must be a prefixed name, prefix:name{known}")
        return URIRef(table.prefixes[prefix] + local)

    date = row.get("mapping_date") or table.metadata.get("mapping_date", "")
    if date and not DATE.fullmatch(date):
        raise LinksError(f"{place}, column mapping_date: {date!r} must be a date, such as 2026-11-25")
    subject, predicate, object_ = iri("subject_id"), iri("predicate_id"), iri("object_id")
    category = str(iri("object_category")) if row.get("object_category") else ""
    if not subject.startswith(BASE):
        raise LinksError(f"{place}, column subject_id: {row['subject_id']!r} must be an IRI in https://w3id.org/kzus/")
    name = table.metadata["mapping_set_id"]
    parts = (name.rpartition("/")[2], subject.rpartition("/")[2], row["predicate_id"], row["object_id"])
    return Mapping(
        URIRef(name), subject, predicate, object_, row.get("subject_label", ""), row.get("object_label", ""),
        iri("mapping_justification"), date, _confidence(row.get("confidence", ""), place), row.get("comment", ""),
        SOURCE["--".join(PAST_ASCII.sub("-", part).strip("-") for part in parts)], category,
    )  # fmt: skip


def _confidence(text: str, place: str) -> str:
    """Return the number *text* without trailing zeros, "" for an empty text. Raises LinksError if not from 0 to 1."""
    if not text:
        return ""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if number.is_nan() or not 0 <= number <= 1:
        raise LinksError(f"{place}, column confidence: {text!r} must be a number from 0 to 1, such as 0.95")
    return format(number.normalize(), "f")


def links(mappings: Iterable[Mapping]) -> Graph:
    """Return the links that *mappings* state, as plain triples."""
    graph = Graph()
    for mapping in mappings:
        graph.add((mapping.subject, mapping.predicate, mapping.object))
    return graph


def reasons(mappings: Iterable[Mapping]) -> Iterator[Triple]:
    """Yield *mappings* as RDF: each row is a sssom:Mapping with an IRI and the properties of the SSSOM schema."""
    for mapping in mappings:
        name, target = mapping.name, mapping.object_label or compact(mapping.object).strip("<>")
        label = f"Link: {mapping.subject_label or compact(mapping.subject)} to {target}"
        facts = [
            (RDF.type, SSSOM.Mapping),
            (RDFS.label, Literal(label, lang="en")),
            (DCTERMS.isPartOf, mapping.table),
            (OWL.annotatedSource, mapping.subject),
            (OWL.annotatedProperty, mapping.predicate),
            (OWL.annotatedTarget, mapping.object),
            (SSSOM.mapping_justification, mapping.justification),
        ]
        if mapping.object_label:
            facts.append((SSSOM.object_label, Literal(mapping.object_label)))
        if mapping.object_category:
            facts.append((SSSOM.object_category, URIRef(mapping.object_category)))
        if mapping.date:
            facts.append((DCTERMS.created, Literal(mapping.date, datatype=XSD.date)))
        if mapping.confidence:
            facts.append((SSSOM.confidence, Literal(mapping.confidence, datatype=XSD.decimal, normalize=False)))
        if mapping.comment:
            facts.append((RDFS.comment, Literal(mapping.comment, lang="en")))
        for property_, value in facts:
            yield name, property_, value


def kept(table: Path, names: Collection[Node]) -> bytes:
    """Return the content of the file *table*, without the rows whose mappings are not in *names*. Raises LinksError."""
    read = sssom.read(table)
    texts = [row.text for row, mapping in zip(read.rows, _mappings(table, read), strict=True) if mapping.name in names]
    return "".join([read.head, *texts]).encode()


def turtle_of(table: Path) -> bytes:
    """Return, as Turtle, a comment with the name of the file *table*, and the table's links. Raises LinksError."""
    return HEADING.format(table=table.name).encode() + longturtle.of_graph(links(read(table)))


def write(root: Path) -> dict[Path, bool]:
    """Write the Turtle file of each table in ``data/links`` of *root*; return, by path, whether each file changed.

    All tables are read before anything is written. Raises LinksError and OSError.
    """
    wanted = {
        table.with_name(table.name.removesuffix(SUFFIX) + ".ttl"): turtle_of(table)
        for table in tables(root)
        if table.parent.name == "links"
    }
    changed = {}
    for path, data in wanted.items():
        changed[path] = not path.exists() or path.read_bytes() != data
        if changed[path]:
            with files.replacing(path) as file:
                file.write(data)
    return changed


def faults(root: Path, known: Lines) -> list[str]:
    """Return the faults of the SSSOM tables in *root*, each in one line.

    Faults are outdated Turtle files, subjects that are not in our data, and subject labels that differ from our data.
    *known* is the union of the graphs of *root*, which contains our labels. Raises LinksError for an unreadable table.
    """
    found = []
    called: defaultdict[str, set[str]] = defaultdict(set)
    for subject, property_, name in map(ntriples.terms, known):
        if property_ in NAMES:
            called[subject].add(name)
    for table in tables(root):
        beside = table.with_name(table.name.removesuffix(SUFFIX) + ".ttl")
        if table.parent.name == "links" and (not beside.exists() or beside.read_bytes() != turtle_of(table)):
            found.append(f"{beside}: missing, or not up to date with {table.name}; run 'kzus-graph links write'")
        for mapping in read(table):
            names = {ntriples.text(name) for name in called[mapping.subject.n3()]}
            if not names:
                found.append(f"{table}: {compact(mapping.subject)} is not in the graph, or has no label there")
            elif mapping.subject_label not in names:
                said = f"{compact(mapping.subject)} is called {min(names)!r}, not {mapping.subject_label!r}"
                found.append(f"{table}, column subject_label: {said}")
    return found


def titles(root: Path) -> Graph:
    """Return a triple with the dcterms:title of the mapping set of each SSSOM table in ``data/links`` of *root*."""
    graph = Graph()
    for table in tables(root):
        metadata = sssom.read(table).metadata
        if table.parent.name == "links" and "mapping_set_title" in metadata:
            graph.add((URIRef(metadata["mapping_set_id"]), DCTERMS.title, Literal(metadata["mapping_set_title"])))
    return graph


def described(named: NamedLines, titles: Graph) -> Graph:
    """Return a description in VoID (W3C Note 2011, section 5) of those of the *named* graphs that contain links.

    A graph is one linkset if the targets of its links are all on one host, else it has a linkset for each host. Each
    linkset has a subset for each linking property. The label of a graph is its title in *titles*, if there is one.
    """
    graph = Graph()
    ours, linking = f"<{BASE}", {property_.n3(): property_ for property_ in LINKS}
    for name, content in named.items():
        own = str(name).removeprefix(GRAPH)
        hosts: defaultdict[str, list[tuple[URIRef, str]]] = defaultdict(list)
        for subject, property_, object_ in map(ntriples.terms, content):
            if property_ in linking and subject.startswith(ours) and object_[0] == "<" and not object_.startswith(ours):
                iri = object_[1:-1]
                hosts[urlsplit(iri).hostname or "unknown"].append((linking[property_], iri))
        whole = URIRef(f"{DATASET}/links-{own.removeprefix('links-')}")
        if hosts:
            graph.add((DATASET, VOID.subset, whole)).add((whole, RDF.type, VOID.Dataset))
            title = titles.value(whole, DCTERMS.title) or f"Links to {own.removeprefix('links-')}"
            for called in (whole, name):
                graph.add((called, RDFS.label, Literal(str(title), lang="en")))
            graph.add((whole, VOID.triples, Literal(sum(map(len, hosts.values())))))
        for host, found in hosts.items():
            linkset = whole if len(hosts) == 1 else URIRef(f"{whole}-{host}")
            target = URIRef(linkset.replace("/links-", "/target-"))
            graph.add((target, RDF.type, VOID.Dataset)).add((target, RDFS.label, Literal(host)))
            graph.add((target, VOID.uriSpace, Literal(_space(iri for _, iri in found))))
            if linkset != whole:
                graph.add((whole, VOID.subset, linkset))
                graph.add((linkset, RDFS.label, Literal(f"Links to {host}", lang="en")))
            graph += _linkset(linkset, target, len(found))
            for property_, number in Counter(property_ for property_, _ in found).items():
                local = f"{linkset.removeprefix(DATASET + '/')}-{compact(str(property_)).replace(':', '-')}"
                part = URIRef(f"{DATASET}#{local}")
                graph.add((linkset, VOID.subset, part)).add((part, VOID.linkPredicate, property_))
                graph += _linkset(part, target, number)
    return graph


def _linkset(linkset: URIRef, target: URIRef, number: int) -> Graph:
    graph = Graph()
    graph.add((linkset, RDF.type, VOID.Linkset))
    graph.add((linkset, VOID.subjectsTarget, DATASET))
    graph.add((linkset, VOID.objectsTarget, target))
    return graph.add((linkset, VOID.triples, Literal(number)))


def _space(iris: Iterable[str]) -> str:
    """Return the longest common beginning of *iris* that ends with ``/`` or ``#``; empty if there is none."""
    common = commonprefix(list(iris))
    return common[: max(common.rfind("/"), common.rfind("#")) + 1]
