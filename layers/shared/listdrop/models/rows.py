"""Rows: as a provider reads them, as they are planned, as they can be asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from itertools import repeat
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import JsonValue

from listdrop.models.base import Frozen, Json
from listdrop.models.outcomes import Outcome, RowResult


class Prospect(NamedTuple):
    """A data row, read for one provider; empty cells are left out.

    `fields` has canonical fields, under the names that the provider's `reads` gives them, and is
    the provider's to change. `custom` has other columns by their headers, and what the provider
    `asks_for` by name. `email` is the row's address: empty if there is none, `None` if what there
    is is not valid.
    """

    fields: dict[str, Any]
    custom: Mapping[str, str] = MappingProxyType({})
    email: str | None = ""


@dataclass(frozen=True, slots=True)
class Prospects:
    """Data rows, read for one provider, by column; members are those of a `Prospect`."""

    fields: Mapping[str, Sequence[str]]
    custom: Mapping[str, Sequence[str]]
    emails: Sequence[str | None]

    def __len__(self) -> int:
        return len(self.emails)

    def __iter__(self) -> Iterator[Prospect]:
        rows = len(self)
        return map(Prospect, _as_rows(self.fields, rows), _as_rows(self.custom, rows), self.emails)


def _as_rows(columns: Mapping[str, Sequence[str]], rows: int) -> Iterable[dict[str, str]]:
    """Turn columns into rows, empty values left out."""
    if not columns:
        return ({} for _ in range(rows))
    names = tuple(columns)
    found = [dict(zip(names, values)) for values in zip(*columns.values())]  # noqa: B905 # by the million
    for name, values in columns.items():
        if "" in values:
            for row, value in zip(found, values, strict=True):
                if not value:
                    del row[name]
    return found


@dataclass(frozen=True, slots=True)
class ColumnPayloads:
    """Payloads of so many rows, by column.

    A row's are its cells that are not empty, and where it has none, what is the `same` in all.
    """

    rows: int
    columns: Mapping[str, Sequence[JsonValue]]
    same: Json = field(default_factory=dict)

    def __iter__(self) -> Iterator[Json]:
        names = tuple(self.columns)
        rows = zip(*self.columns.values(), strict=True) if names else repeat((), self.rows)
        for cells in rows:
            yield self.same | {name: cell for name, cell in zip(names, cells, strict=True) if cell}

    def part(self, start: int, end: int) -> ColumnPayloads:
        """Return those of some rows."""
        columns = {name: cells[start:end] for name, cells in self.columns.items()}
        return ColumnPayloads(end - start, columns, self.same)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows as their provider wants them, with what each is upserted by.

    `invalid` are those that it would not take, by their places; their payloads mean nothing.
    `without_phone` are the places of those whose telephone number it would not take.
    """

    identities: Sequence[str]
    payloads: Sequence[Json] | ColumnPayloads
    invalid: Mapping[int, RowResult]
    without_phone: Set[int] = frozenset()


class PlannedRow(NamedTuple):
    """A row of the plan: sent with `payload`, or settled before sending with `result`.

    `warning` is the code of what was left out of it, one of `WARNINGS`.
    """

    row: int
    line: int
    identity: str = ""
    email: str = ""
    linkedin_url: str = ""
    payload: Json | None = None
    result: RowResult | None = None
    warning: str = ""


class RowItem(Frozen):
    """A row as it can be asked for: what became of it, and why.

    `person` is `EMAIL#<address in lower case>` or `LINKEDIN#<slug>`, empty where it has none.
    """

    job_id: str
    provider: str
    row: int
    line: int
    outcome: Outcome
    reason: str = ""
    reason_text: str = ""
    warning: str = ""
    warning_text: str = ""
    email: str = ""
    linkedin_url: str = ""
    provider_ref: str = ""
    raw_status: str = ""
    person: str = ""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Which rows of a job are wanted: of these outcomes (none: of all), and with this text.

    The text may be in the address, the profile, or the reason; in a reason, as it is written there.
    """

    outcomes: frozenset[Outcome] = frozenset()
    text: str = ""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of the answers to a question. The others come with `cursor`; empty, there are none.

    A page may be short, or empty, and still have a cursor: that far nothing was found.
    """

    items: Sequence[T]
    cursor: str = ""
