"""Writing down what became of a request: rows that it settled, rows that were taken, the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from listdrop.errors import BrokenAnswerError, ClaimLostError
from listdrop.jobs import splitting
from listdrop.jobs.settling import LOST_ANSWER, Ending, refused
from listdrop.jobs.turns import Work
from listdrop.models import BatchItem, BatchState, PlannedRow, RowResult
from listdrop.plans.blocks import sent_rows
from listdrop.providers.base import SendAnswer


def about(work: Work, answer: SendAnswer, asked: Sequence[PlannedRow]) -> SendAnswer:
    """Return what an answer says about the rows of its request; others were not asked about.

    Raises `BrokenAnswerError` if that is nothing: the rows would be sent again and again.
    """
    rows = {row.row for row in asked}
    if answer.results.keys() <= rows and answer.retried <= rows:
        return answer
    work.count("broken_answer")
    results = {row: result for row, result in answer.results.items() if row in rows}
    left = answer._replace(results=results, retried=answer.retried & rows)
    if left == SendAnswer(warnings=left.warnings, raw_status=left.raw_status):
        raise BrokenAnswerError("the answer names none of the rows that were sent")
    return left


def record(
    work: Work,
    batch: BatchItem,
    answer: SendAnswer,
    asked: Sequence[PlannedRow],
    *,
    is_refused: bool = False,
) -> BatchItem:
    """Write down what the provider answered about the rows of a request.

    `is_refused`: they were refused, or lost, and `batch.split` says already how the search goes on.
    """
    rest = {} if answer.rest is None else {row.row: answer.rest for row in asked}
    settled = {**batch.settled, **rest, **answer.results}
    left = batch.rows - len(settled)
    if not left or (answer.rest is not None and len(asked) + len(batch.settled) == batch.rows):
        known = answer.rest or next(iter(settled.values()))
        ending = Ending(BatchState.COMPLETED, known, {}, answer.raw_status)
        return work.settle(batch, ending, settled=settled, was_sent=True)
    parts = batch.parts
    open_rows = [row for row in asked if row.row not in settled]
    if answer.handle is not None:
        parts = (*parts, splitting.part_of(asked, answer.handle))
        open_rows = []
    split = batch.split
    if not is_refused:
        split = splitting.cleared(split, len(asked) - len(open_rows))
    changes: dict[str, Any] = {
        "settled": settled,
        "retried": tuple(sorted(answer.retried)),
        "max_rows": batch.max_rows if answer.handle is not None else answer.max_rows,
        "raw_status": answer.raw_status or batch.raw_status,
        "parts": parts,
        "split": split,
        "lease_until": None,
    }
    changed = batch.model_copy(update=changes)
    others = settled.keys() - {row.row for row in asked}
    if answer.handle is not None and len(asked) + len(others) == batch.rows:
        return _sent(work, changed)  # the usual case, without another look at the plan
    if splitting.untaken(changed, sent_rows(work.ports.files, batch)):
        return work.save_batch(changed, state=BatchState.PLANNED)
    return _sent(work, changed)


def record_refusal(
    work: Work,
    batch: BatchItem,
    rows: Sequence[PlannedRow],
    result: RowResult,
    *,
    is_repeat: bool,
) -> BatchItem:
    """Settle the rows of a request that was refused, and go on with the batch's others."""
    if is_repeat:  # refused is the repeat; the first may have been taken
        result = LOST_ANSWER.rest
    if len(rows) == batch.rows:
        state = LOST_ANSWER.state if is_repeat else BatchState.REFUSED
        ending = Ending(state, result, {}, "" if is_repeat else result.raw_status)
        return work.settle(batch, ending, was_sent=is_repeat)
    results = {row.row: result for row in rows}
    split = splitting.found(batch.split)
    if split is None and not is_repeat:  # nor is it in the other rows
        count_split(work, splitting.NOT_IN_ROWS)
        left = splitting.untaken(batch, sent_rows(work.ports.files, batch))
        results = splitting.all_refused(batch, left, result)
    elif batch.split is not None and len(rows) == 1 and not is_repeat:
        results = {rows[0].row: result._replace(reason_text=splitting.ALONE)}
    answer = SendAnswer(results=results, retried=frozenset(batch.retried) - results.keys())
    changed = batch.model_copy(update={"split": split})
    return record(work, changed, answer, rows, is_refused=True)


def _sent(work: Work, batch: BatchItem) -> BatchItem:
    """Mark a batch of which everything is sent: its parts are asked about, if there are several."""
    now = work.now()
    parts = batch.parts if len(batch.parts) > 1 and not work.provider.commits else ()
    return work.save_batch(
        batch,
        state=BatchState.SENT,
        handle=batch.parts[-1].handle,
        parts=parts,
        split=None,
        max_rows=None,
        lease_until=None,
        sent_at=now,
        next_poll_at=now + work.scaled(work.provider.pace.first),
        was_sent=True,
    )


def count_split(work: Work, more: int = 1) -> None:
    """Add to the number of refused requests of this job that were split."""
    splits = work.job.splits + more
    work.job = work.job.model_copy(update={"splits": splits})
    work.ports.jobs.update(work.job.job_id, splits=splits)


def closed(work: Work, first: int) -> list[BatchItem]:
    """End what is left of batches in a stopped job of which parts were taken; return these batches.

    Rows that were taken still get their outcome.
    """
    ended: list[BatchItem] = []
    for batch in work.ports.jobs.batches(work.job.job_id, first):
        if batch.is_untouched:
            break
        if batch.state is not BatchState.PLANNED or not batch.parts:
            continue
        stop = refused(work.job.stop_reason, work.job.stop_text).rest
        left = splitting.untaken(batch, sent_rows(work.ports.files, batch))
        perhaps = {*batch.doubtful, *batch.retried}
        results = {row.row: LOST_ANSWER.rest if row.row in perhaps else stop for row in left}
        changed = batch.model_copy(update={"settled": {**batch.settled, **results}})
        try:
            ended.append(_sent(work, changed))
        except ClaimLostError:  # another Send is at it
            continue
    return ended
