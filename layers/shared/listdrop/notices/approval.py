"""The e-mail that asks for approval: what would be sent, why to look, and how to answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from listdrop.models import Job, Outcome
from listdrop.notices.email import ascii_line, plain, section
from listdrop.notices.links import NO_LINKS, Links
from listdrop.notices.wording import plural

_SUBJECT_CHARACTERS = 99
_NEVER_SENT = (Outcome.DUPLICATE, Outcome.SUPPRESSED, Outcome.INVALID)


def to_send(job: Job) -> int:
    """Return how many rows of a planned job would be sent."""
    return job.counts["rows"] - sum(job.counts[outcome] for outcome in Outcome)


def has_failed(job: Job) -> bool:
    """Whether a job waits because its first rows went badly, rather than before any was sent."""
    return job.sample is not None and job.sample.state == "failed"


def subject(held: Sequence[Job]) -> str:
    """Return the e-mail's subject: one line of ASCII under 100 characters, as SNS requires."""
    rows = max(map(to_send, held))
    verb = "waits" if rows == 1 else "wait"
    before, after = "Listdrop: ", f" held: {plural(rows, 'row')} {verb} for your approval"
    route = held[0].route[: _SUBJECT_CHARACTERS - len(before) - len(after)]
    return ascii_line(before + route + after)


def text(held: Sequence[Job], links: Links = NO_LINKS) -> str:
    """Return the e-mail's text. It never quotes a cell."""
    first = held[0]
    page = links.upload(first.job_id)
    about = f"File:   {plain(first.upload.key)}\nRoute:  {plain(first.route)}\nState:  held"
    until = "No more" if any(map(has_failed, held)) else "Nothing"
    paragraphs = [
        f"{plain(first.upload.key)} waits for approval. {until} is sent until somebody approves.",
        f"{about}\nPage:   {page}" if page else about,
        *(section(_title(job), _lines(job, links)) for job in held),
    ]
    return "\n\n".join(paragraphs) + "\n"


def _title(job: Job) -> str:
    table = f"{plain(job.upload.table)} to " if job.upload.table else ""
    return f"{table}{job.provider}, job {job.job_id}"


def _lines(job: Job, links: Links) -> Iterator[str]:
    batches = job.batches["planned"] - job.batches["sent"]
    rows = plural(to_send(job), "row")
    yield f"  {rows} would be sent in {plural(batches, 'batch', 'batches')}."
    if job.reason_text:
        yield f"  {plain(job.reason_text)}"
    for warning in job.warnings:
        yield f"- {plain(warning.text)}"
    for outcome in Outcome:
        if count := job.counts[outcome]:
            said = "not sent" if outcome in _NEVER_SENT else "of the first rows"
            yield f"{count:>9,}  {outcome.value}, {said}"
    yield "- To look at it, to approve it, or to refuse it:"
    if page := links.job(job.job_id):
        yield f"  {page}"
    else:
        yield f"  listdrop job {job.job_id}"
        yield f"  listdrop approve {job.job_id} --plan {job.plan_hash}"
        yield f"  listdrop refuse {job.job_id} --plan {job.plan_hash}"
    if job.held_until:
        yield f"- Without an answer by {job.held_until:%Y-%m-%d %H:%M} UTC, it is refused."
