"""What is read of S3 is whole, or an error, where connections break in the middle."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from listdrop.aws.bodies import CHUNK, MOST_BREAKS
from listdrop.aws.downloads import S3Downloads
from listdrop.aws.s3 import S3Archive, S3Files, S3Uploads
from listdrop.errors import UploadRejectedError
from listdrop.models import Upload
from tests.support.buckets import BREAKS, ETAG, BrokenBucket

CONTENT = b"".join(b"%01023d\n" % number for number in range(5 << 10)) + b"the end"
"""Lines of 1 KB, of about five chunks."""

SUMMARY = b'{"top_reasons": [{"outcome": "refused", "reason": "no", "rows": 4}]}'
UPLOAD = Upload(bucket="uploads", key="inbox/spring/a.csv", version_id="v1")

Read = Callable[[BrokenBucket], Iterator[bytes]]


def upload(bucket: BrokenBucket) -> Iterator[bytes]:
    return S3Uploads(bucket.client).read(UPLOAD)


def plan(bucket: BrokenBucket) -> Iterator[bytes]:
    lines = S3Files(bucket.client, "results").plan_lines("a")
    yield next(lines)
    for line in lines:
        yield b"\n"
        yield line


STREAMS: dict[str, Read] = {
    "upload": upload,
    "list": lambda bucket: S3Uploads(bucket.client).read_list("uploads", "suppression/a.csv"),
    "plan": plan,
    "result": lambda bucket: S3Archive(bucket.client, "results").read("a", "results.csv"),
}
every_stream = pytest.mark.parametrize("read", STREAMS.values(), ids=STREAMS)
every_break = pytest.mark.parametrize("error", BREAKS.values(), ids=BREAKS)

WHOLES: dict[str, Callable[[BrokenBucket], object]] = {
    "outcomes": lambda bucket: S3Files(bucket.client, "results").read_outcomes("a", "1"),
    "piece": lambda bucket: S3Files(bucket.client, "results").read_piece("a", "1"),
    "plan": lambda bucket: S3Files(bucket.client, "results").read_plan("a", 5, 40),
    "upload": lambda bucket: S3Uploads(bucket.client).read_part(UPLOAD, 5, 36),
    "reasons": lambda bucket: S3Downloads(bucket.client, "results").reasons("a"),
}
every_whole = pytest.mark.parametrize("read", WHOLES.values(), ids=WHOLES)


@every_break
@every_stream
def test_a_download_goes_on_where_it_broke_off(read: Read, error: Callable[[], Exception]) -> None:
    bucket = BrokenBucket(CONTENT)
    bucket.breaks = [(2 * CHUNK + 5, error()), (10, error()), (CHUNK + 1, error())]

    assert b"".join(read(bucket)) == CONTENT

    first, *others = bucket.asked
    starts = [2 * CHUNK, 2 * CHUNK, 3 * CHUNK]
    assert [each["Range"] for each in others] == [f"bytes={start}-" for start in starts]
    assert "If-Match" not in first
    assert {each["If-Match"] for each in others} == {ETAG}
    assert all(body.closed for body in bucket.bodies)


@every_stream
def test_a_download_that_only_ends_too_soon_goes_on_there(read: Read) -> None:
    bucket = BrokenBucket(CONTENT)
    bucket.breaks = [(2 * CHUNK + 5, None)]

    assert b"".join(read(bucket)) == CONTENT

    assert [each.get("Range") for each in bucket.asked] == [None, f"bytes={2 * CHUNK + 5}-"]


def test_each_part_of_an_upload_is_of_one_version() -> None:
    bucket = BrokenBucket(CONTENT)
    bucket.breaks = [(CHUNK, None)]

    assert b"".join(upload(bucket)) == CONTENT

    assert [each["versionId"] for each in bucket.asked] == ["v1", "v1"]


@every_stream
def test_a_bucket_that_gives_all_of_it_again_is_read_from_there(read: Read) -> None:
    bucket = BrokenBucket(CONTENT, ranges=False)
    bucket.breaks = [(2 * CHUNK + 5, BREAKS["reset"]()), (CHUNK + 5, BREAKS["reset"]())]

    assert b"".join(read(bucket)) == CONTENT

    assert len(bucket.asked) == 3


@every_break
@every_stream
def test_a_download_that_comes_no_further_is_an_error(
    read: Read, error: Callable[[], Exception]
) -> None:
    bucket = BrokenBucket(CONTENT)
    bucket.breaks = [(CHUNK + 1, error())] + [(5, error())] * 100

    with pytest.raises((BotoCoreError, HTTPError)):
        b"".join(read(bucket))

    assert len(bucket.asked) == 1 + MOST_BREAKS


@every_stream
def test_a_download_that_comes_further_each_time_ends(read: Read) -> None:
    """Finish writes items for a minute between two reads, and S3 may hang up each time."""
    bucket = BrokenBucket(CONTENT * 3)
    bucket.breaks = [(CHUNK + 1, BREAKS["timeout"]())] * 3 * MOST_BREAKS

    assert b"".join(read(bucket)) == CONTENT * 3

    assert len(bucket.asked) > 2 * MOST_BREAKS


@pytest.mark.parametrize("name", ["list", "plan", "result"])
def test_what_is_stored_over_meanwhile_is_no_part_of_it(name: str) -> None:
    bucket = BrokenBucket(CONTENT)
    bucket.breaks = [(CHUNK + 1, BREAKS["reset"]())]
    chunks = STREAMS[name](bucket)
    next(chunks)

    bucket.etag = '"another"'

    with pytest.raises(ClientError, match="PreconditionFailed"):
        list(chunks)


def test_an_upload_that_is_deleted_meanwhile_is_rejected() -> None:
    bucket = BrokenBucket(CONTENT)
    bucket.breaks = [(CHUNK + 1, BREAKS["reset"]())]
    chunks = upload(bucket)
    next(chunks)

    bucket.is_gone = True

    with pytest.raises(UploadRejectedError, match="deleted"):
        list(chunks)


def test_a_result_that_is_deleted_meanwhile_is_not_a_shorter_one() -> None:
    bucket = BrokenBucket(CONTENT)
    bucket.breaks = [(CHUNK + 1, BREAKS["reset"]())]
    chunks = STREAMS["result"](bucket)
    next(chunks)

    bucket.is_gone = True

    with pytest.raises(ClientError, match="NoSuchKey"):
        list(chunks)


@every_stream
def test_a_break_after_the_last_byte_loses_nothing(read: Read) -> None:
    content = CONTENT[: 2 * CHUNK - 1] + b"."
    bucket = BrokenBucket(content)
    bucket.breaks = [(2 * CHUNK, BREAKS["reset"]())]

    assert b"".join(read(bucket)) == content

    assert len(bucket.asked) == 2


def test_a_body_of_which_only_the_beginning_is_read_is_closed() -> None:
    bucket = BrokenBucket(CONTENT)
    chunks = upload(bucket)
    next(chunks)

    del chunks

    assert bucket.bodies[0].closed


@pytest.mark.parametrize("ranges", [True, False])
@every_break
@every_whole
def test_what_is_small_is_read_again(
    read: Callable[[BrokenBucket], object], error: Callable[[], Exception], *, ranges: bool
) -> None:
    wanted = read(BrokenBucket(SUMMARY))
    bucket = BrokenBucket(SUMMARY, ranges=ranges)
    bucket.breaks = [(10, error())] * MOST_BREAKS

    assert read(bucket) == wanted

    assert len(bucket.asked) == MOST_BREAKS + 1
    assert len({*map(str, bucket.asked)}) == 1


@every_whole
def test_what_breaks_off_each_time_is_an_error(read: Callable[[BrokenBucket], object]) -> None:
    bucket = BrokenBucket(SUMMARY)
    bucket.breaks = [(10, BREAKS["reset"]())] * 100

    with pytest.raises(BotoCoreError):
        read(bucket)


@pytest.mark.parametrize("first", [0, 1024, CHUNK, 3 * CHUNK + 5])
def test_lines_of_a_plan_are_those_from_a_byte_on(first: int) -> None:
    bucket = BrokenBucket(CONTENT)

    found = list(S3Files(bucket.client, "results").plan_lines("a", first))

    assert found == CONTENT[first:].splitlines()


@pytest.mark.parametrize(
    "content", [b"", b"a", b"a\n", b"a\n\nb\n", b"a" * (2 * CHUNK + 1) + b"\nb"]
)
def test_every_line_is_there_however_long(content: bytes) -> None:
    bucket = BrokenBucket(content)

    found = list(S3Files(bucket.client, "results").plan_lines("a"))

    assert found == content.splitlines()


def test_nothing_is_left_at_the_end_of_a_plan() -> None:
    bucket = BrokenBucket(CONTENT)

    assert list(S3Files(bucket.client, "results").plan_lines("a", len(CONTENT))) == []
