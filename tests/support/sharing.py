"""One stack for all the processes that run tests side by side."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import IO

import pytest

from local.stack import Stack


def common_folder(factory: pytest.TempPathFactory) -> Path:
    """Return a temporary folder that is the same for every process of this run."""
    folder = factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@contextmanager
def shared(folder: Path, start: Callable[[], AbstractContextManager[Stack]]) -> Iterator[Stack]:
    """The stack of the process that came first, which keeps it until nobody uses it any more.

    Who uses it has a lock on a file, as the lock of a process that dies is let go of.
    """
    note = folder / "stack.json"
    with (folder / "stack.users").open("w") as users, ExitStack() as owned:
        with _locked(folder / "stack.lock"):
            if note.exists():
                fcntl.flock(users, fcntl.LOCK_SH)
                found = json.loads(note.read_text("utf-8"))
                stack = Stack(found["url"], found["outputs"])
            else:
                stack = owned.enter_context(start())
                note.write_text(json.dumps({"url": stack.url, "outputs": stack.outputs}), "utf-8")
                owned.callback(_await_the_others, note, users)
        yield stack


def _await_the_others(note: Path, users: IO[str]) -> None:
    """Wait until nobody else uses the stack; a process that comes later starts its own."""
    with _locked(note.with_suffix(".lock")):
        note.unlink()
    fcntl.flock(users, fcntl.LOCK_EX)


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
