"""Previews what Submit would do with a file, without a bucket and without a provider."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import chain, islice
from typing import IO, Any

from pydantic import Field

from listdrop.cells.headers import fold
from listdrop.cells.values import cell_value
from listdrop.errors import UploadRejectedError
from listdrop.models import Destination, Frozen, JobWarning, Outcome, PlannedRow, Route
from listdrop.plans.blocks import decode_rows
from listdrop.plans.consenting import ListedPeople
from listdrop.plans.plan import Plan
from listdrop.plans.planning import plan_upload
from listdrop.prospects.columns import Columns
from listdrop.providers.base import Provider
from listdrop.tables.naming import is_archive
from listdrop.tables.unpacking import Package, receive, tables

_FIRST_PROBLEMS = 10
_EXAMPLE_ROWS = 50


class ColumnPreview(Frozen):
    """A column, the field that it fills (empty: none), and its first value that is not empty."""

    header: str
    field: str
    example: str


class ProblemPreview(Frozen):
    """A row that would not be sent; without an `outcome`, only a part of it would not be sent."""

    row: int
    line: int
    outcome: str
    reason: str


class DestinationPreview(Frozen):
    """What a destination would get. `minutes` is the least time for sending at its rate limit.

    `problems` and `warnings` are only the first ones. `warned` counts rows that would be sent with
    a warning. `columns_not_sent` are headers that the provider has no field for. If the file has
    none of the columns that the provider needs, there is only a reason.
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
    columns_not_sent: tuple[str, ...] = ()
    batches: int = 0
    requests: int = 0
    minutes: float = 0


class Preview(Frozen):
    """How a table was read, and what each destination would get.

    `table` is the name of an archive's table. A table that cannot be used has only a reason.
    `footer` is what is left out at its end, row by row.
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

    @property
    def sends_anything(self) -> bool:
        """Whether any row would be sent to any destination."""
        return any(destination.to_send for destination in self.destinations)


Suppression = Callable[[], Iterable[bytes]] | None
"""Reads a suppression list; `None` if there is none."""

Providers = Mapping[str, type[Provider[Any, Any]]]


def preview_upload(
    chunks: Iterable[bytes],
    name: str,
    route: Route,
    providers: Providers,
    suppression: Suppression = None,
) -> list[Preview]:
    """Read a file as Submit does. An archive has one preview for each table.

    Raises `UploadRejectedError` if Submit would reject the whole upload.
    """
    package = receive(chunks, name)
    with package.file:
        if not is_archive(name):
            return [_preview(package, "", name, route, providers, suppression)]
        listed = ListedPeople(package, route.columns, route.encoding)
        found = []
        for table in tables(package):
            try:
                preview = _preview(package, table, name, route, providers, suppression, listed)
            except UploadRejectedError as error:
                preview = Preview(table=table, reason=error.reason, reason_text=error.text)
            found.append(preview)
        return found


def _preview(  # what there is to read with
    package: Package,
    table: str,
    name: str,
    route: Route,
    providers: Providers,
    suppression: Suppression,
    listed: ListedPeople | None = None,
) -> Preview:
    with ExitStack() as files:
        destinations = [(to.provider, providers[to.provider](to)) for to in route.destinations]
        planned = plan_upload(
            package,
            name,
            route,
            destinations,
            files,
            table=table,
            suppression=suppression,
            listed=listed,
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
                _destination(destination, plan, columns)
                for destination, plan in zip(route.destinations, planned.plans, strict=True)
            ),
        )


def _feeds(columns: Columns) -> dict[int, str]:
    """Return the field that each column fills, by index."""
    fields = {index: name for name, indexes in columns.fields.items() for index in indexes}
    return fields | dict(columns.custom)


def _columns(
    header: Sequence[str], columns: Columns, rows: Sequence[Sequence[str]]
) -> tuple[ColumnPreview, ...]:
    feeds = _feeds(columns)
    first = rows[:_EXAMPLE_ROWS]
    return tuple(
        ColumnPreview(
            header=name,
            field=feeds.get(index, ""),
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
    destination: Destination, plan: Plan | UploadRejectedError, columns: Columns
) -> DestinationPreview:
    if isinstance(plan, UploadRejectedError):
        return DestinationPreview(
            provider=destination.provider,
            account=destination.account,
            reason=plan.reason,
            reason_text=plan.text,
        )
    provider = plan.provider
    # One request to open and one to commit, if the provider has them.
    extra = provider.needs_open + provider.commits if plan.batches else 0
    requests = plan.batches + extra
    return DestinationPreview(
        provider=destination.provider,
        account=destination.account,
        to_send=plan.to_send,
        not_sent={o.value: plan.counts[o] for o in Outcome if plan.counts[o]},
        warned=plan.warned,
        problems=tuple(islice(_problems(plan.file), _FIRST_PROBLEMS)),
        warnings=tuple(islice(_warnings(plan.file), min(plan.warned, _FIRST_PROBLEMS))),
        columns_not_sent=_not_sent(provider, columns),
        batches=plan.batches,
        requests=requests,
        minutes=round(requests * provider.rates.send_gap / 60, 1),
    )


def _problems(plan: IO[bytes]) -> Iterator[ProblemPreview]:
    for row in _rows(plan):
        if row.result:
            outcome = row.result.outcome.value
            yield ProblemPreview(
                row=row.row, line=row.line, outcome=outcome, reason=row.result.reason
            )


def _warnings(plan: IO[bytes]) -> Iterator[ProblemPreview]:
    for row in _rows(plan):
        if row.warning:
            yield ProblemPreview(row=row.row, line=row.line, outcome="", reason=row.warning)


def _rows(plan: IO[bytes]) -> Iterator[PlannedRow]:
    plan.seek(0)
    return chain.from_iterable(map(decode_rows, plan))


def _not_sent(provider: Provider[Any, Any], columns: Columns) -> tuple[str, ...]:
    if provider.reads is None:
        return ()
    asked = {fold(name) for name in provider.asks_for}
    return tuple(
        columns.header[index]
        for index, name in sorted(_feeds(columns).items())
        if name not in provider.reads
        and asked.isdisjoint({fold(name), fold(columns.header[index])})
    )
