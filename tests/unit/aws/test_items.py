"""Items have every attribute that the design lists, also where there is nothing to tell."""

from __future__ import annotations

from listdrop.aws.items import _job_item, _row_item, job_of
from listdrop.models import Outcome, PlannedRow, RowResult
from tests.support.fakes import World, csv_of

JOB = """job_id upload route provider account state counts batches progress source reason created_at
    updated_at expires_at"""
UPLOAD = "bucket key version_id etag size sha256"
ROW = "row line outcome reason reason_text email linkedin_url provider_ref raw_status"


def test_a_job_of_which_there_is_nothing_to_tell_has_every_attribute() -> None:
    world = World()
    for job in (world.drop(csv_of(2)), world.drop(b"")):
        item = _job_item(job)
        assert item.keys() >= set(JOB.split())
        assert item["upload"].keys() == set(UPLOAD.split())


def test_a_row_of_which_there_is_nothing_to_tell_has_every_attribute() -> None:
    job = World().drop(csv_of(1))

    item = _row_item(job, PlannedRow(1, 2), RowResult(Outcome.ACCEPTED))

    assert item.keys() >= set(ROW.split())
    assert "person" not in item  # which an index has for its key


def test_a_job_that_is_read_back_is_the_same() -> None:
    job = World().process(csv_of(2))
    assert job_of(_job_item(job)) == job
