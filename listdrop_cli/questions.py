"""What commands ask of the records, and how they count what they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from enum import StrEnum
from itertools import islice
from typing import NamedTuple, TypeVar

from listdrop.models import BatchItem, BatchState, Group, Job, JobState, Page, rows_in
from listdrop.ports import Records

T = TypeVar("T")
Word = TypeVar("Word", bound=StrEnum)

_JOBS_PER_PAGE = 100
ROWS_PER_PAGE = 500


def everything(ask: Callable[[str], Page[T]]) -> Iterator[T]:
    """Yield all answers to a question, asking for pages as they are wanted."""
    page = ask("")
    yield from page.items
    while page.cursor:
        page = ask(page.cursor)
        yield from page.items


def first(found: Iterator[T], limit: int | None) -> tuple[list[T], bool]:
    """Return at most `limit` of them (`None`: all), and whether there are more."""
    taken = list(islice(found, limit))
    return taken, limit is not None and next(found, None) is not None


def jobs_of(
    records: Records, day: date | None, route: str | None, states: Iterable[JobState], today: date
) -> Iterator[Job]:
    """Yield jobs, the newest first: of a route, of a day, of a day of a route; else of today."""
    wanted = frozenset(states)
    if route is None:
        found = everything(lambda cursor: records.jobs_of_day(day or today, cursor, _JOBS_PER_PAGE))
    else:
        found = everything(lambda cursor: records.jobs_of_route(route, cursor, _JOBS_PER_PAGE))
    for job in found:
        began = job.created_at.date()
        if day and began < day:
            return
        if (day is None or began == day) and (not wanted or job.state in wanted):
            yield job


def words_of(
    kind: type[Word], given: Iterable[str], among: Iterable[Word] | None = None
) -> list[Word]:
    """Return words of a closed list, each given separately or several separated by commas.

    Only those `among` are taken, if that is given. Raises `ValueError` with a sentence for a word
    that is not on the list.
    """
    known = {word.value: word for word in (kind if among is None else among)}
    found = []
    for text in (part.strip() for each in given for part in each.split(",")):
        if text.lower() not in known:
            raise ValueError(f"{text!r} is not one of {', '.join(known)}.")
        found.append(known[text.lower()])
    return found


def called(person: str) -> str:
    """Return `EMAIL#...` or `LINKEDIN#...` as people call it."""
    kind, _, name = person.partition("#")
    return name if kind == "EMAIL" else f"linkedin.com/in/{name}"


class Balance(NamedTuple):
    """How many rows of a job are good, settled or bad, and of how many it is not known yet."""

    good: int
    settled: int
    bad: int
    open: int


def balance_of(job: Job) -> Balance:
    """Count a job's rows by the groups of their outcomes."""
    good, settled, bad = (rows_in(job.counts, group) for group in Group)
    return Balance(good, settled, bad, job.counts["rows"] - good - settled - bad)


def given_up(batches: Iterable[BatchItem]) -> list[int]:
    """Return the numbers of the batches whose fate nobody could find out."""
    return [batch.number for batch in batches if batch.state is BatchState.LOST]
