"""What the Sweep function works with."""

from __future__ import annotations

from functools import cache

from listdrop.aws.holding import DynamoHeldJobs
from listdrop.aws.messaging import MetricEvents, SfnExecutions, SqsDeliveries
from listdrop.aws.s3 import S3Uploads
from listdrop.aws.submissions import DynamoSubmitted, DynamoSweeps
from listdrop.jobs.sweeping import SweepPorts
from listdrop.settings import settings
from listdrop.wiring.shared import client, clock, table


@cache
def sweep_ports() -> SweepPorts:
    """Return the ports of the Sweep function."""
    return SweepPorts(
        uploads=S3Uploads(client("s3"), settings().uploads_bucket),
        submitted=DynamoSubmitted(table()),
        sweeps=DynamoSweeps(table()),
        deliveries=SqsDeliveries(client("sqs"), settings().submit_queue_url),
        events=MetricEvents(settings().stack_name),
        jobs=DynamoHeldJobs(table()),
        executions=SfnExecutions(client("stepfunctions"), settings().state_machine_arn),
        clock=clock(),
    )
