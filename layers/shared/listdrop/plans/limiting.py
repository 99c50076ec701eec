"""Reads only the beginning of a table, where the whole would take too long."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

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


@dataclass
class Enough:
    """How much of a text is read: at most `size` bytes and about `lines`, and until it `is_late`.

    `is_cut` says afterwards whether there is more.
    """

    size: int
    lines: int = 1 << 62
    is_late: Callable[[], bool] = lambda: False
    is_cut: bool = False


def beginning(chunks: Iterable[bytes], enough: Enough) -> Iterator[bytes]:
    """Yield the beginning of a text, up to the end of a line: all of it, if it is no longer."""
    taken: list[bytes] = []
    size = lines = 0
    left = iter(chunks)
    for chunk in left:
        taken.append(chunk)
        size, lines = size + len(chunk), lines + chunk.count(b"\n")
        if size > enough.size or (
            (lines > enough.lines or enough.is_late()) and next(left, None) is not None
        ):
            enough.is_cut = True
            text = b"".join(taken)[: enough.size]
            yield text[: _end(text)]
            return
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
