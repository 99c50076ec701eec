"""The e-mail of a job: whole examples in `notices/`, and what holds for all of them."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listdrop.models import (
    REASONS,
    Job,
    JobState,
    LastError,
    Outcome,
    ReasonCount,
    RowResult,
    Upload,
)
from listdrop.notices import email as email_notice
from listdrop.notices.advice import next_steps, steps
from listdrop.notices.following import corrected
from listdrop.notices.links import Links
from listdrop.providers.base import SendAnswer
from listdrop.settings import Settings
from tests.support.notices import (
    EXAMPLES,
    RESULTS,
    Example,
    ended,
    rejected,
)
from tests.support.thoroughness import examples
from tests.support.world import World, csv_of
from tools.rooms import ROOT

LETTERS = Path(__file__).parent / "examples"
REGION = "eu-central-1"


def written(example: Example) -> str:
    subject = email_notice.subject(example.job)
    text = email_notice.text(
        example.job,
        example.reasons,
        retryable=example.retryable,
        rejected=example.rejected,
        links=Links(REGION),
    )
    return f"Subject: {subject}\n\n{text}"


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_e_mail_reads_as_the_example_that_was_read_by_a_person(name: str) -> None:
    assert written(EXAMPLES[name]) == (LETTERS / f"{name}.txt").read_text("utf-8")


def test_every_terminal_state_and_every_reason_of_a_rejection_has_an_example() -> None:
    states = {example.job.state for example in EXAMPLES.values()}
    reasons = {each.job.reason for each in EXAMPLES.values() if each.job.state == "rejected"}
    contract = (ROOT / "docs" / "design.md").read_text("utf-8")
    published = contract.split("| `rejected` jobs |")[1].split("|")[0]

    assert states == {state for state in JobState if state.is_terminal}
    assert {f"`{reason}`" for reason in reasons} == set(published.split())
    assert {path.stem for path in LETTERS.iterdir()} == set(EXAMPLES)


# ---------------------------------------------------------------- what always holds


@settings(max_examples=examples(500), deadline=None)
@given(
    route=st.text(max_size=300),
    provider=st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True),
    state=st.sampled_from(JobState),
    counts=st.lists(st.integers(0, 1_500_000), min_size=8, max_size=8),
    reason=st.sampled_from(["", *REASONS]) | st.text(max_size=200),
)
def test_a_subject_is_one_short_line_of_ascii_with_route_state_and_numbers(
    route: str, provider: str, state: JobState, counts: list[int], reason: str
) -> None:
    outcomes = dict(zip(Outcome, counts, strict=True))
    numbers = {"rows": sum(counts)} | {name.value: count for name, count in outcomes.items()}
    job = ended(state, route=route, provider=provider, counts=numbers, reason=reason)

    subject = email_notice.subject(job)

    assert subject.isascii()
    assert subject.isprintable()
    assert 0 < len(subject) < 100
    assert subject[0].isalpha()
    assert f" to {provider} {state.value}: " in subject


def test_a_subject_keeps_its_numbers_when_the_route_is_long() -> None:
    job = ended(JobState.PARTIAL, 1000, invalid=3, route="frühling-in-der-großen-weiten-welt-2026")

    subject = email_notice.subject(job)

    assert subject.startswith("Listdrop: fruhling")
    assert subject.endswith(" to kakiyo partial: 997 of 1,000 rows in, 3 need a look")


@settings(max_examples=examples(300), deadline=None)
@given(st.text(max_size=60).filter(lambda words: words not in REASONS))
def test_neither_a_key_nor_a_provider_can_write_lines_of_their_own(words: str) -> None:
    job = ended(
        rows=3,
        refused=1,
        reason_text=words,
        upload=Upload(bucket="u", key=f"inbox/spring/{words}", version_id="v1"),
    )

    text = email_notice.text(job, [ReasonCount("refused", words, 1)])

    expected = email_notice.text(
        job.model_copy(update={"upload": Upload(bucket="u", key="k", version_id="v")}),
        [ReasonCount("refused", "x", 1)],
    )
    lost = 0 if words.strip() else 2  # a sentence that is empty has no paragraph
    assert len(text.splitlines()) in (len(expected.splitlines()), len(expected.splitlines()) - lost)


def test_a_person_is_not_sent_to_files_that_have_nothing_for_them() -> None:
    text = email_notice.text(ended(JobState.FAILED, 2, refused=2), [], retryable=0)

    assert RESULTS.results in text
    assert RESULTS.retry not in text
    assert RESULTS.rejects not in text


def test_a_console_is_linked_to_only_where_there_is_one() -> None:
    example = EXAMPLES["partial"]

    assert "console.aws" not in email_notice.text(example.job, example.reasons, retryable=4)
    assert f"https://{REGION}.console.aws.amazon.com/s3/object/listdrop-results?prefix=jobs/" in (
        email_notice.text(example.job, example.reasons, retryable=4, links=Links(REGION))
    )


def test_with_a_dashboard_an_e_mail_leads_to_it_and_not_to_the_console() -> None:
    example = EXAMPLES["partial"]
    links = Links(REGION, "https://prospects.example/")

    told = email_notice.text(example.job, example.reasons, retryable=4, rejected=2, links=links)

    page = f"https://prospects.example/jobs/{example.job.job_id}"
    assert f"\nPage:   {page}\n" in told
    assert f"  {page}/files/retry.csv\n" in told
    assert f"  {page}/files/rejects.csv\n" in told
    assert not re.search(r"console\.aws|s3://|aws s3|listdrop retry", told)


def test_where_rows_may_have_arrived_the_page_s_button_is_not_advised_as_it_sends_all() -> None:
    links = Links("", "https://prospects.example")
    unknown = ended(JobState.PARTIAL, 9, refused=1, unknown=2)

    told = email_notice.text(unknown, [], retryable=3, links=links)

    assert (
        "- Check in Kakiyo whether the 2 unknown rows arrived, and delete those that did from "
        "retry.csv.\n"
        "  Then drop that file on the route spring: it goes to Kakiyo only.\n"
    ) in told
    assert "button" not in told
    refused = ended(JobState.PARTIAL, 9, refused=1)
    assert "the job's page has the button." in email_notice.text(
        refused, [], retryable=1, links=links
    )


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("unsupported_file", "The file is a PDF. Export the list as CSV or .xlsx, and drop that."),
        (
            "no_usable_column",
            (
                "Listdrop knows none of the columns. Name them in the dashboard when you drop "
                "the file, or in the route's `columns`."
            ),
        ),
        ("unreadable_quoting", "Line 2: a cell goes on for 9 lines. Close it, or double it."),
    ],
)
def test_what_the_file_s_own_sentence_advises_is_not_advised_in_other_words(
    reason: str, said: str
) -> None:
    job = rejected(reason, said)

    advised = [step.text for step in steps(job, beside=[job])]
    alone = [step.said for step in steps(job)]

    assert advised == ([] if "and drop that" in said else ["Then drop the file again."])
    assert alone == [
        f"Then drop the file for this destination alone: listdrop drop FILE --corrects {job.job_id}"
    ]
    assert REASONS[reason].advice not in email_notice.text(job, [])
    assert REASONS[reason].advice in email_notice.text(rejected(reason, "It cannot be read."), [])


def test_the_rows_to_send_again_are_those_of_the_file() -> None:
    world = World()
    world.links = Links(REGION)
    results = {
        1: RowResult(Outcome.REFUSED, "No."),
        2: RowResult(Outcome.REFUSED, "Server error"),
        3: RowResult(Outcome.UNKNOWN, "lost_answer"),
    }
    world.script.then_send = SendAnswer(results=results)

    job = world.process(csv_of(3))

    (notice,) = world.notices.published
    assert "- Check in Toy whether the 1 unknown row arrived, and if it did, " in notice.text
    assert "  or send all of it (2 rows), also what may have arrived:" in notice.text
    assert "- Correct the 1 row in rejects.csv, and drop it: it goes to Toy only:" in notice.text
    assert f"https://{REGION}.console.aws.amazon.com/" in notice.text
    assert len(world.result_file(job, "retry.csv").splitlines()) == 1 + 2


@pytest.mark.parametrize(
    ("topic", "stage", "region"),
    [
        ("arn:aws:sns:eu-central-1:123456789012:listdrop-results", "prod", "eu-central-1"),
        ("arn:aws:sns:eu-central-1:123456789012:listdrop-results", "local", ""),
        ("arn:aws-cn:sns:cn-north-1:123456789012:listdrop-results", "prod", ""),
        ("", "prod", ""),
    ],
)
def test_the_region_of_the_console_is_that_of_the_topic(
    topic: str, stage: str, region: str
) -> None:
    found = Settings(stack_name="s", stage=stage, table_name="t", results_topic_arn=topic)

    assert found.console_region == region


CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="\ufeff"),
    min_size=3,
    max_size=20,
).map("zqj{}".format)  # which none of our own words begins with, or holds


@settings(max_examples=examples(100), deadline=None)
@given(
    names=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=4, unique=True),
    outcome=st.sampled_from([Outcome.REFUSED, Outcome.UNKNOWN, Outcome.SUPPRESSED]),
)
def test_an_e_mail_never_holds_a_cell_even_when_the_provider_quotes_the_row(
    names: list[tuple[str, str]], outcome: Outcome
) -> None:
    text = io.StringIO(newline="")
    people = [(f"zq{n}@qzxj.example", *name) for n, name in enumerate(names, 1)]
    csv.writer(text).writerows([("Email", "First name", "Last name"), *people])
    quoted = {
        n: RowResult(outcome, f"not: {' / '.join(person)}") for n, person in enumerate(people, 1)
    }
    world = World()
    world.script.then_send = lambda batch: SendAnswer(
        results={row.row: quoted[row.row] for row in batch.rows}
    )

    world.process(text.getvalue().encode())

    (notice,) = world.notices.published
    told = f"{notice.subject}\n{notice.text}".lower()
    for cell in (cell for person in people for cell in person):
        assert cell.lower() not in told


@pytest.mark.parametrize(("attempts", "tries"), [(1, "1 try at"), (35, "35 tries since")])
def test_an_expired_job_says_what_kept_the_provider_from_answering(
    attempts: int, tries: str
) -> None:
    since = datetime(2026, 3, 2, 1, 58, tzinfo=UTC)
    error = LastError(text="the provider answered 503", since=since, attempts=attempts)
    job = ended(JobState.EXPIRED, unknown=3, last_error=error)

    said = email_notice.text(job, [], retryable=3, rejected=0)

    assert (
        f"Kakiyo gave no usable answer: the provider answered 503 ({tries} 2026-03-02 01:58 UTC)."
    ) in said


def test_an_expired_job_of_which_nothing_was_sent_says_nothing_else() -> None:
    job = ended(JobState.EXPIRED, 3, unknown=3)

    said = email_notice.text(job, [ReasonCount("unknown", "deadline", 3)], retryable=3)

    assert "The deadline passed, and nothing was sent to Kakiyo: 3 need a look." in said
    assert "3  unknown: not sent before the deadline" in said
    assert "nobody can tell" not in said
    assert "arrived" not in said


def test_rows_that_were_corrected_since_are_not_asked_for_again() -> None:
    job = ended(JobState.PARTIAL, 9, invalid=5, to_correct=5)
    fixed = ended(JobState.SUCCEEDED, 2, corrects=job.job_id)

    def asked(*later: Job) -> str:
        return "".join(step.said for step in next_steps(job, later))

    assert asked().startswith("Correct 5 rows in rejects.csv, and drop the corrected file on the")
    assert asked(fixed).startswith("Correct the other 3 rows in rejects.csv")
    last = ended(JobState.SUCCEEDED, 1, corrects=job.job_id)
    assert asked(fixed, fixed, last) == ""
    # Six rows of five: at least one was dropped twice, and it may be that all were.
    assert asked(fixed, fixed, fixed).startswith("Correct the other 3 rows in rejects.csv")
    assert corrected(job, [fixed, fixed, fixed]) == "at least 2 of 5 rows"


def test_of_a_job_that_had_no_rows_none_are_said_to_be_corrected() -> None:
    job = ended(JobState.REJECTED, 0, to_correct=0, reason="no_usable_column")
    fixed = ended(JobState.SUCCEEDED, 3, confirmed=3, corrects=job.job_id)

    assert corrected(job, [fixed]) == ""


def test_rows_that_were_sent_again_since_are_not_asked_for_again() -> None:
    job = ended(JobState.PARTIAL, 9, refused=5, to_send_again=5, to_correct=0)

    def asked(**later: Any) -> str:
        state, rows = later.pop("state", JobState.PARTIAL), later.pop("rows", 5)
        again = ended(state, rows, retry_of=job.job_id, to_correct=0, job_id="newest", **later)
        return "".join(step.said for step in next_steps(job, [again]))

    assert "again: listdrop retry spring-kakiyo" in asked(rows=2)
    assert asked(state=JobState.SUCCEEDED, to_send_again=0) == ""
    pointed = "The rows were sent again since. See what is left of them: listdrop job newest"
    assert asked(refused=1, to_send_again=1) == pointed
    assert asked(state=JobState.RUNNING, rows=0) == pointed


def test_rows_that_may_have_arrived_are_looked_for_before_any_is_sent_again() -> None:
    job = ended(JobState.PARTIAL, 9, unknown=1, to_send_again=1)

    said = [step.said for step in steps(job)]

    assert said == [
        (
            "Check in Kakiyo whether the 1 unknown row arrived, and if it did, delete it from "
            f"retry.csv: listdrop results {job.job_id}"
        ),
        (
            "Then drop what is left of it on the route: "
            f"listdrop drop {job.job_id}/retry.csv --route spring"
        ),
        f"Or send all of them again, also those that may have arrived: listdrop retry {job.job_id}",
    ]


def test_a_job_that_somebody_stopped_is_sent_again_only_if_it_is_wanted_after_all() -> None:
    stopped = {"refused": 9, "to_send_again": 9, "reason": "not_approved"}

    (step,) = steps(ended(JobState.CANCELLED, 9, **stopped))

    assert step.text == "To send the rows after all"
    assert "listdrop retry" in step.command
