"""What commands ask of AWS, held to what the page of commands says that they have to be allowed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from botocore.client import BaseClient

from tools.reference import page

NOTED: list[str] = []
"""The actions that clients of a faked stack were asked for, as IAM calls them."""

_PREFIXES = {"stepfunctions": "states"}
_ACTIONS = {
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
}
"""Operations whose action has another name:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html"""

_BY_EVERY_COMMAND = "cloudformation:DescribeStacks"


def note(service: str, operation: str) -> None:
    """Note an operation that is asked for."""
    name = f"{_PREFIXES.get(service, service)}:{operation}"
    NOTED.append(_ACTIONS.get(name, name))


def overhear(client: Any) -> None:
    """Have each call of a client noted."""

    def heard(model: Any, **_: Any) -> None:
        note(model.service_model.service_name, model.name)

    if isinstance(client, BaseClient):
        client.meta.events.register("provide-client-params", heard, unique_id="rights")


@cache
def _rows() -> dict[str, str]:
    """Return what the page says of each command."""
    table = page().split("| For | you also need |")[1].split("\n\n")[0]
    rows = (line.strip("|").split(" | ") for line in table.splitlines()[2:])
    return {name: said for cell, said in rows for name in re.findall(r"`([a-z ]+)`", cell)}


@cache
def allowed(command: str) -> frozenset[str]:
    """Return the actions that the page names for a command, also by naming another one."""
    said = _rows()[command]
    named = re.findall(r"`([a-z0-9]+:\w+)`", said)
    beside = [] if " only" in said else [_BY_EVERY_COMMAND]
    others = " ".join(re.findall(r"what ((?:`[a-z ]+`(?:, | and )?)+) needs?", said))
    return frozenset([*named, *beside]).union(*map(allowed, re.findall(r"`([a-z ]+)`", others)))


def missing(arguments: Sequence[str], asked: Sequence[str]) -> set[str]:
    """Return the actions that a command asked for and the page does not name."""
    line = " ".join(arguments)
    command = max((name for name in _rows() if f"{line} ".startswith(f"{name} ")), key=len)
    return set(asked) - allowed(command)
