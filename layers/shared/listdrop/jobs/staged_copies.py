"""What is looked at of a staged file: all of it, or as much as the time of a page allows.

A text is soon read. A workbook or an archive has to be unpacked, which takes ten times as long; so
of a large one, only the beginning of each table is, and read where it lies. What is looked at is in
a temporary file, so that it takes little memory.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import IO, cast

from listdrop.errors import UploadRejectedError
from listdrop.models import Container, JobWarning, Upload
from listdrop.plans.limiting import Enough, beginning
from listdrop.plans.previewing import Preview
from listdrop.ports import Clock, Staging
from listdrop.tables.naming import is_archive, is_no_upload, unreadable_suffix
from listdrop.tables.unpacking import Package, contents, package_of, receive, unpacked

MOST_ROWS = 100_000
"""Rows of a table that are looked at where the whole would take too long."""
NOT_LOOKED_AT = "not_looked_at"
"""Stands for the reason where a file is not rejected, but cannot be looked at in time."""

_MOST_TEXT = 128 << 20
"""Bytes in which as many rows are, unless they are unusually long."""
_MOST_PACKED = 24 << 20
"""Bytes of a workbook or an archive that are copied; of a larger one, parts are read."""
_MOST_UNPACKED = 128 << 20
"""Bytes of an archive's tables that are unpacked as a whole."""
_MOST_SHEETS = 16 << 20
"""Bytes of a workbook's parts that are unpacked as a whole, once for each destination and more."""
_MOST_STRINGS = 48 << 20
"""Bytes of the texts of a workbook, which must all be read before its first row."""
_MOST_INSIDE = 64 << 20
"""Bytes of a workbook in an archive, which must be copied to be read."""
_TIME = timedelta(seconds=8)
"""For unpacking: the Dashboard function has 30 seconds for all."""
_EXPANSION = 4
_PIECE, _PART = 1 << 16, 1 << 20
_START = 1 << 10
_PACKED = (b"\x1f\x8b", b"PK")
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_UTF_8 = b"\xef\xbb\xbf"
_STRINGS = "sharedstrings"


