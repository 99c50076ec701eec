"""Words in names that are no names: patronymics, particles, pronouns, what programs put in."""

from __future__ import annotations

import pytest

from listdrop.cells.names import Order, first_part, tidy_part, whole_name


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Иванов Иван Иванович", "Иван", "Иванов"),
        ("Иванова Анна Сергеевна", "Анна", "Иванова"),
        ("Анна Сергеевна Иванова", "Анна", "Иванова"),
        ("Кузьмин Пётр Ильич", "Пётр", "Кузьмин"),
        ("Ильина Ольга Никитична", "Ольга", "Ильина"),
        ("Шевченко Олег Андрійович", "Олег", "Шевченко"),
        ("Шевченко Олена Іванівна", "Олена", "Шевченко"),
        ("Иван Иванович Лукашевич", "Иван", "Лукашевич"),
        ("Иван Петров", "Иван", "Петров"),
        ("Георги Иванов Петров", "Георги", "Иванов Петров"),
        ("John Peter Markovich", "John", "Peter Markovich"),
        ("Berg, Jan van der", "Jan", "van der Berg"),
        ("Goethe, Johann Wolfgang von", "Johann Wolfgang", "von Goethe"),
        ("Berg, Jan", "Jan", "Berg"),
        ("Lee, Ben", "Ben", "Lee"),
        ("Marlow, Tessa San", "Tessa San", "Marlow"),
        ("van der Berg, Jan", "Jan", "van der Berg"),
        ("Tessa null", "Tessa", ""),
        ("Tessa undefined", "Tessa", ""),
        ("Tessa N/A", "Tessa", ""),
        ("Dr. Tessa null", "Tessa", ""),
        ("null Marlow", "", "Marlow"),
        ("Anna Maria null", "Anna", ""),
        ("Tessa null Marlow", "Tessa", "Marlow"),
        ("nan nan", "", ""),
        ("null undefined", "", ""),
        ("Tessa Null", "Tessa", "Null"),
        ("Nan Marlow", "Nan", "Marlow"),
        ("Li Na", "Li", "Na"),
        ("John Smith she/her", "John", "Smith"),
        ("John Smith (she/her)", "John", "Smith"),
        ("Tessa Marlow, They/Them", "Tessa", "Marlow"),
        ("Tessa Marlow he/him/his", "Tessa", "Marlow"),
        ("Tessa Marlow sie / ihr", "Tessa", "Marlow"),
        ("Tessa She", "Tessa", "She"),
        ("J\ufffdrgen Marlow", "", ""),
        ("Jürgen Marlow", "Jürgen", "Marlow"),
    ],
)
def test_a_whole_name_is_parted_right(text: str, first: str, last: str) -> None:
    name = whole_name(text)
    assert (name.first, name.last) == (first, last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Nguyễn Văn An", "Văn An", "Nguyễn"),
        ("Nguyễn Thùy Dương", "Thùy Dương", "Nguyễn"),
        ("Trần Minh Hoàng", "Minh Hoàng", "Trần"),
        ("Phạm Lâm", "Lâm", "Phạm"),
        ("Vũ Anh Lê", "", ""),
        ("NGUYỄN VĂN AN", "VĂN AN", "NGUYỄN"),
        ("Trần Thị Bích", "Thị Bích", "Trần"),
        ("Phạm Minh", "Minh", "Phạm"),
        ("Đặng Thu Hà", "Thu Hà", "Đặng"),
        ("Võ Thị Sáu", "Thị Sáu", "Võ"),
        ("Nguyen Van An", "Van An", "Nguyen"),
        ("Nguyen An", "An", "Nguyen"),
        ("Tran Thi Bich", "Thi Bich", "Tran"),
        ("An Nguyễn", "An", "Nguyễn"),
        ("Văn An Nguyễn", "Văn An", "Nguyễn"),
        ("An Nguyen", "An", "Nguyen"),
        ("Dr. Nguyễn Văn An", "Văn An", "Nguyễn"),
        ("Tran Marlow", "Tran", "Marlow"),
        ("Van Nguyen", "Van", "Nguyen"),
        ("Nguyen Marlow", "Nguyen", "Marlow"),
        ("Kim Nguyen Marlow", "Kim", "Nguyen Marlow"),
        ("Vo Marlow", "Vo", "Marlow"),
        ("Lê Marlow", "Lê", "Marlow"),
        ("Nguyễn", "Nguyễn", ""),
    ],
)
def test_vietnamese_names_begin_with_the_last_name(text: str, first: str, last: str) -> None:
    name = whole_name(text)
    assert (name.first, name.last) == (first, last)


@pytest.mark.parametrize("text", ["Lê Nguyễn", "Trần Phạm", "Nguyễn Đỗ"])
def test_between_two_vietnamese_last_names_none_is_chosen(text: str) -> None:
    assert whole_name(text) == (text, "", "")


@pytest.mark.parametrize("title", ["Ldo.", "Lda.", "Lcda.", "Lcdo.", "Dña.", "Dn."])
def test_spanish_titles_are_no_names(title: str) -> None:
    assert whole_name(f"{title} Carmen Ruiz") == ("Carmen Ruiz", "Carmen", "Ruiz")


@pytest.mark.parametrize("order", ["last", "surnames", "comma"])
def test_which_part_is_missing_depends_on_the_order(order: Order) -> None:
    assert whole_name("Marlow null", order) == ("Marlow", "", "")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Tessa null", "Tessa"), ("Tessa N/A", "Tessa"), ("J\ufffdrgen", ""), ("null null", ""),
        ("Tessa she/her", "Tessa"), ("Null", "Null"), ("Marlow, Tessa", "Marlow"),
    ],
)  # fmt: skip
def test_a_part_is_tidied(text: str, part: str) -> None:
    assert tidy_part(text) == part


@pytest.mark.parametrize(
    ("text", "last", "first"),
    [
        ("Marlow, Tessa", "Marlow", "Tessa"), ("Marlow, Tessa", "", ""),
        ("Tessa, PhD", "Marlow", "Tessa"), ("Tessa, PhD", "", "Tessa"), ("Tessa, Dr.", "", "Tessa"),
        ("Tessa, Marketing Manager", "", "Tessa"), ("Tessa, Ann", "Marlow", "Tessa"),
        ("Tessa,", "", "Tessa"), ("marlow, Tessa", "Marlow", "Tessa"),
    ],
)  # fmt: skip
def test_a_last_name_before_a_comma_is_no_first_name(text: str, last: str, first: str) -> None:
    assert first_part(text, last) == first
