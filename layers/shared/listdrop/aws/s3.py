"""Uploads and results in S3."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from listdrop.aws import bodies
from listdrop.aws.plan_parts import PlanParts
from listdrop.errors import UploadRejectedError
from listdrop.models import STAGED, Listed, Place, Results, Upload, files

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import (
        CompletedPartTypeDef,
        GetObjectOutputTypeDef,
        ObjectVersionTypeDef,
    )

STAGED_FOLDER = "staged/"
"""Of the uploads bucket: in a folder for each file, what waits until somebody has looked at it."""

_INBOX = "inbox/"
_JOBS = "jobs/"
_LISTED = 1000

LEAST_PART = 5 << 20
"""The fewest bytes of a part of an object, unless it is the last:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
"""


class S3Uploads:
    """The uploads port. It reads exactly one version of an object, and lists `bucket`."""

    def __init__(self, client: S3Client, bucket: str = "", *, at_once: int = _LISTED) -> None:
        self._client = client
        self._bucket = bucket
        self._at_once = at_once

    def versions(self, since: datetime, after: Place | None = None) -> Iterator[Listed]:
        """See the port."""
        while True:
            request: dict[str, Any] = {"MaxKeys": self._at_once}
            if after is not None:
                request["KeyMarker"] = after.key
                if after.version_id:
                    request["VersionIdMarker"] = after.version_id
            page = self._client.list_object_versions(Bucket=self._bucket, Prefix=_INBOX, **request)
            after = None
            if page["IsTruncated"]:
                after = Place(page["NextKeyMarker"], page.get("NextVersionIdMarker", ""))
            yield Listed(tuple(self._young(page.get("Versions", ()), since)), after)
            if after is None:
                return

    def _young(self, versions: Iterable[ObjectVersionTypeDef], since: datetime) -> Iterator[Upload]:
        for found in versions:
            if found["LastModified"] >= since and not found["Key"].endswith("/"):
                yield Upload(
                    bucket=self._bucket,
                    key=found["Key"],
                    version_id=found["VersionId"],
                    etag=found["ETag"].strip('"'),
                    size=found["Size"],
                )

    def read(self, upload: Upload) -> Iterator[bytes]:
        """See the port."""
        return bodies.chunks(partial(self._got, upload))

    def read_part(self, upload: Upload, start: int, size: int) -> bytes:
        """Return as many bytes of exactly this version, or as are left. Raises what `read` does."""
        return bodies.part(partial(self._got, upload), start, size)

    def _got(self, upload: Upload, **part: Any) -> GetObjectOutputTypeDef:
        try:
            return self._client.get_object(
                Bucket=upload.bucket, Key=upload.key, VersionId=upload.version_id, **part
            )
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code")
            if code in ("NoSuchKey", "NoSuchVersion", "MethodNotAllowed", "404", "405"):
                text = "The upload was deleted before it could be read."
                raise UploadRejectedError("empty_file", text) from error
            raise

    def metadata(self, upload: Upload) -> Mapping[str, str]:
        """See the port."""
        try:
            found = self._client.head_object(
                Bucket=upload.bucket, Key=upload.key, VersionId=upload.version_id
            )
        except ClientError as error:
            # A HEAD request has no body with a more exact code.
            if error.response.get("Error", {}).get("Code") in ("404", "405", "NoSuchKey"):
                return {}
            raise
        return found["Metadata"]

    def read_list(self, bucket: str, key: str) -> Iterator[bytes]:
        """See the port."""
        return bodies.chunks(partial(self._list, bucket, key))

    def _list(self, bucket: str, key: str, **part: Any) -> GetObjectOutputTypeDef:
        try:
            return self._client.get_object(Bucket=bucket, Key=key, **part)
        except ClientError as error:
            # Without permission to list, S3 answers AccessDenied for a missing key too.
            if error.response.get("Error", {}).get("Code") in ("NoSuchKey", "404", "AccessDenied"):
                text = f"The route's suppression list {key} is not in the uploads bucket."
                raise UploadRejectedError("bad_route", text) from error
            raise


class S3Files:
    """The files port. All files of a job are under `jobs/<job_id>/`."""

    least_piece = LEAST_PART

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self._plans = PlanParts(self._plan_part)

    def save_plan(self, job_id: str, plan: IO[bytes]) -> None:
        """See the port."""
        plan.seek(0)
        self._upload(self._key(job_id, files.PLAN), plan, "application/x-ndjson")

    def read_plan(self, job_id: str, first_byte: int, last_byte: int) -> bytes:
        """See the port. What follows is read with it, and kept for the next call."""
        return self._plans.read(job_id, first_byte, last_byte)

    def _plan_part(self, job_id: str, first_byte: int, last_byte: int) -> bytes:
        return bodies.part(self._of(job_id, files.PLAN), first_byte, last_byte + 1 - first_byte)

    def plan_lines(self, job_id: str, first_byte: int = 0) -> Iterator[bytes]:
        """See the port."""
        return bodies.lines(bodies.chunks(self._of(job_id, files.PLAN), first_byte))

    def save_outcomes(self, job_id: str, name: str, outcomes: bytes) -> None:
        """See the port."""
        self._client.put_object(
            Bucket=self._bucket,
            Key=self._key(job_id, files.outcomes(name)),
            Body=outcomes,
            ContentType="application/json",
        )

    def read_outcomes(self, job_id: str, name: str) -> bytes:
        """See the port."""
        return self._read(job_id, files.outcomes(name))

    def save_piece(self, job_id: str, name: str, content: IO[bytes]) -> None:
        """See the port."""
        content.seek(0)
        key = self._key(job_id, files.piece(name))
        self._client.put_object(Bucket=self._bucket, Key=key, Body=content)

    def read_piece(self, job_id: str, name: str) -> bytes:
        """See the port."""
        return self._read(job_id, files.piece(name))

    def save_result(
        self, job_id: str, name: str, content: IO[bytes], pieces: Sequence[str] = ()
    ) -> None:
        """See the port."""
        kind = "application/json" if name.endswith(".json") else "text/csv; charset=utf-8"
        if pieces:
            self._join(job_id, name, kind, pieces, content)
        else:
            self._upload(self._key(job_id, name), content, kind)

    def _join(
        self, job_id: str, name: str, kind: str, pieces: Sequence[str], content: IO[bytes]
    ) -> None:
        """Store an object of pieces, which S3 copies, and the rest.

        What is left of a join that broke off, the bucket's lifecycle rule deletes.
        """
        place: dict[str, Any] = {"Bucket": self._bucket, "Key": self._key(job_id, name)}
        begun = self._client.create_multipart_upload(
            **place, ContentType=kind, ChecksumAlgorithm="CRC32"
        )
        place["UploadId"] = begun["UploadId"]
        parts: list[CompletedPartTypeDef] = []
        for number, piece in enumerate(pieces, 1):
            copied = self._client.upload_part_copy(
                **place,
                PartNumber=number,
                CopySource={"Bucket": self._bucket, "Key": self._key(job_id, files.piece(piece))},
            )
            parts.append(_part(number, copied["CopyPartResult"]))
        if content.seek(0, io.SEEK_END):
            content.seek(0)
            number = len(parts) + 1
            sent = self._client.upload_part(**place, PartNumber=number, Body=content)
            parts.append(_part(number, sent))
        self._client.complete_multipart_upload(**place, MultipartUpload={"Parts": parts})

    def results(self, job_id: str) -> Results:
        """See the port."""
        base = f"s3://{self._bucket}/{files.folder(job_id)}"
        return Results(
            results=base + files.RESULTS,
            rejects=base + files.REJECTS,
            retry=base + files.RETRY,
        )

    def _key(self, job_id: str, name: str) -> str:
        return files.folder(job_id) + name

    def _of(self, job_id: str, name: str) -> bodies.Ask:
        return partial(self._client.get_object, Bucket=self._bucket, Key=self._key(job_id, name))

    def _read(self, job_id: str, name: str) -> bytes:
        try:
            return bodies.whole(self._of(job_id, name))
        except self._client.exceptions.NoSuchKey as error:
            raise KeyError(name) from error

    def _upload(self, key: str, content: IO[bytes], kind: str) -> None:
        self._client.upload_fileobj(content, self._bucket, key, ExtraArgs={"ContentType": kind})


def _part(number: int, answer: Mapping[str, Any]) -> CompletedPartTypeDef:
    """Return what S3 said of a part, as it wants to be told again."""
    part: CompletedPartTypeDef = {"PartNumber": number, "ETag": answer["ETag"]}
    if "ChecksumCRC32" in answer:
        part["ChecksumCRC32"] = answer["ChecksumCRC32"]
    return part


class S3Archive:
    """The archive port: the results bucket, and versions of objects in the uploads bucket."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def job_ids(self) -> Iterator[str]:
        """See the port."""
        pages = self._client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._bucket, Prefix=_JOBS, Delimiter="/"):
            for found in page.get("CommonPrefixes", ()):
                yield found["Prefix"].removeprefix(_JOBS).rstrip("/")

    def names(self, job_id: str) -> Iterator[str]:
        """See the port."""
        prefix = files.folder(job_id)
        pages = self._client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
            for found in page.get("Contents", ()):
                yield found["Key"].removeprefix(prefix)

    def read(self, job_id: str, name: str) -> Iterator[bytes]:
        """See the port."""
        key = files.folder(job_id) + name
        found = bodies.chunks(partial(self._client.get_object, Bucket=self._bucket, Key=key))
        try:
            first = next(found, b"")
        except self._client.exceptions.NoSuchKey:
            return
        yield first
        yield from found

    def replace(self, job_id: str, name: str, content: IO[bytes]) -> None:
        """See the port. The content type does not change."""
        key = files.folder(job_id) + name
        kind = self._client.head_object(Bucket=self._bucket, Key=key)["ContentType"]
        self._client.upload_fileobj(content, self._bucket, key, ExtraArgs={"ContentType": kind})

    def drop_old_versions(self, job_id: str) -> int:
        """See the port."""
        versions = self._versions(self._bucket, files.folder(job_id))
        return self._delete(self._bucket, [each for each in versions if not each["IsLatest"]])

    def delete_upload(self, upload: Upload) -> bool:
        """See the port. Only those who may list the bucket are told that an upload is gone.

        Others get a 403: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
        """
        version = {"Bucket": upload.bucket, "Key": upload.key, "VersionId": upload.version_id}
        try:
            found = self._client.head_object(**version)  # type: ignore[arg-type] # a plain dict
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in ("404", "NoSuchVersion", "NoSuchKey"):
                return False
            raise
        if staged_id := found["Metadata"].get(STAGED):
            staged = self._versions(upload.bucket, f"{STAGED_FOLDER}{staged_id}/")
            self._delete(upload.bucket, list(staged))
        self._client.delete_object(**version)  # type: ignore[arg-type] # a plain dict
        return True

    def _versions(self, bucket: str, prefix: str) -> Iterator[ObjectVersionTypeDef]:
        pages = self._client.get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=bucket, Prefix=prefix):
            yield from page.get("Versions", ())

    def _delete(self, bucket: str, versions: Sequence[ObjectVersionTypeDef]) -> int:
        """Delete versions one by one, as they are few.

        Of several at once, S3 would say only in its answer, and not by an error, that one must not
        be deleted.
        """
        for each in versions:
            self._client.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
        return len(versions)
