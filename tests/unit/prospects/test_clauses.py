"""Remarks: a clause may be nothing but a no, and a no may only be part of what is said."""

from __future__ import annotations

import pytest

from listdrop.prospects.clauses import Remark, remark
from listdrop.prospects.columns import map_columns
from listdrop.prospects.consent import Answers
from listdrop.prospects.mapping import Mapper


@pytest.mark.parametrize(
    "text",
    ["DO NOT CONTACT - legal", "Spoke in May\nUnsubscribed", "Asked not to be contacted",
     "Bitte keine E-Mails mehr", "DNC per Bob", "Opted out 2024-03-01 via email",
     "please don't contact", "unsubscribe me", "remove me", "take me off your list",
     "Do not email me again.", "Kunde hat sich abgemeldet", "Bitte nicht mehr kontaktieren!",
     "Simpatico. Non contattare pi\u00f9", "por favor, no contactar m\u00e1s", "No, unsubscribe",
     "prosze nie kontaktowac", "\u8bf7\u4e0d\u8981\u8054\u7cfb", "Unsubscribed? yes",
     "asked to unsubscribe", "Met at the fair; opted out", "abgemeldet laut Frau Meier",
     "Retirez-moi de votre liste", "Reply: unsubscribe", "Unsubscribed (by phone)"],
)  # fmt: skip
def test_a_clause_that_is_only_a_no_counts(text: str) -> None:
    assert remark(text) is Remark.OUT


@pytest.mark.parametrize(
    "text",
    ["please do not contact me about delivery", "Not interested, call back in June",
     "unsubscribed, then resubscribed", "Unsubscribed?", "do not email before Monday",
     "Spoke in May, bounced", "unsubscribed in error", "opted out by mistake",
     "He said do not contact him at work"],
)  # fmt: skip
def test_a_no_among_other_words_may_be_one(text: str) -> None:
    assert remark(text) is Remark.OPEN


@pytest.mark.parametrize(
    "text",
    ["How do I unsubscribe people?", "do not call before 10", "can he opt out of the trial",
     "Unsubscribed: no", "DNC? No", "Opt-out: 0", "Abgemeldet: nein", "We help people unsubscribe",
     "Unsubscribe tools", "Topic: unsubscribe", "not unsubscribed", "Baja", "Spam", "", "...", "-",
     "Bouncy castle hire", "met at the fair. call back in spring", "Subscribed", "No", "Stop",
     "unsubscribed" + " and so on" * 20],
)  # fmt: skip
def test_what_else_is_said_means_nothing(text: str) -> None:
    assert remark(text) is Remark.NOTHING


@pytest.mark.parametrize(
    "text",
    ["\u672a\u9000\u8ba2", "\u6ca1\u6709\u9000\u8ba2", "\u5c1a\u672a\u9000\u8ba2",
     "\u672a\u62d2\u6536", "\u5f9e\u672a\u9000\u8a02", "\u672a\u914d\u4fe1\u505c\u6b62",
     "\u914d\u4fe1\u505c\u6b62\u306a\u3057", "\u672a\u9000\u4f1a", "\ubbf8\ud0c8\ud1f4",
     "not unsubscribed", "nicht abgemeldet", "non d\u00e9sinscrit"],
)  # fmt: skip
@pytest.mark.parametrize("header", ["Notes", "Tags", "Status"])
def test_a_no_that_is_negated_is_none(text: str, header: str) -> None:
    assert remark(text) is Remark.NOTHING
    assert answers(header, text).out == set()


@pytest.mark.parametrize(
    "text",
    [
        "\u5df2\u9000\u8ba2",
        "\u9000\u8a02\u4e86",
        "\u914d\u4fe1\u505c\u6b62\u4e2d",
        "\uc218\uc2e0\uac70\ubd80\ud568",
    ],
)
@pytest.mark.parametrize("header", ["Notes", "Tags", "Status"])
def test_a_no_with_an_ending_is_one(text: str, header: str) -> None:
    assert answers(header, text).out == {0}


@pytest.mark.parametrize(
    "text",
    ["Do not call", "Please do not call!", "Nice talk. Bitte nicht anrufen", "no llamar, por favor",
     "Ne pas appeler", "do not call again"],
)  # fmt: skip
def test_a_person_may_ask_for_no_calls(text: str) -> None:
    assert remark(text) is Remark.NO_CALLS


def answers(header: str, *cells: str) -> Answers:
    rows = [[f"p{place}@example.com", "+44 20 7946 0000", cell] for place, cell in enumerate(cells)]
    mapped = Mapper(map_columns(["Email", "Phone", header], {})).map(rows)
    if mapped.answers.silent:
        assert {n for n, phone in enumerate(mapped.column("phone")) if not phone} == (
            mapped.answers.silent
        )
    return mapped.answers


@pytest.mark.parametrize("header", ["Notes", "Info", "Reply", "Column1", "Call notes"])
def test_remarks_of_any_column_are_read(header: str) -> None:
    plain = ["met at the fair, call back in spring", "", "Prefers tea; has two dogs. Moved house"]
    found = answers(
        header, *plain, "Spoke in May\nUnsubscribed", "DO NOT CONTACT - legal",
        "please do not contact me about delivery", "Do not call", "Good lead! Remove me", *plain,
    )  # fmt: skip
    assert (found.out, found.unclear, found.silent) == ({3, 4, 7}, {5}, {6})


def test_a_long_cell_takes_no_time() -> None:
    long = "do not, " * 12_000
    assert answers("Notes", long, "(" * 100_000, "- " * 50_000) == Answers()
