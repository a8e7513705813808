"""The editors' notes, checks and disagreements: all there, tied to what they speak of, and in our own words."""

import re
from collections import Counter
from pathlib import Path

import pytest
from rdflib import RDF, RDFS, Graph, Literal, URIRef
from rdflib.namespace import DCTERMS
from rdflib.term import Node

from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.rdf.vocab import CODE, DIP, GRAPH, KZUS, SOURCE
from tests.conftest import ROOT, SHARED
from tests.graphs import Graphs, merged, read

NOTE = PREFIXES["note"]
DATA = ROOT / "data"
TEXT = SOURCE["political-cooperation"]

ODDITY_KINDS = {
    "d01": {"completeness"}, "d02": {"order"}, "d03": {"grammar", "underspecified"}, "d04": {"ambiguity"},
    "d05": {"anachronism"}, "d06": {"tension"}, "d07": {"underspecified"}, "d08": {"ambiguity"},
    "d09": {"underspecified"}, "d10": {"ambiguity"}, "d11": {"inconsistency"}, "d12": {"name"},
    "d13": {"translation"}, "d14": {"ambiguity"}, "d15": {"ambiguity"}, "d16": {"ambiguity"},
    "d17": {"underspecified"}, "d18": {"underspecified"}, "d19": {"ambiguity"}, "d20": {"derived"},
    "d21": {"ambiguity"}, "d22": {"tension"}, "d23": {"name-variant"}, "d24": {"inconsistency"},
    "d25": {"translation"}, "d26": {"underspecified"}, "d27": {"inconsistency"}, "d28": {"ambiguity"},
    "d29": {"inconsistency"}, "d30": {"typography"}, "d31": {"ambiguity"}, "d32": {"underspecified"},
}  # fmt: skip
"""The kinds that the inventory of the text gives its oddities; a note may have more."""

VERDICT_OF_CHECKS = {
    "confirmed": {2, 6, 8, 9, 11, 12, 13, 14, 17, 18, 19, 21, 22, 24, 27, 31, 32, 34},
    "partly": {3, 23, 25, 26, 29, 33},
    "contradicted": {1, 5},
    "not-found": {4, 7, 10, 15, 16, 20, 28, 30, 35},
}

