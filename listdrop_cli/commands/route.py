"""`route`: where uploads go."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

from listdrop.errors import UploadRejectedError
from listdrop.jobs.route_checks import (
    LAST_JOBS,
    STANDARD_BYTES,
    doubts_about,
    is_dear,
    size_problem,
    unseen_headers,
)
from listdrop.models import ROUTE_NAME, Job, Route, storable_route
from listdrop.providers import REGISTRY
from listdrop.providers.routing import parse_route
from listdrop_cli.account_probes import choices_if_any
from listdrop_cli.files import text_of
from listdrop_cli.lookups import missing_list, open_jobs, route_text
from listdrop_cli.moments import moment
from listdrop_cli.options import JsonOption, YesOption, confirm
from listdrop_cli.output import err, fail, out, show_json, show_table
from listdrop_cli.target import Target, with_target


@with_target
def put_route(
    target: Target,
    file: Annotated[
        Path, typer.Argument(help="The route, as a JSON file.", exists=True, dir_okay=False)
    ],
    name: Annotated[str | None, typer.Option(help="Its name; by default that of the file.")] = None,
    unchecked: Annotated[
        bool, typer.Option("--unchecked", help="Only see that it is valid, and ask no provider.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check a route and write it to the stack.

    Each provider is asked whether it has the lists, campaigns and steps that the route names, with
    the stored key; Kakiyo charges one credit. Fields in `columns` that look misspelt are refused,
    and headers that none of the route's last files had are warned of.

    Example: listdrop route put events/demo-route.json --name spring
    """
    name = name or file.stem
    if not ROUTE_NAME.fullmatch(name):
        fail(
            f"{name!r} is not a valid route name: it has at most 40 letters, digits, `_`, `.` and "
            "`-`, and begins with a letter or digit."
        )
    text = text_of(file)
    route = parse_route(name, text, kept_days=target.kept_days)
    if problem := size_problem(text):
        fail(problem)
    warnings = [] if unchecked else _checked(target, name, route)
    if said := missing_list(target, route):
        warnings.append(said)
    target.client("ssm").put_parameter(
        Name=f"/{target.stack}/routes/{name}",
        Value=storable_route(text),
        Type="String",
        Overwrite=True,
        Tier="Intelligent-Tiering",  # the standard tier, where it is large enough
    )
    providers = [destination.provider for destination in route.destinations]
    if as_json:
        show_json({"route": name, "providers": providers, "warnings": warnings})
    else:
        for warning in warnings:
            err.print(f"Warning: {warning}", markup=False)
        shown = ", ".join(providers)
        out.print(f"Route {name} is written. Files under inbox/{name}/ go to {shown}.")
        if is_dear(text):
            out.print(
                f"It has more than {STANDARD_BYTES:,} bytes, so AWS keeps it as an advanced "
                "parameter, which costs 5 US cents a month."
            )


def _checked(target: Target, name: str, route: Route) -> list[str]:
    """Return what to warn of, or end the command where something cannot be meant."""
    wrong, warnings = doubts_about(route, REGISTRY, partial(choices_if_any, target))
    if wrong:
        fail("\n".join([*wrong, "The route is not written. If all of it is meant: --unchecked."]))
    return [*warnings, *unseen_headers(name, route, _last_jobs(target, name, route))]


def _last_jobs(target: Target, name: str, route: Route) -> Sequence[Job]:
    """Return the last jobs of a route that maps columns; none if AWS does not let them be read."""
    try:
        return target.records().jobs_of_route(name, limit=LAST_JOBS).items if route.columns else ()
    except (ClientError, BotoCoreError):
        return ()


@with_target
def delete_route(
    target: Target,
    name: Annotated[str, typer.Argument(metavar="ROUTE", help="The route's name.")],
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Delete a route. Files that are dropped on it from then on are rejected.

    It says which of its jobs have not ended: they go on. Without the route, no row of its jobs can
    be retried or corrected. `route show` prints what to keep, to put it back.

    Example: listdrop route delete spring
    """
    route_text(target, name)  # ends with a sentence where there is none
    jobs = [job.job_id for job in open_jobs(target, name)]
    if jobs:
        err.print(f"Jobs of it that have not ended, and go on: {', '.join(jobs)}.", markup=False)
    confirm(f"Delete the route {name}?", yes=yes)
    target.client("ssm").delete_parameter(Name=f"/{target.stack}/routes/{name}")
    if as_json:
        show_json({"route": name, "deleted": True, "open_jobs": jobs})
    else:
        out.print(f"Route {name} is deleted. Files under inbox/{name}/ are rejected from now on.")


@with_target
def list_routes(target: Target, as_json: JsonOption = False) -> None:
    """List the routes, where each goes, and when it was last changed.

    In a pipe, each line has: route, providers, when it was changed.

    Example: listdrop route list
    """
    folder = f"/{target.stack}/routes/"
    pages = target.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=folder)
    routes = [
        (found["Name"].removeprefix(folder), found["Value"], found["LastModifiedDate"])
        for found in pages.search("Parameters[]")
    ]
    routes.sort()
    if as_json:
        told = [
            {"route": name, "changed_at": changed, "goes_to": _goes_to(target, name, text)}
            for name, text, changed in routes
        ]
        show_json({"routes": told})
        return
    show_table(
        ("route", "goes to", "changed"),
        [(name, _goes_to(target, name, text), moment(changed)) for name, text, changed in routes],
    )


def _goes_to(target: Target, name: str, text: str) -> str:
    """Return a route's providers, or why it cannot be used."""
    try:
        route = parse_route(name, text, kept_days=target.kept_days)
    except UploadRejectedError as error:
        return f"cannot be used: {error.text}"
    return ", ".join(destination.provider for destination in route.destinations)


@with_target
def show_route(
    target: Target,
    name: Annotated[str, typer.Argument(metavar="ROUTE", help="The route's name.")],
    as_json: JsonOption = False,
) -> None:
    """Show a route as it was written; with --json, including all defaults.

    Example: listdrop route show demo
    """
    text = route_text(target, name)
    if as_json:
        route = parse_route(name, text)
        destinations = [each.model_dump(mode="json") for each in route.destinations]
        show_json(
            route.model_dump(mode="json", exclude={"destinations"}) | {"destinations": destinations}
        )
    else:
        typer.echo(text)
