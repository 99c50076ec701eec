"""The pages of uploads: a list, and one at all of its destinations."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from flask.testing import FlaskClient

from listdrop.dashboard.grouping import left_to_do
from listdrop.models import Act, Job, JobState, JobWarning, Upload
from tests.support.dashboards import NOW, Shelf, new_job
from tests.unit.dashboard.office import Office

ACCOUNT = "There is no secret listdrop/which50/default."


def read(client: FlaskClient, address: str) -> str:
    """What is on a page, as it is read: without tags."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


def put(shelf: Shelf, provider: str, *, version: str = "v1", table: str = "", **more: Any) -> Job:
    """Add a job of an upload of that version."""
    upload = Upload(
        bucket="uploads", key="inbox/spring/fair.csv", version_id=version, size=9, table=table
    )
    job_id = f"spring-{provider}-{version}{table.removesuffix('.csv')}"
    return shelf.put(new_job(provider=provider, job_id=job_id, upload=upload, **more))


@pytest.fixture
def jobs(shelf: Shelf) -> list[Job]:
    """An upload to three destinations, of which one refused it, and a later one of the same key."""
    rejected = {"reason": "unknown_account", "reason_text": ACCOUNT, "state": JobState.REJECTED}
    found = [
        put(shelf, "kakiyo", state=JobState.PARTIAL, to_correct=3, dropped_by="AWS:ada"),
        put(shelf, "waalaxy", state=JobState.SUCCEEDED, to_correct=0),
        put(shelf, "which50", to_send_again=0, **rejected),
    ]
    put(shelf, "kakiyo", version="v2", state=JobState.SUCCEEDED)
    return found


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_upload_is_shown_with_all_its_destinations_by_any_of_its_jobs(
    client: FlaskClient, jobs: list[Job], place: int
) -> None:
    page = client.get(f"/uploads/{jobs[place].job_id}").text

    for job in jobs:
        assert f'href="/jobs/{job.job_id}"' in page
    assert "spring-kakiyo-v2" not in page
    assert "/jobs/spring-kakiyo-v1/files/results.csv" in page


def test_it_is_said_what_to_do_next_at_each_destination(
    client: FlaskClient, jobs: list[Job]
) -> None:
    page = read(client, f"/uploads/{jobs[0].job_id}")

    assert "All of its jobs have ended." in page
    assert "Correct 3 rows in rejects.csv" in page
    assert ACCOUNT in page
    assert "listdrop account put which50 --account default" in page


def test_corrections_of_all_jobs_of_an_upload_are_looked_for_at_once(shelf: Shelf) -> None:
    jobs = [put(shelf, "kakiyo", table=f"{number:02}.csv", to_correct=3) for number in range(12)]
    for number, job in enumerate(jobs[:11]):
        counts = {"rows": 1 + number % 3, "confirmed": 1 + number % 3}
        shelf.put(new_job(100 + number, corrects=job.job_id, counts=counts))
    records = Mock(wraps=shelf.ports().records)

    left = {job.job_id: steps[-1].text for job, steps in left_to_do(records, jobs, 2_000)}

    assert records.followers.call_count == 1
    assert left[jobs[0].job_id].startswith("Correct the other 2 rows")
    assert left[jobs[10].job_id].startswith("Correct the other 1 row")
    assert left[jobs[11].job_id].startswith("Correct 3 rows")
    assert left[jobs[2].job_id].startswith("Send")


def test_rows_that_were_sent_again_are_not_asked_for_again(shelf: Shelf) -> None:
    job = put(shelf, "kakiyo", to_correct=0, to_send_again=2)
    counts = {"rows": 2, "confirmed": 2}
    shelf.put(new_job(100, state=JobState.SUCCEEDED, retry_of=job.job_id, counts=counts))

    ((_, steps),) = left_to_do(shelf.ports().records, [job], 2_000)

    assert steps == []


def test_a_file_is_asked_for_until_it_was_dropped_for_the_destination_that_could_not_use_it(
    shelf: Shelf, client: FlaskClient
) -> None:
    unusable: dict[str, Any] = {"state": JobState.REJECTED, "counts": {}, "to_send_again": 0}
    to = {"provider": "kakiyo"}
    job = put(shelf, "kakiyo", reason="no_usable_column", destination=to, to_correct=0, **unusable)
    put(shelf, "waalaxy", state=JobState.SUCCEEDED, counts={"rows": 5, "confirmed": 5})
    address = f"/uploads/{job.job_id}"

    before = read(client, address)
    counts = {"rows": 5, "confirmed": 5}
    shelf.put(new_job(100, state=JobState.SUCCEEDED, corrects=job.job_id, counts=counts))
    after = read(client, address)

    assert f"listdrop drop FILE --corrects {job.job_id}" in before
    assert "Then drop the file again" not in before
    assert "listdrop drop FILE" not in after


def test_corrections_are_not_looked_for_where_no_row_is_wrong(shelf: Shelf) -> None:
    records = Mock(wraps=shelf.ports().records)

    assert list(left_to_do(records, [put(shelf, "kakiyo", to_correct=0, to_send_again=0)], 2_000))

    assert records.followers.call_count == 0


