# ruff: noqa: RUF001 # names and marks in their own letters
"""Whose names a column has, decided by its header, by what stands beside it, and by its values."""

from __future__ import annotations

import csv
from itertools import cycle, islice

import pytest

from listdrop.prospects.columns import Columns, map_columns
from listdrop.prospects.deciding import decided
from listdrop.prospects.mapping import Mapper


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(text.strip().splitlines(), delimiter=";"))


def columns_of(text: str, **overrides: str | None) -> Columns:
    header, *rows = rows_of(text)
    return decided(map_columns(header, overrides), rows)


def names_in(text: str, **overrides: str | None) -> list[tuple[str, str]]:
    """Return first and last name of each row; cells are parted by semicolons."""
    _, *rows = rows_of(text)
    mapped = Mapper(columns_of(text, **overrides)).map(rows)
    return list(zip(mapped.column("first_name"), mapped.column("last_name"), strict=True))


TESSA, IVO = ("Tessa", "Marlow"), ("Ivo", "Brandt")

# ---------------------------------------------------------------- the other part


@pytest.mark.parametrize(
    ("name", "surname"),
    [
        ("Name", "Last Name"),
        ("Name", "Family name"),
        ("Name", "Nachname"),
        ("Nom", "Nom de famille"),
        ("Naam", "Achternaam"),
        ("Namn", "Efternamn"),
        ("Navn", "Etternavn"),
        ("Nimi", "Sukunimi"),
        ("Jméno", "Příjmení"),
        ("Имя", "Фамилия"),
        ("Ім'я", "Прізвище"),
        ("Ad", "Soyad"),
        ("Nombre", "Apellidos"),
        ("Nome", "Sobrenome"),
        ("Nome", "Cognome"),
        ("名", "姓"),
    ],
)
def test_a_name_beside_a_last_name_is_the_first(name: str, surname: str) -> None:
    text = f"{name};{surname};Email\nTessa;Marlow;a@example.com\nIvo;Brandt;b@example.com"
    assert names_in(text) == [TESSA, IVO]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("Name", "First name"),
        ("Nom", "Prénom"),
        ("Naam", "Voornaam"),
        ("Namn", "Förnamn"),
        ("Nume", "Prenume"),
        ("Név", "Keresztnév"),
        ("Name", "Rufname"),
    ],
)
def test_a_name_beside_a_first_name_is_the_last(name: str, given: str) -> None:
    text = f"{name};{given};Email\nMarlow;Tessa;a@example.com\nvan der Berg;Oda;b@example.com"
    assert names_in(text) == [TESSA, ("Oda", "van der Berg")]


def test_what_is_a_last_name_in_most_rows_is_one_where_it_has_two_words() -> None:
    text = "Name;Vorname\nHollmann;Greta\nRuiz Gómez;Ana\nKern;Tilo"
    assert names_in(text) == [("Greta", "Hollmann"), ("Ana", "Ruiz Gómez"), ("Tilo", "Kern")]


def test_a_name_that_holds_the_part_beside_it_is_whole() -> None:
    assert names_in("Name;Vorname\nGreta Hollmann;Greta\nTilo Kern;Tilo") == [
        ("Greta", "Hollmann"),
        ("Tilo", "Kern"),
    ]
    assert names_in("Name;Surname\nGreta Hollmann;Hollmann\nKern Tilo;Kern") == [
        ("Greta", "Hollmann"),
        ("Tilo", "Kern"),
    ]


def test_first_names_of_two_words_stay_first_names_beside_last_names() -> None:
    text = "Nombre;Apellidos\nMaría José;Ferrer Prado\nJuan Carlos;Salas"
    assert names_in(text) == [("María José", "Ferrer Prado"), ("Juan Carlos", "Salas")]


def test_a_route_s_own_column_keeps_its_field() -> None:
    text = "Name;Vorname\nGreta;Tilo\nAnna;Ivo"
    assert columns_of(text, Name="full_name").fields["full_name"] == (0,)
    assert columns_of(text).fields["last_name"] == (0,)


# ---------------------------------------------------------------- whole names


