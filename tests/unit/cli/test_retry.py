"""`retry`: which rows are sent again, to whom, and what is asked before."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from listdrop.cells.formulas import neutralised
from listdrop.jobs.again import count_rows, rows_of_batch, write_unknown
from listdrop.models import RETRY_OF, BatchItem, Job, JobState, Outcome, RowResult
from listdrop.plans.previewing import preview_upload
from listdrop.providers import REGISTRY
from listdrop.providers.base import Batch, SendAnswer
from listdrop.providers.routing import parse_route
from listdrop.tables.heading import MAX_CELL_CHARACTERS
from tests.support.files import MemoryUploads
from tests.support.world import World, csv_of
from tests.unit.cli.faked_target import FakedTarget, run

ROUTE = '{"destinations": [{"provider": "activecampaign"}]}'
RESULTS = """\
\ufeffEmail;Phone;"Notes; and more";;listdrop_row;listdrop_outcome;listdrop_reason;\
listdrop_reason_text;listdrop_warning;listdrop_provider_ref
a@example.com;1;"two
lines";;1;unknown;lost_answer;;;
b@example.com;'=1+1;;;2;confirmed;;;;ref
c@example.com;'=1+1;"a ""b"" c";;3;unknown;lost_answer;;;
d@example.com;;;;4;unknown;lost_answer;;;
e@example.com;;;;5;refused;internal error;;;
"""


def batch(number: int, first_row: int) -> BatchItem:
    return BatchItem(
        job_id="j", number=number, first_row=first_row, rows=1, first_byte=0, last_byte=0
    )


BATCHES = [batch(1, 1), batch(2, 3), batch(3, 900)]


def unknown(wanted: range) -> tuple[int, list[list[str]]]:
    to = io.StringIO(newline="")
    written = write_unknown(io.StringIO(RESULTS, newline=""), wanted, to)
    to.seek(0)
    return written, list(csv.reader(to, delimiter=";"))


@pytest.mark.parametrize(("number", "first", "last"), [(1, 1, 2), (2, 3, 899), (3, 900, 1 << 40)])
def test_a_batch_spans_the_rows_up_to_the_next(number: int, first: int, last: int) -> None:
    span = rows_of_batch(BATCHES, number)

    assert span is not None
    assert (span[0], last in span) == (first, True)
    assert number == 3 or last + 1 not in span


def test_a_batch_that_does_not_exist_spans_nothing() -> None:
    assert rows_of_batch(BATCHES, 4) is None


def test_of_a_batch_the_unknown_rows_are_written_as_they_came() -> None:
    header = ["Email", "Phone", "Notes; and more", ""]
    assert unknown(range(1, 3)) == (1, [header, ["a@example.com", "1", "two\nlines", ""]])
    assert unknown(range(3, 5)) == (
        2,
        [header, ["c@example.com", "'=1+1", 'a "b" c', ""], ["d@example.com", "", "", ""]],
    )


def test_of_a_batch_the_columns_of_an_earlier_round_are_left_out() -> None:
    header, rest = RESULTS.split(";", 1)
    lines = "".join(line.replace(";", ";old;", 1) for line in rest.splitlines(keepends=True)[1:])
    text = f"{header};listdrop_job;{rest.splitlines(keepends=True)[0]}{lines}"
    to = io.StringIO(newline="")

    assert write_unknown(io.StringIO(text, newline=""), range(4, 5), to) == 1
    assert to.getvalue() == "Email;Phone;Notes; and more;\r\nd@example.com;;;\r\n".replace(
        "Notes; and more", '"Notes; and more"'
    )


def test_where_no_row_is_unknown_nothing_is_written() -> None:
    assert unknown(range(2, 3)) == (0, [])
    assert unknown(range(5, 900)) == (0, [])


def test_a_person_who_was_erased_is_not_sent_again() -> None:
    erased = RESULTS.replace("d@example.com", "").replace("lost_answer;;;\n", "[erased];;;\n")
    to = io.StringIO(newline="")

    assert write_unknown(io.StringIO(erased, newline=""), range(4, 5), to) == 0
    assert to.getvalue() == ""


def test_the_rows_of_a_batch_are_read_again_as_they_were() -> None:
    to = io.StringIO(newline="")
    write_unknown(io.StringIO(RESULTS, newline=""), range(1, 99), to)

    (preview,) = preview_upload(
        [to.getvalue().encode()], "retry.csv", parse_route("r", ROUTE), REGISTRY
    )

    assert (preview.rows, preview.destinations[0].to_send) == (3, 3)
    assert neutralised("=1+1") == "'=1+1"


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", 0),
        ("listdrop_job\r\nj\r\n", 0),
        ("\ufeffa,b,listdrop_job\r\n", 0),
        ('\ufeffa;b;listdrop_job\r\n"x\ny";1;j\r\n', 1),
        ('"a\nb"\tlistdrop_job\n1\tj\n2\tj\n', 2),
    ],
)
def test_rows_are_counted_below_the_header(text: str, rows: int) -> None:
    assert count_rows(io.StringIO(text, newline="")) == rows


def test_cells_are_read_that_are_as_large_as_an_upload_may_have_them() -> None:
    default = csv.field_size_limit(131_072)  # as it is where no upload was read before
    cell = "x" * MAX_CELL_CHARACTERS
    retry = f"Email,Notes,listdrop_job\r\na@example.com,'={cell},j\r\n"

    rows = count_rows(io.StringIO(retry, newline=""))

    assert rows == 1
    csv.field_size_limit(default)


# ---------------------------------------------------------------- the command


class _Bucket:
    """The S3 client of a world: its result files, and its uploads."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.meta = self
        self.events = self
        self.metadata: dict[str, str] = {}

    def register(self, name: str, handler: Any) -> None:
        if name.endswith("PutObject"):
            self.stored = handler

    def download_file(self, bucket: str, key: str, file: str) -> None:
        assert bucket == "results"
        _, job_id, name = key.split("/")
        Path(file).write_bytes(self.world.files.content[job_id, name])

    def upload_file(self, file: str, bucket: str, key: str, **options: Any) -> None:
        assert bucket == "uploads"
        self.metadata = options["ExtraArgs"]["Metadata"]
        content = Path(file).read_bytes()
        options["Callback"](len(content))
        self.upload = self.world.uploads.put(key, content, retry_of=self.metadata.get(RETRY_OF, ""))
        self.stored(parsed={"VersionId": self.upload.version_id})


