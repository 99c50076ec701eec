"""`account`: keys of providers. They are written and tried, and never shown."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

from listdrop.errors import NoAnswerError
from listdrop.models import ACCOUNT_NAME
from listdrop.providers import REGISTRY
from listdrop.providers.base import Provider
from listdrop.providers.routing import parse_account
from listdrop_cli.account_health import facts_of
from listdrop_cli.account_probes import choices_stored, probe_stored
from listdrop_cli.account_secrets import delete_account as delete_secret
from listdrop_cli.account_secrets import stored_settings, write_account
from listdrop_cli.lookups import open_jobs, usable_routes
from listdrop_cli.options import JsonOption, YesOption, confirm
from listdrop_cli.output import err, fail, out, show_json, show_table
from listdrop_cli.target import Target, with_target

PROVIDERS = ", ".join(sorted(REGISTRY))
ProviderArgument = Annotated[str, typer.Argument(help=f"One of {PROVIDERS}.")]
AccountOption = Annotated[str, typer.Option(help="The account's name, if there are several.")]
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
    provider: ProviderArgument,
    account: AccountOption = "default",
    base_url: Annotated[
        str | None, typer.Option(help="The API's address, if it is not the usual one.")
    ] = None,
    header: Annotated[
        str | None, typer.Option(help="which50: the header that carries the key.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Store a provider's key in the stack, or change it: what is not given stays as it is.

    The key is prompted for, or read from standard input. To change only another setting, give no
    key: press Enter, or pass nothing on standard input.

    Example: listdrop account put kakiyo < key.txt
    """
    model = provider_called(provider)
    if not re.fullmatch(ACCOUNT_NAME, account):
        fail(
            f"{account!r} is not a valid account name, as no route could name it: 1 to 64 letters, "
            "digits, `_`, `.` and `-`."
        )
    name = f"{target.stack}/{provider}/{account}"
    secrets = target.client("secretsmanager")
    known = model.account_model.model_fields
    before = {k: v for k, v in stored_settings(secrets, name).items() if k in known}
    options = {"base_url": base_url, "header": header}
    given = {option: value for option, value in options.items() if value is not None}
    key_member = "api_key" if "api_key" in known else "value"
    may_keep = bool(given) and key_member in before
    if key := _key(may_keep=may_keep):
        given[key_member] = key
    elif not may_keep:
        fail("No key was given.")
    settings = before | given
    settings |= _required(model, settings)
    text = json.dumps(settings)
    parsed = parse_account(model, name, text, allow_loopback=target.is_local)
    write_account(
        target.client("cloudformation"), secrets, stack=target.stack, name=name, text=text
    )
    if target.is_local and not _is_loopback(parsed.base_url):
        err.print(f"This stack is on this machine, but will call the real API: {parsed.base_url}")
    kept = sorted(before.keys() - given.keys())
    if as_json:
        show_json({"provider": provider, "account": account, "kept": kept})
    else:
        as_before = f" As before: {', '.join(kept)}." if kept else ""
        out.print(f"Account {account} of {provider} is written.{as_before}")


def _is_typed() -> bool:
    return sys.stdin.isatty()


def _key(*, may_keep: bool) -> str:
    """Return the key that somebody types or passes; empty if they leave it as it is."""
    if not _is_typed():
        return sys.stdin.read().strip()
    if may_keep:
        asked = "API key (Enter leaves it as it is)"
        typed = typer.prompt(asked, default="", hide_input=True, show_default=False)
    else:
        typed = typer.prompt("API key", hide_input=True)
    return str(typed).strip()


def _required(model: type[Provider[Any, Any]], settings: Mapping[str, Any]) -> dict[str, str]:
    """Ask for the settings that an account cannot do without, or end with a sentence."""
    return dict(_asked_for(model, settings))


