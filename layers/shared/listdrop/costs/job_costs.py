"""What a job costs: foreseen by `check` and while it runs, and computed when it has ended."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from listdrop.costs.usage import Rows, foreseen, prices, usage
from listdrop.models import Group, Job, rows_in


class Cost(NamedTuple):
    """What something costs. What is not known is `None`: it is left out, and never 0.

    `usd` is AWS's list price. `credits` is what the provider charges, in its own credits.
    """

    usd: float | None = None
    requests: int | None = None
    credits: int | None = None

    @property
    def words(self) -> str:
        """Return `about 0.14 USD; 412 requests`; empty if nothing is known."""
        said = []
        if self.usd is not None:
            said.append(dollars(self.usd))
        if self.requests is not None:
            said.append(f"{self.requests:,} {'request' if self.requests == 1 else 'requests'}")
        if self.credits is not None:
            said.append(f"{self.credits:,} {'credit' if self.credits == 1 else 'credits'}")
        return "; ".join(said)

    def members(self) -> dict[str, float | int]:
        """Return what is known, for JSON."""
        found = {"usd": self.usd, "requests": self.requests, "credits": self.credits}
        return {
            name: round(value, 4) if isinstance(value, float) else value
            for name, value in found.items()
            if value is not None
        }


def dollars(usd: float) -> str:
    """Return `about 0.14 USD`, or `under 0.01 USD`."""
    if usd < 0.01:
        return "under 0.01 USD"
    return f"about {usd:,.2f} USD" if usd < 100 else f"about {usd:,.0f} USD"


def cost_of_plan(provider: str, batches: int, rows: Rows) -> Cost:
    """Return what a plan will cost, if imports take as long as they usually do."""
    work = foreseen(provider, batches)
    if work is None:
        return Cost()
    requests = round(work.requests)
    return Cost(usage(rows, work).dollars(), requests, _credits(provider, requests))


def cost_of_job(job: Job) -> Cost:
    """Return what a job has cost when it has ended, or will have cost.

    AWS's bill does not say what a job cost. So it is what its plan would take, and as much more or
    less as it made more or fewer requests than that.
    """
    if job.planned_at is None:
        return Cost()
    bad = rows_in(job.counts, Group.BAD)
    batches = job.batches["planned"]
    rows = Rows(job.counts["rows"], bad, job.row_items)
    if not job.state.is_terminal:
        return cost_of_plan(job.provider, batches, rows)
    made = job.requests
    known = Cost(requests=made, credits=None if made is None else _credits(job.provider, made))
    work = foreseen(job.provider, batches)
    if work is None:
        return known
    if made is not None and work.requests:
        work = work.times(made / work.requests)
    return Cost(usage(rows, work).dollars(), known.requests, known.credits)


def sum_of(costs: Iterable[Cost]) -> Cost:
    """Return the sum of costs; a part of which nothing is known leaves the sum unknown."""
    found = list(costs)
    usd = [each.usd for each in found if each.usd is not None]
    requests = [each.requests for each in found if each.requests is not None]
    return Cost(
        sum(usd) if len(usd) == len(found) and found else None,
        sum(requests) if len(requests) == len(found) and found else None,
    )


def _credits(provider: str, requests: int) -> int | None:
    each = prices()["credits"].get(provider)
    return None if each is None else requests * each
