"""The dashboard's own ports: fakes and adapters keep the same contracts."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import pytest
import requests
from botocore.config import Config

from listdrop.aws.budget import DynamoBudget
from listdrop.aws.directory import AwsDirectory
from listdrop.aws.downloads import S3Downloads
from listdrop.aws.figures import DynamoFigures
from listdrop.aws.items import row_item
from listdrop.aws.jobs import DynamoJobs
from listdrop.aws.s3 import S3Files
from listdrop.models import (
    BatchItem,
    Job,
    Outcome,
    PlannedRow,
    ReasonCount,
    RowResult,
    StoredAccount,
    StoredRoute,
)
from listdrop.notices import document as notice
from listdrop.ports import Directory, Downloads, Figures
from local.deploy import STACK, session
from tests.contracts.dashboard_ports import (
    BudgetFiguresContract,
    DirectoryContract,
    DownloadsContract,
    FiguresContract,
    Store,
    StoreRows,
)
from tests.engine.conftest import Deployed
from tests.support.dashboards import NOW, Shelf, new_row
from tests.support.waiting import PATIENCE


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


class TestShelf(FiguresContract, BudgetFiguresContract, DirectoryContract, DownloadsContract):
    @pytest.fixture
    def figures(self, shelf: Shelf) -> Figures:
        return shelf.ports().figures

    @pytest.fixture
    def store(self, shelf: Shelf) -> Store:
        def put(job: Job, batches: Iterable[BatchItem]) -> None:
            shelf.put(job)
            shelf.batches_of[job.job_id] = list(batches)

        return put

    @pytest.fixture
    def store_rows(self, shelf: Shelf) -> StoreRows:
        def put(job: Job, numbers: Iterable[int]) -> None:
            shelf.rows_of[job.job_id] = [new_row(job, each, Outcome.REFUSED) for each in numbers]

        return put

    @pytest.fixture
    def reserve(self, shelf: Shelf) -> Callable[[str, datetime], object]:
        return shelf.budgets.__setitem__

    @pytest.fixture
    def directory(self, shelf: Shelf) -> Directory:
        return shelf.ports().directory

    @pytest.fixture
    def put_route(self, shelf: Shelf) -> Callable[[str, str], object]:
        return lambda name, text: shelf.stored_routes.append(StoredRoute(name, text, NOW))

    @pytest.fixture
    def put_account(self, shelf: Shelf) -> Callable[[str, str], object]:
        return lambda provider, name: shelf.stored_accounts.append(
            StoredAccount(provider, name, NOW)
        )

    @pytest.fixture
    def downloads(self, shelf: Shelf) -> Downloads:
        return shelf.ports().downloads

    @pytest.fixture
    def keep(self, shelf: Shelf) -> Callable[[Job, list[ReasonCount]], object]:
        return lambda job, reasons: shelf.reasons_of.__setitem__(job.job_id, reasons)


@pytest.fixture(scope="session")
def table(deployed: Deployed) -> Any:
    resource: Any = session().resource("dynamodb", endpoint_url=deployed.url)
    return resource.Table(deployed.outputs["JobsTable"])


@pytest.mark.engine
class TestDynamoFigures(FiguresContract, BudgetFiguresContract):
    @pytest.fixture
    def figures(self, table: Any) -> Figures:
        return DynamoFigures(table)

    @pytest.fixture
    def store(self, table: Any) -> Store:
        jobs = DynamoJobs(table)

        def put(job: Job, batches: Iterable[BatchItem]) -> None:
            jobs.begin(job, NOW)
            jobs.save_plan(job, batches)

        return put

    @pytest.fixture
    def store_rows(self, table: Any) -> StoreRows:
        client: Any = table.meta.client

        def put(job: Job, numbers: Iterable[int]) -> None:
            for number in numbers:
                email = f"person{number}@example.com"
                planned = PlannedRow(number, number + 1, email, email=email)
                item = row_item(job, planned, RowResult(Outcome.REFUSED))
                client.put_item(TableName=table.name, Item=item)

        return put

    @pytest.fixture
    def reserve(self, table: Any) -> Callable[[str, datetime], object]:
        return DynamoBudget(table).hold


@pytest.mark.engine
class TestAwsDirectory(DirectoryContract):
    @pytest.fixture
    def directory(self, deployed: Deployed) -> Directory:
        return AwsDirectory(STACK, deployed.client("ssm"), deployed.client("secretsmanager"))

    @pytest.fixture
    def put_route(self, deployed: Deployed) -> Callable[[str, str], object]:
        return lambda name, text: deployed.client("ssm").put_parameter(
            Name=f"/{STACK}/routes/{name}", Value=text, Type="String", Overwrite=True
        )

    @pytest.fixture
    def put_account(self, deployed: Deployed) -> Callable[[str, str], object]:
        return lambda provider, name: deployed.client("secretsmanager").create_secret(
            Name=f"{STACK}/{provider}/{name}", SecretString="{}"
        )

    def test_what_belongs_to_another_stack_is_left_out(
        self, directory: Directory, deployed: Deployed
    ) -> None:
        secrets = deployed.client("secretsmanager")
        for name in (f"{STACK}-two/kakiyo/other", f"{STACK}/plain", f"{STACK}/a/b/c"):
            secrets.create_secret(Name=name, SecretString="{}")
        found = {(account.provider, account.name) for account in directory.accounts()}
        assert found.isdisjoint({("kakiyo", "other"), ("plain", ""), ("a", "b/c"), ("a", "b")})


@pytest.mark.engine
class TestS3Downloads(DownloadsContract):
    @pytest.fixture
    def files(self, deployed: Deployed) -> S3Files:
        return S3Files(deployed.client("s3"), deployed.outputs["ResultsBucket"])

    @pytest.fixture
    def downloads(self, deployed: Deployed) -> Downloads:
        config = Config(signature_version="s3v4", s3={"addressing_style": "path"})
        s3 = session().client("s3", endpoint_url=deployed.url, config=config)
        return S3Downloads(s3, deployed.outputs["ResultsBucket"])

    @pytest.fixture
    def keep(self, files: S3Files) -> Callable[[Job, list[ReasonCount]], object]:
        def save(job: Job, reasons: list[ReasonCount]) -> None:
            summary = notice.encode(notice.document(job, reasons)).encode()
            files.save_result(job.job_id, "summary.json", io.BytesIO(summary))
            assert json.loads(summary)["top_reasons"]

        return save

    def test_a_link_gives_the_file_to_be_saved(self, downloads: Downloads, files: S3Files) -> None:
        files.save_result("spring-kakiyo-file", "retry.csv", io.BytesIO(b"Email\na@b.example\n"))

        link = downloads.link("spring-kakiyo-file", "retry.csv")
        answer = requests.get(link, timeout=PATIENCE)

        assert answer.content == b"Email\na@b.example\n"
        assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in link
        assert "X-Amz-Expires=60" in link
        assert "spring-kakiyo-file-retry.csv" in link
