"""Rows of a job that are sent again or corrected: which they are, and where they may go."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress
from typing import IO

from listdrop.errors import UploadRejectedError
from listdrop.jobs.fetching import fetched
from listdrop.jobs.result_files import ResultTable, as_text
from listdrop.models import BatchItem, Destination, Job, Outcome, Route, files, job_id_for
from listdrop.plans.naming import NamedJobs, named_jobs
from listdrop.plans.previewing import read_through
from listdrop.ports import Archive
from listdrop.tables.naming import READABLE

SUFFIXES = READABLE
"""How the name of a file ends that can be dropped in a browser."""

JobOf = Callable[[str], Job]
"""Finds a job by its id. Raises `KeyError`."""


_MOST_TIMES = 20
"""How often rows were sent again, at most, that are followed back to their first upload."""


def lineage(job: Job, job_of: JobOf) -> Iterator[Job]:
    """Yield a job, and those whose rows it sends again or corrects, the newest first."""
    for _ in range(_MOST_TIMES):
        yield job
        try:
            job = job_of(job.retry_of or job.corrects)
        except KeyError:
            return


def destination_of(job: Job, route: Route, job_of: JobOf) -> Destination:
    """Return where rows of a job go that are sent again: its destination, as the route has it now.

    Its options may have changed, as they had to where they were wrong. Then it is the only one of
    its provider and account that the rows' uploads have not been to: one that was on the route
    beside it has had them. Raises `UploadRejectedError` (`bad_route`).
    """
    for destination in route.destinations:
        if job_id_for(job.upload, job.route, destination) == job.job_id:
            return destination
    before = list(lineage(job, job_of))
    alike = [
        each
        for each in route.destinations
        if (each.provider, each.account) == (job.provider, job.account)
        and not any(_is_job(job_id_for(one.upload, one.route, each), job_of) for one in before)
    ]
    if len(alike) == 1:
        return alike[0]
    text = f"The destination of job {job.job_id}, whose rows are sent again, "
    if not alike:
        raise UploadRejectedError("bad_route", f"{text}is no longer on the route.")
    text += (
        f"has changed, and the route has {len(alike)} of {job.provider} that it could be: leave "
        "only one of them on it until these rows are sent."
    )
    raise UploadRejectedError("bad_route", text)


def destinations_named(
    named: NamedJobs,
    name: str,
    route: Route,
    find: Callable[[str], Job | None],
    job_of: JobOf,
) -> list[Destination]:
    """Return where rows of each job go that an upload names on the route of this name.

    Raises `UploadRejectedError` (`bad_route`).
    """
    found = []
    for job_id in named.job_ids:
        job = find(job_id)
        if job is None:
            text = (
                "The upload sends rows of a job that does not exist, or no longer does: drop them "
                f"without the column {files.JOB}, on a route with only the destination they are "
                "for."
            )
            raise UploadRejectedError("bad_route", text)
        if job.route != name:
            text = (
                f"The upload sends rows of job {job_id}, which is of the route {job.route}: drop "
                "it there."
            )
            raise UploadRejectedError("bad_route", text)
        found.append(destination_of(job, route, job_of))
    if named.nameless and len(named.job_ids) > 1:
        text = (
            f"Row {named.nameless} names no job in its column {files.JOB}, and the others name "
            "several: name there the job that it is from, and drop it again."
        )
        raise UploadRejectedError("bad_route", text)
    return found


def _is_job(job_id: str, job_of: JobOf) -> bool:
    try:
        job_of(job_id)
    except KeyError:
        return False
    return True


def check_named(named: NamedJobs | None, job_id: str) -> None:
    """See that rows name no other job than their upload does. Raises `UploadRejectedError`."""
    if named is not None and set(named.job_ids) != {job_id}:
        text = (
            f"Its rows name another job in their column {files.JOB} than the one they were dropped "
            "for. Drop it on the route without naming a job: the rows say where they go."
        )
        raise UploadRejectedError("bad_route", text)


def check_rows(content: bytes, name: str, route: Route, job_id: str) -> None:
    """See that a file can be read, and that its rows name no other job.

    What its columns are is not asked: for its first file, somebody may have decided that.
    Raises `UploadRejectedError`.
    """
    read_through(iter([content]), name, route)
    check_named(named_jobs(iter([content]), name, route.columns), job_id)


def retry_name(job: Job, batch: int | None = None) -> str:
    """Return the name under which rows of a job are dropped again: all, or those of a batch."""
    part = "" if batch is None else f"-batch-{batch:06d}"
    return f"retry-{job.job_id}{part}.csv"


def perhaps_there(job: Job, rows: int, *, are_unknown: bool = False) -> int:
    """Return how many of the rows to send again the provider may have already."""
    if job.is_nothing_sent:
        return 0
    return rows if are_unknown else min(rows, job.counts[Outcome.UNKNOWN])


def rows_to_retry(job: Job, archive: Archive) -> int:
    """Return how many rows a job's `retry.csv` has now: of a person who was erased, none."""
    with fetched(archive, job.job_id, files.RETRY) as file, as_text(file) as lines:
        return count_rows(lines)


def rows_of_batch(batches: Sequence[BatchItem], number: int) -> range | None:
    """Return the rows of the upload that a batch spans; `None` if there is no such batch."""
    places = {batch.number: batch.first_row for batch in batches}
    if number not in places:
        return None
    after = [first for first in places.values() if first > places[number]]
    return range(places[number], min(after, default=1 << 62))


def write_unknown(results: Iterable[str], wanted: range, to: IO[str]) -> int:
    """Write the unknown rows among these of a `results.csv`, as they came; returns their number.

    What was added in an earlier round is left out, as in `retry.csv`.

    Both files are open with `newline=""`. Nothing is written where there are none, nor of an upload
    that was deleted before its job ended: its cells are not in the result files.
    """
    found = ResultTable(files.RESULTS, results)
    if not any(found.own_header):
        return 0
    kept = [not files.is_of_a_round(name) for name in found.own_header]
    writer = csv.writer(to, delimiter=found.delimiter)
    written = 0
    for row in found.rows():
        if row.row not in wanted or row.outcome is not Outcome.UNKNOWN:
            continue
        if not any(row.cells):  # a person who was erased
            continue
        if not written:
            writer.writerow(compress(found.own_header, kept))
        writer.writerow(compress(row.cells, kept))
        written += 1
    return written


def count_rows(retry: Iterable[str]) -> int:
    """Return how many rows a `retry.csv` has; empty ones are none."""
    return sum(1 for cells in ResultTable(files.RETRY, retry).records() if any(cells[:-1]))
