"""``/dumps/``: the files of the current release and of earlier ones; a client can request a range of bytes."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Response, g, redirect, request, send_file
from werkzeug.wrappers import Response as AnyResponse

from kzus_graph.engine.serving import Release, once
from kzus_graph.pipeline.description import FILES, FORMATS, LAYERS
from kzus_graph.rdf.prefixes import BASE
from kzus_graph.rdf.vocab import DATASET
from kzus_graph.releases import change_record, publication
from kzus_graph.web.http import byte_ranges, content_coding
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.view import page_queries, responses

RELEASE: Final = re.compile(r"\d+\.\d+\.\d+\+[0-9a-f]{8}")
VERSION: Final = re.compile(r"\d+\.\d+\.\d+")
CHECKSUMS: Final = "SHA256SUMS"
BESIDE: Final = {
    "void.ttl": ("Description: VoID, DCAT", "text/turtle"),
    "report.ttl": ("Validation report: SHACL", "text/turtle"),
    change_record.RECORD: ("Changes since the previous release: counts, things", "application/json"),
    change_record.PATCH: ("Changes since the previous release: RDF Patch", "application/rdf-patch"),
    "manifest.json": ("Manifest: size and checksum of every file of the release", "application/json"),
}
"""The files of a release for download that are not dumps: for each name, its description and media type."""
GZIP: Final = "application/gzip"
FOREVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class File:
    """A file for download, with its size in *bytes* and its SHA-256 digest.

    *layer* is the part of the graph in a dump: asserted, inferred, all, or links; it is empty for other files.
    """

    name: str
    path: Path
    layer: str
    format: str
    media_type: str
    bytes: int
    sha256: str

    @property
    def gzipped(self) -> bool:
        """Whether the stored file is compressed by gzip."""
        return self.name.endswith(".gz")

    @property
    def content_type(self) -> str:
        """The value of Content-Type; for a compressed file ``application/gzip``, so that no proxy decompresses it."""
        return GZIP if self.gzipped else self.media_type


blueprint = Blueprint("dumps", __name__, template_folder="templates")
"""The Flask routes of the dumps: the page and the files, for the current release and for each one still stored."""


@blueprint.get("/dumps/")
def latest() -> Response:
    """Return the page that lists the dumps of the current release."""
    release = g.release
    return _page(release, _folder(release), pinned=False)


@blueprint.get("/dumps/<version>/")
def pinned(version: str) -> AnyResponse:
    """Return the page that lists the dumps of the release *version*, which may be an earlier one."""
    release = g.release
    folder = _folder(release, version)
    if folder.name != version:
        return _see(folder.name)
    return _page(release, folder, pinned=True)


@blueprint.get("/dumps/<name>")
def file(name: str) -> AnyResponse:
    """Return the file *name* of the current release; if *name* is a version, redirect to the page of its dumps."""
    release = g.release
    if VERSION.fullmatch(name) or RELEASE.fullmatch(name):
        return _see(_folder(release, name).name)
    return _sent(release, _folder(release), name, "public, no-cache")


@blueprint.get("/dumps/<version>/<name>")
def pinned_file(version: str, name: str) -> AnyResponse:
    """Return the file *name* of the release *version*, which may be an earlier one; such a file never changes."""
    release = g.release
    folder = _folder(release, version)
    if folder.name != version:
        return _see(f"{folder.name}/{name}", slash="")
    return _sent(release, folder, name, FOREVER)


def kept_releases(release: Release) -> list[Path]:
    """Return the folders of all stored releases: first the current one, *release*, then the others, newest first."""
    if release.folder is None:
        return []
    there = publication.releases(release.folder.parent)
    return [release.folder, *(one for one in there if RELEASE.fullmatch(one.name) and one != release.folder)]


@once
def files(_: Release, folder: Path) -> tuple[File, ...]:
    """Return the files for download of the release in *folder*: its dumps, and the other files listed in BESIDE."""
    known = publication.manifest(folder)["files"]
    found = []
    for path, facts in known.items():
        name = path.removeprefix("dumps/")
        stem, _, extension = name.removesuffix(".gz").rpartition(".")
        if path.startswith("dumps/") and extension in FILES:
            form, media_type = FILES[extension]
            layer = "links" if "-links-" in stem else stem.rpartition("-")[2]
            found.append(File(name, folder / path, layer, form, media_type, facts["bytes"], facts["sha256"]))
        elif path in BESIDE:
            words, media_type = BESIDE[path]
            found.append(File(name, folder / path, "", words, media_type, facts["bytes"], facts["sha256"]))
    return tuple(found)


def checksums(release: Release, folder: Path) -> str:
    """Return the SHA-256 checksums of the files of the release in *folder*, in the format of ``sha256sum -c``."""
    return "".join(f"{file.sha256}  {file.name}\n" for file in files(release, folder))


def size(number: int) -> str:
    """Return a number of bytes in a readable unit: B, kB or MB.

    >>> size(512), size(2048), size(3_500_000)
    ('512 B', '2 kB', '3.5 MB')
    """
    if number < 1000:
        return f"{number} B"
    return f"{number / 1000:.0f} kB" if number < 1_000_000 else f"{number / 1_000_000:.1f} MB"


def _folder(release: Release, version: str = "") -> Path:
    """Return the folder of the newest release with this *version*; if *version* is empty, of the current release.

    *version* may be given without the plus sign and the digest. Raises Problem (404) if there is no such release.
    """
    there = kept_releases(release)
    if not there:
        raise Problem(404, "not-found", "This server has no published release, so there are no dumps.")
    for folder in there:
        if version in ("", folder.name) or (VERSION.fullmatch(version) and folder.name.startswith(version + "+")):
            return folder
    raise Problem(
        404,
        "not-found",
        "This server has no release of this version; the member releases lists the versions that it has.",
        releases=[folder.name for folder in there],
    )


def _sent(release: Release, folder: Path, name: str, cache: str) -> Response:
    """Return the file *name* of a release, or the range of bytes that the request asks for.

    Raises Problem (404) if the release has no such file. *cache* is the value of Cache-Control. A client
    that accepts gzip gets the stored compressed copy, as a content coding of the same file. Ranges are always taken
    from the uncompressed file, because a client that asks for a range already has the beginning of that file.
    """
    if name == CHECKSUMS:
        response = responses.kept(checksums(release, folder).encode(), "text/plain; charset=utf-8")
        response.headers["Cache-Control"] = cache
        return response
    there = {file.name: file for file in files(release, folder)}
    file = there.get(name)
    path = file.path if file else folder / name
    if file is None and name != "manifest.json":
        raise Problem(404, "not-found", "This release has no file of this name.", hint="Files are listed at /dumps/.")
    etag = file.sha256 if file else publication.manifest(folder)["digest"]
    media_type = file.content_type if file else BESIDE[name][1]
    beside = there.get(f"{name}.gz")
    coded = (
        beside is not None
        and not byte_ranges.asked()
        and content_coding.takes_gzip(request.headers.get("Accept-Encoding", ""))
    )
    if beside is not None and coded:
        path, etag = beside.path, f"{etag}-gzip"
    response = send_file(path, mimetype=media_type, conditional=True, etag=etag)
    if coded:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = cache
    # A cache must not answer a request for the whole with a part, nor a request for a part with the whole.
    response.headers["Vary"] = "Accept-Encoding, Range"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Link"] = (
        f'<{responses.at(f"dumps/{folder.name}/{name}")}>; rel="canonical", '
        f'<{responses.at(".well-known/void")}>; rel="describedby"'
    )
    return response


def _page(release: Release, folder: Path, *, pinned: bool) -> Response:
    there = files(release, folder)
    shown = {form: place for place, (form, _) in enumerate(FORMATS.values())}
    by_format = sorted(there, key=lambda file: (shown.get(file.format, len(shown)), file.gzipped))
    layers = {layer: [file for file in by_format if file.layer == layer] for layer in reversed(LAYERS)}
    said = {name: term.value for name, term in next(iter(page_queries.rows(release, "dumps-said")), {}).items()}
    choices = () if pinned else _choices(release)
    host = responses.host()
    return responses.page(
        "dumps.html",
        folder=folder.name,
        pinned=pinned,
        base=f"dumps/{folder.name}/" if pinned else "dumps/",
        address=host and (f"{host}dumps/{folder.name}/" if pinned else f"{host}dumps/"),
        layers=[(LAYERS[layer], publication.manifest(folder)["triples"][layer], layers[layer]) for layer in layers],
        linksets=[file for file in by_format if file.layer == "links"],
        beside=[file for file in there if not file.layer],
        releases=[other.name for other in kept_releases(release)],
        issued=said.get("issued", ""),
        dataset=_for_search_engines(folder, said, layers["all"]),
        size=size,
        choices={kind: [row for row in choices if row["kind"].value == kind] for kind in ("class", "years", "topic")},
    )


def _for_search_engines(folder: Path, said: Mapping[str, str], whole: Iterable[File]) -> dict[str, Any]:
    """Return a schema.org description of the data set for search engines; *said* is its metadata, *whole* its dumps."""
    known = {
        "name": said.get("title"),
        "description": said.get("description"),
        "license": said.get("licence"),
        "datePublished": said.get("issued"),
        "creator": {"@type": "Organization", "name": said["creator"]} if "creator" in said else None,
        "temporalCoverage": f"{said['first']}/{said['last']}" if "first" in said else None,
    }
    downloads = [
        {
            "@type": "DataDownload",
            "name": file.name,
            "contentUrl": f"{BASE}dumps/{folder.name}/{file.name}",
            "encodingFormat": file.content_type,
            "contentSize": f"{file.bytes} B",
            "sha256": file.sha256,
        }
        for file in whole
    ]
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": DATASET,
        "url": DATASET,
        "version": folder.name,
        "isAccessibleForFree": True,
        **{name: value for name, value in known.items() if value},
        "distribution": downloads,
    }


@once
def _choices(release: Release) -> tuple[page_queries.Row, ...]:
    """Return the slices (parts of the graph) that the page of dumps links to; cached for each release."""
    return tuple(page_queries.rows(release, "slice-choices"))


def _see(path: str, slash: str = "/") -> AnyResponse:
    response = redirect(responses.at(f"dumps/{path}{slash}"), 302)
    response.headers["Cache-Control"] = "public, no-cache"
    return response
