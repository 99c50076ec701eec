"""Erase: a person is taken out of everything that is kept of jobs, as the law may ask for.

Rows keep their numbers and outcomes, so that what is said of a job still adds up. What a stack has
said to others (providers, subscribers) is out of its reach, and so are backups of the table.

One module, despite its length: what is erased is just what was found.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import IO, NamedTuple

import orjson

from listdrop.cells.persons import names_in, together
from listdrop.cells.profiles import profile_slug
from listdrop.errors import JobStillRunningError, NoPersonError
from listdrop.jobs.fetching import fetched
from listdrop.jobs.result_files import ResultTable, as_text, rewrite
from listdrop.jobs.settling import decode_outcomes, encode_outcomes, pack, unpack
from listdrop.models import ERASED, Frozen, Outcome, PlannedRow, RowResult, Upload, files
from listdrop.notices.wording import plural
from listdrop.plans.blocks import PlanBlock
from listdrop.ports import Archive, KnownJobs, People, PersonRow

STAGED_REST = "Files in staged/ that nobody sent are not searched: they go within two days."
"""What is said of files that no job has rows of."""

_IMPERSONAL = (files.OUTCOME, files.JOB, files.LINE)
"""What a result file still says of a person's row, beside its number."""

_LONGEST_RUN = timedelta(days=31)
"""From the start of a job to its end, if it does not wait for a person. All that began in this time
are looked at; of older ones, those that are found."""
_VERSION = ("bucket", "key", "version_id")
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


class ErasePorts(NamedTuple):
    """What Erase works with."""

    jobs: KnownJobs
    people: People
    archive: Archive


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """Whom to erase: addresses and profile slugs, in lower case. Never shown, so without a repr."""

    addresses: frozenset[str] = frozenset()
    slugs: frozenset[str] = frozenset()

    @property
    def keys(self) -> frozenset[str]:
        """What the person is called in the index `by_person`."""
        emails = {f"EMAIL#{address}" for address in self.addresses}
        return frozenset(emails | {f"LINKEDIN#{slug}" for slug in self.slugs})

    def has(self, identity: str, email: str, linkedin_url: str) -> bool:
        """Whether a row is about the person."""
        is_named = identity in self.addresses or self.is_quoted_in(email)
        return is_named or profile_slug(linkedin_url).lower() in self.slugs

    def is_quoted_in(self, text: str) -> bool:
        """Whether a text, such as a provider's reason, holds an address or a profile."""
        words = [*self.addresses, *(f"in/{slug}" for slug in self.slugs)]
        return any(
            re.search(rf"(?<![\w.+-]){re.escape(word)}(?![\w-]|\.\w)", text, re.IGNORECASE)
            for word in words
        )


def person_called(text: str) -> Person:
    """Return whom an e-mail address, a LinkedIn profile or a person key names.

    A bare word names nobody: a mistyped name would look like somebody of whom nothing is kept.
    Raises `NoPersonError`.
    """
    kind, _, name = text.strip().partition("#")
    plain = name if kind == "EMAIL" else text.strip()
    if _ADDRESS.fullmatch(plain):
        return Person(addresses=frozenset({plain.lower()}))
    slug = profile_slug(f"in/{name}" if kind == "LINKEDIN" else plain)
    if not slug:
        raise NoPersonError("That is neither an e-mail address nor a LinkedIn profile.")
    return Person(slugs=frozenset({slug.lower()}))


class FoundJob(NamedTuple):
    """A job that has rows of the person, and its upload, if that is still known."""

    job_id: str
    rows: frozenset[int]
    upload: Upload | None


@dataclass(frozen=True, slots=True)
class Found:
    """Where a person is.

    `beside` are the person keys found beside the one that was given, `shared` those that are
    several people's, and so were not followed. `unsearched` are jobs with files that only
    `everywhere` reads. `unread` are those whose upload Submit still reads: nobody knows who is in
    it.
    """

    person: Person
    jobs: list[FoundJob] = field(default_factory=list)
    beside: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    unsearched: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()

    @property
    def said_of_unread(self) -> str:
        """A sentence about `unread`; empty if there are none."""
        if not self.unread:
            return ""
        files_of = f"the files of {plural(len(self.unread), 'job')}"
        return f"Not searched, because they are being read now: {files_of}. Erase again later."