@pytest.mark.parametrize(
    "header",
    [
        *("Nombre", "Nome", "Nom", "Naam", "Namn", "Navn", "Nimi", "Jméno", "Nume", "İsim"),
        *("Имя", "First Name", "Prénom", "Vorname"),
    ],
)
def test_a_lone_name_of_two_words_is_a_whole_one(header: str) -> None:
    text = f"{header};Email\nTessa Marlow;a@example.com\nIvo Brandt;b@example.com"
    assert names_in(text) == [TESSA, IVO]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("Nombre", [("Lucía", ""), ("Bruno", "")]),
        ("Nome", [("Lucía", ""), ("Bruno", "")]),
        ("Nom", [("", "Lucía"), ("", "Bruno")]),
        ("First Name", [("Lucía", ""), ("Bruno", "")]),
    ],
)
def test_a_lone_name_of_single_words_is_the_part_that_its_header_says(
    header: str, names: list[tuple[str, str]]
) -> None:
    assert names_in(f"{header};Email\nLucía;a@example.com\nBruno;b@example.com") == names


def test_of_mostly_first_names_only_the_first_word_is_certain() -> None:
    people = ["Lucía", "Bruno", "Inés", "Ana", "Luis", "Eva", "María José", "Lucía Ferrer"]
    found = names_in("\n".join(["Nombre;Email", *(f"{name};x" for name in people)]))
    assert found[-2:] == [("María", ""), ("Lucía", "")]
    assert found[0] == ("Lucía", "")


def test_a_french_last_name_with_an_article_is_one_word() -> None:
    assert names_in("Nom;Email\nLe Goff;a\nDu Bois;b\nDelcourt;c") == [
        ("", "Le Goff"),
        ("", "Du Bois"),
        ("", "Delcourt"),
    ]


def test_a_column_of_last_names_that_is_empty_decides_nothing() -> None:
    text = "First Name;Last Name;Email\nTessa Marlow;;a\nIvo Brandt;;b\nOda Kern;;c"
    assert names_in(text) == [TESSA, IVO, ("Oda", "Kern")]


# ---------------------------------------------------------------- businesses

SCRAPERS = [
    "title;totalScore;reviewsCount;street;website;email\nOak & Vine;4.5;12;Mill Road;oak.com;a",
    "name;site;subtypes;full_address;place_id;email\nOak & Vine;oak.com;Bar;Leeds;ChIJ1;a",
    "Name;Category;Rating;Phone;Email\nOak & Vine;Bar;4,5;+44 113 496 0001;a",
    "Nombre;Categoría;Reseñas;Teléfono;Email\nOak & Vine;Bar;12;+34 600 111 222;a",
    "Nom;Catégorie;Avis;Téléphone;Email\nOak & Vine;Bar;12;+33 1 99 00 12 34;a",
    "Titel;Kategorie;Bewertungen;Öffnungszeiten;E-Mail\nOak & Vine;Bar;12;9-17;a",
    "title;link;cid;plus_code;emails\nOak & Vine;maps;99;X;a",
]


@pytest.mark.parametrize("text", SCRAPERS)
def test_a_list_of_businesses_has_companies_and_no_persons(text: str) -> None:
    columns = columns_of(text)
    assert columns.fields["company"] == (0,)
    assert {"first_name", "last_name", "full_name", "job_title"}.isdisjoint(columns.fields)


@pytest.mark.parametrize(
    "text",
    [
        "Name;Email;Rating\nTessa Marlow;a;Hot\nIvo Brandt;b;Warm",
        "Name;Category;Email\nTessa Marlow;Customer;a\nIvo Brandt;Partner;b",
        "First Name;Last Name;Title;Reviews;Category\nTessa;Marlow;COO;1;x\nIvo;Brandt;CTO;2;y",
    ],
)
def test_people_with_a_category_or_a_rating_are_people(text: str) -> None:
    assert names_in(text) == [TESSA, IVO]


