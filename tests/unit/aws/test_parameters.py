"""Routes are read for each upload; an impossible name is told from one that is missing."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from aws_lambda_powertools.utilities.parameters import SecretsProvider, SSMProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import ClientError

from listdrop.aws.parameters import SecretAccounts, SsmRoutes
from listdrop.errors import UploadRejectedError
from listdrop.models import Account, KeyAccount
from listdrop.providers.kakiyo import Kakiyo
from listdrop.providers.routing import parse_account, parse_route


class Client:
    """Systems Manager with one parameter, which is another one each time."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get_parameter(self, Name: str, **options: Any) -> Any:  # noqa: N803 # the SDK's name
        self.asked.append(Name)
        if not options.get("WithDecryption"):  # it may be a SecureString
            return {"Parameter": {"Value": "AQICAHg="}}
        to = f'{{"provider": "activecampaign", "lists": [{len(self.asked)}]}}'
        return {"Parameter": {"Value": f'{{"destinations": [{to}]}}'}}


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def routes(client: Any) -> SsmRoutes:
    return SsmRoutes("listdrop", SSMProvider(boto3_client=client), parse_route)


def test_a_route_that_was_just_changed_counts_at_once(routes: SsmRoutes, client: Client) -> None:
    found = [routes.get("spring").destinations[0].model_dump(mode="json") for _ in range(3)]

    assert [destination["lists"] for destination in found] == [[1], [2], [3]]
    assert client.asked == ["/listdrop/routes/spring"] * 3


@pytest.mark.parametrize(("days", "is_good"), [(0, True), (2, True), (1, False)])
def test_a_deadline_is_no_longer_than_uploads_are_kept(days: int, *, is_good: bool) -> None:
    to = '{"provider": "activecampaign", "lists": [1]}'
    text = f'{{"destinations": [{to}], "deadline_minutes": 2880}}'

    if is_good:
        assert parse_route("spring", text, kept_days=days).deadline_minutes == 2_880
        return
    with pytest.raises(
        UploadRejectedError, match="longer than uploads are kept, 1 days"
    ) as rejected:
        parse_route("spring", text, kept_days=days)
    assert rejected.value.reason == "bad_route"


HOLD = {"hold": {"above_rows": 0}}
SAMPLE: dict[str, Any] = {"sample": {}}


def route_text(options: dict[str, Any]) -> str:
    """Return a route's JSON with these options."""
    return json.dumps({"destinations": [{"provider": "activecampaign", "lists": [1]}]} | options)


@pytest.mark.parametrize(
    ("options", "days", "said"),
    [
        (
            HOLD | {"hold_hours": 480},
            7,
            "hold_hours: lower it, .* wait for 480 hours and run for 6",
        ),
        (HOLD | {"hold_hours": 163}, 7, "hold_hours: .* wait for 163 hours and run for 6"),
        (SAMPLE | {"hold_hours": 157}, 7, "hold_hours: .* wait for 157 hours and run for 12"),
        (HOLD | SAMPLE | {"hold_hours": 79}, 7, "hold_hours: .* wait for 158 hours and run for 12"),
        (HOLD | SAMPLE | {"hold_hours": 720}, 60, "hold_hours: .* wait for 1,440 hours"),
        (HOLD, 2, "hold_hours: .* wait for 48 hours and run for 6"),
        (
            HOLD | {"deadline_minutes": 10_080},
            7,
            "deadline_minutes: .* for 48 hours and run for 168",
        ),
        (SAMPLE | {"deadline_minutes": 5_000}, 7, "deadline_minutes: .* and run for 166.7"),
        (HOLD | {"deadline_minutes": 43_200, "hold_hours": 720}, 59, "hold_hours: lower it"),
    ],
)
def test_a_job_does_not_wait_and_run_for_longer_than_its_files_are_kept(
    options: dict[str, Any], days: int, said: str
) -> None:
    with pytest.raises(UploadRejectedError, match=said) as rejected:
        parse_route("spring", route_text(options), kept_days=days)

    assert rejected.value.reason == "bad_route"
    assert f"longer than uploads are kept, {days} days (RetentionDays)." in rejected.value.text


