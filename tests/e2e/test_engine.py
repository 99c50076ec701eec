"""What Listdrop relies on in the pinned engine; run before its version is changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from local.stack import LocalStack
from tests.e2e.conftest import Route, person, table_text

pytestmark = pytest.mark.engine

LOOPBACK = "0100007F"


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs /proc to see the sockets")
def test_the_engine_listens_on_loopback_only(stack: LocalStack) -> None:
    port = f"{stack.engine.port:04X}"
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    listening = [line.split()[1] for line in lines if line.split()[3] == "0A"]
    assert f"{LOOPBACK}:{port}" in listening
    assert f"00000000:{port}" not in listening


def test_forty_uploads_at_once_all_finish(make_route: Callable[..., Route]) -> None:
    route = make_route("activecampaign")
    for number in range(40):
        content = table_text(person(f"ada{number}"), person(f"bo{number}"))
        route.drop(content, f"{number}.csv")

    jobs = route.finished(40, seconds=240)

    assert {job["state"] for job in jobs} == {"succeeded"}
    assert len(route.simulators["activecampaign"].imports) == 40
    sends = route.simulators["activecampaign"].received("POST")
    assert {received.status for received in sends} == {200}
