"""`account`: keys of providers. They are written and tried, and never shown."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

from listdrop.providers import REGISTRY
from listdrop.providers.base import Provider
from listdrop.providers.routing import parse_account
from listdrop_cli.account_probes import probe_stored
from listdrop_cli.account_secrets import write_account
from listdrop_cli.moments import moment
from listdrop_cli.options import JsonOption
from listdrop_cli.output import fail, out, show_json, show_table
from listdrop_cli.target import Target, with_target

PROVIDERS = ", ".join(sorted(REGISTRY))
EXIT_CODES = {"good": 0, "refused": 1, "unreachable": 3, "untestable": 4}
"""By result; 2 is what every command ends with that cannot do its work."""


def provider_called(name: str) -> type[Provider[Any, Any]]:
    """Return a provider. Fails with a sentence where there is none of this name."""
    if name not in REGISTRY:
        fail(f"There is no provider {name!r}: choose one of {PROVIDERS}.")
    return REGISTRY[name]


@with_target
def put_account(
    target: Target,
    provider: Annotated[str, typer.Argument(help=f"One of {PROVIDERS}.")],
    account: Annotated[
        str, typer.Option(help="The account's name, if there are several.")
    ] = "default",
    base_url: Annotated[
        str | None, typer.Option(help="The API's address, if it is not the usual one.")
    ] = None,
    header: Annotated[
        str | None, typer.Option(help="which50: the header that carries the key.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Store a provider's key in the stack. It is prompted for, or read from standard input.

    Example: listdrop account put kakiyo < key.txt
    """
    model = provider_called(provider)
    key = typer.prompt("API key", hide_input=True) if sys.stdin.isatty() else sys.stdin.read()
    key = key.strip()
    if not key:
        fail("No key was given.")
    key_member = "api_key" if "api_key" in model.account_model.model_fields else "value"
    members = {"base_url": base_url, "header": header, key_member: key}
    secret = {name: value for name, value in members.items() if value is not None}
    text = json.dumps(secret)
    name = f"{target.stack}/{provider}/{account}"
    parse_account(model, name, text, allow_loopback=target.is_local)
    write_account(
        target.client("cloudformation"),
        target.client("secretsmanager"),
        stack=target.stack,
        name=name,
        text=text,
    )
    if as_json:
        show_json({"provider": provider, "account": account})
    else:
        out.print(f"Account {account} of {provider} is written.")


@with_target
def list_accounts(target: Target, as_json: JsonOption = False) -> None:
    """List the accounts, and when each key was last changed; keys are never shown.

    In a pipe, each line has: provider, account, when it was changed.

    Example: listdrop account list
    """
    folder = f"{target.stack}/"
    pages = target.client("secretsmanager").get_paginator("list_secrets")
    accounts = []
    for found in pages.paginate(Filters=[{"Key": "name", "Values": [folder]}]).search(
        "SecretList[]"
    ):
        provider, _, account = found["Name"].removeprefix(folder).partition("/")
        if found["Name"].startswith(folder) and provider in REGISTRY and account:
            changed = found.get("LastChangedDate") or found["CreatedDate"]
            accounts.append((provider, account, changed))
    accounts.sort()
    if as_json:
        names = ("provider", "account", "changed_at")
        show_json({"accounts": [dict(zip(names, each, strict=True)) for each in accounts]})
        return
    show_table(
        ("provider", "account", "changed"),
        [(provider, account, moment(changed)) for provider, account, changed in accounts],
    )


@with_target
def probe_account(
    target: Target,
    provider: Annotated[str, typer.Argument(help=f"One of {PROVIDERS}.")],
    account: Annotated[
        str, typer.Option(help="The account's name, if there are several.")
    ] = "default",
    as_json: JsonOption = False,
) -> None:
    """Ask a provider whether it accepts the stored key. Nothing is imported.

    Exits with 0 if it does, 1 if not, 2 if there is no such account, 3 if the provider's answer
    leaves it open, 4 if its keys can't be tested before an import.

    Example: listdrop account test kakiyo
    """
    model = provider_called(provider)
    try:
        result, text = probe_stored(target, model, account)
    except GetParameterError as error:
        fail(f"AWS: {error}")
    if as_json:
        show_json({"provider": provider, "account": account, "result": result, "text": text})
    else:
        out.print(f"Account {account} of {provider}: {text}")
    raise typer.Exit(EXIT_CODES[result])
