"""Where a table begins: its delimiter and its header, found together."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Container as Holder
from collections.abc import Iterator, Sequence
from contextlib import suppress

from listdrop.cells.emails import is_email
from listdrop.cells.headers import fold
from listdrop.errors import UploadRejectedError
from listdrop.models import Container, Frozen
from listdrop.tables.lines import Lines, Text, Tightener
from listdrop.tables.spooling import Spool

WHERE_TO_NAME = "in the dashboard when you drop the file, or in the route's `columns`."
"""Where people say what a column is."""
NO_COLUMN_IS_KNOWN = f"Listdrop knows none of the columns. Name them {WHERE_TO_NAME}"
MAX_CELL_CHARACTERS = 1 << 20
DELIMITERS = ",;\t|"
"""Those that are looked for; a file's `sep=` line may name any other."""
_HEADER_LINES = 20
_TYPOGRAPHIC = dict.fromkeys(map(ord, "\u2018\u2019\u201c\u201d\u201e\u201f\u00ab\u00bb"))
_SAMPLE_CHARACTERS = 256 << 10


class Dialect(Frozen):
    """How an upload was read. `header_line` is the physical line of the header."""

    container: Container = Container.NONE
    encoding: str
    delimiter: str
    header_line: int
    newline: str = "\r\n"


def detect(source: Spool, known: Holder[str]) -> Dialect:
    """Find delimiter and header together: the line and the split with most known names."""
    lines, delimiters, skip = _start(source)
    best: tuple[int, int, int] | None = None
    dialect = None
    widest: Sequence[str] = ()
    for delimiter in delimiters:
        for place, (line, cells) in enumerate(_sampled(lines, skip, delimiter)):
            if place == 0 and len(cells) > len(widest):
                widest = cells
            if _has_email(cells):
                continue
            found = {name for name in map(fold, cells) if name in known}
            score = (len(found), -place, len(cells))
            if score[0] and (best is None or score > best):
                best = score
                dialect = _dialect(source, delimiter, line)
    if dialect is not None:
        return dialect
    _check_quoting(lines)
    if any("@" in cell or "linkedin.com/" in cell for cell in widest):
        raise _no_header()
    raise UploadRejectedError(
        "no_usable_column",
        _cause(lines, known) or NO_COLUMN_IS_KNOWN,
    )


def detect_by_width(source: Spool) -> Dialect:
    """Find delimiter and header of a table with headers that nobody knows.

    The delimiter is the one that most cells agree with; the header is the first row as wide as most
    rows are. Rows with a single value, such as titles, count for neither where others have more.
    """
    lines, delimiters, skip = _start(source)
    best, dialect = 0, None
    for delimiter in delimiters:
        rows = list(_sampled(lines, skip, delimiter))
        rows = [each for each in rows if sum(map(bool, map(str.strip, each[1]))) > 1] or rows
        widths = Counter(len(cells) for _, cells in rows)
        width = max(widths, key=lambda each: (widths[each], each), default=0)
        headers = (line for line, cells in rows if len(cells) >= width and not _has_email(cells))
        line = next(headers, 0)
        if line and width * widths[width] > best:
            best, dialect = width * widths[width], _dialect(source, delimiter, line)
    if dialect is None:
        raise _no_header()
    return dialect


def _start(source: Spool) -> tuple[list[str], str, int]:
    """Return the first lines, the delimiters that may be theirs, and how many lines to skip."""
    lines = _first_lines(source)
    if not any(line.strip() for line in lines):
        raise UploadRejectedError("empty_file", "The file contains no text.")
    told = _told_delimiter(lines[0])
    return lines, told or DELIMITERS, 1 if told else 0


def _has_email(cells: Sequence[str]) -> bool:
    """Whether a line is one of data, and not its header."""
    return any(is_email(cell.strip()) for cell in cells)


def _dialect(source: Spool, delimiter: str, line: int) -> Dialect:
    return Dialect(
        container=source.container,
        encoding=source.encoding,
        delimiter=delimiter,
        header_line=line,
        newline=source.newline,
    )


def _no_header() -> UploadRejectedError:
    return UploadRejectedError(
        "no_header",
        "The file has no header: its first line already holds data. Name the columns in a line "
        "above it.",
    )


def _cause(lines: Sequence[str], known: Holder[str]) -> str:
    """Say why columns are not known that would be without their quotation marks; else nothing."""
    for line in map(str.strip, lines[:_HEADER_LINES]):
        if len(line) > 2 and line[0] == line[-1] == '"' and _has_names(line[1:-1], known):
            return (
                "Each line is in quotation marks as a whole, so it is one cell. Remove the first "
                "and the last quotation mark of every line, and write doubled ones inside once."
            )
        bare = line.translate(_TYPOGRAPHIC)
        if bare != line and _has_names(bare, known):
            return (
                "The cells are in typographic quotation marks, which do not hold a cell together. "
                'Replace them by straight ones ("), or export the list again.'
            )
    return ""


def _has_names(text: str, known: Holder[str]) -> bool:
    """Whether a line would have two known names."""
    return any(
        sum(fold(cell.strip(' "')) in known for cell in text.split(delimiter)) > 1
        for delimiter in DELIMITERS
    )


def _check_quoting(lines: Sequence[str]) -> None:
    """Raise if a quote that is never closed, or a huge cell, is why no header was found."""
    reader = csv.reader(iter(lines), strict=lines[0].startswith('"'))
    try:
        for _ in reader:
            pass
    except csv.Error as error:
        raise unreadable(reader.line_num, 1, str(error)) from error


def _first_lines(source: Spool) -> list[str]:
    lines: list[str] = []
    characters = 0
    for line in Lines(Text(source)):
        lines.append(line)
        characters += len(line)
        if len(lines) >= 4 * _HEADER_LINES or characters > _SAMPLE_CHARACTERS:
            break
    return lines


def _told_delimiter(first_line: str) -> str:
    """Return the delimiter from Excel's `sep=` line; empty for any other line."""
    told = first_line.strip("\r\n").strip('"')
    return told[4:] if told[:4].lower() == "sep=" and len(told) == 5 else ""


def _sampled(lines: Sequence[str], skip: int, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Parse the first lines leniently, because a preamble can be any text."""
    tightener = Tightener(delimiter)
    tight = map(tightener.start, lines[skip:])
    reader = csv.reader(tight, delimiter=delimiter)
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


def parted_leniently(lines: Sequence[str], delimiter: str) -> Iterator[list[str]]:
    """Yield the cells of lines that can be any text, and are no part of a table."""
    for line in lines:
        with suppress(csv.Error):
            yield from csv.reader([line.rstrip("\r\n")], delimiter=delimiter)


def unreadable(line: int, lines: int, error: str) -> UploadRejectedError:
    """Return the error for what the parser said of a row that starts on a line."""
    if "field limit" in error and lines == 1:
        text = f"Line {line}: a cell is over {MAX_CELL_CHARACTERS} characters."
        return UploadRejectedError("too_big", text)
    text = (
        f"Line {line}: the quoting cannot be read (a quote is not closed, or stands alone inside "
        "a quoted cell). Close it, or double it."
    )
    return UploadRejectedError("unreadable_quoting", text)
