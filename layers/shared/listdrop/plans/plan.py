"""Builds one destination's plan while an upload is read."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import IO, Any, NamedTuple

from listdrop.errors import UploadRejectedError
from listdrop.models import (
    CUSTOM_DATA_NOT_SAVED,
    PHONE_LEFT_OUT,
    ROW_PADDED,
    BatchItem,
    Outcome,
    Prepared,
    RowResult,
    duplicate_of,
    no_counts,
)
from listdrop.plans.blocks import PlanBlock
from listdrop.plans.consenting import OPTED_OUT
from listdrop.prospects.mapping import Mapped
from listdrop.providers.base import Provider
from listdrop.tables.reading import Block

_WRITTEN_AT_ONCE = 1 << 20
"""Bytes of a plan. A line has a twentieth of that, and written alone takes twice the time."""

_MOST_BATCHES = 999_999
"""Their numbers have six digits in keys, by which they are in order."""

_Closed = tuple[int, int, int, int]
"""A closed batch: first row, number of rows, first and last byte in the plan."""


def plan_file() -> IO[bytes]:
    """Return a temporary file for a plan. The caller closes it."""
    return tempfile.TemporaryFile(buffering=_WRITTEN_AT_ONCE)


class PreparedRows(NamedTuple):
    """Rows as a provider takes them, and by place those that are settled without it."""

    prepared: Prepared
    settled: dict[int, RowResult]

    @classmethod
    def of(
        cls, provider: Provider[Any, Any], mapped: Mapped, problems: Mapping[int, RowResult]
    ) -> PreparedRows:
        """Prepare rows, some of which have problems."""
        prepared = provider.prepare_all(mapped.prospects(provider.reads, provider.asks_for))
        return cls(prepared, {**prepared.invalid, **problems})

    def repeatable(self) -> list[str]:
        """Return identities that later rows may repeat.

        Those of people who opted out are among them, so that their repeats are not sent either.
        """
        found = list(self.prepared.identities)
        for place, result in self.settled.items():
            if result.reason != OPTED_OUT.reason:
                found[place] = ""
        return found


class Plan:
    """One destination's plan while the upload is read: lines in a file, and where batches end.

    If the upload's rows name jobs, only rows of the jobs in `takes` are for this destination. The
    first `sample` rows for sending are in batches of their own.

    `counts` has the rows that are settled before sending, by outcome; `finish` adds all rows. Of
    rows for sending, `warned` is how many have a warning, and `keys` are what `opens_with` asks
    for. `later` has, by the first row of a person, why a later row of theirs is suppressed.
    """

    def __init__(
        self,
        job_id: str,
        provider: Provider[Any, Any],
        file: IO[bytes],
        takes: frozenset[str] = frozenset(),
        sample: int = 0,
    ) -> None:
        self.job_id = job_id
        self.takes = takes
        self.rows = 0
        self.warned = 0
        self.keys: set[str] = set()
        self.later: dict[int, RowResult] = {}
        self.counts = no_counts()
        self.file = file
        self.provider = provider
        self._limits = provider.batch_limits()
        self._sample_left = sample
        self._position = 0
        self._closed: list[_Closed] = []
        self._start()

    def _start(self) -> None:
        """Start a batch."""
        self._most = min(self._limits.rows, self._sample_left or self._limits.rows)
        self._first_row = self._first_byte = 0
        self._batch_rows = self._batch_bytes = 0

    def add(
        self,
        block: Block,
        mapped: Mapped,
        rows: PreparedRows,
        repeats: Mapping[int, int],
        padded: Iterable[int] = (),
    ) -> None:
        """Add rows: for sending, or settled with their problems, or as duplicates.

        `repeats` are the first rows of those that repeat one, by place; `padded` are the places of
        those that had too few cells.
        """
        prepared, settled = rows
        for place, first in repeats.items():
            result = settled.setdefault(place, _duplicate(first))
            if result.outcome is Outcome.SUPPRESSED:
                self.later[first] = result
        for result in settled.values():
            self.counts[result.outcome] += 1
        found = {
            PHONE_LEFT_OUT: mapped.left_out | prepared.without_phone,
            ROW_PADDED: padded,
            CUSTOM_DATA_NOT_SAVED: prepared.left_out,
        }
        warnings = _warnings(found, settled)
        self.rows += mapped.rows
        self.warned += len(warnings)
        self._write(
            PlanBlock(
                block.first,
                block.lines,
                prepared.identities,
                mapped.column("email"),
                mapped.column("linkedin_url"),
                prepared.payloads,
                settled,
                warnings,
            )
        )

    def _write(self, rows: PlanBlock) -> None:
        """Write lines, each with rows of one batch. Start a new batch when one is full."""
        limits = self._limits
        unwritten = rows.unwritten
        start = 0
        while start < len(rows):
            cut = rows.end_of(self._most - self._batch_rows, start)
            part = rows.part(start, cut)
            line = part.encode()
            size = len(line) + part.to_send * unwritten
            if self._batch_bytes + size > limits.bytes:
                rows, cut, size = self._cut_by_size(rows.part(start, len(rows)))
                start, part = 0, rows.part(0, cut)
                line = part.encode()
            if cut > start:
                self._write_line(part, line, size)
            if cut == start or self._batch_rows == self._most:
                self._close()
            start = cut

    def _write_line(self, part: PlanBlock, line: bytes, size: int) -> None:
        if part.to_send:
            if not self._batch_rows:
                self._first_row, self._first_byte = part.first_sent, self._position
            self._batch_rows += part.to_send
            self._batch_bytes += size
            self.keys.update(part.keys_in(self.provider.opens_with))
        self.file.write(line)
        self._position += len(line)

    def _cut_by_size(self, rows: PlanBlock) -> tuple[PlanBlock, int, int]:
        """Return how many of the rows the batch still takes, and their size in bytes.

        Rows that are too big for any batch are settled in the returned rows.
        """
        limits = self._limits
        settled, warnings = {**rows.settled}, {**rows.warnings}
        found = replace(rows, settled=settled, warnings=warnings)
        taken = size = 0
        for place, each in enumerate(rows.sizes()):
            if each > limits.bytes:
                settled[place] = _too_big(limits.bytes)
                self.warned -= warnings.pop(place, "") != ""
                self.counts[Outcome.INVALID] += 1
            elif each:
                if (
                    self._batch_bytes + size + each > limits.bytes
                    or self._batch_rows + taken == self._most
                ):
                    return found, place, size
                size += each
                taken += 1
        return found, len(found), size

    def _close(self) -> None:
        if self._batch_rows:
            place = (self._first_row, self._batch_rows, self._first_byte, self._position - 1)
            self._closed.append(place)
            _check_number(len(self._closed))
            self._sample_left = max(self._sample_left - self._batch_rows, 0)
        self._start()

    def finish(self) -> None:
        """Close the last batch. If `lone_rows` is false, avoid a last batch of a single row."""
        if self._batch_rows == 1 and not self._limits.lone_rows and self._closed:
            self._even_out()
        self._close()
        self.file.flush()  # fail now if it does not fit on the disk
        self.counts["rows"] = self.rows

    def _even_out(self) -> None:
        """Rewrite the last two batches, so that the last has half of the rows or a little fewer."""
        _, _, start, _ = self._closed.pop()
        self.file.seek(start)
        blocks = list(map(PlanBlock.decode, self.file))
        self.file.seek(start)
        self.file.truncate()
        self._position = start
        self._start()
        sizes = list(filter(None, chain.from_iterable(block.sizes() for block in blocks)))
        last = len(sizes) - 1
        halves = range((len(sizes) + 1) // 2, last)
        left = next((cut for cut in halves if sum(sizes[cut:]) <= self._limits.bytes), last)
        for block in blocks:
            cut = block.end_of(left)
            part = block.part(0, cut)
            self._write(part)
            left -= part.to_send
            if cut < len(block):
                self._close()
                left = len(sizes)
                self._write(block.part(cut, len(block)))

    @property
    def batches(self) -> int:
        """The number of batches, once finished."""
        return len(self._closed)

    @property
    def to_send(self) -> int:
        """The number of rows in batches, once finished."""
        return sum(rows for _, rows, _, _ in self._closed)

    def items(self) -> Iterator[BatchItem]:
        """Yield the batches, once finished; one by one, because there may be thousands."""
        for number, (first_row, rows, first_byte, last_byte) in enumerate(self._closed, 1):
            yield BatchItem(
                job_id=self.job_id,
                number=number,
                first_row=first_row,
                rows=rows,
                first_byte=first_byte,
                last_byte=last_byte,
            )


def _check_number(batches: int) -> None:
    if batches > _MOST_BATCHES:
        text = f"It makes over {_MOST_BATCHES:,} batches: raise the route's `batch_rows`."
        raise UploadRejectedError("too_big", text)


def _too_big(most: int) -> RowResult:
    text = f"The row is larger than the provider's limit of {most} bytes."
    return RowResult(Outcome.INVALID, "row_too_big", text)


def _warnings(found: Mapping[str, Iterable[int]], settled: Collection[int]) -> dict[int, str]:
    """Return the warnings of rows for sending by place, those of one with a blank between them."""
    warnings: dict[int, str] = {}
    for code, places in found.items():
        for place in places:
            if place not in settled:
                warnings[place] = f"{warnings[place]} {code}" if place in warnings else code
    return warnings


def _duplicate(first: int) -> RowResult:
    return RowResult(Outcome.DUPLICATE, *duplicate_of(first))
