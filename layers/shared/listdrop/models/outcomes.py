"""What became of a row: the closed list of outcomes, and why."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from listdrop.models.reasons import REASONS, sentence_of


class Group(StrEnum):
    """What an outcome means for the people who dropped the file."""

    GOOD = "good"
    """The row is in, and the provider's answer proves it."""
    SETTLED = "settled"
    """Nothing needs doing."""
    BAD = "bad"
    """Somebody should look at the row."""


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
    def group(self) -> Group:
        """Whether the outcome is good, settled or bad."""
        return _GROUPS[self]

    @property
    def is_bad(self) -> bool:
        """Whether somebody should look at the row."""
        return _GROUPS[self] is Group.BAD

    @property
    def is_with_provider(self) -> bool:
        """Whether the provider certainly has the row, from this job or from before."""
        return _GROUPS[self] is Group.GOOD or self is Outcome.EXISTING


_GROUPS = {
    Outcome.CONFIRMED: Group.GOOD,
    Outcome.ACCEPTED: Group.GOOD,
    Outcome.EXISTING: Group.SETTLED,
    Outcome.DUPLICATE: Group.SETTLED,
    Outcome.SUPPRESSED: Group.SETTLED,
    Outcome.INVALID: Group.BAD,
    Outcome.REFUSED: Group.BAD,
    Outcome.UNKNOWN: Group.BAD,
}
_IN_GROUP = {
    group: tuple(outcome for outcome in Outcome if outcome.group is group) for group in Group
}
_WITH_PROVIDER = tuple(outcome for outcome in Outcome if outcome.is_with_provider)


class RowResult(NamedTuple):
    """The outcome of one row. `reason` is one of our codes, or the provider's own words.

    `warning` has codes of `WARNINGS`, with a blank between them: what the provider left out, or
    only sending showed. What the plan leaves out is in its row.
    """

    outcome: Outcome
    reason: str = ""
    reason_text: str = ""
    provider_ref: str = ""
    raw_status: str = ""
    warning: str = ""

    @property
    def members(self) -> tuple[str, ...]:
        """The members as they are stored: few rows have a warning, which is left out if empty."""
        return self if self.warning else self[:-1]

    @property
    def sentence(self) -> str:
        """The sentence to show beside the reason; empty where there is none, or none any more."""
        if self.reason_text or not self.reason:
            return self.reason_text
        return sentence_of(self.reason, is_refusal=self.outcome is Outcome.REFUSED)


def row_result(outcome: Outcome, code: str) -> RowResult:
    """Return a row's result for one of our codes, with that code's sentence."""
    return RowResult(outcome, code, REASONS[code].sentence)


NOT_REPORTED = row_result(Outcome.UNKNOWN, "not_reported")
PHONE_LEFT_OUT = "phone_left_out"
ROW_PADDED = "row_padded"
CUSTOM_DATA_NOT_SAVED = "custom_data_not_saved"
WARNINGS = {
    PHONE_LEFT_OUT: (
        "The telephone number was left out: it is not one whole number, or has no country code."
    ),
    ROW_PADDED: (
        "The row ends before the header does: the cells that are missing were taken to be empty."
    ),
    CUSTOM_DATA_NOT_SAVED: (
        "Part of the row was left out or not saved: its notes, or a value that does not fit the "
        "provider's field."
    ),
}
"""Warnings about something left out of a row that was sent: code to sentence."""


def warning_text(codes: str) -> str:
    """Return the sentences of a row's warnings, which have a blank between them; empty for none."""
    return " ".join(filter(None, map(WARNINGS.get, codes.split()))) if codes else ""


Counts = dict[str, int]


_NO_COUNTS: Counts = {"rows": 0} | {outcome.value: 0 for outcome in Outcome}


def no_counts() -> Counts:
    """Return zero counts for `rows` and for each outcome."""
    return _NO_COUNTS.copy()


def rows_in(counts: Mapping[str, int] | Mapping[Outcome, int], group: Group) -> int:
    """Count the rows whose outcome is in this group."""
    return sum(counts[outcome] for outcome in _IN_GROUP[group])


def rows_with_provider(counts: Mapping[str, int]) -> int:
    """Count the rows that the provider certainly has."""
    return sum(counts[outcome] for outcome in _WITH_PROVIDER)
