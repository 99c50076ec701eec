"""The result files of a job: `results.csv`, `rejects.csv` and `retry.csv`, written and read."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import chain
from typing import IO, TYPE_CHECKING, NamedTuple

from listdrop.cells.formulas import neutralised, neutralised_all
from listdrop.jobs.settling import WHOLE_REQUEST
from listdrop.models import (
    Cause,
    Outcome,
    PlannedRow,
    RowResult,
    TableInfo,
    cause_of,
    files,
    warnings_of,
)
from listdrop.ports import Files
from listdrop.tables.heading import DELIMITERS, MAX_CELL_CHARACTERS

if TYPE_CHECKING:
    from _csv import Writer as CsvWriter

_CRLF = "\r\n"
_QUOTED = re.compile(f'["\r\n{DELIMITERS}]')
"""What a cell is quoted for."""
_BETWEEN = "\x1f"
"""Stands between cells that are looked through together. A cell with one is looked at alone."""
_BOM = "\ufeff"


class ResultFiles:
    """Writes the three files of a job, row by row.

    They look like the upload, so that they open as it does: its delimiter and its line ends, in
    UTF-8 with a byte order mark, without which Excel takes it for another encoding.
    """

    def __init__(self, job_id: str, info: TableInfo | None, stack: ExitStack) -> None:
        self.retryable = 0
        """How many rows `retry.csv` has."""
        self.rejected = 0
        """How many rows `rejects.csv` has."""
        self.width = 0
        """Cells of the upload in a line, with the columns for surplus ones."""
        self.files = {name: GrowingFile(name, stack) for name in files.ADDED}
        self._job_id = job_id
        self._info = info
        self._left_out: frozenset[int] = frozenset()
        """Places of the upload's columns that are of the round before."""
        # One that only Excel's `sep=` line can name is read by nobody who does not see the line.
        told = info.delimiter if info else ""
        self._delimiter = told if told and told in DELIMITERS else ","
        self._newline = info.newline if info else _CRLF
        self._writers = {name: self._writer(file) for name, file in self.files.items()}

    def _writer(self, file: GrowingFile) -> CsvWriter:
        return _writer(file.text, self._delimiter, self._newline)

    def size(self) -> int:
        """Return how many bytes of `results.csv`, the largest file, no piece has yet."""
        return self.files[files.RESULTS].size()

    def read_header(self, cells: Sequence[str]) -> None:
        """Take in the upload's header, which is that of the rows that follow."""
        self._left_out = frozenset(
            place for place, cell in enumerate(cells) if files.is_of_a_round(cell)
        )

    def add_header(self, cells: Sequence[str]) -> None:
        """Write the header; of an upload that is gone, only what the files add."""
        widest = self._info.width if self._info else 0
        surplus = range(1, max(widest - len(cells), 0) + 1) if cells else ()
        named = [*map(neutralised, self._own(cells)), *map(files.extra, surplus)]
        self.width = len(named)
        for name, added in files.ADDED.items():
            self.files[name].text.write(_BOM)
            self._writers[name].writerow([*named, *added])

    def add(
        self,
        cells: Sequence[str],
        planned: PlannedRow,
        result: RowResult,
        *,
        is_skipped: bool = False,
    ) -> None:
        """Write one row where it belongs. A skipped job has no row to correct."""
        quoted = (result.reason, result.sentence, result.provider_ref)
        *own, reason, sentence, reference = neutralised_all([*self._own(cells), *quoted])
        plain = self._fitted(own)
        row, outcome = str(planned.row), result.outcome.value
        warning = warnings_of(planned, result) if result.warning else planned.warning
        self._write(files.RESULTS, [*plain, row, outcome, reason, sentence, warning, reference])
        if is_retryable(result):
            self.retryable += 1
            self._write(files.RETRY, [*plain, self._job_id])
        elif result.outcome in (Outcome.INVALID, Outcome.REFUSED) and not is_skipped:
            self.rejected += 1
            line = str(planned.line)
            self._write(files.REJECTS, [*plain, self._job_id, row, line, reason, sentence])

    def _own(self, cells: Sequence[str]) -> Sequence[str]:
        """Return a row without what was added in the round before."""
        if not self._left_out:
            return cells
        return [cell for place, cell in enumerate(cells) if place not in self._left_out]

    def _fitted(self, cells: list[str]) -> list[str]:
        """Return a row as wide as the header; the last cell has whatever is beyond it.

        Cells with nothing in them there are nobody's: many programs write some.
        """
        end = len(cells)
        while end > self.width > 0 and not cells[end - 1].strip():
            end -= 1
        if end > self.width > 0:
            rest = self._delimiter.join(cells[self.width - 1 : end])
            return [*cells[: self.width - 1], rest]
        return [*cells[:end], *[""] * (self.width - end)]

    def _write(self, name: str, record: Sequence[str]) -> None:
        """Write a record. Most have no cell to quote, which is seen at once."""
        text = _BETWEEN.join(record)
        if _QUOTED.search(text) or text.count(_BETWEEN) >= len(record):
            self._writers[name].writerow(record)
        else:
            line = text.replace(_BETWEEN, self._delimiter)
            self.files[name].text.write(f"{line}{self._newline}")


