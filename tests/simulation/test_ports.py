"""The simulator's table keeps the port's contract, like every other."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from listdrop.models import Job
from tests.contracts.ports import JobsContract, RowsContract, StoredRows, SubmissionsContract
from tests.simulation.ports import SimJobs
from tests.simulation.world import World


class TestSimJobs(JobsContract, RowsContract):
    @pytest.fixture
    def jobs(self) -> SimJobs:
        world = World("kakiyo", 1, only=())
        return world.jobs

    @pytest.fixture
    def stored_rows(self, jobs: SimJobs) -> StoredRows:
        def look(job: Job) -> Mapping[int, str]:
            rows = jobs.rows.get(job.job_id, {})
            return {row: result.outcome.value for row, (_, result) in rows.items()}

        return look


class TestSimSubmissions(SubmissionsContract):
    @pytest.fixture
    def submissions(self) -> SimJobs:
        return World("kakiyo", 1, only=()).jobs
