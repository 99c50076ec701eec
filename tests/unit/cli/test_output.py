"""How commands answer: numbers that are whole, nothing in words, what is missing in a sentence."""

from __future__ import annotations

import re

import pytest

from listdrop.models import Job
from tests.support.world import World
from tests.unit.cli.faked_target import FakedTarget, on_a_terminal, run


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_a_terminal_shows_whole_numbers_however_narrow_it_is(
    world: World, job: Job, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = job.counts | {"rows": 1_234_567, "refused": 65_432}
    world.jobs.jobs[job.job_id] = job.model_copy(update={"counts": counts})
    drawn = on_a_terminal(monkeypatch, width)

    run(FakedTarget(world), "jobs", "--since", "2026-01-01")
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
        ("rows", "No rows."),
        ("person", "Nothing is known about nobody@example.com."),
    ],
)
def test_on_a_terminal_nothing_is_said_in_words(
    world: World, job: Job, command: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = on_a_terminal(monkeypatch)
    asked = {"rows": [job.job_id, "--text", "nobody"], "person": ["nobody@example.com"]}

    run(FakedTarget(world), command, *asked.get(command, []))

    assert drawn.getvalue() == f"{said}\n"


@pytest.mark.parametrize("command", ["job", "rows", "results", "retry", "cancel"])
def test_a_job_that_does_not_exist_is_said_so(world: World, command: str) -> None:
    shown = run(FakedTarget(world), command, "spring-toy-nobody")

    assert (shown.exit_code, shown.stderr) == (2, "There is no job spring-toy-nobody.\n")
