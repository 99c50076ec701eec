"""Finds the jobs that an upload's rows name: corrected result files that were dropped again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import chain
from typing import NamedTuple

from listdrop.errors import UploadRejectedError
from listdrop.models import NamedTable, files
from listdrop.prospects.recognising import known_headers
from listdrop.tables.naming import is_archive
from listdrop.tables.reading import Row, read_table
from listdrop.tables.spooling import spool
from listdrop.tables.unpacking import Package, receive, tables

_MARKS = tuple(files.JOB.encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be"))
_PACKED = (b"\x1f\x8b", b"PK")
"""First bytes of gzip, ZIP archives and workbooks, which must be unpacked to see their rows."""


class NamedJobs(NamedTuple):
    """The jobs that rows name, in the order of their first row.

    `nameless` is the first row without a job, 0 if every row has one. `is_correction`: the rows are
    from `rejects.csv`, which has a column for the reason, not from `retry.csv`. Of an archive, each
    of its `tables` whose rows name jobs says so itself.
    """

    job_ids: tuple[str, ...]
    nameless: int = 0
    is_correction: bool = False
    tables: tuple[NamedTable, ...] = ()


def named_jobs(
    chunks: Iterator[bytes], name: str, columns: Mapping[str, str | None]
) -> NamedJobs | None:
    """Return the jobs that an upload's rows name in `listdrop_job`; `None` if there are none.

    Reads only the first chunk, unless the upload may have that column. An unreadable upload names
    no job: planning reports its problem.
    """
    first = next(chunks, b"")
    if not first.startswith(_PACKED) and not any(mark in first.lower() for mark in _MARKS):
        return None
    nameless = 0
    found: list[NamedTable] = []
    try:
        with ExitStack() as stack:
            package = receive(chain((first,), chunks))
            stack.callback(package.file.close)
            for table in tables(package) if is_archive(name) else [""]:
                header, rows = _rows(package, table, columns, stack)
                if files.JOB not in header:
                    continue
                # Files of several rounds that were made before rounds were left out have several.
                rounds = [place for place, name in enumerate(header) if name == files.JOB]
                place = rounds[-1]
                own = header[place:] if len(rounds) > 1 else header
                job_ids: dict[str, None] = {}
                for row in rows:
                    job_id = row.cells[place].strip() if place < len(row.cells) else ""
                    if job_id:
                        job_ids[job_id] = None
                    elif any(map(str.strip, row.cells)):
                        nameless = nameless or row.row
                if job_ids:
                    found.append(NamedTable(table, tuple(job_ids), files.REASON in own))
    except UploadRejectedError:
        return None
    if not found:
        return None
    return NamedJobs(
        tuple(dict.fromkeys(job_id for each in found for job_id in each.job_ids)),
        nameless,
        is_correction=any(each.is_correction for each in found),
        tables=tuple(each for each in found if each.table),
    )


def _rows(
    package: Package, table: str, columns: Mapping[str, str | None], stack: ExitStack
) -> tuple[list[str], Iterable[Row]]:
    source = spool(package, table)
    stack.callback(source.file.close)
    # What the other columns are may have been decided for the first file alone.
    read = read_table(source, known_headers({**columns, files.JOB: None}))
    return [cell.strip().lower() for cell in read.header], read.rows()
