from __future__ import annotations

import pytest

from listdrop.cells.emails import split_emails
from listdrop.cells.names import whole_name
from listdrop.cells.phones import is_mangled_number
from listdrop.cells.titles import is_honorific
from listdrop.models import Prospect
from listdrop.prospects.columns import map_columns
from tests.support.prospects import prospect_of


def prospect(cells: dict[str, str]) -> Prospect:
    columns = map_columns(list(cells), {})
    return prospect_of(list(cells.values()), columns)


@pytest.mark.parametrize(
    ("cell", "email", "others"),
    [
        ("ada@example.com", "ada@example.com", []),
        ("mailto:ada@example.com", "ada@example.com", []),
        ("Ada Lovelace <ada@example.com>", "ada@example.com", []),
        ('"Lovelace, Ada" <ada@example.com>', "ada@example.com", []),
        ("ada@example.com; bo@example.com", "ada@example.com", ["bo@example.com"]),
        ("n/a, ada@example.com,ada@example.com", "ada@example.com", []),
        ("broken@, bo@example.com / cy@example.com", "bo@example.com", ["cy@example.com"]),
        ("Ada <ada@example.com>, Bo <bo@example.com>", "ada@example.com", ["bo@example.com"]),
        ("g.harnack(at)example.com", "g.harnack(at)example.com", []),
        ("person 1@example", "person 1@example", []),
        ("ada@example.com ::: bo@example.com", "ada@example.com", ["bo@example.com"]),
        ("'ada@example.com", "ada@example.com", []),
        ("o'neil@example.com", "o'neil@example.com", []),
        ("ada@example.com:::bo@example.com", "ada@example.com", ["bo@example.com"]),
        ("ada@example.com bo@example.com", "ada@example.com", ["bo@example.com"]),
        ("ada@example.com\nbo@example.com", "ada@example.com", ["bo@example.com"]),
        ("ada@example.com (work)", "ada@example.com", []),
        ("Email: ada@example.com", "ada@example.com", []),
        ("Work: ada@example.com | Home: bo@example.com", "ada@example.com", ["bo@example.com"]),
        ("john doe@example.com", "john doe@example.com", []),
        ("john doe@example.com; bo@example.com", "bo@example.com", []),
        ("mail to ada@example.com", "mail to ada@example.com", []),
        ("mara @example.com", "mara @example.com", []),
        ("<john doe@example.com>", "<john doe@example.com>", []),
        ("Mailto:ada@example.com", "ada@example.com", []),
        ("MAILTO:ada@example.com", "ada@example.com", []),
        ("mailto:ada@example.com?subject=Hello%20there&cc=bo@example.com", "ada@example.com", []),
        ("mailto:ada@example.com?subject=Hello there", "ada@example.com", []),
        ("mailto:ada@example.com,bo@example.com", "ada@example.com", ["bo@example.com"]),
        ("Ada <MailTo:ada@example.com?subject=x>", "ada@example.com", []),
        ("Ada Lovelace mailto:ada@example.com", "ada@example.com", []),
        ("ada@example.com#mailto:ada@example.com#", "ada@example.com", []),
        ("Ada Lovelace#MAILTO:ada@example.com#", "ada@example.com", []),
        ("#mailto:ada@example.com#", "ada@example.com", []),
        ("ada@example.com#http://ada@example.com#", "ada@example.com", []),
        ("ada@example.com # bo@example.com", "ada@example.com", ["bo@example.com"]),
        ("a#b@example.com; bo@example.com", "a#b@example.com", ["bo@example.com"]),
    ],
)
def test_the_first_valid_address_of_a_cell_counts(cell: str, email: str, others: list[str]) -> None:
    assert split_emails(cell) == (email, others)


def test_a_colleague_s_name_in_exchange_is_no_address_where_there_is_another() -> None:
    exchange = "/o=ExchangeLabs/ou=Administrative Group/cn=Recipients/cn=ada"
    two = prospect({"E-mail Address": exchange, "E-mail 2 Address": "ada@example.com"})
    assert two.fields["email"] == two.email == "ada@example.com"
    alone = prospect({"E-mail Address": exchange, "E-mail 2 Address": ""})
    assert (alone.fields["email"], alone.email) == (exchange, None)


def test_an_apostrophe_that_keeps_a_cell_as_text_is_no_part_of_the_address() -> None:
    assert prospect({"Email": "'ada@example.com"}).email == "ada@example.com"


def test_the_other_addresses_are_kept() -> None:
    mapped = prospect({"Email": "ada@example.com, bo@example.com;cy@example.com"})
    assert mapped.fields["email"] == "ada@example.com"
    assert mapped.custom == {"Other e-mails": "bo@example.com; cy@example.com"}


