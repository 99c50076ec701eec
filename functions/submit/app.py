"""Submit: plan and start the jobs of an upload."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote_plus

from listdrop.starting import quick_start

with quick_start():
    from aws_lambda_powertools import Logger
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from listdrop.errors import UnversionedUploadError
    from listdrop.jobs.submitting import submit_upload
    from listdrop.models import MOST_OF_A_NAME, Upload
    from listdrop.wiring.submit import submit_ports

PASS_SECONDS = 420
"""Reserved for planning: twice what the largest upload needs for five destinations."""

logger = Logger(service="listdrop")


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Return the messages that must be delivered again. Raises the error if that is all of them.

    These lines stand in for the batch processor of Powertools, which imports each kind of event
    and `asyncio`: 7 % of the start.
    """
    failed: dict[str, Exception] = {}
    for record in event["Records"]:
        try:
            _submit(record["body"], context)
        except Exception as error:  # noqa: BLE001 # as with any message, the queue decides
            failed[record["messageId"]] = error
    for why in failed.values():  # without its text, which may name a file
        logger.error("not submitted", error=type(why).__name__)
    if failed and len(failed) == len(event["Records"]):
        raise next(iter(failed.values()))
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _submit(body: str, context: LambdaContext) -> None:
    """Submit what a notification of S3 names.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """
    notification = json.loads(body)
    if "Records" not in notification:  # the test event that S3 sends when it is configured
        return
    for event in notification["Records"]:
        stored = event["s3"]["object"]
        key = unquote_plus(stored["key"])
        if key.endswith("/"):  # a folder, made in the console
            continue
        if stored.get("versionId") in (None, "", "null"):
            raise UnversionedUploadError
        who = event.get("userIdentity") or {}
        upload = Upload(
            bucket=event["s3"]["bucket"]["name"],
            key=key,
            version_id=stored["versionId"],
            etag=stored.get("eTag") or "",
            size=stored.get("size") or 0,
            dropped_by=str(who.get("principalId", ""))[:MOST_OF_A_NAME],
        )
        seconds = context.get_remaining_time_in_millis() / 1000 - PASS_SECONDS
        started = submit_upload(upload, submit_ports(), seconds)
        logger.info("submitted", jobs=started, size=upload.size)
