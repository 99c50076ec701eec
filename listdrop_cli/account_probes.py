"""What providers are asked with the keys that a stack has stored: see `listdrop.jobs.probing`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import BotoCoreError, ClientError

from listdrop.aws.messaging import SystemClock
from listdrop.aws.parameters import SecretAccounts
from listdrop.errors import NoAnswerError
from listdrop.jobs.probing import AccountProbes
from listdrop.models import Choices
from listdrop.ports import AnyProvider
from listdrop.providers.http import HttpClient
from listdrop.providers.routing import parse_account
from listdrop_cli.target import Target


def probe_stored(target: Target, provider: AnyProvider, account: str) -> tuple[str, str]:
    """Ask a provider about the key that the stack has stored; returns what `probe_key` does.

    Raises `UploadRejectedError` if there is no such account or it cannot be used, and
    `GetParameterError` if AWS does not let it be read.
    """
    return _probes(target).probe(provider, account)


def choices_stored(target: Target, provider: AnyProvider, account: str) -> Sequence[Choices]:
    """Ask a provider what routes may name. Raises `NoAnswerError`, and what `probe_stored` does."""
    return _probes(target).choices(provider, account)


def choices_if_any(target: Target, provider: AnyProvider, account: str) -> Sequence[Choices]:
    """Ask the same. Raises `NoAnswerError` also where AWS gives none."""
    try:
        return choices_stored(target, provider, account)
    except (GetParameterError, ClientError, BotoCoreError) as error:
        raise NoAnswerError("unreachable", f"AWS: {error}") from error


def _probes(target: Target) -> AccountProbes:
    secrets = SecretsProvider(boto3_client=target.client("secretsmanager"))
    parse = partial(parse_account, allow_loopback=target.is_local)
    accounts = SecretAccounts(target.stack, secrets, parse)
    http = partial(HttpClient, allow_loopback=target.is_local)
    return AccountProbes(accounts, http, SystemClock())
