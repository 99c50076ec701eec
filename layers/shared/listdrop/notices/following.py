"""What followed on a job: jobs that sent its rows again, or corrected them."""

from __future__ import annotations

from collections.abc import Iterable

from listdrop.models import Job, rows_with_provider
from listdrop.notices.wording import plural


def corrected(job: Job, later: Iterable[Job]) -> str:
    """Say how many of a job's rows to correct are with the provider since, as `4 of 6 rows`.

    Empty if nobody has corrected any.
    """
    later = list(later)
    if not any(each.corrects == job.job_id for each in later):
        return ""
    done = rows_corrected(job, later)
    if job.to_correct is None:  # the job is older than this number
        return plural(done, "row")
    return f"{min(done, job.to_correct)} of {plural(job.to_correct, 'row')}"


def rows_corrected(job: Job, later: Iterable[Job]) -> int:
    """Return how many rows with the provider are from jobs that corrected those of this one."""
    return sum(rows_with_provider(each.counts) for each in later if each.corrects == job.job_id)
