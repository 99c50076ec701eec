"""Unpacks uploads: plain text, gzip, ZIP archives of several tables, Excel workbooks.

A container is recognised by its first bytes, not by its name. Everything is unpacked as a stream,
and its expansion is limited: a decompression bomb is rejected as `too_big`.
"""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import ExitStack, contextmanager
from typing import IO, TYPE_CHECKING, NamedTuple

from listdrop.errors import UploadRejectedError
from listdrop.models import Container, JobWarning
from listdrop.models.warnings import SHEETS_NOT_READ
from listdrop.tables.kinds import START, no_table, no_tables, unsupported
from listdrop.tables.naming import is_no_upload, unreadable_suffix

if TYPE_CHECKING:
    from listdrop.tables.workbooks import Workbook

MAX_BYTES = 1 << 30
MAX_EXPANSION = 200
MAX_TABLES = 100
MAX_NAME_BYTES = 512
"""Of a table: its jobs have the name beside the upload's key, in an attribute of at most 2 KB."""
MAX_COLUMNS = 2_000
PIECE = 1 << 18
_GZIP_PIECE = 1 << 16
_MAX_GZIP_MEMBERS = 100_000
_SMALL_BYTES = 16 << 20
_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_WORKBOOK = "xl/workbook.xml"
_TYPES = "[Content_Types].xml"
_MAIN_TYPES = b"spreadsheetml.sheet.main+xml"
_MIMETYPE = "mimetype"
_LINKEDIN = "connections.csv"
_LINKEDIN_OTHERS = frozenset({"messages.csv", "invitations.csv", "profile.csv", "positions.csv"})
"""What LinkedIn's whole archive has beside the list of connections."""


class Package(NamedTuple):
    """An upload's original bytes in a temporary file, and their `sha256`."""

    file: IO[bytes]
    container: Container
    sha256: str


class Contents(NamedTuple):
    """The names of the tables in an upload, and what there is to say of those that are left out."""

    names: list[str]
    warnings: tuple[JobWarning, ...] = ()


def receive(chunks: Iterable[bytes], name: str = "") -> Package:
    """Copy an upload to a temporary file, hash it, and recognise its container.

    `name` is the upload's file name, if known. Raises `UploadRejectedError`:
    `empty_file`, `too_big`, `not_text` (of another kind), `bad_archive`, `unsupported_file`.
    """
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile())
        digest = hashlib.sha256()
        size = 0
        suffix = unreadable_suffix(name)
        for chunk in chunks:
            size += len(chunk)
            if size > MAX_BYTES:
                raise _too_big("The file")
            digest.update(chunk)
            file.write(chunk)
            if suffix and size >= START:
                break
        if suffix:
            file.seek(0)
            raise unsupported(suffix, file.read(START))
        if not size:
            raise UploadRejectedError("empty_file", "The file is empty.")
        container = _container(file)
        stack.pop_all()  # the caller closes it
    return Package(file, container, digest.hexdigest())


def package_of(file: IO[bytes]) -> Package:
    """Return a file that is not received, but read where it lies. Raises what `receive` does."""
    return Package(file, _container(file), "")


def _container(file: IO[bytes]) -> Container:
    file.seek(0)
    start = file.read(START)
    if start.startswith(_GZIP):
        return Container.GZIP
    if said := no_table(start):
        raise UploadRejectedError("not_text", said)
    if not start.startswith(_ZIP):
        return Container.NONE
    with _archive(file) as archive:
        names = {info.filename.replace("\\", "/") for info in archive.infolist()}
        if any(name.lower() == _WORKBOOK for name in names) or _has_sheets(archive, names):
            return Container.XLSX
        if said := no_tables(names, _mimetype(archive)):
            raise UploadRejectedError("not_text", said)
        return Container.XLSX if _TYPES in names else Container.ZIP


def _has_sheets(archive: zipfile.ZipFile, names: Set[str]) -> bool:
    """Whether an Office file is a workbook whose parts have unusual names."""
    return _TYPES in names and _MAIN_TYPES in _small(archive, _TYPES, 1 << 20)


def _mimetype(archive: zipfile.ZipFile) -> str:
    """Return what an OpenDocument says that it is."""
    return _small(archive, _MIMETYPE, 1 << 8).decode("ascii", "replace").strip()


