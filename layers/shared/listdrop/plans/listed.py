"""People who opted out by another table of an archive, or by another sheet of a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import cached_property
from itertools import chain

from listdrop.errors import UploadRejectedError
from listdrop.models import JobWarning, Outcome, RowResult
from listdrop.models.warnings import FORMULAS_NOT_READ, SHEETS_NOT_READ
from listdrop.plans.evening import Evener
from listdrop.plans.opening import open_table
from listdrop.prospects.beyond import noted_in
from listdrop.prospects.list_names import is_list_of_opt_outs, is_sheet_of_opt_outs
from listdrop.prospects.mapping import Mapped
from listdrop.prospects.suppression import (
    SuppressionList,
    people_columns,
    people_in,
    people_of,
)
from listdrop.tables.even_rows import columns_of
from listdrop.tables.spooling import Spool, formulas_not_read, spool
from listdrop.tables.unpacking import Package, tables

_LISTED = RowResult(
    Outcome.SUPPRESSED,
    "opted_out",
    "Another table or sheet of the same file says that the person opted out.",
)


class ListedPeople:
    """The people who opted out by any table of an archive, read on first use."""

    def __init__(
        self,
        package: Package,
        columns: Mapping[str, str | None],
        encoding: str | None = None,
    ) -> None:
        self.package = package
        self._columns = columns
        self._encoding = encoding

    @cached_property
    def people(self) -> SuppressionList | None:
        """The people; `None` if there are none.

        Raises `UploadRejectedError` (`bad_archive`) if a list cannot be read: going on would mean
        writing to people who are on it. Another table that cannot be read is rejected itself.
        """
        names = tables(self.package)
        found = set[str]()
        for name in names if len(names) > 1 else ():
            is_list = is_list_of_opt_outs("", name)
            try:
                self._add_people_in(name, found, is_list=is_list)
            except UploadRejectedError as error:
                if not is_list or error.reason == "empty_file":  # nobody has opted out
                    continue
                text = f"The archive has a list of people who opted out. {error.text}"
                raise UploadRejectedError("bad_archive", text) from error
        return SuppressionList(found) if found else None

    def _add_people_in(self, name: str, found: set[str], *, is_list: bool) -> None:
        source = spool(self.package, name, self._encoding, is_sheet_of_opt_outs)
        with ExitStack() as files:
            files.callback(close, source)
            found |= listed_in_sheets(source, self._columns)[0]
            if is_list or is_sheet_of_opt_outs(source.sheet):
                found |= people_in(source, self._columns)
            else:
                _add_opted_out_in(source, self._columns, found)


def _add_opted_out_in(source: Spool, overrides: Mapping[str, str | None], found: set[str]) -> None:
    """Add the people whose rows say that they opted out; all of them, if a title says so."""
    table, columns, _ = opened = open_table(source, overrides)
    wanted = people_columns(columns)
    if opened.is_list:
        found |= people_in(source, overrides)
    elif wanted:
        for _, evened in Evener(table, columns).blocks():
            cells = columns_of(evened.rows)
            answers = columns.consent.answers(cells)
            noted = noted_in(evened.rows, evened.beyond)
            for place in (*answers.out, *(place for place, _, _ in noted)):
                found |= people_of(cells[index][place] for index in wanted)
            found |= people_of(chain.from_iterable(answers.listed.values()))


def close(source: Spool) -> None:
    """Close the file of a spool, and those of the other sheets."""
    for each in (source, *source.lists):
        each.file.close()


def listed_in_sheets(
    source: Spool, columns: Mapping[str, str | None]
) -> tuple[set[str], tuple[JobWarning, ...]]:
    """Return the people in a workbook's sheets that are lists, and warn of those without any.

    Raises `UploadRejectedError` if such a sheet cannot be read.
    """
    found = set[str]()
    warnings: list[JobWarning] = []
    for sheet in source.lists:
        try:
            people = people_in(sheet, columns)
        except UploadRejectedError as error:
            text = f"A sheet of people who opted out cannot be read. {error.text}"
            raise UploadRejectedError(error.reason, text) from error
        found |= people
        for said in formulas_not_read(sheet.warnings):
            text = f"{_named(sheet.sheet)} is a list of people who opted out: {_lowered(said)}"
            warnings.append(JobWarning(code=FORMULAS_NOT_READ, text=f"{text[0].upper()}{text[1:]}"))
        if not people and _has_rows(sheet):
            text = (
                f"By its name, {_named(sheet.sheet)} of the workbook is a list of people who opted "
                "out, but it has neither an e-mail address nor a LinkedIn profile: check that none "
                "of them is among those who are sent."
            )
            warnings.append(JobWarning(code=SHEETS_NOT_READ, text=text))
    return found, tuple(warnings)


def _lowered(sentence: str) -> str:
    return f"{sentence[0].lower()}{sentence[1:]}"


def _has_rows(sheet: Spool) -> bool:
    """Whether there is more in a sheet than a header."""
    sheet.file.seek(0)
    return sum(1 for line in sheet.file if line.strip(b' ,"\r\n')) > 1


def _named(sheet: str) -> str:
    if "@" in sheet or not sheet.isprintable():
        return "a sheet"
    return f'the sheet "{sheet}"'


def settle_listed(listed: SuppressionList, mapped: Mapped) -> Iterator[tuple[int, RowResult]]:
    """Yield the positions of rows whose people opted out by another table or sheet."""
    return ((place, _LISTED) for place in listed.places(mapped))
