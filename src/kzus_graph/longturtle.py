"""The canonical Turtle: rdflib's "longturtle", a line for each object, with the subjects in the order of their IRIs.

So a fact more or less is a line more or less, whatever refers to what. rdflib's serializer writes every term, and all
of a subject that has blank nodes; the rest is put together here, without an rdflib graph of it all.
"""

import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final

from rdflib import RDF, RDFS, BNode, Graph, URIRef
from rdflib.plugins.serializers.longturtle import OBJECT, SUBJECT, VERB, LongTurtleSerializer
from rdflib.term import Node

from kzus_graph import ntriples
from kzus_graph.terms import from_ox
from kzus_graph.vocab import PREFIXES

FIRST: Final = {RDF.type.n3(): 0, RDFS.label.n3(): 1}
"""What comes before the other properties of a subject."""
INDENT: Final = "    "


class ByIri(LongTurtleSerializer):
    """rdflib's serializer with the subjects in the order of their IRIs, then blank nodes that nothing refers to.

    The reference: *written* gives its bytes.
    """

    def orderSubjects(self) -> list[Node]:  # noqa: N802
        """Return the subjects in order; blank nodes that nothing refers to stand before those that they bring along."""

        def position(subject: Node) -> tuple[bool, bool, str]:
            is_blank = isinstance(subject, BNode)
            return is_blank, is_blank and self._references[subject] > 0, str(subject)

        return sorted(self._subjects, key=position)


def of_graph(graph: Graph) -> bytes:
    """Return an rdflib *graph* as Turtle."""
    return "".join(written(ntriples.of_graph(graph))).encode()


def written(lines: Iterable[str]) -> Iterator[str]:
    """Yield *lines* of N-Triples, in any order, as blocks of Turtle: the prefixes in use, then each subject."""
    described: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for line in lines:
        subject, property_, object_ = ntriples.terms(line)
        described[subject].append((property_, object_))
    serializer = _serializer(_graph())
    names: dict[str, str] = {}
    verbs: dict[str, str] = {}
    branched = set()
    for subject, said in described.items():
        if subject not in names and subject[0] != "_":
            names[subject] = serializer.label(_term(subject), SUBJECT)
        for property_, object_ in said:
            if property_ not in verbs:
                verbs[property_] = serializer.label(_term(property_), VERB)
            if object_[0] == "_":
                branched.add(subject)
            elif object_ not in names:
                names[object_] = serializer.label(_term(object_), OBJECT)
                if datatype := getattr(_term(object_), "datatype", None):
                    serializer.get_pname(datatype, gen_prefix=False)
    nodes = {subject for subject in described if subject[0] == "_"}
    graph = Graph(namespace_manager=serializer.store.namespace_manager)
    for subject in branched | nodes:
        for property_, object_ in described[subject]:
            graph.add((_term(subject), _term(property_), _term(object_)))
    blocks, loose = _with_blank_nodes(graph)
    for prefix, namespace in sorted(serializer.namespaces.items()):
        yield f"PREFIX {prefix}: <{namespace}>\n"
    for subject in sorted(described.keys() - nodes, key=lambda text: text[1:-1]):
        if subject in blocks:
            yield blocks[subject]
        else:
            yield f"\n{names[subject]}\n{_properties(described[subject], verbs, names)} ;\n.\n"
    yield from loose


def _properties(said: list[tuple[str, str]], verbs: dict[str, str], names: dict[str, str]) -> str:
    """Return properties and objects of a subject without blank nodes."""
    objects: defaultdict[str, list[str]] = defaultdict(list)
    for property_, object_ in said:
        objects[property_].append(object_)
    parts = []
    for property_ in sorted(objects, key=lambda text: (FIRST.get(text, 2), text[1:-1])):
        values = objects[property_]
        if len(values) == 1:
            parts.append(f"{INDENT}{verbs[property_]} {names[values[0]]}")
        else:
            literals = any(value[0] == '"' for value in values)
            values.sort(key=_term if literals else lambda text: text[1:-1])
            each = f" ,\n{INDENT * 2}".join(names[value] for value in values)
            parts.append(f"{INDENT}{verbs[property_]}\n{INDENT * 2}{each}")
    return " ;\n".join(parts)


def _with_blank_nodes(graph: Graph) -> tuple[dict[str, str], list[str]]:
    """Return the blocks of the IRIs of *graph*, and those of blank nodes that stand in none of them."""
    serializer = _serializer(graph)
    serializer.encoding = "utf-8"
    serializer.preprocess()
    blocks: dict[str, str] = {}
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
    return blocks, loose


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
