"""The first page: what needs attention, what was dropped, and what to do where nothing was."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from listdrop.dashboard.app import create_app
from listdrop.dashboard.visitors import Visitor
from listdrop.models import Job, JobState, LastError, StoredRoute, Upload
from tests.support.dashboards import NOW, Shelf, new_job
from tests.unit.dashboard.office import WHO_ADMINISTERS, Office

ERROR = LastError(text="the connection was refused", kind="unreachable", since=NOW)


def words(page: str) -> str:
    """What is on a page, as it is read: without tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def section(client: FlaskClient, heading: str) -> str:
    """The part of the first page under a heading."""
    page = client.get("/").text
    return page.split(f">{heading}</h2>")[1].split("</section>")[0]


def drop(shelf: Shelf, name: str, *states: JobState, hours: float = 1, **more: Any) -> list[Job]:
    """Add an upload with a job in each of these states."""
    upload = Upload(bucket="uploads", key=f"inbox/spring/{name}", version_id=name)
    return [
        shelf.put(
            new_job(
                len(shelf.jobs),
                provider=("kakiyo", "waalaxy", "which50")[place],
                state=state,
                upload=upload,
                created_at=NOW - timedelta(hours=hours),
                **more,
            )
        )
        for place, state in enumerate(states)
    ]


def test_uploads_that_need_attention_lead_the_most_urgent_first(
    shelf: Shelf, client: FlaskClient
) -> None:
    drop(shelf, "good.csv", JobState.SUCCEEDED)
    drop(shelf, "partly.csv", JobState.PARTIAL, JobState.SUCCEEDED, dropped_by="AWS:ada")
    drop(shelf, "stuck.csv", JobState.RUNNING, hours=2, last_error=ERROR)
    drop(shelf, "rejected.csv", JobState.REJECTED, hours=3, reason="bad_route")
    drop(shelf, "waiting.csv", JobState.HELD, hours=24 * 20)

    page = client.get("/").text
    attention = words(section(client, "Needs attention"))

    names = ["waiting.csv", "stuck.csv", "rejected.csv", "partly.csv"]
    places = [attention.index(name) for name in names]
    assert places == sorted(places)
    assert "good.csv" not in attention
    assert "rejected kakiyo the route cannot be used (bad_route)" in attention
    assert "running 100% kakiyo the connection was refused" in attention
    assert ">ada<" in page
    # Of an upload, only what needs it.
    assert "waalaxy" not in attention
    assert page.index("Needs attention") < page.index("Latest uploads") < page.index(">Today<")


def test_what_ended_badly_needs_no_attention_once_it_is_old_corrected_or_sent_again(
    shelf: Shelf, client: FlaskClient
) -> None:
    (corrected,) = drop(shelf, "corrected.csv", JobState.PARTIAL)
    (retried,) = drop(shelf, "retried.csv", JobState.FAILED, hours=50)
    drop(shelf, "old.csv", JobState.PARTIAL, hours=24 * 8)
    drop(shelf, "fixed.csv", JobState.SUCCEEDED, corrects=corrected.job_id)
    drop(shelf, "again.csv", JobState.SUCCEEDED, retry_of=retried.job_id)

    assert "Nothing: no job" in words(section(client, "Needs attention"))


def test_what_was_corrected_in_part_needs_attention_until_nothing_is_left(
    shelf: Shelf, client: FlaskClient
) -> None:
    (job,) = drop(
        shelf, "partly.csv", JobState.PARTIAL, counts={"rows": 6, "invalid": 2, "refused": 2}
    )
    one: dict[str, Any] = {"counts": {"rows": 1, "confirmed": 1}, "corrects": job.job_id}
    drop(shelf, "one.csv", JobState.SUCCEEDED, **one)
    before = words(section(client, "Needs attention"))
    for number in range(3):
        drop(shelf, f"{number}.csv", JobState.SUCCEEDED, **one)

    later = words(section(create_app(shelf.ports()).test_client(), "Needs attention"))

    assert "partly.csv" in before
    assert "partly.csv" not in later


def test_the_latest_uploads_lead_to_their_pages_and_to_each_of_their_jobs(
    shelf: Shelf, client: FlaskClient
) -> None:
    jobs = drop(shelf, "fair.csv", JobState.SUCCEEDED, JobState.PARTIAL)
    drop(shelf, "before.csv", JobState.SUCCEEDED, hours=70)

    latest = section(client, "Latest uploads")

    assert words(latest).index("fair.csv") < words(latest).index("before.csv")
    assert f'href="/uploads/{jobs[0].job_id}"' in latest
    assert all(f'href="/jobs/{job.job_id}"' in latest for job in jobs)


