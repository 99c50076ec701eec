"""A job of the benchmark of Finish, on the disk, and the ports that Finish works with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import boto3
import orjson
from boto3.dynamodb.types import TypeSerializer
from botocore.awsrequest import AWSResponse

from listdrop.aws.items import batch_item
from listdrop.aws.rows import DynamoTurnJobs
from listdrop.jobs.settling import encode_outcomes
from listdrop.models import (
    BatchItem,
    BatchState,
    Job,
    Outcome,
    PlannedRow,
    Results,
    RowResult,
    TableInfo,
    Upload,
)
from listdrop.models.outcomes import Counts
from listdrop.plans.blocks import decode_rows
from listdrop.plans.plan import Plan
from listdrop.plans.planning import read_rows
from listdrop.prospects.columns import map_columns
from listdrop.prospects.recognising import known_headers
from listdrop.providers.waalaxy import Waalaxy, WaalaxyDestination
from listdrop.tables.reading import read_table
from listdrop.tables.spooling import spool
from listdrop.tables.unpacking import receive
from tools.benchmarks.data import HEADER, write_prospects

JOB_ID = "spring-waalaxy-0123456789abcdef"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
_CHUNK = 1 << 20
_PAGE_BYTES = 1 << 20


def write_job(folder: Path, rows: int) -> None:
    """Write what there is of a job when its last batch is settled."""
    upload = write_prospects(folder / "upload", rows)
    source = spool(receive(chunks(upload)))
    with source.file, (folder / "plan").open("wb+") as file:
        table = read_table(source, known_headers({}))
        provider = Waalaxy(WaalaxyDestination(provider="waalaxy", prospect_list_id="list"))
        plan = Plan(JOB_ID, provider, file)
        read_rows(table, map_columns(table.header, {}), [plan])
        plan.finish()
        job = job_of(plan.job_id, plan.counts)
        (folder / "job").write_text(job.model_dump_json())
        (folder / "outcomes").mkdir()
        _write_batches(folder, job, plan.items(), file)


def job_of(job_id: str, counts: Counts) -> Job:
    """Return a job that is running."""
    info = TableInfo(
        encoding="utf-8",
        delimiter=",",
        header_line=1,
        width=len(HEADER),
        personal=(0, 1, 2, 5, 6),
    )
    return Job(
        job_id=job_id,
        upload=Upload(bucket="uploads", key="inbox/spring/prospects.csv", version_id="v1"),
        route="spring",
        provider="waalaxy",
        account="default",
        table=info,
        counts=counts,
        created_at=NOW,
        updated_at=NOW,
        deadline_at=NOW + timedelta(hours=6),
        expires_at=int(NOW.timestamp()),
    )


def _write_batches(folder: Path, job: Job, items: Iterable[BatchItem], plan: IO[bytes]) -> None:
    """Write the outcomes of batches, and pages of their items as DynamoDB answers with them."""
    serialize = TypeSerializer().serialize
    page: list[Any] = []
    size = pages = 0
    for batch in items:
        plan.seek(batch.first_byte)
        lines = plan.read(batch.last_byte + 1 - batch.first_byte).splitlines()
        rows = (row for line in lines for row in decode_rows(line) if row.payload is not None)
        name = f"{batch.number:06d}-0123456789abcdef"
        outcomes = encode_outcomes((row.row, told(row)) for row in rows)
        (folder / "outcomes" / name).write_bytes(outcomes)
        ended = {"state": BatchState.COMPLETED, "outcomes": name, "has_items": True}
        item = batch_item(batch.model_copy(update=ended | {"terminal_at": NOW}), job)
        page.append({name: serialize(value) for name, value in item.items()})
        size += len(orjson.dumps(item))
        if size > _PAGE_BYTES:
            _write_page(folder, pages, page)
            page, size, pages = [], 0, pages + 1
    _write_page(folder, pages, page)


def _write_page(folder: Path, number: int, items: Sequence[Any]) -> None:
    (folder / f"batches-{number}").write_bytes(orjson.dumps(items))


def told(row: PlannedRow) -> RowResult:
    """Every fifth row is bad, in words that quote it."""
    if row.row % 5:
        return RowResult(
            Outcome.CONFIRMED, provider_ref=f"6601{row.row:020x}", raw_status="success"
        )
    words = f"Prospect {row.identity} was not found ({row.row % 7})"
    return RowResult(Outcome.REFUSED, words, raw_status="profile_deleted")


def chunks(path: Path) -> Iterator[bytes]:
    """Yield a file in pieces."""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


# ---------------------------------------------------------------- what Finish works with


class Uploads:
    """The uploads port, as far as Finish has it: one upload."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, upload: Upload) -> Iterator[bytes]:
        """See the port."""
        del upload
        return chunks(self._folder / "upload")


