"""Many jobs at once on one account: all end, nothing is lost, and its rate is kept."""

from __future__ import annotations

import pytest

from tests.simulation.run import PROVIDERS
from tools.benchmarks.scale import played


@pytest.mark.parametrize("provider", PROVIDERS)
def test_many_jobs_at_once_all_end_and_balance(provider: str) -> None:
    jobs = 12
    peak = played(provider, jobs, rows=60)

    assert (peak.jobs, peak.ended, peak.succeeded, peak.balanced) == (jobs,) * 4
    assert peak.broken == 0  # every promise of the simulation, the account's rate among them
    assert peak.starts <= jobs
