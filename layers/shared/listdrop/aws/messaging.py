"""Step Functions executions, SQS deliveries, SNS notices, CloudWatch metrics, and the clock."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from listdrop.models import Turn, Upload

if TYPE_CHECKING:
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_stepfunctions.client import SFNClient

METRICS_NAMESPACE = "Listdrop"
NO_PROVIDER = "none"

WATCHED = frozenset({"job_rejected", "job_expired", "unbalanced_job"})
"""Metrics that an alarm looks at for all providers together. They hardly ever have a number, and a
metric costs the hours in which it has one; an alarm costs always."""


_NOT_QUEUED = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF), "?")
"""Characters that no queue takes, where SNS hands a message on as it is. An S3 key may have them:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html"""


class SfnExecutions:
    """The executions port. The name makes a start idempotent: a second one finds the first."""

    def __init__(self, client: SFNClient, state_machine_arn: str) -> None:
        self._client = client
        self._arn = state_machine_arn

    def start(self, turn: Turn) -> str:
        """See the port."""
        try:
            started = self._client.start_execution(
                stateMachineArn=self._arn, name=turn.execution, input=json.dumps(turn.state())
            )
        except self._client.exceptions.ExecutionAlreadyExists:
            machine = self._arn.replace(":stateMachine:", ":execution:")
            return f"{machine}:{turn.execution}"
        return started["executionArn"]


class SqsDeliveries:
    """The deliveries port: messages in the format of S3, with only what Submit reads."""

    def __init__(self, client: SQSClient, queue_url: str) -> None:
        self._client = client
        self._url = queue_url

    def deliver(self, upload: Upload) -> None:
        """See the port."""
        stored = {
            "key": quote_plus(upload.key),
            "versionId": upload.version_id,
            "eTag": upload.etag,
            "size": upload.size,
        }
        record = {
            "eventSource": "aws:s3",
            "userIdentity": {"principalId": upload.dropped_by},
            "s3": {"bucket": {"name": upload.bucket}, "object": stored},
        }
        self._client.send_message(QueueUrl=self._url, MessageBody=json.dumps({"Records": [record]}))


class SnsNotices:
    """The notices port: JSON for every protocol except e-mail, which gets plain sentences."""

    def __init__(self, client: SNSClient, topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def publish(
        self, *, subject: str, message: str, text: str, attributes: Mapping[str, str | int]
    ) -> None:
        """See the port."""
        self._client.publish(
            TopicArn=self._topic_arn,
            Subject=subject,
            Message=json.dumps({"default": message.translate(_NOT_QUEUED), "email": text}),
            MessageStructure="json",
            MessageAttributes={
                name: {
                    "DataType": "Number" if isinstance(value, int) else "String",
                    "StringValue": str(value).translate(_NOT_QUEUED),
                }
                for name, value in attributes.items()
            },
        )


class MetricEvents:
    """The events port, as embedded metrics of a stack, and lines of the function's log.

    Each metric is written at once, so that a killed function does not lose it.
    """

    def __init__(self, stack: str) -> None:
        self._stack = stack
        self._logger = Logger(service="listdrop")  # shares what the handler's has, as the job's id

    def count(self, name: str, provider: str, value: int = 1, *, route: str = "") -> None:
        """See the port."""
        self._write(name, MetricUnit.Count, value, provider, route)

    def measure(self, name: str, provider: str, seconds: float) -> None:
        """See the port."""
        self._write(name, MetricUnit.Seconds, seconds, provider)

    def warn(self, text: str, **about: str) -> None:
        """See the port."""
        self._logger.warning(text, extra=about)

    def _write(
        self, name: str, unit: MetricUnit, value: float, provider: str, route: str = ""
    ) -> None:
        metrics = EphemeralMetrics(namespace=METRICS_NAMESPACE)
        dimensions = {"service": self._stack, "provider": provider}
        for dimension, said in dimensions.items():
            metrics.add_dimension(name=dimension, value=said)
        # Without a provider, the route is any text from the upload's key, even a person's name.
        if route and provider != NO_PROVIDER:
            metrics.add_dimensions(**dimensions, route=route)
        if name in WATCHED:
            metrics.add_dimensions(service=self._stack)
        metrics.add_metric(name=name, unit=unit, value=value)
        metrics.flush_metrics()


class SystemClock:
    """The clock port."""

    def now(self) -> datetime:
        """See the port. Cut to milliseconds, as in items and messages."""
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def wait_until(self, moment: datetime) -> None:
        """See the port."""
        seconds = (moment - self.now()).total_seconds()
        if seconds > 0:
            time.sleep(seconds)
