"""When the next poll is due."""

from __future__ import annotations

import pytest

from listdrop.jobs.pacing import next_poll_seconds
from listdrop.providers import REGISTRY
from listdrop.providers.base import Pace
from tools.benchmarks.polling import BAR, REPORTS, ratios

PACE = Pace(first=30, shortest=10, longest=600)


@pytest.mark.parametrize(
    ("age", "wait"), [(4, 26), (40, 40), (400, 400), (2_400, 600), (90_000, 600)]
)
def test_without_progress_the_wait_is_as_long_as_the_age_within_bounds(
    age: float, wait: float
) -> None:
    assert next_poll_seconds(PACE, age) == wait


@pytest.mark.parametrize(("age", "wait"), [(0, 30), (12, 18), (25, 25)])
def test_nothing_is_asked_before_the_first_poll_is_due(age: float, wait: float) -> None:
    assert next_poll_seconds(PACE, age) == wait


@pytest.mark.parametrize(
    ("age", "progress", "wait"),
    [
        (100, 0.5, 100),
        (100, 0.6, 200 / 3),
        (100, 0.8, 50),
        (100, 0.99, 50),
        (100, 0.01, 100),
        (3_000, 0.1, 600),
        (100, 0.0, 100),
        (100, 1.0, 100),
        (100, -3.0, 100),
        (100, 7.0, 100),
    ],
)
def test_progress_foretells_the_rest_within_half_of_the_time_that_passed_and_all_of_it(
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


@pytest.mark.parametrize("said", REPORTS)
@pytest.mark.parametrize(
    "name", [name for name, provider in REGISTRY.items() if provider.pace.longest > 1]
)
def test_a_provider_is_asked_about_as_well_as_is_possible_without_knowing_how_long_it_takes(
    name: str, said: str
) -> None:
    found = ratios(REGISTRY[name].pace, 1_000)[said]

    assert {law: ratio for law, ratio in found.items() if ratio > BAR} == {}
