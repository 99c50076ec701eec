"""What starts functions, with a Lambda runtime API of our own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local import starter
from local.engine import ROOT
from tests.support.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="copies are made on Linux only")


@pytest.fixture
def api() -> Iterator[socket.socket]:
    """The runtime API's port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running starter's address."""
    found = tmp_path_factory.mktemp("starter") / "address"
    with subprocess.Popen(
        [sys.executable, "-c", starter.SERVE, found], stdin=subprocess.PIPE, cwd=ROOT
    ) as running:
        until(found.exists)
        yield str(found)
        assert running.stdin is not None
        running.stdin.close()
        assert running.wait() == 0


@contextmanager
def program(
    api: socket.socket, folder: Path, address: str, handler: str = "app.answer"
) -> Iterator[subprocess.Popen[bytes]]:
    """What a function's bootstrap runs, in the function's folder."""
    (folder / "app.py").write_text("import os\nprint('hello', os.environ['NAME'], flush=True)\n")
    with (folder / "app.py").open("a") as code:
        code.write("def answer(event, context):\n    return event\n")
    environment = {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.getsockname()[1]}",
        "NAME": "Ada",
        "PATH": os.defpath,
        "PYTHONPATH": str(folder),
        starter.ADDRESS: address,
    }
    with subprocess.Popen(
        [sys.executable, "-IS", starter.__file__, handler],
        env=environment,
        cwd=folder,
        stdout=subprocess.PIPE,
    ) as running:
        yield running
        running.kill()


def requested(connection: socket.socket) -> str:
    return connection.recv(1 << 16).decode().partition(" HTTP/")[0]


@pytest.mark.parametrize("is_running", [True, False])
def test_a_function_is_ready_in_its_folder_with_its_environment_and_output(
    api: socket.socket, tmp_path: Path, address: str, *, is_running: bool
) -> None:
    with program(api, tmp_path, address if is_running else "/nowhere") as started:
        connection, _ = api.accept()

        with connection:
            assert requested(connection) == "GET /2018-06-01/runtime/invocation/next"
        assert started.stdout is not None
        assert started.stdout.readline() == b"hello Ada\n"


def test_a_copy_ends_with_the_program_that_it_stands_for(
    api: socket.socket, tmp_path: Path, address: str
) -> None:
    with program(api, tmp_path, address) as started:
        connection, _ = api.accept()
        with connection:
            assert requested(connection)

            started.kill()

            assert connection.recv(1) == b""


def test_a_program_ends_as_its_copy_does(api: socket.socket, tmp_path: Path, address: str) -> None:
    with program(api, tmp_path, address, handler="missing.answer") as started:
        connection, _ = api.accept()
        with connection:
            assert requested(connection) == "POST /2018-06-01/runtime/init/error"
            connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")

            assert started.wait() == 1