DISAGREEMENTS = {
    ("2006-nazarbayev-washington-visit", "dates"): ("history-state-gov-visits-1866", "political-cooperation-1.1"),
    ("2006-nazarbayev-washington-visit", "kind"): ("history-state-gov-visits-1866", "azattyk-28979892"),
    ("2008-obama-nazarbayev-call", "dates"): ("political-cooperation-2.1", "us-embassy-kazakhstan-2009-07-02"),
    ("2008-obama-nazarbayev-call--barack-obama 2008-obama-introductory-calls--barack-obama", "office"): (
        "us-embassy-kazakhstan-2009-07-02",
        "political-cooperation-2.1 political-cooperation-2.2",
    ),
    ("2010-nazarbayev-us-official-visit", "dates"): ("history-state-gov-visits-2099", "political-cooperation-3.1"),
    ("2010-nazarbayev-us-official-visit", "kind"): ("history-state-gov-visits-2099", "political-cooperation-3.1"),
    ("1997-clinton-kazakhstan-visit", "dates"): ("deseret-1997-11-18", "political-cooperation-6.2"),
    ("2011-new-silk-road-briefing", "kind"): ("state-gov-173801", "political-cooperation-8.3"),
    ("1991-semipalatinsk-closure", "dates"): ("ocamagazine-semipalatinsk-closure", "political-cooperation-9.1"),
    ("2012-commission-first-meeting", "dates"): ("political-cooperation-21.1", "inform-kz-a2455812"),
    ("1991-us-recognition-of-kazakhstan", "dates"): (
        "history-state-gov-countries-kazakhstan",
        "mfa-kz-cooperation-with-united-states",
    ),
    ("1991-establishment-of-relations", "dates"): (
        "history-state-gov-countries-kazakhstan",
        "mfa-kz-cooperation-with-united-states wikipedia-kazakhstan-united-states-relations",
    ),
    ("1992-us-embassy-opening", "dates"): (
        "history-state-gov-countries-kazakhstan",
        "dosfan-background-notes-1992 mfa-kz-cooperation-with-united-states",
    ),
    ("1997-nuclear-cooperation-agreement", "status"): (
        "zakonpravo-1997-nuclear-cooperation-agreement",
        "zakonpravo-1997-nuclear-cooperation-agreement-remark",
    ),
    ("2001-nazarbayev-us-visit", "dates"): ("history-state-gov-visits-1515", "kazakhembus-2001-nazarbayev-us-visit"),
    ("2015-wto-accession", "dates"): ("wto-2015-wto-accession", "crs-if10294"),
    ("2018-nazarbayev-us-visit", "dates"): ("history-state-gov-visits-2899", "mfa-kz-cooperation-with-united-states"),
    ("2018-locomotive-contracts-signing", "dates"): (
        "railwaygazette-2018-locomotive-contracts",
        "caspiannews-2018-ge-ktz",
    ),
    ("2023-c5-plus-1-summit", "dates"): ("astanatimes-2023-c5-plus-1-summit", "history-state-gov-visits-3219"),
    ("2023-blinken-kazakhstan-visit", "dates"): (
        "interfax-2023-blinken-kazakhstan-visit",
        "history-state-gov-travels-4127",
    ),
    ("1993-double-taxation-convention-ratification", "dates"): (
        "adilet-1996-double-taxation-convention",
        "rferl-1993-double-taxation-convention",
    ),
    ("2025-stufft-confirmation", "dates"): ("fergana-2025-stufft-confirmation", "ru24-2025-stufft-confirmation"),
    ("1999-idrissov-as-foreign-minister-kazakhstan", "end"): (
        "embassy-kazakhstan-london-361",
        "wikipedia-erlan-idrissov",
    ),
    ("2002-tokayev-as-foreign-minister-kazakhstan", "dates"): (
        "wikipedia-kassym-jomart-tokayev",
        "every-politician-scrapers-kazakhstan-cabinet",
    ),
    ("2007-tazhin-as-foreign-minister-kazakhstan", "dates"): (
        "every-politician-scrapers-kazakhstan-cabinet",
        "fergana-1795 menas-tazhin-2017 wikipedia-marat-tazhin",
    ),
    ("2009-saudabayev-as-foreign-minister-kazakhstan", "end"): (
        "every-politician-scrapers-kazakhstan-cabinet",
        "wikipedia-kanat-saudabayev-offices",
    ),
    ("2012-idrissov-as-foreign-minister-kazakhstan", "dates"): (
        "every-politician-scrapers-kazakhstan-cabinet",
        "embassy-kazakhstan-london-361",
    ),
    ("2019-tileuberdi-as-foreign-minister-kazakhstan", "begin"): (
        "astanatv-50972",
        "every-politician-scrapers-kazakhstan-cabinet rbc-nurtleu-2023",
    ),
    ("2001-saudabayev-as-ambassador-to-united-states", "dates"): (
        "wikipedia-kanat-saudabayev-offices",
        "yale-bulletin-saudabayev washington-times-2007-05-24",
    ),
    ("2007-idrissov-as-ambassador-to-united-states", "begin"): (
        "wikipedia-erlan-idrissov",
        "embassy-kazakhstan-london-361",
    ),
    ("2007-idrissov-as-ambassador-to-united-states", "end"): (
        "embassy-kazakhstan-london-361",
        "wikipedia-erlan-idrissov",
    ),
    ("2025-ilyassov-as-ambassador-to-united-states", "begin"): (
        "zakon-6073455",
        "swisshubnews-ilyassov-2025",
    ),
    ("2026-stufft-as-ambassador-to-kazakhstan", "begin"): (
        "fergana-144517",
        "baq-300028425",
    ),
    ("2011-fairfax-as-ambassador-to-kazakhstan", "end"): (
        "history-state-gov-pocom-kz-2011-fair-01",
        "astanatv-29579",
    ),
    ("1994-kazhegeldin-as-prime-minister-kazakhstan", "begin"): (
        "encyclopedia-kz-kazhegeldin",
        "wikipedia-akezhan-kazhegeldin",
    ),
    ("2002-tasmagambetov-as-prime-minister-kazakhstan", "begin"): (
        "rferl-1098610",
        "every-politician-scrapers-kazakhstan-cabinet",
    ),
    ("2022-smailov-as-prime-minister-kazakhstan", "begin"): (
        "wikipedia-government-of-kazakhstan-2022",
        "every-politician-scrapers-kazakhstan-cabinet",
    ),
    ("2005-zoellick-as-deputy-secretary-of-state-united-states", "end"): (
        "history-state-gov-pocom-secr-2005-zoel",
        "every-politician-scrapers-us-cabinet",
    ),
    ("2009-steinberg-as-deputy-secretary-of-state-united-states", "dates"): (
        "history-state-gov-pocom-secr-2009-stei",
        "every-politician-scrapers-us-cabinet",
    ),
    ("2015-blinken-as-deputy-secretary-of-state-united-states", "end"): (
        "history-state-gov-pocom-secr-2015-blin",
        "every-politician-scrapers-us-cabinet",
    ),
    ("2006-gates-as-secretary-of-defense-united-states", "end"): (
        "history-defense-gov-571279",
        "nndb-secretaries-of-defense",
    ),
    ("2013-hagel-as-secretary-of-defense-united-states", "end"): (
        "nndb-secretaries-of-defense",
        "britannica-kids-hagel",
    ),
    ("2005-bodman-as-secretary-of-energy-united-states", "begin"): (
        "every-politician-scrapers-us-cabinet",
        "wikipedia-secretary-of-energy-reference-com",
    ),
    ("2009-chu-as-secretary-of-energy-united-states", "end"): (
        "every-politician-scrapers-us-cabinet",
        "miller-center-chu",
    ),
    ("1995-curtis-as-deputy-secretary-of-energy-united-states", "dates"): (
        "wikipedia-deputy-secretary-of-energy-wikimili",
        "wikipedia-deputy-secretary-of-energy",
    ),
    ("2001-condoleezza-rice-as-national-security-advisor-united-states", "dates"): (
        "elsevier-weekblad-449927",
        "every-politician-scrapers-us-cabinet",
    ),
}
"""Things and property group to the attestation preferred and those set aside; the first thing names the note."""


