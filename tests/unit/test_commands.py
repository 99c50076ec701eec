"""Every command explains itself, and the page of commands says what they say."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from local.cli import app
from local.cli.output import printable, table
from local.engine import ROOT
from local.reference import PAGE, commands, example_of, page
from tests.unit.faked_target import click_command

COMMANDS = dict(commands())


def test_there_is_every_command_that_the_three_acts_need() -> None:
    assert set(COMMANDS) >= {
        "up", "down", "demo", "drop", "check", "jobs", "job", "rows", "person", "retry", "cancel",
        "results", "route put", "route list", "route show", "account put", "account list",
        "subscribe",
    }  # fmt: skip


def test_the_page_of_commands_is_what_they_say_themselves() -> None:
    assert PAGE.read_text("utf-8") == page(), "run python -m local.reference"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_help_with_an_example_of_itself(name: str) -> None:
    shown = CliRunner().invoke(app, [*name.split(), "--help"])

    assert shown.exit_code == 0
    assert "Example: listdrop" in shown.output
    assert example_of(COMMANDS[name]).startswith(f"listdrop {name}")


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


def test_an_option_that_does_not_exist_is_wrong_use() -> None:
    assert CliRunner().invoke(app, ["jobs", "--no-such-option"]).exit_code == 2


# ---------------------------------------------------------------- tables


def drawn(width: int, *rows: tuple[Any, ...]) -> str:
    console = Console(width=width, force_terminal=False)
    with console.capture() as capture:
        console.print(table(("job", "rows", "why"), rows))
    return capture.get()


def test_a_narrow_table_leaves_nothing_out() -> None:
    job_id = "spring-activecampaign-0123456789abcdef"

    shown = drawn(60, (job_id, 12, "The provider has refused the whole request."))

    assert job_id in shown
    assert "…" not in shown


def test_what_a_provider_says_moves_no_cursor_and_colours_nothing() -> None:
    shown = drawn(80, ("a\x1b[2Jb\tc\r\nd\x07", 1, "[red]x[/red]"))

    assert "\x1b" not in shown
    assert "[red]x[/red]" in shown
    assert printable("a\x1b[2Jb\tc\r\nd\x07") == "a [2Jb c d"


def test_a_cell_of_a_pipe_is_one_cell() -> None:
    assert json.dumps(printable("two\nlines\tand tabs")) == '"two lines and tabs"'
