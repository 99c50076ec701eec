"""`make up` and `make down`: what they start is there, and what they stop is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from listdrop_cli.stacks import running
from local.engine import ROOT, free_port, is_taken
from tests.support.waiting import PATIENCE, until

pytestmark = pytest.mark.engine

LISTDROP = ROOT / ".venv" / "bin" / "listdrop"


@pytest.fixture
def up() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A running `listdrop up`, with its port."""
    port = next(port for port in iter(free_port, 0) if not is_taken(port + 14))
    process = subprocess.Popen(
        [LISTDROP, "up", "--port", str(port)], stdout=subprocess.PIPE, text=True
    )
    yield process, port
    process.kill()
    process.wait()
    subprocess.run([LISTDROP, "down", "--port", str(port)], check=True)
    assert process.stdout is not None
    process.stdout.close()


@pytest.mark.slow
def test_up_shows_the_dashboard_and_says_where(up: tuple[subprocess.Popen[str], int]) -> None:
    process, port = up
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith("ready:"):
            break

    (address,) = [line.split()[-1] for line in said if "browser" in line]

    assert address == f"http://127.0.0.1:{port + 14}/"
    with urllib.request.urlopen(address, timeout=PATIENCE) as answer:  # noqa: S310 # of our own
        assert b"<h1>Overview</h1>" in answer.read()


def ready_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return next(line for line in process.stdout if line.startswith("ready:"))


def answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/_ministack/health", timeout=1).close()
    except OSError:
        return False
    return True


def group_alive(port: int) -> bool:
    """Whether any process of the engine's group is left."""
    for status in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"GATEWAY_PORT={port}\0".encode() in status.read_bytes():
                return True
        except OSError:
            continue
    return False


def test_up_says_when_it_is_ready_and_down_leaves_nothing_behind(
    up: tuple[subprocess.Popen[str], int],
) -> None:
    process, port = up
    assert ready_line(process) == f"ready: http://127.0.0.1:{port}\n"
    assert answers(port)
    assert port in set(running())

    subprocess.run([LISTDROP, "down", "--port", str(port)], check=True)

    assert process.wait(PATIENCE) == 0
    assert not answers(port)
    assert not group_alive(port)
    assert port not in set(running())


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_up_stops_everything(
    up: tuple[subprocess.Popen[str], int], number: signal.Signals
) -> None:
    process, port = up
    ready_line(process)

    process.send_signal(number)

    assert process.wait(PATIENCE) == 0
    assert not group_alive(port)


@pytest.mark.slow
def test_everything_ends_with_an_up_that_is_killed(
    up: tuple[subprocess.Popen[str], int],
) -> None:
    process, port = up
    ready_line(process)

    process.kill()
    process.wait()

    until(lambda: not group_alive(port))


@pytest.mark.slow
def test_a_taken_port_is_said_so(up: tuple[subprocess.Popen[str], int]) -> None:
    process, port = up
    ready_line(process)

    second = subprocess.run(
        [LISTDROP, "up", "--port", str(port)], check=False, capture_output=True, text=True
    )

    assert second.returncode == 2
    assert f"port {port} is taken" in second.stderr
    assert os.path.exists(f"/proc/{process.pid}")  # noqa: PTH110 # a process, not a file
