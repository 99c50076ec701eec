"""Rows that name two people: nothing of one is ever taken for the other."""

from __future__ import annotations

import pytest

from listdrop.prospects.columns import map_columns
from listdrop.prospects.recognising import field_of
from tests.cases.reading import Read, read_case

IVO = "ivo@example.com"


def read(header: str, *rows: str, by: str = "any") -> Read:
    return read_case("\n".join((header, *rows)).encode(), "people.csv", by=by)


@pytest.mark.parametrize(
    "header",
    [
        "Contact,Primary Email,Secondary Contact,Secondary Email",
        "Name,Email,Name 2,Email 2",
        "Name,Email,Partner Name,Email 2",
        "Name,Email,Second Contact,Other Email",
        "First Name,Email,First Name 2,Email 2",
        "Name,Email,Contact 2 Name,Alternate Email",
        "Name,Email,Name.1,Email.1",
        "Name,Email,Name,Email",
        "Invitee Name,Invitee Email,User Name,User Email",
        "Lead Name,Email,Owner,User Email",
        "Attendee,Attendee Email,Host,User Email",
    ],
)
def test_an_address_of_the_other_person_is_not_taken(header: str) -> None:
    rows = (f"Tessa Marlow,,Ivo Brandt,{IVO}", "Noor Vos,noor@example.com,,")
    found = read(header, *rows, by="email")
    assert sorted(found.sent) == [2]
    assert found.settled[1] == ("invalid", "missing_email")


def test_a_row_without_an_address_column_of_its_person_has_none() -> None:
    found = read("Invitee Name,User Name,User Email", f"Tessa Marlow,Ivo Brandt,{IVO}")
    assert not found.sent


@pytest.mark.parametrize(
    "header",
    [
        "Name,Email,City,Email 2",
        "Name,Primary Email,City,Secondary Email",
        "Name,Email,Partner,Other Email",
        "Name,Email,Last Name 2,Email 2",
        "Name,E-mail 1 - Value,Additional Name,E-mail 2 - Value",
        "Name,E-mail Address,E-mail 2 Display Name,E-mail 2 Address",
        "Name,Email,Assistant's Name,Email 2",
        "Name,Email,City,Email",
        "Name,Work Email,City,User Email 1",
    ],
)
def test_a_further_address_of_the_same_person_is_taken(header: str) -> None:
    header = header.replace("User Email 1", "Personal Email")
    found = read(header, f"Ivo Brandt,,x,{IVO}")
    assert found.sent[1]["email"] == IVO


def test_a_telephone_number_and_a_profile_of_the_other_person_are_not_taken_either() -> None:
    found = read(
        "Name,Email,Phone,Secondary Contact Name,Phone 2",
        "Tessa Marlow,tessa@example.com,,Ivo Brandt,+49 30 5550104",
    )
    assert found.sent[1].get("phone", "") == ""
    assert found.sent[1]["custom"]["Phone 2"] == "+49 30 5550104"
    assert found.sent[1]["custom"]["Secondary Contact Name"] == "Ivo Brandt"


def test_a_header_that_stands_twice_is_called_by_a_number() -> None:
    found = read("Name,Email,Name,Email", f"Tessa Marlow,tessa@example.com,Ivo Brandt,{IVO}")
    assert found.sent[1]["email"] == "tessa@example.com"
    assert found.sent[1]["full_name"] == "Tessa Marlow"
    assert found.sent[1]["custom"] == {"Name 2": "Ivo Brandt", "Email 2": IVO}


def test_a_name_that_stands_twice_alone_is_decided_as_before() -> None:
    found = read("Name,Email,Name", f"Ivo Brandt,{IVO},Fernhill GmbH", f"Noor Vos,n{IVO},Acme Ltd")
    assert found.sent[1]["company"] == "Fernhill GmbH"


def test_a_user_s_address_counts_if_there_is_no_other() -> None:
    assert read("Name,User Email", f"Ivo Brandt,{IVO}").sent[1]["email"] == IVO
    assert not read("Name,Email,User Email", f"Tessa Marlow,,{IVO}").sent


@pytest.mark.parametrize("word", ["Registrant", "Recipient"])
def test_who_registered_or_received_counts_alone(word: str) -> None:
    assert read(f"{word} Name,{word} Email", f"Ivo Brandt,{IVO}").sent[1]["first_name"] == "Ivo"
    header = f"First Name,Email,{word} Name,{word} Email"
    found = read(header, f"Tessa,,Ivo Brandt,{IVO}", f"Noor,noor@example.com,Ivo Brandt,{IVO}")
    assert sorted(found.sent) == [2]
    assert "full_name" not in found.sent[2]


def test_a_contact_beside_two_lines_of_a_company_s_name_is_the_person() -> None:
    header = "Name 1,Name 2,Ansprechpartner,E-Mail,Telefon"
    found = read(header, f"Fernhill GmbH,Zweigstelle Köln,Ivo Brandt,{IVO},+49 30 5550104")
    assert (found.sent[1]["first_name"], found.sent[1]["phone"]) == ("Ivo", "+49 30 5550104")


def test_the_sender_s_account_is_nobody_s_profile() -> None:
    header = "First Name,LinkedIn URL,LinkedIn account"
    found = read(header, "Tessa,,https://www.linkedin.com/in/ned")
    assert not found.sent
    found = read("First Name,LinkedIn account", "Ned,https://www.linkedin.com/in/ned")
    assert found.sent[1]["slug"] == "ned"


def test_a_column_that_the_route_names_counts() -> None:
    columns = map_columns(["Name", "Email", "Name 2", "Email 2"], {"Email 2": "email"})
    assert columns.fields["email"] == (3, 1)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("emails/0", "email"), ("emails[0]", "email"), ("emails.0", "email"), ("emails.1", "email"),
        ("Attendee Email", "email"), ("Registrant Email", "email"), ("Participant Email", "email"),
        ("Recipient Email", "email"), ("Email (Professional)", "email"), ("email/0", "email"),
        ("Geschäftliche E-Mail-Adresse", "email"), ("E-Mail (beruflich)", "email"),
        ("Email рабочий", "email"), ("工作邮箱", "email"), ("회사 이메일", "email"),
        ("Mejladress", "email"), ("Primary email address", "email"), ("📧 Email", "email"),
        ("Email ✉️", "email"), ("★ First name", "first_name"), ("Name (First)", "first_name"),
        ("Name (Last)", "last_name"), ("Personal LinkedIn URL", "linkedin_url"),
        ("LinkedIn (personal)", "linkedin_url"), ("phones/0", "phone"),
    ],
)  # fmt: skip
def test_more_headers_are_known(header: str, field: str) -> None:
    assert list(map_columns([header], {}).fields) == [field]


@pytest.mark.parametrize("header", ["Email.1", "email/1", "Owner Email", "Host Email", "📧", "0"])
def test_other_headers_are_not(header: str) -> None:
    assert field_of(header.lower().replace(" ", "")) is None


def test_the_members_of_a_list_count_in_their_order() -> None:
    columns = map_columns(["emails/1", "emails/0", "name"], {})
    assert columns.fields["email"] == (1, 0)
