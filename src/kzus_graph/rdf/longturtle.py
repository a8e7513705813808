"""Write graphs as canonical Turtle: rdflib's "longturtle" format, one line for each object, subjects sorted by IRI.

The order of the subjects does not depend on which of them refer to each other, so that adding or removing a triple
changes few lines. rdflib's serializer formats single terms, and whole subjects only where blank nodes occur. This
module joins these parts, so that not all triples have to be loaded into an rdflib graph.
"""

import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from rdflib import RDF, RDFS, BNode, Graph, URIRef
from rdflib.plugins.serializers.longturtle import OBJECT, SUBJECT, VERB, LongTurtleSerializer
from rdflib.term import Node

from kzus_graph.rdf import ntriples
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.terms import KEPT, from_ox

FIRST: Final = {RDF.type.n3(): 0, RDFS.label.n3(): 1}
"""The properties that are written before all other properties of a subject, with their rank."""
INDENT: Final = "    "
Label = Callable[[str, int], str]
"""A function from an N-Triples term and its position in the triple (SUBJECT, VERB or OBJECT) to the term in Turtle."""


class ByIri(LongTurtleSerializer):
    """An rdflib serializer that sorts subjects by IRI and writes unreferenced blank nodes after all IRIs.

    The output of this class is the reference for the function *written*, which must produce the same bytes.
    """

    def orderSubjects(self) -> list[Node]:  # noqa: N802
        """Return the subjects: IRIs, then blank nodes that are no object, then other blank nodes; each part sorted."""

        def position(subject: Node) -> tuple[bool, bool, str]:
            is_blank = isinstance(subject, BNode)
            return is_blank, is_blank and self._references[subject] > 0, str(subject)

        return sorted(self._subjects, key=position)


def of_graph(graph: Graph, first: str = "") -> bytes:
    """Return an rdflib *graph* as canonical Turtle in UTF-8; the block about the IRI *first* is the first."""
    return "".join(written(ntriples.of_graph(graph), first)).encode()


def written(lines: Iterable[str], first: str = "") -> Iterator[str]:
    """Yield the Turtle of sorted *lines* of N-Triples: the prefixes in use, then a block of text for each subject.

    Subjects are sorted by IRI, the IRI *first* before all others.

    All blocks are held in memory. So are, in an rdflib graph, all triples of each subject that is a blank node or has a
    blank node as object.
    """
    serializer = _serializer(_graph())
    label = lru_cache(KEPT)(partial(_label, serializer))
    blocks: dict[str, str] = {}
    branched = Graph(namespace_manager=serializer.store.namespace_manager)
    for subject, members in groupby(map(ntriples.terms, lines), itemgetter(0)):
        said = [(property_, object_) for _, property_, object_ in members]
        if subject[0] == "_" or any(object_[0] == "_" for _, object_ in said):
            for property_, object_ in said:
                branched.add((_term(subject), _term(property_), _term(object_)))
        else:
            blocks[subject] = f"\n{label(subject, SUBJECT)}\n{_properties(said, label)} ;\n.\n"
    namespaces, loose = _with_blank_nodes(branched, blocks)
    for prefix, namespace in sorted((serializer.namespaces | namespaces).items()):
        yield f"PREFIX {prefix}: <{namespace}>\n"
    for subject in sorted(blocks, key=lambda text: (text[1:-1] != first, text[1:-1])):
        yield blocks[subject]
    yield from loose


def _properties(said: Iterable[tuple[str, str]], label: Label) -> str:
    """Return *said*, a subject's (property, object) pairs without blank nodes, as Turtle; *label* formats a term."""
    objects: defaultdict[str, list[str]] = defaultdict(list)
    for property_, object_ in said:
        objects[property_].append(object_)
    parts = []
    for property_ in sorted(objects, key=lambda text: (FIRST.get(text, 2), text[1:-1])):
        values = objects[property_]
        if len(values) == 1:
            parts.append(f"{INDENT}{label(property_, VERB)} {label(values[0], OBJECT)}")
        else:
            literals = any(value[0] == '"' for value in values)
            values.sort(key=_term if literals else lambda text: text[1:-1])
            each = f" ,\n{INDENT * 2}".join(label(value, OBJECT) for value in values)
            parts.append(f"{INDENT}{label(property_, VERB)}\n{INDENT * 2}{each}")
    return " ;\n".join(parts)


def _label(serializer: Any, text: str, position: int) -> str:
    """Return the N-Triples term *text* in Turtle; *serializer* records the prefix of a literal's datatype as used."""
    term = _term(text)
    if datatype := getattr(term, "datatype", None):
        serializer.get_pname(datatype, gen_prefix=False)
    return str(serializer.label(term, position))


def _with_blank_nodes(graph: Graph, blocks: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """Add to *blocks*, for each IRI that is a subject of *graph*, the block of Turtle about this subject.

    Return the prefixes in use, each with its namespace, and a list of further blocks: those about blank nodes that are
    not written inside another block.
    """
    serializer = _serializer(graph)
    serializer.encoding = "utf-8"
    serializer.preprocess()
    loose: list[str] = []
    for subject in serializer.orderSubjects():
        if serializer.isDone(subject):
            continue
        serializer.stream = io.BytesIO()
        serializer.statement(subject)
        block = serializer.stream.getvalue().decode() + "\n"
        if isinstance(subject, URIRef):
            blocks[subject.n3()] = block
        else:
            loose.append(block)
    return serializer.namespaces, loose


def _term(text: str) -> Any:
    return from_ox(ntriples.term_of(text))


def _serializer(graph: Graph) -> Any:
    serializer: Any = ByIri(graph)  # type: ignore[no-untyped-call]
    serializer.reset()
    return serializer


def _graph() -> Graph:
    graph = Graph()
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace, replace=True)
    return graph
