from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listdrop.cells.emails import _PLAIN_EMAIL, is_email, odd_emails
from listdrop.cells.profiles import profile_slug, profile_url
from listdrop.cells.tags import tag_list
from listdrop.errors import InvalidRowError
from listdrop.models import Prospect
from listdrop.prospects.columns import map_columns
from listdrop.prospects.mapping import Mapper
from listdrop.providers.preparing import full_names, required_email, required_profile
from tests.support.prospects import prospect_of
from tests.support.thoroughness import examples


def prospect(**fields: str) -> Prospect:
    columns = map_columns(["notes", *fields], {})
    return prospect_of(["", *fields.values()], columns)


# ---------------------------------------------------------------- e-mail addresses


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.com",
        "ada.lovelace+list@mail.example.co.uk",
        "a@b.io",
        "o'rourke@example.com",
        "x_y-z@exa-mple.com",
        "!#$%&'+/=?~@example.com",
        "1@2.org",
        "ADA@EXAMPLE.COM",
        "jürgen@example.com",
        "ada@müller.example",
        "ada@例え.テスト",
        "ada@xn--mller-kva.xn--p1ai",
        f"{'a' * 64}@example.com",
        f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.com",
    ],
)
def test_an_address_that_can_get_mail_is_one(address: str) -> None:
    assert is_email(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@example",
        "ada@.com",
        "ada@example.",
        "ada@example.c",
        "ada@example.123",
        "ada@127.0.0.1",
        "ada@exam ple.com",
        "ada @example.com",
        " ada@example.com",
        "ada@example.com\n",
        "ada@example.com,grace@example.com",
        "ada@example.com; grace@example.com",
        "ada@@example.com",
        "ada@grace@example.com",
        ".ada@example.com",
        "ada.@example.com",
        "a..da@example.com",
        "ada@-example.com",
        "ada@example-.com",
        "ada@exa_mple.com",
        "ada(at)example.com",
        '"ada"@example.com',
        "<ada@example.com>",
        "Ada <ada@example.com>",
        "mailto:ada@example.com",
        "a\x00da@example.com",
        "ada@[127.0.0.1]",
        f"{'a' * 65}@example.com",
        f"ada@{'b.' * 124}example.com",
    ],
)
def test_what_is_not_one_address_is_none(address: str) -> None:
    assert not is_email(address)


def test_a_missing_address_and_a_wrong_one_have_their_own_reasons() -> None:
    for fields, reason in (({}, "missing_email"), ({"email": "ada"}, "invalid_email")):
        with pytest.raises(InvalidRowError) as invalid:
            required_email(prospect(**fields))
        assert invalid.value.reason == reason
        assert invalid.value.text.endswith(".")


def test_an_address_is_sent_as_it_was_written() -> None:
    assert required_email(prospect(email="Ada@Example.com")) == "Ada@Example.com"


def test_a_reason_never_quotes_the_address() -> None:
    with pytest.raises(InvalidRowError) as invalid:
        required_email(prospect(email="ada(at)example.com"))
    assert "ada" not in f"{invalid.value}{invalid.value.text}"


# ---------------------------------------------------------------- LinkedIn profiles


@pytest.mark.parametrize(
    ("address", "slug"),
    [
        ("https://www.linkedin.com/in/ada-lovelace", "ada-lovelace"),
        ("https://www.linkedin.com/in/ada-lovelace/", "ada-lovelace"),
        ("http://linkedin.com/in/ada-lovelace", "ada-lovelace"),
        ("linkedin.com/in/ada-lovelace", "ada-lovelace"),
        ("www.linkedin.com/in/ada-lovelace", "ada-lovelace"),
        ("in/ada-lovelace", "ada-lovelace"),
        ("https://uk.linkedin.com/in/ada-lovelace", "ada-lovelace"),
        ("https://m.linkedin.com/in/ada-lovelace", "ada-lovelace"),
        ("https://WWW.LinkedIn.com/IN/Ada-Lovelace", "Ada-Lovelace"),
        ("https://www.linkedin.com/in/ada-lovelace?utm=x&y=z", "ada-lovelace"),
        ("https://www.linkedin.com/in/ada-lovelace#about", "ada-lovelace"),
        ("https://www.linkedin.com/in/ada-lovelace/details/experience/", "ada-lovelace"),
        ("https://www.linkedin.com/in/ada-lovelace/de", "ada-lovelace"),
        ("  https://www.linkedin.com/in/ada-lovelace  ", "ada-lovelace"),
        ("https://www.linkedin.com//in//ada-lovelace", "ada-lovelace"),
        ("https://www.linkedin.com/in/%E4%BE%8B-3", "例-3"),
        ("https://www.linkedin.com/in/例-3", "例-3"),
        ("https://www.linkedin.com/in/ACoAAB_x-1", "ACoAAB_x-1"),
        ("https://www.linkedin.com/mwlite/in/ada-lovelace", "ada-lovelace"),
        ("linkedin.com/MWLite/in/ada-lovelace/?x=y", "ada-lovelace"),
        ("<https://www.linkedin.com/in/ada-lovelace>", "ada-lovelace"),
        (" <linkedin.com/in/ada-lovelace/> ", "ada-lovelace"),
    ],
)
def test_a_public_profile_has_a_slug_however_it_is_written(address: str, slug: str) -> None:
    assert profile_slug(address) == slug


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada-lovelace",
        "https://www.linkedin.com/",
        "https://www.linkedin.com/in/",
        "https://www.linkedin.com/in//",
        "https://www.linkedin.com/company/engine-works",
        "https://www.linkedin.com/school/example",
        "https://www.linkedin.com/sales/lead/ACwAAB,NAME,x",
        "https://www.linkedin.com/sales/people/ACwAAB",
        "https://www.linkedin.com/pub/ada/1/2/3",
        "https://www.linkedin.com/feed/in/ada",
        "https://www.linkedin.com/mwlite/company/in/ada",
        "https://www.linkedin.com/mwlite/in/",
        "https://linkedin.com.example.com/in/ada",
        "https://notlinkedin.com/in/ada",
        "https://example.com/linkedin.com/in/ada",
        "https://linkedin.com@example.com/in/ada",
        "https://[::1/in/ada",
        "https://www.linkedin.com/in/a%20b",
        "https://www.linkedin.com/in/a%2Fb",
        "https://www.linkedin.com/in/%3Cscript%3E",
        "https://www.linkedin.com/in/a%00b",
        "https://www.linkedin.com/in/..",
        "https://www.linkedin.com/in/ad%E9le",
        f"https://www.linkedin.com/in/{'a' * 201}",
    ],
)
def test_what_is_not_a_public_profile_has_no_slug(address: str) -> None:
    assert profile_slug(address) == ""


