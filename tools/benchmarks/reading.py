"""Measures reading and planning on one core, against two references in the same run.

    python -m tools.benchmarks.reading [--quick] [--rows 1000000] [--json]

The lower bound is `csv.reader` alone. "By the book" is the usual code: `csv.DictReader` and one
pydantic model with `EmailStr` for each row, collected in batches. Each provider is measured alone,
and all five as the destinations of one upload. All figures are processor time. The contenders take
turns, and each one's best run counts, because other work on the machine can only slow a run down.
`csv.reader` reads the file three times in a run, as it would else take a third of the others' time,
and be the only one to run in a fast moment of the machine. Memory is the peak of a separate process
for each run.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, EmailStr, Field, HttpUrl, ValidationError

from listdrop.models import Marks
from listdrop.plans.plan import Plan, plan_file
from listdrop.plans.planning import read_rows
from listdrop.prospects.columns import map_columns
from listdrop.prospects.recognising import known_headers
from listdrop.providers.activecampaign import ActiveCampaign, ActiveCampaignDestination
from listdrop.providers.base import Provider
from listdrop.providers.kakiyo import Kakiyo, KakiyoDestination
from listdrop.providers.saleshandy import Saleshandy, SaleshandyDestination
from listdrop.providers.waalaxy import Waalaxy, WaalaxyDestination
from listdrop.providers.which50 import Which50, Which50Destination
from listdrop.tables.reading import read_table
from listdrop.tables.spooling import spool
from listdrop.tables.unpacking import receive
from tools.benchmarks.data import write_prospects
from tools.benchmarks.measured import Figures

BATCH = 250
SIZES = (100_000, 1_000_000)
QUICK = 50_000
RUNS = 3
_CHUNK = 1 << 20
_FLOOR_READS = 3
BOOK_ROWS = 100_000
_QUICK_BOOK = 10_000
"""Rows that are enough for the rate by the book, which takes ten times as long as any other."""

FLOOR = "csv.reader alone"
BOOK = "by the book"
FIVE = "all five at once"
PROVIDERS: Mapping[str, Provider[Any, Any]] = {
    provider.name: provider
    for provider in (
        ActiveCampaign(ActiveCampaignDestination(provider="activecampaign")),
        Saleshandy(SaleshandyDestination(provider="saleshandy", step_id="step")),
        Waalaxy(WaalaxyDestination(provider="waalaxy", prospect_list_id="list")),
        Kakiyo(KakiyoDestination(provider="kakiyo", campaign_id="campaign")),
        Which50(Which50Destination(provider="which50", contact_list_id=1)),
    )
}


def floor(path: Path) -> int:
    """Only parse."""
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


class Person(BaseModel):
    """A row "by the book": columns by header."""

    first_name: str = Field(alias="First Name")
    last_name: str = Field(alias="Last Name")
    email: EmailStr = Field(alias="Email")
    company: str = Field(alias="Company")
    job_title: str = Field(alias="Job Title")
    phone: str = Field(alias="Phone")
    linkedin_url: HttpUrl = Field(alias="LinkedIn URL")
    city: str = Field(alias="City")
    country: str = Field(alias="Country")
    notes: str = Field(alias="Notes")


def by_the_book(path: Path) -> int:
    """Read with `DictReader`, validate with a model, drop repeats, encode batches of 250."""
    seen: set[str] = set()
    batch: list[Person] = []
    rows = 0
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows += 1
            try:
                person = Person.model_validate(row)
            except ValidationError:
                continue
            if person.email not in seen:
                seen.add(person.email)
                batch.append(person)
            if len(batch) == BATCH:
                json.dumps([each.model_dump(mode="json") for each in batch])
                batch.clear()
    return rows


def listdrop(names: Sequence[str], path: Path) -> int:
    """Do what Submit does with the bytes, for one or more destinations."""

    def chunks() -> Iterator[bytes]:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    with ExitStack() as files:
        source = spool(receive(chunks()))
        files.enter_context(source.file)
        table = read_table(source, known_headers({}))
        plans = [
            Plan("benchmark", PROVIDERS[name], files.enter_context(plan_file())) for name in names
        ]
        read_rows(table, map_columns(table.header, {}), plans, marks=Marks())
        for plan in plans:
            plan.finish()
    return plans[0].rows


CONTENDERS: Mapping[str, Callable[[Path], int]] = {
    FLOOR: floor,
    BOOK: by_the_book,
    **{name: partial(listdrop, [name]) for name in PROVIDERS},
    FIVE: partial(listdrop, list(PROVIDERS)),
}


class Figure(NamedTuple):
    """Rows a second, and the peak of memory in MiB."""

    rate: float
    peak: float


def best(runs: Sequence[Figure]) -> Figure:
    """Return the highest rate, and the highest peak."""
    return Figure(max(run.rate for run in runs), max(run.peak for run in runs))


def measured(name: str, path: Path) -> Figure:
    """Run one contender in a separate process."""
    command = [sys.executable, "-m", "tools.benchmarks.reading", "--one", name, str(path)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout  # noqa: S603 # ourselves
    return Figure(*json.loads(printed))


def _measure_here(name: str, path: Path) -> None:
    """Print the figure of a contender, for the process that asked."""
    reads = _FLOOR_READS if name == FLOOR else 1
    began = time.process_time()
    count = sum(CONTENDERS[name](path) for _ in range(reads))
    took = time.process_time() - began
    print(json.dumps([count / took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


def raced(rows: int, book_rows: int, runs: int = RUNS) -> dict[str, Figure]:
    """Measure every contender, in turns. The slowest reads at most `book_rows`."""
    with tempfile.TemporaryDirectory() as folder:
        whole = write_prospects(Path(folder) / "whole.csv", rows)
        part = write_prospects(Path(folder) / "part.csv", min(rows, book_rows))
        took = [
            {name: measured(name, part if name == BOOK else whole) for name in CONTENDERS}
            for _ in range(runs)
        ]
    return {name: best([run[name] for run in took]) for name in CONTENDERS}


def figures(rows: int = SIZES[-1], runs: int = RUNS) -> Figures:
    """Return every contender's ratios and its peak of memory."""
    found = raced(rows, BOOK_ROWS, runs)
    told = {
        f"{name}.{what}": figure
        for name, ratio in ratios(found).items()
        for what, figure in ratio.items()
    }
    return told | {f"{name}.rows_a_second": figure.rate for name, figure in found.items()}


