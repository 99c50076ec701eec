"""Large uploads in virtual time, with nothing going wrong: what a job costs, counted."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

from listdrop.models import BatchItem, Upload
from listdrop.providers import REGISTRY
from tests.simulation.machine import Machine
from tests.simulation.ports import SimJobs
from tests.simulation.scenario import Drop
from tests.simulation.workflow import SUBSTITUTIONS
from tests.simulation.world import World
from tests.support.clock import NOW

TURNS = int(SUBSTITUTIONS["MaxTurns"])
DEADLINE_MINUTES = 3 * 24 * 60
_MOST_EVENTS = 10_000


class CountingJobs(SimJobs):
    """The jobs port, which counts the batches that are read."""

    read = 0

    def batches(self, job_id: str, first: int = 1) -> Iterator[BatchItem]:
        for batch in super().batches(job_id, first):
            self.read += 1
            yield batch


class LargeWorld(World):
    """One upload with this many rows, in the provider's own batches."""

    def __init__(self, provider: str, rows: int, make: type[CountingJobs] = CountingJobs) -> None:
        self._rows = rows
        super().__init__(provider, 1, only=())
        self.jobs = self.counted = make(self)
        self.batch_rows = _batch_rows(provider)
        options = type(self.vendor).destination(random.Random(1), self.batch_rows)  # a scenario
        members = {"provider": provider, **options}
        self.destination = self.kind.destination_model.model_validate(members)
        changes = {"destinations": (self.destination,), "deadline_minutes": DEADLINE_MINUTES}
        self.routes.routes["spring"] = self.route.model_copy(
            update={**changes, "row_items": "none"}
        )
        self.machine = Machine(self, TURNS, self.handlers.handle)
        self.most_events = _MOST_EVENTS

    def _drops(self, rng: random.Random) -> list[Drop]:
        del rng
        lines = ["Email,LinkedIn URL,First name,Last name"]
        for row in range(self._rows):
            contact = f"p{row}@example.com,https://www.linkedin.com/in/p{row}"
            lines.append(f"{contact},Given,Family")
        content = "\n".join([*lines, ""]).encode()
        upload = Upload(
            bucket="uploads", key="inbox/spring/a.csv", version_id="v0", size=len(content)
        )
        return [Drop(upload, content, [], NOW)]

    @property
    def transitions(self) -> int:
        """How many transitions of state all executions took."""
        return sum(each.transitions for each in self.machine.executions.values())

    @property
    def planned(self) -> int:
        """How many batches its job has."""
        (job,) = self.jobs.jobs.values()
        return job.batches["planned"]

    @property
    def took(self) -> timedelta:
        """From the first moment to the last one that anything happened."""
        (job,) = self.jobs.jobs.values()
        assert job.finished_at is not None
        return job.finished_at - NOW


def _batch_rows(provider: str) -> int:
    kind = REGISTRY[provider]
    fields = kind.destination_model.model_fields
    return fields["batch_rows"].default if "batch_rows" in fields else kind.limits.rows
