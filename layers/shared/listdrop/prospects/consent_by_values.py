"""Columns about consent of which the first rows tell what a no means: `GDPR`, or a "none"."""

from __future__ import annotations

from collections.abc import Sequence

from listdrop.cells.values import cell_value
from listdrop.prospects.answering import Said
from listdrop.prospects.consent import Consent, said_of
from listdrop.prospects.consent_columns import Column, Kind
from listdrop.prospects.phrases import words
from listdrop.prospects.vocabulary import has, phrases

_PLAIN = frozenset({Said.YES, Said.NO, Said.ZERO, Said.NOTHING, Said.GRANTED, Said.DENIED})
_YES = frozenset({Said.YES, Said.GRANTED, Said.TEXT})
"""What is said of people who get something: a text is the name of what they get."""
_NO = frozenset({Said.NO, Said.ZERO, Said.DENIED, Said.OUT})


def consent_by_values(
    consent: Consent, header: Sequence[str], rows: Sequence[Sequence[str]]
) -> Consent:
    """Return the columns, but those of which the first rows tell more than their headers do."""
    columns = dict(consent.columns)
    for index, column in consent.columns.items():
        if column.kind is Kind.UNCLEAR and phrases("laws").are(words(header[index])):
            said = {said_of(column, cell) for cell in _cells(index, rows)}
            # Of yes alone, nobody knows what to.
            if said <= _PLAIN and not said.isdisjoint(_NO):
                columns[index] = column._replace(kind=Kind.OPT_IN)
        elif column.kind is Kind.OPT_IN and _has_none(column, index, rows):
            columns[index] = column._replace(has_none=True)
        elif column.kind is Kind.OTHER and _is_of_verifier(header[index], _cells(index, rows)):
            columns[index] = Column(Kind.VALID)
    return Consent(columns)


def _cells(index: int, rows: Sequence[Sequence[str]]) -> set[str]:
    return {row[index] for row in rows if index < len(row)}


def _has_none(column: Column, index: int, rows: Sequence[Sequence[str]]) -> bool:
    """Whether a word for none stands beside a yes or names, and no other word says no.

    Where the same word is in other columns too, a program has written it for empty cells.
    """
    cells = _cells(index, rows)
    none = {cell for cell in cells if phrases("none").are(words(cell))}
    said = {said_of(column, cell) for cell in cells - none}
    if not none or said.isdisjoint(_YES) or not said.isdisjoint(_NO):
        return False
    fillers = {cell for cell in none if not cell_value(cell)}
    return not any(
        cell in fillers and place != index for row in rows for place, cell in enumerate(row)
    )


_MOST_RESULTS = 20
"""A column with more different values is not one of results."""


def _is_of_verifier(header: str, cells: set[str]) -> bool:
    """Whether all cells are results of verifying addresses, some of nothing else."""
    if len(cells) > _MOST_RESULTS or has("not_of_addresses", words(header)):
        return False
    said = [words(cell) for cell in cells if cell.strip()]
    return all(map(phrases("verified").are, said)) and any(map(phrases("verified_mail").are, said))
