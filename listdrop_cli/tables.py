"""Tables for a terminal, however narrow it is, and what stands in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markup import escape
from rich.table import Table

from listdrop.models import Job, Outcome

_GAP = 2
_SHORT = 16
"""Characters of a cell that is broken last of all: a moment, a word."""
_BROKEN_TO = 12
_NARROWEST = 6


def counted(job: Job) -> str:
    """Return a job's rows by outcome, in words."""
    return ", ".join(f"{job.counts[each]} {each.value}" for each in Outcome if job.counts[each])


def printable(cell: Any) -> str:
    """Return a cell's text in one line, without what would move a terminal's cursor."""
    text = "".join(letter if letter.isprintable() else " " for letter in str(cell))
    return " ".join(text.split())


class Fitted:
    """A table without a frame, as wide as there is room; numbers are on the right.

    Where it does not fit, columns that are not `needed` or have nothing are left out, and then long
    texts are broken into lines. Nothing is ever cut off, as half a number is another number: what
    is too wide even so is left to the terminal.
    """

    def __init__(
        self, headers: Sequence[str], rows: Iterable[Sequence[Any]], needed: Sequence[str] = ()
    ) -> None:
        self._columns = [
            _Column(name, [row[place] for row in kept])
            for kept in [list(rows)]
            for place, name in enumerate(headers)
        ]
        self._needed = needed or headers

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it. For rich."""
        columns = self._columns
        if not self.fits(options.max_width):
            columns = [each for each in columns if each.name in self._needed and any(each.cells)]
        widths = _widths(columns, options.max_width)
        made = Table(box=None, padding=(0, _GAP, 0, 0))
        for column, width in zip(columns, widths, strict=True):
            side = "right" if column.is_number else "left"
            made.add_column(column.name, width=width, overflow="fold", justify=side)  # type: ignore[arg-type] # one of rich's words
        for cells in zip(*(column.cells for column in columns), strict=True):
            made.add_row(*map(escape, cells))
        yield from console.render(
            made, options.update(width=max(options.max_width, _total(widths)))
        )

    def fits(self, width: int) -> bool:
        """Whether all columns have room side by side."""
        return _total([column.whole for column in self._columns]) <= width


class _Column:
    """A column's cells, and how wide it is.

    That is as a `whole`, with its `texts` broken where words end, with long words `broken` too, and
    at the `least`.
    """

    def __init__(self, name: str, values: Sequence[Any]) -> None:
        self.name = name
        self.cells = [printable(value) for value in values]
        self.is_number = bool(values) and all(isinstance(value, int) for value in values)
        sizes = [cell_len(cell) for cell in self.cells]
        longest = max(sizes, default=0)
        word = max(map(cell_len, name.split()), default=0)
        self.whole = max(cell_len(name), longest)
        self.broken = self.least = self.whole
        if longest > _SHORT:
            self.broken = min(self.whole, max(word, _BROKEN_TO))
            self.least = min(self.whole, max(word, _NARROWEST))
        else:
            words = (cell_len(part) for cell in self.cells for part in cell.split())
            self.least = max([word, *words])
        self.texts = self.broken if any(" " in cell for cell in self.cells) else self.whole


def _widths(columns: Sequence[_Column], room: int) -> Sequence[int]:
    """Take from the widest until all fit: from sentences, then from ids, and then from any."""
    widths = [min(column.whole, max(column.least, room)) for column in columns]
    for least in (
        [column.texts for column in columns],
        [column.broken for column in columns],
        [column.least for column in columns],
    ):
        while _total(widths) > room:
            spare = [place for place, width in enumerate(widths) if width > least[place]]
            if not spare:
                break
            widths[max(spare, key=widths.__getitem__)] -= 1
    return widths


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * len(widths)
