"""Mistyped names come first, each once, and the faults that they may cause come after them."""

from rdflib import URIRef

from kzus_graph.pipeline.mistyped_names import by_cause
from kzus_graph.rdf.ntriples import NamedLines
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.shacl.shapes import Violation

KZUS = PREFIXES["kzus"]
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
GRAPHS: NamedLines = {
    URIRef("https://example.org/g"): [
        f'<{KZUS}1901-fred-rufus-meeting> {LABEL} "Meeting"@en .\n',
        f"<{KZUS}1902-fred-rufus-meeting> <https://example.org/p> <https://example.org/o> .\n",
        f"<{KZUS}1901-fred-rufus-meting> <https://example.org/p> <https://example.org/o> .\n",
        f"<https://example.org/a> <{PREFIXES['dip']}partecipant> <https://example.org/b> .\n",
    ]
}


def fault(code: str, focus: str, value: str | None = None) -> Violation:
    return Violation(code, "Violation", URIRef(focus), None if value is None else URIRef(value), f"{code} here.")


def test_faults_without_a_mistyped_name_stay_in_their_order_but_contradictions_come_first() -> None:
    given = [fault("S03", "https://example.org/a"), fault("contradiction", "https://example.org/b"), fault("S01", KZUS)]
    assert by_cause(given, GRAPHS) == [given[1], given[0], given[2]]


def test_faults_of_other_nodes_or_of_labels_do_not_follow() -> None:
    name = f"{PREFIXES['dip']}partecipant"
    found = by_cause(
        [
            fault("S01", "https://example.org/a"),
            fault("S13", "https://example.org/a"),
            fault("S13", "https://example.org/z"),
            fault("hidden-character", "https://example.org/a"),
            fault("undefined-term", "https://example.org/a", name),
            fault("S12", "https://example.org/b"),
        ],
        GRAPHS,
    )
    assert [(each.code, str(each.focus)[-1], each.cause) for each in found] == [
        ("undefined-term", "a", ""),
        ("S13", "a", name),
        ("S12", "b", name),
        ("S01", "a", ""),
        ("S13", "z", ""),
        ("hidden-character", "a", ""),
    ]


def test_many_users_of_a_name_are_counted() -> None:
    name = f"{PREFIXES['dip']}partecipant"
    given = [fault("undefined-term", f"https://example.org/{letter}", name) for letter in "abcdef"]
    (found,) = by_cause(given, GRAPHS)
    assert found.message == (
        "undefined-term here. That name is used by <https://example.org/b>, <https://example.org/c>, "
        "<https://example.org/d> and 2 more, too."
    )


def test_names_that_differ_in_a_number_are_no_slip() -> None:
    unlabelled = [f"{KZUS}1902-fred-rufus-meeting", f"{KZUS}1901-fred-rufus-meting"]
    given = [Violation("missing-label", "Violation", URIRef(name), "0", "No label.") for name in unlabelled]
    assert [each.message for each in by_cause(given, GRAPHS)] == [
        "No label; did you mean kzus:1901-fred-rufus-meeting?",
        "No label.",
    ]
