"""Random terms of every kind of RDF 1.2, the same for the same seed, with letters that formats stumble over."""

import random

import pyoxigraph as ox

XSD = "http://www.w3.org/2001/XMLSchema#"
# What breaks a format if it is not written as the format demands.
PIECES = (
    "\0", "\x01", "\x08", "\t", "\n", "\r", "\r\n", "\x0b", "\x0c", "\x1b[31m", "\x1f", " ", '"', "'", "\\", "\\n",
    "\\u0041", ",", ";", "<", ">", "&", "&amp;", "]]>", "<result>", "</tr>\n", "<tr><td>", "},{", "},{}", '},{"',
    '"}},{"x":{"type":"', '{"type": "Feature", ', '"bindings":[{', "\r\nEND:VEVENT\r\n", "BEGIN:VEVENT", "{}", "[{}",
    "\x7f", "\x85", "\xa0", "\u0301", "e\u0301", "\u200b", "\u2028", "\u202e", "\ud7ff", "\ue000", "\ufdd0", "\ufeff",
    "\ufffd", "\ufffe", "\uffff", "\U0001f600", "\U0001f468\u200d\U0001f469", "\U0010ffff", "Алматы", "نور", "a", "é",
    "0", "",
)  # fmt: skip
TAILS = ("a,b", "a;b", "a'b", "(a)", "a&b=c", "%20", "é", "\U0001f600", "a.b", "~", "?q=1,2#f", "12", "")
DATATYPES = (XSD + "integer", XSD + "date", XSD + "boolean", XSD + "double", "http://e/type,a", "urn:x:12")
# No line of these ends in a name of an XML element.
PREDICATES = ("http://e/p", "http://e/é", "http://e/a,b", "http://e/x-1", "http://e/1a")


def text(chance: random.Random) -> str:
    """Return up to eight pieces."""
    return "".join(chance.choices(PIECES, k=chance.randrange(9)))


def iri(chance: random.Random) -> ox.NamedNode:
    """Return an IRI with letters that IRIs may have."""
    return ox.NamedNode(chance.choice(("http://e/", "urn:x:", "https://e.org/b/")) + chance.choice(TAILS))


def literal(chance: random.Random) -> ox.Literal:
    """Return a literal: plain, in a language, with a direction, or typed."""
    kind = chance.randrange(4)
    if kind == 0:
        return ox.Literal(text(chance))
    if kind == 1:
        return ox.Literal(text(chance), language=chance.choice(("en", "kk-cyrl", "zh-hant")))
    if kind == 2:
        direction = chance.choice((ox.BaseDirection.LTR, ox.BaseDirection.RTL))
        return ox.Literal(text(chance), language="ar", direction=direction)
    # What has a form is kept as it is written only if it is not of that form: the store rewrites numbers.
    return ox.Literal("x" + text(chance), datatype=ox.NamedNode(chance.choice(DATATYPES)))


def triple(chance: random.Random, depth: int = 0) -> ox.Triple:
    """Return a triple term, perhaps with another as its object."""
    inner = triple(chance, depth + 1) if depth < 3 and chance.random() < 0.4 else term(chance, triples=False)
    subject = iri(chance) if chance.random() < 0.8 else ox.BlankNode("b1")
    return ox.Triple(subject, ox.NamedNode(chance.choice(PREDICATES)), inner)


def term(chance: random.Random, *, triples: bool = True) -> ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple:
    """Return a term of any kind."""
    kind = chance.randrange(6 if triples else 5)
    if kind == 0:
        return iri(chance)
    if kind == 1:
        return ox.BlankNode(f"b{chance.randrange(3)}")
    return triple(chance) if kind == 5 else literal(chance)
