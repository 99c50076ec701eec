"""Acts on a job: stop it, or answer one that waits; and on all jobs of an upload that wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from listdrop.dashboard.acting import act_ports, asked, done, recorded
from listdrop.dashboard.desk import desk, to
from listdrop.dashboard.grouping import upload_of
from listdrop.dashboard.jobs import MOST_BESIDE, job_or_404
from listdrop.dashboard.visitors import Role, require
from listdrop.errors import NotHeldError
from listdrop.jobs.cancelling import EFFECTS, HELD_BACK, cancel_job
from listdrop.jobs.holding import HoldPorts, approve_job, cancel_held_job, refuse_job
from listdrop.models import Job, JobState
from listdrop.notices.approval import to_send
from listdrop.notices.wording import plural

pages = Blueprint("answering", __name__)


def job_to(role: Role, job_id: str) -> Job:
    """Return a job that the visitor may act on in this role, or end the request."""
    act_ports()
    job = job_or_404(job_id)
    require(role, job.route)
    return job


def page_of(job: Job) -> str:
    """Return the address of a job's page."""
    return to("jobs.job", job_id=job.job_id)


# ---------------------------------------------------------------- cancel


@pages.get("/jobs/<job_id>/cancel")
def ask_to_cancel(job_id: str) -> str:
    """Say what a cancel will do."""
    job = job_to(Role.DROP, job_id)
    return asked(
        "Cancel this job",
        "Nothing of it is sent. Its rows are in retry.csv, to be sent another time."
        if job.state is JobState.HELD and job.is_nothing_sent
        else "No more of it is sent. Rows that were sent already still get their outcomes, as "
        "nothing can call them back. The others are in retry.csv, to be sent another time.",
        button="Cancel the job",
        back=page_of(job),
    )


@pages.post("/jobs/<job_id>/cancel")
def cancel(job_id: str) -> Response:
    """Stop a job."""
    job = job_to(Role.DROP, job_id)
    try:
        with recorded("cancel", f"JOB#{job_id}"):
            sentence = _cancelled(job)
    except NotHeldError as error:
        sentence = str(error)
    return done(sentence, page_of(job))


def _cancelled(job: Job) -> str:
    ports = act_ports()
    stopped, effect = cancel_job(job.job_id, ports.jobs)
    if stopped.state is JobState.HELD:
        cancel_held_job(stopped, ports)
        return HELD_BACK
    ending = stopped.verdict or stopped.state
    return EFFECTS[effect].format(state=ending.value, reason=stopped.stop_reason)


# ---------------------------------------------------------------- approve and refuse


class Answer(NamedTuple):
    """What a held job is answered, and what is said of it. `did` has the sentence's ending."""

    give: Callable[[str, str, HoldPorts], Job]
    title: str
    will: str
    button: str
    did: tuple[str, str]
    is_grave: bool = False


ANSWERS: Mapping[str, Answer] = {
    "approve": Answer(
        approve_job,
        "Approve",
        "The rows are sent, to the destinations below. The time for it begins when you approve.",
        "Have it sent",
        ("Approved: it is sent now.", "Approved: {} are sent now."),
    ),
    "refuse": Answer(
        refuse_job,
        "Refuse",
        "No row that waits is sent. The rows are in each job's retry.csv, to be sent another time.",
        "Refuse",
        ("Refused: what waited is not sent.", "Refused: what waited of {} is not sent."),
        is_grave=True,
    ),
}


@pages.get("/<any(jobs, uploads):place>/<job_id>/<any(approve, refuse):word>")
def ask_for_answer(place: str, job_id: str, word: str) -> str | Response:
    """Show what waits, and what the answer will do."""
    held = [job for job in _asked_about(place, job_id) if job.state is JobState.HELD]
    back = _back(place, job_id)
    if not held:
        return done("It does not wait for an answer.", back)
    answer = ANSWERS[word]
    return render_template(
        "answer.html",
        title=f"{answer.title} {_called(held)}",
        will=answer.will,
        button=answer.button,
        is_grave=answer.is_grave,
        back=back,
        held=held,
        to_send=to_send,
    )


@pages.post("/<any(jobs, uploads):place>/<job_id>/<any(approve, refuse):word>")
def give_answer(place: str, job_id: str, word: str) -> Response:
    """Answer the jobs that the form shows, each by its plan."""
    known = {job.job_id for job in _asked_about(place, job_id)}
    answer = ANSWERS[word]
    answered, problems = 0, []
    for shown in request.form.getlist("plan"):
        name, _, plan_hash = shown.partition(" ")
        if name not in known:
            continue
        try:
            with recorded(word, f"JOB#{name}", f"plan {plan_hash[:64]}"):
                answer.give(name, plan_hash, act_ports())
        except NotHeldError as error:
            problems.append(str(error))
        else:
            answered += 1
    one, several = answer.did
    did = one if answered == 1 else several.format(plural(answered, "job"))
    said = [*([did] if answered else []), *problems]
    return done(" ".join(said) or "Nothing was answered.", _back(place, job_id))


def _asked_about(place: str, job_id: str) -> Sequence[Job]:
    """Return the job, or all jobs of its upload."""
    job = job_to(Role.APPROVE, job_id)
    return upload_of(desk().ports.records, job, MOST_BESIDE).jobs if place == "uploads" else [job]


def _back(place: str, job_id: str) -> str:
    endpoint = "uploads.upload" if place == "uploads" else "jobs.job"
    return to(endpoint, job_id=job_id)


def _called(held: Sequence[Job]) -> str:
    return "this job" if len(held) == 1 else plural(len(held), "job")
