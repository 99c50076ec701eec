"""Keys are tested, and people subscribed and erased, in a browser."""

from __future__ import annotations

import pytest

from listdrop.dashboard.visitors import Role
from listdrop.errors import UploadRejectedError
from listdrop.jobs.subscribing import Kind, filter_policy
from listdrop.models import StoredAccount
from listdrop.ports import Subscription
from tests.support.dashboards import NOW
from tests.unit.dashboard.office import Office, act, somebody

KEY = "/accounts/kakiyo/default/test"


@pytest.fixture
def office() -> Office:
    office = Office()
    office.shelf.stored_accounts = [StoredAccount("kakiyo", "default", NOW)]
    return office


# ---------------------------------------------------------------- keys


@pytest.mark.parametrize(
    ("result", "text"), [("good", "The provider accepts the key."), ("refused", "No such key.")]
)
def test_a_key_is_tested_and_its_answer_is_a_sentence(
    office: Office, result: str, text: str
) -> None:
    office.probes.answers["kakiyo", "default"] = (result, text)
    client = office.client()

    assert f'href="{KEY}"' in client.get("/routes").text
    page = act(client, KEY)

    assert f"Kakiyo, default: {text}" in page.text
    assert office.acts == [("ada", "test the key", "ACCOUNT#kakiyo/default", "")]


def test_a_key_that_cannot_be_read_is_a_sentence(office: Office) -> None:
    office.probes.answers["kakiyo", "default"] = UploadRejectedError("unknown_account", "None.")
    page = act(office.client(), KEY)
    assert "Kakiyo, default: None." in page.text
    assert [outcome for *_, outcome in office.acts] == ["", "failed"]


@pytest.mark.parametrize(
    "address", ["/accounts/nobody/default/test", "/accounts/kakiyo/a%20b/test"]
)
def test_there_is_no_such_account(office: Office, address: str) -> None:
    assert office.client().get(address).status_code == 404


@pytest.mark.parametrize("role", [Role.LOOK, Role.DROP, Role.APPROVE, Role.ADMIN])
@pytest.mark.parametrize("address", [KEY, "/subscriptions/new", "/subscriptions/end?name=arn:1"])
def test_only_those_who_administer_everything_may(office: Office, role: Role, address: str) -> None:
    client = office.client(somebody(role))
    client.application.config["WTF_CSRF_ENABLED"] = False

    assert address not in client.get("/routes").text
    assert client.get(address).status_code == 403
    assert client.post(address).status_code == 403
    assert not office.audit.acts


# ---------------------------------------------------------------- subscriptions


@pytest.mark.parametrize("problems", [True, False])
def test_an_address_is_subscribed_to_uploads_and_has_to_confirm_it(
    office: Office, *, problems: bool
) -> None:
    client = office.client()
    assert 'href="/subscriptions"' in client.get("/routes").text
    assert "Nobody is told yet." in client.get("/subscriptions").text

    given = {"problems": "1"} if problems else {}
    page = act(client, "/subscriptions/new", email=" ada@example.com ", **given)

    assert "AWS has sent a confirmation there" in page.text
    assert "not confirmed yet" in page.text
    assert "ada@example.com" not in page.text
    assert "ada@example.com" in client.get("/subscriptions?show=1").text
    policy = office.subscriptions.policies["ada@example.com"]
    assert policy == filter_policy([], [], [], None, kind=Kind.UPLOAD, problems=problems)
    assert office.acts == [("ada", "subscribe an address", "STACK", "")]
    assert "ada@" not in office.audit.acts[0].detail


@pytest.mark.parametrize("address", ["", "ada", "https://example.com", "a@b.c\nBcc: d@e.f"])
def test_what_is_no_address_is_not_subscribed(office: Office, address: str) -> None:
    page = act(office.client(), "/subscriptions/new", email=address)
    assert "That is no e-mail address." in page.text
    assert not office.subscriptions.found
    assert not office.audit.acts


def test_a_stack_on_this_machine_says_that_it_sends_no_mail(office: Office) -> None:
    office.subscriptions.sends_mail = False
    page = act(office.client(), "/subscriptions/new", email="ada@example.com")
    assert "No e-mail will come" in page.text


def test_somebody_is_unsubscribed(office: Office) -> None:
    office.subscriptions.found = [
        Subscription("email", "ada@example.com", "arn:1"),
        Subscription("sqs", "arn:queue", "arn:2"),
    ]
    client = office.client()
    assert 'href="/subscriptions/end?name=arn:1"' in client.get("/subscriptions").text

    page = act(client, "/subscriptions/end?name=arn:1")

    assert "Unsubscribed." in page.text
    assert [each.name for each in office.subscriptions.found] == ["arn:2"]
    assert office.acts == [("ada", "unsubscribe", "STACK", "")]
    for name in ("arn:1", "", "arn:of-another-topic"):
        assert client.get(f"/subscriptions/end?name={name}").status_code == 404