def _asked_for(
    model: type[Provider[Any, Any]], settings: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    for name, member in model.account_model.model_fields.items():
        if name in settings or not member.is_required():
            continue
        what = f"{name}, {member.description}" if member.description else name
        example = str((member.examples or [""])[0])
        if _is_typed():
            such = f" (such as {example})" if example else ""
            yield name, str(typer.prompt(f"{what}{such}")).strip()
        else:
            option = f"--{name.replace('_', '-')}"
            fail(f"{model.name} needs {what}: pass {option} {example}".rstrip() + ".")


def _is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


@with_target
def delete_account(
    target: Target,
    provider: ProviderArgument,
    account: AccountOption = "default",
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Delete a provider's key from the stack, at once and for good. At the provider it stays valid.

    It says which routes and running jobs still use it. Such a job ends when it finds no key, which
    is within five minutes.

    Example: listdrop account delete kakiyo --account agency
    """
    provider_called(provider)
    routes = [
        route.name
        for route in usable_routes(target)
        if any((each.provider, each.account) == (provider, account) for each in route.destinations)
    ]
    jobs = [
        job.job_id
        for name in routes
        for job in open_jobs(target, name)
        if (job.provider, job.account) == (provider, account)
    ]
    _say("Routes that send to it", routes)
    _say("Jobs of it that have not ended", jobs)
    confirm(f"Delete the account {account} of {provider}?", yes=yes)
    if not delete_secret(target.client("secretsmanager"), f"{target.stack}/{provider}/{account}"):
        fail(f"There is no account {account} of {provider}: see `listdrop account list`.")
    if as_json:
        used = {"routes": routes, "open_jobs": jobs}
        show_json({"provider": provider, "account": account, "deleted": True} | used)
    else:
        out.print(f"Account {account} of {provider} is deleted.")


def _say(what: str, names: list[str]) -> None:
    if names:
        err.print(f"{what}: {', '.join(names)}.", markup=False)


@with_target
def show_choices(
    target: Target,
    provider: ProviderArgument,
    account: AccountOption = "default",
    as_json: JsonOption = False,
) -> None:
    """List what a route may name in an account, with ids: lists, campaigns, steps, custom fields.

    The provider is asked with the stored key; Kakiyo charges one credit. In a pipe, each line has:
    the route's options that take the id, the id, its name.

    Example: listdrop account choices kakiyo
    """
    model = provider_called(provider)
    try:
        found = choices_stored(target, model, account)
    except NoAnswerError as error:
        fail(f"{provider}: {error.text}")
    except GetParameterError as error:
        fail(f"AWS: {error}")
    if as_json:
        told = [
            {"kind": each.kind, "options": each.options, "id": key, "name": name}
            for each in found
            for key, name in each.names.items()
        ]
        whole = all(each.is_whole for each in found)
        show_json({"provider": provider, "account": account, "choices": told, "whole": whole})
        return
    show_table(
        ("option of a route", "id", "name"),
        [
            (", ".join(each.options), key, name)
            for each in found
            for key, name in each.names.items()
        ],
    )
    for each in found:
        if not each.names:
            err.print(f"The account has no {each.kind}.")
        elif not each.is_whole:
            err.print(f"{provider} may have more than these: it does not show every {each.kind}.")


@with_target
def list_accounts(target: Target, as_json: JsonOption = False) -> None:
    """List the accounts: when each key was changed, and whether it works; keys are never shown.

    By its jobs of the last 30 days an account is fine, told to wait, unreachable, a problem or not
    used, and a sentence says since when and what to do. `account test` asks the provider itself.

    In a pipe, each line has: provider, account, when it was changed, how it is, why.

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
    found = facts_of(target, accounts)
    if as_json:
        show_json({"accounts": [each.json() for each in found]})
        return
    show_table(
        ("provider", "account", "changed", "health", "why"), [each.cells() for each in found]
    )


@with_target
def probe_account(
    target: Target,
    provider: ProviderArgument,
    account: AccountOption = "default",
    as_json: JsonOption = False,
) -> None:
    """Ask a provider whether it accepts the stored key. Nothing is imported.

    Kakiyo charges one credit.

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
