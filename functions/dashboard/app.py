"""Dashboard: the pages of `listdrop dashboard` behind a function URL, for IAM or with a sign-in."""

from __future__ import annotations

from functools import cache
from typing import Any

from listdrop.starting import quick_start

with quick_start():
    from apig_wsgi import make_lambda_handler
    from aws_lambda_powertools import Logger
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from listdrop.dashboard.app import hosted_app
    from listdrop.wiring import dashboard as wiring

logger = Logger(service="listdrop")


@cache
def _answer() -> Any:
    # Result files are not served here: the browser gets them from S3.
    return make_lambda_handler(hosted_app(wiring.dashboard_ports(), wiring.sign_in()))


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Return a page. The query is not logged, because it may name a person."""
    asked = event["requestContext"]
    # Whatever headers say, people come by this name, over TLS: a sign-in returns there.
    own = {"host": asked["domainName"], "x-forwarded-proto": "https"}
    if asked.get("accountId") == "anonymous" and not wiring.sign_in():
        raise PermissionError("the address is public, but nobody can sign in")
    answer: dict[str, Any] = _answer()(event | {"headers": event["headers"] | own}, context)
    logger.info("shown", status=answer["statusCode"])
    return answer
