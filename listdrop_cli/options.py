"""Arguments and options that several verbs take."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, TypeVar

import typer

from listdrop_cli.output import fail

STATES = (
    *("pending", "held", "running", "succeeded", "partial", "failed"),
    *("expired", "rejected", "skipped", "cancelled"),
)
"""A job's states: written here too, as importing them takes longer than a help."""

JobArgument = Annotated[str, typer.Argument(metavar="JOB", help="The job's id.")]
LimitOption = Annotated[int, typer.Option(min=1, help="Show at most this many.")]
AllOption = Annotated[bool, typer.Option("--all", help="Show all of them.")]
WaitOption = Annotated[
    bool, typer.Option("--wait", help="Wait until each job has ended, or is held.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document, for programs.")]

BESIDE = 14
"""How many ports above its engine a stack's dashboard is."""
_HIGHEST_PORT = (1 << 16) - 1 - BESIDE
PortOption = Annotated[
    int, typer.Option(min=1, max=_HIGHEST_PORT, help="The port that the engine listens on.")
]
ScaleOption = Annotated[
    float,
    typer.Option(
        envvar="LISTDROP_WAIT_SCALE", min=0.001, max=1, help="Shortens the workflow's waits."
    ),
]


def confirm(question: str, *, yes: bool) -> None:
    """Have somebody confirm what cannot be undone, or end the command."""
    if yes:
        return
    if not sys.stdin.isatty():
        fail("There is no terminal to ask on: pass --yes.")
    typer.confirm(question, abort=True, err=True)


Word = TypeVar("Word", bound=StrEnum)


def words(kind: type[Word], given: Sequence[str] | None) -> list[Word]:
    """Return words of a closed list, or end the command with a sentence if one is not on it."""
    from listdrop_cli.questions import words_of

    try:
        return words_of(kind, given or ())
    except ValueError as error:
        fail(str(error))
