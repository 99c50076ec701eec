"""Providers that need more of a job than its batches: open before the first, commit after the last.

Some only have their account opened. Others load all batches into one import, which `commit` starts:
a load in doubt abandons the import, and a commit in doubt is looked up.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from listdrop.errors import (
    BatchRefusedError,
    ClaimLostError,
    FateUnknownError,
    ImportMissingError,
    NotSentError,
    ProviderBusyError,
    StopJobError,
)
from listdrop.jobs.settling import LOST_ANSWER, WHOLE_REQUEST, Ending, lost, refused
from listdrop.jobs.turns import (
    LEASE_SECONDS,
    NO_MORE,
    REPEAT_SECONDS,
    UNREACHABLE_SECONDS,
    Pause,
    Work,
)
from listdrop.models import REASONS, BatchItem, BatchState, Json, Session
from listdrop.providers.base import Handle

_UNLOADED: dict[str, Any] = {"handle": None, "sent_at": None, "next_poll_at": None}
"""What a batch no longer has once its import is abandoned."""
_BACKOFF = 5
_LONGEST_PAUSE = 900
"""Each try to open or load an import may leave one at the provider, so pauses are five times as
long as the one before, up to a quarter of an hour: 26 requests in six hours."""
_MOST_DOUBLINGS = 3
"""Of the pause for a provider that is not reached: up to two minutes, or a little more."""
_NEW_SECONDS = 120
"""From the opening of an import to the moment when the provider knows it, wherever it looks."""
_COMMIT_CHECKS = 3
_COMMIT_CHECK_SECONDS = 20
_MOST_RESTARTS = 4
"""In twenty minutes. A batch that cannot be loaded in them must not keep back the others."""
_MOST_COMMITS = 2

_NOT_LOADED = refused("not_loaded", REASONS["not_loaded"].sentence)


def must_open(work: Work) -> bool:
    """Whether the account still has to be opened for the job."""
    session = work.job.session
    return work.provider.needs_open and (session is None or session.value is None)


def must_commit(work: Work) -> bool:
    """Whether the import still has to be started."""
    session = work.job.session
    return work.provider.commits and (session is None or session.phase != "committed")


def open_session(work: Work, batches: Iterable[BatchItem]) -> list[BatchItem] | Pause:
    """Open the account for the job; returns the batches in order, all of them still to be sent."""
    session = work.job.session
    restarts, opens = (session.restarts, session.opens) if session else (0, 0)
    claimed = Session(must_commit=work.provider.commits, restarts=restarts, opens=opens + 1)
    if not work.next_slot():
        return work.no_slot()
    if work.is_stopped():
        return NO_MORE
    # A Send that read the job before another opened it stops here, and takes nothing back.
    if pause := _save_session(work, claimed):
        return pause
    try:
        value = work.ask(lambda http, account: work.provider.open(http, account, _used(work)))
    except (ProviderBusyError, NotSentError) as error:  # certainly nothing was opened
        if isinstance(error, ProviderBusyError):
            pause = work.pause_of(error)
        else:
            pause = work.pause(_longer(UNREACHABLE_SECONDS, work.failures))
        return _save_session(work, claimed.model_copy(update={"opens": opens})) or pause
    except FateUnknownError as error:
        return _ever_later(work, UNREACHABLE_SECONDS, opens, error.retry_after)
    except StopJobError as stop:
        work.stop(stop)
        return NO_MORE
    try:
        waiting = [_taken_back(work, batch) for batch in batches]
    except ClaimLostError:  # another Send is at it: let it
        return work.pause(UNREACHABLE_SECONDS)
    opened = claimed.model_copy(update={"value": value, "opened_at": work.now()})
    pause = _save_session(work, opened)
    return pause or sorted(waiting, key=lambda batch: batch.number)


def _used(work: Work) -> frozenset[str] | None:
    """Return the keys of payloads that the provider asks for; `None` if Submit kept none."""
    keys = work.job.payload_keys
    return None if keys is None else frozenset(keys)


def _ever_later(work: Work, seconds: float, times: int, retry_after: float) -> Pause:
    """Go on after a pause that grows with the times, and not before the provider wants it."""
    pause = work.pause(min(seconds * _BACKOFF**times, _LONGEST_PAUSE))
    return _not_before(work, pause, retry_after)


def _not_before(work: Work, pause: Pause, retry_after: float) -> Pause:
    """Make a pause as long as the provider asks for, if it does: then for all of the account."""
    if not retry_after or pause.until is None:
        return pause
    return Pause(max(pause.until, work.hold_for(ProviderBusyError(retry_after))))


def _longer(seconds: float, times: int) -> float:
    """Return the pause after a number of failures in a row: each is twice as long as the last."""
    doublings = min(max(times - 1, 0), _MOST_DOUBLINGS)
    return float(seconds * 2**doublings)


def _taken_back(work: Work, batch: BatchItem) -> BatchItem:
    """Have a batch loaded again, if an abandoned import has anything of it."""
    if batch.state is BatchState.PLANNED and not batch.parts:
        return batch
    return work.release(batch, parts=(), split=None, was_sent=False, **_UNLOADED)


def stopped(work: Work, stop: StopJobError) -> Pause:
    """Stop the job, unless its import is so new that the provider may not know it yet."""
    session = work.job.session
    if isinstance(stop, ImportMissingError) and session and _age(work, session) < _NEW_SECONDS:
        return work.pause(UNREACHABLE_SECONDS)
    work.stop(stop)
    return NO_MORE


def _age(work: Work, session: Session) -> float:
    """Return how old the import is, in seconds."""
    return work.nominal(work.now() - session.opened_at) if session.opened_at else math.inf


def restart(work: Work, batch: BatchItem, retry_after: float = 0) -> Pause:
    """Abandon the import that this batch was perhaps loaded into: it is never run.

    A later turn opens another, ever later. After some restarts, it does so without the batch, whose
    rows are certainly not imported.
    """
    restarts = work.job.session.restarts if work.job.session else 0
    # If another Send changed the session first, the batch's own version says who goes on with it.
    _save_session(work, Session(must_commit=work.provider.commits, restarts=restarts + 1))
    pause = _ever_later(work, REPEAT_SECONDS, restarts, retry_after)
    if restarts >= _MOST_RESTARTS:
        work.settle(batch, _NOT_LOADED, was_sent=False)
    else:
        work.release(batch, parts=(), split=None)
    return pause


def commit(work: Work, sent: Sequence[BatchItem]) -> Pause:
    """Start the import that these batches were loaded into, or look whether it has started."""
    session = work.job.session
    if not sent or session is None or session.value is None:
        return NO_MORE
    if session.phase != "committing":
        return _start(work, sent, session, session.value)
    if session.lease_until and session.lease_until > work.now():
        return Pause(session.lease_until)
    return _look_up(work, sent, session, session.value)


def _start(work: Work, sent: Sequence[BatchItem], session: Session, value: Json) -> Pause:
    """Start the import, with the intent written down first."""
    if pause := _held_back(work):
        return pause
    now = work.now()
    marked = {
        "phase": "committing",
        "lease_until": now + work.scaled(LEASE_SECONDS),
        "commits": session.commits + 1,
    }
    if pause := _save_session(work, session.model_copy(update=marked)):
        return pause
    try:
        handle = work.ask(
            lambda http, account: work.provider.commit(http, account, value), claimed_at=now
        )
    except ProviderBusyError as busy:
        pause = work.pause_of(busy)
    except NotSentError:
        pause = work.pause(UNREACHABLE_SECONDS)
    except StopJobError as stop:
        if not session.may_have_started:
            work.leases.end_import()
        _save_session(work, session)
        return stopped(work, stop)
    except BatchRefusedError as refusal:
        ending = refused(refusal.reason, WHOLE_REQUEST, refusal.raw_status)
        # Refused is this request; an earlier one may have started the import.
        if not session.may_have_started:
            work.leases.end_import()
        return _settle_all(work, sent, LOST_ANSWER if session.may_have_started else ending)
    except FateUnknownError as error:
        work.ports.events.count("doubtful_request", work.job.provider)
        doubtful = work.job.session or session
        _save_session(work, doubtful.model_copy(update={"lease_until": None}))
        return _not_before(work, work.pause(_COMMIT_CHECK_SECONDS), error.retry_after)
    else:
        return _committed(work, sent, handle)
    return _save_session(work, session) or pause


def _held_back(work: Work) -> Pause | None:
    """Wait for a slot; returns a pause if another's import runs, or the job was stopped."""
    if (blocked_until := work.leases.begin_import()) is not None:
        return Pause(blocked_until)
    if not work.next_slot():
        return work.no_slot()
    if work.is_stopped():  # while the last of it was loaded, for example
        work.leases.end_import()
        return NO_MORE
    return None


