"""Reads an upload once and plans it for every destination."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import IO, Any

from listdrop.cells.headers import fold
from listdrop.cells.persons import marks_of
from listdrop.errors import UploadRejectedError
from listdrop.models import (
    JobWarning,
    Marks,
    Outcome,
    Route,
    RowResult,
    TableInfo,
)
from listdrop.models.warnings import enumerated
from listdrop.plans.consenting import ConsentNotes, settle_others
from listdrop.plans.evening import Evened, Evener, identity_columns, without_identity
from listdrop.plans.limiting import FirstBlocks
from listdrop.plans.listed import ListedPeople, close, listed_in_sheets, settle_listed
from listdrop.plans.opening import open_table
from listdrop.plans.plan import Plan, PreparedRows, plan_file
from listdrop.plans.repeats import SharedFirstRows
from listdrop.plans.same_people import SamePeople
from listdrop.prospects.addresses import perhaps_meant
from listdrop.prospects.beyond import noted_in
from listdrop.prospects.columns import Columns
from listdrop.prospects.list_names import is_list_of_opt_outs, is_sheet_of_opt_outs
from listdrop.prospects.mapping import Mapped, Mapper
from listdrop.prospects.suppression import SuppressionList, read_suppression_list
from listdrop.providers.base import Provider
from listdrop.tables.heading import WHERE_TO_NAME
from listdrop.tables.reading import Block, Table
from listdrop.tables.spooling import formulas_not_read, not_read, spool
from listdrop.tables.unpacking import Package, contents

_OTHER_JOB = RowResult(
    Outcome.DUPLICATE, "other_job", "The row names another job, and goes to its destination."
)
_ON_LIST = RowResult(
    Outcome.SUPPRESSED, "opted_out", "The person is on the route's suppression list."
)
_NO_COLUMN = "no_usable_column"
_PERSONAL_FIELDS = ("email", "first_name", "last_name", "full_name", "phone", "linkedin_url")
NO_JOBS: Mapping[str, frozenset[str]] = MappingProxyType({})
NO_OTHERS: Mapping[int, RowResult] = MappingProxyType({})
_MOST_MEANT = 3
"""Headers that are named where the needed one may be among them."""
_MOST_READS = 3
"""How often a file is read again: other rows of a person may lead to further ones."""


@dataclass(frozen=True, slots=True)
class UploadPlan:
    """What became of a table: how it was read, which column is what, a plan by destination.

    `first_rows` are those that the columns were decided by, for examples; `sha256` is that of the
    upload. `plans` are in the order of the destinations, with an error for each that the file has
    nothing for; if it has nothing for any, `info` is `None`. `is_list`: it is a list of people who
    opted out. `footer` is what was left out at the end. `marks` are those of the people in it.
    """

    header: Sequence[str]
    columns: Columns
    info: TableInfo | None
    first_rows: Sequence[Sequence[str]]
    sha256: str
    plans: Sequence[Plan | UploadRejectedError]
    is_list: bool = False
    footer: Sequence[Sequence[str]] = ()
    warnings: tuple[JobWarning, ...] = ()
    marks: Marks = field(default_factory=Marks)

    def discard(self) -> None:
        """Free the disk of what the plans take."""
        for plan in self.plans:
            if isinstance(plan, Plan):
                plan.file.close()


def plan_upload(
    package: Package,
    name: str,
    route: Route,
    destinations: Sequence[tuple[str, Provider[Any, Any]]],
    files: ExitStack,
    *,
    table: str = "",
    takes: Mapping[str, frozenset[str]] = NO_JOBS,
    suppression: Callable[[], Iterable[bytes]] | None = None,
    listed: ListedPeople | None = None,
    limit: FirstBlocks | None = None,
) -> UploadPlan:
    """Read an upload, or one table of an archive, and plan what each destination will get.

    It is read once, and again if a person who is suppressed has other rows that would be sent.
    Submit and every preview call this, so a preview is what Submit will do. `name` is what the
    upload is called, `destinations` are job ids and providers; `files` closes the temporary files;
    `suppression` reads the route's suppression list, if it has one; `takes` has by job id the jobs
    whose rows are for it, where rows name jobs (`plans/naming.py`); `listed` is who is in lists of
    the same archive, which are read here if it is not given; a preview may `limit` the rows. Raises
    `UploadRejectedError` if the upload cannot be used.
    """
    left_out = contents(package).warnings if table else ()
    source = spool(package, table, route.encoding, is_sheet_of_opt_outs)
    files.callback(close, source)
    is_named = is_list_of_opt_outs(name, table) or is_sheet_of_opt_outs(source.sheet)
    in_sheets, of_sheets = listed_in_sheets(source, route.columns)
    suppressed = read_suppression_list(suppression()) if suppression else None
    if table and listed is None:
        listed = ListedPeople(package, route.columns, route.encoding)
    of_archive = listed.people if listed and not is_named else None
    people = [*filter(None, [of_archive]), *([SuppressionList(in_sheets)] if in_sheets else ())]
    is_strict = route.unclear_consent == "suppress"

    def read_whole(
        others: Mapping[int, RowResult],
    ) -> tuple[UploadPlan, Mapping[int, RowResult]]:
        read, columns, first_rows = opened = open_table(source, route.columns)
        is_list = is_named or opened.is_list
        found = [
            _unusable(provider, columns, formulas_not_read(source.warnings))
            or Plan(
                job_id,
                provider,
                _scratch(files),
                takes.get(job_id, frozenset()),
                route.sample.rows if route.sample and not provider.commits else 0,
            )
            for job_id, provider in destinations
        ]
        plans = [plan for plan in found if isinstance(plan, Plan)]
        whole = read._replace(blocks=limit.of(read.blocks) if limit else read.blocks)
        notes = ConsentNotes(columns, is_list=is_list, is_strict=is_strict)
        info, marks, same = None, Marks(), SamePeople(columns)
        if plans:
            info = read_rows(
                whole,
                columns,
                plans,
                notes,
                suppressed=suppressed,
                listed=people,
                others=others,
                same=same,
                marks=marks,
            )
        for plan in plans:
            plan.finish()
        whole_plan = UploadPlan(
            read.header,
            columns,
            info,
            first_rows,
            source.sha256,
            found,
            is_list,
            footer=read.notes.footer,
            warnings=(*notes.warnings(), *left_out, *source.warnings, *of_sheets),
            marks=marks,
        )
        return whole_plan, {} if is_list else same.rows_in(plans, marks)

    try:
        planned, others = read_whole(NO_OTHERS)
    except UploadRejectedError as error:
        needed = [_needed(destinations)] if error.reason == _NO_COLUMN else []
        text = " ".join((error.text, *needed, *not_read(source.warnings)))
        raise UploadRejectedError(error.reason, text) from error
    found: dict[int, RowResult] = {}
    for _ in range(_MOST_READS):
        if found.keys() >= others.keys():
            break
        found |= others
        planned.discard()
        planned, others = read_whole(found)
    return planned


def _unusable(
    provider: Provider[Any, Any], columns: Columns, unknown: Sequence[str]
) -> UploadRejectedError | None:
    """Return an error that names the missing columns, if the file has none that is needed.

    `unknown` is what is said of formulas without results, of which one may be the header.
    """
    names = (*columns.header, *columns.fields, *(name for _, name in columns.custom))
    if not {fold(name) for name in names}.isdisjoint(map(fold, provider.needs)):
        return None
    meant = [f'"{name}"' for name in perhaps_meant([name for _, name in columns.custom])]
    said = f"Add it, or name it {WHERE_TO_NAME}"
    if meant:
        listed = enumerated(meant[:_MOST_MEANT], "or")
        said = f"It may be {listed}: then name it {WHERE_TO_NAME}"
    text = (
        f"The file has no column for {_columns_for(provider)}, which {provider.name} needs for "
        f"every row. {said}"
    )
    return UploadRejectedError(_NO_COLUMN, " ".join([text, *unknown]))


def _columns_for(provider: Provider[Any, Any]) -> str:
    return " or ".join(f"`{name}`" for name in provider.needs)


def _needed(destinations: Sequence[tuple[str, Provider[Any, Any]]]) -> str:
    """Say which column each destination needs, where a file has none that is known."""
    needs = dict.fromkeys(f"{each.name} needs {_columns_for(each)}" for _, each in destinations)
    return f"For every row, {', '.join(needs)}."


def _scratch(stack: ExitStack) -> IO[bytes]:
    """Return a file for a plan. On a full disk closing fails too, which is ignored."""
    file = plan_file()

    def close() -> None:
        with suppress(OSError):
            file.close()

    stack.callback(close)
    return file


@contextmanager
def _no_cycles() -> Iterator[None]:
    """Pause the garbage collector. Rows have no cycles, and it takes a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@_no_cycles()
