"""Which stack a command is about: what options and environment name, else the one that is here."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import pytest
import typer
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from typer.testing import CliRunner

from listdrop_cli.app import app
from listdrop_cli.stacks import running
from listdrop_cli.target import Target, is_configured, must_be_named, target_of
from tests.support.clock import NOW
from tests.unit.cli.faked_target import click_command, stubbed


@pytest.fixture(autouse=True)
def nothing_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A machine on which nobody has configured AWS; gives where running stacks are noted."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "LISTDROP_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LISTDROP_HOME", str(tmp_path / "stacks"))
    yield tmp_path / "stacks"
    while _LOCKED:
        _LOCKED.pop().close()


_LOCKED: list[TextIO] = []


def up(stacks: Path, port: int) -> None:
    """Note a stack as `listdrop up` does, which keeps the file locked while it runs."""
    _LOCKED.append(_noted(stacks, port, os.getpid()).open())
    fcntl.flock(_LOCKED[-1], fcntl.LOCK_EX)


def _noted(stacks: Path, port: int, pid: object) -> Path:
    stacks.mkdir(exist_ok=True)
    file = stacks / f"{port}.pid"
    file.write_text(str(pid))
    return file


def test_the_stack_that_runs_here_is_meant_where_nothing_else_is_said(
    nothing_configured: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    up(nothing_configured, 4711)

    target = target_of("listdrop", None, None, None)

    assert target == Target(endpoint_url="http://127.0.0.1:4711")
    assert target.is_local
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "The stack on this machine: http://127.0.0.1:4711\n")


@pytest.mark.parametrize(
    "options",
    [
        ("another", None, None, None),
        ("listdrop", "eu-west-1", None, None),
        ("listdrop", None, "work", None),
        ("listdrop", None, None, "http://127.0.0.1:1"),
    ],
)
def test_any_option_that_names_a_stack_comes_before_the_one_here(
    nothing_configured: Path, options: tuple[str, str | None, str | None, str | None]
) -> None:
    up(nothing_configured, 4711)

    assert target_of(*options) == Target(*options)


@pytest.mark.parametrize(
    "variable",
    ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_WEB_IDENTITY_TOKEN_FILE"],
)
def test_any_variable_of_aws_comes_before_the_stack_here(
    nothing_configured: Path, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    up(nothing_configured, 4711)
    monkeypatch.setenv(variable, "x")

    assert target_of("listdrop", None, None, None) == Target()


def test_a_profile_in_a_file_comes_before_the_stack_here(
    nothing_configured: Path, tmp_path: Path
) -> None:
    up(nothing_configured, 4711)
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_text("[default]\naws_access_key_id = x\n")

    assert target_of("listdrop", None, None, None) == Target()


def test_variables_that_choose_no_account_do_not_count() -> None:
    assert not is_configured({"AWS_PAGER": "", "AWS_CA_BUNDLE": "/x", "PATH": "/bin"})


def test_of_several_stacks_here_one_has_to_be_chosen(
    nothing_configured: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    up(nothing_configured, 4711)
    up(nothing_configured, 4566)

    with pytest.raises(typer.Exit) as ended:
        target_of("listdrop", None, None, None)

    assert ended.value.exit_code == 2
    assert "ports 4566, 4711" in capsys.readouterr().err


@pytest.mark.parametrize("pid", [2**22 - 1, "this process", " ", "no number"])
def test_a_stack_that_is_gone_does_not_run_here_even_if_its_process_id_is_another_s(
    nothing_configured: Path, pid: object
) -> None:
    _noted(nothing_configured, 4711, os.getpid() if pid == "this process" else pid)

    assert list(running()) == []
    assert target_of("listdrop", None, None, None) == Target()


def test_without_any_stack_a_command_says_what_is_missing() -> None:
    shown = CliRunner().invoke(app, ["jobs"])

    assert shown.exit_code == 2
    assert shown.stderr == (
        "No region is given: set AWS_REGION, or pass --region. "
        "No stack is running on this machine: `listdrop up` starts one.\n"
    )


def test_where_aws_is_configured_nobody_is_told_to_start_a_stack_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")

    shown = CliRunner().invoke(app, ["jobs"])

    assert shown.stderr == "No region is given: set AWS_REGION, or pass --region.\n"


def test_a_stack_here_that_does_not_answer_is_said_not_to_run() -> None:
    class Closed(Target):
        def client(self, name: str, config: Config | None = None) -> Any:
            raise EndpointConnectionError(endpoint_url=f"{self.endpoint_url}")

    shown = CliRunner().invoke(app, ["jobs"], obj=Closed(endpoint_url="http://127.0.0.1:4711"))

    assert shown.exit_code == 2
    assert "Could not connect" in shown.stderr
    assert "No stack is running on this machine: `listdrop up` starts one." in shown.stderr


@pytest.mark.parametrize(
    ("endpoint_url", "is_told"), [(None, True), ("http://127.0.0.1:4711", False)]
)
def test_who_is_refused_by_aws_is_told_of_the_stack_here(
    nothing_configured: Path, endpoint_url: str | None, is_told: bool
) -> None:
    up(nothing_configured, 4711)
    with stubbed("cloudformation") as (client, stub):
        stub.add_client_error("describe_stacks", "AccessDenied", "Not you.")
        target = _Stubbed(region="us-east-1", endpoint_url=endpoint_url)
        vars(target)["stub"] = client

        shown = CliRunner().invoke(app, ["jobs"], obj=target)

    assert shown.exit_code == 2
    assert shown.stderr.count("\n") == 1
    assert "Not you." in shown.stderr
    assert ("--endpoint-url http://127.0.0.1:4711\n" in shown.stderr) == is_told


@pytest.mark.parametrize(("configured", "others"), [(True, 0), (False, 1)])
def test_up_names_its_stack_where_a_command_would_not_find_it(
    nothing_configured: Path,
    configured: bool,
    others: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    up(nothing_configured, 4711)
    assert not must_be_named(4711)
    if configured:
        monkeypatch.setenv("AWS_PROFILE", "work")
    for port in range(others):
        up(nothing_configured, 5000 + port)

    assert must_be_named(4711)


def test_with_aws_half_configured_the_stack_here_is_pointed_out(
    nothing_configured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    up(nothing_configured, 4711)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")

    shown = CliRunner().invoke(app, ["jobs"])

    assert shown.exit_code == 2
    assert shown.stderr.endswith(
        "is running on this machine: --endpoint-url http://127.0.0.1:4711\n"
    )


@pytest.mark.parametrize(
    ("variable", "option"),
    [
        ("LISTDROP_STACK", "stack"),
        ("AWS_REGION", "region"),
        ("AWS_DEFAULT_REGION", "region"),
        ("AWS_ENDPOINT_URL", "endpoint_url"),
    ],
)
def test_options_come_from_the_environment_too(
    variable: str, option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "from-outside")

    context = click_command("jobs").make_context("jobs", [])

    assert context.params[option] == "from-outside"


def test_the_region_of_the_command_line_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")

    of_environment = click_command("jobs").make_context("jobs", [])
    given = click_command("jobs").make_context("jobs", ["--region", "us-east-2"])

    assert of_environment.params["region"] == "eu-west-1"
    assert given.params["region"] == "us-east-2"


@pytest.mark.parametrize(
    ("empty", "arguments"),
    [
        (("AWS_REGION", "AWS_DEFAULT_REGION"), ()),
        (("AWS_PROFILE", "AWS_ENDPOINT_URL"), ()),
        ((), ("--region", "", "--profile", "", "--endpoint-url", "")),
    ],
    ids=["region", "others", "options"],
)
def test_what_is_empty_is_not_set(
    empty: tuple[str, ...], arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    for name in empty:
        monkeypatch.setenv(name, "")

    shown = CliRunner().invoke(app, ["jobs", *arguments])

    assert shown.exit_code == 2
    assert shown.stderr.startswith("No region is given: set AWS_REGION, or pass --region.")


def test_with_empty_variables_only_the_stack_here_is_meant(
    nothing_configured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    up(nothing_configured, 4711)
    monkeypatch.setenv("AWS_REGION", "")
    assert target_of("listdrop", "", None, None) == Target(endpoint_url="http://127.0.0.1:4711")


@pytest.mark.parametrize(
    ("url", "is_local"),
    [
        ("http://127.0.0.1:4566", True),
        ("http://localhost:4566", True),
        ("https://127.0.0.1.example.com", False),
        ("https://vpce-1.s3.us-east-1.vpce.amazonaws.com", False),
        (None, False),
    ],
)
def test_only_a_loopback_host_is_local(url: str | None, is_local: bool) -> None:
    assert Target(endpoint_url=url).is_local is is_local


class _Stubbed(Target):
    """A stack that is looked for by a client of the test's."""

    def client(self, name: str, config: Config | None = None) -> Any:
        assert (name, config) == ("cloudformation", None)
        return vars(self)["stub"]


