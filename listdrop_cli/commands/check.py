"""`check`: a file before it is dropped."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from listdrop.costs.job_costs import Cost, sum_of
from listdrop.notices.wording import plural
from listdrop.plans.previewing import (
    DestinationPreview,
    Preview,
    ProblemPreview,
    preview_upload,
)
from listdrop.providers import REGISTRY
from listdrop.providers.routing import parse_route
from listdrop_cli.deciding import decided
from listdrop_cli.files import chunks, text_of
from listdrop_cli.lookups import route_text
from listdrop_cli.options import JsonOption
from listdrop_cli.output import NO, YES, err, fail, out, show_json
from listdrop_cli.tables import Fitted
from listdrop_cli.target import Target, with_target

_DELIMITERS = {"\t": "tab", " ": "space", ",": "comma", ";": "semicolon", "|": "pipe"}


@with_target
def check(
    target: Target,
    file: Annotated[Path, typer.Argument(help="The file to check.", exists=True, dir_okay=False)],
    route: Annotated[str, typer.Option(help="A route of the stack, or a file that holds one.")],
    suppression_list: Annotated[
        Path | None,
        typer.Option(help="The route's suppression list, as a file.", exists=True, dir_okay=False),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read a file as Submit would and show what would be sent, without asking any provider.

    On a route of the stack, rows that name their jobs go to those jobs' destinations only.

    Exits with 0 if any row would be sent, 1 if none would, 2 if the file can't be used.

    Example: listdrop check events/prospects.csv --route events/demo-route.json
    """
    file_of_route = Path(route)
    is_file = file_of_route.is_file()
    if not is_file and (len(file_of_route.parts) > 1 or file_of_route.suffix == ".json"):
        fail(f"There is no file {route}.")
    text = text_of(file_of_route) if is_file else route_text(target, route)
    kept_days = 0 if is_file else target.kept_days
    wanted = parse_route(route, text, kept_days=kept_days)
    suppression = partial(chunks, suppression_list) if suppression_list else None
    takes: list[frozenset[str]] = []
    if not is_file:
        found = decided(file, route, wanted, target)
        wanted = found.route or wanted
        takes = list(map(frozenset, found.named)) if found.by_row else []
    previews = preview_upload(
        chunks(file),
        file.name,
        wanted,
        REGISTRY,
        suppression,
        takes=takes,
        kept_days=kept_days,
    )
    if wanted.suppression_list and suppression is None:
        err.print(
            f"The route's list {escape(wanted.suppression_list)} is not applied here: pass it with "
            "--suppression-list."
        )
    if not as_json:
        for preview in previews:
            _show(preview)
    elif previews[0].table:
        show_json({"tables": [preview.model_dump(mode="json") for preview in previews]})
    else:
        show_json(previews[0].model_dump(mode="json"))
    raise typer.Exit(YES if any(preview.sends_anything for preview in previews) else NO)


def _show(preview: Preview) -> None:
    if preview.table:
        out.print(f"\n[bold]{escape(preview.table)}[/bold]")
    if preview.reason:
        out.print(f"cannot be used: {preview.reason}: {escape(preview.reason_text)}")
        return
    delimiter = _DELIMITERS.get(preview.delimiter, preview.delimiter)
    source = f", recognised as {preview.source}" if preview.source else ""
    packed = f"{preview.container}, " if preview.container else ""
    out.print(
        f"{plural(preview.rows, 'row')}, {packed}{preview.encoding}, "
        f"delimiter {escape(delimiter)}, header in line {preview.header_line}{source}"
    )
    for warning in preview.warnings:
        out.print(f"[yellow]warning[/yellow]: {warning.code}: {escape(warning.text)}")
    if preview.footer:
        out.print(
            f"left out at the end, as a report's footer: {plural(len(preview.footer), 'row')}"
        )
        for row in preview.footer:
            out.print(f"  {escape(' '.join(row.split())[:100])}")
    out.print(
        Fitted(
            ("column", "goes to", "example"),
            (
                (column.header, column.field or "-", " ".join(column.example.split())[:40])
                for column in preview.columns
            ),
        )
    )
    for destination in preview.destinations:
        _show_destination(destination)
    costs = [Cost(**each.cost) for each in preview.destinations if not each.reason]
    if len(costs) > 1 and (in_all := sum_of(costs).words):
        out.print(f"\nin all: {in_all}")


def _show_destination(destination: DestinationPreview) -> None:
    if destination.reason:
        text = escape(destination.reason_text)
        out.print(f"\n{destination.provider}: nothing to send: {destination.reason}: {text}")
        return
    settled = ", ".join(f"{count} {word}" for word, count in destination.not_sent.items())
    batches = plural(destination.batches, "batch", "batches")
    requests = plural(destination.requests, "request")
    out.print(
        f"\n{destination.provider}: {plural(destination.to_send, 'row')} to send in "
        f"{batches}, {requests}, {_time(destination)}"
        f"{'; not sent: ' + settled if settled else ''}"
    )
    if cost := Cost(**destination.cost).words:
        out.print(f"  costs {cost}, including status checks")
    if destination.deadline_text:
        out.print(f"  [yellow]deadline[/yellow]: {escape(destination.deadline_text)}")
    sent = (
        f"{column.header} as {column.sent_as}" if column.header != column.sent_as else column.header
        for column in destination.columns_sent
    )
    out.print(f"  columns sent: {escape(', '.join(sent) or 'none')}")
    out.print(f"  columns not sent: {escape(', '.join(destination.columns_not_sent) or 'none')}")
    if destination.example is not None:
        example = json.dumps(destination.example, ensure_ascii=False)
        out.print(f"  the first row goes out as {escape(example)}")
    for problem in destination.problems:
        _show_problem(problem)
    _show_rest(sum(destination.not_sent.values()) - len(destination.problems))
    if destination.warned:
        out.print(f"  {destination.warned} of them with a warning")
    for problem in destination.warnings:
        _show_problem(problem)
    _show_rest(destination.warned - len(destination.warnings))


def _time(destination: DestinationPreview) -> str:
    minutes = destination.minutes
    return f"at least {plural(minutes, 'minute')}" if minutes >= 1 else "under a minute"


def _show_problem(problem: ProblemPreview) -> None:
    where = f"  row {problem.row} (line {problem.line})"
    text = f": {problem.text}" if problem.text else ""
    out.print(f"{where}: {problem.outcome or 'sent'}, {escape(problem.reason + text)}")


def _show_rest(more: int) -> None:
    if more > 0:
        out.print(f"  and {more} more")
