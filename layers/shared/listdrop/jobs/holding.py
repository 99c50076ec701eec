"""Jobs that wait for a person: which do, and what an answer does."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from listdrop.errors import NotHeldError
from listdrop.jobs.new_jobs import start_job
from listdrop.models import Job, JobState, Outcome, Route, part
from listdrop.models.warnings import UNCLEAR_CONSENT, JobWarning
from listdrop.notices.wording import plural, share
from listdrop.ports import Clock, Executions, HeldJobs

if TYPE_CHECKING:
    from listdrop.plans.plan import Plan

NOT_APPROVED = "not_approved"
SAMPLE_FAILED = "sample_failed"
_REFUSED = "Somebody decided not to send the rows."
_FORGOTTEN = "Nobody approved the rows in time."
_CANCELLED = "The job was cancelled while it waited for approval."


class HoldPorts(Protocol):
    """What answers work with."""

    @property
    def jobs(self) -> HeldJobs:
        """Jobs."""
        ...

    @property
    def executions(self) -> Executions:
        """The state machine."""
        ...

    @property
    def clock(self) -> Clock:
        """The time."""
        ...


class AnswerPorts(NamedTuple):
    """What a command that answers works with."""

    jobs: HeldJobs
    executions: Executions
    clock: Clock


def why_held(route: Route, counts: dict[str, int], warnings: tuple[JobWarning, ...]) -> str:
    """Return in sentences why a planned job waits for a person; empty if it does not.

    `counts` are the plan's: its rows, and those that are settled without being sent.
    """
    hold = route.hold
    if hold is None:
        return ""
    rows, bad = counts["rows"], counts[Outcome.INVALID]
    found = []
    if hold.above_rows is not None and rows > hold.above_rows:
        found.append(
            f"The file has {plural(rows, 'row')}; this route asks for approval above "
            f"{hold.above_rows:,}."
        )
    if hold.bad_share_above is not None and bad > part(hold.bad_share_above, rows):
        found.append(f"{plural(bad, 'row')} ({share(bad, rows)}) cannot be sent.")
    if hold.unclear_consent and any(each.code == UNCLEAR_CONSENT for each in warnings):
        found.append("What the file says about consent is not clear.")
    return " ".join(found)


def held(
    plan: Plan, route: Route, warnings: tuple[JobWarning, ...], now: datetime
) -> dict[str, Any]:
    """Return what changes about a planned job that waits for a person; nothing if it does not."""
    why = why_held(route, plan.counts, warnings)
    if not why:
        return {}
    return {
        "state": JobState.HELD,
        "held_until": now + timedelta(hours=route.hold_hours),
        "plan_hash": fingerprint(plan),
        "reason_text": why,
    }


def fingerprint(plan: Plan) -> str:
    """Return what an approval names: it is of a finished plan."""
    plan.file.seek(0)
    return hashlib.file_digest(plan.file, "sha256").hexdigest()[:16]  # type: ignore[arg-type] # it is a file


def approve_job(job_id: str, plan_hash: str, ports: HoldPorts) -> Job:
    """Have a held job run; its deadline begins now. Of several approvals, one starts it.

    Raises `KeyError`, and `NotHeldError` if it does not wait any more, if its time is over, or with
    another plan.
    """
    job = _waiting(job_id, plan_hash, ports)
    deadline_at = ports.clock.now() + job.time_to_run
    changes: dict[str, Any] = {"deadline_at": deadline_at, "reason_text": ""}
    return _answered(job, changes, ports)


def refuse_job(job_id: str, plan_hash: str, ports: HoldPorts) -> Job:
    """Have a held job end `cancelled`: its rows are `refused`, and may be sent again.

    Raises as `approve_job` does.
    """
    job = _waiting(job_id, plan_hash, ports)
    return _refused(job, _unapproved(job), _REFUSED, ports)


def cancel_held_job(job: Job, ports: HoldPorts) -> Job:
    """End a job that waits, whatever its plan. Raises `NotHeldError` if it waits no more."""
    return _refused(job, JobState.CANCELLED.value, _CANCELLED, ports)


def refuse_forgotten(ports: HoldPorts) -> int:
    """Refuse every held job that nobody answered in time; returns how many those are.

    One that was answered by a call that died before it started the job is started. One that fails
    keeps no other waiting: what it failed with is raised when all have had their turn.
    """
    refused = 0
    failure: Exception | None = None
    now = ports.clock.now()
    for job_id in ports.jobs.forgotten(now):
        try:
            refused += _refuse_or_start(job_id, now, ports)
        except (KeyError, NotHeldError):  # it is gone, or was answered at this moment
            continue
        except Exception as error:  # noqa: BLE001 # whatever it is, it is raised below
            failure = failure or error
    if failure is not None:
        raise failure
    return refused


def _refuse_or_start(job_id: str, now: datetime, ports: HoldPorts) -> bool:
    """Refuse a job if it still waits, or start it if only that is missing; true if refused."""
    job = ports.jobs.get(job_id)
    if job.state is JobState.HELD:
        if job.held_until and job.held_until > now:  # it waits for the second time
            return False
        _refused(job, _unapproved(job), _FORGOTTEN, ports)
        return True
    if _is_unstarted(job):
        start_job(job, ports)
    return False


def _waiting(job_id: str, plan_hash: str, ports: HoldPorts) -> Job:
    job = ports.jobs.get(job_id)
    if job.state is not JobState.HELD:
        if _is_unstarted(job):
            start_job(job, ports)
        raise NotHeldError(f"Job {job_id} does not wait for approval: it is {job.state.value}.")
    if job.plan_hash != plan_hash:
        raise NotHeldError(
            f"That is not the plan of job {job_id}, which is {job.plan_hash}: look at it before "
            "you answer."
        )
    if job.held_until is not None and job.held_until < ports.clock.now():
        raise NotHeldError(
            f"Job {job_id} waited for an answer until {job.held_until:%Y-%m-%d %H:%M} UTC. It is "
            "refused now, and its rows may be sent again."
        )
    return job


def _unapproved(job: Job) -> str:
    """Return why rows of a job that nobody approved were not sent."""
    return SAMPLE_FAILED if job.sample and job.sample.state == "failed" else NOT_APPROVED


def _is_unstarted(job: Job) -> bool:
    """Whether a call died after it answered, and before it started the job."""
    return job.answered_at is not None and not job.execution_arn and not job.state.is_terminal


def _refused(job: Job, reason: str, text: str, ports: HoldPorts) -> Job:
    changes: dict[str, Any] = {
        "verdict": JobState.CANCELLED,
        "stop_reason": reason,
        "stop_text": text,
        "reason_text": "",
    }
    return _answered(job, changes, ports)


def _answered(job: Job, changes: dict[str, Any], ports: HoldPorts) -> Job:
    """Store an answer, if there is none yet, and start the job."""
    now = ports.clock.now()
    if job.held_until and job.held_until > now:  # where Sweep looks soon, if this call dies
        ports.jobs.hold(job.model_copy(update={"held_until": now}))
    changes |= {"state": JobState.PENDING, "answered_at": now}
    if not ports.jobs.answer(job.job_id, job.plan_hash, **changes):
        latest = ports.jobs.get(job.job_id)
        raise NotHeldError(f"Somebody was faster: job {job.job_id} is {latest.state.value}.")
    job = job.model_copy(update=changes)
    start_job(job, ports)
    return job
