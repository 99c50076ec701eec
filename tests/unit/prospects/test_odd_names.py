# ruff: noqa: RUF001 # names and marks in their own letters
"""Titles, placeholders and marks around names, and particles in a column of their own."""

from __future__ import annotations

import pytest

from listdrop.cells.names import whole_name
from listdrop.models import Prospect
from listdrop.prospects.columns import map_columns
from listdrop.prospects.mapping import Mapper
from tests.support.prospects import prospect_of

TESSA = ("Tessa", "Marlow")


def prospect(cells: dict[str, str]) -> Prospect:
    return prospect_of(list(cells.values()), map_columns(list(cells), {}))


def whole(name: str) -> tuple[str, str]:
    """Return first and last name of a full name among others."""
    columns = map_columns(["Name", "Email"], {})
    rows = [["Oda Kern", "b@x.com"], ["Uma Dale", "c@x.com"], [name, "a@x.com"]]
    mapped = Mapper(columns).map(rows)
    return mapped.column("first_name")[-1], mapped.column("last_name")[-1]


def parts(first: str, last: str) -> tuple[str, str]:
    mapped = Mapper(map_columns(["First Name", "Last Name"], {})).map([[first, last]])
    return mapped.column("first_name")[0], mapped.column("last_name")[0]


@pytest.mark.parametrize(
    "title",
    [
        "Lic.", "Eng.", "Av.", "Ds.", "MSc.", "MSc", "Herrn", "Herrn Dr.", "Sir", "dr hab.",
        "Sig.ra", "Dott.ssa", "Arq.", "Capt.", "Doç. Dr.", "PhD", "MBA", "Signora", "Dame",
        "Prof. dr hab.",
    ],
)  # fmt: skip
def test_a_title_is_no_first_name(title: str) -> None:
    assert whole(f"{title} Tessa Marlow") == ("Tessa", "Marlow")
    assert parts(f"{title} Tessa", "Marlow") == ("Tessa", "Marlow")


def test_a_sir_beside_a_last_name_may_be_called_so() -> None:
    assert whole("Sir Marlow") == parts("Sir", "Marlow") == ("Sir", "Marlow")


@pytest.mark.parametrize(
    "title", ["MEng", "BEng", "MSc", "BSc", "M.Eng.", "B.Sc.", "MENG", "MBA", "LLM", "Dr. MEng"]
)
def test_a_degree_before_a_name_is_told_by_its_capitals_or_dots(title: str) -> None:
    assert whole(f"{title} Tessa Marlow") == ("Tessa", "Marlow")
    assert whole_name(f"{title} Tessa Marlow").whole == "Tessa Marlow"


@pytest.mark.parametrize(
    "name",
    [
        "Meng", "Beng Huat", "Sheikh", "Heer", "Li Meng", "MENG", "BENG HUAT", "SHEIKH", "Mba",
        "heer", "LI MENG",
    ],
)  # fmt: skip
def test_a_name_that_is_written_like_a_degree_is_kept_in_a_column_of_its_own(name: str) -> None:
    assert parts(name, "Marlow") == (name, "Marlow")
    assert parts("Tessa", name) == ("Tessa", name)


@pytest.mark.parametrize(
    "name",
    ["Meng Li", "Beng Tan", "Li Meng", "MENG LI", "Sheikh Hasina", "Ranjit Heer", "Mba Obi"],
)
def test_a_name_that_is_written_like_a_degree_stays(name: str) -> None:
    assert whole_name(name) == (name, *name.split())


@pytest.mark.parametrize("degree", ["MEng", "BEng", "M.Eng.", "MEng, BSc"])
def test_a_degree_after_a_single_name_is_none_of_its_words(degree: str) -> None:
    assert whole_name(f"Li {degree}") == ("Li", "Li", "")


def test_a_last_name_in_capitals_before_a_first_name_is_no_degree() -> None:
    assert whole_name("MENG Li", capitals=True) == ("MENG Li", "Li", "MENG")


@pytest.mark.parametrize(
    "name", ["Av Cohen", "Don Henry", "Gen Sato", "Cap Meyer", "Maj Lind", "Sami Eng", "Col Reed"]
)
def test_a_name_that_is_written_like_a_title_stays(name: str) -> None:
    assert whole(name) == tuple(name.split())


@pytest.mark.parametrize(
    "name",
    [
        "LinkedIn Member", "Membre LinkedIn", "Membre de LinkedIn", "LinkedIn-Mitglied",
        "Miembro de LinkedIn", "Usuário do LinkedIn", "Utente LinkedIn", "LinkedIn-lid",
        "LinkedIn メンバー", "领英会员", "Участник LinkedIn", "LINKEDIN MEMBER", "Deleted User",
        "unknown unknown", "Unknown Unknown", "null null", "Usuario eliminado", "No Name",
        "Team Sales", "Sales Support", "First Name Last Name",
    ],
)  # fmt: skip
def test_a_placeholder_is_nobody_s_name(name: str) -> None:
    assert whole(name) == ("", "")


