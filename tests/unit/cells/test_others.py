"""An address or a profile beside words that say whose it is: never another person's."""

from __future__ import annotations

import pytest

from listdrop.cells.emails import is_bare_email, is_email, odd_emails, split_emails
from listdrop.cells.profiles import profile_slug, tidy_profile, usual_slugs

BOSS = "https://www.linkedin.com/in/boss"


def address(cell: str) -> str:
    """The cell's address; empty if there is none."""
    found = split_emails(cell)[0]
    return found if is_bare_email(found) else ""


@pytest.mark.parametrize(
    "cell",
    [
        "assistant: pa@example.com", "PA: pa@example.com", "Assistentin: pa@example.com",
        "Manager: boss@example.com", "Sekretariat: pa@example.com", "via: ned@example.com",
        "pa@example.com (assistant)", "tessa@example.com - wrong person",
        "tessa@example.com (wrong)", "secrétaire : pa@example.com",
        "tessa@example.com not her address",
    ],
)  # fmt: skip
def test_an_address_that_is_said_to_be_another_s_is_not_taken(cell: str) -> None:
    assert address(cell) == ""


@pytest.mark.parametrize(
    "cell",
    [
        "Email: tessa@example.com", "Tessa Marlow: tessa@example.com", "Work: tessa@example.com",
        "tessa@example.com (work)", "tessa@example.com - verified",
        "tessa@example.com (not verified)",
        "tessa@example.com; assistant: pa@example.com", "Managers Club: tessa@example.com",
        "Tessa (Manager) <tessa@example.com>", "tessa@example.com (Owner)",
        "tessa@example.com - Partner", "tessa@example.com (PA)",
    ],
)  # fmt: skip
def test_an_address_beside_other_words_is_taken(cell: str) -> None:
    assert address(cell) == "tessa@example.com"


def test_another_s_address_beside_the_person_s_is_kept_as_a_further_one() -> None:
    cell = "tessa@example.com, assistant: pa@example.com"
    assert split_emails(cell) == ("tessa@example.com", ["pa@example.com"])
    assert split_emails("assistant: pa@example.com, tessa@example.com") == (
        "tessa@example.com", ["pa@example.com"],
    )  # fmt: skip


@pytest.mark.parametrize(
    "cell",
    [
        "t***a@example.com", "*@example.com", "***@example.com", "***sa@example.com",
        "*essa@example.com", "••••@example.com", "••sa@example.com", "…sa@example.com",
        "{first}.{last}@example.com", "{{email}}@example.com", "{last}@example.com",
        "{f}{last}@example.com", "tessa|ivo@example.com", "'tessa'@example.com",
        "\"tessa\"@example.com", "tessa'@example.com", "`tessa`@example.com",
        "tessa^m@example.com", "[first].[last]@example.com", "<first>.<last>@example.com",
        "~first~.~last~@example.com", "t*@example.com", "[…]sa@example.com",
    ],
)  # fmt: skip
def test_a_masked_address_or_a_template_is_none(cell: str) -> None:
    assert address(cell) == ""
    assert odd_emails([cell]) == [0]


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("o'neil@example.com", "o'neil@example.com"),
        ("'o'neil@example.com'", "o'neil@example.com"),
        ("'tessa@example.com'", "tessa@example.com"),
        ("'tessa@example.com", "tessa@example.com"),
        ("**tessa@example.com**", "tessa@example.com"),
        ("*tessa@example.com*", "tessa@example.com"),
        ("• tessa@example.com", "tessa@example.com"),
        ("•tessa@example.com", "tessa@example.com"),
        ("* tessa@example.com", "tessa@example.com"),
        ("tessa@example.com*", "tessa@example.com"),
        ("{tessa@example.com}", "tessa@example.com"),
        ("|tessa@example.com|", "tessa@example.com"),
        ("`tessa@example.com`", "tessa@example.com"),
        ("tessa@example.com|ivo@example.com", "tessa@example.com"),
        ("Tessa | tessa@example.com", "tessa@example.com"),
        ("#tessa@example.com", "tessa@example.com"),
        ("t+m@example.com", "t+m@example.com"),
        ("a&b@c.com", "a&b@c.com"),
        ("tessa=m@example.com", "tessa=m@example.com"),
    ],
)
def test_marks_around_an_address_and_those_that_people_have_do_no_harm(
    cell: str, found: str
) -> None:
    assert address(cell) == found


def test_marks_that_nobody_has_make_no_address() -> None:
    assert not any(is_email(f"a{mark}b@example.com") for mark in "*{}|^`")
    assert all(is_email(f"a{mark}b@example.com") for mark in "'+&=/!#$%-?_~")


@pytest.mark.parametrize(
    "cell",
    [
        f"Manager: {BOSS}", f"manager {BOSS}".replace(" ", ": "), f"not {BOSS}",
        f"{BOSS} - wrong person", f"{BOSS} (wrong)", f"{BOSS} (assistant)", f"Assistant: {BOSS}/",
        "https://www.linkedin.com/in/company/fernhill", "linkedin.com/in/school/fernhill",
        "https://www.linkedin.com/in/tessa-mar…", "https://www.linkedin.com/in/tessa-mar...",
        "https://www.linkedin.com/in/tessa[...]", "https://www.linkedin.com/in/tessa***",
        "https://www.linkedin.com/in/tessa-mar%E2%80%A6", "https://www.linkedin.com/in/tessa-mar…/",
        "in/tes…low", "https://www.linkedin.com/in/tessa-mar%2E%2E%2E",
    ],
)  # fmt: skip
def test_a_profile_that_is_another_s_or_cut_off_is_none(cell: str) -> None:
    assert profile_slug(cell) == ""
    assert tidy_profile(cell) == cell
    assert usual_slugs([cell]) is None


@pytest.mark.parametrize(
    ("cell", "slug"),
    [
        ("LinkedIn: https://www.linkedin.com/in/tessa", "tessa"),
        ("Tessa Marlow, Manager https://www.linkedin.com/in/tessa", "tessa"),
        ("https://www.linkedin.com/in/tessa - Tessa Marlow", "tessa"),
        (f"https://www.linkedin.com/in/tessa, Manager: {BOSS}", "tessa"),
        ("https://www.linkedin.com/in/tessa.", "tessa"),
        ("https://www.linkedin.com/in/tessa*", "tessa"),
        ("https://www.linkedin.com/in/tessa (verified)", "tessa"),
        ("https://www.linkedin.com/in/tessa - Manager", "tessa"),
        ("https://www.linkedin.com/in/tessa/details/experience", "tessa"),
        ("https://www.linkedin.com/in/company", "company"),
        ("https://www.linkedin.com/in/tessa …", "tessa"),
    ],
)
def test_other_words_beside_a_profile_do_no_harm(cell: str, slug: str) -> None:
    assert profile_slug(cell) == slug
