from __future__ import annotations

import csv
import io

import pytest

from listdrop.models import Outcome
from listdrop.prospects.opt_outs import find_opt_outs, is_opt_out_file
from tests.support.world import World


def is_out(header: str, value: str) -> bool:
    return find_opt_outs(["Email", header]).out([["ada@example.com"], [value]]) == {0}


@pytest.mark.parametrize(
    "header",
    [
        "Email Opt Out",
        "Unsubscribed",
        "EMAIL_BLACKLISTED",
        "Has Opted Out of Email",
        "unsubscribed_at",
        "hs_email_optout",
        "Opted out of all email",
        "Email bounced",
        "Bounced",
        "Unsubscribed from Emails",
        "Has hard bounced",
        "Marked email as spam",
        "Unsubscribed Time",
        "BLACKLIST",
        "Unsubscribe",
    ],
)
@pytest.mark.parametrize("value", ["TRUE", "1", "yes", "Ja", "x", "2026-03-01", "01/03/2026 10:00"])
def test_a_flag_that_is_set_opts_out(header: str, value: str) -> None:
    assert is_out(header, value)


@pytest.mark.parametrize("kind", ["One to One", "Marketing Information", "1234567"])
def test_a_header_that_begins_as_the_table_says_is_a_flag(kind: str) -> None:
    assert is_out(f"Opted out of email: {kind}", "Yes")
    assert not is_out(f"Not {kind}", "Yes")
    assert not is_out("Opted out of emails sent", "Yes")


NOT_SET = [
    "", "FALSE", "0", "no", "Nein", " false ", "N/A", "-",
    "Falso", "FALSO", "Onwaar", "FALSK", "FALSKT", "USANN", "Fałsz", "EPÄTOSI", "NEPRAVDA",
    "Não", "NAO", "nee", "Nej", "nei", "Nie", "ei", "ne", "HAYIR", "Нет",
    "[not provided]", "#N/A", "unknown", "None", "NaN", "\u200b", "\xa0", "(blank)", "—",
    "0.0", "0,00", "00", "0000-00-00", "0000-00-00 00:00:00", "0%", "'-", '="0"', '="FALSE"',
    "Not opted out", "not_opted_out", "Opted in", "opted-in", "Active", "Subscribed",
]  # fmt: skip
SET = [
    "sí", "SÌ", "Tak", "SANT", "VERDADEIRO", "1.0", "0.5", "manual", "asked us by telephone",
    "12", "0001-02-03", "Non-subscribed", "not subscribed", "✓", "✅", "not any more", '="1"',
]  # fmt: skip


@pytest.mark.parametrize("value", NOT_SET)
def test_a_flag_that_is_not_set_does_not(value: str) -> None:
    assert not is_out("Email Opt Out", value)


@pytest.mark.parametrize("value", SET)
def test_any_other_text_in_a_flag_opts_out(value: str) -> None:
    """Nobody is written to because we do not know a word."""
    assert is_out("Email Opt Out", value)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("state", "not_interested"),
        ("Status", "Unsubscribed"),
        ("Lead Status", "Do Not Contact"),
        ("Email Status", "hard bounced"),
        ("Subscription Status", "opted-out"),
        ("Person - Marketing status", "Unsubscribed"),
        ("lastState", "emailsUnsubscribed"),
        ("lastState", "emailsBounced"),
        ("lastState", "emailsNotInterested"),
        ("lastState", "linkedinNotInterested"),
        ("Stage", "Do Not Contact"),
        ("Contact Stage", "Not Interested"),
        ("Interest Status", "not interested"),
        ("Status", "Opted_Out"),
        ("Status", "DO_NOT_CONTACT"),
        ("Status", "Do-Not-Contact"),
        ("Status", "Désabonné"),
        ("Status", "Hard-Bounced\u200b"),
    ],
)
def test_a_status_of_those_words_opts_out(header: str, value: str) -> None:
    assert is_out(header, value)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("State", "CA"),
        ("Status", "Verified"),
        ("Status", "interested"),
        ("Notes", "unsubscribed"),
        ("lastState", "emailsOpened"),
        ("Stage", "Interested"),
    ],
)
def test_other_words_do_not(header: str, value: str) -> None:
    assert not is_out(header, value)


def test_do_not_call_drops_only_the_telephone_number() -> None:
    columns = find_opt_outs(["Email", "Phone", "Do Not Call"])
    cells = [["ada@example.com", "bo@example.com"], ["+44 1", "+44 2"], ["TRUE", "FALSE"]]
    assert columns.out(cells) == set()
    assert columns.not_to_call(cells) == {0}
    assert columns.not_to_call([*cells[:2], ["Falso", "0000-00-00"]]) == set()


LISTS = [
    "unsubscribed_members_export_3f2", "cleaned_members_export", "Do-Not-Contact 2026",
    "unsubscribe", "unsubscribes-2026", "Unsubscribed Contacts", "lemlist-unsubscribers",
    "unsubscribedContacts", "UnsubscribedContacts", "UnSubscribed", "unsubscribed2026",
    "opt-out list", "optout", "opt_out", "OptOut-2026", "optOuts", "opted out", "Opted-Out",
    "do not contact", "doNotContact", "Do_Not_Email", "DNC", "dnc-list", "DNCList",
    "Suppression List", "suppression_list", "suppressed (1)", "blocklisted_contacts",
    "BlackList", "blacklist", "Blocklist", "blacklisted", "cleaned members", "CleanedContacts",
]  # fmt: skip
OTHERS = [
    "subscribed_members_export", "people", "resubscribed", "cleaned", "cleaned list",
    "nonsubscribed", "opt ins", "do contact", "dncx", "contacts",
]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("inbox/unsubscribed/people.csv", False),
        *((f"inbox/spring/{name}.csv", True) for name in LISTS),
        *((f"inbox/spring/{name}.csv", False) for name in OTHERS),
    ],
)
def test_a_file_of_people_who_opted_out_is_known_by_its_name(key: str, expected: bool) -> None:
    assert is_opt_out_file(key) is expected


def people(*rows: tuple[str, ...]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def test_who_opted_out_is_suppressed_and_never_sent() -> None:
    world = World()
    content = people(
        ("Email", "Unsubscribed"), ("a@example.com", "no"), ("b@example.com", "2026-01-01")
    )

    job = world.process(content)

    assert (job.counts["confirmed"], job.counts["suppressed"]) == (1, 1)
    assert world.script.sent_rows == {1: 1}
    assert world.outcomes(job)[2].outcome is Outcome.SUPPRESSED
    assert world.outcomes(job)[2].reason == "opted_out"


def test_nothing_of_a_list_of_unsubscribed_people_is_sent() -> None:
    world = World()

    job = world.process(people(("Email",), ("a@example.com",), ("b",)), "unsubscribed_export.csv")

    assert job.counts["suppressed"] == 2
    assert job.state == "succeeded"
    assert not world.script.sent_rows


def test_an_invalid_row_that_opted_out_is_suppressed() -> None:
    world = World()

    job = world.process(people(("Email", "Opt out"), ("", "yes"), ("bo@example.com", "")))

    assert world.outcomes(job)[1].reason == "opted_out"
    assert job.counts["invalid"] == 0


def test_who_opted_out_is_not_sent_from_a_later_row_either() -> None:
    world = World()
    content = people(
        ("Email", "Opt out"), ("a@example.com", "yes"), ("A@example.com", ""), ("b@example.com", "")
    )

    job = world.process(content)

    assert world.script.sent_rows == {3: 1}
    assert world.outcomes(job)[2].reason == "duplicate_of_row_1"
