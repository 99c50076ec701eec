"""Whether accounts work, by what their jobs of the last days say. Also for the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from listdrop.dashboard.adding import OF_THE_ACCOUNT, Tally
from listdrop.models import REASONS, JobFigures, JobState, LastError
from listdrop.notices.advice import advice_of, phrase_of
from listdrop.notices.wording import sentence, trouble

Word = Literal["fine", "told to wait", "unreachable", "problem", "not used"]


class Health(NamedTuple):
    """A word, a sentence unless all is well, and the error that it is about, if it is about one.

    `test` is the command that asks the provider, where that is what is left to do.
    """

    word: Word
    text: str = ""
    error: LastError | None = None
    test: str = ""

    @property
    def said(self) -> str:
        """The sentence with its command."""
        return f"{self.text}: {self.test}" if self.test else self.text


def health_of(
    provider: str,
    account: str,
    tally: Tally,
    changed_at: datetime | None,
    now: datetime,
    shown: Callable[[datetime], str],
) -> Health:
    """Say how an account is; `changed_at` is when its key was, `None` if there is none.

    What a running job cannot do counts first, then what the last job that asked the provider
    learned. A key that was replaced since is not blamed.
    """
    if changed_at is None:
        return Health("problem", "There is no such secret.")
    if (error := combined(tally.errors)) is not None:
        said = f"{trouble(provider, error, shown, now)}."
        return Health("told to wait" if error.is_busy else "unreachable", said, error)
    last = tally.told
    if last is None:
        return Health("not used")
    if (error := last.last_error) is not None and _was_until_the_end(last, error):
        test = f"listdrop account test {provider} --account {account}"
        said = f"{trouble(provider, error, shown)}. Nobody has asked it since"
        return Health("told to wait" if error.is_busy else "unreachable", said, error, test)
    reason = _blamed(last)
    if not reason:
        return Health("fine")
    if changed_at > (last.finished_at or last.created_at):
        return Health("not used", "The key was changed since the last job, which could not use it.")
    return Health("problem", _about(provider, account, reason))


def combined(errors: Sequence[LastError]) -> LastError | None:
    """Return one error for those of several jobs: since the first, and all their tries."""
    worst = [error for error in errors if not error.is_busy] or errors
    if not worst:
        return None
    due = [error.next_at for error in worst if error.next_at is not None]
    attempts = sum(error.attempts for error in worst)
    first = min(worst, key=lambda error: error.since)
    return first.model_copy(update={"attempts": attempts, "next_at": min(due, default=None)})


def _was_until_the_end(job: JobFigures, error: LastError) -> bool:
    """Whether a job had this error until its end: others that had to wait went on afterwards."""
    return not error.is_busy or job.state is JobState.EXPIRED


def _blamed(job: JobFigures) -> str:
    """Return the reason of a job that could not use the account; empty if it could."""
    reason = job.reason or job.stop_reason
    return reason if reason in OF_THE_ACCOUNT else ""


def _about(provider: str, account: str, reason: str) -> str:
    known = REASONS[reason]
    text, command = advice_of(known, provider, account, "")
    said = f"{text}: {command}" if command else text
    return f"{sentence(phrase_of(known, provider))} {said}"
