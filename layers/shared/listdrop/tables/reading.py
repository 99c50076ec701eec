"""Reads a table: finds its delimiter and header, and then yields blocks of rows.

Reading takes two passes over a temporary file, so that memory does not grow with the upload. The
first decides the encoding, by rule or by two judges that agree (`encodings.py`); the second parses.
Nothing is replaced or dropped silently: what cannot be read for certain is rejected with a reason.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_left
from collections.abc import Container as Holder
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, count, repeat
from operator import attrgetter
from typing import NamedTuple, TypeVar

from listdrop.cells.emails import is_email
from listdrop.cells.profiles import profile_slug
from listdrop.errors import UploadRejectedError
from listdrop.tables.even_rows import EvenRows, split_evenly
from listdrop.tables.heading import (
    MAX_CELL_CHARACTERS,
    Dialect,
    detect,
    parted_leniently,
    unreadable,
)
from listdrop.tables.lines import Lines, Text, Tightener
from listdrop.tables.spooling import Spool
from listdrop.tables.unpacking import MAX_COLUMNS

T = TypeVar("T")

MAX_ROWS = 1_500_000
MAX_LINES = 10_000_000
_FOOTER_ROWS = 12
_NOTICE_CELLS = 4
_PERSON = re.compile(r"@|linkedin\.com/", re.I)
_LINE_NUMBER = attrgetter("line_num")
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
    cells: list[list[str]] | EvenRows


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


@dataclass(slots=True)
class _Parsed:
    """Records of a piece that have quotes, and their places among all of its records.

    Of the lines, `taken` were looked at, which may end in a CR if `has_returns`; of these, `inner`
    are from the second to the last of a record.
    """

    taken: int
    has_returns: bool
    places: list[int] = field(default_factory=list)
    records: list[list[str]] = field(default_factory=list)
    inner: list[tuple[int, int]] = field(default_factory=list)

    def even_rows(self, lines: list[str], mark: str, width: int) -> EvenRows | None:
        """Return the rows of the lines, by column; `None` if one is not as wide as the header."""
        if not {width}.issuperset(map(len, self.records)):
            return None
        others = self._others(lines, mark * (width - 1))
        records = zip(self.places, self.records, strict=True)
        return split_evenly(others, mark, width, records, has_returns=self.has_returns)

    def rows(self, lines: list[str], mark: str) -> list[list[str]]:
        """Return the rows of the lines."""
        found = [line.removesuffix("\r").split(mark) for line in self._others(lines, "")]
        for place, record in zip(self.places, self.records, strict=True):
            found[place] = record
        return found

    def _others(self, lines: list[str], blank: str) -> list[str]:
        """Return a line for each record that was looked at, a blank one if it has quotes."""
        others = lines[: self.taken]
        self.leave_inner_out(others)
        for place in self.places:
            others[place] = blank
        return others

    def leave_inner_out(self, lines: list[T]) -> None:
        """Delete what there is for each line of a record but the first."""
        for first, last in reversed(self.inner):
            del lines[first:last]


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
        """Parse up to where a record ends with a piece: most of it at once, the rest by lines."""
        found = self._at_once(self.lines.rest())
        if not self.lines.is_at_end:
            rows = [*found.cells]
            while not self.lines.is_at_end:
                self._add(next(self.lines), found.lines, rows)
            found = _Records(found.lines, rows)
        self._piece_ended()
        return found

    def _at_once(self, rest: list[str]) -> _Records:
        """Parse the records of a piece that need no closer look, up to the first that does.

        Lines without a quote are split directly, which takes a fraction of the time of
        `csv.reader`: all at once if they are as wide as the header.
        """
        mark = self.delimiter
        quoted = [place for place, line in enumerate(rest) if '"' in line]
        most = MAX_CELL_CHARACTERS
        is_long = self.lines.longest > most and max(map(len, rest)) > most
        if is_long or (quoted and self.tightener.has_blanks(*[rest[place] for place in quoted])):
            return _Records([], [])
        parsed = self._parse_quoted(rest, quoted) if quoted else self._parsed(rest)
        cells = parsed.even_rows(rest, mark, self.width) or parsed.rows(rest, mark)
        lines = list(range(self.start, self.start + parsed.taken))
        parsed.leave_inner_out(lines)
        self.notes.spans.update(self.start + first - 1 for first, _ in parsed.inner)
        self.lines.skip(parsed.taken)
        self.start += parsed.taken
        return _Records(lines, cells)

    def _parsed(self, rest: list[str]) -> _Parsed:
        return _Parsed(len(rest), self.lines.has_returns)

    def _parse_quoted(self, rest: list[str], quoted: list[int]) -> _Parsed:
        """Parse the records with quotes, up to one that is wrong or goes on in the next piece."""
        inner = _inner_lines(rest, quoted)
        places = sorted({*quoted, *inner}) if inner else quoted
        text = [rest[place] for place in places]
        for place in inner:  # where a cell goes on, its line ends are part of it
            text[bisect_left(places, place)] = self.lines.whole(place)
        reader = csv.reader(text, delimiter=self.delimiter, strict=True)
        read: list[tuple[list[str], int]] = []
        with suppress(csv.Error):  # what is wrong there is found out by reading it alone
            # Each record, and the line that it ends on, without a step of Python for each.
            read.extend(zip(reader, map(_LINE_NUMBER, repeat(reader)), strict=False))
        stops = [stop for _, stop in read]
        starts = [0, *stops[:-1]]
        found = self._parsed(rest)
        known = frozenset(inner)
        taken = len(read)
        gone = 0
        for place, (start, stop) in enumerate(zip(starts, stops, strict=False)):
            if stop - start > 1:
                first, last = places[start], places[stop - 1]
                if not known.issuperset(range(first, last)):
                    taken = place  # quotes told nothing of this cell, so lines are missing in it
                    break
                found.inner.append((first + 1, last + 1))
            found.places.append(places[start] - gone)
            gone += stop - start - 1
        found.records = [record or [""] for record, _ in read[:taken]]
        end = stops[taken - 1] if taken else 0
        if end < len(places):
            found.taken = places[end]
        return found

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


def _inner_lines(lines: list[str], quoted: list[int]) -> Sequence[int]:
    """Return the lines from one that opens a cell to one that closes it, as far as quotes tell."""
    odd = [place for place in quoted if lines[place].count('"') % 2]
    ends = [place + 1 for place in odd[1::2]]
    if len(odd) > 2 * len(ends):
        ends.append(len(lines))
    return list(chain.from_iterable(map(range, odd[::2], ends)))


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
        may_begin = after_blank or footer or any(map(_NOTICE.match, starts[-_FOOTER_ROWS:]))
        if is_plain and not may_begin:
            is_no_footer = False
            yield found
            del found, starts
            continue
        lines: list[int] = []
        rows: list[list[str]] = []
        for line, cells in zip(*found, strict=True):
            if not any(map(str.strip, cells)):
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
