"""What changes while a job runs is in an item that no index copies; lists have copies of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from listdrop.aws.items import job_item, progress_item
from listdrop.aws.jobs import DynamoJobs
from listdrop.models import BatchItem, BatchState, Job, JobState, Tally
from tests.contracts.ports import new_job
from tests.support.clock import NOW

JOB = new_job().model_copy(update={"batches": {"planned": 3, "sent": 1, "terminal": 0}})
LATER = JOB.model_copy(
    update={
        "batches": {"planned": 3, "sent": 2, "terminal": 2},
        "counts": JOB.counts | {"accepted": 20},
        "progressed_at": NOW + timedelta(minutes=5),
    }
)
BATCH = BatchItem(job_id=JOB.job_id, number=1, first_row=1, rows=1, first_byte=0, last_byte=1)


class Table:
    """Has a job and its progress, and remembers what is written."""

    name = "jobs"

    def __init__(self, job: Job, progress: Job) -> None:
        self.items = {"JOB": job_item(job), "PROGRESS": progress_item(progress)}
        self.writes: list[Mapping[str, Any]] = []
        self.meta: Any = SimpleNamespace(client=self)

    def query(self, **_: Any) -> Any:
        return {"Items": [*self.items.values()]}

    def get_item(self, **read: Any) -> Any:
        return {"Item": self.items[read["Key"]["sk"]]}

    def update_item(self, **write: Any) -> None:
        self.writes.append(write)


def keys_of(table: Any) -> list[str]:
    return [write["Key"]["sk"] for write in table.writes]


def test_a_job_is_read_with_its_progress() -> None:
    table: Any = Table(JOB, LATER)

    assert DynamoJobs(table).get(JOB.job_id) == LATER


def test_what_a_job_ended_with_stays_so_whatever_was_counted() -> None:
    ended = LATER.model_copy(update={"state": JobState.PARTIAL})
    table: Any = Table(ended, JOB)

    assert DynamoJobs(table).get(JOB.job_id) == ended


def test_a_batch_does_not_write_its_jobs_item() -> None:
    table: Any = Table(JOB, LATER)
    jobs = DynamoJobs(table)

    sent = jobs.save_batch(BATCH.model_copy(update={"state": BatchState.SENT}))
    jobs.save_batch(sent.model_copy(update={"terminal_at": NOW}))
    jobs.tell(JOB.job_id, Tally({"accepted": 1}, sent=1, terminal=1))

    assert keys_of(table) == ["BATCH#000001", "BATCH#000001", "PROGRESS"]


def test_lists_have_what_is_shown() -> None:
    table: Any = Table(JOB, LATER)
    jobs = DynamoJobs(table)

    jobs.show(jobs.get(JOB.job_id), progress=20)

    (write,) = table.writes
    assert write["Key"]["sk"] == "JOB"
    values = [*write["ExpressionAttributeValues"].values()]
    assert all(each in values for each in (20, LATER.counts, LATER.batches))


def test_a_job_that_ends_has_in_its_item_what_finish_counted() -> None:
    table: Any = Table(JOB, LATER)

    DynamoJobs(table).finish(JOB.model_copy(update={"state": JobState.PARTIAL}))

    (write,) = table.writes
    values = write["ExpressionAttributeValues"].values()
    assert all(each in values for each in (JOB.batches, JOB.counts))
    assert "2026" in str([*values])  # when it last came further, which only its progress knows
