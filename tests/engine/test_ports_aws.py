"""The AWS adapters keep the same contracts, on the embedded engine and the template's own table."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote_plus

import pytest
import requests
from aws_lambda_powertools.utilities.data_classes import S3Event
from boto3.dynamodb.conditions import Key
from botocore.exceptions import ResponseStreamingError

from listdrop.aws.bodies import CHUNK
from listdrop.aws.budget import DynamoBudget
from listdrop.aws.messaging import SfnExecutions, SnsNotices, SqsDeliveries, SystemClock
from listdrop.aws.people import DynamoPeople
from listdrop.aws.records import DynamoRecords
from listdrop.aws.rows import DynamoTurnJobs
from listdrop.aws.s3 import S3Archive, S3Files, S3Uploads
from listdrop.aws.submissions import DynamoEndings, DynamoSubmissions, DynamoSweeps
from listdrop.models import (
    RETRY_OF,
    Job,
    JobState,
    JobWarning,
    Outcome,
    PlannedRow,
    Results,
    RowResult,
    Tally,
    Upload,
    iso,
)
from listdrop.providers.routing import parse_route
from local.deploy import session
from tests.contracts.ports import (
    NOW,
    ArchiveContract,
    BudgetContract,
    EndingsContract,
    ExecutionsContract,
    FilesContract,
    JobsContract,
    NoticesContract,
    PeopleContract,
    PutUpload,
    RecordsContract,
    RowsContract,
    SeenNotices,
    StoredRows,
    SubmissionsContract,
    SweepsContract,
    UploadsContract,
    held_job,
    new_job,
    planned,
)
from tests.engine.conftest import Deployed
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.engine


@pytest.fixture(scope="session")
def table(deployed: Deployed) -> Any:
    resource: Any = session().resource("dynamodb", endpoint_url=deployed.url)
    return resource.Table(deployed.outputs["JobsTable"])


@pytest.fixture
def jobs(table: Any, deployed: Deployed) -> DynamoTurnJobs:
    return DynamoTurnJobs(table, deployed.client("dynamodb"), SystemClock())


def row_items(table: Any, job: Job) -> list[dict[str, Any]]:
    return [
        item
        for part in range(3)
        for item in table.query(
            KeyConditionExpression=Key("pk").eq(f"JOB#{job.job_id}#{part:04d}")
        )["Items"]
    ]


@pytest.fixture
def stored_rows(table: Any) -> StoredRows:
    def look(job: Job) -> Mapping[int, str]:
        return {int(item["row"]): str(item["outcome"]) for item in row_items(table, job)}

    return look


class TestDynamoHeldJobs(JobsContract, RowsContract):
    pass


class TestLostAnswers:
    """Each write is made twice, as boto3 does if the first answer is lost."""

    @pytest.fixture
    def jobs(self, deployed: Deployed) -> DynamoTurnJobs:
        resource: Any = session().resource("dynamodb", endpoint_url=deployed.url)
        client = resource.meta.client
        client.meta.events.register("before-send.dynamodb", self._send_and_forget)
        return DynamoTurnJobs(resource.Table(deployed.outputs["JobsTable"]), client, SystemClock())

    @staticmethod
    def _send_and_forget(request: Any, **_: Any) -> None:
        if request.headers["X-Amz-Target"].endswith((b".PutItem", b".UpdateItem")):
            requests.post(
                request.url, data=request.body, headers=dict(request.headers), timeout=PATIENCE
            )

    def test_a_job_is_ones_own_from_its_beginning_to_its_end(self, jobs: DynamoTurnJobs) -> None:
        job = planned(jobs)
        (batch,) = jobs.batches(job.job_id)

        claimed = jobs.save_batch(batch.model_copy(update={"lease_until": NOW}))
        jobs.tell(job.job_id, Tally({"accepted": 1}, sent=1, terminal=1))

        assert list(jobs.batches(job.job_id)) == [claimed]
        assert jobs.get(job.job_id).batches["terminal"] == 1
        assert jobs.finish(job.model_copy(update={"state": JobState.PARTIAL}))
        assert not jobs.finish(job.model_copy(update={"state": JobState.PARTIAL}))

    def test_an_answer_to_a_held_job_is_ones_own(self, jobs: DynamoTurnJobs) -> None:
        job = held_job(jobs)

        assert jobs.answer(job.job_id, job.plan_hash, state=JobState.PENDING)
        assert not jobs.answer(job.job_id, job.plan_hash, state=JobState.PENDING)


class TestDynamoSubmissions(SubmissionsContract):
    @pytest.fixture
    def submissions(self, table: Any) -> DynamoSubmissions:
        return DynamoSubmissions(table, parse_route)


class TestDynamoEndings(EndingsContract):
    @pytest.fixture
    def submissions(self, table: Any) -> DynamoSubmissions:
        return DynamoSubmissions(table, parse_route)

    @pytest.fixture
    def endings(self, table: Any) -> DynamoEndings:
        return DynamoEndings(table)


class TestDynamoSweeps(SweepsContract):
    @pytest.fixture
    def submissions(self, table: Any) -> DynamoSubmissions:
        return DynamoSubmissions(table, parse_route)

    @pytest.fixture
    def sweeps(self, table: Any) -> DynamoSweeps:
        return DynamoSweeps(table)


class TestDynamoPeople(PeopleContract):
    @pytest.fixture
    def people(self, table: Any) -> DynamoPeople:
        return DynamoPeople(table)

    def test_an_erased_item_says_what_became_of_the_row_and_of_nobody(
        self, jobs: DynamoTurnJobs, people: DynamoPeople, table: Any
    ) -> None:
        job = planned(jobs)
        jobs.put_rows(job, self.rows_of_two(job))

        people.erase(job.job_id, 1)

        (item,) = (item for item in row_items(table, job) if item["row"] == 1)
        assert {name: item[name] for name in item if not name.endswith("_at")} == {
            "pk": f"JOB#{job.job_id}#0000",
            "sk": "ROW#0000000001",
            "job_id": job.job_id,
            "provider": "toy",
            "row": 1,
            "line": 2,
            "outcome": "refused",
            "reason": "[erased]",
            "reason_text": "",
            "email": "",
            "linkedin_url": "",
            "provider_ref": "",
            "raw_status": "",
            "problem": f"JOB#{job.job_id}#0000",
        }


class TestDynamoRecords(RecordsContract):
    @pytest.fixture
    def records(self, table: Any) -> DynamoRecords:
        return DynamoRecords(table)


class TestTheTable:
    """What dashboards and people see: keys, attributes and indexes of docs/design.md#dynamodb."""

    def test_a_job_item_has_the_published_attributes(
        self, jobs: DynamoTurnJobs, table: Any
    ) -> None:
        warning = JobWarning(code="unclear_consent", text="Nobody knows.")
        job = planned(jobs, source="apollo-contacts", warnings=(warning,))
        jobs.update(job.job_id, execution_arn="arn:1")
        results = Results(results="s3://r/1", rejects="s3://r/2", retry="s3://r/3")
        jobs.finish(
            job.model_copy(
                update={"state": JobState.PARTIAL, "finished_at": NOW, "results": results}
            )
        )

        item = table.get_item(Key={"pk": f"JOB#{job.job_id}", "sk": "JOB"})["Item"]

        assert set(item) >= {
            "job_id",
            "upload",
            "route",
            "provider",
            "account",
            "state",
            "counts",
            "batches",
            "progress",
            "source",
            "created_at",
            "updated_at",
            "finished_at",
            "execution_arn",
            "results",
            "expires_at",
        }
        assert item["warnings"] == [{"code": "unclear_consent", "text": "Nobody knows."}]
        assert set(item["counts"]) == {"rows"} | {outcome.value for outcome in Outcome}
        assert set(item["batches"]) == {"planned", "sent", "terminal"}
        assert set(item["results"]) == {"results", "rejects", "retry"}
        assert set(item["upload"]) >= {"bucket", "key", "version_id"}
        assert (item["state"], item["source"]) == ("partial", "apollo-contacts")
        assert item["created_at"] == "2026-03-02T09:00:00.250Z"

    def test_a_batch_item_has_the_published_attributes(
        self, jobs: DynamoTurnJobs, table: Any
    ) -> None:
        job = planned(jobs)
        (batch,) = jobs.batches(job.job_id)
        moments = dict.fromkeys(("next_poll_at", "sent_at", "terminal_at"), NOW)
        jobs.save_batch(
            batch.model_copy(update={"handle": {"id": 1}, "raw_status": "ok", **moments})
        )

        item = table.get_item(Key={"pk": f"JOB#{job.job_id}", "sk": "BATCH#000001"})["Item"]

        assert set(item) >= {
            "state",
            "first_row",
            "rows",
            "attempts",
            "handle",
            "raw_status",
            "next_poll_at",
            "sent_at",
            "terminal_at",
        }

    def test_a_row_item_has_the_published_key_and_attributes(
        self, jobs: DynamoTurnJobs, table: Any
    ) -> None:
        job = planned(jobs)
        row = PlannedRow(
            12_345, 12_350, "ada@example.com", "Ada@example.com", "linkedin.com/in/ada"
        )
        jobs.put_rows(job, [(row, RowResult(Outcome.REFUSED, "no", "Not so.", "ref-1", "failed"))])

        key = {"pk": f"JOB#{job.job_id}#0001", "sk": "ROW#0000012345"}
        item = table.get_item(Key=key)["Item"]

        told = {name: item[name] for name in item if name not in ("pk", "sk")}
        assert told | {"created_at": "", "expires_at": 0} == {
            "job_id": job.job_id,
            "provider": "toy",
            "row": 12_345,
            "line": 12_350,
            "outcome": "refused",
            "reason": "no",
            "reason_text": "Not so.",
            "email": "Ada@example.com",
            "linkedin_url": "linkedin.com/in/ada",
            "provider_ref": "ref-1",
            "raw_status": "failed",
            "person": "EMAIL#ada@example.com",
            "problem": f"JOB#{job.job_id}#0001",
            "created_at": "",
            "expires_at": 0,
        }

    def test_every_item_of_a_job_expires_with_it(self, jobs: DynamoTurnJobs, table: Any) -> None:
        job = planned(jobs)
        jobs.put_rows(job, RowsContract.rows)
        (batch,) = jobs.batches(job.job_id)
        jobs.save_batch(batch)
        jobs.tell(job.job_id, Tally({"accepted": 1}, sent=1))
        jobs.claim_content(f"content-of-{job.job_id}", job)

        of_job = table.query(KeyConditionExpression=Key("pk").eq(f"JOB#{job.job_id}"))["Items"]
        claim = {"pk": f"CONTENT#content-of-{job.job_id}", "sk": "CONTENT"}
        items = [*of_job, *row_items(table, job), table.get_item(Key=claim)["Item"]]

        assert len(items) == 3 + 5 + 1
        assert {int(item["expires_at"]) for item in items} == {job.expires_at}

    def test_what_ran_on_a_day_can_be_asked(self, jobs: DynamoTurnJobs, table: Any) -> None:
        day = NOW + timedelta(days=int(new_job().job_id[-6:], 16) % 100_000)
        early = planned(jobs, created_at=day)
        late = planned(jobs, created_at=day + timedelta(minutes=1))

        asked = Key("day").eq(iso(day)[:10])
        found = table.query(IndexName="recent", KeyConditionExpression=asked)["Items"]

        ids = [item["job_id"] for item in found]
        assert [job_id for job_id in ids if job_id in (early.job_id, late.job_id)] == [
            early.job_id,
            late.job_id,
        ]
        assert all(item["sk"] == "JOB" for item in found)

    def test_the_jobs_of_a_route_can_be_asked(self, jobs: DynamoTurnJobs, table: Any) -> None:
        route = new_job().job_id
        job = planned(jobs, route=route)
        jobs.put_rows(job, RowsContract.rows)

        asked = Key("route").eq(route) & Key("created_at").begins_with("2026-03")
        found = table.query(IndexName="by_route", KeyConditionExpression=asked)["Items"]

        assert [item["job_id"] for item in found] == [job.job_id]

    def test_what_happened_to_a_person_can_be_asked(self, jobs: DynamoTurnJobs, table: Any) -> None:
        job = planned(jobs)
        email, slug = f"{job.job_id}@example.com", f"slug-{job.job_id}"
        rows = [
            (PlannedRow(1, 2, email), RowResult(Outcome.ACCEPTED)),
            (PlannedRow(2, 3, slug, "", f"linkedin.com/in/{slug}"), RowResult(Outcome.EXISTING)),
            (PlannedRow(3, 4), RowResult(Outcome.INVALID, "missing_email")),
            (PlannedRow(4, 5, "CUST-42"), RowResult(Outcome.ACCEPTED)),
        ]
        jobs.put_rows(job, rows)

        def rows_of(person: str) -> list[int]:
            asked = Key("person").eq(person)
            found = table.query(IndexName="by_person", KeyConditionExpression=asked)["Items"]
            return [int(item["row"]) for item in found]

        assert rows_of(f"EMAIL#{email}") == [1]
        assert rows_of(f"LINKEDIN#{slug}") == [2]
        assert rows_of("LINKEDIN#CUST-42") == []

    def test_only_bad_rows_are_among_the_problems(self, jobs: DynamoTurnJobs, table: Any) -> None:
        job = planned(jobs)
        jobs.put_rows(job, RowsContract.rows)

        asked = Key("problem").eq(f"JOB#{job.job_id}#0000")
        found = table.query(IndexName="problems", KeyConditionExpression=asked)["Items"]
        refused = asked & Key("outcome").eq("refused")
        only = table.query(IndexName="problems", KeyConditionExpression=refused)["Items"]

        assert sorted(int(item["row"]) for item in found) == [2, 3, 5]
        assert [int(item["row"]) for item in only] == [5]

    def test_a_row_that_is_no_longer_bad_leaves_the_problems(
        self, jobs: DynamoTurnJobs, table: Any
    ) -> None:
        job = planned(jobs)
        row = PlannedRow(1, 2, "ada@example.com")
        jobs.put_rows(job, [(row, RowResult(Outcome.UNKNOWN))])

        jobs.put_rows(job, [(row, RowResult(Outcome.CONFIRMED))])

        asked = Key("problem").eq(f"JOB#{job.job_id}#0000")
        assert table.query(IndexName="problems", KeyConditionExpression=asked)["Items"] == []


