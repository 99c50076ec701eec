"""Fetches files of jobs to the disk, as they may be too large for memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from listdrop.ports import Archive


@contextmanager
def fetched(archive: Archive, job_id: str, name: str) -> Iterator[IO[bytes]]:
    """Open a job's file, from its start; an empty one if there is none."""
    with tempfile.TemporaryFile() as file:
        file.writelines(archive.read(job_id, name))
        file.seek(0)
        yield file
