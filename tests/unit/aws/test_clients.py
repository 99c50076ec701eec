"""Clients of functions are made when they are first used."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from listdrop.wiring import shared


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
