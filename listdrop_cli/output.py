"""How commands answer: tables for people, tabs for pipes, JSON for programs, one sentence on error.

On a terminal a table is a table. Elsewhere each of its rows is one line of tab-separated cells,
without a header, as `cut` and `awk` want it.

Every command imports this, also for its help: what only an answer or an error needs is imported
when there is one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from listdrop.models import Job

_WIDTH = None if sys.stdout.isatty() else 120
out = Console(highlight=False, soft_wrap=True, width=_WIDTH)
err = Console(stderr=True, highlight=False, soft_wrap=True)

_INTERNAL = {
    "session", "version", "first_open", "first_unsent", "poll_from", "send_at", "poll_at", "table",
    "has_marks",
}  # fmt: skip
"""The workflow's own members of a job; what a provider's session holds stays inside."""

YES, NO, FAILED = 0, 1, 2
"""Exit codes: success; no, or bad rows; it could not be done."""


class plain_errors:  # noqa: N801 # reads as a statement
    """Ends the command with one sentence, where an error is one that a person can act on."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is None:
            return
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        from listdrop.errors import UploadRejectedError

        if isinstance(error, UploadRejectedError):
            fail(str(error))
        if isinstance(error, ClientError | BotoCoreError | Boto3Error):
            fail(aws_sentence(error))
        # A pipe that nobody reads any more is no error: `listdrop rows JOB --all | head`.
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            where = f"{error.filename}: " if error.filename else ""
            fail(f"{where}{error.strerror or error}.")


def aws_sentence(error: Exception) -> str:
    """Return what AWS, or what asks it, says; of a missing region what to do."""
    from botocore.exceptions import NoRegionError

    if isinstance(error, NoRegionError):
        return "No region is given: set AWS_REGION, or pass --region."
    return f"AWS: {str(error).rstrip('.')}."


def fail(message: str) -> NoReturn:
    """Say what is wrong, and end the command with the code for that."""
    err.print(f"[red]{escape(message)}[/red]")
    raise typer.Exit(FAILED)


def job_json(job: Job) -> dict[str, Any]:
    """Return what programs are told of a job."""
    return job.model_dump(mode="json", exclude=_INTERNAL)


def tell_of_more(is_more: bool) -> None:
    """Say to a person that a list goes on."""
    if is_more and is_terminal():
        err.print("[dim]There are more: --limit N, or --all.[/dim]")


def is_terminal() -> bool:
    """Whether a person is looking, as far as one can tell."""
    return sys.stdout.isatty()


def show_json(data: Any) -> None:
    """Print one JSON document; colours are for people only."""
    from listdrop.models import iso

    text = json.dumps(data, indent=2, ensure_ascii=False, default=iso)
    if is_terminal():
        out.print_json(text)
    else:
        typer.echo(text)


def show_table(
    headers: Sequence[str],
    rows: Iterable[Sequence[Any]],
    shown: Sequence[str] = (),
    needed: Sequence[str] = (),
) -> None:
    """Print rows as a table, or as tab-separated lines where nobody is looking.

    `shown` are the columns that a terminal gets, and `needed` those of them that it gets however
    narrow it is; by default all of them.
    """
    from listdrop_cli.tables import Fitted, printable

    if is_terminal():
        places = [headers.index(name) for name in shown or headers]
        kept = ([row[place] for place in places] for row in rows)
        out.print(Fitted([headers[place] for place in places], kept, needed))
        return
    for row in rows:
        typer.echo("\t".join(map(printable, row)))
