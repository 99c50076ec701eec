"""Reads a table: finds its delimiter and header, and then yields blocks of rows.

Reading takes two passes over a temporary file, so that memory does not grow with the upload. The
first decides the encoding, by rule or by two judges that agree (`encodings.py`); the second parses.
Nothing is replaced or dropped silently: what cannot be read for certain is rejected with a reason.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Container as Holder
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from typing import NamedTuple

from listdrop.cells.emails import is_email
from listdrop.cells.profiles import profile_slug
from listdrop.errors import UploadRejectedError
from listdrop.tables.heading import MAX_CELL_CHARACTERS, Dialect, detect, unreadable
from listdrop.tables.lines import Text, Tightener
from listdrop.tables.spooling import Spool
from listdrop.tables.unpacking import MAX_COLUMNS

MAX_ROWS = 1_500_000
MAX_LINES = 10_000_000
_FOOTER_ROWS = 12
_NOTICE_CELLS = 4
_PERSON = re.compile(r"@|linkedin\.com/", re.I)
_NOTICE = re.compile(
    r"\s*(?:©|(?:(?:grand |sub-?)?totals?|copyright|confidential information|generated (?:by|on)"
    r"|report run by|exported on)(?![\w@.-]))",
    re.I,
)
"""How a line begins that a report prints after its data."""


class Row(NamedTuple):
    """A data row: its number from 1, the physical line where it starts, its unchanged cells."""

    row: int
    line: int
    cells: list[str]


class Block(NamedTuple):
    """Consecutive data rows: the number of the first, and the line and cells of each."""

    first: int
    lines: Sequence[int]
    cells: Sequence[list[str]]


@dataclass(slots=True)
class Notes:
    """What is found out of a table while its blocks are iterated.

    `spans` are the lines where those rows start that span several; `footer` is what was left out at
    the table's end. `is_open`: no line end follows the last line, so the file may be cut off.
    """

    is_open: bool = False
    spans: set[int] = field(default_factory=set)
    footer: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its header, how it was read, and its rows, which can be iterated only once."""

    header: list[str]
    dialect: Dialect
    blocks: Iterator[Block]
    notes: Notes

    def rows(self) -> Iterator[Row]:
        """Yield the rows one by one."""
        for block in self.blocks:
            yield from map(Row, count(block.first), block.lines, block.cells)


def read_table(
    source: Spool,
    known: Holder[str],
    dialect: Dialect | None = None,
    *,
    has_footer: bool = True,
) -> Table:
    """Find the header among the first 20 lines and return the rows after it.

    `known` are the folded header names that count for finding it. With `dialect`, the upload is
    read the way it was read before; `has_footer`: there may be one, which is left out. Raises
    `UploadRejectedError`: `no_header`, `not_text`, `unreadable_quoting`, `too_big`; blocks raise
    the same while they are iterated.
    """
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    if dialect is None:
        dialect = detect(source, known)
    notes = Notes(is_open=source.is_open)
    records = _records(source, dialect, notes)
    header = next(records).cells[0]
    if len(header) > MAX_COLUMNS:
        raise UploadRejectedError("too_big", f"The header has over {MAX_COLUMNS} columns.")
    blocks = _data_blocks(records, len(header) if has_footer else 1, notes)
    return Table([cell.strip() for cell in header], dialect, blocks, notes)


class _Records(NamedTuple):
    """Consecutive records: the physical line where each starts, and its cells."""

    lines: list[int]
    cells: list[list[str]]


