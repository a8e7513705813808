"""Citations of a page or an answer, with an address of this site that is pinned to the release; plus their formats."""

import json
import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from flask import current_app, g, request
from markupsafe import Markup

from kzus_graph.rdf.prefixes import BASE
from kzus_graph.web.http.release_choice import PARAMETER, SAME_FOR_ALL
from kzus_graph.web.view import locale, responses

LONGEST_ADDRESS: Final = 8000
"""Some servers between us and the client refuse longer addresses."""
SAFE: Final = "=&+;,:/?@-._~"
"""The characters of an address that stay as they are; all others, such as braces, have a meaning in BibTeX or HTML."""
SOURCE_CODE: Final = "KZUS_SOURCE_CODE"
"""The key in a Flask application's config for the address of the source repository."""
TEX: Final = str.maketrans(
    {char: f"\\{char}" for char in "&%$#_"}
    # BibTeX counts braces even after a backslash.
    | {"{": r"\textbraceleft{}", "}": r"\textbraceright{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)


@dataclass(frozen=True)
class Citation:
    """How a page or an answer is cited: its *title*, that of the data set, authors, day of issue, release, *address*.

    *issued* is a date such as 2026-11-30, or empty.
    """

    title: str
    dataset: str
    author: str
    issued: str
    release: str
    address: str

    @property
    def text(self) -> str:
        """The citation as a sentence."""
        year = f" ({self.issued[:4]})" if self.issued else ""
        work = f"{self.title}. In: {self.dataset}" if self.title != self.dataset else self.dataset
        return f"{self.author}{year}. {work}, release {self.release}. {self.address}"

    @property
    def bibtex(self) -> str:
        """The citation as an entry of BibTeX."""
        fields = {
            "author": f"{{{self.author.translate(TEX)}}}",
            "title": f"{{{self.title.translate(TEX)}}}",
            "howpublished": self.dataset.translate(TEX),
            "year": self.issued[:4],
            "version": self.release,
            "note": f"Release {self.release}",
            "url": self.address,
        }
        lines = [f"  {name:<12} = {{{value}}}" for name, value in fields.items() if value]
        return f"@misc{{{self._key},\n" + ",\n".join(lines) + "\n}"

    @property
    def csl(self) -> str:
        """The citation as CSL-JSON, which reference managers read."""
        found: dict[str, Any] = {
            "id": self._key,
            "type": "dataset",
            "title": self.title,
            "container-title": self.dataset if self.title != self.dataset else None,
            "author": [{"literal": self.author}],
            "issued": {"date-parts": [[int(part) for part in self.issued.split("-")]]} if self.issued else None,
            "version": self.release,
            "URL": self.address,
        }
        return json.dumps([{name: value for name, value in found.items() if value}], ensure_ascii=False, indent=1)

    @property
    def _key(self) -> str:
        words = re.findall(r"[a-z0-9]+", self.title.lower())[:5]
        return "-".join(["kzus", *words, *re.findall(r"[0-9a-z]+", self.release.lower())])


def of_page(title: str, own: str = "") -> Citation:
    """Return the citation of the page of this request, whose *title* is HTML; *own* replaces its path and parameters.

    An address that would be too long, as one with a long query, is that of the home page.
    """
    about = responses.site(g.release)
    words = re.sub(r"\s+", " ", Markup(title).unescape()).strip()
    words = re.sub(rf"\s*[–·]\s*{re.escape(about.title)}$", "", words)
    address = pinned_address(own, g.release.name)
    if len(address) > LONGEST_ADDRESS:
        address = pinned_address("", g.release.name, home=True)
    author = about.creator or about.title
    return Citation(words or about.title, about.title, author, about.issued, g.release.name, address)


def pinned_address(own: str, release: str, *, home: bool = False) -> str:
    """Return the absolute address of this request's page in the release *release*; with *home*, of the home page.

    *own*, if not empty, is the path and parameters to use instead of the request's. A static copy has one release only,
    so its addresses name none; if it is not known where the copy will be, the address is the permanent one.
    """
    here = responses.shown_host() or BASE
    path, asked = request.path, request.query_string.decode("latin-1")
    if "stand_in" in g:
        # The page is kept for all parameters but the language.
        asked = f"lang={locale.asked()}" if locale.asked() else ""
    if own or home:
        path, _, asked = ("" if home else own).partition("?")
    path = quote(path.lstrip("/"), safe="/:@-._~+!,;=")
    fields = [field for field in asked.split("&") if field and field.partition("=")[0] != PARAMETER]
    if release and not responses.is_copy() and not f"/{path}".startswith(SAME_FOR_ALL):
        fields.append(f"{PARAMETER}={release}")
    # A percent sign is part of an address already if two hexadecimal digits follow.
    safe = re.sub(r"%25(?=[0-9A-Fa-f]{2})", "%", quote("&".join(fields), safe=SAFE))
    return f"{here}{path}{'?' if fields else ''}{safe}"


def query_path(query: str, given: list[tuple[str, str]]) -> str:
    """Return the path and parameters at which the answer to *query* stands as a page; *given* are more parameters."""
    return f"sparql?{urlencode([('query', query), *given, ('format', 'html')])}"


def here_now() -> str:
    """Return the address of this request's page in the current release, for a link.

    The parameter stays, without a value: so ``pinned_links`` leaves the link alone.
    """
    address = pinned_address("", "").removeprefix(responses.shown_host()) if not responses.is_copy() else ""
    return f"{responses.at('')}{address}{'&' if '?' in address else '?'}{PARAMETER}="


def source_code() -> str:
    """Return the address of the source repository that the operator has set; empty if there is none."""
    address: str = current_app.config.get(SOURCE_CODE, "")
    return address
