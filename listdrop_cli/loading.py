"""Commands whose modules are imported when they are asked for: a command waits for no other's."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from functools import cache
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup


def group(functions: Mapping[str, str]) -> type[TyperGroup]:
    """Return a group with these commands, by name, in the order of its help.

    Each is a function of a module in `listdrop_cli.commands`, as `route:list_routes`, or the one
    that has the module's name, as `drop`. The group's own commands come after them.
    """

    class Group(TyperGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            self.commands = _Commands(functions, self.commands)

    return Group


class _Commands(MutableMapping[str, Any]):
    def __init__(self, functions: Mapping[str, str], others: Mapping[str, Any]) -> None:
        self._functions = functions
        self._others = dict(others)

    def __getitem__(self, name: str) -> Any:
        if name not in self._functions:
            return self._others[name]
        return _loaded(name, self._functions[name])

    def __setitem__(self, name: str, command: Any) -> None:
        self._others[name] = command

    def __delitem__(self, name: str) -> None:
        del self._others[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._functions
        yield from self._others

    def __len__(self) -> int:
        return len(self._functions) + len(self._others)


@cache
def _loaded(name: str, function: str) -> Any:
    module, _, attribute = function.partition(":")
    run = getattr(import_module(f"listdrop_cli.commands.{module}"), attribute or module)
    alone = typer.Typer(add_completion=False)
    alone.command(name, help=_paragraphs(run))(run)
    return typer.main.get_command(alone)


def _paragraphs(run: Callable[..., None]) -> str:
    """Return a command's help, each paragraph in one line: a terminal breaks it where it ends."""
    paragraphs = inspect.cleandoc(run.__doc__ or "").split("\n\n")
    return "\n\n".join(each.replace("\n", " ") for each in paragraphs)
