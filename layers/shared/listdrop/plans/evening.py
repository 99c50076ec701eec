"""Rows as wide as the header: which lack only empty last cells, and which cannot be trusted."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from listdrop.cells.emails import is_email
from listdrop.cells.names import is_in_two_lines
from listdrop.cells.patterns import lazy
from listdrop.cells.profiles import profile_slug
from listdrop.cells.values import cell_value
from listdrop.errors import UploadRejectedError
from listdrop.models import Container, Outcome, RowResult
from listdrop.prospects.columns import Columns
from listdrop.tables.even_rows import widths_of
from listdrop.tables.reading import Block, Table

_MAX_EXTRA_CELLS = 200
"""A row that is too long makes all rows of `results.csv` as wide; but not one of thousands."""
_MOST_LINES = 100
_LINE_END = lazy(r"\r\n|\r|\n")
_URL = lazy(r"https?://[^\s\"]+|www\.[^\s\"]+", re.I)
_BADGE = lazy(r"[\u00b7\u2022\u2219\u22c5]\s*[^\s\"@][^\"@]{0,40}|[123](?:st|nd|rd)\+?", re.I)
"""What a copied web page has below a name: a bullet with a few words, the degree of a contact."""
_MOST_BADGES = 3
_NAMES = ("first_name", "last_name", "full_name")
_ONE_LINE_FIELDS = ("email", "linkedin_url", *_NAMES)


@dataclass(slots=True)
class Evened:
    """A block's rows, as wide as the header.

    `problems` are rows that cannot be sent, by place; `padded` are the numbers of cells of those
    that had fewer and may be sent, provided that the row's identity is among them. `beyond` has
    what stands right of the header, in rows that are too long.
    """

    rows: Sequence[list[str]]
    problems: dict[int, RowResult] = field(default_factory=dict)
    padded: dict[int, int] = field(default_factory=dict)
    beyond: dict[int, Sequence[str]] = field(default_factory=dict)


class Evener:
    """Makes the rows of a table as wide as its header; `widest` is the widest row so far."""

    def __init__(self, table: Table, columns: Columns) -> None:
        self._table = table
        self._ahead = _Ahead(table.blocks)
        self._width = self.widest = len(columns.header)
        # A column without a name, at the header's end, asks nothing of a row.
        named = (place for place, name in enumerate(columns.header, 1) if name.strip())
        self._needed = max(named, default=self._width)
        fields = columns.fields
        self._people = (*fields.get("email", ()), *fields.get("linkedin_url", ()))
        self._one_line = frozenset(
            index for name in _ONE_LINE_FIELDS for index in fields.get(name, ())
        )
        self._names = frozenset(index for name in _NAMES for index in fields.get(name, ()))
        self._has_quotes = table.dialect.container is not Container.XLSX
        """A workbook's cells are no text with quotes: there is nothing to go wrong."""

    def blocks(self) -> Iterator[tuple[Block, Evened]]:
        """Yield the table's blocks, each with its rows made even.

        Raises `UploadRejectedError` (`unreadable_quoting`).
        """
        for block in self._ahead:
            if self._table.notes.spans:
                self._check_spans(block)
            if widths_of(block.cells) == {self._width}:
                yield block, Evened(block.cells)
            else:
                yield block, self._evened(block)
            del block  # its memory is still in the processor's cache, for the next one

    def _evened(self, block: Block) -> Evened:
        found = Evened([])
        evened: list[list[str]] = []
        width = self._width
        for place, cells in enumerate(block.cells):
            if len(cells) < self._needed:
                if self._lacks_only_empty_cells(block, place):
                    found.padded[place] = len(cells)
                else:
                    found.problems[place] = too_short(len(cells), width)
            elif any(map(str.strip, cells[width:])):
                found.problems[place] = _ragged("row_too_long", len(cells), width)
                found.beyond[place] = cells[width:]
                self.widest = max(self.widest, min(len(cells), width + _MAX_EXTRA_CELLS))
            evened.append([*cells[:width], *[""] * (width - len(cells))])
        found.rows = evened
        return found

    def _lacks_only_empty_cells(self, block: Block, place: int) -> bool:
        """Whether a short row is whole, as far as can be told.

        It has to name its person, and what follows may not be its rest: a short line that names
        nobody. The last line of a file that ends without a line end may be cut off.
        """
        if not self._names_somebody(block.cells[place]):
            return False
        if place + 1 < len(block.cells):
            after: Sequence[str] | None = block.cells[place + 1]
        elif (following := self._ahead.following()) is not None:
            after = following.cells[0]
        elif self._table.notes.is_open:
            return False
        else:
            after = None
        is_rest = (
            after is not None and len(after) < self._needed and not self._names_somebody(after)
        )
        return not is_rest

    def _names_somebody(self, cells: Sequence[str]) -> bool:
        values = (cell_value(cells[index]) for index in self._people if index < len(cells))
        return any(is_email(value) or profile_slug(value) for value in values)

    def _check_spans(self, block: Block) -> None:
        """Refuse a cell that has swallowed lines, as two stray quotes far apart make one.

        Nobody's name, address or profile goes on in the next line, but for what certainly is no row
        of the table: other addresses and URLs of the person, the badges of a web page, and a name
        in two lines without anything but letters, where a row has more than that.
        """
        delimiter = self._table.dialect.delimiter
        spans = self._table.notes.spans
        last = block.lines[-1]
        found = sorted(line for line in spans if line <= last)
        spans.difference_update(found)
        for line in found if self._has_quotes else ():
            place = bisect_left(block.lines, line)
            if block.lines[place] != line:
                continue  # a row that was left out
            cells = block.cells[place]
            for index, cell in enumerate(cells):
                if "\n" not in cell and "\r" not in cell:
                    continue
                lines = _LINE_END.split(cell.strip())
                if len(lines) > _MOST_LINES or (
                    len(lines) > 1
                    and index in self._one_line
                    and not _are_addresses(lines)
                    and not _are_of_one_person(lines, delimiter)
                    and not (self._width > 1 and index in self._names and is_in_two_lines(cell))
                ):
                    raise _swallowed(line, len(lines))


