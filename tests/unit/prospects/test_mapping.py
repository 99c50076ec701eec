from __future__ import annotations

import csv
import io
import json
import re
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listdrop.cells.headers import CANONICAL, fold
from listdrop.cells.values import cell_value, text_value
from listdrop.errors import UploadRejectedError
from listdrop.models import Json, Prospect
from listdrop.plans.blocks import decode_rows
from listdrop.plans.plan import Plan
from listdrop.plans.planning import read_rows
from listdrop.prospects.cleaning import Values
from listdrop.prospects.columns import aliases, map_columns
from listdrop.prospects.recognising import known_headers
from listdrop.providers import REGISTRY
from listdrop.providers.routing import parse_route
from listdrop.tables.reading import read_table
from listdrop.tables.spooling import spool
from listdrop.tables.unpacking import receive
from tests.support.prospects import prospect_of
from tests.support.thoroughness import examples

Overrides = dict[str, str | None]


def prospect(values: dict[str, str], overrides: Overrides | None = None) -> Prospect:
    """Map one row, given as header to cell."""
    columns = map_columns(list(values), overrides or {})
    return prospect_of(list(values.values()), columns)


VALUES = {"linkedin_url": "linkedin.com/in/value", "phone": "+44 20 7946 0001"}
"""Of fields that take no other text."""

# ---------------------------------------------------------------- headers to fields


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Email", "email"),
        ("E-Mail-Adresse", "email"),
        ("Adresse e-mail", "email"),
        ("Correo electrónico", "email"),
        ("First Name", "first_name"),
        ("Prénom", "first_name"),
        ("Vorname", "first_name"),
        ("Nachname", "last_name"),
        ("Name", "full_name"),
        ("Company / Account", "company"),
        ("Société", "company"),
        ("Position", "job_title"),
        ("Headline", "job_title"),
        ("Telefon geschäftlich", "phone"),
        ("Work Direct Phone", "phone"),
        ("Person Linkedin Url", "linkedin_url"),
        ("URL", "linkedin_url"),
        ("Domain", "website"),
        ("Ort", "city"),
        ("Country/Region", "country"),
        ("Location", "location"),
        ("Labels", "tags"),
        ("Find Work Email", "email"),
        ("Invitee Email", "email"),
        ("Invitee Name", "full_name"),
        ("Invitee First Name", "first_name"),
        ("Invitee Last Name", "last_name"),
        ("Contact LI Profile URL", "linkedin_url"),
        ("Contact Phone 1", "phone"),
        ("Country/Region Name", "country"),
        ("Notes", "notes"),
    ],
)
def test_headers_of_known_exports_are_fields(header: str, field: str) -> None:
    value = VALUES.get(field, "value")
    assert prospect({header: value}).fields[field] == value


@pytest.mark.parametrize("name", CANONICAL)
def test_every_field_is_known_by_its_own_name(name: str) -> None:
    value = VALUES.get(name, "value")
    assert prospect({name: value}).fields[name] == value


def test_every_field_has_aliases_and_every_alias_belongs_to_a_field() -> None:
    assert set(aliases()["fields"]) == set(CANONICAL)


def test_no_alias_is_claimed_by_two_fields() -> None:
    owners: dict[str, set[str]] = {}
    for field, names in aliases()["fields"].items():
        for name in (field, *names):
            owners.setdefault(fold(name), set()).add(field)
    assert {name: fields for name, fields in owners.items() if len(fields) > 1} == {}


@pytest.mark.parametrize(
    "header",
    [
        "Company Linkedin Url",
        "Company LinkedIn",
        "Sales Navigator URL",
        "Email Status",
        "Email Confidence",
        "Owner",
        "Lead Owner",
        "Connected On",
    ],
)
def test_other_columns_are_custom_under_their_own_header(header: str) -> None:
    mapped = prospect({"Email": "ada@example.com", header: "value"})
    assert mapped.fields == {"email": "ada@example.com"}
    assert mapped.custom == {header: "value"}


def test_no_known_column_is_rejected() -> None:
    with pytest.raises(UploadRejectedError) as rejected:
        map_columns(["Colour", "Shape", ""], {})
    assert rejected.value.reason == "no_usable_column"


def test_columns_without_a_header_are_left_out() -> None:
    mapped = prospect({"Email": "ada@example.com", "": "x", " ": "y", "-": "z"})
    assert mapped.custom == {}


