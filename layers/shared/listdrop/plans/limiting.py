"""Reads only the beginning of a table, where the whole would take too long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from listdrop.tables.reading import Block

_MOST_TRIES = 1_000
_UTF_16_LE = b"\xff\xfe"


class FirstBlocks:
    """Lets through the first `most` rows; `is_cut` says afterwards whether there are more."""

    def __init__(self, most: int) -> None:
        self.is_cut = False
        self._most = most

    def of(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """Yield blocks with no more rows than that."""
        left = self._most
        self.is_cut = False
        for block in blocks:
            if not left:
                self.is_cut = True
                return
            if len(block.cells) > left:
                self.is_cut = True
                yield Block(block.first, block.lines[:left], block.cells[:left])
                return
            left -= len(block.cells)
            yield block


def beginning(chunks: Iterable[bytes], most: int) -> Iterator[bytes]:
    """Yield no more than `most` bytes of a text, up to the end of a line."""
    taken: list[bytes] = []
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > most:
            text = b"".join([*taken, chunk])[:most]
            yield text[: _end(text)]
            return
        taken.append(chunk)
    yield from taken


def _end(text: bytes) -> int:
    """Return where the last line ends that is surely not inside of quotes."""
    end = len(text)
    for _ in range(_MOST_TRIES):
        found = text.rfind(b"\n", 0, end)
        if found < 0:
            break
        # In little-endian UTF-16, a zero byte belongs to the line end.
        after = found + 1 + (text.startswith(_UTF_16_LE) and found % 2 == 0)
        if after <= len(text) and text.count(b'"', 0, found) % 2 == 0:
            return after
        end = found
    return len(text)
