"""Counts connections, to choose the size of the parts in which answers are sent.

The HTTP server holds up to six parts of an answer in memory for each client that reads slowly. So parts are large while
there are few connections, and small for clients that connect while there are many.
"""

import time
from collections.abc import Hashable
from pathlib import Path
from typing import Final

# Parts are large while fewer descriptors than this are open.
FEW: Final = 192
# A count is used for so many seconds; clients that get large parts in that time are added to it.
HOLDS: Final = 0.1


class Connections:
    """Counts connections, taken to be as many as the open file descriptors of the process. Not thread-safe."""

    def __init__(self, few: int = FEW) -> None:
        self._few = few
        self._open = 0
        self._until = 0.0
        self._since: set[Hashable] = set()

    def are_few(self, client: Hashable) -> bool:
        """Return whether connections are so few that answers to *client* (IP address, port) are sent in large parts."""
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
    """Return the number of open file descriptors of this process, or FEW if the system doesn't list them."""
    try:
        return sum(1 for _ in Path("/dev/fd").iterdir())
    except OSError:
        return FEW
