"""A job's rows: filtered, searched, paginated."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, render_template, request

from listdrop.cells.profiles import person_key
from listdrop.dashboard.desk import LONGEST_TEXT, desk
from listdrop.dashboard.hiding import names_in
from listdrop.dashboard.jobs import job_or_404
from listdrop.models import Job, Outcome, Page, RowFilter, RowItem

pages = Blueprint("rows", __name__)
_A_PAGE = 50
_SEARCH = timedelta(milliseconds=50)
"""After this time, no further part of the rows is searched for this page."""
_PAGES_OF_A_PERSON = 3
_READS_OF_A_PAGE = 3
_BY_NUMBER = "row-"
"""How a place in the rows begins that is a row's number. Others begin with what Base64 has."""
_DIGITS = 10


@pages.get("/jobs/<job_id>/rows")
def rows(job_id: str) -> str:
    """Show a job's rows. If some are not searched yet, a link goes on with the search."""
    job = job_or_404(job_id)
    wanted = _wanted()
    try:
        found = _search(job, wanted, request.args.get("after", ""))
    except ValueError:
        abort(404)
    chosen = sorted(wanted.outcomes, key=list(Outcome).index)
    return render_template(
        "rows.html", job=job, wanted=wanted, chosen=chosen, found=found, names_in=names_in
    )


def _wanted() -> RowFilter:
    names = request.args.getlist("outcome")
    outcomes = frozenset(outcome for outcome in Outcome if outcome.value in names)
    return RowFilter(outcomes, request.args.get("text", "").strip()[:LONGEST_TEXT])


def _search(job: Job, wanted: RowFilter, cursor: str) -> Page[RowItem]:
    """Search until a page is full or the time is over."""
    if cursor.startswith(_BY_NUMBER) or (not cursor and _is_dense(job, wanted)):
        return _by_number(job, wanted, cursor)
    of_person = _of_person(job, wanted) if not cursor else None
    if of_person is not None:
        return of_person
    clock, records = desk().ports.clock, desk().ports.records
    began = clock.now()
    found: list[RowItem] = []
    while True:
        page = records.rows(job, wanted, cursor, _A_PAGE - len(found))
        found += page.items
        cursor = page.cursor
        if not cursor or len(found) >= _A_PAGE or clock.now() - began > _SEARCH:
            return Page(found, cursor)


def _is_dense(job: Job, wanted: RowFilter) -> bool:
    """Whether most rows are wanted, of a job of which every row is there.

    Rows that are known by their numbers are read, and not searched for, which takes longer the
    more rows there are.
    """
    if wanted.text or job.row_items != "all" or not job.state.is_terminal:
        return False
    known = sum(job.counts[outcome] for outcome in wanted.outcomes or Outcome)
    return known * 2 >= job.counts["rows"] > 0


def _by_number(job: Job, wanted: RowFilter, cursor: str) -> Page[RowItem]:
    """Read rows one after another; where some are not wanted, twice as many as a page has."""
    first = row_number(cursor.removeprefix(_BY_NUMBER) or "1")
    limit = 2 * _A_PAGE if wanted.outcomes else _A_PAGE
    found: list[RowItem] = []
    for _ in range(_READS_OF_A_PAGE):
        read = desk().ports.figures.rows(job.job_id, range(first, first + limit))
        found += [row for row in read if not wanted.outcomes or row.outcome in wanted.outcomes]
        first += limit
        if len(found) >= _A_PAGE or first > job.counts["rows"]:
            break
    if len(found) > _A_PAGE:
        first = found[_A_PAGE].row
    return Page(found[:_A_PAGE], f"{_BY_NUMBER}{first}" if first <= job.counts["rows"] else "")


def row_number(text: str) -> int:
    """Read a row's number, or a page's that nobody was shown. Raises `ValueError`."""
    if not (text.isascii() and text.isdigit() and 0 < len(text) <= _DIGITS and int(text)):
        raise ValueError("There is no such page.")
    return int(text)


def _of_person(job: Job, wanted: RowFilter) -> Page[RowItem] | None:
    """Find a whole address or profile by the index; `None` if only a search can find it."""
    person = person_key(wanted.text)
    cursor = ""
    found: list[RowItem] = []
    for _ in range(_PAGES_OF_A_PERSON if person else 0):
        page = desk().ports.records.rows_of_person(person, cursor)
        found += [row for row in page.items if row.job_id == job.job_id]
        cursor = page.cursor
        if not cursor:
            break
    if cursor or not found:
        return None
    matching = [row for row in found if not wanted.outcomes or row.outcome in wanted.outcomes]
    return Page(sorted(matching, key=lambda row: row.row))
