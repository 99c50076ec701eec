"""`down`: no stack on this machine."""

from __future__ import annotations

from listdrop_cli import checkout
from listdrop_cli.options import JsonOption, PortOption
from listdrop_cli.stacks import pid_file


def down(
    port: PortOption = 4566,
    as_json: JsonOption = False,
) -> None:
    """Stop what `listdrop up` started on this port.

    Needs a checkout of the repository.

    Example: listdrop down --port 4566
    """
    json = ["--json"] if as_json else []
    checkout.run("down", f"--port={port}", f"--pid-file={pid_file(port)}", *json)
