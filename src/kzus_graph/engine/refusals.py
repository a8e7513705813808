"""Exceptions that state why a query got no answer; each message is written for the user who sent the query."""

from typing import Final


class Refusal(Exception):
    """The reason why a query got no answer, or only a part of it."""


class Malformed(Refusal):
    """The query has a syntax error."""


class TooLong(Refusal):
    """The query has more tokens than the server accepts."""


class TooDeep(TooLong):
    """The brackets in the query are nested deeper than the query engine supports."""


class Failed(Refusal):
    """The query engine reported an error during the evaluation of the query."""


class ReachesOut(Refusal):
    """The query tried to read a file or to open a network connection."""


class TooManyRows(Refusal):
    """The answer has more rows than the server's limit."""


class Unsuitable(Refusal):
    """The answer can't be written in the requested format."""


class OutOfTime(Refusal):
    """The query did not finish before its deadline."""


class OutOfMemory(Refusal):
    """The query needed more memory than one query may use."""


class Unorderable(Refusal):
    """The query sorts values that have no common order, on which the query engine crashes."""


class OutOfStack(Refusal):
    """The query engine ran out of stack: the query is nested too deeply, or has too long a chain of operators."""


class Broken(Refusal):
    """The query engine crashed on the query."""


class Faulty(Refusal):
    """The server's own code has an error."""


class Lost(Refusal):
    """The worker process that evaluated the query was ended from outside, not because of the query."""


class Busy(Refusal):
    """The server was too busy with other queries to evaluate this one."""


class Abandoned(Refusal):
    """The client that sent the query has disconnected."""


class AboutService(Refusal):
    """A ``SERVICE`` clause got no rows.

    *service* is its address, *place* its offset in the query; *hint* states what the user can do.
    """

    def __init__(self, message: str, hint: str = "", service: str = "", place: int | None = None) -> None:
        super().__init__(message)
        self.hint = hint
        self.service = service
        self.place = place

    def __str__(self) -> str:
        """Return a message that names the service and states why it gave no rows."""
        named = f"the service {self.service[:200]}" if self.service else "the service of a SERVICE clause"
        return f"{named} {'is not asked' if isinstance(self, NotAllowed) else 'gave no rows'}: {self.args[0]}"


class NotAllowed(AboutService, ReachesOut):
    """The ``SERVICE`` clause would need a request that this server is not allowed to send."""


class Unusable(AboutService):
    """The remote service could not be reached, or gave no usable answer; *status* is its HTTP status, or 0."""

    status = 0


class Overloaded(Unusable):
    """The remote service is overloaded; *wait* is how many seconds to wait before a retry, empty if not stated."""

    wait = ""


class TooSlow(AboutService, OutOfTime):
    """The remote service did not answer in time."""


class TooLarge(AboutService):
    """The remote service's answer is larger than we accept."""


KINDS: Final[dict[str, type[Refusal]]] = {
    "syntax": Malformed,
    "evaluation": Failed,
    "outside": ReachesOut,
    "rows": TooManyRows,
    "memory": OutOfMemory,
    "columns": Unsuitable,
}
