# ruff: noqa: RUF001 # headers in their own letters
"""Headers in more languages, of two parts of a name, of questions; and lists of businesses."""

from __future__ import annotations

import csv

import pytest

from listdrop.cells.headers import fold
from listdrop.prospects.columns import Columns, map_columns
from listdrop.prospects.deciding import decided
from listdrop.prospects.mapping import Mapper
from listdrop.prospects.recognising import field_of, order_of_parts


def names_in(text: str) -> list[tuple[str, str]]:
    """Return first and last name of each row; cells are separated by semicolons."""
    header, *rows = csv.reader(text.splitlines(), delimiter=";")
    mapped = Mapper(map_columns(header, {})).map(rows)
    return list(zip(mapped.column("first_name"), mapped.column("last_name"), strict=True))


def columns_of(text: str) -> Columns:
    header, *rows = csv.reader(text.splitlines(), delimiter=";")
    return decided(map_columns(header, {}), rows)


def field(header: str) -> str:
    found = field_of(fold(header))
    return found[0] if found else ""


@pytest.mark.parametrize(
    "header",
    [
        "Surname/First name", "Surname, First Name", "Last name & first name", "Soyadı Adı",
        "Sukunimi ja etunimi", "Achternaam en voornaam", "Achternaam, voornaam",
        "Efternamn Förnamn",
        "Etternavn og fornavn", "Prezime i ime", "Priezvisko a meno", "Priimek in ime",
        "Pavardė ir vardas", "Uzvārds, vārds", "Perekonnanimi ja eesnimi", "Фамилия/Име",
        "Last_Name_First_Name", "Family name / Given name", "Last name (First name)",
        "Surname-Forename",
        "Επώνυμο και όνομα", "Name/Vorname", "Familienname und Vorname",
    ],
)  # fmt: skip
def test_a_header_of_both_parts_tells_that_the_last_name_comes_first(header: str) -> None:
    assert names_in(f"{header};Email\nMarlow Tessa;a@x.com") == [("Tessa", "Marlow")]
    assert names_in(f"{header};Email\nvan der Berg Oda;a@x.com") == [("Oda", "van der Berg")]


@pytest.mark.parametrize(
    "header",
    [
        "First name/Surname", "Fornavn og efternavn", "Voornaam en achternaam", "Ime i prezime",
        "Etunimi ja sukunimi", "Meno a priezvisko", "Vardas ir pavardė", "Förnamn, efternamn",
        "Given name & family name", "Όνομα και επώνυμο", "Nom i cognoms", "Prénom / Nom",
    ],
)  # fmt: skip
def test_a_header_of_both_parts_tells_that_the_first_name_comes_first(header: str) -> None:
    assert names_in(f"{header};Email\nTessa Marlow;a@x.com") == [("Tessa", "Marlow")]


def test_where_people_have_several_last_names_only_two_words_are_certain() -> None:
    for header in ("Cognoms/Nom de pila", "Apellidos & Nombre", "Sobrenome, Nome próprio"):
        text = f"{header};Email\nFerrer Prado Ana;a@x.com\nFerrer Ana;b@x.com"
        assert names_in(text) == [("", ""), ("Ana", "Ferrer")]


@pytest.mark.parametrize(
    "header",
    ["First", "Surname", "First name", "Last name at birth", "Name of first pet", "E-mail"],
)
def test_other_headers_are_no_full_names(header: str) -> None:
    assert order_of_parts(fold(header)) == ""


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("Όνομα", "Επώνυμο"), ("שם פרטי", "שם משפחה"), ("Ime", "Prezime"), ("Meno", "Priezvisko"),
        ("Vardas", "Pavardė"), ("Eesnimi", "Perekonnanimi"), ("Име", "Фамилия"), ("Tên", "Họ"),
        ("Nama Depan", "Nama Belakang"), ("Ime", "Priimek"), ("Vārds", "Uzvārds"),
        ("Nom", "Cognoms"), ("Nombre", "Apellido 1"), ("Nombre", "Apellido paterno"),
        ("Собствено име", "Фамилно име"), ("Krstné meno", "Priezvisko"), ("Име", "Презиме"),
    ],
)  # fmt: skip
def test_names_in_more_languages(first: str, last: str) -> None:
    assert names_in(f"{first};{last};Email\nTessa;Marlow;a@x.com") == [("Tessa", "Marlow")]
    assert names_in(f"{last};{first};Email\nMarlow;Tessa;a@x.com") == [("Tessa", "Marlow")]


@pytest.mark.parametrize("header", ["HO", "Ho", "Ten", "Ime", "IME", "Nama", "Vardas", "Meno"])
def test_a_short_word_is_no_name_beside_headers_of_another_language(header: str) -> None:
    columns = columns_of(f"Name;{header};Email\nAda Lovelace;London;a@x.com")
    assert columns.custom == ((1, header),)
    assert names_in(f"Name;{header};Email\nAda Lovelace;London;a@x.com") == [("Ada", "Lovelace")]
    first = f"First name;Last name;{header};Email\nTessa;Marlow;London;a@x.com"
    assert names_in(first) == [("Tessa", "Marlow")]
    assert field(f"Contact > {header}") == field(f"Your {header}") == ""


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Tên;Email", "first_name"), ("Họ;Email", "last_name"), ("TEN;HO", "first_name"),
        ("Ime;E-pošta", "first_name"), ("Vardas;El. paštas", "first_name"),
        ("Nama;Alamat email", "full_name"), ("Meno;Spoločnosť", "first_name"),
    ],
)  # fmt: skip
def test_a_short_word_is_a_name_with_its_accents_or_in_its_language(header: str, name: str) -> None:
    assert map_columns(header.split(";"), {}).fields[name] == (0,)


