"""`rows`: what became of a job's rows, and why."""

from __future__ import annotations

import json

import pytest

from listdrop.models import Job
from tests.support.world import World, csv_of
from tests.unit.cli.faked_target import FakedTarget, lines, run


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


@pytest.mark.parametrize(
    ("row_items", "kept"), [("none", "keeps no rows here"), ("bad", "keeps only bad rows here")]
)
def test_rows_that_the_route_does_not_keep_are_looked_for_elsewhere(
    world: World, row_items: str, kept: str
) -> None:
    job = world.process(csv_of(1))
    world.jobs.jobs[job.job_id] = job.model_copy(update={"row_items": row_items})
    world.jobs.rows.clear()

    shown = run(FakedTarget(world), "rows", job.job_id)

    assert (shown.exit_code, shown.output) == (0, shown.stderr)
    assert f"The route {kept}; results.csv has them all" in shown.stderr
