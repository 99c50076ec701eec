"""Finds the cells of a column about anything that may be nothing but a no: very few of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import chain, compress
from operator import itemgetter

from listdrop.prospects.phrases import joined
from listdrop.prospects.vocabulary import phrases

LONGEST_ALONE = 40
"""The longest cell that may be nothing but a no."""
_SAMPLE = 200
"""Cells that tell whether those of a column are mostly equal to others."""
_BEGINNING = 4
_beginning = itemgetter(slice(0, _BEGINNING))


def likely(cells: Sequence[str]) -> set[str]:
    """Return the different short cells that begin as a no does. In most columns there are none."""
    some = cells[:_SAMPLE]
    different = set(cells) if len(set(some)) * 2 < len(some) else cells
    begun = set(filter(_may_be_no, set(map(_beginning, different))))
    if not begun:
        return set()
    found = compress(different, map(begun.__contains__, map(_beginning, different)))
    return {cell for cell in found if len(cell) <= LONGEST_ALONE}


def may_begin_no(text: str) -> bool:
    """Whether a text begins as one does that is nothing but a no."""
    return _may_be_no(text[:_BEGINNING])


@lru_cache(maxsize=1 << 14)
def _may_be_no(beginning: str) -> bool:
    """Whether a cell with these first characters may be nothing but a no of the person."""
    if not beginning or beginning[0].isdecimal() or beginning[0] in "+-$€£":
        return False
    said = joined(beginning)
    return not beginning[0].isalpha() or said in _beginnings() or not said.isascii()


@cache
def _beginnings() -> frozenset[str]:
    found = chain(phrases("no").texts(), phrases("failed_alone").texts())
    return frozenset(text[:end] for text in found for end in range(1, _BEGINNING + 1))