@pytest.mark.parametrize(
    "text",
    [
        "Name;Company;Category;Rating;Email\nTessa Marlow;Acme;VIP;5;a\nIvo Brandt;Oak;VIP;4;b",
        "Name;Firma;Bewertung;Kategorie\nTessa Marlow;Acme;5;A\nIvo Brandt;Oak;4;A",
        "Name;Specialty;Rating;Reviews\nDr. Tessa Marlow;GP;5;9\nDr. Ivo Brandt;ENT;4;8",
        "Name;Category;Rating\nTessa Marlow, MD;GP;5\nIvo Brandt, DDS;ENT;4",
    ],
)
def test_people_with_ratings_beside_a_company_or_with_titles_are_people(text: str) -> None:
    assert names_in(text) == [TESSA, IVO]


def test_a_person_of_a_business_stays_one() -> None:
    text = "name;rating;reviews;Contact Person;email\nOak & Vine;4.5;12;Tessa Marlow;a"
    columns = columns_of(text)
    assert names_in(text) == [TESSA]
    assert columns.fields["company"] == (0,)


def test_names_that_are_mostly_businesses_are_companies() -> None:
    text = "Name;Email\nOak & Vine Ltd;a\nFernhill GmbH;b\nBright Dental Clinic;c"
    columns = columns_of(text)
    assert columns.fields["company"] == (0,)
    assert "full_name" not in columns.fields


# ---------------------------------------------------------------- no names


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("✨ Tessa Marlow ✨", TESSA),
        ("• Tessa Marlow", TESSA),
        ("12) Tessa Marlow", TESSA),
        ("Tessa Marlow [VIP]", TESSA),
        ("Tessa Marlow (Fernhill GmbH)", TESSA),
        ("Tessa Marlow, Ph.D., CFA", TESSA),
        ("Tessa Marlow MBA", TESSA),
        ("Mme Tessa Marlow", TESSA),
        ("Tessa “Tess” Marlow", TESSA),
        ("Tessa Marlow · Fernhill", TESSA),
        ("Tessa Marlow – COO", TESSA),
        ("𝐓𝐞𝐬𝐬𝐚 Marlow", TESSA),
        ("+49 30 5550104", ("", "")),
        ("tessa@example.com", ("", "")),
        ("www.example.com", ("", "")),
        ("tessa_marlow", ("", "")),
        ("Fernhill B.V.", ("", "")),
        ("Tessa and Ivo Marlow", ("", "")),
        ("???", ("", "")),
        ("info", ("", "")),
        ("Sales Team", ("", "")),
        ("Customer Service", ("", "")),
        ("Robert Service", ("Robert", "Service")),
        ("Tessa Marlow | Fernhill Ltd", TESSA),
        ("Marlow, Tessa - Fernhill GmbH", TESSA),
        ("Weber - Elektro GmbH", ("", "")),
        ("Fernhill | Software Ltd", ("", "")),
        ("Fernhill @ Home AG", ("", "")),
        ('"Fernhill; GmbH"', ("", "")),
        ("Hotel Adler (Familie Huber GmbH)", ("", "")),
        ("Hr. Schmidt", ("", "Schmidt")),
        ("Ing. Novak", ("", "Novak")),
        ("Mag. Huber", ("", "Huber")),
        ("Dipl.-Ing. Huber", ("", "Huber")),
        ("M. Huber", ("M.", "Huber")),
        ("Fr. Huber", ("Fr.", "Huber")),
        ("Sr. Huber", ("Sr.", "Huber")),
        ("HR Huber", ("HR", "Huber")),
    ],
)
def test_a_name_is_words_with_letters(cell: str, names: tuple[str, str]) -> None:
    assert names_in(f"Name;Email\nOda Kern;b\nUma Dale;c\n{cell};a")[-1] == names


@pytest.mark.parametrize(
    ("first", "last", "names"),
    [
        ("🚀 Tessa", "Marlow", TESSA),
        ("Tessa (she/her)", "Marlow, MBA", TESSA),
        ("Dr. Tessa", "Marlow PhD", TESSA),
        ("0113 496 0001", "Marlow", ("", "Marlow")),
        ("Tessa", "tessa@example.com", ("Tessa", "")),
        ("Tessa", "Marlow 🌍", TESSA),
        ("Na", "Null", ("Na", "Null")),
        ("NULL", "Marlow", ("", "Marlow")),
        ("Unknown", "Marlow", ("", "Marlow")),
    ],
)
def test_a_first_or_last_name_is_words_with_letters(
    first: str, last: str, names: tuple[str, str]
) -> None:
    assert names_in(f"First Name;Last Name\n{first};{last}") == [names]


