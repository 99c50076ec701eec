"""What the Dashboard function works with, and a dashboard that is served on one machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from listdrop.aws.directory import AwsDirectory
from listdrop.aws.downloads import S3Downloads
from listdrop.aws.figures import DynamoFigures
from listdrop.aws.records import DynamoRecords
from listdrop.aws.refusals import is_refused
from listdrop.dashboard.ports import ActPorts, DashboardPorts, SignIn
from listdrop.settings import settings
from listdrop.wiring.shared import SIGNING, client, clock, table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

    from listdrop.aws.staging import AwsStaging


AT_ONCE = Config(max_pool_connections=16)
"""For a served dashboard's table: several threads read days at the same time."""

_SIGNING_AT_ONCE = Config(
    signature_version="s3v4", s3={"addressing_style": "path"}, max_pool_connections=16
)


@cache
def dashboard_ports() -> DashboardPorts:
    """Return the ports of the Dashboard function. Only where people sign in can they act."""
    given = settings()
    acts = staging = None
    if given.sign_in_issuer:
        outputs = {
            "ImportStateMachine": given.state_machine_arn,
            "UploadsBucket": given.uploads_bucket,
            "ResultsBucket": given.results_bucket,
            "ResultsTopic": given.results_topic_arn,
        }
        # Imported here, because a dashboard that only reads starts sooner without it.
        from listdrop.wiring.acting import act_ports, staging_ports

        acts = act_ports(
            given.stack_name,
            outputs,
            client,
            table(),
            kept_days=given.retention_days,
            is_local=given.is_local,
        )
        staging = staging_ports(client, given.uploads_bucket, table())
    return _dashboard_ports(
        given.stack_name,
        given.results_bucket,
        client,
        table(),
        SIGNING,
        acts,
        staging,
    )


def _secret(name: str) -> str:
    return str(SecretsProvider(boto3_client=client("secretsmanager")).get(name))


@cache
def sign_in() -> SignIn | None:
    """Return how people sign in to the Dashboard function, if they do."""
    given = settings()
    if not given.sign_in_issuer:
        return None
    secret = given.sign_in_client_secret
    return SignIn(
        issuer=given.sign_in_issuer,
        client=given.sign_in_client,
        session_key=_secret(given.session_key_secret),
        client_secret=_secret(secret) if secret else "",
        roles_claim=given.sign_in_roles_claim,
        people=given.sign_in_people,
    )


def served_dashboard_ports(
    stack: str,
    outputs: Mapping[str, str],
    make: Callable[..., Any],
    table: Table,
    *,
    kept_days: int = 0,
    is_local: bool = False,
) -> DashboardPorts:
    """Return the ports of a dashboard that is served on one machine, for any stack.

    `make` creates clients, as `boto3.client` does. `table` is the stack's `JobsTable`, created with
    `AT_ONCE`. `kept_days` is for how many days it keeps uploads; a stack that `is_local` may have
    simulated providers.
    """
    from listdrop.wiring.acting import act_ports, staging_ports

    acts = act_ports(stack, outputs, make, table, kept_days=kept_days, is_local=is_local)
    staging = staging_ports(make, outputs["UploadsBucket"], table)
    return _dashboard_ports(
        stack, outputs["ResultsBucket"], make, table, _SIGNING_AT_ONCE, acts, staging
    )


def _dashboard_ports(  # what a dashboard is made of
    stack: str,
    results_bucket: str,
    make: Callable[..., Any],
    table: Table,
    signing: Config,
    acts: ActPorts | None = None,
    staging: AwsStaging | None = None,
) -> DashboardPorts:
    return DashboardPorts(
        records=DynamoRecords(table),
        figures=DynamoFigures(table),
        directory=AwsDirectory(stack, make("ssm"), make("secretsmanager")),
        downloads=S3Downloads(make("s3", config=signing), results_bucket),
        clock=clock(),
        acts=acts,
        staging=staging,
        outages=(BotoCoreError, ClientError, GetParameterError),
        is_refused=is_refused,
    )
