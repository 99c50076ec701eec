from __future__ import annotations

import pytest

from listdrop.cells.headers import CANONICAL, fold
from listdrop.models import People, Prospects
from listdrop.providers.preparing import named_columns


@pytest.mark.parametrize(
    "header",
    ["E-Mail Address", "email_address", "  EMAIL  ADDRESS ", "e-mail-address", "Émail Àddress"],
)
def test_headers_that_differ_in_case_space_marks_and_accents_are_the_same(header: str) -> None:
    assert fold(header) == "emailaddress"


@pytest.mark.parametrize(
    "header",
    [
        "e\u2010mail",
        "e\u2011mail",
        "e\u2013mail",
        "e\u2014mail",
        "\ufeffemail",
        "e\u200bmail",
        "e\xa0mail",
    ],
)
def test_typographic_dashes_and_invisible_space_do_not_count(header: str) -> None:
    assert fold(header) == "email"


@pytest.mark.parametrize(
    ("header", "folded"),
    [
        ("Straße", "strasse"),
        ("Prénom", "prenom"),
        ("\uff25\uff2d\uff21\uff29\uff2c", "email"),
        ("E-mail (work)", "email(work)"),
        ("Company/Account", "company/account"),
        ("電子メール", "電子メール"),
        ("", ""),
        (" - _ ", ""),
    ],
)
def test_what_is_left_is_compared(header: str, folded: str) -> None:
    assert fold(header) == folded


@pytest.mark.parametrize("other", ["email 2", "emails", "email status", "mail"])
def test_headers_with_other_letters_or_digits_are_others(other: str) -> None:
    assert fold(other) != fold("email")


def test_folding_twice_changes_nothing() -> None:
    for header in (*CANONICAL, "E-Mail Adresse", "Straße", "İl"):
        assert fold(fold(header)) == fold(header)


NOBODY = People(["", ""], ["", ""], ["", ""])
PROSPECTS = Prospects(
    fields={"company": ["Example Ltd", ""], "job_title": ["Engineer", "Engineer"]},
    custom={"Team size": ["40", "2"], "JOB TITLE": ["As the file has it", ""]},
    emails=["", ""],
    people=NOBODY,
)


def test_columns_are_found_by_canonical_name_and_by_header() -> None:
    assert named_columns(PROSPECTS, ["team-size", "Company"]) == {
        "team-size": ["40", "2"],
        "Company": ["Example Ltd", ""],
    }


def test_a_custom_column_comes_before_a_canonical_field_of_its_name_row_by_row() -> None:
    found = named_columns(PROSPECTS, ["job_title"])
    assert found == {"job_title": ["As the file has it", "Engineer"]}


def test_a_column_that_the_file_lacks_is_left_out() -> None:
    assert named_columns(PROSPECTS, ["Industry"]) == {}
