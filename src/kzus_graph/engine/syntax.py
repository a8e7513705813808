"""Parses queries by a grammar of SPARQL 1.2 (``sparql.lark``): finds groups, SERVICE clauses and syntax errors.

The parser is LALR(1): it reads each token once, so it takes time in proportion to the length of the query. It is
written in Python (lark) and takes longer than the query engine needs to answer a simple query. So only queries with a
SERVICE clause, and those that the query engine rejects, are parsed.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from kzus_graph.engine.tokens import AGGREGATES, FUNCTIONS, Token, paced

# lark is imported where it is used: the import takes 50 ms, and most runs of kzus-graph parse no query
if TYPE_CHECKING:
    import lark

    Node = lark.Tree[Any]
    """A node of a syntax tree: ``data`` is its grammar rule, ``meta`` has its offsets, its ``children`` are nodes."""
else:
    Node = Any

GRAMMAR: Final = files("kzus_graph.engine") / "sparql.lark"
KINDS: Final = frozenset({"var", "blank", "iri", "string", "number", "signed", "lang", "stray"})
"""The kinds of tokens for which the grammar has one terminal each: ``_VAR``, ``_BLANK`` and so on."""
STRAY: Final = "_STRAY"
"""The terminal of tokens that no rule of the grammar has, such as the words of updates."""
WORDS: Final = {
    "_VAR": "a variable",
    "_IRI": "an IRI",
    "_NAME": "a prefixed name",
    "_PREFIX": "a prefix such as dip:",
    "_NUMBER": "a number",
    "_SIGNED": "a number",
    "_STRING": "a string",
    "_FUNCTION": "a function",
    "_AGGREGATE": "an aggregate",
    "_BLANK": "a blank node",
    "_LANG": "a language tag",
    "$END": "the end of the query",
}
"""The names in messages for the grammar's terminals that match many different tokens."""
MOST_WORDS: Final = 20_000
"""How many tokens of a query are parsed at most: half a second's work. More would let one client hold up all others."""
AT_A_STRETCH: Final = 64
"""How many tokens are parsed without a pause: about a millisecond's work."""
JOINED: Final = frozenset({"{|", "|}"})
"""Marks that are two tokens in a query, but one for the grammar if no space is between them."""


class SyntaxFault(Exception):
    """A syntax error: *word* is the first token that breaks the grammar; None if the query ends too early.

    *expected* are the names of the tokens that could stand there instead.
    """

    def __init__(self, word: Token | None, expected: tuple[str, ...]) -> None:
        super().__init__(word, expected)
        self.word = word
        self.expected = expected


def tree(words: Sequence[Token]) -> Node:
    """Return the syntax tree of a query whose tokens are *words*. Raises SyntaxFault."""
    from lark import UnexpectedToken

    try:
        return parser().parse(words)  # our lexer takes words where others take a text
    except UnexpectedToken as error:
        if error.token.type == "$END":
            raise SyntaxFault(None, _expected(words)) from None
        wrong = next(place for place, word in enumerate(words) if word.start == error.token.start_pos)
        raise SyntaxFault(words[wrong], _expected(words[:wrong])) from None


def fault(words: Sequence[Token]) -> SyntaxFault | None:
    """Return the first syntax error among the first MOST_WORDS tokens of a query (*words*); None if there is none.

    >>> from kzus_graph.engine.tokens import tokens
    >>> fault(list(tokens("SELECT ?a WHRE { ?a ?b ?c }"))).word.text
    'WHRE'
    >>> fault(list(tokens("SELECT * { ?a ?b ?c } LIMIT 10"))) is None
    True
    """
    try:
        tree(words[:MOST_WORDS])
    except SyntaxFault as found:
        return found if found.word is not None or len(words) <= MOST_WORDS else None
    return None


def outermost(tree: Node, rule: str) -> Iterator[Node]:
    """Yield the nodes of *tree* for the grammar rule *rule*, in the query's order, but none that is inside another."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if node.data == rule:
            yield node
        else:
            waiting.extend(reversed(node.children))


@cache
def parser(*, debug: bool = False) -> "lark.Lark":
    """Return the parser of SPARQL queries; with *debug*, lark logs the conflicts of the grammar."""
    import lark
    from lark.lexer import Lexer

    class Words(Lexer):
        """A lexer for lark that takes the tokens of a query, and gives each the name of its terminal in the grammar."""

        def __init__(self, conf: lark.common.LexerConf) -> None:
            self.literals = {terminal.pattern.value: terminal.name for terminal in conf.terminals if terminal.pattern}

        def lex(self, words: Iterable[Token]) -> Iterator[lark.Token]:  # type: ignore[override]
            for word in _joined(paced(words, AT_A_STRETCH)):
                yield lark.Token(_terminal(word, self.literals), word, start_pos=word.start, end_pos=word.end)

    grammar = GRAMMAR.read_text(encoding="utf-8")
    return lark.Lark(grammar, parser="lalr", lexer=Words, start="query", propagate_positions=True, debug=debug)


def _terminal(word: Token, literals: dict[str, str]) -> str:
    """Return the grammar's terminal for the token *word*; *literals* maps texts such as ``SELECT`` to terminals."""
    if word.upper in FUNCTIONS:
        return "_FUNCTION"
    if word.upper in AGGREGATES:
        return "_AGGREGATE"
    if word.kind == "name":
        return "_PREFIX" if word.text.find(":") == len(word.text) - 1 else "_NAME"
    return f"_{word.kind.upper()}" if word.kind in KINDS else literals.get(word.upper or word.text, STRAY)


def _joined(words: Iterable[Token]) -> Iterator[Token]:
    """Yield the tokens *words*; adjacent ones that the grammar takes as one, such as ``-`` and ``1``, are joined."""
    before: Token | None = None
    for word in words:
        if before is not None and before.end == word.start:
            if before.text in ("+", "-") and word.kind == "number":
                word, before = Token("signed", before.text + word.text, before.start), None
            elif before.text + word.text in JOINED:
                word, before = Token("mark", before.text + word.text, before.start), None
        if before is not None:
            yield before
        before = word
    if before is not None:
        yield before


def _expected(words: Sequence[Token]) -> tuple[str, ...]:
    """Return what may follow *words*, the tokens at the beginning of a query: names of tokens, for a message."""
    # parsed again: with the wrong word in sight, the parser has already closed what that word might have continued
    beginning = parser().parse_interactive(words)
    beginning.exhaust_lexer()
    called = {terminal.name: terminal.pattern.value for terminal in parser().terminals if terminal.pattern} | WORDS
    return tuple(sorted({called[name] for name in beginning.accepts()} - {"LATERAL"}))  # type: ignore[no-untyped-call]
