"""What a dashboard works with in which people act: they drop files, answer, correct and so on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.parameters import SecretsProvider

from listdrop.aws.audit import DynamoAudit
from listdrop.aws.holding import DynamoHeldJobs
from listdrop.aws.inbox import S3Inbox
from listdrop.aws.messaging import SfnExecutions
from listdrop.aws.parameters import SecretAccounts
from listdrop.aws.people import DynamoPeople
from listdrop.aws.route_book import SsmRouteBook
from listdrop.aws.s3 import S3Archive
from listdrop.aws.staging import AwsStaging
from listdrop.aws.subscriptions import SnsSubscriptions
from listdrop.dashboard.ports import ActPorts
from listdrop.jobs.probing import AccountProbes
from listdrop.providers.http import HttpClient
from listdrop.providers.routing import parse_account
from listdrop.wiring.shared import SIGNING, clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


def staging_ports(make: Callable[..., Any], bucket: str, table: Table) -> AwsStaging:
    """Return where files are dropped. `make` creates clients, as `boto3.client` does."""
    # Forms are posted to the bucket's own address: a page may send them there, and nowhere else.
    return AwsStaging(make("s3"), make("s3", config=SIGNING), bucket, table)


def act_ports(
    stack: str,
    outputs: Mapping[str, str],
    make: Callable[..., Any],
    table: Table,
    *,
    kept_days: int,
    is_local: bool,
) -> ActPorts:
    """Return the ports that acts use: see `dashboard.served_dashboard_ports`."""
    s3, uploads, results = make("s3"), outputs["UploadsBucket"], outputs["ResultsBucket"]
    secrets = SecretsProvider(boto3_client=make("secretsmanager"))
    parse = partial(parse_account, allow_loopback=is_local)
    return ActPorts(
        jobs=DynamoHeldJobs(table),
        executions=SfnExecutions(make("stepfunctions"), outputs["ImportStateMachine"]),
        clock=clock(),
        audit=DynamoAudit(table),
        inbox=S3Inbox(s3, uploads, results),
        archive=S3Archive(s3, results),
        people=DynamoPeople(table),
        routes=SsmRouteBook(stack, make("ssm")),
        probes=AccountProbes(
            SecretAccounts(stack, secrets, parse),
            partial(HttpClient, allow_loopback=is_local),
            clock(),
        ),
        subscriptions=SnsSubscriptions(
            make("sns"), outputs["ResultsTopic"], sends_mail=not is_local
        ),
        kept_days=kept_days,
    )
