"""Unpacks uploads: plain text, gzip, ZIP archives of several tables, Excel workbooks.

A container is recognised by its first bytes, not by its name. Everything is unpacked as a stream,
and its expansion is limited: a decompression bomb is rejected as `too_big`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import lzma
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import IO, Any

from listdrop.errors import UploadRejectedError
from listdrop.models import Container

MAX_BYTES = 1 << 30
MAX_EXPANSION = 200
MAX_TABLES = 100
MAX_COLUMNS = 2_000
PIECE = 1 << 18
_GZIP_PIECE = 1 << 16
_MAX_GZIP_MEMBERS = 100_000
_SMALL_BYTES = 16 << 20
_MAX_SHARED_STRINGS = 64 << 20
_MAX_SHEET_ROWS = 1 << 20
_MAX_WIDE_ROWS = 10_000
_MAX_CELLS = 5_000_000
"""Cells of a workbook are a hundred times slower to read than CSV: this many take two minutes."""
_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LONGEST_MAGIC = 8
_OFFICE_FILE = "[Content_Types].xml"
_SHARED_STRINGS = "xl/sharedStrings.xml"
_JUNK = frozenset({"thumbs.db", "desktop.ini"})
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, ValueError, KeyError,
    NotImplementedError, RuntimeError,
)  # fmt: skip
"""Errors of the archive reader for an archive that is damaged, encrypted or of an unknown kind."""


@dataclass(frozen=True, slots=True)
class Package:
    """An upload's original bytes in a temporary file, and their `sha256`."""

    file: IO[bytes]
    container: Container
    sha256: str


def receive(chunks: Iterable[bytes]) -> Package:
    """Copy an upload to a temporary file, hash it, and recognise its container.

    Raises `UploadRejectedError`: `empty_file`, `too_big`, `not_text` (an old Excel file),
    `bad_archive`.
    """
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile())
        digest = hashlib.sha256()
        size = 0
        for chunk in chunks:
            size += len(chunk)
            if size > MAX_BYTES:
                raise _too_big("The file")
            digest.update(chunk)
            file.write(chunk)
        if not size:
            raise UploadRejectedError("empty_file", "The file is empty.")
        container = _container(file)
        stack.pop_all()  # the caller closes it
    return Package(file, container, digest.hexdigest())


def _container(file: IO[bytes]) -> Container:
    file.seek(0)
    start = file.read(_LONGEST_MAGIC)
    if start.startswith(_GZIP):
        return Container.GZIP
    if start.startswith(_OLE):
        text = "The file is an old or protected Excel file: save it as .xlsx or CSV, unprotected."
        raise UploadRejectedError("not_text", text)
    if not start.startswith(_ZIP):
        return Container.NONE
    with _archive(file) as archive:
        return Container.XLSX if _OFFICE_FILE in archive.NameToInfo else Container.ZIP


def is_archive(name: str) -> bool:
    """Whether an upload's name is that of an archive of tables."""
    return name.lower().endswith(".zip")


def tables(package: Package) -> list[str]:
    """Return the names of an archive's tables; for anything else, one empty name.

    Folders and files that operating systems add (`__MACOSX/`, dot files) are not tables. Raises
    `UploadRejectedError`: `empty_file`, `bad_archive`, `too_big`.
    """
    if package.container is not Container.ZIP:
        return [""]
    with _archive(package.file) as archive:
        names = [
            info.filename
            for info in archive.infolist()
            if not info.is_dir() and not _is_junk(info.filename)
        ]
    if not names:
        raise UploadRejectedError("empty_file", "The archive contains no files.")
    if len(names) > MAX_TABLES:
        raise UploadRejectedError("too_big", f"The archive has over {MAX_TABLES} files.")
    if len(set(names)) < len(names):
        raise UploadRejectedError("bad_archive", "The archive has two files with the same name.")
    return names


def _is_junk(name: str) -> bool:
    folder, _, file = name.replace("\\", "/").rpartition("/")
    return file.startswith(".") or file.lower() in _JUNK or "__MACOSX" in folder.split("/")


def take_out(package: Package, table: str) -> Package:
    """Return one table of an archive, still packed. The caller closes it."""
    with _archive(package.file) as archive:
        try:
            with archive.open(_checked(archive.getinfo(table))) as member:
                taken = receive(iter(lambda: member.read(PIECE), b""))
        except _DAMAGED as error:
            text = "A file in the archive is damaged, or protected by a password."
            raise UploadRejectedError("bad_archive", text) from error
    if taken.container is Container.ZIP:
        taken.file.close()
        text = "The archive contains another archive: put all tables into one archive."
        raise UploadRejectedError("bad_archive", text)
    return taken


def unpacked(package: Package) -> Iterator[bytes]:
    """Yield the bytes of the text in a package that is not an archive of tables.

    Raises `UploadRejectedError`: `bad_archive`, `too_big`.
    """
    package.file.seek(0)
    if package.container is Container.GZIP:
        return _inflated(iter(lambda: package.file.read(_GZIP_PIECE), b""))
    if package.container is Container.XLSX:
        return _sheet(package.file)
    if package.container is Container.ZIP:
        text = "The file is a ZIP archive: give it a name that ends in .zip, and drop it again."
        raise UploadRejectedError("bad_archive", text)
    return iter(lambda: package.file.read(PIECE), b"")


