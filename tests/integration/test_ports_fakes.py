"""The fakes keep the ports' contracts, so that tests on them say something."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from listdrop.models import Job
from tests.fakes import (
    MemoryBudget,
    MemoryExecutions,
    MemoryFiles,
    MemoryJobs,
    MemoryNotices,
    MemoryRecords,
    MemoryUploads,
)
from tests.integration.ports import (
    BudgetContract,
    ExecutionsContract,
    FilesContract,
    JobsContract,
    NoticesContract,
    PutUpload,
    RecordsContract,
    RowsContract,
    SeenNotices,
    StoredRows,
    UploadsContract,
)


class TestMemoryJobs(JobsContract, RowsContract):
    @pytest.fixture
    def jobs(self) -> MemoryJobs:
        return MemoryJobs()

    @pytest.fixture
    def stored_rows(self, jobs: MemoryJobs) -> StoredRows:
        def look(job: Job) -> Mapping[int, str]:
            return {
                row: result.outcome.value
                for (job_id, row), (_, result) in jobs.rows.items()
                if job_id == job.job_id
            }

        return look


class TestMemoryRecords(RecordsContract):
    @pytest.fixture
    def jobs(self) -> MemoryJobs:
        return MemoryJobs()

    @pytest.fixture
    def records(self, jobs: MemoryJobs) -> MemoryRecords:
        return MemoryRecords(jobs)


class TestMemoryFiles(FilesContract):
    @pytest.fixture
    def files(self) -> MemoryFiles:
        return MemoryFiles()


class TestMemoryUploads(UploadsContract):
    @pytest.fixture
    def uploads(self) -> MemoryUploads:
        return MemoryUploads()

    @pytest.fixture
    def put_upload(self, uploads: MemoryUploads) -> PutUpload:
        return uploads.put


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
