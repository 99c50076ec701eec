"""Sweep: what is delivered again, and what is not."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

import pytest

from listdrop.errors import UploadRejectedError
from listdrop.jobs.sweeping import DELIVERIES, LOOK_BACK
from listdrop.models import JobState
from tests.support.clock import NOW
from tests.support.fallible import CrashError
from tests.support.world import World, csv_of


def test_an_upload_whose_event_was_lost_is_delivered_again_until_it_has_its_jobs() -> None:
    world = World()
    upload = world.uploads.put("inbox/spring/people.csv", csv_of(3))

    assert world.sweep() == [upload]
    world.clock.advance(29 * 60)
    assert world.sweep() == []  # Submit may still be at work, or have died with the upload in hand
    world.clock.advance(60)
    assert world.sweep() == [upload]
    assert world.events.counts["uploads_delivered_again"] == 2
    assert len(world.submit(upload)) == 1
    assert world.sweep() == []


@pytest.mark.parametrize("is_done", [True, False])
def test_a_decision_that_cannot_be_read_does_not_keep_others_from_being_delivered(
    monkeypatch: pytest.MonkeyPatch, *, is_done: bool
) -> None:
    """A newer version has stored it, and this one took its place again."""
    world = World()
    odd = world.uploads.put("inbox/spring/a.csv", csv_of(3))
    if is_done:
        world.submit(odd)
    lost = world.uploads.put("inbox/spring/b.csv", csv_of(3))
    error = UploadRejectedError("bad_route", "Route 'spring': unknown key 'newer'.")
    monkeypatch.setattr(world.jobs, "submission", mock.Mock(side_effect=error))

    assert world.sweep() == ([lost] if is_done else [odd, lost])


@pytest.mark.parametrize("key", ["inbox/nowhere/people.csv", "inbox/spring/empty.csv"])
def test_an_upload_that_was_rejected_is_not_delivered_again(key: str) -> None:
    world = World()
    upload = world.uploads.put(key, b"")
    (job_id,) = world.submit(upload)

    assert world.jobs.get(job_id).verdict is JobState.REJECTED
    assert world.sweep() == []


def test_an_upload_that_is_taken_care_of_is_not_read_again() -> None:
    world = World()
    upload = world.uploads.put("inbox/spring/people.csv", csv_of(3))
    world.submit(upload)
    reads = world.uploads.reads

    assert world.submit(upload) == []
    assert world.uploads.reads == reads


def test_an_upload_that_another_submit_is_planning_stays_to_be_swept() -> None:
    world = World()
    upload = world.uploads.put("inbox/spring/people.csv", csv_of(3))
    world.tripwire.arm(4, "before")  # dies after it began its job
    with pytest.raises(CrashError):
        world.submit(upload)

    assert world.submit(upload) == []  # the same message again, at once
    assert world.sweep() == [upload]

    world.clock.advance(16 * 60)
    assert len(world.submit(upload)) == 1
    assert world.sweep() == []


def test_an_upload_older_than_what_is_looked_back_at_is_left_alone() -> None:
    world = World()
    world.uploads.put("inbox/spring/old.csv", csv_of(1), NOW - LOOK_BACK - timedelta(seconds=1))
    young = world.uploads.put("inbox/spring/young.csv", csv_of(1), NOW - LOOK_BACK)

    assert world.sweep() == [young]


def test_every_version_of_an_object_is_an_upload() -> None:
    world = World()
    first = world.uploads.put("inbox/spring/people.csv", csv_of(1))
    world.submit(world.uploads.put("inbox/spring/people.csv", csv_of(2)))

    assert world.sweep() == [first]


def test_an_upload_that_submit_cannot_finish_is_given_up_after_two_deliveries() -> None:
    world = World()
    upload = world.uploads.put("inbox/spring/people.csv", csv_of(3))

    delivered = []
    for _ in range(90):
        delivered.append(world.sweep())
        world.clock.advance(30 * 60)

    assert delivered == [[upload], [upload], *[[]] * 88]
    assert world.events.counts["uploads_delivered_again"] == DELIVERIES
    assert world.events.counts["uploads_given_up"] == 88  # so that the alarm stays
    world.submit(upload)
    world.events.counts.clear()
    assert world.sweep() == []
    assert not world.events.counts


def test_each_upload_has_its_own_deliveries() -> None:
    world = World()
    first = world.uploads.put("inbox/spring/a.csv", csv_of(3))
    assert (world.sweep(), world.sweep()) == ([first], [])

    second = world.uploads.put("inbox/spring/b.csv", csv_of(3))

    assert world.sweep() == [second]


def test_a_sweep_looks_at_some_uploads_and_the_next_one_goes_on_there() -> None:
    world = World()
    world.uploads.listed_at_once = 10
    uploads = [
        world.uploads.put(f"inbox/spring/{number:03d}.csv", csv_of(1)) for number in range(35)
    ]

    rounds = [world.sweep(0) for _ in range(4)]
    world.clock.advance(30 * 60)
    rounds.append(world.sweep(0))

    assert rounds[:4] == [uploads[:10], uploads[10:20], uploads[20:30], uploads[30:]]
    assert rounds[4] == uploads[:10]  # from the start again


def test_a_sweep_with_time_reaches_the_end() -> None:
    world = World()
    world.uploads.listed_at_once = 10
    uploads = [
        world.uploads.put(f"inbox/spring/{number:03d}.csv", csv_of(1)) for number in range(35)
    ]

    assert world.sweep() == uploads
    assert world.sweeps.place() is None


def test_an_empty_inbox_is_swept() -> None:
    assert World().sweep() == []
