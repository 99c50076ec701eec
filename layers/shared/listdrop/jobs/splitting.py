"""Splitting a request that was refused whole, down to the rows that cause it.

It is halved until the row is found, which is refused in the provider's own words; all other rows
are taken in parts. Where the words do not say that a row is the cause, three rows are sent alone
before that: the first, the last and the second. If all are refused, the cause is not in the rows. A
job has a budget, of which that takes a fourth, and what may have been taken already is never split.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from listdrop.jobs.settling import in_part
from listdrop.models import BatchItem, Json, Part, PlannedRow, RowResult, Split

MOST_SPLITS = 1_000
"""Refused requests of a job that are split. A single row among 5,000 takes at most 13 of them."""

NOT_IN_ROWS = MOST_SPLITS // 4
"""What it costs of the budget to find that the cause is not in a batch's rows."""

_FOLLOWING: Mapping[str, Literal["last", "second"]] = {"first": "last", "last": "second"}

ALONE = "The provider refused the row when it was sent alone."


def untaken(batch: BatchItem, rows: Sequence[PlannedRow]) -> list[PlannedRow]:
    """Return the rows of a batch that are still to be sent, in order."""
    return [
        row
        for row in rows
        if row.row not in batch.settled and not any(in_part(row.row, part) for part in batch.parts)
    ]


def next_rows(batch: BatchItem, rows: Sequence[PlannedRow]) -> list[PlannedRow]:
    """Return the rows of the next request, of those that are still to be sent."""
    split = batch.split
    if split is None or not split.suspects:
        return list(rows[: batch.max_rows])
    if split.probe == "last":
        return list(rows[: split.suspects][-1:])
    half = 1 if split.probe else max(split.suspects // 2, 1)
    return list(rows[: min(half, batch.max_rows or half)])


def is_about_one(batch: BatchItem) -> bool:
    """Whether the next request has a single row, because of a refusal."""
    split = batch.split
    return split is not None and (bool(split.probe) or 0 < split.suspects < 4)


def narrowed(split: Split | None, asked: int, *, is_about_rows: bool) -> Split:
    """Go on after a request with several rows was refused."""
    if is_about_rows or (split is not None and split.is_rows):
        return Split(suspects=asked, is_rows=True)
    return Split(suspects=asked, probe="first")


def found(split: Split | None) -> Split | None:
    """Go on after a single row was refused; `None` if the cause is not in the rows."""
    if split is None or not split.probe or split.suspects == 1:
        return Split(is_rows=True)
    following = _FOLLOWING.get(split.probe)
    return Split(suspects=split.suspects - 1, probe=following) if following else None


def all_refused(
    batch: BatchItem, rows: Sequence[PlannedRow], result: RowResult
) -> dict[int, RowResult]:
    """Return the outcomes of the rows of a refused request whose cause is not in the rows."""
    suspects = batch.split.suspects if batch.split else 0
    return {row.row: result for row in rows[:suspects]}


def cleared(split: Split | None, taken: int) -> Split | None:
    """Go on after the first `taken` rows were taken, or settled by name."""
    if split is None or not taken:
        return split
    if split.probe == "last":  # the first was the cause
        return Split(is_rows=True)
    return Split(suspects=max(split.suspects - taken, 0), is_rows=True)


def part_of(rows: Sequence[PlannedRow], handle: Json) -> Part:
    """Return the part that a request with these rows makes."""
    return Part(first=rows[0].row, last=rows[-1].row, handle=handle)
