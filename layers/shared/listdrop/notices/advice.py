"""What was not usable of a job, and what can be done about it: the same everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from listdrop.models import REASONS, Job, JobState, JobWarning, Outcome, Reason, display_name
from listdrop.notices.following import dropped_again, rows_corrected, sent_again
from listdrop.notices.wording import plural

_COMMAND = ": listdrop "
_PUT_ROUTE = "listdrop route put "
_SAYS_HOW = re.compile(
    r"[.:;] (?:add|close|drop|export|give|have|let|name|open|save|set|split|unpack|write)\b", re.I
)
_SAYS_TO_DROP = re.compile(r"\bdrop (?:a|it|that|them|what)\b", re.I)
SEND_ANYWAY = 'drop it on a route with "duplicate_content": "send"'


class Place(StrEnum):
    """Where the dashboard does what a command would do elsewhere."""

    APPROVE = "approve"
    REFUSE = "refuse"
    RETRY = "retry"
    CORRECT = "correct"
    CORRECT_FILE = "correct the file"
    DROP = "drop"
    RETRY_FILE = "retry.csv"
    JOB = "job"
    ROUTE = "route"


class Step(NamedTuple):
    """One thing to do, by a command, and at a place in the dashboard.

    `command` and `place` are empty where none of ours does it: then the text has its full stop.
    `job_id` is the job that the place is of, where that is another one.
    """

    text: str
    command: str = ""
    place: Place | None = None
    job_id: str = ""

    @property
    def said(self) -> str:
        """The step in a line, for a terminal."""
        return f"{self.text}: {self.command}" if self.command else self.text


class ToDo(NamedTuple):
    """What is left to do about a job; about several, if it is the same and for the same reason."""

    jobs: Sequence[Job]
    why: str
    steps: Sequence[Step]


def to_do(told: Iterable[tuple[Job, Sequence[Step]]]) -> Sequence[ToDo]:
    """Return jobs with what is left to do about each, so that nothing is said twice."""
    found: dict[tuple[str, tuple[Step, ...]], list[Job]] = {}
    for job, left in told:
        found.setdefault((job.reason_text or job.stop_text, tuple(left)), []).append(job)
    return [ToDo(jobs, *said) for said, jobs in found.items()]


def warned(jobs: Iterable[Job]) -> Mapping[JobWarning, Sequence[Job]]:
    """Return each warning with the jobs that have it, unless a job's reason says the same."""
    found: dict[JobWarning, list[Job]] = {}
    for job in jobs:
        for warning in job.warnings:
            if warning.text != job.reason_text:
                found.setdefault(warning, []).append(job)
    return found


def cause(job: Job) -> str:
    """Return in a few words why a job ended as it did, or why no more of it is sent.

    It is the reason itself where that is not one of our codes, and empty where there is none.
    """
    if job.state is JobState.HELD:
        return "it waits for approval"
    reason = job.reason or job.stop_reason
    known = REASONS.get(reason)
    return _of_job(known, job.provider) if known else reason


def named(reason: str, provider: str) -> str:
    """Return the reason of a row in words, with its code if it is one of ours."""
    known = REASONS.get(reason)
    return f"{phrase_of(known, provider)} ({reason})" if known else reason


def named_for_job(reason: str, provider: str) -> str:
    """Return the reason of a whole job in words, with its code if it is one of ours."""
    known = REASONS.get(reason)
    return f"{_of_job(known, provider)} ({reason})" if known else reason


def _of_job(reason: Reason, provider: str) -> str:
    return (reason.subject or reason.phrase).format(provider=display_name(provider))


def phrase_of(reason: Reason, provider: str) -> str:
    """Return a reason in words."""
    return reason.phrase.format(provider=display_name(provider))


def advice_of(reason: Reason, provider: str, account: str, route: str) -> tuple[str, str]:
    """Return what a reason advises to do, and the command that does it, if one of ours does.

    The text has the provider's name, and the command its word.
    """
    text, _, command = reason.advice.partition(_COMMAND)
    given = command.format(provider=provider, account=account, route=route)
    return text.format(provider=display_name(provider)), f"listdrop {given}" if given else ""


