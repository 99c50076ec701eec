"""Acts on a job: stop it, or answer one that waits."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from listdrop.dashboard.acting import act_ports, asked, done, recorded
from listdrop.dashboard.desk import to
from listdrop.dashboard.jobs import job_or_404
from listdrop.dashboard.visitors import Role, require
from listdrop.errors import NotHeldError
from listdrop.jobs.cancelling import EFFECTS, cancel_job
from listdrop.jobs.holding import cancel_held_job
from listdrop.models import Job, JobState

pages = Blueprint("answering", __name__)


@pages.get("/jobs/<job_id>/cancel")
def ask_to_cancel(job_id: str) -> str:
    """Say what a cancel will do."""
    job = _job(job_id, Role.DROP)
    return asked(
        "Cancel this job",
        "No more of it is sent. Rows that were sent already still get their outcomes, as nothing "
        "can call them back. The others are in retry.csv, to be sent another time.",
        button="Cancel the job",
        back=_page_of(job),
    )


@pages.post("/jobs/<job_id>/cancel")
def cancel(job_id: str) -> Response:
    """Stop a job."""
    job = _job(job_id, Role.DROP)
    with recorded("cancel", f"JOB#{job_id}"):
        sentence = _cancelled(job)
    return done(sentence, _page_of(job))


def _cancelled(job: Job) -> str:
    ports = act_ports()
    stopped, effect = cancel_job(job.job_id, ports.jobs)
    if stopped.state is JobState.HELD:
        try:
            cancel_held_job(stopped, ports)
        except NotHeldError as error:
            return str(error)
        return "Cancelled: nothing of it is sent."
    ending = stopped.verdict or stopped.state
    return EFFECTS[effect].format(state=ending.value, reason=stopped.stop_reason)


def _job(job_id: str, role: Role) -> Job:
    """Return a job that the visitor may act on in this role."""
    act_ports()
    job = job_or_404(job_id)
    require(role, job.route)
    return job


def _page_of(job: Job) -> str:
    return to("jobs.job", job_id=job.job_id)
