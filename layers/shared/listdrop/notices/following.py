"""What followed on a job: jobs that sent its rows again, or corrected them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile

from listdrop.models import Job, rows_with_provider
from listdrop.notices.wording import plural


def followers(job: Job, of_route: Iterable[Job]) -> list[Job]:
    """Return the jobs that followed on one, the first one first; `of_route` are newest first."""
    since = takewhile(lambda each: each.created_at >= job.created_at, of_route)
    return [each for each in since if job.job_id in (each.retry_of, each.corrects)][::-1]


def corrected(job: Job, later: Iterable[Job]) -> str:
    """Say how many of a job's rows to correct are with the provider since, as `4 of 6 rows`.

    Empty if nobody has corrected any.
    """
    found = [each for each in later if each.corrects == job.job_id]
    if not found:
        return ""
    done = sum(rows_with_provider(each.counts) for each in found)
    if job.to_correct is None:  # the job is older than this number
        return plural(done, "row")
    return f"{min(done, job.to_correct)} of {plural(job.to_correct, 'row')}"
