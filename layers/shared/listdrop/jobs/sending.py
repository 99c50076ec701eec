"""Send: post as many planned batches as the account's rate and the turn's time allow.

A batch is marked `sending` before its request leaves. Where the request's fate is unclear, or a
crash left the mark behind, the provider's `after_crash` rule decides; never a blind second request.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from listdrop.errors import (
    BatchRefusedError,
    ClaimLostError,
    FateUnknownError,
    NotSentError,
    ProviderBusyError,
    StopJobError,
)
from listdrop.jobs.settling import WHOLE_REQUEST, Ending, lost, refused, settle_batch
from listdrop.jobs.turns import TurnPorts, Work, begin_turn
from listdrop.models import BatchItem, BatchState, JobState, PlannedRow, Session, Turn
from listdrop.plans.blocks import sent_rows
from listdrop.providers.base import AfterCrash, Batch, BatchRow, SendAnswer

LEASE_SECONDS = 90
"""Longer than any request may take: after it, a batch marked `sending` was left by a crash."""

_UNREACHABLE_SECONDS = 15
_REPEAT_SECONDS = 10
_COMMIT_CHECKS = 3
_COMMIT_CHECK_SECONDS = 20
_MOST_RESTARTS = 2
_MOST_COMMITS = 2
_LOST_ANSWER = (
    "lost_answer",
    "The request was sent, but its answer was lost, and nobody can tell what became of it.",
)


def send_batches(turn: Turn, ports: TurnPorts, seconds: float) -> Turn:
    """Send for about `seconds`, and say what the workflow is to do next, and when."""
    work = begin_turn(turn, ports, "send")
    if work is None:
        return turn.then("finish")
    now = ports.clock.now()
    if work.job.state is JobState.PENDING:
        ports.jobs.update(work.job.job_id, state=JobState.RUNNING, started_at=now)
    return _Sending(work, now + timedelta(seconds=seconds)).run()


@dataclass
class _Batches:
    """What a look at the job's batches found, from the first that is not terminal."""

    waiting: list[BatchItem] = field(default_factory=list)
    sent: list[BatchItem] = field(default_factory=list)
    leased_until: datetime | None = None
    first_open: int = 1


