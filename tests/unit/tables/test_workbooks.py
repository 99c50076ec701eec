"""Workbooks: what a person sees in them, what is said of the rest, and what does no harm."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import datetime

import pytest
from openpyxl import Workbook

from listdrop.errors import UploadRejectedError
from listdrop.tables.formats import shower
from listdrop.tables.spooling import spool
from listdrop.tables.unpacking import receive
from tests.fuzz.run import REASONS, outcome

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
ADA = "https://www.linkedin.com/in/ada-lovelace"


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def read(content: bytes) -> tuple[list[list[str]], list[str]]:
    """The rows, and the codes of what is said of the file."""
    source = spool(receive([content]))
    with source.file:
        source.file.seek(0)
        text = source.file.read().decode()
        rows = list(csv.reader(io.StringIO(text, newline="")))
        return rows, [warning.code for warning in source.warnings]


def rejection(content: bytes) -> UploadRejectedError:
    with pytest.raises(UploadRejectedError) as rejected:
        read(content)
    assert rejected.value.text.endswith(".")
    return rejected.value


def book_of(rows: str, *, shared: str = "", styles: str = "", main: str = _MAIN) -> bytes:
    """A workbook of one sheet, as it stands in its file."""
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}">'
        f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/styles.xml": styles or f'<styleSheet xmlns="{main}"/>',
        "xl/sharedStrings.xml": f'<sst xmlns="{main}">{shared}</sst>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData>'
        "</worksheet>",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()


def text(value: str) -> str:
    return f'<c t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'


# ---------------------------------------------------------------- cells as a person sees them


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("00000", 1234, "01234"),
        ("0000000000", 444123456, "0444123456"),
        ("0#\\ ##\\ ##\\ ##\\ ##", 612345678, "06 12 34 56 78"),
        ('"+"#', 4915155501040, "+4915155501040"),
        ('"+"0', 4915155501040, "+4915155501040"),
        ("[<=9999999]###-####;(###) ###-####", 6505550100, "(650) 555-0100"),
        ("[<=9999999]###-####;(###) ###-####", 5550100, "555-0100"),
        ("000-00-0000", 12345678, "012-34-5678"),
        ("00000-0000", 123456789, "12345-6789"),
        ("[$-F800]0000", 7, "0007"),
        ("0", 491512345678, "491512345678"),
        ("0.00", 12.5, "12.50"),
        ("0.0#", 12.5, "12.5"),
        ("0.00", 12.345, "12.345"),
        ("0%", 0.25, "25%"),
        ("0.00E+00", 491512345678, "491512345678"),
        ("#,##0", 491512345678, "491512345678"),
        ('#,##0.00 "€"', 12.5, "12.5"),
        ("General", 12.5, "12.5"),
        ("@", 12, "12"),
        ("yyyy-mm-dd", 46082, "2026-03-01"),
        ("[$-409]d-mmm-yy;@", 46082, "2026-03-01"),
        ("dd/mm/yyyy hh:mm", 46082.4375, "2026-03-01 10:30:00"),
        ("hh:mm", 0.4375, "10:30:00"),
        ("[h]:mm", 1.5, "36:00:00"),
        ("yyyy-mm-dd", 0, "1900-01-00"),
        ("yyyy-mm-dd", 1, "1900-01-01"),
        ("yyyy-mm-dd", -5, "-5"),
        ('"No. "0', 7, "No. 7"),
    ],
)
def test_a_number_is_shown_in_its_format_where_that_takes_nothing_away(
    code: str, value: float, shown: str
) -> None:
    assert shower(164, code, is_1904=False)(float(value)) == shown


def test_the_format_of_a_cell_is_that_of_its_style() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Email", "Zip", "Since", "Phone"])
    sheet.append(["ada@example.com", 1234, datetime(2026, 3, 1), 612345678])  # noqa: DTZ001 # a sheet knows no zones
    sheet["B2"].number_format = "00000"
    sheet["D2"].number_format = "0000000000"
    assert read(saved(book))[0][1] == ["ada@example.com", "01234", "2026-03-01", "0612345678"]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("a_x000D_", "a\r"),
        ("a_x000d_\nb", "a\r\nb"),
        ("_x005F_x000D_", "_x000D_"),
        ("_x0041_da", "Ada"),
        ("_xD83D__xDE00_", "\U0001f600"),
        ("a_x00_b", "a_x00_b"),
        ("a_x0000_b", "a_x0000_b"),
        ("a_xZZZZ_b", "a_xZZZZ_b"),
    ],
)
def test_what_xml_cannot_hold_is_decoded(written: str, value: str) -> None:
    rows = f"<row>{text('Email')}{text('n')}</row><row>{text('x')}{text(written)}</row>"
    assert read(book_of(rows))[0][1] == ["x", value]
    shared = f"<si><t>Email</t></si><si><t>{written}</t></si>"
    cells = '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>'
    assert read(book_of(cells, shared=shared))[0][0] == ["Email", value]


def test_how_a_name_is_pronounced_is_no_part_of_it() -> None:
    shared = '<si><r><t>佐</t></r><r><t>藤</t></r><rPh sb="0" eb="2"><t>サトウ</t></rPh></si>'
    rows = f'<row>{text("Email")}</row><row><c t="s"><v>0</v></c></row>'
    assert read(book_of(rows, shared=shared))[0][1] == ["佐藤"]


def test_a_strict_workbook_is_read() -> None:
    rows = f"<row>{text('Email')}</row><row>{text('ada@example.com')}</row>"
    rows += '<row><c t="d"><v>2026-03-01T00:00:00</v></c></row>'
    assert read(book_of(rows, main=_STRICT))[0] == [["Email"], ["ada@example.com"], ["2026-03-01"]]


def test_a_fill_without_content_is_no_damage() -> None:
    styles = f'<styleSheet xmlns="{_MAIN}"><fills count="1"><fill/></fills></styleSheet>'
    assert read(book_of(f"<row>{text('Email')}</row>", styles=styles))[0] == [["Email"]]


# ---------------------------------------------------------------- links


def linked(header: str, shown: str, target: str) -> list[list[str]]:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Email", header])
    sheet.append(["ada@example.com", shown])
    sheet["B2"].hyperlink = target
    return read(saved(book))[0]


@pytest.mark.parametrize("header", ["LinkedIn", "Profile", "Person Linkedin Url", "Profil", "URL"])
def test_a_link_counts_where_a_column_of_profiles_has_none(header: str) -> None:
    assert linked(header, "View profile", ADA)[1] == ["ada@example.com", ADA]


def test_a_profile_that_is_written_counts_more_than_a_link() -> None:
    other = "https://www.linkedin.com/in/grace-hopper"
    assert linked("LinkedIn", other, ADA)[1] == ["ada@example.com", other]


def test_a_link_to_an_address_counts_where_none_is_written() -> None:
    found = linked("Second e-mail", "Write", "mailto:ada@work.example?subject=Hi")
    assert found[1] == ["ada@example.com", "ada@work.example"]


def test_other_links_are_not_followed() -> None:
    assert linked("LinkedIn", "Home", "https://example.com")[1] == ["ada@example.com", "Home"]


def test_a_profile_behind_a_name_is_not_read_and_that_is_said() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Email", "First name"])
    sheet.append(["ada@example.com", "Ada"])
    sheet["B2"].hyperlink = ADA
    rows, codes = read(saved(book))
    assert (rows[1], codes) == (["ada@example.com", "Ada"], ["links_not_read"])


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        (f'HYPERLINK("{ADA}","View")', ADA),
        (f'=HYPERLINK( "{ADA}" )', ADA),
        (f'IF(A2="","",HYPERLINK("{ADA}","View"))', ADA),
        ('HYPERLINK("https://www.linkedin.com/in/"&amp;B2,"View")', "View"),
    ],
)
def test_a_formula_that_is_a_link_leads_where_it_says(formula: str, value: str) -> None:
    formula = formula.replace('"', "&quot;")
    rows = f"<row>{text('Email')}{text('LinkedIn')}</row><row>{text('a')}"
    rows += f'<c t="str"><f>{formula}</f><v>View</v></c></row>'
    assert read(book_of(rows))[0][1] == ["a", value]


# ---------------------------------------------------------------- what is said


@pytest.mark.parametrize(
    ("hidden", "said"),
    [
        (
            (3,),
            (
                "The sheet hides a row (for example by a filter). It is sent too; delete it if you "
                "do not want to send it."
            ),
        ),
        (
            (3, 4),
            (
                "The sheet hides 2 rows (for example by a filter). Hidden rows are sent too; "
                "delete those that you do not want to send."
            ),
        ),
    ],
)
def test_hidden_rows_are_read_and_counted(hidden: tuple[int, ...], said: str) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (["Email"], ["ada@example.com"], ["bo@example.com"], ["cy@example.com"]):
        sheet.append(row)
    for number in hidden:
        sheet.row_dimensions[number].hidden = True
    source = spool(receive([saved(book)]))
    with source.file:
        assert [(each.code, each.text) for each in source.warnings] == [("hidden_rows", said)]


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (
            1,
            (
                "One cell of the sheet links to a LinkedIn profile, but Listdrop cannot read the "
                "link: put the address into a separate column."
            ),
        ),
        (
            2,
            (
                "2 cells of the sheet link to LinkedIn profiles, but Listdrop cannot read the "
                "links: put the addresses into a column of their own."
            ),
        ),
    ],
)
def test_links_that_are_not_read_are_counted(count: int, said: str) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Email", "First name"])
    for number in range(2, count + 2):
        sheet.append([f"p{number}@example.com", "Ada"])
        sheet[f"B{number}"].hyperlink = ADA
    source = spool(receive([saved(book)]))
    with source.file:
        assert [(each.code, each.text) for each in source.warnings] == [("links_not_read", said)]


def test_other_sheets_are_counted_unless_they_are_empty_or_hidden() -> None:
    book = Workbook()
    book.worksheets[0].append(["Email"])
    for name in ("more", "and more", "empty", "hidden"):
        sheet = book.create_sheet(name)
        if name != "empty":
            sheet.append([name])
    book["hidden"].sheet_state = "hidden"
    source = spool(receive([saved(book)]))
    with source.file:
        (warning,) = source.warnings
        assert (warning.code, "2 other sheets" in warning.text) == ("sheets_not_read", True)


# ---------------------------------------------------------------- harm


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (book_of("<row>" + "<c/>" * 700_000 + "</row>"), "too_big"),
        (book_of("<a>" * 1_000), "bad_archive"),
        (book_of("".join(f"<a{number}/>" for number in range(2_000))), "bad_archive"),
        (book_of("".join(f'<c a{number}=""/>' for number in range(2_000))), "bad_archive"),
        (book_of(f"<row a='{'x' * 3_000_000}'/>"), "bad_archive"),
        (book_of('<row r="99999999999"/>'), "too_big"),
        (book_of('<row><c r="1A"><v>1</v></c></row>'), "bad_archive"),
        (book_of('<row><c t="s"><v>9</v></c></row>'), "bad_archive"),
        (book_of('<row><c><v>one</v></c></row>'), "bad_archive"),
        (book_of("", styles=f"<styleSheet>{' ' * (5 << 20)}</styleSheet>"), "too_big"),
        (book_of("", shared=f"<si><t>{'x' * (65 << 20)}</t></si>"), "too_big"),
    ],
    ids=[
        "empty cells", "depth", "names", "attributes", "an endless element", "a row far away",
        "a reference that is none", "a string that is not there", "a number that is none",
        "styles", "texts",
    ],
)  # fmt: skip
def test_a_workbook_that_would_do_harm_is_rejected(content: bytes, reason: str) -> None:
    assert rejection(content).reason == reason


def test_one_byte_missing_anywhere_is_a_rejection_or_nothing() -> None:
    content = book_of(f"<row>{text('Email')}</row><row>{text('ada@example.com')}</row>")
    for place in range(0, len(content), 7):
        assert outcome(content[:place] + content[place + 1 :], "a.xlsx") in REASONS | {"read"}


# ---------------------------------------------------------------- formulas without a result


def of_formula(cell: str) -> tuple[list[str], list[str]]:
    """Return the cells of a row with a formula, and the codes of what is said."""
    rows = f"<row>{text('Email')}{text('Sum')}</row><row>{text('ada@example.com')}{cell}</row>"
    found, codes = read(book_of(rows))
    return found[1], codes


@pytest.mark.parametrize(
    "cell",
    ["<c><f>A1</f></c>", "<c><f>A1</f><v></v></c>", "<c><f>A1</f><v/></c>",
     '<c t="n"><f>A1</f><v/></c>', '<c><f t="shared" si="0"/></c>', '<c t="str"><f>A1</f></c>',
     '<c t="b"><f>A1</f><v/></c>', '<c><f t="array" ref="B2">A1</f><v></v></c>'],
)  # fmt: skip
def test_a_formula_without_its_result_is_said(cell: str) -> None:
    assert of_formula(cell) == (["ada@example.com", "#GETTING_DATA"], ["formulas_not_read"])


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c t="str"><f>A1</f><v></v></c>', ""), ('<c t="str"><f>A1</f><v/></c>', ""),
        ("<c><f>A1</f><v>0</v></c>", "0"), ('<c t="str"><f>A1</f><v>x</v></c>', "x"),
        ('<c><f t="shared" si="0"/><v>7</v></c>', "7"),
        ('<c t="e"><f>A1</f><v>#REF!</v></c>', "#REF!"),
        ("<c/>", ""), ("<c><v/></c>", ""),
        ('<c><f>HYPERLINK("https://a.example","View")</f></c>', "View"),
    ],
)  # fmt: skip
def test_a_formula_with_its_result_is_a_cell_like_any(cell: str, value: str) -> None:
    assert of_formula(cell) == (["ada@example.com", value], [])
