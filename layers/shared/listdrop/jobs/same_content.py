"""The same content goes to the same destination once: which job has it, and what became of that."""

from __future__ import annotations

from listdrop.models import Job, JobState, Route, content_key, rows_with_provider
from listdrop.ports import KnownProviders, PlannedJobs


def earlier_job(
    job: Job, sha256: str, route: Route, jobs: PlannedJobs, providers: KnownProviders
) -> Job | None:
    """Return the job that took this content for this destination, or may have.

    `None` if there is none: the content is claimed for this job then.
    """
    content = content_key(sha256, providers.of(job.destination).destination)
    holder = jobs.claim_content(content, job)
    while holder != job.job_id and route.duplicate_content == "skip":
        try:
            earlier = jobs.get(holder)
        except KeyError:  # its retention is over, and that of its claim, which is still there
            earlier = None
        if earlier and (not earlier.state.is_terminal or has_imported(earlier)):
            return earlier
        if jobs.take_over_content(content, job, holder):
            return None
        holder = jobs.claim_content(content, job)
    return None


def has_imported(job: Job) -> bool:
    """Whether any row got in. Rows that are unknown are in `retry.csv`, to be dropped again."""
    return rows_with_provider(job.counts) > 0


def said_of(earlier: Job) -> str:
    """Say why nothing is sent: how far the job is that has the same content."""
    name = f"Job {earlier.job_id}"
    if earlier.state is JobState.HELD:
        return (
            f"{name} has the same content for this destination, and waits for approval: nothing of "
            "it has been sent yet."
        )
    if not earlier.state.is_terminal:
        return f"{name} has the same content for this destination, and has not ended."
    rows, arrived = earlier.counts["rows"], rows_with_provider(earlier.counts)
    if arrived == rows:
        return f"{name} had the same content for this destination."
    text = (
        f"{name} had the same content for this destination, and {arrived:,} of its {rows:,} rows "
        "arrived"
    )
    left = []
    if earlier.to_send_again != 0:  # `None` is a job that is older than this number
        left.append("its retry.csv has the rows to send again")
    if earlier.to_correct != 0:
        left.append("its rejects.csv has the rows to correct")
    return f"{text}: {', and '.join(left)}." if left else f"{text}."
