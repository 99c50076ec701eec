"""A job's cost does not grow faster than its rows, and a large one takes few transitions."""

from __future__ import annotations

import pytest

from listdrop.models import JobState
from tests.simulation.large import LargeWorld
from tests.simulation.run import PROVIDERS

MOST_TRANSITIONS = 60
IN_MOST_REQUESTS = ("kakiyo", "waalaxy")
"""Providers that take fewer rows at a time than the others, and so have most to wait for."""


def played(provider: str, rows: int) -> LargeWorld:
    world = LargeWorld(provider, rows)
    world.run()
    (job,) = world.jobs.jobs.values()
    assert job.state is JobState.SUCCEEDED
    assert job.counts["rows"] == rows
    assert job.batches["terminal"] == job.batches["planned"]
    return world


@pytest.mark.slow
@pytest.mark.parametrize(
    "provider",
    [
        pytest.param(each, marks=[] if each == "kakiyo" else pytest.mark.soak)
        for each in IN_MOST_REQUESTS
    ],
)
def test_a_hundred_thousand_rows_take_few_transitions(provider: str) -> None:
    assert played(provider, 100_000).transitions <= MOST_TRANSITIONS


@pytest.mark.parametrize(
    "provider",
    [pytest.param(each, marks=[] if each == "kakiyo" else pytest.mark.slow) for each in PROVIDERS],
)
def test_four_times_the_rows_read_four_times_the_batches(provider: str) -> None:
    few, many = (played(provider, rows) for rows in (3_000, 12_000))

    batches = [world.planned for world in (few, many)]
    assert many.counted.read / batches[1] <= 1.25 * few.counted.read / batches[0] + 1
