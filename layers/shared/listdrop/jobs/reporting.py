"""What is reported of a job: its rows in order, with their cells and their outcomes.

The report goes through the plan once, line by line. What it has so far is stored now and then, in
pieces that are named by their content, and then a piece that names these: so a Finish that died, or
ran out of time, goes on from there, and of two at once each goes on from what one of them stored.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from listdrop.errors import UnbalancedJobError, UploadRejectedError
from listdrop.jobs.ahead import ahead
from listdrop.jobs.reason_counts import ReasonCounter
from listdrop.jobs.redacting import published_reason
from listdrop.jobs.result_files import ResultFiles
from listdrop.jobs.row_items import ItemPorts, rows_without_payloads
from listdrop.jobs.settling import settled_by_plan, settled_rows
from listdrop.models import (
    BatchItem,
    Frozen,
    Job,
    JobState,
    Outcome,
    PlannedRow,
    ReasonCount,
    RowResult,
    no_counts,
)
from listdrop.plans.rereading import reread
from listdrop.ports import Events, Uploads
from listdrop.tables.reading import Row

_TOP_REASONS = 5
_REASONS = "reasons"
_NOTHING, _NOBODY = RowResult(Outcome.UNKNOWN), Row(0, 0, [])

PIECE_BYTES = 64 << 20
"""If Finish dies, at most this much of `results.csv` is written again. A smaller one is whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPorts(ItemPorts):
    """What a report is made of."""

    uploads: Uploads
    events: Events
    piece_bytes: int = PIECE_BYTES


class _Stored(Frozen):
    """How far a report has come: what follows, what was counted, and the pieces there are.

    `first_byte` is where the next line of the plan starts, and `row` the last row before it, of
    which those for sending are in batches up to `batch`.
    """

    first_byte: int
    row: int
    batch: int
    counts: dict[str, int]
    is_answered: bool
    width: int
    rejected: int
    retryable: int
    pieces: dict[str, tuple[str, ...]]
    rests: dict[str, str]
    reasons: tuple[str, ...]