def _small(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """Return the start of a file of an archive; empty if it is not there, or damaged."""
    try:
        with archive.open(name) as member:
            return member.read(most)
    except Exception:  # noqa: BLE001 # it only helps to say what the file is
        return b""


def tables(package: Package) -> list[str]:
    """Return the names of an archive's tables; for anything else, one empty name.

    Raises `UploadRejectedError`: `empty_file`, `bad_archive`, `too_big`.
    """
    return contents(package).names


def contents(package: Package) -> Contents:
    """Return an archive's tables; of anything else, one without a name.

    Folders and what operating systems add (`__MACOSX/`, dot files) are no tables; of LinkedIn's
    whole archive, only the connections are one. Raises `UploadRejectedError`: `empty_file`,
    `bad_archive`, `too_big`.
    """
    if package.container is not Container.ZIP:
        return Contents([""])
    with _archive(package.file) as archive:
        names = [
            info.filename
            for info in archive.infolist()
            if not info.is_dir() and not _is_junk(info.filename)
        ]
    if not names:
        raise UploadRejectedError("empty_file", "The archive contains no files.")
    if found := _connections(names):
        others = len(names) - 1
        text = (
            "The archive is all that LinkedIn keeps of a member: only Connections.csv is read, and "
            f"its {others:,} other files are not."
        )
        return Contents([_short(found)], (JobWarning(code=SHEETS_NOT_READ, text=text),))
    if len(names) > MAX_TABLES:
        raise UploadRejectedError("too_big", f"The archive has over {MAX_TABLES} files.")
    if len(set(names)) < len(names):
        raise UploadRejectedError("bad_archive", "The archive has two files with the same name.")
    return Contents([_short(name) for name in names])


def _short(name: str) -> str:
    if len(name.encode(errors="replace")) > MAX_NAME_BYTES:
        text = (
            f"A file in the archive has a name of over {MAX_NAME_BYTES} bytes, with its folders: "
            "shorten it, and pack the archive again."
        )
        raise UploadRejectedError("too_big", text)
    return name


def _connections(names: Sequence[str]) -> str:
    """Return which file has the connections, if the archive is LinkedIn's; empty if it is not."""
    by_file = {name.replace("\\", "/").rpartition("/")[2].lower(): name for name in names}
    if len(names) < 2 or _LINKEDIN_OTHERS.isdisjoint(by_file):  # itself and others
        return ""
    return by_file.get(_LINKEDIN, "")


def _is_junk(name: str) -> bool:
    folder, _, file = name.replace("\\", "/").rpartition("/")
    return file.startswith(".") or is_no_upload(file) or "__MACOSX" in folder.split("/")


def take_out(package: Package, table: str) -> Package:
    """Return one table of an archive, still packed. The caller closes it."""
    damaged = "A file in the archive is damaged, or protected by a password."
    with (
        _archive(package.file) as archive,
        _undamaged(damaged),
        archive.open(_checked(archive.getinfo(table))) as member,
    ):
        taken = receive(iter(lambda: member.read(PIECE), b""), table)
    if taken.container is Container.ZIP:
        taken.file.close()
        text = "The archive contains another archive: put all tables into one archive."
        raise UploadRejectedError("bad_archive", text)
    return taken


def unsupported_table(package: Package, table: str) -> UploadRejectedError | None:
    """Return why no file of an archive that is so called can be read; none if it may be."""
    if unreadable_suffix(table):
        try:
            take_out(package, table).file.close()
        except UploadRejectedError as error:
            return error
    return None


def unpacked(
    package: Package,
    warnings: list[JobWarning] | None = None,
    sheet: int | None = None,
    also_read: Sequence[int] = (),
) -> Iterator[bytes]:
    """Yield the bytes of the text in a package that is not an archive of tables.

    Of a workbook, this is a `sheet` by its place, or the first that can be seen. What there is to
    say of it is added to `warnings` when all is yielded; the sheets that are `also_read` are no
    part of that. Raises `UploadRejectedError`: `bad_archive`, `too_big`.
    """
    package.file.seek(0)
    if package.container is Container.GZIP:
        return _inflated(iter(lambda: package.file.read(_GZIP_PIECE), b""))
    if package.container is Container.XLSX:
        return _sheet(package, [] if warnings is None else warnings, sheet, also_read)
    if package.container is Container.ZIP:
        text = "The file is a ZIP archive: give it a name that ends in .zip, and drop it again."
        raise UploadRejectedError("bad_archive", text)
    return iter(lambda: package.file.read(PIECE), b"")


@contextmanager
def _undamaged(text: str) -> Iterator[None]:
    """Reject the upload for whatever a library raises on a file that is damaged.

    Only the disk is ours: to seek before the start of a file is what a damaged archive asks for.
    """
    try:
        yield
    except UploadRejectedError:
        raise
    except OSError as error:
        if error.errno not in (None, errno.EINVAL):
            raise
        raise UploadRejectedError("bad_archive", text) from error
    except Exception as error:
        raise UploadRejectedError("bad_archive", text) from error


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
    with _undamaged("The archive is damaged."):
        archive = zipfile.ZipFile(file)
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


class Sheets(NamedTuple):
    """The names of a workbook's sheets, and the place of the first that can be seen."""

    names: Sequence[str]
    first: int


def sheets(package: Package) -> Sheets:
    """Return which sheets a workbook has. Raises `UploadRejectedError`."""
    with _workbook(package) as book:
        return Sheets([each.name for each in book.sheets], book.sheets.index(book.first))


def _sheet(
    package: Package,
    warnings: list[JobWarning],
    place: int | None,
    also_read: Sequence[int],
) -> Iterator[bytes]:
    """Yield a sheet of a workbook as CSV, in pieces; add what there is to say of it."""
    from listdrop.tables.sheets import SheetReader  # most uploads are no workbooks

    with _workbook(package) as book:
        sheet = book.first if place is None else book.sheets[place]
        reader = SheetReader(book, sheet, [book.sheets[each] for each in also_read])
        yield from reader.pieces()
        warnings += reader.warnings


@contextmanager
def _workbook(package: Package) -> Iterator[Workbook]:
    from listdrop.tables.workbooks import Workbook

    size = package.file.seek(0, os.SEEK_END)
    with _archive(package.file) as archive, _undamaged("The workbook is damaged."):
        yield Workbook(archive, _checked, size)
