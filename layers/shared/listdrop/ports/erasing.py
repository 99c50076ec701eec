"""What Erase needs: every place where a person can be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, NamedTuple, Protocol

from listdrop.models import Upload


class PersonRow(NamedTuple):
    """Where a row of a person is, and the names in its item.

    Without an item it is only likely to be the person's.
    """

    job_id: str
    row: int
    email: str
    linkedin_url: str
    has_item: bool = True


class People(Protocol):
    """Row items by person, and what has to be known of jobs before a person is erased."""

    def rows_of(self, person: str) -> Iterator[PersonRow]:
        """Yield the rows that name a person, `EMAIL#<address>` or `LINKEDIN#<slug>`."""
        ...

    def unmarked(self, job_ids: Iterable[str]) -> Iterator[str]:
        """Yield those of the jobs whose rows cannot all be found by every name in them.

        Their items have expired, or they are older than the marks.
        """
        ...

    def forget(self, person: str) -> None:
        """Let no row be found by this name any more, once they are erased."""
        ...

    def jobs_of(self, upload: Upload) -> Iterator[str]:
        """Yield the ids of all jobs of an upload's version."""
        ...

    def open_jobs(self, since: datetime, until: datetime) -> Iterator[str]:
        """Yield the ids of jobs begun in this time that have not ended, or not told of it yet."""
        ...

    def outcomes(self, job_id: str) -> Iterator[tuple[int, bytes]]:
        """Yield the batches of a job that have outcomes with them, and these as they are stored."""
        ...

    def replace_outcomes(self, job_id: str, batch: int, told: bytes) -> None:
        """Store outcomes in place of those that a batch has with it."""
        ...

    def erase(self, job_id: str, row: int) -> bool:
        """Leave a row item only its number, line and outcome; false if there was no more of it."""
        ...

    def erase_reason(self, job_id: str, row: int) -> bool:
        """Take away a row item's reason; false if that was done before, or there is no item."""
        ...


class Archive(Protocol):
    """Everything that is stored in files, with its old versions: for erasing.

    Files have the names that they have below `jobs/<job id>/`.
    """

    def job_ids(self) -> Iterator[str]:
        """Yield the ids of all jobs that there is any file of."""
        ...

    def names(self, job_id: str) -> Iterator[str]:
        """Yield the names of a job's files."""
        ...

    def read(self, job_id: str, name: str) -> Iterator[bytes]:
        """Yield the bytes of a file; none if there is no such file."""
        ...

    def replace(self, job_id: str, name: str, content: IO[bytes]) -> None:
        """Store a file in place of the one there is."""
        ...

    def drop_old_versions(self, job_id: str) -> int:
        """Delete all versions of a job's files but the latest; returns how many."""
        ...

    def delete_upload(self, upload: Upload) -> bool:
        """Delete a version of an upload for good; false if it was gone.

        The staged file that it is a copy of goes first.
        """
        ...
