# ruff: noqa: RUF001 # marks as people type them
"""Profiles with something beside the slug: it is cut off where that is certain, or none is left."""

from __future__ import annotations

import pytest

from listdrop.cells.profiles import profile_slug, tidy_profile

HOST = "https://www.linkedin.com/in/"


@pytest.mark.parametrize(
    "rest",
    [
        "tessa marlow", "Tessa Marlow", "tessa -m", "tessa\u00a0marlow", "tessa- m",
        "tessa-mhttps://www.linkedin.com/in/ivo-b", "tessa-mhttp://x.com", "tessa-mwww.x.com/t",
        "tessa-mlinkedin.com/in/ivo-b", "in", "unavailable/", "tessa@m", "tessa-m’s", "tessa-m's",
        "tessa+marlow", "tessa%20marlow", "tessa)marlow", "tessa）marlow", "tessa\\nmarlow",
        "tessa%5Cm", "tessa=m", "tessa^m", "tessa€m", "tessa\u202em", "“tessa",
        "tessa&nbsp;marlow", "tessa\u3000marlow",
    ],
)  # fmt: skip
def test_what_may_be_part_of_a_slug_makes_it_none(rest: str) -> None:
    assert profile_slug(f"{HOST}{rest}") == ""


@pytest.mark.parametrize(
    "tail",
    [
        "）", "】", "」", "。", "，x", "\\", "+", "~", "»", ".html", ".htm", "´", "=", "&quot;",
        " (Sales)", " [x]", " - Fernhill", " – Fernhill", " | Tessa", " • 2nd", " https://x.com/t",
        " www.x.com/t", " x.com/tessa", " tessa@example.com", "\nTessa Marlow", "\tTessa", " ",
        "/ Tessa Marlow", "?x=1 Tessa", "&amp;trk=1", ", Tessa", "; Tessa",
    ],
)  # fmt: skip
def test_what_is_certainly_not_of_a_slug_is_cut_off(tail: str) -> None:
    assert profile_slug(f"{HOST}tessa-m{tail}") == "tessa-m"
    assert tidy_profile(f"{HOST}tessa-m{tail}".strip()).rstrip("/") in (f"{HOST}tessa-m",)


@pytest.mark.parametrize(
    "written", ["ada-lovelace-c%2B%2B", "ada-lovelace-c%2b%2b/", "ada-lovelace-c%252B%252B"]
)
def test_a_mark_that_is_encoded_is_part_of_a_slug(written: str) -> None:
    assert profile_slug(f"{HOST}{written}") == "ada-lovelace-c++"
    assert profile_slug(f"{HOST}{written}, Ada") == "ada-lovelace-c++"
    assert profile_slug(f"{HOST}{written},Ada") == "ada-lovelace-c++"
    assert profile_slug(f"<{HOST}{written}>") == "ada-lovelace-c++"
    assert profile_slug(tidy_profile(f"{HOST}{written}")) == "ada-lovelace-c++"


@pytest.mark.parametrize(
    "written", ["ada-c%23", "ada-c%24", "ada-%26", "ada-c%3D", "ada-c%EF%BC%8B"]
)
def test_an_encoded_mark_that_no_slug_has_makes_it_none(written: str) -> None:
    assert profile_slug(f"{HOST}{written}") == ""


@pytest.mark.parametrize("written", ["tessa-m%22", "tessa-m%E2%80%9D", "tessa-m%27", "tessa-m%20"])
def test_an_encoded_quotation_mark_or_blank_is_no_part_of_a_slug(written: str) -> None:
    assert profile_slug(f"{HOST}{written}") == "tessa-m"


@pytest.mark.parametrize(
    "badge",
    [
        "1st", "2nd", "3rd", "3rd+", "2nd degree connection", "LinkedIn", "linkedin", "verified",
        "Verified profile", "Profile", "• 2nd", "2nd, Fernhill",
    ],
)  # fmt: skip
def test_what_linkedin_shows_beside_a_name_is_no_part_of_a_slug(badge: str) -> None:
    assert profile_slug(f"{HOST}ada-lovelace {badge}") == "ada-lovelace"


@pytest.mark.parametrize(
    "word", ["2nd-ada", "profiler", "linkedinada", "1stada", "verifiedx", "4th"]
)
def test_a_word_that_only_begins_like_a_badge_may_be_part_of_a_slug(word: str) -> None:
    assert profile_slug(f"{HOST}ada-lovelace {word}") == ""


@pytest.mark.parametrize(
    "cell",
    [
        f'"{HOST}tessa-m"', f"'{HOST}tessa-m'", f"“{HOST}tessa-m”", f"«{HOST}tessa-m»",
        f"`{HOST}tessa-m`", f'["{HOST}tessa-m"]', f"&quot;{HOST}tessa-m&quot;", f"[{HOST}tessa-m]",
        "https://touch.www.linkedin.com/in/tessa-m", "https://touch.linkedin.com/in/tessa-m",
        "https://www.linkedin.com/mwlite/profile/in/tessa-m", f"{HOST}in/tessa-m",
        "linkedin.com/in/in/in/tessa-m/", "https://m.www.linkedin.com/in/tessa-m",
    ],
)  # fmt: skip
def test_a_profile_is_found_in_quotation_marks_and_at_its_mobile_addresses(cell: str) -> None:
    assert profile_slug(cell) == "tessa-m"


@pytest.mark.parametrize(
    "slug",
    [
        "tessa-m-🚀-12",
        "👩🏽‍💻-tessa",
        "o’neil-1",
        "gal·la",
        "张伟-123",
        "josé-n",
        "tessa–m",
        "d'angelo",
    ],
)
def test_letters_and_signs_that_slugs_have_stay(slug: str) -> None:
    assert profile_slug(f"{HOST}{slug}") == slug


def test_of_two_profiles_the_second_is_not_taken_where_the_first_is_uncertain() -> None:
    assert profile_slug(f"{HOST}tessa marlow {HOST}ivo-b") == ""
    assert profile_slug(f"{HOST}tessa-m {HOST}ivo-b") == "tessa-m"
    assert profile_slug(f"{HOST}me, {HOST}ivo-b") == "ivo-b"


def test_a_profile_inside_another_site_s_url_stays_nobody_s() -> None:
    for url in (f"https://evil.com/?u={HOST}x-y", "https://www.linkedin.com.evil.com/in/x-y"):
        assert profile_slug(url) == ""
