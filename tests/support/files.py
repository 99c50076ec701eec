"""Uploads and the files of jobs, in memory."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import IO

from listdrop.errors import UploadRejectedError
from listdrop.models import CORRECTS, RETRY_OF, Listed, Place, Results, Upload
from tests.support.clock import NOW


class MemoryUploads:
    """The uploads port: every version that was ever put."""

    def __init__(self) -> None:
        self.contents: dict[tuple[str, str], bytes] = {}
        self.stored: list[tuple[datetime, Upload]] = []
        self._numbers = itertools.count(1)
        self._metadata: dict[str, Mapping[str, str]] = {}
        self.reads = 0
        self.listed_at_once = 1_000

    def put(
        self, key: str, content: bytes, at: datetime = NOW, retry_of: str = "", corrects: str = ""
    ) -> Upload:
        """Store a new version of an object."""
        version = f"v{next(self._numbers)}"
        upload = Upload(bucket="uploads", key=key, version_id=version, size=len(content))
        said = {RETRY_OF: retry_of, CORRECTS: corrects}
        metadata = {name: job_id for name, job_id in said.items() if job_id}
        self.keep(upload, content, at, metadata)
        return upload

    def keep(
        self, upload: Upload, content: bytes, at: datetime, metadata: Mapping[str, str]
    ) -> None:
        """Store this version of an object."""
        self.contents[upload.key, upload.version_id] = content
        self.stored.append((at, upload))
        self._metadata[upload.version_id] = metadata

    def metadata(self, upload: Upload) -> Mapping[str, str]:
        """See the port."""
        is_there = (upload.key, upload.version_id) in self.contents
        return self._metadata[upload.version_id] if is_there else {}

    def versions(self, since: datetime, after: Place | None = None) -> Iterator[Listed]:
        """See the port."""
        listed = [each for each in self.stored if each[1].key.startswith("inbox/")]
        listed.sort(key=lambda each: each[1].key)
        places = [Place(upload.key, upload.version_id) for _, upload in listed]
        start = places.index(after) + 1 if after else 0
        for first in range(start, max(len(listed), start + 1), self.listed_at_once):
            end = first + self.listed_at_once
            uploads = (upload for at, upload in listed[first:end] if at >= since)
            yield Listed(tuple(uploads), places[end - 1] if end < len(listed) else None)

    def delete(self, upload: Upload) -> None:
        """Take a version away."""
        del self.contents[upload.key, upload.version_id]

    def read(self, upload: Upload) -> Iterator[bytes]:
        """See the port."""
        self.reads += 1
        content = self.contents.get((upload.key, upload.version_id))
        if content is None:
            raise UploadRejectedError("empty_file", "The upload was deleted.")
        for start in range(0, len(content), 1 << 16):
            yield content[start : start + (1 << 16)]

    def read_list(self, bucket: str, key: str) -> Iterator[bytes]:
        """See the port. The latest version is the list as it is now."""
        del bucket
        versions = [content for (name, _), content in self.contents.items() if name == key]
        if not versions:
            raise UploadRejectedError("bad_route", f"There is no {key}.")
        yield versions[-1]


class MemoryFiles:
    """The files port, with S3's rule for pieces: only the last may be small."""

    least_piece = 100

    def __init__(self) -> None:
        self.content: dict[tuple[str, str], bytes] = {}

    def _save(self, job_id: str, name: str, content: bytes) -> None:
        self.content[job_id, name] = content

    def save_plan(self, job_id: str, plan: IO[bytes]) -> None:
        """See the port."""
        plan.seek(0)
        self._save(job_id, "plan", plan.read())

    def read_plan(self, job_id: str, first_byte: int, last_byte: int) -> bytes:
        """See the port."""
        return self.content[job_id, "plan"][first_byte : last_byte + 1]

    def plan_lines(self, job_id: str, first_byte: int = 0) -> Iterator[bytes]:
        """See the port."""
        yield from self.content[job_id, "plan"][first_byte:].splitlines()

    def save_outcomes(self, job_id: str, name: str, outcomes: bytes) -> None:
        """See the port."""
        self._save(job_id, f"outcomes/{name}", outcomes)

    def read_outcomes(self, job_id: str, name: str) -> bytes:
        """See the port."""
        return self.content[job_id, f"outcomes/{name}"]

    def save_piece(self, job_id: str, name: str, content: IO[bytes]) -> None:
        """See the port."""
        content.seek(0)
        self._save(job_id, f"report/{name}", content.read())

    def read_piece(self, job_id: str, name: str) -> bytes:
        """See the port."""
        return self.content[job_id, f"report/{name}"]

    def save_result(
        self, job_id: str, name: str, content: IO[bytes], pieces: Sequence[str] = ()
    ) -> None:
        """See the port."""
        joined = [self.content[job_id, f"report/{piece}"] for piece in pieces]
        assert all(len(piece) >= self.least_piece for piece in joined), "EntityTooSmall"
        self._save(job_id, name, b"".join([*joined, content.read()]))

    def results(self, job_id: str) -> Results:
        """See the port."""
        base = f"s3://results/jobs/{job_id}"
        return Results(
            results=f"{base}/results.csv", rejects=f"{base}/rejects.csv", retry=f"{base}/retry.csv"
        )


class MemoryInbox:
    """The inbox port, on what the ports for files and uploads keep."""

    def __init__(self, files: MemoryFiles, uploads: MemoryUploads) -> None:
        self._files = files
        self._uploads = uploads
        self.dropped: list[tuple[str, bytes, dict[str, str]]] = []
        """Keys, contents and metadata, in order."""

    def drop(self, key: str, content: bytes, said: Mapping[str, str]) -> None:
        """See the port."""
        upload = Upload(bucket="uploads", key=key, version_id=f"d{len(self.dropped)}")
        self._uploads.keep(upload, content, NOW, said)
        self.dropped.append((key, content, dict(said)))

    def drop_retry(self, job_id: str, key: str, said: Mapping[str, str]) -> None:
        """See the port."""
        self.drop(key, self._files.content[job_id, "retry.csv"], said)
