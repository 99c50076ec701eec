"""Serves the dashboard on this machine, with whoever's credentials it is given."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import boto3
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
from local.engine import is_taken

HOST = "127.0.0.1"
_BESIDE = 14


class Maker(Protocol):
    """Makes clients, as `boto3.Session.client` does, for the stack that is looked at."""

    def __call__(self, name: str, *, config: Config) -> Any:
        """Return a client of a service."""
        ...


def ports_of(stack: str, outputs: dict[str, str], make: Maker, table: Any) -> DashboardPorts:
    """Return the ports of a deployed stack; `table` is its `JobsTable` as a resource."""
    config = Config(
        signature_version="s3v4", s3={"addressing_style": "path"}, max_pool_connections=16
    )
    plain = Config(max_pool_connections=16)
    return DashboardPorts(
        records=DynamoRecords(table),
        figures=DynamoFigures(table),
        directory=AwsDirectory(
            stack, make("ssm", config=plain), make("secretsmanager", config=plain)
        ),
        downloads=S3Downloads(make("s3", config=config), outputs["ResultsBucket"]),
        clock=SystemClock(),
    )


def ports_at(
    url: str, stack: str, outputs: dict[str, str], session: boto3.Session
) -> DashboardPorts:
    """Return the ports of a stack on the local engine."""
    pool = Config(max_pool_connections=16)
    table = session.resource("dynamodb", endpoint_url=url, config=pool).Table(outputs["JobsTable"])

    def make(name: str, *, config: Config) -> Any:
        return session.client(name, endpoint_url=url, config=config)  # type: ignore[call-overload] # any service

    return ports_of(stack, outputs, make, table)


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