@pytest.mark.parametrize(
    ("whole", "names"),
    [
        ("Ada Lovelace", ("Ada", "Lovelace")),
        ("Gustav von Harnack", ("Gustav", "von Harnack")),
        ("Lovelace, Ada", ("Ada", "Lovelace")),
        ("Dr. Ada Lovelace", ("Ada", "Lovelace")),
        ("Prof. Dr. Ada Lovelace", ("Ada", "Lovelace")),
        ("Dr. rer. nat. Ada King Lovelace", ("Ada", "King Lovelace")),
        ("Frau Prof. Dr. med. dent. h.c. Ada Lovelace", ("Ada", "Lovelace")),
        ("Dr.-Ing. habil. Ada Lovelace", ("Ada", "Lovelace")),
        ("Dipl.-Ing. (FH) Ada Lovelace", ("Ada", "Lovelace")),
        ("Prof. Dr. Lovelace", ("", "Lovelace")),
        ("Dr. rer. nat. Lovelace", ("", "Lovelace")),
        ("Lovelace, Dr. phil. Ada", ("Ada", "Lovelace")),
        ("Dr. Phil McGraw", ("Phil", "McGraw")),
        ("Nat King Cole", ("Nat", "King Cole")),
        ("Sig Hansen", ("Sig", "Hansen")),
        ("Ada Lovelace, MBA", ("Ada", "Lovelace")),
        ("van der Berg, Jan", ("Jan", "van der Berg")),
        ("Ruiz Gómez, Ana María", ("Ana María", "Ruiz Gómez")),
        ("van der Berg, J. P.", ("J. P.", "van der Berg")),
        ("KING LOVELACE, ADA", ("ADA", "KING LOVELACE")),
        ("Dr. King Lovelace, Ada", ("Ada", "King Lovelace")),
        ("Dr. rer. nat. Lovelace, Ada", ("Ada", "Lovelace")),
        *(
            (f"Ada Lovelace, {credential}", ("Ada", "Lovelace"))
            for credential in (
                *("PhD", "Ph.D.", "MD", "M.D.", "Jr.", "Sr.", "II", "III", "CPA", "PMP", "Esq"),
                *("Esq.", "MSc", "BSc", "M.A.", "MBA, PhD", "MBA, Founder", "PhD/MBA", "RN", "CSM"),
                *("MD-PhD", "(She/Her)", "Head of Growth", "VP @ Engine", "2nd", "R&D"),
            )
        ),
        ("Hossain Khan, Md", ("Md", "Hossain Khan")),
        ("Ruiz Gómez, María del Carmen", ("María del Carmen", "Ruiz Gómez")),
        ("Madonna, PhD", ("Madonna", "")),
        ("Lovelace, ADA", ("ADA", "Lovelace")),
        ("Ada", ("Ada", "")),
        ("", ("", "")),
    ],
)
def test_a_whole_name_is_split(whole: str, names: tuple[str, str]) -> None:
    name = whole_name(" ".join(whole.split()))

    assert (name.first, name.last) == names


def test_a_whole_name_is_split_only_where_no_other_name_is() -> None:
    assert prospect({"Name": "Ada Lovelace"}).fields == {
        "full_name": "Ada Lovelace",
        "first_name": "Ada",
        "last_name": "Lovelace",
    }
    given = prospect({"Name": "Ada Lovelace", "First Name": "Augusta"})
    assert given.fields == {"full_name": "Ada Lovelace", "first_name": "Augusta"}


@pytest.mark.parametrize(
    "title",
    ["Mr", "Dr.", "Prof. Dr.", "Frau", "MRS", "Señora", "Dr. rer. nat.", "Prof. Dr.-Ing. habil."],
)
def test_a_form_of_address_is_no_job(title: str) -> None:
    assert is_honorific(title)
    assert prospect({"Title": title, "Email": "a@example.com"}).fields == {"email": "a@example.com"}
    both = prospect({"Title": title, "Position": "CTO"})
    assert both.fields == {"job_title": "CTO"}


@pytest.mark.parametrize(
    "title", ["CTO", "Master of Arts", "Frau Holle Beraterin", "HR", "Nat", "rer. nat.", ".", ""]
)
def test_a_job_is_no_form_of_address(title: str) -> None:
    assert not is_honorific(title)


@pytest.mark.parametrize("phone", ["4,91512E+11", "4.91512E+11", "3.4E11", "1e10"])
def test_a_telephone_number_that_a_spreadsheet_mangled_is_left_out(phone: str) -> None:
    assert is_mangled_number(phone)
    assert prospect({"Phone": phone, "Email": "a@example.com"}).fields == {"email": "a@example.com"}


