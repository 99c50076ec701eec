"""Unpacks an upload into a temporary file, and decides its encoding."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from typing import IO, NamedTuple

from listdrop.errors import UploadRejectedError
from listdrop.models import Container, JobWarning
from listdrop.models.warnings import POSSIBLE_MOJIBAKE
from listdrop.tables.surveying import Survey
from listdrop.tables.unpacking import Package, take_out, unpacked


class Spool(NamedTuple):
    """A table's unpacked bytes in a temporary file; `sha256` is of the packed bytes.

    `has_returns` says that a CR alone may end a line; `newline` is what most lines end in;
    `is_open` that no line end follows the last. `warnings` are what somebody should know of it.
    """

    file: IO[bytes]
    container: Container
    encoding: str
    has_returns: bool
    newline: str
    is_open: bool
    sha256: str
    warnings: tuple[JobWarning, ...] = ()


def spool(package: Package, table: str = "", encoding: str | None = None) -> Spool:
    """Unpack an upload, or one table of an archive, and decide its encoding.

    `encoding` is what the route says, or what was decided before: only a file's own mark counts
    more. A workbook says itself what its letters are. The caller closes the spool's file, and an
    archive's; any other package's file is taken over. Raises `UploadRejectedError`: `empty_file`,
    `not_text`, `too_big`, `bad_archive`, `unsupported_file`.
    """
    if table:
        package = take_out(package, table)
    warnings: list[JobWarning] = []
    with ExitStack() as stack:
        packed = stack.enter_context(package.file)
        seen = Survey()
        if package.container is Container.NONE:
            file = packed
            for chunk in unpacked(package):
                seen.look(chunk)
        else:
            file = stack.enter_context(tempfile.TemporaryFile())
            for chunk in unpacked(package, warnings):
                seen.look(chunk)
                file.write(chunk)
        if package.container is Container.XLSX:
            encoding = None
        if not seen.size:
            raise UploadRejectedError("empty_file", "The file contains no text.")
        encoding = seen.encoding(file, encoding)
        if seen.mojibake and encoding.startswith("utf-8"):
            warnings.append(_mojibake(seen.mojibake))
        found = Spool(
            file,
            package.container,
            encoding,
            seen.has_returns,
            seen.newline,
            seen.is_open,
            package.sha256,
            tuple(warnings),
        )
        stack.pop_all()
    if file is not packed:
        packed.close()
    return found


def _mojibake(signs: str) -> JobWarning:
    text = (
        f"The file has signs such as {signs!r} where other letters were probably meant: another "
        "program has read it in a wrong encoding before. They are sent as they are; export the "
        "list again, as UTF-8."
    )
    return JobWarning(code=POSSIBLE_MOJIBAKE, text=text)
