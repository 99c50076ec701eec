"""Rows: as a provider reads them, in the plan, and as items."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import repeat
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import JsonValue

from listdrop.models.base import Frozen, Json
from listdrop.models.outcomes import Outcome, RowResult

ROWS_PER_KEY = 10_000
"""Row items of a job with the same partition key: one key takes only 1,000 writes a second."""


class Prospect(NamedTuple):
    """A data row for one provider, without empty cells.

    `fields` has canonical fields, under the names from the provider's `reads`; the provider may
    change it. `custom` has the other columns by header, and the columns that the provider
    `asks_for`. `email` is the row's address: empty if there is none, `None` if it is not valid.
    """

    fields: dict[str, Any]
    custom: Mapping[str, str] = MappingProxyType({})
    email: str | None = ""


class People(NamedTuple):
    """How rows name their people, by row: decided once for all destinations of an upload.

    `addresses` are the e-mail cells in lower case, valid or not. `slugs` are those of the LinkedIn
    profiles as they are written, and `profiles` the same in lower case; empty where there is none.
    """

    addresses: Sequence[str]
    slugs: Sequence[str]
    profiles: Sequence[str]


@dataclass(frozen=True, slots=True)
class Prospects:
    """Data rows for one provider, by column, with the members of `Prospect`.

    `without_email` are the places of those that have no valid address, if they are known.
    """

    fields: Mapping[str, Sequence[str]]
    custom: Mapping[str, Sequence[str]]
    emails: Sequence[str | None]
    people: People
    without_email: Sequence[int] | None = None

    def __len__(self) -> int:
        return len(self.emails)

    def __iter__(self) -> Iterator[Prospect]:
        rows = len(self)
        return map(Prospect, _as_rows(self.fields, rows), _as_rows(self.custom, rows), self.emails)


def _as_rows(columns: Mapping[str, Sequence[str]], rows: int) -> Iterable[dict[str, str]]:
    """Turn columns into rows without empty values."""
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
class Entries:
    """A list of entries for each row: one for each of its non-empty cells, by column.

    An entry has the column's name under the first of the `keys`, and the cell under the second.
    """

    keys: tuple[str, str]
    names: Sequence[JsonValue]
    columns: Sequence[Sequence[str]]

    def __iter__(self) -> Iterator[JsonValue]:
        named, valued = self.keys
        for cells in zip(*self.columns, strict=True):
            pairs = zip(self.names, cells, strict=True)
            yield [{named: name, valued: cell} for name, cell in pairs if cell]

    def map(self, change: Callable[[Sequence[Any]], Sequence[Any]], rows: int) -> Entries:
        """Return the entries of changed columns, which have `rows` cells."""
        del rows
        return replace(self, columns=list(map(change, self.columns)))

    @property
    def keys_of_row(self) -> JsonValue:
        """What a row with all entries has, without its cells."""
        named, valued = self.keys
        return [{named: name, valued: ""} for name in self.names]


@dataclass(frozen=True, slots=True)
class ColumnPayloads:
    """The payloads of `rows` rows, by column.

    A row's payload has its non-empty cells, and for all other members the value in `same`. A member
    that is an object or a list of entries is itself by column.
    """

    rows: int
    columns: Mapping[str, Sequence[JsonValue] | ColumnPayloads | Entries]
    same: Json = field(default_factory=dict)

    def __iter__(self) -> Iterator[Json]:
        names = tuple(self.columns)
        columns: Iterable[Iterable[JsonValue]] = self.columns.values()
        rows = zip(*columns, strict=True) if names else repeat((), self.rows)
        for cells in rows:
            yield self.same | {name: cell for name, cell in zip(names, cells, strict=True) if cell}

    @classmethod
    def of(cls, members: Mapping[str, Any]) -> ColumnPayloads:
        """Return payloads from their JSON form."""
        columns = {name: _column_of(column) for name, column in members["columns"].items()}
        return cls(members["rows"], columns, members["same"])

    def map(self, change: Callable[[Sequence[Any]], Sequence[Any]], rows: int) -> ColumnPayloads:
        """Return the payloads of changed columns, which have `rows` cells."""
        columns = {
            name: column.map(change, rows)
            if isinstance(column, ColumnPayloads | Entries)
            else change(column)
            for name, column in self.columns.items()
        }
        return ColumnPayloads(rows, columns, self.same)

    def part(self, start: int, end: int) -> ColumnPayloads:
        """Return the payloads of the rows from `start` to before `end`."""
        return self.map(lambda cells: cells[start:end], end - start)

    @property
    def keys_of_row(self) -> Json:
        """What a row with all members has, without its cells."""
        return self.same | {
            name: column.keys_of_row if isinstance(column, ColumnPayloads | Entries) else ""
            for name, column in self.columns.items()
        }


def _column_of(told: Any) -> Sequence[JsonValue] | ColumnPayloads | Entries:
    if isinstance(told, list):
        return told
    if "keys" in told:
        first, second = told["keys"]
        return Entries((first, second), told["names"], told["columns"])
    return ColumnPayloads.of(told)


class Prepared(NamedTuple):
    """Identities and payloads of rows, as their provider wants them.

    `invalid` has the results of rows that the provider would not take, by position. Ignore their
    payloads.
    `without_phone` has the positions of rows whose telephone number it would not take, `left_out`
    those of rows that go without another value, because it does not fit its field.
    """

    identities: Sequence[str]
    payloads: Sequence[Json] | ColumnPayloads
    invalid: Mapping[int, RowResult]
    without_phone: Set[int] = frozenset()
    left_out: Set[int] = frozenset()


class PlannedRow(NamedTuple):
    """A row of the plan: either `payload` to send, or `result` if it was settled before sending.

    `warning` has codes of `WARNINGS`, with a blank between them, or is empty.
    """

    row: int
    line: int
    identity: str = ""
    email: str = ""
    linkedin_url: str = ""
    payload: Json | None = None
    result: RowResult | None = None
    warning: str = ""


def warnings_of(planned: PlannedRow, result: RowResult) -> str:
    """Return a row's warnings: of its plan, and of what became of it."""
    return " ".join(dict.fromkeys(f"{planned.warning} {result.warning}".split()))


class RowItem(Frozen):
    """A row's item in the table: its outcome and why.

    `person` is `EMAIL#<address in lower case>` or `LINKEDIN#<slug>`, empty if there is none.
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


class RowFilter(NamedTuple):
    """Filters a job's rows by outcomes (empty: all) and by a text in address, profile or reason.

    In a reason, the text's case counts.
    """

    outcomes: frozenset[Outcome] = frozenset()
    text: str = ""


T = TypeVar("T")


class Page(NamedTuple, Generic[T]):
    """One page of a paginated result. `cursor` asks for the next page; empty: this is the last.

    A page may be short or even empty and still have a cursor: more must be searched.
    """

    items: Sequence[T]
    cursor: str = ""
