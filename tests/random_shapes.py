"""Random graphs, and random shapes for them: all of SHACL that queries are compiled from, and some that isn't."""

from itertools import count
from random import Random
from typing import Final

from rdflib import RDF, RDFS, SH, XSD, BNode, Graph, Literal, Namespace
from rdflib.collection import Collection
from rdflib.term import Node

EX: Final = Namespace("http://example.org/")
PROPERTIES: Final = [EX[f"p{number}"] for number in range(4)]
CLASSES: Final = [EX[f"C{number}"] for number in range(4)]
NODES: Final = [EX[f"n{number}"] for number in range(7)]
LITERALS: Final = [
    Literal("one"), Literal("two words"), Literal("Uno", lang="it"), Literal("eins", lang="de-at"),
    Literal("ein", lang="de"),
    Literal("x\n"), Literal(""), Literal("2010-02-28", datatype=XSD.date), Literal("2010-02-30", datatype=XSD.date),
    Literal("2012-02-29", datatype=XSD.date), Literal("0000-01-01", datatype=XSD.date),
    Literal("5", datatype=XSD.integer), Literal("-7", datatype=XSD.integer), Literal("five", datatype=XSD.integer),
    Literal("true", datatype=XSD.boolean), Literal("yes", datatype=XSD.boolean), Literal("2.5", datatype=XSD.decimal),
    Literal("ab", datatype=XSD.hexBinary), Literal("abc", datatype=XSD.hexBinary), Literal("q", datatype=EX.unit),
]  # fmt: skip
DATATYPES: Final = [XSD.string, XSD.date, XSD.integer, XSD.boolean, XSD.hexBinary, RDF.langString, XSD.decimal, EX.unit]
KINDS: Final = [SH.IRI, SH.Literal, SH.BlankNode, SH.IRIOrLiteral, SH.BlankNodeOrIRI, SH.BlankNodeOrLiteral]
PATTERNS: Final = ["^[a-z]+$", "e", r"^\S+$", "^$", r"\s", "[0-9]{2}", "^(one|http)", "x$", r"^[^\d]*$"]
SELECTS: Final = [
    "SELECT $this ?value WHERE { $this ex:p0 ?value . FILTER NOT EXISTS { ?value ex:p1 ?any } }",
    "SELECT $this WHERE { $this ex:p0/ex:p1 ?value . $this ex:p2 ?value }",
    "SELECT $this ?value WHERE { $this ex:p1 ?value OPTIONAL { $this ex:p2 ?other FILTER (?other = $this) }"
    " FILTER (!BOUND(?other)) }",
    "SELECT $this ?n WHERE { { SELECT $this (COUNT(?x) AS ?n) WHERE { $this ex:p0|ex:p1 ?x } GROUP BY $this }"
    " FILTER (?n > 1) }",
    "SELECT $this WHERE { { $this ex:p3 ?x } UNION { ?x ex:p3 $this } }",
    "SELECT $this ?label WHERE { $this a ex:C1 . BIND (STR($this) AS ?label) { ?x ex:p0 ?y . FILTER (?y != $this) } }",
]
PREFIXES: Final = EX.prefixes


def data(random: Random) -> Graph:
    """Return a graph of some sixty triples."""
    graph = Graph()
    for _ in range(random.randint(0, 4)):
        graph.add((random.choice(CLASSES), RDFS.subClassOf, random.choice(CLASSES)))
    subjects = [*NODES, BNode("b0"), BNode("b1")]
    for _ in range(random.randint(5, 18)):
        graph.add((random.choice(subjects), RDF.type, random.choice(CLASSES)))
    for _ in range(random.randint(10, 45)):
        value = random.choice([*subjects, random.choice(LITERALS), random.choice(LITERALS)])
        graph.add((random.choice(subjects), random.choice(PROPERTIES), value))
    return graph


