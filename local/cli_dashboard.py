"""`listdrop dashboard`: the dashboard, with the user's own credentials."""

from __future__ import annotations

import secrets
import threading
import webbrowser
from typing import Annotated, Any

import boto3
import typer
from botocore.config import Config

from local.dashboard import ports_of, serve
from local.deploy import STACK, outputs
from local.engine import REGION


def dashboard(
    port: Annotated[int, typer.Option(help="Where to listen; 0 takes any free port.")] = 0,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    stack: Annotated[str, typer.Option("--stack", help="The stack's name.")] = STACK,
    region: Annotated[str | None, typer.Option("--region", help="The stack's region.")] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", help="A profile of the AWS CLI.")
    ] = None,
    endpoint_url: Annotated[
        str | None,
        typer.Option(
            "--endpoint-url", envvar="AWS_ENDPOINT_URL", help="The local stack's address."
        ),
    ] = None,
) -> None:
    """Show jobs, rows and people in a browser, until interrupted.

    Reads with your own credentials, and is served to this machine only. The address has a key in
    it, which keeps the machine's other users out.

    Example: listdrop dashboard --open
    """
    session = boto3.Session(profile_name=profile, region_name=region)
    options: dict[str, Any] = {"endpoint_url": endpoint_url}
    if endpoint_url and session.region_name is None:
        options["region_name"] = REGION
    if endpoint_url and session.get_credentials() is None:
        options |= {"aws_access_key_id": "any", "aws_secret_access_key": "any"}  # nosec B105 - taken by the engine

    def make(name: str, *, config: Config | None = None) -> Any:
        return session.client(name, config=config, **options)  # type: ignore[call-overload] # any service

    found = outputs(make("cloudformation"), stack)
    table = session.resource("dynamodb", config=Config(max_pool_connections=16), **options)
    ports = ports_of(stack, found, make, table.Table(found["JobsTable"]))
    with serve(ports, port, key=secrets.token_urlsafe(16)) as address:
        print(f"dashboard: {address}", flush=True)  # noqa: T201 # one plain line, for scripts that wait for it
        if open_:
            webbrowser.open(address)
        threading.Event().wait()
