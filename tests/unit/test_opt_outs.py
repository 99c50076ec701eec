from __future__ import annotations

import csv
import io

import pytest

from listdrop.models import Outcome
from listdrop.opt_outs import find_opt_outs, is_opt_out_file
from tests.fakes import World


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
    ],
)
@pytest.mark.parametrize("value", ["TRUE", "1", "yes", "Ja", "x", "2026-03-01", "01/03/2026 10:00"])
def test_a_flag_that_is_set_opts_out(header: str, value: str) -> None:
    assert is_out(header, value)


@pytest.mark.parametrize("value", ["", "FALSE", "0", "no", "Nein", " false ", "N/A", "-"])
def test_a_flag_that_is_not_set_does_not(value: str) -> None:
    assert not is_out("Email Opt Out", value)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("state", "not_interested"),
        ("Status", "Unsubscribed"),
        ("Lead Status", "Do Not Contact"),
        ("Email Status", "hard bounced"),
        ("Subscription Status", "opted-out"),
    ],
)
def test_a_status_of_those_words_opts_out(header: str, value: str) -> None:
    assert is_out(header, value)


@pytest.mark.parametrize(
    ("header", "value"),
    [("State", "CA"), ("Status", "Verified"), ("Status", "interested"), ("Notes", "unsubscribed")],
)
def test_other_words_do_not(header: str, value: str) -> None:
    assert not is_out(header, value)


def test_do_not_call_drops_only_the_telephone_number() -> None:
    columns = find_opt_outs(["Email", "Phone", "Do Not Call"])
    cells = [["ada@example.com", "bo@example.com"], ["+44 1", "+44 2"], ["TRUE", "FALSE"]]
    assert columns.out(cells) == set()
    assert columns.not_to_call(cells) == {0}


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("inbox/spring/unsubscribed_members_export_3f2.csv", True),
        ("inbox/spring/cleaned_members_export.csv", True),
        ("inbox/spring/Do-Not-Contact 2026.csv", True),
        ("inbox/unsubscribed/people.csv", False),
        ("inbox/spring/subscribed_members_export.csv", False),
        ("inbox/spring/people.csv", False),
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
