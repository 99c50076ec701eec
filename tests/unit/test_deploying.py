"""What `make deploy` asks, and what it then runs."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Mapping
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from local.deploy import load_template
from local.engine import ROOT
from tools import deploying
from tools.deploying import command, wrong_value

PARAMETERS = load_template(ROOT / "template.yaml")["Parameters"]


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that are run; all of them work."""
    commands: list[list[str]] = []

    def run(step: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(step)
        return subprocess.CompletedProcess(step, 0)

    monkeypatch.setattr(subprocess, "run", run)
    return commands


def answered(
    monkeypatch: pytest.MonkeyPatch, *answers: str, has: Mapping[str, str] | None = None
) -> Result:
    """Give answers, and then take what is offered."""
    monkeypatch.setattr(deploying, "deployed_values", lambda *_: has or {})
    app = typer.Typer()
    app.command()(deploying.main)
    typed = [*answers, *[""] * (2 * len(PARAMETERS))]
    return CliRunner().invoke(app, [], input="\n".join(typed))


@pytest.mark.parametrize("name", ["Listdrop", "aws-lists", "s" * 40, "2nd"])
def test_a_name_that_cannot_be_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch, ran: list[list[str]], name: str
) -> None:
    result = answered(monkeypatch, "eu-west-1", name, "lists")

    assert result.exit_code == 0, result.output
    assert result.output.count("Stack name") == 2
    assert ran[0] == ["make", "--no-print-directory", "build"]
    assert ran[1][2:6] == ["--stack-name", "lists", "--region", "eu-west-1"]


def test_every_parameter_is_asked_for_and_what_a_stack_has_is_offered(
    monkeypatch: pytest.MonkeyPatch, ran: list[list[str]]
) -> None:
    result = answered(monkeypatch, "eu-west-1", "lists", has={"RetentionDays": "17"})

    for name in PARAMETERS:
        assert f"\n{name} [" in result.output or f"\n{name}:" in result.output, name
    assert 'RetentionDays="17"' in ran[1]


def test_a_parameter_can_be_emptied(monkeypatch: pytest.MonkeyPatch, ran: list[list[str]]) -> None:
    names = list(PARAMETERS)
    before = [""] * names.index("SignInIssuer")
    has = {"SignInIssuer": "https://id.example.com", "SignInClient": "listdrop"}
    answered(monkeypatch, "eu-west-1", "lists", *before, "-", "-", has=has)

    assert 'SignInIssuer=""' in ran[1]
    assert 'SignInClient=""' in ran[1]


def test_nothing_is_deployed_that_was_not_built(
    monkeypatch: pytest.MonkeyPatch, ran: list[list[str]]
) -> None:
    def fails(step: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        ran.append(step)
        return subprocess.CompletedProcess(step, 2)

    monkeypatch.setattr(subprocess, "run", fails)

    assert answered(monkeypatch, "eu-west-1", "lists").exit_code == 2
    assert len(ran) == 1


@pytest.mark.parametrize(
    ("parameter", "text", "said"),
    [
        ({"Type": "String", "AllowedValues": ["prod", "dev"]}, "live", "one of: prod, dev"),
        ({"Type": "Number"}, "many", "a number"),
        ({"Type": "Number", "MinValue": 1}, "0", "from 1"),
        ({"Type": "Number", "MinValue": 2, "MaxValue": 5}, "9", "from 2 to 5"),
        ({"Type": "String", "AllowedPattern": "a+"}, "b", "matches a+"),
        ({"Type": "String", "AllowedPattern": "a+", "ConstraintDescription": "No."}, "b", "No."),
    ],
)
def test_a_value_that_the_template_refuses_is_refused_at_once(
    parameter: dict[str, Any], text: str, said: str
) -> None:
    assert said in wrong_value(parameter, text)


@pytest.mark.parametrize("name", PARAMETERS)
def test_what_is_offered_is_right(name: str) -> None:
    assert wrong_value(PARAMETERS[name], str(PARAMETERS[name].get("Default", ""))) == ""


def test_a_parameter_with_blanks_stays_one_argument() -> None:
    ran = command("s", "r", {"CustomerManagedKey": "in prod"})

    assert ran[-1] == 'CustomerManagedKey="in prod"'


def test_make_deploy_asks_here_and_offers_the_name_that_sam_has() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    config = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))
    (target,) = re.findall(r"^deploy:.*\n((?:\t.*\n)+)", makefile, re.M)

    assert "tools.deploying --stack $(STACK)" in target
    assert config["default"]["deploy"]["parameters"]["confirm_changeset"] is True
    usual = config["default"]["global"]["parameters"]["stack_name"]
    assert f"STACK ?= $(or $(LISTDROP_STACK),{usual})\n" in makefile
