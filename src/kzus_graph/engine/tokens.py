r"""Splits the text of a query into tokens by the rules of SPARQL 1.2 (section 19), each with its offset.

``<`` begins an IRI or means *less than*, depending on the tokens before. Like the query engine, this module reads it as
*less than* wherever an expression can go on, so ``?y<RAND()&&?y>0`` contains no IRI. The query engine also doesn't
check where a keyword ends: it evaluates ``trueSERVICE``, which is not SPARQL. Here, such text is a token of the kind
``stray``. So code that must know what a query does may rely on the tokens only if none is ``stray``. A stray token is
always the last: the text after it can't be split reliably.

The time is proportional to the length of the query: no regular expression goes back over text that it has passed.
"""

import re
import time
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import chain
from typing import Final, NamedTuple

AGGREGATES: Final = frozenset(["COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"])
FUNCTIONS: Final = frozenset(
    """
    STR LANG LANGMATCHES DATATYPE BOUND IRI URI BNODE RAND ABS CEIL FLOOR ROUND CONCAT STRLEN UCASE LCASE
    ENCODE_FOR_URI CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH DAY HOURS MINUTES SECONDS TIMEZONE TZ
    NOW UUID STRUUID MD5 SHA1 SHA256 SHA384 SHA512 COALESCE IF STRLANG STRDT SAMETERM ISIRI ISURI ISBLANK ISLITERAL
    ISNUMERIC REGEX SUBSTR REPLACE TRIPLE SUBJECT PREDICATE OBJECT ISTRIPLE ADJUST LANGDIR HASLANG HASLANGDIR
    STRLANGDIR
    """.split()  # noqa: SIM905 -- a list of sixty strings reads worse
)
UPDATES: Final[frozenset[str]] = frozenset(
    {"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"}
)
WORDS: Final = FUNCTIONS.union(
    AGGREGATES,
    UPDATES,
    """
    BASE PREFIX VERSION SELECT CONSTRUCT DESCRIBE ASK DISTINCT REDUCED FROM NAMED WHERE GROUP BY HAVING ORDER ASC DESC
    LIMIT OFFSET VALUES UNDEF OPTIONAL GRAPH SERVICE SILENT BIND AS MINUS UNION FILTER LATERAL EXISTS NOT IN SEPARATOR
    A TRUE FALSE
    """.split(),  # noqa: SIM905 -- as above
)
"""All keywords of SPARQL queries, and those with which SPARQL updates begin."""

# PN_CHARS_BASE, then the characters of a variable's name; a prefix may have these and the dash.
_BASE: Final = (
    r"A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F\u2C00-\u2FEF"
    r"\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_NAME: Final = _BASE + r"_0-9\u00B7\u0300-\u036F\u203F-\u2040"
CODE: Final = r"\\(?:u(?![Dd][89A-Fa-f])[0-9A-Fa-f]{4}|U(?:0000(?![Dd][89A-Fa-f])|000[1-9A-Fa-f]|0010)[0-9A-Fa-f]{4})"
_ESCAPE: Final = rf"""(?:\\[tbnrf\\"']|{CODE})"""
_PLX: Final = r"(?:%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%])"
# Each group that is repeated possessively ends in an empty choice, (?:…|)*+. Without it, if such a group matches in
# part and then fails, Python before 3.11.5 does not go back to its start (gh-106052) and reads on at the wrong place.
# Atomic groups, (?>(?:…)*), do go back, but take 200 MB for a query of half a million escapes.
_KINDS: Final = {
    "space": r"[ \t\r\n]*+(?:\#[^\r\n]*+[ \t\r\n]*+|)*+",
    "var": rf"[?$][{_BASE}_0-9][{_NAME}]*+",
    "name": rf"(?:[{_BASE}](?:[{_NAME}-]|\.++(?=[{_NAME}-])|)*+|)?+:"
    rf"(?:(?:[{_BASE}_0-9:]|{_PLX})(?:[{_NAME}:-]|{_PLX}|\.++(?=[{_NAME}:-]|{_PLX})|)*+|)?+",
    "blank": rf"_:[{_BASE}_0-9](?:[{_NAME}-]|\.++(?=[{_NAME}-])|)*+",
    "word": rf"[{_BASE}_][{_NAME}]*+",
    "iri": rf'<(?:[^<>"{{}}|^`\\\x00-\x20]++|{CODE}|)*+>',
    "string": rf'"""(?:[^"\\]++|{_ESCAPE}|""?(?!")|)*+"""'
    rf"|'''(?:[^'\\]++|{_ESCAPE}|''?(?!')|)*+'''"
    rf'|"(?:[^"\\\n\r]++|{_ESCAPE}|)*+"'
    rf"|'(?:[^'\\\n\r]++|{_ESCAPE}|)*+'",
    "number": r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][+-]?[0-9]+|[0-9]*\.[0-9]+|[0-9]+",
    "lang": r"@[A-Za-z]+(?:-[A-Za-z0-9]+|)*+(?:--[a-z]+)?",
    "mark": r"\^\^|&&|\|\||!=|<=|>=|<<\(?|\)?>>|[{}()\[\];,.?*+/|^!=<>~-]",
    "end": r"\Z",
    "stray": r".",
}
"""The pattern of each kind of token; the first pattern that matches decides the kind."""


@cache
def _pattern(*left_out: str) -> re.Pattern[str]:
    parts = [f"(?P<{kind}>{form})" for kind, form in _KINDS.items() if kind not in ("space", *left_out)]
    return re.compile(_KINDS["space"] + f"(?:{'|'.join(parts)})", re.DOTALL)


