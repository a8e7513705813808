"""Identifiers as strangers write them: each link of the graph in each of its forms, over HTTP and in reconciliation."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from flask.testing import FlaskClient

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.links import identifiers, linksets
from kzus_graph.links.identifiers import canonical, readings
from kzus_graph.links.lookup import Index, Match
from kzus_graph.rdf.prefixes import BASE, PREFIXES
from kzus_graph.web.application import create_app
from kzus_graph.web.linking.lookup_page import LONGEST_NAME
from tests.conftest import ROOT

MAPPINGS = [mapping for table in linksets.tables(ROOT) for mapping in linksets.read(table)]
LINKSETS = [mapping for mapping in MAPPINGS if "/links-" in mapping.table]


def _letters(number: str) -> str:
    return f"{number[0].lower()}{number[1:]}"


def _wide(number: str, mark: str) -> str:
    return mark.join(number[at : at + 4] for at in range(0, len(number), 4))


FORMS: dict[str, Callable[[str], list[str]]] = {
    "www.wikidata.org/entity/": lambda one: [
        f"https://www.wikidata.org/wiki/{one}",
        f"https://www.wikidata.org/wiki/{'Item' if one[0] == 'Q' else 'Property'}:{one}",
        f"https://www.wikidata.org/wiki/{one}?uselang=ru#x",
        f"http://wikidata.org/entity/{one}",
        f"https://m.wikidata.org/wiki/{one}",
        f"www.wikidata.org/wiki/{one}",
        f"https://www.wikidata.org/wiki/Special:EntityData/{one}.json",
        f"https://www.wikidata.org/wiki/{_letters(one)}",
        f"https://www.wikidata.org/wiki/Special:EntityData/{one}?flavor=dump",
        f"https://www.wikidata.org/wiki/Special:EntityPage/{one}",
        f"https://www.wikidata.org/wiki/Special%3AEntityData/{one}",
        f"https://www.wikidata.org/w/index.php?title={one}&oldid=7",
        f"https://www.wikidata.org/wiki/{one}#sitelinks-wikipedia",
        f"wd:{one}",
        f"WD:{one}",
        f"wikidata:{one}",
        f"Wikidata {one}",
        f"[wd:{one}]",
        f"HTTPS://WWW.WIKIDATA.ORG/WIKI/{one}",
    ],
    "dbpedia.org/resource/": lambda one: [
        f"https://dbpedia.org/page/{one}",
        f"http://dbpedia.org/data/{one}.ttl",
        f"http://dbpedia.org/data/{one}.json",
        f"http://live.dbpedia.org/resource/{one}",
        f"dbr:{one}",
        f"dbpedia:{one}",
        f"http://dbpedia.org/resource/{quote(one, safe='')}",
        f"http://dbpedia.org/resource/{one.replace('_', ' ')}",
        f"http://dbpedia.org/resource/{one.replace('_', '%20')}",
        f"dbpedia.org/page/{one}",
        f"http://dbpedia.org/describe/?url=http%3A%2F%2Fdbpedia.org%2Fresource%2F{quote(one, safe='')}&sid=7",
    ],
    "sws.geonames.org/": lambda one: [
        f"https://www.geonames.org/{one}",
        f"https://www.geonames.org/{one}/any-name.html",
        f"http://sws.geonames.org/{one}",
        f"https://sws.geonames.org/{one}/about.rdf",
        f"https://www.geonames.org/{one}/%D0%90.html",
        f"geonames:{one}",
        f"geonames:{one}/",
        f"GeoNames {one}",
        f"http://api.geonames.org/getJSON?geonameId={one}&username=demo",
        f"geonames.org/{one}/name",
        f"https://www.geonames.org/{one}/name.html?x=y#z",
    ],
    "eurovoc.europa.eu/": lambda one: [
        f"eurovoc:{one}",
        f"EuroVoc {one}",
        f"https://eurovoc.europa.eu/{one}/",
        f"eurovoc.europa.eu/{one}",
        f"https://op.europa.eu/en/web/eu-vocabularies/concept/-/resource?uri=http://eurovoc.europa.eu/{one}&lang=en",
        f"https://op.europa.eu/en/web/eu-vocabularies/concept/-/resource?uri=http%3A%2F%2Feurovoc.europa.eu%2F{one}",
        f"https://eurovoc.europa.eu/drupal/?q=request&uri=http://eurovoc.europa.eu/{one}",
    ],
    "id.loc.gov/authorities/subjects/": lambda one: [
        f"https://id.loc.gov/authorities/subjects/{one}.html",
        f"http://id.loc.gov/authorities/subjects/{one}.skos.rdf",
        f"http://id.loc.gov/authorities/{one}#concept",
        f"https://lccn.loc.gov/{one}",
        f"lcsh:{one}",
        f"LCSH {one}",
        f"LCCN: {one[:2]} {one[2:]}",
        f"https://id.loc.gov/authorities/subjects/{one.upper()}",
        f"id.loc.gov/authorities/subjects/{one}",
        f"https://id.loc.gov/authorities/subjects/{one}.madsrdf.json",
    ],
    "id.loc.gov/vocabulary/countries/": lambda one: [
        f"https://id.loc.gov/vocabulary/countries/{one}.html",
        f"marccountry:{one}",
        f"id.loc.gov/vocabulary/countries/{one}",
    ],
    "viaf.org/viaf/": lambda one: [
        f"https://viaf.org/en/viaf/{one}",
        f"viaf:{one}",
        f"VIAF {one}",
        f"VIAF: {one}",
        f"http://www.viaf.org/viaf/{one}/",
        f"https://viaf.org/viaf/{one}/viaf.json",
        f"https://viaf.org/viaf/{one}/#Name,_A",
        f"viaf:{one[:3]} {one[3:]}",
    ],
    "isni.org/isni/": lambda one: [
        f"https://isni.org/page/{one}/",
        f"http://www.isni.org/{one}",
        f"http://isni.org/isni/{_wide(one, '%20')}",
        f"isni:{one}",
        f"ISNI {_wide(one, ' ')}",
        f"ISNI:{_wide(one, '-')}",
        f"ISNI: {_wide(one, ' ')}",
        f"https://isni.org/isni/{_wide(one, '-')}",
        f"isni:{_wide(one, chr(0x2011))}",
    ],
    "bioguide.congress.gov/search/bio/": lambda one: [
        f"bioguide:{one}",
        f"Bioguide {one}",
        f"http://bioguide.congress.gov/search/bio/{one.lower()}",
        f"http://bioguide.congress.gov/scripts/biodisplay.pl?index={one}",
        f"https://bioguide.congress.gov/search/bio/{one}.json",
        f"https://bioguideretro.congress.gov/Home/MemberDetails?memIndex={one}",
    ],
    "history.state.gov/departmenthistory/people/": lambda one: [
        f"hsg:{one}",
        f"http://history.state.gov/departmenthistory/people/{one}/?x#y",
        f"history.state.gov/departmenthistory/people/{one}",
    ],
    "spelunker.whosonfirst.org/id/": lambda one: [
        f"wof:{one}",
        f"WOF {one}",
        f"https://spelunker.whosonfirst.org/id/{one}/geojson",
        f"https://data.whosonfirst.org/{one[:3]}/{one[3:6]}/{one[6:]}/{one}.geojson",
    ],
    "en.wikipedia.org/wiki/": lambda one: [
        f"https://en.m.wikipedia.org/wiki/{one}",
        f"enwiki:{one}",
        f"https://en.wikipedia.org/w/index.php?title={one}&oldid=7",
        "https://en.wikipedia.org/wiki/Kazakhstan–United_States_relations",
        "https://en.wikipedia.org/wiki/Kazakhstan–United States relations",
        f"https://en.wikipedia.org/wiki/{one}?action=raw#x",
        f"en.wikipedia.org/wiki/{one}",
    ],
    "enu.kz/": lambda one: [f"http://www.enu.kz/{one}", f"enu:{one}", f"https://enu.kz/{one}?x#y"],
}
"""How those of each data set that we link to are written, by itself and by others, after what all begin with."""
OURS: list[Callable[[str], str]] = [
    lambda path: f"http://w3id.org/kzus/{path}",
    lambda path: f"https://www.w3id.org/kzus/{path}/",
    lambda path: f"<https://w3id.org/kzus/{path}>",
    lambda path: f"https://w3id.org/kzus/{path}#this",
    lambda path: f"https://w3id.org/kzus/data/{path}.ttl",
    lambda path: f"http://127.0.0.1:8000/page/{path}",
    lambda path: f"http://localhost:9999/some/prefix/data/{path}.jsonld",
    lambda path: f"http://[::1]:8000/{path}",
    lambda path: f"/page/{path}?lang=ru",
    lambda path: f"/data/{path}.nt",
    lambda path: f"/{path}",
    lambda path: path,
    lambda path: f"127.0.0.1:8000/page/{path}",
    lambda path: f"localhost:8000/{path}",
    lambda path: f"/{path}.html",
    lambda path: f"https://graph.example/kz/page/{path}",
    lambda path: f"https://graph.example/kz/{path}#x",
    lambda path: f"HTTPS://Graph.Example/kz/data/{path}.rdf",
    lambda path: f"/kz/page/{path}",
]
HERE = "https://graph.example/kz"
"""Where the server is reached at, in these tests."""
AROUND = (
    "  {}\t",
    "<{}>",
    '"{}"',
    "'{}'",
    "({})",
    "“{}”",
    "«{}»",
    "{},",
    "{}.",
    "{};",
    "{})",
    "{}.)",
    "\u200b{}\ufeff",
    "\u00a0{}\u00a0",
    "{}…",
)
"""What stands around an identifier that was copied out of a text or a cell."""
NOTHING = (
    "wd:Q999999999",
    "wd:P31",
    "wd:",
    ":Q76",
    "wd Q76",
    "https://www.wikidata.org/wiki/Talk:Q76",
    "https://evil.example/entity/Q76",
    "https://www.wikidata.org.evil.example/wiki/Q76",
    "https://evil.example/?u=http://www.wikidata.org/entity/Q76",
    "https://www.wikidata.org/wiki/Q76/x",
    "https://www.wikidata.org/wiki/Q760000001",
    "http://www.wikidata.org/entity/statement/Q76",
    "https://sws.geonames.org/1526273/nearby.rdf",
    "https://www.geonames.org/152627",
    "geonames:15262733",
    "dbr:barack_obama",
    "http://de.dbpedia.org/resource/Astana",
    "https://de.wikipedia.org/wiki/Kazakhstan–United_States_relations",
    "isni:0000 0001 2188 430",
    "isni:00000001218843099",
    "https://viaf.org/viaf/1020017860",
    "viaf:0",
    "ISNI",
    "gnd:118540238",
    "https://orcid.org/0000-0002-1825-0097",
    "lcnaf:n79018774",
    "kzus:atlantis",
    "kzus:",
    "/page/id/atlantis",
    "id/",
    "/",
    "https://evil.example/page/id/astana",
    "https://w3id.org/kzus.evil/id/astana",
    "https://w3id.org/kzus/ontology#Nothing",
    "http://127.0.0.1:8000/",
    "http://127.0.0.1.evil.example/page/id/astana",
    "http://xn--wkidata-q2a.org/entity/Q76",
    "http://[::1",
    "https://",
    "%",
    "http://www.wikidata.org:99999999/entity/Q76",
    "<",
    "<<>>",
    '""',
    "Astana Times",
    "...",
    "://",
    "https://bioguide.congress.gov/search/bio/G00032",
    "https://enu.kz/ru/",
    "eurovoc:56930",
    "lcsh:sh00000000",
)


@pytest.fixture(scope="module")
def client(real_release: Path) -> Iterator[FlaskClient]:
    releases = Releases(Limits(workers=2), folder=real_release.parent)
    yield create_app(releases).test_client()
    releases.close()


def found(client: FlaskClient, names: list[str], **sent: object) -> dict[str, set[str]]:
    """The things of ours that each of *names* finds."""
    answer = client.post("/lookup", json=names, **sent)
    assert answer.status_code == 200, answer.text
    return {one["uri"]: {match["iri"] for match in one["matches"]} for one in answer.json["results"]}


def forms(target: str) -> list[str]:
    """The forms of *target*, with http and https, and those that its data set has."""
    address = target.partition("://")[2]
    plain = [f"http://{address}", f"https://{address}", address]
    space = next((space for space in FORMS if address.startswith(space)), "")
    if not space:
        return plain
    local = address.removeprefix(space)
    return [*plain, f"{target}/", *FORMS[space](local if space == "enu.kz/" else local.removesuffix("/"))]


def test_each_link_of_the_graph_is_found_in_each_form(client: FlaskClient) -> None:
    wanted: dict[str, set[str]] = {}
    for mapping in MAPPINGS:
        for form in forms(str(mapping.object)):
            wanted.setdefault(form, set()).add(str(mapping.subject))
    assert len(wanted) > 3_000
    names = list(wanted)
    given = found(client, names[:4_000]) | found(client, names[4_000:])
    assert {name: given[name] for name in names if given[name] != wanted[name]} == {}


def test_marks_around_an_identifier_do_not_matter(client: FlaskClient) -> None:
    names = [
        "wd:Q76",
        "http://dbpedia.org/resource/Washington,_D.C.",
        "https://sws.geonames.org/1526273/",
        "kzus:astana",
    ]
    plain = found(client, names)
    assert all(plain.values())
    written = {mark.format(name): plain[name] for name in names for mark in AROUND}
    given = found(client, list(written))
    assert {name: given[name.strip()] for name in written if given[name.strip()] != written[name]} == {}


def test_our_own_names_are_known_by_every_address_of_theirs(client: FlaskClient) -> None:
    paths = ("id/astana", "id/2012-nazarbayev-obama-meeting", "topic/trade", "source/political-cooperation-3.1")
    wanted = {form(path): {BASE + path} for path in paths for form in OURS}
    wanted |= {
        name: {f"{BASE}id/barack-obama"} for name in ("kzus:barack-obama", "KZUS:Barack-Obama", "<kzus:barack-obama>")
    }
    wanted |= {
        name: {f"{BASE}ontology#Visit"}
        for name in (
            "dip:Visit",
            f"{BASE}ontology#Visit",
            "http://w3id.org/kzus/ontology#Visit",
            "http://127.0.0.1:8000/ontology#Visit",
            "https://graph.example/kz/page/ontology#Visit",
            f"{BASE}ontology.ttl#Visit",
            f"{BASE}ontology/1.0.0#Visit",
        )
    }
    given = found(client, list(wanted), base_url=HERE)
    assert {name: given[name] for name in wanted if given[name] != wanted[name]} == {}


def test_the_address_of_another_server_is_not_ours(client: FlaskClient) -> None:
    name = "https://graph.example/kz/page/id/astana"
    assert found(client, [name]) == {name: set()}
    first = client.get("/lookup", query_string={"uri": name})
    assert {"Host", "X-Forwarded-Host", "X-Forwarded-Proto"} <= set(first.headers["Vary"].split(", "))
    assert client.get("/lookup", query_string={"uri": name}, base_url=HERE).json["results"][0]["found"]


def test_a_thing_without_links_is_found_alone(client: FlaskClient) -> None:
    thing = f"{BASE}id/2012-nazarbayev-obama-meeting"
    (result,) = client.get("/lookup", query_string={"uri": thing}).json["results"]
    (match,) = result["matches"]
    assert result["found"] and match["iri"] == thing and match["label"]
    assert [match[name] for name in ("match", "target", "confidence", "link")] == [None] * 4
    page = client.get("/lookup", query_string={"uri": thing}, headers={"Accept": "text/html"})
    assert "this is our own name; it has no links" in page.text and "unknown here" not in page.text


def test_what_is_no_identifier_of_ours_finds_nothing(client: FlaskClient) -> None:
    given = found(client, list(NOTHING), base_url=HERE)
    assert {name: things for name, things in given.items() if things} == {}


@pytest.mark.parametrize(
    ("space", "written"),
    [
        (
            "lcnaf:n79018774",
            [
                "http://id.loc.gov/authorities/names/n79018774",
                "https://id.loc.gov/authorities/names/n79018774.html",
                "LCCN n 79018774",
                "LCCN: n 79-18774",
                "lccn:n79-018774",
                "N79018774@",
                "https://lccn.loc.gov/n79018774",
            ],
        ),
        (
            "gnd:40299994",
            [
                "https://d-nb.info/gnd/4029999-4",
                "GND 4029999-4",
                "gnd:4029999-4",
                "http://d-nb.info/gnd/4029999-4/about/lds.ttl",
                "https://lobid.org/gnd/4029999-4.json",
                "https://explore.gnd.network/gnd/4029999-4?term=x",
            ],
        ),
        ("gnd:11854023X", ["gnd:11854023x", "GND 118 540 23X", "https://d-nb.info/gnd/11854023X"]),
        (
            "orcid:0000-0002-1694-233X",
            [
                "https://orcid.org/0000-0002-1694-233X",
                "ORCID: 0000 0002 1694 233x",
                "orcid.org/0000-0002-1694-233X",
                "ORCID 000000021694233X",
                "http://www.orcid.org/0000-0002-1694-233X/",
            ],
        ),
        (
            "isni:000000012150090X",
            ["ISNI 0000 0001 2150 090x", "https://isni.org/isni/000000012150090X", "isni:0000-0001-2150-090X"],
        ),
        ("ror:01bj3aw27", ["https://ror.org/01bj3aw27", "ROR 01bj3aw27", "http://ror.org/01BJ3AW27/"]),
    ],
)
def test_forms_of_registers_that_we_may_link_to(space: str, written: list[str]) -> None:
    """Nothing of ours is linked to these yet; a link that is added is found in each form."""
    index = Index([Match("https://w3id.org/kzus/id/x", "X", "http://x/exactMatch", next(expanded(space)), "1", "l")])
    assert [name for name in written if not name.endswith("@") and not index.find(name)] == []


def expanded(name: str) -> Iterator[str]:
    prefix, _, local = name.partition(":")
    yield identifiers.OTHERS[prefix] + local


def test_each_prefix_of_a_table_of_links_is_known() -> None:
    for table in linksets.tables(ROOT):
        for line in table.read_text("utf-8").splitlines():
            prefix, _, space = line.removeprefix("#  ").partition(": ")
            if line.startswith("#  ") and space.startswith("http"):
                assert (PREFIXES | identifiers.OTHERS)[prefix] == space, table


def test_each_host_that_we_link_to_has_a_rule() -> None:
    for mapping in LINKSETS:
        target = str(mapping.object)
        assert canonical(f"{target}?x#y") == canonical(target), f"no rule knows {urlsplit(target).netloc}"


def test_reconciliation_knows_the_same_forms(client: FlaskClient) -> None:
    exact = {str(one.object): str(one.subject) for one in LINKSETS if one.predicate.endswith("exactMatch")}
    named = {target: thing for target, thing in exact.items() if thing.startswith((f"{BASE}id/", f"{BASE}topic/"))}
    wanted = {form: thing for target, thing in named.items() for form in (forms(target)[-1], f"<{target}>", target)}
    wanted |= {form("id/astana"): f"{BASE}id/astana" for form in OURS}
    names = list(wanted)
    for at in range(0, len(names), 200):
        asked = {str(at + n): {"query": name, "limit": 3} for n, name in enumerate(names[at : at + 200])}
        answer = client.post("/reconcile", data={"queries": json.dumps(asked)}, base_url=HERE).json
        for key, one in answer.items():
            name = names[int(key)]
            first = one["result"][0]
            assert (first["id"], first["score"], first["match"]) == (wanted[name].removeprefix(BASE), 100.0, True), name


def test_reconciliation_depends_on_the_host(client: FlaskClient) -> None:
    asked = {"queries": json.dumps({"q": {"query": "https://graph.example/kz/page/id/astana"}})}
    answer = client.get("/reconcile", query_string=asked)
    assert answer.json["q"]["result"] == []
    assert {"Host", "X-Forwarded-Host", "X-Forwarded-Proto"} <= set(answer.headers["Vary"].split(", "))
    there = client.get("/reconcile", query_string=asked, base_url=HERE)
    assert [one["id"] for one in there.json["q"]["result"]] == ["id/astana"]


def test_reconciliation_takes_nothing_for_an_identifier_that_is_unknown(client: FlaskClient) -> None:
    names = [
        "https://www.wikidata.org/wiki/Q999999999",
        "wd:Q999999999",
        "https://example.org/Barack_Obama",
        "dbr:Nazarbayev",
    ]
    asked = {name: {"query": name} for name in names}
    answer = client.post("/reconcile", data={"queries": json.dumps(asked)}).json
    assert {name: one["result"] for name, one in answer.items()} == {name: [] for name in names}


def test_reconciliation_shows_what_is_merely_like_it_and_takes_it_not(client: FlaskClient) -> None:
    asked = {"q": {"query": "lcsh:sh85001360"}, "k": {"query": "lcsh:sh85001360", "type": "dip:Person"}}
    answer = client.post("/reconcile", data={"queries": json.dumps(asked)}).json
    (close,) = answer["q"]["result"]
    assert (close["id"], close["score"], close["match"]) == ("topic/air-transport", 75.0, False)
    assert answer["k"]["result"] == []


def test_suggestions_of_entities_take_identifiers(client: FlaskClient) -> None:
    for name in ("wd:Q76", "https://www.wikidata.org/wiki/Q76", "id/barack-obama", f"{BASE}id/barack-obama"):
        result = client.get("/reconcile/suggest/entity", query_string={"prefix": name}).json["result"]
        assert [one["id"] for one in result] == ["id/barack-obama"], name


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "/",
        "id/",
        "page/id/",
        "&",
        "?&",
        "a.",
        "%2F",
        "&index=",
        "0 ",
        "n ",
        ".x/",
        ":",
        "]",
        "<",
        "“",
        "\n",
        "localhost/",
        "x&\n",
    ],
)
@pytest.mark.parametrize(
    "start",
    [
        "",
        "http://",
        "http://localhost/",
        "https://op.europa.eu/",
        "https://bioguide.congress.gov/",
        "isni:",
        "lcsh:n",
        "gnd:1",
        "https://www.wikidata.org/wiki/Special:EntityData?",
        "http://api.geonames.org/get?",
        "https://en.wikipedia.org/w/index.php?",
    ],
)
def test_the_longest_name_is_read_in_few_steps(start: str, piece: str) -> None:
    """No name has more than a few readings, and none is much longer than the name."""
    text = (start + piece * LONGEST_NAME)[:LONGEST_NAME]
    given = list(readings(text, "https://graph.example/kz/"))
    assert len(given) <= identifiers.MOST_BEHIND + 1
    assert all(len(one) <= 3 * LONGEST_NAME for one in given)
