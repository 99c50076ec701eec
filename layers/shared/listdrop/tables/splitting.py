"""Splits a text into records all at once, in two thirds of the time of `csv.reader`."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import pairwise
from typing import NamedTuple

from listdrop.cells.patterns import lazy
from listdrop.tables.even_rows import EvenRows

_LINE_END = lazy(r"\r\n|\r|\n")


class Split(NamedTuple):
    """The records of a text, and how many of its characters they take.

    `further_lines` has, by the place of a record, how many lines it has after its first.
    """

    rows: list[list[str]] | EvenRows
    taken: int
    further_lines: Mapping[int, int]


def split_records(
    text: str, delimiter: str, width: int, *, has_returns: bool = False
) -> Split | None:
    """Split a text that begins with a record, and ends with a line or with the table.

    A record that goes on after the text is not taken. Rows that all have `width` cells are returned
    by column. `has_returns`: a line may end in a CR alone. Returns `None` if a quotation mark
    stands anywhere but at a cell's ends, or doubled within a quoted cell: such a text has to be
    read line by line.

    What is quoted is taken out, so that each delimiter and line end that is left is one; then all
    is split at delimiters, with each line end as a cell; and what was quoted is put in its places.
    """
    taken = len(text)
    quoted: list[str] = []
    if '"' in text:
        bare, quoted, taken = _without_quoted(text)
        if not taken:
            return Split([], 0, {}) if _goes_on(text, delimiter) else None
        text = bare
    if has_returns:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.removesuffix("\n")
    marked = text.replace("\n", f"{delimiter}\n{delimiter}")
    records = 1 + (len(marked) - len(text)) // 2
    cells = marked.split(delimiter)
    step = width + 1
    is_even = len(cells) == records * step - 1 and cells[width::step].count("\n") == records - 1
    ends = range(width, len(cells) + 1, step) if is_even else _ends(cells)
    if "\r" in text:
        last = slice(width - 1, None, step)
        if is_even:  # in half the time
            cells[last] = [cell.removesuffix("\r") for cell in cells[last]]
        else:
            for end in ends:
                cells[end - 1] = cells[end - 1].removesuffix("\r")
    if is_even and len(quoted) == records * width and cells.count('"') == len(quoted):
        columns = [quoted[place::width] for place in range(width)]
        return Split(EvenRows(columns), taken, _further_lines(quoted, lambda cell: cell // width))
    try:
        places = _put_in(quoted, cells)
    except ValueError:
        return None
    further_lines = _further_lines(quoted, lambda cell: bisect_left(ends, places[cell]))
    if is_even:
        columns = [cells[place::step] for place in range(width)]
        return Split(EvenRows(columns), taken, further_lines)
    bounds = pairwise((-1, *ends))
    return Split([cells[start + 1 : end] for start, end in bounds], taken, further_lines)


def _goes_on(text: str, delimiter: str) -> bool:
    """Whether a record without an end may go on after the text.

    It may not if its last quotation mark neither begins a cell nor doubles another, so no more text
    has to be read to find that out.
    """
    last = text.rindex('"')
    return last == 0 or text[last - 1] in (delimiter, '"')


def _ends(cells: list[str]) -> list[int]:
    """Return where records end."""
    found: list[int] = []
    place = -1
    with suppress(ValueError):
        while True:
            place = cells.index("\n", place + 1)
            found.append(place)
    return [*found, len(cells)]


def _put_in(quoted: list[str], cells: list[str]) -> list[int]:
    """Put what was quoted in the places of its marks, and return these.

    Raises `ValueError` if anything stands beside a mark.
    """
    places: list[int] = []
    place = -1
    for cell in quoted:
        place = cells.index('"', place + 1)
        cells[place] = cell
        places.append(place)
    return places


def _further_lines(quoted: list[str], record_of: Callable[[int], int]) -> dict[int, int]:
    """Return how many lines records have after their first, by what was quoted in them."""
    found: dict[int, int] = {}
    joined = "".join(quoted)
    if "\n" in joined or "\r" in joined:
        for place, cell in enumerate(quoted):
            if "\n" in cell or "\r" in cell:
                record = record_of(place)
                found[record] = found.get(record, 0) + len(_LINE_END.findall(cell))
    return found


def _without_quoted(text: str) -> tuple[str, list[str], int]:
    """Return a text with a mark for each quoted cell, what these had in them, and what is taken.

    If the last cell goes on after the text, only the records before its own are taken.
    """
    parts = text.split('"')
    outside, quoted = parts[::2], parts[1::2]
    taken = len(text)
    if len(parts) % 2 == 0:
        bare = '"'.join(outside)
        taken -= len(quoted.pop()) + 1
        end = max(bare.rfind("\n"), bare.rfind("\r")) + 1
        cells = bare.count('"', end)
        taken -= len(bare) - end
        if cells:
            taken -= sum(map(len, quoted[-cells:])) + cells
            del quoted[-cells:]
        outside = bare[:end].split('"')
    if "" in outside[1:-1]:
        # Parted at a doubled mark, so there is nothing between them.
        starts = [place for place, part in enumerate(outside[:-1]) if part or not place]
        starts.append(len(quoted))
        quoted = [
            quoted[start] if end - start == 1 else '"'.join(quoted[start:end])
            for start, end in pairwise(starts)
        ]
        outside[1:-1] = filter(None, outside[1:-1])
    return '"'.join(outside), quoted, taken
