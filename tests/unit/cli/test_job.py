"""`job`: how one job went."""

from __future__ import annotations

import json

import pytest

from listdrop.errors import NotSentError, StopJobError
from listdrop.models import BatchState, Job, JobState, LastError
from listdrop_cli.questions import (
    given_up,
)
from tests.support.clock import NOW
from tests.support.world import World, csv_of, route_to
from tests.unit.cli.faked_target import FakedTarget, lines, run


def test_a_job_is_told_in_names_and_values(world: World, job: Job) -> None:
    shown = run(FakedTarget(world), "job", job.job_id)

    facts = dict(lines(shown.output))
    assert shown.exit_code == 0
    assert facts["state"] == "partial (100 %)"
    assert (facts["rows"], facts["confirmed"], facts["refused"]) == ("7", "6", "1")
    assert "unknown" not in facts
    assert facts["results"].endswith(f"/jobs/{job.job_id}/results.csv")
    assert "retry" not in facts


def test_a_job_says_what_it_cost_as_far_as_that_is_known(world: World, job: Job) -> None:
    facts = dict(lines(run(FakedTarget(world), "job", job.job_id).output))
    assert facts["cost"] == f"{job.requests} requests"  # nobody has measured the toy

    world.jobs.jobs[job.job_id] = job.model_copy(update={"provider": "kakiyo"})
    facts = dict(lines(run(FakedTarget(world), "job", job.job_id).output))
    assert facts["cost"] == f"under 0.01 USD; {job.requests} requests; {job.requests} credits"


def test_a_running_job_says_that_its_deadline_leaves_too_little_time(world: World) -> None:
    job = world.drop(csv_of(4), "b.csv")
    batches = {"planned": 10_000, "sent": 0, "terminal": 0}
    changes = {"state": JobState.RUNNING, "batches": batches, "provider": "kakiyo"}
    world.jobs.jobs[job.job_id] = job.model_copy(update=changes)

    facts = dict(lines(run(FakedTarget(world), "job", job.job_id).output))

    assert "the deadline is after 360 min" in facts["deadline"]


def test_a_retry_is_offered_only_where_there_is_something_to_send(world: World) -> None:
    world.script.then_send = StopJobError("provider_auth", "Toy refused the key.")
    refused = world.process(csv_of(3), "b.csv")
    unreadable = world.process(b"", "c.csv")

    again, dropped = (
        lines(run(FakedTarget(world), "job", job.job_id).output) for job in (refused, unreadable)
    )

    assert [value for name, value in again if name == "to do"] == [
        "Store a key that works: listdrop account put toy --account default",
        f"Then send the rows again: listdrop retry {refused.job_id}",
    ]
    assert dict(again)["retry"].endswith("/retry.csv")
    command = f"listdrop drop FILE --corrects {unreadable.job_id}"
    assert [value for name, value in dropped if name == "to do"] == [
        "Export the list again.",
        f"Then drop the file for this destination alone: {command}",
    ]
    assert "retry" not in dict(dropped)


def test_a_running_job_says_what_is_sent_and_what_is_answered(world: World) -> None:
    job = world.drop(csv_of(4), "b.csv")
    batches = {"planned": 196, "sent": 71, "terminal": 3}
    changes = {"state": JobState.RUNNING, "batches": batches}
    world.jobs.jobs[job.job_id] = job.model_copy(update=changes)

    facts = dict(lines(run(FakedTarget(world), "job", job.job_id).output))

    assert facts["progress"] == "sending: 71 of 196 batches sent, 3 answered"


def test_an_expired_job_of_which_nothing_was_sent_says_so() -> None:
    world = World(route=route_to(deadline_minutes=10))
    world.script.then_send = NotSentError("the connection was refused")

    job = world.process(csv_of(2), "b.csv")

    facts = dict(lines(run(FakedTarget(world), "job", job.job_id).output))
    assert facts["why"] == "nothing was sent before the deadline"
    assert facts["last error"].startswith("Toy could not be reached: the connection was refused (")
    assert facts["to do"] == f"Send the rows again: listdrop retry {job.job_id}"


