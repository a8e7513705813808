"""Identifiers of things, in our data set or another: reduces IRIs, page addresses and CURIEs to one form."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from kzus_graph.rdf.prefixes import BASE, PREFIXES

OURS: Final = BASE.removeprefix("https://")
OTHERS: Final = {
    "bioguide": "https://bioguide.congress.gov/search/bio/",
    "bnf": "http://data.bnf.fr/ark:/12148/cb",
    "crm": "http://www.cidoc-crm.org/cidoc-crm/",
    "db": "http://dbpedia.org/resource/",
    "dbpedia": "http://dbpedia.org/resource/",
    "dbr": "http://dbpedia.org/resource/",
    "eli": "http://data.europa.eu/eli/ontology#",
    "enu": "https://enu.kz/",
    "enwiki": "https://en.wikipedia.org/wiki/",
    "eurovoc": "http://eurovoc.europa.eu/",
    "geonames": "https://sws.geonames.org/",
    "gnd": "https://d-nb.info/gnd/",
    "hsg": "https://history.state.gov/departmenthistory/people/",
    "isni": "https://isni.org/isni/",
    "lccn": "https://lccn.loc.gov/",
    "lcnaf": "http://id.loc.gov/authorities/names/",
    "lcsh": "http://id.loc.gov/authorities/subjects/",
    "lrmoo": "http://iflastandards.info/ns/lrm/lrmoo/",
    "marccountry": "http://id.loc.gov/vocabulary/countries/",
    "orcid": "https://orcid.org/",
    "ror": "https://ror.org/",
    "viaf": "http://viaf.org/viaf/",
    "wikidata": "http://www.wikidata.org/entity/",
    "wikipedia": "https://en.wikipedia.org/wiki/",
    "wof": "https://spelunker.whosonfirst.org/id/",
}
"""Prefixes of other data sets, in addition to PREFIXES, each with its namespace."""
REGISTERS: Final = r"bioguide|eurovoc|geonames|gnd|isni|lccn|lcnaf|lcsh|orcid|ror|viaf|wikidata|wof"
"""Prefixes of identifiers with digits; a blank may follow them in place of a colon (ISNI 0000 0001 2188 4309)."""
SPACES: Final = r"(?:id|topic|code|source|note|graph)"
FILE: Final = r"(?:\.(?:html|ttl|jsonld|nt|rdf|trig))?"


class Spelling(NamedTuple):
    """A rule: addresses at the domains *sites* that match *pattern* become *written*; case matters only if *cased*."""

    sites: str
    pattern: str
    written: str
    cased: bool = False


_SHEET: Final = r"(?:[./][\w./]*)?"
_APART: Final = r"[ \-\u2010-\u2013]?"
TABLE: Final = (
    # our own names, pages and data documents; a term of the ontology keeps the part from the hash on
    Spelling("w3id.org", rf"{OURS}(?:page/|data/)?({SPACES}/[^?#]+?){FILE}", rf"{OURS}\1"),
    Spelling(
        "w3id.org",
        rf"{OURS}(?:page/|data/)?(ontology|shapes|dataset)(?:/\d[\d.]*?)?{FILE}(#.+)",
        rf"{OURS}\1\2",
        cased=True,
    ),
    Spelling("w3id.org", rf"{OURS}(?:page/|data/)?(ontology|shapes|dataset){FILE}", rf"{OURS}\1"),
    Spelling(
        "wikidata.org",
        r"(?:m\.)?wikidata\.org/(?:entity/|wiki/|wiki/special:entity(?:data|page)/|w/index\.php\?title=)"
        r"(?:item:|property:)?([qp]\d+)(?:\.\w+)?",
        r"wikidata.org/entity/\1",
    ),
    Spelling("wikidata.org", r"wikidata\.org/wiki/special:entitydata\?(?:.*&)?id=([qp]\d+)", r"wikidata.org/entity/\1"),
    Spelling(
        "dbpedia.org",
        r"(?:en\.|live\.)?dbpedia\.org/data/([^?#]+?)\.(?:json|jsod|jsonld|ttl|n3|nt|ntriples|rdf|atom|xml)",
        r"dbpedia.org/resource/\1",
        cased=True,
    ),
    Spelling(
        "dbpedia.org",
        r"(?:en\.|live\.)?dbpedia\.org/(?:resource|page|data|describe/?\?(?:.*&)?ur[il]=https?://dbpedia\.org/resource)"
        r"/([^?#&]+)",
        r"dbpedia.org/resource/\1",
        cased=True,
    ),
    Spelling("wikipedia.org", r"en(?:\.m)?\.wikipedia\.org/wiki/([^?#]+)", r"en.wikipedia.org/wiki/\1", cased=True),
    Spelling(
        "wikipedia.org",
        r"en(?:\.m)?\.wikipedia\.org/w/index\.php\?(?:[^#]*&)?title=([^&#]+)",
        r"en.wikipedia.org/wiki/\1",
        cased=True,
    ),
    # contains.rdf and the like list the features inside or near a feature, so they do not identify it
    Spelling(
        "geonames.org",
        r"(?:sws\.)?geonames\.org/(\d+)(?:/(?!contains|neighbours|nearby|children)[^?#]*)?",
        r"sws.geonames.org/\1",
    ),
    Spelling("geonames.org", r"api\.geonames\.org/get(?:json)?\?(?:.*&)?geonameid=(\d+)", r"sws.geonames.org/\1"),
    Spelling("europa.eu", r"eurovoc\.europa\.eu/(\d+|c_[0-9a-f]+)(?:\.html)?", r"eurovoc.europa.eu/\1"),
    Spelling(
        "europa.eu",
        r"(?:op\.europa\.eu|publications\.europa\.eu|eurovoc\.europa\.eu)/[^?#]*\?(?:.*&)?ur[il]="
        r"https?://eurovoc\.europa\.eu/(\d+|c_[0-9a-f]+)",
        r"eurovoc.europa.eu/\1",
    ),
    Spelling("europa.eu", r"op\.europa\.eu/[^?#]*/resource/eurovoc/(\d+|c_[0-9a-f]+)", r"eurovoc.europa.eu/\1"),
    # Library of Congress numbers that begin with sh belong to subjects, those that begin with n to names
    Spelling(
        "loc.gov",
        rf"(?:id|lccn)\.loc\.gov/(?:authorities/)?(?:subjects/)?(sh)[ -]?(\d+){_SHEET}",
        r"id.loc.gov/authorities/subjects/\1\2",
    ),
    Spelling(
        "loc.gov",
        rf"(?:id|lccn)\.loc\.gov/(?:authorities/)?(?:names/)?(n[a-z]?) *(\d+)(?:-(\d{{6}}))?{_SHEET}",
        r"id.loc.gov/authorities/names/\1\2\3",
    ),
    Spelling(
        "loc.gov",
        rf"(?:id|lccn)\.loc\.gov/(?:authorities/)?(?:names/)?(n[a-z]?) *(\d+)-(\d{{5}}){_SHEET}",
        r"id.loc.gov/authorities/names/\g<1>\g<2>0\3",
    ),
    Spelling("loc.gov", rf"id\.loc\.gov/((?:authorities|vocabulary)/\w+/[\w-]+){_SHEET}", r"id.loc.gov/\1"),
    Spelling("viaf.org", r"viaf\.org/(?:[a-z]{2}/)?(?:viaf/)(\d[\d ]*\d)(?:[./][^?#]*)?", r"viaf.org/viaf/\1"),
    Spelling(
        "isni.org oclc.org oclc.nl",
        rf"(?:isni\.org|isni\.oclc\.org|isni-url\.oclc\.nl)/(?:isni/|page/)?(\d{{4}}){_APART}(\d{{4}}){_APART}(\d{{4}}){_APART}"
        r"(\d{3}[\dx])",
        r"isni.org/isni/\1\2\3\4",
    ),
    Spelling(
        "orcid.org",
        rf"orcid\.org/(\d{{4}}){_APART}(\d{{4}}){_APART}(\d{{4}}){_APART}(\d{{3}}[\dx])",
        r"orcid.org/\1-\2-\3-\4",
    ),
    Spelling(
        "d-nb.info lobid.org gnd.network",
        r"(?:d-nb\.info|(?:www\.)?lobid\.org|explore\.gnd\.network)/gnd/(\d[\d ]*)-?([\dx])(?:[./][^?#]*)?",
        r"d-nb.info/gnd/\1\2",
    ),
    Spelling(
        "bnf.fr", r"data\.bnf\.fr/(?:[a-z]{2}/)?ark:/12148/(cb\d+[a-z]?)(?:[./][^?#]*)?", r"data.bnf.fr/ark:/12148/\1"
    ),
    Spelling("ror.org", r"ror\.org/(0[a-z0-9]{6}\d\d)", r"ror.org/\1"),
    Spelling(
        "congress.gov",
        r"bioguide\.congress\.gov/search/bio/([a-z]\d{6})(?:\.\w+)?",
        r"bioguide.congress.gov/search/bio/\1",
    ),
    Spelling(
        "congress.gov",
        r"bioguide(?:retro)?\.congress\.gov/[^?#]*\?(?:.*&)?(?:mem)?index=([a-z]\d{6})",
        r"bioguide.congress.gov/search/bio/\1",
    ),
    Spelling(
        "state.gov",
        r"history\.state\.gov/departmenthistory/people/([\w-]+)",
        r"history.state.gov/departmenthistory/people/\1",
    ),
    Spelling(
        "whosonfirst.org mapzen.com",
        r"(?:spelunker\.whosonfirst\.org/id|places\.mapzen\.com/id|data\.whosonfirst\.org(?:/\d{1,3})*)"
        r"/(\d{4,})(?:[./][^?#]*)?",
        r"spelunker.whosonfirst.org/id/\1",
    ),
    Spelling("enu.kz", r"(enu\.kz/en)", r"\1"),
)
"""The rules. The patterns match addresses without scheme, ``www.``, percent-encoding and trailing slash.