def test_a_second_last_name_belongs_after_the_first() -> None:
    rows = "Lucía;Ferrer;Prado;a@x.com\nBruno;Salas;;b@x.com\nAna;;Gil;c@x.com"
    for second in ("Apellido 2", "Segundo apellido"):
        assert names_in(f"Nombre;Apellido 1;{second};Email\n{rows}") == [
            ("Lucía", "Ferrer Prado"),
            ("Bruno", "Salas"),
            ("Ana", ""),
        ]


@pytest.mark.parametrize(
    "header",
    [
        "user_email", "Professional email 1", "What's your email address?", "What’s your e-mail?",
        "What is your email?", "Your email address", "Please enter your work email", "Votre e-mail",
        "Wie lautet Ihre E-Mail-Adresse?", "Ihre E-Mail", "billing_email", "Διεύθυνση email",
        "דואר אלקטרוני", "E-mail adresa", "E-poštni naslov", "El. paštas", "E-pasts",
        "E-posti aadress",
        "Имейл адрес", "Địa chỉ email", "Alamat email", "Emailová adresa", "Correu electrònic",
    ],
)  # fmt: skip
def test_headers_of_addresses(header: str) -> None:
    assert field(header) == "email"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("organizations[0].name", "company"),
        ("organizations[1].name", "company"),
        ("organizations[0].title", "job_title"),
        ("organizations/0/name", "company"),
        ("organizations/0/title", "job_title"),
        ("What's your name?", "full_name"),
        ("What is your phone number?", "phone"),
        ("Your company", "company"),
        ("Tel. geschäftlich", "phone"),
        ("Subscriber", ""),
        ("Your newsletter", ""),
        ("Your", ""),
        ("Would you like our newsletter?", ""),
        ("Company / Title", "company"),
    ],
)
def test_headers_by_rule(header: str, name: str) -> None:
    assert field(header) == name


BUSINESSES = [
    """Name;Phone;Email;Website;Category
Bright Dental Clinic;1;a@x.com;x.com;Dentist
Oak & Vine;2;b@x.com;y.com;Restaurant
Kern Plumbing;3;c@x.com;z.com;Plumber""",
    """Name;Type;Email
Salon Rosa;Hairdresser;a@x.com
Kern Ltd;Plumber;b@x.com
Maria;Bakery;c@x.com
The Market;Shop;d@x.com
Old Town House;Restaurant;e@x.com""",
    """Nom;Catégorie;Email
Boulangerie Aubin;Boulangerie;a@x.com
Café Luc;Restaurant;b@x.com
Pharmacie Aubin;Pharmacie;c@x.com""",
    """Name;Branche;E-Mail
Zahnarzt Kern;Zahnärzte;a@x.com
Gasthof Post;Gasthaus;b@x.com
Blumen Kern;Blumenladen;c@x.com""",
]


@pytest.mark.parametrize("text", BUSINESSES)
def test_names_of_businesses_beside_their_kinds_are_companies(text: str) -> None:
    columns = columns_of(text)
    assert columns.fields["company"] == (0,)
    assert {"first_name", "last_name", "full_name"}.isdisjoint(columns.fields)


@pytest.mark.parametrize(
    "text",
    [
        "Name;Category;Email\nTessa Marlow;Restaurant;a@x.com\nIvo Brandt;Hotel;b@x.com",
        "Name;Type;Email\nTessa Marlow;Lead;a@x.com\nIvo Brandt;Customer;b@x.com",
        "Name;Company;Category;Email\nTessa Marlow;Oak & Vine;Bar;a@x.com",
        "Name;Branche;E-Mail\nTessa Marlow;Zahnärzte;a@x.com\nOak & Vine;Bar;b\nIvo Brandt;Bar;c",
        "Name;Email;Type\nTessa Marlow;a@x.com;Marketing\nMark Smith;b@x.com;Marketing",
        "Name;Email;Type\nTessa Marlow;a@x.com;Customer\nBob Church;b@x.com;Customer",
        "Name;Email;Type\nTessa Marlow;a@x.com;Partner\nDolly Parton;b@x.com;Partner",
        "Name;Email;Type\nTessa Marlow;a@x.com;Bar\nOak & Vine;b@x.com;Bar\nIvo;c@x.com;Bar",
    ],
)
def test_people_beside_kinds_of_businesses_are_people(text: str) -> None:
    assert names_in(text)[0] == ("Tessa", "Marlow")


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["Tessa Marlow", "Mark Smith", "Marketa Novak", "Salma Hayek", "Parta Sood"], "Marketing"),
        (["Tessa Marlow", "Anna House", "Bob Church", "Uma Garden", "Oda Kitchen"], "Customer"),
        (["Tessa Marlow", "Dolly Parton", "Ada Partington", "Lea Partner", "Bo Part"], "Partner"),
        (["Tessa Marlow", "Bo Fisher", "Uma Clark", "Oda Cook", "Lea Market"], "Fish market"),
    ],
)
def test_people_whose_names_are_words_of_businesses_are_people(names: list[str], kind: str) -> None:
    rows = "\n".join(f"{name};a@x.com;{kind}" for name in names)
    assert names_in(f"Name;Email;Type\n{rows}")[0] == ("Tessa", "Marlow")
    assert names_in(f"Name;Email;Type\n{names[1]};a@x.com;{kind}") == [tuple(names[1].split())]
