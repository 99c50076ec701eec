"""Noes right of the header: people write them beside a table, where no column has a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

from listdrop.prospects.consent import Verdict, is_of_address, verdict_on
from listdrop.prospects.consent_columns import Column, Kind
from listdrop.prospects.likely import likely, likely_names


def noted_in(
    rows: Sequence[Sequence[str]], beyond: Mapping[int, Sequence[str]]
) -> Sequence[tuple[int, str, Verdict]]:
    """Return the clear noes in rows that are too long, with their positions and cells.

    `beyond` has what stands right of the header, by position. Nobody knows which column the cells
    of such a row belong to, so a word that may be a name counts only among those beyond.
    """
    found: list[tuple[int, str, Verdict]] = []
    if not beyond:  # as in most blocks
        return found
    for column, likely_in, pieces in (
        (Column(Kind.NAMES, is_whole=True), likely_names, {place: rows[place] for place in beyond}),
        (Column(Kind.OTHER), likely, beyond),
    ):
        read = likely_in(list(chain.from_iterable(pieces.values())))
        out = {cell for cell in read if verdict_on(column, cell) is Verdict.OUT}
        found += (
            (place, cell, Verdict.FAILED if is_of_address(column, cell) else Verdict.OUT)
            for place, cells in (pieces.items() if out else ())
            for cell in out.intersection(cells)
        )
    return found
