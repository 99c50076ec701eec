"""`upload`: how one upload went at each of its destinations."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from listdrop.dashboard.across import BAD, RowAcross, joined
from listdrop.dashboard.grouping import (
    Dropped,
    account_of,
    before_on_key,
    destination_of,
    last_of_key,
    last_of_name,
    left_to_do,
    upload_of,
)
from listdrop.models import Job, JobState, RowItem, Upload
from listdrop.notices.advice import Step, to_do, warned
from listdrop.ports import Records
from listdrop_cli.commands.uploads import upload_json
from listdrop_cli.lookups import find_job, named_job
from listdrop_cli.moments import moment
from listdrop_cli.options import AllOption, JsonOption, LimitOption
from listdrop_cli.output import err, fail, is_terminal, out, show_json, show_table, tell_of_more
from listdrop_cli.questions import ROWS_PER_PAGE, balance_of, everything, first
from listdrop_cli.tables import printable
from listdrop_cli.target import Target, with_target

_MOST_ROWS = 5_000
"""Bad rows that are read of each job."""
_JOB_ID = re.compile(r".+-[0-9a-f]{16}")
_LOOKED_BACK = timedelta(days=30)
"""For how long an upload is found by its file's name alone."""
_MOST_BESIDE, _MOST_EARLIER = 2_000, 3
"""Jobs of the route that are looked through for earlier versions of a key, and of which the newest
are shown."""


