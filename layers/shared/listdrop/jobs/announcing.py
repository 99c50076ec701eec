"""Announces that the last job of an upload has ended, and asks for approval of held jobs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Protocol

from listdrop.models import EndedJob, Job
from listdrop.notices import approval as approval_notice
from listdrop.notices import document as notice
from listdrop.notices import upload as upload_notice
from listdrop.notices.links import Links
from listdrop.ports import Clock, Endings, HoldingJobs, KnownJobs, Notices

_CLAIM = timedelta(minutes=5)
"""How long the Finish of one job may take to announce the upload; then another's may."""


class AnnouncePorts(Protocol):
    """What announcing works with."""

    @property
    def jobs(self) -> KnownJobs:
        """Jobs."""
        ...

    @property
    def endings(self) -> Endings:
        """Which jobs of an upload have ended."""
        ...

    @property
    def notices(self) -> Notices:
        """The results topic."""
        ...

    @property
    def clock(self) -> Clock:
        """The time."""
        ...

    @property
    def links(self) -> Links:
        """Where notices lead."""
        ...


def announce_upload(job: Job, ended: EndedJob, ports: AnnouncePorts) -> None:
    """Remember that a job has ended. If it is the last of its upload, publish the upload's notice.

    May be repeated, by a Finish that died in between. Two Finishes at once publish one notice.
    """
    ports.endings.add(job, ended)
    all_ended = ports.endings.all_of(job.upload)
    now = ports.clock.now()
    if not all_ended or not ports.endings.claim(job, now, now + _CLAIM):
        return
    told = list(_told(all_ended, ports.jobs))
    ports.notices.publish(
        subject=upload_notice.subject(told),
        message=notice.encode(upload_notice.document(told)),
        text=upload_notice.text(told, ports.links),
        attributes=upload_notice.attributes(told),
    )
    ports.endings.mark_announced(job.upload, ports.clock.now())


def _told(all_ended: Sequence[EndedJob], jobs: KnownJobs) -> Iterator[upload_notice.Told]:
    for ended in all_ended:
        with suppress(KeyError):  # it ended long ago, and has expired
            yield upload_notice.Told(jobs.get(ended.job_id), ended)


class AskPorts(Protocol):
    """What asking works with."""

    @property
    def jobs(self) -> HoldingJobs:
        """Jobs."""
        ...

    @property
    def notices(self) -> Notices:
        """The results topic."""
        ...

    @property
    def clock(self) -> Clock:
        """The time."""
        ...

    @property
    def links(self) -> Links:
        """Where notices lead."""
        ...


def ask_for_approval(held: Sequence[Job], ports: AskPorts) -> None:
    """Tell of held jobs of one upload: a notice of each, and one of all that people get.

    May be repeated by a Submit that died in between.
    """
    untold = [job for job in held if job.hold_told_at is None]
    if not untold:
        return
    told = [upload_notice.Told(job, EndedJob(job.job_id)) for job in untold]
    subject, text = approval_notice.subject(untold), approval_notice.text(untold, ports.links)
    for job in untold:
        ports.notices.publish(
            subject=approval_notice.subject([job]),
            message=notice.encode(notice.document(job, ())),
            text=approval_notice.text([job], ports.links),
            attributes=notice.attributes(job),
        )
    ports.notices.publish(
        subject=subject,
        message=notice.encode(upload_notice.document(told)),
        text=text,
        attributes=upload_notice.attributes(told),
    )
    for job in untold:
        ports.jobs.mark_hold_told(job.job_id, ports.clock.now())
