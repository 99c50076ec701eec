"""Routes are written so that AWS takes them, and read as they were written."""

from __future__ import annotations

import boto3
import pytest
from botocore.stub import ANY, Stubber

from listdrop.aws.route_book import SsmRouteBook
from listdrop.errors import RouteChangedError

SPRING = "/listdrop/routes/spring"
BEFORE = '{"columns": {"{{name}}": null}}'
STORED = r'{"columns": {"\u007b{name}}": null}}'
AFTER = '{"columns": {"{{first_name}}": "first_name"}}'


def test_a_header_of_two_braces_is_written_as_aws_takes_it() -> None:
    # It refuses "values wrapped in double brackets {{}}":
    # https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
    client = boto3.client("ssm", "us-east-1", aws_access_key_id="any", aws_secret_access_key="any")
    book = SsmRouteBook("listdrop", client)
    put = {"Name": SPRING, "Type": "String", "Overwrite": True, "Tier": ANY}
    with Stubber(client) as stubber:
        for _ in range(2):
            found = {"Parameter": {"Value": STORED}}
            stubber.add_response("get_parameter", found, {"Name": SPRING, "WithDecryption": True})
        written = r'{"columns": {"\u007b{first_name}}": "first_name"}}'
        stubber.add_response("put_parameter", {"Version": 2}, put | {"Value": written})

        assert book.text("spring") == BEFORE
        book.put("spring", AFTER, over=BEFORE)

        stubber.assert_no_pending_responses()
        stubber.add_response(
            "get_parameter",
            {"Parameter": {"Value": STORED}},
            {"Name": SPRING, "WithDecryption": True},
        )
        with pytest.raises(RouteChangedError):
            book.delete("spring", over=AFTER)