class Files:
    """The files port on a folder. `requests` counts."""

    least_piece = 5 << 20

    def __init__(self, folder: Path) -> None:
        self.requests: Counter[str] = Counter()
        self._folder = folder

    def plan_lines(self, job_id: str, first_byte: int = 0) -> Iterator[bytes]:
        """See the port."""
        del job_id
        self.requests["get"] += 1
        with (self._folder / "plan").open("rb") as file:
            file.seek(first_byte)
            yield from (line.rstrip(b"\n") for line in file)

    def read_outcomes(self, job_id: str, name: str) -> bytes:
        """See the port."""
        del job_id
        self.requests["outcomes"] += 1
        return (self._folder / "outcomes" / name).read_bytes()

    def save_piece(self, job_id: str, name: str, content: IO[bytes]) -> None:
        """See the port."""
        content.seek(0)
        self.save_result(job_id, f"piece-{name}", content)

    def save_result(
        self, job_id: str, name: str, content: IO[bytes], pieces: Sequence[str] = ()
    ) -> None:
        """See the port."""
        del job_id
        self.requests["put"] += 1 + (len(pieces) + 2 if pieces else 0)
        with (self._folder / name).open("wb") as file:
            while chunk := content.read(_CHUNK):
                file.write(chunk)

    def results(self, job_id: str) -> Results:
        """See the port."""
        return Results(results=job_id, rejects=job_id, retry=job_id)


class Jobs(DynamoTurnJobs):
    """The jobs port: batches and row items as in the table, the job itself in memory."""

    def __init__(self, folder: Path) -> None:
        self.job = Job.model_validate_json((folder / "job").read_bytes())
        self.requests: Counter[str] = Counter()
        self._folder = folder
        table, client = dynamodb(self._answer)
        super().__init__(table, client, Silent())

    def _answer(self, operation: str, request: bytes) -> bytes:
        self.requests[operation] += 1
        if operation == "BatchWriteItem":
            return b'{"UnprocessedItems":{}}'
        start = orjson.loads(request).get("ExclusiveStartKey", {"page": {"N": "0"}})
        page = int(start["page"]["N"])
        items = (self._folder / f"batches-{page}").read_bytes()
        following = b""
        if (self._folder / f"batches-{page + 1}").exists():
            following = b',"LastEvaluatedKey":{"page":{"N":"%d"}}' % (page + 1)
        return b'{"Items":%b%b}' % (items, following)

    def get(self, job_id: str) -> Job:
        """See the port."""
        del job_id
        return self.job

    def update(self, job_id: str, **changes: Any) -> None:
        """See the port."""
        del job_id
        self.requests["UpdateItem"] += 1
        self.job = self.job.model_copy(update=changes)

    def decide(self, job: Job) -> Job:
        """See the port."""
        self.job = job
        return job

    def finish(self, job: Job) -> bool:
        """See the port."""
        self.job = job
        return True

    def mark_notified(self, job_id: str, now: datetime) -> None:
        """See the port."""
        self.update(job_id, notified_at=now)


class Silent:
    """Clock, notices, events and endings: they take no time, and keep nothing."""

    def now(self) -> datetime:
        """See the clock."""
        return NOW

    def wait_until(self, moment: datetime) -> None:
        """See the clock."""

    def publish(self, **_: Any) -> None:
        """See the notices."""

    def count(self, *_: Any, **__: Any) -> None:
        """See the events."""

    def add(self, *_: Any) -> None:
        """See the endings."""

    def all_of(self, *_: Any) -> Sequence[Any]:
        """See the endings."""
        return ()


def dynamodb(answer: Callable[[str, bytes], bytes]) -> tuple[Any, Any]:
    """Return a table and a client that are told these answers instead of DynamoDB's."""

    def send(request: Any, **_: Any) -> AWSResponse:
        operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        raw: Any = _Raw(answer(operation, request.body))
        headers: Any = {"content-type": "application/x-amz-json-1.0"}
        return AWSResponse(request.url, 200, headers, raw)

    session = boto3.Session("test", "test", region_name="us-east-1")
    table: Any = session.resource("dynamodb").Table("jobs")
    client: Any = session.client("dynamodb")
    for each in (table.meta.client, client):
        each.meta.events.register("before-send.dynamodb", send)
    return table, client


class _Raw:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._content
