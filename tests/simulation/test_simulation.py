"""The whole flow, thousands of times, with everything going wrong that can: see the README."""

from __future__ import annotations

import os
import re
from collections import Counter

import pytest

from tests.simulation import bugs, run
from tests.simulation.faults import KINDS
from tests.simulation.run import PROVIDERS, Tally

ENOUGH = 2_000
"""Seeds within which a planted bug shows, if it ever does."""

SEEDS = max(int(os.environ.get("SEEDS", "1000")), 200)
"""For each provider. Within two hundred every kind of fault happens, and within a thousand jobs of
each provider have ended in every way."""


@pytest.fixture(scope="module")
def tallies() -> dict[str, Tally]:
    return run.campaign(SEEDS)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_promise_holds_whatever_goes_wrong(provider: str, tallies: dict[str, Tally]) -> None:
    tally = tallies[provider]
    assert tally.runs == SEEDS
    if tally.failed:
        _, seed, _ = tally.failed[0]
        pytest.fail(f"{len(tally.failed)} runs\n{run.shortest(provider, seed).told()}")


def test_every_kind_of_fault_happened(tallies: dict[str, Tally]) -> None:
    happened = sum((tally.faults for tally in tallies.values()), Counter[str]())
    assert {kind: happened[kind] for kind in KINDS if happened[kind] < SEEDS / 100} == {}


@pytest.mark.slow
@pytest.mark.parametrize("provider", PROVIDERS)
def test_jobs_end_in_every_way(provider: str, tallies: dict[str, Tally]) -> None:
    states = {"succeeded", "partial", "failed", "expired", "rejected", "skipped", "cancelled"}
    assert states <= tallies[provider].states.keys()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_seed_plays_the_same_way_again(provider: str) -> None:
    for seed in range(10):
        first = run.played(provider, seed, traced=True)
        assert first.trace
        assert run.played(provider, seed, traced=True) == first


@pytest.mark.parametrize("provider", PROVIDERS)
def test_faults_that_may_not_happen_do_not(provider: str) -> None:
    for seed in range(20):
        assert run.played(provider, seed, only=()).fired == []


@pytest.mark.slow
@pytest.mark.parametrize("bug", bugs.BUGS)
def test_a_planted_bug_is_caught(bug: str) -> None:
    found = run.caught(bug, ENOUGH)
    assert found is not None
    own = [each for each in found.wrong if re.search(r"raised (Attribute|Name|Type)Error", each)]
    assert not own, "what was planted is broken itself"


@pytest.mark.slow
def test_a_failing_run_is_cut_down_to_what_it_takes() -> None:
    bug = "the notice counts as published before it is"
    found = run.caught(bug, ENOUGH)
    assert found is not None
    with bugs.BUGS[bug].planted():
        cut = run.shortest(found.provider, found.seed)

    assert 1 <= len(cut.fired) <= 3
    assert len(cut.fired) <= len(found.fired)
    # A death before the job's notice is out, or before its upload's can be.
    assert any("publish" in fault or " add " in fault for fault in cut.fired)
    assert cut.seed == found.seed
    assert cut.wrong
    assert "BROKEN" in cut.told() or "broken" in cut.told()
