"""Settling a batch: its rows' outcomes are stored with it or in a file, and then as items."""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

import orjson

from listdrop.errors import TableBusyError
from listdrop.models import (
    BatchItem,
    BatchState,
    Job,
    JobState,
    Outcome,
    Part,
    PlannedRow,
    RowResult,
    is_code,
)
from listdrop.plans.blocks import result_of, sent_rows
from listdrop.ports import Batches, Files

MOST_TOLD = 4096
"""Bytes of outcomes that a batch has with it. To write and to read a file costs more than that."""

_NEXT = "\n"


class Ending(NamedTuple):
    """How a batch ends: its state, and the outcome of the rows that `results` does not name.

    `taken` is the outcome of rows in its parts, where that is another one.
    """

    state: BatchState
    rest: RowResult
    results: Mapping[int, RowResult]
    raw_status: str = ""
    taken: RowResult | None = None


class Settled(NamedTuple):
    """A batch that is terminal, how many rows had each outcome, and whether no item is missing."""

    batch: BatchItem
    counts: Mapping[str, int]
    has_items: bool


def settle_batch(
    batch: BatchItem,
    ending: Ending,
    job: Job,
    jobs: Batches,
    files: Files,
    now: datetime,
    *,
    leaves_items: bool = False,
) -> Settled:
    """Mark the batch terminal, with its rows' outcomes, and then write its row items.

    The mark is conditional and has the outcomes, or names their file by its content: of two that
    settle a batch at once, only the one that marked it is believed, and the other writes no item.
    Raises `ClaimLostError` if the batch was changed meanwhile.

    Items that are not written here are left to Finish (`row_items.py`): after a crash, where the
    table takes no more of them, if `leaves_items`, and of an import of several batches, which are
    settled all at once, and with items faster than one key of the table takes them.
    """
    rows = sent_rows(files, batch)
    known = {**ending.results, **_answered(batch, files), **batch.settled}
    rest, taken = about_all(ending.rest), about_all(ending.taken or ending.rest)
    settled = [
        (row, known.get(row.row) or (taken if _is_in_part(row.row, batch) else rest))
        for row in rows
    ]
    outcomes = [(row.row, result) for row, result in settled]
    name, told = "", pack(outcomes)
    if len(told) > MOST_TOLD:
        name, told = save_outcomes(batch, outcomes, files), b""
    is_loaded = job.session is not None and job.session.must_commit
    counts = Counter(result.outcome.value for _, result in settled)
    has_none = not any(has_item(result, job) for _, result in settled)
    marked = jobs.save_batch(
        batch.model_copy(
            update={
                "state": ending.state,
                "outcomes": name,
                "told": told,
                "has_items": has_none,
                "raw_status": ending.raw_status or batch.raw_status,
                "terminal_at": now,
                "settled": {},
                "left_out": tuple(batch.settled) if is_loaded else (),
                "parts": (),
                "split": None,
                "retried": (),
                "doubtful": (),
                "lease_until": None,
                "next_poll_at": None,
            }
        )
    )
    has_items = has_none
    if not (has_none or is_loaded or leaves_items):
        with suppress(TableBusyError):
            jobs.put_rows(job, settled)
            has_items = True
    return Settled(marked, counts, has_items)


def dated(batch: BatchItem, now: datetime) -> BatchItem:
    """Return a batch that was sent, or perhaps, with the moment since when it counts as that."""
    if not batch.was_sent or batch.sent_at is not None:
        return batch
    return batch.model_copy(update={"sent_at": now})


def has_item(result: RowResult, job: Job) -> bool:
    """Whether a row with this outcome has an item."""
    return job.row_items == "all" or (job.row_items == "bad" and result.outcome.is_bad)


def save_outcomes(batch: BatchItem, outcomes: Iterable[tuple[int, RowResult]], files: Files) -> str:
    """Store outcomes of rows of a batch, and return the name of the file, which is by content."""
    text = encode_outcomes(outcomes)
    name = f"{batch.number:06d}-{hashlib.sha256(text).hexdigest()[:16]}"
    files.save_outcomes(batch.job_id, name, text)
    return name