class GrowingFile:
    """A file that is stored in pieces while it is written; what is in none is on the disk."""

    def __init__(self, name: str, stack: ExitStack) -> None:
        self.name = name
        self.pieces: list[str] = []
        """The pieces that are stored, in their order."""
        self.rest = ""
        """The piece after them, if it is stored: too small for another to follow."""
        self._file = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 # closed by the stack
        self.text = io.TextIOWrapper(self._file, encoding="utf-8", newline="")
        stack.callback(self._close)

    def _close(self) -> None:
        if not self._file.closed:  # what was uploaded may be
            self.text.detach()

    def size(self) -> int:
        """Return how many bytes are in no piece, or in the rest."""
        self.text.flush()
        return self._file.tell()

    def keep(self, job_id: str, to: Files) -> None:
        """Store what is on the disk as a piece, which is named by its content."""
        size = self.size()
        self._file.seek(0)
        digest = hashlib.file_digest(self._file, "sha256").hexdigest()
        self.rest = f"{self.name}-{len(self.pieces) + 1:04d}-{digest[:16]}" if size else ""
        if size:
            to.save_piece(job_id, self.rest, self._file)
        if size >= to.least_piece:
            self.pieces.append(self.rest)
            self.rest = ""
            self._file.seek(0)
            self._file.truncate()
        self._file.seek(0, io.SEEK_END)

    def resume(self, pieces: Iterable[str], rest: str, job_id: str, of: Files) -> None:
        """Go on with a file of which these pieces are stored."""
        self.pieces = list(pieces)
        self.rest = rest
        if rest:
            self._file.write(of.read_piece(job_id, rest))

    def save(self, job_id: str, to: Files) -> None:
        """Store the whole file."""
        self.text.flush()
        self._file.seek(0)
        to.save_result(job_id, self.name, self._file, self.pieces)


class _Lines:
    """Takes lines from a `csv.writer`, and ends them in `newline` instead of `ended`."""

    def __init__(self, text: io.TextIOWrapper, ended: str, newline: str) -> None:
        self._text = text
        self._ended = len(ended)
        self._newline = newline

    def write(self, line: str) -> None:
        """Write a line."""
        self._text.write(line[: -self._ended] + self._newline)


def _writer(text: io.TextIOWrapper, delimiter: str, newline: str) -> CsvWriter:
    """Return a writer that quotes each cell in which there is any delimiter, or a line end.

    Programs may split a line at other delimiters than the file's, too, but not within quotation
    marks. `csv` quotes a cell for the file's own and for what it is told that lines end in, which
    from Python 3.13 on may not have the file's own.
    """
    ended = _CRLF + DELIMITERS.replace(delimiter, "")
    return csv.writer(_Lines(text, ended, newline), delimiter=delimiter, lineterminator=ended)


def is_retryable(result: RowResult) -> bool:
    """Whether the row is worth sending again as it is.

    An unknown row is, once somebody has looked at the provider. A refused one is if the cause lies
    outside the row: the key, the quota, a full campaign, a fault on the provider's side, or
    whatever had a request refused that was not split, as no row was to blame.
    """
    if result.outcome is Outcome.UNKNOWN:
        return True
    is_outside = (
        result.reason_text == WHOLE_REQUEST
        or cause_of(result.reason, result.raw_status) is Cause.OUTSIDE
    )
    return result.outcome is Outcome.REFUSED and is_outside


class ResultRow(NamedTuple):
    """A row of `results.csv`: the upload's own cells, and what became of it."""

    cells: list[str]
    row: int
    outcome: Outcome


class ResultTable:
    """A result file, read: how it is written, the upload's own header, and its rows."""

    def __init__(self, name: str, lines: Iterable[str]) -> None:
        """Read the header. `lines` come from a file that is open with `newline=""`.

        A cell may be as large as an upload's.
        """
        csv.field_size_limit(2 * MAX_CELL_CHARACTERS)
        self._name = name
        rest = iter(lines)
        head, self.delimiter, self.newline = _header_lines(name, rest)
        self._records = csv.reader(chain(head, rest), delimiter=self.delimiter)
        header = [cell.removeprefix(_BOM) for cell in next(self._records, [])]
        self.header = header
        self.own_header = files.split(name, header)[0] if header else []

    def records(self) -> Iterator[list[str]]:
        """Yield the lines below the header, as they are. Once, or `rows`."""
        return self._records

    def rows(self) -> Iterator[ResultRow]:
        """Yield the rows of a `results.csv`."""
        for cells in self._records:
            own, told = files.split(self._name, cells)
            yield ResultRow(own, int(told[files.ROW]), Outcome(told[files.OUTCOME]))


def _header_lines(name: str, lines: Iterator[str]) -> tuple[list[str], str, str]:
    """Return the lines of the header, which may hold line ends; the delimiter, and the line end."""
    end = re.compile(rf"([,;\t|]|^{_BOM}?){files.ADDED[name][-1]}(\r\n|\n|\r|$)")
    head = []
    for line in lines:
        head.append(line)
        if found := end.search(line):
            before = found[1].removeprefix(_BOM)
            return head, before or ",", found[2] or _CRLF
    return head, ",", _CRLF


def rewrite(
    name: str,
    source: IO[bytes],
    change: Callable[[list[str]], list[str] | None],
    to: IO[bytes],
) -> int:
    """Copy a result file with its records changed, without those that become `None`.

    Returns how many were changed. It is written as it was, up to its last byte.
    """
    text = io.TextIOWrapper(to, encoding="utf-8-sig", newline="")
    changed = 0
    with as_text(source) as lines:
        found = ResultTable(name, lines)
        writer = _writer(text, found.delimiter, found.newline)
        if found.header:
            writer.writerow(found.header)
        for record in found.records():
            following = change(record)
            changed += following != record
            if following is not None:
                writer.writerow(following)
    text.detach()
    return changed


@contextmanager
def as_text(source: IO[bytes]) -> Iterator[Iterable[str]]:
    """Give the lines of a result file, for `ResultTable`, and leave the file open."""
    text = io.TextIOWrapper(source, encoding="utf-8", newline="")
    try:
        yield text
    finally:
        text.detach()