def test_a_placeholder_in_two_columns_is_nobody_s_name() -> None:
    assert parts("LinkedIn", "Member") == ("", "")
    assert parts("Membre", "LinkedIn") == ("", "")
    assert parts("unknown", "unknown") == ("", "")
    assert parts("Tessa", "Marlow") == ("Tessa", "Marlow")
    assert parts("", "Marlow") == ("", "Marlow")


@pytest.mark.parametrize("last", ["M", "M."])
def test_an_initial_is_no_title(last: str) -> None:
    assert parts("Tessa", last) == ("Tessa", last)
    assert whole(f"Tessa {last}") == ("Tessa", last)


@pytest.mark.parametrize("marks", ["''", '""', "‘’", "“”"])
def test_quotation_marks_around_a_cell_are_not_sent(marks: str) -> None:
    before, after = marks[0], marks[1]
    cells = {"First Name": "Tessa", "Last Name": "O'Neil", "Company": "Lowe", "City": "Ulm"}
    found = prospect({name: f"{before}{cell}{after}" for name, cell in cells.items()} | {"X": ""})
    named = ("first_name", "company", "city")
    assert [found.fields[name] for name in named] == ["Tessa", "Lowe", "Ulm"]


def test_marks_inside_a_cell_stay() -> None:
    found = prospect({"Last Name": "'t Hof", "Company": "'Oak' and 'Vine'", "City": "L'"})
    assert found.fields == {"last_name": "'t Hof", "company": "'Oak' and 'Vine'", "city": "L'"}


def test_entities_in_names_and_companies_are_letters() -> None:
    cells = {"First Name": "Jos&eacute;", "Last Name": "O&#39;Neil", "Company": "Oak &amp; Vine"}
    assert prospect({**cells, "Notes": "&lt;b&gt;"}).fields == {
        "first_name": "José",
        "last_name": "O'Neil",
        "company": "Oak & Vine",
        "notes": "&lt;b&gt;",
    }
    assert prospect({"Company": "AT&T; Bell"}).fields == {"company": "AT&T; Bell"}


def test_full_width_letters_are_letters() -> None:
    assert whole("Ｔｅｓｓａ Ｍａｒｌｏｗ") == ("Tessa", "Marlow")
    assert parts("Ｔｅｓｓａ", "Marlow") == ("Tessa", "Marlow")


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("José García | Acme", ("José", "García")),
        ("Zoë Kern (she/her) | Sales", ("Zoë", "Kern")),
        ("Zoë Kern ~ Sales", ("Zoë", "Kern")),
        ("Hans 🚀 | CEO", ("Hans", "")),
        ("Hans Kern 🚀 | CEO | Acme", ("Hans", "Kern")),
        ("| Łukasz Żak |", ("Łukasz", "Żak")),
        ("José García ｜ Acme", ("José", "García")),
        ("Ada Lovelace ｜ Acme", ("Ada", "Lovelace")),
        ("Ada Lovelace │ Acme", ("Ada", "Lovelace")),
        ("Ada Lovelace ¦ CEO", ("Ada", "Lovelace")),
        ("Søren Ø → CEO", ("Søren", "Ø")),
        ("Мария Кузьмина | Продажи", ("Мария", "Кузьмина")),
        ("Tessa ✨ Marlow", TESSA),
        ("★ Tessa ★ Marlow ★", TESSA),
        ("Tessa® Marlow™", TESSA),
        ("Tessa ∞ Marlow", TESSA),
        ("Jürgen + Anna Müller", ("", "")),
        ("Jürgen ＋ Anna Müller", ("", "")),
        ("Zoë Kern +1", ("", "")),
        ("Zoë = Kern", ("", "")),
    ],
)  # fmt: skip
def test_a_bar_or_plus_separates_beside_any_letters(cell: str, names: tuple[str, str]) -> None:
    assert whole(cell) == names


@pytest.mark.parametrize(
    ("last", "left"),
    [
        ("Müller | CEO", "Müller"), ("Müller ~ Sales", "Müller"), ("Żak ｜ Acme", "Żak"),
        ("Müller 🚀", "Müller"), ("O`Néil", "O`Néil"), ("O`Neil", "O`Neil"),
    ],
)  # fmt: skip
def test_a_bar_ends_a_last_name_with_any_letters(last: str, left: str) -> None:
    assert parts("Tessa", last) == ("Tessa", left)


@pytest.mark.parametrize(
    "header", ["Tussenvoegsel", "Voorvoegsel", "Insertion", "Namenszusatz", "Surname prefix"]
)
def test_particles_of_their_own_column_belong_to_the_last_name(header: str) -> None:
    columns = map_columns(["First Name", header, "Last Name"], {})
    rows = [
        ["Jan", "de", "Vries"], ["Piet", "", "Jansen"], ["Oda", "van der", "Berg"],
        ["Anna", "van 't", "Hof"], ["Ivo", "Dr.", "Brandt"], ["Eva", "de", "de Vries"],
        ["Uma", "van", ""],
    ]  # fmt: skip
    assert list(Mapper(columns).map(rows).column("last_name")) == [
        "de Vries", "Jansen", "van der Berg", "van 't Hof", "Brandt", "de Vries", "",
    ]  # fmt: skip
