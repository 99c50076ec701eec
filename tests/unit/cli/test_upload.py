"""`uploads` and `upload`: what was dropped, and how it went everywhere."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from listdrop.models import Job, JobState, JobWarning
from tests.support.containers import zipped
from tests.support.providers import ToyDestination
from tests.support.world import World, csv_of, route_to
from tests.unit.cli.conftest import some_refused
from tests.unit.cli.faked_target import FakedTarget, lines, on_a_terminal, run

ALWAYS = ("--since", "2026-01-01")
KEY = "inbox/spring/a.csv"


@pytest.fixture
def world() -> World:
    """A world whose route goes to two destinations, of which one has no account."""
    world = World(
        route=route_to(
            ToyDestination(provider="toy"), ToyDestination(provider="toy", account="nobody")
        )
    )
    world.script.then_send = some_refused
    return world


def drop(world: World, content: bytes, name: str = "a.csv") -> list[Job]:
    """Drop an upload and see all its jobs through; returns them as `upload` lists them."""
    upload = world.uploads.put(f"inbox/spring/{name}", content)
    jobs = [world.run(world.jobs.get(job_id)) for job_id in world.submit(upload)]
    return sorted(jobs, key=lambda job: (job.upload.table, job.provider, job.job_id))


def change(world: World, job: Job, **changes: Any) -> None:
    world.jobs.jobs[job.job_id] = world.jobs.jobs[job.job_id].model_copy(update=changes)


# ---------------------------------------------------------------- uploads


def test_an_upload_is_one_line_however_many_destinations_it_has(world: World) -> None:
    first = drop(world, csv_of(3))
    world.clock.advance(60)
    second = drop(world, csv_of(4), "b.csv")

    shown = run(FakedTarget(world), "uploads", *ALWAYS)

    assert shown.exit_code == 0, shown.output
    found = lines(shown.output)
    assert [line[2] for line in found] == ["inbox/spring/b.csv", KEY]
    states = ["toy (nobody) rejected", "toy partial"]
    for line, jobs in zip(found, [second, first], strict=True):
        assert line[0] == jobs[0].job_id
        assert sorted(line[5].split(", ")) == states
    assert [line[6:] for line in found] == [["4", "5"], ["3", "4"]]


def test_what_needs_attention_is_first(world: World) -> None:
    bad = drop(world, csv_of(3))
    world.clock.advance(60)
    for job in drop(world, csv_of(1), "fine.csv"):
        change(world, job, state=JobState.SUCCEEDED)

    found = lines(run(FakedTarget(world), "uploads", *ALWAYS).output)

    assert [line[2] for line in found] == [KEY, "inbox/spring/fine.csv"]
    assert found[0][0] == bad[0].job_id


@pytest.mark.parametrize(
    ("options", "is_shown"),
    [
        (("--state", "rejected"), True),
        (("--state", "partial,failed"), True),
        (("--state", "succeeded"), False),
        (("--provider", "kakiyo"), True),
        (("--provider", "which50"), False),
        (("--file", "A.CSV"), True),
        (("--file", "b.csv"), False),
        (("--dropped-by", "ada"), True),
        (("--dropped-by", "bo"), False),
        (("--until", "2h"), False),
    ],
)
def test_uploads_of_which_a_job_is_wanted_are_listed_with_all_their_jobs(
    world: World, options: tuple[str, ...], is_shown: bool
) -> None:
    jobs = drop(world, csv_of(3))
    for job, provider in zip(jobs, ("kakiyo", "waalaxy"), strict=True):
        change(
            world,
            job,
            created_at=datetime.now(UTC) - timedelta(hours=1),
            provider=provider,
            dropped_by="AWS:Ada",
        )

    shown = run(FakedTarget(world), "uploads", "--json", *options)

    found = json.loads(shown.output)
    assert [len(each["jobs"]) for each in found["uploads"]] == ([2] if is_shown else [])


def test_an_archive_counts_its_jobs_by_state(world: World) -> None:
    drop(world, zipped({"a.csv": csv_of(2), "b.csv": csv_of(3)}), "all.zip")

    ((*_, states, rows, _),) = lines(run(FakedTarget(world), "uploads", *ALWAYS).output)

    assert sorted(states.split(", ")) == ["2 partial", "2 rejected"]
    assert rows == "5"


def test_people_see_no_ids_and_no_empty_columns(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(world, csv_of(3))
    drawn = on_a_terminal(monkeypatch, 200)

    run(FakedTarget(world), "uploads", *ALWAYS)

    headers, line = drawn.getvalue().splitlines()
    assert headers.split() == ["dropped", "(UTC)", "file", "route", "destinations", "rows", "bad"]
    assert " spring/a.csv " in line  # as `listdrop upload` takes it
    assert "spring-toy-" not in line


def test_a_list_without_uploads_says_how_to_look_further_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = on_a_terminal(monkeypatch, 200)

    run(FakedTarget(world), "uploads")

    assert "No uploads since" in drawn.getvalue()


# ---------------------------------------------------------------- upload


@pytest.mark.parametrize("name", [KEY, "spring/a.csv", f"s3://uploads/{KEY}", ""])
def test_an_upload_is_found_by_its_key_and_by_each_of_its_jobs(world: World, name: str) -> None:
    jobs = drop(world, csv_of(3))

    for job in jobs:
        shown = run(FakedTarget(world), "upload", name or job.job_id)

        assert shown.exit_code == 0, shown.output
        assert [line[1] for line in lines(shown.output)] == [each.job_id for each in jobs]


def test_a_key_stands_for_what_was_dropped_there_last(world: World) -> None:
    drop(world, csv_of(3))
    world.clock.advance(7_200)
    last = drop(world, csv_of(4))

    found = json.loads(run(FakedTarget(world), "upload", KEY, "--json").output)

    assert [job["job_id"] for job in found["jobs"]] == [job.job_id for job in last]
    assert found["rows"] == 4


def test_a_file_s_name_stands_for_its_upload_if_no_other_has_it(world: World) -> None:
    jobs = drop(world, csv_of(3), "lists/fair.csv")
    for job in jobs:
        change(world, job, created_at=datetime.now(UTC))

    shown = run(FakedTarget(world), "upload", "fair.csv")

    assert [line[1] for line in lines(shown.output)] == [each.job_id for each in jobs]
    for job in drop(world, csv_of(3), "fair.csv"):
        change(world, job, created_at=datetime.now(UTC))
    several = run(FakedTarget(world), "upload", "fair.csv")
    assert several.exit_code == 2
    assert "choose one of spring/fair.csv, spring/lists/fair.csv." in several.stderr


def test_earlier_versions_of_a_key_are_mentioned_with_what_shows_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = drop(world, csv_of(3))
    world.clock.advance(7_200)
    drop(world, csv_of(4))
    drop(world, csv_of(5), "b.csv")

    said = said_on_a_terminal(world, monkeypatch)

    (line,) = (line for line in said.splitlines() if line.startswith("dropped before"))
    assert any(line.rstrip().endswith(f"listdrop upload {job.job_id}") for job in first)


def test_each_destination_says_what_to_do_next(world: World) -> None:
    drop(world, b"Email\na@example.com\nbroken\nc@example.com\n")

    found = {line[2]: line for line in lines(run(FakedTarget(world), "upload", KEY).output)}

    partial, rejected = found["partial"], found["rejected"]
    assert partial[3:7] == ["3", "2", "0", "1"]
    assert partial[7] == (
        "Correct 1 row in rejects.csv, and drop the corrected file on the route: "
        f"listdrop results {partial[1]}"
    )
    assert f"listdrop retry {rejected[1]}" in rejected[7]
    assert "listdrop account put toy --account nobody" in rejected[7]


def test_people_see_the_destinations_in_a_table_and_what_to_do_below(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = drop(world, csv_of(3))
    drawn = on_a_terminal(monkeypatch, 200)

    run(FakedTarget(world), "upload", KEY, "--rows")

    text = drawn.getvalue()
    for job in jobs:
        assert job.job_id in text
    assert "listdrop account put toy --account nobody" in text
    assert "p2@example.com" in text


def test_each_row_that_is_bad_somewhere_is_told_with_its_outcome_there(world: World) -> None:
    jobs = drop(world, b"Email\na@example.com\nbroken\nc@example.com\n")

    shown = run(FakedTarget(world), "upload", KEY, "--rows", "--json")

    partial = next(job for job in jobs if job.state == "partial")
    rejected = next(job for job in jobs if job.state == "rejected")
    found = {row["row"]: row["outcomes"] for row in json.loads(shown.output)["bad"]}
    assert found[2][partial.job_id]["reason"] == "invalid_email"
    assert found[1].keys() == {rejected.job_id}
    assert found[1][rejected.job_id]["outcome"] == "refused"
    assert sorted(found) == [1, 2, 3]
    ((_, *cells),) = lines(run(FakedTarget(world), "upload", KEY, "--rows", "--limit", "1").output)
    assert cells == [
        "1",
        "a@example.com",
        *("refused: unknown_account" if job == rejected else "" for job in jobs),
    ]


def test_rows_of_an_archive_are_told_by_its_files(world: World) -> None:
    drop(world, zipped({"a.csv": csv_of(1), "b.csv": csv_of(2)}), "all.zip")

    shown = run(FakedTarget(world), "upload", "inbox/spring/all.zip", "--rows")

    assert [line[:3] for line in lines(shown.output)] == [
        ["a.csv", "1", "p1@example.com"],
        ["b.csv", "1", "p1@example.com"],
        ["b.csv", "2", "p2@example.com"],
    ]


def test_an_upload_that_nobody_dropped_is_said_so(world: World) -> None:
    for name, said in (
        ("inbox/spring/none.csv", "No job of inbox/spring/none.csv was found"),
        ("spring-toy-0123456789abcdef", "There is no job spring-toy-0123456789abcdef."),
        ("none.csv", "There is no job none.csv, and no file of this name was dropped in the last"),
    ):
        shown = run(FakedTarget(world), "upload", name)
        assert shown.exit_code == 2
        assert said in " ".join(shown.stderr.split())


def test_an_upload_that_is_held_says_how_to_have_it_sent() -> None:
    world = World()
    job = world.drop(csv_of(3))
    change(world, job, state=JobState.HELD)

    ((*_, to_do),) = lines(run(FakedTarget(world), "upload", KEY).output)

    assert f"listdrop approve {job.job_id}" in to_do


def said_on_a_terminal(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    drawn = on_a_terminal(monkeypatch, 200)
    assert run(FakedTarget(world), "upload", KEY).exit_code == 0
    return drawn.getvalue()


def test_people_are_told_why_a_job_was_rejected_once_for_all_destinations(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(world, b"")

    said = said_on_a_terminal(world, monkeypatch)

    assert said.count("  The file is empty.\n  Export the list again.\n") == 1
    assert "toy (nobody), toy:\n" in said or "toy, toy (nobody):\n" in said


def test_people_are_told_why_a_job_was_skipped_and_how_to_send_it_anyway(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    first = world.process(csv_of(3), "first.csv")
    world.process(csv_of(3))

    said = said_on_a_terminal(world, monkeypatch)

    assert f"  Job {first.job_id} had the same content for this destination.\n" in said
    assert 'drop it on a route with "duplicate_content": "send".\n' in said


def test_people_are_told_of_warnings_once_and_of_no_other_job_s(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = drop(world, csv_of(3))
    unclear = JobWarning(code="unclear_consent", text="The column Opt-in is not understood.")
    hidden = JobWarning(code="hidden_rows", text="3 rows that the sheet hides are sent.")
    said_anyway = JobWarning(code="unsubscribed_list", text="The file is a list.")
    change(world, first, warnings=(unclear,), reason_text="")
    change(world, second, warnings=(unclear, hidden, said_anyway), reason_text=said_anyway.text)

    said = said_on_a_terminal(world, monkeypatch)

    assert said.count(f"  warning: unclear_consent: {unclear.text}\n") == 1
    assert said.count(f"  warning: hidden_rows: {hidden.text}\n") == 1
    assert said.count(said_anyway.text) == 1


def test_a_file_beside_the_routes_is_found_by_its_key_and_by_what_is_said_of_its_name() -> None:
    world = World()
    drop(world, csv_of(3), "x.csv")
    beside = world.submit(world.uploads.put("inbox/x.csv", csv_of(3)))[0]
    for job in list(world.jobs.jobs.values()):
        change(world, job, created_at=datetime.now(UTC))

    found = run(FakedTarget(world), "upload", "inbox/x.csv")
    both = run(FakedTarget(world), "upload", "x.csv")

    assert lines(found.output)[0][1] == beside
    assert "choose one of inbox/x.csv, spring/x.csv." in " ".join(both.stderr.split())


def test_what_goes_nowhere_is_named_by_its_file_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    drop(world, zipped({"a.csv": csv_of(2), "notes.pdf": b"%PDF-1.7"}), "a.zip")
    drawn = on_a_terminal(monkeypatch, 200)

    run(FakedTarget(world), "upload", "spring/a.zip")

    said = drawn.getvalue()
    assert "a.csv to toy" in said
    assert "notes.pdf" in said
    assert "notes.pdf to" not in said


def test_people_are_told_why_a_job_waits_and_are_not_asked_to_ask_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    job = world.drop(csv_of(3))
    why = "The file has 3 rows; this route asks for approval above 1."
    change(world, job, state=JobState.HELD, reason_text=why)

    said = said_on_a_terminal(world, monkeypatch)

    assert why in said
    assert "It waits for approval" in said
    assert "again later" not in said


def test_an_upload_that_runs_has_nothing_to_do_yet() -> None:
    world = World()
    world.drop(csv_of(3))

    ((*_, to_do),) = lines(run(FakedTarget(world), "upload", KEY).output)

    assert to_do == ""
