from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # has none
from playwright.sync_api import Browser, Response, expect

from listdrop.dashboard.serving import serve
from listdrop.models import JobState
from tests.browser.conftest import HOSTILE, Watched, watched
from tests.support.dashboards import NOW, HurryingClock, Shelf

MOST_BYTES = 200_000
RUNNING = f"/jobs/spring-kakiyo-{3_000:016x}"
BIG = f"/jobs/spring-kakiyo-{2_000:016x}"
UPLOAD = BIG.replace("/jobs/", "/uploads/")
PAGES = {
    "overview": "/",
    "jobs": "/jobs?since=7d",
    "uploads": "/uploads?since=7d",
    "upload": UPLOAD,
    "hostile-upload": "/uploads/evil",
    "upload-rows": f"{UPLOAD}/rows?from=2951",
    "hostile-upload-rows": "/uploads/evil/rows",
    "day": "/days/2026-03-02",
    "route": "/routes/spring",
    "job": BIG,
    "running": RUNNING,
    "hostile": "/jobs/evil",
    "rows": f"{BIG}/rows",
    "later-rows": f"{BIG}/rows?after=row-2951",
    "found": f"{BIG}/rows?text=person&outcome=confirmed&show=1",
    "hostile-rows": "/jobs/evil/rows",
    "hostile-rows-shown": "/jobs/evil/rows?show=1",
    "no-person": "/person",
    "person": "/person?who=eve@example.com&show=1",
    "routes": "/routes",
    "nothing": "/nothing",
}


@pytest.fixture(
    params=[
        (390, "light"),
        pytest.param((1280, "light"), marks=pytest.mark.soak),
        pytest.param((1280, "dark"), marks=pytest.mark.soak),
    ],
    ids=str,
)
def any_page(request: pytest.FixtureRequest, window: Callable[..., Watched]) -> Iterator[Watched]:
    """A page on a telephone and on a desk, by day and by night."""
    found = window(*request.param)
    yield found
    assert found.wrongs == []


RARE = {
    "day",
    "later-rows",
    "found",
    "hostile-upload",
    "hostile-upload-rows",
    "hostile-rows",
    "hostile-rows-shown",
    "no-person",
    "nothing",
    "routes",
}
"""Pages that are laid out as others are."""


EACH = [pytest.param(name, marks=[pytest.mark.slow] * (name in RARE)) for name in PAGES]


@pytest.mark.parametrize("name", EACH)
def test_a_page_is_accessible_and_fits_its_window(any_page: Watched, name: str) -> None:
    page = any_page.open(PAGES[name])
    # A page that is not there is an error to the browser's console, and to nobody else.
    any_page.wrongs[:] = [each for each in any_page.wrongs if name != "nothing"]

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
    wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= window


@pytest.fixture
def telephone(window: Callable[..., Watched]) -> Iterator[Watched]:
    """A page on a telephone."""
    found = window(390)
    yield found
    assert found.wrongs == []


@pytest.mark.parametrize("who", ["person3@example.com", "eve@example.com"])
def test_a_telephone_shows_what_became_of_a_person_without_scrolling_sideways(
    telephone: Watched, who: str
) -> None:
    shown = telephone.open(f"/person?who={who}")

    region = shown.get_by_role("region", name="All rows of this person").first
    edge = region.bounding_box()
    assert edge
    for header in ("When", "Outcome", "Reason"):
        cell = region.get_by_role("columnheader", name=header).bounding_box()
        assert cell
        assert cell["x"] + cell["width"] <= edge["x"] + edge["width"], header


@pytest.mark.parametrize("path", ["/", "/uploads?since=20h", "/jobs?since=7d", UPLOAD])
def test_a_telephone_shows_providers_states_and_bad_rows_first(
    telephone: Watched, path: str
) -> None:
    shown = telephone.open(path)

    region = shown.get_by_role("region").first
    edge = region.bounding_box()
    assert edge
    named = shown.get_by_role("link", name=re.compile("^(kakiyo|waalaxy)$"))
    for cell in (region.get_by_role("columnheader", name="Bad"), named.first):
        place = cell.bounding_box()
        assert place
        assert place["x"] + place["width"] <= edge["x"] + edge["width"]


