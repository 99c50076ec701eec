"""Drops files in S3: new ones, and results of jobs once more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from listdrop.models import files

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


class S3Inbox:
    """The inbox port: the uploads bucket, and the results bucket that is copied from."""

    def __init__(self, client: S3Client, uploads: str, results: str) -> None:
        self._client = client
        self._uploads = uploads
        self._results = results

    def drop(self, key: str, content: bytes, said: Mapping[str, str]) -> None:
        """See the port."""
        self._client.put_object(Bucket=self._uploads, Key=key, Body=content, Metadata=said)

    def drop_retry(self, job_id: str, key: str, said: Mapping[str, str]) -> None:
        """See the port. S3 copies it, up to 5 GB, which is five times the largest upload."""
        self._client.copy_object(
            CopySource={"Bucket": self._results, "Key": files.folder(job_id) + files.RETRY},
            Bucket=self._uploads,
            Key=key,
            Metadata=said,
            MetadataDirective="REPLACE",
            ContentType="text/csv; charset=utf-8",
            TaggingDirective="REPLACE",  # without these, it takes the rights to read tags
            AnnotationDirective="EXCLUDE",  # and annotations
        )
