"""The dashboard on the running stack: one's own file's outcomes, in a browser's terms."""

from __future__ import annotations

import html
import re
import subprocess
from collections.abc import Callable, Iterator

import pytest
import requests

from listdrop.dashboard.serving import serve
from local.dashboard import ports_at
from local.engine import ROOT
from local.stack import Stack
from tests.support.routes import Route, person, table_text
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.engine

LISTDROP = ROOT / ".venv" / "bin" / "listdrop"


@pytest.fixture
def address(stack: Stack) -> Iterator[str]:
    with serve(ports_at(stack.url, stack.outputs)) as at:
        yield at.rstrip("/")


def page(address: str) -> str:
    """A page as it is read: without tags."""
    answer = requests.get(address, timeout=PATIENCE)
    assert answer.status_code == 200, answer.text
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


def test_a_dropped_files_outcomes_are_seen(make_route: Callable[..., Route], address: str) -> None:
    route = make_route("kakiyo")
    route.drop(table_text(person("ada"), person("bo", "", "gone"), ("", "", "", "")))
    (job,) = route.finished(1)
    at = f"{address}/jobs/{job['job_id']}"

    shown = page(at)

    assert "people.csv to kakiyo" in shown
    assert "partial some rows need a look" in shown
    assert "Why rows are bad" in shown
    assert re.search(r"Batches .* 1 1 \d completed 1", shown)
    rows = page(f"{at}/rows")
    assert re.search(r"\b1 confirmed\b.*\b2 refused\b.*\b3 invalid\b", rows)
    assert "linkedin.com/in/a…" in rows
    assert "ada-" not in rows
    assert f"kakiyo people.csv partial 2 3 {route.name}" in page(f"{address}/routes/{route.name}")
    assert "people.csv" in page(f"{address}/")
    assert f"{route.name} kakiyo" in page(f"{address}/routes")
    assert job["job_id"] in page(f"{address}/person?who=LINKEDIN%23{slug(rows_of(route, job))}")
    file = requests.get(f"{at}/files/results.csv", timeout=PATIENCE)
    assert len(file.text.splitlines()) == 4
    assert "attachment" in file.headers.get("Content-Disposition", "attachment")


def rows_of(route: Route, job: dict[str, object]) -> dict[str, str]:
    return {str(key): str(value) for key, value in route.rows(job)[0].items()}


def slug(row: dict[str, str]) -> str:
    return row["person"].removeprefix("LINKEDIN#")


@pytest.mark.slow
def test_the_command_serves_it_to_who_has_its_address(stack: Stack) -> None:
    running = subprocess.Popen(
        [LISTDROP, "dashboard", "--endpoint-url", stack.url], stdout=subprocess.PIPE, text=True
    )
    try:
        assert running.stdout is not None
        with running.stdout as said:
            line = said.readline()
            address = line.removeprefix("dashboard: ").strip()
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?key=[\w-]{20,}", address)
            assert "<h1>Overview</h1>" in requests.Session().get(address, timeout=PATIENCE).text
            stranger = requests.get(address.partition("?")[0], timeout=PATIENCE)
            assert stranger.status_code == 403
    finally:
        running.terminate()  # not by SIGINT, which what runs in the background may ignore
        running.wait(PATIENCE)
