"""What is wrong with a query, said for a person: the place, the word, and what to write instead."""

import re
import threading
import time
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any, Final
from weakref import WeakKeyDictionary

from kzus_graph.engine import grammar, guard, refusals
from kzus_graph.engine.editions import Edition
from kzus_graph.engine.evaluation import Question
from kzus_graph.engine.workers import Pool
from kzus_graph.vocab import PREFIXES
from kzus_graph.web.errors import Problem

ONTOLOGY: Final = PREFIXES["dip"]
MOST_EXPECTED: Final = 12
_PLACE: Final = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
# The engine lists what it would have taken: quoted marks, keywords, sets of characters, and sometimes a sentence.
_CHARACTERS: Final = re.compile(r"\[[^\[\]]*\]")
_SENTENCE: Final = re.compile(r"(?:^|, )([A-Z][a-z]+(?: \S+)* [a-z]{2,}[^,]*|[A-Z][a-z]+ [a-z][^,]*)")


ORDER: Final = (
    "Durations, times with and without a time zone, and numbers beside texts have no order among each other. "
    "Write ORDER BY STR(?x), or for numbers beside texts ORDER BY isNumeric(?x) ?x, or order the rows yourself."
)


def problem(refusal: refusals.Refusal, query: str) -> Problem:
    """Say to the client why there is no answer, and what to do."""
    detail = str(refusal)
    match refusal:
        case refusals.AboutService():
            return _about_service(refusal, query)
        case refusals.Malformed():
            return explain(query, detail)
        case refusals.ReachesOut():
            return Problem(403, "service", "The query asks for something outside this graph that it may not reach.")
        case refusals.TooManyRows():
            return Problem(
                422,
                "too-many-rows",
                f"The answer has {detail}, the most that is sent at once.",
                hint="Ask for it in pages with ORDER BY, LIMIT and OFFSET, or take a dump from /dumps/.",
            )
        case refusals.Unsuitable():
            return Problem(406, "not-acceptable", f"{detail[0].upper()}{detail[1:]}.")
        case refusals.OutOfTime():
            return Problem(504, "timeout", f"{detail.capitalize()}.", hint="Narrow the query, or add a LIMIT.")
        case refusals.OutOfMemory():
            return Problem(503, "memory", f"{detail.capitalize()}.", headers=[("Retry-After", "30")])
        case refusals.Busy():
            return Problem(503, "busy", f"{detail.capitalize()}.", headers=[("Retry-After", "2")])
        case refusals.Unorderable():
            return Problem(422, "unorderable", f"{detail.capitalize()}.", hint=ORDER)
        case refusals.TooDeep():
            return Problem(422, "too-deep", f"{detail.capitalize()}.", hint="Ask in several queries, or use VALUES.")
        case refusals.Broken():
            return Problem(500, "engine", f"{detail.capitalize()}.")
        case refusals.Faulty():
            return Problem(500, "internal-server-error", f"{detail.capitalize()}.")
        case refusals.Lost():
            return Problem(503, "lost", f"{detail.capitalize()}.", headers=[("Retry-After", "10")])
        case refusals.Abandoned():
            return Problem(503, "abandoned", "Nobody is left to answer.")
        case _:
            return Problem(400, "evaluation", detail)


SERVICE_STATUS: Final[dict[type[refusals.AboutService], tuple[int, str]]] = {
    refusals.NotAllowed: (403, "service"),
    refusals.Unusable: (502, "service-failed"),
    refusals.Overloaded: (503, "service-busy"),
    refusals.TooSlow: (504, "service-timeout"),
    refusals.TooLarge: (422, "service-too-large"),
}


def _about_service(refusal: refusals.AboutService, query: str) -> Problem:
    """Say which service gave no rows, why, and where in the query it is asked."""
    if isinstance(refusal, refusals.Unusable) and refusal.status == 400 and grammar.fault(query) is not None:
        return explain(query, "")
    status, kind = SERVICE_STATUS[type(refusal)]
    said = str(refusal)
    return Problem(
        status,
        kind,
        f"{said[0].upper()}{said[1:]}.",
        headers=[("Retry-After", getattr(refusal, "wait", "") or "30")] if status == 503 else [],
        service=refusal.service or None,
        **({} if refusal.place is None else _place(query, refusal.place)),
        hint=refusal.hint or None,
    )


def explain(query: str, message: str) -> Problem:
    """Turn the engine's complaint about a query into a problem that names the first wrong word."""
    found = grammar.fault(query)
    reading = guard.read(query)
    words = [word for word in guard.tokens(query) if word.start >= reading.prologue and word.kind == "name"]
    unknown = [word for word in words if word.text.partition(":")[0] not in reading.prefixes]
    if unknown and (found is None or found.word is None or unknown[0].start < found.word.start):
        return _unknown_prefixes(query, unknown)
    if found is not None:
        return _fault(query, found)
    engine = _PLACE.match(message)
    if not engine:
        return Problem(400, "malformed-query", message)
    place = _place(query, _offset(query, int(engine[1]), int(engine[2])))
    sentence = _sentence(engine[3])
    if sentence:
        return Problem(400, "malformed-query", f"{sentence}.", **place, hint=_advice(sentence))
    detail = "The query breaks a rule beyond its grammar, such as a variable that is given a value twice."
    return Problem(400, "malformed-query", detail, **place)


