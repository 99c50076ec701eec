"""`person`: what happened to somebody."""

from __future__ import annotations

import json

import pytest

from listdrop.cells.persons import MOST_OTHERS
from listdrop.models import Job
from tests.support.world import World, route_to
from tests.unit.cli.faked_target import FakedTarget, lines, run


@pytest.mark.parametrize("who", ["p2@example.com", " P2@Example.com", "EMAIL#p2@example.com"])
def test_a_person_is_found_however_the_address_is_written(world: World, job: Job, who: str) -> None:
    shown = run(FakedTarget(world), "person", who)

    assert shown.exit_code == 0
    assert lines(shown.stdout)[0][:4] == [job.job_id, "toy", "2", "refused"]


@pytest.mark.usefixtures("job")
def test_of_a_person_that_is_unknown_nothing_is_told(world: World) -> None:
    shown = run(FakedTarget(world), "person", "nobody@example.com")
    told = run(FakedTarget(world), "person", "linkedin.com/in/nobody", "--json")

    assert (shown.exit_code, shown.stderr) == (1, "Nothing is known about nobody@example.com.\n")
    assert told.exit_code == 1
    assert json.loads(told.output) == {
        "person": "LINKEDIN#nobody",
        "names": ["LINKEDIN#nobody"],
        "shared": [],
        "rows": [],
        "more": False,
        "without_items": [],
    }


def test_what_names_nobody_is_wrong_use(world: World) -> None:
    assert run(FakedTarget(world), "person", "Ada").exit_code == 2


BOTH = b"Email,LinkedIn URL\np1@example.com,linkedin.com/in/person-1\np2@example.com,\n"


@pytest.mark.parametrize("who", ["p1@example.com", "linkedin.com/in/person-1"])
def test_a_person_is_found_by_each_name_in_a_row(world: World, who: str) -> None:
    job = world.process(BOTH, "both.csv")

    shown = run(FakedTarget(world), "person", who)
    told = json.loads(run(FakedTarget(world), "person", who, "--json").output)

    assert lines(shown.stdout)[0][:3] == [job.job_id, "toy", "1"]
    assert "which was searched, too." in shown.stderr
    assert told["names"] == ["EMAIL#p1@example.com", "LINKEDIN#person-1"]
    assert [row["row"] for row in told["rows"]] == [1]


def test_rows_that_the_route_keeps_no_items_of_are_told() -> None:
    world = World(route=route_to(row_items="none"))
    job = world.process(BOTH)

    shown = run(FakedTarget(world), "person", "linkedin.com/in/person-1")

    assert (shown.exit_code, shown.stdout) == (0, "")
    assert f"Look in the results.csv of {job.job_id}." in shown.stderr


def test_of_a_name_that_several_people_share_no_other_is_followed() -> None:
    world = World()
    rows = [f"info@example.com,linkedin.com/in/person-{n}" for n in range(MOST_OTHERS + 1)]
    world.process("\n".join(["Email,LinkedIn URL", *rows, ""]).encode())

    shown = run(FakedTarget(world), "person", "linkedin.com/in/person-2")

    assert [line[2] for line in lines(shown.stdout)] == ["3"]
    assert "Several people share info@example.com" in shown.stderr