_BATCHES = "batches"
"""Where outcomes are that are in no file."""


class ErasedJob(Frozen):
    """What was removed from a job: rows by file, row items, and its upload's key if it went.

    `reasons` are the row items of others whose reason quoted the person.
    """

    job_id: str
    rows: int
    items: int = 0
    reasons: int = 0
    files: dict[str, int]
    old_versions: int = 0
    upload: str = ""


# ---------------------------------------------------------------- finding


def find_person(
    person: Person, ports: ErasePorts, now: datetime, *, everywhere: bool = False
) -> Found:
    """Find the jobs with rows of the person, by each name in them; changes nothing.

    Names that stand beside the given one are the person's, too, unless several people share them.
    With `everywhere`, the plan of every job is read that there is a file of. Raises
    `JobStillRunningError` if one of them, or another job of their uploads, has not ended.
    """
    search = _Search(ports, now, everywhere=everywhere)
    known = together(person.keys, search.names_beside)
    rows = search.rows_of(_person(known.own))
    while (again := together(person.keys, search.names_beside)) != known:
        known = again
        rows = search.rows_of(_person(known.own))
    found = [FoundJob(job_id, rows[job_id], _upload_of(job_id, ports)) for job_id in sorted(rows)]
    _refuse_running(found, search, ports)
    others = () if everywhere else sorted({*ports.archive.job_ids()} - search.searched)
    return Found(
        _person(known.own),
        found,
        beside=known.own - person.keys,
        shared=known.shared,
        unsearched=frozenset(ports.people.unmarked(others)),
        unread=frozenset(job_id for job_id in search.running if _is_unread(job_id, ports)),
    )


class _Search:
    """A search for a person, with what it has found out so far."""

    def __init__(self, ports: ErasePorts, now: datetime, *, everywhere: bool) -> None:
        self._ports = ports
        self._items: dict[str, list[PersonRow]] = {}
        self._planned: set[tuple[str, ...]] = set()
        """The names in each row of a plan that was found."""
        self.running = set(ports.people.open_jobs(now - _LONGEST_RUN, now))
        self.searched = {*self.running, *(ports.archive.job_ids() if everywhere else ())}
        """The jobs whose plans are read."""

    def names_beside(self, name: str) -> Iterator[tuple[str, ...]]:
        """Yield the names in each row that has this one, as far as the row was found."""
        if name not in self._items:
            self._items[name] = list(self._ports.people.rows_of(name))
        for item in self._items[name]:
            yield names_in(item.email, item.linkedin_url)
        yield from (names for names in self._planned if name in names)

    def rows_of(self, person: Person) -> dict[str, frozenset[int]]:
        """Return the person's rows by job: those with items, and those that plans have."""
        rows: dict[str, set[int]] = {}
        for item in (item for name in person.keys for item in self._items.get(name, ())):
            rows.setdefault(item.job_id, set()).update({item.row} if item.has_item else ())
        uploads = {_upload_of(job_id, self._ports) for job_id in rows} - {None}
        beside = (self._ports.people.jobs_of(upload) for upload in uploads if upload)
        self.searched.update(rows, *beside)
        for job_id in self.searched:
            for row in _planned(self._ports.archive, job_id):
                if person.has(row.identity, row.email, row.linkedin_url):
                    rows.setdefault(job_id, set()).add(row.row)
                    self._planned.add(names_in(row.email, row.linkedin_url))
        return {job_id: frozenset(found) for job_id, found in rows.items() if found}


def _person(names: Set[str]) -> Person:
    """Return the person with these person keys."""
    kinds = [name.partition("#") for name in names]
    return Person(
        frozenset(name for kind, _, name in kinds if kind == "EMAIL"),
        frozenset(name for kind, _, name in kinds if kind == "LINKEDIN"),
    )


