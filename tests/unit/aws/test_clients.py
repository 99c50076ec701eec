"""Clients of functions are made when they are first used."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from listdrop.jobs.turns import LEASE_SECONDS
from listdrop.settings import Settings
from listdrop.wiring import shared

BOTO3_ASKS = 4
"""How often it makes a request of DynamoDB that has no answer."""


class Made:
    """A client that remembers how it was made."""

    def __init__(self, service: str, config: Any) -> None:
        self.service = service
        self.config = config


def test_a_client_is_made_once_and_only_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Made] = []

    def make(service: str, config: Any = None) -> Made:
        made.append(Made(service, config))
        return made[-1]

    monkeypatch.setattr(boto3, "client", make)
    shared.client.cache_clear()
    topics = shared.client("sns")
    assert made == []

    assert (topics.service, topics.config) == ("sns", None)
    assert shared.client("sns").service == "sns"
    assert len(made) == 1
    shared.client.cache_clear()


@pytest.mark.parametrize("region", ["eu-west-1", "eu-south-2"])
def test_a_signed_link_leads_to_the_bucket_s_own_region(
    monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    session = boto3.Session("any", "any", region_name=region)
    s3 = session.client("s3", config=shared.SIGNING)

    link = s3.generate_presigned_url("get_object", {"Bucket": "results", "Key": "a"})

    assert link.startswith(f"https://results.s3.{region}.amazonaws.com/a?")


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_a_table_that_does_not_answer_is_asked_again_before_a_lease_ends(
    monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    configs = made_for_the_table(monkeypatch, stage)

    for config in configs:
        assert BOTO3_ASKS * (config.connect_timeout + config.read_timeout) < LEASE_SECONDS


def test_the_engine_may_take_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    assert made_for_the_table(monkeypatch, "local") == [None, None]


def made_for_the_table(monkeypatch: pytest.MonkeyPatch, stage: str) -> list[Any]:
    """Return how the table and its client are made in a stage."""
    made: list[Any] = []
    given = Settings(stack_name="a", stage=stage, table_name="jobs")

    def make(service: str, config: Any = None) -> Any:
        made.append(config)
        return SimpleNamespace(Table=lambda name: SimpleNamespace(name=name), service=service)

    monkeypatch.setattr(shared, "settings", lambda: given)
    monkeypatch.setattr(boto3, "resource", make)
    monkeypatch.setattr(boto3, "client", make)
    for each in (shared.table, shared.client):
        each.cache_clear()
    assert shared.table().name == "jobs"
    assert shared.table_client().service == "dynamodb"
    for each in (shared.table, shared.client):
        each.cache_clear()
    return made
