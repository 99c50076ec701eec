"""`listdrop erase`: takes a person out of everything that a stack keeps of its jobs."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

import typer

from listdrop.errors import JobStillRunningError, NoPersonError
from listdrop.jobs.erasing import (
    STAGED_REST,
    ErasedJob,
    Found,
    Person,
    erase_found,
    find_person,
    person_called,
)
from listdrop.notices.wording import plural
from listdrop_cli.options import JsonOption
from listdrop_cli.output import NO, err, fail, out, show_json, show_table
from listdrop_cli.questions import called, names_nobody
from listdrop_cli.target import Target, with_target


@with_target
def erase(
    target: Target,
    person: Annotated[
        str, typer.Argument(metavar="PERSON", help="An e-mail address or a LinkedIn profile.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Erase without asking.")] = False,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="Read the plan of every job instead of the index.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Remove a person from row items, plans, result files and uploads, and report where.

    Address and profile of a row lead to each other, so either is enough. Rows keep their numbers
    and outcomes. An upload cannot be changed, so it is deleted. The command may be repeated: the
    second time it finds nothing. What could not be searched is said.

    Exits with 1 if nothing was found, and with 2 if nothing was erased because a job with one of
    the person's rows has not ended.

    Example: listdrop erase ada@example.com
    """
    ports = target.erase_ports()
    try:
        named = person_called(person)
    except NoPersonError:
        fail(names_nobody(person))
    try:
        found = find_person(named, ports, datetime.now(UTC), everywhere=everywhere)
    except JobStillRunningError as error:
        fail(str(error))
    if found.jobs and not yes:
        _ask(found)
    erased = list(erase_found(found, ports))
    if as_json:
        jobs = [job.model_dump(mode="json") for job in erased]
        told = {
            name: sorted(getattr(found, name))
            for name in ("beside", "shared", "unsearched", "unread")
        }
        show_json({"jobs": jobs, **told})
    else:
        _show(erased, named)
        _tell_limits(found)
    if not erased:
        raise typer.Exit(NO)


def _ask(found: Found) -> None:
    if not sys.stdin.isatty():
        fail("There is no terminal to ask on: pass --yes.")
    rows = sum(len(job.rows) for job in found.jobs)
    uploads = {(job.upload.key, job.upload.version_id) for job in found.jobs if job.upload}
    err.print(f"Found {rows} rows in {len(found.jobs)} jobs.")
    if found.beside:
        err.print(
            f"They also name {_called_all(found.beside)}, which is erased, too.", markup=False
        )
    err.print(f"The {len(uploads)} uploads they came from are deleted entirely; results.csv stays.")
    typer.confirm("Erase the person?", abort=True, err=True)


def _show(erased: list[ErasedJob], named: Person) -> None:
    if not erased:
        out.print(f"Nothing was found about {_called_all(named.keys)}.", markup=False)
        return
    show_table(
        ("job", "rows", "row items", "reasons", "files", "old versions", "upload deleted"),
        [
            (
                job.job_id,
                job.rows,
                job.items,
                job.reasons,
                ", ".join(f"{name} {rows}" for name, rows in job.files.items()),
                job.old_versions,
                job.upload or "-",
            )
            for job in erased
        ],
    )


def _tell_limits(found: Found) -> None:
    """Say where else the person may be."""
    err.print(STAGED_REST)
    if found.shared:
        who = _called_all(found.shared)
        err.print(
            f"Several people share {who}, so nobody else was taken for the same person.",
            markup=False,
        )
    if found.unsearched:
        err.print(
            "Not searched, because their items have expired or never had every name: the files of "
            f"{plural(len(found.unsearched), 'job')}. --everywhere reads them, too."
        )
    if found.unread:
        err.print(found.said_of_unread)


def _called_all(names: Iterable[str]) -> str:
    return ", ".join(map(called, sorted(names)))