class _Routes:
    """The SSM client, with one route."""

    class exceptions:  # noqa: N801 # as boto3 has it
        class ParameterNotFound(Exception):  # noqa: N818 # as boto3 has it
            pass

    def get_parameter(self, Name: str, WithDecryption: bool = False) -> Any:  # noqa: FBT002, N803 # as boto3 has it
        del WithDecryption
        if Name != "/listdrop/routes/spring":
            raise self.exceptions.ParameterNotFound
        return {"Parameter": {"Value": ROUTE}}


def mixed(batch: Batch) -> SendAnswer:
    """Row 1 is unknown, row 2 was refused for the moment, row 3 got in; of every three."""
    results = (
        RowResult(Outcome.UNKNOWN),
        RowResult(Outcome.REFUSED, "Try again later."),
        RowResult(Outcome.CONFIRMED),
    )
    return SendAnswer(results={row.row: results[(row.row - 1) % 3] for row in batch.rows})


@pytest.fixture
def world() -> World:
    world = World()
    world.script.then_send = mixed
    return world


@pytest.fixture
def job(world: World, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A job of two batches, on a route that the command finds its destination on."""
    job = world.process(csv_of(6))
    toy = world.routes.get("spring")
    monkeypatch.setattr("listdrop_cli.commands.retry.parse_route", lambda *_, **__: toy)
    return job


def retry(world: World, *options: str, given: str | None = None) -> tuple[Any, _Bucket]:
    bucket = _Bucket(world)
    target = FakedTarget(world, s3=bucket, ssm=_Routes())
    return run(target, "retry", *options, given=given), bucket


def test_rows_worth_it_are_dropped_again_with_the_job_that_they_are_of(
    world: World, job: Job
) -> None:
    shown, bucket = retry(world, job.job_id, "--yes")

    assert shown.exit_code == 0
    assert bucket.metadata == {"listdrop-retry-of": job.job_id}
    assert bucket.upload.key == f"inbox/spring/retry-{job.job_id}.csv"
    assert shown.output == f"{bucket.upload.key}\t{bucket.upload.version_id}\n"
    (again,) = world.submit(bucket.upload)
    ended = world.run(world.jobs.get(again))
    assert (ended.retry_of, ended.counts["rows"]) == (job.job_id, 4)


def test_of_one_batch_only_the_unknown_rows_are_dropped_again(world: World, job: Job) -> None:
    shown, bucket = retry(world, job.job_id, "--batch", "2", "--yes")

    assert shown.exit_code == 0
    assert bucket.upload.key == f"inbox/spring/retry-{job.job_id}-batch-000002.csv"
    content = b"".join(world.uploads.read(bucket.upload))
    assert content == b"Email,First name,Last name\r\np4@example.com,Given4,Family4\r\n"


def test_rows_that_may_have_arrived_are_not_sent_again_unasked(world: World, job: Job) -> None:
    shown, bucket = retry(world, job.job_id)

    assert shown.exit_code == 2
    assert "2 of 4 rows may already have reached toy" in shown.stderr
    assert "pass --yes" in shown.stderr
    assert bucket.metadata == {}


@pytest.mark.usefixtures("job")
def test_rows_that_surely_did_not_arrive_are_sent_again_without_asking(world: World) -> None:
    world.script.then_send = lambda batch: SendAnswer(
        results={row.row: RowResult(Outcome.REFUSED, "Try again later.") for row in batch.rows}
    )
    refused = world.process(csv_of(2), "b.csv")

    shown, bucket = retry(world, refused.job_id)

    assert (shown.exit_code, shown.stderr) == (0, "")
    assert bucket.metadata == {RETRY_OF: refused.job_id}


@pytest.mark.usefixtures("job")
def test_what_was_sent_again_before_is_told_and_asked_about(world: World) -> None:
    world.script.then_send = lambda batch: SendAnswer(
        results={row.row: RowResult(Outcome.REFUSED, "Try again later.") for row in batch.rows}
    )
    refused = world.process(csv_of(2), "b.csv")
    _, bucket = retry(world, refused.job_id)
    (again,) = world.submit(bucket.upload)
    running, _ = retry(world, refused.job_id)
    world.run(world.jobs.get(again))

    unasked, bucket = retry(world, refused.job_id)
    wanted, sent = retry(world, refused.job_id, "--yes")

    assert (running.exit_code, unasked.exit_code, wanted.exit_code) == (2, 2, 0)
    assert f"{again} of " in running.stderr
    assert "has not ended: it is pending (0 %)." in running.stderr
    assert "2 rows: 0 good, 0 settled, 2 bad." in unasked.stderr
    assert f"Only what it left: listdrop retry {again}" in unasked.stderr
    assert bucket.metadata == {}
    assert sent.metadata == {RETRY_OF: refused.job_id}


@pytest.mark.usefixtures("job")
def test_where_there_is_nothing_to_send_again_nothing_is(world: World) -> None:
    world.script.then_send = lambda batch: SendAnswer(
        results={row.row: RowResult(Outcome.CONFIRMED) for row in batch.rows}
    )
    good = world.process(csv_of(2), "b.csv")

    shown, bucket = retry(world, good.job_id)

    assert (shown.exit_code, bucket.metadata) == (1, {})
    assert shown.stderr == "There is nothing to send again.\n"


def test_of_an_upload_that_is_gone_there_is_nothing_to_send_again(world: World, job: Job) -> None:
    gone = world.drop(csv_of(3), "gone.csv")
    world.uploads.delete(gone.upload)
    ended = world.run(gone)
    assert (ended.counts["unknown"], ended.counts["refused"]) == (1, 1)

    for options in ([], ["--batch", "1"]):
        shown, bucket = retry(world, ended.job_id, "--yes", *options)
        assert (shown.exit_code, bucket.metadata) == (1, {})
    assert job.state is JobState.PARTIAL


@pytest.mark.parametrize(
    ("options", "sentence"),
    [(["--batch", "7"], "has no batch 7."), (["--batch", "0"], "greater than or equal to 1")],
)
def test_a_batch_that_does_not_exist_is_said_so(
    world: World, job: Job, options: list[str], sentence: str
) -> None:
    shown, _ = retry(world, job.job_id, *options)

    assert shown.exit_code == 2
    assert sentence in shown.stderr


@pytest.mark.usefixtures("job")
def test_a_job_that_has_not_ended_is_not_sent_again(world: World) -> None:
    running = world.drop(csv_of(1), "b.csv")

    shown, _ = retry(world, running.job_id)

    assert shown.exit_code == 2
    assert "has not ended" in shown.stderr
    assert running.state is JobState.PENDING


def test_a_job_whose_destination_left_the_route_is_not_sent_again(
    world: World, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()

    shown, bucket = retry(world, job.job_id, "--yes")

    assert (shown.exit_code, bucket.metadata) == (2, {})
    assert "is no longer on the route." in shown.stderr
    assert isinstance(world.uploads, MemoryUploads)
