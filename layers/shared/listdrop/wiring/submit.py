"""What the Submit function works with."""

from __future__ import annotations

from functools import cache, partial

from aws_lambda_powertools.utilities.parameters import SSMProvider

from listdrop.aws.holding import DynamoHeldJobs
from listdrop.aws.messaging import SfnExecutions, SnsNotices, SqsDeliveries
from listdrop.aws.parameters import SsmRoutes
from listdrop.aws.s3 import S3Uploads
from listdrop.aws.staging import DynamoStagedFiles
from listdrop.aws.submissions import DynamoSubmissions
from listdrop.jobs.submitting import SubmitPorts
from listdrop.providers.routing import parse_route
from listdrop.settings import settings
from listdrop.wiring.providers import RegisteredProviders
from listdrop.wiring.shared import client, clock, files, links, table


@cache
def submit_ports() -> SubmitPorts:
    """Return the ports of the Submit function."""
    return SubmitPorts(
        uploads=S3Uploads(client("s3")),
        routes=SsmRoutes(
            settings().stack_name,
            SSMProvider(boto3_client=client("ssm")),
            partial(parse_route, kept_days=settings().retention_days),
        ),
        providers=RegisteredProviders(),
        submissions=DynamoSubmissions(table(), parse_route),
        jobs=DynamoHeldJobs(table()),
        files=files(),
        executions=SfnExecutions(client("stepfunctions"), settings().state_machine_arn),
        deliveries=SqsDeliveries(client("sqs"), settings().submit_queue_url),
        notices=SnsNotices(client("sns"), settings().results_topic_arn),
        clock=clock(),
        links=links(),
        staged=DynamoStagedFiles(table()),
        kept_days=settings().retention_days,
    )
