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
            os.kill(int(file.read_text("utf-8")), 0)
            yield int(file.stem)
        except (ValueError, OSError):
            continue  # left over


def _home() -> Path:
    return Path(os.environ.get("LISTDROP_HOME") or Path.home() / ".listdrop")
