"""The notice of an upload: how it went at each of its destinations, and what to do next.

It is published once, when the last of the upload's jobs has ended. Programs get JSON
(`listdrop.upload.v1`), people an e-mail in place of one for each destination.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from listdrop.costs.job_costs import cost_of_job, sum_of
from listdrop.models import PROBLEMS, EndedJob, Group, Job, JobFigures, JobState, iso, rows_in
from listdrop.notices import document as job_document
from listdrop.notices.email import (
    advice,
    ascii_line,
    file_lines,
    headline,
    plain,
    reason_lines,
    section,
)
from listdrop.notices.email import subject as job_subject
from listdrop.notices.links import NO_LINKS, Links
from listdrop.notices.wording import plural

SCHEMA = "listdrop.upload.v1"

_WORST_FIRST = (
    JobState.HELD,
    JobState.REJECTED,
    JobState.FAILED,
    JobState.EXPIRED,
    JobState.PARTIAL,
    JobState.CANCELLED,
    JobState.SUCCEEDED,
    JobState.SKIPPED,
)
_UPLOAD_MEMBERS = ("bucket", "key", "version_id")
_MOST_JSON, _MOST_LINES, _MOST_PARTS = 130_000, 30_000, 80_000
"""Bytes of the jobs in the JSON, and of their lines and parts in the e-mail, as SNS takes 256 KB
for all protocols together: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""

_MOST_NAMES = 20
"""Jobs that are named where the same is to know about them."""


class Told(NamedTuple):
    """A job that has ended, and what its own notice said."""

    job: Job
    ended: EndedJob


def state_of(jobs: Sequence[Job]) -> JobState:
    """Return the worst state of an upload's jobs."""
    return min((job.state for job in jobs), key=_WORST_FIRST.index)


def document(told: Sequence[Told]) -> dict[str, Any]:
    """Return the notice's JSON. It has no personal data.

    An archive may make more jobs than a notice has room for: then `jobs_left_out` says how many of
    them are missing, and the worst are told.
    """
    jobs = [each.job for each in told]
    upload = jobs[0].upload.model_dump(mode="json")
    members: dict[str, Any] = {
        "schema": SCHEMA,
        "upload": {name: upload[name] for name in _UPLOAD_MEMBERS},
        "route": jobs[0].route,
        "state": state_of(jobs).value,
        "jobs": _fitting(told),
        "started_at": iso(min(job.started_at or job.created_at for job in jobs)),
        "finished_at": _ended_at(jobs),
    }
    for name in ("dropped_by", "retry_of", "corrects"):
        if named := next(filter(None, (getattr(job, name) for job in jobs)), ""):
            members[name] = named
    if left_out := len(told) - len(members["jobs"]):
        members["jobs_left_out"] = left_out
    return members


def _ended_at(jobs: Sequence[Job]) -> str | None:
    """Return when the last of the jobs ended; none while one is held."""
    ends = [job.finished_at for job in jobs if job.finished_at]
    return iso(max(ends)) if len(ends) == len(jobs) else None


def _fitting(told: Sequence[Told]) -> list[dict[str, Any]]:
    """Return the jobs' notices; of too many, the worst."""
    found: list[dict[str, Any]] = []
    size = 0
    for job, ended in _in_order(told):
        members = job_document.document(job, ended.reasons)
        upload = members.pop("upload")
        if table := upload.get("table"):
            members["table"] = table
        size += _sent(job_document.encode(members))
        if size > _MOST_JSON:
            break
        found.append(members)
    return found


def _sent(text: str) -> int:
    """Return how many bytes a text takes in a message, which is JSON of JSON and of plain text."""
    return len(json.dumps(text))


def _in_order(told: Sequence[Told]) -> Sequence[Told]:
    """Return the worst first."""

    def rank(each: Told) -> tuple[int, str, str]:
        job = each.job
        return _WORST_FIRST.index(job.state), job.upload.table, job.provider

    return sorted(told, key=rank)


def attributes(told: Sequence[Told]) -> dict[str, str | int]:
    """Return the message attributes for filter policies.

    `rows` counts each row of the upload once, `bad_rows` once for each destination where it is bad.
    """
    jobs = [each.job for each in told]
    first = jobs[0]
    dropped_by = {"dropped_by": first.dropped_by} if first.dropped_by else {}
    return dropped_by | {
        "kind": "upload",
        "state": state_of(jobs).value,
        "route": first.route,
        "rows": rows_of(jobs),
        "bad_rows": sum(rows_in(job.counts, Group.BAD) for job in jobs),
        "warnings": sum(len(job.warnings) for job in jobs),
    }


