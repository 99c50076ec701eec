"""Finds the first row of each identity, in 8 MiB and 8 bytes for each row.

Destinations that identify people in the same way share that, and the time that it takes.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from copy import deepcopy

_SIZES = (1 << 11, 1 << 16, 1 << 21)
"""Sizes of the table, one after the other. The last is enough for the largest upload.

They are powers of two. A small upload needs little memory, and all large ones need the same.
"""


class FirstRows:
    """Remembers the first row of each identity of an upload.

    Identities are kept as 64-bit hashes, because the strings of a million rows would take 130 MB.
    With a million rows, two identities have the same hash once in 37 million uploads. The hashes
    are in an array by row, and the rows in an open-addressed table by hash (0: free).
    """

    def __init__(self) -> None:
        self._hashes = array("q", (0,))
        self._table = array("I", (0,)) * _SIZES[0]

    def repeats(self, identities: Sequence[str]) -> dict[int, int]:
        """Add the identities of the next rows. Return the repeats: position to first row.

        Keys are positions in `identities`; rows are counted from 1. Empty identities never repeat.
        """
        hashes = self._hashes
        added = list(map(hash, identities))
        start = len(hashes)
        hashes.fromlist(added)
        if len(hashes) > len(self._table) // 2:
            self._grow()
        table, last_slot = self._table, len(self._table) - 1
        repeated = {}
        for row, hashed in enumerate(added, start):
            slot = hashed & last_slot
            first = table[slot]
            while first and hashes[first] != hashed:
                slot = (slot + 1) & last_slot
                first = table[slot]
            if first:
                repeated[row - start] = first
            elif hashed:  # the hash of an empty text is 0
                table[slot] = row
        return repeated

    def _grow(self) -> None:
        """Make the table large enough, up to the largest size, and insert its rows again."""
        size = next((size for size in _SIZES if size // 2 >= len(self._hashes)), _SIZES[-1])
        if size == len(self._table):
            return
        table, last_slot = array("I", (0,)) * size, size - 1
        for row in filter(None, self._table):
            slot = self._hashes[row] & last_slot
            while table[slot]:
                slot = (slot + 1) & last_slot
            table[slot] = row
        self._table = table


class SharedFirstRows:
    """The first rows of several destinations: one for all whose identities were equal so far."""

    def __init__(self, destinations: int) -> None:
        self._known = [FirstRows()] * destinations

    def repeats(self, identities: Sequence[Sequence[str]]) -> list[Mapping[int, int]]:
        """Add each destination's identities of the next rows, and return the repeats of each."""
        known = self._known
        leaders: list[int] = []
        for place, some in enumerate(identities):
            equal = (at for at in leaders if known[at] is known[place] and identities[at] == some)
            leaders.append(next(equal, place))
        own: dict[int, FirstRows] = {}
        for at in dict.fromkeys(leaders):
            # The first goes on with what they shared, and each other one with a copy.
            is_taken = any(known[other] is known[at] for other in own)
            own[at] = deepcopy(known[at]) if is_taken else known[at]
        found = {at: rows.repeats(identities[at]) for at, rows in own.items()}
        self._known = [own[at] for at in leaders]
        return [found[at] for at in leaders]
