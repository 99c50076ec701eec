"""Samples: the first rows of a job, which must go well before the others are sent.

A provider that refuses everybody is then asked about twenty people, and not about twenty thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from listdrop.jobs.holding import fingerprint
from listdrop.jobs.settling import settled_rows
from listdrop.jobs.turns import NO_MORE, Pause, Work
from listdrop.models import BatchItem, JobState, JobWarning, Route, SampleCheck, part
from listdrop.models.warnings import NO_SAMPLE
from listdrop.notices.wording import plural, share

if TYPE_CHECKING:
    from listdrop.plans.plan import Plan

_BEYOND = 2
"""Generations from the execution that held a job to the one that an answer starts. If this call
dies, the next one may yet be that of a fresh execution, which must neither send nor have the name.
"""
_AFTER_POLL = 1.0
"""Seconds of the provider's pace from a poll that may settle the sample to the look at it."""


def check_of(plan: Plan, route: Route, warnings: tuple[JobWarning, ...]) -> dict[str, Any]:
    """Return what changes about a planned job whose first rows are a sample; nothing if none are.

    A provider that starts its import only with all rows takes no sample, which is a warning.
    """
    if route.sample is None:
        return {}
    if plan.provider.commits:
        text = (
            f"{plan.provider.name} starts an import only once it has all rows, so no sample of "
            "them was sent first."
        )
        return {"warnings": (*warnings, JobWarning(code=NO_SAMPLE, text=text))}
    batches, rows = _first_of(plan, route.sample.rows)
    if batches == plan.batches:
        return {}
    check = SampleCheck(
        batches=batches,
        most_bad=int(part(route.sample.bad_share_at_most, rows)),
        hold_minutes=round(route.hold_hours * 60),
    )
    return {"sample": check, "plan_hash": fingerprint(plan)}


def _first_of(plan: Plan, wanted: int) -> tuple[int, int]:
    """Return how many batches have this many rows for sending, and how many they have."""
    rows = 0
    for batch in plan.items():
        rows += batch.rows
        if rows >= wanted:
            return batch.number, rows
    return plan.batches, rows


def is_open(work: Work) -> bool:
    """Whether only rows of the sample may be sent, as far as the job says."""
    job = work.job
    return job.sample is not None and job.sample.state == "open" and not job.stop_reason


def judge(work: Work) -> bool:
    """Look at an open sample; false if the others have to wait for a person from now on.

    It stays open until all of its rows have outcomes.
    """
    check = work.job.sample
    if check is None:
        return True
    batches = list(islice(work.ports.jobs.batches(work.job.job_id), check.batches))
    if not _is_over(batches):
        return True
    rows = sum(batch.rows for batch in batches)
    bad = sum(_bad_rows(work, batch) for batch in batches)
    if bad <= check.most_bad:
        changes: dict[str, Any] = {"sample": check.model_copy(update={"state": "passed"})}
        work.ports.jobs.update(work.job.job_id, **changes)
        work.job = work.job.model_copy(update=changes)
        return True
    return not _hold(work, check, bad, rows)


def _bad_rows(work: Work, batch: BatchItem) -> int:
    return sum(result.outcome.is_bad for _, result in settled_rows(work.ports.files, batch))


def part_of(work: Work, waiting: Sequence[BatchItem]) -> list[BatchItem]:
    """Return those of the batches that wait which are in the sample."""
    check = work.job.sample
    return [batch for batch in waiting if check and batch.number <= check.batches]


def next_look(work: Work, pause: Pause) -> Pause:
    """Return when Send looks at an open sample again, if it has nothing else to do."""
    if pause != NO_MORE or not is_open(work) or work.job.sample is None:
        return pause
    batches = islice(work.ports.jobs.batches(work.job.job_id), work.job.sample.batches)
    if _is_over(list(batches)):
        return Pause(work.now())
    poll_at = work.job.poll_at or work.now() + work.scaled(work.provider.pace.first)
    return Pause(max(poll_at, work.now()) + work.scaled(_AFTER_POLL))


def _is_over(batches: Sequence[BatchItem]) -> bool:
    return all(batch.state.is_terminal for batch in batches)


def _hold(work: Work, check: SampleCheck, bad: int, rows: int) -> bool:
    """Have the rest wait for a person; false if the job was stopped or taken over meanwhile."""
    now, job = work.now(), work.job
    planned_at = job.planned_at or job.created_at
    changes: dict[str, Any] = {
        "state": JobState.HELD,
        "deadline_at": planned_at + job.time_to_run,  # as of one that has not been answered
        "sample": check.model_copy(update={"state": "failed"}),
        "held_until": now + timedelta(minutes=check.hold_minutes),
        "reason_text": f"Of the first {plural(rows, 'row')} {bad:,} ({share(bad, rows)}) went "
        f"badly, and at most {check.most_bad:,} may.",
        "hold_told_at": None,
        "answered_at": None,
        "execution_arn": "",
        "send_at": None,
        "poll_at": None,
        "updated_at": now,
    }
    work.ports.jobs.hold(job.model_copy(update=changes))
    return work.ports.jobs.set_held(job.job_id, work.turn.generation + _BEYOND, **changes)
