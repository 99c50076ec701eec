"""The report of a job is written in pieces: from any of them another Finish goes on."""

from __future__ import annotations

from typing import Any

import pytest

from listdrop.jobs import reason_counts, settling
from listdrop.jobs.reporting import PIECE_BYTES
from listdrop.models import Job, JobState, Outcome, RowResult, Turn, files
from listdrop.providers.base import Batch, SendAnswer
from tests.support.fallible import CrashError
from tests.support.world import World, csv_of, is_balanced

ROWS = 20
NAMES = (*files.ADDED, files.SUMMARY)


def answered(batch: Batch) -> SendAnswer:
    """Every fourth row is refused for good, every fifth in passing, each in words of its own."""
    results = {row.row: RowResult(Outcome.CONFIRMED) for row in batch.rows}
    results |= {n: RowResult(Outcome.REFUSED, f"no. {n} is wrong") for n in results if not n % 4}
    results |= {n: RowResult(Outcome.REFUSED, "try again later") for n in results if not n % 5}
    return SendAnswer(results=results)


def at_its_end(piece_bytes: int = PIECE_BYTES) -> tuple[World, Job, Turn]:
    """Return a job of which Finish has only the report to make."""
    world = World()
    world.piece_bytes = piece_bytes
    world.script.then_send = answered
    job = world.drop(csv_of(ROWS) + b"broken,X,Y\r\n")
    last = world.follow(world.executions.started[job.job_id])[-1]
    assert {batch.state.is_terminal for batch in world.batches(job)} == {True}
    return world, job, last


def told(world: World, job: Job) -> dict[str, str]:
    return {name: world.result_file(job, name) for name in NAMES}


@pytest.fixture(scope="module")
def expected() -> dict[str, str]:
    world, job, last = at_its_end()
    world.finish(last)
    return told(world, job)


def pieces(world: World) -> list[str]:
    return [name for _, name in world.files.content if name.startswith("report/")]


def test_a_small_job_is_reported_with_one_write_for_each_file() -> None:
    world, _, last = at_its_end()
    before = len(world.tripwire.writes)

    world.finish(last)

    saved = [each for each in world.tripwire.writes[before:] if each.startswith("save ")]
    assert saved == [f"save {name}" for name in NAMES]
    assert pieces(world) == []


@pytest.mark.parametrize("in_memory", [2, 10_000])
@pytest.mark.parametrize("least_piece", [1, 100, 400, 10_000])
@pytest.mark.parametrize("piece_bytes", [1, 300, 900])
def test_a_report_in_pieces_says_what_one_in_one_go_says(
    piece_bytes: int,
    least_piece: int,
    in_memory: int,
    expected: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reason_counts, "IN_MEMORY", in_memory)
    world, job, last = at_its_end(piece_bytes)
    world.files.least_piece = least_piece

    world.finish(last)

    assert pieces(world)
    assert told(world, job) == expected


@pytest.mark.parametrize("in_memory", [2, 10_000])
@pytest.mark.parametrize("least_piece", [1, 100, 400, 10_000])
def test_a_report_that_runs_out_of_time_after_every_line_says_the_same(
    least_piece: int, in_memory: int, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reason_counts, "IN_MEMORY", in_memory)
    world, job, last = at_its_end()
    world.files.least_piece = least_piece
    lines = len(list(world.files.plan_lines(job.job_id)))

    states = [world.finish(last, seconds=0) for _ in range(2 + lines)]

    # The first writes the item of the row that was not sent.
    assert states == [None] * (1 + lines) + [JobState.PARTIAL]
    assert told(world, job) == expected
    assert is_balanced(world.jobs.get(job.job_id))


def test_a_finish_reads_only_what_the_one_that_died_had_not_stored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settling, "MOST_TOLD", 0)
    world, job, last = at_its_end(piece_bytes=300)
    batches = len(world.batches(job))
    read, asked = world.files.read_outcomes, list[str]()

    def counted(job_id: str, name: str) -> bytes:
        asked.append(name)
        return read(job_id, name)

    monkeypatch.setattr(world.files, "read_outcomes", counted)
    with monkeypatch.context() as dying:
        dying.setattr(world.jobs, "decide", dies)
        with pytest.raises(CrashError):
            world.finish(last)
    assert len(asked) == batches
    asked.clear()

    world.finish(last)

    assert 0 < len(asked) < batches / 2


def dies(*_: Any) -> None:
    raise CrashError("here")


@pytest.mark.parametrize("at", range(1, 25))
def test_of_two_reports_at_once_both_are_right(
    at: int, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, job, last = at_its_end(piece_bytes=300)
    save, saves = world.files.save_piece, list[str]()

    def interrupted(*arguments: Any) -> None:
        saves.append("")
        if len(saves) == at:
            world.piece_bytes = 500
            world.finish(last)
        save(*arguments)

    monkeypatch.setattr(world.files, "save_piece", interrupted)

    world.finish(last)

    assert told(world, job) == expected
    assert world.events.counts["job_partial"] == 1


def test_an_older_report_that_is_stored_late_does_no_harm(expected: dict[str, str]) -> None:
    world, job, last = at_its_end()
    world.finish(last, seconds=0)
    world.finish(last, seconds=0)
    older = world.jobs.get(job.job_id).report
    world.finish(last, seconds=0)
    assert world.jobs.get(job.job_id).report != older
    world.jobs.update(job.job_id, report=older)

    world.finish(last)

    assert told(world, job) == expected


def test_an_upload_that_is_deleted_meanwhile_leaves_the_columns_where_they_are() -> None:
    world, job, last = at_its_end()
    for _ in range(3):
        assert world.finish(last, seconds=0) is None
    world.uploads.contents.clear()

    world.finish(last)

    header, *rows = world.result_file(job, files.RESULTS).splitlines()
    assert len(rows) == ROWS + 1
    assert rows[0].startswith("p1@example.com,")
    assert rows[-1].startswith(f",,,{ROWS + 1},")
    assert {row.count(",") for row in rows} == {header.count(",")}


def test_a_notice_that_was_lost_says_the_same_after_a_report_in_pieces() -> None:
    world, job, last = at_its_end(piece_bytes=300)

    with pytest.MonkeyPatch.context() as dying:
        dying.setattr(world.jobs, "mark_notified", dies)
        with pytest.raises(CrashError):
            world.finish(last)
    assert world.finish(last, seconds=0) is JobState.PARTIAL

    first, second = world.notices.published[:2]
    assert first == second
    assert world.jobs.get(job.job_id).notified_at is not None