class StagedCopy:
    """A staged file, as much of it as may be read. Raises `UploadRejectedError` where none may.

    `is_cut`: there is more of it. `size` is how many bytes of text it is about.
    """

    def __init__(self, scratch: IO[bytes], file: Upload, staging: Staging, clock: Clock) -> None:
        if is_no_upload(file.key):
            text = "A program made this file for itself: it is not a list of people."
            raise UploadRejectedError("unsupported_file", text)
        self.is_cut = False
        self.size = file.size
        self._scratch = scratch
        self._container = ""
        self._sha256: str | None = None
        self._warnings: list[JobWarning] = []
        start = staging.read_part(file, 0, _START) if file.size else b""
        if not start.startswith(_PACKED):
            self._take(staging.read(file), Enough(_MOST_TEXT))
        elif unreadable_suffix(file.key):
            scratch.write(start)  # which is enough to say what it is
        else:
            self._take_packed(file, staging, clock)

    def chunks(self) -> Iterator[bytes]:
        """Yield what is looked at, from its start."""
        self._scratch.seek(0)
        return iter(lambda: self._scratch.read(_PART), b"")

    def as_sent(self, found: Sequence[Preview]) -> Sequence[Preview]:
        """Return previews of what is looked at as those of the file itself."""
        if self._sha256 is None:
            return found
        return [
            each.model_copy(
                update={
                    "sha256": self._sha256,
                    "container": self._container or each.container,
                    "warnings": (*self._warnings, *each.warnings),
                }
            )
            for each in found
        ]

    def _take(self, chunks: Iterable[bytes], enough: Enough) -> None:
        self._scratch.writelines(beginning(chunks, enough))
        self.is_cut = enough.is_cut

    def _take_packed(self, file: Upload, staging: Staging, clock: Clock) -> None:
        with ExitStack() as stack:
            if file.size <= _MOST_PACKED:
                local = stack.enter_context(tempfile.TemporaryFile())
                local.writelines(staging.read(file))
                packed = cast("IO[bytes]", local)
            else:
                parts = io.BufferedReader(_Parts(file, staging), _PART)
                packed = cast("IO[bytes]", stack.enter_context(parts))
            package = package_of(packed)
            if file.size <= _MOST_PACKED and _is_light(package):
                package.file.seek(0)
                self._scratch.writelines(_pieces(package.file))
                self.size = file.size * _EXPANSION
                return
            # Only of what was copied, all is known.
            self._sha256 = _sha256(packed) if file.size <= _MOST_PACKED else ""
            self._unpack(package, file.key, clock)

    def _unpack(self, package: Package, name: str, clock: Clock) -> None:
        self.size = _MOST_UNPACKED  # so that no more than the first rows are planned
        ends_at = clock.now() + _TIME
        if package.container is not Container.ZIP or not is_archive(name):
            self._container = package.container.value
            enough = Enough(_MOST_TEXT, MOST_ROWS, _until(ends_at, clock))
            self._take(_text(package, self._warnings), enough)
            if self.is_cut:
                self._sha256 = ""
            return
        self._sha256 = ""  # each table has its own
        names, self._warnings = (found := contents(package)).names, [*found.warnings]
        with (
            zipfile.ZipFile(package.file) as archive,
            zipfile.ZipFile(self._scratch, "w") as kept,
        ):
            for place, table in enumerate(names):
                now, left = clock.now(), len(names) - place
                soon = now + max(ends_at - now, timedelta()) / left
                enough = Enough(_MOST_TEXT // len(names), MOST_ROWS, _until(soon, clock))
                with ExitStack() as stack:
                    text = _table(archive, table, stack)
                    kept.writestr(zipfile.ZipInfo(table), b"".join(beginning(text, enough)))
                self.is_cut = self.is_cut or enough.is_cut


class _Parts(io.RawIOBase):
    """A staged file where it lies, of which parts are read."""

    def __init__(self, file: Upload, staging: Staging) -> None:
        self._file = file
        self._staging = staging
        self._place = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, place: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place in the file."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._file.size}[whence]
        if base + place < 0:
            raise ValueError("a place before the start of the file")
        self._place = base + place
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # of any kind, there
        """Read as much as is asked for, or is left."""
        wanted = min(len(buffer), self._file.size - self._place)
        if wanted <= 0:
            return 0
        found = self._staging.read_part(self._file, self._place, wanted)
        buffer[: len(found)] = found
        self._place += len(found)
        return len(found)


def _is_light(package: Package) -> bool:
    """Whether a workbook or an archive is soon unpacked as a whole."""
    if package.container is Container.GZIP:
        return True
    with zipfile.ZipFile(package.file) as archive:
        parts = archive.infolist()
    size = sum(each.file_size for each in parts)
    if package.container is Container.XLSX:
        return size <= _MOST_SHEETS
    books = sum(each.file_size for each in parts if each.filename.lower().endswith(".xlsx"))
    return size <= _MOST_UNPACKED and books <= _MOST_SHEETS // _EXPANSION


def _text(package: Package, warnings: list[JobWarning]) -> Iterator[bytes]:
    """Yield the text of a package, of a workbook with a mark of its encoding."""
    if package.container is not Container.XLSX:
        return unpacked(package, warnings)
    with zipfile.ZipFile(package.file) as archive:
        strings = (each for each in archive.infolist() if _STRINGS in each.filename.lower())
        if sum(each.file_size for each in strings) > _MOST_STRINGS:
            raise _too_large("The workbook has too many texts")
    return _marked(unpacked(package, warnings))


def _marked(text: Iterator[bytes]) -> Iterator[bytes]:
    yield _UTF_8
    yield from text


def _table(archive: zipfile.ZipFile, name: str, stack: ExitStack) -> Iterator[bytes]:
    """Yield the text of a table of an archive."""
    try:
        member = stack.enter_context(archive.open(name))
        start = member.read(len(_ZIP))
        member.seek(0)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError, OSError) as error:
        text = "A file in the archive is damaged, or protected by a password."
        raise UploadRejectedError("bad_archive", text) from error
    if start.startswith(_GZIP):
        return unpacked(Package(member, Container.GZIP, ""))
    if not start.startswith(_ZIP):
        return _pieces(member)
    if archive.getinfo(name).file_size > _MOST_INSIDE:
        raise _too_large(f"A workbook in the archive has over {_MOST_INSIDE >> 20} MiB")
    package = receive(_pieces(member), name)
    stack.callback(package.file.close)
    return _text(package, [])


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: file.read(_PIECE), b"")


def _sha256(file: IO[bytes]) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type] # any file that is open


def _until(moment: datetime, clock: Clock) -> Callable[[], bool]:
    return lambda: clock.now() >= moment


def _too_large(what: str) -> UploadRejectedError:
    text = f"{what}, so it cannot be looked at here in time: save it as CSV, and drop that."
    return UploadRejectedError(NOT_LOOKED_AT, text)
