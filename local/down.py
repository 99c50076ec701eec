"""`listdrop down`: stops what `listdrop up` started, and what it left behind if it was killed.

The data of its runs stays, unless it `--forget` is given.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

from local.engine import Engine, is_over
from local.stack import data_of, home_of
from local.terminal import out, plain_errors, show_json

_SECONDS = 120


def main() -> None:
    """Run it with the options that the command passes on."""
    parser = argparse.ArgumentParser(prog="python -m local.down", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--pid-file", type=Path, required=True)
    parser.add_argument("--forget", action="store_true")
    parser.add_argument("--json", dest="as_json", action="store_true")
    given = parser.parse_args()
    with plain_errors():
        was_up = down(given.port, given.pid_file)
        had_data = given.forget and forget(given.port)
    if given.as_json:
        show_json({"port": given.port, "was_up": was_up, "had_data": had_data})
    elif given.forget:
        out.print(
            f"The data of the stack on port {given.port} is deleted."
            if had_data
            else f"The stack on port {given.port} has kept no data."
        )
    elif not was_up:
        out.print(f"Nothing runs on port {given.port}.")


def down(port: int, pid_file: Path) -> bool:
    """Stop what runs on a port, and wait until it is gone; returns whether it was up."""
    was_up = pid_file.exists()
    with suppress(FileNotFoundError), pid_file.open(encoding="utf-8") as file:
        if not is_over(file):
            os.kill(int(file.read()), signal.SIGTERM)
            ends_at = time.monotonic() + _SECONDS
            while not is_over(file) and time.monotonic() < ends_at:
                time.sleep(0.1)
    pid_file.unlink(missing_ok=True)
    Engine(home_of(port), port).stop_leftover()
    return was_up


def forget(port: int) -> bool:
    """Delete what the stack on a port has kept; returns whether it had any."""
    had_data = data_of(port).exists()
    if had_data:
        shutil.rmtree(data_of(port))
    return had_data


if __name__ == "__main__":
    main()
