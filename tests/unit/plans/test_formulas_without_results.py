"""Formulas of a workbook whose results are not in the file: nobody knows what is in these cells."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from openpyxl import Workbook

from listdrop.models import Job
from tests.cases.reading import read_case
from tests.support.world import World, outcomes_of, route_to

SUPPRESSED, SENT, INVALID = "suppressed", "confirmed", "invalid"
SAVE = "Open the file in your spreadsheet program, save it, and drop it again."


def book(*rows: Sequence[str], **others: Sequence[Sequence[str]]) -> bytes:
    """Write sheets as openpyxl does: without the results of formulas."""
    written = Workbook()
    for row in rows:
        written.worksheets[0].append(list(row))
    for name, more in others.items():
        sheet = written.create_sheet(name)
        for row in more:
            sheet.append(list(row))
    file = io.BytesIO()
    written.save(file)
    return file.getvalue()


def process(content: bytes, world: World | None = None) -> tuple[Job, list[str]]:
    world = world or World()
    job = world.process(content, "people.xlsx")
    return job, outcomes_of(world.outcomes(job))


def texts(job: Job, code: str) -> list[str]:
    return [warning.text for warning in job.warnings if warning.code == code]


def test_they_are_counted_by_column_and_it_is_said_what_to_do() -> None:
    job, found = process(
        book(
            ("Email", "First Name", "Note", "City"),
            ("ada@example.com", '=PROPER("ada")', "x", "=D9"),
            ("bob@example.com", '=PROPER("bob")', "y", "Bern"),
        )
    )
    assert found == [SENT, SENT]
    assert texts(job, "formulas_not_read") == [
        f"3 cells in columns B and D have formulas whose results are not in the file. {SAVE}"
    ]


def test_one_is_said_so() -> None:
    job, _ = process(book(("Email", "City"), ("ada@example.com", "=B9")))
    assert texts(job, "formulas_not_read") == [
        f"One cell in column B has a formula whose result is not in the file. {SAVE}"
    ]


def test_of_many_columns_the_first_are_named() -> None:
    names = [f"Column {number}" for number in range(8)]
    job, _ = process(book(("Email", *names), ("ada@example.com", *["=A1"] * 8)))
    (text,) = texts(job, "formulas_not_read")
    assert text.startswith("8 cells in columns B, C, D, E, F and 3 more have formulas")


def test_what_they_would_say_is_not_made_up() -> None:
    content = book(
        ("Email", "First Name", "Company", "LinkedIn URL", "Colour"),
        ("ada@example.com", "=A9", "=A9", "=A9", "=A9"),
        ("=A9", "Bob", "Brook", "", "red"),
    )
    found = read_case(content, "people.xlsx", by="email")
    assert found.sent == {1: {"email": "ada@example.com", "custom": {}}}
    assert found.settled[2][0] == INVALID


@pytest.mark.parametrize(
    "header",
    ["Unsubscribed", "Opt-out", "Do not contact", "Abgemeldet", "Désabonné", "Dado de baja",
     "Disiscritto", "配信停止"],
)  # fmt: skip
def test_a_row_of_which_it_may_be_the_no_is_not_sent_and_that_is_told(header: str) -> None:
    content = book(
        ("Email", "Name", header),
        ("ada@example.com", "Ada", '=IF(A9="","yes","")'),
        ("bob@example.com", "Bob", ""),
        ("cy@example.com", "Cy", "no"),
    )
    job, found = process(content)
    assert found == [SUPPRESSED, SENT, SENT]
    (text,) = texts(job, "unclear_consent")
    assert text == (
        f'The column "{header}" is about consent, but Listdrop does not understand this: 1 value. '
        "The rows concerned are not sent."
    )
    assert len(texts(job, "formulas_not_read")) == 1


@pytest.mark.parametrize("header", ["Newsletter", "Opt-in", "Zustimmung", "Consentement", "Status"])
def test_in_another_column_about_consent_it_is_unclear(header: str) -> None:
    content = book(("Email", header), ("ada@example.com", "=A9"), ("bob@example.com", "yes"))
    job, found = process(content)
    assert found == [SENT, SENT]
    assert len(texts(job, "unclear_consent")) == 1
    _, found = process(content, World(route=route_to(unclear_consent="suppress")))
    assert found == [SUPPRESSED, SENT]


@pytest.mark.parametrize("header", ["Notes", "City", "Score", "Do not call"])
def test_elsewhere_it_says_nothing_of_consent(header: str) -> None:
    job, found = process(book(("Email", header), ("ada@example.com", "=A9")))
    assert found == [SENT]
    assert texts(job, "unclear_consent") == []


def test_formulas_that_go_on_below_the_people_are_no_rows() -> None:
    rows = [("", "", "=A9&B9")] * 30
    job, found = process(
        book(("Email", "Name", "Unsubscribed"), ("ada@example.com", "Ada", "no"), *rows)
    )
    assert found == [SENT]
    assert len(texts(job, "formulas_not_read")) == 1


def test_formulas_beside_the_table_make_no_row_too_long() -> None:
    _, found = process(book(("Email", "Name"), ("ada@example.com", "Ada", "", "=SUM(A1:A9)")))
    assert found == [SENT]


def test_a_sheet_of_nothing_else_says_why_it_is_empty() -> None:
    world = World()
    job = world.process(book(("Email", "Name"), ("=B9", "=C9"), ("=B9", "=C9")), "people.xlsx")
    assert (job.state, job.reason) == ("rejected", "empty_file")
    assert "formulas whose results are not in the file" in job.reason_text


def test_a_header_that_is_one_is_said_where_its_column_is_missing() -> None:
    world = World()
    job = world.process(book(("=A9", "Name"), ("ada@example.com", "Ada")), "people.xlsx")
    assert (job.state, job.reason) == ("rejected", "no_usable_column")
    assert "formula whose result is not in the file" in job.reason_text


def test_a_sheet_of_people_who_opted_out_says_so() -> None:
    job, found = process(
        book(
            ("Email", "Name"),
            ("ada@example.com", "Ada"),
            Unsubscribed=[("Email",), ("bob@example.com",), ("=A9",)],
        )
    )
    assert found == [SENT]
    (text,) = texts(job, "formulas_not_read")
    assert text == (
        'The sheet "Unsubscribed" is a list of people who opted out: one cell in column A has a '
        f"formula whose result is not in the file. {SAVE}"
    )


def test_nothing_is_sent_if_the_route_s_list_has_any() -> None:
    world = World(route=route_to(suppression_list="suppression/all.xlsx"))
    world.uploads.put("suppression/all.xlsx", book(("Email",), ("ada@example.com",), ("=A9",)))
    job = world.process(b"Email\nbob@example.com\n")
    assert (job.state, job.reason) == ("rejected", "bad_route")
    assert "formula" in job.reason_text
