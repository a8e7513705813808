"""The project's namespaces and the IRI of its data set, as rdflib objects."""

from typing import Final

from rdflib import Namespace, URIRef

from kzus_graph.rdf.prefixes import BASE, PREFIXES

DIP: Final = Namespace(PREFIXES["dip"])
KZUS: Final = Namespace(PREFIXES["kzus"])
CODE: Final = Namespace(PREFIXES["code"])
SOURCE: Final = Namespace(PREFIXES["source"])
SHAPE: Final = Namespace(PREFIXES["shape"])
GRAPH: Final = Namespace(PREFIXES["graph"])
OA: Final = Namespace(PREFIXES["oa"])
DATASET: Final = URIRef(BASE + "dataset")
