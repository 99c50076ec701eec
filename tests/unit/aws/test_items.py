"""Items have every attribute that docs/design.md#dynamodb lists, also if it is empty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

import pytest
from boto3.dynamodb.types import Binary

from listdrop.aws.audit import act_item
from listdrop.aws.items import (
    MOST_BYTES,
    batch_item,
    batch_of,
    claim_item,
    clipped,
    ended_item,
    expected_item,
    held_item,
    job_item,
    job_of,
    progress_item,
    row_item,
    submission_item,
    submission_of,
    update_of,
)
from listdrop.errors import FateUnknownError
from listdrop.jobs.new_jobs import new_jobs
from listdrop.models import (
    Act,
    EndedJob,
    Hold,
    NamedTable,
    Outcome,
    PlannedRow,
    ReasonCount,
    Route,
    RowResult,
    Sample,
    Submission,
)
from listdrop.providers.kakiyo import Kakiyo
from listdrop.providers.routing import parse_route
from local.deploy import load_template
from tests.support.clock import NOW
from tests.support.world import World, csv_of, route_to
from tools.rooms import ROOT

JOB = """job_id upload route provider account state counts batches progress source reason created_at
    updated_at expires_at"""
UPLOAD = "bucket key version_id etag size sha256"
BATCH = "state first_row rows attempts raw_status sent_at terminal_at"
ROW = "row line outcome reason reason_text email linkedin_url provider_ref raw_status"


def test_a_job_of_which_there_is_nothing_to_tell_has_every_attribute() -> None:
    world = World()
    for job in (world.drop(csv_of(2)), world.drop(b"")):
        item = job_item(job)
        assert item.keys() >= set(JOB.split())
        assert item["upload"].keys() == set(UPLOAD.split())


def test_a_batch_that_the_provider_said_nothing_about_has_an_empty_status() -> None:
    world = World()
    world.script.sends = [FateUnknownError()]
    job = world.process(csv_of(2))
    (batch,) = world.jobs.batches(job.job_id)

    item = batch_item(batch, job)

    assert item["raw_status"] == ""
    assert item.keys() >= set(BATCH.split())
    assert batch_of(job.job_id, item) == batch


def test_a_row_of_which_there_is_nothing_to_tell_has_every_attribute() -> None:
    job = World().drop(csv_of(1))

    item = row_item(job, PlannedRow(1, 2), RowResult(Outcome.ACCEPTED))

    assert item.keys() >= set(ROW.split())
    assert "person" not in item  # which an index has for its key


def test_a_job_that_is_read_back_is_the_same() -> None:
    job = World().process(csv_of(2))
    assert job.items_of == ((1, 1),)  # which is in the item of its progress, while it runs
    assert job_of(job_item(job)) == job.model_copy(update={"items_of": ()})


# ---------------------------------------------------------------- what DynamoDB refuses

INDEX_KEYS = {"day": {"JOB"}, "route": {"JOB"}, "person": {"ROW"}, "problem": {"ROW"}}
"""Partition keys of the indexes, and the kinds of items that are meant for them."""

LONG = "é" * 300_000


def every_item() -> list[dict[str, Any]]:
    """One item of each kind, with the longest texts that people and providers can send."""
    world = World()
    job = world.process(csv_of(2)).model_copy(update={"reason_text": LONG, "stop_text": LONG})
    (batch,) = world.jobs.batches(job.job_id)
    destinations = tuple(
        Kakiyo.destination_model.model_validate(
            {"provider": "kakiyo", "account": f"a{number}", "campaign_id": "c" * 200}
        )
        for number in range(15)
    )
    decided = Submission(Route(destinations=destinations, columns={"Größe": "x" * 500}))
    planned = PlannedRow(1, 2, f"{LONG}@example.com", LONG, f"https://linkedin.com/in/{LONG}")
    result = RowResult(Outcome.UNKNOWN, LONG, LONG, LONG, LONG)
    return [
        job_item(job),
        progress_item(job),
        batch_item(batch, job),
        submission_item(job.upload, decided, job.created_at),
        submission_item(job.upload, Submission.rejected("bad_route", "No."), job.created_at),
        claim_item("a" * 200, job),
        row_item(job, planned, result),
        ended_item(job, EndedJob(job.job_id, (ReasonCount("refused", LONG, 10**9),) * 5)),
        held_item(job, job.deadline_at),
        act_item(
            Act(at=NOW, who=LONG, what="approve", subject=f"JOB#{job.job_id}", detail=LONG), "0a1b"
        ),
    ]


def settled_rows(reason: Callable[[int], str]) -> dict[int, RowResult]:
    """Results of as many rows as a batch can have."""
    return {
        1_000_000 + number: RowResult(Outcome.REFUSED, reason(number), reason(number))
        for number in range(5_000)
    }


def quoting(number: int) -> str:
    return f"The address person.{number}@example{number % 97}.com is on a list of the account."


def unlike(number: int) -> str:
    return "".join(sha256(f"{number} {part}".encode()).hexdigest() for part in range(8))


@pytest.mark.parametrize("reason", [quoting, unlike])
def test_a_batch_of_which_most_rows_are_settled_is_an_item_that_dynamodb_takes(
    reason: Callable[[int], str],
) -> None:
    world = World()
    job = world.process(csv_of(2))
    (batch,) = world.jobs.batches(job.job_id)
    settled = settled_rows(reason)

    item = batch_item(batch.model_copy(update={"settled": settled}), job)

    assert len(item["settled"]) < 300 * 1024
    found = batch_of(job.job_id, item | {"settled": Binary(item["settled"])}).settled
    assert found.keys() == settled.keys()
    assert {result.outcome for result in found.values()} == {Outcome.REFUSED}
    if reason is quoting:
        assert found == settled


def test_a_batch_whose_references_are_too_long_is_such_an_item_too() -> None:
    world = World()
    job = world.process(csv_of(2))
    (batch,) = world.jobs.batches(job.job_id)
    settled = {
        number: RowResult(Outcome.CONFIRMED, provider_ref=unlike(number)) for number in range(5_000)
    }

    item = batch_item(batch.model_copy(update={"settled": settled}), job)

    assert len(item["settled"]) < 300 * 1024
    found = batch_of(job.job_id, item | {"settled": Binary(item["settled"])}).settled
    assert found.keys() == settled.keys()
    assert {result.outcome for result in found.values()} == {Outcome.CONFIRMED}
    assert all(unlike(row).startswith(result.provider_ref) for row, result in found.items())


def kind_of(item: Mapping[str, Any]) -> str:
    return str(item["sk"]).partition("#")[0]


def test_every_kind_of_item_is_looked_at() -> None:
    assert {kind_of(item) for item in every_item()} == {
        "JOB", "PROGRESS", "BATCH", "UPLOAD", "CONTENT", "ROW", "ENDED", "HELD", "ACT",
    }  # fmt: skip


def test_an_item_has_the_key_of_an_index_only_if_it_is_meant_for_it() -> None:
    for item in every_item():
        for key, kinds in INDEX_KEYS.items():
            assert key not in item or kind_of(item) in kinds, (kind_of(item), key)


def test_no_key_of_the_table_or_of_an_index_is_empty() -> None:
    table = load_template(ROOT / "template.yaml")["Resources"]["JobsTable"]["Properties"]
    keys = {each["AttributeName"] for each in table["AttributeDefinitions"]}
    assert {"pk", "sk", "person", "outcome"} <= keys
    for item in every_item():
        for name in keys & item.keys():
            assert item[name] not in ("", None), (kind_of(item), name)


def test_no_attribute_is_longer_than_dynamodb_takes_in_an_index() -> None:
    for item in every_item():
        for name, value in item.items():
            if isinstance(value, str) and kind_of(item) != "BATCH":
                assert len(value.encode()) <= 2048, (kind_of(item), name)


def test_a_long_destination_is_short_in_its_job_and_read_back_the_same() -> None:
    destination = {"provider": "kakiyo", "tags": [f"a tag {number}" for number in range(400)]}
    job = World().process(csv_of(2)).model_copy(update={"destination": destination, "items_of": ()})

    item = job_item(job)

    assert len(item["destination"]) <= 2048
    assert job_of(item) == job


def test_a_long_text_is_cut_between_letters_and_says_so() -> None:
    assert clipped("é" * 1024) == "é" * 1024
    assert clipped("é" * 1025) == "é" * 1022 + "…"


LONGEST = {"hold_hours": 720, "deadline_minutes": 43_200, "retention_days": 1}


HOLD, SAMPLE = {"hold": Hold(above_rows=0)}, {"sample": Sample()}


@pytest.mark.parametrize("options", [{}, HOLD, SAMPLE, {**HOLD, **SAMPLE}])
def test_how_many_jobs_an_upload_has_is_known_until_the_last_of_them_ends(
    options: dict[str, Any],
) -> None:
    # Otherwise nobody would tell of the upload: its jobs may wait for a month, and run for another.
    route = route_to(**{**LONGEST, **options})
    upload = World().process(csv_of(1)).upload
    (job,) = new_jobs(upload, route, Submission(route), NOW).values()

    kept = submission_item(upload, Submission(route), NOW)["expires_at"]

    assert kept >= job.expires_at
    assert (
        submission_item(upload, Submission.rejected("bad_route", "No."), NOW)["expires_at"] == kept
    )


def test_a_long_route_is_read_back_as_it_was_decided() -> None:
    columns: dict[str, str | None] = {"Größe": "x" * 5_000}
    to = Kakiyo.destination_model.model_validate({"provider": "kakiyo", "campaign_id": "c"})
    tables = (NamedTable("retry.csv", ("an-id",), is_correction=False),)
    route = Route(destinations=(to,), columns=columns)
    decided = Submission(route, (("an-id",),), tables=tables)
    upload = World().process(csv_of(1)).upload

    item = submission_item(upload, decided, NOW)

    assert submission_of(upload, item, parse_route) == decided


@pytest.mark.parametrize("tables", [1, 100])
def test_the_jobs_of_an_archive_fit_into_attributes_and_their_expression(tables: int) -> None:
    """An expression has at most 4 KB, and 100 tables may go to 200 destinations each: there is no
    room for more in a route, which has 8 KB.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
    """
    job = World().drop(csv_of(2))
    job_ids = [f"spring-activecampaign-{sha256(bytes([n, m])).hexdigest()[:16]}"
               for n in range(tables) for m in range(200)]  # fmt: skip

    item = expected_item(job.upload, len(job_ids), job_ids)

    assert max(len(str(value)) for value in item.values()) <= MOST_BYTES
    assert len(update_of(item)["UpdateExpression"]) <= 4 << 10
