"""What was not usable of a job, and what can be done about it: the same everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from listdrop.models import REASONS, Job, JobState, Outcome
from listdrop.notices.wording import plural

_COMMAND = ": listdrop "


class Step(NamedTuple):
    """One thing to do. `command` is empty where no command of ours does it."""

    text: str
    command: str = ""


def cause(job: Job) -> str:
    """Return in a few words why a job ended as it did, or why no more of it is sent.

    It is the reason itself where that is not one of our codes, and empty where there is none.
    """
    if job.state is JobState.HELD:
        return "it waits for approval"
    reason = job.reason or job.stop_reason
    known = REASONS.get(reason)
    return known.phrase.format(provider=job.provider) if known else reason


def fixes(job: Job, codes: Iterable[str] = (), route: str = "") -> Iterator[Step]:
    """Yield what fixes a cause outside the file, or in the file as a whole.

    `codes` are reasons of its rows; `route` is the route's name as it is shown.
    """
    found = dict.fromkeys((job.reason or job.stop_reason, *codes))
    advice = dict.fromkeys(REASONS[code].advice for code in found if code in REASONS)
    for line in filter(None, advice):
        said = line.format(provider=job.provider, account=job.account, route=route or job.route)
        text, _, command = said.partition(_COMMAND)
        yield Step(text, f"listdrop {command}") if command else Step(said)


def steps(job: Job) -> list[Step]:
    """Return what to do about a job that has ended, or is stopped, in order.

    It is sent again only if there is something to send.
    """
    if job.state is JobState.HELD:
        answer = f"{job.job_id} --plan {job.plan_hash}"
        return [
            Step("To have it sent", f"listdrop approve {answer}"),
            Step("To have none of it sent", f"listdrop refuse {answer}"),
        ]
    found = list(fixes(job))
    then = "Then send" if found else "Send"
    if job.may_be_retried:
        found.append(Step(f"{then} the rows again", f"listdrop retry {job.job_id}"))
    elif job.state is JobState.REJECTED and found:
        found.append(Step("Then drop the file again."))
    return found


def next_steps(job: Job) -> list[Step]:
    """Return all that is left to do about a job: also about rows that are bad."""
    if not job.state.is_terminal:
        return steps(job) if job.stop_reason or job.state is JobState.HELD else []
    found = steps(job)
    unknown = job.counts[Outcome.UNKNOWN]
    if unknown and not is_expired_unsent(job):
        found.insert(0, Step(f"Check in {job.provider} whether {_arrived(unknown)}"))
    if wrong := rows_to_correct(job):
        found.append(
            Step(
                f"Correct {plural(wrong, 'row')} in rejects.csv, and drop it on the route",
                f"listdrop results {job.job_id}",
            )
        )
    return found


def rows_to_correct(job: Job) -> int:
    """Return how many rows an ended job leaves to be corrected."""
    if not job.state.is_terminal or job.results is None:
        return 0
    # A job that is older than this number had no other rows to correct.
    return job.counts[Outcome.INVALID] if job.to_correct is None else job.to_correct


def _arrived(rows: int) -> str:
    if rows == 1:
        return "the unknown row arrived."
    return f"the {rows:,} unknown rows arrived."


def is_expired_unsent(job: Job) -> bool:
    """Whether a job reached its deadline before anything of it was sent."""
    return job.state is JobState.EXPIRED and job.is_nothing_sent
