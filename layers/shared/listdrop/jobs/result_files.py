"""The result files of a job: `results.csv`, `rejects.csv` and `retry.csv`, written and read."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING, NamedTuple

from listdrop.cells.formulas import neutralised
from listdrop.models import REASONS, Cause, Outcome, PlannedRow, RowResult, files

if TYPE_CHECKING:
    from _csv import Writer as CsvWriter


class ResultFiles:
    """Writes the three files, row by row. `width` is the number of cells of the widest row."""

    def __init__(self, width: int, stack: ExitStack) -> None:
        self.retryable = 0
        """How many rows `retry.csv` has."""
        self._width = width
        self._stack = stack
        self._files: dict[str, IO[bytes]] = {}
        self._texts: list[io.TextIOWrapper] = []
        self._writers = {name: self._writer(name) for name in files.ADDED}

    def _writer(self, name: str) -> CsvWriter:
        file = self._stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 # closed by the stack
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        self._texts.append(text)
        self._files[name] = file
        return csv.writer(text)

    def add_header(self, cells: Sequence[str]) -> None:
        """Write the header; of an upload that is gone, only what the files add."""
        plain = [neutralised(cell) for cell in cells]
        padded = self._padded(plain)
        for name, added in files.ADDED.items():
            if added:
                self._writers[name].writerow([*padded, *added])
            elif plain:
                self._writers[name].writerow(plain)

    def add(self, cells: Sequence[str], planned: PlannedRow, result: RowResult) -> None:
        """Write one row where it belongs."""
        plain = [neutralised(cell) for cell in cells]
        told = {
            files.ROW: str(planned.row),
            files.OUTCOME: result.outcome.value,
            files.REASON: neutralised(result.reason or planned.warning),
            files.PROVIDER_REF: neutralised(result.provider_ref),
        }
        self._write(files.RESULTS, self._padded(plain), told)
        if result.outcome in (Outcome.INVALID, Outcome.DUPLICATE):
            self._write(files.REJECTS, self._padded(plain), told)
        if is_retryable(result):
            self.retryable += 1
            self._write(files.RETRY, plain, told)

    def _padded(self, cells: Sequence[str]) -> list[str]:
        return [*cells, *[""] * (self._width - len(cells))]

    def _write(self, name: str, cells: Sequence[str], told: dict[str, str]) -> None:
        self._writers[name].writerow([*cells, *(told[column] for column in files.ADDED[name])])

    def close(self) -> dict[str, IO[bytes]]:
        """Return the files, whole, from their start; nothing more can be added."""
        for text in self._texts:
            text.detach()  # flushes, and leaves the file open
        for file in self._files.values():
            file.seek(0)
        return self._files


def is_retryable(result: RowResult) -> bool:
    """Whether the row is worth sending again as it is.

    An unknown row is, once somebody has looked at the provider. A refused one is if the cause lies
    outside the row: the key, the quota, a fault on the provider's side.
    """
    if result.outcome is Outcome.UNKNOWN:
        return True
    return result.outcome is Outcome.REFUSED and (
        _lies_outside(result.reason)
        or _PASSING.search(result.reason) is not None
        or _PASSING.search(result.raw_status) is not None
    )


def _lies_outside(code: str) -> bool:
    known = REASONS.get(code)
    return known is not None and known.cause is Cause.OUTSIDE


_PASSING = re.compile(
    r"server.?error|unknown.?error|internal error|time[d -]*out|tempor|try again|retry|rate limit"
    r"|limit_crm|enrich",
    re.I,
)


class ResultRow(NamedTuple):
    """A row of `results.csv`: the upload's own cells, and what became of it."""

    cells: list[str]
    row: int
    outcome: Outcome


def read_results(lines: Iterable[str]) -> tuple[list[str], Iterator[ResultRow]]:
    """Return the upload's own header, and the rows, of a `results.csv` open with `newline=""`."""
    reader = csv.reader(lines)
    header = next(reader, [])
    own = files.split(files.RESULTS, header)[0] if header else []
    return own, map(_result_row, reader)


def _result_row(cells: list[str]) -> ResultRow:
    own, told = files.split(files.RESULTS, cells)
    return ResultRow(own, int(told[files.ROW]), Outcome(told[files.OUTCOME]))
