"""What is said where the same content has gone to the same destination before."""

from __future__ import annotations

import pytest

from listdrop.jobs.same_content import said_of
from listdrop.models import JobState, no_counts
from tests.contracts.ports import new_job


@pytest.mark.parametrize(
    ("state", "arrived", "said"),
    [
        (JobState.HELD, 0, "waits for approval: nothing of it has been sent yet."),
        (JobState.PENDING, 0, "has not ended."),
        (JobState.RUNNING, 0, "has not ended."),
        (JobState.SUCCEEDED, 2_000, "had the same content for this destination."),
        (JobState.CANCELLED, 1_200, "1,200 of its 2,000 rows arrived"),
        (JobState.PARTIAL, 1_999, "1,999 of its 2,000 rows arrived"),
    ],
)
def test_it_is_said_how_far_the_other_job_is(state: JobState, arrived: int, said: str) -> None:
    counts = no_counts() | {"rows": 2_000, "accepted": arrived, "refused": 2_000 - arrived}
    job = new_job(job_id="spring-toy-1", state=state, counts=counts)

    text = said_of(job)

    assert text.startswith("Job spring-toy-1 ha")
    assert said in text


@pytest.mark.parametrize(
    ("again", "wrong", "said"),
    [
        (3, 0, "arrived: its retry.csv has the rows to send again."),
        (0, 4, "arrived: its rejects.csv has the rows to correct."),
        (
            3,
            4,
            "its retry.csv has the rows to send again, and its rejects.csv has the rows to",
        ),
        (0, 0, "1,990 of its 2,000 rows arrived."),
        (None, None, "retry.csv has the rows to send again, and its rejects.csv has the rows"),
    ],
)
def test_only_files_that_have_rows_are_named(
    again: int | None, wrong: int | None, said: str
) -> None:
    counts = no_counts() | {"rows": 2_000, "accepted": 1_990}
    job = new_job(job_id="spring-toy-1", state=JobState.PARTIAL, counts=counts)
    job = job.model_copy(update={"to_send_again": again, "to_correct": wrong})

    assert said in said_of(job)
