"""Bytes to rows: what encoding, which delimiter, where the header is, and then one row at a time.

Reading takes two passes over a spooled copy, so that memory does not grow with the file: the first
copies, hashes and decides the encoding by rule (statistical detection guesses wrong on short
exports); the second parses. Nothing is replaced or dropped silently: what cannot be read for
certain is rejected with a reason.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import chain
from typing import IO, NamedTuple

from listdrop.checking import is_email
from listdrop.errors import UploadRejectedError
from listdrop.headers import fold
from listdrop.models import Frozen

MAX_BYTES = 1 << 30
MAX_CELL_CHARACTERS = 1 << 20
MAX_COLUMNS = 2_000
MAX_EXPANSION = 200
_SMALL_BYTES = 16 << 20
_HEADER_LINES = 20
_SAMPLE_CHARACTERS = 256 << 10
_SPOOL_IN_MEMORY = 1 << 20
_FOOTER_ROWS = 12
_DELIMITERS = ",;\t|"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNDEFINED_IN_CP1252 = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))
_LONGEST_BOM = 3
_PERSON = re.compile(r"@|linkedin\.com/", re.I)
_GZIP_MAGIC = b"\x1f\x8b"
_PIECE = 1 << 20


class Row(NamedTuple):
    """A data row: its 1-based number, the physical line where it starts, its cells as they are."""

    row: int
    line: int
    cells: list[str]


class Dialect(Frozen):
    """How an upload was read. `header_line` is the physical line of the header."""

    encoding: str
    delimiter: str
    header_line: int


@dataclass(frozen=True, slots=True)
class Spool:
    """An upload's bytes, decompressed, in a temporary file; `sha256` is of those uploaded."""

    file: IO[bytes]
    encoding: str
    sha256: str
    size: int


def spool(chunks: Iterable[bytes]) -> Spool:
    """Copy an upload, decide its encoding, and hash it.

    UTF-8 and UTF-16 by their mark, else strict UTF-8, else cp1252 (Mac Roman where lines end in CR
    alone). Raises `UploadRejectedError`: `empty_file`, `not_text`, `too_big`, `bad_archive`.
    """
    digest = hashlib.sha256()
    seen = _Survey()
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.SpooledTemporaryFile(max_size=_SPOOL_IN_MEMORY))
        for chunk in _expanded(chunks, digest.update):
            seen.look(chunk)
            file.write(chunk)
        if not seen.size:
            raise UploadRejectedError("empty_file", "The file is empty.")
        encoding = seen.encoding()
        stack.pop_all()  # the caller closes it
    return Spool(file, encoding, digest.hexdigest(), seen.size)


class _Survey:
    """What has to be known of all bytes before the encoding can be decided."""

    def __init__(self) -> None:
        self.size = 0
        self._start = b""
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._is_utf8 = True
        self._has_nul = False
        self._has_unmapped = False
        self._returns = 0
        self._feeds = 0

    def look(self, chunk: bytes) -> None:
        """Take in the next bytes."""
        if self.size < _LONGEST_BOM:
            self._start = (self._start + chunk)[:_LONGEST_BOM]
        self.size += len(chunk)
        if self.size > MAX_BYTES:
            raise UploadRejectedError("too_big", f"The file is over {MAX_BYTES >> 20} MiB.")
        self._decode(chunk)
        self._has_nul = self._has_nul or b"\x00" in chunk
        self._returns += chunk.count(b"\r")
        self._feeds += chunk.count(b"\n")
        if not self._is_utf8 and not self._has_unmapped:
            self._has_unmapped = len(chunk.translate(None, _UNDEFINED_IN_CP1252)) != len(chunk)

    def encoding(self) -> str:
        """Decide. Raises `UploadRejectedError` (`not_text`)."""
        self._decode(b"", final=True)
        marked = next((name for bom, name in _BOMS if self._start.startswith(bom)), "")
        if marked == "utf-16" or (marked and self._is_utf8 and not self._has_nul):
            return marked
        if marked:
            raise UploadRejectedError("not_text", "The file says that it is UTF-8, but it is not.")
        if self._has_nul:
            raise UploadRejectedError("not_text", "The file is not text: it contains zero bytes.")
        if self._is_utf8:
            return "utf-8"
        if self._returns and not self._feeds:
            return "mac_roman"
        if self._has_unmapped:
            raise UploadRejectedError("not_text", "The file is not text in any known encoding.")
        return "cp1252"

    def _decode(self, chunk: bytes, *, final: bool = False) -> None:
        if self._is_utf8:
            try:
                self._utf8.decode(chunk, final=final)
            except UnicodeDecodeError:
                self._is_utf8 = False


