"""What the Send and Status functions work with."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

from aws_lambda_powertools.utilities.parameters import SecretsProvider

from listdrop.aws.budget import DynamoBudget
from listdrop.aws.messaging import MetricEvents
from listdrop.aws.parameters import SecretAccounts
from listdrop.aws.rows import DynamoTurnJobs
from listdrop.jobs.turns import TurnPorts
from listdrop.providers.http import HttpClient
from listdrop.providers.routing import parse_account
from listdrop.settings import settings
from listdrop.wiring.providers import RegisteredProviders
from listdrop.wiring.shared import client, clock, files, table, table_client


class OnlineProviders(RegisteredProviders):
    """The providers port: one HTTP client at a time, made by `new_client`."""

    def __init__(self, new_client: Callable[[], HttpClient]) -> None:
        self._new_client = new_client
        self._http = new_client()

    def http(self) -> HttpClient:
        """See the port. The connections of an earlier turn may be dead by now."""
        self._http.close()
        self._http = self._new_client()
        return self._http


@cache
def turn_ports() -> TurnPorts:
    """Return the ports of the Send and Status functions."""
    is_local = settings().is_local
    parse = partial(parse_account, allow_loopback=is_local)
    secrets = SecretsProvider(boto3_client=client("secretsmanager"))
    return TurnPorts(
        jobs=DynamoTurnJobs(table(), table_client(), clock()),
        files=files(),
        accounts=SecretAccounts(settings().stack_name, secrets, parse),
        providers=OnlineProviders(partial(HttpClient, allow_loopback=is_local)),
        budget=DynamoBudget(table(), clock()),
        clock=clock(),
        events=MetricEvents(settings().stack_name),
        wait_scale=settings().wait_scale,
    )
