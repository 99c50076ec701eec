"""Builds the real objects on first use. Only this module knows all others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools.utilities.parameters import SecretsProvider, SSMProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from listdrop.aws.audit import DynamoAudit
from listdrop.aws.budget import DynamoBudget
from listdrop.aws.directory import AwsDirectory
from listdrop.aws.downloads import S3Downloads
from listdrop.aws.figures import DynamoFigures
from listdrop.aws.holding import DynamoHeldJobs
from listdrop.aws.inbox import S3Inbox
from listdrop.aws.messaging import (
    MetricEvents,
    SfnExecutions,
    SnsNotices,
    SqsDeliveries,
    SystemClock,
)
from listdrop.aws.parameters import SecretAccounts, SsmRoutes
from listdrop.aws.people import DynamoPeople
from listdrop.aws.records import DynamoRecords
from listdrop.aws.refusals import is_refused
from listdrop.aws.route_book import SsmRouteBook
from listdrop.aws.rows import DynamoTurnJobs
from listdrop.aws.s3 import S3Archive, S3Files, S3Uploads
from listdrop.aws.staging import AwsStaging, DynamoStagedFiles
from listdrop.aws.submissions import DynamoEndings, DynamoSubmissions, DynamoSweeps
from listdrop.aws.subscriptions import SnsSubscriptions
from listdrop.dashboard.ports import ActPorts, DashboardPorts, SignIn
from listdrop.jobs.finishing import FinishPorts
from listdrop.jobs.probing import AccountProbes
from listdrop.jobs.submitting import SubmitPorts
from listdrop.jobs.sweeping import SweepPorts
from listdrop.jobs.turns import TurnPorts
from listdrop.notices.links import Links
from listdrop.providers import REGISTRY
from listdrop.providers.base import Provider
from listdrop.providers.http import HttpClient
from listdrop.providers.routing import parse_account, parse_route
from listdrop.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


_READERS = 8
"""A read from S3 takes 20 to 30 ms. So 30,000 batches would take 15 minutes, one by one."""

_WRITERS = 4
"""A request takes about 10 ms for 25 row items: so many write more than a new table takes."""

AT_ONCE = Config(max_pool_connections=16)
"""For a served dashboard's table: several threads read days at the same time."""

_SIGNING_AT_ONCE = Config(
    signature_version="s3v4", s3={"addressing_style": "path"}, max_pool_connections=16
)


class RegisteredProviders:
    """The providers port: the registry, and one HTTP client at a time."""

    def __init__(self, *, allow_loopback: bool = False) -> None:
        self._allow_loopback = allow_loopback
        self._http = HttpClient(allow_loopback=allow_loopback)

    def of(self, destination: Mapping[str, Any]) -> Provider[Any, Any]:
        """See the port."""
        provider = REGISTRY[destination["provider"]]
        return provider(provider.destination_model.model_validate(destination))

    def http(self) -> HttpClient:
        """See the port. The connections of an earlier turn may be dead by now."""
        self._http.close()
        self._http = HttpClient(allow_loopback=self._allow_loopback)
        return self._http


@cache
def submit_ports() -> SubmitPorts:
    """Return the ports of the Submit function."""
    return SubmitPorts(
        uploads=S3Uploads(_client("s3")),
        routes=SsmRoutes(
            settings().stack_name,
            SSMProvider(boto3_client=_client("ssm")),
            partial(parse_route, kept_days=settings().retention_days),
        ),
        providers=_providers(),
        submissions=_submissions(),
        jobs=DynamoHeldJobs(_table()),
        files=_files(),
        executions=_executions(),
        deliveries=SqsDeliveries(_client("sqs"), settings().submit_queue_url),
        notices=SnsNotices(_client("sns"), settings().results_topic_arn),
        clock=clock(),
        links=_links(),
        staged=DynamoStagedFiles(_table()),
    )


