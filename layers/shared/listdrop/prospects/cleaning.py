"""Cleans columns: each cell's value, without what only surrounds it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from listdrop.cells.values import INVISIBLE, PLACEHOLDERS, cell_value, may_have_marks, text_value
from listdrop.prospects.persons import Once

_SAMPLE = 200
"""Cells of a block that tell whether those of a column are probably all different."""


def _repeat(cells: Sequence[str]) -> bool:
    """Whether most cells are equal to others."""
    return len(set(cells)) * 4 < len(cells)


class Values:
    """`cell_value` for columns, block by block; with `is_text`, `text_value`."""

    def __init__(self, *, is_name: bool = False, is_text: bool = False) -> None:
        self._known = Once(partial(text_value if is_text else cell_value, is_name=is_name))
        self._is_text = is_text

    def of(self, cells: Sequence[str]) -> Sequence[str]:
        """Return the values of a column. One check finds out whether any cell needs a change."""
        if _repeat(cells[:_SAMPLE]):
            return self._known.of(cells)
        values = list(map(str.strip, cells))
        text = "\0".join(values)
        if (
            PLACEHOLDERS.isdisjoint(values)
            and "'" not in text
            and ("=" not in text or '="' not in text)  # finding one letter is far faster
            and (text.isascii() or not any(map(text.__contains__, INVISIBLE)))
            and not (self._is_text and may_have_marks(text))
        ):
            return values
        return self._known.of_most(values)

    def of_some(self, cells: Sequence[str], places: Sequence[int]) -> Sequence[str]:
        """Return the values of a column in which only cells in these places may need a change."""
        if not places:
            return cells
        if len(places) * 4 > len(cells):
            return self.of(cells)
        values = list(cells)
        for place in places:
            values[place] = self._known[cells[place]]
        return values