def _planned(archive: Archive, job_id: str) -> Iterator[PlannedRow]:
    with fetched(archive, job_id, files.PLAN) as plan:
        for line in plan:
            yield from PlanBlock.decode(line)


def _upload_of(job_id: str, ports: ErasePorts) -> Upload | None:
    """Return the version that a job's upload is; once its item has expired, by its summary."""
    try:
        told = ports.jobs.get(job_id).upload.model_dump()
    except KeyError:
        summary = b"".join(ports.archive.read(job_id, files.SUMMARY))
        told = orjson.loads(summary)["upload"] if summary else {}
    return Upload(**{name: told[name] for name in _VERSION}) if told else None


def _refuse_running(found: Sequence[FoundJob], search: _Search, ports: ErasePorts) -> None:
    job_ids, uploads = {job.job_id for job in found}, {job.upload for job in found} - {None}
    for job_id in sorted(search.searched):
        is_needed = job_id in job_ids or _upload_of(job_id, ports) in uploads
        if is_needed and (job_id in search.running or _is_open(job_id, ports)):
            text = f"Job {job_id} has not ended, and needs the person's row: cancel it, or wait."
            raise JobStillRunningError(text)


def _is_open(job_id: str, ports: ErasePorts) -> bool:
    """Whether a job has not ended that began long ago: it may have waited for a person."""
    try:
        return not ports.jobs.get(job_id).state.is_terminal
    except KeyError:  # its item has expired
        return False


def _is_unread(job_id: str, ports: ErasePorts) -> bool:
    try:
        return ports.jobs.get(job_id).planned_at is None
    except KeyError:  # as above
        return False


# ---------------------------------------------------------------- erasing


def erase_found(found: Found, ports: ErasePorts) -> Iterator[ErasedJob]:
    """Erase the person, job by job, and yield what was removed where.

    May be repeated, also after it broke off: what names the person in the index goes last.
    """
    deleted: set[Upload | None] = set()
    for job in found.jobs:
        once = job._replace(upload=None) if job.upload in deleted else job
        yield _Erasing(once, found.person, ports).run()
        deleted.add(job.upload)
    for name in sorted(found.person.keys):
        ports.people.forget(name)


