"""Why a question got no answer; each says it in words for the person who asked."""

from typing import Final


class Refusal(Exception):
    """A question that got no answer, or not the whole of it."""


class Malformed(Refusal):
    """The engine cannot read the query."""


class Failed(Refusal):
    """The engine gave up on the query."""


class ReachesOut(Refusal):
    """The query asked for something outside the graph."""


class TooManyRows(Refusal):
    """The answer is larger than the server sends."""


class Unsuitable(Refusal):
    """The answer has no form like the one that was asked for."""


class OutOfTime(Refusal):
    """The deadline passed."""


class OutOfMemory(Refusal):
    """The query needed more memory than a worker may have."""


class Busy(Refusal):
    """There was no room for the query beside the others."""


class Abandoned(Refusal):
    """Whoever asked is gone."""


KINDS: Final[dict[str, type[Refusal]]] = {
    "syntax": Malformed,
    "evaluation": Failed,
    "outside": ReachesOut,
    "rows": TooManyRows,
    "memory": OutOfMemory,
    "columns": Unsuitable,
}
