from __future__ import annotations

import codecs
import gzip
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from listdrop.errors import UploadRejectedError
from listdrop.mapping import known_headers, map_columns, prospect_of
from listdrop.reading import (
    MAX_CELL_CHARACTERS,
    MAX_COLUMNS,
    Dialect,
    Row,
    Spool,
    Table,
    read_table,
    spool,
)

SAMPLES = Path(__file__).parent.parent / "samples"
KNOWN = known_headers({})


@pytest.fixture
def spools() -> Iterator[list[Spool]]:
    """Spools that a test opened, closed at its end."""
    opened: list[Spool] = []
    yield opened
    for each in opened:
        each.file.close()


@pytest.fixture(autouse=True)
def _closing(spools: list[Spool], monkeypatch: pytest.MonkeyPatch) -> None:
    def remembered(chunks: Iterator[bytes]) -> Spool:
        spools.append(spool(chunks))
        return spools[-1]

    monkeypatch.setitem(globals(), "spooled", remembered)


def spooled(chunks: object) -> Spool:
    raise AssertionError("the fixture replaces this")


def table_of(content: bytes | str, *, chunk: int = 1 << 16) -> Table:
    data = content.encode() if isinstance(content, str) else content
    return read_table(spooled(iter(_chunks(data, chunk))), KNOWN)


def rows_of(content: bytes | str) -> list[Row]:
    return list(table_of(content).rows)


def cells_of(content: bytes | str) -> list[list[str]]:
    return [row.cells for row in rows_of(content)]


def _chunks(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def rejection(content: bytes | str) -> UploadRejectedError:
    """Read the content to its end and return why it was rejected."""
    with pytest.raises(UploadRejectedError) as rejected:
        rows_of(content)
    assert rejected.value.text.endswith(".")
    return rejected.value
