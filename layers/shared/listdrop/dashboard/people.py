"""A person: the person's rows in all jobs, and their outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request

from listdrop.cells.profiles import person_key
from listdrop.dashboard.desk import desk
from listdrop.dashboard.hiding import names_in
from listdrop.models import Page, RowItem

pages = Blueprint("people", __name__)
_A_PAGE = 30
_LONGEST = 2_000
_MOST_NAMES = 4


@dataclass(frozen=True, slots=True)
class Found:
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
        found = _everything(asked, request.args.get("after", "")) if asked else []
    except ValueError:
        abort(404)
    return render_template("person.html", who=who, asked=asked, found=found, names_in=names_in)


def _everything(asked: str, cursor: str) -> Sequence[Found]:
    """Find the rows under the key asked for, and under other names that those rows contain."""
    records = desk().ports.records
    first = Found(asked, records.rows_of_person(asked, cursor, _A_PAGE), is_asked=True)
    others = {
        person_key(name): None for row in first.page.items for name in (row.email, row.linkedin_url)
    }
    names = [name for name in others if name and name != asked][:_MOST_NAMES]
    more = [Found(name, records.rows_of_person(name, limit=_A_PAGE), False) for name in names]  # noqa: FBT003 # what it is stands in the class
    return [first, *(each for each in more if each.page.items)]
