"""Commands whose modules are imported when they run: a command waits for no other's.

The help of a group waits for none: its sentences are read from the modules' texts.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping, MutableMapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

_FOLDER = Path(__file__).with_name("commands")
_PLAIN: Mapping[str, Any] = {"rich_markup_mode": None}
"""Help without boxes: importing what draws them takes longer than all the rest of a help."""


def group(functions: Mapping[str, str]) -> type[TyperGroup]:
    """Return a group with these commands, by name, in the order of its help.

    Each is a function of a module in `listdrop_cli.commands`, as `route:list_routes`, or the one
    that has the module's name, as `drop`. The group's own commands come after them.
    """

    class Group(TyperGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**{**attributes, **_PLAIN})
            self.commands = _Commands(functions, self.commands)

        def get_params(self, context: Any) -> list[Any]:
            # Typer imports pydantic to make a bool of None, which takes longer than a help.
            params = super().get_params(context)
            for param in params:
                if param.default is None and getattr(param, "is_flag", False):
                    param.default = False
            return params

        def format_help(self, *given: Any) -> None:
            self.commands = {name: self._described(name) for name in self.commands}
            super().format_help(*given)

        def _described(self, name: str) -> Any:
            if name not in functions:
                return self.commands[name]
            first, *_ = _help_of(functions[name]).split("\n\n")
            return TyperCommand(name, short_help=first)

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
    module, attribute = _place_of(function)
    run = getattr(import_module(f"listdrop_cli.commands.{module}"), attribute)
    alone = typer.Typer(add_completion=False, **_PLAIN)
    alone.command(name, help=_paragraphs(run.__doc__))(run)
    return typer.main.get_command(alone)


def _help_of(function: str) -> str:
    """Return a command's help without importing its module."""
    module, attribute = _place_of(function)
    text = (_FOLDER / f"{module}.py").read_text("utf-8")
    (found,) = (
        each
        for each in ast.parse(text).body
        if isinstance(each, ast.FunctionDef) and each.name == attribute
    )
    return _paragraphs(ast.get_docstring(found))


def _place_of(function: str) -> tuple[str, str]:
    """Return the module and the name of a command's function."""
    module, _, attribute = function.partition(":")
    return module, attribute or module


def _paragraphs(text: str | None) -> str:
    """Return a command's help, each paragraph in one line: a terminal breaks it where it ends."""
    paragraphs = inspect.cleandoc(text or "").split("\n\n")
    return "\n\n".join(each.replace("\n", " ") for each in paragraphs)