def test_an_upload_that_runs_says_how_many_jobs_have_ended(
    client: FlaskClient, shelf: Shelf
) -> None:
    counts = {"rows": 5, "confirmed": 5}
    put(shelf, "kakiyo", state=JobState.RUNNING, counts=dict(counts))
    job = put(shelf, "waalaxy", state=JobState.SUCCEEDED, counts=dict(counts))

    page = read(client, f"/uploads/{job.job_id}")

    assert "1 of 2 jobs has ended. Refresh" in page

    alone = put(shelf, "kakiyo", version="v9", state=JobState.RUNNING)
    assert "Its job has not ended. Refresh" in read(client, f"/uploads/{alone.job_id}")
    assert "Nothing yet." in page


def test_files_of_an_archive_stand_together(client: FlaskClient, shelf: Shelf) -> None:
    for table in ("b.csv", "a.csv"):
        for provider in ("waalaxy", "kakiyo"):
            put(shelf, provider, table=table)

    page = read(client, "/uploads/spring-kakiyo-v1a")

    places = [page.index(f"{name}.csv to {to}") for name in "ab" for to in ("kakiyo", "waalaxy")]
    assert places == sorted(places)


def test_an_upload_of_nobody_is_not_there(client: FlaskClient) -> None:
    assert client.get("/uploads/spring-kakiyo-none").status_code == 404


def test_the_list_has_a_line_for_each_upload(client: FlaskClient, jobs: list[Job]) -> None:
    page = client.get("/uploads").text

    assert page.count("<tr>") == 1 + 2
    assert f'href="/uploads/{jobs[0].job_id}"' in page
    text = read(client, "/uploads?state=rejected")
    assert "1 upload since" in text
    for said in ("partial kakiyo", "succeeded waalaxy", "rejected which50", "ada"):
        assert said in text
    assert "No uploads since" in read(client, "/uploads?provider=saleshandy")


def test_the_filter_of_a_list_is_kept_between_uploads_and_jobs(
    client: FlaskClient, jobs: list[Job]
) -> None:
    assert (
        'href="/jobs?state=partial&amp;state=rejected"'
        in client.get("/uploads?state=partial&state=rejected").text
    )
    assert 'href="/uploads?provider=kakiyo"' in client.get("/jobs?provider=kakiyo").text
    del jobs


def test_jobs_and_their_lists_lead_to_the_upload(client: FlaskClient, jobs: list[Job]) -> None:
    address = f'href="/uploads/{jobs[0].job_id}"'

    assert address in client.get("/jobs").text
    assert address in client.get(f"/jobs/{jobs[0].job_id}").text


def test_uploads_from_long_before_are_not_listed(client: FlaskClient, shelf: Shelf) -> None:
    put(shelf, "kakiyo", created_at=NOW - timedelta(days=2))

    assert "No uploads since" in read(client, "/uploads")
    assert "1 upload since" in read(client, "/uploads?since=3d")


def test_addresses_in_a_file_s_name_are_hidden(client: FlaskClient, shelf: Shelf) -> None:
    job = put(shelf, "kakiyo")
    upload = job.upload.model_copy(update={"key": "inbox/spring/mara@example.com.csv"})
    shelf.jobs[job.job_id] = job.model_copy(update={"upload": upload})

    assert "mara@example.com" not in client.get(f"/uploads/{job.job_id}").text
    assert "mara@example.com" in client.get(f"/uploads/{job.job_id}?show=1").text


def test_who_did_what_is_shown_of_all_jobs_some_at_a_time(shelf: Shelf) -> None:
    office = Office(shelf)
    jobs = [put(shelf, "kakiyo", table=f"{number:02}.csv") for number in range(65)]
    for number, job in enumerate(jobs):
        subject = f"JOB#{job.job_id}"
        office.audit.record(
            Act(at=NOW, who="ada", what="cancel", subject=subject, detail=f"no. {number}")
        )
    client = office.client()

    address, seen, pages = f"/uploads/{jobs[0].job_id}", [], 0
    while address:
        page = client.get(address)
        seen += re.findall(r"cancel</bdi> <bdi>no\. (\d+)", page.text)
        found = re.search(r'class="next" href="([^"]+)"', page.text)
        address, pages = (html.unescape(found[1]) if found else ""), pages + 1

    assert seen == [str(number) for number in range(65)]
    assert pages == 3
    for odd in ("x", "-1", "9" * 9):
        assert client.get(f"/uploads/{jobs[0].job_id}?acts={odd}").status_code == 200


def test_a_skipped_upload_leads_to_the_earlier_job_and_says_how_to_send_it_anyway(
    client: FlaskClient, shelf: Shelf
) -> None:
    first = put(shelf, "kakiyo", state=JobState.SUCCEEDED)
    job = put(
        shelf,
        "kakiyo",
        version="v2",
        state=JobState.SKIPPED,
        duplicate_of=first.job_id,
        reason="same_content",
        reason_text=f"Job {first.job_id} had the same content for this destination.",
        to_correct=0,
        to_send_again=0,
    )

    page = client.get(f"/uploads/{job.job_id}").text

    assert f'<a href="/jobs/{first.job_id}">see that job</a>' in page
    assert "drop it on a route with &#34;duplicate_content&#34;: &#34;send&#34;." in page


