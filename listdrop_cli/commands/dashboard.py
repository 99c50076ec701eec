"""`dashboard`: jobs, rows and people in a browser, with the user's own credentials."""

from __future__ import annotations

import secrets
import sys
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from listdrop_cli.options import JsonOption
from listdrop_cli.output import fail, show_json
from listdrop_cli.target import Target, with_target


@with_target
def dashboard(
    target: Target,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="The port to listen on; 0 picks any free one.")
    ] = 0,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show jobs, rows and people in a browser, until interrupted.

    It reads and acts with your own credentials, and is served to this machine only. The address
    contains a key, which keeps the machine's other users out.

    Example: listdrop dashboard --open
    """
    # What serves it is imported here, as no other command needs Flask.
    from listdrop.dashboard.serving import serve
    from listdrop.dashboard.visitors import owner
    from listdrop.wiring.dashboard import AT_ONCE, served_dashboard_ports

    table = target.table(AT_ONCE)
    ports = served_dashboard_ports(
        target.stack,
        target.outputs,
        target.client,
        table,
        kept_days=target.kept_days,
        is_local=target.is_local,
    )
    try:
        visitor = owner(target.caller())
        with serve(ports, port, key=secrets.token_urlsafe(16), visitor=visitor) as address:
            if as_json:
                show_json({"url": address})
                sys.stdout.flush()
            else:
                print(f"dashboard: {address}", flush=True)  # noqa: T201 # one plain line, for scripts that wait for it
            with _opened(address) if open_ else nullcontext():
                threading.Event().wait()
    except OSError as error:
        fail(f"Cannot listen on port {port}: {error.strerror}.")
    except KeyboardInterrupt:
        return


@contextmanager
def _opened(address: str) -> Iterator[None]:
    """Open an address in the browser by a file of ours: others may see what a process is given."""
    with TemporaryDirectory(prefix="listdrop-") as folder:
        page = Path(folder) / "dashboard.html"
        page.write_text(f'<meta http-equiv="refresh" content="0; url={address}">', "utf-8")
        webbrowser.open(page.as_uri())
        yield
