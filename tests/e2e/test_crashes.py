"""Functions killed in the middle of a request: nothing is lost, and nothing is sent twice."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from local.simulators.base import Fault
from tests.support.routes import Item, Route, counted, first_name, person, table_text
from tests.support.waiting import PATIENCE, until

pytestmark = pytest.mark.engine

PEOPLE = table_text(*(person(name) for name in ("ada", "bo", "cy")))


ESTABLISHED = "01"
HANGING = 2 * PATIENCE
"""Seconds that a request hangs: until who sent it is killed."""


def _kill_sender(route: Route, provider: str, method: str = "POST", path: str = "") -> None:
    """Wait for a request, and kill the process that sent it: others may work for other tests."""
    simulator = route.simulators[provider]
    request, *_ = until(lambda: simulator.received(method, path), "no request came")
    socket = f"socket:[{_inode(request.port)}]"
    for file in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):  # of a process that ended meanwhile
            if str(file.readlink()) == socket:
                os.kill(int(file.parts[2]), signal.SIGKILL)
                return
    raise AssertionError("nobody sent the request")


def _inode(port: int) -> str:
    """The number of the socket with this port of ours."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1].endswith(f":{port:04X}") and fields[3] == ESTABLISHED:
            return fields[9]
    raise AssertionError(f"nothing is connected from port {port}")


@pytest.mark.skipif(
    not Path("/proc/net/tcp").exists(), reason="needs /proc to find who sent a request"
)
@pytest.mark.parametrize(
    ("provider", "options", "imports", "outcomes"),
    [
        # Declared `resend`: the second request is harmless.
        ("activecampaign", {}, 2, {"accepted": 3}),
        pytest.param("waalaxy", {}, 2, {"accepted": 3}, marks=pytest.mark.slow),
        # Declared `give_up`: no second request, and nobody can tell.
        pytest.param(
            *("activecampaign", {"exclude_automations": False}, 1, {"unknown": 3}),
            marks=pytest.mark.slow,
        ),
        pytest.param(
            *("saleshandy", {"conflict_action": "overwrite"}, 1, {"unknown": 3}),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_send_killed_after_its_request_was_taken(
    make_route: Callable[..., Route],
    provider: str,
    options: Item,
    imports: int,
    outcomes: dict[str, int],
) -> None:
    route = make_route(provider, **{provider: options})
    route.simulators[provider].faults.append(Fault(when="hang", method="POST", seconds=HANGING))
    route.drop(PEOPLE)
    _kill_sender(route, provider)

    (job,) = route.finished(1)

    assert counted(job) == outcomes
    assert len(route.simulators[provider].received("POST")) == imports


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/net/tcp").exists(), reason="needs /proc to find who sent a request"
)
def test_a_status_killed_in_the_middle_asks_again(make_route: Callable[..., Route]) -> None:
    route = make_route("kakiyo")
    route.simulators["kakiyo"].faults.append(
        Fault(when="hang", method="GET", path="/imports/", seconds=HANGING)
    )
    route.drop(PEOPLE)
    _kill_sender(route, "kakiyo", "GET", "/imports/")

    (job,) = route.finished(1)

    assert counted(job) == {"confirmed": 3}
    assert len(route.simulators["kakiyo"].imports) == 1


@pytest.mark.parametrize("status", [500, pytest.param(503, marks=pytest.mark.slow)])
def test_an_answer_lost_after_the_import_is_never_sent_again_blindly(
    make_route: Callable[..., Route], status: int
) -> None:
    route = make_route("saleshandy", saleshandy={"conflict_action": "overwrite"})
    route.simulators["saleshandy"].faults.append(Fault(when="after", method="POST", status=status))
    route.drop(PEOPLE)

    (job,) = route.finished(1)

    assert (job["state"], counted(job)) == ("failed", {"unknown": 3})
    assert len(route.simulators["saleshandy"].imports) == 1
    retry = route.file(job, "retry.csv")
    assert [row["First Name"] for row in retry] == [
        first_name(name) for name in ("ada", "bo", "cy")
    ]
