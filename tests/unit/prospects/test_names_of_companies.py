"""Names that are the row's company, written again, and first names that end with the last name."""

from __future__ import annotations

import csv

import pytest

from listdrop.cells.names import tidy_part
from listdrop.prospects.columns import map_columns
from listdrop.prospects.mapping import Mapper


def names_in(text: str) -> list[tuple[str, str]]:
    """Return first and last name of each row; cells are separated by semicolons."""
    header, *rows = csv.reader(text.splitlines(), delimiter=";")
    mapped = Mapper(map_columns(header, {})).map(rows)
    none = [""] * len(rows)
    found = (mapped.column(name) or none for name in ("first_name", "last_name"))
    return list(zip(*found, strict=True))


def test_a_display_name_that_is_the_company_hides_no_name_beside_it() -> None:
    text = "First Name;Last Name;Display Name;Company;Email\nTessa;Marlow;Oak;Oak;a@example.com"
    assert names_in(text) == [("Tessa", "Marlow")]
    text = "First Name;Last Name;Display Name;Company;Email\nTessa;;Oak Ltd;Oak Ltd;a@example.com"
    assert names_in(text) == [("Tessa", "")]


PEOPLE = "Tessa Marlow;Brightfold;tessa@example.com\nIvo Berg;Kestrel;ivo@example.com"


@pytest.mark.parametrize("header", ["Name", "Full Name", "File As", "Display Name", "Kontakt"])
@pytest.mark.parametrize(
    "company",
    ["Brightfold", "Brightfold Systems", "Kestrel Solutions", "The Garden Company", "Oak Ltd",
     "Bäckerei Brandt", "Fernhill Group", "Praxis Brandt"],
)  # fmt: skip
def test_a_whole_name_that_is_the_company_is_nobody_s(header: str, company: str) -> None:
    text = f"{header};Company;Email\n{company};{company};info@example.com\n{PEOPLE}"
    assert names_in(text) == [("", ""), ("Tessa", "Marlow"), ("Ivo", "Berg")]


@pytest.mark.parametrize("name", ["Oda Marlow", "Noor van der Berg", "Ana Ruiz Prado"])
def test_people_who_work_for_themselves_keep_their_names(name: str) -> None:
    first, _, last = name.partition(" ")
    text = f"Name;Company;Email\n{name};{name};oda@example.com\n{PEOPLE}"
    assert names_in(text)[0] == (first, last)


@pytest.mark.parametrize("company", ["Brightfold", "Oak Ltd", "Kestrel Solutions"])
def test_a_part_of_a_name_that_is_the_company_is_nobody_s(company: str) -> None:
    rows = f"{company};;{company};a@example.com\n;{company};{company};b@example.com"
    text = f"First Name;Last Name;Company;Email\n{rows}\nTessa;Marlow;Marlow;c@example.com"
    assert names_in(text) == [("", ""), ("", ""), ("Tessa", "Marlow")]


@pytest.mark.parametrize(
    ("first", "last", "left"),
    [
        ("Tessa Marlow", "Marlow", "Tessa"),
        ("TESSA MARLOW", "Marlow", "TESSA"),
        ("Oda van der Berg", "van der Berg", "Oda"),
        ("Anna Maria Rossi", "Rossi", "Anna Maria"),
        ("Jean-Luc Martin", "Martin", "Jean-Luc"),
        ("Marlow", "Marlow", "Marlow"),
        ("Martin", "Martin", "Martin"),
        ("Anna Maria", "Marlow", "Anna Maria"),
        ("Rosemarie", "Marie", "Rosemarie"),
        ("Tessa", "Tessa Marlow", "Tessa"),
    ],
)
def test_a_last_name_is_no_end_of_a_first_name(first: str, last: str, left: str) -> None:
    text = f"First Name;Last Name;Email\n{first};{last};a@example.com\nIvo;Berg;b@example.com"
    assert names_in(text) == [(left, last), ("Ivo", "Berg")]


@pytest.mark.parametrize("text", ["tessa.marlow", "t.marlow99", "info.brandt", "tessa_m"])
def test_a_user_name_is_no_part_of_a_name(text: str) -> None:
    assert tidy_part(text) == ""


@pytest.mark.parametrize("text", ["Ma.Teresa", "J.R.", "St.John", "A.P.J.", "d.j."])
def test_initials_and_short_forms_are_parts_of_names(text: str) -> None:
    assert tidy_part(text) == text
