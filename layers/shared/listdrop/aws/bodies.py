"""Reads what S3 answers to its end, though the connection breaks in the middle.

boto3 makes a request again until an answer begins, and not if that breaks off later:
https://github.com/boto/botocore/issues/2764. An upload may have a gigabyte, and Finish leaves a
plan half read for as long as it writes items.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import (
    ClientError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)
from urllib3.exceptions import HTTPError

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

CHUNK = 1 << 20

MOST_BREAKS = 5
"""How often an answer may break off before a chunk of it was read."""

_BROKEN = (IncompleteReadError, ReadTimeoutError, ResponseStreamingError, HTTPError)
"""What reading raises. boto3 passes on some of urllib3's as they are: where TLS ends too soon."""

Ask = Callable[..., "GetObjectOutputTypeDef"]
"""Asks for an object, with what it is given besides: `Range`, `IfMatch`."""


def chunks(ask: Ask, first_byte: int = 0) -> Iterator[bytes]:
    """Yield an object from a byte on; nothing from its end on.

    What is left is asked for if it is still the same object. Fails as `ask` does if it is not.
    """
    at, breaks = first_byte, 0
    same: dict[str, Any] = {}
    while True:
        begins = {"Range": f"bytes={at}-"} if at else {}
        try:
            found = ask(**begins, **same)
        except ClientError as error:
            if at and error.response.get("Error", {}).get("Code") == "InvalidRange":
                return
            raise
        same = {"IfMatch": found["ETag"]}
        try:
            with closing(found["Body"]) as body:  # also where only its beginning is read
                _skip(at, found)
                while chunk := body.read(CHUNK):
                    at += len(chunk)
                    breaks = 0
                    yield chunk
        except _BROKEN:
            breaks += 1
            if breaks > MOST_BREAKS:
                raise
        else:
            return


def lines(some: Iterator[bytes]) -> Iterator[bytes]:
    r"""Yield the lines of chunks, each without its `\n`."""
    rest = b""
    for chunk in some:
        *whole_ones, rest = (rest + chunk).split(b"\n")
        yield from whole_ones
    if rest:
        yield rest


def whole(ask: Ask) -> bytes:
    """Return an object that is small enough to begin again with it."""
    return _read(ask, lambda found: found["Body"].read())


def part(ask: Ask, first_byte: int, size: int) -> bytes:
    """Return as many bytes of an object, or as there are. Fails as `ask` does at its end."""

    def read(found: GetObjectOutputTypeDef) -> bytes:
        _skip(first_byte, found)
        return found["Body"].read(size)

    return _read(partial(ask, Range=f"bytes={first_byte}-{first_byte + size - 1}"), read)


def _read(ask: Ask, read: Callable[[GetObjectOutputTypeDef], bytes]) -> bytes:
    breaks = 0
    while True:
        found = ask()
        try:
            with closing(found["Body"]):
                return read(found)
        except _BROKEN:
            breaks += 1
            if breaks > MOST_BREAKS:
                raise


def _skip(first_byte: int, found: GetObjectOutputTypeDef) -> None:
    """Go to the byte that was asked for. The engine gives all of a version."""
    left = 0 if "ContentRange" in found else first_byte
    while left and (skipped := found["Body"].read(min(left, CHUNK))):
        left -= len(skipped)
