"""Lists of people who opted out: by the name of the file or the sheet, and by the title above."""

from __future__ import annotations

import pytest

from listdrop.prospects.list_names import (
    is_divider_of_opt_outs,
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


# ---------------------------------------------------------------- what turns a name round


@pytest.mark.parametrize(
    "name",
    ["cleaned_contacts", "cleaned contacts 2024", "leads (do not send yet)", "DRAFT do not send",
     "do not email - draft", "Entwurf nicht anschreiben", "no contact yet",
     "noch nicht kontaktieren", "No contact in 90 days", "no contact since last months",
     "no email for 6 months",
     "passed suppression", "passed dnc check", "Contacts w/o optouts", "leads w/o DNC", "DNC ok",
     "suppression okay", "bajas excluidas", "bajas eliminadas", "disiscritte escluse",
     "désabonnées supprimées", "除退订", "客户除退订", "除黑名单", "invalid emails fixed",
     "bounced - new emails found", "rebotes corregidos", "Rückläufer korrigiert",
     "noise suppression leads", "fire suppression companies", "unsubscribe_webinar_attendees",
     "unsubscribe systems", "suppression software vendors", "Not interested (yet)",
     "not interested so far", "unsubscribe rates", "bounce-house-companies", "bounce castles",
     "Bounce House Rentals Texas", "bounce_castle_hire", "bounce parks", "complaints-managers",
     "head of complaints", "Heads of Customer Complaints UK", "complaints_officers 2024",
     "directors of complaints", "complaints department leads", "complaints handling software"],
)  # fmt: skip
def test_a_name_that_says_the_opposite_or_something_else_is_none(name: str) -> None:
    assert not is_list_of_opt_outs(f"inbox/route/{name}.csv")
    assert not is_list_of_opt_outs(f"inbox/route/{name}/people.csv")
    assert not is_sheet_of_opt_outs(name)


@pytest.mark.parametrize(
    "name",
    ["cleaned_members_export_1a2b3c", "cleaned_email_audience_export_5f",
     "cleaned_segment_export_1",
     "do not send", "Do not contact - ACME", "do not mail Germany", "no contact list", "no contact",
     "unsubscribed webinar attendees", "unsubscribes webinar", "unsubscribed in 90 days",
     "unsubscribed since 2024", "suppression list Acme", "bounced emails", "invalid emails",
     "draft unsubscribes", "unsubscribes fixed", "退订", "退订客户", "会員解除 配信停止", "bajas",
     "not interested webinar May", "bounce webinar", "DNC software companies list 2", "bounces",
     "complaints", "bounce_list", "2024 bounces export", "spam complaints", "complaints 2024-05",
     "customer complaints", "bounces - Castle Ltd", "managers bounces", "house bounces",
     "bounced managers", "bounces heads of sales", "complaints from managers"],
)  # fmt: skip
def test_a_name_of_such_a_list_still_is_one(name: str) -> None:
    assert is_list_of_opt_outs(f"inbox/route/{name}.csv")


@pytest.mark.parametrize(
    "name",
    ["Abgemeldet", "gesperrt", "Gesperrt 2024", "Widerspruch", "Kein Interesse", "Не писать",
     "不要联系", "Black list", "Removed", "Désabonné", "Blokkert", "Disiscritto", "Не беспокоить",
     "Opted out", "Ikke interesseret", "Nicht mehr kontaktieren"],
)  # fmt: skip
def test_a_name_that_is_nothing_but_a_no_is_that_of_a_list(name: str) -> None:
    assert is_list_of_opt_outs(f"{name}.csv")
    assert is_list_of_opt_outs("inbox/route/both.zip", f"{name}.csv")
    assert is_list_of_opt_outs(f"inbox/route/{name}/people.csv")
    assert is_sheet_of_opt_outs(name)


@pytest.mark.parametrize(
    "name",
    ["Angemeldet", "Interesse", "Cleaned", "Unreachable", "Nicht gesperrt", "Kein Interesse Check",
     "Blocked Drains Ltd", "Removed duplicates", "Invalid phone numbers", "Stop", "No", "Contacted",
     "Interested", "Open", "Not yet"],
)  # fmt: skip
def test_a_name_with_other_words_is_none(name: str) -> None:
    assert not is_list_of_opt_outs(f"{name}.csv")
    assert not is_sheet_of_opt_outs(name)


@pytest.mark.parametrize(
    "cells",
    [
        ["Webinar: The Opt-Out Economy"],
        ["Webinar", "Opt-out lists"],
        ["Topic: Unsubscribe rates"],
        ["Thema: Abmeldungen"],
        ["Event: Bounce 2024"],
        ["Veranstaltung: Bounce"],
        ["Company: Unsubscribed"],
        ["Sujet : les désabonnés"],
        ["How to lower bounces"],
        ["Wie Abmeldungen sinken"],
        ["Why people unsubscribed"],
        ["Note: Opted-out contacts have been removed"],
        ["Opted-out contacts have already been removed"],
        ["Note: unsubscribed people are not in here"],
        ["Excluded: unsubscribed"],
        ["Excluidos: bajas"],
        ["Abmeldungen: keine"],
        ["Désabonnés : aucun"],
        ["Unsubscribe rates"],
    ],
)
def test_a_title_about_something_else_says_nothing(cells: list[str]) -> None:
    assert not is_title_of_opt_outs(cells)


@pytest.mark.parametrize(
    "cells",
    [
        ["Exported unsubscribes on 2024-03-01"],
        ["Note: do not contact these people"],
        ["Kein Interesse"],
        ["Abgemeldet"],
        ["List: Unsubscribes"],
        ["Report: opted-out contacts"],
        ["Unsubscribed contacts of Acme Events Ltd"],
    ],
)
def test_a_title_of_such_people_still_is_one(cells: list[str]) -> None:
    assert is_title_of_opt_outs(cells)


@pytest.mark.parametrize(
    "line",
    ["Abgemeldet", "Kein Interesse", "Не писать", "不要联系", "DNC \u2013 legal",
     "Unsubscribed since 2024",
     "--- Gesperrt ---", "Do not contact - GDPR", "Unsubscribed (2024)", "Désabonnés depuis 2023",
     "Abgemeldet seit Mai 2024", "Unsubscribed", "=== Opted out ==="],
)  # fmt: skip
def test_a_line_that_is_nothing_but_a_no_divides(line: str) -> None:
    assert is_divider_of_opt_outs(line)


@pytest.mark.parametrize(
    "line",
    ["DNC Legal", "Blocked Drains Ltd", "Opt-Out Economy", "Unsubscribe Systems", "Angemeldet",
     "Interesse", "Abgemeldet: keine", "Unsubscribed: 4", "Unsubscribed - excluded", "Anna Stop",
     "Invalid phone", "Bounce - Acme GmbH & Co KG Berlin Mitte", "anna@example.com"],
)  # fmt: skip
def test_a_line_with_other_words_divides_nothing(line: str) -> None:
    assert not is_divider_of_opt_outs(line)


@pytest.mark.parametrize(
    "name",
    [
        "未退订",
        "未退订客户",
        "没有退订",
        "未拒收",
        "配信停止なし",
        "未退会",
        "미탈퇴",
        "未退訂名單",
    ],
)
def test_a_name_within_which_a_no_is_negated_is_none(name: str) -> None:
    assert not is_list_of_opt_outs(f"{name}.csv")
    assert not is_sheet_of_opt_outs(name)
    assert not is_title_of_opt_outs([name])
    assert not is_divider_of_opt_outs(name)


@pytest.mark.parametrize(
    "name", ["已退订", "退订客户", "配信停止", "配信停止リスト", "退会者", "수신거부"]
)
def test_a_name_within_which_nothing_is_negated_still_is_one(name: str) -> None:
    assert is_list_of_opt_outs(f"{name}.csv")
    assert is_sheet_of_opt_outs(name)
    assert is_title_of_opt_outs([name])
