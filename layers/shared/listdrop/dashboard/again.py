"""Acts on what is left of a job: send rows again, and drop those that were corrected."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import closing

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from listdrop.dashboard.acting import act_ports, done, recorded
from listdrop.dashboard.answering import job_to, page_of
from listdrop.dashboard.desk import desk, to
from listdrop.dashboard.jobs import later_jobs
from listdrop.dashboard.visitors import Role, visitor
from listdrop.errors import UploadRejectedError
from listdrop.jobs.again import (
    SUFFIXES,
    check_rows,
    destination_of,
    perhaps_there,
    retry_name,
    rows_to_retry,
)
from listdrop.jobs.staged_names import plain_name
from listdrop.jobs.staged_sending import named_as_dropper
from listdrop.models import CORRECTS, RETRY_OF, Group, Job, Route, rows_in
from listdrop.notices.advice import dropping_alone, file_in, is_file_unusable, rows_to_correct
from listdrop.notices.wording import plural
from listdrop.providers.routing import parse_route

pages = Blueprint("again", __name__)

MOST_BYTES = 4 << 20
"""Of a file that a form sends. A Lambda function is sent 6 MB at most, of which base64 is more."""
TOO_LARGE = "The file is larger than 4 MB: drop it on the route, as rejects.csv names its job."
_NOTHING = "There is nothing to send again."


# ---------------------------------------------------------------- retry


@pages.get("/jobs/<job_id>/retry")
def ask_to_retry(job_id: str) -> str | Response:
    """Say which rows are sent again, and what became of those that were before."""
    job = job_to(Role.DROP, job_id)
    rows, problem = _retry(job)
    if problem:
        return done(problem, page_of(job))
    earlier = _earlier(job)
    return render_template(
        "retry.html",
        title="Send rows again",
        will=f"{plural(rows, 'row')} {_go(rows)} to {job.called} once more, and to nobody else: "
        "rows that failed for a passing reason, and those of which nobody knows the outcome. They "
        f"are a new upload on the route {job.route}.",
        button="Send again",
        is_grave=False,
        back=page_of(job),
        job=job,
        rows=rows,
        earlier=[(each, *_balance(each)) for each in earlier],
        perhaps=perhaps_there(job, rows),
        must_be_sure=_must_be_sure(job, rows, earlier),
    )


@pages.post("/jobs/<job_id>/retry")
def retry(job_id: str) -> Response:
    """Send again what is worth it."""
    job = job_to(Role.DROP, job_id)
    rows, problem = _retry(job)
    if problem:
        return done(problem, page_of(job))
    if _must_be_sure(job, rows, _earlier(job)) and not request.form.get("sure"):
        again = to("again.ask_to_retry", job_id=job_id)
        return done("Nothing was sent: tick the box first.", again)
    with recorded("send again", f"JOB#{job_id}", plural(rows, "row")):
        key = f"inbox/{job.route}/{retry_name(job)}"
        said = _who_drops(job, key) | {RETRY_OF: job_id}
        act_ports().inbox.drop_retry(job_id, key, said)
    sentence = f"{plural(rows, 'row')} {'is' if rows == 1 else 'are'} sent again. "
    return done(f"{sentence}Their job appears below, under Details, in a moment.", page_of(job))


def _retry(job: Job) -> tuple[int, str]:
    """Return how many rows can be sent again, and why none can, if so."""
    if not job.may_be_retried or job.results is None:
        return 0, _NOTHING
    if problem := _problem_of_route(job):
        return 0, problem
    rows = rows_to_retry(job, act_ports().archive)
    return rows, "" if rows else _NOTHING


def _earlier(job: Job) -> Sequence[Job]:
    return [each for each in later_jobs(job) if each.retry_of]


def _must_be_sure(job: Job, rows: int, earlier: Sequence[Job]) -> bool:
    return bool(perhaps_there(job, rows) or earlier)


def _balance(job: Job) -> tuple[int, ...]:
    return tuple(rows_in(job.counts, group) for group in Group)


def _go(rows: int) -> str:
    return "goes" if rows == 1 else "go"


def _problem_of_route(job: Job) -> str:
    """Return why the route does not take rows of this job any more; empty if it does."""
    try:
        destination_of(job, _route_of(job), desk().ports.records.job)
    except UploadRejectedError as error:
        return error.text
    return ""


def _route_of(job: Job) -> Route:
    """Return a job's route as it is now. Raises `UploadRejectedError`."""
    ports = act_ports()
    text = ports.routes.text(job.route)
    if text is None:
        raise UploadRejectedError("unknown_route", f"There is no route {job.route} any more.")
    return parse_route(job.route, text, kept_days=ports.kept_days)


