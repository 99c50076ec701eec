"""An upload: its destinations side by side, and what is left to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flask import Blueprint, abort, render_template, request

from listdrop.dashboard.across import BadRows, joined, some_bad
from listdrop.dashboard.acting import acts_on, may_act
from listdrop.dashboard.desk import desk
from listdrop.dashboard.grouping import Dropped, destination_of, left_to_do, upload_of
from listdrop.dashboard.hiding import names_in
from listdrop.dashboard.jobs import MOST_BESIDE, files_of, job_or_404
from listdrop.dashboard.rows import row_number
from listdrop.models import Group, Job, JobState, rows_in
from listdrop.notices import advice
from listdrop.notices.wording import plural

pages = Blueprint("uploads", __name__)
_WITH_ACTS = 30
"""Of how many jobs a page shows who did what: each takes a query."""
_SIDE_BY_SIDE = 6
"""Destinations that fit beside each other."""
_BAD_ROWS, _A_PAGE = 20, 50
_OTHER_FILES = 20
"""Files of an archive that a page leads to."""


class OneFile(NamedTuple):
    """A file of an upload, or all of one that is no archive, by its jobs."""

    jobs: Sequence[Job]

    @property
    def kept(self) -> Sequence[Job]:
        """The jobs of which rows are there to be shown."""
        return [job for job in self.jobs if job.row_items != "none"]

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return max(job.counts["rows"] for job in self.jobs)

    @property
    def has_bad(self) -> bool:
        """Whether rows that could be shown are bad, by the counts."""
        return any(rows_in(job.counts, Group.BAD) for job in self.kept)

    @property
    def fits(self) -> bool:
        """Whether its destinations can be shown beside each other."""
        return len(self.jobs) <= _SIDE_BY_SIDE

    @property
    def has_ended(self) -> bool:
        """Whether all of its jobs have."""
        return all(job.state.is_terminal for job in self.jobs)


@pages.get("/uploads/<job_id>")
def upload(job_id: str) -> str:
    """Show the upload of a job."""
    asked = job_or_404(job_id)
    found = upload_of(desk().ports.records, asked, MOST_BESIDE)
    file = _file_of(asked, found)
    left = list(left_to_do(desk().ports.records, found.jobs, MOST_BESIDE))
    to_do = [each for each in advice.to_do(left) if each.why or each.steps]
    first = _first_with_acts()
    shown = found.jobs[first : first + _WITH_ACTS]
    acts = [act for job in shown for act in acts_on(f"JOB#{job.job_id}")]
    return render_template(
        "upload.html",
        asked=asked,
        file=file,
        bad=_bad_rows(file),
        others=_other_files(asked, found),
        names_in=names_in,
        acts=sorted(acts, key=lambda act: act.at),
        first_with_acts=first,
        next_with_acts=first + _WITH_ACTS,
        more_with_acts=len(found.jobs) - first - _WITH_ACTS if may_act() else 0,
        act_of={f"JOB#{job.job_id}": destination_of(job) for job in found.jobs},
        dropped=found,
        to_do=to_do,
        warned=advice.warned(found.jobs),
        ended=sum(job.state.is_terminal for job in found.jobs),
        files_of=files_of,
        to_correct={
            job.job_id
            for job, steps in left
            for each in steps
            if each.place is advice.Place.CORRECT
        },
        corrects=sorted({job.corrects for job in found.jobs} - {""}),
        retries=sorted({job.retry_of for job in found.jobs} - {""}),
        skipped=JobState.SKIPPED,
    )


@pages.get("/uploads/<job_id>/rows")
def rows(job_id: str) -> str:
    """Show the rows of a job's file at all of its destinations, from a number on."""
    asked = job_or_404(job_id)
    file = _file_of(asked, upload_of(desk().ports.records, asked, MOST_BESIDE))
    if not file.fits:
        abort(404, f"The file went to more than {_SIDE_BY_SIDE} destinations: see each one's rows.")
    first, last = _first_row(), file.rows
    if first > max(last, 1):
        abort(404, f"The file has {plural(last, 'row')}.")
    numbers = range(first, min(first + _A_PAGE, last + 1))
    read = [(job, desk().ports.figures.rows(job.job_id, numbers)) for job in file.kept if last]
    return render_template(
        "upload_rows.html",
        asked=asked,
        file=file,
        found=(found := joined(read)),
        has_gaps=any(len(each.at) < len(read) for each in found),
        numbers=numbers,
        before=max(first - _A_PAGE, 1) if first > 1 else 0,
        after=first + _A_PAGE if first + _A_PAGE <= last else 0,
        names_in=names_in,
    )


def _file_of(asked: Job, dropped: Dropped[Job]) -> OneFile:
    return OneFile([job for job in dropped.jobs if job.upload.table == asked.upload.table])


def _bad_rows(file: OneFile) -> BadRows:
    if not file.fits:
        return BadRows((), is_more=False)
    ports = desk().ports
    return some_bad(ports.records, ports.figures, ports.clock, file.kept, _BAD_ROWS)


def _other_files(asked: Job, dropped: Dropped[Job]) -> Sequence[Job]:
    """Return a job of each other file that has bad rows, of as many as a page leads to."""
    found = {
        job.upload.table: job
        for job in reversed(dropped.jobs)
        if rows_in(job.counts, Group.BAD) and job.upload.table != asked.upload.table
    }
    return [found[table] for table in sorted(found)][:_OTHER_FILES]


def _first_row() -> int:
    try:
        return row_number(request.args.get("from") or "1")
    except ValueError:
        abort(404)


def _first_with_acts() -> int:
    text = request.args.get("acts", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
