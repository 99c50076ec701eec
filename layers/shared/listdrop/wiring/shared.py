"""What several functions work with."""

from __future__ import annotations

from functools import cache, cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from listdrop.aws.messaging import SystemClock
from listdrop.aws.s3 import S3Files
from listdrop.notices.links import Links
from listdrop.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


SIGNING = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
"""For links to files: only so do they lead to the bucket's own region.

Otherwise they lead to S3's global address, which sends on to another host, for which the signature
is wrong, or refuses them: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingRouting.html
"""

_TABLE = Config(connect_timeout=3, read_timeout=10)
"""For the table, which answers within milliseconds.

boto3 would wait for each answer for a minute before it asks again, and asks up to four times: a
batch's lease, which is for a minute and a half, would end meanwhile:
https://botocore.amazonaws.com/v1/documentation/api/latest/reference/config.html
"""

_MAKING = Lock()
"""A session makes clients for one thread at a time."""


class _Client:
    """A client that is made when it is first used: most events need few of a function's."""

    def __init__(self, service: str, config: Config | None) -> None:
        self._service = service
        self._config = config

    def __getattr__(self, name: str) -> Any:
        with _MAKING:
            made = self._made
        return getattr(made, name)

    @cached_property
    def _made(self) -> Any:
        make: Any = boto3.client  # all are of one session, which reads descriptions once
        return make(self._service, config=self._config)


@cache
def client(service: str, config: Config | None = None) -> Any:
    """Return the client of a service."""
    return _Client(service, config)


@cache
def table() -> Table:
    """Return the stack's table."""
    return boto3.resource("dynamodb", config=_table_config()).Table(settings().table_name)


def table_client() -> Any:
    """Return a separate client for the table."""
    return client("dynamodb", _table_config())


def _table_config() -> Config | None:
    """Return how the table is asked. The engine of a busy laptop may take its time."""
    return None if settings().is_local else _TABLE


@cache
def clock() -> SystemClock:
    """Return the clock."""
    return SystemClock()


@cache
def files() -> S3Files:
    """Return the files of jobs."""
    return S3Files(client("s3"), settings().results_bucket)


def links() -> Links:
    """Return where messages lead."""
    return Links(settings().console_region, settings().dashboard_url)
