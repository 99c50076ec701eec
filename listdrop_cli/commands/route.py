"""`route`: where uploads go."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from listdrop.errors import UploadRejectedError
from listdrop.models import ROUTE_NAME
from listdrop.providers.routing import parse_route
from listdrop_cli.files import text_of
from listdrop_cli.lookups import route_text
from listdrop_cli.moments import moment
from listdrop_cli.options import JsonOption
from listdrop_cli.output import fail, out, show_json, show_table
from listdrop_cli.target import Target, with_target

STANDARD_BYTES = 4_096
"""Of a parameter that costs nothing."""
MOST_BYTES = 8_192
"""Of any parameter: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html"""


@with_target
def put_route(
    target: Target,
    file: Annotated[
        Path, typer.Argument(help="The route, as a JSON file.", exists=True, dir_okay=False)
    ],
    name: Annotated[str | None, typer.Option(help="Its name; by default that of the file.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check a route and write it to the stack.

    Example: listdrop route put events/demo-route.json --name spring
    """
    name = name or file.stem
    if not ROUTE_NAME.fullmatch(name):
        fail(f"{name!r} is not a valid route name: at most 40 letters, digits, `_`, `.` and `-`.")
    text = text_of(file)
    route = parse_route(name, text, kept_days=target.kept_days)
    size = len(text.encode())
    if size > MOST_BYTES:
        fail(
            f"The route has {size:,} bytes, and AWS takes {MOST_BYTES:,} at most. Leave out blanks "
            "and what is as by default, or make two routes of it."
        )
    target.client("ssm").put_parameter(
        Name=f"/{target.stack}/routes/{name}",
        Value=text,
        Type="String",
        Overwrite=True,
        Tier="Intelligent-Tiering",  # the standard tier, where it is large enough
    )
    providers = [destination.provider for destination in route.destinations]
    if as_json:
        show_json({"route": name, "providers": providers})
    else:
        shown = ", ".join(providers)
        out.print(f"Route {name} is written. Files under inbox/{name}/ go to {shown}.")
        if size > STANDARD_BYTES:
            out.print(
                f"It has more than {STANDARD_BYTES:,} bytes, so AWS keeps it as an advanced "
                "parameter, which costs 5 US cents a month."
            )


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
        return f"nowhere: {error.text}"
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
