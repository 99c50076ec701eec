"""Which row had an identity first, in 8 MiB and 8 bytes a row."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

_SLOTS = 1 << 21
"""A third more than the rows that an upload may have, so that a free one is soon found."""
_LAST_SLOT = _SLOTS - 1


class FirstRows:
    """Remembers the row in which each identity of an upload came first.

    Identities are kept as 64-bit hashes, as the strings of a million rows would take 130 MB: of so
    many, two different ones have the same hash once in 37 million uploads. The hashes are in a list
    by row, and the rows in an open-addressed table by hash (0: free).
    """

    def __init__(self) -> None:
        self._hashes = array("q", (0,))
        self._table = array("I", (0,)) * _SLOTS

    def repeats(self, identities: Sequence[str]) -> dict[int, int]:
        """Take in the identities of the next rows; return which of them repeat which row.

        Keys are places in `identities`; rows are numbered from 1. Empty ones repeat nothing.
        """
        hashes, table = self._hashes, self._table
        added = list(map(hash, identities))
        start = len(hashes)
        hashes.extend(added)
        repeated = {}
        for row, hashed in enumerate(added, start):
            slot = hashed & _LAST_SLOT
            first = table[slot]
            while first and hashes[first] != hashed:
                slot = (slot + 1) & _LAST_SLOT
                first = table[slot]
            if first:
                repeated[row - start] = first
            elif hashed:  # that of an empty one is 0
                table[slot] = row
        return repeated
