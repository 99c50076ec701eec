"""`listdrop erase`: takes a person out of everything that a stack keeps of its jobs."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from listdrop.aws.dynamodb import DynamoJobs
from listdrop.aws.people import DynamoPeople
from listdrop.aws.s3 import S3Archive
from listdrop.erasing import (
    ErasedJob,
    ErasePorts,
    Found,
    erase_found,
    find_person,
    person_called,
)
from listdrop.errors import JobStillRunningError, NoPersonError
from local.cli import (
    EndpointOption,
    ProfileOption,
    RegionOption,
    StackOption,
    _client,
    _fail,
    _made,
    _plain_errors,
    err,
    out,
)
from local.deploy import STACK, outputs


def erase(
    person: Annotated[
        str, typer.Argument(metavar="PERSON", help="An e-mail address or a LinkedIn profile.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="Read the plan of every job, and not the index.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    stack: StackOption = STACK,
    region: RegionOption = None,
    profile: ProfileOption = None,
    endpoint_url: EndpointOption = None,
) -> None:
    """Remove a person from row items, plans, result files and uploads, and say where.

    Rows keep their numbers and outcomes. An upload cannot be changed, so it is deleted. May be
    repeated; a second time it finds nothing.

    Exits with 2 if nothing could be erased, as a job with the person's row has not ended.

    Example: listdrop erase ada@example.com
    """
    with _plain_errors():
        where = outputs(_client("cloudformation", region, profile, endpoint_url), stack)
        table = _made("resource", "dynamodb", region, profile, endpoint_url).Table(
            where["JobsTable"]
        )
        s3 = _client("s3", region, profile, endpoint_url)
        archive = S3Archive(s3, where["ResultsBucket"])
        ports = ErasePorts(DynamoJobs(table), DynamoPeople(table), archive)
        try:
            named = person_called(person)
            found = find_person(named, ports, datetime.now(UTC), everywhere=everywhere)
        except (NoPersonError, JobStillRunningError) as error:
            _fail(str(error))
        if found.jobs and not yes:
            _ask(found)
        erased = list(erase_found(found, ports))
    if as_json:
        out.print_json(data={"jobs": [job.model_dump(mode="json") for job in erased]})
    else:
        _show(erased)


def _ask(found: Found) -> None:
    if not sys.stdin.isatty():
        _fail("Nobody is there to be asked: give --yes.")
    rows = sum(len(job.rows) for job in found.jobs)
    uploads = {(job.upload.key, job.upload.version_id) for job in found.jobs if job.upload}
    err.print(f"Found {rows} rows in {len(found.jobs)} jobs.")
    if found.beside:
        err.print(f"Some are under {found.beside} other names that stand in the same rows.")
    err.print(f"The {len(uploads)} uploads they came from are deleted whole; results.csv stays.")
    typer.confirm("Erase the person?", abort=True, err=True)


def _show(erased: list[ErasedJob]) -> None:
    if not erased:
        out.print("Nothing was found.")
        return
    columns = ("job", "rows", "row items", "reasons", "files", "old versions", "upload deleted")
    shown = Table(*columns, box=None, padding=(0, 2, 0, 0))
    for job in erased:
        files = ", ".join(f"{name} {rows}" for name, rows in job.files.items())
        shown.add_row(
            job.job_id,
            str(job.rows),
            str(job.items),
            str(job.reasons),
            files,
            str(job.old_versions),
            escape(job.upload) or "-",
        )
    out.print(shown)