def test_the_first_column_with_somebody_s_name_counts() -> None:
    text = "Contact Name;Contact\n0113 496 0001;Tessa Marlow\nIvo Brandt;Oda Kern"
    assert names_in(text) == [TESSA, IVO]


# ---------------------------------------------------------------- order


@pytest.mark.parametrize(
    "header",
    [
        *("Nazwisko i imię", "Cognome e nome", "Nom et prénom", "Apellidos y nombre"),
        *("Příjmení a jméno", "Név", "Last Name First Name", "Nachname, Vorname", "Фамилия Имя"),
        *("氏名", "Nume si prenume"),
    ],
)
def test_a_header_tells_that_the_last_name_comes_first(header: str) -> None:
    text = f"{header};Email\nMarlow Tessa;a@example.com\nBrandt Ivo;b@example.com"
    assert names_in(text) == [TESSA, IVO]


def test_a_father_s_name_is_no_first_name() -> None:
    assert names_in("ФИО;Email\nИванов Иван Петрович;a") == [("Иван", "Иванов")]


def test_of_several_last_names_without_a_comma_nothing_is_guessed() -> None:
    text = "Apellidos y nombre;Email\nFerrer Prado Lucía;a\nSalas Bruno;b\nFerrer Prado, Lucía;c"
    assert names_in(text) == [("", ""), ("Bruno", "Salas"), ("Lucía", "Ferrer Prado")]


def test_capitals_tell_the_last_name_wherever_it_stands() -> None:
    text = "Name\nMARLOW Tessa\nIvo BRANDT\nDE LA TOUR Jean-Pierre\nAna María FERRER PRADO"
    assert names_in(text) == [
        ("Tessa", "MARLOW"),
        ("Ivo", "BRANDT"),
        ("Jean-Pierre", "DE LA TOUR"),
        ("Ana María", "FERRER PRADO"),
    ]


def test_capitals_of_one_row_of_many_tell_nothing() -> None:
    assert names_in("Name\nTessa Marlow\nIvo Brandt\nOda Kern\nANA Silva")[-1] == ("", "")


def test_where_most_rows_have_a_comma_the_others_are_not_guessed() -> None:
    text = "Name\nMarlow, Tessa\nBrandt, Ivo\nKern, Oda\nDale Uma\nCher"
    assert names_in(text)[3:] == [("", ""), ("Cher", "")]


PLAIN = "Name\nOda Kern\nUma Dale\nRia Vos\nNed Tan"


@pytest.mark.parametrize(
    "after",
    [
        "Rechtsanwalt", "Steuerberaterin", "Attorney", "Realtor", "Founder", "Engineer", "P.Eng",
        "Senior Consultant", "Avocate", "Abogado", "Avvocato", "Adwokat", "Advokat", "Адвокат",
        "Dipl.-Ing.", "architect", "Sales Manager, Acme", "CEO", "Huisarts", "P.Eng., PMP",
    ],
)  # fmt: skip
def test_what_somebody_does_is_no_first_name(after: str) -> None:
    assert names_in(f"{PLAIN}\nTessa Marlow, {after}")[-1] == TESSA
    assert names_in(f"Name\nTessa Marlow, {after}")[-1] == TESSA


@pytest.mark.parametrize("after", ["Berlin", "Acme", "Germany", "New York", "Juan", "Fernhill"])
def test_what_stands_after_a_comma_is_not_guessed_where_names_have_none(after: str) -> None:
    for name in ("Tessa Marlow", "García López", "Dr. Tessa Marlow"):
        assert names_in(f"{PLAIN}\n{name}, {after}")[-1] == ("", "")


