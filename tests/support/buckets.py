"""An object in S3, as boto3's client reaches it: answers that begin, and then break off."""

from __future__ import annotations

import io
from collections.abc import Callable, MutableSequence
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from urllib3.exceptions import ProtocolError, ReadTimeoutError, SSLError

BREAKS: dict[str, Callable[[], Exception]] = {
    "reset": lambda: ProtocolError("Connection broken", ConnectionResetError(104, "reset")),
    "timeout": lambda: ReadTimeoutError(Any, "url", "Read timed out."),  # type: ignore[arg-type] # no pool
    "tls": lambda: SSLError("decryption failed or bad record mac"),
}
"""What urllib3 raises while it reads an answer."""

ETAG = '"0123456789abcdef"'


class BrokenBucket:
    """Has one object, whatever is asked for, and perhaps gives all of it where a part is asked for.

    `breaks` has for each answer after how many bytes it breaks off, and how: without an error, it
    only ends too soon.
    """

    def __init__(self, content: bytes, *, ranges: bool = True) -> None:
        self.content = content
        self.etag = ETAG
        self.is_gone = False
        self.breaks: MutableSequence[Any] = []
        self.asked: list[dict[str, str]] = []
        """Of each request, its `Range`, `If-Match` and `versionId`, as far as it has them."""
        self.bodies: list[_Body] = []
        self._ranges = ranges
        config = Config(s3={"addressing_style": "path"})
        self.client = _session().client("s3", config=config)
        answer: Any = self._answer
        self.client.meta.events.register("before-send.s3", answer)

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        told = {name: _text(request.headers.get(name)) for name in ("Range", "If-Match")}
        (version,) = parse_qs(urlsplit(request.url).query).get("versionId", [""])
        told["versionId"] = version
        self.asked.append({name: value for name, value in told.items() if value})
        if self.is_gone:
            return self._refused(request.url, 404, "NoSuchKey")
        if told["If-Match"] not in ("", self.etag):
            return self._refused(request.url, 412, "PreconditionFailed")
        first, last = 0, len(self.content) - 1
        if told["Range"] and self._ranges:
            start, end = told["Range"].removeprefix("bytes=").split("-")
            first, last = int(start), min(int(end or last), last)
            if first > last:
                return self._refused(request.url, 416, "InvalidRange")
        headers: Any = {"ETag": self.etag, "content-length": str(last + 1 - first)}
        if told["Range"] and self._ranges:
            headers["Content-Range"] = f"bytes {first}-{last}/{len(self.content)}"
        body: Any = _Body(
            self.content[first : last + 1], self.breaks.pop(0) if self.breaks else None
        )
        self.bodies.append(body)
        return AWSResponse(request.url, 206 if "Content-Range" in headers else 200, headers, body)

    def _refused(self, url: str, status: int, code: str) -> AWSResponse:
        body: Any = _Body(f"<Error><Code>{code}</Code></Error>".encode(), None)
        headers: Any = {}
        return AWSResponse(url, status, headers, body)


class _Body(io.BytesIO):
    """What urllib3 gives to read."""

    def __init__(self, content: bytes, breaks: tuple[int, Exception | None] | None) -> None:
        self._breaks_at, self._error = breaks or (len(content) + 1, None)
        super().__init__(content[: self._breaks_at])

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        if self._error is not None and (size is None or size < 0 or len(found) < size):
            raise self._error
        return found

    def stream(self, **_: Any) -> Any:
        yield self.read()


@cache
def _session() -> boto3.Session:
    """What it reads takes longer than all else."""
    return boto3.Session("any", "any", region_name="us-east-1")


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else value or ""
