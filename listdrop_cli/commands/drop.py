"""`drop`: files into the uploads bucket."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from listdrop.errors import UploadRejectedError
from listdrop.jobs.again import check_named, destinations_named
from listdrop.models import CORRECTS, Destination, Route
from listdrop.plans.naming import NamedJobs, named_jobs
from listdrop.providers.routing import parse_route
from listdrop.tables.naming import READABLE, is_no_upload, unreadable_suffix
from listdrop_cli.dropping import store, tell
from listdrop_cli.files import chunks
from listdrop_cli.lookups import destination_now, find_job, named_job, route_text
from listdrop_cli.options import JsonOption, WaitOption
from listdrop_cli.output import fail
from listdrop_cli.target import Target, with_target
from listdrop_cli.waiting import dropped, table_names


@with_target
def drop(
    target: Target,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="The files to drop.")],
    route: Annotated[
        str,
        typer.Option(help="The route that says where their rows go; required without --corrects."),
    ] = "",
    corrects: Annotated[
        str, typer.Option(metavar="JOB", help="The job whose rows these are, corrected.")
    ] = "",
    wait: WaitOption = False,
    as_json: JsonOption = False,
) -> None:
    """Upload files to the uploads bucket, which starts the import of their rows.

    Rows that carry `listdrop_job`, as those of rejects.csv and retry.csv do, go only to the
    destination of that job. For a file without that column, --corrects names the job.

    With --wait it exits with 0 if no row is bad, 1 if some are or a job is held for approval, and 2
    if a job is rejected, failed (every row bad), expired or cancelled. In a pipe, each line has:
    key, version; or with --wait: job, state, rows, and a count for each of the eight outcomes.

    Example: listdrop drop events/prospects.csv --route demo --wait
    """
    for file in files:
        _check_file(file)
    job = named_job(target, corrects) if corrects else None
    if job is not None and route not in ("", job.route):
        fail(f"Job {corrects} is of the route {job.route}, not of {route}.")
    route = job.route if job is not None else route
    if not route:
        fail("Say where the rows go: --route, or --corrects with the job that they are of.")
    wanted = parse_route(route, route_text(target, route), kept_days=target.kept_days)
    own = destination_now(target, job, wanted) if job is not None else None
    metadata = {CORRECTS: corrects} if corrects else {}
    named = {file: named_jobs(iter(chunks(file)), file.name, wanted.columns) for file in files}
    if corrects:
        for file in files:
            _check_named(file, named[file], corrects)
    to = {
        file: [own] if own else _destinations(target, file, named[file], route, wanted)
        for file in files
    }
    found = []
    for file in files:
        key = f"inbox/{route}/{file.name}"
        upload = store(target, file, key, metadata)
        names = table_names(file.name, chunks(file))
        found.append(dropped(upload, to[file], names, str(file)))
    tell(target, found, wait=wait, as_json=as_json)


def _check_named(file: Path, named: NamedJobs | None, job_id: str) -> None:
    try:
        check_named(named, job_id)
    except UploadRejectedError as error:
        fail(f"{file}: {error.text}")


def _destinations(
    target: Target, file: Path, named: NamedJobs | None, name: str, route: Route
) -> Sequence[Destination]:
    """Return where a file's rows go: all over the route, or where the jobs went that they name.

    What Submit would reject, ends the command before anything is stored.
    """
    if named is None:
        return route.destinations
    find = partial(find_job, target)
    try:
        found = destinations_named(named, name, route, find, target.records().job)
    except UploadRejectedError as error:
        fail(f"{file}: {error.text}")
    return [destination for destination in route.destinations if destination in found]


def _check_file(file: Path) -> None:
    if str(file) == "-":
        fail(
            "Standard input cannot be dropped: a file's name says what it is, and is part of its "
            "key. Save it to a file first."
        )
    if not file.is_file():
        fail(f"{file} is not a file.")
    if is_no_upload(file.name):
        fail(
            f"{file.name} makes no job: its name is that of a system file, an editor's lock or a "
            "partial download."
        )
    if unreadable_suffix(file.name):
        fail(f"{file.name} does not end in one of {', '.join(READABLE)}.")