def test_what_listdrop_wrote_into_a_result_file_is_not_sent_when_the_file_is_dropped_again() -> (
    None
):
    own = {"listdrop_row": "7", "listdrop_outcome": "invalid", "listdrop_reason": "missing_email"}
    own |= {"listdrop_provider_ref": "p-1"}

    assert prospect({"Email": "ada@example.com", "Team": "red"} | own).custom == {"Team": "red"}


def test_of_two_custom_columns_of_one_name_the_first_counts() -> None:
    columns = map_columns(["Email", "Plan", "Plan"], {})
    mapped = prospect_of(["ada@example.com", "gold", "silver"], columns)
    assert mapped.custom == {"Plan": "gold"}


# ---------------------------------------------------------------- precedence


@pytest.mark.parametrize(
    ("work", "personal", "email"),
    [
        ("work@example.com", "home@example.com", "work@example.com"),
        ("", "home@example.com", "home@example.com"),
        ("n/a", "home@example.com", "home@example.com"),
        ("", "", None),
    ],
)
def test_the_first_column_with_a_value_wins_row_by_row(
    work: str, personal: str, email: str | None
) -> None:
    for values in (
        {"Personal Email": personal, "Work Email": work},
        {"Work Email": work, "Personal Email": personal},
    ):
        assert prospect(values).fields.get("email") == email


WORK = re.compile(
    r"\b(work|business|office|geschaftlich|dienstlich|sluzbowy|bureau|professionnel|pro"
    r"|trabajo|uff|ufficio|aziendale|lavoro|werk|zakelijke|arbete|arbejde|profissional)\b"
)
PRIVATE = re.compile(
    r"\b(home(?! page)|personal|private|privat|perso|personnel|personale|prive|pessoal|particular"
    r"|casa|thuis|domicile|wohnort|woonplaats)\b"
)


@pytest.mark.parametrize("field", CANONICAL)
def test_work_comes_before_private(field: str) -> None:
    names = [*aliases()["fields"][field]]
    first_private = next((at for at, name in enumerate(names) if PRIVATE.search(name)), len(names))
    late = [name for name in names[first_private:] if not PRIVATE.search(name)]
    assert [name for name in late if WORK.search(name)] == []


@pytest.mark.parametrize(
    ("work", "private"),
    [
        ("Business City", "Home City"),
        ("Ort geschäftlich", "Ort privat"),
        ("Ort geschäftlich", "Wohnort"),
        ("Ville (bureau)", "Ville (domicile)"),
        ("City", "Home City"),
        ("Business Country/Region", "Home Country/Region"),
        ("Land/Region geschäftlich", "Land/Region privat"),
        ("Pays/Région (bureau)", "Pays/Région (domicile)"),
        ("Business Phone", "Home Phone"),
        ("E-Mail geschäftlich", "E-Mail privat"),
    ],
)
def test_where_a_person_works_comes_before_where_they_live(work: str, private: str) -> None:
    at_work, at_home = ("5550101", "5550102") if "Phone" in work else ("work", "home")
    mapped = prospect({private: at_home, work: at_work, "Tags": "t"})
    assert at_work in mapped.fields.values()
    assert at_home not in mapped.fields.values()


def test_of_two_columns_of_one_name_the_first_with_a_value_wins() -> None:
    columns = map_columns(["Email", "email"], {})
    first = prospect_of(["ada@example.com", "grace@example.com"], columns)
    second = prospect_of(["", "grace@example.com"], columns)
    assert (first.fields["email"], second.fields["email"]) == (
        "ada@example.com",
        "grace@example.com",
    )


# ---------------------------------------------------------------- a route's own columns


def test_a_route_names_a_column() -> None:
    mapped = prospect({"Profil": "in/ada"}, {"Profil": "linkedin_url"})
    assert mapped.fields == {"linkedin_url": "https://www.linkedin.com/in/ada"}


def test_a_routes_column_is_compared_like_any_header() -> None:
    assert prospect({"PRO-FIL": "in/ada"}, {"pro fil": "linkedin_url"}).fields


def test_a_routes_column_comes_before_the_aliases() -> None:
    values = {"Email": "ada@example.com", "Kontakt": "grace@example.com"}
    assert prospect(values, {"Kontakt": "email"}).fields == {"email": "grace@example.com"}
    assert prospect(values | {"Kontakt": ""}, {"Kontakt": "email"}).fields == {
        "email": "ada@example.com"
    }


def test_a_route_leaves_a_column_out() -> None:
    mapped = prospect(
        {"Email": "ada@example.com", "Salary": "1", "Name": "Ada"}, {"Salary": None, "Name": None}
    )
    assert (mapped.fields, mapped.custom) == ({"email": "ada@example.com"}, {})


