"""Whether a provider accepts an account's key: what `account test` and `doctor` ask."""

from __future__ import annotations

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.parameters import SecretsProvider

from listdrop.aws.parameters import SecretAccounts
from listdrop.errors import (
    FateUnknownError,
    NoProbeError,
    NotSentError,
    ProviderBusyError,
    StopJobError,
)
from listdrop.models import Account
from listdrop.providers.base import Provider
from listdrop.providers.http import HttpClient
from listdrop.providers.routing import parse_account
from listdrop_cli.target import Target


def probe_stored(
    target: Target, provider: type[Provider[Any, Any]], account: str
) -> tuple[str, str]:
    """Ask a provider about the key that the stack has stored; returns what `probe_key` does.

    Raises `UploadRejectedError` if there is no such account or it cannot be used, and
    `GetParameterError` if AWS does not let it be read.
    """
    secrets = SecretsProvider(boto3_client=target.client("secretsmanager"))
    parse = partial(parse_account, allow_loopback=target.is_local)
    stored = SecretAccounts(target.stack, secrets, parse).get(provider, account)
    return probe_key(provider, stored, HttpClient(allow_loopback=target.is_local))


def probe_key(
    provider: type[Provider[Any, Any]], account: Account, http: HttpClient
) -> tuple[str, str]:
    """Return a result and the sentence for it. Neither quotes the key."""
    try:
        provider.probe(http, account)
    except StopJobError as stop:
        return "refused", stop.text
    except ProviderBusyError:
        return "unreachable", "The provider asks for a pause. Try again in a minute."
    except NotSentError:
        return "unreachable", "The provider cannot be reached: is its address right?"
    except FateUnknownError:
        return "unreachable", "The provider's answer does not tell whether the key is good."
    except NoProbeError:
        return "untestable", "It can't be tested before an import."
    return "good", "The provider accepts the key."
