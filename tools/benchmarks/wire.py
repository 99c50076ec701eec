"""Measures what a job costs between planning and Finish: Send, Status, and the table.

Writes, reads and transitions are counted in a job of 100,000 rows (`counting.py`).

Speed is of one core, in its own process for each figure, whose peak memory is measured. Send
turns the plan's ranges into the bodies of requests; Status joins a report of all rows to them, and
encodes the outcomes. "Growth" is how much longer a row takes in ten times as many, in one run.

`python -m tools.benchmarks.wire` measures 10,000 and 100,000 rows, with `--rows 1000000` ten times
as many, with `--quick` fewer. With `--json` it prints one object.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

from listdrop.errors import NotSentError
from listdrop.jobs.settling import encode_outcomes
from listdrop.models import BatchItem
from listdrop.plans.blocks import BatchRows, sent_rows
from listdrop.plans.plan import Plan
from listdrop.plans.planning import read_rows
from listdrop.prospects.columns import map_columns
from listdrop.prospects.recognising import known_headers
from listdrop.providers import REGISTRY
from listdrop.providers.base import Batch, BatchRow, Handle, Provider
from listdrop.providers.http import Answer, HttpClient
from listdrop.tables.reading import read_table
from listdrop.tables.spooling import spool
from listdrop.tables.unpacking import receive
from tools.benchmarks.data import DESTINATIONS, write_prospects
from tools.benchmarks.measured import Figures

ROWS = 100_000
SIZES = (10_000, 100_000)
QUICK_SIZES = (5_000, 50_000)
MOST_TRANSITIONS = 60
MOST_GROWTH = 1.25
RUNS = 3
JOB = "spring-benchmark-0123456789abcdef"
_CHUNK = 1 << 20
_KB = 1024


class PlanFile:
    """The files port, as far as Send and Status read plans."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read_plan(self, job_id: str, first_byte: int, last_byte: int) -> bytes:
        """See the port."""
        del job_id
        self._file.seek(first_byte)
        return self._file.read(last_byte - first_byte + 1)


class Door(HttpClient):
    """Lets no request out; counts the bytes, and answers polls with a report."""

    sent = 0
    report = b""

    def request(self, method: str, url: str, **asked: Any) -> Answer:
        """See the client."""
        del url
        if method == "GET":
            return Answer(200, {}, self.report)
        self.sent += len(asked["body"])
        raise NotSentError("this is a benchmark")


def planned(path: Path, name: str, file: IO[bytes]) -> tuple[Provider[Any, Any], list[BatchItem]]:
    """Plan a job as Submit does."""

    def chunks() -> Iterator[bytes]:
        with path.open("rb") as upload:
            while chunk := upload.read(_CHUNK):
                yield chunk

    kind = REGISTRY[name]
    provider = kind(kind.destination_model.model_validate({"provider": name, **DESTINATIONS[name]}))
    source = spool(receive(chunks()))
    with source.file:
        table = read_table(source, known_headers({}))
        plan = Plan(JOB, provider, file)
        read_rows(table, map_columns(table.header, {}), [plan])
        plan.finish()
    return provider, list(plan.items())


def account(name: str) -> Any:
    """Return an account that no request reaches."""
    secret = {"header": "Authorization", "value": "k"} if name == "which50" else {"api_key": "k"}
    model = REGISTRY[name].account_model
    return model.model_validate({"base_url": "https://api.example.com", **secret})


def send(provider: Provider[Any, Any], batches: Sequence[BatchItem], files: Any) -> int:
    """Make the bodies of all requests."""
    http, key = Door(), account(provider.name)
    for batch in batches:
        rows = [
            BatchRow(row.row, row.identity, row.payload or {}) for row in sent_rows(files, batch)
        ]
        try:
            provider.send(http, key, Batch(rows=rows, session={"job_id": 1}))
        except NotSentError:
            continue
        raise ValueError("no request was made")
    return sum(batch.rows for batch in batches)


def report_of(name: str, rows: Sequence[tuple[int, str]]) -> tuple[dict[str, Any], bytes]:
    """Return a receipt of all rows, and the provider's report of them: one in twenty failed."""
    if name == "kakiyo":
        entries = [
            {
                "index": place,
                "inputUrl": f"https://linkedin.com/in/{slug}",
                "linkedinSlug": slug,
                "status": "imported",
                "prospectId": f"prospect_{place}",
                "chatId": f"chat_{place}",
                "chatCreated": place % 20 > 0,
            }
            for place, (_, slug) in enumerate(rows)
        ]
        told = {"status": "completed", "completedAt": "2026-07-01T09:00:30.000Z", "report": entries}
        receipt = {"list_id": "l", "rows": [row for row, _ in rows], "noted": []}
        return receipt, json.dumps(told).encode()
    failed = [address for _, address in rows[::20]]
    said = {"status": "completed", "success": [*range(len(rows))], "failure": failed}
    return {"batch_id": "b"}, json.dumps(said).encode()


