"""What commands ask of the records, and how they count what they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from heapq import merge
from itertools import islice
from typing import NamedTuple, TypeVar

from listdrop.cells.persons import Names, names_in, together
from listdrop.models import BatchItem, BatchState, Group, Job, Page, RowItem, rows_in
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


def words_of(
    kind: type[Word], given: Iterable[str], among: Iterable[Word] | None = None
) -> list[Word]:
    """Return words of a closed list, each given separately or several separated by commas.

    Only those `among` are taken, if that is given. Raises `ValueError` with a sentence for a word
    that is not on the list.
    """
    known = {word.value: word for word in (kind if among is None else among)}
    return [known[name] for name in names_of(given, known)]


def names_of(given: Iterable[str], among: Iterable[str]) -> list[str]:
    """Return names that are `among` others, each given separately or several with commas.

    Raises `ValueError` with a sentence for one that is not.
    """
    known = list(among)
    found = [part.strip().lower() for each in given for part in each.split(",")]
    for name in found:
        if name not in known:
            raise ValueError(f"{name!r} is not one of {', '.join(known)}.")
    return found


def who_is(records: Records, person: str) -> Names:
    """Return a person's names: the one that is asked for, and those beside it in rows."""

    def beside(name: str) -> Iterator[tuple[str, ...]]:
        for row in records.rows_of_person(name, limit=ROWS_PER_PAGE).items:
            yield names_in(row.email, row.linkedin_url)

    return together({person}, beside)


def rows_of(records: Records, names: Iterable[str], size: int) -> Iterator[RowItem]:
    """Yield the rows that have any of these names, each once, the newest first."""

    def rows(name: str) -> Iterator[RowItem]:
        return everything(lambda cursor: records.rows_of_person(name, cursor, size))

    given = set()
    for row in merge(*map(rows, names), key=lambda row: row.created_at, reverse=True):
        if (row.job_id, row.row) not in given:
            given.add((row.job_id, row.row))
            yield row


def names_nobody(text: str) -> str:
    """Say of a text that it does not name a person."""
    return f"{text!r} is neither an e-mail address nor a LinkedIn profile (linkedin.com/in/...)."


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
    """Return the numbers of the batches that were sent and whose fate nobody could find out."""
    return [each.number for each in batches if each.state is BatchState.LOST and each.was_sent]
