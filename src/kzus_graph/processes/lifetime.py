"""Processes that end with the one that started them, however that ended; and how large they are."""

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38
# Loaded once, so that a sealed process, which can open nothing, need not.
_LIBRARY: Final = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def end_with(parent: int) -> None:
    """Have the kernel kill this process when its *parent* (strictly: the thread that started it) is gone.

    Only Linux can; elsewhere it goes on until it next reads from its parent.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def outlive_parent() -> None:
    """Take back what end_with asked for."""
    _prctl(_PR_SET_PDEATHSIG, 0)


def forbid_new_privileges() -> None:
    """Give up gaining rights by starting a program that has more."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def _prctl(option: int, value: int) -> None:
    if _LIBRARY is not None and _LIBRARY.prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), f"prctl({option}): {os.strerror(ctypes.get_errno())}")


def address_space() -> int:
    """Return how much address space this process has taken, in bytes; 0 where the system doesn't say."""
    try:
        pages = Path("/proc/self/statm").read_text().split()[0]
    except OSError:
        return 0
    return int(pages) * resource.getpagesize()
