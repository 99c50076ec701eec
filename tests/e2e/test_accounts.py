"""Keys of accounts: written, and tested before anything is dropped."""

from __future__ import annotations

import json
import shlex
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from listdrop_cli.account_secrets import write_account
from listdrop_cli.app import app
from local.simulators import SIMULATORS
from local.simulators.base import API_KEY
from local.stack import Stack
from tests.e2e.pages import OPERATIONS
from tests.support.leaks import CANARY
from tests.support.routes import Route, person, table_text
from tests.support.waiting import until

pytestmark = pytest.mark.engine


def probe(stack: Stack, provider: str, account: str, *options: str) -> Result:
    return CliRunner().invoke(
        app,
        ["account", "test", provider, "--account", account, *options, "--endpoint-url", stack.url],
    )


def rewrite(route: Route, provider: str, **members: str) -> None:
    """Change members of a route's secret."""
    secrets, name = route.stack.client("secretsmanager"), f"listdrop/{provider}/{route.name}"
    stored = json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])
    secrets.put_secret_value(SecretId=name, SecretString=json.dumps(stored | members))


@pytest.mark.slow
@pytest.mark.parametrize("provider", sorted(SIMULATORS))
def test_a_good_key_is_told_from_a_bad_one(make_route: Callable[..., Route], provider: str) -> None:
    route = make_route(provider)

    good = probe(route.stack, provider, route.name, "--json")
    rewrite(route, provider, **{_key_member(provider): f"revoked-{CANARY}"})
    bad = probe(route.stack, provider, route.name)

    told = json.loads(good.stdout)
    assert (good.exit_code, told["result"], told["provider"]) == (0, "good", provider)
    assert bad.exit_code == 1
    assert "refused" in bad.output
    assert CANARY not in bad.output
    assert route.simulators[provider].imports == []


def test_an_unreachable_provider_says_nothing_of_the_key(make_route: Callable[..., Route]) -> None:
    route = make_route("waalaxy")
    route.simulators["waalaxy"].stop()

    said = probe(route.stack, "waalaxy", route.name)

    assert (said.exit_code, "cannot be reached" in said.output) == (3, True)


@pytest.mark.slow
def test_a_provider_that_goes_away_is_told_on_its_job_and_its_account(
    make_route: Callable[..., Route],
) -> None:
    route = make_route("waalaxy", route={"deadline_minutes": 1})
    route.simulators["waalaxy"].stop()
    route.drop(table_text(person("ada")))

    def wrong() -> dict[str, Any]:
        return next((job["last_error"] for job in route.jobs() if job.get("last_error")), {})

    error = until(wrong)
    (job,) = route.jobs()
    here = ["--endpoint-url", route.stack.url]
    told = CliRunner().invoke(app, ["job", job["job_id"], *here]).output
    listed = CliRunner().invoke(app, ["account", "list", *here]).output

    assert (error["kind"], error["text"]) == ("unreachable", "the connection was refused")
    assert "Waalaxy cannot be reached: the connection was refused (" in told
    (account,) = [line for line in listed.splitlines() if f"\t{route.name}\t" in line]
    assert account.split("\t")[3] == "unreachable"
    (ended,) = route.finished(1)
    assert (ended["state"], "sending_since" in ended) == ("expired", False)
    told = CliRunner().invoke(app, ["job", job["job_id"], *here]).output
    assert "nothing was sent before the deadline" in told
    assert f"listdrop retry {job['job_id']}" in told


def _key_member(provider: str) -> str:
    return "value" if provider == "which50" else "api_key"


def test_an_account_or_provider_that_is_not_there_is_not_tested(stack: Stack) -> None:
    for provider, missing in (("kakiyo", "There is no account"), ("acme", "There is no provider")):
        said = probe(stack, provider, "nobody")
        assert (said.exit_code, missing in said.output) == (2, True)


def test_a_stack_that_cannot_be_reached_is_told_in_one_sentence() -> None:
    said = CliRunner().invoke(
        app, ["account", "test", "kakiyo", "--endpoint-url", "http://127.0.0.1:9"]
    )

    assert (said.exit_code, said.output.startswith("AWS: ")) == (2, True)


def test_a_key_is_rotated_as_the_manual_says(make_route: Callable[..., Route]) -> None:
    route = make_route("kakiyo")
    rewrite(route, "kakiyo", api_key=f"revoked-{CANARY}")
    _, test = OPERATIONS.commands("Rotate a key")
    listdrop, *words = shlex.split(test)
    assert listdrop == "listdrop"
    given = [word.replace("$PROVIDER", "kakiyo").replace("$ACCOUNT", route.name) for word in words]

    said = CliRunner().invoke(app, [*given, "--endpoint-url", route.stack.url])

    assert said.exit_code == 1


def test_without_a_key_of_the_stack_an_account_has_that_of_aws(stack: Stack) -> None:
    secrets, name = stack.client("secretsmanager"), f"listdrop/kakiyo/{uuid.uuid4().hex}"

    for text in ('{"api_key": "a-key"}', '{"api_key": "a-new-key"}'):
        write_account(
            stack.client("cloudformation"), secrets, stack="listdrop", name=name, text=text
        )
        assert secrets.get_secret_value(SecretId=name)["SecretString"] == text

    assert not secrets.describe_secret(SecretId=name).get("KmsKeyId")


def command(stack: Stack, *words: str, given: str | None = None) -> Result:
    """Run a command on the stack."""
    return CliRunner().invoke(app, [*words, "--endpoint-url", stack.url], input=given)


def test_a_new_key_keeps_the_address_and_what_routes_name_is_checked_until_all_is_deleted(
    make_route: Callable[..., Route], tmp_path: Path
) -> None:
    route = make_route("activecampaign")
    stack, name = route.stack, route.name
    account = ("--account", name)

    put = command(stack, "account", "put", "activecampaign", *account, given=API_KEY)
    choices = command(stack, "account", "choices", "activecampaign", *account)
    file = tmp_path / "spring.json"
    destination = {"provider": "activecampaign", "account": name, "lists": [12]}
    file.write_text(json.dumps({"destinations": [destination]}))
    written = command(stack, "route", "put", str(file), "--name", name)
    file.write_text(json.dumps({"destinations": [destination | {"lists": [13]}]}))
    refused = command(stack, "route", "put", str(file), "--name", name)
    in_use = command(stack, "account", "delete", "activecampaign", *account, "--yes")
    gone = command(stack, "account", "test", "activecampaign", *account)
    again = command(stack, "account", "put", "activecampaign", *account, given=API_KEY)
    deleted = command(stack, "route", "delete", name, "--yes")
    shown = command(stack, "route", "show", name)

    assert (put.exit_code, "As before: base_url." in put.output) == (0, True), put.output
    assert "lists, unsubscribe_lists\t12\tNewsletter" in choices.output
    assert (written.exit_code, written.stderr) == (0, "")
    assert refused.exit_code == 2, refused.output + refused.stderr
    assert "has no list '13'; it has 4 (Former customers), 12 (Newsletter)" in refused.stderr
    assert (in_use.exit_code, f"Routes that send to it: {name}." in in_use.stderr) == (0, True)
    assert gone.exit_code == 2
    assert "activecampaign needs base_url" in again.stderr
    assert (deleted.exit_code, shown.exit_code) == (0, 2), deleted.output
