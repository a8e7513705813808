"""``/docs/``: the Markdown files and notebooks of the folder ``docs/`` as web pages, with links to run the queries."""

import csv
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import mistune
from flask import Blueprint, Response, g

import kzus_graph
from kzus_graph.engine.serving import Release, once
from kzus_graph.rdf.prefixes import BASE, compact
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.site import sitemap
from kzus_graph.web.view import responses, translation

# A wheel has the folder inside the package; a checkout has it at its root.
PLACES: Final = (
    Path(kzus_graph.__file__).parent / "content" / "docs",
    Path(kzus_graph.__file__).parents[2] / "docs",
)
CHANGE_LOG: Final = "CHANGELOG.md"
"""The change log of data, ontology and software: it stands beside the folder of the docs."""
FIRST: Final = ("tutorial", "data-guide", "notebook")
SOURCES: Final = (".md", ".ipynb")
MEDIA_TYPES: Final = {".md": "text/markdown; charset=utf-8", ".ipynb": "application/x-ipynb+json"}
LINK: Final = re.compile(r"(?![a-z]+:)([^#]*?)(?:\.md|\.ipynb)(#.*)?")
PNG: Final = "image/png"
SECTION: Final = re.compile(r'<h2 id="([^"]*)">(.*?)</h2>\n')
TAG: Final = re.compile(r"<[^>]*>")
WHOLE: Final = 4000
"""The most characters of a document whose sections all stand open."""
OPEN: Final = 2600
"""The most characters that stand open at the beginning of a longer document; later sections are folded."""
RELATIVE: Final = re.compile(r"(?![a-z]+:|/|#)")


@dataclass(frozen=True)
class Document:
    """One page of the docs: *name* is its name in the address, *title* its heading, *path* its source file.

    *summary* is the first sentence of its text, or the headings of its first three sections if it has no such sentence.
    """

    name: str
    title: str
    summary: str
    path: Path


blueprint = Blueprint("docs", __name__)
"""The routes of the docs: the list of documents, and each document as a page and as its source file."""


@blueprint.get("/docs/")
def index() -> Response:
    """Return the page with the list of documents."""
    return responses.page("docs.html", documents=documents())


@blueprint.get("/docs/<name>")
def page(name: str) -> Response:
    """Return the page of the document *name*; if *name* is a file name with extension, return this source file.

    Raises Problem (404) if there is no such document.
    """
    for document in documents():
        if document.path.name == name:
            return responses.kept(document.path.read_bytes(), MEDIA_TYPES[document.path.suffix])
        if document.name == name:
            body = html(document.path, responses.at(""), _copied(g.release) if responses.is_copy() else None)
            return responses.page("doc.html", document=document, body=body, documents=documents())
    raise Problem(404, "not-found", "The docs have no page of this name.", hint="See the list at /docs/.")


@lru_cache(maxsize=1)
def folder() -> Path:
    """Return the folder with the files of the docs: in the installed package or, if it has none, in the checkout."""
    return next((place for place in PLACES if place.is_dir()), PLACES[0])


@lru_cache(maxsize=1)
def documents() -> tuple[Document, ...]:
    """Return all pages of the docs: first those in FIRST (for beginners), in that order, then the others by title."""
    beside = folder().parent / CHANGE_LOG
    paths = [*folder().iterdir(), *([beside] if beside.is_file() else [])]
    found = [_document(path) for path in paths if path.suffix in SOURCES and path.name != "README.md"]
    order = {name: place for place, name in enumerate(FIRST)}
    return tuple(sorted(found, key=lambda document: (order.get(document.name, len(FIRST)), document.title.lower())))


