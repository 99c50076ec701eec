"""Held jobs are answered in a browser: one by one, or an upload's all at once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from listdrop.dashboard.visitors import Role
from listdrop.models import JobState, JobWarning
from tests.support.dashboards import NOW
from tests.unit.dashboard.office import Office, act, fields_of, somebody

WHY = "The file has 5,001 rows; this route asks for approval above 5,000."


@pytest.fixture
def office() -> Office:
    return Office()


def put_held(office: Office, number: int = 1, provider: str = "kakiyo", **members: object) -> str:
    counts = {"rows": 5_001, "invalid": 7, "duplicate": 4}
    return office.put(
        number,
        **{
            "provider": provider,
            "state": JobState.HELD,
            "counts": counts,
            "batches": {"planned": 50, "sent": 0, "terminal": 0},
            "reason_text": WHY,
            "plan_hash": f"{number:016x}",
            "sending_since": None,
            "warnings": (JobWarning(code="unclear_consent", text="Is Opt-in a yes?"),),
            **members,
        },
    )


def test_a_held_job_is_shown_before_it_is_approved_and_then_runs(office: Office) -> None:
    job_id = put_held(office)
    client = office.client(somebody(Role.APPROVE))

    assert f'href="/jobs/{job_id}/approve"' in client.get(f"/jobs/{job_id}").text
    asked = client.get(f"/jobs/{job_id}/approve")
    for said in (WHY, "Is Opt-in a yes?", "4,990 rows", "50 batches", ">7<"):
        assert said in asked.text, said
    assert fields_of(asked)["plan"] == [f"{job_id} {1:016x}"]
    assert not office.executions.calls
    page = act(client, f"/jobs/{job_id}/approve")

    assert "Approved: it is sent now." in page.text
    assert office.jobs.jobs[job_id].state is JobState.PENDING
    assert list(office.executions.started) == [job_id]
    assert office.acts == [("bob", "approve", f"JOB#{job_id}", "")]
    assert office.audit.acts[0].detail == f"plan {1:016x}"
    assert "approve" in client.get(f"/uploads/{job_id}").text


def test_a_refused_job_sends_nothing(office: Office) -> None:
    job_id = put_held(office)

    page = act(office.client(), f"/jobs/{job_id}/refuse")

    assert "Refused: what waited is not sent." in page.text
    assert office.jobs.jobs[job_id].stop_reason == "not_approved"
    assert office.acts == [("ada", "refuse", f"JOB#{job_id}", "")]


@pytest.mark.parametrize("first", ["approve", "refuse"])
def test_a_second_answer_is_a_sentence(office: Office, first: str) -> None:
    job_id = put_held(office)
    client = office.client()
    fields = fields_of(client.get(f"/jobs/{job_id}/approve"))
    act(office.client(), f"/jobs/{job_id}/{first}")

    page = client.post(f"/jobs/{job_id}/approve", data=fields, follow_redirects=True)

    assert page.status_code == 200
    assert "does not wait for approval: it is pending" in page.text
    assert office.executions.calls == 1
    assert [outcome for *_, outcome in office.acts] == ["", "", "failed"]
    late = client.get(f"/jobs/{job_id}/approve", follow_redirects=True)
    assert "It does not wait for an answer." in late.text


@pytest.mark.parametrize("plan", ["", "x", "{job_id}", "{job_id} another", "other 1"])
def test_another_plan_is_not_approved(office: Office, plan: str) -> None:
    job_id = put_held(office)
    client = office.client()
    fields = fields_of(client.get(f"/jobs/{job_id}/approve"))
    fields["plan"] = [plan.format(job_id=job_id)]

    page = client.post(f"/jobs/{job_id}/approve", data=fields, follow_redirects=True)

    assert page.status_code == 200
    assert "not the plan" in page.text or "Nothing was answered." in page.text
    assert office.jobs.jobs[job_id].state is JobState.HELD
    assert not office.executions.calls


def test_all_held_jobs_of_an_upload_are_approved_at_once(office: Office) -> None:
    held = [put_held(office, 1), put_held(office, 2, "waalaxy")]
    runs = office.put(3, provider="saleshandy", state=JobState.RUNNING)
    client = office.client()

    assert f'href="/uploads/{held[0]}/approve"' in client.get(f"/uploads/{runs}").text
    page = act(client, f"/uploads/{runs}/approve")

    assert "Approved: 2 jobs are sent now." in page.text
    assert sorted(office.executions.started) == sorted(held)
    assert office.jobs.jobs[runs].state is JobState.RUNNING
    assert {subject for _, _, subject, _ in office.acts} == {f"JOB#{each}" for each in held}
    assert re.findall(r"plan 0+([12])</bdi> <span class=\"soft\"><bdi>(\w+)", page.text) == [
        ("1", "kakiyo"),
        ("2", "waalaxy"),
    ]


def test_of_several_what_cannot_be_answered_is_said(office: Office) -> None:
    held = [put_held(office, 1), put_held(office, 2, "waalaxy")]
    client = office.client()
    fields = fields_of(client.get(f"/uploads/{held[0]}/approve"))
    act(office.client(), f"/jobs/{held[0]}/refuse")

    page = client.post(f"/uploads/{held[0]}/approve", data=fields, follow_redirects=True)

    assert "Approved: it is sent now." in page.text
    assert f"Job {held[0]} does not wait for approval" in page.text


@pytest.mark.parametrize("role", [Role.LOOK, Role.DROP])
def test_only_those_who_approve_may_answer(office: Office, role: Role) -> None:
    job_id = put_held(office)
    fields = fields_of(office.client().get(f"/jobs/{job_id}/approve"))
    client = office.client(somebody(role))
    client.application.config["WTF_CSRF_ENABLED"] = False

    for place in (f"/jobs/{job_id}", f"/uploads/{job_id}"):
        page = client.get(place).text
        for answer in ("approve", "refuse"):
            assert f"{place}/{answer}" not in page
            assert client.get(f"{place}/{answer}").status_code == 403
            assert client.post(f"{place}/{answer}", data=fields).status_code == 403
    assert office.jobs.jobs[job_id].state is JobState.HELD
    assert not office.acts


def test_who_approves_another_route_may_not_answer_here(office: Office) -> None:
    job_id = put_held(office)
    assert (
        office.client(somebody(Role.APPROVE, "autumn")).get(f"/jobs/{job_id}/approve").status_code
        == 403
    )


def test_what_is_said_of_many_answers_fits_a_cookie(office: Office) -> None:
    held = [put_held(office, number) for number in range(1, 40)]
    client = office.client()
    fields = fields_of(client.get(f"/uploads/{held[0]}/approve"))
    act(office.client(), f"/uploads/{held[0]}/refuse")

    page = client.post(f"/uploads/{held[0]}/approve", data=fields, follow_redirects=True)

    assert f"Job {held[0]} does not wait for approval" in page.text
    assert "…" in page.text


def test_a_job_that_waits_has_no_deadline_yet_and_says_until_when_it_waits(office: Office) -> None:
    job_id = put_held(office, held_until=NOW + timedelta(hours=48), planned_at=NOW)

    page = office.client().get(f"/jobs/{job_id}").text

    assert "waits for approval; without an answer by 2026-03-04 15:30 UTC it is refused" in page
    assert "Refused without an answer" in page
    assert "Deadline" not in page
    assert "batch sent" not in page
    assert "no estimate" not in page
    asked = office.client().get(f"/jobs/{job_id}/cancel").text
    assert "Nothing of it is sent. Its rows are in retry.csv" in asked


def test_pages_lead_to_pages_and_not_to_commands(office: Office) -> None:
    job_id = put_held(office)
    office.jobs.jobs[job_id] = office.jobs.jobs[job_id].model_copy(update={"held_until": NOW})

    for address in (f"/jobs/{job_id}", f"/uploads/{job_id}"):
        page = office.client().get(address).text
        assert f'To have it sent</bdi>: <a href="/jobs/{job_id}/approve">Approve</a>' in page
        assert "listdrop approve" not in page
    other = office.client(somebody(Role.DROP)).get(f"/jobs/{job_id}").text
    assert "To have it sent</bdi>." in other
    assert "listdrop approve" not in other
