"""The `listdrop` command: drop files, see what became of their rows, look after a stack.

Exit codes: 0 is good; 1 is no, or that rows are bad; 2 is that it could not be done.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable

import typer

from listdrop_cli import asking, dropping, probing
from listdrop_cli.commands import (
    account,
    cancel,
    check,
    dashboard,
    erase,
    results,
    retry,
    route,
    subscribe,
)
from local import up


def _command(to: typer.Typer, run: Callable[..., None], name: str | None = None) -> None:
    """Add a command, each paragraph of its help in one line: a terminal breaks it where it ends."""
    paragraphs = inspect.cleandoc(run.__doc__ or "").split("\n\n")
    text = "\n\n".join(each.replace("\n", " ") for each in paragraphs)
    to.command(name, help=text)(run)


app = typer.Typer(no_args_is_help=True, add_completion=True, help=__doc__)
route_app = typer.Typer(no_args_is_help=True, help="Where uploads go.")
account_app = typer.Typer(no_args_is_help=True, help="Keys of provider accounts.")

# In the order of the help.
_command(app, up.up)
_command(app, up.down)
_command(app, up.demo)
_command(app, dropping.drop)
_command(app, check.check)
_command(app, asking.jobs)
_command(app, asking.job)
_command(app, asking.rows)
_command(app, asking.person)
_command(app, results.results)
_command(app, retry.retry)
_command(app, cancel.cancel)
_command(app, subscribe.subscribe)
_command(app, erase.erase)
_command(app, dashboard.dashboard)
app.add_typer(route_app, name="route")
_command(route_app, route.put_route, "put")
_command(route_app, route.list_routes, "list")
_command(route_app, route.show_route, "show")
app.add_typer(account_app, name="account")
_command(account_app, account.put_account, "put")
_command(account_app, account.list_accounts, "list")
_command(account_app, probing.probe_account, "test")
