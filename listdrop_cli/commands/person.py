"""`person`: what happened to somebody, in every job."""

from __future__ import annotations

from typing import Annotated

import typer

from listdrop.cells.profiles import person_key
from listdrop_cli.moments import listed_moment
from listdrop_cli.options import AllOption, JsonOption, LimitOption
from listdrop_cli.output import NO, err, fail, show_json, show_table, tell_of_more
from listdrop_cli.questions import ROWS_PER_PAGE, called, everything, first
from listdrop_cli.target import Target, with_target


@with_target
def person(
    target: Target,
    who: Annotated[
        str, typer.Argument(metavar="PERSON", help="An e-mail address or a LinkedIn profile.")
    ],
    limit: LimitOption = 50,
    every: AllOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show what happened to a person in every job, newest first.

    Some providers know people by their address and others by their profile, so try both. Exits
    with 1 if nothing is known about the person. In a pipe, each line has: job, provider, row,
    outcome, reason, sentence, when the job began.

    Example: listdrop person ada@example.com
    """
    key = person_key(who)
    if not key:
        fail(f"{who!r} is neither an e-mail address nor a LinkedIn profile (linkedin.com/in/...).")
    records = target.records()
    size = ROWS_PER_PAGE if every else min(limit + 1, ROWS_PER_PAGE)
    asked = everything(lambda cursor: records.rows_of_person(key, cursor, size))
    found, is_more = first(asked, None if every else limit)
    if as_json:
        show_json(
            {"person": key, "rows": [row.model_dump(mode="json") for row in found], "more": is_more}
        )
    elif found:
        show_table(
            ("job", "provider", "row", "outcome", "reason", "what it means", "began"),
            [
                (
                    row.job_id,
                    row.provider,
                    row.row,
                    row.outcome.value,
                    row.reason,
                    row.reason_text,
                    listed_moment(row.created_at),
                )
                for row in found
            ],
            shown=("job", "row", "outcome", "reason", "began"),
        )
        tell_of_more(is_more)
    if not found:
        if not as_json:
            err.print(f"Nothing is known about {called(key)}.", markup=False)
        raise typer.Exit(NO)
