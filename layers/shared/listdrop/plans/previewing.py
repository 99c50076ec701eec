"""Previews what Submit would do with a file, without a bucket and without a provider."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import chain, islice
from typing import IO, Any, NamedTuple

from pydantic import Field

from listdrop.cells.values import cell_value
from listdrop.costs.job_costs import Cost, cost_of_plan
from listdrop.costs.timing import least_time, too_short
from listdrop.costs.usage import Rows
from listdrop.errors import UploadRejectedError
from listdrop.models import (
    Destination,
    Frozen,
    JobWarning,
    Json,
    Outcome,
    PlannedRow,
    Route,
    warning_text,
)
from listdrop.plans.blocks import decode_rows
from listdrop.plans.limiting import FirstBlocks
from listdrop.plans.listed import ListedPeople
from listdrop.plans.plan import Plan
from listdrop.plans.planning import plan_upload
from listdrop.plans.uses import column_uses, feeds
from listdrop.prospects.columns import Columns, map_columns
from listdrop.prospects.recognising import known_headers
from listdrop.providers.base import Provider
from listdrop.tables.heading import detect_by_width
from listdrop.tables.naming import is_archive
from listdrop.tables.reading import Table, read_table
from listdrop.tables.spooling import Spool, spool
from listdrop.tables.unpacking import Package, receive, tables

_FIRST_PROBLEMS = 50
_EXAMPLE_ROWS = 50


class ColumnPreview(Frozen):
    """A column, the field that it fills (empty: none), and its first value that is not empty."""

    header: str
    field: str
    example: str


class ColumnSent(Frozen):
    """A column that a destination is sent, and what it is called there."""

    header: str
    sent_as: str


class ProblemPreview(Frozen):
    """A row that would not be sent; without an `outcome`, only a part of it would not be sent."""

    row: int
    line: int
    outcome: str
    reason: str
    text: str = ""


class DestinationPreview(Frozen):
    """What a destination would get. `minutes` is the least time for sending at its rate limit.

    `cost` is what is foreseen of a `Cost`, with the requests that ask about imports.
    `deadline_text` says that the route's deadline leaves too little time, if it does.
    `problems` and `warnings` are only the first ones, bad rows before others. `warned` counts rows
    that would be sent with a warning. `columns_sent` and `columns_not_sent` are all columns that
    have a header; `example` is what would be sent of the first row. If the file has none of the
    columns that the provider needs, there is only a reason.
    """

    provider: str
    account: str
    reason: str = ""
    reason_text: str = ""
    to_send: int = 0
    not_sent: dict[str, int] = Field(default_factory=dict)
    warned: int = 0
    problems: tuple[ProblemPreview, ...] = ()
    warnings: tuple[ProblemPreview, ...] = ()
    columns_sent: tuple[ColumnSent, ...] = ()
    columns_not_sent: tuple[str, ...] = ()
    example: Json | None = None
    batches: int = 0
    requests: int = 0
    minutes: float = 0
    cost: dict[str, Any] = Field(default_factory=dict)
    deadline_text: str = ""


class Preview(Frozen):
    """How a table was read, and what each destination would get.

    `table` is the name of an archive's table. A table that cannot be used has only a reason.
    `footer` is what is left out at its end, row by row. `is_cut`: there are more rows than these.
    `sha256` is what Submit knows the same content by.
    """

    table: str = ""
    reason: str = ""
    reason_text: str = ""
    rows: int = 0
    container: str = ""
    encoding: str = ""
    delimiter: str = ""
    header_line: int = 0
    source: str = ""
    warnings: tuple[JobWarning, ...] = ()
    footer: tuple[str, ...] = ()
    columns: tuple[ColumnPreview, ...] = ()
    destinations: tuple[DestinationPreview, ...] = ()
    is_cut: bool = Field(default=False, exclude=True)
    sha256: str = Field(default="", exclude=True)

    @property
    def sends_anything(self) -> bool:
        """Whether any row would be sent to any destination."""
        return any(destination.to_send for destination in self.destinations)


Suppression = Callable[[], Iterable[bytes]] | None
"""Reads a suppression list; `None` if there is none."""

Providers = Mapping[str, type[Provider[Any, Any]]]


def preview_upload(  # what there is to read with
    chunks: Iterable[bytes],
    name: str,
    route: Route,
    providers: Providers,
    suppression: Suppression = None,
    *,
    takes: Sequence[frozenset[str]] = (),
    most_rows: int = 0,
    kept_days: int = 0,
) -> list[Preview]:
    """Read a file as Submit does. An archive has one preview for each table.

    `takes` has for each destination the jobs whose rows are for it, where rows name jobs. With
    `most_rows`, no more than that are read of each table. Plans are kept for `kept_days`; 0: that
    is not known. Raises `UploadRejectedError` if Submit would reject the whole upload.
    """
    package = receive(chunks, name)
    with package.file:
        planning = _Planning(name, route, providers, suppression, takes, most_rows, kept_days)
        if not is_archive(name):
            return [_preview(package, "", planning)]
        listed = ListedPeople(package, route.columns, route.encoding)
        found = []
        for table in tables(package):
            try:
                preview = _preview(package, table, planning, listed)
            except UploadRejectedError as error:
                preview = Preview(table=table, reason=error.reason, reason_text=error.text)
            found.append(preview)
        return found


class _Planning(NamedTuple):
    """What every table of a file is planned with."""

    name: str
    route: Route
    providers: Providers
    suppression: Suppression
    takes: Sequence[frozenset[str]]
    most_rows: int
    kept_days: int


def _preview(
    package: Package, table: str, planning: _Planning, listed: ListedPeople | None = None
) -> Preview:
    route = planning.route
    with ExitStack() as files:
        destinations = [
            (str(place), planning.providers[to.provider](to))
            for place, to in enumerate(route.destinations)
        ]
        limit = FirstBlocks(planning.most_rows) if planning.most_rows else None
        planned = plan_upload(
            package,
            planning.name,
            route,
            destinations,
            files,
            table=table,
            takes={str(place): jobs for place, jobs in enumerate(planning.takes)},
            suppression=planning.suppression,
            listed=listed,
            limit=limit,
        )
        columns = planned.columns
        if planned.info is None:
            raise next(each for each in planned.plans if isinstance(each, UploadRejectedError))
        return Preview(
            table=table,
            rows=next(plan.rows for plan in planned.plans if isinstance(plan, Plan)),
            **planned.info.model_dump(include=set(Preview.model_fields)),
            source=columns.source,
            warnings=planned.warnings,
            footer=tuple(" ".join(filter(None, map(str.strip, row))) for row in planned.footer),
            columns=_columns(planned.header, columns, planned.first_rows),
            destinations=tuple(
                _destination(destination, plan, columns, planning)
                for destination, plan in zip(route.destinations, planned.plans, strict=True)
            ),
            is_cut=limit is not None and limit.is_cut,
            sha256=planned.sha256,
        )


def preview_columns(chunks: Iterable[bytes], name: str, route: Route) -> list[ColumnPreview]:
    """Return the columns of a file that cannot be used: of an archive, those of its first table.

    Raises `UploadRejectedError` if not even its header can be read.
    """
    package = receive(chunks, name)
    with package.file, ExitStack() as files:
        table = tables(package)[0] if is_archive(name) else ""
        source = spool(package, table, route.encoding)
        files.callback(source.file.close)
        read = _named_by_any(source, route)
        first = next(iter(read.blocks), None)
        rows = first.cells if first else []
        try:
            columns = map_columns(read.header, route.columns)
        except UploadRejectedError:
            return list(_examples(read.header, {}, rows))
        return list(_columns(read.header, columns, rows))


def read_through(chunks: Iterable[bytes], name: str, route: Route) -> None:
    """Read a small file to its end, whatever its columns are: of an archive, its first table.

    Raises `UploadRejectedError` if it cannot be read.
    """
    package = receive(chunks, name)
    with package.file:
        source = spool(package, tables(package)[0] if is_archive(name) else "", route.encoding)
        with source.file:
            for _ in _named_by_any(source, route).blocks:
                pass


def _named_by_any(source: Spool, route: Route) -> Table:
    """Read a table whose headers nobody may know."""
    try:
        return read_table(source, known_headers(route.columns))
    except UploadRejectedError as error:
        if error.reason != "no_usable_column":
            raise
        return read_table(source, (), detect_by_width(source))


def _columns(
    header: Sequence[str], columns: Columns, rows: Sequence[Sequence[str]]
) -> tuple[ColumnPreview, ...]:
    return _examples(header, feeds(columns), rows)


def _examples(
    header: Sequence[str], named: Mapping[int, str], rows: Sequence[Sequence[str]]
) -> tuple[ColumnPreview, ...]:
    first = rows[:_EXAMPLE_ROWS]
    return tuple(
        ColumnPreview(
            header=name,
            field=named.get(index, ""),
            example=next(
                (
                    value
                    for cells in first
                    if index < len(cells) and (value := cell_value(cells[index]))
                ),
                "",
            ),
        )
        for index, name in enumerate(header)
    )


def _destination(
    destination: Destination,
    plan: Plan | UploadRejectedError,
    columns: Columns,
    planning: _Planning,
) -> DestinationPreview:
    if isinstance(plan, UploadRejectedError):
        return DestinationPreview(
            provider=destination.provider,
            account=destination.account,
            reason=plan.reason,
            reason_text=plan.text,
        )
    provider = plan.provider
    uses = column_uses(provider, columns)
    # One request to open and one to commit, if the provider has them.
    extra = provider.needs_open + provider.commits if plan.batches else 0
    requests = plan.batches + extra
    return DestinationPreview(
        provider=destination.provider,
        account=destination.account,
        to_send=plan.to_send,
        not_sent={o.value: plan.counts[o] for o in Outcome if plan.counts[o]},
        warned=plan.warned,
        problems=_problems(plan),
        warnings=tuple(islice(_warnings(plan.file), min(plan.warned, _FIRST_PROBLEMS))),
        columns_sent=tuple(
            ColumnSent(header=use.header, sent_as=use.sent_as) for use in uses if use.sent_as
        ),
        columns_not_sent=tuple(use.header for use in uses if not use.sent_as),
        example=_example(plan.file),
        batches=plan.batches,
        requests=requests,
        minutes=round(requests * provider.rates.send_gap / 60, 1),
        cost=_cost(plan, planning.route).members(),
        deadline_text=_deadline_text(plan, planning),
    )


def _cost(plan: Plan, route: Route) -> Cost:
    rows = Rows(plan.rows, plan.counts[Outcome.INVALID], route.row_items)
    return cost_of_plan(plan.provider.name, plan.batches, rows)


def _deadline_text(plan: Plan, planning: _Planning) -> str:
    name = plan.provider.name
    least = least_time(name, plan.batches, plan.provider.rates)
    return too_short(name, least, planning.route.deadline_for(least, planning.kept_days))


def _problems(plan: Plan) -> tuple[ProblemPreview, ...]:
    """Return rows that would not be sent: the bad ones, which may be corrected, before others."""
    bad: list[ProblemPreview] = []
    others: list[ProblemPreview] = []
    for row in _rows(plan.file):
        if row.result:
            found = bad if row.result.outcome is Outcome.INVALID else others
            if len(found) < _FIRST_PROBLEMS:
                found.append(
                    ProblemPreview(
                        row=row.row,
                        line=row.line,
                        outcome=row.result.outcome.value,
                        reason=row.result.reason,
                        text=row.result.reason_text,
                    )
                )
    return tuple([*bad, *others][:_FIRST_PROBLEMS])


def _warnings(plan: IO[bytes]) -> Iterator[ProblemPreview]:
    for row in _rows(plan):
        if row.warning:
            yield ProblemPreview(
                row=row.row,
                line=row.line,
                outcome="",
                reason=row.warning,
                text=warning_text(row.warning),
            )


def _example(plan: IO[bytes]) -> Json | None:
    """Return the payload of the first row that would be sent."""
    return next((row.payload for row in _rows(plan) if not row.result), None)


def _rows(plan: IO[bytes]) -> Iterator[PlannedRow]:
    plan.seek(0)
    return chain.from_iterable(map(decode_rows, plan))
