"""A line between the rows that says that the people below it opted out."""

from __future__ import annotations

import pytest

from tests.cases.reading import Read, read_case

TESSA, IVO, NOOR = "tessa@example.com", "ivo@example.com", "noor@example.com"


def read(*lines: str, header: str = "Name,Email,City,Status") -> Read:
    return read_case("\n".join((header, *lines)).encode(), "people.csv")


@pytest.mark.parametrize(
    "line",
    [
        "Unsubscribed", '"DO NOT CONTACT",,,', "=== Opted out ===,,,", "Unsubscribed contacts,,,",
        "Abmeldungen,,,", "Bitte nicht kontaktieren,,,", "--- DNC (2) ---,,,", "\nUnsubscribed\n",
        "The following people unsubscribed,,,",
    ],
)  # fmt: skip
def test_people_below_such_a_line_are_not_sent(line: str) -> None:
    found = read(f"Tessa,{TESSA},x,", line, f"Ivo,{IVO},x,", "Zoe,,,", f"Noor,{NOOR},x,")
    assert found.addresses == [TESSA]
    assert [number for number, (said, _) in found.settled.items() if said == "suppressed"] == [
        3,
        4,
        5,
    ]
    assert found.alarms == {"unsubscribed_part"}


@pytest.mark.parametrize(
    "line", ["Customers,,,", "=== Others ===,,,", "Active,,,", "Leads 2025,,,"]
)
def test_a_line_that_begins_another_part_ends_it(line: str) -> None:
    found = read(f"Tessa,{TESSA},x,", "Unsubscribed,,,", f"Ivo,{IVO},x,", line, f"Noor,{NOOR},x,")
    assert found.addresses == [TESSA, NOOR]


@pytest.mark.parametrize("line", ["Zoe Marlow,,,", "page 2,,,", ",,Berlin,"])
def test_another_row_without_an_address_does_not(line: str) -> None:
    found = read("Unsubscribed,,,", f"Ivo,{IVO},x,", line, f"Noor,{NOOR},x,")
    assert found.addresses == []


@pytest.mark.parametrize(
    "line",
    [
        "Customers,,,", "Fire Suppression Inc,,,", "Blacklist Records,,,", ",,,Unsubscribed",
        "Unsubscribed: 4,,,", "Unsubscribed,,x,", "Unsubscribed,zoe@example.com,,", "Zoe,,,",
        "Leads without unsubscribed,,,",
    ],
)  # fmt: skip
def test_people_below_other_lines_are_sent(line: str) -> None:
    found = read(f"Tessa,{TESSA},x,", line, f"Ivo,{IVO},x,")
    assert {TESSA, IVO} <= set(found.addresses)
    assert not found.alarms


def test_a_status_in_the_first_column_is_no_such_line() -> None:
    found = read("Unsubscribed,,", f",{IVO},x", header="Status,Email,City")
    assert found.addresses == [IVO]


def test_a_remark_in_a_column_of_notes_is_none_either() -> None:
    found = read("Do not contact,,", f",{IVO},x", header="Notes,Email,City")
    assert found.addresses == [IVO]


def test_somebody_above_and_below_is_not_sent() -> None:
    found = read(f"Tessa,{TESSA},x,", f"Ivo,{IVO},x,", "Unsubscribed,,,", f"Ivo,{IVO},x,")
    assert found.addresses == [TESSA]


def test_a_line_counts_for_blocks_that_follow() -> None:
    others = [f"N,n{number}@example.com,x," for number in range(20_000)]
    found = read(f"Tessa,{TESSA},x,", "Unsubscribed,,,", *others)
    assert found.addresses == [TESSA]
