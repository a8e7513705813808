"""The data set's description, computed from its triples: VoID with partitions and linksets, DCAT 3 with checksums.

The CONSTRUCT queries of ``ontology/description`` compute it from the store of the release. What can't be computed
(title, licence, creators, dates) is read from ``data/dataset.ttl``, written by hand. Links to other sets are described
by ``links.linksets``, since no query can compute their void:uriSpace, the common beginning of the targets' IRIs.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from rdflib import Graph, URIRef

from kzus_graph.pipeline.content import ContentError
from kzus_graph.rdf import queries
from kzus_graph.rdf.formats import DUMPS
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.queries import Parameter, QueryFileError
from kzus_graph.rdf.terms import triple_from_ox
from kzus_graph.rdf.vocab import DATASET

DCAT_VERSION: Final = URIRef(PREFIXES["dcat"] + "version")
REGISTERED: Final = "https://www.iana.org/assignments/media-types/"
FORMATS: Final = {suffix: (form.label, form.media_type) for suffix, form in DUMPS.items()}
"""The name and the media type of each dump format, by file extension."""
FILES: Final = FORMATS | {"tsv": ("SSSOM", "text/tab-separated-values")}
"""The name and the media type of each file in the dumps folder, by extension; the linksets are SSSOM tables too."""
LAYERS: Final = {
    "asserted": "What sources and editors state",
    "inferred": "What rules and reasoner add",
    "all": "What is stated and what follows from it",
}
CONTENT: Final = (
    "dataset", "counts", "vocabularies", "classes", "properties", "properties-of-classes", "graphs", "layers",
    "catalogue",
)  # fmt: skip
"""The queries that describe the content of a release."""


def version(metadata: Graph) -> str:
    """Return the ``dcat:version`` of the data set in *metadata*, which is ``data/dataset.ttl``.

    Raises ContentError when there is no version.
    """
    value = metadata.value(DATASET, DCAT_VERSION)
    if value is None:
        raise ContentError(f"data/dataset.ttl: {DATASET} has no dcat:version")
    return str(value)


def described(store: ox.Store, root: Path, release: str) -> Graph:
    """Return the description of the data set in *store*: counts, class and property partitions, graphs, service.

    The default graph of *store* must be the merged graphs, and ``graph:metadata`` the description written by hand.
    *root* is the folder that contains ``ontology/description``, *release* the name of the release. No node is blank.
    Implements VoID (W3C Note 2011) §4 and DCAT 3 §6. Raises ContentError when a query is missing, and QueryFileError.
    """
    found = _answer(store, root, "terms", {})
    if not isinstance(found, ox.QuerySolutions):
        raise QueryFileError(f"{_path(root, 'terms')}: this query must be a SELECT query")
    names = [(row["term"], ox.Literal(_local(row["term"].value))) for row in found]
    graph = Graph()
    for name in CONTENT:
        graph += _constructed(store, root, name, release=ox.Literal(release), names=names)
    return graph


def distributions(store: ox.Store, root: Path, files: Mapping[str, Mapping[str, str | int]]) -> Graph:
    """Return a DCAT and VoID description of the dumps *files*, which gives ``bytes`` and ``sha256`` by file name."""
    return _constructed(store, root, "distributions", files=[_row(name, facts) for name, facts in files.items()])


def succession(store: ox.Store, root: Path, before: str) -> Graph:
    """Return triples stating that this version replaces the release named *before*; none if *before* is empty."""
    return _constructed(store, root, "succession", before=ox.Literal(before)) if before else Graph()


def _constructed(store: ox.Store, root: Path, name: str, **parameters: Parameter) -> Graph:
    """Return the triples that the query *name* in ``ontology/description`` constructs. Raises QueryFileError."""
    answer = _answer(store, root, name, parameters)
    if not isinstance(answer, ox.QueryTriples):
        raise QueryFileError(f"{_path(root, name)}: this query must be a CONSTRUCT query")
    graph = Graph()
    for triple in answer:
        graph.add(triple_from_ox(triple))
    return graph


def _answer(store: ox.Store, root: Path, name: str, parameters: Mapping[str, Parameter]) -> queries.Answer:
    path = _path(root, name)
    if not path.is_file():
        raise ContentError(f"this file is missing: {path}")
    try:
        text = queries.filled(queries.decoded(path.read_bytes(), path), parameters)
    except KeyError as error:
        raise QueryFileError(
            f"{path}: the query must not use ${error.args[0]}, since no value is given for it"
        ) from None
    return queries.ask(store, text, path)


def _path(root: Path, name: str) -> Path:
    return root / "ontology" / "description" / f"{name}.rq"


def _row(name: str, facts: Mapping[str, str | int]) -> list[ox.NamedNode | ox.Literal | None]:
    """Return the row of the query parameter ``$files`` for the dump *name*: data set, title, types, size, digest."""
    stem, extension = name.removesuffix(".gz").rsplit(".", 1)
    _, linkset, target = stem.removesuffix(".sssom").partition("-links-")
    layer = stem.rpartition("-")[2]
    part = f"/links-{target}" if linkset else "" if layer == "all" else f"#layer-{layer}"
    form, media_type = FILES[extension]
    packed = name.endswith(".gz")
    words = f"{f'Links to {target}' if linkset else LAYERS[layer]}: {form}{', gzipped' * packed}"
    return [
        ox.Literal(name),
        ox.NamedNode(f"{DATASET}{part}"),
        ox.Literal(words, language="en"),
        ox.NamedNode(REGISTERED + media_type),
        ox.NamedNode(REGISTERED + "application/gzip") if packed else None,
        ox.Literal(int(facts["bytes"])),
        ox.Literal(str(facts["sha256"]), datatype=ox.NamedNode(PREFIXES["xsd"] + "hexBinary")),
    ]


def _local(iri: str) -> str:
    """Return *iri* as a fragment identifier: its prefixed name with a hyphen for the colon, if it has a known prefix.

    Otherwise return the IRI without its scheme, with hyphens for slashes and hashes.
    """
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and iri != namespace:
            return f"{prefix}-{iri.removeprefix(namespace)}"
    return iri.split("://", 1)[-1].replace("/", "-").replace("#", "-")
