"""Asking about a batch that was taken in parts: one after the other, each by its own receipt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from listdrop.jobs.settling import Ending, about_all, in_part, save_outcomes
from listdrop.models import NOT_REPORTED, BatchItem, BatchState, Part
from listdrop.ports import Files
from listdrop.providers.base import PollAnswer

ANSWERED = Ending(BatchState.COMPLETED, NOT_REPORTED, {})
"""The provider has answered for all parts of the batch."""


def next_part(batch: BatchItem) -> Part | None:
    """Return the part to ask about next; `None` if there is none."""
    return next((part for part in batch.parts if not part.outcomes), None)


def rows_of(part: Part, rows: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return those of a batch's open rows that are in a part."""
    return [(row, identity) for row, identity in rows if in_part(row, part)]


def is_repeat(batch: BatchItem, rows: Sequence[tuple[int, str]]) -> bool:
    """Whether an earlier request with any of these rows may have been taken."""
    doubtful = set(batch.doubtful)
    return batch.repeats > 0 and (not doubtful or any(row in doubtful for row, _ in rows))


def answered(
    batch: BatchItem,
    part: Part,
    rows: Sequence[tuple[int, str]],
    answer: PollAnswer,
    files: Files,
) -> dict[str, Any]:
    """Store the outcomes of a part, and return what changes in the batch."""
    rest = about_all(answer.rest)
    outcomes = [(row, answer.results.get(row, rest)) for row, _ in rows]
    done = part.model_copy(update={"outcomes": save_outcomes(batch, outcomes, files)})
    left = [each for each in batch.parts if each != part]
    return {
        "parts": (*left, done),
        "raw_status": answer.raw_status,
        "poll_failures": 0,
        "failing_since": None,
    }


def found(batch: BatchItem) -> tuple[Part, ...]:
    """Return the parts with none of them missing any more."""
    return tuple(part.model_copy(update={"missing": 0}) for part in batch.parts)


def asked(batch: BatchItem, part: Part, **changes: Any) -> tuple[Part, ...]:
    """Return the parts with this one changed and last, so that all have their turn."""
    left = [each for each in batch.parts if each != part]
    return (*left, part.model_copy(update=changes))
