"""Row items that Finish writes: of several keys in turn, and each of them, whatever happens."""

from __future__ import annotations

import pytest

from listdrop.models import JobState
from tests.support.throttling import SECONDS_A_REQUEST, ThrottledTable
from tests.support.world import World

ROWS = 100_000


@pytest.mark.slow
def test_100_000_items_do_not_wait_for_one_key_after_another() -> None:
    world = World()
    job = world.drop(b"Email\n" + b"nobody\n" * ROWS)
    table = ThrottledTable(world.clock)
    world.jobs.put_rows = table.jobs().put_rows  # type: ignore[method-assign] # a slow table
    began = world.clock.now()

    state = world.finish(world.follow(world.executions.started[job.job_id])[-1])

    seconds = (world.clock.now() - began).total_seconds()
    assert state is JobState.FAILED
    assert len(table.items) == ROWS
    assert table.refused == 0
    assert seconds == pytest.approx(ROWS / 25 * SECONDS_A_REQUEST, rel=0.01)
