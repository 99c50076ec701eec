"""What Erase works with, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO

from listdrop.cells.persons import mark_of
from listdrop.cells.profiles import profile_slug
from listdrop.models import ERASED, STAGED, PlannedRow, RowResult, Upload
from listdrop.ports import PersonRow
from tests.support.fallible import CrashError
from tests.support.files import MemoryFiles, MemoryUploads
from tests.support.jobs import MemoryJobs


class MemoryPeople:
    """The people port, on the row items that the jobs port keeps."""

    def __init__(self, jobs: MemoryJobs) -> None:
        self._jobs = jobs

    def rows_of(self, person: str) -> Iterator[PersonRow]:
        """See the port."""
        marked = set(self._jobs.marked(person))
        for job_id, rows in sorted(self._jobs.rows.items()):
            for number, (planned, _) in sorted(rows.items()):
                identity = planned.identity
                is_slug = identity and identity == profile_slug(planned.linkedin_url).lower()
                names = {f"EMAIL#{identity}"} if "@" in identity else set()
                names |= {f"LINKEDIN#{identity}"} if is_slug else set()
                if person in names or (job_id, number) in marked:
                    yield PersonRow(job_id, number, planned.email, planned.linkedin_url)
        for job_id, number in sorted(marked):
            if number not in self._jobs.rows.get(job_id, {}):
                yield PersonRow(job_id, number, "", "", has_item=False)

    def unmarked(self, job_ids: Iterable[str]) -> Iterator[str]:
        """See the port."""
        for job_id in job_ids:
            job = self._jobs.jobs.get(job_id)
            if job is None or not (job.has_marks or not job.counts["rows"]):
                yield job_id

    def forget(self, person: str) -> None:
        """See the port."""
        self._jobs.marks.pop(mark_of(person), None)

    def jobs_of(self, upload: Upload) -> Iterator[str]:
        """See the port."""
        version = (upload.key, upload.version_id)
        for job in self._jobs.jobs.values():
            if (job.upload.key, job.upload.version_id) == version:
                yield job.job_id

    def open_jobs(self, since: datetime, until: datetime) -> Iterator[str]:
        """See the port."""
        for job in self._jobs.jobs.values():
            if since.date() <= job.created_at.date() <= until.date() and not job.notified_at:
                yield job.job_id

    def outcomes(self, job_id: str) -> Iterator[tuple[int, bytes]]:
        """See the port."""
        for number, batch in sorted(self._jobs.batch_items.get(job_id, {}).items()):
            if batch.told:
                yield number, batch.told

    def replace_outcomes(self, job_id: str, batch: int, told: bytes) -> None:
        """See the port."""
        batches = self._jobs.batch_items[job_id]
        batches[batch] = batches[batch].model_copy(update={"told": told})

    def erase(self, job_id: str, row: int) -> bool:
        """See the port."""
        planned, result = self._jobs.rows.get(job_id, {}).get(row, (None, None))
        if planned is None or result is None:
            return False
        kept = (PlannedRow(row, planned.line), RowResult(result.outcome, ERASED))
        self._jobs.rows[job_id][row] = kept
        return kept != (planned, result)

    def erase_reason(self, job_id: str, row: int) -> bool:
        """See the port."""
        planned, result = self._jobs.rows.get(job_id, {}).get(row, (None, None))
        if planned is None or result is None or result.reason == ERASED:
            return False
        told = result._replace(reason=ERASED, reason_text="")
        self._jobs.rows[job_id][row] = (planned, told)
        return True


class MemoryArchive:
    """The archive port, on what the ports for files and uploads keep; `fails_after` some writes."""

    def __init__(self, files: MemoryFiles, uploads: MemoryUploads) -> None:
        self._files = files
        self._uploads = uploads
        self._old: Counter[str] = Counter()
        self.replaced: list[str] = []
        self.asked_for: list[str] = []
        self.fails_after: int | None = None

    def job_ids(self) -> Iterator[str]:
        """See the port."""
        yield from sorted({job_id for job_id, _ in self._files.content})

    def names(self, job_id: str) -> Iterator[str]:
        """See the port."""
        for owner, name in sorted(self._files.content):
            if owner == job_id:
                yield _archived(name)

    def read(self, job_id: str, name: str) -> Iterator[bytes]:
        """See the port. In small pieces, as files may be large."""
        content = self._files.content.get((job_id, _kept(name)), b"")
        for start in range(0, len(content), 64):
            yield content[start : start + 64]

    def replace(self, job_id: str, name: str, content: IO[bytes]) -> None:
        """See the port."""
        if self.fails_after is not None and len(self.replaced) >= self.fails_after:
            raise CrashError(f"before {name}")
        self._files.content[job_id, _kept(name)] = content.read()
        self._old[job_id] += 1
        self.replaced.append(name)

    def drop_old_versions(self, job_id: str) -> int:
        """See the port."""
        return self._old.pop(job_id, 0)

    def delete_upload(self, upload: Upload) -> bool:
        """See the port."""
        self.asked_for.append(upload.key)
        if staged_id := self._uploads.metadata(upload).get(STAGED):
            for key, version in list(self._uploads.contents):
                if key.startswith(f"staged/{staged_id}/"):
                    self._uploads.delete(
                        upload.model_copy(update={"key": key, "version_id": version})
                    )
        try:
            self._uploads.delete(upload)
        except KeyError:
            return False
        return True


def _archived(name: str) -> str:
    """A file's name in S3."""
    if name.startswith("outcomes/"):
        return f"parts/{name}.json"
    if name.startswith("report/"):
        return f"parts/{name}"
    return "parts/plan.jsonl" if name == "plan" else name


def _kept(name: str) -> str:
    """A file's name in `MemoryFiles`."""
    name = name.removeprefix("parts/")
    return "plan" if name == "plan.jsonl" else name.removesuffix(".json") if "/" in name else name
