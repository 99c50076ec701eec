"""The e-mail of a job: whole examples in `notices/`, and what holds for all of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listdrop.models import (
    REASONS,
    Job,
    JobState,
    Outcome,
    ReasonCount,
    Results,
    RowResult,
    Upload,
    no_counts,
)
from listdrop.notices import email as email_notice
from listdrop.providers.base import SendAnswer
from listdrop.settings import Settings
from tests.support.fakes import NOW, World, csv_of
from tools.rooms import ROOT

LETTERS = Path(__file__).parent / "examples"
REGION = "eu-central-1"
FOLDER = "s3://listdrop-results/jobs/spring-kakiyo-0123456789abcdef"
RESULTS = Results(
    results=f"{FOLDER}/results.csv", rejects=f"{FOLDER}/rejects.csv", retry=f"{FOLDER}/retry.csv"
)


def ended(state: JobState = JobState.PARTIAL, rows: int = 0, **changes: Any) -> Job:
    """A job that has ended; outcomes by their names, the rest of the rows are confirmed."""
    counts = {outcome.value: changes.pop(outcome.value, 0) for outcome in Outcome}
    counts["confirmed"] += rows - sum(counts.values())
    job = Job(
        job_id="spring-kakiyo-0123456789abcdef",
        upload=Upload(bucket="listdrop-uploads", key="inbox/spring/fair.csv", version_id="v1"),
        route="spring",
        provider="kakiyo",
        account="default",
        destination={"provider": "kakiyo", "campaign_id": "camp_demo"},
        state=state,
        counts=no_counts() | {"rows": rows} | counts,
        created_at=NOW,
        updated_at=NOW,
        finished_at=NOW,
        deadline_at=NOW,
        expires_at=0,
        results=RESULTS,
    )
    return job.model_copy(update=changes)


def rejected(reason: str, text: str, **changes: Any) -> Job:
    return ended(JobState.REJECTED, reason=reason, reason_text=text, **changes)


class Example(NamedTuple):
    job: Job
    reasons: Sequence[ReasonCount] = ()
    retryable: int = 0
    rejected: int = 0


SAME = "Job spring-kakiyo-fedcba9876543210 has the same content for this destination."
AUTH = "Kakiyo refused the API key or the subscription."
KEY = ReasonCount("refused", "provider_auth", 100)
EXAMPLES = {
    "succeeded": Example(ended(JobState.SUCCEEDED, 1200)),
    "succeeded-with-some-left-out": Example(
        ended(JobState.SUCCEEDED, 100, existing=4, duplicate=2, suppressed=3)
    ),
    "partial": Example(
        ended(JobState.PARTIAL, 100, duplicate=2, invalid=5, refused=4, unknown=1),
        [
            ReasonCount("invalid", "missing_linkedin_url", 5),
            ReasonCount("refused", "enrichment_failed", 3),
            ReasonCount("refused", "The prospect is archived.", 1),
            ReasonCount("unknown", "lost_answer", 1),
        ],
        4,
        6,
    ),
    "failed": Example(
        ended(JobState.FAILED, 3, refused=3),
        [ReasonCount("refused", "The profile is private.", 3)],
        rejected=3,
    ),
    "expired": Example(
        ended(JobState.EXPIRED, 100, unknown=60), [ReasonCount("unknown", "deadline", 60)], 60
    ),
    "skipped": Example(
        ended(JobState.SKIPPED, 100, duplicate=100, reason="same_content", reason_text=SAME)
    ),
    "cancelled": Example(
        ended(
            JobState.CANCELLED,
            100,
            refused=60,
            reason="cancelled",
            reason_text="The job was cancelled before the row was sent.",
        ),
        [ReasonCount("refused", "cancelled", 60)],
        60,
    ),
    "rejected-empty_file": Example(rejected("empty_file", "The file is empty.")),
    "rejected-no_header": Example(rejected("no_header", "No line of the file names columns.")),
    "rejected-no_usable_column": Example(
        rejected(
            "no_usable_column",
            "No column is one that Listdrop knows. Name them in the route's `columns`.",
        )
    ),
    "rejected-not_text": Example(rejected("not_text", "The file is not text: it has zero bytes.")),
    "rejected-unreadable_quoting": Example(
        rejected("unreadable_quoting", "The quote in line 17 is never closed.")
    ),
    "rejected-too_big": Example(rejected("too_big", "The file has over 1,500,000 rows.")),
    "rejected-bad_archive": Example(rejected("bad_archive", "The archive is damaged.")),
    "rejected-unknown_route": Example(
        rejected(
            "unknown_route",
            "There is no route 'sprong'.",
            route="sprong",
            provider="none",
            account="none",
            destination={},
            upload=Upload(bucket="listdrop-uploads", key="inbox/sprong/fair.csv", version_id="v1"),
        )
    ),
    "rejected-bad_route": Example(
        rejected("bad_route", "Route 'spring': destinations.0.unknown key 'campain'.")
    ),
    "rejected-unknown_account": Example(
        rejected(
            "unknown_account",
            "There is no secret listdrop/kakiyo/default.",
            counts=no_counts() | {"rows": 100, "refused": 100},
        ),
        [ReasonCount("refused", "unknown_account", 100)],
        100,
    ),
    "rejected-bad_account": Example(
        rejected(
            "bad_account",
            "Secret listdrop/kakiyo/default: api_key: field required.",
            counts=no_counts() | {"rows": 100, "refused": 100},
        ),
        [ReasonCount("refused", "bad_account", 100)],
        100,
    ),
    "rejected-provider_auth": Example(
        rejected("provider_auth", AUTH, counts=no_counts() | {"rows": 100, "refused": 100}),
        [KEY],
        100,
    ),
    "rejected-provider_quota": Example(
        rejected(
            "provider_quota",
            "Kakiyo says that the account has no credits left.",
            counts=no_counts() | {"rows": 100, "refused": 100},
        ),
        [ReasonCount("refused", "provider_quota", 100)],
        100,
    ),
}


def written(example: Example) -> str:
    subject = email_notice.subject(example.job)
    text = email_notice.text(
        example.job,
        example.reasons,
        retryable=example.retryable,
        rejected=example.rejected,
        region=REGION,
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


@settings(max_examples=500, deadline=None)
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


@settings(max_examples=300, deadline=None)
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
        email_notice.text(example.job, example.reasons, retryable=4, region=REGION)
    )


def test_the_rows_to_send_again_are_those_of_the_file() -> None:
    world = World()
    world.region = REGION
    results = {
        1: RowResult(Outcome.REFUSED, "No."),
        2: RowResult(Outcome.REFUSED, "Server error"),
        3: RowResult(Outcome.UNKNOWN, "lost_answer"),
    }
    world.script.then_send = SendAnswer(results=results)

    job = world.process(csv_of(3))

    (notice,) = world.notices.published
    assert "- 2 rows may be sent again, to toy only:" in notice.text
    assert "- Correct the 1 row in rejects.csv, and drop it as a new file:" in notice.text
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


@settings(max_examples=100, deadline=None)
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
