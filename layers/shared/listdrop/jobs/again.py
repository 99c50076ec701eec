"""Rows of a job that are sent again or corrected: which they are, and where they may go."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Sequence
from typing import IO

from listdrop.jobs.result_files import ResultTable, as_text
from listdrop.models import BatchItem, Destination, Job, Outcome, Route, files, job_id_for
from listdrop.ports import Archive
from listdrop.tables.naming import READABLE

SUFFIXES = READABLE
"""How the name of a file ends that can be dropped in a browser."""


def destination_of(job: Job, route: Route) -> Destination | None:
    """Return the destination of a route that made a job; `None` if it has left the route."""
    made = (each for each in route.destinations if _makes(each, job))
    return next(made, None)


def _makes(destination: Destination, job: Job) -> bool:
    return job_id_for(job.upload, job.route, destination) == job.job_id


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
    with tempfile.TemporaryFile() as file:
        for piece in archive.read(job.job_id, files.RETRY):
            file.write(piece)
        file.seek(0)
        with as_text(file) as lines:
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

    Both files are open with `newline=""`. Nothing is written where there are none, nor of an upload
    that was deleted before its job ended: its cells are not in the result files.
    """
    found = ResultTable(files.RESULTS, results)
    if not any(found.own_header):
        return 0
    writer = csv.writer(to, delimiter=found.delimiter)
    written = 0
    for row in found.rows():
        if row.row not in wanted or row.outcome is not Outcome.UNKNOWN:
            continue
        if not any(row.cells):  # a person who was erased
            continue
        if not written:
            writer.writerow(found.own_header)
        writer.writerow(row.cells)
        written += 1
    return written


def count_rows(retry: Iterable[str]) -> int:
    """Return how many rows a `retry.csv` has; empty ones are none."""
    return sum(1 for cells in ResultTable(files.RETRY, retry).records() if any(cells[:-1]))
