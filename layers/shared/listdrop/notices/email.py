"""The e-mail about a job: what happened, what needs a look, what to do next, where the files are.

Its readers know their lists, but not this system. It never quotes a cell: what a reason quotes of
a row was cut out before, and an upload is named by its key, as in the JSON notice.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from listdrop.models import (
    CORRECTS,
    REASONS,
    RETRY_OF,
    Group,
    Job,
    JobState,
    Outcome,
    ReasonCount,
    rows_in,
    rows_with_provider,
)
from listdrop.notices.advice import (
    SEND_ANYWAY,
    cause,
    checking,
    dropping_alone,
    dropping_it_again,
    file_in,
    fixes,
    goes_alone,
    is_expired_unsent,
    is_file_unusable,
    is_told_to_drop,
    named,
)
from listdrop.notices.links import NO_LINKS, Links
from listdrop.notices.wording import plural, shortened, trouble

_SUBJECT_CHARACTERS = 99
_REASON_CHARACTERS = 160

_OUTCOME_WORDS = {
    Outcome.CONFIRMED: "{provider} named them as imported",
    Outcome.ACCEPTED: "{provider} took them and named no problem",
    Outcome.EXISTING: "{provider} had them already",
    Outcome.DUPLICATE: "not sent, because they repeat an earlier row",
    Outcome.SUPPRESSED: "on a do-not-contact, unsubscribed or bounced list",
    Outcome.INVALID: "not sent, because something is missing or wrong",
    Outcome.REFUSED: "not taken, for the reasons below",
    Outcome.UNKNOWN: "nobody can tell whether {provider} has them",
}


def subject(job: Job) -> str:
    """Return the e-mail's subject: one line of ASCII under 100 characters, as SNS requires."""
    to = f" to {job.provider}" if job.destination else ""
    before, after = "Listdrop: ", f"{to} {job.state.value}: {_numbers(job)}"
    space = _SUBJECT_CHARACTERS - len(before) - len(after)
    route = job.route if len(job.route) <= space else job.route[: max(space - 3, 0)] + "..."
    return ascii_line(before + route + after)[:_SUBJECT_CHARACTERS]


def text(
    job: Job,
    reasons: Sequence[ReasonCount],
    *,
    retryable: int = 0,
    rejected: int = 0,
    links: Links = NO_LINKS,
) -> str:
    """Return the e-mail's text, which does not know the other jobs of the upload.

    `retryable` is the number of rows in `retry.csv`, `rejected` in `rejects.csv`.
    """
    paragraphs = [
        headline(job),
        "" if job.state is JobState.CANCELLED else plain(job.reason_text),
        "\n".join(_about(job, links)),
        section("What to know about the file", _warnings(job)),
        section("What became of the rows", _outcomes(job)),
        section("Why rows need a look (the most frequent reasons)", reason_lines(job, reasons)),
        section("What to do next", advice(job, reasons, retryable, rejected, links)),
        section("Where the files are", file_lines(job, retryable, rejected, links)),
    ]
    return "\n\n".join(filter(None, paragraphs)) + "\n"


def _warnings(job: Job) -> Iterator[str]:
    for warning in job.warnings:
        if warning.text != job.reason_text:
            yield f"- {plain(warning.text)}"


def _need_a_look(rows: int) -> str:
    return f"{rows:,} {'needs' if rows == 1 else 'need'} a look"


def _numbers(job: Job) -> str:
    """Say in a few words how the job ended."""
    rows, imported = job.counts["rows"], rows_with_provider(job.counts)
    bad = rows_in(job.counts, Group.BAD)
    if job.state is JobState.REJECTED:
        return f"nothing imported, {cause(job)}"
    if job.state is JobState.SKIPPED:
        return "the same content was dropped before"
    if job.state is JobState.CANCELLED or imported == rows:
        return f"{imported:,} of {plural(rows, 'row')} in"
    if not bad:
        why = cause(job) if job.reason else f"{rows - imported:,} left out"
        return f"{imported:,} of {plural(rows, 'row')} in, {why}"
    return f"{imported:,} of {plural(rows, 'row')} in, {_need_a_look(bad)}"


