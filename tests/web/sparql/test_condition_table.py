"""The table of conditions: its paths, and that its words are there in each language."""

from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.web.sparql import condition_table
from kzus_graph.web.sparql.condition_table import ConditionPath
from kzus_graph.web.view.locale import LANGUAGES

DIP = PREFIXES["dip"]


def test_paths_go_forward_backward_and_by_two_steps() -> None:
    entries, hidden, _ = condition_table.table()
    paths = {entry.name: entry.path for entry in entries}
    assert paths["participant"] == ConditionPath(forward=(f"{DIP}hasParticipant",))
    assert paths["occasion"] == ConditionPath(backward=(f"{DIP}includesParticipant",))
    assert paths["office"] == ConditionPath(twofold=((f"{DIP}hasParticipation", f"{DIP}inPosition"),))
    assert paths["document"] == ConditionPath(
        twofold=(
            (f"{DIP}attestedBy", f"{PREFIXES['dcterms']}isPartOf"),
            (f"{DIP}attestedBy", f"{PREFIXES['oa']}hasSource"),
        )
    )
    assert f"{DIP}hasParticipation" in hidden and not hidden & {iri for path in paths.values() for iri in path.backward}


def test_conditions_are_in_order_of_their_groups() -> None:
    entries, _, groups = condition_table.table()
    offered = [entry for entry in entries if entry.group != "dates"]
    assert [entry.name for entry in offered[:3]] == ["participant", "attendee", "side"]
    shown = list(dict.fromkeys(entry.group for entry in offered))
    assert shown == ["who", "where", "about", "within", "sort", "from"] and {*shown, "more"} == groups.keys()


def test_each_condition_and_group_has_words_in_each_language() -> None:
    entries, _, groups = condition_table.table()
    names = {entry.name: entry.names for entry in entries if entry.group != "dates"} | dict(groups)
    assert {name: words for name, words in names.items() if words.keys() != LANGUAGES.keys()} == {}
    assert [entry.name for entry in entries if entry.hints and entry.hints.keys() != LANGUAGES.keys()] == []
