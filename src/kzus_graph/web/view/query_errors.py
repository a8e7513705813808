"""Describes errors in SPARQL queries for people: the position, the wrong word, and what to write instead."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Any, Final
from urllib.parse import quote

from kzus_graph.engine import grouping, guard, refusals, syntax
from kzus_graph.engine.tokens import AGGREGATES, FUNCTIONS, Token, tokens
from kzus_graph.rdf.prefixes import PREFIXES
from kzus_graph.web.http.problem_details import Problem

MOST_EXPECTED: Final = 12
# The most characters quoted of a word from the client (LONGEST), and of an engine message or a long IRI (MOST_SAID).
LONGEST: Final = 60
MOST_SAID: Final = 500
# Function names of other languages that don't resemble the SPARQL name, each with the SPARQL name.
OTHER_LANGUAGES: Final = {
    "LENGTH": "STRLEN", "LEN": "STRLEN", "LOWER": "LCASE", "LOWER-CASE": "LCASE", "UPPER": "UCASE",
    "UPPER-CASE": "UCASE", "STRING-LENGTH": "STRLEN", "NVL": "COALESCE", "IFNULL": "COALESCE", "TODAY": "NOW",
    "LIKE": "REGEX", "MATCHES": "REGEX", "STARTS-WITH": "STRSTARTS", "ENDS-WITH": "STRENDS", "AVERAGE": "AVG",
}  # fmt: skip
LABELS: Final = (
    "Only Wikidata has this label service. Query labels as triples instead, in this graph as in Wikidata: "
    '?thing rdfs:label ?label FILTER(LANG(?label) = "en")'
)
_CUSTOM: Final = re.compile(r"The custom function <(.*)> is not supported", re.DOTALL)
_LABELS: Final = re.compile(r"(?:wikibase:label|<http://wikiba\.se/ontology#label>)(?![\w:.-])", re.IGNORECASE)
_PLACE: Final = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
# The engine's message lists what it expected: quoted marks, keywords, sets of characters, and sometimes a sentence.
_CHARACTERS: Final = re.compile(r"\[[^\[\]]*\]")
_SENTENCE: Final = re.compile(r"(?:^|, )([A-Z][a-z]+(?: \S+)* [a-z]{2,}[^,]*|[A-Z][a-z]+ [a-z][^,]*)")


ORDER: Final = (
    "Some values can't be sorted: durations, times of which only some have a time zone, numbers mixed with strings. "
    "Write ORDER BY STR(?x), or for numbers and strings ORDER BY isNumeric(?x) ?x, or sort the rows yourself."
)


def problem(refusal: refusals.Refusal, query: str) -> Problem:
    """Return the Problem (error response) for *refusal*: why *query* has no answer and, if possible, what to do."""
    detail = str(refusal)
    sentence = f"{detail[:1].upper()}{detail[1:]}."
    match refusal:
        case refusals.AboutService():
            return _about_service(refusal, query)
        case refusals.Malformed():
            return explain(query, detail)
        case refusals.TooDeep():
            return Problem(400, "query-too-deep", f"The query is nested too deeply: {detail}.")
        case refusals.TooLong():
            return Problem(413, "query-too-long", f"The query is too long: {detail}.", hint="Split up the query.")
        case refusals.ReachesOut():
            return Problem(403, "service", "The query tried to read a file or to open a network connection.")
        case refusals.TooManyRows():
            return Problem(
                422,
                "too-many-rows",
                f"The answer exceeds the size limit: it has {detail}.",
                hint="Fetch the rows in parts, with ORDER BY, LIMIT and OFFSET, or download a dump from /dumps/.",
            )
        case refusals.Unsuitable():
            return Problem(406, "not-acceptable", sentence)
        case refusals.OutOfTime():
            return Problem(504, "timeout", sentence, hint="Make the query more specific, or add a LIMIT.")
        case refusals.OutOfMemory():
            return Problem(503, "memory", sentence, headers=[("Retry-After", "30")])
        case refusals.Busy():
            return Problem(503, "busy", sentence, headers=[("Retry-After", "2")])
        case refusals.Unorderable():
            return Problem(422, "unorderable", sentence, hint=ORDER)
        case refusals.OutOfStack():
            return Problem(422, "too-deep", sentence, hint="Split up the query, or use VALUES.")
        case refusals.Broken():
            return Problem(500, "engine", sentence)
        case refusals.Faulty():
            return Problem(500, "internal-server-error", sentence)
        case refusals.Lost():
            return Problem(503, "lost", sentence, headers=[("Retry-After", "10")])
        case refusals.Abandoned():
            return Problem(503, "abandoned", "The client disconnected before its answer was complete.")
        case _ if called := _CUSTOM.match(detail):
            return _custom(query, called[1])
        case _:
            return Problem(400, "evaluation", detail[:MOST_SAID])


SERVICE_STATUS: Final[dict[type[refusals.AboutService], tuple[int, str]]] = {
    refusals.NotAllowed: (403, "service"),
    refusals.Unusable: (502, "service-failed"),
    refusals.Overloaded: (503, "service-busy"),
    refusals.TooSlow: (504, "service-timeout"),
    refusals.TooLarge: (422, "service-too-large"),
}


def _about_service(refusal: refusals.AboutService, query: str) -> Problem:
    """Return a Problem for a failed SERVICE clause: the remote endpoint, the reason, and the position in *query*."""
    status, kind = SERVICE_STATUS[type(refusal)]
    said = str(refusal)
    labels = isinstance(refusal, refusals.NotAllowed) and _asks_for_labels(query, refusal)
    return Problem(
        status,
        kind,
        f"{said[0].upper()}{said[1:]}.",
        headers=[("Retry-After", getattr(refusal, "wait", "") or "30")] if status == 503 else [],
        service=refusal.service[:MOST_SAID] or None,
        **({} if refusal.place is None else _place(query, refusal.place)),
        hint=LABELS if labels else refusal.hint or None,
    )


def _asks_for_labels(query: str, refusal: refusals.AboutService) -> bool:
    """Return whether the refused SERVICE clause calls Wikidata's label service or contains a call of it."""
    try:
        calls = guard.read(query).calls
    except refusals.TooLong:
        return False
    call = next((call for call in calls if call.start == refusal.place), None)
    if call is None:
        return False
    words = [word for word in tokens(query) if call.start <= word.start <= max(call.end, call.start + 60)]
    beside = zip(words, words[1:], strict=False)
    return any(_LABELS.fullmatch(word.text) and before.upper in ("SERVICE", "SILENT") for before, word in beside)


