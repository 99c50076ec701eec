"""Settling a batch: its rows' outcomes go to a file and to items, then it is terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson

from listdrop.models import BatchItem, BatchState, Job, Outcome, RowResult
from listdrop.plan import result_of, sent_rows
from listdrop.ports import Files, Jobs


@dataclass(frozen=True, slots=True)
class Ending:
    """How a batch ends: its state, and the outcome of the rows that `results` does not name."""

    state: BatchState
    rest: RowResult
    results: Mapping[int, RowResult]
    raw_status: str = ""


def settle_batch(
    batch: BatchItem,
    ending: Ending,
    job: Job,
    jobs: Jobs,
    files: Files,
    now: datetime,
    *,
    sent: int = 0,
) -> BatchItem:
    """Give every row of the batch its outcome, durably, and then mark the batch terminal.

    May be repeated after a crash: files and items are keyed by batch and row, and the mark is
    conditional. `sent` is added to the job's batches sent. Raises `ClaimLostError` if the batch
    was changed meanwhile.
    """
    rows = sent_rows(files, batch)
    known = {**ending.results, **batch.settled}
    settled = [(row, known.get(row.row, ending.rest)) for row in rows]
    files.save_outcomes(
        batch.job_id,
        batch.number,
        orjson.dumps([[row.row, *result] for row, result in settled]),
    )
    jobs.put_rows(job, settled)
    counts = Counter(result.outcome.value for _, result in settled)
    return jobs.save_batch(
        batch.model_copy(
            update={
                "state": ending.state,
                "raw_status": ending.raw_status or batch.raw_status,
                "terminal_at": now,
                "settled": {},
                "retried": (),
                "lease_until": None,
                "next_poll_at": None,
            }
        ),
        counts=counts,
        sent=sent,
    )


WHOLE_REQUEST = "The provider refused the whole request."


def lost(reason: str, text: str, state: BatchState = BatchState.LOST) -> Ending:
    """Nobody can tell what became of the rows."""
    return Ending(state, RowResult(Outcome.UNKNOWN, reason, text), {})


def refused(reason: str, text: str = "", raw_status: str = "") -> Ending:
    """The provider took nothing of the batch."""
    rest = RowResult(Outcome.REFUSED, reason, text, raw_status=raw_status)
    return Ending(BatchState.REFUSED, rest, {}, raw_status)


def settled_rows(files: Files, batch: BatchItem) -> Iterator[tuple[int, RowResult]]:
    """Yield the rows of a terminal batch, in order, with their outcomes."""
    for row, *members in orjson.loads(files.read_outcomes(batch.job_id, batch.number)):
        yield row, result_of(members)
