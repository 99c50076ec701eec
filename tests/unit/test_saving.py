"""How `make up` saves what it has: the last whole copy is found, whenever it was killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from local import saving
from local.engine import Engine


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "dynamodb.json").write_text("old")
    (folder / "sqs.json").write_text("as before")
    return folder


def texts(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.iterdir()}


def save(state: Path) -> None:
    """Save as the engine does, which replaces files, and leaves those of unused services."""
    part = saving.begun(state)
    (part / "new").write_text("new")
    (part / "new").replace(part / "dynamodb.json")


OLD = {"dynamodb.json": "old", "sqs.json": "as before"}
NEW = {"dynamodb.json": "new", "sqs.json": "as before"}


def test_a_whole_copy_takes_the_place_of_the_last(state: Path) -> None:
    save(state)
    assert texts(state) == OLD

    saving.finish(state)

    assert texts(state) == NEW
    assert [each.name for each in state.parent.iterdir()] == ["state"]


def test_there_may_be_nothing_yet(tmp_path: Path) -> None:
    state = tmp_path / "state"
    (saving.begun(state) / "sqs.json").write_text("first")
    saving.finish(state)
    assert texts(state) == {"sqs.json": "first"}


def test_half_a_copy_is_forgotten(state: Path) -> None:
    save(state)

    saving.recover(state)

    assert texts(state) == OLD
    assert [each.name for each in state.parent.iterdir()] == ["state"]


def test_what_was_put_away_comes_back_if_nothing_took_its_place(state: Path) -> None:
    save(state)
    state.rename(state.with_name("state.old"))

    saving.recover(state)

    assert texts(state) == OLD
    assert [each.name for each in state.parent.iterdir()] == ["state"]


def test_what_was_put_away_is_forgotten_once_something_took_its_place(state: Path) -> None:
    save(state)
    state.rename(state.with_name("state.old"))
    state.with_name("state.part").rename(state)

    saving.recover(state)

    assert texts(state) == NEW
    assert [each.name for each in state.parent.iterdir()] == ["state"]


def test_saving_is_a_small_part_of_the_work() -> None:
    assert saving.pause(0.1) == saving.pause(0.2)
    assert saving.pause(8) == 10 * 8


def test_an_engine_that_has_ended_is_not_stopped_by_its_number(tmp_path: Path) -> None:
    """Its number may be that of somebody else's process by then."""
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True
    ) as another:
        (tmp_path / "engine.pid").write_text(str(another.pid))

        Engine(tmp_path, 1).stop_leftover()

        assert list(tmp_path.iterdir()) == []
        assert another.poll() is None
        another.kill()
