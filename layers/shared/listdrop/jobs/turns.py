"""What Send and Status share: the job, slots in the account's budget, and what comes next.

One module, despite its length: it is one class, and what that is made of.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

from listdrop.errors import (
    BatchRefusedError,
    BrokenAnswerError,
    ContendedError,
    FateUnknownError,
    ListdropError,
    NotSentError,
    ProviderBusyError,
    ReportUnavailableError,
    StopJobError,
    UploadRejectedError,
)
from listdrop.jobs.calls import EARLY, NEAR
from listdrop.jobs.leases import Leases
from listdrop.jobs.settling import Ending, dated, settle_batch
from listdrop.jobs.telling import Telling
from listdrop.models import (
    Account,
    BatchItem,
    BatchState,
    FirstAnswers,
    Job,
    LastError,
    Ticket,
    Turn,
    iso,
)
from listdrop.notices.wording import trouble
from listdrop.ports import Accounts, Budget, Clock, Events, Files, Providers, TurnJobs
from listdrop.providers.base import PollAnswer, Provider, SendAnswer

if TYPE_CHECKING:
    from listdrop.providers.http import HttpClient

LATE = 0.5
"""In gaps: a slot that began longer ago is lost. So any n requests of an account span at least
n - 1.5 gaps, whichever job makes them, and a slow turn cannot run into the slots of the next."""

LEASE_SECONDS = 90
"""Longer than any request may take: after it, a batch or commit that a crash left is taken over."""

LATEST_SECONDS = 20
"""From a claim to the moment when its request leaves, at the latest. A request takes up to a
minute, and its answer has to be stored while the lease lasts: then another Send has the rows."""

UNREACHABLE_SECONDS = 15
"""From a request that never left, or a batch that another Send has, to the next look."""

REPEAT_SECONDS = 10
"""From a request of unclear fate to its repeat, or to the import that replaces an abandoned one."""

T = TypeVar("T")


class Pause(NamedTuple):
    """Send makes no more requests in this turn. `until` is when it goes on; `None`: not at all."""

    until: datetime | None


NO_MORE = Pause(None)
"""Everything is sent, or the job is stopped."""


class TurnPorts(NamedTuple):
    """What a turn works with. `wait_scale` shortens the provider's own waits (1 on AWS)."""

    jobs: TurnJobs
    files: Files
    accounts: Accounts
    providers: Providers
    budget: Budget
    clock: Clock
    events: Events
    wait_scale: float = 1.0


