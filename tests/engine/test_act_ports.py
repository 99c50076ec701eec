"""The ports of acts: fakes and adapters keep the same contracts."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from listdrop.aws.audit import DynamoAudit
from listdrop.aws.inbox import S3Inbox
from listdrop.aws.route_book import SsmRouteBook
from listdrop.aws.s3 import S3Files
from listdrop.aws.subscriptions import SnsSubscriptions
from listdrop.models import Act
from listdrop.ports import Audit, Inbox, RouteBook, Subscriptions
from local.deploy import STACK, session
from tests.contracts.act_ports import (
    AuditContract,
    Dropped,
    InboxContract,
    RouteBookContract,
    SubscriptionsContract,
    new_name,
)
from tests.engine.conftest import Deployed
from tests.support.accounts import MemoryRouteBook
from tests.support.dashboards import NOW, MemoryAudit
from tests.support.files import MemoryFiles, MemoryInbox, MemoryUploads
from tests.support.messaging import MemorySubscriptions


class TestFakes(AuditContract, InboxContract, RouteBookContract, SubscriptionsContract):
    @pytest.fixture
    def audit(self) -> Audit:
        return MemoryAudit()

    @pytest.fixture
    def files(self) -> MemoryFiles:
        return MemoryFiles()

    @pytest.fixture
    def inbox(self, files: MemoryFiles) -> MemoryInbox:
        return MemoryInbox(files, MemoryUploads())

    @pytest.fixture
    def dropped(self, inbox: MemoryInbox) -> Dropped:
        return lambda key: next(each[1:] for each in inbox.dropped if each[0] == key)

    @pytest.fixture
    def keep(self, files: MemoryFiles) -> Callable[[str, str, bytes], object]:
        return lambda job_id, name, content: files.save_result(job_id, name, io.BytesIO(content))

    @pytest.fixture
    def routes(self) -> RouteBook:
        return MemoryRouteBook()

    @pytest.fixture
    def subscriptions(self) -> Subscriptions:
        return MemorySubscriptions()

    @pytest.fixture
    def queue(self) -> Callable[[], str]:
        return new_name


@pytest.fixture(scope="session")
def table(deployed: Deployed) -> Any:
    resource: Any = session().resource("dynamodb", endpoint_url=deployed.url)
    return resource.Table(deployed.outputs["JobsTable"])


@pytest.mark.engine
class TestDynamoAudit(AuditContract):
    @pytest.fixture
    def audit(self, table: Any) -> Audit:
        return DynamoAudit(table)

    def test_an_act_goes_after_a_year(self, table: Any) -> None:
        act = Act(at=NOW, who="ada", what="cancel", subject=f"JOB#{new_name()}")
        DynamoAudit(table).record(act)
        (item,) = table.query(
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": f"ACTS#{act.subject}"},
        )["Items"]
        assert item["expires_at"] == NOW.timestamp() + 365 * 24 * 3600


@pytest.mark.engine
class TestS3Inbox(InboxContract):
    @pytest.fixture
    def inbox(self, deployed: Deployed) -> Inbox:
        buckets = deployed.outputs["UploadsBucket"], deployed.outputs["ResultsBucket"]
        return S3Inbox(deployed.client("s3"), *buckets)

    @pytest.fixture
    def dropped(self, deployed: Deployed) -> Dropped:
        def read(key: str) -> tuple[bytes, dict[str, str]]:
            bucket = deployed.outputs["UploadsBucket"]
            found = deployed.client("s3").get_object(Bucket=bucket, Key=key)
            return found["Body"].read(), found["Metadata"]

        return read

    @pytest.fixture
    def keep(self, deployed: Deployed) -> Callable[[str, str, bytes], object]:
        files = S3Files(deployed.client("s3"), deployed.outputs["ResultsBucket"])
        return lambda job_id, name, content: files.save_result(job_id, name, io.BytesIO(content))


@pytest.mark.engine
class TestSsmRouteBook(RouteBookContract):
    @pytest.fixture
    def routes(self, deployed: Deployed) -> RouteBook:
        return SsmRouteBook(STACK, deployed.client("ssm"))


@pytest.mark.engine
class TestSnsSubscriptions(SubscriptionsContract):
    @pytest.fixture
    def subscriptions(self, deployed: Deployed) -> Subscriptions:
        return SnsSubscriptions(deployed.client("sns"), deployed.outputs["ResultsTopic"])

    @pytest.fixture
    def queue(self, deployed: Deployed) -> Callable[[], str]:
        sqs = deployed.client("sqs")

        def make() -> str:
            url = sqs.create_queue(QueueName=new_name())["QueueUrl"]
            found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
            return str(found["Attributes"]["QueueArn"])

        return make
