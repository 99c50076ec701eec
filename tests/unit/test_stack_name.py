"""A stack's name is checked before anything is made."""

from __future__ import annotations

import re
import tomllib

import pytest

from local.engine import ROOT
from tools.stack_name import bucket_name, main, problems


@pytest.mark.parametrize("name", ["listdrop", "l", "list-drop-2", "s" * 27, "awe", "ss-m"])
def test_a_name_that_every_service_takes_is_no_problem(name: str) -> None:
    assert list(problems(name)) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Listdrop", "no capital letters"),
        ("aws-lists", "may not begin with aws or ssm"),
        ("SSMlists", "may not begin with aws or ssm"),
        ("s" * 28, "may have 27"),
        ("2nd", "begins with a letter"),
        ("list_drop", "letters, digits and hyphens only"),
        ("list.drop", "letters, digits and hyphens only"),
        ("xn--lists", "No bucket may be named xn--lists-uploads-"),
        ("", "begins with a letter"),
    ],
)
def test_a_name_that_some_service_refuses_is_refused_with_a_reason(name: str, said: str) -> None:
    assert said in " ".join(problems(name))


def test_how_long_a_name_may_be_depends_on_the_region() -> None:
    name = "s" * 32

    assert len(bucket_name(name, "us-east-1")) == 63
    assert list(problems(name, "us-east-1")) == []
    assert list(problems(f"{name}s", "us-east-1")) != []
    assert list(problems(name, "ap-southeast-2")) != []


def test_the_check_fails_with_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main("listdrop", "eu-west-1") == 0
    assert capsys.readouterr() == ("", "")
    assert main("Listdrop", "eu-west-1") == 1
    assert "'Listdrop' cannot be the name of a stack" in capsys.readouterr().err


def test_make_deploy_checks_the_name_before_it_builds_and_deploys_under_it() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    config = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))
    (target,) = re.findall(r"^deploy:.*\n((?:\t.*\n)+)", makefile, re.M)
    steps = [line.strip() for line in target.splitlines()]

    assert "tools.stack_name $(STACK)" in steps[0]
    assert steps[1].endswith(" build")
    assert "--stack-name $(STACK)" in steps[-1]
    assert f"STACK ?= {config['default']['global']['parameters']['stack_name']}\n" in makefile


@pytest.mark.parametrize("command", ["build", "validate", "package", "sync", "deploy"])
def test_sam_knows_of_the_loops_whatever_it_is_to_do(command: str) -> None:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))["default"]
    assert config[command]["parameters"]["language_extensions"] is True


@pytest.mark.parametrize("command", ["package", "deploy"])
def test_sam_knows_where_to_put_what_it_built(command: str) -> None:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))["default"]
    assert config[command]["parameters"]["resolve_s3"] is True


@pytest.mark.parametrize("command", ["sync", "deploy"])
def test_sam_may_make_what_the_template_has(command: str) -> None:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))["default"]
    assert set(config[command]["parameters"]["capabilities"]) == {
        "CAPABILITY_IAM",
        "CAPABILITY_NAMED_IAM",
        "CAPABILITY_AUTO_EXPAND",
    }


def test_sync_makes_no_stack_inside_the_stack_for_packages() -> None:
    # The packages are in layers of their own; the nested stack failed where it was tried.
    config = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))["default"]
    assert config["sync"]["parameters"]["dependency_layer"] is False
