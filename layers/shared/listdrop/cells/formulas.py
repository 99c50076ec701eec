"""Cells that a spreadsheet would run: how Listdrop disarms them, and how it reads them back."""

from __future__ import annotations

import re

STARTS = "=+-@\t\r\n\x00\uff1d\uff0b\uff0d\uff20"
"""First characters of a formula, or what is stripped before one; the last four are full-width."""

_LITERAL = re.compile(r'="([^"]*)"')
"""A formula that is nothing but a text: how an export keeps a spreadsheet from reading a number."""

_HARMLESS = re.compile(
    r"[+-]?\d+(?:[.,]\d+)*%?|[+-]+|\+\d[\d ().\u00a0/-]{4,}\d(?: ?(?:x|ext\.?|#) ?\d{1,6})?"
)


def neutralised(cell: str) -> str:
    """Return a cell that no spreadsheet runs: an apostrophe goes before all but numbers."""
    if cell and cell[0] in STARTS and not _HARMLESS.fullmatch(cell):
        return f"'{cell}"
    return cell


def unguarded(cell: str) -> str:
    """Take off the apostrophe that we, or a spreadsheet, put before what could be a formula.

    What is then `="a text"` is that text.
    """
    if cell[:1] == "'" and cell[1:2] and cell[1] in STARTS:
        cell = cell[1:].strip()
    literal = _LITERAL.fullmatch(cell) if cell[:2] == '="' else None
    return literal[1].strip() if literal else cell
