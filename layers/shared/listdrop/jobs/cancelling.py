"""Cancel: no more of a job is sent; what the provider has already is waited for."""

from __future__ import annotations

from listdrop.models import JobState
from listdrop.ports import OpenJobs


def cancel_job(job_id: str, jobs: OpenJobs) -> JobState:
    """Have a job end `cancelled`, and return its state before.

    Send sees to it before its next request. Rows that were sent get their outcomes, as nothing can
    call them back; the others end `refused` with `cancelled`, and are in `retry.csv`. A job that is
    terminal is not changed. Raises `KeyError`.
    """
    job = jobs.get(job_id)
    if not job.state.is_terminal:
        text = "The job was cancelled before everything was sent."
        jobs.update(job_id, stop_reason=JobState.CANCELLED.value, stop_text=text)
    return job.state
