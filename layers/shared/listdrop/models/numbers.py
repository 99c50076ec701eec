"""Many whole numbers in little space: as ranges."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Numbers = tuple[tuple[int, int], ...]
"""Ranges of numbers, both ends included, in order and apart."""

_MOST = 50
"""Ranges that are kept. Of more, the shortest are left out."""


def runs_of(numbers: Iterable[int]) -> list[list[int]]:
    """Return numbers in their order as ranges, as far as each follows the one before."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] + 1 == number:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return runs


def numbers_in(runs: Iterable[Any]) -> list[int]:
    """Return the numbers in ranges, of which some may be single numbers."""
    each = ((run, run) if isinstance(run, int) else run for run in runs)
    return [number for first, last in each for number in range(first, last + 1)]


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
