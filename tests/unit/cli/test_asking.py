"""`jobs`, `job`, `rows`, `person`, `cancel`: what became of uploads, asked of a world in memory."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest

from listdrop.models import BatchState, Job, JobState, Outcome, Page, RowResult
from listdrop.providers.base import Batch, SendAnswer
from listdrop_cli.questions import (
    Balance,
    balance_of,
    everything,
    first,
    given_up,
    jobs_of,
    words_of,
)
from tests.support.fakes import MemoryRecords, World, csv_of
from tests.unit.cli.faked_target import FakedTarget, on_a_terminal, run


def some_refused(batch: Batch) -> SendAnswer:
    """Take every row but the second of the upload."""
    return SendAnswer(
        results={
            row.row: RowResult(Outcome.REFUSED, "No such list.", "The provider said no.")
            if row.row == 2
            else RowResult(Outcome.CONFIRMED, provider_ref=f"ref-{row.row}")
            for row in batch.rows
        }
    )


@pytest.fixture
def world() -> World:
    """A world whose provider refuses the second row."""
    world = World()
    world.script.then_send = some_refused
    return world


@pytest.fixture
def job(world: World) -> Job:
    """A job of seven rows that has ended."""
    return world.process(csv_of(7))


def lines(output: str) -> list[list[str]]:
    return [line.split("\t") for line in output.splitlines()]


# ---------------------------------------------------------------- jobs


def test_jobs_are_listed_newest_first_with_their_balance(world: World, job: Job) -> None:
    world.clock.advance(60)
    later = world.drop(csv_of(2), "later.csv")

    shown = run(FakedTarget(world), "jobs", "--day", "2026-03-02")

    assert shown.exit_code == 0
    began, began_later = (f"{each.created_at:%Y-%m-%d %H:%M}" for each in (job, later))
    assert lines(shown.output) == [
        [later.job_id, "pending", "0", "2", "0", "0", "0", began_later, "inbox/spring/later.csv"],
        [job.job_id, "partial", "100", "7", "6", "0", "1", began, "inbox/spring/a.csv"],
    ]


def test_without_a_day_or_a_route_the_jobs_are_todays(world: World, job: Job) -> None:
    assert run(FakedTarget(world), "jobs").output == ""
    today = world.jobs.jobs[job.job_id].model_copy(update={"created_at": datetime.now(UTC)})
    world.jobs.jobs[job.job_id] = today

    assert lines(run(FakedTarget(world), "jobs").output)[0][0] == job.job_id


def test_jobs_of_a_route_may_be_of_any_day(world: World, job: Job) -> None:
    assert lines(run(FakedTarget(world), "jobs", "--route", "spring").output)[0][0] == job.job_id
    assert run(FakedTarget(world), "jobs", "--route", "autumn").output == ""


@pytest.mark.parametrize(
    ("states", "count"),
    [
        (["--state", "partial"], 1),
        (["--state", "failed"], 0),
        (["--state", "Failed,partial"], 1),
        (["--state", "failed", "--state", "partial"], 1),
    ],
)
@pytest.mark.usefixtures("job")
def test_jobs_are_filtered_by_state(world: World, states: list[str], count: int) -> None:
    shown = run(FakedTarget(world), "jobs", "--route", "spring", *states)
    assert len(lines(shown.output)) == count


def test_a_day_that_is_none_is_said_so_in_plain_words(world: World) -> None:
    shown = run(FakedTarget(world), "jobs", "--day", "yesterday")

    assert shown.exit_code == 2
    assert "'yesterday' is not a day" in shown.stderr
    assert "Value error" not in shown.stderr


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_a_terminal_shows_whole_numbers_however_narrow_it_is(
    world: World, job: Job, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = job.counts | {"rows": 1_234_567, "refused": 65_432}
    world.jobs.jobs[job.job_id] = job.model_copy(update={"counts": counts})
    drawn = on_a_terminal(monkeypatch, width)

    run(FakedTarget(world), "jobs", "--route", "spring")
    shown = drawn.getvalue()
    run(FakedTarget(world), "person", "p2@example.com")
    of_person = drawn.getvalue().removeprefix(shown)

    header, first = shown.splitlines()[:2]
    assert header.split()[:4] == ["job", "state", "%", "rows"]
    assert {"partial", "100", "1234567", "65432"} <= set(first.split())
    ids = ["".join(re.findall(r"^\S+", each, re.MULTILINE)) for each in (shown, of_person)]
    assert ids == [f"job{job.job_id}"] * 2
    assert max(map(len, (shown + of_person).splitlines())) <= width


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("jobs", "No jobs."),
        ("rows", "No rows."),
        ("person", "Nothing is known of nobody@example.com."),
    ],
)
def test_on_a_terminal_nothing_is_said_in_words(
    world: World, job: Job, command: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = on_a_terminal(monkeypatch)
    asked = {"rows": [job.job_id, "--text", "nobody"], "person": ["nobody@example.com"]}

    run(FakedTarget(world), command, *asked.get(command, []))

    assert drawn.getvalue() == f"{said}\n"


def test_a_state_that_does_not_exist_is_wrong_use(world: World) -> None:
    shown = run(FakedTarget(world), "jobs", "--state", "done")

    assert shown.exit_code == 2
    assert shown.stderr.startswith("'done' is none of pending, running,")


def test_json_says_whether_there_are_more(world: World) -> None:
    for number in range(3):
        world.drop(csv_of(1 + number), f"{number}.csv")
        world.clock.advance(1)

    def asked(*options: str) -> dict[str, Any]:
        shown = run(FakedTarget(world), "jobs", "--route", "spring", "--json", *options)
        return dict(json.loads(shown.output))

    assert (len(asked("--limit", "2")["jobs"]), asked("--limit", "2")["more"]) == (2, True)
    assert (len(asked("--limit", "3")["jobs"]), asked("--limit", "3")["more"]) == (3, False)
    assert (len(asked("--limit", "1", "--all")["jobs"]), asked("--all")["more"]) == (3, False)


def test_a_day_of_a_route_ends_where_the_day_begins(world: World) -> None:
    for days in range(4):
        world.drop(csv_of(1 + days), f"{days}.csv")
        world.clock.advance(86_400)
    records = MemoryRecords(world.jobs)
    day = date(2026, 3, 3)

    found = list(jobs_of(records, day, "spring", (), day))

    assert [job.created_at.date() for job in found] == [day]


# ---------------------------------------------------------------- job


def test_a_job_is_told_in_names_and_values(world: World, job: Job) -> None:
    shown = run(FakedTarget(world), "job", job.job_id)

    facts = dict(lines(shown.output))
    assert shown.exit_code == 0
    assert facts["state"] == "partial (100 %)"
    assert (facts["rows"], facts["confirmed"], facts["refused"]) == ("7", "6", "1")
    assert "unknown" not in facts
    assert facts["retry"].endswith(f"/jobs/{job.job_id}/retry.csv")


def test_progress_is_that_of_the_counts_and_not_of_the_last_turn(world: World) -> None:
    job = world.drop(csv_of(4), "b.csv")
    counts = job.counts | {"confirmed": 2, "invalid": 1}
    changes = {"state": JobState.RUNNING, "progress": 25, "counts": counts}
    world.jobs.jobs[job.job_id] = job.model_copy(update=changes)

    facts = dict(lines(run(FakedTarget(world), "job", job.job_id).output))
    (listed,) = lines(run(FakedTarget(world), "jobs", "--route", "spring").output)
    stored = json.loads(run(FakedTarget(world), "job", job.job_id, "--json").output)

    assert facts["state"] == "running (75 %)"
    assert listed[1:3] == ["running", "75"]
    assert stored["progress"] == 25
    assert "percent" not in stored


def test_a_job_that_is_stopped_and_still_runs_says_why(world: World) -> None:
    job = world.drop(csv_of(2), "b.csv")
    run(FakedTarget(world), "cancel", job.job_id)

    facts = dict(lines(run(FakedTarget(world), "job", job.job_id).output))

    assert facts["why"].startswith("cancelled: The job was cancelled")


def test_a_rejected_job_says_why(world: World) -> None:
    job = world.process(b"")

    facts = dict(lines(run(FakedTarget(world), "job", job.job_id).output))

    assert facts["why"] == "empty_file: The file is empty."


def test_json_has_the_whole_job_but_nothing_of_the_session(world: World, job: Job) -> None:
    told = json.loads(run(FakedTarget(world), "job", job.job_id, "--json", "--batches").output)

    assert (told["job_id"], told["state"], told["counts"]["rows"]) == (job.job_id, "partial", 7)
    assert [batch["number"] for batch in told["batch_items"]] == [1, 2, 3]
    assert told.keys().isdisjoint({"session", "version"})
    assert not any("handle" in batch for batch in told["batch_items"])


def test_a_batch_that_was_given_up_is_pointed_out(world: World, job: Job) -> None:
    batch = world.jobs.batch_items[job.job_id, 2]
    world.jobs.batch_items[job.job_id, 2] = batch.model_copy(update={"state": BatchState.LOST})

    shown = run(FakedTarget(world), "job", job.job_id)

    assert given_up(world.batches(job)) == [2]
    assert f"listdrop retry {job.job_id} --batch 2" in shown.stderr


@pytest.mark.parametrize("command", ["job", "rows", "results", "retry", "cancel"])
def test_a_job_that_does_not_exist_is_said_so(world: World, command: str) -> None:
    shown = run(FakedTarget(world), command, "spring-toy-nobody")

    assert (shown.exit_code, shown.stderr) == (2, "There is no job spring-toy-nobody.\n")


# ---------------------------------------------------------------- rows


def test_rows_are_shown_with_their_reasons(world: World, job: Job) -> None:
    shown = run(FakedTarget(world), "rows", job.job_id, "--outcome", "refused")

    assert lines(shown.output) == [
        ["2", "3", "refused", "No such list.", "The provider said no.", "p2@example.com", "", ""]
    ]


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        ([], [1, 2, 3, 4, 5, 6, 7]),
        (["--limit", "3"], [1, 2, 3]),
        (["--outcome", "refused,confirmed", "--limit", "2"], [1, 2]),
        (["--outcome", "refused", "--outcome", "invalid"], [2]),
        (["--text", "P4@EXAMPLE"], [4]),
        (["--text", "no such person"], []),
    ],
)
def test_rows_are_those_that_are_asked_for(
    world: World, job: Job, options: list[str], rows: list[int]
) -> None:
    told = json.loads(run(FakedTarget(world), "rows", job.job_id, "--json", *options).output)

    assert [row["row"] for row in told["rows"]] == rows


def test_all_rows_are_shown_however_many_there_are(world: World) -> None:
    job = world.process(csv_of(620), "many.csv")

    shown = run(FakedTarget(world), "rows", job.job_id, "--all")
    some = run(FakedTarget(world), "rows", job.job_id)

    assert [line[0] for line in lines(shown.output)] == [str(n) for n in range(1, 621)]
    assert len(lines(some.output)) == 50


def test_rows_that_the_route_does_not_keep_are_looked_for_elsewhere(world: World) -> None:
    job = world.process(csv_of(1))
    world.jobs.jobs[job.job_id] = job.model_copy(update={"row_items": "none"})
    world.jobs.rows.clear()

    shown = run(FakedTarget(world), "rows", job.job_id)

    assert (shown.exit_code, shown.output) == (0, shown.stderr)
    assert "results.csv has them all" in shown.stderr


# ---------------------------------------------------------------- person


@pytest.mark.parametrize("who", ["p2@example.com", " P2@Example.com", "EMAIL#p2@example.com"])
def test_a_person_is_found_however_the_address_is_written(world: World, job: Job, who: str) -> None:
    shown = run(FakedTarget(world), "person", who)

    assert shown.exit_code == 0
    assert lines(shown.output)[0][:4] == [job.job_id, "toy", "2", "refused"]


@pytest.mark.usefixtures("job")
def test_of_a_person_that_is_unknown_nothing_is_told(world: World) -> None:
    shown = run(FakedTarget(world), "person", "nobody@example.com")
    told = run(FakedTarget(world), "person", "linkedin.com/in/nobody", "--json")

    assert (shown.exit_code, shown.stderr) == (1, "Nothing is known of nobody@example.com.\n")
    assert told.exit_code == 1
    assert json.loads(told.output) == {"person": "LINKEDIN#nobody", "rows": [], "more": False}


def test_what_names_nobody_is_wrong_use(world: World) -> None:
    assert run(FakedTarget(world), "person", "Ada").exit_code == 2


# ---------------------------------------------------------------- cancel


def test_a_running_job_is_cancelled_and_an_ended_one_is_not(world: World, job: Job) -> None:
    running = world.drop(csv_of(2), "b.csv")

    first_time = run(FakedTarget(world), "cancel", running.job_id)
    too_late = run(FakedTarget(world), "cancel", job.job_id, "--json")

    assert first_time.exit_code == 0
    assert world.jobs.get(running.job_id).stop_reason == "cancelled"
    assert too_late.exit_code == 1
    assert json.loads(too_late.output)["cancelled"] is False


# ---------------------------------------------------------------- what the questions are made of


def test_pages_are_asked_for_as_they_are_wanted() -> None:
    asked: list[str] = []
    pages = {"": Page([1, 2], "a"), "a": Page([], "b"), "b": Page([3], "c"), "c": Page([4])}

    def ask(cursor: str) -> Page[int]:
        asked.append(cursor)
        return pages[cursor]

    assert first(everything(ask), 2) == ([1, 2], True)
    assert asked == ["", "a", "b"]
    assert first(everything(ask), None) == ([1, 2, 3, 4], False)
    assert first(everything(ask), 4) == ([1, 2, 3, 4], False)


def test_every_outcome_is_in_one_group_of_the_balance(job: Job) -> None:
    for number, outcome in enumerate(Outcome, 1):
        counts = job.counts | dict.fromkeys(Outcome, 0) | {"rows": number, outcome: number}
        balance = balance_of(job.model_copy(update={"counts": counts}))
        assert sorted(balance, reverse=True) == [number, 0, 0, 0]
        assert bool(balance.bad) == outcome.is_bad
    open_job = job.model_copy(update={"counts": job.counts | dict.fromkeys(Outcome, 0)})
    assert balance_of(open_job) == Balance(0, 0, 0, 7)


def test_words_are_of_their_list() -> None:
    assert words_of(JobState, ["partial, failed", "EXPIRED"]) == ["partial", "failed", "expired"]
    with pytest.raises(ValueError, match="'good' is none of confirmed"):
        words_of(Outcome, ["good"])
