"""Rows across their destinations: for the page of an upload, and for the command about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple

from listdrop.models import Group, Job, Outcome, RowFilter, RowItem, rows_in
from listdrop.ports import Clock, Figures, Records

BAD = RowFilter(frozenset(outcome for outcome in Outcome if outcome.is_bad))
_ALL_ARE_READ = 50
"""A job with more bad rows than this has only as many read as are shown."""
_SEARCH = timedelta(milliseconds=150)
"""After this time, bad rows of no further job are searched for."""


class RowAcross(NamedTuple):
    """A row of a file, and what became of it, by the jobs of which that is told."""

    table: str
    row: int
    at: dict[str, RowItem]

    @property
    def item(self) -> RowItem:
        """Its item at one of them: the one that says best who it is."""
        return max(self.at.values(), key=_says_who)


def _says_who(item: RowItem) -> tuple[bool, bool]:
    return bool(item.person), bool(item.email or item.linkedin_url)


class BadRows(NamedTuple):
    """Rows that are bad somewhere, and whether there are more."""

    rows: Sequence[RowAcross]
    is_more: bool


def joined(read: Iterable[tuple[Job, Iterable[RowItem]]]) -> list[RowAcross]:
    """Return rows that were read of several jobs, each once, in order."""
    found: dict[tuple[str, int], RowAcross] = {}
    for job, rows in read:
        for row in rows:
            place = (job.upload.table, row.row)
            found.setdefault(place, RowAcross(*place, {})).at[job.job_id] = row
    return [found[place] for place in sorted(found)]


def some_bad(
    records: Records, figures: Figures, clock: Clock, jobs: Sequence[Job], most: int
) -> BadRows:
    """Return up to `most` rows of a file that are bad somewhere, with all places where they are.

    They are the first ones, unless a job has more bad rows than are read of it: those are in no
    order. What such a job has to say of the others' rows is looked up by their numbers.
    """
    read: list[tuple[Job, Sequence[RowItem]]] = []
    partly: list[Job] = []
    left: dict[str, int] = {}
    began = clock.now()
    for job in jobs:
        bad = rows_in(job.counts, Group.BAD)
        if not bad:
            continue
        if read and clock.now() - began > _SEARCH:
            partly.append(job)
            left[job.job_id] = bad
            continue
        # A search that has found as many as there are goes no further.
        page = records.rows(job, BAD, "", bad if bad <= _ALL_ARE_READ else most)
        read.append((job, page.items))
        is_left = len(page.items) < bad and (bool(page.cursor) or not job.state.is_terminal)
        if is_left:
            left[job.job_id] = bad
        # While a job runs, its counts and its rows are not written at once.
        if is_left or (page.cursor and not job.state.is_terminal):
            partly.append(job)
    found = joined(read)
    for job in partly:
        _look_up(figures, job, found[:most])
    # Of what was not read, all may have been among the rows that were looked up.
    is_more = any(sum(job_id in row.at for row in found) < bad for job_id, bad in left.items())
    return BadRows(found[:most], is_more or len(found) > most)


def _look_up(figures: Figures, job: Job, rows: Sequence[RowAcross]) -> None:
    """Add what a job says of rows of which it was not read."""
    unread = {each.row: each for each in rows if job.job_id not in each.at}
    for item in figures.rows(job.job_id, list(unread)) if unread else ():
        if item.outcome.is_bad:
            unread[item.row].at[job.job_id] = item