SMALL = """(most) => [...document.querySelectorAll("a, button, input, select, summary")]
    .filter((each) => !each.closest(".skip") && !each.closest("p:not(.csv, .trail)"))
    .map((each) => [each, each.getBoundingClientRect()])
    .filter(([each, { width, height }]) => height && (width < most || height < most))
    .map(([each, { width, height }]) => `${each.textContent.trim()} ${width} x ${height}`)"""


@pytest.mark.parametrize("name", EACH)
def test_what_is_pressed_is_as_large_as_a_fingertip(telephone: Watched, name: str) -> None:
    shown = telephone.open(PAGES[name])
    telephone.wrongs[:] = [each for each in telephone.wrongs if name != "nothing"]

    # Links within a sentence are as large as its words.
    assert shown.evaluate(SMALL, 24) == []


@pytest.mark.parametrize("heading", ["Result files", "Timeline"])
def test_what_belongs_to_a_label_stays_beside_it_on_a_telephone(
    telephone: Watched, heading: str
) -> None:
    shown = telephone.open(BIG)

    section = shown.locator("section", has=shown.get_by_role("heading", name=heading))
    places = section.locator("li").evaluate_all(
        """(items) => items.map((item) => {
            const label = item.firstElementChild.getBoundingClientRect();
            const range = document.createRange();
            range.setStartAfter(item.firstElementChild);
            range.setEndAfter(item.lastChild);
            const texts = [...range.getClientRects()].filter((each) => each.width > 1);
            return [label.right, Math.min(...texts.map((each) => each.left))];
        })"""
    )
    assert places
    assert all(left >= right for right, left in places)


@pytest.mark.parametrize("name", EACH)
def test_a_page_is_small_with_all_that_it_loads(telephone: Watched, name: str) -> None:
    sizes: list[int] = []

    def hear(answer: Response) -> None:
        sizes.append(len(answer.body()))

    telephone.page.on("response", hear)
    telephone.open(PAGES[name])
    telephone.page.remove_listener("response", hear)
    telephone.wrongs[:] = [each for each in telephone.wrongs if name != "nothing"]

    assert len(sizes) > 1  # the page, its style and its script
    assert sum(sizes) < MOST_BYTES


VISIBLE = [
    *(text for text in HOSTILE if text.isprintable() and len(text) < 160),
    "[U+202E]gpj.nohtyp[U+2066]",
    "␀␇␛[31mred",
    "W" * 160,
]


@pytest.mark.parametrize("address_of", ["/jobs/evil", "/jobs/evil/rows?show=1"])
def test_hostile_content_is_text_and_nothing_else(page: Watched, address_of: str) -> None:
    shown = page.open(address_of)
    text = shown.locator("main").inner_text()

    for hostile in VISIBLE:
        assert hostile in text
    own = {"SCRIPT", "STYLE", "IFRAME", "BASE", "IMG", "OBJECT", "EMBED"}
    inside = shown.evaluate("[...document.body.querySelectorAll('*')].map((each) => each.tagName)")
    assert own.isdisjoint(inside)
    wrong = "[...document.links].filter((each) => each.origin !== location.origin).length"
    assert shown.evaluate(wrong) == 0


def test_the_key_lets_a_browser_in_and_is_not_seen_again(browser: Browser, shelf: Shelf) -> None:
    with serve(shelf.ports(), key="a-key") as at:
        address = at.partition("/?")[0]
        for page in watched(browser, address):
            shown = page.open("/routes?key=a-key")
            assert shown.url == f"{address}/routes"
            shown.get_by_role("link", name="Overview").click()
            expect(shown.get_by_role("heading", name="Overview")).to_be_visible()


