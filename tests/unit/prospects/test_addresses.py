# ruff: noqa: RUF001 # headers in their own letters
"""Headers of e-mail addresses that are no alias: a word for e-mail among words that add nothing."""

from __future__ import annotations

import pytest

from listdrop.errors import UploadRejectedError
from listdrop.prospects.columns import Columns, map_columns
from listdrop.prospects.mapping import Mapped, Mapper
from listdrop.prospects.suppression import read_suppression_list
from tests.cases.reading import Read, read_case

TESSA = "tessa@example.com"


def mapped(email: str) -> Mapped:
    return Mapper(map_columns(["Email"], {})).map([[email]])


def columns(*header: str) -> Columns:
    return map_columns([*header, "Company"], {})


def read(header: str, *rows: str, by: str = "any") -> Read:
    return read_case("\n".join((header, *rows)).encode(), "people.csv", by=by)


@pytest.mark.parametrize(
    "header",
    [
        "Mail-Adresse", "Mailadresse", "Mailadress", "Indirizzo mail", "E-mail адрес",
        "E-mailアドレス", "Email地址", "联系邮箱", "E-Mail Firma", "Kontakt E-Mail",
        "E-mail de contacto", "Email cliente", "Mail contact", "Client Email", "Candidate Email",
        "Guest E-Mail", "Applicant Email", "Delegate email", "Student_Email", "Contact 1 Email",
        "Email (Billing)", "Main Email", "Preferred Email", "Default Email", "PREFERRED E-MAIL",
        "¿Cuál es tu correo electrónico?", "Wie lautet deine E-Mail-Adresse?",
        "What's your work mail?", "Quelle est ton adresse mail ?", "Qual è la tua email?",
        "Email du client", "E-Mail des Teilnehmers", "Kunden-E-Mail", "Correo del cliente",
        "E-mail klant", "Adres e-mail kontaktowy", "Корпоративная почта", "担当者メールアドレス",
        "公司邮箱", "عنوان البريد الإلكتروني", "E-post arbete", "Mailadresse privat",
        "Email（会社）", "Courriel professionnel", "E-mail Ansprechpartner", "Mail adresi",
    ],
)  # fmt: skip
def test_a_word_for_mail_among_words_that_add_nothing_is_the_person_s_address(header: str) -> None:
    assert columns(header).fields["email"] == (0,)
    assert read(f'Firma,"{header}"', f"Acme,{TESSA}").sent[1]["email"] == TESSA


@pytest.mark.parametrize(
    "header",
    [
        "Owner Email", "Host Email", "Assistant Email", "Manager Email", "Referrer Email",
        "Sender Email", "Recruiter E-Mail", "Parent Email", "Spouse Email", "Partner Email",
        "Emergency Contact Email", "Account Manager Email", "Contact 2 Email", "Mailadresse 2",
        "Mailadresse.1", "Old Email", "Email (owner)", "Company / Email", "Created by email",
        "Email Status", "Email type", "Email sent", "Email verified", "Email opt in", "Newsletter",
        "Email marketing", "Marketing E-Mail", "Email list", "Mailing address", "Direct mail",
        "Contact by email", "Kontakt per E-Mail", "Prefers email", "Email contact", "Is Email",
        "E-Mail von", "E-mail do gestor", "E-Mail Vorgesetzter", "Correo del comercial",
        "Email du parrain", "Почта менеджера", "営業担当メール", "上司メールアドレス",
        "Reply-to email", "Reports to email", "Buyer Email", "Agent Email", "E-Mail Betreuer",
        "mail" * 60,
    ],
)  # fmt: skip
def test_with_any_other_word_it_may_be_somebody_else_s(header: str) -> None:
    assert "email" not in columns(header).fields


@pytest.mark.parametrize("alias", ["Email", "E-Mail-Adresse", "Correo", "Personal Email"])
def test_beside_an_alias_it_stays_a_column_of_its_own(alias: str) -> None:
    found = columns("Client Email", alias)
    assert found.fields["email"] == (1,)
    assert found.custom == ((0, "Client Email"),)


def test_between_two_of_them_nothing_is_chosen() -> None:
    for pair in (("Client Email", "Candidate Email"), ("Mail-Adresse", "E-Mail Firma")):
        assert "email" not in columns(*pair).fields
    with pytest.raises(UploadRejectedError) as rejected:
        map_columns(["Client Email", "Candidate Email"], {})
    assert rejected.value.reason == "no_usable_column"


def test_a_private_address_comes_after_one_for_work() -> None:
    assert columns("Mailadresse privat", "Mailadresse Firma").fields["email"] == (1, 0)
    assert columns("Guest private mail", "Mailadresse privat").fields.get("email") is None


