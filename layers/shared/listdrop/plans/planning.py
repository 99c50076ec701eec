"""Rows to plans: what will be sent to each destination, in which batches, and what will not."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import chain
from typing import IO, Any

from listdrop.errors import UploadRejectedError
from listdrop.models import (
    PHONE_LEFT_OUT,
    BatchItem,
    Outcome,
    Route,
    RowResult,
    TableInfo,
    duplicate_of,
    no_counts,
    row_result,
)
from listdrop.plans.blocks import PlanBlock
from listdrop.plans.repeats import FirstRows
from listdrop.prospects.columns import Columns, known_headers, map_columns
from listdrop.prospects.mapping import Mapped, Mapper
from listdrop.prospects.naming import ENOUGH_ROWS, decided
from listdrop.prospects.opt_outs import is_opt_out_file
from listdrop.prospects.suppression import SuppressionList, read_suppression_list
from listdrop.providers.base import Provider
from listdrop.tables.reading import Block, Table, read_table
from listdrop.tables.spooling import spool
from listdrop.tables.unpacking import Package

_OPTED_OUT = row_result(Outcome.SUPPRESSED, "opted_out")
_ON_LIST = RowResult(
    Outcome.SUPPRESSED, "opted_out", "The person is on the route's suppression list."
)
_MOST_FIRST_BLOCKS = 8
"""Blocks that are held at once, where rows are so long that few fit in one."""
_PERSONAL_FIELDS = ("email", "first_name", "last_name", "full_name", "phone", "linkedin_url")


@dataclass(frozen=True, slots=True)
class UploadPlan:
    """What became of a table: how it was read, which column is what, a plan by destination.

    `first_rows` are rows of the first block, for examples; `sha256` is that of the upload.
    """

    header: Sequence[str]
    columns: Columns
    info: TableInfo
    first_rows: Sequence[Sequence[str]]
    sha256: str
    plans: Sequence[Plan]


def plan_upload(
    package: Package,
    name: str,
    route: Route,
    destinations: Sequence[tuple[str, Provider[Any, Any]]],
    files: ExitStack,
    *,
    table: str = "",
    suppression: Callable[[], Iterable[bytes]] | None = None,
) -> UploadPlan:
    """Read an upload once, or one table of an archive, and plan what each destination will get.

    Submit and every preview call this, so a preview is what Submit will do. `name` is what the
    upload is called, `destinations` are job ids and providers; `files` closes the temporary files;
    `suppression` reads the route's suppression list, if it has one. Raises `UploadRejectedError` if
    the upload cannot be used.
    """
    source = spool(package, table)
    files.callback(source.file.close)
    plans = [Plan(job_id, provider, _scratch(files)) for job_id, provider in destinations]
    read = read_table(source, known_headers(route.columns))
    first = _first_blocks(read)
    first_rows = list(chain.from_iterable(block.cells for block in first))
    columns = decided(map_columns(read.header, route.columns), first_rows)
    whole = replace(read, blocks=chain(first, read.blocks))
    is_opt_out = is_opt_out_file(table or name)
    suppressed = read_suppression_list(suppression()) if suppression else None
    info = read_rows(whole, columns, plans, is_opt_out=is_opt_out, suppressed=suppressed)
    for plan in plans:
        plan.finish()
    return UploadPlan(read.header, columns, info, first_rows, source.sha256, plans)


def _first_blocks(table: Table) -> list[Block]:
    """Take the blocks that decide which column is whose name, of enough rows or of all."""
    blocks: list[Block] = []
    rows = 0
    for block in table.blocks:
        blocks.append(block)
        rows += len(block.cells)
        if rows >= ENOUGH_ROWS or len(blocks) == _MOST_FIRST_BLOCKS:
            break
    return blocks


def _scratch(stack: ExitStack) -> IO[bytes]:
    """Return a file for a plan. What does not fit on the disk is in its buffer until it closes."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 # closed by the stack

    def close() -> None:
        with suppress(OSError):
            file.close()

    stack.callback(close)
    return file


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

_MAX_EXTRA_CELLS = 200
"""A row that is too long makes all rows of `results.csv` as wide; but not one of thousands."""


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
        prepared = provider.prepare_all(mapped.prospects(provider.reads, provider.asks_for))
        settled = {**prepared.invalid, **problems}
        repeats = self._first_rows.repeats(_repeatable(prepared.identities, settled))
        for place, first in repeats.items():
            settled.setdefault(place, _duplicate(first))
        for result in settled.values():
            self.counts[result.outcome] += 1
        warnings = dict.fromkeys(mapped.left_out - settled.keys(), PHONE_LEFT_OUT)
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
        """Write lines, each with rows of one batch; begin a new one when one is full."""
        limits = self._limits
        while rows:
            cut = rows.end_of(limits.rows - self._batch_rows)
            part = rows.part(0, cut)
            line = part.encode()
            size = len(line) + part.unwritten
            if self._batch_bytes + size > limits.bytes:
                rows, cut, size = self._cut_by_size(rows)
                part = rows.part(0, cut)
                line = part.encode()
            if cut:
                self._write_line(part, line, size)
                rows = rows.part(cut, len(rows))
            if not cut or self._batch_rows == limits.rows:
                self._close()

    def _write_line(self, part: PlanBlock, line: bytes, size: int) -> None:
        if part.to_send:
            if not self._batch_rows:
                self._first_row, self._first_byte = part.first_sent, self._position
            self._batch_rows += part.to_send
            self._batch_bytes += size
        self.file.write(line)
        self._position += len(line)

    def _cut_by_size(self, rows: PlanBlock) -> tuple[PlanBlock, int, int]:
        """Return how many of the rows the batch still takes, and their size in bytes.

        The rows are returned with those settled that no batch takes.
        """
        limits = self._limits
        settled, warnings = {**rows.settled}, {**rows.warnings}
        found = replace(rows, settled=settled, warnings=warnings)
        taken = size = 0
        for place, each in enumerate(rows.sizes()):
            if each > limits.bytes:
                settled[place] = self._too_big()
                self.warned -= warnings.pop(place, "") != ""
                self.counts[Outcome.INVALID] += 1
            elif each:
                if (
                    self._batch_bytes + size + each > limits.bytes
                    or self._batch_rows + taken == limits.rows
                ):
                    return found, place, size
                size += each
                taken += 1
        return found, len(found), size

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
        self.file.flush()  # what does not fit on the disk is to be found out now
        self.counts["rows"] = self.rows

    def _even_out(self) -> None:
        """Write the last two batches anew, the last with half of the rows or a little fewer."""
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


def _duplicate(first: int) -> RowResult:
    return RowResult(Outcome.DUPLICATE, *duplicate_of(first))