@pytest.mark.parametrize("phone", ["+49 151 2345", "0049 151 2345", "(0151) 23456", "555-0101"])
def test_other_telephone_numbers_are_kept(phone: str) -> None:
    assert prospect({"Phone": phone}).fields == {"phone": phone}


@pytest.mark.parametrize("phone", ["E11", "call me", "12", "call after 18h", "1-800-FLOWERS"])
def test_what_is_no_telephone_number_is_left_out(phone: str) -> None:
    assert prospect({"Phone": phone, "Email": "a@example.com"}).fields == {"email": "a@example.com"}


def test_a_public_profile_is_preferred_over_what_is_none() -> None:
    company = "https://www.linkedin.com/company/acme"
    sales = "https://www.linkedin.com/sales/lead/ACwAA,NAME_SEARCH"
    public = "https://www.linkedin.com/in/ada"
    chosen = prospect({"LinkedIn URL": sales, "Profile URL": public})
    assert chosen.fields["linkedin_url"] == public
    assert prospect({"LinkedIn URL": company}).fields["linkedin_url"] == company
    assert "linkedin_url" not in prospect({"URL": "https://acme.example", "Email": "x"}).fields


def test_a_profile_is_taken_out_of_what_an_address_is_written_in() -> None:
    wrapped = "<https://www.linkedin.com/in/ada>"
    assert prospect({"LinkedIn": wrapped}).fields["linkedin_url"] == wrapped[1:-1]
    assert prospect({"URL": wrapped, "Email": "x"}).fields["linkedin_url"] == wrapped[1:-1]


@pytest.mark.parametrize(
    ("first", "name", "last"),
    [
        ("Ada", "Lovelace", "Lovelace"),
        ("Ada", "Ada Lovelace", "Lovelace"),
        ("ADA", "Ada King Lovelace", "King Lovelace"),
        ("Ada", "Augusta King", None),
        ("Ada", "Dr. rer. nat. Ada Lovelace", "Lovelace"),
        ("Ada", "Ada", None),
        ("Ada", "ADA", None),
    ],
)
def test_a_name_beside_a_first_name_is_whole_or_the_last(
    first: str, name: str, last: str | None
) -> None:
    assert prospect({"Vorname": first, "Name": name}).fields.get("last_name") == last


@pytest.mark.parametrize(
    ("last", "name", "first"),
    [
        ("Lovelace", "Ada Lovelace", "Ada"),
        ("LOVELACE", "Ada King Lovelace", "Ada King"),
        ("King Lovelace", "Ada King Lovelace", "Ada"),
        ("Lovelace", "Dr. Ada Lovelace", "Ada"),
        ("STRASSE", "Ada Straße", "Ada"),
        ("Lovelace", "Dr. Lovelace", None),
        ("Lovelace", "Prof. Dr. Lovelace", None),
        ("Lovelace", "Lovelace", None),
        ("Lace", "Ada Lovelace", None),
        ("Lovelace", "Engine Works", None),
    ],
)
def test_a_name_beside_a_last_name_that_it_ends_with_has_the_first(
    last: str, name: str, first: str | None
) -> None:
    found = prospect({"Full Name": name, "Last Name": last})
    assert found.fields.get("first_name") == first
    assert found.fields["last_name"] == last


# ---------------------------------------------------------------- several values in one cell


ONE, TWO, THREE = "+44 20 7946 0001", "+44 20 7946 0002", "+44 20 7946 0003"


def test_of_several_numbers_in_a_cell_the_first_counts_and_the_others_are_kept() -> None:
    mapped = prospect({"Phone 1 - Value": f"{ONE} ::: {TWO} ::: {ONE} ::: ", "Mobile": THREE})
    assert mapped.fields == {"phone": THREE}
    assert mapped.custom == {
        "Other telephone numbers": TWO,
        "Phone 1 - Value": ONE,
    }


def test_a_good_number_of_a_cell_comes_before_a_spoilt_one() -> None:
    assert prospect({"Phone": f"4.9E11 ::: {TWO}"}).fields == {"phone": TWO}
    assert prospect({"Phone": "4.9E11 ::: 1E9", "Email": "x"}).fields == {"email": "x"}


def test_other_numbers_of_several_columns_are_all_kept() -> None:
    mapped = prospect({"Mobile": f"{ONE} ::: {TWO}", "Phone": f"{ONE} ::: {THREE}, 020 79460004"})
    found = set(mapped.custom["Other telephone numbers"].split("; "))
    assert found == {TWO, THREE, "020 79460004"}


def test_no_number_of_who_is_not_to_be_called_is_kept() -> None:
    mapped = prospect({"Phone": f"{ONE} ::: {TWO}", "Do Not Call": "yes", "Email": "x"})
    assert mapped == Prospect({"email": "x"}, {"Do Not Call": "yes"}, None)
