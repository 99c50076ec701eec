"""What followed on a job: jobs that sent its rows again, or corrected them."""

from __future__ import annotations

from collections.abc import Iterable

from listdrop.models import Job, rows_with_provider
from listdrop.notices.wording import plural


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
