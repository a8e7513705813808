"""Reads JSON from clients; raises Problem for input that is malformed or too deeply nested."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema

from kzus_graph.web.http.problem_details import Problem

DEEPEST: Final = 64
"""The maximum nesting depth: valid requests have at most five levels; Python's json can process this many."""
SURROGATE: Final = re.compile("[\ud800-\udfff]")


def read(text: str | bytes, name: str, kind: str, *, apart: bool = False) -> Any:
    """Return the value of the JSON document *text* (RFC 8259); if an object has a key twice, the last value counts.

    Raises Problem (400, problem type *kind*; its message calls the document *name*) if *text* is not JSON, is nested
    deeper than DEEPEST, or contains a number too large for a float or an unpaired surrogate (JSON allows both). With
    *apart*, depth, numbers and surrogates are left for the caller to check in each part of the document, and NaN, which
    Python's json writes for a blank cell of a table, is read as None.
    """
    try:
        found = json.loads(text, parse_constant=_nothing if apart else _no_number)
        written = "" if apart else json.dumps(found, ensure_ascii=False, allow_nan=False)
        is_deep = not apart and _depth(found) > DEEPEST
    except RecursionError:
        is_deep, written = True, ""
    except ValueError:
        raise Problem(400, kind, f"{name} is not valid JSON.") from None
    if is_deep:
        raise Problem(400, kind, f"{name} has objects or lists nested more than {DEEPEST} levels deep.")
    if SURROGATE.search(written):
        raise Problem(400, kind, f"{name} has an unpaired surrogate: \\ud800 to \\udfff must be in pairs.")
    return found


def fault(value: Any, part: str) -> str:
    """Return an error message if *value* violates the definition *part* in ``input.schema.json``, else ``""``."""
    error = next(_validator(part).iter_errors(value), None)
    return error.schema["description"] if error else ""


@cache
def _validator(part: str) -> jsonschema.Draft202012Validator:
    schema = json.loads(Path(__file__).with_name("input.schema.json").read_text("utf-8"))
    return jsonschema.Draft202012Validator(schema | {"$ref": f"#/$defs/{part}"})


def _depth(value: Any) -> int:
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        inner, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(inner, dict | list):
            waiting += [(one, depth + 1) for one in (inner.values() if isinstance(inner, dict) else inner)]
    return deepest


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is not a number in JSON")


def _nothing(_: str) -> None:
    return None