def rows_of(jobs: Sequence[Job | JobFigures]) -> int:
    """Return how many rows an upload has: each once, however many destinations it has."""
    rows: dict[str, int] = {}
    for job in jobs:
        table = job.upload.table
        rows[table] = max(rows.get(table, 0), job.counts["rows"])
    return sum(rows.values())


def needs_a_look(job: Job) -> bool:
    """Whether somebody should look at a job that has ended."""
    return job.state in PROBLEMS or bool(job.warnings)


# ---------------------------------------------------------------- the e-mail


def subject(told: Sequence[Told]) -> str:
    """Return the e-mail's subject: one line of ASCII under 100 characters, as SNS requires."""
    if len(told) == 1:
        return job_subject(told[0].job)
    first = told[0].job
    after = f" {state_of([each.job for each in told]).value}: {_look(told)}"
    before = "Listdrop: "
    route = first.route[: 99 - len(before) - len(after)]
    return ascii_line(before + route + after)


def _look(told: Sequence[Told]) -> str:
    looks = sum(needs_a_look(each.job) for each in told)
    kind = "job" if any(each.job.upload.table for each in told) else "destination"
    count = plural(len(told), kind)
    if not looks:
        return f"{count}, none needs a look"
    return f"{looks} of {count} {'needs' if looks == 1 else 'need'} a look"


def text(told: Sequence[Told], links: Links = NO_LINKS) -> str:
    """Return the e-mail's text: each destination in a line, and what to do about some.

    If people can open the dashboard, the page of the upload is its only link, and has the rest.
    """
    ordered = _in_order(told)
    jobs = [each.job for each in ordered]
    first = jobs[0]
    page = links.upload(first.job_id)
    paragraphs = [
        f"{plain(first.upload.key)}: {_look(told)}.",
        page and f"Every row, the files, and what to do about them:\n  {page}",
        "\n".join(_about(jobs)),
        section("What became of it", _lines(jobs)),
    ]
    paragraphs += _parts([each for each in ordered if needs_a_look(each.job)], jobs, links)
    if not page:
        paragraphs.append(f"Each row at every destination:\n  listdrop upload {first.job_id}")
    return "\n\n".join(filter(None, paragraphs)) + "\n"


def _about(jobs: Sequence[Job]) -> Iterator[str]:
    first = jobs[0]
    yield f"File:   {plain(first.upload.key)}"
    yield f"Route:  {plain(first.route)}"
    yield f"State:  {state_of(jobs).value}"
    yield f"Ended:  {max(job.finished_at or job.updated_at for job in jobs):%Y-%m-%d %H:%M} UTC"
    if cost := sum_of(map(cost_of_job, jobs)).words:
        yield f"Cost:   {cost}"


def _lines(jobs: Sequence[Job]) -> Iterator[str]:
    size = 0
    for number, job in enumerate(jobs):
        line = f"- {_name(job)}, {job.state.value}: {headline(job)}"
        size += _sent(line)
        if size > _MOST_LINES:
            yield f"- {plural(len(jobs) - number, 'more job')}"
            return
        yield line


def _name(job: Job) -> str:
    to = job.provider if job.destination else "no destination"
    return f"{plain(job.upload.table)} to {to}" if job.upload.table else to


def _parts(told: Sequence[Told], beside: Sequence[Job], links: Links) -> Iterator[str]:
    """Yield what to know about each job, and what to do about it; once, if it is all the same."""
    found: dict[str, list[Job]] = {}
    for job, ended in told:
        found.setdefault(_part(job, ended, beside, links), []).append(job)
    size, left = 0, len(told)
    for body, jobs in found.items():
        names = [f"{_name(job)}, job {job.job_id}" for job in jobs[:_MOST_NAMES]]
        if more := len(jobs) - len(names):
            names.append(plural(more, "more job"))
        part = f"{'; '.join(names)}:\n{body}" if body else ""
        size += _sent(part)
        if size > _MOST_PARTS:
            yield f"{plural(left, 'more job needs', 'more jobs need')} a look."
            return
        left -= len(jobs)
        yield part


def _part(job: Job, ended: EndedJob, beside: Sequence[Job], links: Links) -> str:
    lines = [f"- {plain(warning.text)}" for warning in job.warnings]
    if job.reason_text and job.state is not JobState.CANCELLED:
        lines.insert(0, f"  {plain(job.reason_text)}")
    lines += reason_lines(job, ended.reasons)
    retryable, rejected = job.to_send_again or 0, job.to_correct or 0
    lines += advice(job, ended.reasons, retryable, rejected, links, beside)
    if not links.dashboard:
        lines += file_lines(job, retryable, rejected, links)
    return "\n".join(dict.fromkeys(lines))