def fixes(job: Job, codes: Iterable[str] = (), route: str = "") -> Iterator[Step]:
    """Yield what fixes a cause outside the file, or in the file as a whole.

    `codes` are reasons of its rows; `route` is the route's name as it is shown. What the job's own
    sentence says already, which knows the file, is not said again.
    """
    found = dict.fromkeys((job.reason or job.stop_reason, *codes))
    known = (REASONS[code] for code in found if code in REASONS)
    advice = (advice_of(each, job.provider, job.account, route or job.route) for each in known)
    for text, command in dict.fromkeys(advice):
        if not text or is_told_to_drop(job) or (not command and _says_how(job)):
            continue
        yield Step(text, command, Place.ROUTE if _PUT_ROUTE in command else None)


def _says_how(job: Job) -> bool:
    return job.state is JobState.REJECTED and bool(_SAYS_HOW.search(job.reason_text))


def is_told_to_drop(job: Job) -> bool:
    """Whether the sentence of a rejected job says itself what to drop in its place."""
    return _says_how(job) and bool(_SAYS_TO_DROP.search(job.reason_text))


def steps(job: Job, later: Iterable[Job] = (), beside: Iterable[Job] = ()) -> list[Step]:
    """Return what to do about a job that has ended, or is stopped, in order.

    It is sent again only if there is something to send that no `later` job has taken on. `beside`
    are the jobs of its upload, where they are known.
    """
    if job.state is JobState.HELD:
        answer = f"{job.job_id} --plan {job.plan_hash}"
        rest = "none" if job.is_nothing_sent else "no more"
        return [
            Step("To have it sent", f"listdrop approve {answer}", Place.APPROVE),
            Step(f"To have {rest} of it sent", f"listdrop refuse {answer}", Place.REFUSE),
        ]
    if job.state is JobState.SKIPPED:
        return [Step(f"To send the file again anyway, {SEND_ANYWAY}.")]
    later = list(later)
    if job.may_be_retried and (newest := sent_again(job, later)):
        return _what_is_left_to(newest)
    if is_file_unusable(job) and (newest := dropped_again(job, later)):
        return _what_became_of(newest)
    found = list(fixes(job))
    if job.may_be_retried:
        return [*found, *_sending_again(job, is_after=bool(found))]
    if is_file_unusable(job):
        is_alone = goes_alone(job, beside, later)
        is_after = bool(found) or _says_how(job)
        found += _dropping_again(job, is_alone=is_alone, is_after=is_after)
    return found


def is_file_unusable(job: Job) -> bool:
    """Whether a rejected job has no rows to go on with, so that a file is dropped in its place."""
    is_over = job.state is JobState.REJECTED and not job.may_be_retried
    return is_over and not rows_to_correct(job)


def goes_alone(job: Job, beside: Iterable[Job] = (), later: Sequence[Job] = ()) -> bool:
    """Whether the file in place of a job's may go to its destination only.

    Elsewhere its rows could arrive twice: they have gone there, or are sent again from there.
    `beside` are the jobs of its upload; where they are not known, that may be so. `later` ones may
    have corrected some of them.
    """
    if not job.destination:
        return False
    alike = [each for each in beside if _file_of(each) == _file_of(job)]
    if job.corrects or job.retry_of or not alike:
        return True
    return not all(is_file_unusable(each) and not dropped_again(each, later) for each in alike)


def _file_of(job: Job) -> tuple[str, str, str]:
    return job.upload.key, job.upload.version_id, job.upload.table


def file_in(job: Job) -> str:
    """Return what to drop in words, as the other files of an archive may have been of use."""
    return "that file of the archive" if job.upload.table else "the file"


def dropping_it_again(job: Job) -> str:
    """Say that a file is dropped for all destinations of its route."""
    return f"drop {file_in(job)} {'alone ' if job.upload.table else ''}again"


def dropping_alone(job: Job) -> str:
    """Return the command that drops a file for a job's destination only."""
    return f"listdrop drop FILE --corrects {job.job_id}"


