"""Regular expressions that are compiled late: they are right, and work as if compiled at once."""

from __future__ import annotations

import re
from importlib import import_module
from itertools import chain
from types import SimpleNamespace
from typing import Any

import pytest

from listdrop.cells import patterns
from listdrop.cells.patterns import lazy
from tools.rooms import modules


def test_it_finds_what_a_compiled_one_finds() -> None:
    words = lazy(r"(?P<first>\w)\w*", re.I)

    assert [word[0] for word in words.finditer("Ada and Ivo")] == ["Ada", "and", "Ivo"]
    assert list(filter(words.fullmatch, ["Ada", "", "a b"])) == ["Ada"]
    assert words.sub(r"\1", "Ada Lovelace") == "A L"
    assert (words.pattern, words.groups, words.flags & re.I) == (r"(?P<first>\w)\w*", 1, re.I)
    assert lazy(rb"\d+").findall(b"1, 23") == [b"1", b"23"]


def test_it_is_compiled_once_for_each_method(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []

    def compile_and_note(pattern: str, flags: int) -> Any:
        compiled.append(pattern)
        return re.compile(pattern, flags)

    monkeypatch.setattr(patterns, "re", SimpleNamespace(compile=compile_and_note))
    word = lazy(r"\w+")
    assert compiled == []
    for _ in range(3):
        word.match("a")
    assert compiled == [r"\w+"]


def values_of(name: str) -> list[Any]:
    """Return what a module has by name, and what is in its tuples."""
    found = vars(import_module(name)).values()
    return list(chain.from_iterable(each if isinstance(each, tuple) else (each,) for each in found))


LATE = {
    name: found
    for name in sorted(modules())
    if (found := [each for each in values_of(name) if isinstance(each, type(lazy("")))])
}


@pytest.mark.parametrize("name", LATE)
def test_those_of_a_module_are_right(name: str) -> None:
    for found in LATE[name]:
        found.search(b"" if isinstance(found.pattern, bytes) else "")


@pytest.mark.parametrize("room", ["cells", "tables", "prospects", "plans"])
def test_none_is_compiled_while_its_module_is_imported(room: str) -> None:
    of_room = [name for name in modules() if name.startswith(f"listdrop.{room}.")]

    assert of_room
    assert [
        (name, each.pattern)
        for name in of_room
        for each in values_of(name)
        if isinstance(each, re.Pattern)
    ] == []
