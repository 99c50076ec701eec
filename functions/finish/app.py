"""Finish: bring a job to its terminal state and say how it went."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from listdrop import wiring
from listdrop.finishing import finish_job
from listdrop.models import Turn

logger = Logger(service="listdrop")


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 # Lambda's signature
    """Return the job's terminal state.

    The workflow hands over its turn. Of an execution that broke off, EventBridge hands over what
    it was started with, as text.
    """
    turn = (
        Turn.model_validate_json(event["input"]) if "input" in event else Turn.model_validate(event)
    )
    logger.set_correlation_id(turn.job_id)
    state = finish_job(turn, wiring.finish_ports())
    logger.info("finished", provider=turn.provider, state=state.value)
    return {"job_id": turn.job_id, "state": state.value}
