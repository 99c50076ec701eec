"""Bytes to rows: what encoding, which delimiter, where the header is, and then blocks of rows.

Reading takes two passes over a temporary file, so that memory does not grow with the upload: the
first decides the encoding by rule (statistical detection guesses wrong on short exports); the
second parses. Nothing is replaced or dropped silently: what cannot be read for certain is rejected
with a reason.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import NamedTuple

from listdrop.cells.emails import is_email
from listdrop.cells.headers import fold
from listdrop.cells.profiles import profile_slug
from listdrop.errors import UploadRejectedError
from listdrop.models import Container, Frozen
from listdrop.tables.spooling import Spool
from listdrop.tables.unpacking import MAX_COLUMNS

MAX_CELL_CHARACTERS = 1 << 20
MAX_ROWS = 1_500_000
MAX_LINES = 10_000_000
_HEADER_LINES = 20
_SAMPLE_CHARACTERS = 256 << 10
_BLOCK_BYTES = 128 << 10
_MAX_ROW_BLOCKS = 128
_FOOTER_ROWS = 12
_NOTICE_CELLS = 4
_DELIMITERS = ",;\t|"
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_PERSON = re.compile(r"@|linkedin\.com/", re.I)
_NOTICE = re.compile(
    r"\s*(?:©|(?:(?:grand |sub-?)?totals?|copyright|confidential information|generated (?:by|on)"
    r"|report run by|exported on)(?![\w@.-]))",
    re.I,
)
"""How a line begins that a report prints after its data."""


class Row(NamedTuple):
    """A data row: its 1-based number, the physical line where it starts, its cells as they are."""

    row: int
    line: int
    cells: list[str]


class Block(NamedTuple):
    """Data rows that follow each other: the number of the first, the line and cells of each."""

    first: int
    lines: Sequence[int]
    cells: Sequence[list[str]]


class Dialect(Frozen):
    """How an upload was read. `header_line` is the physical line of the header."""

    container: Container = Container.NONE
    encoding: str
    delimiter: str
    header_line: int
    newline: str = "\r\n"


@dataclass(frozen=True, slots=True)
class Table:
    """An upload, read: its header, how it was read, and its rows (to be iterated once)."""

    header: list[str]
    dialect: Dialect
    blocks: Iterator[Block]

    def rows(self) -> Iterator[Row]:
        """Yield the rows one by one."""
        for block in self.blocks:
            yield from map(Row, count(block.first), block.lines, block.cells)


def read_table(source: Spool, known: frozenset[str], dialect: Dialect | None = None) -> Table:
    """Find the header among the first 20 lines and return the rows after it.

    `known` are the folded header names that count for finding it. With `dialect`, the upload is
    read the way it was read before. Raises `UploadRejectedError`: `no_header`, `not_text`,
    `unreadable_quoting`, `too_big`; blocks raise the same while they are iterated.
    """
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    if dialect is None:
        dialect = _detect(source, known)
    records = _records(source, dialect)
    header = next(records).cells[0]
    if len(header) > MAX_COLUMNS:
        raise UploadRejectedError("too_big", f"The header has over {MAX_COLUMNS} columns.")
    blocks = _data_blocks(records, len(header))
    return Table([cell.strip() for cell in header], dialect, blocks)


class _Text:
    """The physical lines of a spool, read some at a time.

    They come without what ended them, which is `end` for all that were read at once. `reads`
    counts how often. A row that goes on and on is refused while it is read.
    """

    def __init__(self, source: Spool) -> None:
        self.reads = 0
        self.end = ""
        self._source = source
        self._row_began = 0

    def row_ended(self) -> None:
        """Take note that a row is complete."""
        self._row_began = self.reads

    def lines(self) -> Iterator[list[str]]:
        """Yield lists of lines, from the start of the spool."""
        try:
            at_returns = self._source.has_returns
            for lines, end in _split(self._decoded(), at_returns=at_returns):
                self.end = end
                self.reads += 1
                if self.reads - self._row_began > _MAX_ROW_BLOCKS:
                    raise UploadRejectedError("too_big", "A row goes on for over 16 MiB.")
                yield lines
        except UnicodeError as error:
            raise UploadRejectedError("not_text", "The file's encoding is broken.") from error

    def _decoded(self) -> Iterator[str]:
        file, encoding = self._source.file, self._source.encoding
        file.seek(0)
        decoder = codecs.getincrementaldecoder(encoding)()
        for piece in iter(lambda: file.read(_BLOCK_BYTES), b""):
            text = decoder.decode(piece)
            if encoding == "utf-16" and "\x00" in text:
                raise UploadRejectedError("not_text", "The file is not text: it has zero bytes.")
            yield text
        yield decoder.decode(b"", final=True)


def _split(pieces: Iterable[str], *, at_returns: bool) -> Iterator[tuple[list[str], str]]:
    """Split text into lines at LF and CRLF, and at CR alone; yield some, and what ended them.

    Without the last of these, that is LF, and a line that ended in CRLF still has its CR.
    """
    rest = ""
    for piece in pieces:
        lines = _LINE.findall(rest + piece) if at_returns else (rest + piece).split("\n")
        rest = lines.pop() if lines else ""
        yield lines, "" if at_returns else "\n"
    if rest:
        yield [rest], ""


class _Records(NamedTuple):
    """Records that follow each other: the physical line where each starts, and its cells."""

    lines: list[int]
    cells: list[list[str]]


def _records(source: Spool, dialect: Dialect) -> Iterator[_Records]:
    """Parse strictly. Yields the header alone, then what could be parsed of lines read at once.

    A line without a quote is its own record, and split at once: that takes half the time of
    `csv.reader`, which has all the others.
    """
    text = _Text(source)
    lines = chain.from_iterable(text.lines())
    for _ in range(dialect.header_line - 1):
        next(lines)
    delimiter = dialect.delimiter
    pending: list[str] = []
    reader = csv.reader(_whole(pending, lines, text), delimiter=delimiter, strict=True)
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
                raise _unreadable(start, reader.line_num - before, str(error)) from error
            start += reader.line_num - before
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


def _whole(pending: list[str], lines: Iterator[str], text: _Text) -> Iterator[str]:
    """Yield the line that is pending, and whenever there is none the next, with their ends."""
    while True:
        if pending:
            yield pending.pop() + text.end
        else:
            try:
                line = next(lines)
            except StopIteration:
                return
            yield line + text.end


def _unreadable(line: int, lines: int, error: str) -> UploadRejectedError:
    if "field limit" in error and lines == 1:
        text = f"Line {line}: a cell is over {MAX_CELL_CHARACTERS} characters."
        return UploadRejectedError("too_big", text)
    text = (
        f"Line {line}: the quoting cannot be read (a quote is not closed, or stands alone inside "
        "a quoted cell). Close it, or double it."
    )
    return UploadRejectedError("unreadable_quoting", text)


def _data_blocks(records: Iterator[_Records], width: int) -> Iterator[Block]:
    """Number the data rows. Raises `UploadRejectedError` (`too_big`) if there are too many."""
    first = 1
    for lines, cells in _without_footer(records, width):
        if cells:
            yield Block(first, lines, cells)
            first += len(cells)
        if first > MAX_ROWS:
            raise UploadRejectedError("too_big", f"The file has over {MAX_ROWS:,} rows.")


def _without_footer(records: Iterator[_Records], width: int) -> Iterator[_Records]:
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


def _detect(source: Spool, known: frozenset[str]) -> Dialect:
    """Find delimiter and header together: the line and the split with most known names."""
    lines = _first_lines(source)
    if not any(line.strip() for line in lines):
        raise UploadRejectedError("empty_file", "The file has no text in it.")
    delimiters = _told_delimiter(lines[0]) or _DELIMITERS
    skip = 0 if delimiters == _DELIMITERS else 1
    best: tuple[int, int, int] | None = None
    dialect = None
    widest: Sequence[str] = ()
    for delimiter in delimiters:
        for place, (line, cells) in enumerate(_sampled(lines, skip, delimiter)):
            if place == 0 and len(cells) > len(widest):
                widest = cells
            if any(is_email(cell.strip()) for cell in cells):  # a line of data, not its header
                continue
            score = (len({fold(cell) for cell in cells} & known), -place, len(cells))
            if score[0] and (best is None or score > best):
                best = score
                dialect = Dialect(
                    container=source.container,
                    encoding=source.encoding,
                    delimiter=delimiter,
                    header_line=line,
                    newline=source.newline,
                )
    if dialect is not None:
        return dialect
    _check_quoting(lines)
    if any("@" in cell or "linkedin.com/" in cell for cell in widest):
        raise UploadRejectedError(
            "no_header", "The file has no header: its first line already holds data."
        )
    raise UploadRejectedError(
        "no_usable_column",
        "No column is one that Listdrop knows. Name them in the route's `columns`.",
    )


def _check_quoting(lines: Sequence[str]) -> None:
    """Tell a quote that swallows the header, or a huge cell, from a header that is none."""
    reader = csv.reader(iter(lines), strict=lines[0].startswith('"'))
    try:
        for _ in reader:
            pass
    except csv.Error as error:
        raise _unreadable(reader.line_num, 1, str(error)) from error


def _first_lines(source: Spool) -> list[str]:
    lines: list[str] = []
    characters = 0
    text = _Text(source)
    for line in chain.from_iterable(text.lines()):
        lines.append(line + text.end)
        characters += len(line)
        if len(lines) >= 4 * _HEADER_LINES or characters > _SAMPLE_CHARACTERS:
            break
    return lines


def _told_delimiter(first_line: str) -> str:
    """Return the delimiter that Excel's `sep=` line tells; empty if it is no such line."""
    told = first_line.strip("\r\n").strip('"')
    return told[4:] if told[:4].lower() == "sep=" and len(told) == 5 else ""


def _sampled(lines: Sequence[str], skip: int, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Parse the first lines leniently, as a preamble may be anything."""
    reader = csv.reader(iter(lines[skip:]), delimiter=delimiter)
    start = skip + 1
    found = 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield start, cells
                found += 1
                if found == _HEADER_LINES:
                    return
            start = skip + reader.line_num + 1
    except csv.Error:
        return
