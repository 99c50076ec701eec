"""A browser is enough: from an export on disk to every row's outcome, without a command."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from listdrop.dashboard.serving import serve
from listdrop.dashboard.visitors import owner
from local.dashboard import ports_at
from local.stack import Stack
from tests.browser.conftest import browser, opened
from tests.support.routes import Item, Route, counted

pytestmark = [pytest.mark.engine, pytest.mark.slow]
__all__ = ["browser"]  # the fixture

EXPORT = (
    "Vorname;Nachname;Adresse;Profil\r\n"
    "Ada Kanarie;Kanarie;ada@example.com;https://www.linkedin.com/in/ada-kanarie\r\n"
    "Kim Kanarie;Kanarie;kim+refused@example.com;https://www.linkedin.com/in/kim-kanarie\r\n"
    "Di Kanarie;Kanarie;;\r\n"
)


@pytest.fixture
def address(stack: Stack) -> Iterator[str]:
    with serve(ports_at(stack.url, stack.outputs), visitor=owner("mara")) as at:
        yield at.rstrip("/")


def test_an_export_on_disk_becomes_every_rows_outcome(
    browser: Browser, stack: Stack, address: str, tmp_path: Path
) -> None:
    name = f"t{uuid.uuid4().hex[:8]}"
    to: Item = {"provider": "saleshandy", "step_id": "stepDemo01"}
    stack.put_route(name, {"destinations": [to]})
    path = tmp_path / "Messe März.csv"
    path.write_text(EXPORT, "cp1252", newline="")
    found = opened(browser, address)
    shown = found.open("/drop")

    shown.get_by_label("The file").set_input_files(path)
    shown.get_by_role("button", name="Upload").click()
    shown.get_by_label(name).check()
    shown.get_by_role("button", name="Look at it").click()
    shown.get_by_label("Adresse").select_option("email")
    shown.get_by_role("button", name="Look again").click()
    expect(shown.get_by_text("2 rows to send")).to_be_visible()
    expect(shown.get_by_text("USD")).to_be_visible()
    shown.get_by_role("button", name="Send").click()

    expect(shown.get_by_role("heading", name="Destinations")).to_be_visible()
    expect(shown.get_by_text("Its job has ended.")).to_be_visible()
    shown.get_by_role("link", name="saleshandy").first.click()
    shown.goto(f"{shown.url}/rows?show=1")
    outcomes = {"ada@example.com": "accepted", "kim+refused@example.com": "refused"}
    for person, outcome in (*outcomes.items(), ("nobody", "invalid")):
        row = shown.get_by_role("row").filter(has_text=person).filter(has_text=outcome)
        expect(row).to_have_count(1)
    (job,) = Route(stack, name, {}).finished(1)
    assert job["dropped_by"] == "mara"
    assert counted(job) == {"accepted": 1, "refused": 1, "invalid": 1}
    found.page.context.close()
