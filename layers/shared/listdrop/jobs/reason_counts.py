"""Why rows are bad, counted: right however different reasons there are, in little memory."""

from __future__ import annotations

import sqlite3
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from listdrop.models import ReasonCount

IN_MEMORY = 10_000
"""Different reasons that are counted in memory. Most jobs have a few; one may have a million."""


class ReasonCounter:
    """Counts reasons by outcome. What is too much for memory goes to the disk."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._counts: Counter[tuple[str, str]] = Counter()
        self._spilled: sqlite3.Connection | None = None

    def add(self, outcome: str, reason: str) -> None:
        """Count one more row."""
        self._counts[outcome, reason] += 1
        if len(self._counts) > IN_MEMORY:
            self._spill()

    def top(self, most: int) -> list[ReasonCount]:
        """Return the most frequent ones; of equally frequent ones, those that came first."""
        if self._spilled is None:
            found = self._counts.most_common(most)
            return [ReasonCount(outcome, reason, rows) for (outcome, reason), rows in found]
        self._spill()
        rows = self._spilled.execute(
            "SELECT outcome, reason, rows FROM reasons ORDER BY rows DESC, rowid LIMIT ?", (most,)
        )
        return [ReasonCount(*row) for row in rows]

    def _spill(self) -> None:
        if self._spilled is None:
            folder = self._stack.enter_context(tempfile.TemporaryDirectory())
            self._spilled = sqlite3.connect(Path(folder) / "reasons", isolation_level=None)
            self._stack.callback(self._spilled.close)
            for statement in (
                "PRAGMA journal_mode = OFF",  # it lives as long as this call
                "PRAGMA synchronous = OFF",
                "CREATE TABLE reasons (outcome, reason, rows, UNIQUE (outcome, reason))",
            ):
                self._spilled.execute(statement)
        self._spilled.execute("BEGIN")
        self._spilled.executemany(
            "INSERT INTO reasons VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET rows = rows + excluded.rows",
            ((outcome, reason, rows) for (outcome, reason), rows in self._counts.items()),
        )
        self._spilled.execute("COMMIT")
        self._counts.clear()
