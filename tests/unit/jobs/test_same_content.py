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
        (JobState.PARTIAL, 1_999, "what can be sent again is in that job's retry.csv."),
    ],
)
def test_it_is_said_how_far_the_other_job_is(state: JobState, arrived: int, said: str) -> None:
    counts = no_counts() | {"rows": 2_000, "accepted": arrived, "refused": 2_000 - arrived}
    job = new_job(job_id="spring-toy-1", state=state, counts=counts)

    text = said_of(job)

    assert text.startswith("Job spring-toy-1 ha")
    assert said in text
