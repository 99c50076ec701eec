"""Runs the engine, and has it save its data every few seconds too, and not only when it is stopped.

The engine's own interpreter runs this file as a program, so it imports nothing of ours. A copy of
the engine's process does the saving: it has everything as it was at one moment, and the engine need
not wait for it.
"""

from __future__ import annotations

import importlib
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from typing import Any, NoReturn

PROGRAM = Path(__file__)
BEGIN = b"save\n"
"""What the program has to read from its standard input before it saves anything."""
STATE = "state"
"""The folder within the data's that has all but the objects, which are written as they come."""

_LEAST_SECONDS = 5.0
_PAUSES = 10
"""So many times as long as saving took, nothing is saved: it is to be a small part of the work."""
_MOST_SECONDS = 120
"""A copy that takes longer waits for a lock that nobody in it will ever release."""
_HEALTH = "/_ministack/health"


def main() -> None:
    """Run the engine until it is stopped."""
    engine: Any = importlib.import_module("ministack.app")
    is_used = threading.Event()
    engine.app = _noticing(engine.app, is_used)
    state = Path(os.environ["STATE_DIR"])
    saving = threading.Thread(target=_keep_saving, args=(engine, is_used, state), daemon=True)
    saving.start()
    engine.main()


def _noticing(app: Callable[..., Any], is_used: threading.Event) -> Callable[..., Any]:
    """Return the engine as a web app that sets an event with every request."""

    async def noticing(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] != _HEALTH:
            is_used.set()
        await app(scope, receive, send)

    return noticing


def _keep_saving(engine: Any, is_used: threading.Event, state: Path) -> None:
    """Save after each time of use, once whoever started us says that there is a stack to save."""
    if sys.stdin.buffer.readline() != BEGIN:
        return
    while True:
        is_used.wait()
        is_used.clear()
        began = time.monotonic()
        if sys.platform == "linux":
            _save_by_copy(engine, state)
        else:  # where a copy of a process may not do all that it could
            _save(engine)
        time.sleep(pause(time.monotonic() - began))


def pause(took: float) -> float:
    """Return for how many seconds nothing is saved after saving took so many."""
    return max(_LEAST_SECONDS, _PAUSES * took)


def _save(engine: Any) -> None:
    """Save as the engine does when it is stopped."""
    engine.save_all(engine._build_persistence_save_dict())  # noqa: SLF001 # there is no other way


def _save_by_copy(engine: Any, state: Path) -> None:
    ending = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ending)  # the copy must not take them for the engine's
    copy = os.fork()
    if copy == 0:
        for number in ending:
            signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ending)
        _save_and_end(engine, state)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ending)
    handle = os.pidfd_open(copy)
    try:
        if not select.select([handle], [], [], _MOST_SECONDS)[0]:
            os.kill(copy, signal.SIGKILL)
    finally:
        os.close(handle)
        os.waitpid(copy, 0)


def _save_and_end(engine: Any, state: Path) -> NoReturn:
    code = 1
    try:
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))  # else who is connected waits for us, too
        os.nice(10)
        part = begun(state)
        persistence: Any = importlib.import_module("ministack.core.persistence")
        persistence.STATE_DIR = str(part)
        _save(engine)
        finish(state)
        code = 0
    finally:
        os._exit(code)


def begun(state: Path) -> Path:
    """Return a new folder to save to, with the files of `state`: not each of them is written."""
    part = state.with_name("state.part")
    rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    for file in state.glob("*.json"):
        os.link(file, part / file.name)
    return part


def finish(state: Path) -> None:
    """Put what was saved in the place of what was saved before, once it is all on the disk."""
    part, old = state.with_name("state.part"), state.with_name("state.old")
    for each in (*part.iterdir(), part):
        _to_disk(each)
    rmtree(old, ignore_errors=True)
    if state.exists():
        state.rename(old)
    part.rename(state)
    _to_disk(state.parent)
    rmtree(old, ignore_errors=True)


def recover(state: Path) -> None:
    """Go back to what was saved as a whole if something was killed while it saved."""
    old = state.with_name("state.old")
    if not state.exists() and old.exists():
        old.rename(state)
    for left in (old, state.with_name("state.part")):
        rmtree(left, ignore_errors=True)


def _to_disk(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


if __name__ == "__main__":
    main()
