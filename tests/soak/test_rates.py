"""A hundred jobs on one account at once: never above the published rate in any window; all end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from local.stack import LocalStack
from tests.soak.conftest import (
    IMPORTS,
    accepted_imports,
    deliver_again_after,
    route_to,
    simulator_of,
    size,
)
from tests.support.routes import assert_balanced, counted, person, table_text

pytestmark = pytest.mark.soak

_SECONDS = 900
_AGAIN = 60


@dataclass(frozen=True)
class Limit:
    """What the provider says that it takes: this many requests to a path in any `seconds`."""

    requests: int
    seconds: float
    path: str = ""


PUBLISHED = {
    "activecampaign": (Limit(5, 1), Limit(100, 60, IMPORTS["activecampaign"])),
    "kakiyo": (Limit(60, 60, IMPORTS["kakiyo"]), Limit(60, 60, "/imports/")),
}


@pytest.mark.parametrize("provider", PUBLISHED)
def test_concurrent_jobs_stay_under_the_published_rate_together(
    stack: LocalStack, provider: str, say: Callable[[str], None]
) -> None:
    jobs = size("RATES_JOBS", 100)
    began = time.monotonic()
    deliver_again_after(stack, _AGAIN)
    with simulator_of(provider) as simulator:
        route = route_to(stack, simulator)
        for number in range(jobs):
            people = (person(f"ada{number}"), person(f"bo{number}"))
            route.drop(table_text(*people), f"{number}.csv")
        ended = route.finished(jobs, _SECONDS)

        for job in ended:
            assert_balanced(job)
            assert sum(counted(job).values()) == 2
            assert job["state"] == "succeeded", job
        assert accepted_imports(simulator) == len(simulator.imports) == jobs
        refused = [each for each in simulator.ledger if each.status == 429]
        assert refused == []
        fullest = {}
        for limit in PUBLISHED[provider]:
            moments = sorted(each.at for each in simulator.ledger if limit.path in each.path)
            assert len(moments) >= jobs
            fullest[limit] = fullest_window(moments, limit.seconds)
            assert fullest[limit] <= limit.requests, limit
    said = ", ".join(
        f"{most} of {limit.requests} in {limit.seconds:g} s{limit.path and ' at ' + limit.path}"
        for limit, most in fullest.items()
    )
    say(
        f"{provider}: {jobs} jobs, {len(simulator.ledger)} requests, at most {said}, "
        f"{time.monotonic() - began:.0f} s"
    )


def fullest_window(moments: list[float], seconds: float) -> int:
    """Return the most requests in any window of that many seconds, without its end."""
    most = first = 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most
