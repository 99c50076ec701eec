"""Serves the dashboard on this machine, with whoever's credentials it is given."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from botocore.config import Config
from werkzeug.serving import WSGIRequestHandler, make_server

from listdrop.aws.directory import AwsDirectory
from listdrop.aws.downloads import S3Downloads
from listdrop.aws.figures import DynamoFigures
from listdrop.aws.messaging import SystemClock
from listdrop.aws.records import DynamoRecords
from listdrop.dashboard.app import create_app
from listdrop.dashboard.guard import Guard
from listdrop.dashboard.ports import DashboardPorts
from local.deploy import STACK, session
from local.engine import is_taken

HOST = "127.0.0.1"
_BESIDE = 14
HIGHEST_PORT = (1 << 16) - 1 - _BESIDE
"""Of an engine, whose dashboard is beside it."""


class Maker(Protocol):
    """Makes clients, as `boto3.Session.client` does, for the stack that is looked at."""

    def __call__(self, name: str, config: Config | None = None) -> Any:
        """Return a client of a service."""
        ...


POOL = Config(max_pool_connections=16)  # as many days are read at once as there are threads
_SIGNING = Config(
    signature_version="s3v4", s3={"addressing_style": "path"}, max_pool_connections=16
)


def ports_of(stack: str, outputs: Mapping[str, str], make: Maker, table: Any) -> DashboardPorts:
    """Return the ports of a deployed stack; `table` is its `JobsTable` as a resource."""
    return DashboardPorts(
        records=DynamoRecords(table),
        figures=DynamoFigures(table),
        directory=AwsDirectory(stack, make("ssm"), make("secretsmanager")),
        downloads=S3Downloads(make("s3", config=_SIGNING), outputs["ResultsBucket"]),
        clock=SystemClock(),
    )


def ports_at(url: str, outputs: Mapping[str, str]) -> DashboardPorts:
    """Return the ports of the stack on a local engine."""
    made = session().resource("dynamodb", endpoint_url=url, config=POOL)

    def make(name: str, config: Config | None = None) -> Any:
        return session().client(name, endpoint_url=url, config=config)  # type: ignore[call-overload] # any service

    return ports_of(STACK, outputs, make, made.Table(outputs["JobsTable"]))


def port_beside(port: int) -> int:
    """Return where the dashboard of an engine is: 14 ports further, or at any that is free."""
    return 0 if is_taken(port + _BESIDE) else port + _BESIDE


class _Quiet(WSGIRequestHandler):
    """Logs nothing: the address of a page may name a person."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing of a request."""


@contextmanager
def serve(ports: DashboardPorts, port: int = 0, *, key: str = "") -> Iterator[str]:
    """Serve on the loopback address while in the context, which is the address to open.

    Only requests for this very address are answered, and with a `key` only those of who has it.
    Raises `OSError` if the port is taken.
    """
    with socket.create_server((HOST, port)) as bound:
        port = bound.getsockname()[1]
        hosts = frozenset({f"{HOST}:{port}", f"localhost:{port}"})
        app = create_app(ports, Guard(hosts, key))
        server = make_server(
            HOST, port, app, threaded=True, request_handler=_Quiet, fd=bound.fileno()
        )
        running = threading.Thread(target=server.serve_forever, daemon=True)
        running.start()
        try:
            yield f"http://{HOST}:{port}/" + (f"?key={key}" if key else "")
        finally:
            server.shutdown()
            running.join()
            server.server_close()
