"""Copies in S3 take no right but to read the source and to write the copy."""

from __future__ import annotations

from typing import Any

from listdrop.aws.inbox import S3Inbox
from listdrop.aws.staging import AwsStaging
from listdrop.models import Upload


class Client:
    """Remembers how it was asked for a copy."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def copy_object(self, **request: Any) -> dict[str, str]:
        self.asked.append(request)
        return {"VersionId": "v"}


def test_a_copy_takes_no_right_to_read_tags_or_annotations() -> None:
    """For both, `COPY` is the default, and takes a right of its own to read them.

    "If this header isn't specified, COPY is the default behavior. [...] When set to COPY, you must
    have s3:GetObjectAnnotation permission on the source object and s3:PutObjectAnnotation
    permission on the destination":
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
    """
    client: Any = Client()
    table: Any = None
    upload = Upload(bucket="uploads", key="staged/s/a.csv", version_id="v")

    S3Inbox(client, "uploads", "results").drop_retry("a-job", "inbox/spring/a.csv", {})
    AwsStaging(client, client, "uploads", table).copy(upload, "s", "inbox/spring/a.csv")

    assert len(client.asked) == 2
    for request in client.asked:
        assert request["TaggingDirective"] == "REPLACE"
        assert "Tagging" not in request
        assert request["AnnotationDirective"] == "EXCLUDE"
