"""Rows to plans: what will be sent to each destination, in which batches, and what will not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any, NamedTuple

from listdrop.errors import InvalidRowError, UploadRejectedError
from listdrop.mapping import Columns, Mapper
from listdrop.models import (
    BatchItem,
    Json,
    Outcome,
    PlannedRow,
    Prospect,
    RowResult,
    TableInfo,
    no_counts,
)
from listdrop.plan import encode_row
from listdrop.providers.base import Provider
from listdrop.reading import Table

_OPTED_OUT = RowResult(
    Outcome.SUPPRESSED, "opted_out", "The file says that the person does not want to be written to."
)
_PERSONAL_FIELDS = ("email", "first_name", "last_name", "full_name", "phone", "linkedin_url")


def read_rows(
    table: Table, columns: Columns, plans: Sequence[Plan], *, is_opt_out: bool = False
) -> TableInfo:
    """Read every row once, and add it to every plan.

    With `is_opt_out`, the upload is a list of people who opted out, and nothing of it is sent.
    Raises `UploadRejectedError`: what reading raises, and `empty_file` if there is no row.
    """
    width = columns.width
    widest = width
    mapper = Mapper(columns)
    opt_outs = columns.opt_outs
    looks = is_opt_out or bool(opt_outs.flags or opt_outs.statuses)
    for number, line, cells in table.rows:
        problem = None
        if len(cells) != width:
            if len(cells) < width:
                problem = _ragged("row_too_short", len(cells), width)
                cells = [*cells, *[""] * (width - len(cells))]
            elif any(cells[width:]):
                problem = _ragged("row_too_long", len(cells), width)
                widest = max(widest, len(cells))
        if looks and problem is None and (is_opt_out or opt_outs.is_out(cells)):
            problem = _OPTED_OUT
        prospect = mapper.prospect(number, line, cells)
        for plan in plans:
            plan.add(prospect, problem)
    if not plans[0].rows:
        raise UploadRejectedError("empty_file", "The file has a header, but no data rows.")
    personal = {index for name in _PERSONAL_FIELDS for index in columns.fields.get(name, ())}
    return TableInfo(**table.dialect.model_dump(), width=widest, personal=tuple(sorted(personal)))


def _ragged(reason: str, cells: int, width: int) -> RowResult:
    text = f"The row has {cells} cells, the header {width}."
    return RowResult(Outcome.INVALID, reason, text)


class _Placed(NamedTuple):
    """A row in a batch: its number, its size in a request, and its bytes in the plan."""

    row: int
    size: int
    first_byte: int
    last_byte: int


class Plan:
    """One destination's plan while the upload is read: lines in a file, and where batches end.

    `counts` are the rows that are settled before sending, by outcome; `finish` adds all rows.
    """

    def __init__(self, job_id: str, provider: Provider[Any, Any], file: IO[bytes]) -> None:
        self.job_id = job_id
        self.rows = 0
        self.counts = no_counts()
        self.file = file
        self._provider = provider
        self._limits = provider.batch_limits()
        self._first_rows: dict[str, int] = {}
        self._position = 0
        self._closed: list[BatchItem] = []
        self._previous: list[_Placed] = []
        self._current: list[_Placed] = []
        self._current_bytes = 0

    def add(self, prospect: Prospect, problem: RowResult | None) -> None:
        """Add a row: for sending, or settled with its problem, or as a duplicate."""
        self.rows += 1
        row = prospect.row
        identity, payload = "", None
        try:
            identity, payload = self._provider.prepare(prospect)
        except InvalidRowError as invalid:
            problem = problem or RowResult(Outcome.INVALID, invalid.reason, invalid.text)
        if identity and (problem is None or problem is _OPTED_OUT):
            # Who opted out once is not sent from a later row either.
            first = self._first_rows.setdefault(identity, row)
            if first != row:
                problem = problem or _duplicate(first)
        line = self._encoded(prospect, identity, payload, problem)
        if problem is None and len(line) > self._limits.bytes:
            problem = self._too_big()
            line = self._encoded(prospect, identity, payload, problem)
        if problem is not None:
            self.counts[problem.outcome] += 1
        else:
            # The line holds a little more than the payload: a safe measure of its size.
            last_byte = self._position + len(line) - 1
            self._place(_Placed(row, len(line), self._position, last_byte))
        self.file.write(line)
        self._position += len(line)

    def _encoded(
        self, prospect: Prospect, identity: str, payload: Json | None, result: RowResult | None
    ) -> bytes:
        fields = prospect.fields
        return encode_row(
            PlannedRow(
                prospect.row,
                prospect.line,
                identity,
                fields.get("email", ""),
                fields.get("linkedin_url", ""),
                None if result else payload,
                result,
            )
        )

    def _too_big(self) -> RowResult:
        text = f"The row alone is over the provider's limit of {self._limits.bytes} bytes."
        return RowResult(Outcome.INVALID, "row_too_big", text)

    def _place(self, placed: _Placed) -> None:
        """Put a row in the current batch, or in a new one when that is full."""
        room = self._limits.bytes - self._current_bytes
        if len(self._current) >= self._limits.rows or placed.size > room:
            self._close(self._previous)
            self._previous, self._current = self._current, []
            self._current_bytes = 0
        self._current.append(placed)
        self._current_bytes += placed.size

    def _close(self, rows: list[_Placed]) -> None:
        if rows:
            self._closed.append(
                BatchItem(
                    job_id=self.job_id,
                    number=len(self._closed) + 1,
                    first_row=rows[0].row,
                    rows=len(rows),
                    first_byte=rows[0].first_byte,
                    last_byte=rows[-1].last_byte,
                )
            )

    def finish(self) -> list[BatchItem]:
        """Return the batches, without a last one of a single row where that is to be avoided."""
        if len(self._current) == 1 and not self._limits.lone_rows:
            self._even_out()
        self._close(self._previous)
        self._close(self._current)
        self.counts["rows"] = self.rows
        return self._closed

    def _even_out(self) -> None:
        both = self._previous + self._current
        for cut in range((len(both) + 1) // 2, len(both) - 1):
            if sum(placed.size for placed in both[cut:]) <= self._limits.bytes:
                self._previous, self._current = both[:cut], both[cut:]
                return


def _duplicate(first: int) -> RowResult:
    return RowResult(
        Outcome.DUPLICATE, f"duplicate_of_row_{first}", f"The row repeats row {first}."
    )
