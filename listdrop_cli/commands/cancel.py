"""`cancel`: have a job stop."""

from __future__ import annotations

import typer

from listdrop.errors import NotHeldError
from listdrop.jobs.cancelling import EFFECTS, HELD_BACK, Effect, cancel_job
from listdrop.jobs.holding import cancel_held_job
from listdrop.models import JobState
from listdrop_cli.options import JobArgument, JsonOption
from listdrop_cli.output import NO, fail, out, show_json
from listdrop_cli.target import Target, with_target


@with_target
def cancel(target: Target, job_id: JobArgument, as_json: JsonOption = False) -> None:
    """Stop sending a job. Rows that were already sent still get their outcomes.

    Says what it can still do, and exits with 1 if it changes nothing: the job has ended, is about
    to, or had been stopped for another reason.

    Example: listdrop cancel spring-kakiyo-0123456789abcdef
    """
    try:
        job, effect = cancel_job(job_id, target.jobs())
        said = EFFECTS[effect]
        if job.state is JobState.HELD:
            said = HELD_BACK
            job, effect = cancel_held_job(job, target.hold_ports()), Effect.STOPPED
    except KeyError:
        fail(f"There is no job {job_id}.")
    except NotHeldError as error:
        fail(str(error))
    is_cancelled = effect in (Effect.STOPPED, Effect.ALL_SENT)
    if as_json:
        show_json(
            {"job_id": job_id, "state": job.state, "cancelled": is_cancelled, "effect": effect}
        )
    else:
        ending = job.verdict or job.state
        out.print(said.format(state=ending.value, reason=job.stop_reason))
    if not is_cancelled:
        raise typer.Exit(NO)
