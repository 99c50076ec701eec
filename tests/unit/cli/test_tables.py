"""Tables that fit any terminal, and what stands in them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from listdrop.models import Outcome
from listdrop_cli.moments import short_moment
from listdrop_cli.tables import Fitted, printable
from local.demo import job_table
from tests.support.world import World, csv_of


def drawn(width: int, *rows: tuple[Any, ...], headers: Any = ("job", "rows", "why")) -> str:
    console = Console(width=width, force_terminal=False, soft_wrap=True)
    with console.capture() as capture:
        console.print(Fitted(headers, rows))
    return capture.get()


LISTED = {
    "jobs": ("job", "state", "%", "rows", "good", "settled", "bad", "began", "upload"),
    "person": ("job", "state", "row", "reason", "began"),
    "erase": ("job", "rows", "row items", "reasons", "files", "old versions", "upload"),
}
CELLS = {
    "job": "spring-activecampaign-0123456789abcdef", "state": "succeeded", "%": 100,
    "rows": 1_498_765, "good": 1_234_567, "settled": 76_543, "bad": 187_651, "row": 1_357_913,
    "reason": "duplicate_of_row_1234321", "began": "21 Nov 15:42", "upload": "inbox/spring/a b.csv",
    "row items": 98_765, "reasons": 12_345, "files": "results.csv 31, retry.csv 17",
    "old versions": 4_711,
}  # fmt: skip


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
@pytest.mark.parametrize("name", LISTED)
def test_every_number_and_every_id_is_whole_however_narrow_a_table_is(
    name: str, width: int
) -> None:
    headers = LISTED[name]

    shown = drawn(width, tuple(CELLS[header] for header in headers), headers=headers)

    lines = shown.splitlines()
    numbers = {CELLS[header] for header in headers if isinstance(CELLS[header], int)}
    found = {int(number) for number in re.findall(r"(?<!\S)\d+(?!\S)", shown)}
    first_column = "".join(re.findall(r"^\S+", shown, re.MULTILINE))
    assert first_column.endswith(str(CELLS["job"]))
    assert numbers <= found
    assert max(map(len, lines)) <= width or name == "jobs"  # which shows them all only if they fit
    assert "…" not in shown


@pytest.mark.parametrize(
    ("width", "is_whole"), [(60, False), (80, False), (120, False), (140, True)]
)
def test_what_is_not_needed_is_left_out_where_not_everything_fits(
    width: int, is_whole: bool
) -> None:
    headers = LISTED["jobs"]
    needed = ("job", "state", "%", "rows", "bad", "began")
    console = Console(width=width, force_terminal=False, soft_wrap=True)

    with console.capture() as capture:
        console.print(Fitted(headers, [[CELLS[header] for header in headers]], needed))

    first, *below = capture.get().splitlines()
    assert first.split() == list(headers if is_whole else needed)
    assert max(map(len, below)) <= width
    assert "21 Nov 15:42" in capture.get()


def test_a_moment_of_another_year_says_which() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)

    assert short_moment(datetime(2026, 3, 2, 9, 5, tzinfo=UTC), now) == "2 Mar 09:05"
    assert short_moment(datetime(2025, 3, 2, 9, 5, tzinfo=UTC), now) == "2 Mar 2025"


def test_a_narrow_table_leaves_nothing_out() -> None:
    job_id = "spring-activecampaign-0123456789abcdef"

    shown = drawn(60, (job_id, 12, "The provider has refused the whole request."))

    assert job_id in shown
    assert "…" not in shown


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_the_demo_says_outcomes_in_words_where_its_columns_do_not_fit(width: int) -> None:
    job = World().process(csv_of(7))
    console = Console(width=width, force_terminal=False, soft_wrap=True)

    with console.capture() as capture:
        console.print(job_table([job], console))

    header, row = capture.get().splitlines()[:2]
    is_wide = width == 140
    assert header.split()[4:] == (list(Outcome) if is_wide else ["outcomes"])
    assert " ".join(row.split()) == (
        "toy succeeded 100 7 7 · · · · · · ·" if is_wide else "toy succeeded 100 7 7 confirmed"
    )


def test_what_a_provider_says_moves_no_cursor_and_colours_nothing() -> None:
    shown = drawn(80, ("a\x1b[2Jb\tc\r\nd\x07", 1, "[red]x[/red]"))

    assert "\x1b" not in shown
    assert "[red]x[/red]" in shown
    assert printable("a\x1b[2Jb\tc\r\nd\x07") == "a [2Jb c d"


def test_a_cell_of_a_pipe_is_one_cell() -> None:
    assert json.dumps(printable("two\nlines\tand tabs")) == '"two lines and tabs"'


def test_a_column_without_anything_in_it_takes_no_room_from_an_id() -> None:
    job = "demo-activecampaign-0123456789abcdef"

    assert job in drawn(50, (job, 12_345, ""), headers=("job", "rows", "a header that is long"))
