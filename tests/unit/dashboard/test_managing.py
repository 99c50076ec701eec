"""Keys are tested, and people subscribed and erased, in a browser."""

from __future__ import annotations

import pytest

from listdrop.dashboard.visitors import Role
from listdrop.errors import UploadRejectedError
from listdrop.models import StoredAccount
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

    assert f"kakiyo, default: {text}" in page.text
    assert office.acts == [("ada", "test the key", "ACCOUNT#kakiyo/default", "")]


def test_a_key_that_cannot_be_read_is_a_sentence(office: Office) -> None:
    office.probes.answers["kakiyo", "default"] = UploadRejectedError("unknown_account", "None.")
    page = act(office.client(), KEY)
    assert "kakiyo, default: None." in page.text
    assert [outcome for *_, outcome in office.acts] == ["", "failed"]


@pytest.mark.parametrize(
    "address", ["/accounts/nobody/default/test", "/accounts/kakiyo/a%20b/test"]
)
def test_there_is_no_such_account(office: Office, address: str) -> None:
    assert office.client().get(address).status_code == 404


@pytest.mark.parametrize("role", [Role.LOOK, Role.DROP, Role.APPROVE, Role.ADMIN])
@pytest.mark.parametrize("address", [KEY])
def test_only_those_who_administer_everything_may(office: Office, role: Role, address: str) -> None:
    client = office.client(somebody(role))
    client.application.config["WTF_CSRF_ENABLED"] = False

    assert address not in client.get("/routes").text
    assert client.get(address).status_code == 403
    assert client.post(address).status_code == 403
    assert not office.audit.acts