def explain(query: str, message: str) -> Problem:
    """Return a Problem that names the first wrong word in *query*; *message* is the query engine's error message.

    This message is used only if our own grammar finds no error.
    """
    with guard.turn(query):
        words = list(islice(tokens(query), guard.MOST_WORDS))
        prefixes, first = guard.prologue(words)
        found = syntax.fault(words[first:])
    unknown = [w for w in words[first:] if w.kind == "name" and w.text.partition(":")[0] not in prefixes]
    stray = words[-1] if words and words[-1].kind == "stray" else None
    if unknown and (found is None or found.word is None or unknown[0].start < found.word.start):
        return _unknown_prefixes(query, unknown)
    if stray is not None and (found is None or found.word is None or found.word.start == stray.start):
        return _stray(query, stray, found.expected if found else ())
    if found is not None:
        return _fault(query, found)
    loose = grouping.ungrouped(words)
    if loose is not None:
        detail = f"{loose.text[:LONGEST]} is selected, but it is neither in GROUP BY nor in an aggregate."
        advice = f"Add {loose.text[:LONGEST]} to GROUP BY, or select an aggregate of it, such as SAMPLE or COUNT."
        return _malformed(query, loose.start, detail, token=loose.text[:LONGEST], hint=advice)
    engine = _PLACE.match(message)
    if not engine:
        return Problem(400, "malformed-query", message[:MOST_SAID] or "The query is not valid SPARQL.")
    place = _offset(query, int(engine[1]), int(engine[2]))
    sentence = _sentence(engine[3])
    if sentence:
        return _malformed(query, place, f"{sentence}.", hint=_advice(sentence))
    detail = "The query breaks a rule of SPARQL outside its grammar; for example, a variable is assigned a value twice."
    return _malformed(query, place, detail)


def _malformed(query: str, start: int, detail: str, **more: Any) -> Problem:
    return Problem(400, "malformed-query", detail, **_place(query, start), **more)


def _fault(query: str, found: syntax.SyntaxFault) -> Problem:
    word = found.word
    if word is None:
        return _malformed(query, len(query.rstrip()), f"The query ends too early{_awaited(found.expected)}.")
    close = get_close_matches(word.upper, found.expected, 1) if word.kind == "word" else []
    hint = f"Perhaps {close[0]} is meant." if close else None
    detail = f"Unexpected {word.text[:LONGEST]}{_awaited(found.expected)}."
    return _malformed(query, word.start, detail, token=word.text[:LONGEST], hint=hint)


def _awaited(expected: Sequence[str]) -> str:
    return f"; expected {' or '.join(expected)}" if 0 < len(expected) <= MOST_EXPECTED else ""


