"""Signing in, as far as nobody is asked. With identity providers: tests/browser."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from listdrop.dashboard.ports import SignIn
from listdrop.dashboard.signing_in import inside, visitor_of
from listdrop.dashboard.visitors import Role, roles_in
from listdrop.settings import settings
from listdrop.wiring import dashboard as wiring
from local.engine import ROOT
from tests.support.dashboards import Shelf
from tests.support.functions import Context, function

GIVEN = SignIn("https://id.example", "client", session_key="k" * 40)


# ---------------------------------------------------------------- roles


@pytest.mark.parametrize(
    ("words", "roles"),
    [
        ([], {}),
        (["look"], {"*": {Role.LOOK}}),
        (["drop", "approve", "drop"], {"*": {Role.DROP, Role.APPROVE}}),
        (["drop:spring", "look", "admin:spring"], {"spring": {"drop", "admin"}, "*": {"look"}}),
        (["listdrop-admin", "listdrop-drop:a:b"], {"*": {"admin"}, "a:b": {"drop"}}),
        (["boss", "Admin", "admins", "look:", ":spring", "", "listdrop-"], {}),
    ],
)
def test_roles_are_words_and_unknown_ones_are_left_out(
    words: list[str], roles: dict[str, Any]
) -> None:
    assert roles_in(words) == roles


@pytest.mark.parametrize(
    ("claim", "roles"),
    [
        (["look", "drop:spring"], {"*": {"look"}, "spring": {"drop"}}),
        ("look drop:spring", {"*": {"look"}, "spring": {"drop"}}),
        (["look drop"], {"*": {"look", "drop"}}),
        ({"admin": True}, {}),
        (True, {}),
        ([["admin"], None, 3], {}),
        (None, {}),
    ],
)
def test_a_claim_is_a_list_or_a_text(claim: Any, roles: dict[str, Any]) -> None:
    assert visitor_of({"sub": "s", "listdrop_roles": claim}, GIVEN).roles == roles


def test_somebody_with_a_role_for_one_route_looks_at_all_pages_and_does_no_more() -> None:
    visitor = visitor_of({"sub": "s", "listdrop_roles": "drop:spring"}, GIVEN)

    assert visitor.may(Role.LOOK)
    assert visitor.may(Role.DROP, "spring")
    assert not visitor.may(Role.DROP)
    assert not visitor.may(Role.DROP, "autumn")


PEOPLE = SignIn(
    "https://id.example",
    "client",
    session_key="k",
    people="Ada@example.com=drop,approve bo@example.com=look:spring broken =admin",
)


@pytest.mark.parametrize(
    ("claims", "roles"),
    [
        ({"email": "ada@EXAMPLE.com", "email_verified": True}, {"*": {"drop", "approve"}}),
        ({"email": "bo@example.com", "email_verified": True}, {"spring": {"look"}}),
        ({"email": "ada@example.com", "email_verified": False}, {}),
        ({"email": "ada@example.com", "email_verified": "true"}, {}),
        ({"email": "ada@example.com"}, {}),
        ({"email": "eve@example.com", "email_verified": True}, {}),
        ({"email": "", "email_verified": True}, {}),
        ({"email_verified": True}, {}),
    ],
)
def test_people_have_roles_by_their_verified_address_only(
    claims: dict[str, Any], roles: dict[str, Any]
) -> None:
    assert visitor_of({"sub": "s", **claims}, PEOPLE).roles == roles


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"email": "ada@example.com", "email_verified": True, "name": "Ada"}, "ada@example.com"),
        ({"email": "boss@example.com", "name": "Eve"}, "Eve"),
        ({"preferred_username": "ada@corp.example", "name": "Ada"}, "ada@corp.example"),
        ({}, "s-1"),
        ({"name": "x" * 999}, "x" * 200),
    ],
)
def test_somebody_is_called_by_what_their_provider_stands_for(
    claims: dict[str, Any], name: str
) -> None:
    assert visitor_of({"sub": "s-1", **claims}, GIVEN).name == name


@pytest.mark.parametrize(
    ("address", "stays"),
    [
        ("/jobs?since=7d", True),
        ("/person?who=ada%40example.com", True),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("/\n/evil.example", False),
        ("https://evil.example", False),
        ("", False),
    ],
)
def test_only_addresses_of_this_site_are_gone_back_to(address: str, *, stays: bool) -> None:
    assert inside(address) == (address if stays else "/")


def test_no_secret_is_in_what_is_printed() -> None:
    given = SignIn("https://id.example", "client", session_key="key-1", client_secret="key-2")

    assert "key-" not in repr(given)


# ---------------------------------------------------------------- its function

OWN = "abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-north-1.on.aws"


def asked(**more: Any) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(
        (ROOT / "events" / "dashboard-request.json").read_text("utf-8")
    )
    event["requestContext"]["accountId"] = "anonymous"  # as where people sign in
    return event | more


@pytest.fixture
def hosted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "dashboard_ports", Shelf().ports)
    monkeypatch.setattr(wiring, "sign_in", lambda: GIVEN)


@pytest.mark.usefixtures("hosted")
def test_the_function_sends_people_to_sign_in() -> None:
    answer = function("dashboard").lambda_handler(asked(), Context())

    assert answer["statusCode"] == 303
    assert answer["headers"]["location"] == "/sign-in?next=/routes?show%3D1"
    assert answer["headers"]["x-frame-options"] == "DENY"


@pytest.mark.usefixtures("hosted")
def test_the_function_goes_by_its_own_name_whatever_a_request_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from listdrop.dashboard import signing_in

    seen = []

    def begun(_: object, back: str) -> None:
        seen.append(back)
        raise OSError

    monkeypatch.setattr(signing_in.IdentityProvider, "create_authorization_url", begun)
    headers = {
        "host": "evil.example",
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "http",
    }
    function("dashboard").lambda_handler(asked(rawPath="/sign-in", headers=headers), Context())

    assert urlsplit(seen[0]).geturl() == f"https://{OWN}/sign-in/back"


def test_a_public_address_without_a_sign_in_answers_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wiring, "dashboard_ports", Shelf().ports)
    monkeypatch.setattr(wiring, "sign_in", lambda: None)

    with pytest.raises(PermissionError):
        function("dashboard").lambda_handler(asked(), Context())


# ---------------------------------------------------------------- its settings

PLAIN = {"STACK_NAME": "listdrop", "STAGE": "prod", "TABLE_NAME": "jobs"}


@pytest.fixture
def _settings(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in PLAIN.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(wiring, "_secret", lambda name: f"value of {name}")
    settings.cache_clear()
    wiring.sign_in.cache_clear()
    yield
    settings.cache_clear()
    wiring.sign_in.cache_clear()


@pytest.mark.usefixtures("_settings")
def test_without_an_issuer_nobody_signs_in() -> None:
    assert wiring.sign_in() is None


@pytest.mark.usefixtures("_settings")
def test_secrets_are_read_by_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "SIGN_IN_ISSUER": "https://id.example",
        "SIGN_IN_CLIENT": "client",
        "SIGN_IN_ROLES_CLAIM": "roles",
        "SESSION_KEY_SECRET": "arn:key",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    public = wiring.sign_in()
    assert public == SignIn(
        "https://id.example", "client", "value of arn:key", client_secret="", roles_claim="roles"
    )
    settings.cache_clear()
    wiring.sign_in.cache_clear()
    monkeypatch.setenv("SIGN_IN_CLIENT_SECRET", "sign-in")
    confidential = wiring.sign_in()

    assert confidential is not None
    assert confidential.client_secret == "value of sign-in"
