"""Jobs that wait for a person."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta

import pytest

from listdrop.errors import NotHeldError
from listdrop.jobs.holding import (
    approve_job,
    cancel_held_job,
    refuse_forgotten,
    refuse_job,
    why_held,
)
from listdrop.models import Hold, Job, JobState, JobWarning, Outcome, Turn, no_counts
from listdrop.notices.approval import to_send
from listdrop.notices.links import Links
from tests.support.fallible import CrashError
from tests.support.world import World, csv_of, is_balanced, route_to

ABOVE_THREE = Hold(above_rows=3)


def held(world: World, rows: int = 4) -> Job:
    job = world.drop(csv_of(rows))
    assert job.state is JobState.HELD
    return job


def new_world(hold: Hold = ABOVE_THREE, **options: object) -> World:
    return World(route=route_to(hold=hold, **options))


@pytest.mark.parametrize(
    ("hold", "rows", "invalid", "warnings", "words"),
    [
        (Hold(above_rows=5_000), 5_000, 0, (), ""),
        (Hold(above_rows=5_000), 5_001, 0, (), "5,001 rows"),
        (Hold(bad_share_above=0.2), 10, 2, (), ""),
        (Hold(bad_share_above=0.2), 10, 3, (), "3 rows (30%)"),
        (Hold(bad_share_above=0.29), 100, 29, (), ""),
        (Hold(bad_share_above=0.29), 100, 30, (), "30 rows (30%)"),
        (Hold(unclear_consent=True), 10, 0, ("possible_mojibake",), ""),
        (Hold(unclear_consent=True), 10, 0, ("unclear_consent",), "consent"),
        (Hold(), 10**6, 10**5, ("unclear_consent",), ""),
        (None, 10**6, 10**5, ("unclear_consent",), ""),
    ],
)
def test_any_condition_that_is_met_holds_a_job(
    hold: Hold | None, rows: int, invalid: int, warnings: tuple[str, ...], words: str
) -> None:
    counts = no_counts() | {"rows": rows, Outcome.INVALID: invalid}
    known = tuple(JobWarning(code=code, text="...") for code in warnings)
    found = why_held(route_to(hold=hold), counts, known)
    assert words in found
    assert bool(found) == bool(words)


def test_who_is_asked_is_led_to_the_page_with_the_answers() -> None:
    world = new_world()
    world.links = Links(dashboard="https://prospects.example/")
    world.submit(world.uploads.put("inbox/spring/a.csv", csv_of(4)))

    (notice,), (of_upload,) = world.notices.published, world.notices.of_uploads
    (job,) = world.jobs.jobs.values()
    assert f"  https://prospects.example/jobs/{job.job_id}\n" in notice.text
    page = f"https://prospects.example/uploads/{job.job_id}"
    assert f"Page:   {page}" in of_upload.text
    assert "listdrop " not in notice.text + of_upload.text
    assert "4 rows would be sent in 2 batches." in of_upload.text
    assert "- Without an answer by 20" in of_upload.text


def test_a_held_job_starts_nothing_and_asks_once() -> None:
    world = new_world()
    upload = world.uploads.put("inbox/spring/a.csv", csv_of(4))
    world.submit(upload)
    world.submit(upload)

    assert world.executions.calls == 0
    (notice,), (of_upload,) = world.notices.published, world.notices.of_uploads
    message = json.loads(notice.message)
    assert (message["state"], notice.attributes["kind"]) == ("held", "job")
    (job,) = world.jobs.jobs.values()
    assert message["plan"] == job.plan_hash
    assert f"listdrop approve {job.job_id} --plan {job.plan_hash}" in of_upload.text
    assert json.loads(of_upload.message)["state"] == "held"
    assert to_send(job) == 4


def test_a_small_file_is_not_held() -> None:
    world = new_world()
    assert world.process(csv_of(3)).state is JobState.SUCCEEDED


def test_an_approved_job_runs_from_then_on() -> None:
    world = new_world()
    job = held(world)
    world.clock.advance(3600)
    approved = approve_job(job.job_id, job.plan_hash, world.hold_ports())

    assert approved.deadline_at == job.deadline_at + timedelta(hours=1)
    ended = world.run(world.jobs.get(job.job_id))
    assert ended.state is JobState.SUCCEEDED
    assert ended.reason_text == ""
    assert is_balanced(ended)


def test_a_refused_job_sends_nothing_and_its_rows_may_be_sent_again() -> None:
    world = new_world()
    job = held(world)
    refuse_job(job.job_id, job.plan_hash, world.hold_ports())

    ended = world.run(world.jobs.get(job.job_id))
    assert (ended.state, ended.reason) == (JobState.CANCELLED, "not_approved")
    assert {result.reason for result in world.outcomes(ended).values()} == {"not_approved"}
    assert ended.counts["refused"] == ended.to_send_again == 4
    assert world.script.asked == []


def test_silence_is_a_no() -> None:
    world = new_world(hold_hours=48)
    job = held(world)
    world.clock.advance(48 * 3600 - 60)
    world.sweep()
    assert world.jobs.get(job.job_id).state is JobState.HELD
    world.clock.advance(120)
    world.sweep()
    world.sweep()

    ended = world.run(world.jobs.get(job.job_id))
    assert (ended.state, ended.reason) == (JobState.CANCELLED, "not_approved")
    assert world.executions.calls == 1


@pytest.mark.parametrize("place", range(3))
def test_a_job_that_cannot_be_refused_keeps_no_other_waiting(
    monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    world = new_world()
    jobs = [world.drop(csv_of(rows), f"{rows}.csv") for rows in (4, 5, 6)]
    broken = jobs.pop(place)
    start = world.executions.start

    def broken_for_one(turn: Turn) -> str:
        if turn.job_id == broken.job_id:
            raise OSError("no such state machine")
        return start(turn)

    monkeypatch.setattr(world.executions, "start", broken_for_one)
    world.clock.advance(30 * 24 * 3600)
    for _ in range(2):
        with pytest.raises(OSError, match="no such state machine"):
            refuse_forgotten(world.hold_ports())

    for job in jobs:
        assert world.run(world.jobs.get(job.job_id)).reason == "not_approved"
    monkeypatch.undo()
    assert refuse_forgotten(world.hold_ports()) == 0  # it was refused before, and is only started
    assert world.run(world.jobs.get(broken.job_id)).reason == "not_approved"


def test_an_answer_that_comes_too_late_is_an_error() -> None:
    world = new_world(hold_hours=48)
    job = held(world)
    world.clock.advance(48 * 3600 + 1)
    for answer in (approve_job, refuse_job):
        with pytest.raises(NotHeldError, match=r"waited for an answer until 20.* UTC"):
            answer(job.job_id, job.plan_hash, world.hold_ports())
    world.sweep()
    assert world.run(world.jobs.get(job.job_id)).reason == "not_approved"


def test_a_cancel_ends_a_job_that_waits() -> None:
    world = new_world()
    job = held(world)
    cancel_held_job(job, world.hold_ports())
    ended = world.run(world.jobs.get(job.job_id))
    assert (ended.state, ended.reason) == (JobState.CANCELLED, "cancelled")


def test_only_the_first_answer_counts() -> None:
    world = new_world()
    job = held(world)
    ports = world.hold_ports()
    approve_job(job.job_id, job.plan_hash, ports)
    for answer in (approve_job, refuse_job):
        with pytest.raises(NotHeldError, match="does not wait for approval: it is pending"):
            answer(job.job_id, job.plan_hash, ports)
    with pytest.raises(NotHeldError, match="Somebody was faster"):
        cancel_held_job(job, ports)
    assert world.executions.calls == 1


def test_an_answer_to_another_plan_is_an_error() -> None:
    world = new_world()
    job = held(world)
    for answer in (approve_job, refuse_job):
        with pytest.raises(NotHeldError, match=job.plan_hash):
            answer(job.job_id, "0123456789abcdef", world.hold_ports())
    assert world.jobs.get(job.job_id).state is JobState.HELD
    assert world.executions.calls == 0


def test_a_held_job_outlives_the_time_that_it_may_wait() -> None:
    job = held(new_world(hold_hours=720, retention_days=1))
    assert job.expires_at > (job.created_at + timedelta(hours=720) + timedelta(hours=6)).timestamp()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", range(1, 5))
def test_an_approval_that_dies_is_made_good(at: int, when: str) -> None:
    world = new_world()
    job = held(world)
    world.tripwire.arm(at, "before" if when == "before" else "after")
    with pytest.raises(CrashError):
        approve_job(job.job_id, job.plan_hash, world.hold_ports())
    with suppress(NotHeldError):
        approve_job(job.job_id, job.plan_hash, world.hold_ports())
    assert world.run(world.jobs.get(job.job_id)).state is JobState.SUCCEEDED
    assert world.executions.calls <= 2


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", range(1, 12))
def test_a_submit_that_dies_leaves_a_job_that_waits(at: int, when: str) -> None:
    world = new_world()
    upload = world.uploads.put("inbox/spring/a.csv", csv_of(4))
    world.tripwire.arm(at, "before" if when == "before" else "after")
    try:
        world.submit(upload)
    except CrashError:
        world.clock.advance(1_000)
        world.submit(upload)

    (job,) = world.jobs.jobs.values()
    assert job.state is JobState.HELD
    assert job.hold_told_at is not None
    assert world.executions.calls == 0
    assert world.notices.published
    assert world.notices.of_uploads


@pytest.mark.parametrize("hold_hours", [0.1, 48, 720])
@pytest.mark.parametrize("at", range(1, 5))
def test_an_approval_that_died_is_made_good_in_time_without_another(
    at: int, hold_hours: float
) -> None:
    world = new_world(hold_hours=hold_hours)
    job = held(world)
    world.tripwire.arm(at, "after")
    with pytest.raises(CrashError):
        approve_job(job.job_id, job.plan_hash, world.hold_ports())
    is_answered = world.jobs.get(job.job_id).answered_at is not None
    world.clock.advance(15 * 60)

    world.sweep()

    after = world.jobs.get(job.job_id)
    if not is_answered and hold_hours > 1:
        assert after.state is JobState.HELD
        assert world.executions.calls == 0
    else:
        ended = JobState.SUCCEEDED if is_answered else JobState.CANCELLED
        assert world.run(after).state is ended
    assert world.executions.calls <= 2


def test_a_refusal_that_died_is_made_good_in_time_without_another() -> None:
    world = new_world()
    job = held(world)
    world.tripwire.arm(2, "after")
    with pytest.raises(CrashError):
        refuse_job(job.job_id, job.plan_hash, world.hold_ports())
    world.clock.advance(15 * 60)

    world.sweep()

    assert world.run(world.jobs.get(job.job_id)).state is JobState.CANCELLED