@pytest.fixture(scope="module")
def graphs() -> Graphs:
    """The data files and the codes, by named graph."""
    return read(
        [
            (DATA / "sources.ttl", GRAPH.sources),
            (DATA / "editorial.ttl", GRAPH.editorial),
            (ROOT / "ontology" / "codes.ttl", GRAPH.codes),
            *((path, None) for path in sorted(DATA.glob("*.trig"))),
        ]
    )


@pytest.fixture(scope="module")
def editorial(graphs: Graphs) -> Graph:
    return graphs[GRAPH.editorial]


@pytest.fixture(scope="module")
def sources(graphs: Graphs) -> Graph:
    return graphs[GRAPH.sources]


@pytest.fixture(scope="module")
def notes(editorial: Graph) -> set[URIRef]:
    """Every note, disagreements included."""
    kinds = (DIP.SourceNote, DIP.Disagreement)
    return {note for kind in kinds for note in editorial.subjects(RDF.type, kind) if isinstance(note, URIRef)}


@pytest.fixture(scope="module")
def disagreements(editorial: Graph) -> set[URIRef]:
    return {node for node in editorial.subjects(RDF.type, DIP.Disagreement) if isinstance(node, URIRef)}


def slugs(nodes: set[URIRef], pattern: str) -> set[str]:
    """The local names of those *nodes* that match *pattern* in full."""
    return {slug for node in nodes if re.fullmatch(pattern, slug := node.removeprefix(NOTE))}


