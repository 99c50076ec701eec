"""Conditions of writes that were not met: expected where two may race."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

TRANSACTION_CANCELLED = "TransactionCanceledException"


def raise_unless_conflict(error: ClientError) -> None:
    """Raise again what is no failed condition; a transaction may also fail for other reasons."""
    code = error.response.get("Error", {}).get("Code")
    reasons: Any = error.response.get("CancellationReasons", [])
    cancelled = any(reason.get("Code") == "ConditionalCheckFailed" for reason in reasons)
    if code != "ConditionalCheckFailedException" and not (
        code == TRANSACTION_CANCELLED and cancelled
    ):
        raise error
