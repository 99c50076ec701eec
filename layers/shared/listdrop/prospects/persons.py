"""Reads columns of names. Each different value is read only once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from listdrop.cells.names import Name, first_name_in, last_name_in, tidy_part, whole_name
from listdrop.prospects.columns import Columns

_MOST_KEPT = 20_000
_NOBODY = Name()

V = TypeVar("V")


class Once(dict[str, V], Generic[V]):
    """Caches a function's results, because columns repeat the same texts."""

    def __init__(self, make: Callable[[str], V]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, text: str) -> V:
        """Compute and cache the result. A full cache is emptied, because files may be long."""
        if len(self) >= _MOST_KEPT:
            self.clear()
        made = self[text] = self._make(text)
        return made

    def of(self, texts: Sequence[str]) -> list[V]:
        """Return the result for each text."""
        return list(map(self.__getitem__, texts))

    def of_most(self, texts: Sequence[str]) -> list[V]:
        """Return the result for each text, where most are not met again, so are not kept."""
        known = {text: self._make(text) for text in set(texts)}
        return [known[text] for text in texts]


class Namer:
    """Reads the names in a file's rows, block by block, as decided for its columns."""

    def __init__(self, columns: Columns) -> None:
        self._parts = Once(tidy_part)
        self._wholes: Mapping[int, Once[Name]] = {
            index: Once(_reader(columns, index)) for index in columns.fields.get("full_name", ())
        }

    def parts(self, values: Sequence[str]) -> Sequence[str]:
        """Return cleaned first or last names."""
        return self._parts.of(values)

    def wholes(self, indexes: Sequence[int], candidates: Sequence[Sequence[str]]) -> list[Name]:
        """Return full names: in each row the first candidate that is a name."""
        first, *others = (
            self._wholes[index].of(values)
            for index, values in zip(indexes, candidates, strict=True)
        )
        for names in others:
            first = [one if one[0] else other for one, other in zip(first, names, strict=True)]
        return first


def _reader(columns: Columns, index: int) -> Callable[[str], Name]:
    order, capitals = columns.orders.get(index, "first"), index in columns.capitals
    return lambda text: whole_name(text, order, capitals=capitals) if text else _NOBODY


def completed(
    first: Sequence[str], last: Sequence[str], wholes: Sequence[Name]
) -> tuple[list[str], list[str]]:
    """Return first and last names; missing ones are taken from the full names."""
    firsts, lasts = list(first), list(last)
    for place, whole in enumerate(wholes):
        if not whole[0] or (firsts[place] and lasts[place]):
            continue
        if lasts[place]:
            firsts[place] = first_name_in(whole[0], lasts[place])
        elif firsts[place]:
            lasts[place] = last_name_in(whole[0], firsts[place])
        else:
            _, firsts[place], lasts[place] = whole
    return firsts, lasts
