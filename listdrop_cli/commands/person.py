"""`person`: what happened to somebody, in every job."""

from __future__ import annotations

from typing import Annotated

import typer

from listdrop.cells.persons import Names
from listdrop.cells.profiles import person_key
from listdrop_cli.moments import listed_moment
from listdrop_cli.options import AllOption, JsonOption, LimitOption
from listdrop_cli.output import NO, err, fail, show_json, show_table, tell_of_more
from listdrop_cli.questions import ROWS_PER_PAGE, called, first, names_nobody, rows_of, who_is
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

    Address and profile of a row lead to each other, so either is enough. Exits with 1 if nothing is
    known about the person. In a pipe, each line has: job, provider, row,
    outcome, reason, sentence, when the job began.

    Example: listdrop person ada@example.com
    """
    key = person_key(who)
    if not key:
        fail(names_nobody(who))
    records = target.records()
    size = ROWS_PER_PAGE if every else min(limit + 1, ROWS_PER_PAGE)
    names = who_is(records, key)
    found, is_more = first(rows_of(records, names.own, size), None if every else limit)
    unkept = {job for name in names.own for job, _ in records.rows_without_items(name)}
    if as_json:
        show_json(
            {
                "person": key,
                "names": sorted(names.own),
                "shared": sorted(names.shared),
                "rows": [row.model_dump(mode="json") for row in found],
                "more": is_more,
                "without_items": sorted(unkept),
            }
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
    if not as_json:
        _tell_more(key, names, unkept, is_found=bool(found))
    if not found and not unkept:
        raise typer.Exit(NO)


def _tell_more(key: str, names: Names, unkept: set[str], *, is_found: bool) -> None:
    """Say what else is known: other names, and jobs that no row item says more of."""
    if names.own - {key}:
        others = ", ".join(map(called, sorted(names.own - {key})))
        err.print(f"The same rows name {others}, which was searched, too.", markup=False)
    if names.shared:
        shared = ", ".join(map(called, sorted(names.shared)))
        err.print(f"Several people share {shared}: others' rows are not followed.", markup=False)
    if unkept:
        err.print(
            "Rows without items, which are not settled yet or which the route does not keep, also "
            f"name this person. Look in the results.csv of {', '.join(sorted(unkept))}.",
            markup=False,
        )
    if not is_found and not unkept:
        err.print(f"Nothing is known about {called(key)}.", markup=False)
