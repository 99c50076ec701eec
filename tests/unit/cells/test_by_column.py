"""What is decided for a column at once is what is decided for each of its cells."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from listdrop.cells.countries import country_code
from listdrop.cells.emails import is_email, odd_emails
from listdrop.cells.phones import international, international_numbers, split_numbers
from listdrop.cells.profiles import profile_slug, profile_url, profile_urls, tidy_profile
from listdrop.cells.profiles import tidy_profiles as of_column
from listdrop.models import Outcome, row_result
from listdrop.providers.preparing import invalid_emails
from tests.support.thoroughness import examples

HOST = "https://www.linkedin.com/in/"
often = settings(derandomize=True, deadline=None, database=None, max_examples=examples(500))

USUAL = st.from_regex(r"https://www\.linkedin\.com/in/[a-z0-9-]{2,12}", fullmatch=True)
PLAIN = st.from_regex(r"https?://(www\.)?linkedin\.com/in/[A-Za-z0-9_-]{1,12}/?", fullmatch=True)
ODD_PROFILES = st.sampled_from(
    [
        "", "nothing", HOST, f"{HOST}me", f"{HOST}Unknown", f"{HOST}a", f"{HOST}{'a' * 201}",
        f"{HOST}zo%C3%AB", f"{HOST}ada/?x=1", f"{HOST}ada\n{HOST}bob", "in/ada",
        f"{HOST}ACwAAabcde", "ada",
        "linkedin.com/company/acme", f"{HOST}Zoë", f"{HOST}ada\n", f"\n{HOST}ada",
        f"{HOST}ada{HOST}b",
    ]
)  # fmt: skip


@often
@given(
    st.one_of(
        st.lists(USUAL, max_size=6),
        st.lists(PLAIN, max_size=6),
        st.lists(st.one_of(USUAL, ODD_PROFILES), max_size=6),
        st.lists(st.one_of(PLAIN, ODD_PROFILES, st.text(max_size=9)), max_size=6),
    )
)
def test_profiles(cells: list[str]) -> None:
    tidy, slugs = of_column(cells)
    assert list(slugs) == [profile_slug(text) for text in tidy]
    for cell, text in zip(cells, tidy, strict=True):
        assert text in (cell, tidy_profile(cell))
        assert profile_slug(text) == profile_slug(cell)
    assert profile_urls(slugs) == [profile_url(slug) for slug in slugs]


SURE = st.from_regex(r"\+[0-9]{1,3} ?[0-9]{2,4} [0-9]{2,3} ?[0-9]{2,4}", fullmatch=True)
NUMBERS = st.sampled_from(
    [
        "", "+44 020 7946 0003", "+44 (0)20 7946 0003", "0034600111222", "+34 600 111 222 ext. 7",
        "0600 111", "34600111222", "(650) 555-0101", "+370 8 26063911", "+1 1 0458010748", "n/a",
        "+55 90 2502564055", "+0049 30 5550104", "+34 600\n+34 601", "+ 34 600 111 222",
        "+7 80 1234567",
        "+34 600 111 222 / +34 600 111 223", "+39 02 5555 0155", "0151 23456789", "+", "+1",
    ]
)  # fmt: skip
COUNTRIES = st.sampled_from(["", "Spain", "DE", "United States", "Nowhere"])


@often
@given(
    st.one_of(
        st.lists(st.tuples(SURE, COUNTRIES), max_size=6),
        st.lists(st.tuples(st.one_of(SURE, NUMBERS), COUNTRIES), max_size=6),
    )
)
def test_telephone_numbers(rows: list[tuple[str, str]]) -> None:
    found = international_numbers([cell for cell, _ in rows], [country for _, country in rows])
    numbers = [(split_numbers(cell)[0], country_code(country)) for cell, country in rows]
    assert list(found) == [number and international(number, code) for number, code in numbers]


ADDRESSES = st.one_of(
    st.emails(),
    st.from_regex(r"[a-z]{1,5}(\.[a-z]{1,5})?@[a-z]{1,5}\.(com|co\.uk)", fullmatch=True),
    st.sampled_from(
        ["", "ada@", "a@b.co\n", "ada@example.com\nbob@example.com", f"{'a' * 65}@b.co"]
    ),
    st.text(max_size=6),
)


@often
@given(st.lists(ADDRESSES, min_size=1, max_size=6), st.booleans())
def test_addresses(cells: list[str], is_needed: bool) -> None:
    wanted = {
        place: row_result(Outcome.INVALID, "invalid_email" if cell else "missing_email")
        for place, cell in enumerate(cells)
        if not is_email(cell) and (cell or is_needed)
    }
    assert invalid_emails(cells, is_needed=is_needed) == wanted
    wrong = {place for place, cell in enumerate(cells) if not is_email(cell)}
    assert wrong <= set(odd_emails(cells))
    assert odd_emails(cells) == [
        place for place, cell in enumerate(cells) if odd_emails([cell]) == [0]
    ]