class Work:
    """One turn's work on a job: the provider, its account, and the ticket to make requests with.

    One class, despite its length: job, account and ticket change together with each request.
    """

    def __init__(
        self,
        turn: Turn,
        job: Job,
        ports: TurnPorts,
        kind: Literal["send", "poll"],
        until: datetime | None = None,
    ) -> None:
        self.turn = turn
        self.job = job
        self.ports = ports
        self.provider: Provider[Any, Any] = ports.providers.of(job.destination)
        self._kind = kind
        self._until = until
        """Until when the function's call may begin another turn."""
        self._ticket = turn.send_ticket if kind == "send" else turn.poll_ticket
        self._last_slot: datetime | None = None
        self._last_error = job.last_error
        self._has_failed = False
        """Whether a request of this turn had no usable answer."""
        self._requests = 0
        """How many were made since the job was last saved."""
        self.leases = Leases(job, self.provider, ports.budget, ports.clock, ports.wait_scale, kind)
        self.telling = Telling(job, ports.jobs, ports.clock)
        self.blocked_until: datetime | None = None
        """When to try again, if another job has a request in flight."""
        self._account: Account | None = None
        self._http = ports.providers.http()

    def now(self) -> datetime:
        """Return the moment."""
        return self.ports.clock.now()

    @property
    def budget_key(self) -> str:
        """The account whose rate these requests count against, and their kind if that counts."""
        account = f"{self.job.provider}#{self.job.account}"
        return self.provider.rates.budget(account, self._kind)

    @property
    def failures(self) -> int:
        """How many requests in a row had no usable answer, or were answered busy."""
        return self._last_error.attempts if self._last_error else 0

    def scaled(self, seconds: float) -> timedelta:
        """Turn seconds of the provider's pace into time."""
        return timedelta(seconds=seconds * self.ports.wait_scale)

    def nominal(self, passed: timedelta) -> float:
        """Turn time that has passed into seconds of the provider's pace."""
        return passed.total_seconds() / self.ports.wait_scale

    def pause(self, seconds: float) -> Pause:
        """Go on after seconds of the provider's pace."""
        return Pause(self.now() + self.scaled(seconds))

    def pause_of(self, busy: ProviderBusyError) -> Pause:
        """Go on when the provider wants to be asked again, as all jobs of the account do."""
        return Pause(self.hold_for(busy))

    def hold_for(self, busy: ProviderBusyError) -> datetime:
        """Keep all jobs of the account from asking as long as the provider says; until when."""
        until = self.now() + timedelta(seconds=busy.retry_after)
        self.hold(until)
        return until

    def reserve(self, count: int, gap: float) -> datetime | None:
        """Get slots for up to `count` requests; returns when to come back, if that is not now."""
        now = self.now()
        if gap > NEAR.total_seconds():  # the workflow waits for each
            count = 1
        if self._ticket is not None:  # slots that are too close for what is next are lost
            self._ticket = _from(self._ticket, now) if self._ticket.gap >= gap else None
        if self._ticket is None:
            try:
                self._ticket = self.ports.budget.reserve(
                    self.budget_key, count=count, gap=gap, now=now
                )
            except ContendedError:
                return now + EARLY
            self.measure("rate_wait", self._ticket.at - now)
        return self._ticket.at - EARLY if self._ticket.at > now + NEAR else None

    def next_slot(self) -> bool:
        """Wait for the next slot of the ticket; false if there is none left.

        Also false where the account takes one request at a time, and another job has one in flight.
        A turn that comes late does not catch up: slots that are past are lost.
        """
        if self._ticket is None:
            return False
        earliest, gap = self.now(), timedelta(seconds=self._ticket.gap)
        if self._last_slot is not None:
            earliest = max(earliest, self._last_slot + gap)
        ticket = self._ticket = _from(self._ticket, earliest)
        if ticket is None:
            return False
        self._last_slot = max(ticket.at, earliest)
        self.ports.clock.wait_until(self._last_slot)
        self._ticket = _without(ticket, 1)
        self.blocked_until = self.leases.enter()
        return self.blocked_until is None

    def no_slot(self) -> Pause:
        """Go on when there is another slot: in the next turn, or after another job's request."""
        return Pause(self.blocked_until or self.now())

    def hold(self, until: datetime) -> None:
        """Keep all jobs of the account from asking before this moment."""
        self.ports.budget.hold(self.budget_key, until)

    def ask(
        self,
        call: Callable[[HttpClient, Account], T],
        *,
        claimed_at: datetime | None = None,
        is_inquiry: bool = False,
    ) -> T:
        """Make a request with the account; after a refused key, once more with a freshly read one.

        What was claimed for it at `claimed_at` is not asked for so late that the lease might end.
        An inquiry is made even if the job was stopped meanwhile: it finds out about what was sent.
        Raises `StopJobError` also where there is no such account, or it cannot be used, and
        `NotSentError` also where it cannot be read for now.
        """
        http = self._http
        try:
            account = self._account or self._read_account(fresh=False)
            if self._is_late(claimed_at):
                raise self._unread("the secret with its key took too long to be read")
            return self._timed(call, http, account)
        except StopJobError as stop:
            if stop.reason != "provider_auth" or self._account is None:
                raise
            before, self._account = self._account, None
            if self._read_account(fresh=True) == before:
                raise
            # The refused request had the last slot, or took its time: in the next turn.
            if not self.next_slot() or self._is_late(claimed_at):
                rates = self.provider.rates
                gap = rates.send_gap if self._kind == "send" else rates.poll_gap
                raise ProviderBusyError(gap) from None
            if not is_inquiry and self.is_stopped():
                raise StopJobError(self.job.stop_reason, self.job.stop_text) from None
            return self._timed(call, http, self._read_account(fresh=False))

    def _timed(
        self, call: Callable[[HttpClient, Account], T], http: HttpClient, account: Account
    ) -> T:
        """Make a request, and tell how long it took, and whether the provider answered it."""
        began = self.now()
        self._requests += 1
        try:
            answer = call(http, account)
        except ProviderBusyError as busy:
            self.count("provider_busy")
            self._remember(busy)
            raise
        except (FateUnknownError, NotSentError, ReportUnavailableError) as error:
            self.count("provider_errors")
            self._remember(error)
            if isinstance(error, NotSentError):
                self._requests -= 1  # what never left costs nothing
            raise
        except (StopJobError, BatchRefusedError):  # which are answers
            self._last_error = None
            raise
        except ListdropError:
            raise
        except Exception as error:
            self.count("provider_errors")
            self.count("broken_answer")
            broken = BrokenAnswerError("the answer could not be read")
            self._remember(broken)
            raise broken from error
        finally:
            self.measure("request_time", self.now() - began)
        self._last_error = None
        return answer

    def _remember(self, error: ListdropError) -> None:
        """Keep what went wrong, with how long and how often that has been so."""
        found = LastError(text=str(error), kind=_kind_of(error), since=self.now())
        before = self._last_error
        if before is not None and before.is_busy == found.is_busy:
            more = {"since": before.since, "attempts": before.attempts + 1}
            found = found.model_copy(update=more)
        self._last_error = found
        self._has_failed = True

    def _tell(self, error: LastError) -> None:
        """Say what is wrong where those who operate the stack see it: in the log, by an alarm."""
        now = self.now()
        said = trouble(self.job.provider, error, iso, now)
        self.ports.events.warn(
            said, job_id=self.job.job_id, provider=self.job.provider, account=self.job.account
        )
        if not error.is_busy:
            self.measure("unreachable", now - error.since)

    def _read_account(self, *, fresh: bool) -> Account:
        try:
            self._account = self.ports.accounts.get(
                type(self.provider), self.job.account, fresh=fresh
            )
        except UploadRejectedError as error:
            raise StopJobError(error.reason, error.text) from error
        except Exception as error:
            # Whatever it was, the request has not left. If this failed the turn, the mark that says
            # that it is about to leave would stay, and make its rows doubtful.
            raise self._unread("the secret with its key could not be read") from error
        return self._account

    def _unread(self, text: str) -> NotSentError:
        unread = NotSentError(text)
        self.count("provider_errors")
        self._remember(unread)
        return unread

    def _is_late(self, claimed_at: datetime | None) -> bool:
        latest = timedelta(seconds=LATEST_SECONDS)
        return claimed_at is not None and self.now() - claimed_at > latest

    def count(self, name: str) -> None:
        """Count something that happened, by provider."""
        self.ports.events.count(name, self.job.provider)

    def measure(self, name: str, time: timedelta) -> None:
        """Remember how long something took, by provider."""
        seconds = max(time.total_seconds(), 0)
        self.ports.events.measure(name, self.job.provider, seconds)

    def heed(self, answer: SendAnswer | PollAnswer) -> None:
        """Count a provider's warnings, and make no request for as long as it asks.

        What is left of the ticket is lost: its slots were had before.
        """
        for name in answer.warnings:
            self.ports.events.count(name, self.job.provider)
        if answer.hold is not None:
            self.hold(self.now() + timedelta(seconds=answer.hold))
            self._ticket = None

    def is_stopped(self) -> bool:
        """Look whether requests must stop, right before one: the job may have been cancelled."""
        job = self.ports.jobs.get(self.job.job_id)
        stopped = {"stop_reason": job.stop_reason, "stop_text": job.stop_text}
        self.job = self.job.model_copy(update=stopped)
        return bool(job.stop_reason) or job.decided_at is not None

    def stop(self, error: StopJobError) -> None:
        """Remember that this job makes no more requests; if it was stopped before, why it was."""
        self.ports.events.count("stopped", self.job.provider)
        job = self.ports.jobs.stop(self.job.job_id, error.reason, error.text)
        stopped = {
            "stop_reason": job.stop_reason or error.reason,
            "stop_text": job.stop_text or error.text,
        }
        self.job = self.job.model_copy(update=stopped)

    def save_batch(self, batch: BatchItem, **changes: Any) -> BatchItem:
        """Store changes to a batch. Raises `ClaimLostError` if another call changed it first."""
        saved = self.ports.jobs.save_batch(dated(batch.model_copy(update=changes), self.now()))
        if saved.was_sent != batch.was_sent:
            self.telling.add_sent(saved)
        return saved

    def release(self, batch: BatchItem, **changes: Any) -> BatchItem:
        """Put a batch back in the queue: nothing of it was taken, or it may be sent again."""
        return self.save_batch(batch, state=BatchState.PLANNED, lease_until=None, **changes)

    def settle(self, batch: BatchItem, ending: Ending, **changes: Any) -> BatchItem:
        """Settle a batch now; see `settle_batch`."""
        jobs, files = self.ports.jobs, self.ports.files
        changed = dated(batch.model_copy(update=changes), self.now())
        settled = settle_batch(changed, ending, self.job, jobs, files, self.now())
        if changed.was_sent != batch.was_sent:
            self.telling.add_sent(settled.batch)
        self.telling.add_settled(settled)
        return settled.batch

    def save(self, **changes: Any) -> None:
        """Store what the turn leaves on the job, with its progress in percent of the rows."""
        if self._last_error is not None:
            next_at = changes.get("send_at") or changes.get("poll_at")
            error = self._last_error.model_copy(update={"next_at": next_at})
            changes["last_error"] = error
            if self._has_failed:
                self._tell(error)
        elif self.job.last_error is not None:
            changes["last_error"] = None
        self.telling.tell()
        job = self.ports.jobs.get(self.job.job_id)
        rows, answered = job.counts["rows"], job.batches["terminal"]
        if answered and job.first_answers is None:
            changes["first_answers"] = FirstAnswers(at=self.now(), batches=answered)
        if self._requests:
            changes["requests"] = (job.requests or 0) + self._requests
            self._requests = 0
        percent = 100 * (sum(job.counts.values()) - rows) // rows if rows else 100
        self.ports.jobs.show(job, progress=percent, updated_at=self.now(), **changes)

    def got_through(self, began: datetime) -> None:
        """Remember when the first request was made that got through, or may have."""
        if self.job.sending_since is None:
            self.job = self.job.model_copy(update={"sending_since": began})
            self.ports.jobs.update(self.job.job_id, sending_since=began)

    def next_turn(self, *, send_at: datetime | None, poll_at: datetime | None) -> Turn:
        """Decide what comes next: what is due first, or Finish when nothing is."""
        self.telling.tell()
        if send_at is None and poll_at is None:
            return self.turn.then("finish")
        tickets = {f"{self._kind}_ticket": self._ticket}
        own = send_at if self._kind == "send" else poll_at
        if self._until is not None and own is not None and own <= min(self._until, self.now()):
            return self.turn.then(self._kind, own, **tickets)  # which costs no transition
        send_first = poll_at is None or (send_at is not None and send_at <= poll_at)
        moment = min(at for at in (send_at, poll_at, self.job.deadline_at) if at is not None)
        if self.ports.wait_scale == 1 and moment.microsecond:
            # Step Functions cuts a Wait's moment to whole seconds, and would wake up too early.
            moment = moment.replace(microsecond=0) + timedelta(seconds=1)
        return self.turn.then("send" if send_first else "poll", moment, **tickets)


