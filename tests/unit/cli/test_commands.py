"""Every command explains itself, and the page of commands says what they say."""

from __future__ import annotations

import inspect
import json
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from listdrop.models import Outcome
from listdrop_cli.app import app
from listdrop_cli.asking import short_moment
from listdrop_cli.probing import _EXIT_CODES
from listdrop_cli.tables import Fitted, printable
from local.demo import job_table
from local.engine import ROOT, Engine, EngineError
from tests.support.fakes import World, csv_of
from tests.unit.cli.faked_target import click_command
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


def test_the_page_says_every_exit_code() -> None:
    (codes,) = re.findall(r"^Exit codes: .*?\n\n", page(), re.DOTALL | re.MULTILINE)

    assert set(map(int, re.findall(r"\d+", codes))) == {0, 1, 2, 130, *_EXIT_CODES.values()}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_help_with_an_example_of_itself(name: str) -> None:
    shown = CliRunner().invoke(app, [*name.split(), "--help"])

    assert shown.exit_code == 0
    assert "Example: listdrop" in shown.output
    assert example_of(COMMANDS[name]).startswith(f"listdrop {name}")


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_broken_into_lines_by_the_terminal_only(name: str) -> None:
    shown = CliRunner().invoke(app, [*name.split(), "--help"], env={"COLUMNS": "200"})

    source = inspect.getdoc(COMMANDS[name].callback) or ""
    paragraphs = [" ".join(each.split()) for each in source.split("\n\n")]
    drawn = [line.strip() for line in shown.output.splitlines()]
    for paragraph in paragraphs:
        assert paragraph[:150] in "\n".join(drawn)


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


def test_a_taken_port_is_said_with_the_command_that_frees_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.engine.is_taken", bool)
    monkeypatch.setattr("local.engine.ENGINE_PYTHON", tmp_path)

    with pytest.raises(EngineError, match="make down PORT=4711"):
        Engine(tmp_path, 4711).start()


# ---------------------------------------------------------------- tables


def drawn(width: int, *rows: tuple[Any, ...], headers: Any = ("job", "rows", "why")) -> str:
    console = Console(width=width, force_terminal=False, soft_wrap=True)
    with console.capture() as capture:
        console.print(Fitted(headers, rows))
    return capture.get()


LISTED = {
    "jobs": ("job", "state", "%", "rows", "good", "settled", "bad", "began", "upload"),
    "person": ("job", "state", "row", "reason", "began"),
    "erase": ("job", "rows", "row items", "reasons", "files", "old versions", "upload"),
}
CELLS = {
    "job": "spring-activecampaign-0123456789abcdef", "state": "succeeded", "%": 100,
    "rows": 1_498_765, "good": 1_234_567, "settled": 76_543, "bad": 187_651, "row": 1_357_913,
    "reason": "duplicate_of_row_1234321", "began": "21 Nov 15:42", "upload": "inbox/spring/a b.csv",
    "row items": 98_765, "reasons": 12_345, "files": "results.csv 31, retry.csv 17",
    "old versions": 4_711,
}  # fmt: skip


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
@pytest.mark.parametrize("name", LISTED)
def test_every_number_and_every_id_is_whole_however_narrow_a_table_is(
    name: str, width: int
) -> None:
    headers = LISTED[name]

    shown = drawn(width, tuple(CELLS[header] for header in headers), headers=headers)

    lines = shown.splitlines()
    numbers = {CELLS[header] for header in headers if isinstance(CELLS[header], int)}
    found = {int(number) for number in re.findall(r"(?<!\S)\d+(?!\S)", shown)}
    first_column = "".join(re.findall(r"^\S+", shown, re.MULTILINE))
    assert first_column.endswith(str(CELLS["job"]))
    assert numbers <= found
    assert max(map(len, lines)) <= width or name == "jobs"  # which shows them all only if they fit
    assert "…" not in shown


@pytest.mark.parametrize(
    ("width", "is_whole"), [(60, False), (80, False), (120, False), (140, True)]
)
def test_what_is_not_needed_is_left_out_where_not_everything_fits(
    width: int, is_whole: bool
) -> None:
    headers = LISTED["jobs"]
    needed = ("job", "state", "%", "rows", "bad", "began")
    console = Console(width=width, force_terminal=False, soft_wrap=True)

    with console.capture() as capture:
        console.print(Fitted(headers, [[CELLS[header] for header in headers]], needed))

    first, *below = capture.get().splitlines()
    assert first.split() == list(headers if is_whole else needed)
    assert max(map(len, below)) <= width
    assert "21 Nov 15:42" in capture.get()


def test_a_moment_of_another_year_says_which() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)

    assert short_moment(datetime(2026, 3, 2, 9, 5, tzinfo=UTC), now) == "2 Mar 09:05"
    assert short_moment(datetime(2025, 3, 2, 9, 5, tzinfo=UTC), now) == "2 Mar 2025"


def test_a_narrow_table_leaves_nothing_out() -> None:
    job_id = "spring-activecampaign-0123456789abcdef"

    shown = drawn(60, (job_id, 12, "The provider has refused the whole request."))

    assert job_id in shown
    assert "…" not in shown


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_the_demo_says_outcomes_in_words_where_its_columns_do_not_fit(width: int) -> None:
    job = World().process(csv_of(7))
    console = Console(width=width, force_terminal=False, soft_wrap=True)

    with console.capture() as capture:
        console.print(job_table([job], console))

    header, row = capture.get().splitlines()[:2]
    is_wide = width == 140
    assert header.split()[4:] == (list(Outcome) if is_wide else ["outcomes"])
    assert " ".join(row.split()) == (
        "toy succeeded 100 7 7 · · · · · · ·" if is_wide else "toy succeeded 100 7 7 confirmed"
    )


def test_what_a_provider_says_moves_no_cursor_and_colours_nothing() -> None:
    shown = drawn(80, ("a\x1b[2Jb\tc\r\nd\x07", 1, "[red]x[/red]"))

    assert "\x1b" not in shown
    assert "[red]x[/red]" in shown
    assert printable("a\x1b[2Jb\tc\r\nd\x07") == "a [2Jb c d"


def test_a_cell_of_a_pipe_is_one_cell() -> None:
    assert json.dumps(printable("two\nlines\tand tabs")) == '"two lines and tabs"'
