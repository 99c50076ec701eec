"""What became of a row: the closed list of outcomes, and why."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Outcome(StrEnum):
    """What became of a row. Every data row of every upload ends in exactly one."""

    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    EXISTING = "existing"
    DUPLICATE = "duplicate"
    SUPPRESSED = "suppressed"
    INVALID = "invalid"
    REFUSED = "refused"
    UNKNOWN = "unknown"

    @property
    def is_bad(self) -> bool:
        """Whether somebody should look at the row."""
        return self in _BAD


_BAD = frozenset({Outcome.INVALID, Outcome.REFUSED, Outcome.UNKNOWN})


class RowResult(NamedTuple):
    """The outcome of one row. `reason` is a code of ours, or the provider's own words."""

    outcome: Outcome
    reason: str = ""
    reason_text: str = ""
    provider_ref: str = ""
    raw_status: str = ""


NOT_REPORTED = RowResult(Outcome.UNKNOWN, "not_reported", "The provider did not report this row.")
PHONE_LEFT_OUT = "phone_left_out"
WARNINGS = {
    PHONE_LEFT_OUT: (
        "The telephone number was left out: a spreadsheet has turned it into scientific notation."
    )
}
"""What may be left out of a row that is sent, and the sentence that tells it."""
Counts = dict[str, int]


def no_counts() -> Counts:
    """A count for the rows and for each outcome, all zero."""
    return {"rows": 0} | {outcome.value: 0 for outcome in Outcome}
