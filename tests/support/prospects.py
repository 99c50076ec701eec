"""Prospects of single rows."""

from __future__ import annotations

from collections.abc import Sequence

from listdrop.models import Prospect
from listdrop.prospects.columns import Columns
from listdrop.prospects.mapping import Mapper


def prospect_of(cells: Sequence[str], columns: Columns) -> Prospect:
    """Turn one row into a prospect with all that it has."""
    (prospect,) = Mapper(columns).map([cells]).prospects(None, frozenset())
    return prospect
