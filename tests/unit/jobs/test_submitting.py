"""Submit: one upload becomes one planned job for each destination."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import pytest

from listdrop.aws.items import job_item
from listdrop.errors import UploadRejectedError
from listdrop.jobs.submitting import PLANNING
from listdrop.models import BatchItem, Job, JobState, Outcome, Route, files, job_id_for
from listdrop.notices.advice import steps
from listdrop.plans import plan
from listdrop.plans.blocks import decode_rows, sent_rows
from listdrop.providers.base import Limits
from listdrop.tables import lines as lines_of_text
from tests.support.clock import NOW
from tests.support.containers import workbook, zipped
from tests.support.fallible import CrashError
from tests.support.providers import ToyDestination, ToyProvider
from tests.support.world import World, csv_of, is_balanced, outcomes_of, route_to


class Pairing(ToyProvider):
    """Takes 250 rows at once, and does not like a single one."""

    limits = Limits(rows=250, bytes=1_000_000, lone_rows=False)


FULL = Path("/dev/full")


class Wide(ToyProvider):
    """Takes as many bytes as a block of an upload has."""

    limits = Limits(rows=5_000, bytes=150_000)


class Narrow(ToyProvider):
    """Takes few bytes at once."""

    limits = Limits(rows=100, bytes=200)


def sizes(world: World, job: Job) -> list[int]:
    return [batch.rows for batch in world.batches(job)]


def rows_of(world: World, batch: BatchItem) -> list[int]:
    return [row.row for row in sent_rows(world.files, batch)]


# ---------------------------------------------------------------- jobs


def test_an_upload_becomes_a_planned_and_started_job() -> None:
    world = World()

    job = world.drop(csv_of(7))

    assert job.state is JobState.PENDING
    assert job.counts["rows"] == 7
    assert job.batches == {"planned": 3, "sent": 0, "terminal": 0}
    assert job.execution_arn.endswith(f":{job.job_id}")
    assert world.executions.started[job.job_id].next == "send"
    assert len(job.upload.sha256) == 64


def test_each_destination_has_a_job_of_its_own_and_the_upload_is_read_once() -> None:
    two = ToyDestination(provider="toy", list_id=1), ToyDestination(provider="toy", list_id=2)
    world = World(route=route_to(*two))
    upload = world.uploads.put("inbox/spring/a.csv", csv_of(4))

    job_ids = world.submit(upload)

    assert len(set(job_ids)) == 2
    lists = {str(world.jobs.get(job_id).destination["list_id"]) for job_id in job_ids}
    assert lists == {"1", "2"}
    assert world.uploads.reads == 2  # and its first piece once more, which may name jobs


def test_the_same_destination_twice_is_one_job() -> None:
    same = ToyDestination(provider="toy")
    world = World(route=route_to(same, same))

    assert len(world.submit(world.uploads.put("inbox/spring/a.csv", csv_of(2)))) == 1


def test_a_repeated_event_starts_nothing_again() -> None:
    world = World()
    upload = world.uploads.put("inbox/spring/a.csv", csv_of(4))
    (job_id,) = world.submit(upload)
    before = world.jobs.get(job_id)
    world.clock.advance(86_400)

    assert world.submit(upload) == []

    assert world.jobs.get(job_id) == before
    assert world.executions.calls == 1


def test_another_version_of_the_object_is_another_job() -> None:
    world = World()
    first = world.drop(csv_of(4))

    second = world.drop(csv_of(5))

    assert first.upload.key == second.upload.key
    assert first.job_id != second.job_id


def test_events_out_of_order_plan_each_version_s_own_bytes() -> None:
    world = World()
    older = world.uploads.put("inbox/spring/a.csv", csv_of(2))
    newer = world.uploads.put("inbox/spring/a.csv", csv_of(5))

    (later,) = world.submit(newer)
    (earlier,) = world.submit(older)

    assert world.jobs.get(earlier).counts["rows"] == 2
    assert world.jobs.get(later).counts["rows"] == 5


def test_a_job_that_another_is_planning_is_left_to_it() -> None:
    world = World()
    upload = world.uploads.put("inbox/spring/a.csv", csv_of(4))
    world.tripwire.arm(4, "before")  # dies after it began its job
    with pytest.raises(CrashError):
        world.submit(upload)

    assert world.submit(upload) == []
    assert world.executions.calls == 0


def test_a_job_whose_planning_died_is_planned_after_the_lease() -> None:
    world = World()
    upload = world.uploads.put("inbox/spring/a.csv", csv_of(4))
    world.tripwire.arm(4, "before")  # dies after it began its job
    with pytest.raises(CrashError):
        world.submit(upload)
    world.clock.advance(PLANNING.total_seconds() + 1)

    (job_id,) = world.submit(upload)

    assert world.jobs.get(job_id).counts["rows"] == 4


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", range(1, 8))
def test_a_submit_that_dies_at_any_write_leaves_one_whole_job(at: int, when: str) -> None:
    world = World()
    upload = world.uploads.put("inbox/spring/a.csv", csv_of(7))
    world.tripwire.arm(at, "before" if when == "before" else "after")
    with pytest.raises(CrashError):
        world.submit(upload)

    world.clock.advance(PLANNING.total_seconds() + 1)
    world.submit(upload)

    (job_id,) = world.executions.started
    job = world.run(world.jobs.get(job_id))
    assert (job.state, job.counts["confirmed"]) == (JobState.SUCCEEDED, 7)
    assert world.jobs.get(job_id).execution_arn
    assert set(world.script.sent_rows.values()) == {1}


def test_a_job_keeps_the_deadline_and_the_retention_of_its_route() -> None:
    world = World(route=route_to(deadline_minutes=90, retention_days=3, row_items="bad"))

    job = world.drop(csv_of(1))

    assert job.deadline_at == NOW + timedelta(minutes=90)
    assert job.expires_at == int((NOW + timedelta(days=3)).timestamp())
    assert job.row_items == "bad"


def test_a_job_is_kept_until_after_its_deadline_however_short_its_retention() -> None:
    world = World(route=route_to(deadline_minutes=7 * 24 * 60, retention_days=1))

    job = world.drop(csv_of(1))

    assert job.expires_at == int((NOW + timedelta(days=8)).timestamp())


# ---------------------------------------------------------------- uploads that cannot be used


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty_file"),
        (b"Email,First name\r\n", "empty_file"),
        (b"\r\n\r\n", "empty_file"),
        (b"ada@example.com,Ada\r\n", "no_header"),
        (b"Shoe size,Colour\r\n1,2\r\n", "no_usable_column"),
        (b"Email\r\n\x00\x01\x02\r\n", "not_text"),
        (b'Email,Name\r\na@example.com,"open\r\nb@example.com,x\r\n', "unreadable_quoting"),
        (b"\x1f\x8bnot gzip at all", "bad_archive"),
    ],
)
def test_a_file_that_cannot_be_used_ends_its_job_rejected_with_the_reason(
    content: bytes, reason: str
) -> None:
    world = World()

    job = world.process(content)

    assert (job.state, job.reason) == (JobState.REJECTED, reason)
    assert job.reason_text.endswith(".")
    assert len(world.notices.published) == 1
    assert world.script.asked == []


def test_a_bad_file_rejects_the_job_of_every_destination() -> None:
    two = ToyDestination(provider="toy", list_id=1), ToyDestination(provider="toy", list_id=2)
    world = World(route=route_to(*two))

    job_ids = world.submit(world.uploads.put("inbox/spring/a.csv", b""))

    jobs = [world.run(world.jobs.get(job_id)) for job_id in job_ids]
    assert [job.state for job in jobs] == [JobState.REJECTED] * 2


def test_a_file_without_what_one_destination_needs_rejects_that_job_alone_and_names_it() -> None:
    class ByProfile(ToyProvider):
        @property
        def needs(self) -> tuple[str, ...]:
            return ("linkedin_url",) if self.destination.list_id == 2 else ("email",)

    two = ToyDestination(provider="toy", list_id=1), ToyDestination(provider="toy", list_id=2)
    world = World(route=route_to(*two))
    world.providers.kind = ByProfile

    job_ids = world.submit(world.uploads.put("inbox/spring/a.csv", b"Email\na@example.com\n"))

    first, second = (world.run(world.jobs.get(job_id)) for job_id in job_ids)
    assert first.state is JobState.SUCCEEDED
    assert (second.state, second.reason) == (JobState.REJECTED, "no_usable_column")
    assert "`linkedin_url`" in second.reason_text


@pytest.mark.parametrize("header", [b"Shoe size,Colour", b'"Shoe size,Colour"'])
def test_a_file_without_any_known_column_is_told_which_one_its_destination_needs(
    header: bytes,
) -> None:
    job = World().process(header + b"\r\n1,2\r\n")

    assert (job.state, job.reason) == (JobState.REJECTED, "no_usable_column")
    assert job.reason_text.endswith("For every row, toy needs `email`.")


def test_a_column_that_the_route_names_is_one_that_a_destination_needs() -> None:
    world = World(route=route_to(columns={"Contact": "email"}))

    assert world.process(b"Contact,Name\na@example.com,A\n").state is JobState.SUCCEEDED


def test_a_deleted_upload_ends_rejected() -> None:
    world = World()
    upload = world.uploads.put("inbox/spring/a.csv", csv_of(1))
    world.uploads.delete(upload)

    (job_id,) = world.submit(upload)

    assert world.run(world.jobs.get(job_id)).state is JobState.REJECTED


@pytest.mark.parametrize("key", ["inbox/nowhere/a.csv", "inbox/a.csv", "inbox/b\nad/a.csv"])
def test_an_upload_without_a_route_is_one_rejected_job_of_no_provider(key: str) -> None:
    world = World()
    upload = world.uploads.put(key, csv_of(3))

    (job_id,) = world.submit(upload)
    job = world.run(world.jobs.get(job_id))

    assert "-none-" in job_id
    assert (job.state, job.reason, job.provider) == (JobState.REJECTED, "unknown_route", "none")
    assert world.submit(upload) == []


def test_a_bad_route_is_told_in_its_own_words() -> None:
    world = World()
    world.routes.routes["spring"] = UploadRejectedError("bad_route", "Unknown key 'tagz'.")

    job = world.process(csv_of(3))

    assert (job.state, job.reason) == (JobState.REJECTED, "bad_route")
    assert job.reason_text == "Unknown key 'tagz'."


# ---------------------------------------------------------------- rows that are sent again


BOTH = (ToyDestination(provider="toy", list_id=1), ToyDestination(provider="toy", list_id=2))


def original(world: World, list_id: int) -> Job:
    """A job of a route of several destinations that is over."""
    for job_id in world.submit(world.uploads.put("inbox/spring/a.csv", csv_of(4))):
        job = world.run(world.jobs.get(job_id))
        if job.destination["list_id"] == list_id:
            found = job
    return found


@pytest.mark.parametrize("list_id", [1, 2])
def test_rows_that_are_sent_again_go_to_the_destination_of_their_job_only(list_id: int) -> None:
    world = World(route=route_to(*BOTH))
    first = original(world, list_id)
    upload = world.uploads.put("inbox/spring/retry.csv", csv_of(2), retry_of=first.job_id)

    (job_id,) = world.submit(upload)

    job = world.run(world.jobs.get(job_id))
    assert (job.retry_of, job.destination) == (first.job_id, first.destination)
    assert (job.state, job.counts["rows"]) == (JobState.SUCCEEDED, 2)
    assert job_id == job_id_for(upload, "spring", BOTH[list_id - 1])
    assert world.submit(upload) == []


def test_rows_of_rows_that_were_sent_again_can_be_sent_again() -> None:
    world = World(route=route_to(*BOTH))
    first = original(world, 1)
    again = world.uploads.put("inbox/spring/r.csv", csv_of(2), retry_of=first.job_id)
    (second,) = world.submit(again)

    (third,) = world.submit(
        world.uploads.put("inbox/spring/r.csv", csv_of(1, first=2), retry_of=second)
    )

    assert world.jobs.get(third).retry_of == second
    assert world.jobs.get(third).destination["list_id"] == 1


def test_an_ordinary_upload_is_nobody_s_retry() -> None:
    assert World().drop(csv_of(1)).retry_of == ""


@pytest.mark.parametrize(
    "said", ["spring-toy-0123456789abcdef", "no id: ada@example.com", "x" * 99]
)
def test_rows_of_a_job_that_is_not_there_are_not_sent_anywhere(said: str) -> None:
    world = World(route=route_to(*BOTH))
    upload = world.uploads.put("inbox/spring/retry.csv", csv_of(2), retry_of=said)

    (job_id,) = world.submit(upload)
    job = world.run(world.jobs.get(job_id))

    assert (job.state, job.reason, job.provider) == (JobState.REJECTED, "bad_route", "none")
    assert job.reason_text.startswith("The upload sends rows of a job that does not exist")
    assert world.script.asked == []


def test_rows_of_another_route_s_job_are_not_sent_anywhere() -> None:
    world = World(route=route_to(*BOTH))
    world.routes.routes["autumn"] = route_to(*BOTH)
    first = original(world, 1)
    sent = len(world.script.asked)
    upload = world.uploads.put("inbox/autumn/retry.csv", csv_of(2), retry_of=first.job_id)

    (job_id,) = world.submit(upload)
    job = world.run(world.jobs.get(job_id))

    assert (job.state, job.reason) == (JobState.REJECTED, "bad_route")
    assert job.reason_text.endswith("which is of the route spring: drop it there.")
    assert steps(job) == []
    assert len(world.script.asked) == sent


def test_rows_of_a_destination_that_left_the_route_are_not_sent_anywhere() -> None:
    world = World(route=route_to(*BOTH))
    first = original(world, 1)
    sent = len(world.script.asked)
    world.routes.routes["spring"] = route_to(BOTH[1])
    upload = world.uploads.put("inbox/spring/retry.csv", csv_of(2), retry_of=first.job_id)

    (job_id,) = world.submit(upload)
    job = world.run(world.jobs.get(job_id))

    assert (job.state, job.reason) == (JobState.REJECTED, "bad_route")
    assert job.reason_text.endswith("is no longer on the route.")
    assert len(world.script.asked) == sent


@pytest.mark.parametrize("is_named", [True, False], ids=["by rows", "by metadata"])
def test_rows_go_to_their_destination_as_it_was_corrected_since(*, is_named: bool) -> None:
    world = World(route=route_to(*BOTH))
    first = original(world, 1)
    corrected = ToyDestination(provider="toy", list_id=3)
    world.routes.routes["spring"] = route_to(BOTH[1], corrected)
    content = f"Email,listdrop_job\na@example.com,{first.job_id if is_named else ''}\n"
    said = "" if is_named else first.job_id
    upload = world.uploads.put("inbox/spring/retry.csv", content.encode(), retry_of=said)

    (job_id,) = world.submit(upload)

    job = world.run(world.jobs.get(job_id))
    assert (job.state, job.retry_of) == (JobState.SUCCEEDED, first.job_id)
    assert job_id == job_id_for(upload, "spring", corrected)


def test_where_a_destination_has_changed_and_could_be_either_nothing_is_sent() -> None:
    world = World(route=route_to(*BOTH))
    first = original(world, 1)
    either = (ToyDestination(provider="toy", list_id=each) for each in (3, 4))
    world.routes.routes["spring"] = route_to(BOTH[1], *either)
    upload = world.uploads.put("inbox/spring/retry.csv", csv_of(2), retry_of=first.job_id)

    (job_id,) = world.submit(upload)

    job = world.jobs.get(job_id)
    assert (job.verdict, job.reason) == (JobState.REJECTED, "bad_route")
    assert "has 2 of toy that it could be" in job.reason_text


def test_rows_that_were_sent_again_go_to_no_other_destination_of_their_first_upload() -> None:
    world = World(route=route_to(*BOTH))
    first = original(world, 1)
    again = world.uploads.put("inbox/spring/r.csv", csv_of(2), retry_of=first.job_id)
    (second,) = world.submit(again)
    world.routes.routes["spring"] = route_to(BOTH[1])

    (third,) = world.submit(world.uploads.put("inbox/spring/r.csv", csv_of(1), retry_of=second))

    assert world.jobs.get(third).reason_text.endswith("is no longer on the route.")


# ---------------------------------------------------------------- rows that name their jobs


BOTH_LISTS = ToyDestination(provider="toy", list_id=1), ToyDestination(provider="toy", list_id=2)


def two_jobs() -> tuple[World, list[Job]]:
    """An upload of four people that went to two destinations."""
    world = World(route=route_to(*BOTH_LISTS))
    ids = world.submit(world.uploads.put("inbox/spring/a.csv", csv_of(4)))
    return world, [world.run(world.jobs.get(job_id)) for job_id in ids]


def drop_again(world: World, content: str, corrects: str = "") -> list[Job]:
    """Drop a file, and run its jobs."""
    before = len(world.script.asked)
    upload = world.uploads.put("inbox/spring/fixed.csv", content.encode(), corrects=corrects)
    jobs = [world.run(world.jobs.get(job_id)) for job_id in world.submit(upload)]
    del world.script.asked[:before]
    return jobs


def test_corrected_rows_go_to_the_destination_of_their_job_only() -> None:
    world, (first, _) = two_jobs()
    row = f"a@example.com,A,{first.job_id},1,2,invalid_email,No."
    columns = ",".join(files.ADDED[files.REJECTS])

    (job,) = drop_again(world, f"Email,Name,{columns}\n{row}\n")

    assert (job.destination, job.corrects, job.retry_of) == (first.destination, first.job_id, "")
    assert job.state is JobState.SUCCEEDED
    assert [asked.kind for asked in world.script.asked].count("send") == 1


def test_retry_csv_goes_to_the_destination_of_its_job_however_it_is_dropped() -> None:
    world, (_, second) = two_jobs()

    (job,) = drop_again(world, f"Email,listdrop_job\na@example.com,{second.job_id}\n")

    assert (job.destination, job.retry_of) == (second.destination, second.job_id)


def test_rows_of_several_jobs_go_each_to_its_own() -> None:
    world, (first, second) = two_jobs()
    rows = [("a", first), ("b", second), ("c", first)]
    lines = [f"{name}@example.com,{job.job_id}" for name, job in rows]

    jobs = drop_again(world, "\n".join(["Email,listdrop_job", *lines]))

    sent = {
        job.destination["list_id"]: {
            row for row, result in world.outcomes(job).items() if result.reason != "other_job"
        }
        for job in jobs
    }
    assert sent == {1: {1, 3}, 2: {2}}
    assert all(is_balanced(job) for job in jobs)
    assert [job.retry_of for job in jobs] == [first.job_id, second.job_id]


def test_rows_of_several_jobs_go_by_the_last_column_that_names_one() -> None:
    world, (first, second) = two_jobs()
    rows = [("a", second, first), ("b", first, second)]
    lines = [f"{name}@example.com,{old.job_id},{job.job_id}" for name, old, job in rows]

    jobs = drop_again(world, "\n".join(["Email,listdrop_job,listdrop_job", *lines]))

    assert [world.outcomes(job)[2].reason for job in jobs] == ["other_job", ""]


def test_each_table_of_an_archive_corrects_or_sends_again_what_its_own_rows_name() -> None:
    world, (first, second) = two_jobs()
    rejects = f"Email,listdrop_job,listdrop_reason\na@example.com,{first.job_id},invalid_email\n"
    content = {
        "plain.csv": b"Email\nc@example.com\n",
        "rejects.csv": rejects.encode(),
        "retry.csv": f"Email,listdrop_job\nb@example.com,{second.job_id}\n".encode(),
    }
    upload = world.uploads.put("inbox/spring/both.zip", zipped(content))

    jobs = [world.jobs.get(job_id) for job_id in world.submit(upload)]

    found = {
        (job.upload.table, job.destination["list_id"]): (job.corrects, job.retry_of) for job in jobs
    }
    assert found == {
        ("plain.csv", 1): ("", ""),
        ("plain.csv", 2): ("", ""),
        ("rejects.csv", 1): (first.job_id, ""),
        ("rejects.csv", 2): ("", ""),
        ("retry.csv", 1): ("", ""),
        ("retry.csv", 2): ("", second.job_id),
    }


def test_a_new_row_goes_with_the_others_where_they_are_of_one_job() -> None:
    world, (first, _) = two_jobs()
    rows = f"a@example.com,{first.job_id}\nb@example.com,\n"

    (job,) = drop_again(world, f"Email,listdrop_job\n{rows}")

    assert job.counts["confirmed"] == 2


def test_a_row_of_unknown_origin_among_those_of_several_jobs_sends_nothing() -> None:
    world, (first, second) = two_jobs()
    rows = f"a@example.com,{first.job_id}\nb@example.com,{second.job_id}\nc@example.com,\n"

    (job,) = drop_again(world, f"Email,listdrop_job\n{rows}")

    assert (job.state, job.reason) == (JobState.REJECTED, "bad_route")
    assert job.reason_text.startswith("Row 3 names no job")
    assert steps(job) == []
    assert world.script.asked == []


@pytest.mark.parametrize("job_id", ["spring-toy-0123456789abcdef", "../../etc", "=1+1"])
def test_rows_of_a_job_that_is_gone_send_nothing_and_say_so(job_id: str) -> None:
    world, _ = two_jobs()

    (job,) = drop_again(world, f"Email,listdrop_job\na@example.com,{job_id}\n")

    assert (job.state, job.provider) == (JobState.REJECTED, "none")
    assert "does not exist" in job.reason_text
    assert steps(job) == []  # its sentence says what to do, and the route is not at fault
    assert world.script.asked == []


def test_a_file_without_the_column_may_name_its_job_in_its_metadata() -> None:
    world, (first, _) = two_jobs()

    (job,) = drop_again(world, "Email\na@example.com\n", corrects=first.job_id)

    assert (job.corrects, job.destination) == (first.job_id, first.destination)


def test_rows_that_name_another_job_than_their_upload_are_sent_nowhere() -> None:
    world, (first, second) = two_jobs()
    content = f"Email,listdrop_job\na@example.com,{first.job_id}\n"

    (own,) = drop_again(world, content, corrects=first.job_id)
    (job,) = drop_again(world, content, corrects=second.job_id)

    assert (own.state, own.corrects) == (JobState.SUCCEEDED, first.job_id)
    assert (job.state, job.reason) == (JobState.REJECTED, "bad_route")
    assert "name another job" in job.reason_text
    assert world.script.asked == []


# ---------------------------------------------------------------- rows and batches


def test_every_row_is_in_the_plan_in_order_sent_or_settled() -> None:
    world = World()
    content = (
        b"Email,First name,Shoe size\r\n"
        b"ada@example.com,Ada,38\r\n"
        b",Nobody,\r\n"
        b"not an address,X,\r\n"
        b"ADA@Example.com,Ada again,\r\n"
        b"bo,Bo\r\n"
        b"cy@example.com,Cy,40,too,long\r\n"
        b"\r\n"
        b"di@example.com,Di,41,,\r\n"
    )

    job = world.drop(content)
    plan = [row for line in world.files.plan_lines(job.job_id) for row in decode_rows(line)]

    assert [row.row for row in plan] == [1, 2, 3, 4, 5, 6, 7]
    assert [row.line for row in plan] == [2, 3, 4, 5, 6, 7, 9]
    assert [row.result and (row.result.outcome, row.result.reason) for row in plan] == [
        None,
        (Outcome.INVALID, "missing_email"),
        (Outcome.INVALID, "invalid_email"),
        (Outcome.DUPLICATE, "duplicate_of_row_1"),
        (Outcome.INVALID, "row_too_short"),
        (Outcome.INVALID, "row_too_long"),
        None,
    ]
    assert plan[0].payload == {"email": "ada@example.com", "name": "Ada", "Shoe size": "38"}
    assert (job.counts["invalid"], job.counts["duplicate"], job.counts["rows"]) == (4, 1, 7)
    assert sizes(world, job) == [2]


def test_a_valid_row_is_no_duplicate_of_one_that_is_not_sent() -> None:
    world = World()

    job = world.process(b"Email,First name\r\nada@example.com,Ada,x\r\nada@example.com,Ada\r\n")

    assert outcomes_of(world.outcomes(job)) == ["invalid", "confirmed"]


def test_batches_cover_exactly_the_rows_for_sending_each_once() -> None:
    world = World()
    lines = [f"p{n}@example.com" if n % 3 else "broken" for n in range(1, 41)]

    job = world.drop("\n".join(["Email", *lines]).encode())
    rows = [rows_of(world, batch) for batch in world.batches(job)]

    assert list(itertools.chain.from_iterable(rows)) == [n for n in range(1, 41) if n % 3]
    assert [len(batch) for batch in rows] == sizes(world, job)
    assert [batch[0] for batch in rows] == [batch.first_row for batch in world.batches(job)]
    assert max(map(len, rows)) == 3


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (1, [1]),
        (2, [2]),
        (250, [250]),
        (251, [126, 125]),
        (252, [250, 2]),
        (500, [250, 250]),
        (501, [250, 126, 125]),
    ],
)
def test_no_lone_last_row_is_left_where_the_provider_dislikes_it(
    rows: int, expected: list[int]
) -> None:
    world = World(Pairing)

    job = world.drop(csv_of(rows))

    assert sizes(world, job) == expected
    sent = [row for batch in world.batches(job) for row in rows_of(world, batch)]
    assert sent == list(range(1, rows + 1))


def test_a_lone_last_row_is_fine_where_the_provider_does_not_mind() -> None:
    world = World()

    assert sizes(world, world.drop(csv_of(4))) == [3, 1]


def test_no_batch_is_over_the_provider_s_bytes() -> None:
    world = World(Narrow)
    content = "Email,First name\n" + "".join(
        f"p{n}@example.com,{'é' * (n % 40)}\n" for n in range(1, 60)
    )

    job = world.process(content.encode())

    assert job.state is JobState.SUCCEEDED
    requests = world.script.of("send")
    assert len(requests) > 10
    for asked in requests:
        assert asked.batch is not None
        assert sum(len(repr(row.payload).encode()) for row in asked.batch.rows) <= 260
    assert world.script.sent_rows == Counter(range(1, 60))


def test_a_batch_of_several_blocks_is_not_over_the_provider_s_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lines_of_text, "_BLOCK_BYTES", 16 << 10)
    world = World(Wide)
    lines = [f"p{n}@example.com,{'x' * 100}" for n in range(1, 2_001)]
    job = world.drop("\n".join(["Email,First name", *lines, ""]).encode())
    batches = world.batches(job)

    assert sum(batch.rows for batch in batches) == 2_000
    for batch in batches:
        payloads = [row.payload for row in sent_rows(world.files, batch)]
        assert len(json.dumps(payloads, separators=(",", ":"))) <= Wide.limits.bytes


@pytest.mark.parametrize(("rows", "reason"), [(6, ""), (7, "too_big")])
def test_there_are_no_more_batches_than_their_keys_can_number(
    rows: int, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "_MOST_BATCHES", 2)

    job = World().process(csv_of(rows))

    assert job.reason == reason
    assert ("batch_rows" in job.reason_text) is bool(reason)


def test_a_row_over_the_limit_alone_is_invalid_and_the_others_go() -> None:
    world = World(Narrow)
    big = "x" * 300

    job = world.process(f"Email,First name\na@example.com,{big}\nb@example.com,B\n".encode())

    assert outcomes_of(world.outcomes(job)) == ["invalid", "confirmed"]
    assert world.outcomes(job)[1].reason == "row_too_big"


def test_a_file_without_a_row_for_sending_goes_straight_to_its_end() -> None:
    world = World()

    job = world.process(b"Email\nbroken\nalso broken\n")

    assert (job.state, job.counts["invalid"]) == (JobState.FAILED, 2)
    assert world.script.asked == []


def test_a_recognised_export_is_named_on_the_job() -> None:
    world = World()
    header = "First Name,Last Name,URL,Email Address,Company,Position,Connected On"

    job = world.drop(
        f"{header}\nAda,L,https://www.linkedin.com/in/ada,a@example.com,X,Y,Z\n".encode()
    )

    assert job.source == "linkedin-connections"


# ---------------------------------------------------------------- the same content again


def test_the_same_content_is_skipped_and_every_row_is_a_duplicate() -> None:
    world = World()
    first = world.process(csv_of(5))

    second = world.process(csv_of(5), "b.csv")

    assert (second.state, second.duplicate_of) == (JobState.SKIPPED, first.job_id)
    assert (second.counts["duplicate"], second.counts["rows"]) == (5, 5)
    assert set(outcomes_of(world.outcomes(second))) == {"duplicate"}
    assert world.outcomes(second)[3].reason == "duplicate_of_row_3"
    assert first.job_id in world.outcomes(second)[3].reason_text
    assert set(world.script.sent_rows.values()) == {1}


def test_a_skipped_file_with_bad_rows_still_balances() -> None:
    world = World()
    content = b"Email\nada@example.com\nbroken\nada@example.com\n"
    world.process(content)

    second = world.process(content, "b.csv")

    assert is_balanced(second)
    assert (second.state, second.counts["duplicate"]) == (JobState.SKIPPED, 3)


def test_the_same_content_is_sent_again_where_the_route_says_so() -> None:
    world = World(route=route_to(duplicate_content="send"))
    world.process(csv_of(3))

    second = world.process(csv_of(3), "b.csv")

    assert (second.state, second.counts["confirmed"]) == (JobState.SUCCEEDED, 3)


def test_the_same_content_goes_to_another_destination() -> None:
    world = World()
    world.process(csv_of(3))
    world.routes.routes["spring"] = route_to(ToyDestination(provider="toy", list_id=2))

    second = world.process(csv_of(3), "b.csv")

    assert second.state is JobState.SUCCEEDED


def test_a_content_of_which_nothing_got_in_may_be_sent_again() -> None:
    world = World()
    stop = UploadRejectedError("unknown_account", "There is no account.")
    stored = dict(world.accounts.stored)
    world.accounts.stored.clear()
    first = world.process(csv_of(3))
    world.accounts.stored |= stored

    second = world.process(csv_of(3), "b.csv")
    third = world.process(csv_of(3), "c.csv")

    assert (first.state, first.reason) == (JobState.REJECTED, stop.reason)
    assert second.state is JobState.SUCCEEDED
    assert (third.state, third.duplicate_of) == (JobState.SKIPPED, second.job_id)


def test_a_content_that_is_being_imported_is_skipped() -> None:
    world = World()
    first = world.drop(csv_of(3))

    second = world.process(csv_of(3), "b.csv")

    assert (second.state, second.duplicate_of) == (JobState.SKIPPED, first.job_id)


def test_a_content_whose_job_has_expired_from_the_table_is_sent_again_once() -> None:
    # Its claim expires at the same moment, but DynamoDB may delete that days later.
    world = World()
    first = world.process(csv_of(3))
    del world.jobs.jobs[first.job_id]

    second = world.process(csv_of(3), "b.csv")
    third = world.process(csv_of(3), "c.csv")

    assert second.state is JobState.SUCCEEDED
    assert (third.state, third.duplicate_of) == (JobState.SKIPPED, second.job_id)


def test_a_content_whose_claim_has_expired_from_the_table_is_claimed_again() -> None:
    world = World()
    world.process(csv_of(3))
    world.jobs.claims.clear()

    second = world.process(csv_of(3), "b.csv")
    third = world.process(csv_of(3), "c.csv")

    assert second.state is JobState.SUCCEEDED
    assert (third.state, third.duplicate_of) == (JobState.SKIPPED, second.job_id)


# ---------------------------------------------------------------- archives of tables

TWO = {"people/a.csv": csv_of(4), "b.csv": csv_of(3, first=2)}


def two_destinations(**options: Any) -> Route:
    return route_to(
        ToyDestination(provider="toy", list_id=1),
        ToyDestination(provider="toy", list_id=2),
        **options,
    )


def drop_zip(world: World, members: dict[str, bytes], name: str = "both.zip") -> list[Job]:
    """Drop an archive, see all its jobs through, and return them."""
    job_ids = world.submit(world.uploads.put(f"inbox/spring/{name}", zipped(members)))
    return [world.run(world.jobs.get(job_id)) for job_id in job_ids]


def test_each_table_of_an_archive_has_a_job_for_each_destination() -> None:
    world = World(route=two_destinations())

    jobs = drop_zip(world, TWO)

    assert len({job.job_id for job in jobs}) == 4
    told = [(job.upload.table, job.destination["list_id"], job.counts["confirmed"]) for job in jobs]
    assert told == [
        ("people/a.csv", 1, 4), ("people/a.csv", 2, 4), ("b.csv", 1, 3), ("b.csv", 2, 3),
    ]  # fmt: skip
    assert {job.upload.sha256 for job in jobs} == {hashlib.sha256(zipped(TWO)).hexdigest()}
    assert len(world.notices.published) == 4
    assert world.executions.calls == 4


def test_each_job_of_an_upload_says_who_dropped_it() -> None:
    world = World()
    upload = world.uploads.put("inbox/spring/tables.zip", zipped(TWO))

    jobs = world.submit(upload.model_copy(update={"dropped_by": "AWS:AIDAEXAMPLE"}))

    assert len(jobs) == 2
    assert {world.jobs.get(job_id).dropped_by for job_id in jobs} == {"AWS:AIDAEXAMPLE"}


def test_an_archive_that_is_delivered_again_starts_nothing() -> None:
    world = World(route=two_destinations())
    upload = world.uploads.put("inbox/spring/both.zip", zipped(TWO))
    first = world.submit(upload)
    before = {job_id: world.jobs.get(job_id) for job_id in first}
    world.clock.advance(86_400)

    assert world.submit(upload) == []
    assert {job_id: world.jobs.get(job_id) for job_id in first} == before
    assert world.executions.calls == 4


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", range(1, 14))
def test_a_submit_that_dies_at_any_write_of_an_archive_leaves_whole_jobs(
    at: int, when: Literal["before", "after"]
) -> None:
    world = World()
    upload = world.uploads.put("inbox/spring/both.zip", zipped(TWO))
    world.tripwire.arm(at, when)
    with pytest.raises(CrashError):
        world.submit(upload)

    world.clock.advance(PLANNING.total_seconds() + 1)
    world.submit(upload)

    jobs = [world.run(world.jobs.get(job_id)) for job_id in world.executions.started]
    assert sorted(job.counts["confirmed"] for job in jobs) == [3, 4]
    assert [asked.rows for asked in world.script.of("send")].count([1, 2, 3]) == 2


@pytest.mark.parametrize("seconds", [-5, 0])
def test_a_submit_that_runs_out_of_time_leaves_whole_tables_to_the_next(seconds: float) -> None:
    world = World(route=two_destinations())
    upload = world.uploads.put("inbox/spring/both.zip", zipped(TWO))

    first = world.submit(upload, seconds)

    assert {world.jobs.get(job_id).upload.table for job_id in first} == {"people/a.csv"}
    assert world.deliveries.uploads == world.sweep() == [upload]
    second = world.submit(upload, seconds)
    assert {world.jobs.get(job_id).upload.table for job_id in second} == {"b.csv"}
    assert len(first) == len(second) == 2
    assert world.deliveries.uploads == [upload]
    assert world.submit(upload, seconds) == []
    assert world.sweep() == []


def test_many_destinations_are_planned_a_few_at_a_time() -> None:
    destinations = [ToyDestination(provider="toy", list_id=number) for number in range(12)]
    world = World(route=route_to(*destinations))
    upload = world.uploads.put("inbox/spring/a.csv", csv_of(4))

    parts = [world.submit(upload, 0) for _ in range(4)]

    assert [len(part) for part in parts] == [5, 5, 2, 0]
    assert world.uploads.reads == 4  # and its first piece once more, which may name jobs
    assert world.sweep() == []
    jobs = [world.run(world.jobs.get(job_id)) for part in parts for job_id in part]
    assert [job.destination["list_id"] for job in jobs] == list(range(12))
    assert {job.counts["confirmed"] for job in jobs} == {4}


def test_a_route_that_is_changed_meanwhile_changes_nothing_for_uploads_under_way() -> None:
    def to(*lists: int) -> Route:
        return route_to(*(ToyDestination(provider="toy", list_id=number) for number in lists))

    world = World(route=to(*range(7)))
    upload = world.uploads.put("inbox/spring/a.csv", csv_of(4))
    first = world.submit(upload, 0)
    world.routes.routes["spring"] = to(0, 99, *range(1, 5))

    second = world.submit(upload, 0)

    jobs = [world.jobs.get(job_id) for job_id in (*first, *second)]
    assert [job.destination["list_id"] for job in jobs] == list(range(7))
    assert world.sweep() == []


@pytest.mark.parametrize("late", [route_to(), None], ids=["another", "none"])
def test_a_job_that_was_begun_is_ended_whatever_becomes_of_its_route(late: Route | None) -> None:
    world = World(route=route_to(ToyDestination(provider="toy", list_id=1)))
    upload = world.uploads.put("inbox/spring/a.csv", csv_of(4))
    world.tripwire.arm(4, "before")
    with pytest.raises(CrashError):
        world.submit(upload)
    del world.routes.routes["spring"]
    if late is not None:
        world.routes.routes["spring"] = late
    world.clock.advance(PLANNING.total_seconds() + 1)

    (job_id,) = world.submit(upload)

    assert list(world.jobs.jobs) == [job_id]
    assert world.run(world.jobs.get(job_id)).counts["confirmed"] == 4


def test_all_is_planned_at_once_while_there_is_time() -> None:
    destinations = [ToyDestination(provider="toy", list_id=number) for number in range(12)]
    world = World(route=route_to(*destinations))
    upload = world.uploads.put("inbox/spring/a.csv", csv_of(4))

    assert len(world.submit(upload, 1)) == 12
    assert world.sweep() == []


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_a_plan_that_does_not_fit_on_the_disk_rejects_its_jobs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(route=two_destinations())
    disk = SimpleNamespace(TemporaryFile=lambda buffering: FULL.open("w+b", buffering))
    monkeypatch.setattr(plan, "tempfile", disk)
    upload = world.uploads.put("inbox/spring/a.csv", csv_of(40))

    jobs = [world.run(world.jobs.get(job_id)) for job_id in world.submit(upload)]

    assert [(job.state, job.reason) for job in jobs] == [(JobState.REJECTED, "too_big")] * 2
    assert "in parts" in jobs[0].reason_text
    assert world.sweep() == []


def test_a_broken_table_is_rejected_alone() -> None:
    world = World(route=two_destinations())

    jobs = drop_zip(world, {"a.csv": b"Email\n\x00\x01\n", "b.csv": csv_of(3), "c.csv": b""})

    assert [(job.upload.table, job.state, job.reason) for job in jobs] == [
        ("a.csv", JobState.REJECTED, "not_text"),
        ("a.csv", JobState.REJECTED, "not_text"),
        ("b.csv", JobState.SUCCEEDED, ""),
        ("b.csv", JobState.SUCCEEDED, ""),
        ("c.csv", JobState.REJECTED, "empty_file"),
        ("c.csv", JobState.REJECTED, "empty_file"),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (zipped(TWO)[:-30], "bad_archive"),
        (zipped({}), "empty_file"),
        (zipped(dict.fromkeys(map(str, range(101)), b"x")), "too_big"),
    ],
)
def test_an_archive_that_cannot_be_opened_is_one_rejected_job_a_destination(
    content: bytes, reason: str
) -> None:
    world = World(route=two_destinations())
    upload = world.uploads.put("inbox/spring/both.zip", content)

    job_ids = world.submit(upload)
    jobs = [world.run(world.jobs.get(job_id)) for job_id in job_ids]

    assert len(set(job_ids)) == 2
    assert [(job.state, job.reason) for job in jobs] == [(JobState.REJECTED, reason)] * 2
    assert [job.upload.table for job in jobs] == ["", ""]
    assert world.submit(upload) == []
    assert world.script.asked == []


def test_a_deleted_archive_ends_rejected() -> None:
    world = World()
    upload = world.uploads.put("inbox/spring/both.zip", zipped(TWO))
    world.uploads.delete(upload)

    (job_id,) = world.submit(upload)

    assert world.run(world.jobs.get(job_id)).state is JobState.REJECTED


def test_the_files_of_each_job_have_the_rows_of_its_own_table() -> None:
    world = World()

    first, second = drop_zip(
        world, {"a.csv": csv_of(2), "b.csv": b"Name;E-Mail\nBo;bo@b.example\n"}
    )

    assert world.result_file(first, "results.csv").splitlines()[1:] == [
        "p1@example.com,Given1,Family1,1,confirmed,,,,",
        "p2@example.com,Given2,Family2,2,confirmed,,,,",
    ]
    (row,) = world.result_file(second, "results.csv").splitlines()[1:]
    assert row == "Bo;bo@b.example;1;confirmed;;;;"


def test_a_table_of_an_archive_may_itself_be_packed() -> None:
    world = World()

    jobs = drop_zip(
        world,
        {
            "a.csv.gz": gzip.compress(csv_of(2), mtime=0),
            "b.xlsx": workbook(["Email"], ["a@a.example"]),
        },
    )

    assert [job.counts["confirmed"] for job in jobs] == [2, 1]
    assert [world.result_file(job, "results.csv").count("confirmed") for job in jobs] == [2, 1]


def test_a_table_that_came_before_is_skipped_whatever_it_is_packed_with() -> None:
    world = World()
    (alone,) = [world.process(csv_of(4), "alone.csv")]

    first = drop_zip(world, {"a.csv": csv_of(4), "b.csv": csv_of(3, first=50)}, "first.zip")
    second = drop_zip(world, {"c.csv": csv_of(3, first=50), "d.csv": csv_of(1)}, "second.zip")

    assert [job.state for job in first] == [JobState.SKIPPED, JobState.SUCCEEDED]
    assert first[0].duplicate_of == alone.job_id
    assert [job.state for job in second] == [JobState.SKIPPED, JobState.SUCCEEDED]
    assert second[0].duplicate_of == first[1].job_id


def test_the_same_table_twice_in_an_archive_goes_once() -> None:
    world = World()

    first, second = drop_zip(world, {"a.csv": csv_of(4), "copy of a.csv": csv_of(4)})

    assert (first.state, second.state) == (JobState.SUCCEEDED, JobState.SKIPPED)
    assert second.duplicate_of == first.job_id


def test_a_table_of_people_who_opted_out_is_known_by_its_own_name() -> None:
    world = World()

    jobs = drop_zip(world, {"unsubscribed.csv": csv_of(2), "subscribed.csv": csv_of(2, first=3)})

    assert [job.counts["suppressed"] for job in jobs] == [2, 0]


def test_a_job_of_an_archive_tells_its_table_in_its_notice() -> None:
    world = World()

    job, _ = drop_zip(world, TWO)

    assert json.loads(world.notices.published[0].message)["upload"]["table"] == job.upload.table
    assert "people/a.csv" in world.notices.published[0].text


def test_the_item_of_a_job_has_its_table() -> None:
    world = World()

    job, _ = drop_zip(world, TWO)
    alone = world.process(csv_of(1), "alone.csv")

    assert job_item(job)["upload"]["table"] == "people/a.csv"
    assert not job_item(alone)["upload"].get("table")
