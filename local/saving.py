"""The program that runs the engine, with two changes that `engine.py` needs.

It saves its data every few seconds too, and not only when it is stopped. A copy of its process does
the saving: it has everything as it was at one moment, and the engine need not wait for it. And it
reads the names of files as S3 does. The engine's own interpreter runs this file, so it imports
nothing of ours.
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
from shutil import copy2, rmtree
from typing import Any, NoReturn

PROGRAM = Path(__file__)
BEGIN = b"save\n"
"""What the program has to read from its standard input before it saves anything."""
STATE = "state"
"""The folder within the data's that has what the engine saves when it is stopped, and goes on with.
Objects have another one, and are written as they come."""

_LEAST_SECONDS = 5.0
_PAUSES = 10
"""The pause after saving, as a multiple of what saving took: it is a small part of the work."""
_MOST_SECONDS = 120
"""A copy that takes longer waits for a lock that nobody in it will ever release."""
_HEALTH = "/_ministack/health"


def main() -> None:
    """Run the engine until it is stopped."""
    engine: Any = importlib.import_module("ministack.app")
    _read_names(importlib.import_module("ministack.services.s3"))
    if kept := os.environ.get("STATE_DIR"):
        _keep(engine, Path(kept))
    engine.main()


def _keep(engine: Any, state: Path) -> None:
    """Have it save its data."""
    is_used = threading.Event()
    engine.app = _noticing(engine.app, is_used)
    saved = saved_beside(state)
    saving = threading.Thread(target=_keep_saving, args=(engine, is_used, saved), daemon=True)
    threading.Thread(target=_obey, args=(saving,), daemon=True).start()
    engine.save_all = _saving_last(engine.save_all, saved)


def saved_beside(state: Path) -> Path:
    """Return the folder of what is saved while the engine runs."""
    return state.with_name("saved")


def _saving_last(save_all: Callable[[Any], None], saved: Path) -> Callable[[Any], None]:
    """Return what saves when the engine is stopped, after which no copy is newer."""

    def saving(services: Any) -> None:
        save_all(services)
        rmtree(saved, ignore_errors=True)

    return saving


def _read_names(s3: Any) -> None:
    """Have the names of files that a browser uploads be UTF-8, as they are to S3."""
    parse = s3._parse_multipart_form  # noqa: SLF001 # the only way

    def parsing(content_type: str, body: bytes) -> list[tuple[Any, ...]]:
        return [(name, utf8(file), *rest) for name, file, *rest in parse(content_type, body)]

    def utf8(name: str | None) -> str | None:
        try:
            return name and name.encode("latin-1").decode()
        except UnicodeError:
            return name

    s3._parse_multipart_form = parsing  # noqa: SLF001


def _noticing(app: Callable[..., Any], is_used: threading.Event) -> Callable[..., Any]:
    """Return the engine as a web app that sets an event with every request."""

    async def noticing(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] != _HEALTH:
            is_used.set()
        await app(scope, receive, send)

    return noticing


def _obey(saving: threading.Thread) -> None:
    """Begin to save once the process that started us says that there is a stack; end with it."""
    # A process that exits while a thread reads from `sys.stdin` is aborted.
    while said := os.read(0, len(BEGIN)):
        if said == BEGIN:
            saving.start()
    os.killpg(os.getpgrp(), signal.SIGTERM)  # it was killed, or stops us anyway


def _keep_saving(engine: Any, is_used: threading.Event, saved: Path) -> None:
    """Save after each time of use."""
    persistence: Any = importlib.import_module("ministack.core.persistence")

    def save() -> None:
        persistence.save_all(engine._build_persistence_save_dict())  # noqa: SLF001 # the only way

    def save_in_copy() -> None:
        persistence.STATE_DIR = str(begun(saved))
        save()
        finish(saved)

    while True:
        is_used.wait()
        is_used.clear()
        began = time.monotonic()
        if sys.platform == "linux":
            _in_copy(save_in_copy)
        else:  # where a copy of a process may not do all that it could
            save()
        time.sleep(pause(time.monotonic() - began))


def pause(took: float) -> float:
    """Return the seconds until the next save, by how long the last one took."""
    return max(_LEAST_SECONDS, _PAUSES * took)


def _in_copy(do: Callable[[], None]) -> None:
    """Do something in a copy of this process, and wait for it."""
    ending = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ending)  # the copy must not take them for the engine's
    copy = os.fork()
    if copy == 0:
        for number in ending:
            signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ending)
        _do_and_end(do)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ending)
    handle = os.pidfd_open(copy)
    try:
        if not select.select([handle], [], [], _MOST_SECONDS)[0]:
            os.kill(copy, signal.SIGKILL)
    finally:
        os.close(handle)
        os.waitpid(copy, 0)


def _do_and_end(do: Callable[[], None]) -> NoReturn:
    code = 1
    try:
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))  # else who is connected waits for us, too
        os.nice(10)
        do()
        code = 0
    finally:
        os._exit(code)


def begun(saved: Path) -> Path:
    """Return a new folder to save to, with the files of the last one: not each is written again."""
    part = saved.with_name("saved.part")
    rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    for file in saved.glob("*.json"):
        os.link(file, part / file.name)
    return part


def finish(saved: Path) -> None:
    """Put what was saved in the place of what was saved before, once it is all on the disk."""
    part, old = saved.with_name("saved.part"), saved.with_name("saved.old")
    for each in (*part.iterdir(), part):
        _to_disk(each)
    rmtree(old, ignore_errors=True)
    if saved.exists():
        saved.rename(old)
    part.rename(saved)
    _to_disk(saved.parent)
    rmtree(old, ignore_errors=True)


def recover(state: Path) -> None:
    """If the engine was killed, go on with what it had saved last as a whole."""
    saved = saved_beside(state)
    old = saved.with_name("saved.old")
    if not saved.exists() and old.exists():
        old.rename(saved)
    if saved.exists():
        state.mkdir(mode=0o700, exist_ok=True)
        for file in saved.glob("*.json"):
            copy2(file, state / file.name)
    for left in (saved, old, saved.with_name("saved.part")):
        rmtree(left, ignore_errors=True)


def _to_disk(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


if __name__ == "__main__":
    main()
