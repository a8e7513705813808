"""The command ``why``: show from which asserted triples a triple follows, and which named graphs assert these."""

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import click
import pyoxigraph as ox

from kzus_graph.cli.options import in_force, release_option, root_option
from kzus_graph.cli.terminal import shown
from kzus_graph.owl import closure, sentences
from kzus_graph.owl.axioms import Axioms
from kzus_graph.owl.derivations import Derivation, Derivations
from kzus_graph.owl.language import Triple
from kzus_graph.owl.statements import END
from kzus_graph.pipeline import content, reasoning
from kzus_graph.rdf import ntriples, queries
from kzus_graph.rdf.prefixes import PREFIXES, compact
from kzus_graph.releases.publication import NAME


@click.command()
@root_option
@release_option
@click.argument("subject")
@click.argument("property_", metavar="PROPERTY")
@click.argument("object_", metavar="OBJECT")
@click.option(
    "--ways", default=1, show_default=True, type=click.IntRange(1), help="Derivations to show, the shortest first."
)
def why(root: Path | None, out: Path, subject: str, property_: str, object_: str, ways: int) -> None:
    """Explain why a triple is in the release: which named graphs assert it, or from which triples it follows.

    Each term is a prefixed name with a prefix of this project, an IRI in angle brackets or a literal; 'a' is rdf:type.
    Each step of a derivation names the OWL 2 RL rule and the axiom that it applies, or the file in ontology/rules. Of
    several derivations the shortest is shown. Exit code 1 if the triple is neither asserted nor inferred.

    \b
    Examples:
      kzus-graph why kzus:kazakhstan a dip:Agent
      kzus-graph why kzus:2012-visa-arrangement dip:party kzus:kazakhstan
      kzus-graph why kzus:2008-rice-kazakhstan-visit dip:hasParticipant kzus:condoleezza-rice --ways 2
      kzus-graph why kzus:1991-baker-kazakhstan-visit dip:notBefore '"1991-12-17"^^xsd:date'
    """
    where = root or content.default_root()
    folder = in_force(where, out)
    triple = _read(subject, property_, object_)
    grounds = _Grounds(folder, where / "ontology" / "rules")
    closed = closure.closed(grounds.lines, everything=True)
    derivations = Derivations(closed)
    shortest = derivations.shortest(triple)
    if shortest is None:
        sentence = sentences.sentence(closed.axioms, triple)
        click.echo(shown(f"{sentence} {grounds.without_derivation(triple)}"), err=True)
        sys.exit(1)
    for derivation in derivations.all(triple)[:ways] if ways > 1 else [shortest]:
        click.echo(shown("\n".join(_told(derivation, closed.axioms, grounds))))


def _read(*terms: str) -> Triple:
    """Return the triple with the *terms* subject, property and object, in Turtle with the project's prefixes.

    Raises click.UsageError when *terms* can't be parsed, or are not exactly one triple.
    """
    prefixes = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())
    try:
        triples = list(ox.parse(f"{prefixes}{' '.join(terms)} .", format=ox.RdfFormat.TURTLE))
    except SyntaxError as error:
        reason = str(error.msg).partition(": ")[2] or error.msg
        raise click.UsageError(
            f"{' '.join(terms)}: {reason}. A term is a name such as kzus:astana, an IRI in <>, or a literal such as"
            " '\"1991-12-17\"^^xsd:date'."
        ) from None
    if len(triples) != 1:
        raise click.UsageError(f"{' '.join(terms)}: {len(triples)} triples; give exactly one")
    return str(triples[0].subject), str(triples[0].predicate), str(triples[0].object)


class _Grounds:
    """The triples that the reasoner starts from: asserted triples with their graphs, and results of SPARQL rules."""

    def __init__(self, folder: Path, rules: Path) -> None:
        asserted, inferred = (folder / "dumps" / f"{NAME}-{layer}" for layer in ("asserted", "inferred"))
        # some rules test that a triple is absent, so the store has no inferred triples
        self.store = ox.Store()
        self.store.bulk_load(path=str(asserted.with_suffix(".nq")), format=ox.RdfFormat.N_QUADS)
        self.follow = set(_lines(inferred))
        self.rules: dict[str, list[str]] = defaultdict(list)
        for path in sorted(rules.glob("*.rq")):
            summary = queries.read_query(path).summary
            for line in reasoning.rule_results(self.store, [path]):
                if line in self.follow:
                    self.rules[line].append(f"by the rule {path.name}: {summary}")
        self.lines = {*_lines(asserted), *self.rules}

    def without_derivation(self, triple: Triple) -> str:
        """Return why *triple* cannot be derived, as the end of a sentence whose subject is the triple."""
        if " ".join(triple) + END in self.follow:
            return "is in the release, but the present rules don't infer it: the release was built from other files"
        elsewhere = self.asserting(triple)
        return "does not follow" + (
            f"; {', '.join(elsewhere)} asserts it, but the default graph leaves it out" if elsewhere else ""
        )

    def asserting(self, triple: Triple) -> list[str]:
        """Return the sorted names of the named graphs that contain *triple*, as prefixed names."""
        (said,) = ntriples.triples([" ".join(triple) + END])
        found = self.store.quads_for_pattern(said.subject, said.predicate, said.object)
        names = {quad.graph_name.value for quad in found if isinstance(quad.graph_name, ox.NamedNode)}
        return sorted(map(compact, names))


def _lines(dump: Path) -> ntriples.Lines:
    return ntriples.of_bytes(dump.with_suffix(".nt").read_bytes())


def _told(derivation: Derivation, axioms: Axioms, grounds: _Grounds, margin: str = "") -> Iterator[str]:
    """Yield lines of text, indented by *margin*, that explain *derivation*; premises are indented further."""
    yield margin + sentences.sentence(axioms, derivation.triple)
    inner = f"{margin}  "
    if not derivation.rule:
        line = " ".join(derivation.triple) + END
        for rule in grounds.rules.get(line, ()):
            yield f"{inner}{rule}"
        if names := grounds.asserting(derivation.triple):
            yield f"{inner}asserted by {', '.join(names)}"
        return
    axiom = f" ({sentences.sentence(axioms, derivation.axiom.triple)})" if derivation.axiom else ""
    premises = list(derivation.premises)
    if derivation.axiom and derivation.axiom.rule:
        premises.append(derivation.axiom)
    yield f"{inner}by {derivation.rule}{axiom}{', from' if premises else ''}"
    for premise in premises:
        yield from _told(premise, axioms, grounds, inner)
