"""Measures what `listdrop --help` takes: `python -m tools.benchmarks.commands`.

It is processor time of whole processes, user and system, and the least of some runs counts. The
reference, in turns with them, is a process that imports Typer and nothing else.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence

from tools.benchmarks.measured import Figures

RUNS = 7
_RUN = "from listdrop_cli.app import main; main()"
COMMANDS: Mapping[str, Sequence[str]] = {
    "typer": ("-c", "import typer.main"),
    "help": ("-c", _RUN, "--help"),
    "jobs_help": ("-c", _RUN, "jobs", "--help"),
}


def figures(runs: int = RUNS) -> Figures:
    """Return milliseconds of processor time of each command, and how often it has the reference."""
    taken = [{name: seconds(words) for name, words in COMMANDS.items()} for _ in range(runs)]
    least = {name: min(run[name] for run in taken) for name in COMMANDS}
    found = {f"{name}.ms": 1_000 * took for name, took in least.items()}
    return found | {
        f"{name}.times_typer": took / least["typer"]
        for name, took in least.items()
        if name != "typer"
    }


def seconds(words: Sequence[str]) -> float:
    """Return the processor time of a process of Python with these words."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run((sys.executable, *words), check=True, stdout=subprocess.DEVNULL)  # noqa: S603 # ourselves
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    for name, figure in figures().items():
        print(f"{name:<24} {figure:8.2f}")
