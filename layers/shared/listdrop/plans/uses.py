"""Which columns a destination is sent, and under what name."""

from __future__ import annotations

from collections.abc import Set
from typing import Any, NamedTuple

from listdrop.cells.headers import fold
from listdrop.models import JobColumns
from listdrop.plans.plan import Plan
from listdrop.prospects.columns import Columns
from listdrop.prospects.recognising import ranks
from listdrop.providers.base import Provider

_PARTS = ("first_name", "last_name")
_MOST_BYTES = 900
"""The most bytes of each list of a job's columns: an item of the table stays small."""
_MOST_KEY_BYTES = 16 * 1024
"""Of the keys of payloads: some thousand columns. With more, fields are listed that no row has."""


class ColumnUse(NamedTuple):
    """A column, the field that it fills, and what the destination calls it; empty if not sent."""

    header: str
    field: str
    sent_as: str


def feeds(columns: Columns) -> dict[int, str]:
    """Return the field that each column fills, by index."""
    fields = {index: name for name, indexes in columns.fields.items() for index in indexes}
    return fields | dict(columns.custom)


def column_uses(provider: Provider[Any, Any], columns: Columns) -> list[ColumnUse]:
    """Return for each column with a header what the destination makes of it."""
    found = feeds(columns)
    asked = {fold(name) for name in provider.asks_for}
    return [
        ColumnUse(header, found.get(index, ""), _sent_as(provider, header, found[index], asked))
        if index in found
        else ColumnUse(header, "", "")
        for index, header in enumerate(columns.header)
        if header.strip()
    ]


def _sent_as(provider: Provider[Any, Any], header: str, field: str, asked: Set[str]) -> str:
    """Return what a column is called at the destination, which may also ask for it by its name."""
    if provider.reads is None or {fold(header), fold(field)} & asked:
        return field
    if field == "full_name":  # of which first and last names are made
        return " and ".join(provider.reads[part] for part in _PARTS if part in provider.reads)
    return provider.reads.get(field, "")


def job_columns(provider: Provider[Any, Any], columns: Columns) -> JobColumns:
    """Return what a job remembers of its columns, shortened where there are many."""
    uses = column_uses(provider, columns)
    return JobColumns(
        sent=_shortened([_named(use) for use in uses if use.sent_as]),
        unused=_shortened([use.header for use in uses if not use.sent_as]),
    )


def payload_keys(plan: Plan) -> tuple[str, ...] | None:
    """Return the keys that the provider is told of before the first row; `None` for too many."""
    if not plan.provider.opens_with:
        return None
    keys = tuple(sorted(plan.keys))
    return keys if sum(len(key.encode()) for key in keys) <= _MOST_KEY_BYTES else None


def _named(use: ColumnUse) -> str:
    return use.header if use.header == use.sent_as else f"{use.header}: {use.sent_as}"


def _shortened(names: list[str]) -> tuple[str, ...]:
    """Leave out names that would be too much, and say how many they are."""
    room = _MOST_BYTES
    for place, name in enumerate(names):
        room -= len(name.encode()) + 2
        if room < 0:
            return (*names[:place], f"and {len(names) - place} more")
    return tuple(names)


def field_called(name: str) -> str:
    """Return the canonical field that files call so; empty for others, and for a second one of it.

    `email 2` may be meant as a field beside `email`.
    """
    field, _ = ranks().get(fold(name), ("", 0))
    return "" if any(map(str.isdigit, name)) else field
