from __future__ import annotations

import pytest

from listdrop.dashboard.app import create_app
from listdrop.dashboard.guard import Guard
from listdrop.dashboard.visitors import Role, Visitor, looker
from listdrop.models import JobState
from tests.support.dashboards import NOW
from tests.unit.dashboard.office import ADA, Office, act, token_of


@pytest.fixture
def office() -> Office:
    return Office()


def test_cancelling_asks_first_and_says_what_came_of_it(office: Office) -> None:
    batches = {"planned": 2, "sent": 1, "terminal": 0}
    job_id = office.put(state=JobState.RUNNING, batches=batches)
    client = office.client()

    address = f"/jobs/{job_id}/cancel"
    assert f'href="{address}"' in client.get(f"/jobs/{job_id}").text
    assert "No more of it is sent." in client.get(address).text
    assert not office.audit.acts
    page = act(client, address)

    assert "Cancelled: no more is sent." in page.text
    assert f'href="{address}"' not in page.text
    assert office.jobs.jobs[job_id].stop_reason == "cancelled"
    assert [(each.who, each.what, each.subject) for each in office.audit.acts] == [
        ("ada", "cancel", f"JOB#{job_id}")
    ]
    assert "Who did what" in page.text


@pytest.mark.parametrize("is_planned", [True, False])
def test_what_was_planned_does_not_wait_to_be_planned(office: Office, *, is_planned: bool) -> None:
    planned_at = NOW if is_planned else None
    job_id = office.put(state=JobState.PENDING, planned_at=planned_at)

    page = office.client().get(f"/jobs/{job_id}").text

    assert ("waiting to be planned" in page) is not is_planned
    assert ("about to be sent" in page) is is_planned


@pytest.mark.parametrize("fields", [{}, {"csrf_token": ""}, {"csrf_token": "made-up"}])
def test_a_form_of_another_site_does_nothing(office: Office, fields: dict[str, str]) -> None:
    job_id = office.put(state=JobState.RUNNING)

    answer = office.client().post(f"/jobs/{job_id}/cancel", data=fields)

    assert answer.status_code == 400
    assert "Nothing was done, as this page was open for too long" in answer.text
    assert "CSRF" not in answer.text
    assert not office.jobs.jobs[job_id].stop_reason
    assert not office.audit.acts


def test_a_token_is_of_its_own_session(office: Office) -> None:
    job_id = office.put(state=JobState.RUNNING)
    address = f"/jobs/{job_id}/cancel"
    token = token_of(office.client().get(address))

    answer = office.client().post(address, data={"csrf_token": token})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "visitor",
    [looker("bob"), Visitor("bob", {"another": frozenset(Role)}), Visitor("bob")],
    ids=["looks", "other-route", "nothing"],
)
def test_without_the_role_there_is_no_button_and_no_act(office: Office, visitor: Visitor) -> None:
    job_id = office.put(state=JobState.RUNNING)
    client = office.client(visitor)
    address = f"/jobs/{job_id}/cancel"

    assert address not in client.get(f"/jobs/{job_id}").text
    assert client.get(address).status_code == 403
    client.application.config["WTF_CSRF_ENABLED"] = False
    assert client.post(address).status_code == 403
    assert not office.jobs.jobs[job_id].stop_reason


def test_a_dashboard_that_only_reads_has_no_acts(office: Office) -> None:
    job_id = office.put(state=JobState.RUNNING)
    client = create_app(office.shelf.ports(), Guard(visitor=ADA)).test_client()

    page = client.get(f"/jobs/{job_id}").text

    assert "cancel" not in page
    assert "This page is read-only." in page
    assert client.get(f"/jobs/{job_id}/cancel").status_code == 404


def test_an_act_that_fails_is_recorded_as_failed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = office.put(state=JobState.RUNNING)
    client = office.client()
    token = token_of(client.get(f"/jobs/{job_id}/cancel"))

    def broken(*_: object) -> None:
        raise OSError("no answer")

    monkeypatch.setattr(office.jobs, "stop", broken)
    answer = client.post(f"/jobs/{job_id}/cancel", data={"csrf_token": token})

    assert answer.status_code == 500
    assert [each.outcome for each in office.audit.acts] == ["", "failed"]


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (PermissionError("arn:x may not"), 403, "do not allow this"),
        (TimeoutError("10.0.0.1"), 503, "AWS does not answer"),
    ],
)
@pytest.mark.parametrize("broken", ["audit.record", "jobs.stop"])
def test_what_aws_refuses_is_a_sentence(
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    broken: str,
    error: Exception,
    status: int,
    sentence: str,
) -> None:
    job_id = office.put(state=JobState.RUNNING)
    client = office.client()
    token = token_of(client.get(f"/jobs/{job_id}/cancel"))

    def refuse(*_: object) -> None:
        raise error

    port, method = broken.split(".")
    monkeypatch.setattr(getattr(office, port), method, refuse)
    answer = client.post(f"/jobs/{job_id}/cancel", data={"csrf_token": token})

    assert (answer.status_code, sentence in answer.text) == (status, True)
    assert str(error) not in answer.text
    assert not office.jobs.jobs[job_id].stop_reason