def test_a_route_turns_a_known_column_into_a_custom_one() -> None:
    mapped = prospect({"Email": "ada@example.com", "Notes": "x"}, {"Notes": "Remarks"})
    assert (mapped.fields, mapped.custom) == ({"email": "ada@example.com"}, {"Remarks": "x"})


def test_a_route_that_leaves_every_known_column_out_leaves_nothing_to_use() -> None:
    with pytest.raises(UploadRejectedError) as rejected:
        map_columns(["Email", "Colour"], {"email": None})
    assert rejected.value.reason == "no_usable_column"


def test_a_header_line_is_found_by_aliases_and_by_a_routes_columns() -> None:
    known = known_headers({"Kontakt-Adresse": "email", "Salary": None})
    assert all(name in known for name in ("emailaddress", "vorname", "kontaktadresse", "salary"))
    assert "colour" not in known


# ---------------------------------------------------------------- what an export is called


@pytest.mark.parametrize(
    ("header", "source"),
    [
        (
            [
                "First Name",
                "Last Name",
                "URL",
                "Email Address",
                "Company",
                "Position",
                "Connected On",
            ],
            "linkedin-connections",
        ),
        (
            ["first name", "LAST NAME", "Title", "Email Status", "Person Linkedin Url", "Extra"],
            "apollo-contacts",
        ),
        (
            ["Lead Owner", "First Name", "Last Name", "Company / Account", "Email"],
            "salesforce-leads-report",
        ),
        (["Record ID", "First Name", "Last Name", "Email"], ""),
        (["Record ID", "First Name", "Last Name", "Email", "Lifecycle Stage"], "hubspot-contacts"),
        (["Record ID", "First Name", "Last Name", "Email", "Contact owner"], "hubspot-contacts"),
        (["Record ID", "First Name", "Last Name", "Email", "Create Date"], "hubspot-contacts"),
        (["Record Id", "Lead Owner", "First Name", "Last Name", "Email"], "zoho-leads"),
        (
            [
                "Record Id",
                "Contact Owner",
                "First Name",
                "Last Name",
                "Account Name",
                "Mailing City",
            ],
            "zoho-contacts",
        ),
        (
            ["Record Id", "Contact Owner", "First Name", "Last Name", "Email", "Email Opt Out"],
            "zoho-contacts",
        ),
        (["First Name", "Last Name", "E-mail 1 - Value"], "google-contacts"),
        (["First Name", "Last Name", "E-mail Address", "Business Phone"], "outlook-contacts"),
        (["Email Address", "First Name", "Last Name", "MEMBER_RATING"], "mailchimp-audience"),
        (["Email", "First Name", "Last Name"], ""),
        (["First Name", "Last Name", "URL", "Email Address", "Company", "Position"], ""),
    ],
)
def test_an_export_is_recognised_by_its_headers(header: list[str], source: str) -> None:
    assert map_columns(header, {}).source == source


# ---------------------------------------------------------------- what a cell says


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("Ada", "Ada"),
        ("  Ada \t", "Ada"),
        ("\xa0Ada\xa0", "Ada"),
        ("\ufeffada@example.com\u200b", "ada@example.com"),
        ("a\u00add\u2060a", "ada"),
        ("田中 健", "田中 健"),
        ("one\ntwo", "one\ntwo"),
        ("'+44 20 7946", "+44 20 7946"),
        ("'=1+1", "=1+1"),
        ("'-5", "-5"),
        ("'@handle", "@handle"),
        ("''+44", "''+44"),
        ("'t Hooft", "'t Hooft"),
        ("'one' and '-two'", "'one' and '-two'"),
        ("O'Rourke", "O'Rourke"),
        ("'47 Brand", "'47 Brand"),
        ('="+49 151 1"', "+49 151 1"),
        ('=" 0151 "', "0151"),
        ('\'="0151"', "0151"),
        ('=""', ""),
        ('="n/a"', ""),
        ('="one" & "two"', '="one" & "two"'),
        ('="one', '="one'),
        ('="', '="'),
        ('say ="x"', 'say ="x"'),
        ("\u202a+49 151\u202c", "+49 151"),
        ("\u200eada@example.com\u200f", "ada@example.com"),
        ("\u2066Ada\u2069", "Ada"),
        ("0", "0"),
        ("false", "false"),
        ("no", "no"),
    ],
)
def test_a_cell_is_trimmed_and_a_spreadsheets_guard_taken_off(cell: str, value: str) -> None:
    assert cell_value(cell) == value


