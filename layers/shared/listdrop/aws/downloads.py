"""Result files for people: links that expire, and the reasons in `summary.json`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import orjson
from botocore.exceptions import ClientError

from listdrop.aws import bodies
from listdrop.models import ReasonCount, files

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

LINK_SECONDS = 60


class S3Downloads:
    """The downloads port. The client must sign with SigV4, because KMS encryption requires it."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def link(self, job_id: str, name: str) -> str:
        """See the port. The browser saves the file and never shows it."""
        return self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": files.folder(job_id) + name,
                "ResponseContentDisposition": f'attachment; filename="{job_id}-{name}"',
            },
            ExpiresIn=LINK_SECONDS,
        )

    def reasons(self, job_id: str) -> Sequence[ReasonCount]:
        """See the port."""
        key = files.folder(job_id) + files.SUMMARY
        try:
            text = bodies.whole(partial(self._client.get_object, Bucket=self._bucket, Key=key))
        except ClientError as error:
            # Without permission to list, S3 answers AccessDenied for a missing key too.
            if error.response.get("Error", {}).get("Code") in ("NoSuchKey", "AccessDenied"):
                return []
            raise
        return [ReasonCount(**each) for each in orjson.loads(text)["top_reasons"]]