@cache
def turn_ports() -> TurnPorts:
    """Return the ports of the Send and Status functions."""
    parse = partial(parse_account, allow_loopback=settings().is_local)
    accounts = SecretAccounts(settings().stack_name, _secrets(), parse)
    return TurnPorts(
        jobs=_turn_jobs(),
        files=_files(),
        accounts=accounts,
        providers=_providers(),
        budget=DynamoBudget(_table()),
        clock=clock(),
        events=MetricEvents(settings().stack_name),
        wait_scale=settings().wait_scale,
    )


@cache
def finish_ports() -> FinishPorts:
    """Return the ports of the Finish function."""
    return FinishPorts(
        uploads=S3Uploads(_client("s3")),
        jobs=_turn_jobs(),
        endings=DynamoEndings(_table()),
        files=_files(),
        notices=SnsNotices(_client("sns"), settings().results_topic_arn),
        clock=clock(),
        events=MetricEvents(settings().stack_name),
        links=_links(),
        readers=_READERS,
        writers=_WRITERS,
    )


@cache
def sweep_ports() -> SweepPorts:
    """Return the ports of the Sweep function."""
    return SweepPorts(
        uploads=S3Uploads(_client("s3"), settings().uploads_bucket),
        submissions=_submissions(),
        sweeps=DynamoSweeps(_table()),
        deliveries=SqsDeliveries(_client("sqs"), settings().submit_queue_url),
        events=MetricEvents(settings().stack_name),
        jobs=DynamoHeldJobs(_table()),
        executions=_executions(),
        clock=clock(),
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
        acts = _act_ports(
            given.stack_name,
            outputs,
            boto3.client,
            _table(),
            kept_days=given.retention_days,
            is_local=given.is_local,
        )
        staging = _staging(boto3.client, given.uploads_bucket, _table())
    return _dashboard_ports(
        given.stack_name,
        given.results_bucket,
        boto3.client,
        _table(),
        Config(signature_version="s3v4"),
        acts,
        staging,
    )


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
        session_key=str(_secrets().get(given.session_key_secret)),
        client_secret=str(_secrets().get(secret)) if secret else "",
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
    acts = _act_ports(stack, outputs, make, table, kept_days=kept_days, is_local=is_local)
    staging = _staging(make, outputs["UploadsBucket"], table)
    return _dashboard_ports(
        stack, outputs["ResultsBucket"], make, table, _SIGNING_AT_ONCE, acts, staging
    )


def _staging(make: Callable[..., Any], bucket: str, table: Table) -> AwsStaging:
    # Forms are posted to the bucket's own address: a page may send them there, and nowhere else.
    signing = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
    return AwsStaging(make("s3"), make("s3", config=signing), bucket, table)


def _act_ports(
    stack: str,
    outputs: Mapping[str, str],
    make: Callable[..., Any],
    table: Table,
    *,
    kept_days: int,
    is_local: bool,
) -> ActPorts:
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


def _links() -> Links:
    return Links(settings().console_region, settings().dashboard_url)


@cache
def clock() -> SystemClock:
    """The clock."""
    return SystemClock()


@cache
def _client(service: Any) -> Any:
    """Return the client of a service: all are of one session, which reads descriptions once."""
    return boto3.client(service)


def _secrets() -> SecretsProvider:
    return SecretsProvider(boto3_client=_client("secretsmanager"))


@cache
def _table() -> Table:
    return boto3.resource("dynamodb").Table(settings().table_name)


@cache
def _turn_jobs() -> DynamoTurnJobs:
    return DynamoTurnJobs(_table(), boto3.client("dynamodb"), clock())


@cache
def _executions() -> SfnExecutions:
    return SfnExecutions(_client("stepfunctions"), settings().state_machine_arn)


@cache
def _submissions() -> DynamoSubmissions:
    return DynamoSubmissions(_table(), parse_route)


@cache
def _files() -> S3Files:
    return S3Files(_client("s3"), settings().results_bucket)


@cache
def _providers() -> RegisteredProviders:
    return RegisteredProviders(allow_loopback=settings().is_local)
