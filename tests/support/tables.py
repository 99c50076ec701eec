"""A table that answers as scripted, below boto3: what it raises is what it raises on AWS."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse

THROTTLED = "ProvisionedThroughputExceededException"
CONDITION = "ConditionalCheckFailedException"

Asked = Mapping[str, Any]
"""The parameters of a request, as they are on the wire."""

Answer = tuple[int, Mapping[str, Any]]
"""A status, and a body."""


class ScriptedTable:
    """A real table of boto3 whose requests are answered here.

    Each answer of the script is for one request; after them, every write is taken, and nothing is
    found. `on_request` is called with each: it may let time pass. With `reads`, those that read
    have answers of their own.
    """

    def __init__(
        self,
        *script: Answer | Callable[[Asked], Answer],
        reads: Callable[[Asked], Answer] | None = None,
    ) -> None:
        self.script = [*script]
        self.asked: list[Asked] = []
        """Those that were answered by the script, or would have been."""
        self.on_request: Callable[[], None] = lambda: None
        self._reads = reads
        self.table: Any = _session().resource("dynamodb").Table("jobs")
        answer: Any = self._answer
        self.table.meta.client.meta.events.register("before-send.dynamodb", answer)

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        operation = request.headers["X-Amz-Target"].decode().partition(".")[2]
        asked = json.loads(request.body)
        self.on_request()
        if self._reads and operation in ("GetItem", "Query"):
            status, body = self._reads(asked)
        else:
            self.asked.append(asked)
            scripted = self.script.pop(0) if self.script else (200, {})
            status, body = scripted(asked) if callable(scripted) else scripted
        headers: Any = {"content-type": "application/x-amz-json-1.0"}
        raw: Any = Raw(json.dumps(body).encode())
        return AWSResponse(request.url, status, headers, raw)


def failure(code: str, **more: Any) -> Answer:
    """Return an error as DynamoDB says it."""
    status = 500 if code == "InternalServerError" else 400
    return status, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "", **more}


@cache
def _session() -> boto3.Session:
    """What it reads takes longer than all else."""
    return boto3.Session("any", "any", region_name="us-east-1")


class Raw:
    """The body of an answer, as urllib3 gives it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Any:
        """Yield all of it at once."""
        yield self._content
