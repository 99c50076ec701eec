"""The `listdrop` command: the local stack, and routes and accounts on any stack."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import boto3
import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from listdrop.aws.dynamodb import DynamoJobs
from listdrop.cancelling import cancel_job
from listdrop.errors import UploadRejectedError
from listdrop.models import ROUTE_NAME
from listdrop.previewing import Preview, preview_upload
from listdrop.providers import REGISTRY
from listdrop.routing import parse_account, parse_route
from listdrop.suppression import read_suppression_list
from local import demo as demonstration
from local.cli_dashboard import dashboard
from local.dashboard import port_beside, ports_at, serve
from local.deploy import STACK, session
from local.engine import REGION, Engine, EngineError
from local.stack import HOME, LocalStack

app = typer.Typer(no_args_is_help=True, add_completion=True, help=__doc__)
route_app = typer.Typer(no_args_is_help=True, help="Where uploads go.")
account_app = typer.Typer(no_args_is_help=True, help="Keys of provider accounts.")
app.add_typer(route_app, name="route")
app.add_typer(account_app, name="account")
app.command()(dashboard)

_WIDTH = None if sys.stdout.isatty() else 120
out = Console(highlight=False, soft_wrap=True, width=_WIDTH)
err = Console(stderr=True, highlight=False, soft_wrap=True)

_DOWN_SECONDS = 30
_CHUNK = 1 << 20

StackOption = Annotated[str, typer.Option("--stack", help="The stack's name.")]
RegionOption = Annotated[str | None, typer.Option("--region", help="The stack's region.")]
ProfileOption = Annotated[str | None, typer.Option("--profile", help="A profile of the AWS CLI.")]
EndpointOption = Annotated[
    str | None,
    typer.Option("--endpoint-url", envvar="AWS_ENDPOINT_URL", help="The local stack's address."),
]
ScaleOption = Annotated[
    float,
    typer.Option(
        envvar="LISTDROP_WAIT_SCALE", min=0.001, max=1, help="Shortens the workflow's waits."
    ),
]


# ---------------------------------------------------------------- the local stack


@app.command()
def up(
    port: Annotated[int, typer.Option(help="Where the engine listens.")] = 4566,
    wait_scale: ScaleOption = 1.0,
) -> None:
    """Start Listdrop on this machine, with its dashboard, and stay until interrupted.

    Example: listdrop up --port 4566
    """
    home = HOME / str(port)
    home.mkdir(parents=True, exist_ok=True)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with _plain_errors(), LocalStack(home=home, port=port, wait_scale=wait_scale) as stack:
        _pid_file(port).write_text(str(os.getpid()), "utf-8")
        ports = ports_at(stack.url, STACK, stack.outputs, session())
        try:
            with serve(ports, port_beside(port)) as address:
                _explain(stack, address)
                stopped.wait()
        finally:
            _pid_file(port).unlink(missing_ok=True)


def _explain(stack: LocalStack, dashboard_at: str) -> None:
    bucket = stack.outputs["UploadsBucket"]
    out.print("The stack is deployed, with a simulator for each provider.")
    for name, value in stack.outputs.items():
        out.print(f"  {name:<22} {value}")
    for name, simulator in stack.simulators.items():
        out.print(f"  {name:<22} {simulator.url} (simulator)")
    out.print("Drop a file on the route `demo`, with any credentials:")
    out.print(
        f"  AWS_ENDPOINT_URL={stack.url} aws s3 cp events/prospects.csv s3://{bucket}/inbox/demo/"
    )
    out.print(f"See what becomes of its rows: {dashboard_at}")
    print(f"ready: {stack.url}", flush=True)  # noqa: T201 # one plain line, for scripts that wait for it


@app.command()
def down(port: Annotated[int, typer.Option(help="Where the engine listens.")] = 4566) -> None:
    """Stop what `listdrop up` started on this port.

    Example: listdrop down --port 4566
    """
    with suppress(FileNotFoundError, ProcessLookupError):
        pid = int(_pid_file(port).read_text("utf-8"))
        os.kill(pid, signal.SIGTERM)
        ends_at = time.monotonic() + _DOWN_SECONDS
        while _pid_file(port).exists() and time.monotonic() < ends_at:
            time.sleep(0.1)
        os.kill(pid, 0)
        while time.monotonic() < ends_at:
            time.sleep(0.1)
            os.kill(pid, 0)
    _pid_file(port).unlink(missing_ok=True)
    Engine(HOME / str(port), port).stop_leftover()


def _pid_file(port: int) -> Path:
    return HOME / str(port) / "up.pid"


@app.command()
def demo(wait_scale: ScaleOption = 0.02) -> None:
    """Send 60 rows through the real stack to five simulated providers, and show the outcomes.

    Example: listdrop demo
    """
    with _plain_errors():
        problems = demonstration.run(out, wait_scale)
    for problem in problems:
        err.print(f"[red]{problem}[/red]")
    raise typer.Exit(1 if problems else 0)


# ---------------------------------------------------------------- routes and accounts


@route_app.command("put")
def put_route(
    file: Annotated[Path, typer.Argument(help="The route's JSON.", exists=True, dir_okay=False)],
    name: Annotated[str | None, typer.Option(help="Its name; by default the file's.")] = None,
    stack: StackOption = STACK,
    region: RegionOption = None,
    profile: ProfileOption = None,
    endpoint_url: EndpointOption = None,
) -> None:
    """Check a route and write it to the stack.

    Example: listdrop route put spring.json
    """
    name = name or file.stem
    if not ROUTE_NAME.fullmatch(name):
        _fail(f"{name!r} cannot be a route's name: letters, digits, `_`, `.`, `-`, at most 40.")
    text = file.read_text("utf-8")
    with _plain_errors():
        route = parse_route(name, text)
        client = _client("ssm", region, profile, endpoint_url)
        parameter = f"/{stack}/routes/{name}"
        client.put_parameter(Name=parameter, Value=text, Type="String", Overwrite=True)
    providers = ", ".join(destination.provider for destination in route.destinations)
    out.print(f"Route {name} is written. Files under inbox/{name}/ go to {providers}.")


@account_app.command("put")
def put_account(
    provider: Annotated[str, typer.Argument(help=f"One of {', '.join(sorted(REGISTRY))}.")],
    account: Annotated[str, typer.Option(help="Its name, where there are several.")] = "default",
    base_url: Annotated[str | None, typer.Option(help="The API's address, if not usual.")] = None,
    header: Annotated[str | None, typer.Option(help="which50: the header of the key.")] = None,
    stack: StackOption = STACK,
    region: RegionOption = None,
    profile: ProfileOption = None,
    endpoint_url: EndpointOption = None,
) -> None:
    """Write a provider's key to the stack. It is asked for, or read from standard input.

    Example: listdrop account put kakiyo < key.txt
    """
    model = REGISTRY.get(provider)
    if model is None:
        _fail(f"There is no provider {provider!r}: choose one of {', '.join(sorted(REGISTRY))}.")
    key = typer.prompt("API key", hide_input=True) if sys.stdin.isatty() else sys.stdin.read()
    key_member = "api_key" if "api_key" in model.account_model.model_fields else "value"
    members = {"base_url": base_url, "header": header, key_member: key.strip()}
    secret = {name: value for name, value in members.items() if value is not None}
    text = json.dumps(secret)
    name = f"{stack}/{provider}/{account}"
    with _plain_errors():
        parse_account(model, name, text, allow_loopback=_is_loopback(endpoint_url))
        client = _client("secretsmanager", region, profile, endpoint_url)
        try:
            client.create_secret(Name=name, SecretString=text)
        except client.exceptions.ResourceExistsException:
            client.put_secret_value(SecretId=name, SecretString=text)
    out.print(f"Account {account} of {provider} is written.")


# ---------------------------------------------------------------- before a file is dropped


@app.command()
def check(
    file: Annotated[
        Path, typer.Argument(help="What would be dropped.", exists=True, dir_okay=False)
    ],
    route: Annotated[str, typer.Option(help="A route of the stack, or the file of one.")],
    suppression_list: Annotated[
        Path | None,
        typer.Option(help="The route's suppression list, as a file.", exists=True, dir_okay=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    stack: StackOption = STACK,
    region: RegionOption = None,
    profile: ProfileOption = None,
    endpoint_url: EndpointOption = None,
) -> None:
    """Read a file as Submit would, and show what would be sent. Asks no provider.

    Exits with 0 if any row would be sent, 1 if none would, 2 if the file can't be used.

    Example: listdrop check prospects.csv --route events/demo-route.json
    """
    with _plain_errors():
        if Path(route).is_file():
            text = Path(route).read_text("utf-8")
        else:
            client = _client("ssm", region, profile, endpoint_url)
            text = client.get_parameter(Name=f"/{stack}/routes/{route}")["Parameter"]["Value"]
        wanted = parse_route(route, text)
        suppressed = read_suppression_list(_chunks(suppression_list)) if suppression_list else None
        previews = preview_upload(_chunks(file), file.name, wanted, REGISTRY, suppressed)
    if wanted.suppression_list and suppressed is None:
        err.print(
            f"The route's list {escape(wanted.suppression_list)} is not applied here: give it with "
            "--suppression-list."
        )
    if not as_json:
        for preview in previews:
            _show(preview)
    elif previews[0].table:
        out.print_json(data={"tables": [preview.model_dump(mode="json") for preview in previews]})
    else:
        out.print_json(previews[0].model_dump_json())
    raise typer.Exit(0 if any(preview.sends_anything for preview in previews) else 1)


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK):
            yield chunk


def _show(preview: Preview) -> None:
    if preview.table:
        out.print(f"\n[bold]{escape(preview.table)}[/bold]")
    if preview.reason:
        out.print(f"cannot be used: {preview.reason}: {escape(preview.reason_text)}")
        return
    delimiter = {"\t": "tab", " ": "space"}.get(preview.delimiter, preview.delimiter)
    source = f", recognised as {preview.source}" if preview.source else ""
    packed = f"{preview.container}, " if preview.container else ""
    out.print(
        f"{preview.rows} rows, {packed}{preview.encoding}, delimiter {escape(delimiter)}, "
        f"header in line {preview.header_line}{source}"
    )
    columns = Table("column", "goes to", "example", box=None, padding=(0, 2, 0, 0))
    for column in preview.columns:
        goes_to = column.field or "-"
        columns.add_row(
            escape(column.header), escape(goes_to), escape(" ".join(column.example.split())[:40])
        )
    out.print(columns)
    for destination in preview.destinations:
        settled = ", ".join(f"{count} {word}" for word, count in destination.not_sent.items())
        out.print(
            f"\n{destination.provider}: {destination.to_send} rows to send in "
            f"{destination.batches} batches, {destination.requests} requests, at least "
            f"{destination.minutes:g} minutes{'; not sent: ' + settled if settled else ''}"
        )
        if destination.warned:
            out.print(f"  {destination.warned} of them without their telephone number")
        if destination.columns_not_sent:
            out.print(f"  columns not sent: {escape(', '.join(destination.columns_not_sent))}")
        for problem in (*destination.problems, *destination.warnings):
            where = f"  row {problem.row} (line {problem.line})"
            out.print(f"{where}: {problem.outcome or 'sent'}, {escape(problem.reason)}")


@app.command()
def cancel(
    job_id: Annotated[str, typer.Argument(metavar="JOB", help="The job's id.")],
    stack: StackOption = STACK,
    region: RegionOption = None,
    profile: ProfileOption = None,
    endpoint_url: EndpointOption = None,
) -> None:
    """Send no more of a job. Rows that were sent already get their outcomes.

    Exits with 1 if the job has ended before.

    Example: listdrop cancel spring-kakiyo-0123456789abcdef
    """
    with _plain_errors():
        described = _client("cloudformation", region, profile, endpoint_url).describe_stacks(
            StackName=stack
        )
        (table,) = (
            output["OutputValue"]
            for output in described["Stacks"][0]["Outputs"]
            if output["OutputKey"] == "JobsTable"
        )
        resource = _made("resource", "dynamodb", region, profile, endpoint_url)
        jobs = DynamoJobs(resource.Table(table))
        try:
            state = cancel_job(job_id, jobs)
        except KeyError:
            _fail(f"There is no job {job_id}.")
    if state.is_terminal:
        out.print(f"The job has ended already: {state.value}.")
        raise typer.Exit(1)
    out.print("Cancelled: the job ends with its next turn.")


# ---------------------------------------------------------------- what commands share


class _plain_errors:  # noqa: N801 # reads as a statement
    """Ends the command with one sentence, where an error is one that a person can act on."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, EngineError | UploadRejectedError):
            _fail(str(error))
        if isinstance(error, ClientError | BotoCoreError):
            _fail(f"AWS: {error}")


def _fail(message: str) -> NoReturn:
    err.print(f"[red]{message}[/red]")
    raise typer.Exit(2)


def _is_loopback(endpoint_url: str | None) -> bool:
    return bool(endpoint_url) and "//127.0.0.1" in str(endpoint_url).replace(
        "localhost", "127.0.0.1"
    )


def _client(name: str, region: str | None, profile: str | None, endpoint_url: str | None) -> Any:
    """Return a client with the user's own credentials; the local stack takes any."""
    return _made("client", name, region, profile, endpoint_url)


def _made(
    kind: Literal["client", "resource"],
    name: str,
    region: str | None,
    profile: str | None,
    endpoint_url: str | None,
) -> Any:
    session = boto3.Session(profile_name=profile, region_name=region)
    local = {}
    if _is_loopback(endpoint_url):
        local = {"region_name": session.region_name or REGION}
        if session.get_credentials() is None:
            local |= {"aws_access_key_id": "any", "aws_secret_access_key": "any"}  # nosec B105 - taken by the engine
    return getattr(session, kind)(name, endpoint_url=endpoint_url, **local)


if __name__ == "__main__":
    app()