def test_a_comma_turns_a_name_where_one_stands_before_single_words() -> None:
    assert names_in(f"{PLAIN}\nMarlow, Tessa")[-1] == TESSA
    assert names_in(f"{PLAIN}\nvan der Berg, Oda")[-1] == ("Oda", "van der Berg")
    mixed = f"{PLAIN}\nMarlow, Tessa\nBrandt, Ivo\nFerrer Prado, Lucía"
    assert names_in(mixed)[-3:] == [TESSA, IVO, ("Lucía", "Ferrer Prado")]
    spanish = "Name\nFerrer Prado, Lucía\nRuiz Gómez, Ana\nOda Kern"
    assert names_in(spanish)[:2] == [("Lucía", "Ferrer Prado"), ("Ana", "Ruiz Gómez")]
    header = "Apellidos y nombre;Email\nSalas Bruno;b\nKern Oda;d\nFerrer Prado, Lucía;c"
    assert names_in(header)[-1] == ("Lucía", "Ferrer Prado")


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Ferrer, Prado", ("Prado", "Ferrer")), ("Marlow, Attorney", ("", "")),
        ("O'Neil, Mary Ann", ("Mary Ann", "O'Neil")), ("Madonna, PhD", ("Madonna", "")),
        ("Tessa Marlow, MBA", TESSA), ("Tessa Marlow (Berlin), MBA", TESSA),
    ],
)  # fmt: skip
def test_single_words_before_a_comma_are_last_names(cell: str, names: tuple[str, str]) -> None:
    assert names_in(f"{PLAIN}\n{cell}")[-1] == names


def test_what_somebody_does_beside_a_first_name_is_no_part_of_it() -> None:
    text = "First Name;Last Name\nTessa, Attorney;Marlow\nIvo, Rechtsanwalt;Brandt"
    assert names_in(text) == [TESSA, IVO]


def test_addresses_of_many_employers_tell_the_order() -> None:
    people = ["Marlow Tessa", "Brandt Ivo", "Kern Oda"]
    hosts = ["a.example", "b.example", "c.example"]
    rows = [
        f"{name};{'.'.join(reversed(name.split()))}@{host}"
        for name, host in zip(people, hosts, strict=True)
    ]
    assert names_in("\n".join(["Name;Email", *rows])) == [TESSA, IVO, ("Oda", "Kern")]


def test_addresses_of_one_employer_leave_it_open() -> None:
    text = "Name;Email\nMarlow Tessa;tessa.marlow@a.example\nBrandt Ivo;ivo.brandt@a.example"
    assert names_in(text) == [("", ""), ("", "")]
    usual = "Name;Email\nTessa Marlow;tessa.marlow@a.example\nIvo Brandt;ibrandt@a.example"
    assert names_in(usual) == [TESSA, IVO]


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("山田 太郎", ("太郎", "山田")),
        ("김민수", ("민수", "김")),
        ("김 민수", ("민수", "김")),
        ("남궁민수", ("민수", "남궁")),
        ("王小明", ("", "")),
        ("ジョン スミス", ("", "")),
    ],
)
def test_names_in_east_asian_scripts_begin_with_the_last_one(
    cell: str, names: tuple[str, str]
) -> None:
    assert names_in(f"Name;Email\n{cell};a") == [names]


# ---------------------------------------------------------------- alike for the whole file


def test_the_first_rows_decide_for_all() -> None:
    header = ["Name", "Vorname"]
    rows = list(islice(cycle([["Hollmann", "Greta"], ["Kern", "Tilo"]]), 400))
    mapper = Mapper(map_columns(header, {}))
    mapper.map(rows)
    later = mapper.map([["Ada Lovelace", "Ada"], ["Ruiz Gómez", "Ana"]])
    assert list(later.column("last_name")) == ["Ada Lovelace", "Ruiz Gómez"]


# ---------------------------------------------------------------- headers of names


