"""Rows to plans: what will be sent to each destination, in which batches, and what will not."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, count, islice, repeat
from typing import IO, Any

from listdrop.errors import InvalidRowError, UploadRejectedError
from listdrop.identities import FirstRows
from listdrop.mapping import Columns, Mapped, Mapper
from listdrop.models import (
    PHONE_LEFT_OUT,
    BatchItem,
    Outcome,
    Prepared,
    Prospect,
    RowResult,
    TableInfo,
    no_counts,
)
from listdrop.plan import PlanRow, encode_rows, plain_rows
from listdrop.providers.base import Provider
from listdrop.reading import Block, Table
from listdrop.suppression import SuppressionList

_OPTED_OUT = RowResult(
    Outcome.SUPPRESSED, "opted_out", "The file says that the person does not want to be written to."
)
_ON_LIST = RowResult(
    Outcome.SUPPRESSED, "opted_out", "The person is on the route's suppression list."
)
_PERSONAL_FIELDS = ("email", "first_name", "last_name", "full_name", "phone", "linkedin_url")


@contextmanager
def _no_cycles() -> Iterator[None]:
    """Rows hold no reference cycles: to look for some takes a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@_no_cycles()
def read_rows(
    table: Table,
    columns: Columns,
    plans: Sequence[Plan],
    *,
    is_opt_out: bool = False,
    suppressed: SuppressionList | None = None,
) -> TableInfo:
    """Read every row once, and add it to every plan.

    With `is_opt_out`, the upload is a list of people who opted out, and nothing of it is sent; who
    is `suppressed` is not sent either. Raises `UploadRejectedError`: what reading raises, and
    `empty_file` if there is no row.
    """
    width = widest = len(columns.header)
    mapper = _mapper(columns, plans)
    for block in table.blocks:
        problems: dict[int, RowResult] = {}
        rows = block.cells
        if set(map(len, rows)) != {width}:
            rows, problems, longest = _evened(rows, width)
            widest = max(widest, min(longest, width + _MAX_EXTRA_CELLS))
        mapped = mapper.map(rows)
        for place in range(len(rows)) if is_opt_out else mapped.opted_out:
            problems.setdefault(place, _OPTED_OUT)
        if suppressed is not None:
            for place in suppressed.places(mapped):
                problems.setdefault(place, _ON_LIST)
        for plan in plans:
            plan.add(block, mapped, problems)
    if not plans[0].rows:
        raise UploadRejectedError("empty_file", "The file has a header, but no data rows.")
    personal = {index for name in _PERSONAL_FIELDS for index in columns.fields.get(name, ())}
    return TableInfo(**table.dialect.model_dump(), width=widest, personal=tuple(sorted(personal)))


def _mapper(columns: Columns, plans: Sequence[Plan]) -> Mapper:
    reads: set[str] | None = set()
    asks_for: set[str] = set()
    for plan in plans:
        asks_for |= plan.provider.asks_for
        names = plan.provider.reads
        reads = None if reads is None or names is None else reads | names.keys()
    return Mapper(columns, reads, asks_for)


def _evened(
    rows: Sequence[list[str]], width: int
) -> tuple[list[list[str]], dict[int, RowResult], int]:
    """Make all rows as wide as the header; say which were not, and how wide the widest was.

    Empty cells after the last column are no problem.
    """
    evened = []
    problems = {}
    widest = width
    for place, cells in enumerate(rows):
        if len(cells) < width:
            problems[place] = _ragged("row_too_short", len(cells), width)
        elif any(cells[width:]):
            problems[place] = _ragged("row_too_long", len(cells), width)
            widest = max(widest, len(cells))
        evened.append([*cells[:width], *[""] * (width - len(cells))])
    return evened, problems, widest


def _ragged(reason: str, cells: int, width: int) -> RowResult:
    text = f"The row has {cells} cells, the header {width}."
    return RowResult(Outcome.INVALID, reason, text)


