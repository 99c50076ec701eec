"""Where in the dashboard a step of the advice is taken, in place of a command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from listdrop.dashboard.acting import may, may_drop
from listdrop.dashboard.desk import desk, to
from listdrop.dashboard.visitors import Role
from listdrop.models import Job, files
from listdrop.notices.advice import Place, Step


class Way(NamedTuple):
    """A link to the page where a step is taken."""

    label: str
    address: str


class _Page(NamedTuple):
    """A page of a job that acts, and the role that it takes."""

    label: str
    role: Role
    endpoint: str
    values: Mapping[str, str]


_PAGES = {
    Place.APPROVE: _Page(
        "Approve", Role.APPROVE, "answering.ask_for_answer", {"place": "jobs", "word": "approve"}
    ),
    Place.REFUSE: _Page(
        "Refuse", Role.APPROVE, "answering.ask_for_answer", {"place": "jobs", "word": "refuse"}
    ),
    Place.RETRY: _Page("Send rows again", Role.DROP, "again.ask_to_retry", {}),
    Place.CORRECT: _Page("Correct rows", Role.DROP, "again.ask_to_correct", {}),
    Place.CORRECT_FILE: _Page("Correct the file", Role.DROP, "again.ask_to_correct", {}),
}


def way_of(step: Step, job: Job) -> Way | None:
    """Return where the visitor takes a step; `None` where they may not, or there is no page."""
    if step.place is None:
        return None
    if step.place is Place.RETRY_FILE:
        return Way(files.RETRY, to("jobs.file", job_id=job.job_id, name=files.RETRY))
    if step.place is Place.JOB:
        return Way("the newer job", to("jobs.job", job_id=step.job_id))
    if step.place is Place.DROP:
        return Way("Drop a file", to("dropping.drop")) if may_drop() else None
    if step.place is Place.ROUTE:
        if not may(Role.ADMIN):
            return None
        return Way("Change the route", to("editing.edit", name=job.route))
    label, role, endpoint, values = _PAGES[step.place]
    if not may(role, job.route):
        return None
    return Way(label, to(endpoint, job_id=job.job_id, **values))


def command_of(step: Step) -> str:
    """Return a step's command; empty if the dashboard has a page for it, for any visitor."""
    ports = desk().ports
    if step.place is None or ports.acts is None:
        return step.command
    return step.command if step.place is Place.DROP and ports.staging is None else ""
