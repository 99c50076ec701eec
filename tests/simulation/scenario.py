"""What people put into the bucket in a simulation."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from listdrop.models import Upload
from tests.support.clock import NOW
from tests.support.containers import zipped


def _name(place: int, number: int) -> str:
    """Return a first name that no other row has: letters only, as a name with digits is none."""
    return f"N{place}u{number}".translate(str.maketrans("0123456789", "abcdefghij"))


@dataclass(frozen=True)
class CsvRow:
    """A row of an upload as it was made: what should become of it before anything is sent."""

    identity: str
    cell: str
    fate: Literal["send", "invalid", "duplicate"]


@dataclass
class Drop:
    """A version of an object that somebody put into the bucket, or one table of an archive."""

    upload: Upload
    content: bytes
    rows: list[CsvRow]
    at: datetime
    table: str = ""
    jobs: set[str] = field(default_factory=set)


def dropped(rng: random.Random) -> list[Drop]:
    """Make up what is put into the bucket, and when."""
    drops: list[Drop] = []
    count = rng.choices((1, 2, 3), weights=(15, 4, 1))[0]
    for number in range(count):
        again = bool(drops) and not drops[-1].table and rng.random() < 0.2
        rows = drops[-1].rows if again else made_up(rng, number)
        content = drops[-1].content if again else csv_of(rows)
        key = "inbox/spring/a.csv" if rng.random() < 0.5 else f"inbox/spring/{number}.csv"
        if rng.random() < 0.02:
            key = f"inbox/unknown/{number}.csv"
        at = NOW + timedelta(seconds=rng.choice((0, 1, 30, 300)) * number)
        tables = {"": rows}
        if not again and rng.random() < 0.15:
            key = f"inbox/spring/{number}.zip"
            tables = {"a.csv": rows, "b.csv": made_up(rng, number + 10)}
            content = zipped({name: csv_of(each) for name, each in tables.items()})
        upload = Upload(bucket="uploads", key=key, version_id=f"v{number}", size=len(content))
        drops += [Drop(upload, content, each, at, name) for name, each in tables.items()]
    return drops


def made_up(rng: random.Random, number: int) -> list[CsvRow]:
    """Make up the rows of an upload."""
    rows: list[CsvRow] = []
    for place in range(1, rng.randint(2, 9)):
        drawn = rng.random()
        identity = f"p{place}-u{number}"
        if drawn < 0.08:
            rows.append(CsvRow("", _name(place, number), "invalid"))
        elif drawn < 0.16 and rows and rows[-1].fate == "send":
            rows.append(CsvRow(rows[-1].identity, _name(place, number), "duplicate"))
        else:
            rows.append(CsvRow(identity, _name(place, number), "send"))
    return rows


def csv_of(rows: Iterable[CsvRow]) -> bytes:
    """Write an upload."""
    lines = ["Email,LinkedIn URL,First name,Last name"]
    for row in rows:
        name = row.identity
        contact = (
            f"{name}@Example.com,https://www.linkedin.com/in/{name}" if name else "nobody,here"
        )
        lines.append(f"{contact},{row.cell},L")
    return "\n".join([*lines, ""]).encode()
