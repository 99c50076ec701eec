"""`account`: keys are written and tried, and never shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from listdrop.errors import FateUnknownError, NoChoicesError, NotSentError, StopJobError
from listdrop.jobs.probing import probe_key
from listdrop.models import Choices, JobState, LastError
from listdrop.ports import Figures
from listdrop.providers.http import HttpClient
from listdrop.providers.kakiyo import Kakiyo
from listdrop_cli.commands.account import EXIT_CODES
from tests.support.dashboards import new_job
from tests.support.providers import ToyProvider
from tests.support.world import ACCOUNT, World, csv_of
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
        "kakiyo\tdefault\t2026-03-02 09:00\tnot used\t",
        "waalaxy\tagency\t2026-03-02 09:00\tnot used\t",
    ]


def listed(world: World, *options: str) -> str:
    found = [{"Name": "listdrop/kakiyo/default", "LastChangedDate": MOMENT, "CreatedDate": MOMENT}]
    with stubbed("secretsmanager") as (client, secrets):
        secrets.add_response("list_secrets", {"SecretList": found})
        return run(FakedTarget(world, secretsmanager=client), "account", "list", *options).output


def test_an_account_that_cannot_be_reached_is_listed_as_unreachable() -> None:
    world = World()
    now = datetime.now(UTC)
    error = LastError(
        text="the connection was refused", kind="unreachable", since=MOMENT, attempts=35
    )
    job = new_job(state=JobState.RUNNING, created_at=now, last_error=error)
    world.jobs.jobs[job.job_id] = job

    text, (account,) = listed(world), json.loads(listed(world, "--json"))["accounts"]

    said = "Kakiyo cannot be reached: the connection was refused (35 tries since 2026-03-02 09:00)."
    assert text == f"kakiyo\tdefault\t2026-03-02 09:00\tunreachable\t{said}\n"
    assert (account["health"], account["text"]) == ("unreachable", said)
    assert account["last_error"]["attempts"] == 35


def test_how_accounts_are_is_left_out_for_those_who_may_not_read_jobs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def denied(*_: object) -> Figures:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "Query")

    monkeypatch.setattr(FakedTarget, "figures", denied)

    assert listed(World()).splitlines()[-1] == "kakiyo\tdefault\t2026-03-02 09:00\tnot known\t"


KAKIYO = "listdrop/kakiyo/default"
ACTIVECAMPAIGN = "listdrop/activecampaign/default"


@contextmanager
def storing(
    name: str, before: dict[str, str] | str | None, after: dict[str, str] | None = None
) -> Iterator[FakedTarget]:
    """A stack with this secret, or none, that expects to be given another value."""
    with (
        stubbed("secretsmanager") as (client, secrets),
        stubbed("cloudformation") as (stacks, stack),
    ):
        if before is None:
            secrets.add_client_error("get_secret_value", "ResourceNotFoundException")
        else:
            text = before if isinstance(before, str) else json.dumps(before)
            secrets.add_response("get_secret_value", {"SecretString": text}, {"SecretId": name})
        if after is not None:
            stack.add_client_error("describe_stack_resource", "ValidationError")
            if before is None:
                wanted = {"Name": name, "SecretString": json.dumps(after)}
                secrets.add_response("create_secret", {}, wanted)
            else:
                secrets.add_client_error("create_secret", "ResourceExistsException")
                wanted = {"SecretId": name, "SecretString": json.dumps(after), "KmsKeyId": ""}
                secrets.add_response("update_secret", {}, wanted)
        yield FakedTarget(secretsmanager=client, cloudformation=stacks)


def test_a_key_is_read_from_standard_input_and_never_shown() -> None:
    with storing(KAKIYO, None, {"api_key": "a-key"}) as target:
        shown = run(target, "account", "put", "kakiyo", "--json", given="a-key\n")

    assert json.loads(shown.output) == {"provider": "kakiyo", "account": "default", "kept": []}
    assert "a-key" not in shown.output + shown.stderr


def test_a_new_key_leaves_the_other_settings_as_they_are() -> None:
    url = "https://acme.api-us1.com"
    before = {"base_url": url, "api_key": "a-key"}
    with storing(ACTIVECAMPAIGN, before, {"base_url": url, "api_key": "a-new-key"}) as target:
        shown = run(target, "account", "put", "activecampaign", given="a-new-key\n")

    assert shown.exit_code == 0
    written = "Account default of activecampaign is written. As before: base_url.\n"
    assert shown.output == written


def test_another_setting_leaves_the_key_as_it_is() -> None:
    url = "https://eu.example.com"
    with storing(KAKIYO, {"api_key": "a-key"}, {"api_key": "a-key", "base_url": url}) as target:
        shown = run(target, "account", "put", "kakiyo", "--base-url", url, given="")

    assert shown.exit_code == 0


@pytest.mark.parametrize("before", ["no JSON", "[]", '{"gone": 1}'])
def test_nothing_is_kept_of_a_secret_that_no_provider_understands(before: str) -> None:
    with storing(KAKIYO, before, {"api_key": "a-new-key"}) as target:
        assert run(target, "account", "put", "kakiyo", given="a-new-key\n").exit_code == 0


@pytest.mark.parametrize("name", ["a b", "", "a/b", "a" * 65, "a\n"])
def test_a_name_that_no_route_could_have_is_not_written(name: str) -> None:
    shown = run(FakedTarget(), "account", "put", "kakiyo", "--account", name, given="a-key\n")

    assert shown.exit_code == 2
    assert "is not a valid account name" in shown.stderr


def test_a_setting_that_is_required_is_asked_for_by_its_name_with_an_example() -> None:
    with storing(ACTIVECAMPAIGN, None) as target:
        shown = run(target, "account", "put", "activecampaign", given="new\n")

    assert shown.exit_code == 2
    assert " ".join(shown.stderr.split()) == (
        "activecampaign needs base_url, the account's own address (Settings, Developer): pass "
        "--base-url https://youraccount.api-us1.com."
    )


def test_it_is_asked_for_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    after = {"api_key": "new", "base_url": "https://acme.api-us1.com"}
    monkeypatch.setattr("listdrop_cli.commands.account._is_typed", lambda: True)
    with storing(ACTIVECAMPAIGN, None, after) as target:
        shown = run(target, "account", "put", "activecampaign", given=f"new\n{after['base_url']}\n")

    assert shown.exit_code == 0
    assert "such as https://youraccount.api-us1.com" in shown.output + shown.stderr


class Local(FakedTarget):
    """A stack on this machine."""

    is_local = True


def test_a_stack_on_this_machine_says_that_it_will_call_the_real_api() -> None:
    with storing(KAKIYO, None, {"api_key": "a-key"}) as target:
        clients = vars(target)["clients"]
        shown = run(Local(**clients), "account", "put", "kakiyo", given="a-key\n")

    assert "will call the real API: https://api.kakiyo.com/v1" in " ".join(shown.stderr.split())


def test_a_secret_that_is_scheduled_for_deletion_is_restored() -> None:
    with (
        stubbed("secretsmanager") as (client, secrets),
        stubbed("cloudformation") as (stacks, stack),
    ):
        stack.add_client_error("describe_stack_resource", "ValidationError")
        secrets.add_client_error("get_secret_value", "InvalidRequestException")
        secrets.add_client_error("create_secret", "InvalidRequestException")
        secrets.add_response("restore_secret", {}, {"SecretId": KAKIYO})
        secrets.add_response("update_secret", {})
        target = FakedTarget(secretsmanager=client, cloudformation=stacks)

        assert run(target, "account", "put", "kakiyo", given="a-key\n").exit_code == 0


@pytest.mark.parametrize("given", ["", "\n", "  \n"])
@pytest.mark.parametrize("before", [None, {"api_key": "old"}])
def test_a_key_that_is_empty_is_not_written(given: str, before: dict[str, str] | None) -> None:
    with storing(KAKIYO, before) as target:
        shown = run(target, "account", "put", "kakiyo", given=given)

    assert (shown.exit_code, shown.stderr) == (2, "No key was given.\n")


# ---------------------------------------------------------------- choices


CAMPAIGNS = Choices("campaign", ("campaign_id",), {"camp_demo": "Demo"}, is_whole=False)


def offering(
    monkeypatch: pytest.MonkeyPatch, *found: Choices, error: Exception | None = None
) -> None:
    """Have Kakiyo answer this."""

    def choices(*_: object) -> tuple[Choices, ...]:
        if error:
            raise error
        return found

    monkeypatch.setattr(Kakiyo, "choices", choices)


def test_what_routes_may_name_is_listed_with_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    offering(monkeypatch, CAMPAIGNS)
    with storing(KAKIYO, {"api_key": "a-key"}) as target:
        shown = run(target, "account", "choices", "kakiyo")

    assert shown.output.startswith("campaign_id\tcamp_demo\tDemo\n")
    assert shown.stderr == "kakiyo may have more than these: it does not show every campaign.\n"


def test_what_routes_may_name_is_told_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    offering(monkeypatch, CAMPAIGNS)
    with storing(KAKIYO, {"api_key": "a-key"}) as target:
        told = json.loads(run(target, "account", "choices", "kakiyo", "--json").output)

    named = {"kind": "campaign", "options": ["campaign_id"], "id": "camp_demo", "name": "Demo"}
    assert told == {"provider": "kakiyo", "account": "default", "choices": [named], "whole": False}


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (NoChoicesError("toy"), "kakiyo: It has no call that lists what routes may name.\n"),
        (StopJobError("provider_auth", "Refused."), "kakiyo: Refused.\n"),
        (NotSentError("x"), "kakiyo: The provider cannot be reached: is its address right?\n"),
        (
            FateUnknownError("the provider answered 404, which shows nothing"),
            (
                "kakiyo: The provider's answer leaves it open: is its address right? "
                "If it is, try again in a minute.\n"
            ),
        ),
    ],
)
def test_a_provider_that_does_not_tell_has_a_sentence_for_it(
    monkeypatch: pytest.MonkeyPatch, error: Exception, sentence: str
) -> None:
    offering(monkeypatch, error=error)
    with storing(KAKIYO, {"api_key": "a-key"}) as target:
        shown = run(target, "account", "choices", "kakiyo")

    assert (shown.exit_code, " ".join(shown.stderr.split())) == (2, sentence.strip())


# ---------------------------------------------------------------- delete


def test_an_account_is_deleted_and_what_uses_it_is_said(world: World) -> None:
    world.drop(csv_of(2))
    open_job = next(iter(world.jobs.jobs.values()))
    name = f"listdrop/kakiyo/{open_job.account}"
    job = open_job.model_copy(update={"provider": "kakiyo"})
    world.jobs.jobs[job.job_id] = job
    text = json.dumps(
        {"destinations": [{"provider": "kakiyo", "campaign_id": "c", "account": job.account}]}
    )
    found = {"Name": f"/listdrop/routes/{job.route}", "Value": text, "LastModifiedDate": MOMENT}
    with stubbed("secretsmanager") as (client, secrets), stubbed("ssm") as (ssm, routes):
        routes.add_response("get_parameters_by_path", {"Parameters": [found]})
        secrets.add_response("describe_secret", {}, {"SecretId": name})
        gone = {"SecretId": name, "ForceDeleteWithoutRecovery": True}
        secrets.add_response("delete_secret", {}, gone)
        target = FakedTarget(world, secretsmanager=client, ssm=ssm)

        shown = run(target, "account", "delete", "kakiyo", "--account", job.account, "--yes")

    assert shown.exit_code == 0
    assert f"Routes that send to it: {job.route}." in shown.stderr
    assert f"Jobs of it that have not ended: {job.job_id}." in shown.stderr


def test_nothing_is_deleted_before_somebody_confirms_it() -> None:
    with stubbed("ssm") as (ssm, routes):
        routes.add_response("get_parameters_by_path", {"Parameters": []})
        shown = run(FakedTarget(ssm=ssm), "account", "delete", "kakiyo")

    assert (shown.exit_code, shown.stderr) == (2, "There is no terminal to ask on: pass --yes.\n")


def test_an_account_that_is_not_there_cannot_be_deleted() -> None:
    with stubbed("secretsmanager") as (client, secrets), stubbed("ssm") as (ssm, routes):
        routes.add_response("get_parameters_by_path", {"Parameters": []})
        secrets.add_client_error("describe_secret", "ResourceNotFoundException")
        shown = run(
            FakedTarget(secretsmanager=client, ssm=ssm), "account", "delete", "kakiyo", "--yes"
        )

    assert shown.exit_code == 2
    assert "There is no account default of kakiyo" in shown.stderr


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
