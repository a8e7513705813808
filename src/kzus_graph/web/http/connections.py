"""How many connections there may be, as far as it matters for how much of an answer each is given at a time.

The HTTP server takes up to six parts of an answer for a client that doesn't read. So parts are large while there are
few connections, and small for those that come when there are many.
"""

import time
from collections.abc import Hashable
from pathlib import Path
from typing import Final

# Up to so many open descriptors parts are large.
FEW: Final = 192
# For so many seconds a count holds; clients that are given large parts meanwhile are counted on top.
HOLDS: Final = 0.1


class Connections:
    """Counts them as the system does: by the descriptors that are open. Used in one thread."""

    def __init__(self, few: int = FEW) -> None:
        self._few = few
        self._open = 0
        self._until = 0.0
        self._since: set[Hashable] = set()

    def are_few(self, client: Hashable) -> bool:
        """Say whether a client, known by its address and port, may be given large parts."""
        now = time.monotonic()
        if now >= self._until:
            self._until = now + HOLDS
            self._open = _descriptors()
            self._since.clear()
        if client not in self._since:
            if self._open + len(self._since) >= self._few:
                return False
            self._since.add(client)
        return True


def _descriptors() -> int:
    """How many descriptors are open; as many as can be where the system doesn't say."""
    try:
        return sum(1 for _ in Path("/dev/fd").iterdir())
    except OSError:
        return FEW
