"""Drop files, see what became of their rows, and look after a stack.

Exit codes: 0 is success; 1 is no, or that rows are bad; 2 is that it could not be done.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib.metadata import version
from typing import Annotated

import typer

from listdrop_cli.commands import account, route
from listdrop_cli.commands.cancel import cancel
from listdrop_cli.commands.check import check
from listdrop_cli.commands.dashboard import dashboard
from listdrop_cli.commands.demo import demo
from listdrop_cli.commands.down import down
from listdrop_cli.commands.drop import drop
from listdrop_cli.commands.erase import erase
from listdrop_cli.commands.job import job
from listdrop_cli.commands.jobs import jobs
from listdrop_cli.commands.person import person
from listdrop_cli.commands.results import results
from listdrop_cli.commands.retry import retry
from listdrop_cli.commands.rows import rows
from listdrop_cli.commands.subscribe import subscribe
from listdrop_cli.commands.up import up

app = typer.Typer(no_args_is_help=True, add_completion=True, help=__doc__)
_routes = typer.Typer(no_args_is_help=True, help="Where uploads go.")
_accounts = typer.Typer(no_args_is_help=True, help="Keys of provider accounts.")


def main() -> None:
    """Run the command. The entry point of the package."""
    app()


def _command(to: typer.Typer, run: Callable[..., None], name: str | None = None) -> None:
    """Add a command, each paragraph of its help in one line: a terminal breaks it where it ends."""
    paragraphs = inspect.cleandoc(run.__doc__ or "").split("\n\n")
    text = "\n\n".join(each.replace("\n", " ") for each in paragraphs)
    to.command(name, help=text)(run)


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"listdrop {version('listdrop')}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Take the options of the command itself."""


# In the order of the help.
for each in (up, down, demo, drop, check, jobs, job, rows, person, results, retry, cancel):
    _command(app, each)
for each in (subscribe, erase, dashboard):
    _command(app, each)
app.add_typer(_routes, name="route")
_command(_routes, route.put_route, "put")
_command(_routes, route.list_routes, "list")
_command(_routes, route.show_route, "show")
app.add_typer(_accounts, name="account")
_command(_accounts, account.put_account, "put")
_command(_accounts, account.list_accounts, "list")
_command(_accounts, account.probe_account, "test")
