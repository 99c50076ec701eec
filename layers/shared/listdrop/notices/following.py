"""What followed on a job: jobs that sent its rows again, or corrected them."""

from __future__ import annotations

from collections.abc import Iterable

from listdrop.models import Job, Outcome, rows_with_provider
from listdrop.notices.wording import plural


def corrected(job: Job, later: Iterable[Job]) -> str:
    """Say how many of a job's rows to correct are with the provider since, as `4 of 6 rows`.

    Empty if none are, and of a job that was rejected before it had rows.
    """
    later = list(later)
    done = rows_corrected(job, later)
    if job.to_correct == 0 or not done:
        return ""
    if job.to_correct is None:  # the job is older than this number
        return plural(done, "row")
    said = f"{min(done, job.to_correct)} of {plural(job.to_correct, 'row')}"
    return f"at least {said}" if done < job.to_correct and _are_repeated(job, later) else said


def rows_corrected(job: Job, later: Iterable[Job]) -> int:
    """Return how many of a job's rows to correct are with the provider since, at the least.

    Where later jobs have more rows than there were to correct, some were dropped more than once.
    Which ones only their files say, so then it is as many as one of the jobs has.
    """
    later = list(later)
    found = [rows_with_provider(each.counts) for each in later if each.corrects == job.job_id]
    return max(found, default=0) if _are_repeated(job, later) else sum(found)


def how_followed(job: Job, followed: str) -> str:
    """Say in a few words how a later job followed on one, whose id is `followed`.

    It may have been meant to correct rows, or to send them again, and have done neither.
    """
    if job.corrects == followed:
        done = rows_with_provider(job.counts)
        return "Corrected by" if done else f"Correction, {job.state.value}"
    return f"Sending again, {job.state.value}" if job.is_nothing_sent else "Sent again by"


def what_was_done(job: Job, later: Iterable[Job]) -> str:
    """Say what was done to a job's rows since, as `corrected or sent again`; empty if nothing."""
    later = list(later)
    is_corrected, is_sent = rows_corrected(job, later), sent_again(job, later)
    return " or ".join(
        words for words, is_so in (("corrected", is_corrected), ("sent again", is_sent)) if is_so
    )


def _are_repeated(job: Job, later: Iterable[Job]) -> bool:
    rows = sum(each.counts["rows"] for each in later if each.corrects == job.job_id)
    return job.to_correct is not None and rows > job.to_correct


def sent_again(job: Job, later: Iterable[Job]) -> Job | None:
    """Return the newest job that sent rows of this one again, if together they took on all.

    What they leave is left to them. One that has not ended may still take on rows.
    """
    again = sorted(
        (each for each in later if each.retry_of == job.job_id), key=lambda each: each.created_at
    )
    rows = job.to_send_again
    if rows is None:  # the job is older than this number
        rows = job.counts[Outcome.REFUSED] + job.counts[Outcome.UNKNOWN]
    is_whole = sum(each.counts["rows"] for each in again) >= rows
    return again[-1] if again and (is_whole or not again[-1].state.is_terminal) else None


def dropped_again(job: Job, later: Iterable[Job]) -> Job | None:
    """Return the newest job of a file that was dropped in place of a job's file."""
    again = (each for each in later if each.corrects == job.job_id)
    return max(again, key=lambda each: each.created_at, default=None)