def test_the_stack_s_outputs_are_found_by_its_name() -> None:
    found = {"OutputKey": "JobsTable", "OutputValue": "table-1"}
    stack = {"StackName": "mine", "CreationTime": NOW, "StackStatus": "x", "Outputs": [found]}
    with stubbed("cloudformation") as (client, stub):
        stub.add_response("describe_stacks", {"Stacks": [stack]}, {"StackName": "mine"})
        target = _Stubbed("mine")
        vars(target)["stub"] = client

        assert target.outputs == {"JobsTable": "table-1"}
        assert target.outputs == {"JobsTable": "table-1"}  # asked for once


@pytest.mark.parametrize(
    ("parameters", "days"),
    [([{"ParameterKey": "RetentionDays", "ParameterValue": "7"}], 7), ([], 0)],
)
def test_how_long_uploads_are_kept_is_a_parameter_of_the_stack_that_is_asked_for_once(
    parameters: list[dict[str, str]], days: int
) -> None:
    stack = {"StackName": "mine", "CreationTime": NOW, "StackStatus": "x", "Parameters": parameters}
    with stubbed("cloudformation") as (client, stub):
        stub.add_response("describe_stacks", {"Stacks": [stack]}, {"StackName": "mine"})
        target = _Stubbed("mine")
        vars(target)["stub"] = client

        assert target.kept_days == days
        assert target.outputs == {}


def test_of_a_stack_that_is_not_deployed_yet_nobody_knows_how_long_uploads_are_kept() -> None:
    with stubbed("cloudformation") as (client, stub):
        said = "Stack with id mine does not exist"
        stub.add_client_error("describe_stacks", "ValidationError", said)
        target = _Stubbed("mine")
        vars(target)["stub"] = client

        assert target.kept_days == 0


def test_a_stack_that_does_not_exist_is_said_so_and_the_one_here_is_pointed_out(
    nothing_configured: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    up(nothing_configured, 4711)
    said = "Stack with id mine does not exist"
    with stubbed("cloudformation") as (client, stub):
        stub.add_client_error("describe_stacks", "ValidationError", said)
        target = _Stubbed("mine")
        vars(target)["stub"] = client

        with pytest.raises(typer.Exit):
            _ = target.outputs

    assert capsys.readouterr().err == (
        "There is no stack mine here: see --stack and --region. "
        "A stack is running on this machine: --endpoint-url http://127.0.0.1:4711\n"
    )