def test_a_reader_of_the_keyboard_comes_to_the_content_at_once(page: Watched) -> None:
    shown = page.open("/")
    shown.keyboard.press("Tab")
    expect(shown.get_by_text("Skip to content")).to_be_focused()
    shown.keyboard.press("Enter")
    expect(shown.locator("main")).to_be_focused()


def test_everything_is_reached_without_javascript(plain_page: Watched) -> None:
    shown = plain_page.open("/")
    shown.get_by_role("link", name="All jobs of").click()
    shown.get_by_role("link", name="people.csv").first.click()
    expect(shown.get_by_role("heading", name="What to do next")).to_be_visible()
    shown.get_by_role("region").get_by_role("link", name="kakiyo", exact=True).first.click()
    shown.get_by_role("link", name="all destinations of this upload").click()
    expect(shown.get_by_role("heading", name="Destinations")).to_be_visible()
    plain_page.open(BIG)
    shown.get_by_role("link", name="3,000 rows").click()
    shown.get_by_label("confirmed").check()
    shown.get_by_label("Address, profile or reason").fill("person7")
    shown.get_by_role("button", name="Filter").click()
    assert "outcome=confirmed" in shown.url
    expect(shown.get_by_role("checkbox", name="confirmed")).to_be_checked()
    expect(shown.get_by_role("region", name="Rows").locator("tbody tr").first).to_contain_text("7")
    shown.get_by_role("link", name="Next page").click()
    assert "outcome=confirmed" in shown.url
    shown.get_by_role("link", name="Show addresses").click()
    expect(shown.get_by_text("person7", exact=False).first).to_be_visible()
    assert "outcome=confirmed" in shown.url


def test_a_person_is_found_from_the_row(page: Watched) -> None:
    shown = page.open(f"{BIG}/rows?show=1")
    shown.get_by_role("link", name="person3@example.com").click()
    expect(shown.get_by_role("heading", name="person3@example.com")).to_be_visible()
    expect(shown.get_by_role("link", name=BIG.removeprefix("/jobs/"))).to_be_visible()


def test_a_running_job_goes_on_before_ones_eyes_and_its_end_is_told(
    page: Watched, shelf: Shelf
) -> None:
    job = shelf.jobs[RUNNING.removeprefix("/jobs/")]
    ended = shelf.jobs[BIG.removeprefix("/jobs/")]
    page.page.clock.install()
    shown = page.open(RUNNING)
    expect(shown.locator(".now")).to_contain_text("40%")
    try:
        shelf.jobs[job.job_id] = job.model_copy(
            update={"progress": 70, "counts": job.counts | {"confirmed": 7}}
        )
        shown.clock.run_for(4_100)
        expect(shown.locator("[data-status]")).to_contain_text("70%: 7 of 10 rows")
        expect(shown.locator(".now")).to_contain_text("70%")
        shelf.jobs[job.job_id] = ended.model_copy(update={"job_id": job.job_id})
        shown.clock.run_for(4_100)
        expect(shown.locator("[data-status]")).to_contain_text("The job has ended.")
        shown.get_by_role("link", name="Load its files and reasons").click()
        expect(shown.get_by_role("link", name="results.csv")).to_be_visible()
    finally:
        shelf.jobs[job.job_id] = job


def test_an_upload_goes_on_before_ones_eyes_and_its_end_is_told(
    page: Watched, shelf: Shelf
) -> None:
    job = shelf.jobs[RUNNING.removeprefix("/jobs/")]
    page.page.clock.install()
    shown = page.open(RUNNING.replace("/jobs/", "/uploads/"))
    expect(shown.get_by_text("1 of 2 jobs has ended.")).to_be_visible()
    try:
        shelf.jobs[job.job_id] = job.model_copy(update={"counts": job.counts | {"confirmed": 9}})
        shown.clock.run_for(4_100)
        expect(shown.get_by_text("90%")).to_be_visible()
        # Nothing that was heard before is said again.
        expect(shown.locator("[data-status]")).to_be_empty()
        shelf.jobs[job.job_id] = job.model_copy(update={"state": JobState.SUCCEEDED})
        shown.clock.run_for(4_100)
        expect(shown.locator("[data-status]")).to_have_text("All of its jobs have ended.")
        expect(shown.get_by_role("link", name="Refresh")).to_have_count(0)
    finally:
        shelf.jobs[job.job_id] = job


