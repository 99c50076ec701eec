"""`approve` and `refuse`: answer a job that waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from listdrop.errors import NotHeldError
from listdrop.jobs.holding import approve_job, refuse_job
from listdrop.models import Job
from listdrop_cli.options import JobArgument, JsonOption
from listdrop_cli.output import fail, out, show_json
from listdrop_cli.target import Target, with_target

_PlanOption = Annotated[
    str,
    typer.Option(
        "--plan", metavar="HASH", help="The plan that was looked at, as `listdrop job` shows it."
    ),
]


@with_target
def approve(
    target: Target, job_id: JobArgument, plan: _PlanOption, as_json: JsonOption = False
) -> None:
    """Send the rows of a held job. Its deadline begins now.

    It is an error if the job does not wait any more, or if that is not its plan.

    Example: listdrop approve spring-kakiyo-0123456789abcdef --plan 89abcdef01234567
    """
    job = _answer(approve_job, target, job_id, plan)
    _tell(job, f"Approved: it runs until {job.deadline_at:%Y-%m-%d %H:%M} UTC.", as_json=as_json)


@with_target
def refuse(
    target: Target, job_id: JobArgument, plan: _PlanOption, as_json: JsonOption = False
) -> None:
    """Send no more of a held job. Its other rows are in retry.csv, to be sent another time.

    It is an error if the job does not wait any more, or if that is not its plan.

    Example: listdrop refuse spring-kakiyo-0123456789abcdef --plan 89abcdef01234567
    """
    job = _answer(refuse_job, target, job_id, plan)
    _tell(
        job,
        f"Refused: {'nothing' if job.is_nothing_sent else 'no more'} of it is sent.",
        as_json=as_json,
    )


def _answer(answer: Callable[[str, str, Any], Job], target: Target, job_id: str, plan: str) -> Job:
    try:
        return answer(job_id, plan, target.hold_ports())
    except KeyError:
        fail(f"There is no job {job_id}.")
    except NotHeldError as error:
        fail(str(error))


def _tell(job: Job, sentence: str, *, as_json: bool) -> None:
    if as_json:
        show_json({"job_id": job.job_id, "state": job.state, "deadline_at": job.deadline_at})
    else:
        out.print(sentence)
