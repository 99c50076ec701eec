"""A person's names: how rows are found by them, and which of them belong together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from itertools import repeat
from typing import NamedTuple
from zlib import crc32

from listdrop.cells.profiles import profile_slug

MOST_OTHERS = 4
"""A name that stands beside more others is not one person's: `info@`, an agency's profile."""

_MOST_NAMES = 25
_INSTEAD = 1
"""The mark of a name that would have none: one in four billion."""


class Names(NamedTuple):
    """Person keys that belong together, and those that were met and are several people's."""

    own: frozenset[str]
    shared: frozenset[str] = frozenset()


def names_in(email: str, linkedin_url: str) -> tuple[str, ...]:
    """Return the person keys of a row, by its address and its profile."""
    address = email.strip().lower()
    slug = profile_slug(linkedin_url).lower() if linkedin_url else ""
    names = (f"EMAIL#{address}" if "@" in address else "", f"LINKEDIN#{slug}" if slug else "")
    return tuple(filter(None, names))


def mark_of(name: str) -> int:
    """Return a number of 32 bits for a person key. Few others have it, and it names nobody."""
    return crc32(name.encode()) or _INSTEAD


def marks_of(addresses: Sequence[str], profiles: Sequence[str]) -> Sequence[list[int]]:
    """Return the marks of many rows by kind of name; 0 where a row has none.

    `addresses` and `profiles` are e-mail cells and slugs in lower case, empty where there is none.
    """
    return [_marks(b"EMAIL#", addresses), _marks(b"LINKEDIN#", profiles)]


def _marks(kind: bytes, names: Sequence[str]) -> list[int]:
    marks = list(map(crc32, map(str.encode, names), repeat(crc32(kind))))
    if not all(marks):
        marks = [mark or _INSTEAD for mark in marks]
    if not all(names):
        marks = [mark if name else 0 for mark, name in zip(marks, names, strict=True)]
    return marks


def together(asked: Set[str], rows_of: Callable[[str], Iterable[tuple[str, ...]]]) -> Names:
    """Find the names that stand beside those asked for, beside these, and so on.

    `rows_of` has, for a name, the names in each of its rows. What stands beside a name that several
    people share is not followed; and such a name counts only if it was asked for.
    """
    own: set[str] = set()
    shared: set[str] = set()
    waiting = sorted(asked)
    while waiting and len(own) < _MOST_NAMES:
        name = waiting.pop(0)
        others: set[str] = set()
        for names in rows_of(name):
            others.update(each for each in names if each != name)
            if len(others) > MOST_OTHERS:
                break
        if len(others) > MOST_OTHERS:
            shared.add(name)
        if name in asked or name not in shared:
            own.add(name)
        if name not in shared:
            waiting += sorted(others - own - shared - set(waiting))
    return Names(frozenset(own), frozenset(shared))
