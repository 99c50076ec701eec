"""`drop`: files into the uploads bucket."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from listdrop.providers.routing import parse_route
from listdrop.tables.naming import READABLE
from listdrop_cli.dropping import store, tell
from listdrop_cli.files import chunks
from listdrop_cli.lookups import route_text
from listdrop_cli.options import JsonOption, WaitOption
from listdrop_cli.output import fail
from listdrop_cli.target import Target, with_target
from listdrop_cli.waiting import dropped, table_names


@with_target
def drop(
    target: Target,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="The files to drop.")],
    route: Annotated[str, typer.Option(help="The route that says where their rows go.")],
    wait: WaitOption = False,
    as_json: JsonOption = False,
) -> None:
    """Upload files to the uploads bucket, which starts the import of their rows.

    With --wait it exits with 0 if no row is bad, 1 if some are, and 2 if a job is rejected, failed
    (every row bad), expired or cancelled. In a pipe, each line has: key, version; or with --wait:
    job, state, rows, and a count for each of the eight outcomes.

    Example: listdrop drop events/prospects.csv --route demo --wait
    """
    for file in files:
        _check_file(file)
    wanted = parse_route(route, route_text(target, route), kept_days=target.kept_days)
    found = []
    for file in files:
        key = f"inbox/{route}/{file.name}"
        upload = store(target, file, key, {})
        names = table_names(file.name, chunks(file))
        found.append(dropped(upload, wanted.destinations, names, str(file)))
    tell(target, found, wait=wait, as_json=as_json)


def _check_file(file: Path) -> None:
    if str(file) == "-":
        fail(
            "Standard input cannot be dropped: a file's name says what it is, and is part of its "
            "key. Save it to a file first."
        )
    if not file.is_file():
        fail(f"{file} is not a file.")
    if not file.name.lower().endswith(READABLE):
        fail(f"{file.name} does not end in one of {', '.join(READABLE)}.")
