"""Send: post as many planned batches as the account's rate and the turn's time allow.

A batch is marked `sending` before its request leaves. Where the request's fate is unclear, or a
crash left the mark behind, the provider's `after_crash` rule decides; never a blind second request.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from listdrop.errors import (
    BatchRefusedError,
    BrokenAnswerError,
    ClaimLostError,
    FateUnknownError,
    NotSentError,
    ProviderBusyError,
    StopJobError,
)
from listdrop.jobs import importing, sampling, splitting
from listdrop.jobs.calls import take_turns
from listdrop.jobs.recording import about, closed, count_split, record, record_refusal
from listdrop.jobs.settling import LOST_ANSWER, WHOLE_REQUEST, refused
from listdrop.jobs.turns import (
    LEASE_SECONDS,
    NO_MORE,
    REPEAT_SECONDS,
    UNREACHABLE_SECONDS,
    Pause,
    TurnPorts,
    Work,
    begin_turn,
)
from listdrop.models import BatchItem, BatchState, JobState, PlannedRow, Turn
from listdrop.plans.blocks import sent_rows
from listdrop.ports import Files
from listdrop.providers.base import AfterCrash, Batch, BatchRow, Rates, SendAnswer


def send_batches(turn: Turn, ports: TurnPorts, seconds: float, more: float = 0) -> Turn:
    """Send for about `seconds`, and say what the workflow does next, and when.

    For `more` seconds, go on with another turn if that is what is next (`calls.py`).
    """
    take = partial(_take_turn, ports, timedelta(seconds=seconds))
    return take_turns(turn, ports.clock, take, more)


def _take_turn(ports: TurnPorts, lasts: timedelta, turn: Turn, until: datetime | None) -> Turn:
    work = begin_turn(turn, ports, "send", until)
    if work is None:
        return turn.then("finish")
    now = work.now()
    if work.job.state is JobState.PENDING:
        started_at = work.job.started_at or now  # it may have waited after its sample
        ports.jobs.update(work.job.job_id, state=JobState.RUNNING, started_at=started_at)
    with work.leases:
        return _Sending(work, now + lasts).run()


@dataclass(slots=True)
class _Batches:
    """A job's batches from the first that is not sent on: to be sent, and sent.

    Of an import of several batches, from the first that is not terminal: it may be loaded again.
    """

    first_open: int
    first_unsent: int
    waiting: list[BatchItem] = field(default_factory=list)
    sent: list[BatchItem] = field(default_factory=list)
    leased_until: datetime | None = None
    """When no batch belongs to another Send any more."""

    def passed(self, batch: BatchItem) -> None:
        """Take note of how far everything is sent, and terminal."""
        if batch.number == self.first_open and batch.state.is_terminal:
            self.first_open += 1
        if batch.number == self.first_unsent and not batch.is_unsent:
            self.first_unsent += 1

    @property
    def has_open(self) -> bool:
        """Whether there may be batches to ask about."""
        return bool(self.sent) or self.first_open < self.first_unsent


def _look(work: Work, most: int) -> _Batches:
    """Read batches until there are more than `most` to send."""
    job, now = work.job, work.now()
    first = job.first_open if work.provider.commits else max(job.first_open, job.first_unsent)
    found = _Batches(job.first_open, first)
    for batch in work.ports.jobs.batches(job.job_id, first):
        found.passed(batch)
        if batch.state is BatchState.SENT:
            found.sent.append(batch)
        elif batch.state is BatchState.SENDING and (batch.lease_until or now) > now:
            found.leased_until = max(batch.lease_until or now, found.leased_until or now)
        elif batch.is_unsent:
            found.waiting.append(batch)
            if len(found.waiting) > most:
                break
    return found


class _Sending:
    """One turn of Send. Each step returns a pause if the next one has to wait."""

    def __init__(self, work: Work, ends_at: datetime) -> None:
        self._work = work
        self._provider = work.provider
        self._ends_at = ends_at
        self._reserved = self._provider.rates.send_gap  # seconds between the slots of this turn
        left = ends_at - work.now()
        self._most = max(1, int(left.total_seconds() / self._provider.rates.send_gap))
        """How many batches the turn has time for."""

    def run(self) -> Turn:
        # Every batch of an abandoned import is taken back before another is opened.
        must_open = importing.must_open(self._work)
        found = _look(self._work, sys.maxsize if must_open else self._most)
        if sampling.is_open(self._work) and not sampling.judge(self._work):
            return self._work.turn.then("finish")
        if sampling.is_open(self._work):
            found.waiting = sampling.part_of(self._work, found.waiting)
        if self._work.job.stop_reason:
            pause = NO_MORE
        else:
            pause = (
                self._reserve(found)
                or self._open(found)
                or self._send_each(found)
                or self._commit(found)
            )
        if self._work.job.stop_reason and not self._provider.commits:
            found.sent += closed(self._work, found.first_unsent)
        return self._next_turn(found, sampling.next_look(self._work, pause))

    # ------------------------------------------------------------------ the steps of a turn

    def _reserve(self, found: _Batches) -> Pause | None:
        """Get slots in the account's budget, one for each request that may be made."""
        requests = min(len(found.waiting), self._most)
        if found.waiting or found.sent:
            requests += importing.must_open(self._work) + importing.must_commit(self._work)
        if not requests:
            return Pause(found.leased_until)
        rates = self._provider.rates
        self._reserved = max([rates.send_gap, *(_gap(rates, batch) for batch in found.waiting)])
        slot_at = self._work.reserve(requests, self._reserved)
        return None if slot_at is None else Pause(slot_at)

    def _open(self, found: _Batches) -> Pause | None:
        """Open the account for the job, where the provider wants that and it is not done yet."""
        if not importing.must_open(self._work):
            return None
        opened = importing.open_session(self._work, (*found.sent, *found.waiting))
        if isinstance(opened, Pause):
            return opened
        found.waiting, found.sent = opened, []
        return None

    def _send_each(self, found: _Batches) -> Pause | None:
        for place, batch in enumerate(found.waiting):
            left = self._send(batch)
            if isinstance(left, Pause):
                return left
            found.passed(left)
            if left.state is BatchState.SENT:
                found.sent.append(left)
            if place >= self._most:
                return Pause(self._work.now())
        return Pause(found.leased_until) if found.leased_until else None

    def _commit(self, found: _Batches) -> Pause:
        """Start the import, where the provider wants that when everything is sent."""
        if not importing.must_commit(self._work):
            return NO_MORE
        return importing.commit(self._work, found.sent)

    def _next_turn(self, found: _Batches, pause: Pause) -> Turn:
        job, now = self._work.job, self._work.now()
        changes: dict[str, Any] = {
            "first_open": found.first_open,
            "first_unsent": found.first_unsent,
            "send_at": pause.until,
        }
        poll_at = None
        if found.has_open and not importing.must_commit(self._work):
            poll_at = job.poll_at or now + self._work.scaled(self._provider.pace.first)
            changes["poll_at"] = poll_at
        self._work.save(**changes)
        return self._work.next_turn(send_at=pause.until, poll_at=poll_at)

    # ------------------------------------------------------------------ one batch

    def _send(self, batch: BatchItem) -> BatchItem | Pause:
        """Send a batch in as many requests as it takes; returns it as it was left."""
        left: BatchItem | Pause = batch
        try:
            if batch.state is BatchState.SENDING:
                left = self._after_doubt(batch)
            while isinstance(left, BatchItem) and left.state is BatchState.PLANNED:
                if self._work.now() >= self._ends_at:
                    return Pause(self._work.now())
                if _gap(self._provider.rates, left) > self._reserved:
                    return Pause(self._work.now())
                if not self._work.next_slot():
                    return self._work.no_slot()
                if self._work.is_stopped():
                    return NO_MORE
                left = self._request(left)
        except ClaimLostError:  # another Send is at it: look again
            return self._work.pause(UNREACHABLE_SECONDS)
        return left

    def _request(self, batch: BatchItem) -> BatchItem | Pause:
        """Make one request with rows of a batch, and write down what came of it."""
        work = self._work
        rows = _next_rows(work.ports.files, batch)
        repeated = frozenset(batch.doubtful).intersection(row.row for row in rows)
        session = work.job.session
        asked = Batch(
            rows=[BatchRow(row.row, row.identity, row.payload or {}) for row in rows],
            repeated=repeated,
            attempts=batch.attempts,
            is_remainder=bool(batch.settled) or batch.split is not None,
            session=session.value if session else None,
            retried=frozenset(batch.retried),
        )
        claimed_at = work.now()
        lease_until = claimed_at + work.scaled(LEASE_SECONDS)
        claimed = work.save_batch(
            batch, state=BatchState.SENDING, attempts=batch.attempts + 1, lease_until=lease_until
        )
        began = work.now()
        try:
            answer = work.ask(
                lambda http, account: self._provider.send(http, account, asked),
                claimed_at=claimed_at,
            )
            answer = about(work, answer, rows)
        # Nothing was taken. That is written down first: a Send that dies after it leaves no doubt.
        except ProviderBusyError as busy:
            self._let_go(claimed)
            return work.pause_of(busy)
        except NotSentError:
            self._let_go(claimed)
            return work.pause(UNREACHABLE_SECONDS)
        except StopJobError as stop:
            self._let_go(claimed)
            return importing.stopped(work, stop)
        except BatchRefusedError as refusal:
            work.got_through(began)
            ending = refused(refusal.reason, WHOLE_REQUEST, refusal.raw_status)
            return record_refusal(work, claimed, rows, ending.rest, is_repeat=bool(repeated))
        except BrokenAnswerError:
            return self._after_doubt(claimed, may_repeat=False)
        except FateUnknownError as error:
            return self._after_doubt(claimed, retry_after=error.retry_after)
        work.got_through(began)
        work.heed(answer)
        if answer.refusal is None:
            recorded = record(work, claimed, answer, rows)
            if answer.stop is not None:
                work.stop(answer.stop)
            return recorded
        if repeated or work.job.splits >= splitting.MOST_SPLITS:
            refusal_of_all = answer.refusal._replace(reason_text=WHOLE_REQUEST)
            return record_refusal(work, claimed, rows, refusal_of_all, is_repeat=bool(repeated))
        count_split(work)
        split = splitting.narrowed(claimed.split, len(rows), is_about_rows=answer.is_about_rows)
        return work.release(claimed, split=split, raw_status=answer.raw_status)

    def _let_go(self, batch: BatchItem) -> None:
        """Put back a batch of which nothing was taken, unless another Send has it by now."""
        with suppress(ClaimLostError):
            self._work.release(batch)

    def _after_doubt(
        self, batch: BatchItem, *, may_repeat: bool = True, retry_after: float = 0
    ) -> BatchItem | Pause:
        """Apply the provider's rule to a batch whose request may have been taken.

        An answer that broke its adapter would only come again, so its request is not repeated.
        """
        work = self._work
        work.got_through(work.now())
        work.ports.events.count("doubtful_request", work.job.provider)
        rule = self._provider.after_crash
        rows = _next_rows(work.ports.files, batch)
        is_left = may_repeat and batch.repeats < self._provider.resends
        if rule is AfterCrash.RESEND and is_left:
            pause = work.pause(REPEAT_SECONDS * 2**batch.repeats)
            doubtful = {*batch.doubtful, *(row.row for row in rows)}
            work.release(batch, repeats=batch.repeats + 1, doubtful=tuple(sorted(doubtful)))
            return pause
        if rule is AfterCrash.LOOK_UP:
            return importing.restart(work, batch, retry_after)
        if batch.split is None:
            return work.settle(batch, LOST_ANSWER, was_sent=True)
        lost = SendAnswer(results=dict.fromkeys((row.row for row in rows), LOST_ANSWER.rest))
        changed = batch.model_copy(update={"split": batch.split.model_copy(update={"suspects": 0})})
        return record(work, changed, lost, rows, is_refused=True)


def _gap(rates: Rates, batch: BatchItem) -> float:
    """Return the seconds between requests like the batch's next."""
    is_lone = batch.rows - len(batch.settled) == 1 or splitting.is_about_one(batch)
    return rates.lone_gap if rates.lone_gap and is_lone else rates.send_gap


def _next_rows(files: Files, batch: BatchItem) -> list[PlannedRow]:
    """Return the rows of the batch's next request; or of its last, whose fate is unclear."""
    return splitting.next_rows(batch, splitting.untaken(batch, sent_rows(files, batch)))
