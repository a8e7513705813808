"""Exceptions that say why a question got no answer; each message is for the person who asked."""

from typing import Final


class Refusal(Exception):
    """A question that got no answer, or not the whole of it."""


class Malformed(Refusal):
    """The engine cannot read the query."""


class TooLong(Refusal):
    """The query has more words than the server reads."""


class TooDeep(TooLong):
    """The brackets in the query are nested deeper than the engine can follow."""


class Failed(Refusal):
    """The engine gave up on the query."""


class ReachesOut(Refusal):
    """The query wanted to read something outside the graph."""


class TooManyRows(Refusal):
    """The answer is larger than the server sends."""


class Unsuitable(Refusal):
    """The answer can't be written in the requested format."""


class OutOfTime(Refusal):
    """The deadline passed."""


class OutOfMemory(Refusal):
    """The query needed more memory than a worker may have."""


class Unorderable(Refusal):
    """The query sorts values that the engine can't order; the engine crashes on them."""


class OutOfStack(Refusal):
    """The engine ran out of stack: the query is nested too deeply, or has a very long chain."""


class Broken(Refusal):
    """The engine crashed on the query."""


class Faulty(Refusal):
    """Our own code has an error."""


class Lost(Refusal):
    """Something other than the question ended the worker."""


class Busy(Refusal):
    """The server was too busy with other queries."""


class Abandoned(Refusal):
    """The client that asked has disconnected."""


class AboutService(Refusal):
    """A ``SERVICE`` clause got no rows; has its address, its offset in the query, and a *hint* what to do."""

    def __init__(self, message: str, hint: str = "", service: str = "", place: int | None = None) -> None:
        super().__init__(message)
        self.hint = hint
        self.service = service
        self.place = place

    def __str__(self) -> str:
        """Return a message that names the service and says why it gave no rows."""
        named = f"the service {self.service[:200]}" if self.service else "SERVICE"
        return f"{named} {'is not asked' if isinstance(self, NotAllowed) else 'gave no rows'}: {self.args[0]}"


class NotAllowed(AboutService, ReachesOut):
    """The server may not send requests to this service."""


class Unusable(AboutService):
    """The service could not be reached, or gave no usable answer; *status* is its HTTP status, 0 if it gave none."""

    status = 0


class Overloaded(Unusable):
    """The service asks for a retry later: after *wait* seconds, or at an unknown time if *wait* is empty."""

    wait = ""


class TooSlow(AboutService, OutOfTime):
    """The service did not answer in time."""


class TooLarge(AboutService):
    """The answer of the service is larger than the server accepts."""


KINDS: Final[dict[str, type[Refusal]]] = {
    "syntax": Malformed,
    "evaluation": Failed,
    "outside": ReachesOut,
    "rows": TooManyRows,
    "memory": OutOfMemory,
    "columns": Unsuitable,
}
