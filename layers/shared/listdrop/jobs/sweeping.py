"""Sweep: uploads whose event was lost, or whose Submit died, are delivered again."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from listdrop.models import Listed
from listdrop.ports import (
    Clock,
    Deliveries,
    Events,
    Executions,
    HeldJobs,
    Submitted,
    Sweeps,
    Uploads,
)
from listdrop.tables.naming import is_no_upload

LOOK_BACK = timedelta(days=2)
"""How old an upload may be. What Submit remembers of uploads lives far longer than this."""

DELIVERIES = 2
"""How often Sweep delivers an upload. The queue delivers it several times, each time."""

APART = timedelta(minutes=30)
"""From one delivery to the next. Submit, which may be at work for ten minutes, keeps what it plans
to itself for fifteen: if it dies, nobody could plan the upload before that."""


class SweepPorts(NamedTuple):
    """What Sweep works with."""

    uploads: Uploads
    submitted: Submitted
    sweeps: Sweeps
    deliveries: Deliveries
    events: Events
    jobs: HeldJobs
    executions: Executions
    clock: Clock


def sweep_uploads(ports: SweepPorts, seconds: float) -> int:
    """Deliver every upload again whose jobs are not all started; return how many those are.

    After `seconds` no page of the listing is begun: the next sweep goes on there, as S3 lists every
    version that is kept, by name and not by age. At least one is looked at.

    One that is being planned right now, or waits in the queue, is delivered once too often: that
    makes no second job. One that was delivered less than `APART` ago is left alone. One that was
    delivered `DELIVERIES` times is not delivered any more, and counted for an alarm.
    """
    now = ports.clock.now()
    delivered = given_up = 0
    for page in ports.uploads.versions(now - LOOK_BACK, ports.sweeps.place()):
        some, others = _deliver(page, ports)
        delivered += some
        given_up += others
        if ports.clock.now() >= now + timedelta(seconds=seconds):
            break
    ports.sweeps.stop_at(page.place, now)
    if delivered:
        ports.events.count("uploads_delivered_again", "none", delivered)
    if given_up:
        ports.events.count("uploads_given_up", "none", given_up)
    return delivered


def _deliver(page: Listed, ports: SweepPorts) -> tuple[int, int]:
    """Return how many uploads of a page were delivered, and how many were given up."""
    delivered = given_up = 0
    for upload in page.uploads:
        if is_no_upload(upload.key) or ports.submitted.is_submitted(upload):
            continue
        count = ports.sweeps.count_delivery(upload, ports.clock.now(), APART)
        if count is None:
            continue
        if count > DELIVERIES:
            given_up += 1
        else:
            ports.deliveries.deliver(upload)
            delivered += 1
    return delivered, given_up