def texts(graph: Graph, nodes: set[URIRef]) -> dict[URIRef, str]:
    """Label and comment of each of *nodes*, as one text."""
    return {
        node: " ".join(str(value) for name in (RDFS.label, RDFS.comment) for value in graph.objects(node, name))
        for node in nodes
    }


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    """Every run of *length* words in *text*."""
    found = words(text)
    return {tuple(found[start : start + length]) for start in range(len(found) - length + 1)}


def beside(path: str) -> str:
    """The text of a file that lies beside the checkout on some machines."""
    file = SHARED / path
    if not file.is_file():
        pytest.skip(f"needs {path}, which is not beside this checkout")
    return file.read_text("utf-8")


def speaks_of(graph: Graph) -> set[object]:
    """The subjects and objects of *graph*."""
    return set(graph.subjects()) | set(graph.objects())


def test_every_oddity_of_the_text_is_a_note_of_its_kind(editorial: Graph, notes: set[URIRef]) -> None:
    assert slugs(notes, r"d\d+") == set(ODDITY_KINDS)
    for slug, kinds in ODDITY_KINDS.items():
        recorded = set(editorial.objects(URIRef(NOTE + slug), DIP.noteKind))
        assert {CODE[f"note-{kind}"] for kind in kinds} <= recorded, slug
        assert CODE["note-fact-check"] not in recorded, slug


def test_every_check_has_the_verdict_reached(editorial: Graph, notes: set[URIRef]) -> None:
    assert slugs(notes, r"check-.*") == {f"check-{row:02}" for row in range(1, 36)}
    for verdict, rows in VERDICT_OF_CHECKS.items():
        for row in rows:
            check = URIRef(f"{NOTE}check-{row:02}")
            assert list(editorial.objects(check, DIP.verdict)) == [CODE[f"verdict-{verdict}"]], row
            assert CODE["note-fact-check"] in set(editorial.objects(check, DIP.noteKind)), row


def test_verdicts_add_up(editorial: Graph) -> None:
    counts = Counter(str(verdict).rpartition("verdict-")[2] for verdict in editorial.objects(None, DIP.verdict))
    assert counts["confirmed"] == 18
    assert counts["partly"] + counts["contradicted"] == 8
    assert counts["not-found"] == 9
    assert counts.total() == 35


