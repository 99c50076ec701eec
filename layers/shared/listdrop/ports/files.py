"""Files: uploads, and what is kept of jobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import IO, Protocol

from listdrop.models import Listed, Place, Results, Upload


class Uploads(Protocol):
    """The uploads bucket."""

    def read(self, upload: Upload) -> Iterator[bytes]:
        """Yield the bytes of exactly this version. Raises `UploadRejectedError` if it is gone."""
        ...

    def metadata(self, upload: Upload) -> Mapping[str, str]:
        """Return what this version says about itself (`RETRY_OF`); nothing if it is gone."""
        ...

    def versions(self, since: datetime, after: Place | None = None) -> Iterator[Listed]:
        """Yield the versions of uploads that were stored since then, some at a time, from a place.

        Every version is looked at, however old, so a page may have none. Folders are no uploads.
        """
        ...

    def read_list(self, bucket: str, key: str) -> Iterator[bytes]:
        """Yield the bytes of a suppression list as it is now.

        Raises `UploadRejectedError` (`bad_route`) if there is none, or none that may be read.
        """
        ...


class Inbox(Protocol):
    """Where files are dropped. `said` is what the file's metadata says: `RETRY_OF`, `CORRECTS`."""

    def drop(self, key: str, content: bytes, said: Mapping[str, str]) -> None:
        """Store a file under a key, as an upload."""
        ...

    def drop_retry(self, job_id: str, key: str, said: Mapping[str, str]) -> None:
        """Store a job's `retry.csv` under a key, as an upload."""
        ...


class Files(Protocol):
    """The results bucket: plans, settled outcomes, result files."""

    least_piece: int
    """The fewest bytes of a piece of a result file, unless nothing follows it."""

    def save_plan(self, job_id: str, plan: IO[bytes]) -> None:
        """Store a job's plan: every data row in order, some hundred to a line (see `plan`)."""
        ...

    def read_plan(self, job_id: str, first_byte: int, last_byte: int) -> bytes:
        """Return a part of the plan, both ends included."""
        ...

    def plan_lines(self, job_id: str, first_byte: int = 0) -> Iterator[bytes]:
        """Yield the lines of the plan, from the one that starts at this byte; none at its end."""
        ...

    def save_outcomes(self, job_id: str, name: str, outcomes: bytes) -> None:
        """Store what became of a batch's rows."""
        ...

    def read_outcomes(self, job_id: str, name: str) -> bytes:
        """Return what `save_outcomes` stored. Raises `KeyError`."""
        ...

    def save_piece(self, job_id: str, name: str, content: IO[bytes]) -> None:
        """Store a piece of what Finish writes, from its start."""
        ...

    def read_piece(self, job_id: str, name: str) -> bytes:
        """Return a piece. Raises `KeyError`."""
        ...

    def save_result(
        self, job_id: str, name: str, content: IO[bytes], pieces: Sequence[str] = ()
    ) -> None:
        """Store a result file: these pieces, in their order, and then `content`.

        Each piece has at least `least_piece` bytes.
        """
        ...

    def results(self, job_id: str) -> Results:
        """Return the addresses of a job's result files."""
        ...
