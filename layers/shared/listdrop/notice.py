"""The notice of a job: JSON for programs, and what a person reads in an e-mail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from listdrop.models import Job, JobState, Outcome

SCHEMA = "listdrop.job.v1"
_SUBJECT_CHARACTERS = 100

_STATE_WORDS = {
    JobState.SUCCEEDED: "every row got in",
    JobState.PARTIAL: "some rows need a look",
    JobState.FAILED: "no row got in",
    JobState.EXPIRED: "the deadline passed",
    JobState.REJECTED: "the file was not used",
    JobState.SKIPPED: "the same content was sent before",
    JobState.CANCELLED: "the job was cancelled",
}
_OUTCOME_WORDS = {
    Outcome.CONFIRMED: "confirmed by the provider",
    Outcome.ACCEPTED: "accepted",
    Outcome.EXISTING: "already there",
    Outcome.DUPLICATE: "repeated another row, not sent",
    Outcome.SUPPRESSED: "on a do-not-contact list",
    Outcome.INVALID: "not sent, something is missing or wrong",
    Outcome.REFUSED: "refused by the provider",
    Outcome.UNKNOWN: "unknown, nobody can tell",
}

_UPLOAD_MEMBERS = ("bucket", "key", "version_id", "table")


class Reason(NamedTuple):
    """Why rows are bad, and how many."""

    outcome: str
    reason: str
    rows: int


def document(job: Job, reasons: Sequence[Reason]) -> dict[str, Any]:
    """Return the notice as JSON members; also what `summary.json` holds. No personal data."""
    dumped = job.model_dump(mode="json")
    upload = dumped["upload"]
    members = {
        "schema": SCHEMA,
        "job_id": job.job_id,
        "state": job.state.value,
        "route": job.route,
        "provider": job.provider,
        "account": job.account,
        "upload": {key: upload[key] for key in _UPLOAD_MEMBERS if upload[key]},
        "counts": job.counts,
        "top_reasons": [reason._asdict() for reason in reasons],
        "started_at": dumped["started_at"] or dumped["created_at"],
        "finished_at": dumped["finished_at"],
        "results": dumped["results"],
    }
    if job.reason:
        members |= {"reason": job.reason, "reason_text": job.reason_text}
    return members


def attributes(job: Job) -> dict[str, str | int]:
    """Return the message attributes that subscriptions can filter by."""
    return {
        "state": job.state.value,
        "provider": job.provider,
        "route": job.route,
        "rows": job.counts["rows"],
        "bad_rows": bad_rows(job),
    }


def bad_rows(job: Job) -> int:
    """Count the rows that somebody should look at."""
    return sum(job.counts[outcome] for outcome in Outcome if outcome.is_bad)


def subject(job: Job) -> str:
    """Return the e-mail's subject: one line of ASCII, at most 100 characters, as SNS wants it."""
    rows = job.counts["rows"]
    text = f"Listdrop: {job.route} to {job.provider} {job.state.value}"
    if rows:
        text += f", {rows - bad_rows(job)} of {rows} rows fine"
    plain = "".join(character if character.isprintable() else "?" for character in text)
    return plain.encode("ascii", "replace").decode()[:_SUBJECT_CHARACTERS]


def text(job: Job, reasons: Sequence[Reason]) -> str:
    """Return the e-mail: what happened, what is wrong, where the files are."""
    rows = job.counts["rows"]
    went = f"{job.upload.name} went to {job.provider} by the route {job.route}"
    lines = [
        f"{went}: {_STATE_WORDS.get(job.state, job.state.value)}.",
        "",
    ]
    if job.reason_text:
        lines += [job.reason_text, ""]
    if rows:
        lines.append(f"Of {rows} rows:")
        for outcome in Outcome:
            if job.counts[outcome]:
                lines.append(
                    f"  {job.counts[outcome]:>7} {outcome.value}: {_OUTCOME_WORDS[outcome]}"
                )
        lines.append("")
    if reasons:
        lines.append("The most frequent reasons:")
        lines += [f"  {r.rows:>7} {r.outcome}: {r.reason}" for r in reasons]
        lines.append("")
    if job.results:
        lines += [f"Every row with its outcome: {job.results.results}"]
        if job.counts[Outcome.REFUSED] or job.counts[Outcome.UNKNOWN]:
            lines += [
                f"Rows worth sending again:  {job.results.retry}",
                "  (look at the provider first where a row is unknown, then drop the file again)",
            ]
        if job.counts[Outcome.INVALID]:
            lines += [f"Rows to correct:           {job.results.rejects}"]
    lines.append(f"Job {job.job_id}")
    return "\n".join(lines) + "\n"


def encode(members: dict[str, Any]) -> str:
    """Return JSON text."""
    return orjson.dumps(members).decode()
