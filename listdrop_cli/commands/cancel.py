"""`cancel`: have a job stop."""

from __future__ import annotations

import typer

from listdrop.jobs.cancelling import cancel_job
from listdrop_cli.asking import JobArgument
from listdrop_cli.output import NO, JsonOption, fail, out, show_json
from listdrop_cli.target import Target, with_target


@with_target
def cancel(target: Target, job_id: JobArgument, as_json: JsonOption = False) -> None:
    """Send no more of a job. Rows that were sent already get their outcomes.

    Exits with 1 if the job has ended before.

    Example: listdrop cancel spring-kakiyo-0123456789abcdef
    """
    try:
        state = cancel_job(job_id, target.jobs())
    except KeyError:
        fail(f"There is no job {job_id}.")
    if as_json:
        show_json({"job_id": job_id, "state": state, "cancelled": not state.is_terminal})
    elif state.is_terminal:
        out.print(f"The job has ended already: {state.value}.")
    else:
        out.print("Cancelled: the job ends with its next turn.")
    if state.is_terminal:
        raise typer.Exit(NO)