def ratios(found: Mapping[str, Figure]) -> dict[str, dict[str, float]]:
    """Return each contender's rate as multiples of both references, and its peak of memory."""
    return {
        name: {
            "times_by_the_book": round(found[name].rate / found[BOOK].rate, 2),
            "of_csv_reader": round(found[name].rate / found[FLOOR].rate, 3),
            "peak_mib": round(found[name].peak, 1),
        }
        for name in found
    }


def report(rows: int, found: Mapping[str, Figure]) -> str:
    """Return a table."""
    lines = [f"{rows:,} rows"]
    for name, told in ratios(found).items():
        lines.append(
            f"  {name:<16} {found[name].rate / 1000:7.1f} thousand rows a second, "
            f"{told['times_by_the_book']:6.2f} times by the book, "
            f"{told['of_csv_reader']:5.3f} of csv.reader, {told['peak_mib']:5.0f} MiB"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table for each size, or the ratios as JSON by number of rows."""
    parser = argparse.ArgumentParser(prog="reading", description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, action="append", help="how many; may be repeated")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} rows, in half a minute")
    parser.add_argument("--json", action="store_true", help="print only the ratios, as JSON")
    parser.add_argument("--one", nargs=2, metavar=("NAME", "FILE"), help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.one:
        _measure_here(asked.one[0], Path(asked.one[1]))
        return
    told: dict[str, dict[str, dict[str, float]]] = {}
    for rows in asked.rows or ((QUICK,) if asked.quick else SIZES):
        found = raced(rows, _QUICK_BOOK if asked.quick else rows)
        told[str(rows)] = ratios(found)
        if not asked.json:
            print(report(rows, found), flush=True)
    if asked.json:
        print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
