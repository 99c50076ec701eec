"""Reads parts of a plan that follow each other at once, because each read is paid for."""

from __future__ import annotations

from collections.abc import Callable

_BYTES = 256 << 10
"""As much is read at once. A larger part is read alone."""

Read = Callable[[str, int, int], bytes]
"""Reads a part of a job's plan, both ends included, or as much of it as there is."""


class PlanParts:
    """Parts of plans, kept with what follows. A plan does not change while its job runs."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._job_id = ""
        self._first_byte = 0
        self._kept = b""

    def read(self, job_id: str, first_byte: int, last_byte: int) -> bytes:
        """Return a part of the plan, both ends included."""
        start, size = first_byte - self._first_byte, last_byte - first_byte + 1
        if job_id != self._job_id or start < 0 or start + size > len(self._kept):
            start = 0
            last = max(last_byte, first_byte + _BYTES - 1)
            self._kept = self._read(job_id, first_byte, last)
            self._job_id, self._first_byte = job_id, first_byte
        return self._kept[start : start + size]
