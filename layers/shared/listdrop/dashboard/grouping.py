"""The jobs of an upload, side by side: for the dashboard, and for the commands about uploads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Generic, NamedTuple

from listdrop.dashboard.listing import AnyJob, JobFilter, SomeJob, all_since, needs_attention
from listdrop.models import NO_ROUTE, Group, Job, JobState, Upload, rows_in
from listdrop.notices.advice import Step, is_file_unusable, next_steps, rows_to_correct
from listdrop.notices.upload import rows_of
from listdrop.ports import Records

_APART = timedelta(hours=1)
"""The longest time between the begins of two jobs of one upload, if Submit came back to it."""
_FEW = 6
"""Up to this many destinations are each named in a line."""
_LOOKED_AFTER = 100
"""Of how many jobs of an upload it is asked whether any followed on them: one query takes as many.
An archive may have thousands."""


class InState(NamedTuple):
    """A destination, its state and its job; without a name, how many jobs are in the state."""

    name: str
    state: JobState
    jobs: int
    job: AnyJob | None = None


class Dropped(NamedTuple, Generic[SomeJob]):
    """An upload with its jobs, as many as were found: by file of an archive, and by provider."""

    jobs: Sequence[SomeJob]

    @property
    def upload(self) -> Upload:
        """What was dropped: the whole of it, also where it has files."""
        return self.jobs[0].upload.model_copy(update={"table": ""})

    @property
    def route(self) -> str:
        """The route that it was dropped on."""
        return self.jobs[0].route

    @property
    def dropped_by(self) -> str:
        """Who dropped it, if that is known."""
        return self.jobs[0].dropped_by

    @property
    def created_at(self) -> datetime:
        """When its first job began."""
        return min(job.created_at for job in self.jobs)

    @property
    def is_archive(self) -> bool:
        """Whether it has files, of which each has its own jobs."""
        return any(job.upload.table for job in self.jobs)

    @property
    def has_ended(self) -> bool:
        """Whether all of its jobs have."""
        return all(job.state.is_terminal for job in self.jobs)

    @property
    def rows(self) -> int:
        """How many rows it has: each once."""
        return rows_of(self.jobs)

    @property
    def bad(self) -> int:
        """How many rows are bad, at all destinations together."""
        return sum(rows_in(job.counts, Group.BAD) for job in self.jobs)

    @property
    def needs_attention(self) -> bool:
        """Whether somebody should look at one of its jobs."""
        return any(map(needs_attention, self.jobs))

    @property
    def by_state(self) -> Sequence[InState]:
        """How its jobs are: each of a few, and of many how many are in which state."""
        if len(self.jobs) <= _FEW and not self.is_archive:
            return [InState(account_of(job), job.state, 1, job) for job in self.jobs]
        counts = Counter(job.state for job in self.jobs).most_common()
        return [InState("", state, count) for state, count in counts]

    @property
    def states(self) -> str:
        """The same in one line."""
        return ", ".join(f"{each.name or each.jobs} {each.state.value}" for each in self.by_state)


def destination_of(job: AnyJob) -> str:
    """Return where a job goes, and of which file in an archive."""
    to = account_of(job)
    if job.provider == "none" and job.upload.table:
        return job.upload.table
    return f"{job.upload.table} to {to}" if job.upload.table else to


def account_of(job: AnyJob) -> str:
    """Return the provider that a job goes to, and the account if it is another than usual."""
    if job.provider == "none":
        return "no destination"
    is_usual = job.account == "default"
    return job.provider if is_usual else f"{job.provider} ({job.account})"


def grouped(jobs: Iterable[SomeJob]) -> list[Dropped[SomeJob]]:
    """Return jobs by their uploads, in the order in which an upload first comes."""
    found: dict[tuple[str, str, str], list[SomeJob]] = {}
    for job in jobs:
        found.setdefault(_version(job), []).append(job)
    return [Dropped(sorted(each, key=_place)) for each in found.values()]


def _version(job: AnyJob) -> tuple[str, str, str]:
    return job.upload.bucket, job.upload.key, job.upload.version_id


def _place(job: AnyJob) -> tuple[str, str, str]:
    return job.upload.table, job.provider, job.job_id


def uploads_of(jobs: Iterable[SomeJob], wanted: JobFilter) -> list[Dropped[SomeJob]]:
    """Return the uploads of which a job is wanted, with all of their jobs.

    First those that need attention, then the newest. `jobs` are those of the filter's time.
    """
    whole = wanted._replace(states=frozenset(), providers=frozenset())
    found = grouped(filter(whole.has, jobs))
    kept = [each for each in found if any(map(wanted.has, each.jobs))]
    return sorted(kept, key=lambda each: not each.needs_attention)


def upload_of(records: Records, job: Job, most: int | None = None) -> Dropped[Job]:
    """Return a job's upload, with the jobs that are found among `most` of about that time."""
    by_id = {each.job_id: each for each in (*records.jobs_with(job, _APART, most), job)}
    (found,) = grouped(by_id.values())
    return found


def last_of_key(records: Records, key: str) -> Job | None:
    """Return a job of the last version that was dropped under a key; `None` if there is none."""
    for job in _of_route(records, Upload(bucket="", key=key, version_id="").route or NO_ROUTE):
        if job.upload.key == key:
            return job
    return None


def left_to_do(
    records: Records, jobs: Sequence[Job], most: int | None = None
) -> Iterator[tuple[Job, Sequence[Step]]]:
    """Yield an upload's jobs with what is left to do, without what was corrected or sent again.

    The jobs that did so are looked for among the next `most` jobs of the route.
    """
    with_more = (
        job for job in jobs if job.may_be_retried or rows_to_correct(job) or is_file_unusable(job)
    )
    wrong = list(islice(with_more, _LOOKED_AFTER))
    later = records.followers(wrong, most) if wrong else ()
    for job in jobs:
        yield job, next_steps(job, later, jobs)


def before_on_key(records: Records, job: Job, most: int) -> Sequence[Job]:
    """Return a job of each earlier version under a job's key, the newest first.

    They are found among the `most` jobs of the route that are the newest.
    """
    found: dict[str, Job] = {}
    for each in islice(_of_route(records, job.route), most):
        is_same = each.upload.bucket == job.upload.bucket and each.upload.key == job.upload.key
        if is_same and each.upload.version_id != job.upload.version_id:
            found.setdefault(each.upload.version_id, each)
    return [each for each in found.values() if each.created_at < job.created_at]


def last_of_name(records: Records, name: str, since: datetime, until: datetime) -> Sequence[Job]:
    """Return a job of the last version under each key that ends in a file's name."""
    found: dict[str, Job] = {}
    for job in all_since(records, JobFilter(since, until, file=name)):
        if job.upload.key.rpartition("/")[2] == name:
            found.setdefault(job.upload.key, job)
    return list(found.values())


def _of_route(records: Records, route: str) -> Iterator[Job]:
    if not route:
        return
    page = records.jobs_of_route(route, limit=100)
    yield from page.items
    while page.cursor:
        page = records.jobs_of_route(route, page.cursor, 100)
        yield from page.items
