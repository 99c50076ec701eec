"""Why rows are bad, counted: right however different reasons there are, in little memory."""

from __future__ import annotations

import io
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import IO

import orjson

from listdrop.models import ReasonCount

IN_MEMORY = 10_000
"""Different reasons that are counted in memory. Most jobs have a few; one may have a million."""


class ReasonCounter:
    """Counts reasons by outcome. What is too much for memory goes to a list on the disk.

    A line of it is an outcome, a reason and how many rows; a reason may be in several. So what was
    counted can be stored in parts, and read again.
    """

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._counts: Counter[tuple[str, str]] = Counter()
        self._listed: IO[bytes] = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 # closed by the stack
        self._kept_bytes = 0

    def add(self, outcome: str, reason: str) -> None:
        """Count one more row."""
        self._counts[outcome, reason] += 1
        if len(self._counts) > IN_MEMORY:
            self._spill()

    def top(self, most: int) -> list[ReasonCount]:
        """Return the most frequent ones; of equally frequent ones, those that came first."""
        if self._is_small():
            found = self._whole().most_common(most)
            return [ReasonCount(outcome, reason, rows) for (outcome, reason), rows in found]
        self._spill()
        rows = self._summed().execute(
            "SELECT outcome, reason, rows FROM reasons ORDER BY rows DESC, rowid LIMIT ?", (most,)
        )
        return [ReasonCount(*row) for row in rows]

    def fresh(self) -> bytes:
        """Return what was counted since the last call."""
        self._spill()
        self._listed.seek(self._kept_bytes)
        found = self._listed.read()
        self._kept_bytes += len(found)
        return found

    def resume(self, found: bytes) -> None:
        """Take in, before anything else, what an earlier `fresh` returned."""
        self._kept_bytes += self._listed.write(found)

    def _spill(self) -> None:
        self._listed.seek(0, io.SEEK_END)
        for (outcome, reason), rows in self._counts.items():
            line = orjson.dumps((outcome, reason, rows), option=orjson.OPT_APPEND_NEWLINE)
            self._listed.write(line)
        self._counts.clear()

    def _lines(self) -> Iterator[tuple[str, str, int]]:
        self._listed.seek(0)
        return map(orjson.loads, self._listed)

    def _is_small(self) -> bool:
        """Whether all that is on the list has room in memory, too."""
        return sum(1 for _ in islice(self._lines(), IN_MEMORY)) < IN_MEMORY

    def _whole(self) -> Counter[tuple[str, str]]:
        """Return what is on the list and what is not yet, in the order in which it came."""
        whole = Counter[tuple[str, str]]()
        for outcome, reason, rows in self._lines():
            whole[outcome, reason] += rows
        whole.update(self._counts)
        return whole

    def _summed(self) -> sqlite3.Connection:
        folder = self._stack.enter_context(tempfile.TemporaryDirectory())
        table = sqlite3.connect(Path(folder) / "reasons", isolation_level=None)
        self._stack.callback(table.close)
        for statement in (
            "PRAGMA journal_mode = OFF",  # it lives as long as this call
            "PRAGMA synchronous = OFF",
            "CREATE TABLE reasons (outcome, reason, rows, UNIQUE (outcome, reason))",
            "BEGIN",
        ):
            table.execute(statement)
        table.executemany(
            "INSERT INTO reasons VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET rows = rows + excluded.rows",
            self._lines(),
        )
        table.execute("COMMIT")
        return table
