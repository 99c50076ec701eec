"""`down`: no stack on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from listdrop_cli import checkout
from listdrop_cli.options import JsonOption, PortOption
from listdrop_cli.stacks import pid_file

ForgetOption = Annotated[bool, typer.Option("--forget", help="Delete its data, too.")]


def down(
    port: PortOption = 4566,
    forget: ForgetOption = False,
    as_json: JsonOption = False,
) -> None:
    """Stop what `listdrop up` started on this port.

    Its data stays for the next run. Needs a checkout of the repository.

    Example: listdrop down --port 4566
    """
    flags = [*(["--forget"] if forget else []), *(["--json"] if as_json else [])]
    checkout.run("down", f"--port={port}", f"--pid-file={pid_file(port)}", *flags)
