"""Submit: plan and start the jobs of an upload."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_plus

from listdrop.starting import quick_start

with quick_start():
    from aws_lambda_powertools import Logger
    from aws_lambda_powertools.utilities.batch import (
        BatchProcessor,
        EventType,
        process_partial_response,
    )
    from aws_lambda_powertools.utilities.data_classes import S3Event
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from listdrop.errors import UnversionedUploadError
    from listdrop.jobs.submitting import submit_upload
    from listdrop.models import MOST_OF_A_NAME, Upload
    from listdrop.wiring.submit import submit_ports

PASS_SECONDS = 420
"""Reserved for planning: twice what the largest upload needs for five destinations."""

logger = Logger(service="listdrop")
processor = BatchProcessor(event_type=EventType.SQS)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Return the messages that must be delivered again."""
    return dict(process_partial_response(event, _submit, processor, context))


def _submit(record: SQSRecord, lambda_context: LambdaContext) -> None:
    notification = S3Event(record.json_body)
    if "Records" not in notification:  # the test event that S3 sends when it is configured
        return
    for event in notification.records:
        stored = event.s3.get_object
        key = unquote_plus(stored.key)
        if key.endswith("/"):  # a folder, made in the console
            continue
        if stored.version_id in (None, "", "null"):
            raise UnversionedUploadError
        who = event.get("userIdentity") or {}
        upload = Upload(
            bucket=event.s3.bucket.name,
            key=key,
            version_id=stored.version_id,
            etag=stored.etag or "",
            size=stored.size or 0,
            dropped_by=str(who.get("principalId", ""))[:MOST_OF_A_NAME],
        )
        seconds = lambda_context.get_remaining_time_in_millis() / 1000 - PASS_SECONDS
        started = submit_upload(upload, submit_ports(), seconds)
        logger.info("submitted", jobs=started, size=upload.size)
