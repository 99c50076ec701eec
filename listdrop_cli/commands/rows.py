"""`rows`: what became of a job's rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from listdrop.models import Outcome, RowFilter, RowItem
from listdrop_cli.lookups import named_job
from listdrop_cli.options import AllOption, JobArgument, JsonOption, LimitOption, words
from listdrop_cli.output import err, is_terminal, show_json, show_table, tell_of_more
from listdrop_cli.questions import ROWS_PER_PAGE, everything, first
from listdrop_cli.target import Target, with_target


@with_target
def rows(
    target: Target,
    job_id: JobArgument,
    outcome: Annotated[
        list[str] | None,
        typer.Option(metavar="OUTCOME", help=f"Only these outcomes: {', '.join(Outcome)}."),
    ] = None,
    text: Annotated[
        str, typer.Option(help="Only rows with this text in the address, profile or reason.")
    ] = "",
    limit: LimitOption = 50,
    every: AllOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show what became of a job's rows, and why.

    In a pipe, each line has: row, line in the file, outcome, reason, sentence, address,
    profile, the provider's reference.

    Example: listdrop rows spring-kakiyo-0123456789abcdef --outcome refused,unknown
    """
    wanted = RowFilter(frozenset(words(Outcome, outcome)), text)
    records = target.records()
    job = named_job(target, job_id)
    size = ROWS_PER_PAGE if every else min(limit + 1, ROWS_PER_PAGE)
    asked = everything(lambda cursor: records.rows(job, wanted, cursor, size))
    if every and not as_json and not is_terminal():
        _show_rows(asked)  # a million rows, one after the other
        return
    found, is_more = first(asked, None if every else limit)
    if as_json:
        show_json(
            {
                "job_id": job_id,
                "rows": [row.model_dump(mode="json") for row in found],
                "more": is_more,
            }
        )
        return
    if found or not is_terminal():
        _show_rows(found, "e-mail" if any(row.email for row in found) else "profile")
    else:
        err.print("No rows.")
    tell_of_more(is_more)
    if not found and job.row_items != "all":
        kept = "only bad rows" if job.row_items == "bad" else "no rows"
        err.print(f"The route keeps {kept} here; results.csv has them all.")


def _show_rows(found: Iterable[RowItem], who: str = "e-mail") -> None:
    show_table(
        ("row", "line", "outcome", "reason", "what it means", "e-mail", "profile", "reference"),
        (
            (
                row.row,
                row.line,
                row.outcome.value,
                row.reason or row.warning,
                row.reason_text or row.warning_text,
                row.email,
                row.linkedin_url,
                row.provider_ref,
            )
            for row in found
        ),
        shown=("row", "outcome", who, "reason", "what it means"),
    )