_ANY: Final = _pattern()
# Plain declarations of prefixes at the beginning: three words each, whatever follows.
_DECLARED: Final = re.compile(
    r"(?>(?:[ \t\r\n]*+PREFIX[ \t\r\n]++(?:[A-Z][A-Z0-9_-]*+|)?+:[ \t\r\n]*+<[^<>\"{}|^`\\\x00-\x20]*+>)+)",
    re.IGNORECASE | re.ASCII,
)
LONGEST_KEPT: Final = 2048
PAUSE: Final = 0.0005
"""The length in seconds of each pause while a long query is split into tokens."""
_RUN: Final = re.compile(rf"[{_NAME}.-]*+")
_LESS: Final = re.compile("<=?")
# The content of a bracket: clauses (the parts of a query around its groups), a group, or an expression.
_CLAUSE, _GROUP, _EXPRESSION = "clause", "group", "expression"
_OPENERS: Final = frozenset({"{", "(", "[", "<<", "<<("})
_CLOSERS: Final = frozenset({"}", ")", "]", ">>", ")>>"})
_OPERANDS: Final = frozenset({"var", "name", "blank", "iri", "string", "number", "lang"})
# Words that may be followed by parentheses that do not hold an expression.
_LISTED: Final = frozenset({"A", "TRUE", "FALSE", "UNDEF", "VALUES"})


class Token(NamedTuple):
    """A token of a query: its *kind*, its *text*, and *start*, its offset in the query.

    The kind is ``var``, ``name`` (prefixed name), ``blank`` (blank node), ``word`` (keyword), ``iri``, ``string``,
    ``number``, ``lang`` (language tag), ``mark`` (punctuation, operator), or ``stray`` (not SPARQL).
    """

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """The offset at which the token ends."""
        return self.start + len(self.text)

    @property
    def upper(self) -> str:
        """The text in capitals, if the token is a keyword of SPARQL; else an empty text."""
        return self.text.upper() if self.kind == "word" else ""


_NONE: Final = Token("mark", "", 0)


def tokens(text: str) -> Iterator[Token]:
    """Return an iterator over the tokens of a query; the first that is not SPARQL (kind ``stray``) is the last.

    >>> [token.text for token in tokens("ASK { FILTER(?y<RAND()&&?y>0) } # all")]
    ['ASK', '{', 'FILTER', '(', '?y', '<', 'RAND', '(', ')', '&&', '?y', '>', '0', ')', '}']
    >>> list(tokens("?x <http://e/p> _:b. WHRE {"))[-1]
    Token(kind='stray', text='WHRE', start=21)
    """
    if (declared := _DECLARED.match(text, 0, LONGEST_KEPT)) is None:
        return told_apart(text)
    words = _declarations(declared[0])
    return chain(words, told_apart(text, declared.end(), words[-2:]))


def paced(words: Iterable[Token], stretch: int) -> Iterator[Token]:
    """Yield the tokens *words*; pause for PAUSE seconds after every *stretch* tokens, so that other threads can run."""
    for number, word in enumerate(words, 1):
        yield word
        if number % stretch == 0:
            time.sleep(PAUSE)


@lru_cache(maxsize=128)
def _declarations(text: str) -> tuple[Token, ...]:
    """Return the tokens of *text*, a query's PREFIX declarations; cached, since many queries have the same ones."""
    return tuple(told_apart(text))


def told_apart(text: str, place: int = 0, last: tuple[Token, ...] = (_NONE, _NONE)) -> Iterator[Token]:
    """Yield the tokens of *text* from the offset *place* (outside of brackets); *last* are the two tokens before."""
    nameless = 0
    brackets = [_CLAUSE]
    earlier, before = last
    while True:
        found = (_ANY if place >= nameless else _pattern("name")).match(text, place)
        assert found is not None and found.lastgroup is not None
        kind = found.lastgroup
        if kind == "end":
            return
        start, place = found.span(kind)
        word = text[start:place]
        if kind == "word":
            upper = word.upper()
            if upper not in WORDS or not word.isascii():
                kind = "stray"
            elif upper == "SELECT":
                brackets[-1] = _CLAUSE
            # No prefixed name began here, so none can begin later in the same run of characters.
            if text.startswith((".", "-"), place) and place >= nameless:
                nameless = _RUN.match(text, place).end()  # type: ignore[union-attr]  # it matches the empty text, too
        elif word[0] == "<" and kind in ("iri", "mark"):
            if brackets[-1] is _EXPRESSION and _is_operand(before):
                less = _LESS.match(text, start)
                assert less is not None
                kind, word, place = "mark", less[0], less.end()
            elif word in ("<", "<="):
                kind, word = "stray", "<"
        if kind == "mark":
            if word in _OPENERS:
                brackets.append(_inside(word, brackets[-1], before, earlier))
            elif word in _CLOSERS and len(brackets) > 1:
                brackets.pop()
        earlier, before = before, Token(kind, word, start)
        yield before
        if kind == "stray":
            return


def _is_operand(word: Token) -> bool:
    return word.kind in _OPERANDS or word.text in _CLOSERS or word.upper in ("TRUE", "FALSE")


def _inside(bracket: str, around: str, before: Token, earlier: Token) -> str:
    """Return what the opening *bracket* contains: _GROUP or _EXPRESSION.

    *around* is the same for the bracket around it; *before* is the token before *bracket*, *earlier* the one before
    that.
    """
    if bracket != "(":
        return _GROUP
    if around is _EXPRESSION:
        return _EXPRESSION
    if before.kind == "word":
        return _GROUP if before.upper in _LISTED else _EXPRESSION
    called = before.kind in ("iri", "name") and earlier.upper == "FILTER"
    return _EXPRESSION if called or around is _CLAUSE else _GROUP