def read_rows(
    table: Table,
    columns: Columns,
    plans: Sequence[Plan],
    notes: ConsentNotes | None = None,
    *,
    suppressed: SuppressionList | None = None,
    listed: Sequence[SuppressionList] = (),
    others: Mapping[int, RowResult] = NO_OTHERS,
    same: SamePeople | None = None,
    marks: Marks | None = None,
) -> TableInfo:
    """Read every row once, and add it to every plan, and the people in it to `marks`.

    `notes` say who opted out, by the file itself; people who are `suppressed` by the route, or
    `listed` in the same file, are not sent either, nor are rows in `others`, by number. Who opted
    out is added to `same`. Raises `UploadRejectedError`: what reading raises, and `empty_file` if
    there is no row.
    """
    notes = notes or ConsentNotes(columns)
    mapper = _mapper(columns, plans)
    evener = Evener(table, columns)
    destinations = _Destinations(plans, columns)
    for block, evened in evener.blocks():
        rows, problems = evened.rows, evened.problems
        mapped = _with_noted(mapper.map(rows), evened)
        for place, result in notes.settled(mapped, rows, block.first):
            problems.setdefault(place, result)
        if suppressed is not None:
            for place in suppressed.places(mapped):
                problems.setdefault(place, _ON_LIST)
        for place, result in settle_others(others, block.first, len(rows)):
            problems.setdefault(place, result)
        for each in listed:
            for place, result in settle_listed(each, mapped):
                problems.setdefault(place, result)
        if same is not None:
            same.add(block.first, mapped, rows, problems)
        _mark(block, mapped, marks)
        destinations.add(block, evened, mapped)
        del block, evened, rows, mapped  # freed before the next are read
    if not plans[0].rows:
        raise UploadRejectedError("empty_file", "The file has a header, but no data rows.")
    personal = {index for name in _PERSONAL_FIELDS for index in columns.fields.get(name, ())}
    return TableInfo(
        **table.dialect.model_dump(),
        width=evener.widest,
        personal=tuple(sorted(personal)),
        footer_rows=len(table.notes.footer),
    )


