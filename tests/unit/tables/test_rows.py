"""Rows that do not fit their header, and quotes that do not fit their cells."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from listdrop.errors import UploadRejectedError
from listdrop.models import Destination, Route
from listdrop.plans.blocks import decode_rows
from listdrop.plans.plan import Plan
from listdrop.plans.planning import UploadPlan, plan_upload
from listdrop.tables.unpacking import receive
from tests.cases.reading import Anybody


def planned(text: str, by: str = "email") -> tuple[UploadPlan, list[str]]:
    """Plan a file; returns also what became of each row: its reason, or its warning."""
    with ExitStack() as files:
        package = receive([text.encode()])
        route = Route(destinations=(Destination(provider="anybody"),))
        plan = plan_upload(package, "a.csv", route, [("job", Anybody(by))], files)
        (only,) = plan.plans
        assert isinstance(only, Plan)
        only.file.seek(0)
        rows = [row for line in only.file for row in decode_rows(line)]
        said = [row.result.reason if row.result else row.warning for row in rows]
        return plan, said


HOST = "https://www.linkedin.com/in/"
HEADER = "Email,First name,City,Notes"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{HEADER}\na@x.com,Ada\nb@x.com,Bo,Ulm,x\n", ["row_padded", ""]),
        (f"{HEADER}\na@x.com\nb@x.com,Bo\n", ["row_padded", "row_padded"]),
        (f"{HEADER}\n,Ada\nb@x.com,Bo,Ulm,x\n", ["row_too_short", ""]),
        (f"{HEADER}\nnobody,Ada\nb@x.com,Bo,Ulm,x\n", ["row_too_short", ""]),
        (f"{HEADER}\na@x.com,Ada,Ul\nm,x\n", ["row_too_short", "row_too_short"]),
        (f"{HEADER}\na@x.com,Ada,U\n\n", ["row_padded"]),
        (f"{HEADER}\na@x.com,Ada,U", ["row_too_short"]),
        ("First name,Email,City\nAda,a@x.com\nBo\n", ["row_too_short", "row_too_short"]),
        ("First name,Email,City\nAda,a@x.com\n\nBo,b@x.com,Ulm\n", ["row_padded", ""]),
        (f"{HEADER},\na@x.com,Ada,Ulm,x\n", [""]),
        (f"{HEADER},,,\na@x.com,Ada,Ulm,x\nb@x.com,Bo,Ulm,x,,,\n", ["", ""]),
        (f"{HEADER}, ,\na@x.com,Ada,Ulm,x,y\n", [""]),
        (f"{HEADER},\na@x.com,Ada,Ulm\n", ["row_padded"]),
        ("Email,,City\na@x.com,Ada\n", ["row_padded"]),
    ],
)
def test_a_row_that_lacks_only_last_cells_is_sent_and_that_is_said(
    text: str, said: list[str]
) -> None:
    assert planned(text)[1] == said


def test_a_row_without_the_identity_of_its_destination_is_too_short_for_it() -> None:
    text = "Email,First name,LinkedIn\na@x.com,Ada\n"
    assert planned(text, by="email")[1] == ["row_padded"]
    assert planned(text, by="linkedin")[1] in (["row_too_short"], ["missing_linkedin_url"])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f'{HEADER}\na@x.com,"Ada\nb@x.com,Bo"\n', 2),
        (f'{HEADER}\nb@x.com,B,U,x\n"a@x.com\nb@x.com,x",Ada,Ulm,x\n', 3),
        ('Email,First name,LinkedIn\na@x.com,Ada,"in/ada\nin/bo"\n', 2),
        (f'Email,LinkedIn\na@x.com,"{HOST}ada\n{HOST}bo"\n', 2),
        (f'Email,LinkedIn\na@x.com,"{HOST}ada\nhttps://x.com/a,b"\n', 2),
        (f'Email,LinkedIn\na@x.com,"{HOST}ada\nAda Lovelace"\n', 2),
        ('Email,Name\na@x.com,"Ada King\nBo Diaz"\n', 2),
        ('Email,Name\na@x.com,"Ada King\n· b@x.com"\n', 2),
        ('Email,Name\na@x.com,"Ada King\n· 2nd,x"\n', 2),
        ('Email,Name\na@x.com,"Ada King\n' + "· 2nd\n" * 9 + '"\n', 2),
        (f'{HEADER}\na@x.com,Ada,Ulm,"' + "x\n" * 120 + '"\n', 2),
        (f'{HEADER}\na@x.com,"Ada,Ulm,x\n' + "b@x.com,Bo,Ulm,x\n" * 9_800 + 'c@x.com,Cy",U,x\n', 2),
    ],
)
def test_a_cell_that_swallows_lines_is_unreadable_quoting_with_its_line(
    text: str, line: int
) -> None:
    with pytest.raises(UploadRejectedError) as rejected:
        planned(text)
    assert rejected.value.reason == "unreadable_quoting"
    assert f"Line {line}:" in rejected.value.text


@pytest.mark.parametrize(
    "text",
    [
        f'{HEADER}\na@x.com,Ada,Ulm,"one\ntwo\nthree"\n',
        f'{HEADER}\n"a@x.com\n",Ada,Ulm,x\n',
        f'{HEADER}\n"a@x.com\nb@x.com",Ada,Ulm,x\n',
        f'{HEADER}\na@x.com,"Ada\n · 2nd",Ulm,x\n',
        f'{HEADER}\na@x.com,"Ada\r\n2nd\r\n• 500+ connections",Ulm,x\n',
        f'Email,LinkedIn\na@x.com,"{HOST}ada\nhttps://x.com/t"\n',
        f'Email,LinkedIn\na@x.com,"{HOST}ada\n\n{HOST}ada/"\n',
        f'{HEADER}\na@x.com,Ada,"Ulm\nSouth",x\n',
    ],
)
def test_a_note_of_several_lines_and_several_addresses_are_read(text: str) -> None:
    assert planned(text)[1] == [""]


def test_a_footer_that_is_left_out_is_shown_and_counted() -> None:
    plan, said = planned(f"{HEADER}\na@x.com,Ada,Ulm,x\n\nGrand Total (1)\nConfidential\n")
    assert said == [""]
    assert plan.info is not None
    assert plan.info.footer_rows == 2
    assert [row[0] for row in plan.footer] == ["Grand Total (1)", "Confidential"]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('a@x.com, "Ada", "Ulm, South", x', ("Ada", "Ulm, South")),
        ('a@x.com,\t"Ada",  "Ulm ""X""",x', ("Ada", 'Ulm "X"')),
        ('"a@x.com" , "Ada" , "Ulm" , "x"', ("Ada", "Ulm")),
        ('a@x.com,Ada, "Ulm, South" ,x', ("Ada", "Ulm, South")),
        ('a@x.com,Ada "A" L,Ulm,x', ('Ada "A" L', "Ulm")),
    ],
)
def test_blanks_beside_quotation_marks_belong_to_no_cell(line: str, cells: tuple[str, str]) -> None:
    for header in (HEADER, '"Email", "First name", "City", "Notes"'):
        first = planned(f"{header}\n{line}\n")[0].first_rows[0]
        assert (first[1], first[2]) == cells


