# ruff: noqa: RUF001 # names and marks in their own letters
"""One telephone number of a cell, or none; never the digits of two."""

from __future__ import annotations

import pytest

from listdrop.cells.countries import country_code
from listdrop.cells.phones import are_plain_numbers, international, split_numbers


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("+1 650 555 0100 x136", "+1 650 555 0100"),
        ("+1 650 555 0100 extension 136", "+1 650 555 0100"),
        ("+1 (650) 555-0100 #4", "+1 (650) 555-0100"),
        ("+33 1 99 00 12 34 poste 12", "+33 1 99 00 12 34"),
        ("+49 89 1234567 Durchwahl 12", "+49 89 1234567"),
        ("+39 02 5555 0155 int. 3", "+39 02 5555 0155"),
        ("+55 11 5555 0155 ramal 21", "+55 11 5555 0155"),
        ("+48 58 555 01 02 wew. 7", "+48 58 555 01 02"),
        ("+7 (495) 123-45-67 доб. 12", "+7 (495) 123-45-67"),
        ("+44 20 7946 0003;ext=7", "+44 20 7946 0003"),
        ("+44 (0)20 7946 0003", "+44 20 7946 0003"),
        ("+49(0)30 5550104", "+49 30 5550104"),
        ("(0)30 5550104", "030 5550104"),
        ("tel:+44-20-7946-0003", "+44-20-7946-0003"),
        ("Tel.: 030 5550104", "030 5550104"),
        ("Mobile: +49 171 5550105", "+49 171 5550105"),
        ("+49 171 5550105 (mobile)", "+49 171 5550105"),
        ("📞 +49 30 5550104", "+49 30 5550104"),
        ("15551234567.0", "15551234567"),
        ("＋４９ ３０ ５５５０１０４", "+49 30 5550104"),
        ("٠١١٢٣٤٥٦٧٨٩", "01123456789"),
        ("+49\u00a030\u00a05550104", "+49 30 5550104"),
        ("030/5550104", "030 5550104"),
        ("+49 89 12345-678", "+49 89 12345-678"),
    ],
)
def test_a_number_comes_without_what_is_not_of_it(cell: str, number: str) -> None:
    assert split_numbers(cell) == (number, [])


@pytest.mark.parametrize(
    ("cell", "number", "others"),
    [
        ("+49 30 5550104 / +49 171 5550105", "+49 30 5550104", ["+49 171 5550105"]),
        ("+1 650 555 0106, +1 650 555 0107", "+1 650 555 0106", ["+1 650 555 0107"]),
        ("+1 650 555 0106 +1 650 555 0107", "+1 650 555 0106", ["+1 650 555 0107"]),
        ("+1 650 555 0106 or +1 650 555 0107", "+1 650 555 0106", ["+1 650 555 0107"]),
        ("030 5550104 oder 0171 5550105", "030 5550104", ["0171 5550105"]),
        ("030 5550104\n0171 5550105", "030 5550104", ["0171 5550105"]),
        ("+1 650 555 0100 x1 / +1 650 555 0101 x2", "+1 650 555 0100", ["+1 650 555 0101"]),
        ("5550104/105", "5550104", []),
        ("+49 30 5550104; ask for Tom", "+49 30 5550104", []),
    ],
)
def test_of_several_numbers_the_first_counts(cell: str, number: str, others: list[str]) -> None:
    assert split_numbers(cell) == (number, others)


@pytest.mark.parametrize(
    "cell",
    [
        "020 7946 0003 020 7946 0004", "555 0101 555 0102", "5550106 5550107", "4.9E11",
        "12345", "call after 18h", "call 2079460018 after 18h", "1-800-FLOWERS", "n/a", "x136", "+",
        "ext. 4", "1234567890123456", "5550104/12345",
    ],
)  # fmt: skip
def test_what_is_not_one_number_is_none(cell: str) -> None:
    assert split_numbers(cell)[0] == ""


@pytest.mark.parametrize(
    "numbers",
    [
        ["+44 20 7946 0011", "", "+34600111222"],
        ["447700900011", "+1-650-555-0100"],
        ["+12 345 678", "+123456789012345"],
    ],
)
def test_plain_numbers_are_found_for_all_at_once(numbers: list[str]) -> None:
    filled = zip(numbers, are_plain_numbers(numbers), strict=True)
    assert all(is_plain for number, is_plain in filled if number)
    assert [split_numbers(number)[0] for number in numbers] == numbers


@pytest.mark.parametrize("cell", ["+1 650 +1 650 555", "+1 2 3", "+44 (0)20 7946 0003", "n/a"])
def test_what_may_be_two_numbers_is_never_plain(cell: str) -> None:
    assert not all(are_plain_numbers([cell]))
    assert not all(are_plain_numbers([cell, "+44 20 7946 0011"]))


@pytest.mark.parametrize(
    ("number", "country", "digits"),
    [
        ("+44 20 7946 0003", "", "442079460003"),
        ("0044 20 7946 0003", "DE", "442079460003"),
        ("+44 020 7946 0003", "", "442079460003"),
        ("+39 02 5555 0155", "", "390255550155"),
        ("(650) 555-0101", "US", "16505550101"),
        ("0151 23456789", "DE", "4915123456789"),
        ("01 99 00 12 34", "FR", "33199001234"),
        ("353871234567", "", "353871234567"),
        ("353871234567", "IE", "353871234567"),
        ("(650) 555-0101", "", ""),
        ("4155550101", "", ""),
        ("0151 23456789", "", ""),
        ("34600111222", "DE", ""),
        ("555-0101", "ZZ", ""),
    ],
)
def test_international_digits_need_a_country(number: str, country: str, digits: str) -> None:
    assert international(number, country) == digits


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("United Kingdom", "GB"),
        ("UK", "GB"),
        ("DE", "DE"),
        ("Deutschland", "DE"),
        ("Niemcy", "DE"),
        ("ESPAÑA", "ES"),
        ("USA", "US"),
        ("日本", "JP"),
        ("Nowhere", ""),
        ("in", ""),
        ("", ""),
    ],
)
def test_a_country_has_many_names(name: str, code: str) -> None:
    assert country_code(name) == code
