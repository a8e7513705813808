"""Links from a resource to other data sets, each with its name there and the SSSOM mapping that justifies it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

import pyoxigraph as ox
from rdflib import FOAF

from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf.prefixes import BASE, PREFIXES
from kzus_graph.rdf.vocab import DIP
from kzus_graph.web.view import page_queries
from kzus_graph.web.view.labels import Labels
from kzus_graph.web.view.page_queries import Row

SKOS: Final = PREFIXES["skos"]
MATCHES: Final = tuple(f"{SKOS}{name}Match" for name in ("exact", "close", "broad", "narrow", "related"))
"""The SKOS mapping properties, which link a resource to one in another data set; the closest match first."""
PAGES: Final = (str(FOAF.homepage), str(FOAF.isPrimaryTopicOf), str(DIP.recordAddress), PREFIXES["rdfs"] + "seeAlso")
"""The properties whose value is a web page, not a resource in another data set."""
TITLE: Final = "Links to "


@dataclass(frozen=True)
class Link:
    """An external link; *label* is the label of *property*, *why* is the IRI of the SSSOM mapping behind the link."""

    address: str
    text: str
    property: str
    label: str
    why: str = ""


@dataclass(frozen=True)
class ExternalLinks:
    """The external links of a resource: to other data sets (*sets*, by the name of the set) and to web *pages*."""

    sets: list[tuple[str, list[Link]]]
    pages: list[Link]


def find(release: Release, thing: str, said: Iterable[tuple[str, str]], names: Labels) -> ExternalLinks:
    """Return the external links of the IRI *thing*; *said* has (property, object) IRIs of its asserted triples."""
    reasons = _reasons(release).get(thing, {})
    sets: dict[str, list[Link]] = defaultdict(list)
    pages = []
    for name, target in sorted(set(said)):
        if target.startswith(BASE) or name not in (*MATCHES, *PAGES):
            continue
        link = _link(name, target, reasons.get((name, target), {}), names)
        if name in PAGES:
            pages.append(link)
        else:
            sets[_set_name(target, reasons.get((name, target), {}))].append(link)
    for links in sets.values():
        links.sort(key=lambda link: (MATCHES.index(link.property), link.text))
    closest = sorted(sets.items(), key=lambda item: (MATCHES.index(item[1][0].property), item[0].lower()))
    return ExternalLinks(closest, sorted(pages, key=lambda link: (PAGES.index(link.property), link.text)))


@once
def _reasons(release: Release) -> Mapping[str, Mapping[tuple[str, str], Row]]:
    """Return the SSSOM mappings of a release, by the IRI of the subject, then by property and object."""
    found: dict[str, dict[tuple[str, str], Row]] = defaultdict(dict)
    for row in page_queries.rows(release, "external-links"):
        found[row["thing"].value][row["property"].value, row["target"].value] = row
    return found


def _link(name: str, target: str, row: Row, names: Labels) -> Link:
    why = row["link"].value if "link" in row else ""
    parts = urlsplit(target)
    if name in PAGES:
        return Link(target, (parts.hostname or target).removeprefix("www."), name, names[name], why)
    local = unquote(parts.fragment or parts.path.rstrip("/").rpartition("/")[2]) or target
    there = row["name"].value if "name" in row else ""
    # Show no identifier that is only the name with underscores.
    known = there and there.lower() != local.replace("_", " ").lower()
    return Link(target, f"{there} ({local})" if known else there or local, name, names[name], why)


def _set_name(target: str, row: Row) -> str:
    title = row["set"].value if isinstance(row.get("set"), ox.Literal) else ""
    return title.removeprefix(TITLE) if title.startswith(TITLE) else urlsplit(target).hostname or "Elsewhere"