def _kind_of(error: ListdropError) -> Literal["unreachable", "no_answer", "busy"]:
    if isinstance(error, ProviderBusyError):
        return "busy"
    return "unreachable" if isinstance(error, NotSentError) else "no_answer"


def _from(ticket: Ticket, now: datetime) -> Ticket | None:
    """Return the slots of a ticket that are not lost by now."""
    gap = timedelta(seconds=ticket.gap)
    late = now - ticket.at - LATE * gap
    return _without(ticket, max(-(-late // gap), 0))


def _without(ticket: Ticket, slots: int) -> Ticket | None:
    """Return a ticket without its first slots, which are used or lost."""
    if slots >= ticket.count:
        return None
    at = ticket.at + timedelta(seconds=slots * ticket.gap)
    return Ticket(at=at, count=ticket.count - slots, gap=ticket.gap)


def begin_turn(
    turn: Turn, ports: TurnPorts, kind: Literal["send", "poll"], until: datetime | None = None
) -> Work | None:
    """Read the job; `None` if nothing is left to do but to finish it.

    `until` is when this call of the function begins no other turn any more, if it takes several.
    """
    job = ports.jobs.get(turn.job_id)
    over = job.state.is_terminal or job.verdict is not None or turn.generation < job.generation
    if over or ports.clock.now() >= job.deadline_at:
        return None
    work = Work(turn, job, ports, kind, until)
    work.count("turns")
    return work
