"""Opens a table: what its header says of its columns, and what the first rows say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from listdrop.prospects.columns import Columns, map_columns
from listdrop.prospects.deciding import ENOUGH_ROWS, decided
from listdrop.prospects.list_names import is_title_of_opt_outs
from listdrop.prospects.recognising import known_headers
from listdrop.tables.reading import Block, Table, read_table
from listdrop.tables.spooling import Spool

_MOST_FIRST_BLOCKS = 8
"""Blocks that are held at once, where rows are so long that few fit in one."""


class Opened(NamedTuple):
    """A table, its decided columns, and the rows that they were decided by."""

    table: Table
    columns: Columns
    first_rows: Sequence[Sequence[str]]

    @property
    def is_list(self) -> bool:
        """Whether a title above the header says that the people in the table opted out."""
        return any(map(is_title_of_opt_outs, self.table.notes.preamble))


def open_table(source: Spool, overrides: Mapping[str, str | None]) -> Opened:
    """Find a table's header, and decide what its columns are. Raises `UploadRejectedError`."""
    read = read_table(source, known_headers(overrides))
    first = _first_blocks(read)
    first_rows = list(chain.from_iterable(block.cells for block in first))
    columns = decided(map_columns(read.header, overrides), first_rows)
    return Opened(read._replace(blocks=chain(first, read.blocks)), columns, first_rows)


def _first_blocks(table: Table) -> list[Block]:
    """Take the blocks that decide which column is whose name, of enough rows or of all."""
    blocks: list[Block] = []
    rows = 0
    for block in table.blocks:
        blocks.append(block)
        rows += len(block.cells)
        if rows >= ENOUGH_ROWS or len(blocks) == _MOST_FIRST_BLOCKS:
            break
    return blocks
