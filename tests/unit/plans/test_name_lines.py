"""A name with a line end in its cell is one person's; what may be rows is none."""

from __future__ import annotations

import pytest

from tests.cases.reading import read_case


@pytest.mark.parametrize(
    ("cell", "first", "last"),
    [
        ("Tessa\nMarlow", "Tessa", "Marlow"),
        ("Tessa\r\nMarlow\n", "Tessa", "Marlow"),
        ("Tessa \n van der Berg", "Tessa", "van der Berg"),
        ("Anne-Marie\nO'Neil", "Anne-Marie", "O'Neil"),
    ],
)
def test_a_name_in_two_lines_is_joined(cell: str, first: str, last: str) -> None:
    content = f'"Name","Email"\n"{cell}","tessa@example.com"\n"Ivo Brandt","ivo@example.com"\n'
    found = read_case(content.encode(), "people.csv")
    assert not found.rejected
    assert (found.sent[1]["first_name"], found.sent[1]["last_name"]) == (first, last)
    assert found.sent[2]["first_name"] == "Ivo"


def test_a_last_name_with_a_comma_may_stand_above() -> None:
    found = read_case(b'Name;Email\n"Marlow,\nTessa";tessa@example.com\n', "people.csv")
    assert (found.sent[1]["first_name"], found.sent[1]["last_name"]) == ("Tessa", "Marlow")


@pytest.mark.parametrize(
    "content",
    [
        'Name,Email\n"Tessa\nMarlow,ivo@example.com",tessa@example.com\n',
        'Name,Email\n"Tessa\nivo@example.com",tessa@example.com\n',
        'Name,Email\n"Tessa\nMarlow\nIvo",tessa@example.com\n',
        'Name,Email\n"Tessa Marlow\nIvo Brandt",tessa@example.com\n',
        'Name,Email\n"Tessa\nhttps://x.example",tessa@example.com\n',
        'Name,Email\nTessa,"tessa@example.com\nMarlow"\n',
    ],
)
def test_what_may_be_rows_that_a_quote_swallowed_is_still_refused(content: str) -> None:
    assert read_case(content.encode(), "people.csv").rejected == "unreadable_quoting"
