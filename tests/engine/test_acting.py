"""The dashboard acts on the deployed stack, through the ports that `listdrop up` gives it."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from listdrop.aws.holding import DynamoHeldJobs
from listdrop.aws.s3 import S3Files
from listdrop.aws.staging import DynamoStagedFiles
from listdrop.dashboard.app import create_app
from listdrop.dashboard.guard import Guard
from listdrop.models import RETRY_OF, STAGED, Upload, job_id_for
from listdrop.providers.kakiyo import Kakiyo
from local.dashboard import ports_at
from local.deploy import session
from tests.contracts.act_ports import new_name
from tests.engine.conftest import Deployed
from tests.support.dashboards import NOW, new_job
from tests.unit.dashboard.office import ADA, act

pytestmark = pytest.mark.engine

TO = {"provider": "kakiyo", "campaign_id": "c1"}


@pytest.fixture
def client(deployed: Deployed) -> FlaskClient:
    return create_app(ports_at(deployed.url, deployed.outputs), Guard(visitor=ADA)).test_client()


def test_a_route_is_created_and_deleted(client: FlaskClient, deployed: Deployed) -> None:
    name = new_name()
    address = f"/routes/{name}/edit?provider=kakiyo"

    page = act(client, address, **{"0.campaign_id": "c1", "0.batch_rows": "7", "anyway": "1"})

    assert f"The route {name} is written." in page.text
    ssm = deployed.client("ssm")
    stored = ssm.get_parameter(Name=f"/listdrop/routes/{name}")["Parameter"]["Value"]
    assert json.loads(stored) == {"destinations": [TO | {"batch_rows": 7}]}
    assert "write the route" in client.get(f"/routes/{name}/edit").text
    assert f"The route {name} is deleted." in act(client, f"/routes/{name}/delete").text


def test_an_address_is_subscribed(client: FlaskClient) -> None:
    page = act(client, "/subscriptions/new", email=f"{new_name()}@example.com")
    assert "No e-mail will come" in page.text


def test_a_key_that_is_not_there_is_a_sentence(client: FlaskClient) -> None:
    page = act(client, f"/accounts/kakiyo/{new_name()}/test")
    assert "There is no account" in page.text


def test_nobody_is_erased_who_is_nowhere(client: FlaskClient) -> None:
    page = client.get(f"/person/erase?who={new_name()}@example.com", follow_redirects=True)
    assert "Nothing was found" in page.text


def test_an_ended_job_is_sent_again(client: FlaskClient, deployed: Deployed) -> None:
    route = new_name()
    upload = Upload(
        bucket=deployed.outputs["UploadsBucket"], key=f"inbox/{route}/a.csv", version_id="v"
    )
    job_id = job_id_for(upload, route, Kakiyo.destination_model.model_validate(TO))
    deployed.client("ssm").put_parameter(
        Name=f"/listdrop/routes/{route}", Value=json.dumps({"destinations": [TO]}), Type="String"
    )
    table: Any = session().resource("dynamodb", endpoint_url=deployed.url)
    jobs = DynamoHeldJobs(table.Table(deployed.outputs["JobsTable"]))
    counts = {"rows": 2, "refused": 2}
    job = new_job(
        job_id=job_id, route=route, upload=upload, counts=counts, to_send_again=2, created_at=NOW
    )
    jobs.begin(job, NOW)
    files = S3Files(deployed.client("s3"), deployed.outputs["ResultsBucket"])
    files.save_result(job_id, "retry.csv", io.BytesIO(b"Email,listdrop_job\r\na@b.example,j\r\n"))

    page = act(client, f"/jobs/{job_id}/retry")

    assert "1 row is sent again." in page.text
    assert "send again" in page.text
    found = deployed.client("s3").head_object(
        Bucket=upload.bucket, Key=f"inbox/{route}/retry-{job_id}.csv"
    )
    said = found["Metadata"]
    assert said.keys() == {RETRY_OF, STAGED}
    assert said[RETRY_OF] == job_id
    staged = DynamoStagedFiles(table.Table(deployed.outputs["JobsTable"])).staged(said[STAGED])
    assert staged
    assert staged.who == ADA.name