def _dropping_again(job: Job, *, is_alone: bool, is_after: bool) -> Iterator[Step]:
    """Yield how a file is dropped in place of one that could not be used."""
    if is_alone:
        text = f"{'Then drop' if is_after else 'To drop'} {file_in(job)} for this destination alone"
        yield Step(text, dropping_alone(job), Place.CORRECT_FILE)
    elif is_after and not is_told_to_drop(job):
        yield Step(f"Then {dropping_it_again(job)}.")


def _what_is_left_to(newest: Job) -> list[Step]:
    """Return where to look for rows that were sent again, unless nothing is left of them."""
    if newest.state.is_terminal and not (newest.may_be_retried or rows_to_correct(newest)):
        return []
    text = "The rows were sent again since. See what is left of them"
    return [Step(text, f"listdrop job {newest.job_id}", Place.JOB, newest.job_id)]


def _what_became_of(newest: Job) -> list[Step]:
    """Return where to look for what was dropped in a file's place, unless nothing is left of it."""
    left = newest.may_be_retried or rows_to_correct(newest) or is_file_unusable(newest)
    if newest.state.is_terminal and not left:
        return []
    text = "A corrected file was dropped since. See what became of it"
    return [Step(text, f"listdrop job {newest.job_id}", Place.JOB, newest.job_id)]


def _sending_again(job: Job, *, is_after: bool) -> Iterator[Step]:
    """Yield how rows are sent again; of those that may have arrived, only what somebody leaves."""
    again = f"listdrop retry {job.job_id}"
    if check := checking(job):
        yield Step(check, f"listdrop results {job.job_id}", Place.RETRY_FILE)
        rest = f"listdrop drop {job.job_id}/retry.csv --route {job.route}"
        yield Step("Then drop what is left of it on the route", rest, Place.DROP)
        text = "Or send all of them again, also those that may have arrived"
    elif job.state is JobState.CANCELLED:
        text = "To send the rows after all"
    else:
        text = f"{'Then send' if is_after else 'Send'} the rows again"
    yield Step(text, again, Place.RETRY)


def next_steps(job: Job, later: Iterable[Job] = (), beside: Iterable[Job] = ()) -> list[Step]:
    """Return all that is left to do about a job: also about rows that are bad.

    `later` are the jobs that followed on it, and `beside` those of its upload, where known.
    """
    if not job.state.is_terminal:
        return steps(job) if job.stop_reason or job.state is JobState.HELD else []
    later = list(later)
    found = steps(job, later, beside)
    if wrong := rows_to_correct(job, later):
        rows = plural(wrong, "row")
        if wrong < rows_to_correct(job):
            rows = f"the other {rows}"
        found.append(
            Step(
                f"Correct {rows} in rejects.csv, and drop the corrected file on the route",
                f"listdrop results {job.job_id}",
                Place.CORRECT,
            )
        )
    return found


def rows_to_correct(job: Job, later: Iterable[Job] = ()) -> int:
    """Return how many rows an ended job leaves to be corrected, besides those of `later` jobs."""
    if not job.state.is_terminal or job.results is None:
        return 0
    # A job that is older than this number had no other rows to correct.
    wrong = job.counts[Outcome.INVALID] if job.to_correct is None else job.to_correct
    return max(0, wrong - rows_corrected(job, later))


def checking(job: Job) -> str:
    """Say how rows that may have arrived are kept from being sent twice; empty if there are none.

    It is about what stands in `retry.csv`, so it is no use before a job has its files.
    """
    unknown = job.counts[Outcome.UNKNOWN]
    if not unknown or is_expired_unsent(job):
        return ""
    if unknown == 1:
        return (
            f"Check in {job.called} whether the 1 unknown row arrived, and if it did, delete it "
            "from retry.csv"
        )
    return (
        f"Check in {job.called} whether the {unknown:,} unknown rows arrived, and delete those "
        "that did from retry.csv"
    )


def is_expired_unsent(job: Job) -> bool:
    """Whether a job reached its deadline before anything of it was sent."""
    return job.state is JobState.EXPIRED and job.is_nothing_sent