def _look_up(work: Work, sent: Sequence[BatchItem], session: Session, value: Json) -> Pause:
    """Look whether a commit of unclear fate has started the import."""
    if not work.next_slot():
        return work.no_slot()
    work.leases.begin_import()
    try:
        handle = work.ask(
            lambda http, account: work.provider.look_up(http, account, value), is_inquiry=True
        )
    except ProviderBusyError as busy:
        return work.pause_of(busy)
    except (NotSentError, FateUnknownError):
        later = work.pause(_longer(_COMMIT_CHECK_SECONDS, work.failures))
        found = session.model_copy(update={"missing": 0})
        return (_save_session(work, found) if session.missing else None) or later
    except ImportMissingError as error:
        asked = Handle({}, (), _age(work, session), missing=session.missing)
        if asked.is_lost():
            return _settle_all(work, sent, lost(error.reason, error.text))
        missing = session.missing + 1
        later = work.pause(_longer(_COMMIT_CHECK_SECONDS, missing))
        return _save_session(work, session.model_copy(update={"missing": missing})) or later
    except StopJobError as stop:
        work.stop(stop)
        return NO_MORE
    if handle is not None:
        return _committed(work, sent, handle)
    if session.checks + 1 < _COMMIT_CHECKS:
        changes: dict[str, Any] = {"checks": session.checks + 1, "missing": 0}
    elif work.provider.may_commit_again and session.commits < _MOST_COMMITS:
        changes = {"phase": "open", "checks": 0, "missing": 0}
    else:
        return _settle_all(work, sent, LOST_ANSWER)
    later = work.pause(_COMMIT_CHECK_SECONDS)
    return _save_session(work, session.model_copy(update=changes)) or later


