"""Where an upload goes: to its route's destinations, or only to those of the jobs that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Protocol

from listdrop.cells.headers import fold
from listdrop.errors import UploadRejectedError
from listdrop.jobs.again import check_named, destinations_named, lineage
from listdrop.models import (
    CORRECTS,
    RETRY_OF,
    STAGED,
    Job,
    Route,
    Staged,
    Submission,
    Upload,
)
from listdrop.plans.naming import NamedJobs, named_jobs
from listdrop.ports import KnownJobs, Routes, StagedFiles
from listdrop.tables.kinds import START, unsupported
from listdrop.tables.naming import unreadable_suffix

_JOB_ID = re.compile(r"[A-Za-z0-9_.-]{1,80}")


class DecidedUploads(Protocol):
    """What is looked at of an upload to decide: see `Uploads`."""

    def read(self, upload: Upload) -> Iterator[bytes]:
        """Yield the bytes of exactly this version."""
        ...

    def metadata(self, upload: Upload) -> Mapping[str, str]:
        """Return what this version says about itself."""
        ...


class DecidePorts(Protocol):
    """What is looked at to decide."""

    @property
    def uploads(self) -> DecidedUploads:
        """The uploads bucket."""
        ...

    @property
    def routes(self) -> Routes:
        """Routes."""
        ...

    @property
    def jobs(self) -> KnownJobs:
        """Jobs."""
        ...

    @property
    def staged(self) -> StagedFiles:
        """What was decided in the dashboard."""
        ...


def decide(upload: Upload, ports: DecidePorts) -> Submission:
    """Decide where an upload goes, once and for all calls: the route may be changed meanwhile.

    An upload that names jobs goes only to their destinations: the others had its rows already.
    """
    try:
        return _decide(upload, ports)
    except UploadRejectedError as error:
        return Submission.rejected(error.reason, error.text)


def _decide(upload: Upload, ports: DecidePorts) -> Submission:
    suffix = unreadable_suffix(upload.key)
    if suffix:
        raise unsupported(suffix, next(iter(ports.uploads.read(upload)), b"")[:START])
    said = ports.uploads.metadata(upload)
    staged = _staged(upload, said.get(STAGED, ""), ports.staged)
    who, columns = (staged.who, staged.columns) if staged else ("", {})
    route = mapped(own := ports.routes.get(upload.route), columns)
    named = _named_jobs(upload, route, said, ports)
    if named is None:
        return Submission(route, dropped_by=who)
    route = mapped(own, laid_over(_columns_of(named.job_ids[0], ports), columns))
    find = partial(_job, jobs=ports.jobs)
    found = destinations_named(named, upload.route, route, find, ports.jobs.get)
    destinations = tuple(to for to in route.destinations if to in found)
    by_destination = (
        tuple(job_id for job_id, to in zip(named.job_ids, found, strict=True) if to == each)
        for each in destinations
    )
    return Submission(
        route.model_copy(update={"destinations": destinations}),
        tuple(by_destination),
        is_correction=named.is_correction,
        by_row=len(destinations) > 1,
        dropped_by=who,
        tables=named.tables,
    )


def mapped(route: Route, columns: Mapping[str, str | None]) -> Route:
    """Return a route with other columns laid over its own."""
    return route.model_copy(update={"columns": laid_over(route.columns, columns)})


def laid_over(
    own: Mapping[str, str | None], columns: Mapping[str, str | None]
) -> dict[str, str | None]:
    """Return a route's own columns with others in place of those that have the same header."""
    wanted = set(map(fold, columns))
    kept = {name: target for name, target in own.items() if fold(name) not in wanted}
    return {**kept, **columns}


def _staged(upload: Upload, staged_id: str, staged: StagedFiles) -> Staged | None:
    """Return what was decided in the dashboard about an upload; `None` if it is not from there."""
    if not staged_id:
        return None
    found = staged.staged(staged_id)
    if found is None or all(each.key != upload.key for each in found.sent):
        text = (
            "What was decided in the dashboard about this file, which column is what, is not "
            "known any more. Drop it there again."
        )
        raise UploadRejectedError("bad_route", text)
    return found


def _columns_of(job_id: str, ports: DecidePorts) -> Mapping[str, str | None]:
    """Return what was decided in the dashboard about the columns of rows that are sent again.

    They may have been sent again before, and each time something may have been decided.
    """
    columns: dict[str, str | None] = {}
    first = _job(job_id, ports.jobs)
    for job in lineage(first, ports.jobs.get) if first else ():
        if staged_id := ports.uploads.metadata(job.upload).get(STAGED):
            found = ports.staged.staged(staged_id)
            columns = laid_over(found.columns if found else {}, columns)
    return columns


def _named_jobs(
    upload: Upload, route: Route, said: Mapping[str, str], ports: DecidePorts
) -> NamedJobs | None:
    """Return the jobs that an upload's metadata names, or its rows.

    Raises `UploadRejectedError` if the rows name others than the metadata.
    """
    try:
        by_rows = named_jobs(ports.uploads.read(upload), upload.key, route.columns)
    except UploadRejectedError:  # it is gone: planning will say so
        by_rows = None
    for name in (RETRY_OF, CORRECTS):
        if job_id := said.get(name):
            check_named(by_rows, job_id)
            return NamedJobs((job_id,), is_correction=name == CORRECTS)
    return by_rows


def _job(job_id: str, jobs: KnownJobs) -> Job | None:
    try:
        return jobs.get(job_id) if _JOB_ID.fullmatch(job_id) else None
    except KeyError:
        return None
