"""Drop files, see what became of their rows, and look after a stack.

Exit codes: 0 is success; 1 is no, or that rows are bad; 2 is that it could not be done.
"""

from __future__ import annotations

from typing import Annotated

import typer

from listdrop_cli.loading import group

COMMANDS = (
    "up",
    "down",
    "demo",
    "drop",
    "check",
    "uploads",
    "upload",
    "jobs",
    "job",
    "rows",
    "person",
    "results",
    "retry",
    "approve",
    "refuse",
    "cancel",
    "subscribe",
    "unsubscribe",
    "doctor",
    "erase",
    "dashboard",
)
"""In the order of the help."""

ELSEWHERE = {"refuse": "approve:refuse", "unsubscribe": "subscribe:unsubscribe"}
"""Functions of modules with another name than the command."""

ROUTES = {
    "put": "route:put_route",
    "list": "route:list_routes",
    "show": "route:show_route",
    "delete": "route:delete_route",
}
ACCOUNTS = {
    "put": "account:put_account",
    "list": "account:list_accounts",
    "test": "account:probe_account",
    "choices": "account:show_choices",
    "delete": "account:delete_account",
}

app = typer.Typer(
    cls=group({name: ELSEWHERE.get(name, name) for name in COMMANDS}),
    no_args_is_help=True,
    add_completion=True,
    help=__doc__,
)
app.add_typer(
    typer.Typer(cls=group(ROUTES), callback=lambda: None),
    name="route",
    no_args_is_help=True,
    help="Where uploads go.",
)
app.add_typer(
    typer.Typer(cls=group(ACCOUNTS), callback=lambda: None),
    name="account",
    no_args_is_help=True,
    help="Keys of provider accounts.",
)


def main() -> None:
    """Run the command. The entry point of the package."""
    app()


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        from importlib.metadata import version  # takes as long as a fifth of a help

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
