"""The plan of a job: every data row in order, as it will be sent or as it was settled.

Submit writes it once; Send and Status read the part of a batch by its byte range, Finish reads
all of it. So the upload is parsed once for sending, and a batch sent again has the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import overload

import orjson

from listdrop.models import BatchItem, Outcome, PlannedRow, RowResult
from listdrop.ports import Files


def encode_row(planned: PlannedRow) -> bytes:
    """Return the plan's line for a row, with its newline."""
    *members, result = planned
    line = (*members, tuple(result) if result else None)
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def decode_row(line: bytes) -> PlannedRow:
    """Return the row of a plan's line."""
    row, start, identity, email, linkedin_url, payload, result = orjson.loads(line)
    settled = result_of(result) if result else None
    return PlannedRow(row, start, identity, email, linkedin_url, payload, settled)


def result_of(members: Sequence[str]) -> RowResult:
    """Return a result from its JSON form."""
    outcome, *rest = members
    return RowResult(Outcome(outcome), *rest)


def sent_rows(files: Files, batch: BatchItem) -> list[PlannedRow]:
    """Return the rows of a batch that are for sending, in order."""
    part = files.read_plan(batch.job_id, batch.first_byte, batch.last_byte)
    rows = (decode_row(line) for line in part.splitlines())
    return [row for row in rows if row.payload is not None]


class BatchRows(Sequence[tuple[int, str]]):
    """Rows and identities of batches, read from the plan only when somebody looks."""

    def __init__(self, files: Files, batches: Iterable[BatchItem]) -> None:
        self._files = files
        self._batches = list(batches)
        self._rows: list[tuple[int, str]] | None = None

    def _loaded(self) -> list[tuple[int, str]]:
        if self._rows is None:
            self._rows = [
                (row.row, row.identity)
                for batch in self._batches
                for row in sent_rows(self._files, batch)
                if row.row not in batch.settled
            ]
        return self._rows

    def __len__(self) -> int:
        return sum(batch.rows - len(batch.settled) for batch in self._batches)

    @overload
    def __getitem__(self, index: int) -> tuple[int, str]: ...

    @overload
    def __getitem__(self, index: slice) -> list[tuple[int, str]]: ...

    def __getitem__(self, index: int | slice) -> tuple[int, str] | list[tuple[int, str]]:
        return self._loaded()[index]

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return iter(self._loaded())