class _Erasing:
    def __init__(self, job: FoundJob, person: Person, ports: ErasePorts) -> None:
        self.job = job
        self.rows = job.rows
        self.person = person
        self.archive = ports.archive
        self.people = ports.people
        self.changed: dict[str, int] = {}
        self.reasons = 0

    def run(self) -> ErasedJob:
        job_id, upload = self.job.job_id, self.job.upload
        outcomes, cells = self._results()
        for number, told in self.people.outcomes(job_id):
            self._told_by_batch(number, told)
        for name in list(self.archive.names(job_id)):
            if files.holds_outcomes(name):
                self._batch_outcomes(name)
            elif files.holds_piece(name) and any(self.archive.read(job_id, name)):
                self.archive.replace(job_id, name, io.BytesIO())  # nobody needs it any more
        # The results last: the lines of the others are known by them.
        self._table(files.RETRY, lambda row: None if _bare(row[:-1]) in cells else row)
        self._table(files.REJECTS, lambda row: self._told(files.REJECTS, row))
        self._table(files.RESULTS, lambda row: self._told(files.RESULTS, row))
        is_deleted = upload is not None and self.archive.delete_upload(upload)
        self._plan(outcomes)
        return ErasedJob(
            job_id=job_id,
            rows=len(self.rows),
            files=self.changed,
            old_versions=self.archive.drop_old_versions(job_id),
            reasons=self.reasons,
            items=sum(self.people.erase(job_id, row) for row in sorted(self.rows)),
            upload=upload.key if upload is not None and is_deleted else "",
        )

    def _results(self) -> tuple[Mapping[int, str], set[tuple[str, ...]]]:
        """Return the outcomes of the person's rows, and their cells as they are in `retry.csv`."""
        outcomes, cells = {}, set()
        with (
            fetched(self.archive, self.job.job_id, files.RESULTS) as file,
            as_text(file) as lines,
        ):
            for row in ResultTable(files.RESULTS, lines).rows():
                if row.row in self.rows:
                    outcomes[row.row] = row.outcome.value
                    cells.add(_bare(row.cells))
        return outcomes, cells - {()}

    def _told(self, file: str, row: list[str]) -> list[str]:
        """Return a row of a result file, emptied if it is the person's."""
        own, told = files.split(file, row)
        number = int(told[files.ROW])
        if number in self.rows:
            kept = {files.ROW: told[files.ROW], files.REASON: ERASED}
            kept |= {name: told[name] for name in _IMPERSONAL if name in told}
            return [*[""] * len(own), *(kept.get(name, "") for name in told)]
        if self.person.is_quoted_in(f"{told[files.REASON]} {told[files.REASON_TEXT]}"):
            self._unquote(number)
            erased = {files.REASON: ERASED, files.REASON_TEXT: ""}
            return [*own, *(told | erased).values()]
        return row

    def _unquote(self, row: int) -> None:
        """Take the reason off another's row item, before the file that shows it quotes nobody."""
        self.reasons += self.people.erase_reason(self.job.job_id, row)

    def _table(self, name: str, change: Callable[[list[str]], list[str] | None]) -> None:
        """Write a result file again, with its rows changed; without those that become `None`."""
        job_id = self.job.job_id
        with tempfile.TemporaryFile() as file, fetched(self.archive, job_id, name) as old:
            self._replace(name, file, rewrite(name, old, change, file))

    def _told_by_batch(self, number: int, told: bytes) -> None:
        """Take the person's rows out of the outcomes that a batch has with it."""
        kept, changed = self._without(unpack(told))
        if changed:
            self.people.replace_outcomes(self.job.job_id, number, pack(kept))
            self.changed[_BATCHES] = self.changed.get(_BATCHES, 0) + changed

    def _batch_outcomes(self, name: str) -> None:
        """Take the person's rows out of a file of a batch's outcomes."""
        read = b"".join(self.archive.read(self.job.job_id, name))
        kept, changed = self._without(decode_outcomes(read))
        self._replace(name, io.BytesIO(encode_outcomes(kept)), changed)

    def _without(
        self, outcomes: Iterable[tuple[int, RowResult]]
    ) -> tuple[list[tuple[int, RowResult]], int]:
        """Return outcomes without the person's rows: the plan settles them from now on."""
        kept, changed = [], 0
        for number, row in outcomes:
            if number in self.rows:
                changed += 1
                continue
            if self.person.is_quoted_in(f"{row.reason} {row.reason_text}"):
                changed += 1
                self._unquote(number)
                row = row._replace(reason=ERASED, reason_text="")
            kept.append((number, row))
        return kept, changed

    def _plan(self, outcomes: Mapping[int, str]) -> None:
        """Settle the person's rows in the plan, each line as long as it was.

        So the batches' parts of the plan are still where they were.
        """
        changed = 0
        with (
            tempfile.TemporaryFile() as file,
            fetched(self.archive, self.job.job_id, files.PLAN) as plan,
        ):
            for line in plan:
                block = PlanBlock.decode(line)
                mine = {
                    row - block.first: RowResult(
                        Outcome(outcomes.get(row, Outcome.UNKNOWN.value)), ERASED
                    )
                    for row in self.rows
                    if 0 <= row - block.first < len(block)
                }
                emptied = block.emptied(mine)
                changed += sum(row != before for row, before in zip(emptied, block, strict=True))
                file.write(emptied.encode()[:-1].ljust(len(line) - 1) + b"\n" if mine else line)
            self._replace(files.PLAN, file, changed)

    def _replace(self, name: str, content: IO[bytes], changed: int) -> None:
        if changed:
            content.seek(0)
            self.archive.replace(self.job.job_id, name, content)
            self.changed[name] = changed


def _bare(row: Sequence[str]) -> tuple[str, ...]:
    """Return a row without the empty cells at its end, by which files differ."""
    end = len(row)
    while end and not row[end - 1]:
        end -= 1
    return tuple(row[:end])