def test_only_so_many_are_shown_and_the_others_are_a_page_away(
    shelf: Shelf, client: FlaskClient
) -> None:
    for number in range(12):
        drop(shelf, f"{number}.csv", JobState.PARTIAL, hours=number)

    attention = section(client, "Needs attention")

    assert attention.count("</tr>") == 1 + 8
    assert "(4 more)" in attention
    (address,) = re.findall(r'href="(/uploads\?[^"]*)"', attention)
    assert words(client.get(html.unescape(address)).text).count(".csv") >= 12


def test_before_there_is_a_route_the_page_says_how_to_make_one(client: FlaskClient) -> None:
    page = words(client.get("/").text)

    assert "Begin with a route" in page
    assert "listdrop account put kakiyo" in page
    assert "listdrop route put spring.json" in page


@pytest.mark.parametrize(("visitor", "is_led"), WHO_ADMINISTERS)
def test_before_there_is_a_route_those_who_may_are_led_to_the_page_that_makes_one(
    visitor: Visitor, is_led: bool
) -> None:
    page = Office().client(visitor).get("/").text

    assert ('<a href="/new-route">Create a route</a> here, or by a command' in page) is is_led
    assert "Begin with a route" in page


def test_before_there_is_an_upload_the_page_says_how_to_drop_one(
    shelf: Shelf, client: FlaskClient
) -> None:
    shelf.stored_routes = [StoredRoute("webinar", "{}", NOW)]

    assert "listdrop drop people.csv --route webinar" in words(client.get("/").text)
    assert "listdrop drop people.csv --route ROUTE" in words(client.get("/uploads").text)
    assert "listdrop drop people.csv --route webinar" in words(client.get("/routes/webinar").text)


def test_an_empty_list_offers_a_longer_time_and_keeps_what_was_asked(client: FlaskClient) -> None:
    page = client.get("/jobs?state=failed").text

    (address,) = re.findall(r'href="([^"]*)">Look at the last 30 days', page)
    assert html.unescape(address) in (
        "/jobs?state=failed&since=30d",
        "/jobs?since=30d&state=failed",
    )
    assert "Look at the last" not in client.get(html.unescape(address)).text


@pytest.mark.parametrize(
    ("state", "is_live"),
    [(JobState.RUNNING, True), (JobState.HELD, False), (JobState.SUCCEEDED, False)],
)
def test_the_page_refreshes_itself_only_while_something_runs(
    shelf: Shelf, client: FlaskClient, state: JobState, is_live: bool
) -> None:
    drop(shelf, "fair.csv", state)

    assert ("data-live" in client.get("/").text) is is_live


def table(client: FlaskClient, address: str) -> list[dict[str, str]]:
    """Download a chart's numbers."""
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_each_chart_has_its_numbers_as_a_file(shelf: Shelf, client: FlaskClient) -> None:
    (job,) = drop(shelf, "fair.csv", JobState.PARTIAL)
    shelf.put(new_job(7, created_at=NOW - timedelta(days=2), counts={"rows": 7, "confirmed": 7}))
    page = client.get("/").text + client.get(f"/jobs/{job.job_id}").text

    found = {
        address: table(client, address) for address in re.findall(r'href="([^"]*\.csv)" down', page)
    }

    days = found.pop("/figures/days.csv")
    assert (len(days), days[-1]["day"], days[-1]["rows"]) == (30, "2026-03-02", "10")
    assert (days[-3]["confirmed"], days[-3]["success_percent"]) == ("7", "100.0")
    assert days[0]["success_percent"] == days[0]["slowest_seconds"] == ""
    (provider,) = found.pop("/figures/providers.csv")
    assert (provider["provider"], provider["jobs"], provider["rows"]) == ("kakiyo", "2", "17")
    assert provider["slowest_seconds"] == "200"
    (route,) = found.pop("/figures/routes.csv")
    assert route["route"] == "spring"
    (account,) = found.pop("/figures/accounts.csv")
    assert (account["provider"], account["account"]) == ("kakiyo", "default")
    outcomes = {
        row["outcome"]: row["rows"] for row in found.pop(f"/jobs/{job.job_id}/outcomes.csv")
    }
    assert (outcomes["confirmed"], outcomes["refused"], outcomes["open"]) == ("8", "2", "0")
    assert not found


def test_a_name_is_no_formula_in_a_downloaded_file(shelf: Shelf, client: FlaskClient) -> None:
    drop(shelf, "fair.csv", JobState.SUCCEEDED, route='=HYPERLINK("https://evil.example")')

    (route,) = table(client, "/figures/routes.csv")

    assert route["route"].startswith("'=")


@pytest.mark.parametrize("address", ["/figures/secrets.csv", "/jobs/nobody/outcomes.csv"])
def test_there_are_no_other_files(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404
