"""Which rows of a job are sent again, from its result files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import IO

from listdrop.jobs.result_files import ResultTable
from listdrop.models import BatchItem, Outcome, files


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
