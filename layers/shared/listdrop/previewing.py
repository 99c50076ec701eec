"""Preview: what Submit would make of a file, without a bucket and without a provider."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from itertools import chain, islice
from typing import Any

from listdrop.mapping import Columns, cell_value, known_headers, map_columns
from listdrop.models import Destination, Frozen, Outcome, Route
from listdrop.opt_outs import is_opt_out_file
from listdrop.plan import decode_row
from listdrop.planning import Plan, read_rows
from listdrop.providers.base import Provider
from listdrop.reading import Row, Table, read_table, spool

_FIRST_PROBLEMS = 10
_EXAMPLE_ROWS = 50


class ColumnPreview(Frozen):
    """A column, what it feeds (empty: nothing), and the first value that is not empty."""

    header: str
    field: str
    example: str


class ProblemPreview(Frozen):
    """A row that would not be sent."""

    row: int
    line: int
    outcome: str
    reason: str


class DestinationPreview(Frozen):
    """What a destination would get. `minutes` is the least that its rate allows for sending."""

    provider: str
    account: str
    to_send: int
    not_sent: dict[str, int]
    problems: tuple[ProblemPreview, ...]
    batches: int
    requests: int
    minutes: float


class Preview(Frozen):
    """How a file was read, and what each destination would get."""

    rows: int
    encoding: str
    delimiter: str
    header_line: int
    source: str
    columns: tuple[ColumnPreview, ...]
    destinations: tuple[DestinationPreview, ...]

    @property
    def sends_anything(self) -> bool:
        """Whether any row would go anywhere."""
        return any(destination.to_send for destination in self.destinations)


def preview_upload(
    chunks: Iterable[bytes], name: str, route: Route, providers: dict[str, type[Provider[Any, Any]]]
) -> Preview:
    """Read a file as Submit does. Raises `UploadRejectedError` where Submit would reject it."""
    source = spool(chunks)
    with ExitStack() as files:
        files.enter_context(source.file)
        table = read_table(source, known_headers(route.columns))
        columns = map_columns(table.header, route.columns)
        first = list(islice(table.rows, _EXAMPLE_ROWS))
        plans = [
            Plan(
                destination.provider,
                providers[destination.provider](destination),
                files.enter_context(tempfile.TemporaryFile()),
            )
            for destination in route.destinations
        ]
        whole = Table(table.header, table.dialect, chain(first, table.rows))
        read_rows(whole, columns, plans, is_opt_out=is_opt_out_file(name))
        return Preview(
            rows=plans[0].rows,
            **table.dialect.model_dump(),
            source=columns.source,
            columns=_columns(table.header, columns, first),
            destinations=tuple(
                _destination(destination, plan, providers[destination.provider])
                for destination, plan in zip(route.destinations, plans, strict=True)
            ),
        )


def _columns(
    header: list[str], columns: Columns, first: Iterable[Row]
) -> tuple[ColumnPreview, ...]:
    feeds = {index: name for name, indexes in columns.fields.items() for index in indexes}
    feeds |= dict(columns.custom)
    rows = list(first)
    return tuple(
        ColumnPreview(
            header=name,
            field=feeds.get(index, ""),
            example=next(
                (
                    value
                    for row in rows
                    if index < len(row.cells) and (value := cell_value(row.cells[index]))
                ),
                "",
            ),
        )
        for index, name in enumerate(header)
    )


def _destination(
    destination: Destination, plan: Plan, provider: type[Provider[Any, Any]]
) -> DestinationPreview:
    batches = plan.finish()
    plan.file.seek(0)
    settled = (
        (planned, planned.result) for planned in map(decode_row, plan.file) if planned.result
    )
    problems = tuple(
        ProblemPreview(
            row=planned.row, line=planned.line, outcome=result.outcome.value, reason=result.reason
        )
        for planned, result in islice(settled, _FIRST_PROBLEMS)
    )
    # One to open and one to commit, where the provider has them.
    requests = len(batches) + (provider.needs_open + provider.commits if batches else 0)
    return DestinationPreview(
        provider=destination.provider,
        account=destination.account,
        to_send=sum(batch.rows for batch in batches),
        not_sent={o.value: plan.counts[o] for o in Outcome if plan.counts[o]},
        problems=problems,
        batches=len(batches),
        requests=requests,
        minutes=round(requests * provider.rates.send_gap / 60, 1),
    )
