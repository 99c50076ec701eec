"""Sweep: every 15 minutes, deliver uploads again, and refuse held jobs that nobody answered."""

from __future__ import annotations

from typing import Any

from listdrop.starting import quick_start

with quick_start():
    from aws_lambda_powertools import Logger
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from listdrop.jobs.holding import refuse_forgotten
    from listdrop.jobs.sweeping import sweep_uploads
    from listdrop.wiring.sweep import sweep_ports

PAGE_SECONDS = 90
"""Reserved for one page: a thousand uploads, each looked up, counted and delivered."""

logger = Logger(service="listdrop")


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 # Lambda's signature
    """Return how many uploads were delivered again, and how many held jobs were refused."""
    ports = sweep_ports()
    try:
        refused = refuse_forgotten(ports)
    finally:  # uploads are not kept waiting by a held job that fails
        seconds = context.get_remaining_time_in_millis() / 1000 - PAGE_SECONDS
        delivered = sweep_uploads(ports, seconds)
    logger.info("swept", delivered=delivered, refused=refused)
    return {"delivered": delivered, "refused": refused}
