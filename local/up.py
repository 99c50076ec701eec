"""`listdrop up`: the stack on this machine, with its dashboard, until interrupted.

The command runs this as `python -m local.up`, in its own place, so that signals and the exit code
are those of the command.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from listdrop.dashboard.serving import serve
from listdrop.dashboard.visitors import owner
from listdrop.models import iso
from local.dashboard import free_or_any, ports_at
from local.stack import LocalStack, data_of, home_of
from local.terminal import out, plain_errors, show_json

_USUAL_PORT = 4566


def main() -> None:
    """Run it with the options that the command passes on."""
    parser = argparse.ArgumentParser(prog="python -m local.up", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dashboard-port", type=int, required=True)
    parser.add_argument("--wait-scale", type=float, required=True)
    parser.add_argument("--pid-file", type=Path, required=True)
    parser.add_argument("--try", dest="hint", required=True, help="a command to suggest")
    parser.add_argument("--file", required=True, help="a file to drop, as a shell takes it")
    parser.add_argument("--json", dest="as_json", action="store_true")
    given = parser.parse_args()
    up(
        given.port,
        given.dashboard_port,
        given.wait_scale,
        given.pid_file,
        given.hint,
        given.file,
        as_json=given.as_json,
    )


def up(
    port: int,
    dashboard_port: int,
    wait_scale: float,
    pid_file: Path,
    hint: str,
    file: str,
    *,
    as_json: bool,
) -> None:
    """Start everything, report when it is ready, and stop it on SIGINT, SIGTERM or SIGHUP.

    If `dashboard_port` is taken, the dashboard is served on any free port. `hint` is a command that
    drops `file` on this stack.
    """
    home, data = home_of(port), data_of(port)
    home.mkdir(parents=True, exist_ok=True)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopped.set())
    with (
        plain_errors(),
        LocalStack(home=home, port=port, wait_scale=wait_scale, data=data) as stack,
        _noted(pid_file),
        serve(
            ports_at(stack.url, stack.outputs),
            free_or_any(dashboard_port),
            visitor=owner("you, on this machine"),
        ) as dashboard,
    ):
        if as_json:
            urls = {name: simulator.url for name, simulator in stack.simulators.items()}
            show_json({"url": stack.url, "dashboard": dashboard, "outputs": stack.outputs,
                       "simulators": urls, "data": str(data),
                       "broken_off": stack.broken_off, "saved_at": _saved_at(stack)})  # fmt: skip
        else:
            _explain(stack, dashboard, hint, file)
            _explain_data(stack, data, port)
            print(f"ready: {stack.url}", flush=True)  # noqa: T201 # one plain line, for scripts that wait for it
        stopped.wait()


@contextmanager
def _noted(pid_file: Path) -> Iterator[None]:
    """Keep the process id in a file, by which commands find the stack and `down` stops it.

    The file stays locked until this process has ended, however it ends.
    """
    pid_file.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(pid_file, os.O_CREAT | os.O_RDWR)
    fcntl.flock(file, fcntl.LOCK_EX)
    os.truncate(file, 0)
    os.write(file, str(os.getpid()).encode())
    try:
        yield
    finally:
        pid_file.unlink(missing_ok=True)


def _explain(stack: LocalStack, dashboard: str, hint: str, file: str) -> None:
    bucket = stack.outputs["UploadsBucket"]
    out.print("The stack is deployed, with a simulator for each provider.")
    for name, value in stack.outputs.items():
        out.print(f"  {name:<22} {value}")
    for name, simulator in stack.simulators.items():
        out.print(f"  {name:<22} {simulator.url} (simulator)")
    out.print("Drop a file on the route `demo`:")
    out.print(f"  {hint}", markup=False)
    out.print("or with the AWS CLI and any credentials:")
    out.print(
        f"  AWS_ENDPOINT_URL={stack.url} aws s3 cp {file} s3://{bucket}/inbox/demo/", markup=False
    )
    out.print(f"See in a browser what becomes of its rows: {dashboard}")


def _explain_data(stack: LocalStack, data: Path, port: int) -> None:
    clean = "make clean-data" if port == _USUAL_PORT else f"make clean-data PORT={port}"
    out.print(
        f"Data lasts between runs, in {data}, until `{clean}`; it is saved every few seconds. "
        "Simulators forget what they were sent.",
        markup=False,
    )
    if saved_at := _saved_at(stack):
        out.print(
            f"The last run was killed. This one goes on with what was saved last, at {saved_at}; "
            "what came later is lost, and uploads of that time are taken for new ones.",
            markup=False,
        )
    if stack.broken_off:
        out.print(
            f"Jobs that ran when the stack was last stopped, and are being ended: "
            f"{', '.join(stack.broken_off)}",
            markup=False,
        )


def _saved_at(stack: LocalStack) -> str:
    return iso(stack.engine.saved_at) if stack.engine.saved_at else ""


if __name__ == "__main__":
    main()
