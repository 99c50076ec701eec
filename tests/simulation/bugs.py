"""Planted bugs: mistakes that somebody could make, each of which the simulator has to notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unittest import mock

from listdrop.errors import NotSentError
from listdrop.jobs import (
    finishing,
    importing,
    polling,
    recording,
    reporting,
    sending,
    splitting,
    submitting,
)
from listdrop.jobs.leases import Leases
from listdrop.jobs.result_files import GrowingFile
from listdrop.jobs.turns import Pause, Work
from listdrop.models import BatchState, JobState, Outcome, RowResult, Ticket
from listdrop.providers import activecampaign, base, http, kakiyo, saleshandy, waalaxy, which50
from listdrop.providers.base import PollAnswer
from listdrop.wiring.turns import OnlineProviders
from tests.simulation import handlers, planning, ports, world
from tests.support.jobs import MemoryJobs

Patch = tuple[object, str, Any]


@dataclass(frozen=True)
class Bug:
    """A mistake: what is put in whose place, and the providers whose users it would hurt."""

    providers: tuple[str, ...]
    patches: Callable[[], tuple[Patch, ...]]

    @contextmanager
    def planted(self) -> Iterator[None]:
        """Make the mistake for a while."""
        with ExitStack() as stack:
            for target, name, value in self.patches():
                stack.enter_context(mock.patch.object(target, name, value))
            planning.forget()
            stack.callback(planning.forget)
            yield


# ---------------------------------------------------------------- sending

_save_changes, _read_account = Work.save_batch, Work._read_account


def _read_or_fail(self: Any, *, fresh: bool) -> Any:
    try:
        return _read_account(self, fresh=fresh)
    except NotSentError as error:
        raise TimeoutError("no answer of Secrets Manager") from error


def _save_without_intent(self: Any, batch: Any, *, sent: int = 0, **changes: Any) -> Any:
    if changes.get("state") is BatchState.SENDING:
        return batch.model_copy(update=changes)
    return _save_changes(self, batch, sent=sent, **changes)


def _send_again(work: Work, batch: Any, _: float = 0) -> Pause:
    pause = Pause(work.now())
    work.release(batch)
    return pause


def _fate_is_known(answer: Any, *, busy_seconds: float = 60) -> None:
    if answer.status >= 500:
        raise NotSentError("it surely failed")
    _raise_for_fate(answer, busy_seconds=busy_seconds)


_raise_for_fate = base.raise_for_fate


def _without_deadline(turn: Any, ports: Any, kind: Any, until: Any = None) -> Any:
    job = ports.jobs.get(turn.job_id)
    return None if job.state.is_terminal or job.verdict else Work(turn, job, ports, kind, until)


def _unshared(self: Any, account: str, *, count: int, gap: float, now: Any) -> Ticket:
    del self, account
    return Ticket(at=now, count=count, gap=gap)


_part_of, _record_refusal = splitting.part_of, recording.record_refusal


def _part_of_all(rows: Any, handle: Any) -> Any:
    return _part_of(rows, handle).model_copy(update={"last": 1_000_000})


def _refused_at_last(work: Any, batch: Any, rows: Any, result: Any, *, is_repeat: bool) -> Any:
    del is_repeat
    return _record_refusal(work, batch, rows, result, is_repeat=False)


def _started_unseen(work: Work, *arguments: Any) -> Pause:
    with mock.patch.object(Work, "is_stopped", lambda self: bool(self.job.stop_reason)):
        return _start(work, *arguments)


_start = importing._start


def _taken_once(self: Any, name: str, holder: str, until: Any, now: Any) -> Any:
    if "#list" in name and self.leases.get(name, ("",))[0] == holder:
        return None
    return _take(self, name, holder, min(until, now + timedelta(minutes=2)), now)


_take = ports.SimBudget.take

# ---------------------------------------------------------------- finishing

_publish, _store = finishing._publish, finishing._store


def _publish_first(job: Any, report: Any, reasons: Any, ports: Any) -> bool:
    _publish(job, reasons, report.files, ports)
    return bool(_store(job, report, reasons, ports))


def _notified_first(job: Any, reasons: Any, result_files: Any, ports: Any) -> None:
    ports.jobs.mark_notified(job.job_id, ports.clock.now())
    _publish(job, reasons, result_files, ports)


def _ended_without_time(*arguments: Any) -> JobState:
    return _finish_job(*arguments) or JobState.FAILED


_finish_job = finishing.finish_job


def _resumed_without_rest(self: Any, pieces: Any, rest: Any, *_: Any) -> None:
    del rest
    self.pieces = list(pieces)


def _resumed_from_the_start(self: Any, stored: Any) -> None:
    _resume(self, stored.model_copy(update={"first_byte": 0, "row": 0, "batch": 1}))


def _kept_before_it_is_stored(self: Any) -> None:
    name = f"{self._row:010d}"
    self._ports.jobs.update(self._job.job_id, report=name)
    _keep(self)


_resume, _keep = reporting.Report._resume, reporting.Report._keep


def _ended_again(self: Any, job: Any) -> bool:
    _finish(self, job)
    return True


def _decided_again(self: Any, job: Any) -> Any:
    del self
    return job


# ---------------------------------------------------------------- ports

_finish, _save_plan, _stop = ports.SimJobs.finish, ports.SimJobs.save_plan, MemoryJobs.stop


def _saved_whole(self: Any, job: Any, batches: Any) -> None:
    _save_plan(self, job, batches)
    if self.jobs[job.job_id].planned_at == job.planned_at:
        self.jobs[job.job_id] = job


def _stopped_over(self: Any, job_id: str, reason: str, text: str) -> Any:
    job = self.jobs[job_id]
    if not job.state.is_terminal and not job.decided_at:
        self.jobs[job_id] = job.model_copy(update={"stop_reason": ""})
    return _stop(self, job_id, reason, text)


_save_batch, _put_rows = ports.SimJobs.save_batch, ports.SimJobs.put_rows


def _only_when_done(self: Any, upload: Any) -> Any:
    found = self.submissions.get((upload.key, upload.version_id))
    return found if found and found.is_done else None


def _kept_again(self: Any, upload: Any, decided: Any, now: Any) -> Any:
    del now
    self.submissions[upload.key, upload.version_id] = decided
    return decided


def _always_whole(job_ids: Any, *_: Any, **__: Any) -> Any:
    return _started(job_ids, is_whole=True)


_started = submitting._Started


def _save_anyway(self: Any, batch: Any, **more: Any) -> Any:
    stored = self.batch_items[batch.job_id][batch.number]
    return _save_batch(self, batch.model_copy(update={"version": stored.version}), **more)


def _put_some_rows(self: Any, job: Any, rows: Any) -> None:
    kept = list(rows)
    if len(kept) > 1 and self._world.faults.draw("unprocessed") < 0.1:
        kept.pop()
    _put_rows(self, job, kept)


def _begin_again(self: Any, job: Any, lease_until: Any) -> None:
    del lease_until
    with self._world.write("begin"):
        self.jobs[job.job_id] = job


def _read_newest(self: Any, upload: Any) -> Iterator[bytes]:
    is_there = [each for at, each in self.stored if at <= self._world.now]
    newest = [each for each in is_there if each.key == upload.key][-1]
    yield self.contents[newest.key, newest.version_id]


# ---------------------------------------------------------------- providers

_poll_activecampaign = activecampaign.ActiveCampaign.poll
_failures = activecampaign._failures
_result, _joined_kakiyo = kakiyo._result, kakiyo._joined


def _unknown_is_success(self: Any, http: Any, account: Any, handle: Any) -> PollAnswer:
    answer = _poll_activecampaign(self, http, account, handle)
    if "unknown_status" in answer.warnings:
        return PollAnswer(is_terminal=True, rest=RowResult(Outcome.ACCEPTED))
    return answer


def _strangers_ignored(body: Any, handle: Any) -> Any:
    return _failures(body, handle)[0], 0


def _imported_is_confirmed(entry: Mapping[str, Any], **more: Any) -> RowResult:
    result = _result(entry, **more)
    is_in = entry.get("status") == "imported" and result.outcome is Outcome.UNKNOWN
    return RowResult(Outcome.CONFIRMED) if is_in else result


def _wrapped_around(report: Any, handle: Any, receipt: Any) -> Any:
    entries = [
        entry | {"index": receipt.rows.index(receipt.rows[entry["index"]])}
        if entry.get("index") == -1
        else entry
        for entry in report or ()
    ]
    return _joined_kakiyo(entries if report else report, handle, receipt)


def _joined_by_place(elements: Any, rows: Any) -> Any:
    return {row.row: element for row, element in zip(rows, elements, strict=False)}


def _finished_is_success(*_: Any) -> Any:
    return RowResult(Outcome.ACCEPTED), ()


_ALL = ("activecampaign", "kakiyo", "saleshandy", "waalaxy", "which50")
_POLLED = ("kakiyo", "activecampaign")

BUGS: dict[str, Bug] = {
    "a request leaves before it is written down": Bug(
        ("waalaxy", "activecampaign"), lambda: ((Work, "save_batch", _save_without_intent),)
    ),
    "a request of unclear fate is sent again, whatever the rule": Bug(
        ("saleshandy", "waalaxy"),
        lambda: (
            (
                sending._Sending,
                "_after_doubt",
                lambda self, batch, **_: _send_again(self._work, batch),
            ),
        ),
    ),
    "a 5xx counts as not sent": Bug(
        ("activecampaign", "saleshandy"),
        lambda: tuple(
            (module, "raise_for_fate", _fate_is_known)
            for module in (activecampaign, kakiyo, saleshandy, waalaxy, which50)
        ),
    ),
    "a refused request is not split": Bug(
        ("kakiyo", "saleshandy", "waalaxy", "which50"),
        lambda: ((splitting, "MOST_SPLITS", 0),),
    ),
    "what was taken in part counts as taken whole": Bug(
        ("saleshandy", "kakiyo"), lambda: ((splitting, "part_of", _part_of_all),)
    ),
    "a repeat that is refused was never taken": Bug(
        ("kakiyo", "saleshandy"), lambda: ((sending, "record_refusal", _refused_at_last),)
    ),
    "an import with a doubtful load is run": Bug(
        ("which50",), lambda: ((importing, "restart", _send_again),)
    ),
    "the deadline is not looked at": Bug(
        _POLLED,
        lambda: (
            (sending, "begin_turn", _without_deadline),
            (polling, "begin_turn", _without_deadline),
        ),
    ),
    "each job has the account's rate for itself": Bug(
        ("saleshandy", "waalaxy"), lambda: ((ports.SimBudget, "reserve", _unshared),)
    ),
    "an account has as many requests in flight as jobs": Bug(
        ("waalaxy", "which50"), lambda: ((Leases, "enter", lambda _: None),)
    ),
    "a list has as many imports running as jobs": Bug(
        ("which50",), lambda: ((Leases, "begin_import", lambda _: None),)
    ),
    "the lease of an import is not prolonged while it runs": Bug(
        ("which50",), lambda: ((ports.SimBudget, "take", _taken_once),)
    ),
    "what an answer makes an adapter raise ends the turn": Bug(
        _ALL, lambda: ((Work, "_timed", lambda _, call, http, account: call(http, account)),)
    ),
    "connections are kept from one turn to the next": Bug(
        _ALL, lambda: ((OnlineProviders, "http", lambda self: self._http),)
    ),
    "a connection is used however long it was idle": Bug(
        _ALL, lambda: ((http, "IDLE_SECONDS", 3600),)
    ),
    "row items that a crash left out are not written": Bug(
        _ALL, lambda: ((finishing, "write_items", lambda *_: True),)
    ),
    "what may have been taken is called refused": Bug(
        _ALL, lambda: ((finishing, "_may_be_taken", lambda *_: False),)
    ),
    "the notice comes before the results": Bug(
        _ALL, lambda: ((finishing, "_store", _publish_first),)
    ),
    "the notice counts as published before it is": Bug(
        _ALL, lambda: ((finishing, "_publish", _notified_first),)
    ),
    "a job's plan is stored over what others wrote of it": Bug(
        _ALL, lambda: ((ports.SimJobs, "save_plan", _saved_whole),)
    ),
    "the last reason to stop a job replaces the first": Bug(
        _ALL, lambda: ((MemoryJobs, "stop", _stopped_over),)
    ),
    "nobody looks for a cancel right before a request": Bug(
        _ALL, lambda: ((Work, "is_stopped", lambda self: bool(self.job.stop_reason)),)
    ),
    "a cancel during the last load is not seen before the import is run": Bug(
        ("which50",), lambda: ((importing, "_start", _started_unseen),)
    ),
    "each of two Finishes decides how the job ends": Bug(
        _ALL, lambda: ((ports.SimJobs, "decide", _decided_again),)
    ),
    "each of two Finishes counts the job": Bug(
        _ALL, lambda: ((ports.SimJobs, "finish", _ended_again),)
    ),
    "a Finish that ran out of time is not called again": Bug(
        _ALL, lambda: ((handlers, "finish_job", _ended_without_time),)
    ),
    "what is too small for a piece is forgotten when another Finish goes on": Bug(
        _ALL, lambda: ((GrowingFile, "resume", _resumed_without_rest),)
    ),
    "a Finish that goes on begins again": Bug(
        _ALL, lambda: ((reporting.Report, "_resume", _resumed_from_the_start),)
    ),
    "a report counts as stored before it is": Bug(
        _ALL, lambda: ((reporting.Report, "_keep", _kept_before_it_is_stored),)
    ),
    "a key that cannot be read fails the turn": Bug(
        ("kakiyo", "waalaxy"), lambda: ((Work, "_read_account", _read_or_fail),)
    ),
    "a batch is written without its condition": Bug(
        _ALL, lambda: ((ports.SimJobs, "save_batch", _save_anyway),)
    ),
    "a repeated event plans a job again": Bug(
        _ALL, lambda: ((ports.SimJobs, "begin", _begin_again),)
    ),
    "unprocessed rows are forgotten": Bug(
        _ALL, lambda: ((ports.SimJobs, "put_rows", _put_some_rows),)
    ),
    "each Submit reads the route again": Bug(
        _ALL,
        lambda: (
            (ports.SimJobs, "submission", _only_when_done),
            (ports.SimJobs, "keep_submission", _kept_again),
        ),
    ),
    "a part of an upload counts as the whole": Bug(
        _ALL, lambda: ((submitting, "_Started", _always_whole),)
    ),
    "the newest version of an upload is read": Bug(
        _ALL, lambda: ((ports.SimUploads, "read", _read_newest),)
    ),
    "nobody looks for uploads whose event was lost": Bug(
        _ALL, lambda: ((world.World, "_sweep", lambda *_: None),)
    ),
    "an unknown status word means success": Bug(
        ("activecampaign",),
        lambda: ((activecampaign.ActiveCampaign, "poll", _unknown_is_success),),
    ),
    "a stranger among the failures is ignored": Bug(
        ("activecampaign",), lambda: ((activecampaign, "_failures", _strangers_ignored),)
    ),
    "imported counts as confirmed without a chat": Bug(
        ("kakiyo",), lambda: ((kakiyo, "_result", _imported_is_confirmed),)
    ),
    "place -1 of a report is its last row": Bug(
        ("kakiyo",), lambda: ((kakiyo, "_joined", _wrapped_around),)
    ),
    "completed means success, whatever the report says": Bug(
        ("saleshandy",), lambda: ((saleshandy, "_failures", lambda *_: ({}, 0)),)
    ),
    "answers are joined to rows by their place": Bug(
        ("waalaxy",), lambda: ((waalaxy, "_joined", _joined_by_place),)
    ),
    "counters are not compared with what was loaded": Bug(
        ("which50",), lambda: ((which50, "_settled", _finished_is_success),)
    ),
}
