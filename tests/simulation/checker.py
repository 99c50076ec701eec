"""The promises of design.md §8 and the invariants I1 to I11, held against the provider's ledger."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import timedelta

from listdrop.jobs.cancelling import Effect
from listdrop.jobs.settling import WHOLE_REQUEST
from listdrop.jobs.splitting import ALONE
from listdrop.jobs.sweeping import DELIVERIES
from listdrop.models import Job, JobState, Outcome, RowResult, files, no_counts
from listdrop.providers.base import Rates
from tests.simulation.scenario import CsvRow, Drop
from tests.simulation.world import World

_GRACE = timedelta(minutes=15)
_UNTIMELY = ("aws.", "net.crash", "sfn.", "key.", "deploy.")


def check(world: World) -> list[str]:
    """Return every promise that a finished run broke; empty if none."""
    wrong = world.wrong
    wrong += world.vendor.ledger.wrong
    for (job_id, row), count in world.vendor.ledger.runs.items():
        if count > 1:
            wrong.append(f"I2 {row} of {job_id} was imported {count} times, which does harm")
    provider = world.providers.of(world.destination.model_dump(mode="json"))
    most = world.vendor.most(provider.after_crash, provider.resends)
    for (job_id, row), count in world.vendor.ledger.taken.items():
        if count > most:
            wrong.append(f"I2 {row} of {job_id} was taken {count} times")
    for drop in world.drops:
        _check_drop(world, drop)
    _check_rate(world, provider.rates)
    _check_metrics(world)
    for execution in world.machine.executions.values():
        if execution.turns > world.turns * 12 + 40:
            wrong.append(f"I5 {execution.name} ran {execution.turns} tasks")
    return wrong


def _check_drop(world: World, drop: Drop) -> None:
    wrong = world.wrong
    jobs = [
        job
        for job in world.jobs.jobs.values()
        if job.upload.version_id == drop.upload.version_id
        and (job.upload.table == drop.table or job.provider == "none")
    ]
    if len(jobs) > 1:
        wrong.append(f"I2 {drop.upload.key} {drop.upload.version_id} has {len(jobs)} jobs")
    is_dead = any(m.upload == drop.upload for m in world.dead_letters)
    # Sweep found it once more after its last delivery, and raised an alarm.
    is_dead |= world.sweeps.counts[drop.upload] > DELIVERIES
    if not jobs and not is_dead:
        wrong.append(f"I9 {drop.upload.key} {drop.upload.version_id} vanished")
    told = world.notices.told[f"{drop.upload.key} {drop.upload.version_id}"]
    of_upload = [
        job for job in world.jobs.jobs.values() if job.upload.version_id == drop.upload.version_id
    ]
    is_over = all(job.state.is_terminal for job in of_upload) and not is_dead
    if is_over and world.is_lively and not told:
        wrong.append(f"I8 {drop.upload.key} {drop.upload.version_id} ended without a notice")
    for job in jobs:
        if job.state.is_terminal:
            _check_job(world, drop, job)
        else:
            _check_unfinished(world, job, is_dead=is_dead)


def _check_unfinished(world: World, job: Job, *, is_dead: bool) -> None:
    """A job that did not end must have left an alarm, and only where faults never stop."""
    own = [e for e in world.machine.executions.values() if e.name.startswith(job.job_id)]
    is_alarmed = is_dead or any(execution.state == "failed" for execution in own)
    if world.is_lively:
        world.wrong.append(f"I5 {job.job_id} never ended ({job.state})")
    elif not is_alarmed:
        world.wrong.append(f"I9 {job.job_id} never ended ({job.state}), and no alarm says so")


def _check_job(world: World, drop: Drop, job: Job) -> None:
    wrong = world.wrong
    if not world.notices.told[job.job_id] and world.is_lively:
        wrong.append(f"I8 {job.job_id} ended without a notice")
    # What the sweep or the queue delivered late may have been begun too late.
    due = max(job.deadline_at, world.machine.executions[job.job_id].at) + _GRACE
    if world.is_lively and job.finished_at and job.finished_at > due:
        wrong.append(f"I5 {job.job_id} ended at {job.finished_at}, due at {job.deadline_at}")
    if job.table is None:
        if job.state is not JobState.REJECTED:
            wrong.append(f"I1 {job.job_id} is {job.state} without having been read")
        return
    rows = world.jobs.rows.get(job.job_id, {})
    counts = Counter(result.outcome.value for _, result in rows.values())
    expected = no_counts() | dict(counts) | {"rows": len(drop.rows)}
    if job.counts != expected:
        wrong.append(f"I1 {job.job_id} counts {job.counts}, its rows are {expected}")
    if sum(job.counts[outcome] for outcome in Outcome) != job.counts["rows"]:
        wrong.append(f"I1 {job.job_id} does not balance: {job.counts}")
    _check_file(world, drop, job)
    for number, made in enumerate(drop.rows, 1):
        if number not in rows:
            wrong.append(f"I1 row {number} of {job.job_id} has no outcome")
        elif job.state is not JobState.SKIPPED and made.fate == "send":
            _check_sent(world, job, number, made)
        else:
            _check_unsent(world, job, number, made)
    _check_state(world, job)
    _check_cancelled(world, job)


def _check_unsent(world: World, job: Job, number: int, made: CsvRow) -> None:
    outcome = world.jobs.rows[job.job_id][number][1].outcome
    fate = "duplicate" if job.state is JobState.SKIPPED else made.fate
    if outcome.value != fate:
        world.wrong.append(f"I1 row {number} of {job.job_id} is {outcome}, and was {made.fate}")


def _check_sent(world: World, job: Job, number: int, made: CsvRow) -> None:
    identity = identity_of(world, made.identity)
    result = world.jobs.rows[job.job_id][number][1]
    ledger = world.vendor.ledger
    said = f"row {number} of {job.job_id} ({identity})"
    allowed = world.vendor.truth(job.job_id, identity)
    if result.outcome not in allowed:
        world.wrong.append(
            f"I3 {said} is {result.outcome} ({result.reason}), the truth allows {sorted(allowed)}"
        )
    if _is_needless(world, job, identity, result):
        world.wrong.append(f"I4 {said} is refused, though only another row is wrong")
    value = ledger.values.get((job.job_id, identity))
    if value is not None and made.cell not in value:
        world.wrong.append(f"I7 {said} was sent as {value!r}, the file has {made.cell!r}")
    is_in = world.clear.get((job.job_id, identity))
    if is_in is not None and result.outcome is Outcome.UNKNOWN:
        is_second = (job.job_id, identity) in ledger.doubtful
        if not is_second:
            world.wrong.append(f"I4 {said} is unknown, but the provider had answered for it")


def _is_needless(world: World, job: Job, identity: str, result: RowResult) -> bool:
    """Whether a row was refused for the sake of the only row that no request may hold."""
    culprits = world.vendor.ledger.culprits[job.job_id]
    return (
        len(culprits) == 1
        and identity not in culprits
        and result.reason_text in (WHOLE_REQUEST, ALONE)
        and not any(fired.startswith("said.refused_request") for fired in world.faults.fired)
        and not any(fired.startswith("said.refused_rows first run") for fired in world.faults.fired)
    )


def _check_state(world: World, job: Job) -> None:
    taken = {owner for owner, _ in world.vendor.ledger.taken}
    if job.job_id in taken and job.state is JobState.SKIPPED:
        world.wrong.append(f"I1 {job.job_id} is skipped, but rows of it were sent")
    if job.state is JobState.REJECTED and any(
        job.job_id in by for by in world.vendor.ledger.brought.values()
    ):
        world.wrong.append(f"I3 {job.job_id} is rejected, but rows of it got in")
    bad = sum(job.counts[outcome] for outcome in Outcome if outcome.is_bad)
    if job.state is JobState.SUCCEEDED and bad:
        world.wrong.append(f"I3 {job.job_id} succeeded with {bad} bad rows")
    if job.state is JobState.EXPIRED and job.finished_at and not job.counts[Outcome.UNKNOWN]:
        world.wrong.append(f"I4 {job.job_id} expired, but no row is unknown")


def _check_cancelled(world: World, job: Job) -> None:
    """A cancel that said that it did something did it; one that came too late changed nothing."""
    effect = world.cancelled.get(job.job_id)
    does = effect in (Effect.STOPPED, Effect.ALL_SENT)
    is_verdict = job.state in (JobState.REJECTED, JobState.SKIPPED) and not job.batches["planned"]
    if does and job.state is not JobState.CANCELLED and not is_verdict:
        world.wrong.append(f"I11 {job.job_id} is {job.state}, but it was cancelled ({effect})")
    if not does and job.state is JobState.CANCELLED:
        world.wrong.append(f"I11 {job.job_id} is cancelled, but nobody did so ({effect})")


def _check_file(world: World, drop: Drop, job: Job) -> None:
    content = world.files.content.get((job.job_id, "results.csv"))
    if content is None:
        world.wrong.append(f"I8 {job.job_id} ended without results")
        return
    lines = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    rows = world.jobs.rows.get(job.job_id, {})
    written = [(int(line[files.ROW]), line[files.OUTCOME], line["First name"]) for line in lines]
    held = [
        (number, rows[number][1].outcome.value, made.cell)
        for number, made in enumerate(drop.rows, 1)
        if number in rows
    ]
    if written != held:
        world.wrong.append(f"I1 {job.job_id}: results.csv has {written}, the table {held}")


def _check_metrics(world: World) -> None:
    """No job is counted twice, however many Finishes it had."""
    ended = Counter(f"job_{job.state}" for job in world.jobs.jobs.values())
    for name, count in world.metrics.counts.items():
        if name.startswith("job_") and count > ended[name]:
            world.wrong.append(f"I8 {count} counts of {name}, for {ended[name]} jobs")


def _check_rate(world: World, rates: Rates) -> None:
    """One budget for each account: requests stay apart, unless a function hung or was repeated."""
    if world.is_late or any(fired.startswith(_UNTIMELY) for fired in world.faults.fired):
        return
    budgets = {"send": rates.send_gap, "poll": rates.poll_gap}
    if rates.together:
        budgets = {"send poll": min(budgets.values())}
    for kinds, gap in budgets.items():
        moments = sorted(at for at, kind, _ in world.requests if kind in kinds)
        # Over a few requests, as the first may be late in its slot, or the second in it.
        for first, later in zip(moments, moments[4:], strict=False):
            if (later - first).total_seconds() < gap * 2.9:
                world.wrong.append(f"§8.8 five requests ({kinds}) in {later - first}")
                return


def identity_of(world: World, name: str) -> str:
    """Return a row's identity as the provider has it."""
    is_profile = world.provider in ("kakiyo", "waalaxy")
    return name if is_profile else f"{name}@example.com"