class Shapes:
    """Shapes made by *random*, in *graph*."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.numbers = count()
        self.graph = Graph()
        self.graph.add((PREFIXES, SH.declare, EX.ex))
        self.graph.add((EX.ex, SH.prefix, Literal("ex"))).add((EX.ex, SH.namespace, Literal(str(EX))))
        for number in range(random.randint(1, 4)):
            shape = self.shape(EX[f"S{number}"], 0)
            self.target(shape)
            if random.random() < 0.3:
                select = self.node()
                self.graph.add((shape, SH.sparql, select)).add((select, SH.prefixes, PREFIXES))
                self.graph.add((select, SH.select, Literal(random.choice(SELECTS))))

    def node(self) -> BNode:
        return BNode(f"s{next(self.numbers)}")

    def target(self, shape: Node) -> None:
        kind = self.random.choice([SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf])
        among = {SH.targetClass: CLASSES, SH.targetNode: [*NODES, *LITERALS]}.get(kind, PROPERTIES)
        self.graph.add((shape, kind, self.random.choice(among)))

    def shape(self, node: Node, depth: int) -> Node:
        """Return *node*, made a shape: of a path or of the node itself, with one to three constraints."""
        with_path = depth > 0 and self.random.random() < 0.6
        self.graph.add((node, RDF.type, SH.PropertyShape if with_path else SH.NodeShape))
        self.graph.add((node, SH.message, Literal(f"M {depth}")))
        if with_path:
            self.graph.add((node, SH.path, self.path()))
        for _ in range(self.random.randint(1, 3)):
            self.constraint(node, depth, with_path=with_path)
        return node

    def path(self, depth: int = 0) -> Node:
        choice = self.random.random()
        if depth > 1 or choice < 0.6:
            return self.random.choice(PROPERTIES)
        node = self.node()
        if choice < 0.7:
            Collection(self.graph, node, [self.path(depth + 1), self.path(depth + 1)])
            return node
        if choice < 0.8:
            parts = self.list_of([self.path(depth + 1), self.path(depth + 1)])
            self.graph.add((node, SH.alternativePath, parts))
            return node
        kinds = [SH.inversePath, SH.inversePath, SH.zeroOrMorePath, SH.oneOrMorePath, SH.zeroOrOnePath]
        kind = self.random.choice(kinds)
        self.graph.add((node, kind, self.path(depth + 1)))
        return node

    def list_of(self, members: list[Node]) -> Node:
        head = self.node()
        Collection(self.graph, head, members)
        return head

    def constraint(self, shape: Node, depth: int, *, with_path: bool) -> None:
        """Add a constraint to *shape*, if it may have that one."""
        random, add = self.random, self.graph.add
        inner = lambda: self.shape(self.node(), depth + 1)  # noqa: E731
        values = [*NODES[:3], *LITERALS]
        simple = {
            SH["class"]: lambda: random.choice(CLASSES),
            SH.datatype: lambda: random.choice(DATATYPES),
            SH.nodeKind: lambda: random.choice(KINDS),
            SH.pattern: lambda: Literal(random.choice(PATTERNS)),
            SH.minLength: lambda: Literal(random.randint(0, 4)),
            SH.maxLength: lambda: Literal(random.randint(2, 25)),
            SH.minInclusive: lambda: Literal(random.randint(-9, 6)),
            SH.maxExclusive: lambda: Literal("2012-01-01", datatype=XSD.date),
            SH["in"]: lambda: self.list_of(random.sample(values, 5)),
            SH.languageIn: lambda: self.list_of(list(map(Literal, random.sample(["de", "it", "en", "de-AT"], 2)))),
            SH.hasValue: lambda: random.choice(values),
            SH.equals: lambda: random.choice(PROPERTIES),
            SH.disjoint: lambda: random.choice(PROPERTIES),
            SH.lessThan: lambda: random.choice(PROPERTIES),
        }
        nested = {
            SH["not"]: inner,
            SH.node: lambda: self.node_shape(depth),
            SH["or"]: lambda: self.list_of([inner(), inner()]),
            SH["and"]: lambda: self.list_of([inner(), inner()]),
            SH.xone: lambda: self.list_of([inner(), inner()]),
            SH.property: lambda: self.property_shape(depth),
        }
        counted = {
            SH.minCount: lambda: Literal(random.randint(0, 3)),
            SH.maxCount: lambda: Literal(random.randint(0, 3)),
            SH.uniqueLang: lambda: Literal(True),
            SH.qualifiedValueShape: inner,
        }
        choices = {**simple, **(nested if depth < 3 else {}), **(counted if with_path else {})}
        if depth == 0:
            choices = {**nested, SH["class"]: simple[SH["class"]]} if random.random() < 0.7 else choices
        parameter = random.choice(list(choices))
        once = {SH.datatype, SH.nodeKind, SH.minCount, SH.maxCount, SH.languageIn, SH.minLength, SH.maxLength, SH["in"]}
        if (parameter in once or parameter == SH.uniqueLang) and (shape, parameter, None) in self.graph:
            return
        if parameter == SH.lessThan and not with_path:
            return
        if parameter == SH.qualifiedValueShape:
            if (shape, parameter, None) in self.graph:
                return
            bound = random.choice([SH.qualifiedMinCount, SH.qualifiedMaxCount])
            add((shape, bound, Literal(random.randint(0, 2))))
        add((shape, parameter, choices[parameter]()))

    def node_shape(self, depth: int) -> Node:
        node = self.node()
        self.graph.add((node, RDF.type, SH.NodeShape))
        self.constraint(node, depth + 1, with_path=False)
        return node

    def property_shape(self, depth: int) -> Node:
        node = self.node()
        self.graph.add((node, RDF.type, SH.PropertyShape)).add((node, SH.path, self.path()))
        self.graph.add((node, SH.message, Literal("M p")))
        for _ in range(self.random.randint(1, 2)):
            self.constraint(node, depth + 1, with_path=True)
        return node