PLACEHOLDERS = [
    "", " ", "\u200b", "n/a", "N/A", " null ", "-", "—", "#N/A", "(none)", "[Not Provided]", "'-",
    "#ERROR!", "#DIV/0!", "#NUM!", "#NULL!", "Not Found", "not found", "_", "-None-", "--None--",
    "- None -", "Not specified", "N\\A", "N/A.", "s/d", "-/-", "*", "Loading...", "無し",
]  # fmt: skip


@pytest.mark.parametrize("cell", PLACEHOLDERS)
def test_a_placeholder_is_an_empty_cell(cell: str) -> None:
    assert cell_value(cell) == ""


@pytest.mark.parametrize(
    "cell", ["n/a yet", "Nullarbor Ltd", "none of it", "- first", "unknown artist"]
)
def test_a_placeholder_inside_a_value_is_part_of_it(cell: str) -> None:
    assert cell_value(cell) == cell


_DEEP = '["a",' + 1_900 * "[" + "]"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("Acme (https://www.notion.so/Acme-1f2e?pvs=21)", "Acme"),
        ("Acme (https://a.example/x), Fernhill (https://b.example/y_(z))", "Acme, Fernhill"),
        ("[Acme](https://acme.example)", "Acme"),
        ('<a href="https://acme.example">Acme &amp; Co</a>', "Acme & Co"),
        ("Acme<br>", "Acme"),
        ('["Acme"]', "Acme"),
        ('["Acme","Fernhill"]', "Acme"),
        ("[]", "[]"),
        ('["Acme" Ltd]', '["Acme" Ltd]'),
        pytest.param(_DEEP, _DEEP, id="a list in a list, a thousand times"),
        ("{{company}}", ""),
        ("{company}", ""),
        ("*|COMPANY|*", ""),
        ("%COMPANY_NAME%", ""),
        ("<<Company Name>>", ""),
        ("❌ No company found", ""),
        ("⚠️ Run condition not met", ""),
        ("https://acme.example", "https://acme.example"),
        ("Acme (acme.example)", "Acme (acme.example)"),
        ("100% Organic {Berlin}", "100% Organic {Berlin}"),
        ("A < B", "A < B"),
    ],
)
def test_of_words_only_what_a_person_reads_counts(cell: str, value: str) -> None:
    fields = prospect({"Email": "ada@example.com", "Company": cell, "Job Title": cell}).fields
    assert (fields.get("company", ""), fields.get("job_title", "")) == (value, value)


@pytest.mark.parametrize("cell", ["{{first_name}}", "*|FNAME|*", "%FIRSTNAME%", "❌ No name found"])
def test_what_a_template_or_a_tool_wrote_is_no_name(cell: str) -> None:
    assert "first_name" not in prospect({"First Name": cell, "Last Name": "Lovelace"}).fields


def test_a_name_may_be_a_link() -> None:
    for cell in ("[Ada Lovelace](https://a.example)", "Ada Lovelace (https://a.example/x)"):
        fields = prospect({"Name": cell, "Email": "ada@example.com"}).fields
        assert (fields["first_name"], fields["last_name"]) == ("Ada", "Lovelace")


def test_empty_cells_are_left_out() -> None:
    mapped = prospect({"Email": "ada@example.com", "Company": " ", "Plan": "n/a"})
    assert (mapped.fields, mapped.custom) == ({"email": "ada@example.com"}, {})


@pytest.mark.parametrize("name", ["Na", "Nan"])
def test_a_name_that_looks_like_a_placeholder_is_still_a_name(name: str) -> None:
    assert prospect({"First Name": name, "Last Name": "Li"}).fields["first_name"] == name


TRICKY = st.sampled_from(
    [
        "",
        " ",
        "n/a",
        "Na",
        "NULL",
        "-",
        "'-5",
        "'=1",
        "'t Hooft",
        '="x"',
        '\'="x"',
        '=""',
        "\u200bx",
        "\u202ax\u202c",
        " \u200b ",
        "\xa0",
        "a",
        "a &amp; b",
        "&quot;a&quot;",
        '"a"',
        "\u2018a\u2019",
        "\u201ca\u201d",
    ]
)


@settings(derandomize=True, deadline=None, database=None, max_examples=examples(300))
@given(st.lists(st.one_of(TRICKY, st.text(max_size=6)), min_size=1, max_size=8), st.booleans())
def test_a_column_of_cells_says_what_each_of_them_says(cells: list[str], is_name: bool) -> None:
    assert list(Values(is_name=is_name).of(cells)) == [
        cell_value(cell, is_name=is_name) for cell in cells
    ]
    assert list(Values(is_name=is_name, is_text=True).of(cells)) == [
        text_value(cell, is_name=is_name) for cell in cells
    ]


