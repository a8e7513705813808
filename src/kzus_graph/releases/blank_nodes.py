"""Compares blank nodes of two dumps by their statements, since their labels are arbitrary and differ between dumps."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

Quads = list[ox.Quad]


def changed(before: Quads, after: Quads) -> tuple[Quads, Quads]:
    """Return the quads that are only in *before*, and those only in *after*; every given quad must have a blank node.

    The labels of blank nodes are ignored: quads that share a blank node are compared together, in the canonical form of
    RDFC-1.0 (W3C Recommendation 2024).
    """
    ours, theirs = _by_form(before), _by_form(after)
    return _without(ours, theirs), _without(theirs, ours)


def labels(said: ox.Quad | ox.Triple) -> Iterator[str]:
    """Yield the labels of the blank nodes in the statement *said*, also those within triple terms."""
    graph = [said.graph_name] if isinstance(said, ox.Quad) else []
    for term in (said.subject, said.object, *graph):
        if isinstance(term, ox.BlankNode):
            yield term.value
        elif isinstance(term, ox.Triple):
            yield from labels(term)


def _by_form(quads: Quads) -> dict[frozenset[str], list[Quads]]:
    """Divide *quads* into parts that share no blank node; return the parts by canonical form (RDFC-1.0).

    Parts that differ only in the labels of their blank nodes have the same form.
    """
    forms: defaultdict[frozenset[str], list[Quads]] = defaultdict(list)
    for part in _parts(quads):
        dataset = ox.Dataset(part)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        forms[frozenset(map(str, dataset))].append(part)
    return forms


def _parts(quads: Quads) -> Iterable[Quads]:
    """Return *quads* in parts: quads that share a blank node, directly or through other quads, are in the same part."""
    joined: dict[str, str] = {}

    def root(label: str) -> str:
        while (above := joined.setdefault(label, label)) != label:
            joined[label] = joined[above]
            label = above
        return label

    for quad in quads:
        named = list(labels(quad))
        for other in named[1:]:
            joined[root(other)] = root(named[0])
    parts: defaultdict[str, Quads] = defaultdict(list)
    for quad in quads:
        parts[root(next(labels(quad)))].append(quad)
    return parts.values()


def _without(ours: dict[frozenset[str], list[Quads]], theirs: dict[frozenset[str], list[Quads]]) -> Quads:
    """Return the quads of the parts in *ours* that *theirs* lacks; both map canonical forms to parts.

    If *theirs* has fewer parts of a form than *ours*, the quads of the surplus parts are returned.
    """
    there = Counter({form: len(parts) for form, parts in theirs.items()})
    return [quad for form, parts in ours.items() for part in parts[there[form] :] for quad in part]