def join(provider: Provider[Any, Any], rows: Sequence[tuple[int, str]], report: Any) -> int:
    """Join a report to all rows, and encode their outcomes."""
    http = Door()
    receipt, http.report = report
    handle = Handle(value=receipt, rows=rows, age=60)
    answer = provider.poll(http, account(provider.name), handle)
    if not answer.is_terminal or not answer.results:
        raise ValueError("the report was not understood")
    encode_outcomes((row, answer.results.get(row, answer.rest)) for row, _ in rows)
    return len(rows)


def measure(stage: str, name: str, path: Path) -> dict[str, float]:
    """Measure one stage of one provider, in this process."""
    with tempfile.TemporaryFile() as file:
        provider, batches = planned(path, name, file)
        files: Any = PlanFile(file)
        if stage == "status":
            rows = list(BatchRows(files, batches))
            report = report_of(name, rows)
            work = partial(join, provider, rows, report)
        else:
            work = partial(send, provider, batches, files)
        gc.freeze()  # what was there before is not looked at again, as in a function
        began = time.process_time()
        count = work()
        took = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": took / count, "mib": peak / _KB}


STAGES = [("send", name) for name in DESTINATIONS] + [
    ("status", "kakiyo"),
    ("status", "activecampaign"),
]


def measured(stage: str, name: str, path: Path) -> dict[str, float]:
    """Measure in a separate process."""
    command = [sys.executable, "-m", "tools.benchmarks.wire", "--measure", stage, name, str(path)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 # ourselves
    return json.loads(printed)  # type: ignore[no-any-return] # it is what `measure` returned


def speeds(sizes: Sequence[int], runs: int) -> dict[str, Any]:
    """Return rows a second and memory of each stage by size, and how they grow."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        paths = {rows: write_prospects(Path(folder) / f"{rows}.csv", rows) for rows in sizes}
        for stage, name in STAGES:
            taken = {
                rows: min(
                    (measured(stage, name, path) for _ in range(runs)),
                    key=lambda each: each["seconds"],
                )
                for rows, path in paths.items()
            }
            found[f"{stage} {name}"] = {
                "rows_a_second": {rows: round(1 / each["seconds"]) for rows, each in taken.items()},
                "mib": {rows: round(each["mib"]) for rows, each in taken.items()},
                "growth": max(
                    round(taken[more]["seconds"] / taken[fewer]["seconds"], 2)
                    for fewer, more in pairwise(sizes)
                ),
            }
    return found


def figures(sizes: Sequence[int] = SIZES, runs: int = 2) -> Figures:
    """Return rows a second, memory and growth of each stage."""
    told: dict[str, float] = {}
    for stage, found in speeds(sizes, runs).items():
        name = stage.replace(" ", ".")
        told[f"{name}.growth"] = found["growth"]
        for rows in sizes:
            told[f"{name}.{rows}.rows_a_second"] = found["rows_a_second"][rows]
            told[f"{name}.{rows}.peak_mib"] = found["mib"][rows]
    return told


def main() -> None:
    """Print what was counted and measured; fail where it is beyond a bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=0, help="measure this many rows, too")
    parser.add_argument("--quick", action="store_true", help="fewer rows, once")
    parser.add_argument("--json", action="store_true", help="print one object")
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    logging.disable()
    if options.measure:
        stage, name, path = options.measure
        print(json.dumps(measure(stage, name, Path(path))))  # read by `measured`
        return
    rows = ROWS // 10 if options.quick else ROWS
    sizes = sorted({*(QUICK_SIZES if options.quick else SIZES), options.rows} - {0})
    counting = import_module("tools.benchmarks.counting")  # not in the processes that are measured
    costs = {name: counting.counted(name, rows) for name in DESTINATIONS}
    stages = speeds(sizes, 1 if options.quick else RUNS)
    missed = [
        *(name for name, cost in costs.items() if cost["transitions"] > MOST_TRANSITIONS),
        *(name for name, stage in stages.items() if stage["growth"] > MOST_GROWTH),
    ]
    if options.json:
        print(json.dumps({"rows": rows, "costs": costs, "stages": stages, "missed": missed}))
    else:
        _tell(rows, costs, stages)
    if missed:
        sys.exit(f"beyond its bar: {', '.join(missed)}")


def _tell(rows: int, costs: Mapping[str, Any], stages: Mapping[str, Any]) -> None:
    print(f"A job of {rows:,} rows without row items")
    for name, cost in costs.items():
        told = ", ".join(f"{value:,} {word.replace('_', ' ')}" for word, value in cost.items())
        print(f"  {name:<15} {told}")
    print("On one core")
    for name, stage in stages.items():
        for count, speed in stage["rows_a_second"].items():
            print(
                f"  {name:<22} {count:>9,} rows: {speed:>9,} a second, {stage['mib'][count]} MiB; "
                f"growth {stage['growth']}"
            )


if __name__ == "__main__":
    main()
