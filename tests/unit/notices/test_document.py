"""The notice of a job, as programs get it."""

from __future__ import annotations

import json

import pytest

from listdrop.models import (
    Job,
    JobState,
    JobWarning,
    Outcome,
    ReasonCount,
    Results,
    Upload,
    no_counts,
)
from listdrop.notices import document as notice
from listdrop.notices import email
from tests.support.clock import NOW

RESULTS = Results(
    results="s3://r/results.csv", rejects="s3://r/rejects.csv", retry="s3://r/retry.csv"
)
REASONS = [ReasonCount("refused", "no such field", 3)]


def ended(**changes: object) -> Job:
    job = Job(
        job_id="spring-toy-0123456789abcdef",
        upload=Upload(
            bucket="uploads", key="inbox/spring/a.csv", version_id="v1", etag="e", size=9
        ),
        route="spring",
        provider="toy",
        account="default",
        state=JobState.PARTIAL,
        counts=no_counts() | {"rows": 10, "accepted": 4, "refused": 3, "invalid": 2, "unknown": 1},
        created_at=NOW,
        updated_at=NOW,
        started_at=NOW,
        finished_at=NOW,
        deadline_at=NOW,
        expires_at=0,
        results=RESULTS,
    )
    return job.model_copy(update=changes)


def test_a_program_finds_what_the_design_promises() -> None:
    document = json.loads(notice.encode(notice.document(ended(), REASONS)))

    assert document["schema"] == "listdrop.job.v1"
    assert set(document) >= {
        "schema",
        "job_id",
        "state",
        "route",
        "provider",
        "upload",
        "counts",
        "top_reasons",
        "started_at",
        "finished_at",
        "results",
    }
    assert document["upload"] == {
        "bucket": "uploads",
        "key": "inbox/spring/a.csv",
        "version_id": "v1",
    }
    assert set(document["counts"]) == {"rows"} | {outcome.value for outcome in Outcome}
    assert document["top_reasons"] == [{"outcome": "refused", "reason": "no such field", "rows": 3}]
    assert (document["started_at"], document["finished_at"]) == ("2026-03-02T09:00:00.000Z",) * 2
    assert document["results"] == RESULTS.model_dump()


def test_a_rejected_upload_says_why() -> None:
    job = ended(state=JobState.REJECTED, reason="no_header", reason_text="The file has no header.")

    document = notice.document(job, [])

    assert (document["reason"], document["reason_text"]) == ("no_header", "The file has no header.")


def test_a_program_gets_the_warnings_and_can_filter_by_their_number() -> None:
    job = ended(warnings=(JobWarning(code="unclear_consent", text="The column …"),))

    document = notice.document(job, [])

    assert document["warnings"] == [{"code": "unclear_consent", "text": "The column …"}]
    assert notice.attributes(job)["warnings"] == 1


def test_who_dropped_the_file_is_told_and_can_be_filtered_by() -> None:
    job = ended(dropped_by="AWS:AROAEXAMPLE:ada")

    assert notice.document(job, [])["dropped_by"] == "AWS:AROAEXAMPLE:ada"
    assert notice.attributes(job)["dropped_by"] == "AWS:AROAEXAMPLE:ada"
    assert "dropped_by" not in notice.attributes(ended())  # SNS takes no empty text


def test_subscriptions_can_filter_by_state_provider_route_and_numbers() -> None:
    assert notice.attributes(ended()) == {
        "kind": "job",
        "state": "partial",
        "provider": "toy",
        "route": "spring",
        "rows": 10,
        "bad_rows": 6,
        "warnings": 0,
    }


def test_a_message_stays_small_however_much_a_provider_says() -> None:
    words = "No. " * 100_000
    job = ended(
        reason="no_header",
        reason_text=words,
        warnings=(JobWarning(code="unclear_consent", text=words),),
    )
    reasons = [ReasonCount("refused", words, 3)] * 5

    message = notice.encode(notice.document(job, reasons))
    told = json.dumps({"default": message, "email": email.text(job, reasons)})

    assert len(told.encode()) < 32 * 1024


@pytest.mark.parametrize("letter", ["a", "é", "表", "😀", '"'])
def test_a_message_stays_small_whatever_a_file_in_an_archive_is_called(letter: str) -> None:
    name = letter * (65_535 // len(letter.encode()))  # the longest that ZIP has room for
    upload = ended().upload.model_copy(update={"table": f"{name}.csv"})
    job = ended(upload=upload)

    message = notice.encode(notice.document(job, REASONS))
    told = json.dumps({"default": message, "email": email.text(job, REASONS)})

    assert len(told.encode()) < 32 * 1024


def test_a_message_has_the_whole_name_of_a_file_in_an_archive_as_people_give_them() -> None:
    name = f"{'folder/' * 30}people.csv"
    upload = ended().upload.model_copy(update={"table": name})

    assert notice.document(ended(upload=upload), [])["upload"]["table"] == name