# ---------------------------------------------------------------- columns that a field did not take

TWICE = {
    "First Name": "Ada",
    "Last Name": "Lovelace",
    "Email": "ada@example.com",
    "Work Email": "work@example.com",
    "LinkedIn": "https://www.linkedin.com/in/ada",
    "Phone": "+44 20 7946 0001",
    "Mobile": "+44 20 7946 0002",
    "Plan": "gold",
}


def payloads(row: dict[str, str], *destinations: Json) -> list[Json]:
    """What each destination of a route is sent of a row."""
    route = parse_route("r", json.dumps({"destinations": destinations}))
    text = io.StringIO(newline="")
    csv.writer(text).writerows([row.keys(), row.values()])
    with ExitStack() as files:
        source = spool(receive([text.getvalue().encode()]))
        files.enter_context(source.file)
        plans = [
            Plan("j", REGISTRY[each.provider](each), files.enter_context(TemporaryFile()))
            for each in route.destinations
        ]
        table = read_table(source, known_headers({}))
        read_rows(table, map_columns(table.header, {}), plans)
        found = []
        for plan in plans:
            plan.file.seek(0)
            (planned,) = decode_rows(plan.file.read())
            assert planned.payload is not None
            found.append(planned.payload)
        return found


KAKIYO: Json = {"provider": "kakiyo", "campaign_id": "c"}
WHICH50: Json = {"provider": "which50", "contact_list_id": 1}
SALESHANDY: Json = {"provider": "saleshandy", "step_id": "s"}
WAALAXY: Json = {"provider": "waalaxy", "prospect_list_id": "l"}
CAMPAIGN: Json = {"provider": "activecampaign"}


def merge_fields(payload: Json) -> dict[str, str]:
    return {
        each["fieldName"]: each["fieldValue"] for each in cast("Any", payload)["additionalFields"]
    }


def test_what_a_field_did_not_take_goes_under_its_own_header_to_who_takes_all() -> None:
    kakiyo, which50 = payloads(TWICE, KAKIYO, WHICH50)

    assert merge_fields(kakiyo) == {
        "email": "ada@example.com",
        "phone": "+44 20 7946 0001",
        "Work Email": "work@example.com",
        "Mobile": "+44 20 7946 0002",
        "Plan": "gold",
    }
    assert cast("Any", which50)["Values"] == {
        "FirstName": "Ada",
        "LastName": "Lovelace",
        "Email": "ada@example.com",
        "Mobile": "442079460001",
        "linkedin_url": "https://www.linkedin.com/in/ada",
        "Work Email": "work@example.com",
        "Plan": "gold",
    }


def test_the_one_value_of_a_field_is_sent_once() -> None:
    row = TWICE | {"Work Email": "", "Mobile": " "}
    (kakiyo,) = payloads(row, KAKIYO)
    assert merge_fields(kakiyo) == {
        "email": "ada@example.com",
        "phone": "+44 20 7946 0001",
        "Plan": "gold",
    }


@pytest.mark.parametrize("header", ["Work Email", "Mobile", "LinkedIn", "Plan", "mobile"])
def test_a_column_is_had_by_its_own_header_whatever_it_feeds(header: str) -> None:
    value = next(value for name, value in TWICE.items() if fold(name) == fold(header))
    kakiyo, which50, saleshandy, waalaxy, campaign = payloads(
        TWICE,
        KAKIYO | {"field_names": {header: "Wanted"}},
        WHICH50 | {"fields": {header: "Wanted"}},
        SALESHANDY | {"fields": {header: "Wanted"}},
        WAALAXY | {"variables": {header: "Wanted"}},
        CAMPAIGN | {"fields": {header: 7}},
    )
    assert merge_fields(kakiyo)["Wanted"] == value
    assert cast("Any", which50)["Values"]["Wanted"] == value
    for payload in (saleshandy, waalaxy):
        assert re.search(rf'"Wanted"[^}}]*{re.escape(json.dumps(value))}', json.dumps(payload))
    assert campaign["fields"] == [{"id": 7, "value": value}]


@pytest.mark.parametrize("other", [CAMPAIGN | {"fields": {"LinkedIn": 7, "Plan": 8}}, WAALAXY])
def test_what_one_destination_asks_for_changes_nothing_for_another(other: Json) -> None:
    (alone,) = payloads(TWICE, KAKIYO)
    beside, _ = payloads(TWICE, KAKIYO, other)
    assert beside == alone
