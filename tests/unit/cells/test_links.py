# ruff: noqa: RUF001 # names and marks in their own letters
"""Profiles and addresses, however they are written."""

from __future__ import annotations

import pytest

from listdrop.cells.emails import is_email, split_emails
from listdrop.cells.profiles import is_member_id, profile_slug, tidy_profile, tidy_profiles
from listdrop.cells.values import cell_value
from listdrop.prospects.columns import map_columns
from tests.support.prospects import prospect_of

HOST = "https://www.linkedin.com/in/"


@pytest.mark.parametrize("tail", [",", "!", ":", "*", "'", "|", ".", ";", ")", "”", "?x=1,2"])
def test_marks_after_a_slug_are_cut_off(tail: str) -> None:
    assert profile_slug(f"{HOST}ada-1{tail}") == "ada-1"
    assert tidy_profile(f"{HOST}ada-1{tail}") == f"{HOST}ada-1"


@pytest.mark.parametrize(
    ("cell", "slug"),
    [
        ("https://www.linkedin.com/comm/in/ada-1?trk=x", "ada-1"),
        (f"{HOST}%25C3%25A5sa-1", "åsa-1"),
        (f"[Ada]({HOST}ada-1)", "ada-1"),
        (f"[{HOST}ada-1]({HOST}bo-2)", "ada-1"),
        (f'=HYPERLINK("{HOST}ada-1","Ada")', "ada-1"),
        (f"LinkedIn: {HOST}ada-1", "ada-1"),
        (f"{HOST}ada-1 / https://x.com/ada", "ada-1"),
        (f"https://x.com/ada, {HOST}ada-1", "ada-1"),
        (f"{HOST}ada-1/details/experience/", "ada-1"),
    ],
)
def test_a_profile_is_found_however_it_is_written(cell: str, slug: str) -> None:
    assert profile_slug(cell) == slug


@pytest.mark.parametrize(
    "cell",
    [
        f"{HOST}me", f"{HOST}me/", f"{HOST}unknown", f"{HOST}null", f"{HOST}{{{{slug}}}}",
        f"{HOST}%7B%7Bslug%7D%7D", f"{HOST}[name]", f"{HOST}<slug>", f"{HOST}:slug",
        f"{HOST}${{slug}}", f"{HOST}your-name", f"{HOST}https://example.com", f"{HOST}%s",
        f"https://www.google.com/url?q={HOST}ada-1", "https://lnkd.in/abc", "ada-1", "@ada",
    ],
)  # fmt: skip
def test_placeholders_and_other_addresses_are_no_profiles(cell: str) -> None:
    assert profile_slug(cell) == ""
    assert tidy_profile(cell) == cell


def test_a_public_slug_comes_before_a_member_s_number() -> None:
    columns = map_columns(["LinkedIn URL", "Profile URL"], {})
    for cells in ([f"{HOST}ACwAAB1234xyz", f"{HOST}ada-1"], [f"{HOST}ada-1", f"{HOST}ACoAAB1234x"]):
        assert prospect_of(cells, columns).fields["linkedin_url"] == f"{HOST}ada-1"
    alone = prospect_of([f"{HOST}ACwAAB1234xyz", ""], columns)
    assert alone.fields["linkedin_url"] == f"{HOST}ACwAAB1234xyz"


@pytest.mark.parametrize(
    ("slug", "is_number"),
    [("ACwAAB1234xyz", True), ("ACoAAABCDE", True), ("acwaa-example", False), ("ada", False)],
)
def test_a_member_s_number_is_told_from_a_slug(slug: str, is_number: bool) -> None:
    assert is_member_id(slug) is is_number


def test_tidy_profiles_are_left_as_they_are() -> None:
    tidy = [f"{HOST}ada-1", "", f"{HOST}bo_2"]
    assert tidy_profiles(tidy)[0] is tidy
    others = ["linkedin.com/in/ada", f"{HOST}ada/", f"{HOST}cy,", "http://de.linkedin.com/in/x-y"]
    assert tidy_profiles(others)[0] == [*others[:2], f"{HOST}cy", others[3]]


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    "cell",
    [
        "“ada@example.com”", "‘ada@example.com’", "«ada@example.com»", "•ada@example.com",
        "• ada@example.com", "1. ada@example.com", "- ada@example.com", "📧 ada@example.com",
        "📧ada@example.com", "(ada@example.com)", "[ada@example.com]", "*ada@example.com*",
        "ada＠example.com", "ada@example．com", "ａｄａ@example.com", "ada@example。com",
        '["ada@example.com"]', '{"email": {"value": "ada@example.com"}}', "Email:ada@example.com",
        "`ada@example.com`", "ada@example.com …", "„ada@example.com“",
    ],
)  # fmt: skip
def test_an_address_is_taken_out_of_what_it_is_written_in(cell: str) -> None:
    assert split_emails(cell) == ("ada@example.com", [])


@pytest.mark.parametrize(
    "address",
    [
        "“ada@example.com",
        "•ada@example.com",
        "ada’s@example.com",
        "😀@example.com",
        "ａ@example.com",
    ],
)
def test_no_address_has_marks_in_it(address: str) -> None:
    assert not is_email(address)


@pytest.mark.parametrize(
    "cell", ["a:b@example.com", "ada lovelace@example.com", '{"a": "@"}', "[[["]
)
def test_what_is_no_address_is_left_for_the_check(cell: str) -> None:
    assert split_emails(cell) == (cell, [])


# ---------------------------------------------------------------- empty cells


@pytest.mark.parametrize(
    "cell",
    [
        "\\N", "\\n", "(null)", "<null>", "NULL", "k.A.", "k. A.", "keine Angabe", "keine angabe",
        "#N/A", "#NV", "#N/D", "#BEZUG!", "#¡REF!", "n.v.t.", "s/o", "non renseigné",
        "sin datos", "нет данных", "なし", "<NA>", "NaN", "(not set)", "...",
    ],
)  # fmt: skip
def test_what_stands_for_nothing_is_empty(cell: str) -> None:
    assert cell_value(cell) == ""