@with_target
def upload(
    target: Target,
    which: Annotated[
        str,
        typer.Argument(
            metavar="KEY|JOB|NAME",
            help="The upload's key, which stands for what was dropped there last, a job of it, or "
            "the file's name, if no other key of the last 30 days ends in it.",
        ),
    ],
    rows: Annotated[
        bool, typer.Option("--rows", help="Include each row that is bad at a destination.")
    ] = False,
    limit: LimitOption = 50,
    every: AllOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show how an upload went at each of its destinations, and what to do next.

    With --rows, a row that is bad somewhere has its outcome there; an empty cell says that it is
    not bad at that destination. In a pipe, each line has: destination, job, state, rows, good,
    settled, bad, what to do next; or with --rows: file in an archive, row, address or profile, and
    then the outcome at each destination, in the order of the jobs.

    Example: listdrop upload inbox/demo/prospects.csv --rows
    """
    dropped = upload_of(target.records(), _job(target, which))
    left = {job.job_id: steps for job, steps in left_to_do(target.records(), dropped.jobs)}
    bad = _bad_rows(target, dropped) if rows else []
    shown = bad if every else bad[:limit]
    is_more = len(shown) < len(bad)
    if as_json:
        told = upload_json(dropped) | {"to_do": list(_to_do_json(left))}
        if rows:
            told |= {"bad": list(map(_row_json, shown)), "more": is_more}
        show_json(told)
        return
    if is_terminal():
        show_table(("name", "value"), [*_facts(dropped), *_earlier(target, dropped)])
        out.print()
    if is_terminal() or not rows:
        _show_jobs(dropped, left)
    if is_terminal():
        for line in _to_do(dropped, left):
            out.print(line, markup=False)
    if rows:
        _show_rows(dropped, shown)
        tell_of_more(is_more)


def _job(target: Target, which: str) -> Job:
    """Return a job of the upload that is meant, or end the command with a sentence."""
    if "/" not in which:
        if _JOB_ID.fullmatch(which):
            return named_job(target, which)
        return find_job(target, which) or _job_by_name(target, which)
    key = re.sub(r"^s3://[^/]+/", "", which)
    found = last_of_key(target.records(), key if key.startswith("inbox/") else f"inbox/{key}")
    if found is None:
        fail(f"No job of {which} was found: see `listdrop uploads --since 30d`.")
    return found


def _job_by_name(target: Target, name: str) -> Job:
    now = datetime.now(UTC)
    found = last_of_name(target.records(), name, now - _LOOKED_BACK, now + timedelta(days=1))
    if not found:
        fail(
            f"There is no job {name}, and no file of this name was dropped in the last 30 days: "
            "see `listdrop uploads --since 30d`."
        )
    if len(found) > 1:
        keys = ", ".join(sorted(_key_to_say(job.upload) for job in found))
        fail(f"Several uploads have this name: choose one of {keys}.")
    return found[0]


def _key_to_say(upload: Upload) -> str:
    """Return by what an upload is found: without a slash it would be a name."""
    return upload.key.removeprefix("inbox/") if upload.route else upload.key


def _earlier(target: Target, dropped: Dropped[Job]) -> list[tuple[str, str]]:
    """Return what was dropped under the same key before, and how to see it."""
    earlier = before_on_key(target.records(), dropped.jobs[0], _MOST_BESIDE)
    return [
        ("dropped before", f"{moment(job.created_at)}: listdrop upload {job.job_id}")
        for job in earlier[:_MOST_EARLIER]
    ]


def _facts(dropped: Dropped[Job]) -> list[tuple[str, str]]:
    jobs = dropped.jobs
    ended = max((job.finished_at for job in jobs if job.finished_at), default=None)
    corrects, again = (
        ", ".join(sorted({getattr(job, name) for job in jobs} - {""}))
        for name in ("corrects", "retry_of")
    )
    facts = [
        ("file", dropped.upload.key),
        ("version", dropped.upload.version_id),
        ("route", dropped.route),
        ("dropped by", dropped.dropped_by),
        ("dropped", moment(dropped.created_at)),
        ("ended", moment(ended) if dropped.has_ended else ""),
        ("rows", str(dropped.rows)),
        ("corrects", corrects),
        ("sends again", again),
    ]
    return [(name, value) for name, value in facts if value]


def _show_jobs(dropped: Dropped[Job], left: Mapping[str, Sequence[Step]]) -> None:
    headers = ["destination", "job", "state", "rows", "good", "settled", "bad", "to do"]
    show_table(
        headers,
        [
            (
                destination_of(job),
                job.job_id,
                job.state.value,
                job.counts["rows"],
                *balance_of(job)[:3],
                "; ".join(each.said for each in left[job.job_id]),
            )
            for job in dropped.jobs
        ],
        shown=headers[:-1],
        needed=("destination", "state", "rows", "bad"),
    )


def _to_do(dropped: Dropped[Job], left: Mapping[str, Sequence[Step]]) -> Iterator[str]:
    """Yield why jobs are as they are, and what to do next; once, if it is the same of several."""
    for warning, jobs in warned(dropped.jobs).items():
        yield f"\n{', '.join(map(destination_of, jobs))}:"
        yield f"  {printable(f'warning: {warning.code}: {warning.text}')}"
    for found in to_do((job, left[job.job_id]) for job in dropped.jobs):
        if found.why or found.steps:
            yield f"\n{', '.join(map(destination_of, found.jobs))}:"
        if found.why:
            yield f"  {printable(found.why)}"
        yield from (f"  {step.said}" for step in found.steps)
    open_jobs = [job for job in dropped.jobs if not job.state.is_terminal]
    if any(job.state is not JobState.HELD for job in open_jobs):
        yield "\nSome jobs have not ended yet: run this command again later."
    elif open_jobs:
        yield "\nIt waits for approval, and nothing more is sent before."


def _to_do_json(left: Mapping[str, Sequence[Step]]) -> Iterator[dict[str, str]]:
    for job_id, steps in left.items():
        for step in steps:
            yield {"job_id": job_id, "text": step.text, "command": step.command}


# ---------------------------------------------------------------- rows


def _bad_rows(target: Target, dropped: Dropped[Job]) -> list[RowAcross]:
    """Return the rows that are bad at a destination, in order."""
    records = target.records()
    return joined((job, _bad_rows_of(records, job)) for job in dropped.jobs)


def _bad_rows_of(records: Records, job: Job) -> Sequence[RowItem]:
    read, is_more = first(
        everything(lambda cursor: records.rows(job, BAD, cursor, ROWS_PER_PAGE)), _MOST_ROWS
    )
    if is_more:
        err.print(f"Of {job.job_id}, {_MOST_ROWS:,} bad rows are read: results.csv has all.")
    if job.row_items == "none":
        err.print(f"No rows of {job.job_id} are kept here: results.csv has them.")
    return read


def _show_rows(dropped: Dropped[Job], rows: Sequence[RowAcross]) -> None:
    places = {_place(job): account_of(job) for job in dropped.jobs}
    jobs = {(job.upload.table, _place(job)): job.job_id for job in dropped.jobs}
    table = [
        (
            each.table,
            each.row,
            _who(each),
            *(_said_of(each.at.get(jobs.get((each.table, place), ""))) for place in places),
        )
        for each in rows
    ]
    headers = ["file", "row", "who", *places.values()]
    if not table and is_terminal():
        out.print("\nNo row is bad.")
        return
    if is_terminal():
        out.print()
    show_table(headers, table, shown=headers[0 if dropped.is_archive else 1 :])


def _who(bad: RowAcross) -> str:
    return next((row.email or row.linkedin_url for row in bad.at.values()), "")


def _place(job: Job) -> str:
    """Return what tells a destination from the others of its route, for every file alike."""
    return json.dumps([job.provider, job.account, job.destination], sort_keys=True)


def _said_of(row: RowItem | None) -> str:
    """Return what became of a row at a destination; nothing if it is not bad there."""
    if row is None:
        return ""
    return f"{row.outcome.value}: {row.reason}" if row.reason else row.outcome.value


def _row_json(bad: RowAcross) -> dict[str, Any]:
    outcomes = {
        job_id: {"outcome": row.outcome, "reason": row.reason, "reason_text": row.reason_text}
        for job_id, row in bad.at.items()
    }
    return {"table": bad.table, "row": bad.row, "who": _who(bad), "outcomes": outcomes}