def test_a_page_stays_as_it_is_while_somebody_is_in_it(page: Watched, shelf: Shelf) -> None:
    job = shelf.jobs[RUNNING.removeprefix("/jobs/")]
    page.page.clock.install()
    shown = page.open("/")
    region = shown.get_by_role("region", name="Latest uploads")
    expect(region.get_by_text("40%")).to_be_visible()
    link = region.get_by_role("link", name="people.csv").first
    try:
        shelf.jobs[job.job_id] = job.model_copy(update={"counts": job.counts | {"confirmed": 9}})
        link.focus()
        shown.clock.run_for(15_100)
        expect(link).to_be_focused()
        expect(region.get_by_text("40%")).to_be_visible()
        shown.get_by_role("link", name="Listdrop").focus()
        shown.clock.run_for(15_100)
        expect(region.get_by_text("90%")).to_be_visible()
    finally:
        shelf.jobs[job.job_id] = job


def test_times_are_those_of_the_reader_with_utc_beside_them(browser: Browser, shelf: Shelf) -> None:
    with serve(shelf.ports()) as at:
        address = at.rstrip("/")
        for page in watched(browser, address, timezone_id="Asia/Tokyo"):
            shown = page.open(BIG)
            # Received at 13:30 UTC, or 22:30 in Tokyo.
            received = shown.get_by_role("listitem").filter(has_text="Upload received")
            expect(received.locator("time")).to_have_text("2 Mar 2026, 22:30:00 13:30:00 UTC")
            expect(shown.get_by_text("Times are of Asia/Tokyo")).to_be_visible()
            shown = page.open("/jobs?since=2026-03-02T15:29&until=2026-03-02T15:31")
            expect(shown.get_by_role("status")).to_contain_text("3 Mar 2026, 00:29:00")
            expect(shown.get_by_role("status")).to_contain_text("2 Mar 2026, 15:29:00 UTC")
            assert "(UTC)" not in shown.locator("main").inner_text()


def test_times_are_utc_without_javascript(plain_page: Watched) -> None:
    shown = plain_page.open(BIG)
    received = shown.get_by_role("listitem").filter(has_text="Upload received")
    expect(received.locator("time")).to_have_text("2 Mar 2026, 13:30:00")
    expect(shown.get_by_text("Times are UTC.")).to_be_visible()


def test_a_refreshed_part_has_local_times_too(browser: Browser, shelf: Shelf) -> None:
    with serve(shelf.ports()) as at:
        for page in watched(browser, at.rstrip("/"), timezone_id="Asia/Tokyo"):
            page.page.clock.install()
            shown = page.open("/")
            with shown.expect_response(f"{page.address}/"):
                shown.clock.run_for(15_100)
            began = shown.get_by_role("region", name="Latest uploads").locator("time")
            expect(began.first).to_contain_text("UTC")


def test_a_long_search_goes_on_by_itself_once_it_is_asked_to(
    browser: Browser, shelf: Shelf
) -> None:
    ports = shelf.ports()._replace(clock=HurryingClock(NOW))
    with serve(ports) as at:
        for page in watched(browser, at.rstrip("/")):
            shown = page.open(f"{BIG}/rows?text=person2990@")
            expect(shown.locator("tbody tr")).to_have_count(0)
            shown.get_by_role("link", name="Continue searching").click()
            expect(shown.locator("tbody tr")).to_have_count(1)
            expect(shown.get_by_role("status")).to_contain_text("last")
