"""The embedded AWS engine: a separate process on loopback, which ends with ours."""

from __future__ import annotations

import os
import signal
import socket
import subprocess  # nosec B404 - starts the engine, by its own interpreter
import sys
import time
import urllib.error
import urllib.request
from contextlib import AbstractContextManager, ExitStack, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from local.starter import ADDRESS, SERVE

ROOT = Path(__file__).resolve().parents[1]
ENGINE_PYTHON = ROOT / ".venv-engine" / "bin" / "python"
REGION = "us-east-1"
_READY_SECONDS = 180
_STOP_SECONDS = 90
"""The engine saves its data within the first seconds, once its running requests are answered."""


class EngineError(Exception):
    """The engine cannot run. The message says how to fix it."""


class Engine(AbstractContextManager["Engine"]):
    """Starts the engine on a port (0: any free one), and stops it with all its workers.

    `home` is the folder for its log and temporary files. With `enforce_iam`, every call is checked
    against the caller's policies. With `data`, a folder, it goes on with what it saved there the
    last time, and saves everything there when it stops.
    """

    def __init__(
        self, home: Path, port: int = 0, *, enforce_iam: bool = False, data: Path | None = None
    ) -> None:
        self.home = home
        self.port = port or free_port()
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
            raise EngineError(
                f"port {self.port} is taken: choose another with --port (PORT= of make), or stop "
                f"what runs there: `make down PORT={self.port}`"
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
            self._data.mkdir(mode=0o700, parents=True, exist_ok=True)  # people's data, and keys
            if not (self._data / "state" / "cloudformation.json").exists():
                # It was killed before it could save: files alone would be in the stack's way.
                rmtree(self._data / "s3", ignore_errors=True)
            environment |= {
                "PERSIST_STATE": "1",
                "STATE_DIR": str(self._data / "state"),
                "S3_PERSIST": "1",
                "S3_DATA_DIR": str(self._data / "s3"),
            }
        if sys.platform == "linux":  # elsewhere, a copy of a process may not do all that it could
            environment[ADDRESS] = self._start_starter()
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 # nosec B603 - our own interpreter
                [ENGINE_PYTHON, "-m", "ministack"],
                env=environment,
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # its workers are in its process group, and end with it
            )
        self._group_file.write_text(str(self._process.pid), "utf-8")
        self._await_ready()
        return self

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
        with suppress(FileNotFoundError, ProcessLookupError):
            group = int(self._group_file.read_text("utf-8"))
            os.killpg(group, signal.SIGTERM)  # it may have data to save
            ends_at = time.monotonic() + _STOP_SECONDS
            while _is_running(group) and time.monotonic() < ends_at:
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
            process.wait(_STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _await_ready(self) -> None:
        ends_at = time.monotonic() + _READY_SECONDS
        while time.monotonic() < ends_at:
            if self._process is None or self._process.poll() is not None:
                break
            with suppress(urllib.error.URLError, OSError):
                urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=1).close()  # noqa: S310 # nosec B310 - loopback
                return
            time.sleep(0.05)
        self.stop()
        raise EngineError(f"the engine did not start; see {self.log}")


def free_port() -> int:
    """Return a free loopback port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_running(process: int) -> bool:
    """Whether a process of this id is there."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def is_taken(port: int) -> bool:
    """Whether a process listens on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
