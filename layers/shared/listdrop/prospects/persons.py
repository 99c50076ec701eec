"""Reads columns of names. Each different value is read only once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from listdrop.cells.businesses import is_nobody, may_be_business
from listdrop.cells.name_words import is_particle
from listdrop.cells.names import (
    Name,
    first_name_in,
    first_part,
    last_name_in,
    last_part,
    tidy_part,
    whole_name,
)
from listdrop.cells.values import text_value
from listdrop.prospects.beside import says_no_in_name
from listdrop.prospects.columns import Columns

_MOST_KEPT = 20_000
_NOBODY = Name()
_PARTS = frozenset({"first_name", "last_name"})

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
        self._refusing: set[str] = set()
        self._parts = Once(self._noting(tidy_part))
        self._lasts = Once(self._noting(last_part))
        self._wholes = [
            Once(self._noting(_reader(columns, index)))
            for index in columns.fields.get("full_name", ())
        ]
        self._particles, self._second = columns.particles, columns.second

    def _noting(self, make: Callable[[str], V]) -> Callable[[str], V]:
        """Return a reader that notes a no beside a name: each different value is read once."""

        def read(text: str) -> V:
            if says_no_in_name(text):
                self._refusing.add(text)
            return make(text)

        return read

    def refusing(self, columns: Iterable[Sequence[str]]) -> set[int]:
        """Return the places of names with a no beside them, once the names are tidied."""
        refusing = self._refusing
        return {
            place
            for names in (columns if refusing else ())
            for place, name in enumerate(names)
            if name in refusing
        }

    def tidy(
        self,
        fields: dict[str, Sequence[str]],
        candidates: Mapping[str, Sequence[Sequence[str]]],
        cells: Sequence[Sequence[str]],
    ) -> None:
        """Clean the names, and take missing first and last names from full names.

        `candidates` are the values of each field's columns, `cells` all columns.
        """
        nobody: set[int] = set()
        written = {name: fields[name] for name in _PARTS & fields.keys()}
        for name, cells_of_part in written.items():
            tidy = (self._lasts if name == "last_name" else self._parts).of(cells_of_part)
            nobody |= nobody_at(tidy, cells_of_part)
            fields[name] = tidy
        if "first_name" in written:
            fields["first_name"] = without_last(
                fields["first_name"], written["first_name"], fields.get("last_name")
            )
            if "last_name" in fields:
                fields["first_name"] = _without_ends(fields["first_name"], fields["last_name"])
        for name in _PARTS & fields.keys() if nobody else ():
            fields[name] = [
                "" if place in nobody else part for place, part in enumerate(fields[name])
            ]
        if self._particles is not None and "last_name" in fields:
            fields["last_name"] = with_particles(fields["last_name"], cells[self._particles])
        if self._second is not None and "last_name" in fields:
            second = self._parts.of(list(map(text_value, cells[self._second])))
            fields["last_name"] = with_second(fields["last_name"], second)
        if "full_name" in fields:
            written["full_name"] = fields["full_name"]
            wholes = self._wholes_of(candidates["full_name"])
            fields["full_name"] = [each.whole for each in wholes]
            nothing = [""] * len(wholes)
            first, last = (fields.get(name, nothing) for name in ("first_name", "last_name"))
            fields["first_name"], fields["last_name"] = completed(first, last, wholes)
        if "company" in fields:
            _leave_out_companies(fields, written)

    def _wholes_of(self, candidates: Sequence[Sequence[str]]) -> list[Name]:
        """Return full names: in each row the first candidate that is a name."""
        first, *others = (
            known.of(values) for known, values in zip(self._wholes, candidates, strict=True)
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


def _without_ends(firsts: Sequence[str], lasts: Sequence[str]) -> Sequence[str]:
    """Return first names without last names after them: people write "Ada Lovelace" there."""
    ends = {_last_word(first) for first in set(firsts) if " " in first}
    if not ends or ends.isdisjoint(map(_last_word, set(lasts))):
        return firsts
    return [
        first[: -len(last)].rstrip()
        if " " in first and last and first.casefold().endswith(f" {last.casefold()}")
        else first
        for first, last in zip(firsts, lasts, strict=True)
    ]


def _last_word(name: str) -> str:
    return name.rpartition(" ")[2].casefold()


def _leave_out_companies(
    fields: dict[str, Sequence[str]], written: Mapping[str, Sequence[str]]
) -> None:
    """Leave out names that are the row's company again, where nothing else names somebody."""
    companies = fields["company"]
    known = set(companies) - {""}
    for name, cells in written.items():
        if known.isdisjoint(cells):
            continue
        others = [written[part] for part in (_PARTS & written.keys()) - {name}]
        named = {
            place
            for place, cell in enumerate(cells)
            if cell and cell == companies[place] and may_be_business(cell)
            if not any(other[place] for other in others)
        }
        for part in (_PARTS | {"full_name"}) & fields.keys() if named else ():
            fields[part] = [
                "" if place in named else text for place, text in enumerate(fields[part])
            ]


def with_particles(last: Sequence[str], before: Sequence[str]) -> Sequence[str]:
    """Return last names with the particles that stand in a column of their own, as in Dutch lists.

    Anything else in that column, such as a title, is no part of a name.
    """
    found = {cell: text_value(cell) for cell in set(before)}
    found = {cell: value for cell, value in found.items() if value and is_particle(value)}
    if not found:
        return last
    return [
        f"{found[cell]} {name}"
        if name and cell in found and not name.casefold().startswith(f"{found[cell].casefold()} ")
        else name
        for name, cell in zip(last, before, strict=True)
    ]


def with_second(last: Sequence[str], second: Sequence[str]) -> Sequence[str]:
    """Return last names, each with the second one, where people have two."""
    return [
        f"{name} {after}" if name and after and not name.endswith(f" {after}") else name
        for name, after in zip(last, second, strict=True)
    ]


def without_last(
    first: Sequence[str], written: Sequence[str], last: Sequence[str] | None
) -> Sequence[str]:
    """Return first names, also of cells in which the last name stands before a comma."""
    if "," not in "".join(written):
        return first
    found = list(first)
    for place, cell in enumerate(written):
        if "," in cell:
            found[place] = first_part(cell, last[place] if last else "")
    return found


def nobody_at(tidy: Sequence[str], written: Sequence[str]) -> set[int]:
    """Return where a part of a name names nobody, nor does the other: "LinkedIn" beside "Member".

    `written` are the cells, and `tidy` what is left of them.
    """
    if all(tidy):
        return set()
    pairs = zip(tidy, written, strict=True)
    return {place for place, (left, cell) in enumerate(pairs) if not left and is_nobody(cell)}
