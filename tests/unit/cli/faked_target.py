"""A stack for commands: the ports in memory, and clients whose answers a test has written."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from io import StringIO
from typing import Any, cast

import boto3
import pytest
import typer
from botocore.stub import Stubber
from rich.console import Console
from typer.testing import CliRunner, Result

import listdrop_cli
from listdrop.jobs.holding import AnswerPorts
from listdrop.ports import Figures, OpenJobs, Records
from listdrop_cli.app import app
from listdrop_cli.target import Target
from tests.support.dashboards import Shelf
from tests.support.records import MemoryRecords
from tests.support.world import World
from tests.unit.cli import rights

OUTPUTS = {
    "UploadsBucket": "uploads",
    "ResultsBucket": "results",
    "ResultsTopic": "arn:aws:sns:us-east-1:123456789012:results",
}


class FakedTarget(Target):
    """The stack of a world."""

    outputs: Mapping[str, str] = OUTPUTS
    kept_days: int = 0

    def __init__(self, world: World | None = None, **clients: Any) -> None:
        super().__init__(stack="listdrop")
        vars(self)["world"] = world or World()
        vars(self)["clients"] = clients

    def client(self, name: str, config: Any = None) -> Any:
        """Return the client that the test gave."""
        client = vars(self)["clients"][name]
        rights.overhear(client)
        return client

    def jobs(self) -> OpenJobs:
        """Return the port that changes jobs."""
        return cast("OpenJobs", vars(self)["world"].jobs)

    def hold_ports(self) -> AnswerPorts:
        """Return what answers to held jobs work with."""
        return cast("AnswerPorts", vars(self)["world"].hold_ports())

    def records(self) -> Records:
        """Return the port that answers questions."""
        return MemoryRecords(vars(self)["world"].jobs)

    def figures(self) -> Figures:
        """Return the port that adds jobs up."""
        return Shelf(jobs=vars(self)["world"].jobs.jobs).ports().figures


def run(target: Target, *arguments: str, given: str | None = None) -> Result:
    """Run a command on a stack, without a terminal.

    What it asks of AWS has to be on the page of commands, among what it has to be allowed.
    """
    rights.NOTED.clear()
    result = CliRunner().invoke(app, list(arguments), obj=target, input=given)
    assert not rights.missing(arguments, rights.NOTED)
    return result


def lines(output: str) -> list[list[str]]:
    """Return the cells that a pipe gets."""
    return [line.split("\t") for line in output.splitlines()]


def on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, width: int = 80, *, force_terminal: bool = False
) -> StringIO:
    """Have commands believe that somebody is looking; returns what they draw.

    With `force_terminal` they also move the cursor and use colours.
    """
    drawn = StringIO()
    console = Console(
        file=drawn,
        highlight=False,
        soft_wrap=True,
        width=width,
        force_terminal=force_terminal,
    )
    seen = {"is_terminal": lambda: True, "out": console, "err": console}
    for found in pkgutil.walk_packages(listdrop_cli.__path__, "listdrop_cli."):
        if not found.name.endswith("__main__"):
            module = importlib.import_module(found.name)
            for name in seen.keys() & vars(module).keys():
                monkeypatch.setattr(module, name, seen[name])
    return drawn


@cache
def _session() -> boto3.Session:
    """Each session reads the descriptions of the services again."""
    return boto3.Session("any", "any", region_name="us-east-1")


def client_of(name: str) -> Any:
    """Return a client of its own for a service."""
    return _session().client(name)  # type: ignore[call-overload] # any service


@contextmanager
def stubbed(name: str) -> Iterator[tuple[Any, Stubber]]:
    """A client that asks nobody. At the end, every expected call must have been made."""
    client = client_of(name)
    with Stubber(client) as stubber:
        yield client, stubber
        stubber.assert_no_pending_responses()


def click_command(*names: str) -> Any:
    """Return a command as the parser has it."""
    command: Any = typer.main.get_command(app)
    for name in names:
        command = command.commands[name]
    return command
