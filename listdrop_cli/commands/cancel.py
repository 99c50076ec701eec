"""`cancel`: have a job stop."""

from __future__ import annotations

import typer

from listdrop.jobs.cancelling import cancel_job
from listdrop_cli.options import JobArgument, JsonOption
from listdrop_cli.output import NO, fail, out, show_json
from listdrop_cli.target import Target, with_target


@with_target
def cancel(target: Target, job_id: JobArgument, as_json: JsonOption = False) -> None:
    """Stop sending a job. Rows that were already sent still get their outcomes.

    Exits with 1 if the job has already ended.

    Example: listdrop cancel spring-kakiyo-0123456789abcdef
    """
    try:
        state = cancel_job(job_id, target.jobs())
    except KeyError:
        fail(f"There is no job {job_id}.")
    if as_json:
        show_json({"job_id": job_id, "state": state, "cancelled": not state.is_terminal})
    elif state.is_terminal:
        out.print(f"The job has already ended: {state.value}.")
    else:
        out.print("Cancelled: the job will end with its next turn.")
    if state.is_terminal:
        raise typer.Exit(NO)
