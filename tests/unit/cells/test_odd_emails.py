"""Addresses with marks, entities and half of another address beside them: never somebody else's."""

from __future__ import annotations

import pytest

from listdrop.cells.emails import odd_emails, split_emails
from listdrop.cells.values import cell_value
from listdrop.models import Prospect
from listdrop.prospects.columns import map_columns
from tests.support.prospects import prospect_of


def prospect(cells: dict[str, str]) -> Prospect:
    return prospect_of(list(cells.values()), map_columns(list(cells), {}))


@pytest.mark.parametrize(
    ("cell", "email"),
    [
        ("o&#39;neil@example.com", "o'neil@example.com"),
        ("o&#x27;neil@example.com", "o'neil@example.com"),
        ("o&apos;neil@example.com", "o'neil@example.com"),
        ("tessa&amp;ivo@example.com", "tessa&ivo@example.com"),
        ("tessa&amp;amp;ivo@example.com", "tessa&ivo@example.com"),
        ("&lt;tessa@example.com&gt;", "tessa@example.com"),
        ("Tessa &lt;tessa@example.com&gt;", "tessa@example.com"),
        ("&quot;tessa@example.com&quot;", "tessa@example.com"),
        ("tessa@example.com&nbsp;", "tessa@example.com"),
        ("tessa&#64;example.com", "tessa@example.com"),
        ("tessa@example.com;&nbsp;ivo@example.com", "tessa@example.com"),
    ],
)
def test_an_entity_is_the_letter_that_it_stands_for(cell: str, email: str) -> None:
    assert prospect({"Email": cell}).email == email


@pytest.mark.parametrize(
    "cell",
    [
        "tessa;ivo@example.com", "tessa,ivo@example.com", "o&#8217;neil@example.com",
        "tessa&nbsp;ivo@example.com", "o&nosuch;neil@example.com", "mary,ann;lee@example.com",
        "https://tessa@example.com", "http://example.com/tessa@example.com",
        "tessa.m;ivo@example.com extra", "Tessa Marlow,ivo@example.com",
        "https://user:word/ivo@example.com", "http://example.com:80/ivo@example.com",
        "http://example.com/mail/ivo@example.com", "http://example.com/1/ivo@example.com",
        "Email: tessa,ivo@example.com", "work tessa,ivo@example.com", "m,ivo@example.com",
        "tessa1,ivo@example.com", "1.tessa;ivo@example.com", "workman,ivo@example.com",
    ],
)  # fmt: skip
def test_what_may_be_the_end_of_an_address_is_none(cell: str) -> None:
    assert prospect({"Email": cell}).email is None


@pytest.mark.parametrize(
    "before",
    [
        "Email,", "work,", "email;", "E-mail;", "Work email,", "Email:,", "1,", "12;", "Tel:123;",
        "Phone 123,", "Tel. +49 30 5550104,", "Dr. Tessa,", "Frau Marlow;", "Name: Tessa Marlow,",
        "Tel: none,",
    ],
)  # fmt: skip
def test_a_label_a_number_or_a_titled_name_is_no_half_of_an_address(before: str) -> None:
    assert prospect({"Email": f"{before}tessa@example.com"}).email == "tessa@example.com"
    assert split_emails(f"{before}tessa@example.com") == ("tessa@example.com", [])


@pytest.mark.parametrize(
    "cell",
    [
        "=tessa@example.com", "+tessa@example.com", "/tessa@example.com", "%20tessa@example.com",
        "tessa@example.com%20", "%20%20tessa@example.com", "#tessa@example.com",
        "!tessa@example.com", "~tessa@example.com", "=\"tessa@example.com\"",
        "mailto:%20tessa@example.com", "mailto:tessa%40example.com", "/=tessa@example.com",
        "Tessa <%20tessa@example.com>", "N/A;tessa@example.com", "-,tessa@example.com",
        "tessa@;tessa@example.com", "\"Tessa\",tessa@example.com", "tessa@example.com/bo",
    ],
)  # fmt: skip
def test_a_mark_before_an_address_is_no_part_of_it(cell: str) -> None:
    assert prospect({"Email": cell}).email == "tessa@example.com"


@pytest.mark.parametrize("mark", ["&", "$", "^", "?", "%2"])
def test_an_address_after_a_mark_that_may_mean_anything_is_none(mark: str) -> None:
    assert prospect({"Email": f"{mark}tessa@example.com"}).email is None


def test_marks_inside_an_address_stay() -> None:
    for address in ("tessa=m@example.com", "tessa/m@example.com", "t+m@example.com", "a&b@c.com"):
        assert split_emails(address) == (address, [])


def test_the_placeholder_of_an_address_that_is_not_known_is_nobody_s() -> None:
    locked = "email_not_unlocked@domain.com"
    assert cell_value(locked) == ""
    assert odd_emails(["a@example.com", locked, "b@example.com"]) == [1]
    found = prospect({"Email": locked, "Personal Email": "tessa@example.com"})
    assert found.email == "tessa@example.com"
    assert "email" not in prospect({"Email": locked, "Name": "Tessa"}).fields


@pytest.mark.parametrize(
    "cell",
    ["tessa@example.co…", "tessa@example.co...", "Tessa <tessa@example.co…>", "tessa@example.co••"],
)
def test_an_address_that_is_cut_off_is_none(cell: str) -> None:
    assert prospect({"Email": cell}).email is None


@pytest.mark.parametrize("after", [".", "..", "*", " …", " (...)", "?"])
def test_a_mark_after_a_whole_address_is_none_of_it(after: str) -> None:
    assert prospect({"Email": f"tessa@example.com{after}"}).email == "tessa@example.com"
