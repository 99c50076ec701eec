"""Measures reading and planning on one core, against two references in the same run.

The lower bound is `csv.reader` alone. "By the book" is the usual code: `csv.DictReader` and one
pydantic model with `EmailStr` for each row, collected in batches. All figures are processor time.
Each is the best of three alternating runs, because other work on the machine can only slow a run
down. Memory is the peak of a separate process for each run.
"""

from __future__ import annotations

import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import BaseModel, EmailStr, Field, HttpUrl, ValidationError

from listdrop.models import Marks
from listdrop.plans.plan import Plan
from listdrop.plans.planning import read_rows
from listdrop.prospects.columns import known_headers, map_columns
from listdrop.providers.activecampaign import ActiveCampaign, ActiveCampaignDestination
from listdrop.tables.reading import read_table
from listdrop.tables.spooling import spool
from listdrop.tables.unpacking import receive
from tools.benchmarks.data import write_prospects

BATCH = 250
RUNS = 3
_CHUNK = 1 << 20


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


def listdrop(path: Path) -> int:
    """Do what Submit does with the bytes, for one destination."""

    def chunks() -> Iterator[bytes]:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    package = receive(chunks())
    source = spool(package)
    provider = ActiveCampaign(ActiveCampaignDestination(provider="activecampaign"))
    with source.file, tempfile.TemporaryFile() as file:
        table = read_table(source, known_headers({}))
        plan = Plan("benchmark", provider, file)
        read_rows(table, map_columns(table.header, {}), [plan], marks=Marks())
        plan.finish()
    return plan.rows


CONTENDERS: dict[str, Callable[[Path], int]] = {
    "csv.reader alone": floor,
    "by the book": by_the_book,
    "listdrop": listdrop,
}


def measured(name: str, path: Path) -> tuple[float, float]:
    """Run one contender in a separate process. Return rows a second, and peak memory in MiB."""
    command = [sys.executable, "-m", "tools.benchmarks.reading", name, str(path)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 # ourselves
    rows_a_second, peak = json.loads(printed)
    return rows_a_second, peak


def main(sizes: tuple[int, ...] = (100_000, 1_000_000)) -> None:
    """Print a table."""
    with tempfile.TemporaryDirectory() as folder:
        for rows in sizes:
            path = write_prospects(Path(folder) / f"{rows}.csv", rows)
            runs = [{name: measured(name, path) for name in CONTENDERS} for _ in range(RUNS)]
            figures = {name: max(run[name] for run in runs) for name in CONTENDERS}
            ours = figures["listdrop"][0]
            print(f"{rows:,} rows")  # a report
            for name, (speed, peak) in figures.items():
                ratio = ours / speed
                print(  # a report
                    f"  {name:<18} {speed / 1000:7.1f} thousand rows a second, "
                    f"{peak:5.0f} MiB; listdrop is {ratio:.2f} times as fast"
                )


if __name__ == "__main__":
    if len(sys.argv) == 3:
        began = time.process_time()
        count = CONTENDERS[sys.argv[1]](Path(sys.argv[2]))
        took = time.process_time() - began
        peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps([count / took, peak_mib]))  # read by `measured`
    else:
        main()
