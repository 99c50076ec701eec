"""A real browser on the served dashboard, with content that would like to be more than text."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from listdrop.dashboard.serving import serve
from listdrop.models import JobState, Outcome, ReasonCount, StoredAccount, StoredRoute, Upload
from tests.support.dashboards import NOW, Shelf, new_batch, new_job, new_row
from tests.support.waiting import PATIENCE

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",  # as root, Chromium has none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LONG = "W" * 3_000
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    '"><svg onload=alert(3)>',
    "' onfocus=alert(4) autofocus='",
    "javascript:alert(5)",
    "{{7*7}} {% include 'base.html' %} ${7*7}",
    "<style>body{display:none}</style>",
    "<iframe src=https://evil.example></iframe><base href=https://evil.example>",
    "\u202egpj.nohtyp\u2066",
    "\x00\x07\x1b[31mred",
    "&lt;b&gt;&amp;",
    LONG,
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, headless."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(
            "NO BROWSER IS INSTALLED: nobody has looked at the dashboard (apt-get install chromium)"
        )
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=path, args=FLAGS, timeout=PATIENCE * 1_000
        )
        expect.set_options(timeout=PATIENCE * 1_000)
        yield running
        running.close()


@pytest.fixture(scope="session")
def shelf() -> Shelf:
    """Jobs of thirty days, and one whose every text is hostile."""
    shelf = Shelf()
    for number in range(90):
        created_at = NOW - timedelta(hours=8 * number)
        shelf.put(new_job(number, created_at=created_at))
    evil = new_job(
        1_000,
        route=HOSTILE[0],
        job_id="evil",
        upload=Upload(bucket="b", key=f"inbox/x/{''.join(HOSTILE)}", version_id=HOSTILE[1]),
        source=HOSTILE[2],
        account=HOSTILE[3],
        reason=HOSTILE[0],
        reason_text=HOSTILE[6],
        destination={"provider": HOSTILE[0], "tags": list(HOSTILE)},
        counts={"rows": 24, "refused": 24},
        created_at=NOW - timedelta(minutes=2),
    )
    rows = [
        new_row(
            evil,
            number + 1,
            Outcome.REFUSED,
            email=f"{text}@example.com",
            person="EMAIL#eve@example.com",
            linkedin_url=f"https://www.linkedin.com/in/{text}",
            **dict.fromkeys(("reason", "reason_text", "provider_ref", "raw_status"), text),
        )
        for number, text in enumerate(HOSTILE * 2)
    ]
    shelf.put(evil, rows)
    shelf.batches_of["evil"] = [
        new_batch(evil, number + 1, raw_status=text) for number, text in enumerate(HOSTILE)
    ]
    shelf.reasons_of["evil"] = [ReasonCount("refused", text, 2) for text in HOSTILE]
    shelf.stored_routes = [StoredRoute(f"r{n}", text, NOW) for n, text in enumerate(HOSTILE)]
    shelf.stored_accounts = [StoredAccount("kakiyo", "default", NOW)]
    big = new_job(2_000, counts={"rows": 3_000, "confirmed": 2_999, "refused": 1})
    outcomes = {2_990: Outcome.REFUSED}
    shelf.put(
        big,
        [new_row(big, n, outcomes.get(n, Outcome.CONFIRMED)) for n in range(1, 3_001)],
        batches=120,
    )
    shelf.put(
        new_job(
            3_000,
            state=JobState.RUNNING,
            progress=40,
            counts={"rows": 10, "confirmed": 4},
            created_at=NOW - timedelta(minutes=5),
        )
    )
    return shelf


@pytest.fixture(scope="session")
def address(shelf: Shelf) -> Iterator[str]:
    """Where it is served, without the last slash."""
    with serve(shelf.ports()) as at:
        yield at.rstrip("/")


@dataclass
class Watched:
    """A page, and everything that it did which it should not."""

    page: Page
    address: str
    wrongs: list[str] = field(default_factory=list)
    loaded: int = 0

    def __post_init__(self) -> None:
        """Listen to the page."""
        self.page.on("console", lambda said: self.wrongs.append(f"console: {said.text}"))
        self.page.on("pageerror", lambda error: self.wrongs.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self.wrongs.append(f"dialog: {dialog.message}"))
        self.page.on("request", lambda request: self._check(request.url))

    def _check(self, url: str) -> None:
        if not url.startswith(f"{self.address}/"):
            self.wrongs.append(f"request: {url}")

    def open(self, path: str) -> Page:
        """Go to a page."""
        self.loaded = 0
        self.page.goto(self.address + path, wait_until="networkidle")
        return self.page


def opened(browser: Browser, address: str, **options: object) -> Watched:
    """Open a window of its own."""
    context = browser.new_context(**options)  # type: ignore[arg-type] # of any kind
    context.set_default_timeout(PATIENCE * 1_000)
    return Watched(context.new_page(), address)


def watched(browser: Browser, address: str, **options: object) -> Iterator[Watched]:
    """A page in a window of its own, which does nothing wrong until the end of the test."""
    found = opened(browser, address, **options)
    yield found
    found.page.context.close()
    assert found.wrongs == []


@pytest.fixture(scope="session")
def window(browser: Browser, address: str) -> Callable[..., Watched]:
    """Windows for tests that only look at pages: a window of each kind, as opening one takes long.

    It has nothing in its cache, and nothing on its conscience.
    """

    @cache
    def of_kind(width: int, scheme: str) -> Watched:
        found = opened(
            browser, address, viewport={"width": width, "height": 844}, color_scheme=scheme
        )
        session = found.page.context.new_cdp_session(found.page)
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        return found

    def clean(width: int, scheme: str = "light") -> Watched:
        found = of_kind(width, scheme)
        found.wrongs.clear()
        return found

    return clean


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Watched]:
    """A page, as most people see it."""
    yield from watched(browser, address, viewport={"width": 1280, "height": 900})


@pytest.fixture
def plain_page(browser: Browser, address: str) -> Iterator[Watched]:
    """A page without JavaScript."""
    yield from watched(browser, address, java_script_enabled=False)