class _Sending:
    def __init__(self, work: Work, ends_at: datetime) -> None:
        self.work = work
        self.ports = work.ports
        self.provider = work.provider
        self.ends_at = ends_at
        self.send_at: datetime | None = None
        """When to go on; `None` if nothing is left to send."""

    def run(self) -> Turn:
        gap = self.provider.rates.send_gap
        most = max(1, int((self.ends_at - self.now()).total_seconds() / gap))
        found = self._look(most)
        if not self.work.job.stop_reason:
            self._send_all(found, gap, most)
        return self._following(found)

    def now(self) -> datetime:
        return self.ports.clock.now()

    def _look(self, most: int) -> _Batches:
        """Read batches until there are more to send than one turn can."""
        found = _Batches(first_open=self.work.job.first_open)
        leading = True
        for batch in self.ports.jobs.batches(self.work.job.job_id, self.work.job.first_open):
            leading = leading and batch.state.is_terminal
            if leading:
                found.first_open = batch.number + 1
            elif batch.state is BatchState.SENT:
                found.sent.append(batch)
            elif (
                batch.state is BatchState.SENDING and (batch.lease_until or self.now()) > self.now()
            ):
                found.leased_until = max(
                    batch.lease_until or self.now(), found.leased_until or self.now()
                )
            elif not batch.state.is_terminal:
                found.waiting.append(batch)
                if len(found.waiting) > most:
                    break
        return found

    def _send_all(self, found: _Batches, gap: float, most: int) -> None:
        """Open, send, commit, as far as the account's slots and the turn's time reach."""
        opens = self._must_open() and bool(found.waiting or found.sent)
        commits = self._must_commit() and bool(found.waiting or found.sent)
        if not found.waiting and not opens and not commits:
            self.send_at = found.leased_until
            return
        if self.provider.rates.lone_gap and any(batch.rows == 1 for batch in found.waiting):
            gap = self.provider.rates.lone_gap
        wanted = min(len(found.waiting) + opens + commits, most + 2)
        self.send_at = self.work.reserve(wanted, gap)
        if self.send_at is not None or (opens and not self._open(found)):
            return
        for index, batch in enumerate(found.waiting):
            sent = self._send(batch)
            if sent is not None and sent.state is BatchState.SENT:
                found.sent.append(sent)
            if index >= most and self.send_at is None:
                self.send_at = self.now()
            if self.send_at is not None or self.work.job.stop_reason:
                return
        if found.leased_until:
            self.send_at = found.leased_until
        elif self._must_commit():
            self._commit(found)

    def _following(self, found: _Batches) -> Turn:
        job, now = self.work.job, self.now()
        sendable = None if job.stop_reason else self.send_at
        pollable = bool(found.sent) and not self._must_commit()
        poll_at = None
        if pollable:
            poll_at = job.poll_at or now + self.work.scaled(self.provider.pace.first)
        changes: dict[str, Any] = {"first_open": found.first_open, "send_at": sendable}
        if pollable:
            changes |= {"poll_at": poll_at, "sending_since": job.sending_since or now}
        self.work.save(**changes)
        return self.work.next_turn(send_at=sendable, poll_at=poll_at)

    # ------------------------------------------------------------------ one batch

    def _send(self, batch: BatchItem) -> BatchItem | None:
        """Send a batch, as many requests as it takes; returns it as it was left."""
        try:
            if batch.state is BatchState.SENDING:
                following = self._after_doubt(batch)
                if following is None or self.send_at is not None:
                    return following
                batch = following
            while batch.state is BatchState.PLANNED and self.send_at is None:
                if self.now() >= self.ends_at or not self.work.next_slot():
                    self.send_at = self.now()
                    return batch
                if self.work.is_stopped():
                    return batch
                batch = self._request(batch)
                if self.work.job.stop_reason:
                    return batch
        except ClaimLostError:  # another Send is at it: look again
            self.send_at = self.now() + self.work.scaled(_UNREACHABLE_SECONDS)
            return None
        return batch

    def _request(self, batch: BatchItem) -> BatchItem:
        rows = self._next_rows(batch)
        repeated = frozenset(batch.doubtful).intersection(row.row for row in rows)
        session = self.work.job.session
        asked = Batch(
            rows=[BatchRow(row.row, row.identity, row.payload or {}) for row in rows],
            repeated=repeated,
            is_remainder=bool(batch.settled),
            session=session.value if session else None,
            retried=frozenset(batch.retried),
        )
        lease_until = self.now() + self.work.scaled(LEASE_SECONDS)
        claimed = self._save(
            batch, state=BatchState.SENDING, attempts=batch.attempts + 1, lease_until=lease_until
        )
        try:
            answer = self.work.ask(lambda http, account: self.provider.send(http, account, asked))
        except ProviderBusyError as busy:
            self.send_at = self.now() + timedelta(seconds=busy.retry_after)
            self.work.hold(self.send_at)
            return self._release(claimed)
        except NotSentError:
            self.send_at = self.now() + self.work.scaled(_UNREACHABLE_SECONDS)
            return self._release(claimed)
        except StopJobError as stop:
            released = self._release(claimed)
            self.work.stop(stop)
            return released
        except BatchRefusedError as refusal:
            ending = refused(refusal.reason, WHOLE_REQUEST, refusal.raw_status)
            if repeated:  # refused is the repeat; the first may have been taken
                ending = lost(*_LOST_ANSWER)
            elif claimed.taken:  # refused is this part; others were loaded
                answer = SendAnswer(results=dict.fromkeys((row.row for row in rows), ending.rest))
                return self._record(claimed, answer, len(rows))
            return self._settle(claimed, ending, sent=int(bool(repeated)))
        except FateUnknownError:
            return self._after_doubt(claimed)
        self.work.warn(answer.warnings)
        return self._record(claimed, answer, len(rows))

    def _next_rows(self, batch: BatchItem) -> list[PlannedRow]:
        """Return the rows of the batch's next request; or of its last, whose fate is unclear."""
        rows = [row for row in sent_rows(self.ports.files, batch) if row.row not in batch.settled]
        return rows[batch.taken :][: batch.max_rows]

    def _record(self, batch: BatchItem, answer: SendAnswer, asked: int) -> BatchItem:
        """Write down what the provider answered."""
        settled = {**batch.settled, **answer.results}
        left = batch.rows - len(settled)
        if not left or answer.rest is not None:
            rest = answer.rest or next(iter(settled.values()))
            ending = Ending(BatchState.COMPLETED, rest, answer.results, answer.raw_status)
            return self._settle(batch, ending, sent=1)
        changes: dict[str, Any] = {
            "settled": settled,
            "retried": tuple(sorted(answer.retried)),
            "max_rows": answer.max_rows,
            "raw_status": answer.raw_status,
            "lease_until": None,
        }
        if answer.handle is None and not 0 < left <= batch.taken:
            return self._save(batch, state=BatchState.PLANNED, **changes)
        taken = batch.taken + (asked if answer.handle is not None else 0)
        if taken < left:  # a part was loaded, after the whole was too large
            changes["max_rows"] = batch.max_rows
            return self._save(batch, state=BatchState.PLANNED, taken=taken, **changes)
        now = self.now()
        return self._save(
            batch,
            state=BatchState.SENT,
            handle=answer.handle,
            sent_at=now,
            next_poll_at=now + self.work.scaled(self.provider.pace.first),
            sent=1,
            **changes,
        )

    def _after_doubt(self, batch: BatchItem) -> BatchItem:
        """Apply the provider's rule to a batch whose request may have been taken."""
        self.ports.events.count("doubtful_request", self.work.job.provider)
        rule = self.provider.after_crash
        if rule is AfterCrash.RESEND and batch.repeats < self.provider.resends:
            self.send_at = self.now() + self.work.scaled(_REPEAT_SECONDS * 2**batch.repeats)
            doubtful = {*batch.doubtful, *(row.row for row in self._next_rows(batch))}
            return self._release(batch, repeats=batch.repeats + 1, doubtful=tuple(sorted(doubtful)))
        if rule is AfterCrash.LOOK_UP:
            return self._restart(batch)
        return self._settle(batch, lost(*_LOST_ANSWER), sent=1)

    # ------------------------------------------------------------------ open, commit, restart

    def _must_open(self) -> bool:
        session = self.work.job.session
        return self.provider.needs_open and (session is None or session.value is None)

    def _must_commit(self) -> bool:
        session = self.work.job.session
        return self.provider.commits and (session is None or session.phase != "committed")

    def _open(self, found: _Batches) -> bool:
        """Open the account for the job; false if that has to be tried again later."""
        session = self.work.job.session
        restarts = session.restarts if session else 0
        claimed = Session(must_commit=self.provider.commits, restarts=restarts)
        # A Send that read the job before another opened it stops here, and takes nothing back.
        if not self._save_session(claimed):
            return False
        if not self.work.next_slot():
            self.send_at = self.now()
            return False
        try:
            value = self.work.ask(self.provider.open)
        except ProviderBusyError as busy:
            self.send_at = self.now() + timedelta(seconds=busy.retry_after)
            return False
        except (NotSentError, FateUnknownError):
            self.send_at = self.now() + self.work.scaled(_UNREACHABLE_SECONDS)
            return False
        except StopJobError as stop:
            self.work.stop(stop)
            return False
        # What an abandoned import had loaded is to be loaded again.
        try:
            waiting = [
                self._release(batch, taken=0, sent=-int(batch.state is BatchState.SENT))
                if batch.taken or batch.state is not BatchState.PLANNED
                else batch
                for batch in (*found.sent, *found.waiting)
            ]
        except ClaimLostError:  # another Send is at it: let it
            self.send_at = self.now() + self.work.scaled(_UNREACHABLE_SECONDS)
            return False
        found.sent, found.waiting = [], sorted(waiting, key=lambda batch: batch.number)
        return self._save_session(claimed.model_copy(update={"value": value}))

    def _save_session(self, session: Session) -> bool:
        try:
            self.work.job = self.ports.jobs.save_session(self.work.job, session)
        except ClaimLostError:  # another Send is at it: let it
            self.send_at = self.now() + self.work.scaled(_UNREACHABLE_SECONDS)
            return False
        return True

    def _restart(self, batch: BatchItem) -> BatchItem:
        """Abandon an import with a doubtful load: it is never run. Begin anew.

        After some restarts, without the batch that is in doubt now.
        """
        restarts = self.work.job.session.restarts if self.work.job.session else 0
        self._save_session(Session(must_commit=self.provider.commits, restarts=restarts + 1))
        self.send_at = self.now() + self.work.scaled(_REPEAT_SECONDS)
        if restarts >= _MOST_RESTARTS:
            return self._settle(batch, lost(*_LOST_ANSWER), sent=1)
        return self._release(batch, taken=0)

    def _commit(self, found: _Batches) -> None:
        """Start the import that all batches were loaded into."""
        session = self.work.job.session
        if not found.sent or session is None or session.value is None:
            return
        now = self.now()
        if session.phase == "committing":
            if session.lease_until and session.lease_until > now:
                self.send_at = session.lease_until
            else:
                self._check_commit(found.sent, session, session.value)
            return
        marked = {
            "phase": "committing",
            "lease_until": now + self.work.scaled(LEASE_SECONDS),
            "commits": session.commits + 1,
        }
        if not self.work.next_slot() or not self._save_session(session.model_copy(update=marked)):
            self.send_at = self.send_at or now
            return
        value = session.value
        try:
            handle = self.work.ask(lambda http, account: self.provider.commit(http, account, value))
        except ProviderBusyError as busy:
            self.send_at = self.now() + timedelta(seconds=busy.retry_after)
        except NotSentError:
            self.send_at = self.now() + self.work.scaled(_UNREACHABLE_SECONDS)
        except StopJobError as stop:
            self._save_session(session)
            self.work.stop(stop)
            return
        except BatchRefusedError as refusal:
            ending = refused(refusal.reason, WHOLE_REQUEST, refusal.raw_status)
            # Refused is this request; an earlier one may have started the import.
            self._settle_all(found, lost(*_LOST_ANSWER) if session.commits else ending)
            return
        except FateUnknownError:
            self.ports.events.count("doubtful_request", self.work.job.provider)
            doubtful = self.work.job.session or session
            self._save_session(doubtful.model_copy(update={"lease_until": None}))
            self.send_at = self.now() + self.work.scaled(_COMMIT_CHECK_SECONDS)
            return
        else:
            self._committed(found.sent, handle)
            return
        self._save_session(session)

    def _check_commit(self, sent: list[BatchItem], session: Session, value: Any) -> None:
        """Look whether a commit of unclear fate has started the import."""
        if not self.work.next_slot():
            self.send_at = self.now()
            return
        self.send_at = self.now() + self.work.scaled(_COMMIT_CHECK_SECONDS)
        try:
            handle = self.work.ask(
                lambda http, account: self.provider.look_up(http, account, value)
            )
        except (ProviderBusyError, NotSentError, FateUnknownError):
            return
        except StopJobError as stop:
            self.work.stop(stop)
            return
        if handle is not None:
            self.send_at = None
            self._committed(sent, handle)
        elif session.checks + 1 < _COMMIT_CHECKS:
            self._save_session(session.model_copy(update={"checks": session.checks + 1}))
        elif self.provider.may_commit_again and session.commits < _MOST_COMMITS:
            self._save_session(session.model_copy(update={"phase": "open", "checks": 0}))
        else:
            self.send_at = None
            for batch in sent:
                self._settle(batch, lost(*_LOST_ANSWER))
            sent.clear()

    def _committed(self, sent: list[BatchItem], handle: Any) -> None:
        """The import has started: the first batch stands for all of them when it is polled."""
        now = self.now()
        session = self.work.job.session or Session()
        first_poll = now + self.work.scaled(self.provider.pace.first)
        sent.sort(key=lambda batch: batch.number)  # they may have been loaded in another order
        sent[0] = self._save(sent[0], handle=handle, sent_at=now, next_poll_at=first_poll)
        self._save_session(session.model_copy(update={"phase": "committed", "lease_until": None}))

    def _settle_all(self, found: _Batches, ending: Ending) -> None:
        for batch in found.sent:
            self._settle(batch, ending)
        found.sent.clear()

    # ------------------------------------------------------------------ writing down

    def _save(self, batch: BatchItem, *, sent: int = 0, **changes: Any) -> BatchItem:
        return self.ports.jobs.save_batch(batch.model_copy(update=changes), sent=sent)

    def _release(self, batch: BatchItem, **changes: Any) -> BatchItem:
        """Put a batch back in the queue: nothing of it was taken, or it may be sent again."""
        return self._save(batch, state=BatchState.PLANNED, lease_until=None, **changes)

    def _settle(self, batch: BatchItem, ending: Ending, *, sent: int = 0) -> BatchItem:
        ports = self.ports
        return settle_batch(
            batch, ending, self.work.job, ports.jobs, ports.files, self.now(), sent=sent
        )
