"""Answers requests for a byte range of a file (RFC 9110, section 14); for several ranges, with the whole file."""

import re
from typing import IO, Final

from flask import Flask, Response, g, request
from werkzeug.http import parse_date
from werkzeug.wsgi import FileWrapper

from kzus_graph.web.http import problem_details
from kzus_graph.web.http.problem_details import Problem

BLOCK: Final = 256 * 1024
"""The number of bytes read from a file at a time."""
ONE: Final = re.compile(r"bytes\s*=[\s,]*([0-9]{0,30})\s*-\s*([0-9]{0,30})[\s,]*", re.IGNORECASE)


class Blocks(FileWrapper):
    """An iterator over a file, in blocks of BLOCK bytes: *length* bytes (None: all the rest) from offset *first*."""

    def __init__(self, file: IO[bytes], first: int = 0, length: int | None = None) -> None:
        super().__init__(file, BLOCK)
        self._left = length
        if first:
            file.seek(first)

    def __next__(self) -> bytes:
        """Return the next block."""
        block: bytes = self.file.read(BLOCK if self._left is None else min(BLOCK, self._left))
        if not block:
            raise StopIteration
        if self._left is not None:
            self._left -= len(block)
        return block


def chosen(header: str, size: int) -> tuple[int, int] | None:
    """Return the start and end (exclusive) of the byte range in a Range header; None if the header is ignored.

    The header is ignored if its unit is not bytes, its range is invalid (the last byte before the first), or it has
    several ranges: a server may answer these with the whole file (RFC 9110, section 14.2), which costs less than a
    hundred overlapping parts. Raises ValueError when the range begins after the end of the file, which has *size*
    bytes.

    >>> [chosen(header, 100) for header in ("bytes=0-9", "Bytes = 90-", "bytes=-2", "bytes=-200", "bytes=98-500")]
    [(0, 10), (90, 100), (98, 100), (0, 100), (98, 100)]
    >>> [chosen(header, 100) for header in ("bytes=9-2", "bytes=0-1,3-4", "bytes=-", "rows=1-2", "bytes=a-b")]
    [None, None, None, None, None]
    """
    found = ONE.fullmatch(header.strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        first, last = max(size - int(found[2]), 0), size - 1
    else:
        first, last = int(found[1]), int(found[2] or size)
        if found[2] and last < first:
            return None
    if first >= size:
        raise ValueError(f"the file has {size} bytes, and the range begins at offset {first}")
    return first, min(last + 1, size)


def asked() -> bool:
    """Return whether the current request is a GET with a Range header."""
    return bool(g.get("range"))


def install(app: Flask) -> None:
    """Let *app* answer range requests with the code of this module instead of Werkzeug's."""

    @app.before_request
    def withhold() -> None:
        g.range = request.environ.pop("HTTP_RANGE", "") if request.method == "GET" else ""

    @app.after_request
    def part(response: Response) -> Response:
        size, file = response.content_length, response.response
        if not asked() or response.status_code != 200 or size is None or not isinstance(file, FileWrapper):
            return response
        if "If-Range" in request.headers and not _is_still(request.headers["If-Range"], response):
            return response
        try:
            found = chosen(g.range, size)
        except ValueError as error:
            file.close()
            detail = f"The requested byte range is outside the file: {error}."
            return problem_details.response(
                Problem(416, "range", detail, headers=[("Content-Range", f"bytes */{size}")])
            )
        if found is not None:
            first, end = found
            response.status_code = 206
            response.content_length = end - first
            response.headers["Content-Range"] = f"bytes {first}-{end - 1}/{size}"
            response.response = Blocks(file.file, first, end - first)
        return response


def _is_still(condition: str, response: Response) -> bool:
    """Return whether an If-Range header (ETag or date) matches the file in *response* (RFC 9110, section 13.1.5)."""
    if condition.startswith(('"', "W/")):
        return condition == response.headers.get("ETag")
    return response.last_modified is not None and parse_date(condition) == response.last_modified
