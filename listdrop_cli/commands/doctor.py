"""`doctor`: whether a stack works, and what to do if not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from listdrop_cli.examining import examine
from listdrop_cli.options import JsonOption
from listdrop_cli.output import NO, YES, show_json, show_table
from listdrop_cli.target import Target, with_target


@with_target
def doctor(
    target: Target,
    accounts: Annotated[
        bool,
        typer.Option(
            "--accounts/--no-accounts",
            help="Ask each provider whether it accepts the key, as `account test` does.",
        ),
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Say of a stack what works, what does not, and what to do. Nothing is changed.

    Exits with 1 if there is a problem. In a pipe, each line has: what was looked at, `ok` or
    `problem`, a sentence. Kakiyo charges one credit for the question about its key.

    Example: listdrop doctor
    """
    _ = target.outputs  # ends with a sentence where there is no such stack
    found = list(examine(target, datetime.now(UTC), accounts=accounts))
    is_ok = all(each.is_ok for each in found)
    if as_json:
        show_json(
            {"stack": target.stack, "ok": is_ok, "checks": [each._asdict() for each in found]}
        )
    else:
        show_table(
            ("item", "result", "what was found"),
            [(each.item, "ok" if each.is_ok else "problem", each.text) for each in found],
        )
    raise typer.Exit(YES if is_ok else NO)