@pytest.fixture
def files(deployed: Deployed) -> S3Files:
    return S3Files(deployed.client("s3"), deployed.outputs["ResultsBucket"])


class TestS3Files(FilesContract):
    def test_result_files_are_where_they_are_said_to_be(
        self, files: S3Files, deployed: Deployed
    ) -> None:
        job_id = new_job().job_id
        files.save_result(job_id, "retry.csv", io.BytesIO(b"a,b\r\n"))

        bucket, _, key = files.results(job_id).retry.removeprefix("s3://").partition("/")
        found = deployed.client("s3").get_object(Bucket=bucket, Key=key)

        assert found["Body"].read() == b"a,b\r\n"
        assert found["ContentType"] == "text/csv; charset=utf-8"

    def test_a_joined_file_is_of_the_kind_that_any_is(
        self, files: S3Files, deployed: Deployed
    ) -> None:
        job_id = new_job().job_id
        files.save_piece(job_id, "a-1", io.BytesIO(b"a" * files.least_piece))
        files.save_result(job_id, "results.csv", io.BytesIO(b"a,b\r\n"), ["a-1"])

        bucket, _, key = files.results(job_id).results.removeprefix("s3://").partition("/")
        found = deployed.client("s3").head_object(Bucket=bucket, Key=key)

        assert found["ContentType"] == "text/csv; charset=utf-8"
        assert found["ContentLength"] == files.least_piece + 5


