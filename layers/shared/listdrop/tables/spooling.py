"""Unpacks an upload into a temporary file, and decides its encoding."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from typing import IO, NamedTuple

from listdrop.errors import UploadRejectedError
from listdrop.models import Container, JobWarning
from listdrop.models.warnings import FORMULAS_NOT_READ, POSSIBLE_MOJIBAKE, SHEETS_NOT_READ
from listdrop.tables.surveying import Survey
from listdrop.tables.unpacking import Package, sheets, take_out, unpacked

_MOST_LISTS = 10
"""Sheets that are read besides the first. Nobody has more, and each takes its time."""


class Spool(NamedTuple):
    """A table's unpacked bytes in a temporary file; `sha256` is of the packed bytes.

    `has_returns` says that a CR alone may end a line; `newline` is what most lines end in;
    `is_open` that no line end follows the last. `warnings` are what somebody should know of it.
    `sheet` is the name of the sheet that it is, and `lists` are the other sheets that were wanted.
    """

    file: IO[bytes]
    container: Container
    encoding: str
    has_returns: bool
    newline: str
    is_open: bool
    sha256: str
    warnings: tuple[JobWarning, ...] = ()
    sheet: str = ""
    lists: tuple[Spool, ...] = ()


def spool(
    package: Package,
    table: str = "",
    encoding: str | None = None,
    is_list: Callable[[str], bool] | None = None,
) -> Spool:
    """Unpack an upload, or one table of an archive, and decide its encoding.

    `encoding` is what the route says, or what was decided before: only a file's own mark counts
    more. A workbook says itself what its letters are. Of a workbook, one sheet is unpacked, and
    besides it those that are lists by their names, unless it is one itself. The caller closes the
    spools' files, and an archive's; any other package's file is taken over. Raises
    `UploadRejectedError`: `empty_file`, `not_text`, `too_big`, `bad_archive`, `unsupported_file`.
    """
    if table:
        package = take_out(package, table)
    with ExitStack() as stack:
        packed = stack.enter_context(package.file)
        if package.container is Container.XLSX and is_list is not None:
            found = _spooled_lists(package, is_list, stack)
        else:
            found = _spooled(package, encoding, stack)
        stack.pop_all()
    if found.file is not packed:
        packed.close()
    return found


def _spooled_lists(package: Package, is_list: Callable[[str], bool], stack: ExitStack) -> Spool:
    """Spool the first sheet of a workbook, and all sheets that are lists."""
    names, first = sheets(package)
    lists = [place for place, name in enumerate(names) if place != first and is_list(name)]
    if is_list(names[first]):
        lists = []
    if len(lists) > _MOST_LISTS:
        text = f"The workbook has over {_MOST_LISTS} sheets of people who opted out."
        raise UploadRejectedError("too_big", text)
    found = _spooled(package, None, stack, also_read=lists)
    others = (_spooled_list(package, place, stack) for place in lists)
    spools = [
        other._replace(sheet=names[place])
        for place, other in zip(lists, others, strict=True)
        if other is not None
    ]
    return found._replace(sheet=names[first], lists=tuple(spools))


def _spooled_list(package: Package, sheet: int, stack: ExitStack) -> Spool | None:
    """Spool a sheet of people who opted out; `None` if it is empty."""
    try:
        return _spooled(package, None, stack, sheet)
    except UploadRejectedError as error:
        if error.reason == "empty_file":
            return None
        text = f"A sheet of people who opted out cannot be read. {error.text}"
        raise UploadRejectedError(error.reason, text) from error


def _spooled(
    package: Package,
    encoding: str | None,
    stack: ExitStack,
    sheet: int | None = None,
    also_read: Sequence[int] = (),
) -> Spool:
    warnings: list[JobWarning] = []
    seen = Survey()
    if package.container is Container.NONE:
        file = package.file
        for chunk in unpacked(package):
            seen.look(chunk)
    else:
        file = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 # closed by the stack
        for chunk in unpacked(package, warnings, sheet, also_read):
            seen.look(chunk)
            file.write(chunk)
    if package.container is Container.XLSX:
        encoding = None
    if not seen.size:
        text = " ".join(("The file contains no text.", *not_read(warnings)))
        raise UploadRejectedError("empty_file", text)
    encoding = seen.encoding(file, encoding)
    if seen.mojibake and encoding.startswith("utf-8"):
        warnings.append(_mojibake(seen.mojibake))
    return Spool(
        file,
        package.container,
        encoding,
        seen.has_returns,
        seen.newline,
        seen.is_open,
        package.sha256,
        tuple(warnings),
    )


def formulas_not_read(warnings: Iterable[JobWarning]) -> list[str]:
    """Return what warnings say of formulas without results."""
    return [warning.text for warning in warnings if warning.code == FORMULAS_NOT_READ]


def not_read(warnings: Iterable[JobWarning]) -> list[str]:
    """Return what warnings say of other sheets, and of formulas, for a file that cannot be used."""
    return [each.text for each in warnings if each.code in (SHEETS_NOT_READ, FORMULAS_NOT_READ)]


def _mojibake(signs: str) -> JobWarning:
    text = (
        f"The file has signs such as {signs!r} where other letters were probably meant: another "
        "program once read it in the wrong encoding. They are sent as they are; export the list "
        "again, as UTF-8."
    )
    return JobWarning(code=POSSIBLE_MOJIBAKE, text=text)
