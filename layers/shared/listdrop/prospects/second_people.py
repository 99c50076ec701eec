"""Columns that are somebody else's: a second person's in the same row, the host's, the sender's.

What they hold is kept, as custom columns, but it is never taken for the row's person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from listdrop.cells.patterns import lazy
from listdrop.prospects.recognising import ranks, words

_NAMES = ("full_name", "first_name")
_PARTS = ("first_name", "last_name")
_OF_NAMES = ("full_name", *_PARTS)
_WAYS = ("email", "linkedin_url", "phone")
_NUMBER = lazy(r"(?<!\d)[2-9](?!\d)")
_MARKS = "#.()[]:/"

Candidates = Mapping[str, Sequence[tuple[float, int]]]
"""The columns of each field, each with its rank; -1 if the route names it."""


def of_others(folded: Sequence[str], candidates: Candidates) -> frozenset[int]:
    """Return the columns that are not those of the row's person, by the folded headers."""
    found = set[int]()
    repeated = _repeated(folded)
    ways = {index for field in _WAYS for _, index in candidates.get(field, ())}
    if repeated & ways and any(_is_name(folded[index]) for index in repeated):
        found |= repeated & {index for each in candidates.values() for _, index in each}
    if any(map(_is_second_person, folded)):
        found |= {
            index
            for field, columns in candidates.items()
            for rank, index in columns
            if rank >= 0 and field not in _OF_NAMES and _is_marked(folded[index])
        }
    has_guest = any(map(_is_guest, folded))
    for field, columns in candidates.items():
        doubtful = {index for rank, index in columns if rank >= 0 and _is_doubtful(folded[index])}
        hosts = {i for i in doubtful if has_guest and folded[i] in words("doubtful", "headers")}
        is_named = field == "full_name" and not candidates.keys().isdisjoint(_PARTS)
        found |= doubtful if len(doubtful) < len(columns) or is_named else hosts
    return frozenset(found)


def _is_doubtful(folded: str) -> bool:
    return folded in words("doubtful", "headers") or folded in words("doubtful", "alone")


def _repeated(folded: Sequence[str]) -> set[int]:
    """Return the columns whose header stands before them, too."""
    seen = set[str]()
    found = set[int]()
    for index, name in enumerate(folded):
        if name in seen:
            found.add(index)
        seen.add(name)
    return found


def _is_guest(folded: str) -> bool:
    """Whether a header is the name of somebody whom a host meets or a sender writes to."""
    return any(
        folded == start or (folded.startswith(start) and _is_name(folded[len(start) :]))
        for start in words("doubtful", "guests")
    )


@lru_cache(maxsize=4096)
def _is_second_person(folded: str) -> bool:
    """Whether a header is that of a second person's name: `Name 2`, `Secondary Contact`."""
    if folded in words("second_person", "headers"):
        return True
    one = _NUMBER.sub("", folded, count=1).strip(_MARKS)
    if one != folded and _is_name(one):
        return True
    return any(
        folded.startswith(start) and _is_name(folded[len(start) :])
        for start in words("second_person", "before")
    )


def _is_name(folded: str) -> bool:
    return ranks().get(folded, ("",))[0] in _NAMES


@lru_cache(maxsize=4096)
def _is_marked(folded: str) -> bool:
    """Whether a header is one of further columns: `Email 2`, `Secondary Email`."""
    return _NUMBER.search(folded) is not None or any(
        mark in folded for mark in words("second_person", "marks")
    )
