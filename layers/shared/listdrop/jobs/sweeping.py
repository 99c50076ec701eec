"""Sweep: uploads whose event was lost, or whose Submit died, are delivered again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from listdrop.ports import Deliveries, Events, Submissions, Uploads
from listdrop.tables.naming import is_no_upload

LOOK_BACK = timedelta(days=2)
"""How old an upload may be. What Submit remembers of uploads lives far longer than this."""


@dataclass(frozen=True, slots=True)
class SweepPorts:
    """What Sweep works with."""

    uploads: Uploads
    submissions: Submissions
    deliveries: Deliveries
    events: Events


def sweep_uploads(ports: SweepPorts, now: datetime) -> int:
    """Deliver every upload again whose jobs are not all started; return how many those are.

    One that is being planned right now, or waits in the queue, is delivered once too often: that
    makes no second job.
    """
    missing = 0
    for upload in ports.uploads.versions(now - LOOK_BACK):
        if is_no_upload(upload.key):
            continue
        submission = ports.submissions.submission(upload)
        if submission is None or not submission.is_done:
            ports.deliveries.deliver(upload)
            missing += 1
    if missing:
        ports.events.count("uploads_delivered_again", "none", missing)
    return missing