class Report:
    """Collects the files, the counts and the reasons while the rows go by."""

    def __init__(self, job: Job, ports: ReportPorts, stack: ExitStack) -> None:
        self.counts = no_counts()
        self.files = ResultFiles(job.job_id, job.table, stack)
        self.is_answered = False
        """Whether the provider, or a lost answer of it, settled any row."""
        self._job = job
        self._ports = ports
        self._stack = stack
        self._reasons = ReasonCounter(stack)
        self._listed: list[str] = []
        """The pieces of the list of reasons."""
        self._first_byte = 0
        self._row = 0
        self._batch = 1
        if job.report and (stored := self._read(job.report)):  # empty once a person was erased
            self._resume(_Stored.model_validate_json(stored))

    # ------------------------------------------------------------------ the rows, in order

    def write(self, ends_at: datetime | None) -> bool:
        """Write the rows that are left; false if time ran out, with what there is stored."""
        if self._first_byte and self._row == self._job.counts["rows"]:
            return True
        upload = self._upload()
        sent = self._sent(self._row)
        for line in self._plan_lines():
            for planned in rows_without_payloads(line):
                self._add(self._cells(planned, upload), planned, self._result(planned, sent))
            self._first_byte += len(line) + len("\n")
            is_late = ends_at is not None and self._ports.clock.now() >= ends_at
            if is_late or self.files.size() >= self._ports.piece_bytes:
                self._keep()
            if is_late:
                return False
        return True

    def _plan_lines(self) -> Iterator[bytes]:
        if self._job.table is None:
            return iter(())
        return self._ports.files.plan_lines(self._job.job_id, self._first_byte)

    def _upload(self) -> Iterator[Row] | None:
        """Return the upload's rows that follow, `None` if it is gone; the header is written."""
        header: Sequence[str] = ()
        rows: Iterator[Row] | None = iter(())
        if self._job.table is not None:
            try:
                upload = self._ports.uploads.read(self._job.upload)
                table = self._job.upload.table
                header, rows = reread(upload, table, self._job.table, self._stack)
                rows = islice(rows, self._row, None)
            except UploadRejectedError:  # deleted meanwhile: the outcomes are still reported
                self._ports.events.count("upload_gone", self._job.provider)
                rows = None
        self.files.read_header(header)
        if not self._first_byte:
            self.files.add_header(header)
        return rows

    def _sent(self, done: int) -> Iterator[tuple[int, RowResult]]:
        """Yield the rows of batches that are not done yet, with their outcomes."""
        ports = self._ports

        def read(batch: BatchItem) -> tuple[int, Iterator[tuple[int, RowResult]]]:
            return batch.number, settled_rows(ports.files, batch)

        batches = ports.jobs.batches(self._job.job_id, self._batch)
        for self._batch, settled in ahead(read, batches, ports.readers):
            for row, result in settled:
                if row > done:
                    yield row, result

    def _cells(self, planned: PlannedRow, upload: Iterator[Row] | None) -> Sequence[str]:
        """Return a row's own cells; none if the upload is gone."""
        if upload is None:
            return ()
        row = next(upload, _NOBODY)
        if row.row != planned.row:
            raise self._unbalanced(f"row {planned.row} of the plan is row {row.row} of the upload")
        return row.cells

    def _result(self, planned: PlannedRow, sent: Iterator[tuple[int, RowResult]]) -> RowResult:
        """Return a row's outcome."""
        result = settled_by_plan(planned, self._job)
        if result is None:
            number, result = next(sent, (0, _NOTHING))
            if number != planned.row:
                raise self._unbalanced(f"row {planned.row} has the outcome of row {number}")
        return result

    def _unbalanced(self, text: str) -> UnbalancedJobError:
        self._ports.events.count("unbalanced_job", self._job.provider)
        return UnbalancedJobError(text)

    def _add(self, cells: Sequence[str], planned: PlannedRow, result: RowResult) -> None:
        """Take in one row."""
        job = self._job
        self._row = planned.row
        self.counts["rows"] += 1
        self.counts[result.outcome] += 1
        self.files.add(cells, planned, result, is_skipped=job.verdict is JobState.SKIPPED)
        was_stopped = result.outcome is Outcome.REFUSED and result.reason == job.stop_reason
        if planned.result is None and not was_stopped:
            self.is_answered = True
        if result.outcome.is_bad:
            reason = result.reason
            if planned.result is None:
                personal = job.table.personal if job.table else ()
                quoted = [cells[index] for index in personal if index < len(cells)]
                reason = published_reason(result, quoted if cells else None, planned)
            self._reasons.add(result.outcome.value, reason)

    def top_reasons(self) -> list[ReasonCount]:
        """Return the most frequent reasons of bad rows."""
        return self._reasons.top(_TOP_REASONS)

    # ------------------------------------------------------------------ what is stored of it

    def save_files(self) -> None:
        """Store the result files, whole."""
        for file in self.files.files.values():
            file.save(self._job.job_id, self._ports.files)

    def _keep(self) -> None:
        """Store what there is so far, and then that it is there. May be repeated."""
        job_id, grown = self._job.job_id, self.files.files
        for file in grown.values():
            file.keep(job_id, self._ports.files)
        if fresh := self._reasons.fresh():
            self._listed.append(self._save(_REASONS, fresh))
        stored = _Stored(
            first_byte=self._first_byte,
            row=self._row,
            batch=self._batch,
            counts=self.counts,
            is_answered=self.is_answered,
            width=self.files.width,
            rejected=self.files.rejected,
            retryable=self.files.retryable,
            pieces={name: tuple(file.pieces) for name, file in grown.items()},
            rests={name: file.rest for name, file in grown.items()},
            reasons=tuple(self._listed),
        )
        name = self._save(f"{self._row:010d}", stored.model_dump_json().encode())
        self._ports.jobs.update(job_id, report=name)

    def _resume(self, stored: _Stored) -> None:
        """Go on from what another Finish stored."""
        self.counts = stored.counts
        self.is_answered = stored.is_answered
        self.files.width = stored.width
        self.files.rejected, self.files.retryable = stored.rejected, stored.retryable
        for name, file in self.files.files.items():
            pieces, rest = stored.pieces[name], stored.rests[name]
            file.resume(pieces, rest, self._job.job_id, self._ports.files)
        for name in stored.reasons:
            self._listed.append(name)
            self._reasons.resume(self._read(name))
        self._first_byte, self._row = stored.first_byte, stored.row
        self._batch = stored.batch

    def _save(self, name: str, content: bytes) -> str:
        """Store a piece, and return its name, which is by content."""
        named = f"{name}-{hashlib.sha256(content).hexdigest()[:16]}"
        self._ports.files.save_piece(self._job.job_id, named, io.BytesIO(content))
        return named

    def _read(self, name: str) -> bytes:
        return self._ports.files.read_piece(self._job.job_id, name)