def _fault(query: str, found: grammar.Fault) -> Problem:
    word, hint = found.word, None
    if word is None:
        detail, start = "The query ends too early", len(query.rstrip())
    elif word.text in ('"', "'"):
        detail, start = "A string is not closed", word.start
    else:
        detail, start = f"Unexpected {word.text[:60]}", word.start
        close = get_close_matches(word.text.upper(), found.expected, 1) if word.kind == "word" else []
        hint = f"Perhaps {close[0]} is meant." if close else None
    if len(found.expected) <= MOST_EXPECTED:
        detail += f"; expected {' or '.join(found.expected)}"
    token = word.text[:60] if word is not None else None
    return Problem(400, "malformed-query", f"{detail}.", **_place(query, start), token=token, hint=hint)


def _unknown_prefixes(query: str, words: Sequence[guard.Token]) -> Problem:
    names = list(dict.fromkeys(word.text.partition(":")[0] for word in words))
    lines = [f"PREFIX {name}: <{PREFIXES[name]}>" for name in names if name in PREFIXES]
    hint: str | None = "\n".join(lines) or None
    if hint is None and (close := get_close_matches(names[0], PREFIXES, 1)):
        hint = f"Perhaps PREFIX {close[0]}: <{PREFIXES[close[0]]}>"
    first = words[0]
    detail = f"The prefix {names[0]}: is not declared."
    return Problem(400, "unknown-prefix", detail, **_place(query, first.start), token=first.text, hint=hint)


def _offset(query: str, line: int, column: int) -> int:
    lines = query.split("\n")
    return min(sum(len(text) + 1 for text in lines[: line - 1]) + column - 1, len(query))


def _place(query: str, offset: int) -> dict[str, Any]:
    before = query[:offset]
    return {"line": before.count("\n") + 1, "column": offset - (before.rfind("\n") + 1) + 1}


def _sentence(text: str) -> str:
    found = _SENTENCE.search(_CHARACTERS.sub("", text))
    return found[1].strip() if found else ""


def _advice(sentence: str) -> str | None:
    if "IRI" in sentence:
        return "Write the whole IRI between < and >, or begin the query with BASE <…>."
    if "variable" in sentence and "unbound" in sentence:
        return "With GROUP BY, only grouped variables and aggregates such as COUNT may be selected."
    return None


_TERMS: WeakKeyDictionary[Pool, tuple[str, ...] | None] = WeakKeyDictionary()


def terms(edition: Edition) -> tuple[str, ...]:
    """The terms of our ontology that the graph knows, by their short names; none until they have been asked for.

    A hint is not worth waiting for: the first who needs one has them fetched for those who come later.
    """
    if edition.pool not in _TERMS:
        _TERMS[edition.pool] = None
        threading.Thread(target=_learn, args=(edition,), name="hints", daemon=True).start()
    return _TERMS[edition.pool] or ()


def pending(query: str, rows: int, edition: Edition) -> bool:
    """Whether an answer may be owed a hint that can't be given yet, so that it is not to be kept as it is."""
    return rows == 0 and ONTOLOGY in query and _TERMS.get(edition.pool) is None


def _learn(edition: Edition) -> None:
    query = f'SELECT DISTINCT ?term {{ ?term a ?kind FILTER(STRSTARTS(STR(?term), "{ONTOLOGY}")) }}'
    try:
        answer = edition.pool.ask(Question(query=query, format="csv", seconds=5.0), time.monotonic() + 5.0)
        lines = b"".join(answer).decode().split()
        _TERMS[edition.pool] = tuple(line.removeprefix(ONTOLOGY) for line in lines[1:])
    except refusals.Refusal:
        # The next who needs them has them fetched.
        del _TERMS[edition.pool]


def for_no_rows(query: str, body: bytes, rows: int, edition: Edition) -> str | None:
    """What may be wrong with a query that found nothing."""
    return misspelt(query, edition) if rows == 0 and b"true" not in body[-64:] else None


def for_silence(services: Iterable[str]) -> str:
    """What an answer lacks, since a SERVICE SILENT may fail."""
    return f"Without the rows of {', '.join(services)}: asked by SERVICE SILENT, gave none"


def misspelt(query: str, edition: Edition) -> str | None:
    """Name the terms of a query that our ontology doesn't have, each with the nearest that it has."""
    if ONTOLOGY not in query:
        return None
    reading = guard.read(query)
    used = set()
    for word in guard.tokens(query):
        whole = word.text[1:-1]
        if word.kind == "name":
            prefix, _, local = word.text.partition(":")
            whole = reading.prefixes.get(prefix, "") + local
        if word.kind in ("name", "iri") and whole.startswith(ONTOLOGY) and re.fullmatch(r"\w+", whole[len(ONTOLOGY) :]):
            used.add(whole.removeprefix(ONTOLOGY))
    if not used or not (known := terms(edition)):
        return None
    found = []
    for name in sorted(used - set(known)):
        close = get_close_matches(name, known, 1, 0.5)
        found.append(
            f"dip:{name} is not a term of the ontology" + (f"; the nearest is dip:{close[0]}" if close else "")
        )
    return ". ".join(found) or None
