"""One page of each kind that the site has."""

from urllib.parse import quote

WRONG = "SELECT *\nWHERE {\n  ?visit a dip:Visit ;; .\n  nope\n}"
PAGES = {
    "home": "/",
    "event": "/page/id/2010-clinton-astana-visit",
    "person": "/page/id/nursultan-nazarbayev",
    "instrument": "/page/id/2010-st-agreement",
    "sentence": "/page/source/political-cooperation-3.1",
    "note": "/page/note/d05",
    "topic": "/page/topic/security",
    "topics": "/topics",
    "sources": "/sources",
    "search": "/search?q=clinton",
    "ontology": "/page/ontology",
    "dumps": "/dumps/",
    "prefixes": "/prefixes",
    "docs": "/docs/",
    "tutorial": "/docs/tutorial",
    "conformance": "/conformance",
}
QUERY_PAGES = {
    "query": "/query/official-visits",
    "query-timeline": "/query/dates-as-stated?view=timeline",
    "query-map": "/query/places-of-events?view=map",
    "query-network": "/query/parts-of-events?view=network",
    "query-raw": "/query/official-visits?view=raw",
    "query-yes": "/query/did-nazarbayev-and-bush-meet",
    "query-problem": f"/query?query={quote(WRONG)}",
}
