"""`account`: keys are written and tried, and never shown."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from listdrop.providers.http import HttpClient
from listdrop_cli.account_probes import probe_key
from listdrop_cli.commands.account import EXIT_CODES
from tests.support.providers import ToyProvider
from tests.support.world import ACCOUNT
from tests.unit.cli.faked_target import FakedTarget, run, stubbed

MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_accounts_are_listed_without_asking_for_a_single_key() -> None:
    names = (
        "listdrop/kakiyo/default",
        "listdrop/waalaxy/agency",
        "listdrop/else",
        "listdropping/x",
    )
    found = [{"Name": name, "LastChangedDate": MOMENT, "CreatedDate": MOMENT} for name in names]
    with stubbed("secretsmanager") as (client, secrets):
        asked = {"Filters": [{"Key": "name", "Values": ["listdrop/"]}]}
        secrets.add_response("list_secrets", {"SecretList": found}, asked)

        shown = run(FakedTarget(secretsmanager=client), "account", "list")

    assert shown.output.splitlines() == [
        "kakiyo\tdefault\t2026-03-02 09:00",
        "waalaxy\tagency\t2026-03-02 09:00",
    ]


def test_a_key_is_read_from_standard_input_and_never_shown() -> None:
    with (
        stubbed("secretsmanager") as (client, secrets),
        stubbed("cloudformation") as (stacks, stack),
    ):
        stack.add_client_error("describe_stack_resource", "ValidationError")
        secrets.add_client_error("create_secret", "ResourceExistsException")
        name = "listdrop/kakiyo/default"
        stored = {"SecretId": name, "SecretString": json.dumps({"api_key": "a-key"})}
        secrets.add_response("update_secret", {}, stored)
        target = FakedTarget(secretsmanager=client, cloudformation=stacks)

        shown = run(target, "account", "put", "kakiyo", "--json", given="a-key\n")

    assert json.loads(shown.output) == {"provider": "kakiyo", "account": "default"}
    assert "a-key" not in shown.output + shown.stderr


@pytest.mark.parametrize("given", ["", "\n", "  \n"])
def test_a_key_that_is_empty_is_not_written(given: str) -> None:
    shown = run(FakedTarget(), "account", "put", "kakiyo", given=given)

    assert (shown.exit_code, shown.stderr) == (2, "No key was given.\n")


@pytest.mark.parametrize(
    ("account", "command"),
    [("default", "account put kakiyo`."), ("agency", "account put kakiyo --account agency`.")],
)
def test_an_account_that_is_missing_is_said_with_the_command_that_writes_it(
    account: str, command: str
) -> None:
    with stubbed("secretsmanager") as (client, secrets):
        secrets.add_client_error("get_secret_value", "ResourceNotFoundException")
        target = FakedTarget(secretsmanager=client)

        shown = run(target, "account", "test", "kakiyo", "--account", account)

    assert shown.exit_code == 2
    assert shown.stderr.endswith(f"write it with `listdrop {command}\n")


def test_a_provider_without_a_probe_says_that_its_key_cannot_betested() -> None:
    result, text = probe_key(ToyProvider, ACCOUNT, HttpClient())

    assert (result, text) == ("untestable", "It can't be tested before an import.")
    assert EXIT_CODES[result] == 4


def test_every_result_has_an_exit_code_of_its_own() -> None:
    codes = [*EXIT_CODES.values(), 2]  # which is for commands that cannot do their work
    assert sorted(codes) == sorted(set(codes))
