"""Rows of a job are sent again, or corrected, in a browser."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from listdrop.dashboard import again
from listdrop.dashboard.app import create_app
from listdrop.dashboard.guard import Guard
from listdrop.dashboard.visitors import Role
from listdrop.jobs.staged_names import plain_name
from listdrop.models import CORRECTS, RETRY_OF, STAGED, JobState, Upload, job_id_for
from listdrop.providers.kakiyo import Kakiyo
from tests.support.staging import MemoryStaging
from tests.unit.dashboard.office import Office, act, fields_of, somebody

UPLOAD = Upload(bucket="uploads", key="inbox/spring/people.csv", version_id="v1")
TO = {"provider": "kakiyo", "campaign_id": "c1"}
ROUTE = json.dumps({"destinations": [TO]})
JOB_ID = job_id_for(UPLOAD, "spring", Kakiyo.destination_model.model_validate(TO))
RETRY = "\ufeffEmail,listdrop_job\r\na@example.com,j\r\nb@example.com,j\r\n,j\r\n".encode()
ASK = f"/jobs/{JOB_ID}/retry"
CORRECT = f"/jobs/{JOB_ID}/correct"


@pytest.fixture
def office() -> Office:
    return put_ended(Office())


def put_ended(office: Office, **members: Any) -> Office:
    counts = {"rows": 10, "confirmed": 5, "invalid": 3, "refused": 1, "unknown": 1}
    given: dict[str, Any] = {
        "to_send_again": 3,
        "to_correct": 3,
        "counts": counts,
        "upload": UPLOAD,
    }
    office.put(job_id=JOB_ID, **(given | members))
    office.files.content[JOB_ID, "retry.csv"] = RETRY
    office.routes.texts["spring"] = ROUTE
    return office


# ---------------------------------------------------------------- retry


def test_retry_says_what_is_sent_again_and_does_it_once_it_is_confirmed(office: Office) -> None:
    client = office.client(somebody(Role.DROP))
    assert f'href="{ASK}"' in client.get(f"/jobs/{JOB_ID}").text

    asked = client.get(ASK)
    assert "2 rows go to Kakiyo once more" in asked.text
    assert "1 of them may be in Kakiyo already" in asked.text
    unsure = client.post(ASK, data=fields_of(asked), follow_redirects=True)
    assert "Nothing was sent: tick the box first." in unsure.text
    assert not office.inbox.dropped
    page = act(client, ASK, sure="1")

    assert "2 rows are sent again." in page.text
    key = f"inbox/spring/retry-{JOB_ID}.csv"
    assert office.inbox.dropped == [(key, RETRY, {RETRY_OF: JOB_ID})]
    assert office.acts == [("bob", "send again", f"JOB#{JOB_ID}", "")]


def test_what_is_certainly_not_there_needs_no_box() -> None:
    office = put_ended(
        Office(),
        state=JobState.CANCELLED,
        counts={"rows": 2, "refused": 2},
        sending_since=None,
        batches={"planned": 1, "sent": 0, "terminal": 0},
    )
    client = office.client()
    assert 'name="sure"' not in client.get(ASK).text
    assert "2 rows are sent again." in act(client, ASK).text


def test_an_earlier_retry_is_shown_and_asks_for_the_box() -> None:
    office = put_ended(Office(), counts={"rows": 2, "refused": 2})
    later = office.put(7, retry_of=JOB_ID, counts={"rows": 2, "confirmed": 1, "refused": 1})

    asked = office.client().get(ASK)

    assert f'href="/jobs/{later}"' in asked.text
    assert "1 good, 0 settled, 1 bad" in asked.text
    assert 'name="sure"' in asked.text


def test_where_nothing_is_to_be_sent_again_there_is_no_button(office: Office) -> None:
    put_ended(office, to_send_again=0)
    client = office.client()

    assert ASK not in client.get(f"/jobs/{JOB_ID}").text
    assert "There is nothing to send again." in client.get(ASK, follow_redirects=True).text


def test_people_who_were_erased_leave_nothing_to_send_again(office: Office) -> None:
    office.files.content[JOB_ID, "retry.csv"] = "\ufeffEmail,listdrop_job\r\n".encode()
    page = office.client().get(ASK, follow_redirects=True)
    assert "There is nothing to send again." in page.text


@pytest.mark.parametrize(
    ("route", "sentence"),
    [
        (None, "There is no route spring any more."),
        ("{", "Route &#39;spring&#39;"),
        ('{"destinations": [{"provider": "waalaxy", "prospect_list_id": "l"}]}', "no longer on"),
    ],
)
@pytest.mark.parametrize("address", [ASK, CORRECT])
def test_what_its_route_does_not_take_any_more_is_not_sent(
    office: Office, address: str, route: str | None, sentence: str
) -> None:
    client = office.client()
    fields = fields_of(client.get(address)) | {"sure": ["1"]}
    office.routes.texts = {} if route is None else {"spring": route}

    assert sentence in client.get(address, follow_redirects=True).text
    file = {} if address == ASK else {"file": (io.BytesIO(b"Email\na@example.com\n"), "a.csv")}
    page = client.post(address, data=fields | file, follow_redirects=True)
    assert sentence in page.text
    assert not office.inbox.dropped


def test_rows_go_to_their_destination_as_it_was_corrected_since(office: Office) -> None:
    office.routes.texts["spring"] = ROUTE.replace("c1", "c2")
    assert "2 rows are sent again." in act(office.client(), ASK, sure="1").text


def test_a_running_job_has_nothing_to_send_again() -> None:
    office = put_ended(Office(), state=JobState.RUNNING, to_send_again=None, to_correct=None)
    client = office.client()
    for address in (ASK, CORRECT):
        assert address not in client.get(f"/jobs/{JOB_ID}").text
        assert "There is nothing to" in client.get(address, follow_redirects=True).text


# ---------------------------------------------------------------- correct


def corrected(name: str = "rejects.csv", content: bytes = b"Email\na@example.com\n") -> Any:
    return (io.BytesIO(content), name)


def test_a_corrected_file_goes_to_the_job_s_destination_only(office: Office) -> None:
    client = office.client(somebody(Role.DROP))
    assert f'href="{CORRECT}"' in client.get(f"/jobs/{JOB_ID}").text

    asked = client.get(CORRECT)
    assert "3 rows" in asked.text
    assert 'enctype="multipart/form-data"' in asked.text
    page = act(client, CORRECT, file=corrected())

    assert "The corrected file is dropped." in page.text
    (found,) = office.inbox.dropped
    assert found == ("inbox/spring/rejects.csv", b"Email\na@example.com\n", {CORRECTS: JOB_ID})
    assert office.acts == [("bob", "correct", f"JOB#{JOB_ID}", "")]


@pytest.mark.parametrize("address", [ASK, CORRECT])
def test_who_sends_again_or_corrects_is_who_drops(office: Office, address: str) -> None:
    staging = MemoryStaging()
    ports = office.served()._replace(staging=staging)
    client = create_app(ports, Guard(visitor=somebody(Role.DROP))).test_client()

    act(client, address, **({"sure": "1"} if address == ASK else {"file": corrected()}))

    ((key, _, said),) = office.inbox.dropped
    (staged,) = staging.decided.values()
    assert said[STAGED] == staged.staged_id
    assert (staged.who, staged.columns) == ("bob", {})
    assert [(each.route, each.key) for each in staged.sent] == [("spring", key)]


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("../../staged/x.csv", "x.csv"),
        ("C:\\Users\\ada\\liste ü.xlsx", "liste ü.xlsx"),
        ("a\r\nb\x00.csv", "a__b_.csv"),
        ("a\u202evsc.exe\u00a0b.csv", "a_vsc.exe b.csv"),
        ("x" * 300 + ".csv", "x" * 160 + "…" + "x" * 35 + ".csv"),
    ],
)
def test_a_file_s_name_is_only_a_name(name: str, stored: str) -> None:
    assert plain_name(name) == stored


def test_a_path_in_a_file_s_name_leads_nowhere(office: Office) -> None:
    act(office.client(), CORRECT, file=corrected("../../staged/x.csv"))
    assert [key for key, *_ in office.inbox.dropped] == ["inbox/spring/x.csv"]


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (("", b""), "Choose the corrected file first."),
        (("a.csv", b""), "The file is empty."),
        (("a.exe", b"MZ"), "does not end in one of"),
        (("..", b"x"), "does not end in one of"),
        (("a.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), "The file is a PDF"),
        (("rejects.xlsx", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "The file is a picture (PNG)"),
        (("a.txt", b"<!DOCTYPE html><html><body>"), "The file is a web page (HTML)"),
        (("a.csv", b'[{"email": "a@example.com"}]'), "The file is JSON"),
        (("a.zip", b"PK\x03\x04 and nothing that is an archive"), "archive"),
        (("a.csv", b"\xef\xbb\xbf\r\n\r\n"), "The file contains no text."),
        (("a.csv", b'Email,Name\na@example.com,"Ann\n'), "quote"),
    ],
)
def test_what_is_no_table_is_not_dropped(
    office: Office, file: tuple[str, bytes], sentence: str
) -> None:
    page = act(office.client(), CORRECT, file=corrected(*file))
    assert sentence in page.text
    assert not office.inbox.dropped
    assert not office.audit.acts


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("E-Mail;Vorname\r\na@example.com;Jörg\r\n".encode("cp1252"), id="Excel"),
        pytest.param("Courriel\tPrénom\na@example.com\tZoé\n".encode("utf-16"), id="Unicode text"),
        pytest.param("sep=;\nE-Mail;Imię\na@example.com;Łucja\n".encode("utf-8-sig"), id="sep"),
        pytest.param(b"Wer,Was\na@example.com,Tee\n", id="headers that nobody knows"),
        pytest.param("メール,名前\na@example.com,花子\n".encode(), id="Japanese"),
    ],
)
def test_however_a_spreadsheet_saves_it_a_corrected_file_is_dropped(
    office: Office, content: bytes
) -> None:
    page = act(office.client(), CORRECT, file=corrected(content=content))
    assert "The corrected file is dropped." in page.text
    assert [kept for _, kept, *_ in office.inbox.dropped] == [content]


@pytest.mark.parametrize("is_own", [True, False])
def test_rows_that_name_another_job_are_not_dropped_on_this_one(
    office: Office, *, is_own: bool
) -> None:
    content = f"Email,listdrop_job\na@example.com,{JOB_ID if is_own else 'another'}\n"

    page = act(office.client(), CORRECT, file=corrected(content=content.encode()))

    assert ("Its rows name another job" in page.text) is not is_own
    assert bool(office.inbox.dropped) is is_own


def test_a_large_file_is_dropped_elsewhere(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(again, "MOST_BYTES", 1_000)
    client = office.client()
    config = client.application.config
    assert config["MAX_CONTENT_LENGTH"] > 1_000
    config["MAX_CONTENT_LENGTH"] = 3_000

    page = act(client, CORRECT, file=corrected(content=b"x" * 1_001))
    assert page.status_code == 200
    assert "larger than 4 MB" in page.text
    fields = fields_of(client.get(CORRECT)) | {"file": corrected(content=b"x" * 4_000)}
    answer = client.post(CORRECT, data=fields)
    assert answer.status_code == 413
    assert "4 MB" in answer.text
    assert not office.inbox.dropped


@pytest.mark.parametrize("role", [Role.LOOK, Role.APPROVE])
def test_only_those_who_drop_may(office: Office, role: Role) -> None:
    client = office.client(somebody(role))
    client.application.config["WTF_CSRF_ENABLED"] = False
    page = client.get(f"/jobs/{JOB_ID}").text
    for address in (ASK, CORRECT):
        assert address not in page
        assert client.get(address).status_code == 403
        assert client.post(address, data={"sure": "1"}).status_code == 403
    assert not office.inbox.dropped


# ---------------------------------------------------------------- what the pages advise


def test_an_upload_s_page_leads_to_what_can_be_done_and_names_no_command(office: Office) -> None:
    page = office.client().get(f"/uploads/{JOB_ID}").text

    assert "whether the 1 unknown row arrived, and if it did, delete it from retry.csv" in page
    assert f'<a href="{ASK}">Send rows again</a>' in page
    assert f'<a href="{CORRECT}">Correct rows</a>' in page
    assert "listdrop retry" not in page
    assert "listdrop results" not in page


def test_rows_that_were_corrected_are_not_asked_for_again(office: Office) -> None:
    counts = {"rows": 2, "confirmed": 2}
    office.put(2, corrects=JOB_ID, counts=counts, state=JobState.SUCCEEDED)
    client = office.client()

    assert "Correct the other 1 row in rejects.csv" in client.get(f"/uploads/{JOB_ID}").text
    assert "correct the other 1 row of it in a spreadsheet" in client.get(CORRECT).text


def test_the_button_is_said_to_send_also_what_may_have_arrived(office: Office) -> None:
    asked = office.client().get(ASK).text

    assert "The button sends all 2 rows, including the ones that may have arrived." in asked
    assert f'href="/jobs/{JOB_ID}/files/retry.csv"' in asked


def test_a_page_that_only_reads_names_the_commands(office: Office) -> None:
    client = create_app(office.shelf.ports()).test_client()

    page = client.get(f"/uploads/{JOB_ID}").text

    assert f"<code><bdi>listdrop retry {JOB_ID}</bdi></code>" in page


def rejected_for_its_route(office: Office) -> str:
    return office.put(5, state=JobState.REJECTED, counts={}, reason="bad_route", to_send_again=0,
                      reason_text="The campaign c9 is not there.")  # fmt: skip


@pytest.mark.parametrize("place", ["jobs", "uploads"])
def test_a_route_that_cannot_be_used_is_corrected_on_its_page(office: Office, place: str) -> None:
    address = f"/{place}/{rejected_for_its_route(office)}"
    link = '<a href="/routes/spring/edit">Change the route</a>'

    assert link in office.client().get(address).text
    for visitor in (somebody(Role.DROP), somebody(Role.LOOK), somebody(Role.ADMIN, "other")):
        assert link not in office.client(visitor).get(address).text
    assert "listdrop route put" not in office.client().get(address).text


def test_where_nobody_can_act_a_route_is_corrected_by_a_command(office: Office) -> None:
    client = create_app(office.shelf.ports()).test_client()

    page = client.get(f"/jobs/{rejected_for_its_route(office)}").text

    assert "listdrop route put FILE --name spring" in page
    assert "/routes/spring/edit" not in page


# ---------------------------------------------------------------- a file that was of no use


def put_unusable(office: Office, **members: Any) -> Office:
    given: dict[str, Any] = {
        "state": JobState.REJECTED,
        "counts": {},
        "to_send_again": 0,
        "to_correct": 0,
        "reason": "no_usable_column",
        "reason_text": "Listdrop knows none of the columns.",
        "destination": TO,
    }
    return put_ended(office, **(given | members))


def test_a_file_that_one_destination_could_not_use_is_corrected_for_it_alone() -> None:
    office = put_unusable(Office())
    client = office.client(somebody(Role.DROP))
    assert f'href="{CORRECT}">Correct the file<' in client.get(f"/jobs/{JOB_ID}").text

    asked = client.get(CORRECT).text
    content = b"LinkedIn URL\nlinkedin.com/in/ada\n"
    page = act(client, CORRECT, file=(io.BytesIO(content), "people.csv"))

    assert "Its rows go to Kakiyo only" in asked
    assert f"drop a larger one in a terminal: listdrop drop FILE --corrects {JOB_ID}" in asked
    assert "rejects.csv" not in asked
    assert "The corrected file is dropped." in page.text
    assert office.inbox.dropped == [("inbox/spring/people.csv", content, {CORRECTS: JOB_ID})]


@pytest.mark.parametrize(
    "members",
    [
        {"destination": {}},
        {"state": JobState.SKIPPED},
        {"state": JobState.SUCCEEDED, "counts": {"rows": 3, "confirmed": 3}},
        {"to_send_again": 3, "counts": {"rows": 3, "refused": 3}},
    ],
)
def test_where_no_file_is_to_correct_none_is_asked_for(members: dict[str, Any]) -> None:
    client = put_unusable(Office(), **members).client(somebody(Role.DROP))

    assert "There is nothing to correct." in client.get(CORRECT, follow_redirects=True).text
    assert "Correct the file" not in client.get(f"/jobs/{JOB_ID}").text


def test_a_larger_file_keeps_to_its_destination(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(again, "MOST_BYTES", 3)
    office = put_unusable(Office())

    page = act(office.client(), CORRECT, file=(io.BytesIO(b"Email"), "people.csv"))

    assert f"larger than 4 MB: listdrop drop FILE --corrects {JOB_ID}" in page.text
    assert not office.inbox.dropped
