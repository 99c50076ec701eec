"""People act in a real browser: one drops, another approves, and a third may only look."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # has none
from playwright.sync_api import Browser, FilePayload, expect

from listdrop.dashboard.serving import serve
from listdrop.dashboard.visitors import Role, Visitor, looker
from listdrop.models import JobState, StoredAccount, StoredRoute, Upload, job_id_for
from listdrop.ports import Subscription
from listdrop.providers.kakiyo import Kakiyo
from tests.browser.conftest import HOSTILE, Watched, watched
from tests.support.dashboards import NOW
from tests.support.world import World, csv_of
from tests.unit.dashboard.office import ADA, Office, somebody

TO = {"provider": "kakiyo", "campaign_id": "c1"}
UPLOAD = Upload(bucket="uploads", key="inbox/spring/ended.csv", version_id="v2")
ENDED = job_id_for(UPLOAD, "spring", Kakiyo.destination_model.model_validate(TO))


@pytest.fixture
def office() -> Office:
    """An upload of which two jobs wait, one that has ended, a route, and a person."""
    world = World()
    office = Office(jobs=world.jobs, files=world.files, uploads=world.uploads)
    world.process(csv_of(3), f"{'W' * 60}.csv")
    for number, provider in ((1, "kakiyo"), (2, "waalaxy")):
        office.put(
            number,
            provider=provider,
            state=JobState.HELD,
            counts={"rows": 5_001, "invalid": 7},
            batches={"planned": 50, "sent": 0, "terminal": 0},
            reason_text="The file has 5,001 rows; this route asks for approval above 5,000. "
            f"{HOSTILE[0]}",
            plan_hash=f"{number:016x}",
            held_until=NOW,
            dropped_by="AWS:ada",
        )
    counts = {"rows": 9, "confirmed": 6, "invalid": 2, "unknown": 1}
    office.put(job_id=ENDED, upload=UPLOAD, counts=counts, to_correct=2, to_send_again=1)
    office.put(7, retry_of=ENDED, upload=UPLOAD, counts={"rows": 1, "unknown": 1})
    office.files.content[ENDED, "retry.csv"] = b"Email,listdrop_job\r\na@example.com,j\r\n"
    text = json.dumps({"destinations": [TO], "columns": {HOSTILE[0]: None}})
    office.routes.texts = {"spring": text, "hostile": "".join(HOSTILE[:8])}
    office.shelf.stored_routes = [StoredRoute("spring", text, NOW)]
    office.shelf.stored_accounts = [StoredAccount("kakiyo", "default", NOW)]
    office.subscriptions.found = [
        Subscription("email", f"{'w' * 60}@example.com", "arn:1"),
        Subscription("https", HOSTILE[0]),
    ]
    return office


@contextmanager
def opened_by(
    browser: Browser, office: Office, visitor: Visitor, **options: object
) -> Iterator[Watched]:
    """Serve the office to somebody, and open their browser."""
    with serve(office.served(), visitor=visitor) as at:
        yield from watched(browser, at.rstrip("/"), **options)


HELD = f"/uploads/spring-kakiyo-{1:016x}"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_held_upload_is_approved_by_a_second_person(
    browser: Browser, office: Office, *, scripts: bool
) -> None:
    dropper, approver = somebody(Role.DROP), Visitor("eve", {"spring": {Role.APPROVE}})
    with opened_by(browser, office, dropper, java_script_enabled=scripts) as page:
        shown = page.open(HELD)
        expect(shown.get_by_text("AWS:ada")).to_be_visible()
        expect(shown.get_by_role("link", name="Approve")).to_have_count(0)

    with opened_by(browser, office, approver, java_script_enabled=scripts) as page:
        shown = page.open(HELD)
        shown.get_by_role("link", name="Approve all 2 jobs").click()
        expect(shown.get_by_role("heading", name="Approve 2 jobs")).to_be_visible()
        expect(shown.get_by_text("this route asks for approval above 5,000").first).to_be_visible()
        assert list(office.executions.started) == []
        shown.get_by_role("button", name="Have it sent").click()
        expect(shown.get_by_role("status")).to_have_text("Approved: 2 jobs are sent now.")
        expect(shown.get_by_text("by eve").first).to_be_visible()

    assert len(office.executions.started) == 2
    assert {job.state for job in office.jobs.jobs.values() if job.plan_hash} == {JobState.PENDING}


def test_who_may_only_look_can_do_nothing(browser: Browser, office: Office) -> None:
    addresses = [HELD, HELD.replace("uploads", "jobs"), f"/jobs/{ENDED}", "/routes", "/person"]
    with opened_by(browser, office, looker("bob")) as page:
        for address in addresses:
            shown = page.open(address)
            assert shown.locator("form[method=post]").count() == 0
            assert shown.locator(".acts").count() == 0
        for address in (f"{HELD}/approve", f"/jobs/{ENDED}/retry", "/routes/spring/edit"):
            shown = page.open(address)
            expect(shown.get_by_text("which you do not have here")).to_be_visible()
        # A page that may not be opened is an error to the browser's console, too.
        page.wrongs[:] = [each for each in page.wrongs if "403" not in each]
    assert not office.audit.acts
    assert not office.executions.calls


def test_a_corrected_file_is_dropped_on_its_job(browser: Browser, office: Office) -> None:
    with opened_by(browser, office, somebody(Role.DROP)) as page:
        shown = page.open(f"/jobs/{ENDED}")
        shown.get_by_role("link", name="Correct rows").click()
        file = FilePayload(
            name="rejects.csv", mimeType="text/csv", buffer=b"Email\na@example.com\n"
        )
        shown.get_by_label("The corrected file").set_input_files(file)
        shown.get_by_role("button", name="Drop the corrected file").click()
        expect(shown.get_by_role("status")).to_contain_text("The corrected file is dropped.")
    ((key, content, _),) = office.inbox.dropped
    assert (key, content) == ("inbox/spring/rejects.csv", b"Email\na@example.com\n")


def test_a_route_is_changed_and_a_mistake_stands_beside_its_field(
    browser: Browser, office: Office
) -> None:
    with opened_by(browser, office, ADA) as page:
        shown = page.open("/routes")
        shown.get_by_role("link", name="Change the route spring").click()
        expect(shown.get_by_label("campaign id")).to_have_value("c1")
        shown.get_by_label("batch rows").fill("many")
        shown.get_by_role("button", name="Check and write the route").click()
        field = shown.get_by_label("batch rows")
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description(re.compile("valid integer"))
        field.fill("9")
        field.press("Enter")
        expect(shown.get_by_role("status")).to_contain_text("The route spring is written.")
        page.wrongs[:] = [each for each in page.wrongs if "422" not in each]
    written = json.loads(office.routes.texts["spring"])
    assert written["destinations"] == [TO | {"batch_rows": 9}]


PAGES = {
    "approve": f"{HELD}/approve",
    "held": HELD,
    "retry": f"/jobs/{ENDED}/retry",
    "correct": f"/jobs/{ENDED}/correct",
    "edit": "/routes/spring/edit",
    "json": "/routes/hostile/edit",
    "delete": "/routes/hostile/delete",
    "new-route": "/new-route?name=a+b",
    "subscriptions": "/subscriptions",
    "subscribe": "/subscriptions/new",
    "erase": "/person/erase?who=p2@example.com",
    "key": "/accounts/kakiyo/default/test",
}


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280], ids=["phone", "desk"])
def test_pages_of_acts_are_accessible_and_fit_their_window(
    browser: Browser, office: Office, width: int
) -> None:
    viewport = {"width": width, "height": 844}
    with opened_by(browser, office, ADA, viewport=viewport) as window:
        for name, address in PAGES.items():
            page = window.open(address)
            found = Axe().run(page)
            assert found.violations_count == 0, f"{name}: {found.generate_report()}"
            wide, visible = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
            assert wide <= visible, name
