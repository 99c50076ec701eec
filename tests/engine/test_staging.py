"""Files that are looked at before they are sent: the fake and the port on AWS."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from botocore.config import Config

from listdrop.aws import keys
from listdrop.aws.s3 import S3Archive, S3Uploads
from listdrop.aws.staging import AwsStaging
from listdrop.models import LARGEST_STAGED
from listdrop.ports import Archive, Staging, Uploads
from local.deploy import session
from tests.contracts.staging import Post, StagingContract, new_staged
from tests.engine.conftest import Deployed
from tests.support.dashboards import NOW
from tests.support.erasing import MemoryArchive
from tests.support.files import MemoryFiles
from tests.support.staging import MemoryStaging
from tests.support.waiting import PATIENCE


class TestMemoryStaging(StagingContract):
    @pytest.fixture
    def staging(self) -> MemoryStaging:
        return MemoryStaging()

    @pytest.fixture
    def uploads(self, staging: MemoryStaging) -> Uploads:
        return staging.uploads

    @pytest.fixture
    def archive(self, staging: MemoryStaging) -> Archive:
        return MemoryArchive(MemoryFiles(), staging.uploads)

    @pytest.fixture
    def post(self, staging: MemoryStaging) -> Post:
        return staging.post


class TestAwsStaging(StagingContract):
    @pytest.fixture
    def table(self, deployed: Deployed) -> Any:
        resource = session().resource("dynamodb", endpoint_url=deployed.url)
        return resource.Table(deployed.outputs["JobsTable"])

    @pytest.fixture
    def staging(self, deployed: Deployed, table: Any) -> Staging:
        config = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
        signing = session().client("s3", endpoint_url=deployed.url, config=config)
        return AwsStaging(deployed.client("s3"), signing, deployed.outputs["UploadsBucket"], table)

    @pytest.fixture
    def uploads(self, deployed: Deployed) -> Uploads:
        return S3Uploads(deployed.client("s3"))

    @pytest.fixture
    def archive(self, deployed: Deployed) -> Archive:
        return S3Archive(deployed.client("s3"), deployed.outputs["ResultsBucket"])

    @pytest.fixture
    def post(self, staging: Staging) -> Post:
        def posted(staged_id: str, name: str, content: bytes) -> requests.Response:
            form = staging.form(staged_id, "http://127.0.0.1:1/drop")
            return requests.post(
                form.url,
                data=form.script_fields,
                files={"file": (name, content)},
                timeout=PATIENCE,
            )

        return posted

    def test_a_form_leads_to_the_next_page(self, staging: Staging) -> None:
        form = staging.form("6" * 32, "http://127.0.0.1:1/drop")
        answer = requests.post(
            form.url,
            data=form.fields,
            files={"file": ("a.csv", b"Email\n")},
            timeout=PATIENCE,
            allow_redirects=False,
        )
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("http://127.0.0.1:1/drop?")

    def test_a_script_of_any_port_of_this_machine_may_post(
        self, staging: Staging, deployed: Deployed
    ) -> None:
        rules = deployed.client("s3").get_bucket_cors(Bucket=deployed.outputs["UploadsBucket"])
        (rule,) = rules["CORSRules"]
        assert rule["AllowedMethods"] == ["POST"]
        assert "http://127.0.0.1:*" in rule["AllowedOrigins"]

    @pytest.mark.parametrize(
        "changes",
        [
            {"key": "inbox/spring/a.csv"},
            {"key": f"staged/{'0' * 32}/a.csv"},
            {"x-amz-meta-listdrop-retry-of": "spring-kakiyo-1"},
        ],
        ids=["inbox", "other", "metadata"],
    )
    def test_a_form_is_for_its_own_place_alone(
        self, staging: Staging, changes: dict[str, str]
    ) -> None:
        form = staging.form("7" * 32, "http://127.0.0.1:1/drop")
        answer = requests.post(
            form.url,
            data={**form.script_fields, **changes},
            files={"file": ("a.csv", b"Email\n")},
            timeout=PATIENCE,
        )
        assert answer.status_code == 403
        assert staging.file("7" * 32) is None
        assert staging.file("0" * 32) is None

    def test_a_decision_is_forgotten_in_a_day_and_of_what_is_sent_in_a_month(
        self, staging: Staging, table: Any
    ) -> None:
        def kept_until() -> datetime:
            item = table.get_item(Key=keys.staged("9" * 32))["Item"]
            return datetime.fromtimestamp(int(item["expires_at"]), NOW.tzinfo)

        staging.keep(new_staged("9" * 32))
        assert kept_until() == NOW + timedelta(days=1)
        staging.keep_sent(
            new_staged("9" * 32, sent=[{"route": "spring", "key": "inbox/spring/a.csv"}])
        )
        assert kept_until() == NOW + timedelta(days=30)

    def test_a_form_takes_as_much_as_submit(self) -> None:
        assert LARGEST_STAGED == 1 << 30