def _records(source: Spool, dialect: Dialect, notes: Notes) -> Iterator[_Records]:
    """Parse strictly. Yield the header alone, then the records of each piece.

    A line without a quote is one record and is split directly, which takes half the time of
    `csv.reader`. All other lines go through `csv.reader`.
    """
    text = Text(source)
    lines = chain.from_iterable(text.lines())
    for _ in range(dialect.header_line - 1):
        next(lines)
    delimiter = dialect.delimiter
    pending: list[str] = []
    tightener = Tightener(delimiter)
    reader = csv.reader(_whole(pending, lines, text, tightener), delimiter=delimiter, strict=True)
    found = _Records([], [])
    start = dialect.header_line
    reads = 0
    for line in lines:
        found.lines.append(start)
        if '"' in line or len(line) > MAX_CELL_CHARACTERS:
            pending.append(line)
            before = reader.line_num
            try:
                found.cells.append(next(reader))
            except csv.Error as error:
                raise unreadable(start, reader.line_num - before, str(error)) from error
            taken = reader.line_num - before
            if taken > 1:
                notes.spans.add(start)
            start += taken
        else:
            found.cells.append(line.rstrip("\r\n").split(delimiter))
            start += 1
        if text.reads != reads:
            if start > MAX_LINES:
                raise UploadRejectedError("too_big", f"The file has over {MAX_LINES:,} lines.")
            reads = text.reads
            text.row_ended()
            yield found
            found = _Records([], [])
    yield found


def _whole(
    pending: list[str], lines: Iterator[str], text: Text, tightener: Tightener
) -> Iterator[str]:
    """Yield the pending line, or the next line if none is pending, with its line ending."""
    while True:
        if pending:
            yield tightener.start(pending.pop() + text.end)
        else:
            try:
                line = next(lines)
            except StopIteration:
                return
            yield tightener.follow(line + text.end)


def _data_blocks(records: Iterator[_Records], width: int, notes: Notes) -> Iterator[Block]:
    """Number the data rows. Raises `UploadRejectedError` (`too_big`) if there are too many."""
    first = 1
    for lines, cells in _without_footer(records, width, notes):
        if cells:
            yield Block(first, lines, cells)
            first += len(cells)
        if first > MAX_ROWS:
            raise UploadRejectedError("too_big", f"The file has over {MAX_ROWS:,} rows.")


def _without_footer(records: Iterator[_Records], width: int, notes: Notes) -> Iterator[_Records]:
    """Leave out what is no data row: blank and delimiter-only lines, and a footer.

    A footer is what some reports print after the data: up to the end of the file, sums and notices,
    and after one of these or a blank line, lines with nothing but a first cell that is nobody's
    address.
    """
    after_blank = is_no_footer = False
    footer = _Records([], [])
    for found in records:
        starts = [cells[0] for cells in found.cells if cells]
        is_plain = len(starts) == len(found.cells) and all(map(str.strip, starts))
        may_begin = after_blank or footer.cells or any(map(_NOTICE.match, starts[-_FOOTER_ROWS:]))
        if is_plain and not may_begin:
            is_no_footer = False
            yield found
            continue
        rows = _Records([], [])
        for line, cells in zip(*found, strict=True):
            if not any(map(str.strip, cells)):
                after_blank = True
                continue
            may_end = width > 1 and (after_blank or footer.cells)
            is_short = may_end and not any(cells[1:]) and not _PERSON.search(cells[0])
            is_end = is_short or _is_notice(cells)
            if is_end and not is_no_footer and len(footer.cells) < _FOOTER_ROWS:
                footer.lines.append(line)
                footer.cells.append(cells)
                continue
            is_no_footer = is_end  # more such lines than a footer has are a list of something
            rows.lines.extend((*footer.lines, line))
            rows.cells.extend((*footer.cells, cells))
            footer = _Records([], [])
            after_blank = False
        yield rows
    notes.footer += footer.cells


def _is_notice(cells: Sequence[str]) -> bool:
    """Whether a line is a sum or a notice: it begins like one, and nobody and no domain is in it.

    "Report run by a@example.com" is one all the same.
    """
    if not _NOTICE.match(cells[0]):
        return False
    first, *others = filter(None, map(str.strip, cells))
    return (
        len(others) < _NOTICE_CELLS
        and not is_email(first)
        and not ("<" in first and "@" in first)
        and not any(_PERSON.search(cell) or profile_slug(cell) for cell in others)
        and not any(is_email(f"anybody@{cell}") for cell in others)
    )
