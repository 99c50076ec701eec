"""Columns that are called like what people have, but say only whether: `Email` with yes and no."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from listdrop.cells.values import cell_value
from listdrop.prospects.columns import Columns
from listdrop.prospects.consent import Consent
from listdrop.prospects.consent_columns import Column, Kind
from listdrop.prospects.phrases import words
from listdrop.prospects.vocabulary import phrases

_KINDS = {
    "email": Column(Kind.OPT_IN),
    "phone": Column(Kind.OPT_IN, of_calls=True),
    "full_name": Column(Kind.UNCLEAR),
}
"""What a column of choices means that is called like one of these fields."""
_ASKED = Column(Kind.ASKED)
"""What it means with more words: `Work Email` may say whether somebody has one."""
_NUMBERS = frozenset({"0", "1"})
_FEWEST_NAMES = 2
"""Values that show that a column has no names: somebody may be called An."""


def without_choices(columns: Columns, rows: Sequence[Sequence[str]]) -> Columns:
    """Return the columns, but those of choices are about consent, by the first rows.

    A column of addresses or numbers is one only beside another of its field: alone, its values are
    what is wrong with the rows.
    """
    found: dict[int, Column] = {}
    for name, kind in _KINDS.items():
        indexes = columns.fields.get(name, ())
        if name != "full_name" and len(indexes) < 2:
            continue
        fewest = _FEWEST_NAMES if name == "full_name" else 1
        chosen = [index for index in indexes if _has_choices(index, rows, fewest)]
        if len(chosen) < len(indexes) or name == "full_name":
            found |= {
                index: kind if len(words(columns.header[index])) == 1 else _ASKED
                for index in chosen
                if index not in columns.chosen
            }
    if not found:
        return columns
    fields = {
        name: left
        for name, indexes in columns.fields.items()
        if (left := tuple(index for index in indexes if index not in found))
    }
    return replace(
        columns,
        fields=fields,
        custom=sorted([*columns.custom, *((index, columns.header[index]) for index in found)]),
        consent=Consent({**columns.consent.columns, **found}),
    )


def _has_choices(index: int, rows: Sequence[Sequence[str]], fewest: int) -> bool:
    """Whether all values of a column are yes or no. Few values of other columns are looked at."""
    values = 0
    for row in rows:
        value = cell_value(row[index]) if index < len(row) else ""
        if value and not _is_choice(value):
            return False
        values += value != ""
    return values >= fewest


def _is_choice(value: str) -> bool:
    said = words(value)
    return value in _NUMBERS or phrases("yes").are(said) or phrases("not_so").are(said)
