"""Cancel: no more of a job is sent; what the provider has already is waited for."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from listdrop.models import Job, JobState
from listdrop.ports import OpenJobs

_TEXT = "The job was cancelled, and no more of it was sent."


class Effect(StrEnum):
    """What a cancel can still do."""

    ENDED = "ended"
    """Nothing: the job has ended."""
    ENDING = "ending"
    """Nothing: how the job ends is decided, and Finish is writing its results."""
    STOPPED_BEFORE = "stopped_before"
    """Nothing: no more was sent anyway, for another reason."""
    ALL_SENT = "all_sent"
    """Nothing is left to be held back: only the job's state says that it was cancelled."""
    STOPPED = "stopped"
    """No more is sent."""


EFFECTS = {
    Effect.ENDED: "The job has already ended: {state}.",
    Effect.ENDING: "Too late: the job is about to end, {state}.",
    Effect.STOPPED_BEFORE: "No more of the job was being sent anyway: {reason}.",
    Effect.ALL_SENT: "Cancelled, but nothing is left to be held back: everything was sent before, "
    "and each row gets its outcome.",
    Effect.STOPPED: "Cancelled: no more is sent. Rows that were sent still get their outcomes.",
}
"""The sentence for each, with the job's `state` or the `reason` why nothing was being sent."""

HELD_BACK = "Cancelled: what waited is not sent."
"""The sentence for a job that waited for approval."""


class Cancelled(NamedTuple):
    """A job as a cancel left it, and what the cancel does."""

    job: Job
    effect: Effect


def cancel_job(job_id: str, jobs: OpenJobs) -> Cancelled:
    """Have a job end `cancelled`, and say what that still does.

    Send looks for it right before each request. Rows that were sent get their outcomes, as nothing
    can call them back; the others end `refused` with `cancelled`, and are in `retry.csv`. Raises
    `KeyError`.
    """
    job = jobs.stop(job_id, JobState.CANCELLED.value, _TEXT)
    return Cancelled(job, _effect(job))


def _effect(job: Job) -> Effect:
    if job.state.is_terminal:
        return Effect.ENDED
    if job.verdict is not None:
        return Effect.ENDING
    if job.stop_reason != JobState.CANCELLED:
        return Effect.STOPPED_BEFORE
    session = job.session
    if session is not None and session.must_commit:  # what was only loaded is not sent
        is_sent = session.may_have_started
    else:
        is_sent = job.batches["sent"] >= job.batches["planned"]
    is_over = job.batches["terminal"] >= job.batches["planned"]
    if job.planned_at is not None and (is_sent or is_over):
        return Effect.ALL_SENT
    return Effect.STOPPED
