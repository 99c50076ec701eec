from __future__ import annotations

import boto3
import pytest
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from listdrop.aws.figures import DynamoFigures
from listdrop.aws.records import DynamoRecords
from listdrop.aws.refusals import is_refused
from listdrop.dashboard.app import create_app
from tests.support.dashboards import Shelf


def answered(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "No."}}, "PutItem")


@pytest.mark.parametrize(
    "code",
    ["AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation", "403"],
)
def test_every_service_refuses_in_its_own_words(code: str) -> None:
    assert is_refused(answered(code))


@pytest.mark.parametrize("link", ["__cause__", "__context__"])
def test_a_refusal_that_was_wrapped_is_one(link: str) -> None:
    error = GetParameterError("no")
    setattr(error, link, answered("AccessDeniedException"))
    assert is_refused(error)


@pytest.mark.parametrize(
    "error",
    [
        answered("ThrottlingException"),
        answered("NoSuchKey"),
        EndpointConnectionError(endpoint_url="http://x"),
        GetParameterError("no"),
    ],
)
def test_what_failed_otherwise_is_none(error: Exception) -> None:
    assert not is_refused(error)


def test_the_dashboard_says_a_sentence_where_nobody_is_at_the_endpoint() -> None:
    made = boto3.Session("any", "any", region_name="us-east-1").resource(
        "dynamodb", endpoint_url="http://127.0.0.1:1"
    )

    def nobody(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    made.meta.client.meta.events.register("before-send.dynamodb", nobody)
    table = made.Table("jobs")
    ports = (
        Shelf()
        .ports()
        ._replace(
            records=DynamoRecords(table),
            figures=DynamoFigures(table),
            outages=(BotoCoreError, ClientError),
        )
    )
    client = create_app(ports).test_client()

    for address in ("/", "/uploads", "/jobs", "/jobs/spring-toy-1", "/jobs/spring-toy-1/rows"):
        page = client.get(address)
        assert page.status_code == 503
        assert "Is the stack running" in page.text
        assert "Traceback" not in page.text
        assert "127.0.0.1" not in page.text
