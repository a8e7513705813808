"""Write constraints on single value nodes as SPARQL expressions (SHACL, sections 4.1, 4.3 and 4.4)."""

from collections.abc import Callable
from typing import Final

from rdflib import RDF, SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from kzus_graph.rdf.terms import to_ox
from kzus_graph.shacl.patterns import NotPortable, portable

Condition = Callable[[str], str]
"""A function from a variable to a SPARQL expression that is true only if the variable's value conforms."""

KINDS: Final = {
    SH.IRI: "isIRI({0})",
    SH.Literal: "isLiteral({0})",
    SH.BlankNode: "isBlank({0})",
    SH.BlankNodeOrIRI: "!isLiteral({0})",
    SH.IRIOrLiteral: "!isBlank({0})",
    SH.BlankNodeOrLiteral: "!isIRI({0})",
}
COMPARISONS: Final = {SH.minInclusive: ">=", SH.maxInclusive: "<=", SH.minExclusive: ">", SH.maxExclusive: "<"}
LENGTHS: Final = {SH.minLength: ">=", SH.maxLength: "<="}
DATATYPES: Final = {
    XSD.string: "",
    RDF.langString: "",
    XSD.boolean: "^(true|false|1|0)$",
    XSD.integer: "^[+-]?[0-9]+$",
    XSD.decimal: r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$",
    XSD.hexBinary: "^([0-9a-fA-F]{2})*$",
    XSD.date: (
        "^([1-9][0-9]{3}|0[0-9]{2}[1-9])"
        "-(0[1-9]-(0[1-9]|1[0-9]|2[0-8])|1[0-2]-(0[1-9]|1[0-9]|2[0-8])"
        "|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)$"
    ),
}
"""For each datatype, a pattern that only valid lexical forms match. 29 February never matches: pyshacl checks it."""
EXACT_DATATYPES: Final = frozenset({XSD.string, RDF.langString})


class UnsupportedConstraint(ValueError):
    """Raised for a constraint that cannot be written as a SPARQL expression; the message names the constraint."""


def condition(shapes: Graph, shape: Node, parameter: URIRef, value: Node, *, exact: bool) -> Condition:
    """Return the condition on each value node in a constraint of *shape*, a *parameter* with its *value*.

    With *exact*, the condition must also be true for every value that conforms. Raises UnsupportedConstraint if no
    SPARQL expression can test it.
    """
    if parameter == SH.nodeKind and value in KINDS:
        return KINDS[URIRef(str(value))].format
    if parameter in LENGTHS:
        sign, bound = LENGTHS[parameter], number(shapes, shape, parameter)
        return lambda node: f"!isBlank({node}) && STRLEN(STR({node})) {sign} {bound}"
    if parameter == SH.pattern:
        try:
            pattern = portable(str(value), str(shapes.value(shape, SH.flags) or ""))
        except NotPortable as error:
            raise UnsupportedConstraint(
                f"its sh:pattern has {error}, which may match differently in our queries"
            ) from None
        return lambda node: f"!isBlank({node}) && REGEX(STR({node}), {pattern})"
    if parameter == SH.languageIn:
        ranges = [n3(member) for member in Collection(shapes, value)]
        first = 'LCASE(REPLACE(LANG({}), "-.*", ""))'
        return lambda node: " || ".join(
            f'(LANG({node}) != "" && ({own} = "*" || LCASE({own}) IN (LCASE(LANG({node})), {first.format(node)})))'
            for own in ranges
        )
    if parameter == SH.datatype and value in DATATYPES and not (exact and value not in EXACT_DATATYPES):
        return lambda node: _is_surely(node, value)
    kind = getattr(value, "datatype", None)
    if parameter in COMPARISONS and kind in DATATYPES and not exact:
        return lambda node: f"{_is_surely(node, kind)} && {node} {COMPARISONS[parameter]} {n3(value)}"
    raise UnsupportedConstraint(f"our queries can't test sh:{parameter.removeprefix(str(SH))}" + " exactly" * exact)


def number(shapes: Graph, shape: Node, parameter: URIRef) -> int:
    """Return the whole number that is the value of *parameter*, such as sh:minCount, in *shape*.

    Raises UnsupportedConstraint if *shape* does not have exactly one whole number for *parameter*.
    """
    numbers = list(shapes.objects(shape, parameter))
    if len(numbers) != 1 or not str(numbers[0]).isdecimal():
        raise UnsupportedConstraint(f"it has sh:{parameter.removeprefix(str(SH))} without exactly one whole number")
    return int(str(numbers[0]))


def _is_surely(node: str, datatype: Node) -> str:
    """Return an expression that is true only if *node* holds a well-formed literal of *datatype* (one of DATATYPES)."""
    letters = n3(Literal(DATATYPES[URIRef(str(datatype))]))
    return f"isLiteral({node}) && DATATYPE({node}) = {n3(datatype)} && REGEX(STR({node}), {letters})"


def n3(term: Node) -> str:
    """Return *term* in SPARQL syntax. Raises UnsupportedConstraint for a blank node, which no query can name."""
    if isinstance(term, BNode):
        raise UnsupportedConstraint("it has a blank node as the value of a constraint")
    return str(to_ox(term))