def _who_drops(job: Job, key: str) -> dict[str, str]:
    """Have an upload be the visitor's, also where the credentials are a function's."""
    ports = desk().ports
    if ports.staging is None:
        return {}
    staged_id, now = secrets.token_hex(16), ports.clock.now()
    return named_as_dropper(visitor().name, job.route, key, staged_id, ports.staging, now)


# ---------------------------------------------------------------- correct


@pages.get("/jobs/<job_id>/correct")
def ask_to_correct(job_id: str) -> str | Response:
    """Ask for the corrected file."""
    job = job_to(Role.DROP, job_id)
    if problem := _uncorrectable(job):
        return done(problem, page_of(job))
    is_file = is_file_unusable(job)
    return render_template(
        "correct.html",
        title="Correct the file" if is_file else "Correct rows",
        will=f"{_what_to_correct(job)} Its rows go to {job.called} only, as a new upload on the "
        f"route {job.route}. It may have up to 4 MB; {_of_larger(job)}.",
        button="Drop the corrected file",
        is_grave=False,
        back=page_of(job),
        job=job,
        is_file=is_file,
        readable=SUFFIXES,
    )


def _what_to_correct(job: Job) -> str:
    if is_file_unusable(job):
        return f"Correct {file_in(job)}, and choose it here."
    wrong = rows_to_correct(job)
    left = rows_to_correct(job, later_jobs(job)) or wrong
    rows = plural(left, "row")
    which = f"its {rows}" if left == wrong else f"the other {rows} of it"
    return f"Download rejects.csv, correct {which} in a spreadsheet, save it, and choose it here."


def _of_larger(job: Job) -> str:
    """Say how a file is dropped that is too large for a form, and goes to the same destination."""
    if is_file_unusable(job):
        return f"drop a larger one in a terminal: {dropping_alone(job)}"
    return "drop a larger one on the route"


@pages.post("/jobs/<job_id>/correct")
def correct(job_id: str) -> Response:
    """Drop the corrected file."""
    job = job_to(Role.DROP, job_id)
    if problem := _uncorrectable(job):
        return done(problem, page_of(job))
    again = to("again.ask_to_correct", job_id=job_id)
    file = request.files.get("file")
    if file is None or not file.filename:
        return done("Choose the corrected file first.", again)
    with closing(file):
        name, content = plain_name(file.filename), file.read()
    if not name.lower().endswith(SUFFIXES):
        return done(f"The file's name does not end in one of {', '.join(SUFFIXES)}.", again)
    if not content:
        return done("The file is empty.", again)
    if len(content) > MOST_BYTES:
        alone = f"The file is larger than 4 MB: {dropping_alone(job)}"
        return done(alone if is_file_unusable(job) else TOO_LARGE, again)
    try:
        check_rows(content, name, _route_of(job), job_id)
    except UploadRejectedError as error:
        return done(error.text, again)
    with recorded("correct", f"JOB#{job_id}"):
        key = f"inbox/{job.route}/{name}"
        said = _who_drops(job, key) | {CORRECTS: job_id}
        act_ports().inbox.drop(key, content, said)
    sentence = "The corrected file is dropped. Its job appears below, under Details, in a moment."
    return done(sentence, page_of(job))


def _uncorrectable(job: Job) -> str:
    """Return why nothing of a job can be corrected; empty if it can."""
    if rows_to_correct(job) or (is_file_unusable(job) and job.destination):
        return _problem_of_route(job)
    return "There is nothing to correct."
