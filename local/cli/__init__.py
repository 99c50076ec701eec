"""The `listdrop` command: drop files, see what became of their rows, look after a stack.

Exit codes: 0 is good; 1 is no, or that rows are bad; 2 is that it could not be done.
"""

from __future__ import annotations

import typer

from local.cli import (
    accounts,
    asking,
    cancelling,
    checking,
    dashboard,
    dropping,
    erasing,
    files,
    probing,
    retrying,
    routes,
    stack,
    subscribing,
)

app = typer.Typer(no_args_is_help=True, add_completion=True, help=__doc__)
route_app = typer.Typer(no_args_is_help=True, help="Where uploads go.")
account_app = typer.Typer(no_args_is_help=True, help="Keys of provider accounts.")

# In the order of the help.
app.command()(stack.up)
app.command()(stack.down)
app.command()(stack.demo)
app.command()(dropping.drop)
app.command()(checking.check)
app.command()(asking.jobs)
app.command()(asking.job)
app.command()(asking.rows)
app.command()(asking.person)
app.command()(files.results)
app.command()(retrying.retry)
app.command()(cancelling.cancel)
app.command()(subscribing.subscribe)
app.command()(erasing.erase)
app.command()(dashboard.dashboard)
app.add_typer(route_app, name="route")
route_app.command("put")(routes.put_route)
route_app.command("list")(routes.list_routes)
route_app.command("show")(routes.show_route)
app.add_typer(account_app, name="account")
account_app.command("put")(accounts.put_account)
account_app.command("list")(accounts.list_accounts)
account_app.command("test")(probing.probe_account)
