"""The act of erasing a person from everything that is kept of jobs."""

from __future__ import annotations

from contextlib import ExitStack

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from listdrop.dashboard.acting import STACK, act_ports, done, recorded
from listdrop.dashboard.desk import to
from listdrop.dashboard.managing import administering
from listdrop.errors import JobStillRunningError, NoPersonError
from listdrop.jobs.erasing import (
    STAGED_REST,
    ErasePorts,
    Found,
    erase_found,
    find_person,
    person_called,
)
from listdrop.notices.wording import plural

pages = Blueprint("erasing", __name__)
_LONGEST = 2_000


@pages.get("/person/erase")
def ask_to_erase() -> str | Response:
    """Say where a person is, and what is deleted."""
    administering()
    who = _who(request.args.get("who", ""))
    try:
        found = _found(who)
    except (NoPersonError, JobStillRunningError) as error:
        return done(str(error), to("people.person"))
    if not found.jobs:
        return done(_nothing(found), to("people.person"))
    uploads = {(job.upload.key, job.upload.version_id) for job in found.jobs if job.upload}
    return render_template(
        "erase.html",
        title="Erase a person",
        will=f"{_counted(found)} become empty in row items, plans and result files, which keep "
        f"their numbers and outcomes. {plural(len(uploads), 'upload')} that "
        f"{'has the rows is' if len(uploads) == 1 else 'have the rows are'} deleted entirely. "
        "It cannot be undone. What providers and subscribers were told before is out of "
        f"reach, and so are backups of the table. {STAGED_REST}",
        button="Erase the person",
        is_grave=True,
        back=to("people.person", who=who),
        who=who,
        found=found,
        uploads=sorted({key for key, _ in uploads}),
    )


@pages.post("/person/erase")
def erase() -> Response:
    """Erase the person whose name was typed again."""
    administering()
    who = _who(request.form.get("who", ""))
    try:
        is_same = person_called(_who(request.form.get("again", ""))) == person_called(who)
    except NoPersonError:
        is_same = False
    if not is_same:
        said = "Nothing was erased: what you typed is not this person's address or profile."
        return done(said, to("erasing.ask_to_erase", who=who))
    try:
        found = _found(who)
    except JobStillRunningError as error:
        return done(str(error), to("people.person"))
    if not found.jobs:
        return done(_nothing(found), to("people.person"))
    # Whom is not said: the record is kept longer than what is erased.
    with ExitStack() as stack:
        stack.enter_context(recorded("erase a person", STACK, _counted(found)))
        for job in found.jobs:
            rows = plural(len(job.rows), "row")
            stack.enter_context(recorded("erase a person", f"JOB#{job.job_id}", rows))
        erased = list(erase_found(found, _ports()))
    gone = sum(bool(job.upload) for job in erased)
    said = f"Erased: {_counted(found)}; deleted: {plural(gone, 'upload')}. {found.said_of_unread}"
    return done(said.strip(), to("people.person"))


def _ports() -> ErasePorts:
    ports = act_ports()
    return ErasePorts(ports.jobs, ports.people, ports.archive)


def _found(who: str) -> Found:
    return find_person(person_called(who), _ports(), act_ports().clock.now())


def _who(text: str) -> str:
    """Return a name as it was typed, or as the dashboard's own links have it."""
    plain = text.strip()[:_LONGEST]
    kind, _, name = plain.partition("#")
    if kind == "LINKEDIN":
        return f"linkedin.com/in/{name}"
    return name if kind == "EMAIL" else plain


def _nothing(found: Found) -> str:
    said = f"Nothing was found, so there is nothing to erase. {found.said_of_unread}".strip()
    if not found.unsearched:
        return said
    files = plural(len(found.unsearched), "older job")
    return f"{said} The files of {files} were not searched: `listdrop erase --everywhere` does it."


def _counted(found: Found) -> str:
    rows = sum(len(job.rows) for job in found.jobs)
    return f"{plural(rows, 'row')} in {plural(len(found.jobs), 'job')}"
