"""A person: the person's rows in all jobs, and their outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flask import Blueprint, abort, render_template, request

from listdrop.cells.persons import names_in as keys_in
from listdrop.cells.persons import together
from listdrop.cells.profiles import person_key
from listdrop.dashboard.desk import desk
from listdrop.dashboard.hiding import names_in
from listdrop.models import Page, RowItem

pages = Blueprint("people", __name__)
_A_PAGE = 30
_LONGEST = 2_000
_MOST_NAMES = 4
_MOST_JOBS = 20


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of the person asked for.

    `shared` are names beside theirs that are several people's, `unkept` jobs whose rows name them
    and have no item.
    """

    found: Sequence[Found] = ()
    shared: Sequence[str] = ()
    unkept: Sequence[str] = ()


class Found(NamedTuple):
    """Rows under one person key. `is_asked`: it is the key of the person asked for."""

    person: str
    page: Page[RowItem]
    is_asked: bool


@pages.get("/person")
def person() -> str:
    """Show what happened to a person, found by e-mail address or LinkedIn profile."""
    who = request.args.get("who", "").strip()[:_LONGEST]
    asked = person_key(who)
    try:
        known = _everything(asked, request.args.get("after", "")) if asked else Person()
    except ValueError:
        abort(404)
    return render_template("person.html", who=who, asked=asked, known=known, names_in=names_in)


def _everything(asked: str, cursor: str) -> Person:
    """Find the rows with the name asked for, and those with other names of the same person."""
    records = desk().ports.records
    pages: dict[str, Page[RowItem]] = {asked: records.rows_of_person(asked, cursor, _A_PAGE)}

    def beside(name: str) -> Iterator[tuple[str, ...]]:
        if name not in pages:
            pages[name] = records.rows_of_person(name, limit=_A_PAGE)
        return (keys_in(row.email, row.linkedin_url) for row in pages[name].items)

    names = together({asked}, beside)
    shown: set[tuple[str, int]] = set()
    found = []
    for name in [asked, *sorted(names.own - {asked})][: 1 + _MOST_NAMES]:
        page = pages[name]
        new = [row for row in page.items if (row.job_id, row.row) not in shown]
        shown |= {(row.job_id, row.row) for row in new}
        if new or name == asked:
            found.append(Found(name, Page(new, page.cursor), is_asked=name == asked))
    unkept = {job_id for name in names.own for job_id, _ in records.rows_without_items(name)}
    return Person(found, sorted(names.shared), sorted(unkept)[:_MOST_JOBS])
