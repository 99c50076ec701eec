"""Headers that name a field by a rule: in paths, beside tools, with marks around them."""

from __future__ import annotations

import pytest

from listdrop.cells.headers import fold
from listdrop.prospects.columns import map_columns
from listdrop.prospects.recognising import field_of


def field(header: str) -> str:
    found = field_of(fold(header))
    return found[0] if found else ""


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Name / First Name", "first_name"),
        ("Emails / Primary Email", "email"),
        ("Linkedin / Link URL", "linkedin_url"),
        ("Phones / Primary Phone Number", "phone"),
        ("Company / Name", "company"),
        ("company.domain", "website"),
        ("emails[0].value", "email"),
        ("emails/0/value", "email"),
        ("contact.firstName", "first_name"),
        ("Contact > Email", "email"),
        ("Person: Last Name", "last_name"),
        ("properties.jobtitle", "job_title"),
    ],
)
def test_the_last_part_of_a_path_is_the_header(header: str, name: str) -> None:
    assert field(header) == name


@pytest.mark.parametrize(
    "header",
    [
        "Owner / Email",
        "Account Owner / Name",
        "Created By / Name",
        "Company / Email",
        "Company / Linkedin / Link URL",
        "Linkedin / Link Label",
        "Phones / Primary Phone Country Code",
        "assistant.phone",
        "a / b / c",
    ],
)
def test_a_path_to_somebody_or_something_else_stays_custom(header: str) -> None:
    assert field(header) == ""


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("(Lusha) Work email", "email"),
        ("(LeadMagic) Mobile Phone", "phone"),
        ("Work Email (Findymail)", "email"),
        ("[Apollo] LinkedIn URL", "linkedin_url"),
        ("First Name (Clearbit)", "first_name"),
        ("Email (People Data Labs)", "email"),
        ("Contact LI", "linkedin_url"),
    ],
)
def test_an_enrichment_tool_in_brackets_changes_nothing(header: str, name: str) -> None:
    assert field(header) == name


@pytest.mark.parametrize("header", ["Email (owner)", "Phone (company)", "Email (old)", "(x) y"])
def test_other_words_in_brackets_mean_something(header: str) -> None:
    assert field(header) == ""


@pytest.mark.parametrize(
    "header",
    [
        "First Name*", "*First Name", "First Name *", "First Name (required)", "First Name:",
        "\u200eFirst Name", "First\u00adName", "First\u2060 Name", "\ufeffFirst Name\u200b",
        "First Name (Pflichtfeld)*", "first_name*", '"First Name"',
    ],
)  # fmt: skip
def test_marks_around_a_header_do_not_count(header: str) -> None:
    assert field(header) == "first_name"


def test_what_an_alias_names_comes_before_what_a_rule_does() -> None:
    header = ["Work Email (Findymail)", "Work Email", "(Lusha) Work Email"]
    assert map_columns(header, {}).fields["email"] == (1, 0, 2)
