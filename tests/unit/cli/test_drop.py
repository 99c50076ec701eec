"""`drop`: files into the uploads bucket."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from botocore.stub import ANY, Stubber
from rich.console import Console

from listdrop.errors import NotSentError
from listdrop.models import CORRECTS, Job, JobState, LastError, job_id_for
from listdrop.ports import Records
from listdrop.providers.routing import parse_route
from listdrop.tables.naming import READABLE
from listdrop_cli.dropping import ending, progress_table, tell
from listdrop_cli.waiting import Dropped
from tests.support.clock import NOW
from tests.support.providers import ToyDestination
from tests.support.records import MemoryRecords
from tests.support.world import World, csv_of, route_to
from tests.unit.cli.faked_target import FakedTarget, on_a_terminal, run, stubbed

ROUTE = json.dumps(
    {"destinations": [{"provider": "activecampaign"}, {"provider": "kakiyo", "campaign_id": "c"}]}
)
ONLY_ACTIVECAMPAIGN = '{"destinations": [{"provider": "activecampaign"}]}'


@pytest.fixture
def people(tmp_path: Path) -> Path:
    file = tmp_path / "people é.csv"
    file.write_bytes(csv_of(2))
    return file


def expects_route(ssm: Stubber, text: str = ROUTE) -> None:
    answer = {"Parameter": {"Name": "/listdrop/routes/spring", "Value": text}}
    ssm.add_response(
        "get_parameter", answer, {"Name": "/listdrop/routes/spring", "WithDecryption": True}
    )


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


def job_at_kakiyo(world: World) -> Job:
    """An earlier job of the route."""
    job = world.process(csv_of(1))
    to = parse_route("spring", ROUTE).destinations[1]
    job_id = job_id_for(job.upload, "spring", to)
    world.jobs.jobs[job_id] = job.model_copy(update={"job_id": job_id, "provider": "kakiyo"})
    return world.jobs.get(job_id)


@pytest.mark.parametrize("has_column", [True, False])
def test_corrected_rows_go_only_to_the_destination_of_their_job(
    tmp_path: Path, *, has_column: bool
) -> None:
    world = World()
    job = job_at_kakiyo(world)
    file = tmp_path / "fixed.csv"
    file.write_text(f"Email,listdrop_job\na@example.com,{job.job_id if has_column else ''}\n")
    options = ["--route", "spring"] if has_column else ["--corrects", job.job_id]
    metadata = {} if has_column else {CORRECTS: job.job_id}
    with stubbed("s3") as (s3, bucket), stubbed("ssm") as (ssm, routes):
        expects_route(routes)
        asked = {"Bucket": "uploads", "Key": "inbox/spring/fixed.csv", "Metadata": metadata}
        more = {"Body": ANY, "ChecksumAlgorithm": ANY}
        bucket.add_response("put_object", {"VersionId": "a"}, asked | more)

        target = FakedTarget(world, s3=s3, ssm=ssm)
        shown = run(target, "drop", str(file), *options, "--json")

    (upload,) = json.loads(shown.output)["uploads"]
    assert [job_id.rsplit("-", 1)[0] for job_id in upload["job_ids"]] == ["spring-kakiyo"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([], "Say where the rows go: --route, or --corrects"),
        (["--corrects", "spring-kakiyo-0"], "There is no job spring-kakiyo-0."),
        (["--corrects", "JOB", "--route", "autumn"], "is of the route spring, not of autumn."),
    ],
)
def test_without_a_place_to_go_nothing_is_stored(
    people: Path, options: list[str], sentence: str
) -> None:
    world = World()
    job = job_at_kakiyo(world)
    given_options = [job.job_id if each == "JOB" else each for each in options]

    shown = run(FakedTarget(world), "drop", str(people), *given_options)

    assert shown.exit_code == 2
    assert sentence in shown.stderr


def test_rows_that_name_another_job_than_the_command_are_not_stored(tmp_path: Path) -> None:
    world = World()
    job = job_at_kakiyo(world)
    file = tmp_path / "fixed.csv"
    file.write_text("Email,listdrop_job\na@example.com,spring-kakiyo-0\n")
    with stubbed("ssm") as (ssm, routes):
        expects_route(routes)
        target = FakedTarget(world, ssm=ssm)
        shown = run(target, "drop", str(file), "--corrects", job.job_id)

    assert shown.exit_code == 2
    assert f"{file}: Its rows name another job" in shown.stderr.replace("\n", "")


OF_AUTUMN = "autumn-kakiyo-0123456789abcdef"
OF_ANOTHER = "spring-kakiyo-fedcba9876543210"


@pytest.mark.parametrize(
    ("named", "route", "sentence"),
    [
        ([OF_AUTUMN], ROUTE, f"job {OF_AUTUMN}, which is of the route autumn: drop it there."),
        ([OF_ANOTHER], ROUTE, "rows of a job that does not exist, or no longer does"),
        (["JOB", OF_AUTUMN], ROUTE, "which is of the route autumn"),
        (["JOB"], ONLY_ACTIVECAMPAIGN, "is no longer on the route."),
        (["JOB", "OTHER", ""], ROUTE, "Row 3 names no job in its column listdrop_job"),
    ],
)
def test_rows_that_submit_would_reject_are_not_stored(
    people: Path, tmp_path: Path, named: list[str], route: str, sentence: str
) -> None:
    world = World()
    job = job_at_kakiyo(world)
    other = job_id_for(job.upload, "spring", parse_route("spring", ROUTE).destinations[0])
    world.jobs.jobs[other] = job.model_copy(update={"job_id": other, "provider": "activecampaign"})
    world.jobs.jobs[OF_AUTUMN] = job.model_copy(update={"job_id": OF_AUTUMN, "route": "autumn"})
    ids = {"JOB": job.job_id, "OTHER": other}
    rows = "".join(f"a@example.com,{ids.get(each, each)}\n" for each in named)
    file = tmp_path / "fixed.csv"
    file.write_text(f"Email,listdrop_job\n{rows}")
    with stubbed("s3") as (s3, _), stubbed("ssm") as (ssm, routes):
        expects_route(routes, route)
        target = FakedTarget(world, s3=s3, ssm=ssm)
        shown = run(target, "drop", str(people), str(file), "--route", "spring")

    assert (shown.exit_code, shown.stdout) == (2, "")
    said = " ".join(shown.stderr.split())
    assert str(file) in shown.stderr.replace("\n", "")
    assert sentence in said


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("-", "Standard input cannot be dropped"),
        ("nowhere.csv", "nowhere.csv is not a file."),
        (".", ". is not a file."),
        ("list.pdf", "list.pdf does not end in one of .csv,"),
        ("list.xlsx.gz", "list.xlsx.gz does not end in one of .csv,"),
        (".DS_Store", ".DS_Store makes no job: "),
        ("list.csv.part", "list.csv.part makes no job: "),
        ("~$list.xlsx", "~$list.xlsx makes no job: "),
    ],
)
def test_what_cannot_be_dropped_is_not_and_nobody_is_asked(
    name: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for file in (name, "good.csv") if name[1:] and name != "nowhere.csv" else ("good.csv",):
        (tmp_path / file).write_text("Email\n")

    shown = run(FakedTarget(), "drop", "good.csv", name, "--route", "spring")

    assert shown.exit_code == 2
    assert shown.stderr.startswith(sentence)


@pytest.mark.parametrize("ending_", [*READABLE, ".CSV", ".Xlsx", "", " Q3 2.5", ".gz"])
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


def test_a_bucket_that_refuses_the_file_is_one_sentence(people: Path) -> None:
    with stubbed("s3") as (s3, bucket), stubbed("ssm") as (ssm, routes):
        expects_route(routes)
        bucket.add_client_error("put_object", "AccessDenied", "Not you.")

        shown = run(FakedTarget(s3=s3, ssm=ssm), "drop", str(people), "--route", "spring")

    assert (shown.exit_code, shown.stderr.count("\n")) == (2, 1)
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
    batches = {"planned": 20, "sent": 5, "terminal": 5}
    started = {"state": JobState.RUNNING, "sending_since": NOW, "progress": 10, "counts": counts}
    started |= {"batches": batches, "progressed_at": NOW + timedelta(minutes=1)}
    # What was saved at the end of the last turn is older than the counts.

    shown = drawn([job.model_copy(update=started)])

    header, *rows = (line.split() for line in shown.splitlines())
    assert header == ["provider", "state", "%", "rows", "outcomes", "now"]
    words = [word for row in rows for word in row]
    assert words[:4] == ["toy", "running", "55", "9"]
    told = "4 confirmed, 1 invalid sending: 5 of 20 batches sent, 5 answered; about 3 min left"
    assert sorted(words[4:]) == sorted(told.split())


def test_progress_is_told_with_what_is_wrong_instead_of_an_estimate() -> None:
    error = LastError(text="the connection was refused", kind="unreachable", since=NOW, attempts=9)
    job = World().drop(csv_of(9)).model_copy(update={"state": JobState.RUNNING})

    shown = " ".join(drawn([job.model_copy(update={"last_error": error})]).split())

    assert "Toy cannot be reached:" in shown
    assert "left" not in shown


def test_an_expired_job_of_which_nothing_was_sent_says_so_and_offers_to_send_it() -> None:
    world = World(route=route_to(deadline_minutes=10))
    world.script.then_send = NotSentError("the connection was refused")

    job = world.process(csv_of(2))

    assert ending(job) == (
        f": expired, nothing was sent.\nSend the rows again: listdrop retry {job.job_id}"
    )


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

    assert ending(good) == ", 2 rows: 2 good, 0 settled, 0 bad."
    assert ending(bad) == (
        f", 2 rows: 1 good, 0 settled, 1 bad. Why: listdrop rows {bad.job_id} --outcome invalid"
    )
    why = ": rejected, empty_file: The file is empty.\nExport the list again.\n"
    assert ending(rejected, [rejected]) == f"{why}Then drop the file again."
    assert ending(rejected, [good, bad]) == ending(rejected)  # which are of other uploads
    assert ending(rejected) == (
        f"{why}Then drop the file for this destination alone: "
        f"listdrop drop FILE --corrects {rejected.job_id}"
    )


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
    assert shown.stderr == "The jobs continue: listdrop jobs --route spring\n"


class _Stuck(MemoryRecords):
    """Records of a job whose deadline is long past."""

    def job(self, job_id: str) -> Job:
        job = super().job(job_id)
        return job.model_copy(update={"deadline_at": NOW, "state": JobState.RUNNING})


@pytest.mark.parametrize(
    ("records", "said"),
    [
        (_Interrupted, "The jobs continue: listdrop jobs --route spring\n"),
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
        "inbox/spring/1.csv to toy, 1 row: 1 good, 0 settled, 0 bad.\n"
        "inbox/spring/2.csv to toy, 2 rows: 2 good, 0 settled, 0 bad.\n"
    )


def test_what_is_the_same_at_all_destinations_is_told_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    accounts = (ToyDestination(provider="toy", account=name) for name in ("one", "two"))
    world = World(route=route_to(*accounts))
    job_ids = world.submit(world.uploads.put("inbox/spring/a.csv", b""))
    jobs = [world.run(world.jobs.get(job_id)) for job_id in job_ids]
    drawn = on_a_terminal(monkeypatch)

    with pytest.raises(typer.Exit):
        tell(
            FakedTarget(world), [Dropped(jobs[0].upload, job_ids, "none")], wait=True, as_json=False
        )

    assert len(jobs) == 2
    assert drawn.getvalue().endswith(
        "toy, toy: rejected, empty_file: The file is empty.\n"
        "  Export the list again.\n"
        "  Then drop the file again.\n"
    )


def test_a_check_says_of_corrected_rows_that_they_go_only_there(tmp_path: Path) -> None:
    world = World()
    job = job_at_kakiyo(world)
    file = tmp_path / "fixed.csv"
    profile = "https://www.linkedin.com/in/ada-kanarie"
    file.write_text(f"Email,LinkedIn URL,listdrop_job\na@example.com,{profile},{job.job_id}\n")
    with stubbed("s3") as (s3, bucket), stubbed("ssm") as (ssm, routes):
        expects_route(routes)
        bucket.add_response("head_object", {"Metadata": {}})

        target = FakedTarget(world, s3=s3, ssm=ssm)
        shown = run(target, "check", str(file), "--route", "spring", "--json")

    assert [each["provider"] for each in json.loads(shown.output)["destinations"]] == ["kakiyo"]
