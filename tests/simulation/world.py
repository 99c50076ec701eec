"""The real use cases and providers on ports that can fail, with a clock that only events move."""

from __future__ import annotations

import io
import random
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from unittest import mock

from listdrop.jobs import submitting
from listdrop.jobs.cancelling import Effect, cancel_job
from listdrop.jobs.reporting import PIECE_BYTES
from listdrop.jobs.sweeping import APART
from listdrop.models import Route, Upload
from listdrop.providers import REGISTRY
from tests.simulation import workflow
from tests.simulation.faults import Faults, rates_of
from tests.simulation.handlers import Handlers
from tests.simulation.machine import Machine
from tests.simulation.network import SimProviders
from tests.simulation.planning import plan_once
from tests.simulation.ports import (
    SimAccounts,
    SimBudget,
    SimClock,
    SimExecutions,
    SimFiles,
    SimJobs,
    SimNotices,
    SimUploads,
    SteadyJobs,
)
from tests.simulation.scenario import Drop, dropped
from tests.simulation.stage import CrashError, Frame, Stage
from tests.simulation.vendors import VENDORS, Vendor
from tests.support.accounts import MemoryRoutes
from tests.support.clock import NOW
from tests.support.jobs import MemorySweeps
from tests.support.messaging import MemoryEvents

SWEEP = timedelta(minutes=15)
_MOST_EVENTS = 4000
_PIECES = (PIECE_BYTES, 1, 300)
"""How much of a result file is stored at once: all of it, each line of the plan, or a few."""


@dataclass
class Message:
    """A message in the queue. `receives` counts how often it was delivered."""

    upload: Upload
    number: int
    receives: int = 0
    is_gone: bool = False


def _in_memory(**_: Any) -> io.BytesIO:
    return io.BytesIO()


