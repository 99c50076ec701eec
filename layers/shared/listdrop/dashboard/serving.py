"""Serves the dashboard on this machine only, over given ports."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.serving import WSGIRequestHandler, make_server

from listdrop.dashboard.app import create_app
from listdrop.dashboard.guard import Guard
from listdrop.dashboard.ports import DashboardPorts
from listdrop.dashboard.visitors import Visitor, looker

HOST = "127.0.0.1"


class _Quiet(WSGIRequestHandler):
    """Logs nothing, because the URL of a page may name a person."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""


@contextmanager
def serve(
    ports: DashboardPorts, port: int = 0, *, key: str = "", visitor: Visitor | None = None
) -> Iterator[str]:
    """Serve on the loopback address while in the context; yield the URL to open.

    It is for `visitor`, or for somebody who may only look.
    Only requests for this address are answered, and with a `key` only those that have the key.
    Raises `OSError` if the port is taken.
    """
    with socket.create_server((HOST, port)) as bound:
        port = bound.getsockname()[1]
        hosts = frozenset({f"{HOST}:{port}", f"localhost:{port}"})
        app = create_app(ports, Guard(hosts, key, visitor or looker()))
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
