"""Many whole numbers in little space: as ranges."""

from __future__ import annotations

from collections.abc import Iterable

Numbers = tuple[tuple[int, int], ...]
"""Ranges of numbers, both ends included, in order and apart."""

_MOST = 50
"""Ranges that are kept. Of more, the shortest are left out."""


def has(numbers: Numbers, number: int) -> bool:
    """Whether a number is one of them."""
    return any(first <= number <= last for first, last in numbers)


def with_more(numbers: Numbers, more: Iterable[int]) -> Numbers:
    """Return the numbers with these, too; not all, if they are too many ranges."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted([*numbers, *((number, number) for number in more)]):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    longest = sorted(joined, key=lambda each: each[0] - each[1])[:_MOST]
    return tuple(sorted(longest))
