"""The stack on this machine: `up`, `down` and `demo`."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from listdrop.dashboard.serving import HIGHEST_PORT, port_beside, ports_at, serve
from listdrop_cli.output import NO, YES, JsonOption, err, out, plain_errors, show_json
from listdrop_cli.target import must_be_named
from local import demo as demonstration
from local.engine import Engine
from local.stack import HOME, LocalStack

_DOWN_SECONDS = 30

PortOption = Annotated[int, typer.Option(min=1, max=HIGHEST_PORT, help="Where the engine listens.")]
ScaleOption = Annotated[
    float,
    typer.Option(
        envvar="LISTDROP_WAIT_SCALE", min=0.001, max=1, help="Shortens the workflow's waits."
    ),
]


def up(
    port: PortOption = 4566,
    wait_scale: ScaleOption = 1.0,
    as_json: JsonOption = False,
) -> None:
    """Start Listdrop on this machine, with its dashboard, and stay until interrupted.

    A line that begins with `ready:` says that uploads are taken; with --json, the document does.

    Example: listdrop up --port 4566
    """
    home = HOME / str(port)
    home.mkdir(parents=True, exist_ok=True)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with plain_errors(), LocalStack(home=home, port=port, wait_scale=wait_scale) as stack:
        _pid_file(port).write_text(str(os.getpid()), "utf-8")
        try:
            with serve(ports_at(stack.url, stack.outputs), port_beside(port)) as dashboard:
                if as_json:
                    urls = {name: simulator.url for name, simulator in stack.simulators.items()}
                    show_json({"url": stack.url, "dashboard": dashboard, "outputs": stack.outputs,
                               "simulators": urls})  # fmt: skip
                    sys.stdout.flush()
                else:
                    _explain(stack, dashboard)
                stopped.wait()
        finally:
            _pid_file(port).unlink(missing_ok=True)


def _explain(stack: LocalStack, dashboard: str) -> None:
    bucket = stack.outputs["UploadsBucket"]
    out.print("The stack is deployed, with a simulator for each provider.")
    for name, value in stack.outputs.items():
        out.print(f"  {name:<22} {value}")
    for name, simulator in stack.simulators.items():
        out.print(f"  {name:<22} {simulator.url} (simulator)")
    out.print("Drop a file on the route `demo`:")
    named = f" --endpoint-url {stack.url}" if must_be_named(HOME) else ""
    out.print(f"  {_as_called()} drop events/prospects.csv --route demo --wait{named}")
    out.print("or with the AWS CLI and any credentials:")
    out.print(
        f"  AWS_ENDPOINT_URL={stack.url} aws s3 cp events/prospects.csv s3://{bucket}/inbox/demo/"
    )
    out.print(f"See in a browser what becomes of its rows: {dashboard}")
    print(f"ready: {stack.url}", flush=True)  # noqa: T201 # one plain line, for scripts that wait for it


def _as_called() -> str:
    """Return how this command is called where nobody has put it on the path."""
    return "listdrop" if shutil.which("listdrop") else os.path.relpath(sys.argv[0])


def down(
    port: PortOption = 4566,
    as_json: JsonOption = False,
) -> None:
    """Stop what `listdrop up` started on this port.

    Example: listdrop down --port 4566
    """
    was_up = _pid_file(port).exists()
    with suppress(FileNotFoundError, ProcessLookupError):
        pid = int(_pid_file(port).read_text("utf-8"))
        os.kill(pid, signal.SIGTERM)
        ends_at = time.monotonic() + _DOWN_SECONDS
        while _pid_file(port).exists() and time.monotonic() < ends_at:
            time.sleep(0.1)
        os.kill(pid, 0)
        while time.monotonic() < ends_at:
            time.sleep(0.1)
            os.kill(pid, 0)
    _pid_file(port).unlink(missing_ok=True)
    Engine(HOME / str(port), port).stop_leftover()
    if as_json:
        show_json({"port": port, "was_up": was_up})


def _pid_file(port: int) -> Path:
    return HOME / str(port) / "up.pid"


def demo(wait_scale: ScaleOption = 0.02, as_json: JsonOption = False) -> None:
    """Send 60 rows through the real stack to five simulated providers, and show the outcomes.

    Exits with 1 if an outcome is not the expected one.

    Example: listdrop demo
    """
    with plain_errors():
        problems = demonstration.run(err if as_json else out, wait_scale)
    if as_json:
        show_json({"problems": problems})
    for problem in problems:
        err.print(f"[red]{problem}[/red]")
    raise typer.Exit(NO if problems else YES)