def headline(job: Job) -> str:
    """Return how a job ended, in one sentence."""
    rows, imported = job.counts["rows"], rows_with_provider(job.counts)
    bad = rows_in(job.counts, Group.BAD)
    share = f"{imported:,} of {plural(rows, 'row')} {'is' if rows == 1 else 'are'} in {job.called}"
    look = f"{bad:,} {'needs' if bad == 1 else 'need'} a look"
    if job.state is JobState.REJECTED:
        return f"Nothing was imported: {cause(job)}."
    if job.state is JobState.SKIPPED:
        return f"Nothing was sent: the same content was dropped for {job.called} before."
    if job.state is JobState.CANCELLED:
        return f"The job was cancelled: {share}."
    if is_expired_unsent(job):
        return f"The deadline passed, and nothing was sent to {job.called}: {look}.{_error(job)}"
    if job.state is JobState.EXPIRED:
        return f"The deadline passed: {share}, {look}.{_error(job)}"
    if job.state is JobState.FAILED:
        return f"None of {plural(rows, 'row')} is known to be in {job.called}."
    if bad:
        return f"{share}, {look}."
    if imported == rows:
        return f"{share}."
    return f"{share}, the others were left out on purpose."


def _error(job: Job) -> str:
    """Say what kept the provider from answering, if it did not until the end."""
    if job.last_error is None:
        return ""
    return f" {trouble(job.provider, job.last_error, _moment)}."


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _about(job: Job, links: Links) -> Iterator[str]:
    yield f"File:   {plain(job.upload.name)}"
    to = f", to {job.provider}" if job.destination else ""
    yield f"Route:  {plain(job.route)}{to}"
    yield f"State:  {job.state.value}"
    if job.finished_at:
        yield f"Ended:  {_moment(job.finished_at)}"
    yield f"Job:    {job.job_id}"
    if page := links.job(job.job_id):
        yield f"Page:   {page}"


def _outcomes(job: Job) -> Iterator[str]:
    for outcome in Outcome:
        if count := job.counts[outcome]:
            words = _OUTCOME_WORDS[outcome].format(provider=job.called)
            if outcome is Outcome.UNKNOWN and is_expired_unsent(job):
                words = "not sent before the deadline"
            elif outcome is Outcome.DUPLICATE and job.state is JobState.SKIPPED:
                words = "not sent, because they repeat an earlier file"
            yield f"{count:>9,}  {outcome.value}: {words}"


def reason_lines(job: Job, reasons: Sequence[ReasonCount]) -> Iterator[str]:
    """Yield why rows need a look, a line for each reason."""
    for each in reasons:
        said = plain(each.reason)
        if each.reason in REASONS:
            said = named(each.reason, job.provider)
        elif not said:
            said = "no reason was given"
        elif len(said) > _REASON_CHARACTERS:
            said = said[:_REASON_CHARACTERS] + "..."
        yield f"{each.rows:>9,}  {each.outcome}: {said}"


# ---------------------------------------------------------------- what to do


def advice(
    job: Job,
    reasons: Sequence[ReasonCount],
    retryable: int,
    rejected: int,
    links: Links = NO_LINKS,
    beside: Sequence[Job] = (),
) -> Iterator[str]:
    """Yield what to do next: on the dashboard's pages if people can open them, else by commands.

    `beside` are the jobs of its upload, where they are known.
    """
    if job.state is JobState.SKIPPED:
        yield f"  Nothing. To send the file again anyway, {SEND_ANYWAY}."
    elif job.state is not JobState.REJECTED and not rows_in(job.counts, Group.BAD):
        yield "  Nothing."
    else:
        yield from (f"- {line}" for line in _how_to_fix(job, reasons))
        yield from _dropping_again(job, beside, links)
        sending = _sending_on_a_page if links.dashboard else _sending_again
        yield from sending(job, retryable, rejected)


def _how_to_fix(job: Job, reasons: Sequence[ReasonCount]) -> Iterator[str]:
    """Yield how to fix a cause outside the file, or in the file as a whole."""
    for step in fixes(job, (each.reason for each in reasons), plain(job.route)):
        yield f"{step.text}: {step.command}" if step.command else step.text


