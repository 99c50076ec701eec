"""Stands between functions and what they call, and breaks a function off at a chosen call.

Nothing in the product knows of it: the functions are deployed with its address for that of AWS, and
accounts have its address for that of the provider. Whose call it was is found by the socket's other
end, so exactly the worker that called is killed, right before its call takes effect or right after.
"""

from __future__ import annotations

import http.client
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

_HOP_BY_HOP = frozenset({"connection", "transfer-encoding", "keep-alive", "host", "expect"})
_HANGS_SECONDS = 60


@dataclass(frozen=True)
class Call:
    """A request of a function."""

    method: str
    path: str
    action: str
    """The last word of `X-Amz-Target`; empty where there is none."""
    body: str


@dataclass
class Break:
    """Breaks off the function that makes the first call that `matches`.

    It is killed, or its call hangs until the engine kills it for its timeout. `before`, the call
    has no effect; `after`, it had, but its answer is lost.
    """

    matches: Callable[[Call], bool]
    when: Literal["before", "after"]
    how: Literal["kill", "timeout"]
    is_over: threading.Event = field(default_factory=threading.Event)
    function: str = ""


class Interceptor:
    """Passes calls on to a server, and answers back."""

    def __init__(self, target: str) -> None:
        self.target = urlsplit(target)
        self._breaks: list[Break] = []
        self._lock = threading.Lock()
        handler = type("_BoundHandler", (_Handler,), {"interceptor": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        """Where functions are to call."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def add(self, planned: Break) -> None:
        """Have a function broken off; once."""
        with self._lock:
            self._breaks.append(planned)

    def take(self, call: Call) -> Break | None:
        """Return the break that this call is meant for, and forget it."""
        with self._lock:
            for planned in self._breaks:
                if planned.matches(call):
                    self._breaks.remove(planned)
                    return planned
        return None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: Any) -> None:
        """Say nothing: callers that are killed leave broken connections behind."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    interceptor: Interceptor

    def setup(self) -> None:
        super().setup()
        target = self.interceptor.target
        self.upstream = http.client.HTTPConnection(str(target.hostname), target.port, timeout=120)

    def finish(self) -> None:
        self.upstream.close()
        with suppress(OSError):
            super().finish()

    def handle_call(self) -> None:
        """Pass a call on, unless or until it is where a function is to be broken off."""
        body = self._body()
        action = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        text = body.decode("utf-8", "replace")
        planned = self.interceptor.take(Call(self.command, self.path, action, text))
        if planned is None or planned.when == "after":
            status, headers, answer = self._forward(body)
        if planned is not None:
            self._break_off(planned)
            return
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in {*_HOP_BY_HOP, "content-length"}:
                self.send_header(name, value)
        if self.command == "HEAD":
            length = dict(headers).get("Content-Length", "0")
        else:
            length = str(len(answer))
        self.send_header("Content-Length", length)
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_call  # noqa: N815 # the server's names

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(chunks)

    def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        headers = {k: v for k, v in self.headers.items() if k.lower() not in _HOP_BY_HOP}
        headers["Content-Length"] = str(len(body))
        self.upstream.request(self.command, self.path, body, headers)
        answer = self.upstream.getresponse()
        return answer.status, answer.getheaders(), answer.read()

    def _break_off(self, planned: Break) -> None:
        pid, planned.function = _caller(self.client_address[1])
        if planned.how == "kill":
            os.kill(pid, signal.SIGKILL)
        ends_at = time.monotonic() + _HANGS_SECONDS
        while _is_running(pid):
            assert time.monotonic() < ends_at, f"the worker of {planned.function} lives on"
            time.sleep(0.02)
        self.close_connection = True
        planned.is_over.set()


def _is_running(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def _caller(port: int) -> tuple[int, str]:
    """Return the process that has a loopback socket with this port of its own, and its function."""
    wanted = f"0100007F:{port:04X}"
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inode = next(line[9] for line in lines if line[1] == wanted)
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.readlink(link) != f"socket:[{inode}]":  # noqa: PTH115 # no path, but a name
                continue
            variables = (link.parents[1] / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        prefix = b"AWS_LAMBDA_FUNCTION_NAME="
        named = [each.removeprefix(prefix) for each in variables if each.startswith(prefix)]
        assert named, "only functions may be killed"
        return int(link.parents[1].name), named[0].decode()
    raise AssertionError(f"nobody has port {port}")
