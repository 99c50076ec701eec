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
    "after",
    [
        "at Acme", "c/o Acme", "bei Acme", "chez Acme", "from Acme", "née Byron", "nee Byron",
        "geb. Byron", "geb Byron", "geborene Byron", "z domu Byron", "z Acme", "f. Byron",
        "född Byron", "født Byron", "roz. Byron", "урожд. Byron", "(née Byron)", ", geb. Byron",
        "at Acme, CEO",
    ],
)  # fmt: skip
def test_where_somebody_works_or_was_born_is_no_part_of_the_name(after: str) -> None:
    assert whole(f"Tessa Marlow {after}") == TESSA
    assert parts("Tessa", f"Marlow {after}") == TESSA


@pytest.mark.parametrize(
    "name",
    [
        "Li Bei", "Max Born", "At Bay", "Bay At", "Ada From", "Kees van der Geb", "Zhang Bei Li",
        "Ada Nee", "Tran At Van", "Di Bei", "wang bei li", "Chez Moi", "Anna Of", "Geb Ur",
    ],
)  # fmt: skip
def test_a_name_that_is_written_like_such_a_word_stays(name: str) -> None:
    first, _, last = name.partition(" ")
    assert whole(name) == (first, last)


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("M S Dhoni", ("M S", "Dhoni")), ("M. S. Dhoni", ("M. S.", "Dhoni")),
        ("M.S. Dhoni", ("M.S.", "Dhoni")), ("M.R. Smith", ("M.R.", "Smith")),
        ("P.D. James", ("P.D.", "James")), ("D.R. Horton", ("D.R.", "Horton")),
        ("J.R. Smith", ("J.R.", "Smith")), ("J. R. R. Tolkien", ("J. R. R.", "Tolkien")),
        ("J R Smith", ("J R", "Smith")), ("A P J Abdul Kalam", ("A P J", "Abdul Kalam")),
        ("M. Jean Dupont", ("Jean", "Dupont")), ("M Jean Dupont", ("Jean", "Dupont")),
        ("Ada Q. Lovelace", ("Ada", "Lovelace")), ("Ada Q Lovelace", ("Ada", "Lovelace")),
        ("Ada Q. R. Lovelace", ("Ada", "Lovelace")), ("Jan P. van Dyke", ("Jan", "van Dyke")),
        ("Zoë Q. Müller", ("Zoë", "Müller")), ("Dr. Ada Q. Lovelace", ("Ada", "Lovelace")),
        ("José Ortega y Gasset", ("José", "Ortega y Gasset")), ("Tessa M", ("Tessa", "M")),
        ("Ada y Gil", ("Ada", "y Gil")), ("MARIA E SILVA", ("MARIA", "E SILVA")),
        ("U Thant", ("U", "Thant")), ("Tessa O'Neil", ("Tessa", "O'Neil")),
        ("Tessa M. N.", ("Tessa", "M. N.")), ("J. K.", ("J.", "K.")),
        ("K. Anders Ericsson", ("K.", "Anders Ericsson")), ("Sr. Huber", ("Sr.", "Huber")),
        ("M. Huber", ("M.", "Huber")), ("M.Sc. Tessa Marlow", TESSA),
        ("Tessa Marlow Jr.", TESSA), ("Tessa Marlow, J.D.", TESSA), ("Tessa Marlow M.D.", TESSA),
    ],
)  # fmt: skip
def test_initials_are_part_of_the_first_name_or_left_out(name: str, names: tuple[str, str]) -> None:
    assert whole(name) == names


@pytest.mark.parametrize("first", ["J.R.", "S.R.", "D.R.", "J.", "M", "J. R.", "J.R.R."])
def test_initials_alone_are_a_first_name(first: str) -> None:
    assert parts(first, "Smith") == (first, "Smith")
    assert parts("Tessa", "Jr.") == parts("Tessa", "Sr") == ("Tessa", "")