def test_progress_is_that_of_the_counts_and_not_of_the_last_turn(world: World) -> None:
    job = world.drop(csv_of(4), "b.csv")
    counts = job.counts | {"confirmed": 2, "invalid": 1}
    changes = {"state": JobState.RUNNING, "progress": 25, "counts": counts}
    world.jobs.jobs[job.job_id] = job.model_copy(update=changes)

    facts = dict(lines(run(FakedTarget(world), "job", job.job_id).output))
    (listed,) = lines(run(FakedTarget(world), "jobs", "--since", "2026-01-01").output)
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


GONE = LastError(
    text="the connection was refused", kind="unreachable", since=NOW, attempts=35, next_at=NOW
)


@pytest.mark.parametrize(
    ("state", "name", "is_", "after"),
    [
        (JobState.RUNNING, "wrong now", "cannot be reached", ", the next now"),
        (JobState.EXPIRED, "last error", "could not be reached", ""),
    ],
)
def test_a_provider_that_does_not_answer_is_told_with_since_when_and_what_is_next(
    world: World, state: JobState, name: str, is_: str, after: str
) -> None:
    job = world.drop(csv_of(2), "b.csv")
    world.jobs.jobs[job.job_id] = job.model_copy(update={"state": state, "last_error": GONE})

    facts = dict(lines(run(FakedTarget(world), "job", job.job_id).output))

    said = f"Toy {is_}: the connection was refused (35 tries since 2026-03-02 09:00{after})"
    assert facts[name] == said


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
    batch = world.jobs.batch_items[job.job_id][2]
    world.jobs.batch_items[job.job_id][2] = batch.model_copy(update={"state": BatchState.LOST})

    shown = run(FakedTarget(world), "job", job.job_id)

    assert given_up(world.batches(job)) == [2]
    assert f"listdrop retry {job.job_id} --batch 2" in shown.stderr


def test_warnings_of_a_job_are_told(world: World) -> None:
    job = world.process(b"Email,Consent\nada@example.com,vague\n", "vague.csv")

    told = lines(run(FakedTarget(world), "job", job.job_id).output)

    assert ["warning", f"unclear_consent: {job.warnings[0].text}"] in [list(line) for line in told]


def test_a_job_says_how_many_of_its_rows_were_corrected() -> None:
    world = World()
    first = world.process(b"Email\na@example.com\nbroken-1\nbroken-2\nbroken-3\n", "c.csv")
    rejects = world.files.content[first.job_id, "rejects.csv"]
    fixed = rejects.replace(b"broken-1", b"b1@example.com").replace(b"broken-2", b"b2@example.com")
    second = world.process(fixed, "fixed.csv")

    facts = dict(lines(run(FakedTarget(world), "job", first.job_id).output))
    newer = dict(lines(run(FakedTarget(world), "job", second.job_id).output))

    assert (facts["corrected"], facts["corrected by"]) == ("2 of 3 rows", second.job_id)
    assert newer["corrects"] == first.job_id
    assert "corrected" not in newer


def test_what_is_left_of_a_job_is_said_as_its_upload_says_it() -> None:
    world = World()
    content = b"Email\nada@example.com\nnobody\nbo@\n"
    partial, fine = world.process(content, "b.csv"), world.process(csv_of(2), "c.csv")
    correct = "Correct 2 rows in rejects.csv, and drop the corrected file on the route"

    shown = lines(run(FakedTarget(world), "job", partial.job_id).output)
    upload = json.loads(run(FakedTarget(world), "upload", partial.job_id, "--json").output)
    told, of_fine = (
        json.loads(run(FakedTarget(world), "job", job.job_id, "--json").output)["to_do"]
        for job in (partial, fine)
    )

    assert [value for name, value in shown if name == "to do"] == [
        f"{correct}: listdrop results {partial.job_id}"
    ]
    assert [each | {"job_id": partial.job_id} for each in told] == upload["to_do"]
    assert (len(told), of_fine) == (1, [])


def test_rows_that_were_corrected_are_no_longer_to_do() -> None:
    world = World()
    job = world.process(b"Email\nada@example.com\nnobody\n", "b.csv")
    later = world.process(csv_of(1), "c.csv")
    world.jobs.jobs[later.job_id] = later.model_copy(update={"corrects": job.job_id})

    shown = lines(run(FakedTarget(world), "job", job.job_id).output)

    assert "to do" not in dict(shown)
