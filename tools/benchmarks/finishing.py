"""Measures Finish on one core: rows a second, waits, memory, and the work for a row's item.

The job was sent to Waalaxy in requests of 50, and a fifth of its rows are bad, each in words that
quote the row. Files are on the disk. Answers of DynamoDB are made up below boto3, so that its work
counts. Each request stands for 30 ms; as many as Finish makes at once share them. The transfer of
large files is not counted. Finish runs in its own process, whose peak memory is measured.

`python -m tools.benchmarks.finishing` measures 10,000 and 100,000 rows. With `--rows 1400000` it is
nearly the most that an upload may have, which takes some minutes.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from listdrop.aws.items import row_item
from listdrop.aws.rows import DynamoTurnJobs
from listdrop.jobs.finishing import FinishPorts, finish_job
from listdrop.models import PlannedRow, Turn, no_counts
from tools.benchmarks.finishing_ports import (
    JOB_ID,
    Files,
    Jobs,
    Silent,
    Uploads,
    dynamodb,
    job_of,
    told,
    write_job,
)
from tools.benchmarks.measured import Figures

SIZES = (10_000, 100_000)
RUNS = 3
READERS = 8
SECONDS_A_REQUEST = 0.03
MOST_SECONDS = 450
MOST_MIB = 300
MOST_GROWTH = 1.2
"""How much longer a row may take in the larger of two jobs."""
MOST_OF_AN_ITEM = 60 / 159
"""Of what an item costs through boto3's table."""
_ITEMS = 5_000
TURN = Turn(job_id=JOB_ID, provider="waalaxy")


class Run(NamedTuple):
    """What one run of Finish took; `copying` is what `csv` takes to copy the upload."""

    rows: int
    cpu: float
    copying: float
    requests: int
    waits: float
    mib: float


def ports_of(folder: Path, files: Files, jobs: Jobs) -> FinishPorts:
    """Return the ports that Finish works with."""
    others: Any = {name: Silent() for name in ("clock", "events", "endings", "notices")}
    others |= {"uploads": Uploads(folder), "files": files}  # with what Finish uses of these ports
    return FinishPorts(jobs=jobs, readers=READERS, **others)


def finish(folder: Path) -> Run:
    """Finish the job in a folder."""
    files, jobs = Files(folder), Jobs(folder)
    ports = ports_of(folder, files, jobs)
    copying = _cpu(lambda: _copy(folder / "upload"))
    cpu = _cpu(lambda: finish_job(TURN, ports, MOST_SECONDS))
    shared = files.requests.pop("outcomes")
    alone = files.requests.total() + jobs.requests.total()
    waits = (shared / READERS + alone) * SECONDS_A_REQUEST
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Run(jobs.job.counts["rows"], cpu, copying, shared + alone, waits, mib)


def _copy(upload: Path) -> None:
    with upload.open(encoding="utf-8", newline="") as file, tempfile.TemporaryFile() as copy:
        text = io.TextIOWrapper(copy, encoding="utf-8", newline="")
        csv.writer(text).writerows(csv.reader(file))


def measured(folder: Path, count: int = RUNS) -> Run:
    """Finish the job in a folder, in its own process, and return the best of some runs."""
    command = [sys.executable, "-m", "tools.benchmarks.finishing", "--folder", str(folder)]
    runs = []
    for _ in range(count):
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 # ourselves
        runs.append(Run(*json.loads(printed)))
    return min(runs, key=lambda run: run.cpu)


class Item(NamedTuple):
    """Microseconds that a row's item takes: through boto3's table, and as Listdrop writes it."""

    table: float
    ours: float

    @property
    def ratio(self) -> float:
        """Return what part of the one the other is."""
        return self.ours / self.table


def items_measured() -> Item:
    """Write row items both ways in turn, and return the best of some runs."""
    table, client = dynamodb(lambda *_: b'{"UnprocessedItems":{}}')
    jobs = DynamoTurnJobs(table, client, Silent())
    job = job_of(JOB_ID, no_counts())
    planned = (
        PlannedRow(
            n, n + 1, f"ada-{n:08x}", f"ada{n}@example.com", f"https://linkedin.com/in/ada-{n:08x}"
        )
        for n in range(1, _ITEMS + 1)
    )
    rows = [(row, told(row)) for row in planned]

    def through_table() -> None:
        with table.batch_writer() as writer:
            for row, result in rows:
                writer.put_item(Item=row_item(job, row, result))

    ways = (through_table, lambda: jobs.put_rows(job, rows))
    runs = [[_cpu(way) for way in ways] for _ in range(RUNS)]
    return Item(*(min(run) / _ITEMS * 1e6 for run in zip(*runs, strict=True)))


def _cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def finished(rows: int, runs: int = RUNS) -> Run:
    """Write a job, and finish it."""
    with tempfile.TemporaryDirectory() as folder:
        write_job(Path(folder), rows)
        return measured(Path(folder), runs)


def grown(found: Sequence[Run]) -> list[float]:
    """Return how much longer a row takes in each job than in the one before."""
    return [later.cpu / later.rows * one.rows / one.cpu for one, later in pairwise(found)]


def figures(sizes: Sequence[int] = SIZES, runs: int = RUNS) -> Figures:
    """Return what Finish takes for jobs of these sizes, its growth, and what a row's item takes."""
    found = [finished(rows, runs) for rows in sizes]
    item = items_measured()
    told = {"item.us": item.ours, "item.of_boto3s_table": item.ratio}
    for run, rows in zip(found, sizes, strict=True):
        told[f"{rows}.seconds"] = run.cpu + run.waits
        told[f"{rows}.rows_a_second"] = run.rows / run.cpu
        told[f"{rows}.times_copying"] = run.cpu / run.copying
        told[f"{rows}.peak_mib"] = run.mib
    return told | {
        f"{rows}.growth": ratio for rows, ratio in zip(sizes[1:], grown(found), strict=True)
    }


def main(sizes: Sequence[int] = SIZES) -> bool:
    """Print the figures; false if one of them misses its bar."""
    found: list[Run] = []
    for rows in sizes:
        found.append(run := finished(rows))
        seconds = run.cpu + run.waits
        print(  # a report
            f"{run.rows:,} rows: {run.rows / run.cpu:,.0f} a second,"
            f" {run.cpu / run.copying:.0f} times what csv takes to copy them; {run.mib:.0f} MiB\n"
            f"  {run.cpu:.1f} s, and {run.waits:.1f} s for {run.requests:,} requests:"
            f" {seconds:.0f} of {MOST_SECONDS} s"
        )
    growth = grown(found)
    for ratio in growth:
        print(f"a row of the larger job takes {ratio:.2f} of one of the smaller")  # a report
    item = items_measured()
    print(  # a report
        f"a row's item: {item.ours:.0f} us, and {item.table:.0f} us through boto3's table"
        f" ({item.ratio:.2f})"
    )
    return (
        all(run.mib <= MOST_MIB for run in found)
        and all(ratio <= MOST_GROWTH for ratio in growth)
        and item.ratio <= MOST_OF_AN_ITEM
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=SIZES)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.folder:
        print(json.dumps(finish(given.folder)))  # read by `measured`
    else:
        sys.exit(not main(given.rows))
