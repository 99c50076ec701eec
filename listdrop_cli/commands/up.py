"""`up`: the stack on this machine."""

from __future__ import annotations

import os
import shlex
import shutil
import sys

from listdrop_cli import checkout
from listdrop_cli.options import BESIDE, JsonOption, PortOption, ScaleOption
from listdrop_cli.stacks import pid_file
from listdrop_cli.target import must_be_named


def up(
    port: PortOption = 4566,
    wait_scale: ScaleOption = 1.0,
    as_json: JsonOption = False,
) -> None:
    """Start Listdrop on this machine, with its dashboard, and run until interrupted.

    A line that begins with `ready:` says that uploads are accepted; with --json, the document does.
    Data lasts between runs, until `listdrop down --forget`; simulators forget what they were sent.
    Needs a checkout of the repository.

    Example: listdrop up --port 4566
    """
    file = shlex.quote(checkout.path_of("events/prospects.csv"))
    named = f" --endpoint-url http://127.0.0.1:{port}" if must_be_named(port) else ""
    checkout.run(
        "up",
        f"--port={port}",
        f"--dashboard-port={port + BESIDE}",
        f"--wait-scale={wait_scale}",
        f"--pid-file={pid_file(port)}",
        f"--try={_as_called()} drop {file} --route demo --wait{named}",
        f"--file={file}",
        *(["--json"] if as_json else []),
    )


def _as_called() -> str:
    """Return how this command is called where nobody has put it on the path."""
    return "listdrop" if shutil.which("listdrop") else os.path.relpath(sys.argv[0])