_Closed = tuple[int, int, int, int]
"""A batch that is full: its first row, its rows, its first and its last byte in the plan."""

_PAYLOAD, _WARNING = 5, 7
_MAX_EXTRA_CELLS = 200
"""A row that is too long makes all rows of `results.csv` as wide; but not one of thousands."""
_NOTHING: Prepared = ("", {})


class Plan:
    """One destination's plan while the upload is read: lines in a file, and where batches end.

    `counts` are the rows that are settled before sending, by outcome; `finish` adds all rows.
    `warned` are the rows for sending of which something is left out.
    """

    def __init__(self, job_id: str, provider: Provider[Any, Any], file: IO[bytes]) -> None:
        self.job_id = job_id
        self.rows = 0
        self.warned = 0
        self.counts = no_counts()
        self.file = file
        self.provider = provider
        self._limits = provider.batch_limits()
        self._first_rows = FirstRows()
        self._position = 0
        self._closed: list[_Closed] = []
        self._start()

    def _start(self) -> None:
        """Start a batch."""
        self._first_row = self._first_byte = 0
        self._batch_rows = self._batch_bytes = 0

    def add(self, block: Block, mapped: Mapped, problems: Mapping[int, RowResult]) -> None:
        """Add rows: for sending, or settled with their problems, or as duplicates."""
        provider = self.provider
        prepared, invalid = self._prepared(mapped.prospects(provider.reads, provider.asks_for))
        settled = {**invalid, **problems}
        identities, payloads = zip(*prepared, strict=True)
        repeats = self._first_rows.repeats(_repeatable(identities, settled))
        for place, first in repeats.items():
            settled.setdefault(place, _duplicate(first))
        warnings = [""] * len(prepared)
        for place in mapped.mangled:
            warnings[place] = PHONE_LEFT_OUT
        rows: list[PlanRow] = list(
            zip(  # same length, by the million
                count(block.first), block.lines, identities, mapped.column("email"),
                mapped.column("linkedin_url"), payloads, repeat(None), warnings,
            )
        )  # fmt: skip
        for place, result in settled.items():
            rows[place] = _settled(rows[place], result)
            self.counts[result.outcome] += 1
        self.rows += len(rows)
        self.warned += len(mapped.mangled - settled.keys())
        self._write(rows)

    def _prepared(
        self, prospects: Sequence[Prospect]
    ) -> tuple[list[Prepared], dict[int, RowResult]]:
        prepare = self.provider.prepare
        prepared = []
        invalid = {}
        for place, prospect in enumerate(prospects):
            try:
                prepared.append(prepare(prospect))
            except InvalidRowError as error:
                invalid[place] = RowResult(Outcome.INVALID, error.reason, error.text)
                prepared.append(_NOTHING)
        return prepared, invalid

    def _write(self, rows: Sequence[PlanRow]) -> None:
        """Write lines, each with rows of one batch; begin a new one when one is full.

        A line holds a little more than the payloads: a safe measure of their size.
        """
        limits = self._limits
        while rows:
            cut = _end_of(rows, limits.rows - self._batch_rows)
            line = encode_rows(rows[:cut])
            if self._batch_bytes + len(line) > limits.bytes:
                rows, cut = self._cut_by_size(rows)
                line = encode_rows(rows[:cut])
            if cut:
                self._write_line(line, rows[:cut])
                rows = rows[cut:]
            if not cut or self._batch_rows == limits.rows:
                self._close()

    def _write_line(self, line: bytes, rows: Sequence[PlanRow]) -> None:
        sent = [row[0] for row in rows if row[_PAYLOAD] is not None]
        if sent:
            if not self._batch_rows:
                self._first_row, self._first_byte = sent[0], self._position
            self._batch_rows += len(sent)
            self._batch_bytes += len(line)
        self.file.write(line)
        self._position += len(line)

    def _cut_by_size(self, rows: Sequence[PlanRow]) -> tuple[list[PlanRow], int]:
        """Return how many of the rows the batch still takes; those that no batch takes, settled."""
        found = list(rows)
        limits = self._limits
        room = limits.bytes - self._batch_bytes
        left = limits.rows - self._batch_rows
        for place, row in enumerate(rows):
            size = _size(row)
            if size > limits.bytes:
                found[place] = _settled(row, self._too_big())
                self.warned -= bool(row[_WARNING])
                self.counts[Outcome.INVALID] += 1
            elif size:
                room -= size
                left -= 1
                if room < 0 or left < 0:
                    return found, place
        return found, len(found)

    def _too_big(self) -> RowResult:
        text = f"The row alone is over the provider's limit of {self._limits.bytes} bytes."
        return RowResult(Outcome.INVALID, "row_too_big", text)

    def _close(self) -> None:
        if self._batch_rows:
            place = (self._first_row, self._batch_rows, self._first_byte, self._position - 1)
            self._closed.append(place)
        self._start()

    def finish(self) -> None:
        """Close the last batch. None is left with a single row where that is to be avoided."""
        if self._batch_rows == 1 and not self._limits.lone_rows and self._closed:
            self._even_out()
        self._close()
        self.counts["rows"] = self.rows

    def _even_out(self) -> None:
        """Write the last two batches anew, the last with half of the rows or a little fewer."""
        _, _, start, _ = self._closed.pop()
        self.file.seek(start)
        rows = list(chain.from_iterable(map(plain_rows, self.file)))
        self.file.seek(start)
        self.file.truncate()
        self._position = start
        self._start()
        sent = [place for place, row in enumerate(rows) if row[_PAYLOAD] is not None]
        sizes = [_size(rows[place]) for place in sent]
        last = len(sent) - 1
        halves = range((len(sent) + 1) // 2, last)
        cut = next((cut for cut in halves if sum(sizes[cut:]) <= self._limits.bytes), last)
        self._write(rows[: sent[cut]])
        self._close()
        self._write(rows[sent[cut] :])

    @property
    def batches(self) -> int:
        """The number of batches, once finished."""
        return len(self._closed)

    @property
    def to_send(self) -> int:
        """The number of rows in batches, once finished."""
        return sum(rows for _, rows, _, _ in self._closed)

    def items(self) -> Iterator[BatchItem]:
        """Yield the batches, once finished: made one by one, as there may be thousands."""
        for number, (first_row, rows, first_byte, last_byte) in enumerate(self._closed, 1):
            yield BatchItem(
                job_id=self.job_id,
                number=number,
                first_row=first_row,
                rows=rows,
                first_byte=first_byte,
                last_byte=last_byte,
            )


def _repeatable(identities: Sequence[str], settled: Mapping[int, RowResult]) -> list[str]:
    """Return the identities that later rows may repeat: who opted out is not sent from those."""
    found = list(identities)
    for place, result in settled.items():
        if result.reason != _OPTED_OUT.reason:
            found[place] = ""
    return found


def _settled(row: PlanRow, result: RowResult) -> PlanRow:
    number, line, identity, email, linkedin_url, *_ = row
    return number, line, identity, email, linkedin_url, None, tuple(result), ""


def _end_of(rows: Sequence[PlanRow], most: int) -> int:
    """Return how many rows there are until more than `most` of them are for sending."""
    if len(rows) <= most:
        return len(rows)
    ends = (place for place, row in enumerate(rows) if row[_PAYLOAD] is not None)
    return next(islice(ends, most, None), len(rows))


def _size(row: PlanRow) -> int:
    """Return the bytes of a row for sending; those of others don't count."""
    brackets = 2
    return len(encode_rows((row,))) - brackets if row[_PAYLOAD] is not None else 0


def _duplicate(first: int) -> RowResult:
    return RowResult(
        Outcome.DUPLICATE, f"duplicate_of_row_{first}", f"The row repeats row {first}."
    )
