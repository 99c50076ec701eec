"""`results`: the files of a job that has ended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from listdrop.models import Job
from tests.support.world import World, csv_of
from tests.unit.cli.faked_target import FakedTarget, run

NAMES = ("results.csv", "rejects.csv", "retry.csv", "summary.json")


class _Downloads:
    """An S3 client that has the files of a world, and breaks off where a test wants it to."""

    def __init__(self, world: World, breaks_at: str = "") -> None:
        self.world = world
        self.breaks_at = breaks_at

    def download_file(self, bucket: str, key: str, file: str) -> None:
        assert bucket == "results"
        _, job_id, name = key.split("/")
        content = self.world.files.content[job_id, name]
        if name == self.breaks_at:
            Path(file).write_bytes(content[: len(content) // 2])
            raise KeyboardInterrupt
        Path(file).write_bytes(content)


Results = Callable[..., Any]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def job(world: World) -> Job:
    return world.process(csv_of(3))


@pytest.fixture
def results(world: World, job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Results:
    """Run `results` for the job in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*options: str, breaks_at: str = "") -> Any:
        target = FakedTarget(world, s3=_Downloads(world, breaks_at))
        return run(target, "results", job.job_id, *options)

    return call


def test_result_files_are_downloaded_to_a_folder_of_the_job(
    results: Results, world: World, job: Job, tmp_path: Path
) -> None:
    shown = results()

    assert shown.exit_code == 0
    assert shown.output.splitlines() == [f"{job.job_id}/{name}" for name in NAMES]
    files = {path.name: path.read_bytes() for path in (tmp_path / job.job_id).iterdir()}
    assert files == {name: world.files.content[job.job_id, name] for name in NAMES}


def test_nothing_is_overwritten_unless_it_is_asked_for(results: Results, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "retry.csv").write_text("mine")

    refused = results("--to", "mine")

    assert refused.exit_code == 2
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["retry.csv"]
    assert (tmp_path / "mine" / "retry.csv").read_text() == "mine"
    assert results("--to", "mine", "--force", "--json").exit_code == 0
    assert (tmp_path / "mine" / "retry.csv").read_text() != "mine"


@pytest.mark.parametrize("name", NAMES)
def test_a_download_that_breaks_off_leaves_no_file_behind(
    results: Results, job: Job, tmp_path: Path, name: str
) -> None:
    shown = results(breaks_at=name)

    assert shown.exit_code != 0
    assert list((tmp_path / job.job_id).iterdir()) == []


def test_a_folder_that_cannot_be_made_is_one_sentence(results: Results, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    shown = results("--to", "file/inside")

    assert (shown.exit_code, shown.stderr) == (2, "file/inside: Not a directory.\n")


def test_a_job_that_has_not_ended_has_no_files_yet(world: World) -> None:
    running = world.drop(csv_of(1), "b.csv")

    shown = run(FakedTarget(world), "results", running.job_id)

    assert shown.exit_code == 2
    assert "has not ended: it is pending (0 %)." in shown.stderr
