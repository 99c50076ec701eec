"""From a file on disk to its upload's page, in a real browser."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # has none
from playwright.sync_api import Browser, Page, expect

from listdrop.dashboard.serving import serve
from listdrop.dashboard.visitors import owner
from listdrop.models import JobState, StoredRoute, Upload
from listdrop.providers.routing import parse_route
from listdrop.wiring.providers import RegisteredProviders
from tests.browser.conftest import HOSTILE, Watched, opened
from tests.support.dashboards import NOW, MemoryAudit, Shelf
from tests.support.staging import MemoryStaging, served_bucket
from tests.support.world import World
from tests.unit.dashboard.office import Office

ROUTES = {
    "spring": {"provider": "kakiyo", "campaign_id": "camp_demo"},
    "autumn": {"provider": "saleshandy", "step_id": "stepDemo01"},
}
PEOPLE = (
    "Vorname,Nachname,Email,Profil\r\n"
    "Ada,Lovelace,ada@example.com,https://www.linkedin.com/in/ada-lovelace\r\n"
    "Bob,Babbage,bob@example.com,https://www.linkedin.com/in/bob-babbage\r\n"
    "Cy,Cantor,cy@example.com,\r\n"
)


@dataclass
class Shop:
    """A dashboard with a bucket beside it, and the Submit function behind that."""

    address: str
    staging: MemoryStaging
    world: World
    shelf: Shelf
    audit: MemoryAudit
    bucket: str

    def submit(self, upload: Upload) -> None:
        """Submit a copy, so that its jobs can be seen."""
        for job_id in self.world.submit(upload):
            self.shelf.put(self.world.jobs.get(job_id))


@pytest.fixture
def shop() -> Iterator[Shop]:
    world, shelf, audit = World(), Shelf(), MemoryAudit()
    world.providers = RegisteredProviders()  # type: ignore[assignment] # the real ones only plan here
    for name, to in ROUTES.items():
        text = json.dumps({"destinations": [to]})
        shelf.stored_routes.append(StoredRoute(name, text, NOW))
        world.routes.routes[name] = parse_route(name, text)
    office = Office(shelf, world.jobs, audit)
    ports = shelf.ports(acts=office.ports())._replace(staging=world.staging)
    with served_bucket(world.staging) as bucket, serve(ports, visitor=owner("ada")) as at:
        found = Shop(at.rstrip("/"), world.staging, world, shelf, audit, bucket)
        world.staging.submit = found.submit
        yield found


def pages(browser: Browser, shop: Shop, **options: object) -> Iterator[Watched]:
    """A page that asks nobody but the dashboard and the bucket."""
    found = opened(browser, shop.address, **options)
    yield found
    found.page.context.close()
    bucket = f"request: {shop.bucket}"
    assert [each for each in found.wrongs if each != bucket] == []


@pytest.fixture
def page(browser: Browser, shop: Shop) -> Iterator[Watched]:
    yield from pages(browser, shop, viewport={"width": 390, "height": 844})


@pytest.fixture
def plain_page(browser: Browser, shop: Shop) -> Iterator[Watched]:
    yield from pages(browser, shop, java_script_enabled=False)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """An export on disk."""
    path = tmp_path / "Messe März.csv"
    path.write_text(PEOPLE, "utf-8", newline="")
    return path


def seen(page: Page, name: str) -> None:
    """Look whether a page is accessible and fits; keep a picture where one is wished."""
    if folder := os.environ.get("LISTDROP_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= window


def test_a_file_goes_from_the_disk_to_its_upload(page: Watched, shop: Shop, export: Path) -> None:
    shown = page.open("/")
    shown.get_by_role("link", name="Drop a file", exact=True).click()
    expect(shown.get_by_text("or drag one here")).to_be_visible()
    seen(shown, "drop")
    shown.get_by_label("The file").set_input_files(export)
    shown.get_by_role("button", name="Upload").click()

    expect(shown.get_by_role("heading", name="Messe März.csv")).to_be_visible()
    shown.get_by_label("spring").check()
    shown.get_by_label("autumn").check()
    shown.get_by_role("button", name="Look at it").click()
    expect(shown.get_by_text("no_usable_column")).to_be_visible()
    shown.get_by_label("Profil").select_option("linkedin_url")
    shown.get_by_role("button", name="Look again").click()
    expect(shown.get_by_text("2 rows to send")).to_be_visible()
    expect(shown.get_by_text("Lovelace")).to_have_count(0)
    seen(shown, "preview")
    shown.get_by_label("autumn").uncheck()
    shown.get_by_label("Nachname").select_option("leave it out")
    shown.get_by_role("button", name="Look again").click()
    expect(shown.get_by_label("Nachname")).to_have_value("-")
    assert not shop.world.jobs.jobs

    shown.get_by_role("button", name="Send").click()

    expect(shown.get_by_role("heading", name="Destinations")).to_be_visible()
    (job,) = shop.world.jobs.jobs.values()
    assert job.upload.key == "inbox/spring/Messe März.csv"
    assert job.dropped_by == "ada"
    assert shop.audit.acts[-1].subject == f"JOB#{job.job_id}"
    assert job.counts["rows"] == 3
    assert job.columns
    assert "Nachname" in job.columns.unused
    assert job.state is JobState.PENDING
    assert "/uploads/" in shown.url


def test_the_preview_follows_a_changed_column_at_once(
    page: Watched, shop: Shop, export: Path
) -> None:
    shown = page.open("/drop")
    shown.get_by_label("The file").set_input_files(export)
    shown.get_by_role("button", name="Upload").click()
    shown.get_by_label("spring").check()
    shown.get_by_role("button", name="Look at it").click()
    expect(shown.get_by_text("no_usable_column")).to_be_visible()
    column = shown.get_by_label("Profil")
    column.focus()

    column.select_option("linkedin_url")

    expect(shown.get_by_text("2 rows to send")).to_be_visible()
    expect(shown.get_by_text("no_usable_column")).to_have_count(0)
    expect(shown.get_by_role("status")).to_have_text("The preview is as you chose.")
    expect(column).to_be_focused()
    expect(column).to_have_value("linkedin_url")
    shown.get_by_label("Nachname").select_option("leave it out")
    column.select_option("leave it out")
    expect(shown.get_by_text("no_usable_column")).to_be_visible()
    expect(shown.get_by_role("button", name="Send")).to_have_count(0)
    column.select_option("linkedin_url")
    shown.get_by_role("button", name="Send").click()
    expect(shown.get_by_role("heading", name="Destinations")).to_be_visible()
    (job,) = shop.world.jobs.jobs.values()
    assert job.columns
    assert "Nachname" in job.columns.unused


def test_a_preview_that_cannot_follow_says_so(page: Watched, export: Path) -> None:
    shown = page.open("/drop")
    shown.get_by_label("The file").set_input_files(export)
    shown.get_by_role("button", name="Upload").click()
    shown.get_by_label("autumn").check()
    shown.get_by_role("button", name="Look at it").click()
    shown.get_by_label("Nachname").evaluate(
        "(select) => { select.closest('form').csrf_token.value = 'old'; }"
    )

    shown.get_by_label("Nachname").select_option("leave it out")

    expect(shown.get_by_role("status")).to_contain_text("press Look again")
    page.wrongs[:] = [each for each in page.wrongs if "400" not in each]


@pytest.mark.parametrize(
    "row",
    [
        "anna(at)example.com,محمد,https://www.linkedin.com/in/anna-lena-von-der-heide,Lead",
        "a@example.com,Zoë,linkedin.com/in/a,Donaudampfschifffahrtsgesellschaftskapitänspatent",
        "a@example.com,花子,,東京都千代田区丸の内一丁目九番一号グラントウキョウノースタワー",
        f"a@example.com,דוד,,{'x' * 500}",
    ],
)
def test_a_telephone_shows_columns_and_their_examples_without_scrolling_sideways(
    page: Watched, tmp_path: Path, row: str
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f"Email,First name,LinkedIn URL,Position\n{row}\n", "utf-8")
    shown = page.open("/drop")
    shown.get_by_label("The file").set_input_files(path)
    shown.get_by_role("button", name="Upload").click()
    shown.get_by_label("spring").check()
    shown.get_by_role("button", name="Look at it").click()

    columns = shown.locator(".filter .scroll")
    expect(columns).to_be_visible()
    wide, window = columns.evaluate("each => [each.scrollWidth, each.clientWidth]")
    assert wide <= window


def test_it_goes_without_javascript_too(plain_page: Watched, shop: Shop, export: Path) -> None:
    """A file is dropped, seen, mapped into usability, and sent."""
    shown = plain_page.open("/drop")
    shown.get_by_label("The file").set_input_files(export)
    shown.get_by_role("button", name="Upload").click()
    shown.get_by_label("spring").check()
    shown.get_by_label("autumn").check()
    shown.get_by_role("button", name="Look at it").click()
    expect(shown.get_by_text("no_usable_column")).to_be_visible()
    shown.get_by_label("Profil").select_option("linkedin_url")
    shown.get_by_label("Nachname").select_option("leave it out")
    shown.get_by_label("autumn").uncheck()
    shown.get_by_role("button", name="Look again").click()
    expect(shown.get_by_text("2 rows to send")).to_be_visible()
    expect(shown.get_by_label("Nachname")).to_have_value("-")
    assert not shop.world.jobs.jobs

    shown.get_by_role("button", name="Send").click()

    expect(shown.get_by_role("heading", name="Destinations")).to_be_visible()
    (job,) = shop.world.jobs.jobs.values()
    assert job.columns
    assert "Nachname" in job.columns.unused


def test_a_file_is_dragged_onto_the_page(page: Watched) -> None:
    shown = page.open("/drop")
    dropped = shown.evaluate_handle(
        """(text) => {
            const data = new DataTransfer();
            data.items.add(new File([text], "dragged.csv"));
            data.items.add(new File([text], "second.csv"));
            return data;
        }""",
        PEOPLE,
    )
    shown.locator("[data-place]").dispatch_event("drop", {"dataTransfer": dropped})

    expect(shown.get_by_text("dragged.csv")).to_be_visible()
    expect(shown.get_by_role("status")).to_contain_text("One file at a time")
    expect(shown.get_by_role("button", name="Upload")).to_be_focused()
    shown.keyboard.press("Enter")
    expect(shown.get_by_role("heading", name="dragged.csv")).to_be_visible()


def test_a_lost_connection_is_told_and_may_be_tried_again(
    browser: Browser, shop: Shop, export: Path
) -> None:
    found = opened(browser, shop.address)
    shown = found.open("/drop")
    shown.route(f"{shop.bucket}**", lambda route: route.abort("connectionreset"))
    shown.get_by_label("The file").set_input_files(export)
    shown.get_by_role("button", name="Upload").click()
    expect(shown.get_by_role("status")).to_contain_text("The connection was lost")
    expect(shown.get_by_role("button", name="Upload")).to_be_focused()
    assert not shop.staging.uploads.contents

    shown.unroute_all()
    shown.get_by_role("button", name="Upload").click()
    expect(shown.get_by_role("heading", name="Messe März.csv")).to_be_visible()
    found.page.context.close()


def test_a_connection_that_is_lost_in_the_middle_of_an_upload_leaves_nothing(
    browser: Browser, shop: Shop, tmp_path: Path
) -> None:
    rows = "".join(f"Ada,No. {number},p{number}@example.com,\r\n" for number in range(400_000))
    path = tmp_path / "large.csv"
    path.write_text(PEOPLE + rows, "utf-8", newline="")
    found = opened(browser, shop.address)
    shown = found.open("/drop")
    shown.get_by_label("The file").set_input_files(path)
    shop.staging.taken_before_it_breaks = 1 << 20

    shown.get_by_role("button", name="Upload").click()

    expect(shown.get_by_role("status")).to_contain_text("Nothing was sent. Press the button")
    expect(shown.get_by_role("button", name="Upload")).to_be_focused()
    assert not shop.staging.uploads.contents
    assert shown.url.endswith("/drop")

    shop.staging.taken_before_it_breaks = 0
    shown.get_by_role("button", name="Upload").click()
    expect(shown.get_by_role("heading", name="large.csv")).to_be_visible()
    (content,) = shop.staging.uploads.contents.values()
    assert content == path.read_bytes()
    assert not shop.world.jobs.jobs
    found.page.context.close()


def test_what_is_still_being_read_is_waited_for(page: Watched, shop: Shop, export: Path) -> None:
    later: list[Upload] = []
    shop.staging.submit = later.append
    shown = page.open("/drop")
    shown.get_by_label("The file").set_input_files(export)
    shown.get_by_role("button", name="Upload").click()
    for route in ("spring", "autumn"):
        shown.get_by_label(route).check()
    shown.get_by_role("button", name="Look at it").click()
    shown.get_by_label("Profil").select_option("linkedin_url")
    shown.get_by_role("button", name="Look again").click()
    shown.get_by_role("button", name="Send").click()
    expect(shown.get_by_text("being read…")).to_have_count(2)
    seen(shown, "sent")

    for upload in later:
        shop.submit(upload)

    expect(shown.get_by_role("link", name="what becomes of it")).to_have_count(2)


def test_a_hostile_file_is_text_at_every_step(page: Watched, tmp_path: Path) -> None:
    cells = [text.replace('"', '""') for text in HOSTILE if "\x00" not in text]
    header = ",".join(f'"{text}"' for text in ("Email", *cells))
    rows = ",".join(f'"{text}"' for text in ("ada@example.com", *cells))
    path = tmp_path / "<img src=x onerror=alert(1)>.csv"
    path.write_text(f"{header}\r\n{rows}\r\n", "utf-8", newline="")
    shown = page.open("/drop")
    shown.get_by_label("The file").set_input_files(path)
    shown.get_by_role("button", name="Upload").click()
    shown.get_by_label("autumn").check()
    shown.get_by_role("button", name="Look at it").click()
    expect(shown.get_by_text("1 row to send")).to_be_visible()
    shown.get_by_role("link", name="Show addresses").click()
    expect(shown.get_by_text("<script>alert(1)</script>").first).to_be_visible()
    harmless(shown)
    seen(shown, "hostile")

    shown.get_by_label(HOSTILE[0], exact=True).first.select_option("first_name")
    shown.get_by_role("button", name="Look again").click()
    expect(shown.get_by_label(HOSTILE[0], exact=True).first).to_have_value("first_name")
    harmless(shown)
    shown.get_by_role("button", name="Send").click()
    expect(shown.get_by_role("heading", name="Destinations")).to_be_visible()
    expect(shown.get_by_role("heading", name=path.name)).to_be_visible()
    harmless(shown)
    shown.get_by_role("link", name="saleshandy").first.click()
    expect(shown.get_by_role("heading", level=1)).to_be_visible()
    harmless(shown)


def harmless(page: Page) -> None:
    """Look whether a page has nothing in it but text and its own elements."""
    own = {"SCRIPT", "STYLE", "IFRAME", "BASE", "IMG", "OBJECT", "EMBED"}
    inside = page.evaluate("[...document.body.querySelectorAll('*')].map((each) => each.tagName)")
    assert own.isdisjoint(inside)
