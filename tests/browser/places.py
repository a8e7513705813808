"""One page of each kind that the site has."""

from urllib.parse import quote

WRONG = "SELECT *\nWHERE {\n  ?visit a dip:Visit ;; .\n  nope\n}"
NOTHING = "PREFIX dip: <https://w3id.org/kzus/ontology#>\nSELECT * { ?visit a dip:Vist }"
YES = "PREFIX dip: <https://w3id.org/kzus/ontology#>\nASK { ?visit a dip:Visit }"
GRAPH = "DESCRIBE <https://w3id.org/kzus/id/astana>"
ROWS = """PREFIX dip: <https://w3id.org/kzus/ontology#>
SELECT ?visit ?place ?notBefore ?notAfter {
  ?visit a dip:Visit ; dip:destination ?place ; dip:notBefore ?notBefore ; dip:notAfter ?notAfter .
}
ORDER BY ?notBefore"""
PAGES = {
    "home": "/",
    "event": "/page/id/2010-clinton-astana-visit",
    "person": "/page/id/nursultan-nazarbayev",
    "organization": "/page/id/osce",
    "position": "/page/id/secretary-of-state-united-states",
    "place": "/page/id/astana",
    "instrument": "/page/id/2010-st-agreement",
    "statement": "/page/id/2010-clinton-pride-remark",
    "participation": "/page/id/2010-clinton-civil-society-meeting--civil-society-representatives-of-kazakhstan",
    "sentence": "/page/source/political-cooperation-3.1",
    "source": "/page/source/political-cooperation",
    "record": "/page/source/history-state-gov-visits-2099",
    "note": "/page/note/d05",
    "disagreement": "/page/note/disagreement-2010-nazarbayev-us-official-visit-dates",
    "check": "/page/note/check-01",
    "topic": "/page/topic/security",
    "code": "/page/code/act-affirm",
    "graph": "/page/graph/inferred",
    "data-set": "/page/dataset",
    "years": "/years",
    "topics": "/topics",
    "sources": "/sources",
    "search": "/search?q=clinton",
    "search-empty": "/search?q=nobody+of+this+name",
    "kind": "/search?kind=Visit",
    "lookup": "/lookup",
    "lookup-found": "/lookup?uri=http://www.wikidata.org/entity/Q232&uri=http://www.wikidata.org/entity/Q1",
    "link": "/page/source/links-wikidata--kazakhstan--skos-exactMatch--wd-Q232",
    "ontology": "/page/ontology",
    "shapes": "/page/shapes",
    "dumps": "/dumps/",
    "dumps-of-release": "/dumps/3.0.0/",
    "changes": "/changes",
    "prefixes": "/prefixes",
    "docs": "/docs/",
    "tutorial": "/docs/tutorial",
    "data-guide": "/docs/data-guide",
    "notebook": "/docs/notebook",
    "operating": "/docs/operating",
    "security": "/docs/security",
    "conformance": "/conformance",
    "questions": "/questions",
    "build": "/build",
    "build-conditions": "/build?kind=Event",
    "build-choice": "/build?kind=Event&participant=clinton&place=nowhere+of+this+name",
    "build-answer": "/build?kind=Visit&participant=kzus:nursultan-nazarbayev&from=2010&to=2012&column=topic",
    "build-map": "/build?kind=Visit&count=destination&view=map",
    "answer-timeline": "/query/meetings-of-the-two-presidents",
    "answer-map": "/query/cities-by-number-of-events",
    "answer-network": "/query/who-met-whom",
    "answer-bars": "/query/events-per-us-administration",
    "answer-lines": "/query/events-per-year",
    "answer-verdict": "/query/did-obama-visit-kazakhstan",
    "answer-part": "/query/who-took-part-in-what?find=senator&sort=-event",
    "answer": f"/sparql?query={quote(ROWS)}",
}
# Pages that say what went wrong, with the status that they are sent with.
FAULTS = {
    "not-found": ("/page/id/nobody", 404),
    "refused": (f"/sparql?query={quote(WRONG)}", 400),
}
QUERY_PAGES = {
    "query": "/query?example=official-visits",
    "query-timeline": "/query?example=dates-as-stated&view=timeline",
    "query-map": "/query?example=places-of-events&view=map",
    "query-network": "/query?example=parts-of-events&view=network",
    "query-raw": "/query?example=official-visits&view=raw",
    "query-yes": f"/query?query={quote(YES)}",
    "query-graph": f"/query?query={quote(GRAPH)}",
    "query-nothing": f"/query?query={quote(NOTHING)}",
    "query-problem": f"/query?query={quote(WRONG)}",
}
