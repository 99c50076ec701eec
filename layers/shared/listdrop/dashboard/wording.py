"""Outcomes and states of jobs, explained in a few words, and the tone in which they are shown."""

from __future__ import annotations

from listdrop.models import JobState, Outcome

OUTCOMES = {
    Outcome.CONFIRMED: "the provider named it as imported",
    Outcome.ACCEPTED: "the provider finished, and leaves no room for a failure",
    Outcome.EXISTING: "the provider already had it",
    Outcome.DUPLICATE: "not sent: repeats an earlier row",
    Outcome.SUPPRESSED: "on a do-not-contact list",
    Outcome.INVALID: "not sent: something is missing or wrong",
    Outcome.REFUSED: "the provider named it as failed",
    Outcome.UNKNOWN: "sent or perhaps sent, and nobody can tell",
}
STATES = {
    JobState.PENDING: "waiting to be planned",
    JobState.RUNNING: "being sent",
    JobState.SUCCEEDED: "no bad row",
    JobState.PARTIAL: "some rows need a look",
    JobState.FAILED: "every row is bad",
    JobState.EXPIRED: "the deadline passed",
    JobState.REJECTED: "the file was not used",
    JobState.SKIPPED: "the same content was sent before",
    JobState.CANCELLED: "was stopped by hand",
}
TONES = {
    JobState.PENDING: "waiting",
    JobState.RUNNING: "waiting",
    JobState.SUCCEEDED: "good",
    JobState.PARTIAL: "mixed",
    JobState.FAILED: "bad",
    JobState.EXPIRED: "bad",
    JobState.REJECTED: "bad",
    JobState.SKIPPED: "settled",
    JobState.CANCELLED: "settled",
}