def _with_noted(mapped: Mapped, evened: Evened) -> Mapped:
    """Add the people with a no in a row that is too long, which nobody should correct then."""
    noted = noted_in(evened.rows, evened.beyond)
    for place, _, _ in noted:
        evened.problems.pop(place, None)
    return mapped._replace(answers=mapped.answers.beside(0, noted)) if noted else mapped


def _mark(block: Block, mapped: Mapped, marks: Marks | None) -> None:
    """Mark the rows with the names of the people in them, if that is asked for."""
    if marks is not None:
        marks.add(block.first, marks_of(mapped.people.addresses, mapped.people.profiles))


class _Destinations:
    """The plans of an upload, to which rows are added in turn."""

    def __init__(self, plans: Sequence[Plan], columns: Columns) -> None:
        self._plans = plans
        self._columns = columns
        self._identities = [identity_columns(columns, plan.provider.needs) for plan in plans]
        self._first_rows = SharedFirstRows(len(plans))

    def add(self, block: Block, evened: Evened, mapped: Mapped) -> None:
        """Add rows to each plan. The problems of `evened` are those that all destinations have."""
        width = len(self._columns.header)
        prepared: list[PreparedRows] = []
        for plan, identity in zip(self._plans, self._identities, strict=True):
            short = without_identity(evened, identity, width)
            problems = {**short, **evened.problems, **self._not_for(plan, evened.rows)}
            prepared.append(PreparedRows.of(plan.provider, mapped, problems))
        repeats = self._first_rows.repeats([each.repeatable() for each in prepared])
        for plan, each, repeated in zip(self._plans, prepared, repeats, strict=True):
            plan.add(block, mapped, each, repeated, evened.padded)

    def _not_for(self, plan: Plan, rows: Sequence[Sequence[str]]) -> Mapping[int, RowResult]:
        """Settle the rows that name a job which the plan does not take."""
        place = self._columns.job
        if not plan.takes or place is None:
            return {}
        named = (cells[place].strip() for cells in rows)
        return {
            number: _OTHER_JOB
            for number, job_id in enumerate(named)
            if job_id and job_id not in plan.takes
        }


def _mapper(columns: Columns, plans: Sequence[Plan]) -> Mapper:
    reads: set[str] | None = set()
    asks_for: set[str] = set()
    for plan in plans:
        asks_for |= plan.provider.asks_for
        names = plan.provider.reads
        reads = None if reads is None or names is None else reads | names.keys()
    return Mapper(columns, reads, asks_for)