# ---------------------------------------------------------------- gzip and ZIP


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Decompress gzip with one or more members, at most one piece at a time."""
    inflater = zlib.decompressobj(wbits=31)
    taken = given = members = 0
    for chunk in chunks:
        taken += len(chunk)
        compressed = chunk
        while compressed:
            if inflater.eof:
                if not compressed.strip(b"\x00"):  # padding after the last member
                    break
                inflater = zlib.decompressobj(wbits=31)
                members += 1
                if members > _MAX_GZIP_MEMBERS:
                    raise UploadRejectedError("too_big", "The gzip file has too many members.")
            try:
                piece = inflater.decompress(compressed, PIECE)
            except zlib.error as error:
                raise UploadRejectedError("bad_archive", "The gzip file is damaged.") from error
            compressed = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
            given += len(piece)
            if given > _SMALL_BYTES and given > taken * MAX_EXPANSION:
                raise UploadRejectedError("too_big", "The gzip file expands too much.")
            yield piece
    if not inflater.eof:
        raise UploadRejectedError("bad_archive", "The gzip file is cut off.")


@contextmanager
def _archive(file: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    file.seek(0)
    try:
        archive = zipfile.ZipFile(file)
    except (*_DAMAGED, OSError) as error:  # OSError: an offset before the start of the file
        raise UploadRejectedError("bad_archive", "The archive is damaged.") from error
    with archive:
        yield archive


def _checked(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """Refuse a member that would expand too much. No more than its stated size is ever read."""
    size = info.file_size
    if size > MAX_BYTES:
        raise _too_big("A file in the archive")
    if size > _SMALL_BYTES and size > info.compress_size * MAX_EXPANSION:
        raise UploadRejectedError("too_big", "The archive expands too much.")
    return info


def _too_big(what: str) -> UploadRejectedError:
    return UploadRejectedError("too_big", f"{what} is over {MAX_BYTES >> 20} MiB.")


# ---------------------------------------------------------------- Excel


def _sheet(file: IO[bytes]) -> Iterator[bytes]:
    """Yield a workbook's first visible sheet as CSV, in pieces.

    Cells are read one by one, because a sheet may claim to have 17 billion of them.
    """
    import openpyxl  # takes 0.2 s to load, and most uploads are not workbooks

    with _archive(file) as archive:
        for info in archive.infolist():
            _checked(info)
        strings = archive.NameToInfo.get(_SHARED_STRINGS)
        if strings is not None and strings.file_size > _MAX_SHARED_STRINGS:
            text = "The workbook holds too much text. Save it as CSV."
            raise UploadRejectedError("too_big", text)
    file.seek(0)
    try:
        with warnings.catch_warnings(action="ignore"):  # about styles, which do not matter
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheet = next(each for each in book.worksheets if each.sheet_state == "visible")
        yield from _as_csv(sheet)
    except UploadRejectedError:
        raise
    except Exception as error:  # a hostile workbook can make the library raise anything
        raise UploadRejectedError("bad_archive", "The workbook is damaged.") from error


def _as_csv(sheet: Any) -> Iterator[bytes]:
    """Write rows, each at least as wide as those before, because sheets leave out empty cells."""
    sheet.reset_dimensions()  # the size that a sheet states may be wrong
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    width = wide = given = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        wide += len(row) > MAX_COLUMNS
        if number > _MAX_SHEET_ROWS or wide > _MAX_WIDE_ROWS:  # row numbers may be endless
            raise UploadRejectedError("too_big", "The sheet has too many rows or columns.")
        cells = [_cell(value) for value in _until_last(row)]
        while cells and not cells[-1]:
            cells.pop()
        given += len(cells)
        if given > _MAX_CELLS:
            said = f"The sheet has over {_MAX_CELLS:,} cells. Save it as CSV, and drop the CSV."
            raise UploadRejectedError("too_big", said)
        width = max(width, len(cells))
        if width > MAX_COLUMNS:
            raise UploadRejectedError("too_big", f"The sheet has over {MAX_COLUMNS} columns.")
        writer.writerow(cells + [""] * (width - len(cells)) if cells else ())
        if text.tell() > PIECE:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _until_last(row: Sequence[Any]) -> Sequence[Any]:
    """Leave out empty cells at a row's end, half by half, because there may be 16,384 of them."""
    while len(row) > 1:
        half = len(row) // 2
        end = row[half:]
        if end.count(None) < len(end):
            break
        row = row[:half]
    return row


def _cell(value: Any) -> str:
    """Return a cell as a person sees it: whole numbers without `.0`, dates as ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        is_whole = value.is_integer() and abs(value) < 1e15
        return str(int(value)) if is_whole else f"{value:.15g}"  # Excel keeps 15 digits
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat(" ") if isinstance(value, datetime) else _plain(value)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | time) else str(value)
