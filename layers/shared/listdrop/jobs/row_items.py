"""Row items that Finish writes: of rows that are in no batch, and of batches that left it theirs.

A key of the table has 10,000 rows, one after the other, and takes 1,000 writes a second. So items
are not written in the order of the rows: of some keys at a time, each has a few written in turn.
How far each has come is stored now and then, so that a Finish that died goes on near there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import NamedTuple, TypeAlias

from listdrop.errors import TableBusyError
from listdrop.jobs.ahead import ahead
from listdrop.jobs.settling import (
    decode_outcomes,
    encode_outcomes,
    has_item,
    settled_by_plan,
    unpack,
)
from listdrop.models import ROWS_PER_KEY, BatchItem, Job, JobState, Json, PlannedRow, RowResult
from listdrop.plans.blocks import PlanBlock
from listdrop.ports import Clock, EndingJobs, Files

KEYS_AT_ONCE = 10
"""Together they take 10,000 writes a second: more than a new table does, or Finish makes."""

_WINDOW_BYTES = 32 << 20
"""At most about this much of the plan, and of outcomes, is in memory at once."""

_AT_ONCE = 100
"""Items of one key, before the next one's turn."""

_WRITES_BETWEEN_SAVES = 100

_NOTHING: Json = {}

Row: TypeAlias = tuple[PlannedRow, RowResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPorts:
    """What items are written with."""

    jobs: EndingJobs
    files: Files
    clock: Clock
    readers: int = 1
    """How many files of outcomes are read at once: a job may have tens of thousands."""
    writers: int = 1
    """How many write items at once: a request takes about as long for 25 items as for one."""


class LeftBatch(NamedTuple):
    """A terminal batch whose items are not written: its part of the plan, and its outcomes."""

    first_row: int
    first_byte: int
    last_byte: int
    outcomes: str
    told: bytes

    @classmethod
    def of(cls, batch: BatchItem) -> LeftBatch:
        """Keep only this of a batch: there may be tens of thousands."""
        return cls(batch.first_row, batch.first_byte, batch.last_byte, batch.outcomes, batch.told)


class _Line(NamedTuple):
    """A line of the plan, and the outcomes of its batch if that left its items."""

    first: int
    last: int
    text: bytes
    outcomes: bytes


def write_items(job: Job, left: Sequence[LeftBatch], ports: ItemPorts, ends_at: datetime) -> bool:
    """Write the items that are missing, from where an earlier Finish stopped; false: not all.

    Raises `TableBusyError` if the table took nothing.
    """
    if job.table is None or job.row_items == "none":
        return True
    return _Writing(job, ports, ends_at).write(left)


class _Writing:
    """Writes items in turn, and remembers how far it is."""

    def __init__(self, job: Job, ports: ItemPorts, ends_at: datetime) -> None:
        self._job = job
        self._ports = ports
        self._ends_at = ends_at
        self._through = job.items_through
        self._beyond = {row // ROWS_PER_KEY: row for row in job.items_beyond}
        self._writes = 0

    def write(self, left: Sequence[LeftBatch]) -> bool:
        """Write window by window; false if time runs out, or the table is busy."""
        try:
            for window in self._windows(self._lines(left)):
                if not self._write_window(window):
                    return False
        except TableBusyError:
            if not self._writes:  # called again at once, it would fare no better
                raise
            self._save()
            return False
        return True

    def _write_window(self, window: Sequence[_Line]) -> bool:
        first, last = (row // ROWS_PER_KEY for row in (window[0].first, window[-1].last))
        keys = [self._rows(window, key) for key in range(first, last + 1)]
        for row in ahead(self._put, _in_turn(keys), self._ports.writers):
            self._beyond[row // ROWS_PER_KEY] = row
            self._writes += 1
            is_late = self._ports.clock.now() >= self._ends_at
            if is_late or self._writes % _WRITES_BETWEEN_SAVES == 0:
                self._save()
            if is_late:
                return False
        self._through, self._beyond = window[-1].last, {}
        return True

    def _put(self, rows: Sequence[Row]) -> int:
        self._ports.jobs.put_rows(self._job, rows)
        return rows[-1][0].row

    def _save(self) -> None:
        self._ports.jobs.update(
            self._job.job_id,
            items_through=self._through,
            items_beyond=tuple(self._beyond.values()),
        )

    # ------------------------------------------------------------------ what has to be written

    def _windows(self, lines: Iterable[_Line]) -> Iterator[list[_Line]]:
        """Yield lines of a few keys at a time. The last may reach into one more."""
        window: list[_Line] = []
        size = 0
        for line in lines:
            key = line.first // ROWS_PER_KEY
            if window and (
                key - window[0].first // ROWS_PER_KEY >= KEYS_AT_ONCE or size > _WINDOW_BYTES
            ):
                yield window
                window, size = [], 0
            size += len(line.text)
            if not window or window[-1].outcomes is not line.outcomes:
                size += len(line.outcomes)
            window.append(line)
        if window:
            yield window

    def _lines(self, left: Sequence[LeftBatch]) -> Iterator[_Line]:
        """Yield the lines of the plan that may have rows without items."""
        start = bisect_right(left, self._through + 1, key=lambda batch: batch.first_row)
        batches = ahead(self._read, left[max(start - 1, 0) :], self._ports.readers)
        batch, outcomes = next(batches, (None, b""))
        first_byte = 0
        for text in self._ports.files.plan_lines(self._job.job_id):
            while batch and batch.last_byte < first_byte:
                batch, outcomes = next(batches, (None, b""))
            is_left = batch is not None and batch.first_byte <= first_byte
            first_byte += len(text) + len("\n")
            block = PlanBlock.decode(text)
            last = block.first + len(block) - 1
            has_some = is_left or block.settled or self._job.verdict is JobState.SKIPPED
            if has_some and last > self._through:
                yield _Line(block.first, last, text, outcomes if is_left else b"")

    def _read(self, batch: LeftBatch) -> tuple[LeftBatch | None, bytes]:
        if batch.told:
            return batch, encode_outcomes(unpack(batch.told))
        return batch, self._ports.files.read_outcomes(self._job.job_id, batch.outcomes)

    def _rows(self, lines: Sequence[_Line], key: int) -> Iterator[Row]:
        """Yield the rows of a key that have an item, and have none yet."""
        done = max(self._through, self._beyond.get(key, 0))
        last = (key + 1) * ROWS_PER_KEY - 1
        known: bytes = b""
        sent: dict[int, RowResult] = {}
        for line in lines:
            if line.last <= done or line.last < key * ROWS_PER_KEY:
                continue
            if line.first > last:
                break
            if line.outcomes is not known:
                known = line.outcomes
                sent = dict(decode_outcomes(known)) if known else {}
            for planned in rows_without_payloads(line.text):
                result = settled_by_plan(planned, self._job) or sent.get(planned.row)
                if result is None or planned.row <= done:
                    continue
                if planned.row // ROWS_PER_KEY == key and has_item(result, self._job):
                    yield planned, result


def rows_without_payloads(line: bytes) -> Iterator[PlannedRow]:
    """Yield the rows of a plan's line. Their payloads would take longer than all the rest."""
    block = PlanBlock.decode(line)
    return iter(replace(block, payloads=[_NOTHING] * len(block)))


def _in_turn(keys: list[Iterator[Row]]) -> Iterator[list[Row]]:
    """Yield some rows of each key, and then more of each, while there are any."""
    while keys:
        for rows in list(keys):
            if some := list(islice(rows, _AT_ONCE)):
                yield some
            else:
                keys.remove(rows)
