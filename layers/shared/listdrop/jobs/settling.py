"""Settling a batch: its rows' outcomes are stored with it or in a file, and then as items."""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import orjson

from listdrop.models import (
    BatchItem,
    BatchState,
    Job,
    Outcome,
    Part,
    RowResult,
    is_code,
)
from listdrop.models.numbers import has
from listdrop.plans.blocks import result_of, sent_rows
from listdrop.ports import Batches, Files


@dataclass(frozen=True, slots=True)
class Ending:
    """How a batch ends: its state, and the outcome of the rows that `results` does not name.

    `taken` is the outcome of rows in its parts, where that is another one.
    """

    state: BatchState
    rest: RowResult
    results: Mapping[int, RowResult]
    raw_status: str = ""
    taken: RowResult | None = None


MOST_TOLD = 4096
"""Bytes of outcomes that a batch has with it. To write and to read a file costs more than that."""


_NEXT = "\n"


class Settled(NamedTuple):
    """A batch that is terminal, and how many of its rows had each outcome."""

    batch: BatchItem
    counts: Mapping[str, int]


def settle_batch(
    batch: BatchItem,
    ending: Ending,
    job: Job,
    jobs: Batches,
    files: Files,
    now: datetime,
) -> Settled:
    """Mark the batch terminal, with its rows' outcomes, and then write its row items.

    The mark is conditional and has the outcomes, or names their file by its content: of two that
    settle a batch at once, only the one that marked it is believed, and the other writes no item.
    After a crash, Finish writes the items that are missing. Raises `ClaimLostError` if the batch
    was changed meanwhile.
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
    has_none = not any(_has_item(result, job) for _, result in settled)
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
    if not has_none:
        jobs.put_rows(job, settled)
    return Settled(marked, counts)


def _has_item(result: RowResult, job: Job) -> bool:
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


def write_missing_items(batch: BatchItem, job: Job, jobs: Batches, files: Files) -> None:
    """Write the row items of a terminal batch that a crash left without them."""
    if not (batch.has_items or has(job.items_of, batch.number)):
        results = dict(settled_rows(files, batch))
        jobs.put_rows(job, [(row, results[row.row]) for row in sent_rows(files, batch)])
        jobs.save_batch(batch.model_copy(update={"has_items": True}))


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
    return orjson.dumps([[row, *result] for row, result in outcomes])


def decode_outcomes(text: bytes) -> Iterator[tuple[int, RowResult]]:
    """Yield the rows and outcomes that were stored."""
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
        zlib.compress(orjson.dumps([(first, last, *told) for first, last, told in runs])) + written
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
