"""Finish: bring a job to its terminal state, write its files and send its notice."""

from __future__ import annotations

from typing import Any

from listdrop.starting import quick_start

with quick_start():
    from aws_lambda_powertools import Logger
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from listdrop.errors import UnfinishedJobError
    from listdrop.jobs.finishing import finish_job
    from listdrop.models import Turn
    from listdrop.wiring.finish import finish_ports

LAST_SECONDS = 300
"""Reserved for what follows once time is over: storing what there is, or joining the files."""

logger = Logger(service="listdrop")


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Return the job's terminal state, or the next turn if time ran out.

    The workflow passes its turn. For an execution that broke off, EventBridge passes the
    execution's input as text. If time runs out in that case, raises `UnfinishedJobError`, so that
    Lambda retries.
    """
    turn = (
        Turn.model_validate_json(event["input"]) if "input" in event else Turn.model_validate(event)
    )
    logger.set_correlation_id(turn.job_id)
    seconds = context.get_remaining_time_in_millis() / 1000 - LAST_SECONDS
    state = finish_job(turn, finish_ports(), seconds)
    if state is not None:
        logger.info("finished", provider=turn.provider, state=state.value)
        return {"job_id": turn.job_id, "state": state.value}
    logger.info("not yet finished", provider=turn.provider)
    if "input" in event:
        raise UnfinishedJobError(turn.job_id)
    return turn.then("finish").state()
