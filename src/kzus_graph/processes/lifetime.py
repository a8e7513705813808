"""Ends a child process when its parent process ends, for whatever reason; reports the size of its address space."""

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38
# Loaded on import, because a sealed process cannot open any file later.
_LIBRARY: Final = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def end_with(parent: int) -> None:
    """Make the kernel kill this process when its parent process, which has the ID *parent*, ends.

    More exactly: when the thread that started this process ends. If the parent has ended already, kill this process
    now. Only the kernel of Linux can do this; elsewhere this process runs until its next read from the parent fails.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def outlive_parent() -> None:
    """Undo ``end_with``: let this process go on running after its parent process has ended."""
    _prctl(_PR_SET_PDEATHSIG, 0)


def forbid_new_privileges() -> None:
    """Prevent this process from gaining privileges by executing a program (PR_SET_NO_NEW_PRIVS; only on Linux)."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def _prctl(option: int, value: int) -> None:
    if _LIBRARY is not None and _LIBRARY.prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), f"prctl({option}): {os.strerror(ctypes.get_errno())}")


def address_space() -> int:
    """Return the size of this process's address space in bytes; 0 where the system doesn't report it."""
    try:
        pages = Path("/proc/self/statm").read_text().split()[0]
    except OSError:
        return 0
    return int(pages) * resource.getpagesize()