def test_verdicts_are_those_of_the_fact_check(editorial: Graph) -> None:
    table = re.findall(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|", beside("facts/factcheck.md"), re.MULTILINE)
    assert len(table) == 35
    for row, wording in table:
        verdict = editorial.value(URIRef(f"{NOTE}check-{int(row):02}"), DIP.verdict)
        named = str(verdict).rpartition("verdict-")[2].replace("-", " ")
        assert named in wording, f"row {row}: {wording}"


def test_note_has_one_label_one_comment_and_kinds_from_the_scheme(
    graphs: Graphs, editorial: Graph, notes: set[URIRef]
) -> None:
    scheme = set(graphs[GRAPH.codes].subjects(None, CODE.note))
    for note in notes:
        for name in (RDFS.label, RDFS.comment):
            values = list(editorial.objects(note, name))
            assert len(values) == 1, (note, name)
            assert isinstance(values[0], Literal), note
            assert values[0].language == "en", note
            assert len(words(str(values[0]))) > 1, note
        kinds = set(editorial.objects(note, DIP.noteKind))
        assert kinds, note
        assert kinds <= scheme, note


def test_note_names_the_places_it_speaks_of_and_the_records_it_cites(
    editorial: Graph, sources: Graph, notes: set[URIRef]
) -> None:
    for note in notes:
        places = set(editorial.objects(note, DIP.attestedBy))
        assert places, note
        kinds = {kind for place in places for kind in sources.objects(place, RDF.type)} & {DIP.TextSegment, DIP.Record}
        assert len(kinds) == 1, (note, "speaks of the first text or of records")
        for record in editorial.objects(note, DIP.citedRecord):
            assert (record, RDF.type, DIP.Record) in sources, (note, record)


def test_verdict_that_rests_on_another_source_cites_it(editorial: Graph) -> None:
    for check, verdict in editorial.subject_objects(DIP.verdict):
        if verdict != CODE["verdict-not-found"]:
            assert list(editorial.objects(check, DIP.citedRecord)), check


def test_every_note_hangs_on_things_that_are_described(graphs: Graphs, editorial: Graph, notes: set[URIRef]) -> None:
    described = {subject for name, graph in graphs.items() if name != GRAPH.editorial for subject in graph.subjects()}
    links = set(editorial.subject_objects(DIP.hasNote))
    assert {note for _, note in links} == notes
    assert {thing for thing, _ in links} <= described


def test_note_on_a_thing_rests_on_a_place_that_speaks_of_it(graphs: Graphs, editorial: Graph) -> None:
    for thing, note in editorial.subject_objects(DIP.hasNote):
        if thing == TEXT:
            continue
        places = {*editorial.objects(note, DIP.attestedBy), *editorial.objects(note, DIP.citedRecord)}
        mentions = [place for place in places if thing in speaks_of(graphs.get(URIRef(str(place)), Graph()))]
        assert mentions, f"none of the places that {note} cites speaks of {thing}"


def test_disagreements_are_those_that_were_found(editorial: Graph, disagreements: set[URIRef]) -> None:
    expected = set()
    for (things, kind), (preferred, asides) in DISAGREEMENTS.items():
        node = URIRef(f"{NOTE}disagreement-{things.split()[0].replace('--', '-')}-{kind}")
        abouts = {KZUS[thing] for thing in things.split()}
        expected.add(node)
        assert set(editorial.objects(node, DIP.disagreementAbout)) == abouts, node
        assert abouts <= set(editorial.subjects(DIP.hasNote, node)), node
        assert list(editorial.objects(node, DIP.propertyGroup)) == [CODE[f"group-{kind}"]], node
        assert list(editorial.objects(node, DIP.prefers)) == [SOURCE[preferred]], node
        assert set(editorial.objects(node, DIP.setsAside)) == {SOURCE[aside] for aside in asides.split()}, node
    assert disagreements == expected


def claims(graphs: Graphs, disagreement: URIRef, side: URIRef) -> set[tuple[Node, Node, Node]]:
    """What one side of a disagreement says of its things by the properties of its group."""
    editorial = graphs[GRAPH.editorial]
    group = editorial.value(disagreement, DIP.propertyGroup)
    return {
        (about, name, value)
        for about in editorial.objects(disagreement, DIP.disagreementAbout)
        for attestation in editorial.objects(disagreement, side)
        for name in graphs[GRAPH.codes].objects(group, DIP.groupedProperty)
        for value in graphs[URIRef(str(attestation))].objects(about, name)
    }


def test_both_sides_of_a_disagreement_make_claims_and_they_differ(graphs: Graphs, disagreements: set[URIRef]) -> None:
    for node in disagreements:
        preferred, aside = claims(graphs, node, DIP.prefers), claims(graphs, node, DIP.setsAside)
        assert preferred, node
        assert aside, node
        assert preferred != aside, node


def test_merge_follows_the_preferred_side(graphs: Graphs, editorial: Graph, disagreements: set[URIRef]) -> None:
    merge = merged(graphs)
    for node in disagreements:
        preferred, aside = claims(graphs, node, DIP.prefers), claims(graphs, node, DIP.setsAside)
        assert all(claim in merge for claim in preferred), node
        assert not any(claim in merge for claim in aside - preferred), node


def test_what_no_disagreement_weighs_stays_in_the_merge(graphs: Graphs, disagreements: set[URIRef]) -> None:
    merge = merged(graphs)
    stated = {triple for name, graph in graphs.items() if name.startswith(SOURCE) for triple in graph}
    lost = {triple for triple in stated if triple not in merge}
    assert lost <= {claim for node in disagreements for claim in claims(graphs, node, DIP.setsAside)}
    head_of_state = (DIP.descriptor, Literal("head of state", "en"))
    assert {triple for triple in lost if triple[1] == DIP.descriptor} == {
        (KZUS["2008-obama-nazarbayev-call--barack-obama"], *head_of_state)
    }
    assert (KZUS["2008-obama-nazarbayev-call--nursultan-nazarbayev"], *head_of_state) in merge


def test_the_round_of_calls_has_no_office_where_no_source_is_preferred_on_it(graphs: Graphs) -> None:
    merge = merged(graphs)
    assert list(merge.objects(KZUS["2008-obama-introductory-calls--barack-obama"], DIP.inPosition)) == []
    assert list(merge.objects(KZUS["2008-obama-nazarbayev-call--barack-obama"], DIP.inPosition)) == [
        KZUS["president-elect-united-states"]
    ]
    embassy = graphs[SOURCE["us-embassy-kazakhstan-2009-07-02"]]
    assert not any("introductory" in str(term) for triple in embassy for term in triple)


def test_each_contradiction_is_settled_by_a_disagreement(editorial: Graph, disagreements: set[URIRef]) -> None:
    for check in editorial.subjects(DIP.verdict, CODE["verdict-contradicted"]):
        things = set(editorial.subjects(DIP.hasNote, check))
        assert any(things & set(editorial.objects(node, DIP.disagreementAbout)) for node in disagreements), check


def test_record_says_whose_it_is_where_it_was_read_and_on_what_terms(sources: Graph) -> None:
    records = set(sources.subjects(RDF.type, DIP.Record))
    assert records
    for record in records:
        document = sources.value(record, DCTERMS.isPartOf, any=False)
        assert (document, RDF.type, DIP.SourceDocument) in sources, record
        for name in (RDFS.label, RDFS.comment, DCTERMS.publisher, DCTERMS.rights, DIP.secondHand):
            assert len(list(sources.objects(record, name))) == 1, (record, name)
        assert sources.value(record, DIP.secondHand).datatype == URIRef(PREFIXES["xsd"] + "boolean"), record
        addresses = list(sources.objects(record, DIP.recordAddress))
        assert addresses or list(sources.objects(record, DCTERMS.bibliographicCitation)), record
        assert all(isinstance(address, URIRef) and re.match(r"https?://", address) for address in addresses), record


def test_record_is_cited_by_a_note_and_none_is_the_text_itself(editorial: Graph, sources: Graph) -> None:
    """Those described by hand, that is: read for the check of the first text, or weighed by a disagreement."""
    records = set(sources.subjects(RDF.type, DIP.Record))
    checked = read([(DATA / "sources.ttl", GRAPH.sources)])[GRAPH.sources]
    named_for = set(sources.subjects(DCTERMS.isPartOf, SOURCE.names))
    by_hand = set(checked.subjects(RDF.type, DIP.Record))
    weighed = {
        record for word in (DIP.prefers, DIP.setsAside, DIP.attestedBy) for record in editorial.objects(None, word)
    }
    assert by_hand - named_for == {*weighed, *editorial.objects(None, DIP.citedRecord)} & by_hand
    text = "kazconsulny.org/content/political-cooperation"
    assert not any(text in str(value) for record in records for value in sources.objects(record))


@pytest.mark.parametrize("file", ["history-state-gov.trig", "cited-pages.trig", "names.trig"])
def test_graph_of_a_record_is_named_by_one_of_its_document(file: str, sources: Graph) -> None:
    names = set(read([(DATA / file, None)]))
    assert names
    for name in names:
        assert (name, RDF.type, DIP.Record) in sources
        assert (name, DCTERMS.isPartOf, SOURCE[Path(file).stem]) in sources


def test_no_note_quotes_more_than_three_words_of_the_text(editorial: Graph, notes: set[URIRef]) -> None:
    of_the_text = runs(beside("source/political-cooperation.txt"), 4)
    for note, text in texts(editorial, notes).items():
        assert not runs(text, 4) & of_the_text, note


def test_no_note_and_no_record_copies_the_fact_check(editorial: Graph, sources: Graph, notes: set[URIRef]) -> None:
    of_the_check = runs(beside("facts/factcheck.md"), 10)
    records = {record for record in sources.subjects(RDF.type, DIP.Record) if isinstance(record, URIRef)}
    for node, text in (texts(editorial, notes) | texts(sources, records)).items():
        assert not runs(text, 10) & of_the_check, node
