"""Status: ask about the batches that are due, once each, and settle those that are terminal."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from listdrop.errors import (
    ClaimLostError,
    FateUnknownError,
    NotSentError,
    ProviderBusyError,
    ReportUnavailableError,
    StopJobError,
)
from listdrop.jobs import parts
from listdrop.jobs.calls import take_turns
from listdrop.jobs.due import MOST_POLLS, Unit, has_parts, look
from listdrop.jobs.pacing import next_poll_seconds
from listdrop.jobs.settling import Ending, lost
from listdrop.jobs.turns import TurnPorts, Work, begin_turn
from listdrop.models import BatchItem, BatchState, Part, Turn
from listdrop.plans.blocks import BatchRows
from listdrop.providers.base import Handle, PollAnswer

OUTAGE_SECONDS = 30 * 60
"""An outage this long costs no row its outcome, however many polls fail meanwhile."""

_SETTLING = timedelta(seconds=60)
"""An answer about a whole import may be had only once, so it has its own time after the turn's.
With both and a slow answer, a turn of 45 seconds takes 135."""
_DEADLINE = ("deadline", "The provider had not finished with the row at the deadline.")
_UNAVAILABLE = ("status_unavailable", "The provider did not answer any more about the row.")


def poll_batches(turn: Turn, ports: TurnPorts, seconds: float, more: float = 0) -> Turn:
    """Ask for about `seconds`, and say what the workflow does next, and when.

    For `more` seconds, go on with another turn if that is what is next (`calls.py`).
    """
    take = partial(_take_turn, ports, timedelta(seconds=seconds))
    return take_turns(turn, ports.clock, take, more)


def _take_turn(ports: TurnPorts, lasts: timedelta, turn: Turn, until: datetime | None) -> Turn:
    work = begin_turn(turn, ports, "poll", until)
    if work is None:
        return turn.then("finish")
    with work.leases:
        return _Polling(work, ports.clock.now() + lasts).run()


class _Polling:
    """One turn of Status."""

    def __init__(self, work: Work, ends_at: datetime) -> None:
        self.work = work
        self.ports = work.ports
        self.provider = work.provider
        self.ends_at = ends_at
        self.seen = look(work, ends_at)

    def run(self) -> Turn:
        seen = self.seen
        left = seen.left
        if seen.due:
            gap = self.provider.rates.poll_gap
            slot_at = self.work.reserve(min(len(seen.due), MOST_POLLS), gap)
            if slot_at is not None:
                return self.work.next_turn(send_at=self._next_send(), poll_at=slot_at)
            left += self._poll_all(seen.due)
        poll_at = self._next_poll(left) if left or seen.is_cut_short else None
        self.work.save(poll_at=poll_at, first_open=seen.first_open, poll_from=seen.poll_from)
        return self.work.next_turn(send_at=self._next_send(), poll_at=poll_at)

    def _next_send(self) -> datetime | None:
        """When Send is next; in a job that was stopped, only to end what was taken in parts."""
        now = self.work.now()
        if self.work.job.stop_reason:
            return now if has_parts(self.work) else None
        return (self.work.job.send_at or now) if self.seen.is_sendable else None

    def _poll_all(self, due: Sequence[Unit]) -> list[Unit]:
        """Ask about each that is due; returns those that are still open."""
        left: list[Unit] = []
        for place, unit in enumerate(due):
            if self.work.now() >= self.ends_at or not self.work.next_slot():
                self.seen.is_cut_short, self.seen.poll_from = True, unit[0].number
                return [*left, *due[place:]]
            try:
                unit = self._poll(unit)
            except ProviderBusyError as busy:
                until, self.seen.poll_from = self.work.hold_for(busy), unit[0].number
                with suppress(ClaimLostError):  # another Status is at it: look again
                    unit = self._failed(unit, until)
                return [*left, *self._open(unit), *due[place + 1 :]]
            except StopJobError as stop:
                self.work.stop(stop)
                self._give_up([unit, *due[place + 1 :]], stop)
                return left
            except ClaimLostError:  # another Status is at it: look again at the next turn
                left.append(unit)
                continue
            left += self._open(unit)
        return left

    def _open(self, unit: Unit) -> list[Unit]:
        return [] if unit[0].state.is_terminal else [unit]

    def _poll(self, unit: Unit) -> list[BatchItem]:
        first = unit[0]
        now = self.work.now()
        self.work.leases.begin_import()
        sent_at = first.sent_at or now
        self.work.measure("poll_lag", now - (first.next_poll_at or now))
        part = parts.next_part(first)
        if first.parts and part is None:
            return self._settle(unit, parts.ANSWERED)
        # The provider answers for the whole import, whatever is settled of it.
        rows: Sequence[tuple[int, str]] = BatchRows(self.ports.files, self._import_of(unit))
        rows = parts.rows_of(part, rows) if part else rows
        handle = Handle(
            value=(part.handle if part else first.handle) or {},
            rows=rows,
            age=self.work.nominal(now - sent_at),
            is_repeat=parts.is_repeat(first, rows),
            failures=first.poll_failures,
            missing=part.missing if part else first.missing,
        )
        try:
            answer = self.work.ask(
                lambda http, account: self.provider.poll(http, account, handle), is_inquiry=True
            )
        except (FateUnknownError, NotSentError, ReportUnavailableError):
            return self._failed(unit, now)
        self.work.heed(answer)
        if answer.is_terminal and part is not None:
            changes = parts.answered(first, part, handle.rows, answer, self.ports.files)
            first = self.work.save_batch(first, next_poll_at=now, **changes)
            return [first] if parts.next_part(first) else self._settle([first], parts.ANSWERED)
        if answer.is_terminal:
            self.work.leases.end_import()
            ending = Ending(BatchState.COMPLETED, answer.rest, answer.results, answer.raw_status)
            return self._settle(unit, ending)
        limit = self.provider.deadline_seconds(sum(batch.rows for batch in unit))
        if limit is not None and handle.age >= limit:
            return self._settle(unit, lost(*_DEADLINE, state=BatchState.EXPIRED))
        return self._still_working(unit, part, answer)

    def _still_working(self, unit: Unit, part: Part | None, answer: PollAnswer) -> list[BatchItem]:
        changes: dict[str, Any] = {
            "raw_status": answer.raw_status,
            "poll_failures": 0,
            "failing_since": None,
        }
        before = part or unit[0]
        asked: dict[str, Any] = {"missing": before.missing + 1 if answer.is_missing else 0}
        if answer.handle is not None:
            asked["handle"] = answer.handle
        changes |= asked if part is None else {"parts": parts.asked(unit[0], part, **asked)}
        if answer.results:  # named before the end: stays so, whatever comes
            unit = [_with_results(self.work, batch, answer) for batch in unit]
        return [self._later(unit[0], answer.progress, **changes), *unit[1:]]

    def _failed(self, unit: Unit, not_before: datetime) -> list[BatchItem]:
        """Count a poll without an answer, and ask later, unless there were too many in a row."""
        failures, most = unit[0].poll_failures + 1, self.provider.pace.failures
        since = unit[0].failing_since or self.work.now()
        lasted = self.work.nominal(self.work.now() - since)
        if most and failures >= most and lasted >= OUTAGE_SECONDS:
            return self._settle(unit, lost(*_UNAVAILABLE))
        changes = {"poll_failures": failures, "failing_since": since}
        # What is missing is so only in answers in a row.
        changes |= {"missing": 0, "parts": parts.found(unit[0])}
        return [self._later(unit[0], None, not_before=not_before, **changes), *unit[1:]]

    def _later(
        self,
        batch: BatchItem,
        progress: float | None,
        *,
        not_before: datetime | None = None,
        **changes: Any,
    ) -> BatchItem:
        now = self.work.now()
        age = self.work.nominal(now - (batch.sent_at or now))
        at = now + self.work.scaled(next_poll_seconds(self.provider.pace, age, progress))
        changes["next_poll_at"] = max(at, not_before or at)
        return self.work.save_batch(batch, **changes)

    def _next_poll(self, left: Sequence[Unit]) -> datetime:
        """When the next of them is due; with several, no sooner than the job's own age asks for.

        So a job of many batches takes no more turns than a job of one that runs as long.
        """
        now = self.work.now()
        earliest = min(((unit[0].next_poll_at or now) for unit in left), default=now)
        if self.seen.is_cut_short:
            earliest = min(earliest, now)
        if self.work.blocked_until is not None:
            return max(earliest, self.work.blocked_until)
        if len(left) == 1 or self.seen.is_cut_short:
            return earliest
        age = self.work.nominal(now - (self.work.job.sending_since or now))
        return max(earliest, now + self.work.scaled(next_poll_seconds(self.provider.pace, age)))

    def _give_up(self, units: Sequence[Unit], stop: StopJobError) -> None:
        for unit in units:
            with suppress(ClaimLostError):  # another Status, or Finish, settles it
                self._settle(unit, lost(stop.reason, stop.text))

    def _settle(self, unit: Sequence[BatchItem], ending: Ending) -> list[BatchItem]:
        # The first stands for all of them while they are polled, so it is settled last; where time
        # runs out before, the next turn asks again and goes on.
        open_batches = list(unit)
        ends_at = max(self.ends_at, self.work.now() + _SETTLING)
        while open_batches and (len(open_batches) == len(unit) or self.work.now() < ends_at):
            settled = self.work.settle(open_batches.pop(), ending)
        self.seen.is_cut_short |= bool(open_batches)
        return open_batches or [settled]

    def _import_of(self, unit: Unit) -> list[BatchItem]:
        if not self.provider.commits:
            return unit
        return sorted((*unit, *self.seen.loaded), key=lambda batch: batch.number)


def _with_results(work: Work, batch: BatchItem, answer: PollAnswer) -> BatchItem:
    """Keep the outcomes of rows that were named before the import is over."""
    named = {
        row: answer.results[row]
        for row, _ in BatchRows(work.ports.files, [batch])
        if row in answer.results
    }
    if not named:
        return batch
    settled = {**batch.settled, **named}
    return work.save_batch(batch, settled=settled)