@pytest.mark.parametrize(
    ("first", "last", "whole"),
    [
        ("First Name", "Last Name", "Contact Person"),
        ("Vorname", "Nachname", "Ansprechpartner"),
        ("Prénom", "Nom", "Nom du contact"),
        ("Nombre", "Apellidos", "Nombre del contacto"),
        ("Nome", "Cognome", "Referente"),
        ("Nome próprio", "Sobrenome", "Nome do contato"),
        ("Voornaam", "Achternaam", "Contactpersoon"),
        ("Imię", "Nazwisko", "Osoba kontaktowa"),
        ("Förnamn", "Efternamn", "Kontaktperson"),
        ("Fornavn", "Efternavn", "Fulde navn"),
        ("Fornavn", "Etternavn", "For- og etternavn"),
        ("Etunimi", "Sukunimi", "Yhteyshenkilö"),
        ("Jméno", "Příjmení", "Kontaktní osoba"),
        ("Prenume", "Nume", "Persoana de contact"),
        ("Keresztnév", "Vezetéknév", "Kapcsolattartó"),
        ("Adı", "Soyadı", "İlgili Kişi"),
        ("Имя", "Фамилия", "Контактное лицо"),
        ("Ім'я", "Прізвище", "Контактна особа"),
        ("名", "姓", "担当者名"),
        ("名字", "姓氏", "联系人"),
        ("이름", "성", "담당자"),
        ("الاسم الأول", "اسم العائلة", "جهة الاتصال"),
    ],
)
def test_headers_of_names_are_known_in_many_languages(first: str, last: str, whole: str) -> None:
    assert names_in(f"{first};{last};x\nTessa;Marlow;y") == [TESSA]
    assert columns_of(f"{whole};x\nTessa Marlow;y").fields.keys() >= {"full_name"}


def test_last_names_that_mostly_begin_with_the_first_name_are_whole_names() -> None:
    rows = [["Ada", "Ada Lovelace"], ["Bo", "Bo van Berg"], ["Cy", "Cy"], ["Di", "Young"]]
    mapped = Mapper(map_columns(["First Name", "Last Name"], {})).map(rows[:2])
    assert list(mapped.column("first_name")) == ["Ada", "Bo"]
    assert list(mapped.column("last_name")) == ["Lovelace", "van Berg"]
    mapped = Mapper(map_columns(["First Name", "Last Name"], {})).map([rows[0], *rows[3:] * 3])
    assert list(mapped.column("last_name")) == ["Ada Lovelace", "Young", "Young", "Young"]


def test_a_particle_that_is_a_first_name_too_may_stand_before_a_last_name() -> None:
    rows = [["Ben", "Ben Ali"], ["Van", "Van Dyke"]]
    mapped = Mapper(map_columns(["First Name", "Last Name"], {})).map(rows)
    assert list(mapped.column("last_name")) == ["Ben Ali", "Van Dyke"]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("Prénom du contact", "Nom du contact"), ("Contact Prénom", "Contact Nom"),
        ("Nombre contacto", "Apellidos contacto"), ("Nome referente", "Cognome referente"),
        ("Kontakt Vorname", "Kontakt Nachname"), ("Kontakt Vorname", "Kontakt Name"),
        ("Ansprechpartner Vorname", "Ansprechpartner Nachname"), ("AP Vorname", "AP Nachname"),
        ("Vorname des Ansprechpartners", "Nachname des Ansprechpartners"),
        ("Vorname des Ansprechpartners", "Name des Ansprechpartners"),
        ("Teilnehmer: Vorname", "Teilnehmer: Name"), ("Prénom participant", "Nom participant"),
        ("Nome do contato", "Sobrenome do contato"), ("Attendee Name", "Attendee Surname"),
        ("Voornaam contactpersoon", "Achternaam contactpersoon"), ("Prénom", "Nom d'usage"),
    ],
)  # fmt: skip
def test_parts_of_the_name_of_somebody_in_a_role_are_told_apart(first: str, last: str) -> None:
    for header, row in (
        ([first, last, "Email"], ["Ada", "Lovelace", "ada@example.com"]),
        ([last, first, "Email"], ["Lovelace", "Ada", "ada@example.com"]),
    ):
        mapped = Mapper(map_columns(header, {})).map([row])
        assert list(mapped.column("first_name")) == ["Ada"]
        assert list(mapped.column("last_name")) == ["Lovelace"]


@pytest.mark.parametrize(
    "header", ["Nom du contact", "Contact Nom", "Nome referente", "Kontakt Name", "Delegate Name"]
)
def test_the_only_name_of_somebody_in_a_role_is_whole(header: str) -> None:
    mapped = Mapper(map_columns([header, "Email"], {})).map([["Ada Lovelace", "ada@example.com"]])
    assert (mapped.column("first_name")[0], mapped.column("last_name")[0]) == ("Ada", "Lovelace")
