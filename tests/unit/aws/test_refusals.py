from __future__ import annotations

import pytest
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import ClientError, EndpointConnectionError

from listdrop.aws.refusals import is_refused


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
