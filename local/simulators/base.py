"""The base of all simulators: a loopback server, a ledger, scripted faults, markers, rates, delays.

A simulator is as strict as the real API is known to be, and records what it received: `ledger`
lists every request, and `imports` every import that it took. A marker in the data decides a row's
outcome, so that a CSV file alone can cover every case. The marker is the word after the last `+`
of an e-mail's local part (`ada+refused@example.com`), or after the last `--` of a profile slug
(`/in/ada--existing`). Each simulator documents its markers.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, ClassVar, Literal, Self

from flask import Flask, Response, g, jsonify, request
from werkzeug.serving import WSGIRequestHandler, make_server

API_KEY = "demo-key-0123456789-0123456789-0123456789"
"""The one key that every simulator accepts. Any other is refused as the real API refuses it."""


@dataclass(frozen=True)
class Received:
    """A request as it arrived, with its time (monotonic clock) and the status of its answer.

    `port` is the client's.
    """

    at: float
    port: int
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    status: int


@dataclass(frozen=True)
class Fault:
    """One scripted fault, for the next request that matches.

    `before`: the fault is the answer, and nothing is done. `after`: the request is taken, but the
    fault is the answer. `hang`: the request is taken, and the answer comes `seconds` later.
    """

    when: Literal["before", "after", "hang"]
    method: str = "POST"
    path: str = ""
    status: int = 500
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0


class RateLimit:
    """Allows at most `count` requests in any `seconds` seconds."""

    def __init__(self, count: int, seconds: float) -> None:
        self._count = count
        self._seconds = seconds
        self._taken: deque[float] = deque()
        self._lock = threading.Lock()

    def allows(self, now: float) -> bool:
        """Count a request and return true; return false if there were too many."""
        with self._lock:
            self._forget(now)
            if len(self._taken) >= self._count:
                return False
            self._taken.append(now)
            return True

    def left(self, now: float) -> tuple[int, float]:
        """Return how many requests are left, and in how many seconds one more will be."""
        with self._lock:
            self._forget(now)
            seconds = self._taken[0] + self._seconds - now if self._taken else 0.0
            return self._count - len(self._taken), seconds

    def _forget(self, now: float) -> None:
        while self._taken and self._taken[0] <= now - self._seconds:
            self._taken.popleft()


class Simulator:
    """A provider's API on a loopback port. `delay_scale` shortens the documented delays."""

    name: ClassVar[str]

    def __init__(self, *, delay_scale: float = 1.0, port: int = 0) -> None:
        self.delay_scale = delay_scale
        self.ledger: list[Received] = []
        self.imports: list[dict[str, Any]] = []
        self.faults: list[Fault] = []
        self.keeps_stuck = True
        """Whether what is marked `stuck` stays so; without it, it goes on."""
        self.lock = threading.RLock()
        app = Flask(self.name)
        app.json.sort_keys = False  # type: ignore[attr-defined] # the default provider has it
        app.before_request(self._before)
        app.after_request(self._after)
        self.add_routes(app)
        app.add_url_rule("/_simulator", view_func=self._show, methods=["GET"])
        app.add_url_rule("/_simulator/faults", view_func=self._add_faults, methods=["POST"])
        self._server = make_server(
            "127.0.0.1", port, app, threaded=True, request_handler=_QuietHandler
        )
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def add_routes(self, app: Flask) -> None:
        """Register the API's endpoints."""
        raise NotImplementedError

    def account(self) -> dict[str, str]:
        """Return the secret that works with this simulator."""
        return {"base_url": self.url, "api_key": API_KEY}

    @property
    def url(self) -> str:
        """The simulator's URL, without a trailing slash."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def now(self) -> float:
        """Return the seconds of a monotonic clock."""
        return time.monotonic()

    def after(self, seconds: float) -> float:
        """Return the moment `seconds` (scaled) from now."""
        return self.now() + seconds * self.delay_scale

    def start(self) -> Self:
        """Start serving, until `stop`."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and free the port."""
        closing = threading.Thread(target=self._server.shutdown)
        closing.start()
        # Who serves looks for the end only when somebody calls, or twice in a second.
        while closing.is_alive():
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", self._server.server_port), 1).close()
            closing.join(0.01)
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def received(self, method: str, path: str = "") -> list[Received]:
        """Return the requests with this method whose path contains `path`."""
        return [r for r in self.ledger if r.method == method and path in r.path]

    # ------------------------------------------------------------------ plumbing

    def _before(self) -> Response | None:
        if request.path.startswith("/_simulator"):
            return None
        g.arrived_at = self.now()
        fault = self._matching_fault()
        g.fault = fault
        if fault and fault.when == "before":
            return Response(fault.body, fault.status, fault.headers)
        return None

    def _after(self, response: Response) -> Response:
        if request.path.startswith("/_simulator"):
            return response
        fault: Fault | None = g.get("fault")
        if fault and fault.when == "after":
            response = Response(fault.body, fault.status, fault.headers)
        with self.lock:
            self.ledger.append(
                Received(
                    at=g.arrived_at,
                    port=int(request.environ["REMOTE_PORT"]),
                    method=request.method,
                    path=request.path,
                    query=request.args.to_dict(),
                    headers=dict(request.headers),
                    body=request.get_json(silent=True),
                    status=response.status_code,
                )
            )
        if fault and fault.when == "hang":
            time.sleep(fault.seconds)
        return response

    def _matching_fault(self) -> Fault | None:
        with self.lock:
            for index, fault in enumerate(self.faults):
                if fault.method == request.method and fault.path in request.path:
                    return self.faults.pop(index)
        return None

    def _show(self) -> Response:
        """Show the requests without bodies (method, path, status) and the number of imports."""
        with self.lock:
            return jsonify(
                requests=[
                    {"method": r.method, "path": r.path, "status": r.status} for r in self.ledger
                ],
                imports=len(self.imports),
            )

    def _add_faults(self) -> Response:
        """Add scripted faults from a JSON array of `Fault` members."""
        with self.lock:
            self.faults.extend(Fault(**fault) for fault in request.get_json())
        return jsonify(faults=len(self.faults))


class _QuietHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_: object) -> None:
        """Log nothing, because there is the ledger."""


def marker(text: str) -> str:
    """Return the marker of an e-mail address, profile slug or profile URL; empty if none."""
    if "@" in text:
        found = re.search(r"\+([a-z0-9]+)@", text.lower())
    else:
        found = re.search(r"--([a-z0-9]+)/?$", text.lower())
    return found[1] if found else ""


Answered = tuple[Response, int] | Response
View = Callable[..., Answered]