def test_what_is_the_same_at_all_destinations_is_said_once(
    client: FlaskClient, shelf: Shelf
) -> None:
    for provider in ("kakiyo", "waalaxy"):
        job = put(
            shelf,
            provider,
            state=JobState.REJECTED,
            counts={},
            to_correct=0,
            to_send_again=0,
            reason="empty_file",
            reason_text="The file is empty.",
        )

    page = read(client, f"/uploads/{job.job_id}")

    assert page.count("Export the list again.") == 1
    assert "the file is empty (empty_file)" in page


# ---------------------------------------------------------------- what its jobs say

PDF = "The file is a PDF, which is made to be read by people. Export the list, and drop that."
OPTED_OUT = "The file's name says that it is a list of people who opted out: nothing of it is sent."


@pytest.mark.parametrize(
    ("state", "reason", "text"),
    [
        (JobState.REJECTED, "not_text", PDF),
        (JobState.REJECTED, "unsupported_file", PDF),
        (JobState.REJECTED, "bad_route", "Its rows are of the route autumn: drop it there."),
        (JobState.SUCCEEDED, "unsubscribed_list", OPTED_OUT),
    ],
)
def test_a_sentence_that_says_all_that_is_to_do_is_there(
    client: FlaskClient, shelf: Shelf, state: JobState, reason: str, text: str
) -> None:
    nothing: dict[str, Any] = {"to_send_again": 0, "to_correct": 0}
    job = put(shelf, "kakiyo", state=state, reason=reason, reason_text=text, **nothing)
    put(shelf, "waalaxy", state=JobState.SUCCEEDED, **nothing)

    page = read(client, f"/uploads/{job.job_id}").partition("What to do next")[2]

    assert page.partition(" Rows ")[0].split() == ["kakiyo", *text.split()]


def test_an_upload_shows_each_warning_of_its_jobs_once_with_where_it_is(
    client: FlaskClient, shelf: Shelf
) -> None:
    unclear = JobWarning(code="unclear_consent", text="The column Opt-in is not understood.")
    hidden = JobWarning(code="hidden_rows", text="3 rows that the sheet hides are sent.")
    listed = JobWarning(code="unsubscribed_list", text=OPTED_OUT)
    job = put(shelf, "kakiyo", warnings=(unclear,), state=JobState.SUCCEEDED)
    put(shelf, "waalaxy", warnings=(unclear, hidden), state=JobState.PARTIAL)
    same = {"reason": "unsubscribed_list", "reason_text": OPTED_OUT}
    put(shelf, "which50", warnings=(listed,), state=JobState.SUCCEEDED, **same)

    page = read(client, f"/uploads/{job.job_id}")

    assert f"kakiyo , waalaxy unclear_consent {unclear.text}" in page
    assert f"waalaxy hidden_rows {hidden.text}" in page
    assert page.count(unclear.text) == page.count(hidden.text) == page.count(OPTED_OUT) == 1


def test_an_upload_without_warnings_has_no_word_about_them(
    client: FlaskClient, jobs: list[Job]
) -> None:
    assert "Warnings" not in read(client, f"/uploads/{jobs[0].job_id}")


def test_rows_that_were_sent_again_are_looked_for_by_a_link_to_the_job_that_did(
    client: FlaskClient, shelf: Shelf
) -> None:
    job = put(shelf, "kakiyo", state=JobState.PARTIAL, to_send_again=3, to_correct=0)
    counts = job.counts | {"rows": 3}
    put(shelf, "kakiyo", version="v2", state=JobState.RUNNING, retry_of=job.job_id, counts=counts)

    page = client.get(f"/uploads/{job.job_id}").text

    assert '<a href="/jobs/spring-kakiyo-v2">the newer job</a>' in page
    assert "listdrop job" not in page


@pytest.mark.parametrize(("table", "name"), [("", "no destination"), ("notes.pdf", "notes.pdf")])
def test_a_job_that_goes_nowhere_says_so(
    client: FlaskClient, shelf: Shelf, table: str, name: str
) -> None:
    gone = {"reason": "unknown_route", "reason_text": "There is no route.", "account": "none"}
    job = put(shelf, "none", table=table, state=JobState.REJECTED, **gone)

    page = read(client, f"/uploads/{job.job_id}")

    assert f"Files {name} " in page
    assert f"What to do next {name} There is no route." in page


def test_a_job_that_was_cancelled_speaks_of_itself_and_of_no_row(
    client: FlaskClient, shelf: Shelf
) -> None:
    why = {"reason": "cancelled", "reason_text": "The job was cancelled."}
    job = put(shelf, "kakiyo", state=JobState.CANCELLED, **why)

    assert "before the row" not in read(client, f"/uploads/{job.job_id}")
    assert "before the row" not in read(client, f"/jobs/{job.job_id}")
