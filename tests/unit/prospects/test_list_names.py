"""Lists of people who opted out: by the name of the file or the sheet, and by the title above."""

from __future__ import annotations

import pytest

from listdrop.prospects.list_names import (
    is_list_of_opt_outs,
    is_sheet_of_opt_outs,
    is_title_of_opt_outs,
)

LISTS = [
    "odjavljeni", "odhlásení", "отписани", "Διαγραφές", "הסרות", "atsisakiusieji", "loobunud",
    "baixes", "atteikušies", "hủy đăng ký", "berhenti langganan", "odjavljeni 2025",
    "please remove", "people to remove", "contacts to be deleted", "right to be forgotten",
]  # fmt: skip
OTHERS = [
    "brez odjavljenih", "bez odhlásených", "χωρίς διαγραφές", "без отписани", "sense baixes",
    "ללא הסרות", "tanpa berhenti langganan", "duplicates to remove", "please remove duplicates",
    "prijavljeni", "Mai Kunden", "baixador",
]  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_a_list_in_any_language_is_known_by_its_name(name: str) -> None:
    assert is_list_of_opt_outs(f"{name}.csv")
    assert is_sheet_of_opt_outs(name)


@pytest.mark.parametrize("name", OTHERS)
def test_other_names_are_not_those_of_such_lists(name: str) -> None:
    assert not is_list_of_opt_outs(f"{name}.csv")


def test_a_month_before_the_word_denies_nothing() -> None:
    assert is_list_of_opt_outs("Mai Abmeldungen.csv")


@pytest.mark.parametrize("name", ["DNC", "Abmeldungen", "Unsubscribed", "opt-outs (2)"])
def test_a_sheet_of_people_who_opted_out_is_known_by_its_name(name: str) -> None:
    assert is_sheet_of_opt_outs(name)


@pytest.mark.parametrize("name", ["Sheet1", "People", "Tabelle1", "Leads without DNC", "Column"])
def test_other_sheets_are_none(name: str) -> None:
    assert not is_sheet_of_opt_outs(name)


@pytest.mark.parametrize(
    "cells",
    [
        ["Unsubscribed contacts"],
        ["Do not contact list", "", ""],
        ["List: Unsubscribes"],
        ["List", "Unsubscribes", ""],
        ["Report: Suppressed profiles"],
        ["Unsubscribed contacts (12)"],
        ["12 unsubscribed contacts"],
        ["Status: Unsubscribed"],
        ["Acme Ltd - unsubscribed contacts, November 2025"],
        ["Unsubscribed: exported 2025-11-01"],
        ["Unsubscribed: 2025-11-01"],
        ["Unsubscribed contacts 1-31 May 2025"],
        ["Unsubscribed from 01.05.2025 to 31.05.2025"],
        ["=== Opted out ==="],
        ["DO NOT CONTACT", "", ""],
        ["Do not email these people"],
        ["Liste: Abmeldungen 2025"],
        ["Bitte nicht kontaktieren"],
        ["--- DNC ---"],
    ],
)
def test_a_title_says_that_the_people_below_opted_out(cells: list[str]) -> None:
    assert is_title_of_opt_outs(cells)


@pytest.mark.parametrize(
    "cells",
    [
        [],
        ["", ""],
        ["Newsletter contacts"],
        ["Unsubscribed: 4"],
        ["Unsubscribed", "4", ""],
        ["Bounced", "1,204"],
        ["Bounce rate: 3.5%"],
        ["Unsubscribed: No"],
        ["Unsubscribes: 4 (0.2%)"],
        ["Suppression list: none"],
        ["Suppression list", "n/a"],
        ["Total contacts 120 | Unsubscribed 3"],
        ["Filter: unsubscribed is false"],
        ["Filter: Status is not unsubscribed"],
        ["Include unsubscribed: no"],
        ["Unsubscribed contacts excluded"],
        ["Leads without unsubscribed"],
        ["Suppression list: applied"],
        ["To unsubscribe, write to us"],
        ["Do not send this file to third parties"],
        ["Confidential: do not email this list"],
        ["Do not contact anybody in it before 9 am"],
        ["We always honour people who unsubscribed from any of our many newsletters"],
        ["Sent", "Opened", "Unsubscribed"],
        ["Unsubscribed reason"],
        ["Tessa Marlow", "unsubscribed@example.com"],
        ["unsubscribed@example.com"],
        ["https://shop.example/unsubscribed"],
    ],
)
def test_what_else_stands_above_a_table_says_nothing_of_the_people_below(cells: list[str]) -> None:
    assert not is_title_of_opt_outs(cells)
