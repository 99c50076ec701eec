"""The notice of an upload: its JSON, its attributes, its e-mail."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listdrop.models import EndedJob, Job, JobState, JobWarning, ReasonCount, Upload
from listdrop.notices import document as job_notice
from listdrop.notices.links import Links
from listdrop.notices.upload import (
    Told,
    attributes,
    document,
    needs_a_look,
    state_of,
    subject,
    text,
)
from tests.support.clock import NOW
from tests.support.notices import EXAMPLES, ended

WARNING = JobWarning(code="unclear_consent", text="It is not clear what the column means.")
MISSING = ReasonCount("invalid", "missing_linkedin_url", 5)


def told(*jobs: Job, reasons: Sequence[ReasonCount] = (MISSING,)) -> list[Told]:
    return [Told(job, EndedJob(job.job_id, tuple(reasons))) for job in jobs]


def job_to(provider: str, state: JobState = JobState.SUCCEEDED, rows: int = 10, **more: Any) -> Job:
    more.setdefault("destination", {"provider": provider})
    name = f"spring-{provider}-0123456789abcdef"
    return ended(state, rows, job_id=name, provider=provider, **more)


def table_of(name: str) -> Upload:
    return Upload(bucket="uploads", key="inbox/spring/all.zip", version_id="v1", table=name)


GOOD = job_to("waalaxy")
BAD = job_to("kakiyo", JobState.PARTIAL, invalid=3, refused=1)
REFUSED = job_to(
    "which50",
    JobState.REJECTED,
    refused=10,
    reason="unknown_account",
    reason_text="There is no secret listdrop/which50/default.",
)


# ---------------------------------------------------------------- what programs get


def test_a_program_finds_each_job_as_in_its_own_notice_without_the_upload() -> None:
    found = json.loads(job_notice.encode(document(told(GOOD, BAD))))

    alone = job_notice.document(BAD, [MISSING])
    assert found["schema"] == "listdrop.upload.v1"
    assert found["upload"] == alone.pop("upload")
    assert found["route"] == "spring"
    assert found["jobs"][0] == json.loads(job_notice.encode(alone))
    assert [job["provider"] for job in found["jobs"]] == ["kakiyo", "waalaxy"]
    assert not {"dropped_by", "corrects", "retry_of", "jobs_left_out"} & found.keys()


def test_an_upload_took_from_its_first_job_s_beginning_to_its_last_one_s_end() -> None:
    later = NOW + timedelta(minutes=5)
    jobs = [
        GOOD.model_copy(update={"started_at": later, "finished_at": later}),
        BAD.model_copy(update={"started_at": NOW}),
    ]

    found = document(told(*jobs))

    assert (found["started_at"], found["finished_at"]) == (
        "2026-03-02T09:00:00.000Z",
        "2026-03-02T09:05:00.000Z",
    )


def test_it_says_who_dropped_it_and_what_it_corrects() -> None:
    found = document(
        told(GOOD.model_copy(update={"dropped_by": "AWS:ada", "corrects": "spring-x"}))
    )

    assert (found["dropped_by"], found["corrects"]) == ("AWS:ada", "spring-x")


@pytest.mark.parametrize(
    ("states", "worst"),
    [
        (["succeeded", "skipped"], "succeeded"),
        (["succeeded", "cancelled"], "cancelled"),
        (["cancelled", "partial", "succeeded"], "partial"),
        (["expired", "partial"], "expired"),
        (["expired", "failed"], "failed"),
        (["failed", "rejected", "skipped"], "rejected"),
    ],
)
def test_an_upload_is_as_its_worst_job(states: list[str], worst: str) -> None:
    assert state_of([job_to("kakiyo", JobState(state)) for state in states]) == worst


def test_every_state_that_a_job_ends_in_has_its_place() -> None:
    for state in JobState:
        if state.is_terminal:
            assert state_of([job_to("kakiyo", state)]) is state


def test_subscriptions_can_filter_uploads() -> None:
    warned = GOOD.model_copy(update={"warnings": (WARNING,), "dropped_by": "AWS:ada"})

    assert attributes(told(warned, BAD, REFUSED)) == {
        "kind": "upload",
        "state": "rejected",
        "route": "spring",
        "dropped_by": "AWS:ada",
        "rows": 10,  # of the file, however many destinations it has
        "bad_rows": 14,
        "warnings": 1,
    }
    # SNS takes no empty attribute.
    assert "dropped_by" not in attributes(told(GOOD))


def test_the_rows_of_an_archive_are_those_of_all_its_files() -> None:
    jobs = [
        job_to(provider, rows=rows, upload=table_of(name))
        for name, rows in (("a.csv", 10), ("b.csv", 7))
        for provider in ("kakiyo", "waalaxy")
    ]

    assert attributes(told(*jobs))["rows"] == 17
    assert [(job["table"], job["provider"]) for job in document(told(*jobs))["jobs"]] == [
        ("a.csv", "kakiyo"),
        ("a.csv", "waalaxy"),
        ("b.csv", "kakiyo"),
        ("b.csv", "waalaxy"),
    ]


def an_archive(tables: int) -> list[Told]:
    """An archive of this many files: each goes well at one destination, and fails at one."""
    return told(
        *(
            job_to(provider, state, upload=table_of(f"{number:05}.csv"))
            for number in range(tables)
            for provider, state in (("waalaxy", JobState.SUCCEEDED), ("kakiyo", JobState.FAILED))
        )
    )


def test_of_more_jobs_than_a_notice_holds_the_worst_are_told_and_the_others_counted() -> None:
    found = document(an_archive(1_000))

    kept = len(found["jobs"])
    assert 50 < kept < 1_000
    assert {job["state"] for job in found["jobs"]} == {"failed"}
    assert found["jobs_left_out"] == 2_000 - kept
    assert found["state"] == "failed"


# ---------------------------------------------------------------- what people get


@pytest.mark.parametrize(
    ("jobs", "line"),
    [
        ((GOOD, BAD), "Listdrop: spring partial: 1 of 2 destinations needs a look"),
        ((GOOD, BAD, REFUSED), "Listdrop: spring rejected: 2 of 3 destinations need a look"),
        (
            (GOOD, job_to("which50")),
            "Listdrop: spring succeeded: 2 destinations, none needs a look",
        ),
        (
            (job_to("kakiyo", upload=table_of("a.csv")), job_to("which50")),
            "Listdrop: spring succeeded: 2 jobs, none needs a look",
        ),
    ],
)
def test_the_subject_says_how_many_destinations_need_a_look(
    jobs: tuple[Job, ...], line: str
) -> None:
    assert subject(told(*jobs)) == line


def test_an_upload_to_one_destination_has_the_subject_of_its_job() -> None:
    assert subject(told(BAD)).startswith("Listdrop: spring to kakiyo partial")


@given(
    st.text(string.ascii_lowercase + string.digits + "-_", min_size=1, max_size=200),
    st.integers(1, 3_000),
)
def test_the_subject_is_one_that_sns_takes(route: str, count: int) -> None:
    line = subject(told(*[BAD.model_copy(update={"route": route})] * count))

    assert len(line) < 100
    assert line.isascii()
    assert line.isprintable()


def test_the_e_mail_has_a_line_for_each_destination_and_a_part_for_each_that_needs_a_look() -> None:
    found = text(told(GOOD, BAD, REFUSED))

    assert found.startswith("inbox/spring/fair.csv: 2 of 3 destinations need a look.\n")
    lines = found.splitlines()
    became = lines.index("What became of it:")
    assert [line.split(":")[0] for line in lines[became + 1 : became + 4]] == [
        "- which50, rejected",
        "- kakiyo, partial",
        "- waalaxy, succeeded",
    ]
    assert "which50, job spring-which50-0123456789abcdef:" in lines
    assert "kakiyo, job spring-kakiyo-0123456789abcdef:" in lines
    assert "waalaxy, job spring-waalaxy-0123456789abcdef:" not in lines
    assert "  There is no secret listdrop/which50/default." in lines
    assert lines[-1] == "  listdrop upload spring-which50-0123456789abcdef"


def test_a_job_that_went_well_with_a_warning_needs_a_look_too() -> None:
    warned = GOOD.model_copy(update={"warnings": (WARNING,)})

    found = text(told(warned, job_to("which50")))

    assert "1 of 2 destinations needs a look" in found
    assert f"- {WARNING.text}" in found


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_e_mail_of_each_example_can_be_written(name: str) -> None:
    example = EXAMPLES[name]

    found = text(told(example.job, GOOD, reasons=example.reasons), Links("eu-central-1"))

    assert f"- {example.job.provider}" in found or "- no destination" in found
    has_a_part = f", job {example.job.job_id}:" in found
    assert has_a_part == needs_a_look(example.job)


@pytest.mark.parametrize("name", EXAMPLES)
def test_where_people_can_open_the_dashboard_its_page_is_all_that_they_need(name: str) -> None:
    example = EXAMPLES[name]
    links = Links("eu-central-1", "https://prospects.example")

    found = text(told(example.job, reasons=example.reasons), links)

    page = f"https://prospects.example/uploads/{example.job.job_id}"
    assert re.findall(r"\S+://\S+", found) == [page]
    assert not re.search(r"\baws s3\b|listdrop (retry|upload|results)\b", found)


def test_where_nobody_can_open_the_dashboard_a_command_shows_each_row() -> None:
    found = text(told(BAD), Links("eu-central-1"))

    assert "page" not in found
    assert found.endswith(f"  listdrop upload {BAD.job_id}\n")


def test_the_e_mail_of_a_huge_archive_says_how_much_more_there_is() -> None:
    found = text(
        [
            Told(job.model_copy(update={"reason_text": f"Number {number}."}), ended)
            for number, (job, ended) in enumerate(an_archive(1_000))
        ]
    )

    assert re.search(r"^- [0-9,]+ more jobs$", found, re.MULTILINE)
    assert "more jobs need a look." in found


def test_what_is_the_same_of_several_jobs_is_said_once() -> None:
    empty = {"reason": "empty_file", "reason_text": "The file contains no text.", "results": None}
    providers = ("kakiyo", "waalaxy", "which50")
    jobs = [job_to(name, JobState.REJECTED, rows=0, **empty) for name in providers]

    found = text(told(*jobs, reasons=()))

    assert found.count("Export the list again.") == 1
    assert found.count("The file contains no text.") == 1
    names = "; ".join(f"{job.provider}, job {job.job_id}" for job in jobs)
    assert f"{names}:\n  The file contains no text.\n" in found
    assert "; 980 more jobs:\n" in text(an_archive(1_000))


def test_the_e_mail_says_what_all_destinations_cost() -> None:
    batches = {"planned": 1, "sent": 1, "terminal": 1}
    known: dict[str, Any] = {"planned_at": NOW, "batches": batches, "requests": 2}
    jobs = (job_to("waalaxy", **known), job_to("kakiyo", **known))

    assert "\nCost:   under 0.01 USD; 4 requests\n" in text(told(*jobs))
    assert "Cost:" not in text(told(GOOD))
