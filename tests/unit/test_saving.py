"""How `make up` saves what it has: the last whole copy is found, whenever it was killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from local import saving
from local.engine import Engine

OLD = {"dynamodb.json": "old", "sqs.json": "as before"}
NEW = {"dynamodb.json": "new", "sqs.json": "as before"}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """What was saved when the engine was last stopped."""
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "dynamodb.json").write_text("of the last stop")
    (folder / "ssm.json").write_text("of the last stop")
    return folder


@pytest.fixture
def saved(state: Path) -> Path:
    """What was saved while it ran."""
    folder = saving.saved_beside(state)
    folder.mkdir()
    for name, text in OLD.items():
        (folder / name).write_text(text)
    return folder


def texts(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.iterdir()}


def save(saved: Path) -> None:
    """Save as the engine does, which replaces files, and leaves those of unused services."""
    part = saving.begun(saved)
    (part / "new").write_text("new")
    (part / "new").replace(part / "dynamodb.json")


def recovered(state: Path) -> dict[str, str]:
    """Start again, and return what there is to go on with."""
    saving.recover(state)
    assert [each.name for each in state.parent.iterdir()] == ["state"]
    found = texts(state)
    assert found.pop("ssm.json") == "of the last stop"  # which was not used since
    return found


def test_a_whole_copy_takes_the_place_of_the_last(saved: Path) -> None:
    save(saved)
    assert texts(saved) == OLD

    saving.finish(saved)

    assert texts(saved) == NEW
    assert sorted(each.name for each in saved.parent.iterdir()) == ["saved", "state"]


def test_the_first_copy_has_no_last_one(tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    (saving.begun(saved) / "sqs.json").write_text("first")
    saving.finish(saved)
    assert texts(saved) == {"sqs.json": "first"}


def test_what_was_saved_last_is_gone_on_with(state: Path, saved: Path) -> None:
    save(saved)
    saving.finish(saved)
    assert recovered(state) == NEW


def test_half_a_copy_is_forgotten(state: Path, saved: Path) -> None:
    save(saved)
    assert recovered(state) == OLD


def test_what_was_put_away_counts_if_nothing_took_its_place(state: Path, saved: Path) -> None:
    save(saved)
    saved.rename(saved.with_name("saved.old"))
    assert recovered(state) == OLD


def test_what_was_put_away_is_forgotten_once_something_took_its_place(
    state: Path, saved: Path
) -> None:
    save(saved)
    saved.rename(saved.with_name("saved.old"))
    saved.with_name("saved.part").rename(saved)
    assert recovered(state) == NEW


def test_after_a_stop_what_was_saved_then_is_gone_on_with(state: Path) -> None:
    assert recovered(state) == {"dynamodb.json": "of the last stop"}


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
