"""Compares the speed of each stage with what was measured before, for the gate.

It is what the gate runs, so it must not depend on the machine or on what else it does. Only ratios
of one run are compared: how often a stage fits into the time of the reference, which does the usual
work of columns and of models. All take turns in runs of some hundredths of a second, so that a busy
machine slows all of a round, and the median of the rounds' ratios counts: it differs by 2 to 10 %
where the best runs' ratio differs by 8 to 25 %. A ratio that lost over a quarter is measured again
before it fails. What grows faster than its rows is found by ten times as many of them.
"""

from __future__ import annotations

import csv
import gc
import json
import logging
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from listdrop.jobs.finishing import finish_job
from listdrop.plans.blocks import BatchRows
from tools.benchmarks import finishing, finishing_ports, measured, reading, wire
from tools.benchmarks.bars import MOST_GROWTH, MOST_LOSS
from tools.benchmarks.data import DESTINATIONS, write_prospects
from tools.benchmarks.measured import Figures

ROUNDS = 25
LARGE_ROUNDS = 4
PASSES = 2
OTHERS = 3
"""Processes that make the machine busy for one more pass of what `make bench` keeps."""
ROWS, BOOK_ROWS, COLUMNS_ROWS, FINISH_ROWS = 2_000, 150, 1_000, 500
TIMES = 10
REFERENCE = "reference"
LARGE = ("read activecampaign", "read which50", "send kakiyo", "status kakiyo", "finish")
"""Stages that are also measured with more rows. Those of other providers share their work."""
_LARGE = ", large"
_ADDRESS = re.compile(r"[^@\s]+@[a-z0-9.-]+\.[a-z]{2,}")


class Stage(NamedTuple):
    """What is measured: it returns how many rows it worked on."""

    work: Callable[[], int]
    rounds: int = ROUNDS


Rounds = Mapping[str, Sequence[float]]
"""The seconds that a row took in each round, by stage."""


def by_columns(path: Path) -> int:
    """Read pieces of a file, and work on their columns, as plainly as one can."""
    count = 0
    seen: set[str] = set()
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
        columns = [[cell.strip() for cell in column] for column in zip(*rows, strict=True)]
        addresses = [cell.lower() for cell in columns[2]]
        for address, row in zip(addresses, zip(*columns, strict=True), strict=True):
            if _ADDRESS.fullmatch(address) and address not in seen:
                seen.add(address)
                json.dumps(row, ensure_ascii=False)
            count += 1
    return count


def reference(book: Path, columns: Path) -> int:
    """Do what every ratio is a multiple of; both parts take about as long."""
    reading.by_the_book(book)
    return by_columns(columns)


@contextmanager
def stages(folder: Path) -> Iterator[dict[str, Stage]]:
    """Prepare every stage, some of them at two sizes."""
    with ExitStack() as files:
        found = {REFERENCE: Stage(_reference(folder))}
        for times in (1, TIMES):
            path = write_prospects(folder / f"{times}.csv", times * ROWS)
            named = dict(_of_file(path, files)) | {"finish": _finish(folder, times * FINISH_ROWS)}
            for name, work in named.items():
                if times == 1:
                    found[name] = Stage(work)
                elif name in LARGE:
                    found[name + _LARGE] = Stage(work, LARGE_ROUNDS)
        yield found


def _reference(folder: Path) -> Callable[[], int]:
    book = write_prospects(folder / "book.csv", BOOK_ROWS)
    return partial(reference, book, write_prospects(folder / "columns.csv", COLUMNS_ROWS))


def _finish(folder: Path, rows: int) -> Callable[[], int]:
    job = folder / f"job-{rows}"
    job.mkdir()
    finishing_ports.write_job(job, rows)
    jobs = finishing_ports.Jobs(job)
    ports = finishing.ports_of(job, finishing_ports.Files(job), jobs)
    begun = jobs.job

    def work() -> int:
        jobs.job = begun
        finish_job(finishing.TURN, ports, finishing.MOST_SECONDS)
        return rows

    return work


def _of_file(path: Path, files: ExitStack) -> Iterator[tuple[str, Callable[[], int]]]:
    for name in DESTINATIONS:
        yield f"read {name}", partial(reading.listdrop, [name], path)
    yield "read all five", partial(reading.listdrop, list(DESTINATIONS), path)
    for name in DESTINATIONS:
        plan = files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 # it does
        provider, batches = wire.planned(path, name, plan)
        port: Any = wire.PlanFile(plan)
        yield f"send {name}", partial(wire.send, provider, batches, port)
        if name in ("kakiyo", "activecampaign"):
            rows = list(BatchRows(port, batches))
            report = wire.report_of(name, rows)
            yield f"status {name}", partial(wire.join, provider, rows, report)


