"""Why a question got no answer; each says it in words for the person who asked."""

from typing import Final


class Refusal(Exception):
    """A question that got no answer, or not the whole of it."""


class Malformed(Refusal):
    """The engine cannot read the query."""


class TooLong(Refusal):
    """The query has more words than are read."""


class TooDeep(TooLong):
    """Brackets stand within one another in the query, deeper than the engine can follow."""


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


class Unorderable(Refusal):
    """The query sorts values that the engine has no order for, and breaks down over."""


class OutOfStack(Refusal):
    """The engine ran out of stack over the query, as it does over what is nested deeply or chained very long."""


class Broken(Refusal):
    """The engine broke down over the query."""


class Faulty(Refusal):
    """Our own code did what it should not."""


class Lost(Refusal):
    """The worker was ended by something else than the question."""


class Busy(Refusal):
    """There was no room for the query beside the others."""


class Abandoned(Refusal):
    """Whoever asked is gone."""


class AboutService(Refusal):
    """A ``SERVICE`` clause got no rows: its address, its offset in the query, and a *hint* what to do."""

    def __init__(self, message: str, hint: str = "", service: str = "", place: int | None = None) -> None:
        super().__init__(message)
        self.hint = hint
        self.service = service
        self.place = place

    def __str__(self) -> str:
        """Say which service it is about, and why."""
        named = f"the service {self.service[:200]}" if self.service else "SERVICE"
        return f"{named} {'is not asked' if isinstance(self, NotAllowed) else 'gave no rows'}: {self.args[0]}"


class NotAllowed(AboutService, ReachesOut):
    """The service is not one that may be asked."""


class Unusable(AboutService):
    """The service could not be reached, or what it answered is no answer; with its HTTP status, if it gave one."""

    status = 0


class Overloaded(Unusable):
    """The service wants to be asked later: after *wait* seconds, if it says so."""

    wait = ""


class TooSlow(AboutService, OutOfTime):
    """The service did not answer in time."""


class TooLarge(AboutService):
    """The service answered more than is taken in."""


KINDS: Final[dict[str, type[Refusal]]] = {
    "syntax": Malformed,
    "evaluation": Failed,
    "outside": ReachesOut,
    "rows": TooManyRows,
    "memory": OutOfMemory,
    "columns": Unsuitable,
}
