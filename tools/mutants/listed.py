"""The mutants: mistakes in the code that would break a promise, each with tests that must see it.

They are in the TOML files beside this module, by room. A mutant is a table that is named after what
goes wrong:

- `file`, `find`, `replace`: the text that it replaces, which has to be there exactly once.
- `tests`: files of tests, or single tests (`file::name`), of which one has to fail.
- `why`: the promise that breaks, in a sentence.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.engine import ROOT

_DATA = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake, see the module. `room` is the name of its TOML file."""

    room: str
    name: str
    file: str
    find: str
    replace: str
    tests: Sequence[str]
    why: str

    def __str__(self) -> str:
        return f"{self.room}/{self.name}"

    def applied(self, text: str) -> str:
        """Return the file's text with the mistake."""
        return text.replace(self.find, self.replace)


def mutants() -> list[Mutant]:
    """Return all mutants, room by room."""
    found = []
    for path in sorted(_DATA.glob("*.toml")):
        rooms = tomllib.loads(path.read_text("utf-8"))
        found += [Mutant(path.stem, name, **members) for name, members in rooms.items()]
    return found


def problems(mutant: Mutant, root: Path = ROOT) -> Iterator[str]:
    """Yield why a mutant does not apply to the code in a folder, a sentence each."""
    path = root / mutant.file
    if not path.is_file():
        yield f"There is no {mutant.file}."
        return
    text = path.read_text("utf-8")
    if (count := text.count(mutant.find)) != 1:
        yield f"Its text is {count} times in {mutant.file}, but has to be there once."
        return
    try:
        mutated = mutant.applied(text)
        if mutated == text:
            yield "It changes nothing."
        elif path.suffix == ".py":
            ast.parse(mutated)
        elif path.suffix == ".json":
            json.loads(mutated)
    except (SyntaxError, ValueError) as error:
        yield f"What it makes of {mutant.file} cannot be read: {error}."
    yield from _missing_tests(mutant, root)


def _missing_tests(mutant: Mutant, root: Path) -> Iterator[str]:
    if not mutant.tests:
        yield "It names no test."
    for test in mutant.tests:
        file, *names = test.split("::")
        if not (root / file).is_file():
            yield f"There is no {file}."
        elif names and not _is_test(names[-1], root / file, root):
            yield f"There is no test {names[-1]} in {file}."


def _is_test(name: str, path: Path, root: Path) -> bool:
    """Whether a file has a test or a class of tests, or gets it from a contract."""
    contracts = (root / "tests" / "contracts").glob("*.py")
    wanted = re.compile(rf"\b(?:def|class) {name.partition('[')[0]}\b")
    return any(wanted.search(each.read_text("utf-8")) for each in (path, *contracts))
