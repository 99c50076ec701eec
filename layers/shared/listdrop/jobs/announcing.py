"""Announces the end of an upload, when the last of its jobs has ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from listdrop.models import EndedJob, Job
from listdrop.notices import document as notice
from listdrop.notices import upload as upload_notice
from listdrop.ports import Clock, Endings, KnownJobs, Notices

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
    def region(self) -> str:
        """Of the console that notices link to."""
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
    told = [upload_notice.Told(ports.jobs.get(each.job_id), each) for each in all_ended]
    ports.notices.publish(
        subject=upload_notice.subject(told),
        message=notice.encode(upload_notice.document(told)),
        text=upload_notice.text(told, ports.region),
        attributes=upload_notice.attributes(told),
    )
    ports.endings.mark_announced(job.upload, ports.clock.now())
