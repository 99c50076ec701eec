"""Cells that a spreadsheet would run as a formula: neutralises them, and reads them back."""

from __future__ import annotations

import re

STARTS = "=+-@\t\r\n\x00\uff1d\uff0b\uff0d\uff20"
"""First characters of a formula, or characters stripped before one; the last 4 are full-width."""

_LITERAL = re.compile(r'="([^"]*)"')
"""A formula that is only a text. Exports use it so that a spreadsheet does not read a number."""

_HARMLESS = re.compile(
    r"[+-]?\d+(?:[.,]\d+)*%?|[+-]+|\+\d[\d ().\u00a0/-]{4,}\d(?: ?(?:x|ext\.?|#) ?\d{1,6})?"
)


def neutralised(cell: str) -> str:
    """Put an apostrophe before a cell that a spreadsheet would run; numbers stay as they are."""
    if cell and cell[0] in STARTS and not _HARMLESS.fullmatch(cell):
        return f"'{cell}"
    return cell


def unguarded(cell: str) -> str:
    """Remove the apostrophe that Listdrop or a spreadsheet put before a possible formula.

    Then turn `="a text"` into that text.
    """
    if cell[:1] == "'" and cell[1:2] and cell[1] in STARTS:
        cell = cell[1:].strip()
    literal = _LITERAL.fullmatch(cell) if cell[:2] == '="' else None
    return literal[1].strip() if literal else cell
