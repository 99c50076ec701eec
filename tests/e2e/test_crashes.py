"""Functions killed in the middle of a request: nothing is lost, and nothing is sent twice."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from local.simulators.base import Fault
from tests.support.routes import Item, Route, counted, first_name, person, table_text

pytestmark = pytest.mark.engine

PEOPLE = table_text(*(person(name) for name in ("ada", "bo", "cy")))


def _kill(function: str, route: Route, seconds: float = 20) -> None:
    """Kill the worker of a function: of our own engine, for there may be others."""
    port = route.stack.url.rpartition(":")[2]
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        for environment in Path("/proc").glob("[0-9]*/environ"):
            try:
                variables = environment.read_bytes().split(b"\0")
            except OSError:
                continue
            is_ours = any(
                each.startswith(b"AWS_ENDPOINT_URL=") and each.endswith(f":{port}".encode())
                for each in variables
            )
            if is_ours and f"AWS_LAMBDA_FUNCTION_NAME={function}".encode() in variables:
                os.kill(int(environment.parent.name), signal.SIGKILL)
                return
        time.sleep(0.05)
    raise AssertionError(f"no worker of {function}")


def _await_request(route: Route, provider: str, method: str = "POST", path: str = "") -> None:
    ends_at = time.monotonic() + 30
    while not route.simulators[provider].received(method, path):
        assert time.monotonic() < ends_at, "no request came"
        time.sleep(0.02)


@pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="needs /proc to find the workers"
)
@pytest.mark.parametrize(
    ("provider", "options", "imports", "outcomes"),
    [
        # Declared `resend`: the second request is harmless.
        ("activecampaign", {}, 2, {"accepted": 3}),
        ("waalaxy", {}, 2, {"accepted": 3}),
        # Declared `give_up`: no second request, and nobody can tell.
        ("activecampaign", {"exclude_automations": False}, 1, {"unknown": 3}),
        ("saleshandy", {"conflict_action": "overwrite"}, 1, {"unknown": 3}),
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
    route.simulators[provider].faults.append(Fault(when="hang", method="POST", seconds=30))
    route.drop(PEOPLE)
    _await_request(route, provider)
    _kill(f"listdrop-send-{provider}", route)

    (job,) = route.finished(1)

    assert counted(job) == outcomes
    assert len(route.simulators[provider].received("POST")) == imports


@pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="needs /proc to find the workers"
)
def test_a_status_killed_in_the_middle_asks_again(make_route: Callable[..., Route]) -> None:
    route = make_route("kakiyo")
    route.simulators["kakiyo"].faults.append(
        Fault(when="hang", method="GET", path="/imports/", seconds=30)
    )
    route.drop(PEOPLE)
    _await_request(route, "kakiyo", "GET", "/imports/")
    _kill("listdrop-status-kakiyo", route)

    (job,) = route.finished(1)

    assert counted(job) == {"confirmed": 3}
    assert len(route.simulators["kakiyo"].imports) == 1


@pytest.mark.parametrize("status", [500, 503])
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
