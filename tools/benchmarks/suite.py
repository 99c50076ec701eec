"""Measures everything: `python -m tools.benchmarks.suite [PART ...]`.

Each part runs in its own process. What it measured is kept in `measured.toml`, and
`docs/performance.md` is written from that. Where no part is named, all the usual ones are measured,
in 5 to 15 minutes; with `--whole` the largest jobs and files instead, in as long. `--small`
has few rows and keeps nothing: it shows that every part works. Where a part does not run or a bar
is missed, the exit code is 1.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from tools.benchmarks import bars, measured, page
from tools.benchmarks.measured import Figures, Part

ROOT = Path(__file__).resolve().parents[2]
_FEW = (500, 1_000)


class Measure(NamedTuple):
    """A module whose `figures` are measured, with these arguments, or others to see that it works.

    It is imported only where it runs: a child's peak of memory is at least that of its parent.
    """

    module: str
    arguments: Sequence[Any]
    small: Sequence[Any]

    def figures(self, *, is_small: bool) -> Figures:
        """Measure."""
        module = import_module(f"tools.benchmarks.{self.module}")
        found: Figures = module.figures(*(self.small if is_small else self.arguments))
        return found


PARTS: Mapping[str, Measure] = {
    "quick": Measure("quick", (2,), (1,)),
    "reading": Measure("reading", (1_000_000, 3), (2_000, 1)),
    "finishing": Measure("finishing", ((10_000, 100_000), 2), (_FEW, 1)),
    "wire": Measure("wire", ((10_000, 100_000), 2), (_FEW, 1)),
    "usage": Measure("usage", (100_000,), (500,)),
    "polling": Measure("polling", (4_000,), (100,)),
    "cold": Measure("starts", (5,), (1,)),
    "commands": Measure("commands", (9,), (1,)),
    "dashboard": Measure("dashboard", (40,), (2,)),
}
"""The usual parts."""
WHOLE: Mapping[str, Measure] = {
    "finishing_whole": Measure("finishing", ((100_000, 1_500_000), 1), (_FEW, 1)),
    "wire_whole": Measure("wire", ((100_000, 1_000_000), 1), (_FEW, 1)),
    "hostile": Measure("hostile", (None,), (20,)),
}
EVERY = {**PARTS, **WHOLE}


def part(name: str, *, is_small: bool = False) -> Part | None:
    """Measure a part in a separate process; none if that fails, which is said."""
    print(f"{name} ...", end=" ", flush=True)
    busy, began = os.getloadavg()[0], time.monotonic()
    command = [sys.executable, "-m", "tools.benchmarks.suite", "--here", name]
    if is_small:
        command.append("--small")
    ran = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True, cwd=ROOT)  # noqa: S603 # ourselves
    took = time.monotonic() - began
    lines = ran.stdout.splitlines()
    if ran.returncode or not lines:
        print(f"failed after {took:.0f} s", flush=True)
        return None
    print(f"{took:.0f} s", flush=True)
    return measured.part_of(json.loads(lines[-1]), busy, took)


def run(names: Sequence[str], *, is_small: bool = False) -> list[str]:
    """Measure parts and keep them, unless they are small. Return what is wrong."""
    wrong: list[str] = []
    for name in names:
        found = part(name, is_small=is_small)
        if found is None:
            wrong.append(f"{name} did not run")
            continue
        results = bars.judged({name: found})
        wrong += [f"no figure is about: {bar.what}" for bar in bars.unknown({name: found})]
        if is_small:
            continue
        keep(name, found)
        for each in results:
            print(f"  {page.line_of(each)}", flush=True)
            if not each.is_met:
                wrong.append(f"missed: {each.bar.what} ({each.name})")
    return wrong


def keep(name: str, found: Part) -> None:
    """Keep what was measured, with what is known of other parts, and write the pages."""
    kept = measured.load() if measured.FILE.exists() else {}
    kept[name] = found
    measured.save({each: kept[each] for each in EVERY if each in kept})
    page.write(measured.load())


def main() -> None:
    """Measure, and say what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(EVERY))
    parser.add_argument("--whole", action="store_true", help="the largest jobs and files")
    parser.add_argument("--small", action="store_true", help="few rows, and nothing is kept")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    names = asked.parts or list(WHOLE if asked.whole else PARTS)
    if unknown := [name for name in names if name not in EVERY]:
        parser.error(f"there is no part {', '.join(unknown)}")
    if asked.here:
        logging.disable()
        print(json.dumps(EVERY[names[0]].figures(is_small=asked.small)))  # read by `part`
    elif wrong := run(names, is_small=asked.small):
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
