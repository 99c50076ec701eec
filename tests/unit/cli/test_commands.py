"""Every command explains itself, and the page of commands says what they say."""

from __future__ import annotations

import inspect
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from listdrop.models import JobState
from listdrop_cli.app import app
from listdrop_cli.commands.account import EXIT_CODES
from listdrop_cli.options import STATES
from local.engine import ROOT, Engine, EngineError
from tests.unit.cli.faked_target import click_command
from tests.unit.cli.rights import missing
from tools.reference import PAGE, commands, example_of, page

COMMANDS = dict(commands())


def test_there_is_every_command_that_the_three_acts_need() -> None:
    assert set(COMMANDS) >= {
        "up", "down", "demo", "drop", "check", "jobs", "job", "rows", "person", "retry", "cancel",
        "results", "route put", "route list", "route show", "account put", "account list",
        "subscribe",
    }  # fmt: skip


def test_the_page_of_commands_is_what_they_say_themselves() -> None:
    assert PAGE.read_text("utf-8") == page(), "run python -m tools.reference"


def test_the_page_says_what_every_command_may_have_to_be_allowed() -> None:
    table = page().split("| For | you also need |")[1].split("\n\n")[0]
    cells = [line.split(" | ")[0] for line in table.splitlines()]
    named = {name for cell in cells for name in re.findall(r"`([a-z ]+)`", cell)}

    of_a_stack = {
        name
        for name, command in COMMANDS.items()
        if any("--stack" in parameter.opts for parameter in command.params)
    }
    assert named == of_a_stack


def test_a_command_is_held_to_what_the_page_says_that_it_asks_of_aws() -> None:
    asked = ["cloudformation:DescribeStacks", "s3:GetObject", "sns:Subscribe"]

    # `results` names the second itself, `retry` by what `results` needs, and neither the third.
    assert missing(["results", "a-job"], asked) == {"sns:Subscribe"}
    assert missing(["retry", "a-job"], asked) == {"sns:Subscribe"}
    # Nor does `route show` ask about the stack itself.
    assert missing(["route", "show", "spring"], asked) == set(asked)


@pytest.mark.parametrize("page", ["commands.md", "dashboard.md"])
def test_who_erases_has_to_be_allowed_to_list_uploads(page: str) -> None:
    # S3 tells nobody else that a version is gone: one upload may be of several jobs.
    rows = (ROOT / "docs" / page).read_text("utf-8").splitlines()
    (row,) = [row for row in rows if re.match(r"\| (`erase`|erase a person) \| .*:", row)]
    uploads = row.rpartition("uploads bucket")[2]

    assert set(re.findall(r"s3:\w+", uploads)) == {
        "s3:ListBucket", "s3:ListBucketVersions", "s3:GetObjectVersion", "s3:DeleteObjectVersion",
    }  # fmt: skip


def test_the_page_says_every_exit_code() -> None:
    (codes,) = re.findall(r"^Exit codes: .*?\n\n", page(), re.DOTALL | re.MULTILINE)

    assert set(map(int, re.findall(r"\d+", codes))) == {0, 1, 2, 130, *EXIT_CODES.values()}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_help_with_an_example_of_itself(name: str) -> None:
    shown = CliRunner().invoke(app, [*name.split(), "--help"])

    assert shown.exit_code == 0
    assert "Example: listdrop" in shown.output
    assert example_of(COMMANDS[name]).startswith(f"listdrop {name}")


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_broken_into_lines_by_the_terminal_only(name: str) -> None:
    shown = CliRunner().invoke(app, [*name.split(), "--help"], terminal_width=1_000)

    source = inspect.getdoc(COMMANDS[name].callback) or ""
    paragraphs = [" ".join(each.split()) for each in source.split("\n\n")]
    drawn = [line.strip() for line in shown.output.splitlines()]
    for paragraph in paragraphs:
        assert paragraph in drawn


@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_of_a_command_can_be_given_to_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    words = shlex.split(example_of(COMMANDS[name]).split(" < ")[0])
    arguments = words[1 + len(name.split()) :]

    context = click_command(*name.split()).make_context(name, arguments)

    assert context.params


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_answer_in_json(name: str) -> None:
    options = [option for each in COMMANDS[name].params for option in each.opts]
    assert "--json" in options


def test_the_shell_completes_words() -> None:
    asked = {
        "_LISTDROP_COMPLETE": "complete_bash",
        "COMP_WORDS": "listdrop account p",
        "COMP_CWORD": "2",
    }

    shown = CliRunner().invoke(app, [], env=asked, prog_name="listdrop")

    assert shown.output.split() == ["put"]


def test_an_option_that_does_not_exist_is_wrong_use() -> None:
    assert CliRunner().invoke(app, ["jobs", "--no-such-option"]).exit_code == 2


@pytest.mark.parametrize("command", ["up", "down"])
@pytest.mark.parametrize("port", ["0", "65522", "80000", "-1"])
def test_a_port_that_leaves_none_for_the_dashboard_is_wrong_use(command: str, port: str) -> None:
    shown = CliRunner().invoke(app, [command, "--port", port])

    assert shown.exit_code == 2
    assert "Traceback" not in shown.output


@pytest.fixture
def taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """An engine that is installed, and whose port is taken."""
    monkeypatch.setattr("local.engine.is_taken", bool)
    monkeypatch.setattr("local.engine.ENGINE_PYTHON", tmp_path)
    return Engine(tmp_path, 4711)


def test_a_taken_port_is_said_with_the_command_that_frees_it(
    taken: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Engine, "_answers", lambda _: True)

    with pytest.raises(EngineError, match="make down PORT=4711"):
        taken.start()


def test_no_command_is_named_for_a_port_of_another_program(
    taken: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Engine, "_answers", lambda _: False)

    with pytest.raises(EngineError) as error:
        taken.start()

    assert "is taken by another program" in str(error.value)
    assert "make down" not in str(error.value)


@pytest.mark.parametrize(
    "asked", ["--help", "route --help", "account --help", "jobs --help", "up --help"]
)
def test_help_waits_for_nothing_that_only_running_needs(asked: str) -> None:
    code = (
        "import sys, listdrop_cli.app\n"
        "try: listdrop_cli.app.app(sys.argv[1:], prog_name='listdrop')\n"
        "except SystemExit: pass\n"
        "print({name.split('.')[0] for name in sys.modules} & {'boto3', 'botocore', 'flask',\n"
        "    'listdrop', 'local', 'markdown_it', 'openpyxl', 'pydantic', 'requests'},\n"
        "    file=sys.stderr)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, *asked.split()], capture_output=True, text=True, check=True
    )

    assert done.stderr == "set()\n"
    assert "--help" in done.stdout


def test_help_names_every_state() -> None:
    assert list(STATES) == list(JobState)


def test_the_help_of_a_group_says_what_each_command_says_itself() -> None:
    names = [name for name in COMMANDS if " " not in name]

    for name in names:
        (sentence,) = re.findall(r"^[^.]+", COMMANDS[name].help, re.MULTILINE)[:1]
        assert sentence[:20] in CliRunner().invoke(app, ["--help"]).output
