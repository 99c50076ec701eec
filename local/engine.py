"""The embedded AWS engine: a separate process on loopback, which ends with ours."""

from __future__ import annotations

import fcntl
import http.client
import os
import signal
import socket
import subprocess  # nosec B404 - starts the engine, by its own interpreter
import sys
import time
import urllib.request
from contextlib import AbstractContextManager, ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self, TextIO

from local.saving import BEGIN, PROGRAM, STATE, recover
from local.starter import ADDRESS, SERVE

ROOT = Path(__file__).resolve().parents[1]
ENGINE_PYTHON = ROOT / ".venv-engine" / "bin" / "python"
REGION = "us-east-1"
_OBJECTS = "s3"
_IN_USE = "in-use"
"""A file in the data's folder from when it is opened until all of it is saved."""
_READY_SECONDS = 180
_STOP_SECONDS = 90
"""The engine saves its data within the first seconds, once its running requests are answered."""


class EngineError(Exception):
    """The engine cannot run. The message says how to fix it."""


class Engine(AbstractContextManager["Engine"]):
    """Starts the engine on a port (0: any free one), and stops it with all its workers.

    `home` is the folder for its log and temporary files. With `enforce_iam`, every call is checked
    against the caller's policies. With `data`, a folder, it goes on with what it saved there the
    last time, and saves everything there when it stops, and every few seconds from `save_often` on.
    """

    def __init__(
        self, home: Path, port: int = 0, *, enforce_iam: bool = False, data: Path | None = None
    ) -> None:
        self.home = home
        self.port = port or free_port()
        self.saved_at: datetime | None = None
        """If the last run was killed, when it had last saved what this run goes on with."""
        self._data = data
        self._enforce_iam = enforce_iam
        self._process: subprocess.Popen[bytes] | None = None
        self._resources = ExitStack()

    @property
    def url(self) -> str:
        """The engine's endpoint URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """The file with the engine's output."""
        return self.home / "engine.log"

    def start(self) -> Self:
        """Start the engine and wait until it answers. Raises `EngineError`."""
        if not ENGINE_PYTHON.exists():
            raise EngineError("the engine is not installed: run `make setup`")
        if is_taken(self.port):
            stop = f": `make down PORT={self.port}`" if self._answers() else ""
            who = "a stack" if stop else "another program"
            raise EngineError(
                f"port {self.port} is taken by {who}: choose another with --port (PORT= of make), "
                f"or stop what runs there{stop}"
            )
        scratch = self.home / "tmp"
        scratch.mkdir(parents=True, exist_ok=True)
        environment = {
            # Functions inherit this environment, so it contains nothing else.
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.home),
            "TMPDIR": str(scratch),
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "IOT_MTLS_ENABLED": "0",
            "LAMBDA_ACCOUNT_CONCURRENCY": "0",  # each function has its own limit, set at deployment
            "AUTH": "true" if self._enforce_iam else "false",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",  # nosec B105 - the engine accepts any
            "LOG_LEVEL": "WARNING",
        }
        if self._data is not None:
            self._open(self._data)
            environment |= {
                "PERSIST_STATE": "1",
                "STATE_DIR": str(self._data / STATE),
                "S3_PERSIST": "1",
                "S3_DATA_DIR": str(self._data / _OBJECTS),
            }
        if sys.platform == "linux":  # elsewhere, a copy of a process may not do all that it could
            environment[ADDRESS] = self._start_starter()
        with self.log.open("wb") as log, self._group_file.open("w", encoding="utf-8") as group:
            fcntl.flock(group, fcntl.LOCK_EX)  # which lasts as long as the engine has the file, too
            self._process = subprocess.Popen(  # noqa: S603 # nosec B603 - our own interpreter
                [ENGINE_PYTHON, "-P", str(PROGRAM)],
                env=environment,
                cwd=self.home,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[group.fileno()],
                start_new_session=True,  # its workers are in its process group, and end with it
            )
            group.write(str(self._process.pid))
        self._await_ready()
        return self

    def _open(self, data: Path) -> None:
        """Make ready the folder to go on with, and find out whether the last run was killed."""
        data.mkdir(mode=0o700, parents=True, exist_ok=True)  # people's data, and keys
        recover(data / STATE)
        saved = data / STATE / "cloudformation.json"
        if not saved.exists():
            # It was killed before it could save: files alone would be in the stack's way.
            rmtree(data / _OBJECTS, ignore_errors=True)
        elif (data / _IN_USE).exists():
            self.saved_at = datetime.fromtimestamp(saved.stat().st_mtime, UTC)
        (data / _IN_USE).touch()

    def save_often(self) -> None:
        """Save what there is every few seconds as well, as far as it changes."""
        if self._data is not None and self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(BEGIN)
            self._process.stdin.flush()

    def _start_starter(self) -> str:
        """Start what starts functions, which ends when we do; returns its address."""
        address = str(Path(self._resources.enter_context(TemporaryDirectory())) / "starter")
        starter = subprocess.Popen(  # noqa: S603 # nosec B603 - our own interpreter
            [sys.executable, "-c", SERVE, address],
            env={"PATH": os.environ.get("PATH", os.defpath)},
            cwd=ROOT,
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        self._resources.callback(starter.wait)
        if starter.stdin is not None:
            self._resources.callback(starter.stdin.close)
        return address

    @property
    def _group_file(self) -> Path:
        return self.home / "engine.pid"

    def stop_leftover(self) -> None:
        """Stop an engine that outlived the process that started it in this home."""
        with (
            suppress(FileNotFoundError, ProcessLookupError),
            self._group_file.open(encoding="utf-8") as file,
        ):
            if not is_over(file):
                group = int(file.read())
                os.killpg(group, signal.SIGTERM)  # it may have data to save
                ends_at = time.monotonic() + _STOP_SECONDS
                while not is_over(file) and time.monotonic() < ends_at:
                    time.sleep(0.1)
                os.killpg(group, signal.SIGKILL)
        self._group_file.unlink(missing_ok=True)

    def stop(self) -> None:
        """Stop the engine and every worker it started."""
        process, self._process = self._process, None
        if process is None:
            return
        self._resources.close()
        self._group_file.unlink(missing_ok=True)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)  # functions end, so the engine need not wait
        with suppress(subprocess.TimeoutExpired):
            if process.wait(_STOP_SECONDS) == 0 and self._data is not None:
                (self._data / _IN_USE).unlink(missing_ok=True)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdin is not None:
            process.stdin.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _answers(self) -> bool:
        """Whether an engine answers on the port: ours, or that of another `up`."""
        try:
            urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=1).close()  # noqa: S310 # nosec B310 - loopback
        except (OSError, http.client.HTTPException):
            return False
        return True

    def _await_ready(self) -> None:
        ends_at = time.monotonic() + _READY_SECONDS
        while time.monotonic() < ends_at:
            if self._process is None or self._process.poll() is not None:
                break
            if self._answers():
                return
            time.sleep(0.05)
        self.stop()
        raise EngineError(f"the engine did not start; see {self.log}")


def free_port() -> int:
    """Return a free loopback port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_over(file: TextIO) -> bool:
    """Whether the process that locked the file has ended; its id may be another's by then."""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_taken(port: int) -> bool:
    """Whether a process listens on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
