"""Rooms of the code and what each may import: `python -m tools.rooms` prints rooms, arrows, floors.

`tests/unit/test_architecture.py` checks every module against these rules, by its folder, so a new
module needs no change here. `docs/architecture.md` describes each room.
"""

from __future__ import annotations

import argparse
import ast
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

RULES: Mapping[str, frozenset[str]] = {
    room: frozenset(allowed.split())
    for room, allowed in {
        "listdrop": "",
        "listdrop.errors": "",
        "listdrop.models": "",
        "listdrop.cells": "",
        "listdrop.tables": "models errors cells",
        "listdrop.prospects": "models errors cells tables",
        "listdrop.providers.http": "errors",
        "listdrop.providers.base": "models errors providers.http",
        "listdrop.providers.preparing": "models errors cells",
        "listdrop.providers.*": "models errors cells providers.base providers.http"
        " providers.preparing",
        "listdrop.providers": "models errors providers.base",
        "listdrop.ports": "models providers.base providers.http",
        "listdrop.costs": "models",
        "listdrop.plans": "models errors cells tables prospects providers.base ports costs",
        "listdrop.notices": "models costs",
        "listdrop.jobs": "models errors cells tables plans notices ports costs providers.base"
        " providers.http",
        "listdrop.aws": "models errors cells ports",
        "listdrop.dashboard": "models errors cells notices ports jobs costs providers",
        "listdrop.settings": "models",
        "listdrop.starting": "",
        "listdrop.wiring": "aws dashboard jobs notices providers providers.base providers.http "
        "settings",
    }.items()
}
"""What each room may import from the package, besides itself. A module is in the room whose name is
the longest prefix of the module's name. `providers.*` is each provider's own module; they do not
import each other."""

REGISTRY = frozenset({"listdrop.providers", "listdrop.providers.routing"})
"""The modules of `providers` that know every provider, by name: each is imported when it is asked
for."""


@cache
def modules() -> Mapping[str, Path]:
    """Return every module of the package `listdrop` and its file."""
    base = ROOT / "layers" / "shared"
    found = {}
    for path in sorted((base / "listdrop").rglob("*.py")):
        parts = path.relative_to(base).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def room_of(module: str) -> str:
    """Return a module's room. Raises `KeyError` if it has none."""
    if module.startswith("listdrop.providers.") and module not in REGISTRY and module not in RULES:
        return "listdrop.providers.*"
    name = module
    while name not in RULES or (name == "listdrop" and module != "listdrop"):
        if "." not in name:
            raise KeyError(module)
        name = name.rpartition(".")[0]
    return name


@cache
def imported(path: Path) -> Sequence[tuple[str, str]]:
    """Return each module that a file imports, with the imported name if there is one.

    `from listdrop import wiring` imports the module `listdrop.wiring`.
    """
    found: list[tuple[str, str]] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.append((inner, "") if inner in modules() else (str(node.module), alias.name))
    return found


@cache
def arrows() -> Sequence[tuple[str, str, str]]:
    """Return pairs of importing and imported room, with the importing module."""
    found = []
    for module, path in modules().items():
        here = room_of(module)
        for name in sorted({name for name, _ in imported(path) if name in modules()}):
            there = room_of(name)
            if there != here or (here == "listdrop.providers.*" and name != module):
                found.append((here, there, module))
    return found


def floors(graph: Mapping[str, frozenset[str]]) -> Mapping[str, int]:
    """Return the floor of each room: one above the highest room that it imports from.

    Raises `ValueError` if there is an import cycle.
    """
    found: dict[str, int] = {}

    def floor(room: str, above: tuple[str, ...]) -> int:
        if room in above:
            raise ValueError(f"a circle: {' -> '.join((*above, room))}")
        if room not in found:
            below = (floor(each, (*above, room)) for each in graph[room])
            found[room] = max(below, default=0) + 1
        return found[room]

    for room in graph:
        floor(room, ())
    return found


def longest(folders: list[str]) -> tuple[tuple[int, str], tuple[int, str]]:
    """Return the longest function and the longest class in these folders, with their lines."""
    functions, classes = [(0, "")], [(0, "")]
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                size = (node.end_lineno or 0) - node.lineno + 1
                where = f"{path.relative_to(ROOT)}: {node.name}"
                (classes if isinstance(node, ast.ClassDef) else functions).append((size, where))
    return max(functions), max(classes)


def main() -> None:
    """Print the rooms from the lowest floor up, and what each imports."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    graph: dict[str, set[str]] = {room_of(module): set() for module in modules()}
    for here, there, _ in arrows():
        graph[here].add(there)
    level = floors({room: frozenset(known) for room, known in graph.items()})
    for room in sorted(graph, key=lambda room: (level[room], room)):
        known = " ".join(sorted(name.removeprefix("listdrop.") for name in graph[room]))
        print(f"{level[room]}  {room.removeprefix('listdrop.'):<20} {known}")
    count = sum(map(len, graph.values()))
    print(f"{len(graph)} rooms, {count} arrows, {max(level.values())} floors")
    for what, (lines, where) in zip(
        ("function", "class"),
        longest(["layers/shared/listdrop", "functions", "listdrop_cli", "local"]),
        strict=True,
    ):
        print(f"longest {what}: {lines} lines ({where})")


if __name__ == "__main__":
    main()