def test_a_missing_profile_and_a_wrong_one_have_their_own_reasons() -> None:
    for fields, reason in (
        ({}, "missing_linkedin_url"),
        ({"linkedin_url": "linkedin.com/company/x"}, "invalid_linkedin_url"),
    ):
        with pytest.raises(InvalidRowError) as invalid:
            required_profile(prospect(**fields))
        assert invalid.value.reason == reason
        assert invalid.value.text.endswith(".")


def test_a_profile_is_found_in_its_row() -> None:
    assert required_profile(prospect(linkedin_url="linkedin.com/in/ada")) == "ada"


@pytest.mark.parametrize("slug", ["ada-lovelace", "例-3", "ACoAAB_x-1", "ad·a", "a.b", "a~b"])
def test_a_canonical_address_leads_back_to_its_slug(slug: str) -> None:
    address = profile_url(slug)
    assert address.isascii()
    assert address.startswith("https://linkedin.com/in/")
    assert profile_slug(address) == slug


def test_a_canonical_address_has_the_host_that_a_provider_wants() -> None:
    assert profile_url("ada", "www.linkedin.com") == "https://www.linkedin.com/in/ada"


# ---------------------------------------------------------------- names and tags


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"first_name": "Ada", "last_name": "Lovelace", "full_name": "A. L."}, "Ada Lovelace"),
        ({"full_name": "Ada King"}, "Ada King"),
        ({"first_name": "Ada", "full_name": "Ada King"}, "Ada King"),
        ({"last_name": "King", "full_name": "Ada King"}, "Ada King"),
        ({"first_name": "Ada"}, "Ada"),
        ({"last_name": "King"}, "King"),
        ({}, ""),
    ],
)
def test_a_whole_name_comes_from_whichever_fields_there_are(
    fields: dict[str, str], name: str
) -> None:
    columns = map_columns(["notes", *fields], {})
    mapped = Mapper(columns).map([["", *fields.values()]])
    assert full_names(mapped.prospects(None, frozenset())) == [name]


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        ("", []),
        ("spring", ["spring"]),
        ("spring; fair | spring ;;", ["spring", "fair"]),
        ("one, two", ["one", "two"]),
        ("one, two; three", ["one, two", "three"]),
        (" ; | ", []),
        ('"Customer"', ["Customer"]),
        (
            '"Customer","Spring; fair", "one, two" ,"Customer",""',
            ["Customer", "Spring; fair", "one, two"],
        ),
        ('a "quoted" word', ['a "quoted" word']),
        ("* myContacts", ["myContacts"]),
        ("Friends ::: * myContacts ::: Friends", ["Friends", "myContacts"]),
        ("5* hotel", ["5* hotel"]),
    ],
)
def test_a_cell_of_tags_is_split_without_repeats(cell: str, tags: list[str]) -> None:
    assert tag_list(cell) == tags


@settings(derandomize=True, deadline=None, database=None, max_examples=examples(500))
@given(
    st.lists(st.one_of(st.from_regex(_PLAIN_EMAIL.pattern, fullmatch=True), st.text()), min_size=1)
)
def test_what_is_found_to_be_a_plain_address_is_one_by_the_whole_rule(texts: list[str]) -> None:
    odd = odd_emails(texts)
    assert odd == sorted(set(odd))
    assert all(is_email(text) for place, text in enumerate(texts) if place not in odd)


def test_a_long_address_is_odd_and_does_not_make_the_others_so() -> None:
    long, plain = f"{'a' * 65}@example.com", "ada@example.com"
    assert odd_emails([long, plain]) == [0]


def test_two_addresses_on_two_lines_of_a_cell_are_not_one() -> None:
    both = "ada@example.com\nbob@example.com"
    assert odd_emails([both, "eve@example.com"]) == [0]