@pytest.mark.parametrize(
    "title",
    [
        "г-н", "г-жа", "Univ.-Prof.", "Univ.-Prof. Dr.", "Priv.-Doz. Dr.", "Mw.", "Geom.",
        "De heer", "Prof.ssa", "dr n. med.", "Univ. Prof.", "السيدة", "Sayın", "Dr. med.",
        "Dr.med.",
        "prof. dr hab. n. med.", "Rag.", "Mag.a", "Ilmo. Sr.", "Exmo. Sr.", "Licda.", "Lek.",
    ],
)  # fmt: skip
def test_more_titles_are_no_first_names(title: str) -> None:
    assert whole(f"{title} Tessa Marlow") == TESSA
    assert parts(f"{title} Tessa", "Marlow") == TESSA


@pytest.mark.parametrize(
    "name",
    [
        "Jan de Heer", "Ahmet Sayın", "Sayın Kaya", "Mw Brandt", "Ada Univ", "Rag Marlow",
        "Anna Lek", "De Heer", "Dr. N. Smith", "Fam Brandt", "Don Johnson", "Bay Mehmet",
        "Di Wang", "De Jong",
    ],
)  # fmt: skip
def test_a_name_that_is_written_like_such_a_title_stays(name: str) -> None:
    assert whole(name)[1].endswith(name.split()[-1]) or name in ("De Heer", "De Jong")
    assert parts("Tessa", name.split()[-1]) == ("Tessa", name.split()[-1])


@pytest.mark.parametrize("start", ["Dr.", "Prof.Dr.", "Mr.", "Dipl.-Ing."])
def test_a_title_without_a_space_after_it_is_one(start: str) -> None:
    assert whole(f"{start}Tessa Marlow") == TESSA
    assert parts(f"{start}Tessa", "Marlow") == TESSA
    assert whole("Ada.Lovelace") == whole("dr.ada") == ("", "")


@pytest.mark.parametrize("word", ["Familie", "Fam.", "Famille", "Famiglia"])
def test_a_family_has_a_last_name_only(word: str) -> None:
    assert whole(f"{word} Marlow") == ("", "Marlow")


@pytest.mark.parametrize(
    "name",
    [
        "Hiring Manager", "To whom it may concern", "N.N.", "N. N.", "tba", "TBD", "Kein Name",
        "No Last Name", "Sin nombre", "Sans nom", "Geen naam", "Sir or Madam", "HIRING MANAGER",
        "Senza nome", "Dear Sir or Madam", "Hiring Team",
    ],
)  # fmt: skip
def test_more_words_that_are_nobody_s_name(name: str) -> None:
    assert whole(name) == ("", "")


@pytest.mark.parametrize("word", ["No Last Name", "tba", "TBD", "Kein Nachname", "Sin apellido"])
def test_a_word_for_no_name_leaves_the_other_part(word: str) -> None:
    assert parts("Tessa", word) == ("Tessa", "")
    assert parts("Tessa", "Manager") == ("Tessa", "Manager")


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


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("राहुल", "शर्मा"), ("प्रिया", "गुप्ता"), ("สมศรี", "ใจดี"), ("நித்யா", "குமாரி"),
        ("শ্রীমতী", "দাসী"), ("مُحَمَّدٌ", "عَلِيٌّ"), ("సీత", "రెడ్డి"), ("សុខា", "ចាន់ថា"), ("ကျော်", "မြင့်"),
    ],
)  # fmt: skip
def test_a_vowel_that_is_written_with_a_letter_belongs_to_the_name(first: str, last: str) -> None:
    assert parts(first, last) == (first, last)
    assert whole(f"{first} {last}") == (first, last)
    assert parts(f"{first} 🚀", f"{last} |") == (first, last)


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("山田 太郎 様", ("太郎", "山田")),
        ("山田 太郎様", ("太郎", "山田")),
        ("佐藤 花子さん", ("花子", "佐藤")),
        ("山田太郎 部長", ("", "")),
        ("代表取締役 山田 太郎", ("太郎", "山田")),
        ("山田 太郎 代表取締役社長 様", ("太郎", "山田")),
        ("김철수 대표", ("철수", "김")),
        ("김철수 과장님", ("철수", "김")),
        ("김철수님", ("철수", "김")),
        ("김 철수 씨", ("철수", "김")),
        ("남궁민수 이사", ("민수", "남궁")),
        ("김하님", ("하님", "김")),
        ("李 华 经理", ("华", "李")),
        ("王小明先生", ("", "")),
        ("王小明 总监", ("", "")),
        ("鵜殿 太郎", ("太郎", "鵜殿")), ("นาย สมชาย ใจดี", ("สมชาย", "ใจดี")),
        ("श्री राहुल शर्मा", ("राहुल", "शर्मा")), ("د. محمد العلي", ("محمد", "العلي")),
        ("السيد محمد العلي", ("محمد", "العلي")),
    ],
)  # fmt: skip
def test_a_title_beside_a_name_in_other_letters_is_no_name(
    cell: str, names: tuple[str, str]
) -> None:
    assert whole(cell) == names


