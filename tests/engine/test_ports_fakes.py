"""The fakes keep the ports' contracts, so that tests on them say something."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from listdrop.models import Job
from tests.contracts.ports import (
    ArchiveContract,
    BudgetContract,
    EndingsContract,
    ExecutionsContract,
    FilesContract,
    JobsContract,
    NoticesContract,
    PeopleContract,
    PutUpload,
    RecordsContract,
    RowsContract,
    SeenNotices,
    StoredRows,
    SubmissionsContract,
    SweepsContract,
    UploadsContract,
)
from tests.support.accounts import MemoryBudget
from tests.support.erasing import MemoryArchive, MemoryPeople
from tests.support.files import MemoryFiles, MemoryUploads
from tests.support.jobs import MemoryJobs, MemorySweeps
from tests.support.messaging import MemoryExecutions, MemoryNotices
from tests.support.records import MemoryRecords


@pytest.fixture
def jobs() -> MemoryJobs:
    return MemoryJobs()


@pytest.fixture
def stored_rows(jobs: MemoryJobs) -> StoredRows:
    def look(job: Job) -> Mapping[int, str]:
        rows = jobs.rows.get(job.job_id, {})
        return {row: result.outcome.value for row, (_, result) in rows.items()}

    return look


@pytest.fixture
def files() -> MemoryFiles:
    return MemoryFiles()


@pytest.fixture
def uploads() -> MemoryUploads:
    return MemoryUploads()


@pytest.fixture
def few_at_once(uploads: MemoryUploads) -> MemoryUploads:
    uploads.listed_at_once = 2
    return uploads


@pytest.fixture
def put_upload(uploads: MemoryUploads) -> PutUpload:
    return uploads.put


class TestMemoryJobs(JobsContract, RowsContract):
    pass


class TestMemorySubmissions(SubmissionsContract):
    @pytest.fixture
    def submissions(self, jobs: MemoryJobs) -> MemoryJobs:
        return jobs


class TestMemoryEndings(EndingsContract):
    @pytest.fixture
    def submissions(self, jobs: MemoryJobs) -> MemoryJobs:
        return jobs

    @pytest.fixture
    def endings(self, jobs: MemoryJobs) -> MemoryJobs:
        return jobs


class TestMemorySweeps(SweepsContract):
    @pytest.fixture
    def submissions(self, jobs: MemoryJobs) -> MemoryJobs:
        return jobs

    @pytest.fixture
    def sweeps(self) -> MemorySweeps:
        return MemorySweeps()


class TestMemoryRecords(RecordsContract):
    @pytest.fixture
    def jobs(self) -> MemoryJobs:
        return MemoryJobs()

    @pytest.fixture
    def records(self, jobs: MemoryJobs) -> MemoryRecords:
        return MemoryRecords(jobs)


class TestMemoryFiles(FilesContract):
    pass


class TestMemoryUploads(UploadsContract):
    pass


class TestMemoryPeople(PeopleContract):
    @pytest.fixture
    def people(self, jobs: MemoryJobs) -> MemoryPeople:
        return MemoryPeople(jobs)


class TestMemoryArchive(ArchiveContract):
    @pytest.fixture
    def archive(self, files: MemoryFiles, uploads: MemoryUploads) -> MemoryArchive:
        return MemoryArchive(files, uploads)


class TestMemoryBudget(BudgetContract):
    @pytest.fixture
    def budget(self) -> MemoryBudget:
        return MemoryBudget()


class TestMemoryExecutions(ExecutionsContract):
    @pytest.fixture
    def executions(self) -> MemoryExecutions:
        return MemoryExecutions()


class TestMemoryNotices(NoticesContract):
    @pytest.fixture
    def notices(self) -> MemoryNotices:
        return MemoryNotices()

    @pytest.fixture
    def seen_notices(self, notices: MemoryNotices) -> SeenNotices:
        def look() -> list[tuple[str, Mapping[str, str]]]:
            seen, notices.published = notices.published, []
            return [
                (each.message, {name: str(value) for name, value in each.attributes.items()})
                for each in seen
            ]

        return look
