"""Finish: settle what is left, write the result files, say how it went."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from listdrop.errors import ClaimLostError, UnbalancedJobError
from listdrop.jobs.announcing import announce_upload, ask_for_approval
from listdrop.jobs.reporting import Report, ReportPorts
from listdrop.jobs.result_files import ResultFiles
from listdrop.jobs.row_items import LeftBatch, write_items
from listdrop.jobs.settling import (
    Ending,
    dated,
    lost,
    refused,
    settle_batch,
)
from listdrop.models import (
    BatchItem,
    BatchState,
    EndedJob,
    Group,
    Job,
    JobState,
    Outcome,
    ReasonCount,
    Turn,
    rows_in,
)
from listdrop.models.files import SUMMARY
from listdrop.models.numbers import has
from listdrop.notices import document as notice
from listdrop.notices import email as email_notice
from listdrop.notices.links import NO_LINKS, Links
from listdrop.ports import Endings, Notices


@dataclass(frozen=True, slots=True)
class FinishPorts(ReportPorts):
    """What Finish works with."""

    endings: Endings
    notices: Notices
    links: Links = NO_LINKS
    """Where notices lead."""


def finish_job(turn: Turn, ports: FinishPorts, seconds: float) -> JobState | None:
    """Bring a job to its terminal state: outcomes, files, one notice. For one that waits, ask.

    Returns `None` if `seconds` are not enough for that: called again, it goes on where it stopped.

    May be repeated: a job that is terminal is not changed, and its notice is published again only
    if it is not certain that it was. Raises `UnbalancedJobError` if outcomes and rows don't add up.
    """
    job = ports.jobs.get(turn.job_id)
    if job.state.is_terminal and job.notified_at:
        return job.state
    if turn.generation < job.generation:  # the job waits, or another execution works on it
        if job.state is JobState.HELD:
            ask_for_approval([job], ports)
        return job.state
    ends_at = ports.clock.now() + timedelta(seconds=seconds)
    is_expired = False
    if not job.state.is_terminal:
        job = _fenced(job, ports)
        settled = _settle_rest(job, ports, ends_at)
        if settled is None or not write_items(job, settled.left, ports, ends_at):
            return None
        is_expired = settled.is_expired
        job = job.model_copy(update={"batches": settled.batches})
    with ExitStack() as stack:
        report = Report(job, ports, stack)
        # What a job that has ended lacks, its Finish did in less time than there is.
        if not report.write(None if job.state.is_terminal else ends_at):
            return None
        finished = _finished(job, report, ports, is_expired=is_expired)
        reasons = report.top_reasons()
        if not job.state.is_terminal and not _store(finished, report, reasons, ports):
            # Another Finish was faster, with the same files. It may be about to tell, or have died.
            finished = ports.jobs.get(job.job_id)
            if finished.notified_at:
                return finished.state
    _publish(finished, reasons, report.files, ports)
    announce_upload(finished, EndedJob(job.job_id, tuple(reasons)), ports)
    ports.jobs.mark_notified(job.job_id, ports.clock.now())
    return finished.state


def _fenced(job: Job, ports: FinishPorts) -> Job:
    """Keep every Send that has read the job from starting its import, if that is not started yet.

    A Send that counts as dead may go on, and must not start what is reported as never started.
    """
    while job.session is not None and job.session.must_commit and job.session.phase == "open":
        try:
            return ports.jobs.save_session(job, job.session)
        except ClaimLostError:
            job = ports.jobs.get(job.job_id)
            if job.decided_at:
                break
    return job


class _SettledJob(NamedTuple):
    """Of a job's batches, which are all settled: those without items, and whether one expired.

    `batches` are how many there are, and were sent.
    """

    left: list[LeftBatch]
    is_expired: bool
    batches: dict[str, int]


def _settle_rest(job: Job, ports: FinishPorts, ends_at: datetime) -> _SettledJob | None:
    """Settle the batches that are not; `None` if time ran out."""
    left: list[LeftBatch] = []
    is_expired = False
    batches = sent = 0
    for batch in ports.jobs.batches(job.job_id):
        batches += 1
        if batch.state.is_terminal:
            settled = batch
        else:
            now = ports.clock.now()
            may_be_taken = _may_be_taken(batch, job)
            if job.sending_since is None and may_be_taken:  # a Send died meanwhile
                job = job.model_copy(update={"sending_since": now})
                ports.jobs.update(job.job_id, sending_since=now)
            ending = _ending(batch, job, now)
            batch = batch.model_copy(update={"was_sent": batch.was_sent or may_be_taken})
            settled = settle_batch(
                dated(batch, now), ending, job, ports.jobs, ports.files, now, leaves_items=True
            ).batch
            if ports.clock.now() >= ends_at:
                return None
        sent += settled.was_sent
        is_expired |= settled.state is BatchState.EXPIRED
        if not (settled.has_items or has(job.items_of, settled.number)):
            left.append(LeftBatch.of(settled))
    return _SettledJob(left, is_expired, {"planned": batches, "sent": sent, "terminal": batches})


def _ending(batch: BatchItem, job: Job, now: datetime) -> Ending:
    """What becomes of a batch that is not terminal when the job ends."""
    was_sent = _may_be_taken(batch, job)
    if batch.parts and not was_sent and not (job.session and job.session.must_commit):
        taken = _ending(batch.model_copy(update={"state": BatchState.SENT}), job, now)
        rest = _ending(batch.model_copy(update={"parts": ()}), job, now)
        return rest._replace(state=taken.state, taken=taken.rest)
    if job.stop_reason and not was_sent:
        return refused(job.stop_reason, job.stop_text)
    if now >= job.deadline_at:
        text = "The provider had not finished with the row at the deadline."
        if not was_sent:
            text = "The row was not sent before the deadline."
        return lost("deadline", text, BatchState.EXPIRED)
    text = "The job ended before the provider had answered for the row."
    return lost("not_finished", text if was_sent else "The job ended before the row was sent.")


def _may_be_taken(batch: BatchItem, job: Job) -> bool:
    """Whether the provider has rows of the batch, or may have. What was only loaded, it has not.

    It may have a row that failed at first and waits for its one retry, too.
    """
    if job.session is not None and job.session.must_commit:
        return job.session.may_have_started
    return batch.state is not BatchState.PLANNED or batch.repeats > 0 or bool(batch.retried)


# ---------------------------------------------------------------- the end


def _finished(job: Job, report: Report, ports: FinishPorts, *, is_expired: bool) -> Job:
    if job.state.is_terminal:
        return job
    counts = report.counts
    if counts["rows"] != job.counts["rows"]:
        ports.events.count("unbalanced_job", job.provider)
        raise UnbalancedJobError(
            f"job {job.job_id}: {counts['rows']} outcomes for {job.counts['rows']} rows"
        )
    latest = _decided(job, report, ports, is_expired=is_expired)
    return latest.model_copy(
        update={
            "state": latest.verdict,
            "counts": counts,
            "batches": job.batches,
            "progress": 100,
            "finished_at": latest.decided_at,
            "updated_at": latest.decided_at,
            "started_at": latest.started_at or latest.created_at,
            "results": ports.files.results(job.job_id),
            "to_correct": report.files.rejected,
            "to_send_again": report.files.retryable,
        }
    )


def _decided(job: Job, report: Report, ports: FinishPorts, *, is_expired: bool) -> Job:
    """Decide how and when the job ends, or take over what another Finish decided.

    From then on a cancel is too late, and says so.
    """
    latest = ports.jobs.get(job.job_id)
    if latest.decided_at is not None:
        return latest
    state = final_state(
        latest, report.counts, is_answered=report.is_answered, is_expired=is_expired
    )
    changes: dict[str, object] = {"verdict": state, "decided_at": ports.clock.now()}
    if state in (JobState.REJECTED, JobState.CANCELLED) and not latest.reason:
        changes |= {"reason": latest.stop_reason, "reason_text": latest.stop_text}
    decided = ports.jobs.decide(latest.model_copy(update=changes))
    if decided.decided_at is None:  # stopped at this moment, which happens once
        return _decided(job, report, ports, is_expired=is_expired)
    return decided


def final_state(
    job: Job, counts: dict[str, int], *, is_answered: bool, is_expired: bool
) -> JobState:
    """Decide a job's terminal state from its outcomes (design: words)."""
    if job.verdict is not None:
        return job.verdict
    if job.stop_reason == JobState.CANCELLED:
        return JobState.CANCELLED
    if job.stop_reason and not is_answered:
        return JobState.REJECTED
    if is_expired:
        return JobState.EXPIRED
    bad = rows_in(counts, Group.BAD)
    if not bad:
        return JobState.SUCCEEDED
    return JobState.FAILED if bad == counts["rows"] else JobState.PARTIAL


def _store(job: Job, report: Report, reasons: Sequence[ReasonCount], ports: FinishPorts) -> bool:
    """Store files and state, and count the job; false if another Finish ended it before."""
    report.save_files()
    summary = notice.encode(notice.summary(job, reasons)).encode()
    ports.files.save_result(job.job_id, SUMMARY, io.BytesIO(summary))
    if not ports.jobs.finish(job):
        return False
    ports.events.count(f"job_{job.state}", job.provider, route=job.route)
    for outcome in Outcome:
        if job.counts[outcome]:
            rows = job.counts[outcome]
            ports.events.count(f"rows_{outcome}", job.provider, rows)
    return True


def _publish(
    job: Job, reasons: Sequence[ReasonCount], result_files: ResultFiles, ports: FinishPorts
) -> None:
    ports.notices.publish(
        subject=email_notice.subject(job),
        message=notice.encode(notice.document(job, reasons)),
        text=email_notice.text(
            job,
            reasons,
            retryable=result_files.retryable,
            rejected=result_files.rejected,
            links=ports.links,
        ),
        attributes=notice.attributes(job),
    )
