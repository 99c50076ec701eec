"""Failed conditional writes, which are expected when two calls race."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from botocore.exceptions import ClientError

T = TypeVar("T")

TRANSACTION_CANCELLED = "TransactionCanceledException"
TRANSACTION_CONFLICT = "TransactionConflictException"

_PASSING = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
_TRIES = 5


def retried(write: Callable[[], T]) -> T:
    """Write, and again after a conflict with a transaction; boto3 repeats only what is throttled.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
    """
    for _ in range(_TRIES - 1):
        try:
            return write()
        except ClientError as error:
            if not _is_passing(error):
                raise
    return write()


def _is_passing(error: ClientError) -> bool:
    code = error.response.get("Error", {}).get("Code")
    reasons: Any = error.response.get("CancellationReasons", [])
    codes = {reason.get("Code") for reason in reasons}
    return code == TRANSACTION_CONFLICT or (
        code == TRANSACTION_CANCELLED
        and "ConditionalCheckFailed" not in codes
        and bool(codes & _PASSING)
    )


def raise_unless_conflict(error: ClientError) -> None:
    """Raise the error again unless a condition failed; a transaction can fail for other reasons."""
    code = error.response.get("Error", {}).get("Code")
    reasons: Any = error.response.get("CancellationReasons", [])
    cancelled = any(reason.get("Code") == "ConditionalCheckFailed" for reason in reasons)
    if code != "ConditionalCheckFailedException" and not (
        code == TRANSACTION_CANCELLED and cancelled
    ):
        raise error
