"""Writes `docs/commands.md` from the commands themselves: `python -m local.reference`."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import typer

from local.cli import app
from local.engine import ROOT

PAGE = ROOT / "docs" / "commands.md"

_HEAD = """\
# Commands

Written by `python -m local.reference` from the commands' own help; `listdrop COMMAND --help` has
the options.

Commands that are about a stack take `--stack`, `--region`, `--profile` and `--endpoint-url`, as the
AWS CLI does, or `LISTDROP_STACK`, `AWS_REGION`, `AWS_PROFILE` and `AWS_ENDPOINT_URL`. With none of
these, and nothing of AWS configured, the stack is meant that `listdrop up` runs on this machine.

On a terminal answers are tables. In a pipe each row is a line, its cells apart by tabs. With
`--json` the answer is one JSON document. `listdrop --install-completion` completes words in your shell.

Exit codes: 0 is good; 1 is no, or that rows are bad; 2 is that it could not be done.

| Command | What it does | Example |
|---|---|---|
"""


def commands() -> Iterator[tuple[str, Any]]:
    """Yield every command with its whole name, in the order of the help."""
    yield from _below("", typer.main.get_command(app))


def _below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield name, command
        return
    for child, below in children.items():
        yield from _below(f"{name} {child}".strip(), below)


def example_of(command: Any) -> str:
    """Return the example of a command's help. Raises `ValueError` if there is none."""
    lines = inspect.cleandoc(command.help or "").splitlines()
    examples = [line.removeprefix("Example: ") for line in lines if line.startswith("Example: ")]
    if len(examples) != 1:
        raise ValueError(f"{command.name} has {len(examples)} examples in its help")
    return examples[0]


def page() -> str:
    """Return the page."""
    rows = []
    for name, command in commands():
        sentence = inspect.cleandoc(command.help).split("\n\n", 1)[0].replace("\n", " ")
        rows.append(f"| `{name}` | {sentence} | `{example_of(command)}` |\n")
    return _HEAD + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
