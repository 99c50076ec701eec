"""Measures time and memory for every kind of hostile upload, each in a separate process.

It measures the preview for two providers, which is Submit's work without a bucket. Then the rows
are read once more and compared. The limits are 10 seconds and 256 MiB for each kind. A process that
goes far beyond them is stopped, to protect the machine.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from itertools import islice
from multiprocessing.connection import Connection
from typing import NamedTuple

from tests.unit.tables.hostile.checks import check_preview, check_rows
from tests.unit.tables.hostile.corpus import EVERY
from tests.unit.tables.hostile.kind import Kind
from tools.benchmarks.measured import Figures

MOST_SECONDS = 10
MOST_MIB = 256
_WORST = 12
_STOP_SECONDS = 120
_STOP_BYTES = 3 << 30


class Run(NamedTuple):
    """Time and memory of one kind, and its problem if any."""

    name: str
    seconds: float
    mib: float
    problem: str


def measured(kind: Kind) -> Run:
    """Preview one kind in a child process, and return its figures."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=_child, args=(kind, theirs))
    child.start()
    theirs.close()
    try:
        return Run(kind.name, *ours.recv())
    except EOFError:  # stopped by its limits
        return Run(kind.name, _STOP_SECONDS, _STOP_BYTES >> 20, "stopped")
    finally:
        child.join()
        ours.close()


def _child(kind: Kind, answers: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_STOP_BYTES, _STOP_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_STOP_SECONDS, _STOP_SECONDS))
    began = time.process_time()
    problem = _problem(check_preview, kind)
    seconds = time.process_time() - began
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answers.send((seconds, mib, problem or _problem(check_rows, kind)))


def _problem(check: Callable[[Kind], None], kind: Kind) -> str:
    try:
        check(kind)
    except AssertionError as error:
        said = str(error).partition("\n")[0]
        return f"not as it should be: {said or traceback.extract_tb(error.__traceback__)[-1].line}"
    except Exception as error:  # noqa: BLE001 # a benchmark goes on with the next kind
        return type(error).__name__
    return ""


def figures(count: int | None = None) -> Figures:
    """Return the most time and memory of all kinds, and how many are not as they should be."""
    runs = [measured(kind) for kind in islice(EVERY.values(), count)]
    return {
        "kinds": len(runs),
        "most_seconds": max(run.seconds for run in runs),
        "most_mib": max(run.mib for run in runs),
        "wrong": sum(bool(run.problem) for run in runs),
    }


def main(kinds: Iterable[Kind]) -> None:
    """Print a line for each kind, and the worst ones again."""
    everything = []
    for kind in kinds:
        run = measured(kind)
        everything.append(run)
        print(_line(run), flush=True)  # a report
    over = [each for each in everything if each.seconds > MOST_SECONDS or each.mib > MOST_MIB]
    for title, some in (
        ("slowest", sorted(everything, key=lambda each: -each.seconds)[:_WORST]),
        ("largest", sorted(everything, key=lambda each: -each.mib)[:_WORST]),
        (f"over {MOST_SECONDS} s or {MOST_MIB} MiB", over),
        ("not as they should be", [each for each in everything if each.problem]),
    ):
        print(f"\n{title}: {len(some)} of {len(everything)}")  # a report
        print(*map(_line, some), sep="\n")  # a report


def _line(run: Run) -> str:
    name, seconds, mib, problem = run
    return f"  {seconds:7.2f} s {mib:6.0f} MiB  {name}{problem and f'  [{problem}]'}"


if __name__ == "__main__":
    wanted = sys.argv[1:]
    main(
        [kind for kind in EVERY.values() if not wanted or any(map(kind.name.__contains__, wanted))]
    )
