"""Columns called like what people have, which only say yes or no."""

from __future__ import annotations

import pytest

from tests.cases.reading import Read, read_case


def read(*lines: str) -> Read:
    return read_case("\n".join(lines).encode(), "people.csv")


@pytest.mark.parametrize(
    ("yes", "no"), [("Yes", "No"), ("TRUE", "FALSE"), ("1", "0"), ("Ja", "Nein")]
)
def test_a_column_of_choices_is_no_address_and_its_no_counts(yes: str, no: str) -> None:
    found = read(
        "Name,Email Address,Email,Phone,Post",
        f"Tessa Marlow,tessa@example.com,{yes},{yes},{no}",
        f"Ivo Brandt,ivo@example.com,{no},{yes},{no}",
        f"Noor Vos,noor@example.com,,{no},{no}",
    )
    assert sorted(found.sent) == [1, 3]
    assert found.sent[1]["email"] == "tessa@example.com"
    assert found.settled[2] == ("suppressed", "opted_out")


def test_a_no_to_calls_leaves_out_the_number() -> None:
    found = read(
        "Email,Mobile,Phone",
        "tessa@example.com,+49 171 5550104,Yes",
        "ivo@example.com,+49 171 5550105,No",
    )
    assert found.sent[1]["phone"] == "+49 171 5550104"
    assert found.sent[2].get("phone", "") == ""


def test_an_address_among_the_values_shows_a_column_of_addresses() -> None:
    found = read(
        "Email Address,Email", "tessa@example.com,No", ",ivo@example.com", "noor@example.com,"
    )
    assert [row["email"] for row in found.sent.values()] == [
        "tessa@example.com", "ivo@example.com", "noor@example.com",
    ]  # fmt: skip


def test_alone_such_a_column_is_what_is_wrong_with_the_rows() -> None:
    found = read("Name,Email", "Tessa Marlow,Yes", "Ivo Brandt,No")
    assert not found.sent
    assert {said for said, _ in found.settled.values()} == {"invalid"}


def test_a_contact_that_is_yes_or_no_is_no_name_and_is_reported() -> None:
    found = read("Contact,Email", "Yes,tessa@example.com", "No,ivo@example.com")
    assert "first_name" not in found.sent[1]
    assert found.alarms == {"unclear_consent"}


def test_a_contact_who_is_called_so_is_a_name() -> None:
    assert read("Contact,Email", "An,an@example.com").sent[1]["first_name"] == "An"
    found = read("Contact,Email", "No,no@example.com", "Kim,kim@example.com")
    assert found.sent[1]["first_name"] == "No"


def test_a_lost_letter_leaves_the_name_out_and_is_warned_of() -> None:
    found = read("Name,Email", "J\ufffdrgen Marlow,jm@example.com")
    assert "first_name" not in found.sent[1]
    assert found.alarms == {"possible_mojibake"}


def test_a_last_name_before_a_comma_in_a_column_of_first_names_is_none() -> None:
    found = read("First Name,Last Name,Email", '"Marlow, Tessa",Marlow,tessa@example.com')
    assert (found.sent[1]["first_name"], found.sent[1]["last_name"]) == ("Tessa", "Marlow")
