"""Staged files: objects under `staged/` of the uploads bucket, and items of what is decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

from listdrop.aws import keys
from listdrop.aws.s3 import STAGED_FOLDER, S3Uploads
from listdrop.aws.writing import Writes
from listdrop.errors import UploadRejectedError
from listdrop.models import LARGEST_STAGED, STAGED, Staged, Upload, UploadForm, iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_s3.client import S3Client

FORM_SECONDS = 900
_CLOCKS_APART = timedelta(minutes=1)
_KEPT = timedelta(days=1)
_KEPT_AS_SENT = timedelta(days=30)
"""As long as the decision of a Submit, which may come late."""
_MOST_BYTES = 256 * 1024
"""The most bytes of the columns: an item of the table may have 400 KB."""


class DynamoStagedFiles:
    """The staged files port on DynamoDB."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def staged(self, staged_id: str) -> Staged | None:
        """See the port."""
        key = keys.staged(staged_id)
        item: Any = self._table.get_item(Key=key, ConsistentRead=True).get("Item")
        return Staged.model_validate_json(item["decided"]) if item else None


class AwsStaging(DynamoStagedFiles):
    """The staging port. `signing` is the client for forms, which are posted to its address."""

    def __init__(self, client: S3Client, signing: S3Client, bucket: str, table: Table) -> None:
        super().__init__(table)
        self._client = client
        self._signing = signing
        self._bucket = bucket
        self._uploads = S3Uploads(client, bucket)
        self._writes = Writes(table)

    def form(self, staged_id: str, then: str) -> UploadForm:
        """See the port."""
        plain = self._form(staged_id, "success_action_redirect", then)
        script = self._form(staged_id, "success_action_status", "201")
        return UploadForm(plain["url"], plain["fields"], script["fields"])

    def _form(self, staged_id: str, name: str, value: str) -> Any:
        return self._signing.generate_presigned_post(
            self._bucket,
            f"{STAGED_FOLDER}{staged_id}/${{filename}}",
            Fields={name: value},
            Conditions=[{name: value}, ["content-length-range", 0, LARGEST_STAGED]],
            ExpiresIn=FORM_SECONDS,
        )

    def file(self, staged_id: str) -> Upload | None:
        """See the port. A few are looked at: a browser posts one."""
        listed = self._client.list_objects_v2(
            Bucket=self._bucket, Prefix=f"{STAGED_FOLDER}{staged_id}/"
        ).get("Contents", [])
        if not listed:
            return None
        key = max(listed, key=lambda each: each["LastModified"])["Key"]
        try:
            found = self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in ("404", "NoSuchKey"):
                return None
            raise
        return Upload(
            bucket=self._bucket,
            key=key,
            version_id=found["VersionId"],
            etag=found["ETag"].strip('"'),
            size=found["ContentLength"],
        )

    def read(self, upload: Upload) -> Iterator[bytes]:
        """See the port."""
        return self._uploads.read(upload)

    def read_part(self, upload: Upload, start: int, size: int) -> bytes:
        """See the port."""
        return self._uploads.read_part(upload, start, size)

    def read_list(self, bucket: str, key: str) -> Iterator[bytes]:
        """See the port."""
        return self._uploads.read_list(bucket, key)

    def metadata(self, upload: Upload) -> Mapping[str, str]:
        """See the port."""
        return self._uploads.metadata(upload)

    def keep(self, staged: Staged) -> bool:
        """See the port."""
        return self._writes.put(_item(staged), Attr("is_sent").not_exists())

    def keep_sent(self, staged: Staged) -> None:
        """See the port."""
        self._table.put_item(Item=_item(staged))

    def take_over(self, staged: Staged, since: datetime) -> bool:
        """See the port."""
        return self._writes.put(_item(staged), Attr("changed_at").eq(iso(since)))

    def copy(self, upload: Upload, staged_id: str, key: str) -> str:
        """See the port."""
        copied = self._client.copy_object(
            Bucket=self._bucket,
            Key=key,
            CopySource={
                "Bucket": upload.bucket,
                "Key": upload.key,
                "VersionId": upload.version_id,
            },
            MetadataDirective="REPLACE",
            Metadata={STAGED: staged_id},
            TaggingDirective="REPLACE",  # without these, it takes the rights to read tags
            AnnotationDirective="EXCLUDE",  # and annotations
        )
        return copied["VersionId"]

    def copied(self, staged: Staged, key: str) -> str:
        """See the port. The key may have versions of others: each says of what it is a copy."""
        pages = self._client.get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=self._bucket, Prefix=key):
            for each in page.get("Versions", ()):
                if each["Key"] != key or each["LastModified"] < staged.changed_at - _CLOCKS_APART:
                    continue
                found = Upload(bucket=self._bucket, key=key, version_id=each["VersionId"])
                if self.metadata(found).get(STAGED) == staged.staged_id:
                    return found.version_id
        return ""

    def holder(self, content: str) -> str:
        """See the port."""
        found = self._table.get_item(Key=keys.content(content)).get("Item", {})
        return str(found.get("job_id", ""))


def _item(staged: Staged) -> dict[str, Any]:
    """Return the item of what is decided. Other programs have no use for its members."""
    text = orjson.dumps(staged.model_dump(mode="json")).decode()
    if len(text.encode()) > _MOST_BYTES:
        raise UploadRejectedError(
            "too_big", "The names of the columns that you changed are too long to be remembered."
        )
    kept = _KEPT_AS_SENT if staged.sent else _KEPT
    item = keys.staged(staged.staged_id) | {
        "decided": text,
        "expires_at": int((staged.changed_at + kept).timestamp()),
        "changed_at": iso(staged.changed_at),
    }
    return item | ({"is_sent": True} if staged.sent else {})
