"""How heavy and how long pages are: ``python -m bench.page_sizes URL``, a running server with the whole release.

Every kind of page, the answers and the resources with the longest pages, in English and Russian, on a desk and on a
phone: the bytes that the browser loads with an empty cache, as the server sends them; the height before anything is
unfolded; the tab stops up to the end of the main content. What the pages cost the server is in ``bench.pages``.
"""

import re
import sys
from urllib.parse import quote
from urllib.request import Request, urlopen

from tests.browser import measures
from tests.browser.chromium import chromium
from tests.browser.places import PAGES

LONGEST = 30
ANSWERS = 20
LANGUAGES = ("en", "ru")
IN_DOUBT = 150
MOST_LINKED = """SELECT ?thing {
  { ?thing ?property ?value } UNION { ?other ?property ?thing }
  FILTER (isIRI(?thing) && STRSTARTS(STR(?thing), "https://w3id.org/kzus/id/"))
} GROUP BY ?thing ORDER BY DESC(COUNT(*)) LIMIT %d"""
"""Things with long pages have many statements: only so many pages are compared."""
OF_EACH_CLASS = """SELECT (MIN(?thing) AS ?first) {
  ?thing a ?class FILTER (STRSTARTS(STR(?thing), "https://w3id.org/kzus/") && STRSTARTS(STR(?class), "https://w3id.org/"))
} GROUP BY ?class"""


def main(url: str) -> None:
    """Print a table of the kinds of pages with the most of each figure, and each page that is over a bar."""
    kinds = {
        "kinds of pages": [path for name, path in PAGES.items() if name != "home"],
        "home": ["/"],
        "documents": sorted(set(found(url, "/docs/", r'href="(/docs/[\w-]+)"'))),
        "answers": longest(url, found(url, "/questions", r'href="(/query/[\w-]+)"'), ANSWERS),
        "resources": longest(url, things(url, MOST_LINKED % IN_DOUBT), LONGEST),
        "one of each class": things(url, OF_EACH_CLASS),
    }
    print("| | pages | kB (most) | pixels, desk (most) | phone | tab stops, desk (most) | phone | over a bar |")
    print("|---|---|---|---|---|---|---|---|")
    over = []
    with chromium() as browser:
        page = browser.new_page()
        for kind, paths in kinds.items():
            asked = [f"{url}{path}{'&' if '?' in path else '?'}lang={one}" for path in paths for one in LANGUAGES]
            costs = measures.cost(page, asked)
            bar = measures.HOME_BYTES if kind == "home" else measures.PAGE_BYTES
            beyond = {address: words for address, cost in costs.items() if (words := cost.beyond(bar))}
            over += [f"{address.removeprefix(url)}: {', '.join(words)}" for address, words in beyond.items()]
            each = [
                *(max(cost.heights[size] for cost in costs.values()) for size in measures.SIZES),
                *(max(cost.stops[size] for cost in costs.values()) for size in measures.SIZES),
            ]
            heaviest = max(cost.bytes for cost in costs.values()) / 1000
            print(
                f"| {kind} | {len(paths)} | {heaviest:.1f} | {' | '.join(map(str, each))} | {len(beyond)} |", flush=True
            )
    print("\n".join(over))


def found(url: str, path: str, pattern: str) -> list[str]:
    """Return what *pattern* finds in the page at *path*, each once."""
    return list(dict.fromkeys(re.findall(pattern, text(url + path))))


def things(url: str, query: str) -> list[str]:
    """Return the paths of the pages of the things that *query* finds."""
    return [f"/page/{path}" for path in found(url, f"/sparql?format=csv&query={quote(query)}", r"kzus/([^#\s]+)")]


def longest(url: str, paths: list[str], most: int) -> list[str]:
    """Return the *most* of *paths* whose pages have the most characters, the longest first."""
    return sorted(paths, key=lambda path: -len(text(url + path)))[:most]


def text(address: str) -> str:
    """Return what the server answers a browser at *address*."""
    with urlopen(Request(address, headers={"Accept": "text/html, */*;q=0.1"})) as answer:
        return str(answer.read(), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