class World(Stage):
    """Everything there is, for one provider and one seed."""

    def __init__(
        self,
        provider: str,
        seed: int,
        *,
        only: Collection[str] | None = None,
        traced: bool = False,
        faults: Faults | None = None,
    ) -> None:
        self.provider, self.seed = provider, seed
        rng = random.Random(seed * 8 + list(VENDORS).index(provider))
        self.profile, rates = rates_of(rng)
        is_lively = rng.random() < 0.5
        faults = faults or Faults(rng.getrandbits(48), rates, only)
        super().__init__(faults, is_lively=is_lively, traced=traced)
        self.turns = rng.choice((4, 9, 30, 200))
        self.batch_rows = rng.choice((2, 3, 4))
        self.piece_bytes = _PIECES[seed % len(_PIECES)]
        self.vendor: Vendor = VENDORS[provider](self)
        options = self.vendor.destination(rng, self.batch_rows)
        self.kind = REGISTRY[provider]
        self.destination = self.kind.destination_model.model_validate(
            {"provider": provider, **options}
        )
        deadline_minutes = rng.choices((6, 20, 60, 240), weights=(6, 8, 4, 1))[0]
        self.route = Route.model_construct(
            destinations=(self.destination,),
            columns={},
            deadline_minutes=deadline_minutes,
            retention_days=30,
            duplicate_content="skip" if rng.random() < 0.5 else "send",
            row_items="all",
        )

        self.jobs = SimJobs(self)
        self.files = SimFiles(self)
        self.sweeps = MemorySweeps()
        self.budget = SimBudget(self)
        self.uploads = SimUploads(self)
        self.executions = SimExecutions(self)
        self.notices = SimNotices(self)
        self.routes = MemoryRoutes({"spring": self.route})
        self.accounts = SimAccounts(self)
        self.providers = SimProviders(self)
        self.clock = SimClock(self)
        self.metrics = MemoryEvents()
        self.handlers = Handlers(self)
        self.machine = Machine(self, self.turns, self.handlers.handle)
        self.dead_letters: list[Message] = []
        self.cancelled: dict[str, Effect] = {}
        """What a cancel of a job said that it still did."""
        self.clear: dict[tuple[str, str], bool] = {}
        """What a provider said of a row, for certain and in time, to a function that lived on."""
        self.asking: list[Frame] = []
        """Functions with a request in flight."""
        self.requests: list[tuple[datetime, str, str]] = []
        self._store_key("key-1")
        self.drops = self._drops(rng)
        self._busy_until = NOW
        self.most_events = _MOST_EVENTS * len(self.drops)
        self._plan_events(rng)

    # ------------------------------------------------------------------ what happens, and when

    def _drops(self, rng: random.Random) -> list[Drop]:
        return dropped(rng)

    def _plan_events(self, rng: random.Random) -> None:
        faults = self.faults
        first = {drop.upload: drop for drop in reversed(self.drops)}  # of an archive's tables
        for number, drop in enumerate(reversed(first.values())):
            self.uploads.keep(drop.upload, drop.content, drop.at, {})
            copies = 1 - faults.hit("event.dropped", str(number), lasting=True)
            while (
                copies and copies < 4 and faults.hit("event.duplicate", str(number), lasting=True)
            ):
                copies += 1
            for _ in range(copies):
                delay = 0.0
                if faults.hit("event.late", str(number), lasting=True):
                    delay = faults.draw("event delay") * 600
                message = Message(drop.upload, number)
                self.at(drop.at + timedelta(seconds=delay), partial(self.receive, message))
        self.at(NOW + SWEEP, self._sweep)
        if self.is_lively:
            self.at(NOW + timedelta(minutes=rng.choice((2, 10, 40))), self._settle_down)
        if faults.hit("key.revoked", "", lasting=True):
            self.at(NOW + timedelta(seconds=rng.random() * 120), self._revoke)
        elif faults.hit("key.rotated", "", lasting=True):
            self.at(NOW + timedelta(seconds=rng.random() * 120), self._rotate)
        if faults.hit("deploy.again", "", lasting=True):
            self.at(NOW + timedelta(seconds=rng.random() * 120), self._deploy)
        if faults.hit("route.removed", "", lasting=True):
            self.at(NOW + timedelta(seconds=rng.random() * 120), self._remove_route)

    def run(self) -> None:
        """Play it to its end, with temporary files in memory."""
        with (
            mock.patch.object(tempfile, "TemporaryFile", _in_memory),
            mock.patch.object(submitting, "plan_upload", plan_once),
        ):
            self.loop()

    def told(self, job_id: str, outcomes: Mapping[str, bool | None]) -> None:
        """Note what a provider said for certain, once the function has come to its end."""
        self.frame.told.append((job_id, outcomes))

    def _has_run(self, frame: Frame, answer: Any) -> None:
        if not isinstance(answer, CrashError):  # which ends the process
            self.providers.freeze(frame)
        is_dead = isinstance(answer, BaseException)
        if not is_dead and not frame.is_zombie:
            for job_id, outcomes in frame.told:
                if self.now < self.jobs.jobs[job_id].deadline_at:
                    self.clear |= {
                        (job_id, row): is_in for row, is_in in outcomes.items() if is_in is not None
                    }
        if frame.sent and (frame.is_zombie or is_dead):
            self.vendor.ledger.doubtful |= frame.sent

    # ------------------------------------------------------------------ the queue

    def receive(self, message: Message) -> None:
        """Hand a message of the queue to Submit."""
        if message.is_gone:
            return
        message.receives += 1
        if message.receives > workflow.RECEIVES:
            self.dead_letters.append(message)
            message.is_gone = True
            self.note("dead letter")
            return
        later = self.now + timedelta(seconds=workflow.VISIBILITY_SECONDS)

        def again() -> None:  # at least once: the same message, while the first is at work
            self.at(self.now + timedelta(seconds=1), lambda: self.receive(message))

        frame = Frame(
            f"u{message.number}.submit",
            "",
            self.now + timedelta(seconds=workflow.TIMEOUTS["submit"]),
            message.receives - 1 + (message.receives > 1) * 2,
            again,
        )
        is_short = self.faults.hit("lambda.little_time", frame.label)
        submit = partial(self.handlers.submit, message.upload, is_short=is_short)
        answer = self.invoke(frame, submit)
        if isinstance(answer, BaseException):
            self.at(later, lambda: self.receive(message))
        else:
            message.is_gone = True

    def deliver(self, upload: Upload) -> None:
        """Put another message about an upload into the queue."""
        number = next(number for number, drop in enumerate(self.drops) if drop.upload == upload)
        self.at(self.now, lambda: self.receive(Message(upload, number)))

    def _sweep(self) -> None:
        """Deliver again, every quarter of an hour, what nobody has taken care of."""
        if self.handlers.sweep() or any(drop.at > self.now for drop in self.drops):
            self._busy_until = self.now + APART
        if self.now <= min(self._busy_until, NOW + timedelta(hours=6)):
            self.at(self.now + SWEEP, self._sweep)

    # ------------------------------------------------------------------ what changes meanwhile

    def _settle_down(self) -> None:
        self.note("faults stop")
        self.faults.is_over = True

    def interfere(self, place: str) -> None:
        """Cancel the job that is at work; while an upload is planned, one that is open."""
        frame = self.frame
        if not self.faults.hit("person.cancels", f"{frame.label} {place}"):
            return
        is_open = (job.job_id for job in self.jobs.jobs.values() if not job.state.is_terminal)
        job_id = frame.job_id or next(is_open, "")
        if job_id and job_id not in self.cancelled:
            effect = cancel_job(job_id, SteadyJobs(self.jobs)).effect
            self.note("cancelled", f"{job_id} {effect}")
            self.cancelled[job_id] = effect

    def _revoke(self) -> None:
        self.note("the key is revoked")
        self.vendor.keys = set()

    def _rotate(self) -> None:
        """Change the key: the secret first, and later on the old one is refused."""
        self.note("the key is rotated")
        self.vendor.keys = {"key-2"}
        self._store_key("key-2")

    def _store_key(self, key: str) -> None:
        model = self.kind.account_model
        is_header = "value" in model.model_fields
        secret = {"header": "Authorization", "value": key} if is_header else {"api_key": key}
        account = model.model_validate({"base_url": self.vendor.base, **secret})
        self.accounts.stored[self.provider, self.destination.account] = account

    def _remove_route(self) -> None:
        self.note("the route is removed")
        self.routes.routes.clear()

    def _deploy(self) -> None:
        """New code: nothing is remembered, and what old code carried in its turns is not there."""
        self.note("deployed again")
        self.accounts.cached.clear()
        self.providers.cached.clear()
        self.handlers.outdated = set(self.jobs.jobs)
