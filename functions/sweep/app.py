"""Sweep: every 15 minutes, deliver uploads again whose jobs have not all started."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from listdrop import wiring
from listdrop.jobs.sweeping import sweep_uploads

PAGE_SECONDS = 90
"""Reserved for one page: a thousand uploads, each looked up, counted and delivered."""

logger = Logger(service="listdrop")


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 # Lambda's signature
    """Return how many uploads were delivered again."""
    seconds = context.get_remaining_time_in_millis() / 1000 - PAGE_SECONDS
    delivered = sweep_uploads(wiring.sweep_ports(), seconds)
    logger.info("swept", delivered=delivered)
    return {"delivered": delivered}
