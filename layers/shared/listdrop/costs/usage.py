"""What a job uses of AWS and of its provider, foreseen from its plan, and what that costs."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

_READER_GB = 1769 / 1024
"""Of Submit and Finish, which have one vCPU: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""


class Usage(NamedTuple):
    """What is used of AWS, in the units that have a price (`prices.toml`)."""

    writes: float = 0
    reads: float = 0
    transitions: float = 0
    calls: float = 0
    gb_seconds: float = 0
    puts: float = 0
    gets: float = 0
    publishes: float = 0
    messages: float = 0
    log_bytes: float = 0

    def dollars(self) -> float:
        """Return the list price, in USD."""
        used = prices()["used"]
        each_of = {name: price["usd"] / price["per"] for name, price in used.items()}
        return float(sum(count * each_of[name] for name, count in self._asdict().items()))


class Foreseen(NamedTuple):
    """What a plan takes until its files are written: requests that send and that ask, and of AWS.

    `turns` are calls of Send and Status, and `seconds` how long these run, with `gb_seconds`.
    """

    sends: float = 0
    polls: float = 0
    turns: float = 0
    transitions: float = 0
    seconds: float = 0
    writes: float = 0
    reads: float = 0
    puts: float = 0
    gets: float = 0
    log_bytes: float = 0
    gb_seconds: float = 0

    @property
    def requests(self) -> float:
        """All requests of the provider."""
        return self.sends + self.polls

    def times(self, factor: float) -> Foreseen:
        """Return the same, as much larger."""
        return Foreseen(*(figure * factor for figure in self))


MEASURED = tuple(name for name in Foreseen._fields if name != "gb_seconds")
"""What is counted by playing a job."""


class Rows(NamedTuple):
    """Rows of a job: all, those that are bad or may become so, and which of them get items."""

    rows: int
    bad: int = 0
    row_items: str = "all"


@cache
def prices() -> Mapping[str, Any]:
    """Return the list prices."""
    return _table("prices.toml")


@cache
def counts() -> Mapping[str, Any]:
    """Return the measured counts."""
    return _table("counts.toml")


def _table(name: str) -> Mapping[str, Any]:
    return tomllib.loads(files("listdrop.costs").joinpath(name).read_text("utf-8"))


def foreseen(provider: str, batches: int) -> Foreseen | None:
    """Return what this number of batches takes; `None` if nobody has measured the provider."""
    if not batches:
        return Foreseen()
    measured = counts()["provider"].get(provider)
    if measured is None:
        return None
    job, batch = measured["job"], measured["batch"]
    found = {name: job[name] + batches * batch[name] for name in MEASURED}
    gigabytes = counts()["megabytes"][provider] / 1024
    return Foreseen(**found, gb_seconds=found["seconds"] * gigabytes)


def usage(rows: Rows, work: Foreseen) -> Usage:
    """Return what a job uses of AWS, from its submission to its message.

    `work` is what it takes to have its batches imported. Storage, traffic and what a stack's
    metrics cost are not in it.
    """
    row, job, call = (counts()[name] for name in ("row", "job", "call"))
    items = {"all": rows.rows, "bad": rows.bad}.get(rows.row_items, 0)
    bad = rows.bad if items else 0
    reader = rows.rows * (row["submit"] + row["finish"]) + items * row["item_seconds"]
    calls = job["calls"] + work.turns
    return Usage(
        writes=job["writes"]
        + work.writes
        + rows.rows * row["marks"]
        + items * row["item"]
        + bad * row["bad"],
        reads=work.reads,
        transitions=work.transitions,
        calls=calls,
        gb_seconds=work.gb_seconds + reader * _READER_GB,
        puts=job["puts"] + work.puts,
        gets=work.gets,
        publishes=job["publishes"],
        messages=job["messages"],
        log_bytes=calls * call["log_bytes"] + work.log_bytes,
    )