def raced(found: Mapping[str, Stage], times: int = 1) -> Rounds:
    """Run all stages in turns, and return the seconds that a row took in each round, by stage."""
    taken: dict[str, list[float]] = {name: [] for name in found}
    for stage in found.values():
        stage.work()  # imports, caches
    gc.freeze()  # so that collecting before each run takes no time
    for turn in range(times * max(stage.rounds for stage in found.values())):
        for name, stage in found.items():
            if turn < times * stage.rounds:
                taken[name].append(_seconds_a_row(stage))
    return taken


def _seconds_a_row(stage: Stage) -> float:
    gc.collect()
    began = time.process_time()
    rows = stage.work()
    return (time.process_time() - began) / rows


def times_in(rounds: Rounds, shorter: str, longer: str) -> float:
    """Return how often a row of one stage fits into the time of one of another, in most rounds."""
    pairs = zip(rounds[shorter], rounds[longer], strict=False)  # one has fewer rounds
    return median(long / short for short, long in pairs)


def ratios(rounds: Rounds) -> Figures:
    """Return how often a row of each stage fits into the time of one of the reference."""
    names = (name for name in rounds if name != REFERENCE and not name.endswith(_LARGE))
    return {name: times_in(rounds, name, REFERENCE) for name in names}


def growths(rounds: Rounds) -> Figures:
    """Return how much longer a row takes in ten times as many."""
    return {
        name: times_in(rounds, name, name + _LARGE) for name in LARGE if name + _LARGE in rounds
    }


def figures(times: int = PASSES) -> Figures:
    """Return the lowest ratio of each stage in some passes, the last of them on a busy machine.

    What works on much memory suffers more than the reference where others push it out of the cache.
    The gate must not take that for a loss, so it compares with the lower of both.
    """
    with tempfile.TemporaryDirectory() as folder, stages(Path(folder)) as found:
        small = {name: stage for name, stage in found.items() if not name.endswith(_LARGE)}
        passes = [ratios(raced(small)) for _ in range(times)]
        with busy(OTHERS):
            passes.append(ratios(raced(small)))
    return {name: min(each[name] for each in passes) for name in passes[0]}


@contextmanager
def busy(others: int) -> Iterator[None]:
    """Have other processes read all the time."""
    command = [sys.executable, "-m", "tools.benchmarks.quick", "--busy"]
    running = [subprocess.Popen(command) for _ in range(others)]  # noqa: S603 # ourselves
    try:
        yield
    finally:
        for each in running:
            each.terminate()
            each.wait()


def _be_busy() -> None:
    """Read until the process that wants this is gone."""
    parent = os.getppid()
    with tempfile.TemporaryDirectory() as folder:
        path = write_prospects(Path(folder) / "a.csv", TIMES * ROWS)
        while os.getppid() == parent:
            reading.listdrop(list(DESTINATIONS), path)


def lost(found: Figures, before: Figures) -> list[str]:
    """Return the stages whose ratio is over a quarter less than before."""
    return [name for name in before if found.get(name, 0) < (1 - MOST_LOSS) * before[name]]


def grown(found: Figures) -> list[str]:
    """Return the stages that take more than their share of more rows."""
    return [name for name, growth in found.items() if growth > MOST_GROWTH]


def slower(found: Mapping[str, Stage], before: Figures) -> list[str]:
    """Print every ratio beside the one before, and return what is wrong."""
    rounds = raced(found)
    now, growth = ratios(rounds), growths(rounds)
    suspects = {*lost(now, before), *grown(growth)}
    if suspects:
        print(f"measured again: {', '.join(sorted(suspects))}")
        wanted = {REFERENCE, *suspects, *(name + _LARGE for name in suspects)}
        rounds = raced({name: found[name] for name in found if name in wanted}, 2)
        now = {**now, **_better(now, ratios(rounds), max)}
        growth = {**growth, **_better(growth, growths(rounds), min)}
    for name, ratio in now.items():
        grows = f", grows {growth[name]:.2f}" if name in growth else ""
        change = f"{ratio / before[name] - 1:+.0%}" if name in before else "new"
        print(f"{name:<24} {ratio:6.2f} of the reference, {change}{grows}")
    return [
        *(f"{name} is slower than it was" for name in lost(now, before)),
        *(f"{name} takes more than its share of more rows" for name in grown(growth)),
    ]


def _better(one: Figures, other: Figures, of: Callable[[float, float], float]) -> Figures:
    return {name: of(one[name], other[name]) for name in other}


def main() -> None:
    """Compare; fail if something is slower than it was."""
    logging.disable()
    if sys.argv[1:] == ["--busy"]:
        _be_busy()
        return
    before = measured.load()["quick"].figures
    with tempfile.TemporaryDirectory() as folder, stages(Path(folder)) as found:
        wrong = slower(found, before)
    if wrong:
        sys.exit("; ".join(wrong))


if __name__ == "__main__":
    main()
