"""Group lines of N-Triples by property and class, and select the informative statements among derived ones."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from kzus_graph.owl import language
from kzus_graph.owl.language import EVERYTHING, TYPE, Pair, is_literal
from kzus_graph.rdf.prefixes import PREFIXES

END: Final = " .\n"
KINDS: Final = (
    language.CLASS, language.RDFS_CLASS, language.OBJECT_PROPERTY, language.DATATYPE_PROPERTY,
    language.ANNOTATION_PROPERTY, language.PROPERTY, language.DATATYPE, language.ONTOLOGY,
)  # fmt: skip
"""Classes whose members are terms of an ontology, not individuals."""
USES: Final = (language.SUB_CLASS, language.SUB_PROPERTY, language.DOMAIN, language.RANGE)
"""Properties whose object is a term of an ontology."""
NOT_OURS: Final = (*language.LANGUAGES, f"<{PREFIXES['xsd']}")


@dataclass
class Statements:
    """Statements, grouped by property and by class."""

    pairs: dict[str, set[Pair]] = field(default_factory=lambda: defaultdict(set))
    """Each property, rdf:type included, with its (subject, object) pairs."""
    members: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Each class, with its asserted members."""
    nodes: Iterable[str] = ()
    """Each term that occurs in the statements, once."""

    def taking_part(self) -> Iterator[tuple[str, set[Pair]]]:
        """Yield each property, except rdf:type, with its (subject, object) pairs.

        The literal values of annotation properties are left out, since no rule uses them.
        """
        annotations = self.members.get(language.ANNOTATION_PROPERTY, set())
        for property_, pairs in self.pairs.items():
            if property_ in annotations:
                yield property_, {pair for pair in pairs if not is_literal(pair[1])}
            elif property_ != TYPE:
                yield property_, pairs


def read(lines: Iterable[str]) -> Statements:
    """Return the statements of *lines*, N-Triples of RDF 1.1 in pyoxigraph's layout: ``<s> <p> <o> .`` and a newline.

    Raises ValueError for a triple term, and for a line that does not end with a blank, a full stop and a newline.
    """
    said = Statements()
    pairs, members = said.pairs, said.members
    nodes: dict[str, str] = {}
    # Equal texts become one object, so that its hash is computed once and comparing two terms compares addresses.
    one = nodes.setdefault
    for line in lines:
        if not line.endswith(END):
            raise ValueError(f"not a line of N-Triples that ends in ' .' and a newline: {line!r}")
        subject, property_, object_ = line[:-3].split(" ", 2)
        pairs[one(property_, property_)].add((one(subject, subject), one(object_, object_)))
    if triple_terms := [node for node in nodes if node.startswith("<<")]:
        raise ValueError(f"triple terms (RDF 1.2) are not supported: {triple_terms[0]}")
    for subject, class_ in pairs.get(TYPE, ()):
        members[class_].add(subject)
    said.nodes = nodes
    return said


def news(said: Statements, pairs: Mapping[str, set[Pair]], members: Mapping[str, set[str]]) -> set[str]:
    """Return, as lines of N-Triples, the informative statements in *pairs* (by property) and *members* (by class).

    Left out are statements in *said*; statements with a literal as subject; statements with a blank node; statements
    about terms of the ontology or of RDF, RDFS, OWL and XSD; and membership of owl:Thing and the like (EVERYTHING).
    """
    silent = {node for node in said.nodes if node[0] != "<" or node.startswith(NOT_OURS)}
    silent |= ontology_terms(said) | {language.THING, language.NOTHING}
    found: set[str] = set()
    for property_, new in pairs.items():
        if property_[0] == "<":
            middle, known = f" {property_} ", said.pairs.get(property_, ())
            found |= {
                subject + middle + object_ + END
                for subject, object_ in new.difference(known)
                if subject not in silent and object_[0] != "_" and object_ not in EVERYTHING
            }
    for class_, nodes in members.items():
        if class_[0] == "<" and class_ not in EVERYTHING:
            end = f" {TYPE} {class_}{END}"
            found |= {node + end for node in nodes.difference(said.members.get(class_, ()), silent)}
    return found


def ontology_terms(said: Statements) -> set[str]:
    """Return the terms that *said* declares or uses as a class, property, datatype or ontology."""
    found = {term for kind in KINDS for term in said.members.get(kind, ())}
    found |= {object_ for property_ in USES for _, object_ in said.pairs.get(property_, ())}
    return found | said.members.keys() | said.pairs.keys()
