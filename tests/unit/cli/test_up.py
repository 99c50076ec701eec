"""`up`, `down` and `demo`: the checkout's own programs, in place of the command."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from listdrop_cli.app import app
from listdrop_cli.stacks import pid_file, running
from local.down import main as main_of_down

Command = list[str]


class _Replaced(Exception):  # noqa: N818 # what `execv` does is no error
    """The process has become another, and nothing follows."""


@pytest.fixture
def become(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Command]:
    """What the command becomes, on a machine where nobody has configured AWS."""
    commands: list[Command] = []

    def execv(path: str, command: Command) -> None:
        assert path == sys.executable
        commands.append(command)
        raise _Replaced

    monkeypatch.setattr("os.execv", execv)
    monkeypatch.setenv("LISTDROP_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("listdrop_cli.target.is_configured", lambda _: False)
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/listdrop")
    return commands


def run(*words: str) -> Any:
    return CliRunner().invoke(app, list(words))


def test_up_becomes_the_checkout_s_program(become: list[Command], tmp_path: Path) -> None:
    run("up", "--port", "4711", "--wait-scale", "0.5", "--json")

    assert become == [
        [
            *(sys.executable, "-P", "-m", "local.up"),
            *("--port=4711", "--dashboard-port=4725", "--wait-scale=0.5"),
            f"--pid-file={tmp_path}/home/4711.pid",
            "--try=listdrop drop events/prospects.csv --route demo --wait",
            "--file=events/prospects.csv",
            "--json",
        ]
    ]


def test_elsewhere_up_suggests_a_file_that_is_there(
    become: list[Command], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    run("up")

    (file,) = (word.removeprefix("--file=") for word in become[0] if word.startswith("--file="))
    assert Path(file).is_file()
    assert f"--try=listdrop drop {file} --route demo --wait" in become[0]


def test_down_says_that_nothing_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("local.down.home_of", lambda _: tmp_path)
    given = ["down", "--port=4711", f"--pid-file={tmp_path / 'none.pid'}"]
    monkeypatch.setattr("sys.argv", given)

    main_of_down()

    assert capsys.readouterr().out == "Nothing runs on port 4711.\n"


def test_down_and_demo_do_too(become: list[Command], tmp_path: Path) -> None:
    run("down")
    run("down", "--forget")
    run("demo", "--json")

    down, forget, demo = (command[3:] for command in become)
    assert down == ["local.down", "--port=4566", f"--pid-file={tmp_path}/home/4566.pid"]
    assert forget == [*down, "--forget"]
    assert demo == ["local.demo", "--wait-scale=0.02", "--json"]


def test_up_suggests_a_command_that_finds_its_stack(
    become: list[Command], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listdrop_cli.target.is_configured", lambda _: True)

    run("up", "--port", "4711")

    assert any(word.endswith("--wait --endpoint-url http://127.0.0.1:4711") for word in become[0])


@pytest.mark.parametrize("verb", ["up", "down", "demo"])
@pytest.mark.parametrize("spec", [None, ModuleSpec("local", None, origin="/elsewhere/local.py")])
def test_without_a_checkout_it_says_that_it_needs_one(
    verb: str, spec: ModuleSpec | None, become: list[Command], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listdrop_cli.checkout.find_spec", lambda _: spec)

    shown = run(verb)

    assert (shown.exit_code, become) == (2, [])
    assert shown.stderr == (
        f"`listdrop {verb}` needs a checkout of the Listdrop repository: git clone it, and run "
        f"`make {verb}` there.\n"
    )


def test_in_a_checkout_that_is_not_set_up_it_says_what_to_do(
    become: list[Command], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listdrop_cli.checkout._NEEDED", ("no_such_package",))

    shown = run("demo")

    assert (shown.exit_code, become) == (2, [])
    assert "`make setup`" in shown.stderr


def test_stacks_are_noted_in_the_home_of_their_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LISTDROP_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))

    assert pid_file(4566) == tmp_path / ".listdrop" / "4566.pid"
    assert list(running()) == []
