"""What overviews add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from listdrop.models.jobs import JobState, LastError


@dataclass(frozen=True, slots=True)
class JobFigures:
    """The part of a job that overviews add up. `sent` counts its sent batches."""

    job_id: str
    key: str
    route: str
    provider: str
    account: str
    state: JobState
    counts: Mapping[str, int]
    sent: int
    created_at: datetime
    finished_at: datetime | None = None
    reason: str = ""
    stop_reason: str = ""
    last_error: LastError | None = None