@pytest.fixture
def uploads(deployed: Deployed) -> S3Uploads:
    return S3Uploads(deployed.client("s3"), deployed.outputs["ResultsBucket"])


@pytest.fixture
def few_at_once(deployed: Deployed) -> S3Uploads:
    return S3Uploads(deployed.client("s3"), deployed.outputs["ResultsBucket"], at_once=2)


@pytest.fixture
def put_upload(deployed: Deployed) -> PutUpload:
    s3 = deployed.client("s3")
    # Versioned like the uploads bucket, but nobody is told of what is dropped here.
    bucket = deployed.outputs["ResultsBucket"]

    def put(key: str, content: bytes, *, retry_of: str = "") -> Upload:
        metadata = {RETRY_OF: retry_of} if retry_of else {}
        stored = s3.put_object(Bucket=bucket, Key=key, Body=content, Metadata=metadata)
        return Upload(bucket=bucket, key=key, version_id=stored["VersionId"])

    return put


class TestS3Uploads(UploadsContract):
    def test_a_version_is_read_to_its_end_though_the_connection_breaks(
        self, put_upload: PutUpload, deployed: Deployed
    ) -> None:
        content = bytes(range(256)) * (3 * CHUNK // 256) + b"."
        upload = put_upload("inbox/spring/a.csv", content)
        put_upload("inbox/spring/a.csv", b"another version")
        s3 = deployed.client("s3")
        asked = []

        def get_object(**asks: Any) -> Any:
            asked.append(asks)
            found = s3.get_object(**asks)
            if len(asked) == 1:
                found["Body"] = Breaking(found["Body"], 2 * CHUNK)
            return found

        client: Any = SimpleNamespace(get_object=get_object)
        assert b"".join(S3Uploads(client).read(upload)) == content
        assert [each.get("Range") for each in asked] == [None, f"bytes={2 * CHUNK}-"]


class Breaking:
    """A body that breaks off once so much of it was read."""

    def __init__(self, body: Any, most: int) -> None:
        self._body = body
        self._left = most

    def read(self, size: int) -> bytes:
        if size > self._left:
            raise ResponseStreamingError(error="reset")
        self._left -= size
        return bytes(self._body.read(size))

    def close(self) -> None:
        self._body.close()


class TestS3Archive(ArchiveContract):
    @pytest.fixture
    def archive(self, deployed: Deployed) -> S3Archive:
        return S3Archive(deployed.client("s3"), deployed.outputs["ResultsBucket"])

    def test_a_file_that_is_replaced_keeps_its_type(
        self, archive: S3Archive, job_id: str, deployed: Deployed
    ) -> None:
        archive.replace(job_id, "results.csv", io.BytesIO(b"a"))

        bucket, key = deployed.outputs["ResultsBucket"], f"jobs/{job_id}/results.csv"
        found = deployed.client("s3").head_object(Bucket=bucket, Key=key)
        assert found["ContentType"] == "text/csv; charset=utf-8"


class TestDynamoBudget(BudgetContract):
    @pytest.fixture
    def budget(self, table: Any) -> DynamoBudget:
        return DynamoBudget(table)


class TestSfnExecutions(ExecutionsContract):
    @pytest.fixture
    def executions(self, deployed: Deployed) -> SfnExecutions:
        machine = deployed.client("stepfunctions").create_state_machine(
            name="ports",
            definition='{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}',
            roleArn="arn:aws:iam::000000000000:role/ports",
        )
        return SfnExecutions(deployed.client("stepfunctions"), machine["stateMachineArn"])


def test_a_delivery_is_a_message_that_submit_reads(deployed: Deployed) -> None:
    sqs = deployed.client("sqs")
    url = str(sqs.create_queue(QueueName="ports-deliveries")["QueueUrl"])
    upload = Upload(
        bucket="b",
        key="inbox/r/é + &=.csv",
        version_id="v1",
        etag="e" * 32,
        size=12345,
        dropped_by="AWS:AIDAEXAMPLE",
    )

    SqsDeliveries(sqs, url).deliver(upload)

    (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    (event,) = S3Event(json.loads(message["Body"])).records
    stored = event.s3.get_object
    assert (event.s3.bucket.name, unquote_plus(stored.key)) == ("b", upload.key)
    assert (stored.version_id, stored.etag, stored.size) == ("v1", "e" * 32, 12345)
    assert event["userIdentity"]["principalId"] == "AWS:AIDAEXAMPLE"


class TestSnsNotices(NoticesContract):
    @pytest.fixture
    def queue_url(self, deployed: Deployed) -> str:
        sqs, sns = deployed.client("sqs"), deployed.client("sns")
        url = str(sqs.create_queue(QueueName="ports-notices")["QueueUrl"])
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        sns.subscribe(
            TopicArn=deployed.outputs["ResultsTopic"],
            Protocol="sqs",
            Endpoint=arn["Attributes"]["QueueArn"],
        )
        return url

    @pytest.fixture
    def notices(self, deployed: Deployed, queue_url: str) -> SnsNotices:
        assert queue_url
        return SnsNotices(deployed.client("sns"), deployed.outputs["ResultsTopic"])

    @pytest.fixture
    def seen_notices(self, deployed: Deployed, queue_url: str) -> SeenNotices:
        def look() -> list[tuple[str, Mapping[str, str]]]:
            sqs = deployed.client("sqs")
            got = sqs.receive_message(QueueUrl=queue_url, WaitTimeSeconds=5).get("Messages", [])
            bodies = [json.loads(message["Body"]) for message in got]
            return [
                (
                    body["Message"],
                    {name: each["Value"] for name, each in body["MessageAttributes"].items()},
                )
                for body in bodies
            ]

        return look
