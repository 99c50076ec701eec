"""Marks of people: numbers that stand for their names, by which the rows of uploads are found."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence


class Marks:
    """Marks of an upload's rows, 8 bytes each: there may be three million."""

    def __init__(self) -> None:
        self._marks = array("I")
        self._rows = array("I")

    def add(self, first: int, marks: Sequence[int], places: Iterable[int]) -> None:
        """Add marks with their rows' places in a block, whose first row is number `first`."""
        self._marks.extend(marks)
        self._rows.extend(map(first.__add__, places))

    def __len__(self) -> int:
        return len(self._marks)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self._marks, self._rows, strict=True)

    def shelved(self, shelves: int) -> Iterator[tuple[int, Sequence[tuple[int, int]]]]:
        """Yield each shelf with its marks and their rows: a mark's is its remainder."""
        ends = array("I", bytes(4 * (shelves + 1)))
        for mark in self._marks:
            ends[mark % shelves + 1] += 1
        for shelf in range(shelves):
            ends[shelf + 1] += ends[shelf]
        free = ends[:]
        order = array("I", bytes(4 * len(self)))
        for place, mark in enumerate(self._marks):
            shelf = mark % shelves
            order[free[shelf]] = place
            free[shelf] += 1
        for shelf in range(shelves):
            places = order[ends[shelf] : ends[shelf + 1]]
            if places:
                yield shelf, [(self._marks[place], self._rows[place]) for place in places]
