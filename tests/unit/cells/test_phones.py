# ruff: noqa: RUF001 # names and marks in their own letters
"""One telephone number of a cell, or none; never the digits of two."""

from __future__ import annotations

import phonenumbers
import pytest
from phonenumbers import PhoneNumberType

from listdrop.cells.calling_codes import is_too_long
from listdrop.cells.countries import country_code
from listdrop.cells.phones import (
    FEWEST,
    are_plain_numbers,
    international,
    international_numbers,
    split_numbers,
)


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
    "number",
    [
        "(0351) 555010",
        "(0351) 555 010 11",
        "(02131) 5550104",
        "(0211) 555010",
        "[0351] 555010",
        "(030) 55501",
        "(0800) 555 010",
        "(11) 5550",
    ],
)
def test_brackets_around_an_area_are_no_digits(number: str) -> None:
    # An area and a number of as many characters were taken for two numbers.
    digits = sum(map(str.isdecimal, number))
    assert split_numbers(number) == ((number, []) if digits >= FEWEST else ("", []))


@pytest.mark.parametrize(
    "cell", ["5550101 5550102", "555 0101 555 0102", "(555) 0101 (555) 0102", "555010 555011"]
)
def test_two_similar_numbers_are_never_joined(cell: str) -> None:
    assert split_numbers(cell) == ("", [])


@pytest.mark.parametrize(
    "cell", ["2024-01-31", "1999-12-01", "2026-11-29 00:00:00", "2024/01/31", "2024.01.31"]
)
def test_a_date_is_no_number(cell: str) -> None:
    assert split_numbers(cell) == ("", [])


@pytest.mark.parametrize("number", ["2024-0131", "2024-13-31", "2024-01-32", "5024-01-31"])
def test_what_is_only_like_a_date_is_a_number(number: str) -> None:
    assert split_numbers(number) == (number, [])


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("03-5555-0104（代）", "03-5555-0104"),
        ("03-5555-0104（代表）", "03-5555-0104"),
        ("03-5555-0104 (直通)", "03-5555-0104"),
        ("090-5555-0104（携帯）", "090-5555-0104"),
        ("030 5550104 (Zentrale)", "030 5550104"),
        ("030 5550104 (Büro)", "030 5550104"),
        ("01 99 00 12 34 (perso)", "01 99 00 12 34"),
        ("600 555 010 (trabajo)", "600 555 010"),
        ("02 5555 0155 (ufficio)", "02 5555 0155"),
        ("601 555 010 (kom.)", "601 555 010"),
        ("+7 495 555-01-04 (раб.)", "+7 495 555-01-04"),
        ("010-5555-0104 (手机)", "010-5555-0104"),
    ],
)
def test_a_kind_in_brackets_is_cut_off(cell: str, number: str) -> None:
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


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("+1 650 555 0100 (136)", "+1 650 555 0100"),
        ("+1 (650) 555-0100 [136]", "+1 (650) 555-0100"),
        ("+7 495 123-45-67 (12)", "+7 495 123-45-67"),
        ("650 555 0100 (136)", "650 555 0100"),
        ("+1 650 555 0100 - 136", "+1 650 555 0100"),
        ("+1 650 555 0100-0101", "+1 650 555 0100"),
        ("+44 20 7946 0018-19", "+44 20 7946 0018"),
        ("+852 2345 6789-136", "+852 2345 6789"),
        ("+91 98765 43210 - 5", "+91 98765 43210"),
        ("+52 55 1234 5678 - 9", "+52 55 1234 5678"),
        ("+49 30 5550104-12", "+49 30 5550104-12"),
        ("+44 (0)20 7946 (0018)", "+44 20 7946 (0018)"),
        ("+7 (495) 123-45-67", "+7 (495) 123-45-67"),
        ("020 7946 (0018)", ""),
        ("+1 650-5550-10 (1367)", ""),
        ("+00000000000", ""),
        ("+0 650 555 0100", ""),
        ("+0044 20 7946 0018", "+0044 20 7946 0018"),
        ("[+44] 20 7946 0018", "[+44] 20 7946 0018"),
    ],
)
def test_an_extension_or_another_ending_is_never_run_into_a_number(cell: str, number: str) -> None:
    assert split_numbers(cell)[0] == number


