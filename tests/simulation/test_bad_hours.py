"""Half an hour in which half of all answers are errors, and events that are lost, in figures."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from listdrop.models import Outcome, RowResult, Upload
from tests.simulation.checker import check
from tests.simulation.faults import Faults
from tests.simulation.run import PROVIDERS
from tests.simulation.scenario import Drop, csv_of, made_up
from tests.simulation.workflow import DEFINITION, states_of
from tests.simulation.world import SWEEP, World
from tests.support.clock import NOW

SEEDS = (8,)
UPLOADS = 100
BROWNOUT = timedelta(minutes=30)
ERRORS = {"net.5xx_before": 0.25, "net.5xx_after": 0.25}
"""Half of the answers; of those half after the provider has done what it was asked."""
ROWS = {"row.bad": 0.1, "row.known": 0.1, "row.suppressed": 0.05, "job.slow": 0.5}
"""What is in any hour: rows that providers refuse, and imports that take up to twelve minutes."""
_AT_WORK = timedelta(minutes=1)
"""As long as functions that run when the sweep is due may keep it waiting."""


def slow_but(often: set[str], providers: Iterable[str]) -> list[Any]:
    """Return the providers, of which `make test` plays only those that are in `often`."""
    return [
        each if each in often else pytest.param(each, marks=pytest.mark.slow) for each in providers
    ]


class Brownout(Faults):
    """Errors of the provider's API: of all of it, or only to questions about imports.

    Reports lie on a host of their own, which has nothing to do with it.
    """

    def __init__(self, seed: int, *, only_polls: bool = False) -> None:
        super().__init__(seed, ROWS | ERRORS)
        self._only_polls = only_polls

    def pick(self, group: str, place: str) -> str:
        endpoint = place.rpartition(" ")[2]
        is_affected = endpoint == "poll" if self._only_polls else endpoint != "report"
        return super().pick(group, place) if is_affected else ""


class Hour(World):
    """Many uploads within half an hour, to one account; errors end when it does."""

    def __init__(self, provider: str, seed: int, faults: Faults) -> None:
        super().__init__(provider, seed, faults=faults)
        self.is_lively = True
        self.turns += 8  # an import may have to wait for those of all other uploads
        self.machine.states = states_of(DEFINITION, 200)
        self.routes.routes["spring"] = self.route.model_copy(update={"deadline_minutes": 24 * 60})
        self.at(NOW + BROWNOUT, self._settle_down)

    def _settle_down(self) -> None:
        """Not before the half hour is over, whatever the seed says."""
        if self.now >= NOW + BROWNOUT:
            super()._settle_down()

    def _drops(self, rng: random.Random) -> list[Drop]:
        drops = []
        for number in range(UPLOADS):
            rows = made_up(rng, number)
            content = csv_of(rows)
            upload = Upload(
                bucket="uploads",
                key=f"inbox/spring/{number}.csv",
                version_id=f"v{number}",
                size=len(content),
            )
            at = NOW + number * BROWNOUT / UPLOADS
            drops.append(Drop(upload, content, rows, at))
        return drops

    @property
    def results(self) -> dict[tuple[str, int], RowResult]:
        """Every row's outcome."""
        return {
            (job_id, number): result
            for job_id, rows in self.jobs.rows.items()
            for number, (_, result) in rows.items()
        }


def played(provider: str, seed: int, faults: Faults) -> Hour:
    """Play an hour to its end; every promise is kept, and every upload has its job's rows."""
    world = Hour(provider, seed, faults)
    world.run()
    assert check(world) == []
    assert len(world.jobs.jobs) == UPLOADS
    assert len(world.results) == sum(len(drop.rows) for drop in world.drops)
    return world


@cache
def played_calmly(provider: str, seed: int) -> Hour:
    """Play an hour in which the provider always answers; once, as several tests look at it."""
    return played(provider, seed, Faults(seed, ROWS))


def changed(calm: Hour, bad: Hour) -> dict[tuple[str, int], Outcome]:
    """Return the outcomes of the bad hour that are not those of the calm one."""
    assert calm.results.keys() == bad.results.keys()
    return {
        key: result.outcome
        for key, result in bad.results.items()
        if result.outcome is not calm.results[key].outcome
    }


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "provider", slow_but({"kakiyo"}, [each for each in PROVIDERS if each != "waalaxy"])
)
def test_errors_to_half_of_all_questions_change_no_outcome(provider: str, seed: int) -> None:
    calm = played_calmly(provider, seed)

    bad = played(provider, seed, Brownout(seed, only_polls=True))

    assert sum("net.5xx" in fault for fault in bad.faults.fired) > UPLOADS / 10
    assert changed(calm, bad) == {}
    assert len(bad.requests) <= 2 * len(calm.requests)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("provider", slow_but({"which50", "waalaxy"}, PROVIDERS))
def test_errors_to_half_of_all_requests_leave_only_those_unknown_whose_answers_were_lost(
    provider: str, seed: int
) -> None:
    calm = played_calmly(provider, seed)

    bad = played(provider, seed, Brownout(seed))

    assert sum("net.5xx" in fault for fault in bad.faults.fired) > UPLOADS / 10
    unclear = {
        (job_id, bad.jobs.rows[job_id][row][0].identity)
        for (job_id, row), outcome in changed(calm, bad).items()
        if outcome is Outcome.UNKNOWN
    }
    assert unclear <= bad.vendor.ledger.doubtful
    assert len(bad.requests) <= 2 * len(calm.requests)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_uploads_whose_event_was_lost_have_a_job_at_the_next_sweep(
    provider: str, seed: int
) -> None:
    world = played(provider, seed, Faults(seed, ROWS | {"event.dropped": 0.1}))

    lost = [int(name.split()[1]) for name in world.faults.fired if name.startswith("event.dropped")]
    assert len(lost) >= UPLOADS / 20
    begun = {job.upload.version_id: job.created_at for job in world.jobs.jobs.values()}
    for number in lost:
        drop = world.drops[number]
        found_after = begun[drop.upload.version_id] - drop.at
        assert timedelta() < found_after <= SWEEP + _AT_WORK, found_after
