"""JSON as strangers send it: read, or refused in words, whatever it is."""

import json
import re
from typing import Any, Final

from kzus_graph.web.http.problem_details import Problem

DEEPEST: Final = 64
"""Lists in lists; nothing that is asked here needs more than five, and whoever goes through them may do so by calls."""
SURROGATE: Final = re.compile("[\ud800-\udfff]")


def read(text: str | bytes, name: str, kind: str, *, apart: bool = False) -> Any:
    """Return what a JSON document says (RFC 8259); of a key given twice, the last value counts.

    Raises Problem of this *kind*, which calls the document *name*, when it is none, is nested deeper than DEEPEST, or
    holds a number that is too large for one or half of a character, of which JSON has both. With *apart* these are left
    to whoever reads each part by itself, and NaN, which Python's json writes for a blank cell, is nothing.
    """
    try:
        found = json.loads(text, parse_constant=_nothing if apart else _no_number)
        written = "" if apart else json.dumps(found, ensure_ascii=False, allow_nan=False)
        is_deep = not apart and _depth(found) > DEEPEST
    except RecursionError:
        is_deep, written = True, ""
    except ValueError:
        raise Problem(400, kind, f"{name} is not JSON.") from None
    if is_deep:
        raise Problem(400, kind, f"{name} is nested more than {DEEPEST} deep.")
    if SURROGATE.search(written):
        raise Problem(400, kind, f"{name} has half of a surrogate pair: \\ud800 to \\udfff stand in pairs.")
    return found


def _depth(value: Any) -> int:
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        inner, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(inner, dict | list):
            waiting += [(one, depth + 1) for one in (inner.values() if isinstance(inner, dict) else inner)]
    return deepest


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")


def _nothing(_: str) -> None:
    return None