def _document(path: Path) -> Document:
    title, _, rest = text(path).partition("\n")
    preface, *sections = re.split(r"^## ", rest, flags=re.MULTILINE)
    first = preface.strip().partition("\n\n")[0].replace("\n", " ")
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)|[*`]", r"\1", first)
    sentence = re.match(r".*?[.?:](?=\s|$)", words)
    contents = ". ".join(section.partition("\n")[0] for section in sections[:3]) + "."
    return Document(path.stem.lower(), title.lstrip("# "), sentence[0] if sentence else contents, path)


def text(path: Path) -> str:
    """Return the file *path* as Markdown; for a Jupyter notebook, the text, code and outputs of its cells in order."""
    if path.suffix == ".md":
        return path.read_text("utf-8")
    parts = []
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            outputs = "".join(_output(output.get("data", {})) for output in cell["outputs"])
            source = f"```python\n{source}\n```{outputs}"
        parts.append(source)
    return "\n\n".join(parts)


def _output(data: dict[str, Any]) -> str:
    """Return an output of a notebook cell as Markdown: a CSV listing, a picture with its title, or a plain listing.

    *data* has the content of the output by media type, as in the notebook file (nbformat 4). The result is empty if
    *data* has none of these three kinds of content.
    """
    if "text/csv" in data:
        return f"\n\n```csv\n{''.join(data['text/csv'])}```"
    plain = "".join(data.get("text/plain", ()))
    if PNG in data:
        return f"\n\n![Plot: {plain}](data:{PNG};base64,{''.join(data[PNG])})"
    return f"\n\n```\n{plain}\n```" if plain else ""


@lru_cache(maxsize=64)
def html(path: Path, root: str, copied: "Copied | None" = None) -> str:
    """Return the file *path*, Markdown or a notebook, as HTML without its first line, the heading.

    *root* is the base address of the site. *copied* is set in a static copy of the site. There no link runs a query,
    because there is no server, and each page is in a folder of its own.
    """
    body = text(path).partition("\n")[2]
    return folded(str(mistune.create_markdown(renderer=Pages(root, copied), plugins=["table", "strikethrough"])(body)))


def folded(body: str) -> str:
    """Return the HTML *body* of a document with its sections folded, from the one on that doesn't fit into OPEN.

    A document of at most WHOLE characters stays as it is. An address that ends in the anchor of a section opens it,
    since what has that name stands within.
    """
    preface, *parts = SECTION.split(body)
    length = len(TAG.sub("", preface))
    if length + sum(len(TAG.sub("", text)) for text in parts[2::3]) <= WHOLE:
        return body
    pieces = [preface]
    for name, title, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        length += len(TAG.sub("", text))
        if length <= OPEN:
            pieces.append(f'<h2 id="{name}">{title}</h2>\n{text}')
        else:
            pieces.append(
                f"<details><summary><h2>{title}</h2></summary>\n"
                f'<div id="{name}" role="group" aria-label="{TAG.sub("", title)}">\n{text}</div></details>\n'
            )
    return "".join(pieces)


@dataclass(frozen=True)
class Copied:
    """What a static copy of the site has: *pages* is the base address of its pages in one language.

    *paths* are those of the things and questions of the release.
    """

    pages: str
    paths: frozenset[str]

    def has(self, path: str) -> bool:
        """Return whether the copy has the thing, question or other page with the IRI or address *path*."""
        return (
            path.partition("/")[0] not in (*translation.SPACES, "query") or "/" not in path or f"/{path}" in self.paths
        )


def _copied(release: Release) -> Copied:
    return Copied(translation.to(""), _paths(release))


@once
def _paths(release: Release) -> frozenset[str]:
    return frozenset(sitemap.every_path(release))


class Pages(mistune.HTMLRenderer):
    """A Markdown renderer: headings get anchors, SPARQL queries get links that run them, and CSV becomes tables."""

    def __init__(self, root: str, copied: Copied | None) -> None:
        """Make a renderer for the site with the base address *root*; *copied* is set in a static copy of the site."""
        super().__init__(escape=True)
        self._root = root
        self._copied = copied

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        """Return an HTML heading with the content *text* and an anchor made from the words of *text*."""
        name = re.sub(r"[^a-z0-9]+", "-", re.sub(r"<[^>]*>|&\w+;", "", text).lower()).strip("-")
        return f'<h{level} id="{name}">{text}</h{level}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """Return an HTML link to *url*, or, if *url* is another file of the docs, to the page made from that file."""
        if found := LINK.fullmatch(url):
            url = f"{found[1]}{found[2] or ''}"
        if self._copied and RELATIVE.match(url):
            path, mark, fragment = url.partition("#")
            above = path.removeprefix("../") if path.startswith("../") else f"docs/{path}"
            if not self._copied.has(above):
                return text
            at = self._root + above if "." in above else self._copied.pages + translation.page_path(above)
            url = at + mark + fragment
        return super().link(text, url, title)

    def block_code(self, code: str, info: str | None = None) -> str:
        """Return *code*, a code block in the language *info*, as HTML; CSV becomes a table.

        A SPARQL query gets a link that runs it, except in a static copy, or if it contains the word SERVICE.
        """
        language = (info or "").partition(" ")[0]
        if language == "csv":
            return self._answer(code)
        attribute = f' class="language-{escape(language)}"' if language else ""
        listing = f'<pre tabindex="0"><code{attribute}>{escape(code)}</code></pre>\n'
        if language == "sparql" and not self._copied and "SERVICE" not in code:
            run = f"{self._root}query?query={quote(code, safe='')}"
            listing += f'<p class="run"><a href="{escape(run)}">Run this query</a></p>\n'
        return listing

    def table(self, text: str) -> str:
        """Return an HTML table with the content *text*, in an element that scrolls if the table is too wide."""
        return f'<div class="scroll" tabindex="0"><table>{text}</table></div>\n'

    def _answer(self, code: str) -> str:
        head, *rows = csv.reader(code.splitlines())
        columns = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
        lines = "".join(f"<tr>{''.join(f'<td>{self._cell(cell)}</td>' for cell in row)}</tr>" for row in rows)
        return self.table(f"<caption>Answer</caption><thead><tr>{columns}</tr></thead><tbody>{lines}</tbody>")

    def _cell(self, value: str) -> str:
        if not value.startswith(BASE):
            return escape(value)
        path = value.removeprefix(BASE)
        if self._copied and not self._copied.has(path.partition("#")[0]):
            return escape(compact(value))
        address = self._copied.pages + translation.page_path(path) if self._copied else self._root + path
        return f'<a href="{escape(address)}">{escape(compact(value))}</a>'
