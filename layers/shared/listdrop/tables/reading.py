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
from itertools import count
from typing import NamedTuple

from listdrop.cells.emails import is_email
from listdrop.cells.patterns import lazy
from listdrop.cells.profiles import profile_slug
from listdrop.errors import UploadRejectedError
from listdrop.tables.even_rows import EvenRows
from listdrop.tables.heading import (
    MAX_CELL_CHARACTERS,
    Dialect,
    detect,
    parted_leniently,
    unreadable,
)
from listdrop.tables.lines import Lines, Text, Tightener
from listdrop.tables.splitting import Split, split_records
from listdrop.tables.spooling import Spool
from listdrop.tables.unpacking import MAX_COLUMNS

MAX_ROWS = 1_500_000
MAX_LINES = 10_000_000
_FOOTER_ROWS = 12
_NOTICE_CELLS = 4
_DOS_END = "\x1a"
"""Ctrl-Z, with which programs for DOS end a text."""
_PERSON = lazy(r"@|linkedin\.com/", re.I)
_NOTICE = lazy(
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

    `spans` are the lines where those rows start that span several; `preamble` is what stands above
    the header, and `footer` what was left out at the table's end. `is_open`: no line end follows
    the last line, so the file may be cut off.
    """

    is_open: bool = False
    spans: set[int] = field(default_factory=set)
    preamble: list[list[str]] = field(default_factory=list)
    footer: list[list[str]] = field(default_factory=list)


class Table(NamedTuple):
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
    cells: Sequence[list[str]]


def _records(source: Spool, dialect: Dialect, notes: Notes) -> Iterator[_Records]:
    """Parse strictly. Yield the header alone, then the records of each piece."""
    text = Text(source)
    lines = Lines(text)
    above = [next(lines) for _ in range(dialect.header_line - 1)]
    notes.preamble += parted_leniently(above, dialect.delimiter)
    parser = _Parser(text, lines, dialect, notes)
    yield parser.header()
    while lines.rest():
        yield parser.piece()


class _Parser:
    """Parses the records of one piece of text after the other."""

    def __init__(self, text: Text, lines: Lines, dialect: Dialect, notes: Notes) -> None:
        self.text = text
        self.lines = lines
        self.notes = notes
        self.delimiter = dialect.delimiter
        self.start = dialect.header_line
        """The physical line where the next record starts."""
        self.width = 0
        """The number of cells in the header."""
        self.tightener = Tightener(dialect.delimiter)
        self.pending: list[str] = []
        self.reader = csv.reader(self._whole(), delimiter=dialect.delimiter, strict=True)

    def header(self) -> _Records:
        """Parse one record."""
        lines: list[int] = []
        rows: list[list[str]] = []
        self._add(next(self.lines), lines, rows)
        self._piece_ended()
        self.width = len(rows[0])
        return _Records(lines, rows)

    def piece(self) -> _Records:
        """Parse the records of a piece: at once, or by lines if one needs a closer look."""
        found = self._at_once()
        if found is None:
            lines: list[int] = []
            rows: list[list[str]] = []
            while not self.lines.is_at_end:
                self._add(next(self.lines), lines, rows)
            found = _Records(lines, rows)
        self._piece_ended()
        return found

    def _at_once(self) -> _Records | None:
        """Parse all records that end in a piece, or in more text if the first goes on there."""
        text = self.lines.rest()
        while text and len(text) <= MAX_CELL_CHARACTERS:
            has_returns = self.text.has_returns
            found = split_records(text, self.delimiter, self.width, has_returns=has_returns)
            if found is None:
                return None
            if found.taken:
                self.lines.skip(found.taken)
                return _Records(self._lines(found), found.rows)
            text = self.lines.rest_and_more()
        return None

    def _lines(self, found: Split) -> list[int]:
        """Return the line where each record starts, and go on with the next."""
        lines: list[int] = []
        for record, further in found.further_lines.items():
            lines.extend(range(self.start, self.start + record + 1 - len(lines)))
            self.notes.spans.add(lines[-1])
            self.start = lines[-1] + 1 + further
        end = self.start + len(found.rows) - len(lines)
        lines.extend(range(self.start, end))
        self.start = end
        return lines

    def _add(self, line: str, lines: list[int], rows: list[list[str]]) -> None:
        lines.append(self.start)
        if '"' not in line and len(line) <= MAX_CELL_CHARACTERS:
            rows.append(line.rstrip("\r\n").split(self.delimiter))
            self.start += 1
            return
        self.pending.append(line)
        before = self.reader.line_num
        try:
            rows.append(next(self.reader))
        except csv.Error as error:
            raise unreadable(self.start, self.reader.line_num - before, str(error)) from error
        taken = self.reader.line_num - before
        if taken > 1:
            self.notes.spans.add(self.start)
        self.start += taken

    def _piece_ended(self) -> None:
        if self.start > MAX_LINES:
            raise UploadRejectedError("too_big", f"The file has over {MAX_LINES:,} lines.")
        self.text.row_ended()

    def _whole(self) -> Iterator[str]:
        """Yield the pending line, or the next line if none is pending."""
        while True:
            if self.pending:
                yield self.tightener.start(self.pending.pop())
            else:
                try:
                    line = next(self.lines)
                except StopIteration:
                    return
                yield self.tightener.follow(line)


def _data_blocks(records: Iterator[_Records], width: int, notes: Notes) -> Iterator[Block]:
    """Number the data rows. Raises `UploadRejectedError` (`too_big`) if there are too many."""
    first = 1
    for lines, cells in _without_footer(records, width, notes):
        rows = len(cells)
        if cells:
            yield Block(first, lines, cells)
        del lines, cells  # freed before the next are read, so that they take the same memory
        first += rows
        if first > MAX_ROWS + 1:  # the next row's number
            raise UploadRejectedError("too_big", f"The file has over {MAX_ROWS:,} rows.")


def _without_footer(records: Iterator[_Records], width: int, notes: Notes) -> Iterator[_Records]:
    """Leave out what is no data row: blank and delimiter-only lines, and a footer.

    A footer is what some reports print after the data: up to the end of the file, sums and notices,
    and after one of these or a blank line, lines with nothing but a first cell that is nobody's
    address.
    """
    after_blank = is_no_footer = False
    footer_lines: list[int] = []
    footer: list[list[str]] = []
    for found in records:
        starts = _first_cells(found.cells)
        is_plain = len(starts) == len(found.cells) and all(map(str.strip, starts))
        is_plain = is_plain and _DOS_END not in starts[-1:]
        may_begin = after_blank or footer or any(map(_NOTICE.match, starts[-_FOOTER_ROWS:]))
        if is_plain and not may_begin:
            is_no_footer = False
            yield found
            del found, starts
            continue
        lines: list[int] = []
        rows: list[list[str]] = []
        for line, cells in zip(*found, strict=True):
            if "".join(cells).strip() in ("", _DOS_END):
                after_blank = True
                continue
            may_end = width > 1 and (after_blank or footer)
            is_short = may_end and not any(cells[1:]) and not _PERSON.search(cells[0])
            is_end = is_short or _is_notice(cells)
            if is_end and not is_no_footer and len(footer) < _FOOTER_ROWS:
                footer_lines.append(line)
                footer.append(cells)
                continue
            is_no_footer = is_end  # more such lines than a footer has are a list of something
            lines.extend((*footer_lines, line))
            rows.extend((*footer, cells))
            footer_lines, footer = [], []
            after_blank = False
        yield _Records(lines, rows)
    notes.footer += footer


def _first_cells(rows: Sequence[list[str]]) -> Sequence[str]:
    if isinstance(rows, EvenRows):
        return rows.columns[0]
    return [cells[0] for cells in rows if cells]


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
