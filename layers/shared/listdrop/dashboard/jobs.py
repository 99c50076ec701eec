"""A job: its progress, its rows' outcomes and reasons, its batches, its files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from flask import Blueprint, Response, abort, redirect, render_template, request

from listdrop.costs.job_costs import cost_of_job
from listdrop.costs.timing import short_of_time
from listdrop.dashboard.acting import acts_on
from listdrop.dashboard.charts import balance_bar
from listdrop.dashboard.desk import LONGEST_TEXT, desk, is_shown
from listdrop.dashboard.hiding import hidden, inert
from listdrop.dashboard.wording import OUTCOMES, STATES, utc
from listdrop.models import Job, JobState, Outcome, files
from listdrop.notices.advice import (
    cause,
    is_expired_unsent,
    next_steps,
    rows_to_correct,
    steps,
)
from listdrop.notices.estimate import progress, time_left
from listdrop.notices.following import corrected, how_followed, what_was_done
from listdrop.notices.wording import sentence, trouble
from listdrop.providers import REGISTRY

pages = Blueprint("jobs", __name__)
FILES = {
    files.RESULTS: "every row with all its columns and its outcome",
    files.REJECTS: "rows to correct",
    files.RETRY: "rows worth sending again, to this provider only",
    files.SUMMARY: "the counts and the most frequent reasons, as JSON",
}
_SINCE = {
    JobState.PARTIAL: "some rows needed a look, and were",
    JobState.FAILED: "every row was bad, and they were",
}
_BATCHES = 50
MOST_BESIDE = 2_000
"""Jobs that are looked through for those of the same upload, or for those that followed on one."""


def job_or_404(job_id: str) -> Job:
    """Return a job, or end the request with 404."""
    try:
        return desk().ports.records.job(job_id)
    except KeyError:
        abort(404)


@pages.get("/jobs/<job_id>")
def job(job_id: str) -> str:
    """Show a job."""
    found = job_or_404(job_id)
    first, later = _first_batch(), later_jobs(found)
    left = rows_to_correct(found, later)
    # One more than is shown, to know whether there is another page.
    batches = desk().ports.figures.batches(job_id, first, _BATCHES + 1)
    return render_template(
        "job.html",
        batches=batches[:_BATCHES],
        first_batch=first,
        next_batch=batches[_BATCHES].number if len(batches) > _BATCHES else 0,
        reasons=desk().ports.downloads.reasons(job_id) if found.state.is_terminal else [],
        text_for=text_for,
        files=files_of(found, is_left=left > 0),
        events=timeline(found),
        later=later,
        how_followed=how_followed,
        corrected=corrected(found, later),
        acts=acts_on(f"JOB#{job_id}"),
        may_be_corrected=rows_to_correct(found) > 0,
        cost=cost_of_job(found).words,
        destination=inert(json.dumps(found.destination, ensure_ascii=False)),
        **_progress(found, later),
    )


def files_of(job: Job, *, is_left: bool) -> Mapping[str, str]:
    """Return the result files that have rows for somebody; `is_left` says that of `rejects.csv`."""
    empty = {files.RETRY: not job.may_be_retried, files.REJECTS: not is_left}
    return {name: what for name, what in FILES.items() if not empty.get(name)}


def later_jobs(job: Job) -> Sequence[Job]:
    """Return the jobs that followed on a job, which only one that has ended can have."""
    return desk().ports.records.followers([job], MOST_BESIDE) if job.state.is_terminal else []


@pages.get("/jobs/<job_id>/live")
def live(job_id: str) -> str:
    """Show only the part of a job's page that changes while it runs: so nothing followed on it."""
    return render_template("_live.html", **_progress(job_or_404(job_id)))


@pages.get("/jobs/<job_id>/files/<name>")
def file(job_id: str, name: str) -> Response:
    """Redirect to a result file. The link is made on demand, because it expires in a minute."""
    if name not in FILES or not job_or_404(job_id).results:
        abort(404)
    return redirect(desk().ports.downloads.link(job_id, name), 303)  # type: ignore[return-value] # a Flask response here


def text_for(reason: str) -> str | None:
    """Return a search text for a reason's rows; `None` if it names a person who is hidden."""
    return reason[:LONGEST_TEXT].strip() if is_shown() or hidden(reason) == reason else None


def _first_batch() -> int:
    text = request.args.get("batch", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _progress(found: Job, later: Sequence[Job] = ()) -> dict[str, object]:
    now = desk().ports.clock.now()
    settled = sum(found.counts[outcome] for outcome in Outcome)
    provider = REGISTRY.get(found.provider)
    return {
        "job": found,
        "now": now,
        "settled": settled,
        "sent": _batches_sent(found),
        "balance": balance_bar(found.counts),
        "estimate": provider and time_left(found, provider.rates.send_gap, now),
        "progress": progress(found),
        "said_of_state": _said_of(found, later),
        "cause": sentence(cause(found)),
        "steps": steps(found, later),
        "trouble": _trouble(found, now),
        "deadline_text": short_of_time(found, provider.rates) if provider else "",
        "said_of": _said_of_outcomes(found),
    }


def _batches_sent(job: Job) -> int:
    """Return how many batches were sent; while it runs, one that was answered surely was.

    At the end, those that were never sent are terminal, too.
    """
    sent = job.batches["sent"]
    if job.state.is_terminal:
        return 0 if job.is_nothing_sent else sent
    return max(sent, job.batches["terminal"])


def _said_of(job: Job, later: Sequence[Job]) -> str:
    if is_expired_unsent(job):
        return "the deadline passed, and nothing was sent"
    if job.state is JobState.PENDING and job.planned_at:
        return "about to be sent"
    done = what_was_done(job, later)
    if job.state in _SINCE and done and not next_steps(job, later):
        return f"{_SINCE[job.state]} {done} since"
    return STATES[job.state]


def _said_of_outcomes(job: Job) -> Mapping[Outcome, str]:
    said = dict(OUTCOMES)
    if job.is_nothing_sent:
        said[Outcome.REFUSED] = "not sent"
    elif job.stop_reason or job.state is JobState.EXPIRED:
        said[Outcome.REFUSED] = "not sent, or the provider named it as failed"
    if is_expired_unsent(job):
        said[Outcome.UNKNOWN] = "not sent before the deadline"
    if job.state is JobState.SKIPPED:
        said[Outcome.DUPLICATE] = "not sent: the file repeats an earlier one"
    return said


def _trouble(job: Job, now: datetime) -> str:
    if job.last_error is None:
        return ""
    at = None if job.state.is_terminal else now
    return f"{trouble(job.provider, job.last_error, utc, at)}."


def timeline(job: Job) -> Sequence[tuple[str, datetime]]:
    """Return what happened when, in order; and what will, without an answer or at the deadline."""
    moments = (
        ("Upload received", job.created_at),
        ("Read and planned", job.planned_at),
        ("Workflow started", job.started_at),
        ("First batch sent", job.sending_since),
        ("Ended", job.finished_at),
        ("Message published", job.notified_at),
    )
    happened = [(what, when) for what, when in moments if when is not None]
    if not job.state.is_terminal:
        happened.append(("Last update", job.updated_at))
    if job.state is JobState.HELD:  # its deadline begins when it is approved
        happened += [("Refused without an answer", job.held_until)] if job.held_until else []
    elif not job.state.is_terminal:
        happened.append(("Deadline", job.deadline_at))
    return sorted(happened, key=lambda event: event[1])
