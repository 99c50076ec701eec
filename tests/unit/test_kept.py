"""What `make up` remembers of simulators between runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from local.kept import Addresses
from local.stack import Stack


class Secrets:
    """Secrets Manager, with what `keep` asks of it."""

    def __init__(self, **secrets: str) -> None:
        self.texts = secrets

    def get_paginator(self, _: str) -> Secrets:
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return [{"SecretList": [{"Name": name} for name in self.texts]}]

    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803 # boto3's name
        return {"SecretString": self.texts[SecretId]}

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> None:  # noqa: N803 # boto3's
        self.texts[SecretId] = SecretString


class Stacked:
    """A stack with nothing but secrets."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def client(self, _: str) -> Secrets:
        return self._secrets


def keep(addresses: Addresses, secrets: Secrets, **urls: str) -> None:
    addresses.keep(urls, cast("Stack", Stacked(secrets)))


def test_accounts_follow_a_simulator_to_its_next_port_and_no_others_change(tmp_path: Path) -> None:
    others = {
        "real": '{"api_key": "k", "base_url": "https://api.kakiyo.com/v1"}',
        "none": '{"api_key": "k"}',
        "text": "not JSON",
        "list": "[]",
    }
    secrets = Secrets(mine='{"api_key": "k", "base_url": "http://127.0.0.1:5001/v1"}', **others)
    keep(Addresses(tmp_path), secrets, kakiyo="http://127.0.0.1:5001")

    keep(Addresses(tmp_path), secrets, kakiyo="http://127.0.0.1:5002")

    mine = json.loads(secrets.texts.pop("mine"))
    assert mine == {"api_key": "k", "base_url": "http://127.0.0.1:5002/v1"}
    assert secrets.texts == others


def test_a_simulator_has_its_last_port_unless_that_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(Addresses(tmp_path), Secrets(), kakiyo="http://127.0.0.1:5001")
    addresses = Addresses(tmp_path)

    monkeypatch.setattr("local.kept.is_taken", lambda _: False)
    assert (addresses.port("kakiyo"), addresses.port("waalaxy")) == (5001, 0)
    assert ("kakiyo" in addresses, "waalaxy" in addresses) == (True, False)
    monkeypatch.setattr("local.kept.is_taken", lambda _: True)
    assert addresses.port("kakiyo") == 0
