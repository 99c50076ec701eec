"""Finds the cells of a column about anything that may be nothing but a no: very few of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cache, lru_cache
from itertools import chain, compress
from operator import itemgetter

from listdrop.cells.patterns import lazy
from listdrop.prospects.clauses import CLAUSE_END
from listdrop.prospects.phrases import is_unspaced, words
from listdrop.prospects.vocabulary import before_no, phrases

LONGEST_REMARK = 200
"""The longest cell that is read."""
_SAMPLE = 200
"""Cells that tell whether those of a column are mostly equal to others."""
_BEGINNING = 4
_MARKS = "\n\r,.;:!?([|-\u2013\u2014"
_AFTER = lazy(r"[\n\r,.;:!?(\[|\u2013\u2014-][^\w\0]{0,3}([^\W\d_][^\0]{0,3})")
"""The first letters of a clause after a mark."""
_beginning = itemgetter(slice(0, _BEGINNING))


def likely(cells: Sequence[str]) -> set[str]:
    """Return the different cells in which a clause may begin as a no. Most columns have none."""
    if _repeat(cells):
        return set(filter(_is_likely, set(cells)))
    return _among(cells)


def _repeat(cells: Sequence[str]) -> bool:
    """Whether most cells are equal to others, also to those of other blocks."""
    some = cells[:_SAMPLE]
    return len(set(some)) * 2 < len(some)


@lru_cache(maxsize=1 << 14)
def _is_likely(cell: str) -> bool:
    return bool(_among([cell]))


def _among(cells: Collection[str]) -> set[str]:
    return {cell for cell in (*_begun(cells), *_inside(cells)) if len(cell) <= LONGEST_REMARK}


_OF_NUMBERS = b"0123456789 +-()./"
_LETTERS = lazy(r"[^\W\d_]{2}")


def likely_numbers(cells: Sequence[str]) -> set[str]:
    """Return the same of telephone numbers, of which very few have words, too."""
    text = "".join(cells)
    if text.isascii() and not text.encode().translate(None, _OF_NUMBERS):
        return set()
    return {
        cell
        for cell in filter(_LETTERS.search, cells)
        if len(cell) <= LONGEST_REMARK
        and any(map(_goes_on, [without_number(cell), *CLAUSE_END.split(cell)[::2]]))
    }


def without_number(cell: str) -> str:
    """Return what a cell of a telephone number has before or after the number."""
    return cell.strip(_OF_NUMBERS.decode())


def likely_names(cells: Sequence[str]) -> set[str]:
    """Return the same of names, of which many begin as a no does, and hardly any go on so."""
    if _repeat(cells):
        return set(filter(_is_likely_name, set(cells)))
    if sum(map(_is_site, cells[:_SAMPLE])) * 2 > len(cells[:_SAMPLE]):
        cells = [cell for cell in cells if not _is_site(cell)]
    return set(filter(_is_likely_name, _among(cells)))


@lru_cache(maxsize=1 << 14)
def _is_likely_name(cell: str) -> bool:
    return bool(_among([cell])) and any(map(_goes_on, [cell, *CLAUSE_END.split(cell)[::2]]))


def _is_site(cell: str) -> bool:
    return "." in cell and " " not in cell


def _goes_on(clause: str) -> bool:
    """Whether a clause has the first letters of a no, and not only the very first."""
    clause = clause.strip()
    if not may_begin_no(clause):
        return False
    begun = clause[:_MORE].lower()
    if not begun.isascii() or begun.partition(" ")[0].strip(_MARKS) in before_no():
        return True
    text = "".join(filter(str.isalpha, begun))[:_LONGER]
    return text in _longer_beginnings() or any(
        text[:end] in _short_texts() for end in range(2, _LONGER)
    )


_MORE, _LONGER = 16, 8


@cache
def _longer_beginnings() -> frozenset[str]:
    return frozenset(text[:_LONGER] for text in _texts() if len(text) >= _LONGER)


@cache
def _short_texts() -> frozenset[str]:
    return frozenset(text for text in _texts() if len(text) < _LONGER)


def _texts() -> Iterable[str]:
    sections = ("no", "failed_alone", "do_not_call", "removal", "no_calls")
    return chain.from_iterable(phrases(name).texts() for name in sections)


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
    said = words(beginning)
    text = "".join(said)
    if not text or text in _beginnings():
        return True
    # Of `is unsubscribed`, the beginning has a small word and one more letter.
    if len(said) > 1 and any(phrases(name).are(said[:1]) for name in ("before_no", "speakers")):
        return True
    # Where words are not apart, a few letters may stand before a no.
    return not text.isascii() and not _unspaced().isdisjoint(text)


@cache
def _beginnings() -> frozenset[str]:
    sections = (
        *("no", "failed_alone", "do_not_call", "removal", "before_no"),
        *("refusing", "written_to", "requesting", "leaving", "speakers"),
    )
    found = chain.from_iterable(phrases(name).texts() for name in sections)
    return frozenset(text[:end] for text in found for end in range(1, _BEGINNING + 1))


@cache
def _unspaced() -> frozenset[str]:
    """Return the letters with which a no begins in a script without spaces."""
    return frozenset(text[0] for text in _texts() if is_unspaced(text))
