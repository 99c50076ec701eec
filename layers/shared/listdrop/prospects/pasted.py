"""People who are named in a column of opt-outs: a second list that was pasted beside the rows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from listdrop.cells.emails import split_emails
from listdrop.cells.others import is_of_another
from listdrop.cells.profiles import person_key
from listdrop.cells.values import cell_value
from listdrop.prospects.phrases import words
from listdrop.prospects.vocabulary import has

_MOST_WORDS = 4
"""More words beside an address are a text, and the address may be that of who wrote it."""
_NEAR = 60
"""Characters before and after an address that may say whose it is."""


@lru_cache(maxsize=1 << 12)
def is_listing(cell: str) -> bool:
    """Whether a cell has people, and nothing else that matters."""
    if "@" not in cell and "linkedin." not in cell.lower():
        return False
    value = cell_value(cell)
    address, more = split_emails(value)
    rest = value.lower()
    for each in (address, *more):
        rest = rest.replace(each.lower(), " ")
    said = words(rest)
    return bool(person_key(address)) and len(said) <= _MOST_WORDS and not has("sources", said)


def people_named(value: str) -> Iterator[str]:
    """Yield the person keys in a cell, but not those of an assistant or a manager."""
    address, more = split_emails(value)
    for each in (address, *more):
        before, _, after = value.partition(each)
        if (name := person_key(each)) and not is_of_another(before[-_NEAR:], after[:_NEAR]):
            yield name
