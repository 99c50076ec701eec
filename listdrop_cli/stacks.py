"""Which stacks run on this machine: each `listdrop up` is noted in a folder of its user.

The folder is `LISTDROP_HOME`, or `~/.listdrop`. It belongs to no checkout, so that a command finds
a stack from wherever it was installed; a port can be taken by one stack only.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def pid_file(port: int) -> Path:
    """Return where the process is noted that runs a stack on this port."""
    return _home() / f"{port}.pid"


def running() -> Iterator[int]:
    """Yield the ports of the stacks whose `listdrop up` is alive."""
    for file in _home().glob("*.pid"):
        try:
            if _is_locked(file):
                yield int(file.stem)
        except (ValueError, OSError):
            continue  # none of ours, or gone by now


def _is_locked(file: Path) -> bool:
    """Whether the process that noted itself lives: until it ends, it keeps the file locked.

    Its id says less, as it may be another process's by now. `local/down.py` looks in the same way,
    and may not import this.
    """
    import fcntl  # not on Windows, where no stack runs, and commands ask AWS

    with file.open() as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _home() -> Path:
    return Path(os.environ.get("LISTDROP_HOME") or Path.home() / ".listdrop")