def test_a_title_after_a_name_in_other_letters_is_not_kept_with_it() -> None:
    assert parts("花子様", "山田") == ("花子", "山田")
    assert parts("小明先生", "王") == ("小明", "王")
    assert whole_name("王小明 经理").whole == "王小明"


@pytest.mark.parametrize("after", ["#OpenToWork", "#hiring #remote", "#ОткрытКРаботе"])
def test_a_hashtag_is_no_part_of_a_name(after: str) -> None:
    assert whole(f"Tessa Marlow {after}") == parts("Tessa", f"Marlow {after}") == TESSA


@pytest.mark.parametrize(
    "name",
    [
        "Office Manager", "Managing Director", "Geschäftsführer", "Head of Sales", "Einkauf",
        "Chief Executive Officer", "Human Resources", "Geschäftsführung", "Director of Marketing",
    ],
)  # fmt: skip
def test_a_role_is_nobody_s_name(name: str) -> None:
    assert whole(name) == ("", "")
    assert whole_name(name).whole == ""


@pytest.mark.parametrize(
    "degree", ["MD", "RN", "PE", "MA", "BSN", "CFP", "PsyD", "RPh", "ACC", "DO", "RN BSN"]
)
def test_a_degree_without_a_comma_is_no_part_of_a_last_name(degree: str) -> None:
    assert parts("Tessa", f"Marlow {degree}") == whole(f"Tessa Marlow {degree}") == TESSA


def test_several_degrees_are_no_part_of_a_last_name() -> None:
    assert parts("Tessa", "Marlow MBA PE") == parts("Tessa", "Marlow PhD RN") == TESSA


@pytest.mark.parametrize("last", ["MA", "van DO", "DE MA", "Le PA", "Cia", "Marlow Ma", "RN"])
def test_a_last_name_that_is_written_like_a_degree_stays(last: str) -> None:
    assert parts("Tessa", last) == ("Tessa", last)


@pytest.mark.parametrize(
    "last", ["M?ller", "M??ller", "?zdemir", "Andr?", "Mu\ufffdoz", "P?rez Gil"]
)
def test_a_name_of_which_a_letter_was_lost_is_not_known(last: str) -> None:
    assert parts("Tessa", last) == ("Tessa", "")
    assert whole(f"Tessa {last}") == ("", "")


@pytest.mark.parametrize("last", ["Marlow", "Marlow ?", "? Marlow"])
def test_a_question_mark_apart_is_no_letter(last: str) -> None:
    assert parts("Tessa", last) == TESSA


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        (r"M\u00fcller", "Müller"), (r"\u5c71\u7530", "山田"),
        (r"Mu\u00F1oz \ud83d\ude80", "Muñoz"),
        (r"O\'Neil", "O'Neil"), (r"D\\'Angelo", "D'Angelo"),
    ],
)  # fmt: skip
def test_an_escape_is_the_letter_that_it_stands_for(cell: str, name: str) -> None:
    assert parts("Tessa", cell) == ("Tessa", name)


def test_half_an_escape_is_none() -> None:
    columns = map_columns(["Email", "Company"], {})
    cells = [["a@example.com", text] for text in (r"Acme \ud83d", r"C:\users", r"A\u00e9ro")]
    found = ["Acme \\ud83d", "C:\\users", "Aéro"]
    assert list(Mapper(columns).map(cells).column("company")) == found