@pytest.mark.parametrize(
    ("options", "days"),
    [
        ({}, 1),
        ({"hold_hours": 720}, 1),  # nothing waits
        ({"hold_hours": 720, "deadline_minutes": 1_440}, 1),
        (HOLD | {"hold_hours": 162}, 7),
        (SAMPLE | {"hold_hours": 156}, 7),
        (HOLD | SAMPLE | {"hold_hours": 78}, 7),
        (HOLD | SAMPLE, 90),
        (HOLD | SAMPLE | {"hold_hours": 720, "deadline_minutes": 43_200}, 120),
        (HOLD | SAMPLE | {"hold_hours": 720, "deadline_minutes": 43_200}, 0),  # not known
    ],
)
def test_a_job_may_wait_and_run_for_as_long_as_its_files_are_kept(
    options: dict[str, Any], days: int
) -> None:
    assert parse_route("spring", route_text(options), kept_days=days).destinations


@pytest.mark.parametrize(
    ("name", "said"),
    [("", "has no route"), ("x" * 41, "1 to 40"), ("my route!", "1 to 40"), ("-x", "1 to 40")],
)
def test_a_name_that_cannot_be_a_route_s_is_told_so(
    routes: SsmRoutes, client: Client, name: str, said: str
) -> None:
    with pytest.raises(UploadRejectedError, match=said) as rejected:
        routes.get(name)
    assert rejected.value.reason == "unknown_route"
    assert client.asked == []


# ---------------------------------------------------------------- accounts


class Refusing:
    """A client of Secrets Manager that answers with an error."""

    def __init__(self, code: str) -> None:
        self.code = code

    def get_secret_value(self, **_: Any) -> Any:
        raise ClientError({"Error": {"Code": self.code, "Message": "No."}}, "GetSecretValue")


def account_of(code: str) -> Account:
    client: Any = Refusing(code)
    provider = SecretsProvider(boto3_client=client)
    accounts = SecretAccounts("listdrop", provider, partial(parse_account, allow_loopback=False))
    return accounts.get(Kakiyo, "default")


@pytest.mark.parametrize(
    ("code", "reason", "said"),
    [
        ("ResourceNotFoundException", "unknown_account", "There is no account"),
        ("InvalidRequestException", "bad_account", "scheduled for deletion"),
        ("AccessDeniedException", "bad_account", "may not be read"),
        ("DecryptionFailure", "bad_account", "cannot be decrypted"),
    ],
)
def test_a_secret_that_no_second_try_can_read_is_told_at_once(
    code: str, reason: str, said: str
) -> None:
    with pytest.raises(UploadRejectedError, match=said) as rejected:
        account_of(code)

    assert rejected.value.reason == reason
    assert "listdrop/kakiyo/default" in rejected.value.text


class Changing:
    """A client of Secrets Manager whose one secret is another one each time."""

    def __init__(self) -> None:
        self.asked = 0

    def get_secret_value(self, **_: Any) -> Any:
        self.asked += 1
        return {"SecretString": json.dumps({"api_key": str(self.asked)})}


def test_a_key_is_kept_for_a_while_and_read_again_where_it_was_refused() -> None:
    client: Any = Changing()
    provider = SecretsProvider(boto3_client=client)
    accounts = SecretAccounts("listdrop", provider, partial(parse_account, allow_loopback=False))

    def key(*, fresh: bool = False) -> str:
        found = accounts.get(Kakiyo, "default", fresh=fresh)
        assert isinstance(found, KeyAccount)
        return found.api_key

    assert [key(), key(), key(fresh=True), key()] == ["1", "1", "2", "2"]


@pytest.mark.parametrize("code", ["InternalServiceError", "ThrottlingException"])
def test_what_another_try_may_read_is_tried_again(code: str) -> None:
    with pytest.raises(GetParameterError):
        account_of(code)