@pytest.mark.parametrize(
    ("cell", "digits"),
    [
        ("+1 650 555 0100 136", "16505550100"),
        ("+44 20 7946 0018 19", "442079460018"),
        ("0044 20 7946 0018 19", "442079460018"),
        ("+1 650 5550100136", ""),
        ("+376 312 345 312 346", ""),
        ("+1 650 555 0100", "16505550100"),
        ("+49 30 5550104 12", "4930555010412"),
    ],
)
def test_groups_that_make_a_number_too_long_are_not_run_into_it(cell: str, digits: str) -> None:
    assert international(split_numbers(cell)[0]) == digits
    assert international_numbers([cell, "+44 20 7946 0018"], ["", ""])[0] == digits
    assert international_numbers([cell, "+44 (0)20 7946 0018"], ["", ""])[0] == digits


@pytest.mark.parametrize(
    ("cell", "digits"),
    [
        ("+39 (0)2 1234567", "39021234567"),
        ("+39(0)2 1234567", "39021234567"),
        ("0039 (0)2 1234567", "39021234567"),
        ("+39 (0)347 1234567", "393471234567"),
        ("+44 (0)20 7946 0018", "442079460018"),
        ("+378 (0)549 991234", "3780549991234"),
    ],
)
def test_a_zero_that_belongs_to_a_number_stays(cell: str, digits: str) -> None:
    assert international(split_numbers(cell)[0]) == digits


@pytest.mark.parametrize(
    ("number", "country", "digits"),
    [
        ("8 (495) 123-45-67", "RU", "74951234567"),
        ("84 24 3825 1234", "", "842438251234"),
        ("1 650 555 0100", "", "16505550100"),
        ("7 495 123-45-67", "", "74951234567"),
    ],
)
def test_a_single_digit_apart_is_a_prefix_unless_it_is_a_code(
    number: str, country: str, digits: str
) -> None:
    assert international(number, country) == digits


@pytest.mark.parametrize(
    "cell",
    [
        "+52 1 55 1234 5678", "+52 1 55-1234-5678", "+61 1300 123 456", "+61 1800 123 456",
        "+65 1800 123 4567", "+82 507-1345-6789", "+91 1860 345 1234", "+92 21 111 825 888",
        "+886 70 1234 5678", "+57 1 800 1234567", "+91-1860-345-1234", "+65 (1800) 123-4567",
    ],
)  # fmt: skip
def test_a_number_is_whole_though_others_of_its_country_are_shorter(cell: str) -> None:
    digits = "".join(filter(str.isdecimal, cell))
    assert international(split_numbers(cell)[0]) == digits
    assert international_numbers([cell, "+1 650 555 0100"], ["", ""]) == [digits, "16505550100"]


def test_each_kind_of_number_that_the_library_knows_is_whole() -> None:
    for kind in PhoneNumberType.values():
        for region in phonenumbers.SUPPORTED_REGIONS:
            example = phonenumbers.example_number_for_type(region, kind)
            if example is None:
                continue
            digits = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)[1:]
            if len(digits) < FEWEST:
                continue
            cell = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
            for written in {cell, cell.replace("-", " "), cell.replace(" ", "-")}:
                assert international(split_numbers(written)[0]) == digits, written
                assert international_numbers([written, "x"], ["", ""])[0] == digits, written


def test_no_number_that_the_library_knows_is_too_long() -> None:
    for region in phonenumbers.SUPPORTED_REGIONS:
        for kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE):
            example = phonenumbers.example_number_for_type(region, kind)
            if example:
                number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
                assert not is_too_long(number)
    assert is_too_long("+165055501001")
    assert is_too_long("+4420794600181")


@pytest.mark.parametrize(
    "cell",
    [
        "+1 650 555 ****", "+1 650 555-01**", "+1650555****", "***-555-0100", "**** *** 5550100",
        "+1 (650) 555-••••", "+33 6 12 34 .. ..", "+33 6 12 34 ?? ??", "+1 650 555 01##",
        "+49 171 12345…", "+49 171 12345...", "●● 5550100",
    ],
)  # fmt: skip
def test_a_number_of_which_digits_are_hidden_is_none(cell: str) -> None:
    assert split_numbers(cell) == ("", [])
    assert split_numbers(f"{cell}; +1 650 555 0199")[0] == "+1 650 555 0199"


@pytest.mark.parametrize("cell", ["+1 650 555 0100*", "* +1 650 555 0100", "+1 650 555 0100."])
def test_a_mark_beside_a_number_hides_no_digits(cell: str) -> None:
    assert split_numbers(cell)[0] == "+1 650 555 0100"