@pytest.mark.parametrize(
    "header",
    [
        "Candidate Name,Client Email", "Candidate,Client Email", "Lead Name,Guest Email",
        "First Name,Last Name,Guest Name,Guest Email", "Name,Client Name,Client Email",
        "Member,Guest Email", "Name,Teilnehmer Name,Teilnehmer E-Mail",
    ],
)  # fmt: skip
def test_an_address_of_another_than_the_person_who_is_named_is_not_taken(header: str) -> None:
    assert "email" not in columns(*header.split(",")).fields


@pytest.mark.parametrize(
    "header",
    [
        "Candidate,Candidate Email,Recruiter,Recruiter Email", "Guest Name,Guest Email,Host,Table",
        "Lead Name,Kontakt E-Mail", "First Name,Last Name,Client Email",
        "Vorname,Name,Mail-Adresse",
        "Contact 1 Name,Contact 1 Email,Contact 2 Name,Contact 2 Email",
        "Student,Student Email,Parent,Parent Email",
    ],
)  # fmt: skip
def test_the_address_of_the_person_who_is_named_is_taken(header: str) -> None:
    names = header.split(",")
    (index,) = columns(*names).fields["email"]
    assert "ail" in names[index]
    assert not {"Recruiter", "Parent", "2"} & set(names[index].split())


def test_a_column_that_the_route_names_is_left_as_it_is() -> None:
    assert "email" not in map_columns(["Mailadresse", "Company"], {"Mailadresse": "Mail"}).fields
    found = map_columns(["Mailadresse", "Kontakt"], {"Kontakt": "email"})
    assert found.fields["email"] == (1,)


@pytest.mark.parametrize(("cell", "is_sent"), [("unsubscribed", False), (TESSA, True)])
def test_a_no_in_it_still_counts(cell: str, is_sent: bool) -> None:
    row = f"Tessa,https://www.linkedin.com/in/tessa-x,{cell}"
    found = read("First Name,LinkedIn,E-Mail-Kontakt", row, by="linkedin")
    assert bool(found.sent) is is_sent


def test_a_suppression_list_without_an_alias_names_everybody_in_it() -> None:
    text = f"Client Email,Parent Email\n{TESSA},ivo@example.com\n"
    assert len(read_suppression_list([text.encode()])) == 2
    text = f"Mail-Adresse,Website\n{TESSA},https://example.org/\n"
    assert list(read_suppression_list([text.encode()]).places(mapped(TESSA))) == [0]


def test_brackets_of_a_shop_s_orders_change_nothing() -> None:
    header = "First Name (Billing),Last Name (Billing),Email (Billing),First Name (Shipping)"
    found = read(header, f"Tessa,Marlow,{TESSA},Ivo")
    assert (found.sent[1]["first_name"], found.sent[1]["last_name"]) == ("Tessa", "Marlow")


# ---------------------------------------------------------------- what may hold them


@pytest.mark.parametrize(
    ("header", "named"),
    [
        ("Founder Email,Founder LinkedIn", '"Founder Email" or "Founder LinkedIn"'),
        ("Owner Mail,Owner City", '"Owner Mail"'),
        ("Client Email,Kunden Mail", '"Client Email" or "Kunden Mail"'),
        ("Ville du parrain,Parrain courriel", '"Parrain courriel"'),
        ("Foo Email,Bar Email,Baz Email,Qux Email", '"Foo Email", "Bar Email" or "Baz Email"'),
    ],
)
def test_a_file_without_the_needed_column_names_those_that_may_be_meant(
    header: str, named: str
) -> None:
    found = read_case(f"Company,{header}\nOak,x,y,z,z\n".encode(), "people.csv")
    assert found.rejected == "no_usable_column"
    assert (
        f"It may be {named}: then name it in the dashboard when you drop the file, "
        "or in the route's `columns`." in found.text
    )


@pytest.mark.parametrize(
    "header",
    ["Foo,Bar", "Email status,Foo", "Email opt out,Foo", "Company LinkedIn,Foo", "Email sent,Foo",
     "Newsletter email,Foo"],
)  # fmt: skip
def test_it_names_none_that_is_about_something_else(header: str) -> None:
    found = read_case(f"Company,{header}\nOak,x,y\n".encode(), "people.csv")
    assert found.rejected == "no_usable_column"
    assert "It may be" not in found.text
    assert (
        "Add it, or name it in the dashboard when you drop the file, or in the route's `columns`."
        in found.text
    )


def test_no_cell_of_a_line_that_is_no_header_is_named() -> None:
    found = read_case(b"Tessa mail,Ivo mail\nx,y\n", "people.csv")
    assert found.rejected == "no_usable_column"
    assert "Tessa" not in found.text
