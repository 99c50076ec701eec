"""`listdrop account test`: asks a provider whether it takes the stored key."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import typer
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

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
from listdrop_cli.commands.account import PROVIDERS, provider_called
from listdrop_cli.output import JsonOption, fail, out, show_json
from listdrop_cli.target import Target, with_target

_EXIT_CODES = {"good": 0, "refused": 1, "unreachable": 3, "untestable": 4}
"""By result; 2 is what every command ends with that cannot do its work."""


@with_target
def probe_account(
    target: Target,
    provider: Annotated[str, typer.Argument(help=f"One of {PROVIDERS}.")],
    account: Annotated[str, typer.Option(help="Its name, where there are several.")] = "default",
    as_json: JsonOption = False,
) -> None:
    """Ask a provider whether it takes the stored key. Imports nothing.

    Exits with 0 if it does, 1 if not, 2 if there is no such account, 3 if the provider gave no
    answer that tells, 4 if its key can't be tested before an import.

    Example: listdrop account test kakiyo
    """
    model = provider_called(provider)
    secrets = SecretsProvider(boto3_client=target.client("secretsmanager"))
    parse = partial(parse_account, allow_loopback=target.is_local)
    accounts = SecretAccounts(target.stack, secrets, parse)
    try:
        stored = accounts.get(model, account)
    except GetParameterError as error:
        fail(f"AWS: {error}")
    result, text = _tested(model, stored, HttpClient(allow_loopback=target.is_local))
    if as_json:
        show_json({"provider": provider, "account": account, "result": result, "text": text})
    else:
        out.print(f"Account {account} of {provider}: {text}")
    raise typer.Exit(_EXIT_CODES[result])


def _tested(
    provider: type[Provider[Any, Any]], account: Account, http: HttpClient
) -> tuple[str, str]:
    """Return a result and the sentence for it. Neither quotes the key."""
    try:
        provider.probe(http, account)
    except StopJobError as stop:
        return "refused", stop.text
    except ProviderBusyError:
        return "unreachable", "The provider asks to wait. Try again in a minute."
    except NotSentError:
        return "unreachable", "The provider cannot be reached: is its address right?"
    except FateUnknownError:
        return "unreachable", "The provider gave no answer that tells whether the key is good."
    except NoProbeError:
        return "untestable", "It can't be tested before an import."
    return "good", "The provider takes the key."
