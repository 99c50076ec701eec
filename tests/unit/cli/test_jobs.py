"""`jobs`: what ran."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from listdrop.models import Job
from tests.support.world import World, csv_of
from tests.unit.cli.faked_target import FakedTarget, lines, on_a_terminal, run, stubbed

ALWAYS = ("--since", "2026-01-01")


def test_jobs_that_need_attention_are_listed_first_with_their_balance(
    world: World, job: Job
) -> None:
    world.clock.advance(60)
    later = world.drop(csv_of(2), "later.csv")

    shown = run(FakedTarget(world), "jobs", "--day", "2026-03-02")

    assert shown.exit_code == 0
    began, began_later = (f"{each.created_at:%Y-%m-%d %H:%M}" for each in (job, later))
    first = ["100", "7", "6", "0", "1", began, "inbox/spring/a.csv", "", ""]
    second = ["0", "2", "0", "0", "0", began_later, "inbox/spring/later.csv", "", ""]
    assert lines(shown.output) == [
        [job.job_id, "partial", *first],
        [later.job_id, "pending", *second],
    ]


def began(world: World, job: Job, ago: timedelta, **changes: Any) -> None:
    """Have a job begin so long ago."""
    changes["created_at"] = datetime.now(UTC) - ago
    world.jobs.jobs[job.job_id] = world.jobs.jobs[job.job_id].model_copy(update=changes)


@pytest.mark.parametrize(
    ("ago", "options", "is_shown"),
    [
        (timedelta(hours=23), (), True),
        (timedelta(hours=25), (), False),
        (timedelta(hours=25), ("--since", "2d"), True),
        (timedelta(hours=25), ("--since", "90m"), False),
        (timedelta(hours=3), ("--since", "1w", "--until", "2h"), True),
        (timedelta(hours=3), ("--since", "1w", "--until", "4h"), False),
        (timedelta(days=3), ("--route", "spring"), False),
        (timedelta(days=3), ("--route", "spring", "--since", "4d"), True),
    ],
)
def test_jobs_are_those_of_the_last_24_hours_or_of_the_period_that_is_asked_for(
    world: World, job: Job, ago: timedelta, options: tuple[str, ...], is_shown: bool
) -> None:
    began(world, job, ago)

    assert (job.job_id in run(FakedTarget(world), "jobs", *options).output) == is_shown


@pytest.mark.parametrize(
    ("options", "is_shown"),
    [
        (("--provider", "kakiyo"), True),
        (("--provider", "which50,Kakiyo"), True),
        (("--provider", "which50"), False),
        (("--file", "A.CSV"), True),
        (("--file", "b.csv"), False),
        (("--dropped-by", "ada"), True),
        (("--dropped-by", "bo"), False),
    ],
)
def test_jobs_are_filtered_by_provider_file_and_who_dropped_them(
    world: World, job: Job, options: tuple[str, ...], is_shown: bool
) -> None:
    began(world, job, timedelta(hours=1), provider="kakiyo", dropped_by="arn:aws:iam::1:user/Ada")

    assert (job.job_id in run(FakedTarget(world), "jobs", *options).output) == is_shown


def test_it_is_said_why_a_job_ended_so_and_who_dropped_it(world: World, job: Job) -> None:
    began(world, job, timedelta(hours=1), reason="bad_account", dropped_by="user/Ada")

    assert lines(run(FakedTarget(world), "jobs").output)[0][-2:] == ["bad_account", "user/Ada"]


def test_a_list_for_people_names_the_time_zone(
    world: World, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    began(world, job, timedelta(hours=1))
    drawn = on_a_terminal(monkeypatch, 200)

    run(FakedTarget(world), "jobs")

    assert "began (UTC)" in drawn.getvalue()
    assert "why" not in drawn.getvalue()


def test_columns_that_are_empty_leave_their_room_to_others(
    world: World, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    began(world, job, timedelta(hours=1), reason="bad_account", dropped_by="user/Ada")
    drawn = on_a_terminal(monkeypatch, 200)

    run(FakedTarget(world), "jobs")

    assert drawn.getvalue().splitlines()[0].split()[-3:] == ["why", "dropped", "by"]


def test_a_list_without_jobs_says_since_when_and_how_to_look_further_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = on_a_terminal(monkeypatch, 200)

    run(FakedTarget(world), "jobs")

    assert "UTC. --since 30d looks further back." in drawn.getvalue()


def test_a_route_that_does_not_exist_is_an_error(world: World, job: Job) -> None:
    with stubbed("ssm") as (ssm, routes):
        routes.add_client_error("get_parameter", "ParameterNotFound")
        shown = run(FakedTarget(world, ssm=ssm), "jobs", "--route", "autumn")

    assert shown.exit_code == 2
    assert "There is no route autumn" in shown.stderr
    # One that is gone, but has jobs, is none.
    assert run(FakedTarget(world), "jobs", "--route", job.route).exit_code == 0


def test_somebody_who_may_read_no_route_is_not_told_that_it_is_missing(world: World) -> None:
    with stubbed("ssm") as (ssm, routes):
        routes.add_client_error("get_parameter", "AccessDeniedException")
        shown = run(FakedTarget(world, ssm=ssm), "jobs", "--route", "autumn")

    assert (shown.exit_code, shown.stderr) == (0, "")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--since", "last week"), "'last week' is not a time: write 12h or 7d"),
        (("--until", "99999w"), "'99999w' is not a time"),
        (("--day", "2026-03-02", "--since", "1d"), "but not both"),
        (
            ("--since", "10h", "--until", "2020-01-01"),
            "The period ends before it begins: 10h is after 2020-01-01.",
        ),
        (
            ("--since", "2999-01-01", "--until", "3000-01-01"),
            "The period ends before it begins: 2999-01-01 is after tomorrow.",
        ),
        (("--provider", "hubspot"), "'hubspot' is not one of activecampaign, kakiyo"),
    ],
)
def test_what_nobody_can_ask_for_is_said_in_a_sentence(
    options: tuple[str, ...], sentence: str
) -> None:
    shown = run(FakedTarget(), "jobs", *options)

    assert shown.exit_code == 2
    assert sentence in " ".join(shown.stderr.split())


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
    shown = run(FakedTarget(world), "jobs", *ALWAYS, *states)
    assert len(lines(shown.output)) == count


def test_a_day_that_is_none_is_said_so_in_plain_words(world: World) -> None:
    shown = run(FakedTarget(world), "jobs", "--day", "yesterday")

    assert shown.exit_code == 2
    assert "'yesterday' is not a day" in shown.stderr
    assert "Value error" not in shown.stderr


def test_a_state_that_does_not_exist_is_wrong_use(world: World) -> None:
    shown = run(FakedTarget(world), "jobs", "--state", "done")

    assert shown.exit_code == 2
    assert shown.stderr.startswith("'done' is not one of pending, held, running,")


def test_json_says_whether_there_are_more(world: World) -> None:
    for number in range(3):
        world.drop(csv_of(1 + number), f"{number}.csv")
        world.clock.advance(1)

    def asked(*options: str) -> dict[str, Any]:
        shown = run(FakedTarget(world), "jobs", *ALWAYS, "--json", *options)
        return dict(json.loads(shown.output))

    assert (len(asked("--limit", "2")["jobs"]), asked("--limit", "2")["more"]) == (2, True)
    assert (len(asked("--limit", "3")["jobs"]), asked("--limit", "3")["more"]) == (3, False)
    assert (len(asked("--limit", "1", "--all")["jobs"]), asked("--all")["more"]) == (3, False)