def _committed(work: Work, sent: Sequence[BatchItem], handle: Json) -> Pause:
    """Remember that the import has started: its first batch stands for all when it is polled."""
    now = work.now()
    session = work.job.session or Session()
    first_poll = now + work.scaled(work.provider.pace.first)
    first = min(sent, key=lambda batch: batch.number)  # they may have been loaded in another order
    try:
        work.save_batch(first, handle=handle, sent_at=now, next_poll_at=first_poll)
    except ClaimLostError:  # another Send is at it: the import is looked up
        return work.pause(UNREACHABLE_SECONDS)
    committed = session.model_copy(update={"phase": "committed", "lease_until": None})
    return _save_session(work, committed) or NO_MORE


def _settle_all(work: Work, sent: Sequence[BatchItem], ending: Ending) -> Pause:
    """Settle the batches of an import; returns a pause if another call does so, to look again."""
    try:
        for batch in sent:
            work.settle(batch, ending)
    except ClaimLostError:
        return work.pause(UNREACHABLE_SECONDS)
    return NO_MORE


def _save_session(work: Work, session: Session) -> Pause | None:
    """Store the session; returns a pause if another Send did so first, and is left to it."""
    try:
        work.job = work.ports.jobs.save_session(work.job, session)
    except ClaimLostError:
        return work.pause(UNREACHABLE_SECONDS)
    return None
