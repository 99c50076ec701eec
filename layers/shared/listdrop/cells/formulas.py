"""Cells that a spreadsheet would run as a formula: neutralises them, and reads them back."""

from __future__ import annotations

import re
from collections.abc import Sequence

from listdrop.cells.patterns import lazy

STARTS = "=+-@\t\r\n\x00\uff1d\uff0b\uff0d\uff20"
"""First characters of a formula, or characters stripped before one; the last 4 are full-width."""

_INSIDE = lazy(r"(?<=[,;\t\r\n])[=+\-@\x00\uff1d\uff0b\uff0d\uff20][^,;\t\r\n]*")
"""What becomes a separate cell, and a formula, if the spreadsheet's separator is another one.

Excel takes the system's list separator, or a tab. It splits at it even within quotation marks, if
these stand for another separator's cell, and then a line break in the cell ends the row, too.
"""

_MAY_BE_INSIDE = lazy(r"[,;\t\r\n][=+\-@\x00\uff1d\uff0b\uff0d\uff20]")
"""Finds the same, but faster: it begins with a set of characters, which `re` skips to."""

_GUARDED_INSIDE = lazy(r"(?<=[,;\t\r\n])'(?=[=+\-@\x00\uff1d\uff0b\uff0d\uff20])")

_LITERAL = lazy(r'="([^"]*)"')
"""A formula that is only a text. Exports use it so that a spreadsheet does not read a number."""

_HARMLESS = lazy(
    r"[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?%?|[+-]+"
    r"|\+\d[\d ().\u00a0/-]{4,}\d(?: ?(?:x|ext\.?|#) ?\d{1,6})?"
)


_BETWEEN = "\x1f"
"""Stands between cells that are looked through together. A part of a cell never begins after it."""


def neutralised_all(cells: Sequence[str]) -> list[str]:
    """Neutralise cells: most rows have nothing to look for within one, which is seen at once."""
    if _MAY_BE_INSIDE.search(_BETWEEN.join(cells)):
        return list(map(neutralised, cells))
    return [_started(cell) if cell and cell[0] in STARTS else cell for cell in cells]


def neutralised(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would run; numbers stay as they are.

    That is the cell, and each part of it that a comma, semicolon, tab or line break begins.
    """
    return _INSIDE.sub(_guarded, _started(cell))


def _started(cell: str) -> str:
    if cell.strip() and cell[0] in STARTS and not _HARMLESS.fullmatch(cell):
        return f"'{cell}"
    return cell


def _guarded(part: re.Match[str]) -> str:
    return part[0] if _HARMLESS.fullmatch(part[0].strip()) else f"'{part[0]}"


def unguarded(cell: str) -> str:
    """Remove the apostrophes that Listdrop or a spreadsheet put before possible formulas.

    Then turn `="a text"` into that text.
    """
    if "'" in cell:
        cell = _GUARDED_INSIDE.sub("", cell)
    if cell[:1] == "'" and cell[1:2] and cell[1] in STARTS:
        cell = cell[1:].strip()
    literal = _LITERAL.fullmatch(cell) if cell[:2] == '="' else None
    return literal[1].strip() if literal else cell
