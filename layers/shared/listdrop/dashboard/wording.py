"""Row outcomes and job states in a few words, and the tone (colour) of each state."""

from __future__ import annotations

from datetime import datetime

from listdrop.dashboard import listing
from listdrop.models import JobState, Outcome
from listdrop.notices.advice import named_for_job
from listdrop.notices.wording import moment

OUTCOMES = {
    Outcome.CONFIRMED: "the provider named it as imported",
    Outcome.ACCEPTED: "the provider finished, and its answer rules out a failure",
    Outcome.EXISTING: "the provider already had it",
    Outcome.DUPLICATE: "not sent: it repeats an earlier row",
    Outcome.SUPPRESSED: "on a do-not-contact list",
    Outcome.INVALID: "not sent: something is missing or wrong",
    Outcome.REFUSED: "the provider named it as failed",
    Outcome.UNKNOWN: "sent or perhaps sent, and nobody can tell",
}
STATES = {
    JobState.PENDING: "waiting to be planned",
    JobState.HELD: "waits for approval",
    JobState.RUNNING: "being sent",
    JobState.SUCCEEDED: "no bad row",
    JobState.PARTIAL: "some rows need a look",
    JobState.FAILED: "every row is bad",
    JobState.EXPIRED: "the deadline passed",
    JobState.REJECTED: "nothing was imported",
    JobState.SKIPPED: "the same content was dropped before",
    JobState.CANCELLED: "stopped by hand",
}
TONES = {
    JobState.PENDING: "waiting",
    JobState.HELD: "mixed",
    JobState.RUNNING: "waiting",
    JobState.SUCCEEDED: "good",
    JobState.PARTIAL: "mixed",
    JobState.FAILED: "bad",
    JobState.EXPIRED: "bad",
    JobState.REJECTED: "bad",
    JobState.SKIPPED: "settled",
    JobState.CANCELLED: "settled",
}


def utc(value: datetime) -> str:
    """Return a moment within a sentence, where no browser makes it local."""
    return f"{moment(value)} UTC"


def why(job: listing.AnyJob) -> str:
    """Return in a few words why a job is as it is, for people; empty if there is nothing to say."""
    return named_for_job(listing.why(job), job.provider)
