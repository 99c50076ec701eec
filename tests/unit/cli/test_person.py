"""`person`: what happened to somebody."""

from __future__ import annotations

import json

import pytest

from listdrop.models import Job
from tests.support.world import World
from tests.unit.cli.faked_target import FakedTarget, lines, run


@pytest.mark.parametrize("who", ["p2@example.com", " P2@Example.com", "EMAIL#p2@example.com"])
def test_a_person_is_found_however_the_address_is_written(world: World, job: Job, who: str) -> None:
    shown = run(FakedTarget(world), "person", who)

    assert shown.exit_code == 0
    assert lines(shown.output)[0][:4] == [job.job_id, "toy", "2", "refused"]


@pytest.mark.usefixtures("job")
def test_of_a_person_that_is_unknown_nothing_is_told(world: World) -> None:
    shown = run(FakedTarget(world), "person", "nobody@example.com")
    told = run(FakedTarget(world), "person", "linkedin.com/in/nobody", "--json")

    assert (shown.exit_code, shown.stderr) == (1, "Nothing is known about nobody@example.com.\n")
    assert told.exit_code == 1
    assert json.loads(told.output) == {"person": "LINKEDIN#nobody", "rows": [], "more": False}


def test_what_names_nobody_is_wrong_use(world: World) -> None:
    assert run(FakedTarget(world), "person", "Ada").exit_code == 2
