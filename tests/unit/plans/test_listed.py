"""Who opted out by a title, by a sheet, or by another table of the same archive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from openpyxl import Workbook

from tests.cases.reading import read_case
from tests.support.containers import saved, zipped
from tests.support.world import World

Rows = Sequence[Sequence[str]]
PEOPLE: Rows = (
    ("First Name", "Email"),
    ("Tessa", "tessa@example.com"),
    ("Ivo", "ivo@example.com"),
)


def book(sheets: Mapping[str, Rows], hidden: str = "") -> bytes:
    found = Workbook()
    found.remove(found.worksheets[0])
    for name, rows in sheets.items():
        sheet = found.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        sheet.sheet_state = "hidden" if name == hidden else "visible"
    return saved(found)


def text(rows: Rows) -> bytes:
    return "\n".join(",".join(row) for row in rows).encode()


def sent_of(tables: Mapping[str, bytes]) -> dict[str, int]:
    """Drop an archive; returns how many rows of each table are sent."""
    world = World()
    ids = world.submit(world.uploads.put("inbox/spring/all.zip", zipped(tables)))
    jobs = [world.run(world.jobs.get(job_id)) for job_id in ids]
    return {job.upload.table: job.counts["confirmed"] for job in jobs}


# ---------------------------------------------------------------- a title above the header


@pytest.mark.parametrize(
    "title",
    ["Unsubscribed contacts", "Do not contact list,,", "List: Unsubscribes", '"Opted out"\n\n'],
)
def test_nothing_is_sent_below_a_title_of_people_who_opted_out(title: str) -> None:
    found = read_case(f"{title}\n".encode() + text(PEOPLE), "people.csv")
    assert not found.sent
    assert found.alarms == {"unsubscribed_list"}
    assert {said for said, _ in found.settled.values()} == {"suppressed"}


@pytest.mark.parametrize(
    "title", ["Contacts of November", "Unsubscribed: 4", "Unsubscribed contacts excluded", "sep=,"]
)
def test_people_below_another_title_are_sent(title: str) -> None:
    found = read_case(f"{title}\n".encode() + text(PEOPLE), "people.csv")
    assert len(found.sent) == 2
    assert not found.alarms


def test_the_job_says_why_nothing_was_sent() -> None:
    job = World().process(b"Unsubscribed contacts\n" + text(PEOPLE))
    assert (job.state, job.reason) == ("succeeded", "unsubscribed_list")


# ---------------------------------------------------------------- sheets


@pytest.mark.parametrize("name", ["DNC", "Abmeldungen"])
def test_a_sheet_of_people_who_opted_out_is_a_list_of_them(name: str) -> None:
    found = read_case(book({name: PEOPLE}), "people.xlsx")
    assert not found.sent
    assert found.alarms == {"unsubscribed_list"}


@pytest.mark.parametrize("hidden", ["", "Unsubscribed"])
def test_people_on_another_sheet_who_opted_out_are_not_sent(hidden: str) -> None:
    sheets = {"People": PEOPLE, "Unsubscribed": [["E-Mail"], ["IVO@example.com"]]}
    found = read_case(book(sheets, hidden), "people.xlsx")
    assert found.addresses == ["tessa@example.com"]
    assert found.settled[2] == ("suppressed", "opted_out")
    assert not found.alarms


def test_a_first_sheet_of_people_who_opted_out_is_read_and_not_sent() -> None:
    sheets = {"Unsubscribed": [["E-Mail"], ["ivo@example.com"]], "People": PEOPLE}
    found = read_case(book(sheets), "people.xlsx")
    assert not found.sent
    assert found.alarms == {"sheets_not_read", "unsubscribed_list"}


def test_other_sheets_are_not_read() -> None:
    found = read_case(book({"People": PEOPLE, "More": PEOPLE}), "people.xlsx")
    assert len(found.sent) == 2
    assert found.alarms == {"sheets_not_read"}


@pytest.mark.parametrize(
    "first",
    [
        [["Read me"], ["This file lists people"]],
        [["Summary"], ["Contacts", "2"]],
        [["tessa@example.com"], ["ivo@example.com"]],
        [],
        [["", ""], ["", ""]],
    ],
)
def test_a_first_sheet_that_cannot_be_used_names_the_others(first: Rows) -> None:
    found = read_case(book({"Start": first, "Leads": PEOPLE}), "people.xlsx")
    assert found.rejected
    assert "Of the workbook, only the first sheet is read; another sheet is not." in found.text


def test_a_workbook_of_one_sheet_says_nothing_of_others() -> None:
    found = read_case(book({"Start": [["Read me"], ["x"]]}), "people.xlsx")
    assert found.rejected == "no_usable_column"
    assert "sheet" not in found.text


def test_a_sheet_of_names_alone_is_warned_of() -> None:
    sheets = {"People": PEOPLE, "Opted out": [["Name"], ["Ivo Brandt"]], "DNC": [["Email"]]}
    found = read_case(book(sheets), "people.xlsx")
    assert len(found.sent) == 2
    assert found.alarms == {"sheets_not_read"}


def test_too_many_such_sheets_are_not_read_and_nothing_is_sent() -> None:
    sheets = {"People": PEOPLE} | {f"DNC {n}": PEOPLE for n in range(11)}
    assert read_case(book(sheets), "people.xlsx").rejected == "too_big"


def test_a_workbook_in_an_archive_has_such_sheets_too() -> None:
    inner = book({"People": PEOPLE, "Unsubscribed": [["E-Mail"], ["ivo@example.com"]]})
    assert sent_of({"a.csv": text(PEOPLE), "b.xlsx": inner}) == {"a.csv": 1, "b.xlsx": 1}


# ---------------------------------------------------------------- tables of an archive


@pytest.mark.parametrize(
    "status",
    [
        b"Email,Status\nivo@example.com,Unsubscribed\n",
        b"Status,E-Mail\nUnsubscribed,Ivo <IVO@example.com>\n\nx\n",
        b"Opted out\nEmail\nivo@example.com\n",
    ],
)
@pytest.mark.parametrize("name", ["a status.csv", "status.csv"])
def test_a_no_in_any_table_of_an_archive_counts_in_all(status: bytes, name: str) -> None:
    assert sent_of({name: status, "people.csv": text(PEOPLE)}) == {name: 0, "people.csv": 1}


def test_tables_that_agree_take_nothing_from_each_other() -> None:
    status = b"Email,Status\nivo@example.com,Subscribed\nada@example.com,Unsubscribed\n"
    found = sent_of({"people.csv": text(PEOPLE), "status.csv": status})
    assert found == {"people.csv": 2, "status.csv": 1}


def test_a_table_that_cannot_be_read_takes_no_other_with_it() -> None:
    found = sent_of({"people.csv": text(PEOPLE), "notes.csv": b"a,b\n1,2\n"})
    assert found == {"people.csv": 2, "notes.csv": 0}


def test_a_row_says_that_another_table_suppressed_it() -> None:
    world = World()
    tables = {"people.csv": text(PEOPLE), "x.csv": b"Email,Status\nivo@example.com,Unsubscribed\n"}
    ids = world.submit(world.uploads.put("inbox/spring/all.zip", zipped(tables)))
    job = world.run(world.jobs.get(ids[0]))
    assert "Another table" in world.outcomes(job)[2].reason_text