def test_a_note_of_several_lines_may_have_a_blank_before_it() -> None:
    text = '"Email", "First name", "City", "Notes"\n"a@x.com", "Ada", "Ulm", "one\ntwo, three"\n'
    plan, said = planned(text)
    assert (said, plan.first_rows[0][3]) == ([""], "one\ntwo, three")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"First Name,Last Name,Email"\n"Ada,King,a@x.com"\n', "in quotation marks as a whole"),
        ('"First Name;Email"\r\n"Ada;a@x.com"\r\n', "in quotation marks as a whole"),
        ('"First Name,""Last Name"",Email"\n"Ada,K,a@x.com"\n', "in quotation marks as a whole"),
        ("“First Name”,“Email”\n“Ada”,“a@x.com”\n", "typographic quotation marks"),
        ("«Vorname»;«E-Mail»\n«Ada»;«a@x.com»\n", "typographic quotation marks"),
        ("“Plan”,“Colour”\n“gold”,“red”\n", "Listdrop knows none of the columns"),
        ('"Plan,Colour"\n"gold,red"\n', "Listdrop knows none of the columns"),
    ],
)
def test_quotation_marks_that_hide_the_columns_are_named_as_the_cause(text: str, said: str) -> None:
    with pytest.raises(UploadRejectedError) as rejected:
        planned(text)
    assert rejected.value.reason == "no_usable_column"
    assert said in rejected.value.text