def _are_addresses(lines: Iterable[str]) -> bool:
    return all(is_email(line.strip(" ,;<>")) for line in lines if line.strip())


def _are_of_one_person(lines: Sequence[str], delimiter: str) -> bool:
    """Whether lines are URLs with at most one profile, or a name with badges: "· 2nd".

    A line with a delimiter may be a row, which two stray quotes have made part of the cell.
    """
    said = [line.strip() for line in lines if line.strip()]
    if any(delimiter in line for line in said):
        return False
    if all(map(_URL.fullmatch, said)):
        return len({profile_slug(line) for line in said} - {""}) <= 1
    first, *others = said
    return len(others) <= _MOST_BADGES and all(map(_BADGE.fullmatch, others)) and "@" not in first


def _swallowed(line: int, lines: int) -> UploadRejectedError:
    return UploadRejectedError(
        "unreadable_quoting",
        f"Line {line}: a cell goes on for {lines} lines: a quote is probably not closed, or stands "
        "alone. Close it, or double it.",
    )


class _Ahead(Iterator[Block]):
    """Blocks one by one. The one that follows is read early only if it is asked for."""

    def __init__(self, blocks: Iterator[Block]) -> None:
        self._blocks = blocks
        self._read: list[Block] = []

    def __next__(self) -> Block:
        return self._read.pop() if self._read else next(self._blocks)

    def following(self) -> Block | None:
        """Return the next block, which is still to come."""
        if not self._read:
            self._read.extend(islice(self._blocks, 1))
        return self._read[0] if self._read else None


def too_short(cells: int, width: int) -> RowResult:
    """Return the result of a row that has fewer cells than the header."""
    return _ragged("row_too_short", cells, width)


def _ragged(reason: str, cells: int, width: int) -> RowResult:
    text = f"The row has {cells} {'cell' if cells == 1 else 'cells'}, the header {width}."
    return RowResult(Outcome.INVALID, reason, text)


def identity_columns(columns: Columns, needs: Iterable[str]) -> Sequence[int]:
    """Return the columns that may hold what a provider needs, as far as fields have them."""
    return [index for name in needs for index in columns.fields.get(name, ())]


def without_identity(
    evened: Evened, identities: Sequence[int], width: int
) -> Mapping[int, RowResult]:
    """Settle the padded rows in which a destination's identity is among the missing cells."""
    if not identities:
        return {}
    return {
        place: too_short(cells, width)
        for place, cells in evened.padded.items()
        if not any(index < cells and cell_value(evened.rows[place][index]) for index in identities)
    }
