"""Status: ask a provider about a job's batches, one turn."""

from __future__ import annotations

from typing import Any

from listdrop.starting import quick_start

with quick_start():
    from aws_lambda_powertools import Logger
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from listdrop.jobs.polling import poll_batches
    from listdrop.models import Turn
    from listdrop.wiring.turns import turn_ports

TURN_SECONDS = 45
"""After it, a request that has begun may take a minute and a half more, with all that follows."""

MORE_SECONDS = 255
"""Until then, another turn may begin in the same call. The function has 480 seconds."""

logger = Logger(service="listdrop")


@logger.inject_lambda_context(correlation_id_path="job_id")
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 # Lambda's signature
    """Return the next turn, which the state machine branches on."""
    turn = Turn.model_validate(event)
    following = poll_batches(turn, turn_ports(), TURN_SECONDS, MORE_SECONDS)
    logger.info("polled", provider=turn.provider, turn=following.turn, next=following.next)
    return following.state()
