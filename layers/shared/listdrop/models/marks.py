"""Marks of people: numbers that stand for their names, by which the rows of uploads are found."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence, Set
from itertools import chain, compress, count

NO_MARK = 0


class Marks:
    """Marks of an upload's rows, 4 bytes for each kind of name: there may be three million."""

    def __init__(self) -> None:
        self._kinds: list[array[int]] = []
        self._unmarked = 0

    def add(self, first: int, kinds: Sequence[list[int]]) -> None:
        """Add marks of a block by kind of name, one for each row, of which `first` is the first.

        Blocks come in order. A row without a name of a kind has `NO_MARK`.
        """
        for _ in range(len(self._kinds), len(kinds)):
            self._kinds.append(array("I"))
        for known, marks in zip(self._kinds, kinds, strict=True):
            between = first - 1 - len(known)
            known.extend([NO_MARK] * between)
            known.fromlist(marks)
            self._unmarked += between + (0 if all(marks) else marks.count(NO_MARK))

    def __len__(self) -> int:
        return sum(map(len, self._kinds)) - self._unmarked

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Yield each mark with its row."""
        for marks in self._kinds:
            yield from ((mark, row) for row, mark in enumerate(marks, 1) if mark != NO_MARK)

    def rows_with(self, wanted: Set[int]) -> Iterator[int]:
        """Yield the rows that have one of these marks."""
        for marks in self._kinds:
            yield from compress(count(1), map(wanted.__contains__, marks))

    def shelved(self, shelves: int) -> Iterator[tuple[int, Sequence[tuple[int, int]]]]:
        """Yield each shelf with its marks and their rows: a mark's is its remainder."""
        ends = array("I", bytes(4 * (shelves + 1)))
        for mark in chain.from_iterable(self._kinds):
            if mark != NO_MARK:
                ends[mark % shelves + 1] += 1
        for shelf in range(shelves):
            ends[shelf + 1] += ends[shelf]
        free = ends[:]
        found, rows = (array("I", bytes(4 * len(self))) for _ in range(2))
        for mark, row in self:
            place = free[mark % shelves]
            free[mark % shelves] += 1
            found[place], rows[place] = mark, row
        for shelf in range(shelves):
            part = slice(ends[shelf], ends[shelf + 1])
            if found[part]:
                yield shelf, list(zip(found[part], rows[part], strict=True))
