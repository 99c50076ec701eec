"""Writes that fail: because two calls race, which is expected, or because the table is busy."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from botocore.exceptions import ClientError

from listdrop.ports import Clock

T = TypeVar("T")

THROTTLED = frozenset(
    {"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"}
)
"""What boto3 raises after it has repeated a request of which DynamoDB took nothing."""

_BUSY = THROTTLED | {"InternalServerError", "ServiceUnavailable"}
"""Each is "OK to retry":
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
"""

MOST_SECONDS = 20
"""How long one request is made again. A last try may begin then, and take boto3 seven seconds:
Send and Status have 90 seconds for what follows their last request to a provider."""

_FIRST_SECONDS = 0.1
_LONGEST_SECONDS = 5.0


class Retries:
    """Makes requests to the table again that it refused only for the moment, if it has a `clock`.

    boto3 gives up after four requests, which may take a second. For the answer of a provider that
    is too soon: if it is not stored, it is lost. So this goes on for `MOST_SECONDS`. Waits double,
    and each is drawn between nothing and that.
    """

    def __init__(
        self, clock: Clock | None = None, draw: Callable[[], float] = random.random
    ) -> None:
        self._clock = clock
        self._draw = draw

    def __call__(self, ask: Callable[[], T]) -> T:
        """Make a request until it is taken. Raises what it failed with in the end."""
        if self._clock is None:
            return ask()
        ends_at = self._clock.now() + timedelta(seconds=MOST_SECONDS)
        longest = _FIRST_SECONDS
        while True:
            try:
                return ask()
            except ClientError as error:
                at = self._clock.now() + timedelta(seconds=self._draw() * longest)
                if at > ends_at or _code_of(error) not in _BUSY:
                    raise
            self._clock.wait_until(at)
            longest = min(2 * longest, _LONGEST_SECONDS)


def _code_of(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


def raise_unless_conflict(error: ClientError) -> None:
    """Raise the error again unless a condition failed."""
    if _code_of(error) != "ConditionalCheckFailedException":
        raise error
