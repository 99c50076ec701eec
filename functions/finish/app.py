"""Finish: bring a job to its terminal state and say how it went."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.parser import event_parser
from aws_lambda_powertools.utilities.typing import LambdaContext

from listdrop import wiring
from listdrop.finishing import finish_job
from listdrop.models import Turn

logger = Logger(service="listdrop")


@logger.inject_lambda_context(correlation_id_path="job_id")
@event_parser(model=Turn)
def lambda_handler(event: Turn, context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 # Lambda's signature
    """Return the job's terminal state."""
    state = finish_job(event, wiring.finish_ports())
    logger.info("finished", provider=event.provider, state=state.value)
    return {"job_id": event.job_id, "state": state.value}
