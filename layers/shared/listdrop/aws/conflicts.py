"""Failed conditional writes, which are expected when two calls race."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

TRANSACTION_CANCELLED = "TransactionCanceledException"


def raise_unless_conflict(error: ClientError) -> None:
    """Raise the error again unless a condition failed; a transaction can fail for other reasons."""
    code = error.response.get("Error", {}).get("Code")
    reasons: Any = error.response.get("CancellationReasons", [])
    cancelled = any(reason.get("Code") == "ConditionalCheckFailed" for reason in reasons)
    if code != "ConditionalCheckFailedException" and not (
        code == TRANSACTION_CANCELLED and cancelled
    ):
        raise error
