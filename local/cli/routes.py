"""Routes: where uploads go."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from listdrop.models import ROUTE_NAME
from listdrop.routing import parse_route
from local.cli.output import JsonOption, fail, out, show_json
from local.cli.target import Target, with_target


@with_target
def put_route(
    target: Target,
    file: Annotated[Path, typer.Argument(help="The route's JSON.", exists=True, dir_okay=False)],
    name: Annotated[str | None, typer.Option(help="Its name; by default the file's.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check a route and write it to the stack.

    Example: listdrop route put events/demo-route.json --name spring
    """
    name = name or file.stem
    if not ROUTE_NAME.fullmatch(name):
        fail(f"{name!r} cannot be a route's name: letters, digits, `_`, `.`, `-`, at most 40.")
    text = file.read_text("utf-8")
    route = parse_route(name, text)
    target.client("ssm").put_parameter(
        Name=f"/{target.stack}/routes/{name}", Value=text, Type="String", Overwrite=True
    )
    providers = [destination.provider for destination in route.destinations]
    if as_json:
        show_json({"route": name, "providers": providers})
    else:
        shown = ", ".join(providers)
        out.print(f"Route {name} is written. Files under inbox/{name}/ go to {shown}.")