def _dropping_again(job: Job, beside: Sequence[Job], links: Links) -> Iterator[str]:
    """Yield how a file is dropped in place of one that could not be used."""
    if not is_file_unusable(job) or job.counts["rows"]:
        return
    if goes_alone(job, beside):
        told = f"- Then drop {file_in(job)} for {job.called} only"
        if links.dashboard:
            yield f"{told}: the job's page has the button."
            return
        # Without the job id, the file would go to every destination of the route.
        yield f"{told}:"
        yield f"  {dropping_alone(job)}"
        yield f"  or: aws s3 cp FILE {_inbox(job)} --metadata {CORRECTS}={job.job_id}"
        return
    told = f"- Then {dropping_it_again(job)}"
    if not links.dashboard:
        yield f"{told}: {_inbox(job)}"
    elif not is_told_to_drop(job):
        yield f"{told}."


def _inbox(job: Job) -> str:
    return f"s3://{job.upload.bucket}/inbox/{plain(job.upload.route) or '<route>'}/"


def _sending_again(job: Job, retryable: int, rejected: int) -> Iterator[str]:
    inbox = _inbox(job)
    if retryable and job.results:
        # Without the job id, the file would go to every destination of the route.
        own = f"  aws s3 cp retry.csv {inbox} --metadata {RETRY_OF}={job.job_id}"
        all_of_it = f"  listdrop retry {job.job_id}"
        if check := checking(job):
            yield f"- {check}."
            yield f"  Then send what is left of it, to {job.called} only:"
            yield own
            rows = plural(retryable, "row")
            yield f"  or send all of it ({rows}), also what may have arrived:"
            yield all_of_it
        else:
            yield f"- {_again(job, retryable)}, to {job.called} only:"
            yield all_of_it
            yield "  or, if you have changed retry.csv:"
            yield own
    if rejected:
        rows = plural(rejected, "row")
        yield f"- Correct the {rows} in rejects.csv, and drop it: it goes to {job.called} only:"
        yield f"  {inbox}"


def _again(job: Job, rows: int) -> str:
    if job.state is JobState.CANCELLED:
        return f"To send the {plural(rows, 'row')} after all"
    return f"{plural(rows, 'row')} may be sent again"


def _sending_on_a_page(job: Job, retryable: int, rejected: int) -> Iterator[str]:
    if retryable and job.results:
        if check := checking(job):
            route = plain(job.route)
            yield f"- {check}."
            yield f"  Then drop that file on the route {route}: it goes to {job.called} only."
        else:
            yield (
                f"- {_again(job, retryable)}, to {job.called} only: the job's page has the button."
            )
    if rejected:
        rows = plural(rejected, "row")
        yield f"- Correct the {rows} in rejects.csv, and drop it on the job's page."


# ---------------------------------------------------------------- where the files are


def file_lines(job: Job, retryable: int, rejected: int, links: Links) -> Iterator[str]:
    """Yield where the result files are that have rows."""
    if job.results is None or not job.counts["rows"]:
        return
    found = [("results.csv, every row with its outcome", job.results.results)]
    if retryable:
        found.append(("retry.csv, rows to send again", job.results.retry))
    if rejected:
        found.append(("rejects.csv, rows to correct", job.results.rejects))
    for name, address in found:
        yield f"- {name}:"
        if not links.dashboard:
            yield f"  {address}"
        if link := links.file(job.job_id, name.partition(",")[0], address):
            yield f"  {link}"


# ---------------------------------------------------------------- words


def section(title: str, lines: Iterable[str]) -> str:
    """Return lines under a title; nothing if there are none."""
    body = "\n".join(lines)
    return f"{title}:\n{body}" if body else ""


def plain(words: str) -> str:
    """Return text as one line, so that a key or a provider's answer cannot add lines."""
    shown = shortened(" ".join(words.split()))
    if shown.isprintable():
        return shown
    return "".join(character if character.isprintable() else "?" for character in shown)


def ascii_line(words: str) -> str:
    """Return plain ASCII: letters lose their accents, other characters become `?`."""
    if words.isascii() and words.isprintable():
        return words
    letters = unicodedata.normalize("NFKD", words)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    shown = "".join(letter if letter.isprintable() else "?" for letter in bare)
    return shown.encode("ascii", "replace").decode()