The query and the fragment of an address are ignored, unless the pattern contains them or no rule matches the address.
"""
RULES: Final[defaultdict[str, list[tuple[re.Pattern[str], Spelling]]]] = defaultdict(list)
for _rule in TABLE:
    _flags = re.DOTALL if _rule.cased else re.DOTALL | re.IGNORECASE
    for _site in _rule.sites.split():
        RULES[_site].append((re.compile(f"(?:{_rule.pattern})(?:[?#&].*)?", _flags), _rule))
HERE: Final = re.compile(
    r"(?:localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[?::1\]?)(?::\d+)?"
    rf"/(?:[^?#]*?/)??((?:page/|data/)?(?:{SPACES}/|ontology\b|shapes\b|dataset\b).*)"
)
"""An address on localhost, with any port and path prefix; it is always read as the address of a thing of ours."""
PATH: Final = re.compile(rf"/?((?:page/|data/)?{SPACES}/[^?#\s]+(?:[?#].*)?)")
PREFIXED: Final = re.compile(rf"([A-Za-z][\w-]*) *: *(?!//)(\S.*)|({REGISTERS}) +(.*\d.*)", re.IGNORECASE)
HOST: Final = re.compile(r"(?://)?(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?/\S", re.IGNORECASE)
AROUND: Final = (
    ("<", ">"),
    ('"', '"'),
    ("'", "'"),
    ("`", "`"),
    ("(", ")"),
    ("[", "]"),
    ("“", "”"),
    ("„", "“"),
    ("«", "»"),
)
BEHIND: Final = ".,;:!?)]}>\"'”»…"
MOST_BEHIND: Final = 3
UNSEEN: Final = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def canonical(iri: str) -> str:
    """Return *iri* in the form for comparison: without scheme and ``www.``, percent-decoded, rewritten by RULES.

    >>> canonical("https://www.wikidata.org/wiki/Q232?uselang=ru#x") == canonical("http://www.wikidata.org/entity/Q232")
    True
    >>> canonical("http://dbpedia.org/page/Washington%2C_D.C.")
    'dbpedia.org/resource/Washington,_D.C.'
    >>> canonical("not an address")
    'not an address'
    """
    try:
        parts = urlsplit(iri)
        host = (parts.hostname or "").rstrip(".").removeprefix("www.")
        port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    except ValueError:
        return iri
    if parts.scheme not in ("http", "https") or not host:
        return iri
    query = f"?{_decoded(parts.query)}" if parts.query else ""
    fragment = f"#{_decoded(parts.fragment)}" if parts.fragment else ""
    bare = f"{host}{port}{_decoded(parts.path, '?#').rstrip('/')}{query}{fragment}"
    for pattern, rule in RULES.get(".".join(host.split(".")[-2:]), ()):
        if found := pattern.fullmatch(bare):
            written = found.expand(rule.written)
            return written.replace(" ", "_") if rule.cased else written.lower().replace(" ", "")
    return bare.replace(" ", "_")


def readings(text: str, here: str = "") -> Iterator[str]:
    """Yield the identifiers that *text* may stand for, the likeliest first, in the form that ``canonical`` returns.

    *text* may be an address with or without scheme, a path on our site, or a prefixed name. Brackets or quotation marks
    around it and up to MOST_BEHIND punctuation marks after it are removed. *here* is the base address of our server:
    the address of a page below it, or on localhost at any port, is read as the IRI of the thing on that page.
    """
    text = _bare(text)
    for _ in range(MOST_BEHIND + 1):
        yield from _readings(text, here)
        if not text.endswith(tuple(BEHIND)):
            return
        text = text[:-1]


def is_identifier(text: str) -> bool:
    """Return whether *text* has the form of an identifier: it is an address, or a name with a known prefix."""
    text = _bare(text)
    prefix, colon, local = text.partition(":")
    return " " not in text and bool(
        HOST.match(text) or (colon and local and (prefix.lower() in {"http", "https", *OTHERS} or prefix in PREFIXES))
    )


def _bare(text: str) -> str:
    """Return *text* without surrounding brackets and quotation marks, invisible characters, and extra blanks."""
    text = " ".join(UNSEEN.sub("", unicodedata.normalize("NFC", text)).split())
    for _ in AROUND:
        stripped = next((text[1:-1].strip() for pair in AROUND if (text[:1], text[-1:]) == pair), text)
        if stripped == text:
            break
        text = stripped
    return text


def _readings(text: str, here: str) -> Iterator[str]:
    scheme, mark, rest = text.partition("://")
    _, _, root = here.partition("://")[2].partition("/")
    if mark and scheme.lower() in ("http", "https"):
        yield _placed(rest, here)
    elif HOST.match(text) or HERE.match(text):
        yield _placed(text.removeprefix("//"), here)
    elif found := PATH.fullmatch(text.removeprefix(f"/{root.rstrip('/')}") if root else text):
        yield canonical(BASE + found[1])
    elif found := PREFIXED.fullmatch(text):
        prefix, local = (found[1], found[2]) if found[1] else (found[3], found[4])
        space = PREFIXES.get(prefix) or OTHERS.get(prefix.lower()) or PREFIXES.get(prefix.lower())
        if space is not None:
            yield canonical(space + local)


def _placed(address: str, here: str) -> str:
    """Return the canonical form of *address* (without scheme); one on our server (*here*) is read as an IRI of ours."""
    own = here.partition("://")[2]
    if own and address.lower().startswith(own.lower()):
        return canonical(BASE + address[len(own) :].lstrip("/"))
    if found := HERE.fullmatch(address):
        return canonical(BASE + found[1])
    return canonical(f"https://{address}")


def _decoded(text: str, kept: str = "") -> str:
    """Return *text* percent-decoded; characters in *kept* stay encoded, or else they would be read as delimiters."""
    plain = unicodedata.normalize("NFC", unquote(text))
    for mark in kept:
        plain = plain.replace(mark, f"%{ord(mark):02X}")
    return plain
