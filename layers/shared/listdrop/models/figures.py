"""What overviews read of a job."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from listdrop.models.jobs import JobState, LastError, percent_of
from listdrop.models.uploads import Upload


class JobFigures(NamedTuple):
    """The part of a job that overviews add up and list.

    `sent` counts its sent batches. `follows` is the job that it sends again or corrects.
    """

    job_id: str
    upload: Upload
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
    dropped_by: str = ""
    follows: str = ""

    @property
    def percent(self) -> int:
        """The percentage of rows with an outcome."""
        return percent_of(self.state, self.counts)
