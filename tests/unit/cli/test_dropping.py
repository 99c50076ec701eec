"""`drop` and `results`: files into one bucket, and out of the other."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from botocore.stub import ANY, Stubber
from rich.console import Console

from listdrop.models import Job, JobState
from listdrop.ports import Records
from listdrop_cli.dropping import ENDINGS, ending, progress_table, tell
from listdrop_cli.waiting import Dropped
from tests.support.fakes import NOW, MemoryRecords, World, csv_of
from tests.unit.cli.faked_target import FakedTarget, on_a_terminal, run, stubbed

ROUTE = json.dumps(
    {"destinations": [{"provider": "activecampaign"}, {"provider": "kakiyo", "campaign_id": "c"}]}
)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    file = tmp_path / "people é.csv"
    file.write_bytes(csv_of(2))
    return file


def expects_route(ssm: Stubber, text: str = ROUTE) -> None:
    answer = {"Parameter": {"Name": "/listdrop/routes/spring", "Value": text}}
    ssm.add_response("get_parameter", answer, {"Name": "/listdrop/routes/spring"})


# ---------------------------------------------------------------- drop


def test_a_file_is_stored_under_its_name_and_its_version_is_told(people: Path) -> None:
    key = "inbox/spring/people é.csv"
    with stubbed("s3") as (s3, bucket), stubbed("ssm") as (ssm, routes):
        expects_route(routes)
        asked = {"Bucket": "uploads", "Key": key, "Body": ANY, "ChecksumAlgorithm": ANY}
        bucket.add_response("put_object", {"VersionId": "version-7"}, asked | {"Metadata": {}})

        shown = run(FakedTarget(s3=s3, ssm=ssm), "drop", str(people), "--route", "spring")

    assert (shown.exit_code, shown.output) == (0, f"{key}\tversion-7\n")


def test_json_tells_the_jobs_that_there_will_be(people: Path) -> None:
    with stubbed("s3") as (s3, bucket), stubbed("ssm") as (ssm, routes):
        expects_route(routes)
        bucket.add_response("put_object", {"VersionId": "a"})
        bucket.add_response("put_object", {"VersionId": "b"})
        target = FakedTarget(s3=s3, ssm=ssm)

        shown = run(target, "drop", str(people), str(people), "--route", "spring", "--json")

    uploads = json.loads(shown.output)["uploads"]
    assert [each["version_id"] for each in uploads] == ["a", "b"]
    assert len({job_id for each in uploads for job_id in each["job_ids"]}) == 4
    assert uploads[0]["job_ids"][0].startswith("spring-activecampaign-")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("-", "Standard input cannot be dropped"),
        ("nowhere.csv", "nowhere.csv is not a file."),
        (".", ". is not a file."),
        ("list.pdf", "list.pdf does not end in one of .csv,"),
        ("list.xlsx.gz", "list.xlsx.gz does not end in one of .csv,"),
    ],
)
def test_what_cannot_be_dropped_is_not_and_nobody_is_asked(
    name: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for file in ("list.pdf", "list.xlsx.gz", "good.csv"):
        (tmp_path / file).write_text("Email\n")

    shown = run(FakedTarget(), "drop", "good.csv", name, "--route", "spring")

    assert shown.exit_code == 2
    assert shown.stderr.startswith(sentence)


@pytest.mark.parametrize("ending_", [*ENDINGS, ".CSV", ".Xlsx"])
def test_every_kind_of_upload_can_be_dropped(ending_: str, tmp_path: Path) -> None:
    file = tmp_path / f"people{ending_}"
    file.write_bytes(b"Email\n")
    with stubbed("s3") as (s3, bucket), stubbed("ssm") as (ssm, routes):
        expects_route(routes)
        bucket.add_response("put_object", {"VersionId": "a"})

        shown = run(FakedTarget(s3=s3, ssm=ssm), "drop", str(file), "--route", "spring")

    assert shown.exit_code == 0


def test_a_route_that_does_not_exist_is_told_before_anything_is_stored(people: Path) -> None:
    with stubbed("ssm") as (ssm, routes):
        routes.add_client_error("get_parameter", "ParameterNotFound")

        shown = run(FakedTarget(ssm=ssm), "drop", str(people), "--route", "sprng")

    assert shown.exit_code == 2
    assert shown.stderr.startswith("There is no route sprng: see `listdrop route list`")


def test_a_route_that_cannot_be_used_is_told_before_anything_is_stored(people: Path) -> None:
    with stubbed("ssm") as (ssm, routes):
        expects_route(routes, '{"destinatoins": []}')

        shown = run(FakedTarget(ssm=ssm), "drop", str(people), "--route", "spring")

    assert shown.exit_code == 2
    assert "unknown key 'destinatoins'" in shown.stderr


def test_what_aws_refuses_is_one_sentence(people: Path) -> None:
    with stubbed("ssm") as (ssm, routes):
        routes.add_client_error("get_parameter", "AccessDeniedException", "Not you.")

        shown = run(FakedTarget(ssm=ssm), "drop", str(people), "--route", "spring")

    assert shown.exit_code == 2
    assert shown.stderr.count("\n") == 1
    assert "Not you." in shown.stderr


# ---------------------------------------------------------------- while it waits, and after it


def drawn(jobs: list[Job]) -> str:
    console = Console(width=80, force_terminal=False)
    with console.capture() as capture:
        console.print(progress_table(jobs, NOW + timedelta(minutes=1)))
    return capture.get()


def test_progress_is_told_with_the_outcomes_so_far_and_the_time_left() -> None:
    job = World().drop(csv_of(9))
    counts = job.counts | {"confirmed": 4, "invalid": 1}
    started = {"state": JobState.RUNNING, "sending_since": NOW, "progress": 10, "counts": counts}
    # What was saved at the end of the last turn is older than the counts.

    shown = drawn([job.model_copy(update=started)])

    header, row = (line.split() for line in shown.splitlines())
    assert header == ["provider", "state", "%", "rows", "outcomes", "left"]
    assert row == ["toy", "running", "55", "9", "4", "confirmed,", "1", "invalid", "49", "s"]


def test_jobs_of_several_uploads_are_told_apart() -> None:
    world = World()
    jobs = [world.drop(csv_of(n), f"{n}.csv") for n in (1, 2)]

    shown = drawn(jobs)

    assert "inbox/spring/1.csv" in shown
    assert "inbox/spring/2.csv" in shown


def test_an_ended_job_says_its_balance_and_what_to_look_at() -> None:
    world = World()
    good = world.process(csv_of(2))
    bad = world.process(b"Email\nada@example.com\nnobody\n", "b.csv")
    rejected = world.process(b"", "c.csv")

    assert ending(good) == "toy: of 2 rows 2 are good, 0 settled, 0 bad."
    assert ending(bad) == (
        "toy: of 2 rows 1 is good, 0 settled, 1 bad. "
        f"Why: listdrop rows {bad.job_id} --outcome invalid"
    )
    assert ending(rejected) == "toy: rejected, empty_file: The file is empty."


class _Interrupted(MemoryRecords):
    """Records that somebody does not want to wait for."""

    def job(self, job_id: str) -> Job:
        raise KeyboardInterrupt


def test_who_does_not_want_to_wait_is_told_that_the_jobs_go_on(people: Path) -> None:
    class Impatient(FakedTarget):
        def records(self) -> Records:
            return _Interrupted(World().jobs)

    with stubbed("s3") as (s3, bucket), stubbed("ssm") as (ssm, routes):
        expects_route(routes)
        bucket.add_response("put_object", {"VersionId": "a"})

        shown = run(Impatient(s3=s3, ssm=ssm), "drop", str(people), "--route", "spring", "--wait")

    assert shown.exit_code == 130
    assert shown.stderr == "The jobs go on: listdrop jobs --route spring\n"


class _Stuck(MemoryRecords):
    """Records of a job whose deadline is long past."""

    def job(self, job_id: str) -> Job:
        job = super().job(job_id)
        return job.model_copy(update={"deadline_at": NOW, "state": JobState.RUNNING})


@pytest.mark.parametrize(
    ("records", "said"),
    [
        (_Interrupted, "The jobs go on: listdrop jobs --route spring\n"),
        (_Stuck, "see the alarm UnfinishedJobs in docs/operations.md.\n"),
    ],
)
def test_the_last_words_stay_below_the_table(
    records: type[MemoryRecords], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    job = world.drop(csv_of(2))
    drawn = on_a_terminal(monkeypatch, force_terminal=True)

    class Watching(FakedTarget):
        def records(self) -> Records:
            return records(world.jobs)

    upload = Dropped(job.upload, [job.job_id], "none")
    with pytest.raises(typer.Exit):
        tell(Watching(), [upload], wait=True, as_json=False)

    assert drawn.getvalue().endswith((said, f"{said}\x1b[0m", f"{said[:-1]}\x1b[0m\n"))


def test_how_files_ended_is_told_file_by_file(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    jobs = [world.process(csv_of(n), f"{n}.csv") for n in (1, 2)]
    drawn = on_a_terminal(monkeypatch)

    uploads = [Dropped(job.upload, [job.job_id], "none") for job in jobs]
    with pytest.raises(typer.Exit):
        tell(FakedTarget(world), uploads, wait=True, as_json=False)

    assert drawn.getvalue().endswith(
        "inbox/spring/1.csv to toy: of 1 row 1 is good, 0 settled, 0 bad.\n"
        "inbox/spring/2.csv to toy: of 2 rows 2 are good, 0 settled, 0 bad.\n"
    )


# ---------------------------------------------------------------- results

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


def test_a_bucket_that_refuses_the_file_is_one_sentence(people: Path) -> None:
    with stubbed("s3") as (s3, bucket), stubbed("ssm") as (ssm, routes):
        expects_route(routes)
        bucket.add_client_error("put_object", "AccessDenied", "Not you.")

        shown = run(FakedTarget(s3=s3, ssm=ssm), "drop", str(people), "--route", "spring")

    assert (shown.exit_code, shown.stderr.count("\n")) == (2, 1)
    assert "Not you." in shown.stderr


def test_a_job_that_has_not_ended_has_no_files_yet(world: World) -> None:
    running = world.drop(csv_of(1), "b.csv")

    shown = run(FakedTarget(world), "results", running.job_id)

    assert shown.exit_code == 2
    assert "has not ended: it is pending, 0 % of its rows." in shown.stderr