def _stray(query: str, word: Token, expected: Sequence[str]) -> Problem:
    """Return a Problem for *word*, the first in *query* that isn't SPARQL; *expected* are the words allowed there."""
    text = word.text[:LONGEST]
    # A character that is not a letter, such as a soft hyphen, may end the word: so look at the next character, too.
    place, odd = next(
        (place, char)
        for place, char in enumerate(f"{word.text}{query[word.start + len(word.text) :][:1]} ")
        if not char.isascii() or char == " "
    )
    if odd != " " and (text == odd or not odd.isalpha() or re.search("[A-Za-z]", text)):
        said = f"U+{ord(odd):04X} ({unicodedata.name(odd, 'a character without a name').lower()})"
        detail = f"Unexpected {said}" if text == odd else f"Unexpected {said} in a word"
        return _malformed(query, word.start + place, f"{detail}.", token=text, hint=_instead(odd))
    if text in _STRAYS:
        detail, advice = _STRAYS[text]
        return _malformed(query, word.start, f"{detail}.", token=text, hint=advice)
    if re.compile(r"\s*\(").match(query, word.start + len(word.text)) and (not expected or "a function" in expected):
        return _malformed(query, word.start, f"There is no function {text}.", token=text, hint=_function(text))
    close = get_close_matches(text.upper(), expected, 1)
    hint = f"Perhaps {close[0]} is meant." if close else None
    shown = text if text.isprintable() else f"U+{ord(text[0]):04X}"
    return _malformed(query, word.start, f"Unexpected {shown}{_awaited(expected)}.", token=text, hint=hint)


_UNCLOSED: Final = (
    "A string has no closing quote, or contains an invalid escape",
    "Only a string in triple quotes may contain line breaks. Escapes are \\t \\b \\n \\r \\f \\u \\U \\\" \\' \\\\.",
)
_STRAYS: Final = {
    '"': _UNCLOSED,
    "'": _UNCLOSED,
    "<": ("An IRI has no closing >, or contains a character not allowed in IRIs", "Write a space in an IRI as %20."),
    "\\": ("Unexpected \\", "A backslash is allowed only in strings, IRIs and the local part of a prefixed name."),
}


def _instead(character: str) -> str:
    """Return a hint on what to write instead of *character*, which is not allowed at its place in a query."""
    if unicodedata.category(character) in ("Zs", "Zl", "Zp"):
        return "Replace it by a plain space."
    if unicodedata.category(character) in ("Pi", "Pf") or character in "\u201a\u201e\u2032\u2033":
        return "Replace it by a plain quotation mark, \" or '."
    if unicodedata.category(character) == "Pd" or character == "\u2212":
        return "Replace it by a plain hyphen, -."
    if unicodedata.category(character) in ("Cf", "Cc", "Mn"):
        return "This character is invisible: delete it."
    return "Characters outside ASCII are allowed only in names, strings, IRIs and comments."


def _function(name: str) -> str | None:
    """Return a hint with the SPARQL function that resembles the unknown function *name*; None if there is none."""
    known = OTHER_LANGUAGES.get(name.upper())
    close = [known] if known else get_close_matches(name.upper(), sorted(FUNCTIONS | AGGREGATES), 1)
    return f"Perhaps {close[0]} is meant." if close else None


def _custom(query: str, name: str) -> Problem:
    """Return a Problem for the call of an unknown function with the IRI *name*, with its position in *query*."""
    words = list(tokens(query))
    prefixes, _ = guard.prologue(words)
    called = (word for word in words if word.kind in ("iri", "name") and guard.iri(word, prefixes) == name)
    word = next(called, None)
    shown = f"<{name[:MOST_SAID]}>" if word is None else word.text[:LONGEST]
    place = {} if word is None else {**_place(query, word.start), "token": shown}
    local = re.split(r"[/#:]", name)[-1]
    return Problem(400, "evaluation", f"There is no function {shown}.", **place, hint=_function(local[:LONGEST]))


def _unknown_prefixes(query: str, words: Sequence[Token]) -> Problem:
    names = list(dict.fromkeys(word.text.partition(":")[0][:LONGEST] for word in words))
    lines = [f"PREFIX {name}: <{PREFIXES[name]}>" for name in names if name in PREFIXES]
    hint: str | None = "\n".join(lines) or None
    if hint is None and (close := get_close_matches(names[0], PREFIXES, 1)):
        hint = f"Perhaps you mean PREFIX {close[0]}: <{PREFIXES[close[0]]}>"
    first = words[0]
    detail = f"The prefix {names[0]}: is not declared."
    return Problem(400, "unknown-prefix", detail, **_place(query, first.start), token=first.text[:LONGEST], hint=hint)


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
        return "Write the absolute IRI between < and >, or begin the query with BASE <…>."
    if "variable" in sentence and "unbound" in sentence:
        return "With GROUP BY, only grouped variables and aggregates such as COUNT may be selected."
    return None


def for_silence(services: Iterable[str]) -> str:
    """Return a hint that names the remote *services* that failed, but were called with SERVICE SILENT."""
    named = ", ".join(service[:MOST_SAID] for service in services)
    return f"The query to {named} failed; SERVICE SILENT continues without its results"


def header(text: str) -> str:
    """Return *text* as an ASCII header value: characters outside ASCII, and %, are percent-encoded as UTF-8.

    >>> header("dip:Визит is not 100% known")
    'dip:%D0%92%D0%B8%D0%B7%D0%B8%D1%82 is not 100%25 known'
    """
    return quote(text, safe=_PLAIN)


_PLAIN: Final = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")
