"""Finds the cells of a column about anything that may be nothing but a no: very few of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import cache, lru_cache
from itertools import chain, compress
from operator import itemgetter

from listdrop.prospects.phrases import joined
from listdrop.prospects.vocabulary import phrases

LONGEST_REMARK = 200
"""The longest cell that is read."""
_SAMPLE = 200
"""Cells that tell whether those of a column are mostly equal to others."""
_BEGINNING = 4
_MARKS = "\n\r,.;:!?([|-\u2013\u2014"
_AFTER = re.compile(r"[\n\r,.;:!?(\[|\u2013\u2014-][^\w\0]{0,3}([^\W\d_][^\0]{0,3})")
"""The first letters of a clause after a mark."""
_beginning = itemgetter(slice(0, _BEGINNING))


def likely(cells: Sequence[str]) -> set[str]:
    """Return the different cells in which a clause may begin as a no. Most columns have none."""
    some = cells[:_SAMPLE]
    different = set(cells) if len(set(some)) * 2 < len(some) else cells
    return {
        cell for cell in (*_begun(different), *_inside(different)) if len(cell) <= LONGEST_REMARK
    }


def _begun(cells: Collection[str]) -> Iterable[str]:
    begun = set(filter(_may_be_no, set(map(_beginning, cells))))
    return compress(cells, map(begun.__contains__, map(_beginning, cells))) if begun else ()


def _inside(cells: Collection[str]) -> Iterable[str]:
    """Return the cells with such a clause after a mark, looked for in all of them together."""
    text = "\0".join(cells)
    if not any(map(text.__contains__, _MARKS)):
        return ()
    begun = set(filter(_may_be_no, set(_AFTER.findall(text))))
    return [cell for cell in cells if not begun.isdisjoint(_AFTER.findall(cell))] if begun else ()


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
    sections = ("no", "failed_alone", "do_not_call", "removal", "before_no")
    found = chain.from_iterable(phrases(name).texts() for name in sections)
    return frozenset(text[:end] for text in found for end in range(1, _BEGINNING + 1))
