"""Takes the pictures of README and docs: `make pictures`. The demo's file goes through the stack.

One run makes jobs of one day. For the chart, some of them are repeated over the last month.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from boto3.dynamodb.conditions import Key
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from listdrop.dashboard.serving import serve
from listdrop.dashboard.visitors import owner
from local.dashboard import ports_at
from local.demo import PROSPECTS
from local.deploy import session
from local.engine import ROOT
from local.stack import LocalStack
from tests.browser.conftest import BROWSERS, FLAGS

FOLDER = ROOT / "docs" / "pictures"
PROVIDERS = 5
SECONDS = 90
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZE: ViewportSize = {"width": 1120, "height": 800}

LISTS = ("spring-fair.csv", "webinar.xlsx", "partners.csv", "newsletter.csv")
BAD = ("invalid", "refused", "unknown")
SEEN_DAYS = 7
"""What ended badly in this many days is on the overview, as needing attention."""

Item = dict[str, Any]
Shot = Callable[[Page, str], object]
"""Brings a page to what is pictured, given the dashboard's address without the last slash."""


def finished(table: Any) -> list[Item]:
    """Wait until the demo's jobs have ended, and return them. Raises `TimeoutError`."""
    ends_at = time.monotonic() + SECONDS
    while time.monotonic() < ends_at:
        route = Key("route").eq("demo")
        jobs: list[Item] = table.query(IndexName="by_route", KeyConditionExpression=route)["Items"]
        if len(jobs) == PROVIDERS and all("notified_at" in job for job in jobs):
            return jobs
        time.sleep(0.3)
    raise TimeoutError("the demo's jobs have not ended")


def repeated(jobs: list[Item]) -> Iterator[Item]:
    """Yield copies of these jobs for earlier days; none on some days, as at weekends."""
    for back in range(1, 30):
        if back % 7 in (2, 3):
            continue
        for index, job in enumerate(jobs):
            if (back * 3 + index) % 4:
                yield moved(job, back, 1 + (back * 5 + index * 3) % 7)


def moved(job: Item, days: int, times: int) -> Item:
    """Return a copy of a job, some days earlier and with `times` times the rows."""
    earlier = timedelta(days=days)
    moments = {
        name: shifted(str(job[name]), earlier)
        for name in ("created_at", "started_at", "finished_at", "updated_at")
    }
    job_id = f"{str(job['job_id'])[:-3]}{days:03d}"
    counts = {name: count * times for name, count in job["counts"].items()}
    state = job["state"]
    if days <= SEEN_DAYS:
        good = "confirmed" if counts["confirmed"] else "accepted"
        counts[good] += sum(counts.pop(name) for name in BAD)
        counts |= dict.fromkeys(BAD, 0)
        state = "succeeded"
    name = LISTS[days % len(LISTS)]
    upload = job["upload"] | {"key": f"inbox/demo/{name}", "version_id": f"v{days}"}
    place = {"job_id": job_id, "pk": f"JOB#{job_id}", "day": moments["created_at"][:10]}
    return job | moments | place | {"counts": counts, "state": state, "upload": upload}


def shifted(moment: str, by: timedelta) -> str:
    """Return an earlier moment in the table's format."""
    found = datetime.fromisoformat(moment).astimezone(UTC) - by
    return found.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shots(jobs: list[Item]) -> Mapping[str, Shot]:
    """Return what is pictured, by the name of the picture."""
    kakiyo = next(str(job["job_id"]) for job in jobs if job["provider"] == "kakiyo")
    return {
        "overview": opened("/"),
        "preview": looked_at,
        "upload": opened(f"/uploads/{kakiyo}"),
        "job": opened(f"/jobs/{kakiyo}"),
    }


def opened(path: str) -> Shot:
    """Return a shot of a page as it opens."""
    return lambda page, address: page.goto(address + path, wait_until="networkidle")


def looked_at(page: Page, address: str) -> None:
    """Drop a file in the browser, and look at what each provider would get."""
    page.goto(f"{address}/drop", wait_until="networkidle")
    lines = PROSPECTS.read_bytes().splitlines(keepends=True)
    webinar: Any = {"name": "webinar.csv", "mimeType": "text/csv", "buffer": b"".join(lines[:-1])}
    page.get_by_label("The file").set_input_files(webinar)
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Send").wait_for()


def take(browser: Browser, address: str, names: Mapping[str, Shot], folder: Path) -> None:
    """Take every picture in the light and in the dark scheme."""
    for scheme in SCHEMES:
        context = browser.new_context(viewport=SIZE, color_scheme=scheme)
        page = context.new_page()
        for name, shot in names.items():
            shot(page, address)
            page.screenshot(path=folder / f"{name}-{scheme}.png")
        context.close()


def main() -> None:
    """Run the demo's file through the stack, and take the pictures."""
    browser_at = next(filter(None, map(shutil.which, BROWSERS)))
    with TemporaryDirectory() as home, LocalStack(home=Path(home), wait_scale=0.02) as stack:
        resource: Any = session().resource("dynamodb", endpoint_url=stack.url)
        table = resource.Table(stack.outputs["JobsTable"])
        stack.drop("inbox/demo/prospects.csv", PROSPECTS.read_bytes())
        jobs = finished(table)
        with table.batch_writer() as writer:
            for job in repeated(jobs):
                writer.put_item(Item=job)
        FOLDER.mkdir(parents=True, exist_ok=True)
        ports = ports_at(stack.url, stack.outputs)
        with (
            serve(ports, visitor=owner("you")) as address,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(executable_path=browser_at, args=FLAGS)
            take(browser, address.rstrip("/"), shots(jobs), FOLDER)
            browser.close()


if __name__ == "__main__":
    main()
