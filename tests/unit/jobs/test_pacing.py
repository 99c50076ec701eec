"""When the next poll is due."""

from __future__ import annotations

import pytest

from listdrop.jobs.pacing import next_poll_seconds
from listdrop.providers.base import Pace

PACE = Pace(first=30, shortest=10, longest=600)


@pytest.mark.parametrize(
    ("age", "wait"), [(40, 10), (100, 25), (400, 100), (2_400, 600), (90_000, 600)]
)
def test_without_progress_the_wait_is_a_quarter_of_the_age_within_bounds(
    age: float, wait: float
) -> None:
    assert next_poll_seconds(PACE, age) == wait


@pytest.mark.parametrize(("age", "wait"), [(0, 30), (12, 18), (25, 10)])
def test_nothing_is_asked_before_the_first_poll_is_due(age: float, wait: float) -> None:
    assert next_poll_seconds(PACE, age) == wait


@pytest.mark.parametrize(
    ("age", "progress", "wait"),
    [
        (100, 0.5, 100),
        (100, 0.8, 25),
        (100, 0.99, 10),
        (100, 0.01, 100),
        (3_000, 0.1, 600),
        (100, 0.0, 25),
        (100, 1.0, 25),
        (100, -3.0, 25),
        (100, 7.0, 25),
    ],
)
def test_progress_foretells_the_rest_but_never_more_than_the_time_that_passed(
    age: float, progress: float, wait: float
) -> None:
    assert next_poll_seconds(PACE, age, progress) == pytest.approx(wait)


@pytest.mark.parametrize("progress", [None, 0.0, 0.3, 0.999])
@pytest.mark.parametrize("age", [0.0, 1.0, 29.0, 31.0, 5_000.0, 1e7])
def test_the_wait_is_always_within_the_provider_s_bounds(
    age: float, progress: float | None
) -> None:
    wait = next_poll_seconds(PACE, age, progress)

    assert PACE.shortest <= wait <= max(PACE.longest, PACE.first)
    assert age + wait >= PACE.first


def test_polls_of_a_long_import_are_few() -> None:
    age, polls = 0.0, 0
    while age < 6 * 3_600:
        age += next_poll_seconds(PACE, age)
        polls += 1

    assert polls < 60