def _expanded(chunks: Iterable[bytes], seen: Callable[[bytes], object]) -> Iterator[bytes]:
    """Yield the bytes, decompressed if they are gzip; `seen` is shown them as uploaded."""

    def shown() -> Iterator[bytes]:
        for chunk in chunks:
            seen(chunk)
            if chunk:
                yield chunk

    source = shown()
    first = next(source, b"")
    if len(first) < len(_GZIP_MAGIC):
        first += next(source, b"")
    source = chain((first,), source)
    return _inflated(source) if first.startswith(_GZIP_MAGIC) else source


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Decompress gzip, of one member or several, never more than a piece at a time."""
    inflater = zlib.decompressobj(wbits=31)
    taken = given = 0
    for chunk in chunks:
        taken += len(chunk)
        compressed = chunk
        while compressed:
            if inflater.eof:
                if not compressed.strip(b"\x00"):  # padding after the last member
                    break
                inflater = zlib.decompressobj(wbits=31)
            try:
                piece = inflater.decompress(compressed, _PIECE)
            except zlib.error as error:
                raise UploadRejectedError("bad_archive", "The gzip file is damaged.") from error
            compressed = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
            given += len(piece)
            if given > _SMALL_BYTES and given > taken * MAX_EXPANSION:
                raise UploadRejectedError("too_big", "The gzip file expands beyond all measure.")
            yield piece
    if not inflater.eof:
        raise UploadRejectedError("bad_archive", "The gzip file is cut off.")


@dataclass(frozen=True, slots=True)
class Table:
    """An upload, read: its header, how it was read, and its rows (to be iterated once)."""

    header: list[str]
    dialect: Dialect
    rows: Iterator[Row]


def read_table(source: Spool, known: frozenset[str], dialect: Dialect | None = None) -> Table:
    """Find the header among the first 20 lines and return the rows after it.

    `known` are the folded header names that count for finding it. With `dialect`, the upload is
    read the way it was read before. Raises `UploadRejectedError`: `no_header`, `not_text`,
    `unreadable_quoting`, `too_big`; rows raise the same while they are iterated.
    """
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    if dialect is None:
        dialect = _detect(source, known)
    text = _text(source)
    for _ in range(dialect.header_line - 1):
        next(text)
    records = _records(text, dialect.delimiter, dialect.header_line)
    _, header = next(records)
    if len(header) > MAX_COLUMNS:
        raise UploadRejectedError("too_big", f"The header has over {MAX_COLUMNS} columns.")
    return Table([cell.strip() for cell in header], dialect, _data_rows(records, len(header)))


def _text(source: Spool) -> Iterator[str]:
    """Yield physical lines, with their ends, from the start of the spool."""
    source.file.seek(0)
    wrapper = io.TextIOWrapper(source.file, encoding=source.encoding, newline="")
    try:
        for line in wrapper:  # not `yield from`, which would close the file with the generator
            if "\x00" in line:
                raise UploadRejectedError("not_text", "The file is not text: it has zero bytes.")
            yield line
    except UnicodeError as error:
        raise UploadRejectedError("not_text", "The file's encoding is broken.") from error
    finally:
        with suppress(ValueError):  # the spool was closed before its last line was read
            wrapper.detach()


def _records(lines: Iterator[str], delimiter: str, line: int) -> Iterator[tuple[int, list[str]]]:
    """Parse strictly; yield each record with the physical line where it starts."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    offset = line
    start = 0
    try:
        for cells in reader:
            yield offset + start, cells
            start = reader.line_num
    except csv.Error as error:
        begins, ends = offset + start, offset + reader.line_num - 1
        if "field limit" in str(error) and begins == ends:
            text = f"Line {begins}: a cell is over {MAX_CELL_CHARACTERS} characters."
            raise UploadRejectedError("too_big", text) from error
        text = (
            f"Line {begins}: the quoting cannot be read (a quote is not closed, or stands alone "
            "inside a quoted cell). Close it, or double it."
        )
        raise UploadRejectedError("unreadable_quoting", text) from error


def _data_rows(records: Iterator[tuple[int, list[str]]], width: int) -> Iterator[Row]:
    """Number the data rows: blank and delimiter-only lines, and a footer, are not rows.

    A footer is what some reports print after the data: after a blank line, and up to the end of
    the file, lines with nothing but a first cell that is nobody's address.
    """
    number = 0
    after_blank = False
    footer: list[tuple[int, list[str]]] = []
    for line, cells in records:
        if not any(cells) or "".join(cells).isspace():
            after_blank = True
            continue
        may_end = width > 1 and (after_blank or footer) and len(footer) < _FOOTER_ROWS
        if may_end and not any(cells[1:]) and not _PERSON.search(cells[0]):
            footer.append((line, cells))
            continue
        for held_line, held in footer:
            number += 1
            yield Row(number, held_line, held)
        footer.clear()
        after_blank = False
        number += 1
        yield Row(number, line, cells)


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
                dialect = Dialect(encoding=source.encoding, delimiter=delimiter, header_line=line)
    if dialect is not None:
        return dialect
    if any("@" in cell or "linkedin.com/" in cell for cell in widest):
        raise UploadRejectedError(
            "no_header", "The file has no header: its first line already holds data."
        )
    raise UploadRejectedError(
        "no_usable_column",
        "No column is one that Listdrop knows. Name them in the route's `columns`.",
    )


def _first_lines(source: Spool) -> list[str]:
    lines: list[str] = []
    characters = 0
    for text in _text(source):
        lines.append(text)
        characters += len(text)
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