def _answered(batch: BatchItem, files: Files) -> dict[int, RowResult]:
    """Return the outcomes of rows in parts that the provider has answered for."""
    return {
        row: result
        for part in batch.parts
        if part.outcomes
        for row, result in decode_outcomes(files.read_outcomes(batch.job_id, part.outcomes))
    }


def in_part(row: int, part: Part) -> bool:
    """Whether a row that is not settled is in a part."""
    return part.first <= row <= part.last


def _is_in_part(row: int, batch: BatchItem) -> bool:
    return any(in_part(row, part) for part in batch.parts)


def about_all(rest: RowResult) -> RowResult:
    """Mark words that are about a whole import: they may name anybody in it."""
    if rest.reason and not is_code(rest.reason) and rest.reason_text != WHOLE_REQUEST:
        return rest._replace(reason_text=f"{WHOLE_IMPORT} {rest.reason_text}".strip())
    return rest


WHOLE_REQUEST = "The provider refused the whole request."
WHOLE_IMPORT = "The provider said this about the whole import."


def lost(reason: str, text: str, state: BatchState = BatchState.LOST) -> Ending:
    """Nobody can tell what became of the rows."""
    return Ending(state, RowResult(Outcome.UNKNOWN, reason, text), {})


LOST_ANSWER = lost(
    "lost_answer",
    "The request was sent, but its answer was lost, and nobody can tell what became of it.",
)


def refused(reason: str, text: str = "", raw_status: str = "") -> Ending:
    """The provider took nothing of the batch."""
    rest = RowResult(Outcome.REFUSED, reason, text, raw_status=raw_status)
    return Ending(BatchState.REFUSED, rest, {}, raw_status)


def settled_rows(files: Files, batch: BatchItem) -> Iterator[tuple[int, RowResult]]:
    """Return the rows of a terminal batch, in order, with their outcomes."""
    if batch.told:
        return iter(unpack(batch.told))
    return decode_outcomes(files.read_outcomes(batch.job_id, batch.outcomes))


def encode_outcomes(outcomes: Iterable[tuple[int, RowResult]]) -> bytes:
    """Return a batch's outcomes as they are stored: JSON, a list for each row."""
    return orjson.dumps([[row, *result.members] for row, result in outcomes])


def decode_outcomes(text: bytes) -> Iterator[tuple[int, RowResult]]:
    """Yield the rows and outcomes of such a file."""
    return ((row, result_of(members)) for row, *members in orjson.loads(text))


def pack(outcomes: Sequence[tuple[int, RowResult]]) -> bytes:
    """Return outcomes as a batch has them with it: runs of rows with the same, and references.

    References are hardly alike, so they are only written in as few bits as their letters take.
    """
    runs: list[tuple[int, int, RowResult]] = []
    for row, result in outcomes:
        told = result._replace(provider_ref="")
        if runs and (runs[-1][1] + 1, runs[-1][2]) == (row, told):
            runs[-1] = (runs[-1][0], row, told)
        else:
            runs.append((row, row, told))
    references = _NEXT.join(result.provider_ref.replace(_NEXT, " ") for _, result in outcomes)
    few = zlib.compressobj(9, strategy=zlib.Z_HUFFMAN_ONLY)
    written = few.compress(references.encode()) + few.flush()
    return (
        zlib.compress(orjson.dumps([(first, last, *told.members) for first, last, told in runs]))
        + written
    )


def unpack(told: bytes) -> list[tuple[int, RowResult]]:
    """Return outcomes that a batch has with it."""
    start = zlib.decompressobj()
    runs = orjson.loads(start.decompress(told))
    references = iter(zlib.decompress(start.unused_data).decode().split(_NEXT))
    return [
        (row, result_of(members)._replace(provider_ref=next(references)))
        for first, last, *members in runs
        for row in range(first, last + 1)
    ]


def settled_by_plan(planned: PlannedRow, job: Job) -> RowResult | None:
    """Return the outcome of a row that was not for sending; `None` if a batch has it."""
    if job.verdict is JobState.SKIPPED:
        return RowResult(Outcome.DUPLICATE, f"duplicate_of_row_{planned.row}", job.reason_text)
    return planned.result
