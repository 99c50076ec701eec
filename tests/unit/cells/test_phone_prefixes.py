"""Telephone numbers with their code twice, or with a trunk digit after it."""

from __future__ import annotations

import pytest

from listdrop.cells.phones import international, international_numbers, split_numbers


@pytest.mark.parametrize(
    ("cell", "digits"),
    [
        ("+7 (8) 916 123-45-67", "79161234567"),
        ("+7 8 495 123 45 67", "74951234567"),
        ("+789161234567", "79161234567"),
        ("+7 7 916 123 45 67", "79161234567"),
        ("+1 1 650 555 0100", "16505550100"),
        ("+1 (1) 650 555 0100", "16505550100"),
        ("+1-1-650-555-0100", "16505550100"),
        ("+91 91 98765 43210", "919876543210"),
        ("+91 919876543210", "919876543210"),
        ("+44 44 20 7946 0018", "442079460018"),
        ("+33 33 6 12 34 56 78", "33612345678"),
        ("+33-33-6-12-34-56-78", "33612345678"),
        ("+39 39 06 12345678", "390612345678"),
        ("0033 33 6 12 34 56 78", "33612345678"),
    ],
)
def test_what_is_too_much_before_a_number_is_left_out(cell: str, digits: str) -> None:
    number, others = split_numbers(cell)
    assert (international(number), others) == (digits, [])
    assert list(international_numbers([cell], [""])) == [digits]
    assert next(iter(international_numbers([cell, "+49 30 5550104"], ["", ""]))) == digits


@pytest.mark.parametrize(
    ("cell", "digits"),
    [
        ("+7 812 123 45 67", "78121234567"),
        ("+7 727 250 12 34", "77272501234"),
        ("+1 800 555 0199", "18005550199"),
        ("+91 91987 65432", "919198765432"),
        ("+39 393 123 4567", "393931234567"),
        ("+55 55 99123 4567", "5555991234567"),
        ("+49 491 12345", "4949112345"),
        ("+49 4917 1234", "4949171234"),
        ("+370 612 34567", "37061234567"),
    ],
)
def test_a_number_that_begins_like_its_code_stays_as_it_is(cell: str, digits: str) -> None:
    number, _ = split_numbers(cell)
    assert number == cell
    assert international(number) == digits
    assert list(international_numbers([cell], [""])) == [digits]
