from __future__ import annotations

import codecs
import gzip
import hashlib
import zlib
from collections.abc import Container, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from listdrop.errors import UploadRejectedError
from listdrop.models import Prospect
from listdrop.prospects.columns import map_columns
from listdrop.prospects.recognising import known_headers
from listdrop.tables import reading, unpacking
from listdrop.tables.heading import MAX_CELL_CHARACTERS, Dialect
from listdrop.tables.reading import Row, read_table
from listdrop.tables.spooling import Spool, spool
from listdrop.tables.unpacking import MAX_COLUMNS, receive
from tests.support.prospects import prospect_of

SAMPLES = Path(__file__).parents[2] / "samples"
KNOWN = known_headers({})
BOM = "\ufeff"


def in_pieces(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def spooled(content: bytes | str, *, piece: int = 1 << 16) -> Spool:
    data = content.encode() if isinstance(content, str) else content
    return spool(receive(in_pieces(data, piece)))


class Read(NamedTuple):
    """A table, read to its end."""

    header: list[str]
    dialect: Dialect
    rows: list[Row]

    @property
    def cells(self) -> list[list[str]]:
        return [row.cells for row in self.rows]


def read(
    content: bytes | str,
    known: Container[str] = KNOWN,
    dialect: Dialect | None = None,
    piece: int = 1 << 16,
) -> Read:
    source = spooled(content, piece=piece)
    with source.file:
        table = read_table(source, known, dialect)
        return Read(table.header, table.dialect, list(table.rows()))


def places_of(content: bytes | str) -> list[tuple[int, int, str]]:
    """Row number, physical line and first cell of every row."""
    return [(row.row, row.line, row.cells[0]) for row in read(content).rows]


def rejection(content: bytes | str) -> UploadRejectedError:
    """Read the content to its end, and return why it was rejected."""
    with pytest.raises(UploadRejectedError) as rejected:
        read(content)
    assert rejected.value.text.endswith(".")
    return rejected.value


def sample(name: str) -> list[Prospect]:
    table = read((SAMPLES / name).read_bytes())
    columns = map_columns(table.header, {})
    return [prospect_of(row.cells, columns) for row in table.rows]


# ---------------------------------------------------------------- encodings

ACCENTED = "email,first name,company\nada@example.com,Zoë,Société Ünique\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (ACCENTED.encode(), "utf-8"),
        (codecs.BOM_UTF8 + ACCENTED.encode(), "utf-8-sig"),
        (codecs.BOM_UTF16_LE + ACCENTED.encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + ACCENTED.encode("utf-16-be"), "utf-16"),
        (ACCENTED.encode("cp1252"), "cp1252"),
        (ACCENTED.replace("\n", "\r").encode("mac_roman"), "mac_roman"),
        (ACCENTED.replace("\n", "\r").encode(), "utf-8"),
        (ACCENTED.replace("\n", "\r\n").encode("cp1252"), "cp1252"),
    ],
    ids=[
        "UTF-8",
        "UTF-8 with its mark",
        "UTF-16, little end first",
        "UTF-16, big end first",
        "cp1252",
        "Mac Roman, CR alone",
        "UTF-8, CR alone",
        "cp1252, CR and LF",
    ],
)
def test_an_encoding_is_told_by_rule_and_keeps_every_letter(content: bytes, encoding: str) -> None:
    table = read(content)

    assert table.dialect.encoding == encoding
    assert table.header == ["email", "first name", "company"]
    assert table.cells == [["ada@example.com", "Zoë", "Société Ünique"]]


def test_quotes_and_dashes_of_windows_are_read_as_such() -> None:
    content = "email,notes\nada@example.com,“It\u2019s 5 € \u2013 really…”\n".encode("cp1252")
    assert read(content).cells == [["ada@example.com", "“It\u2019s 5 € \u2013 really…”"]]


def test_letters_of_other_scripts_survive() -> None:
    assert read("email,name\nken@example.com,田中 健\n").cells == [["ken@example.com", "田中 健"]]


def test_one_late_byte_decides_that_a_file_is_not_utf_8() -> None:
    content = b"email,name\n" + b"ada@example.com,Ada\n" * 5_000 + b"zoe@example.com,Zo\xeb\n"
    table = read(content)
    assert table.dialect.encoding == "cp1252"
    assert table.rows[-1].cells == ["zoe@example.com", "Zoë"]


def test_a_letter_cut_by_the_end_of_the_file_is_not_made_another_letter() -> None:
    assert rejection(b"email,name\nzoe@example.com,Zo\xc3").reason == "not_text"


@pytest.mark.parametrize("piece", [1, 2, 3, 7])
def test_a_file_reads_the_same_in_pieces_of_any_size(piece: int) -> None:
    for content in (
        codecs.BOM_UTF8 + ACCENTED.encode(),
        codecs.BOM_UTF16_BE + ACCENTED.encode("utf-16-be"),
        gzip.compress(ACCENTED.encode(), mtime=0),
    ):
        table = read(content, piece=piece)
        assert [row.cells[1] for row in table.rows] == ["Zoë"]


@pytest.mark.parametrize(
    "content",
    [
        b"email\nada@example.com\x00\n",
        ACCENTED.encode("utf-16-le") + b"x",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"email\nada@example.com,\x81\x8d\n",
        codecs.BOM_UTF8 + b"email,name\nada@example.com,Zo\xeb\n",
        codecs.BOM_UTF8 + b"email,name\nada@example.com,A\x00da\n",
        codecs.BOM_UTF16_LE + ACCENTED.encode("utf-16-le") + b"x",
        codecs.BOM_UTF16_LE + b"\x00\xd8" + ACCENTED.encode("utf-16-le"),
        codecs.BOM_UTF16_LE + "email,name\nada@example.com,A\x00da\n".encode("utf-16-le"),
    ],
    ids=[
        "a zero byte",
        "UTF-16 without its mark, of odd length",
        "a picture",
        "bytes that cp1252 leaves undefined",
        "a mark of UTF-8 before cp1252",
        "a zero byte after a mark of UTF-8",
        "UTF-16 of odd length",
        "half a surrogate pair",
        "a zero letter in UTF-16",
    ],
)
def test_what_is_not_text_is_rejected(content: bytes) -> None:
    assert rejection(content).reason == "not_text"


def test_the_hash_is_that_of_the_bytes_as_uploaded() -> None:
    content = gzip.compress(b"email\nada@example.com\n", mtime=0)
    source = spooled(content, piece=5)
    with source.file:
        assert source.sha256 == hashlib.sha256(content).hexdigest()


# ---------------------------------------------------------------- delimiters and the sep= line


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_delimiter_is_found_by_the_header(delimiter: str) -> None:
    lines = (("email", "first name", "company"), ("ada@example.com", "Ada", "a,b;c\td|e"))
    content = "\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)
    table = read(content)

    assert table.dialect.delimiter == delimiter
    assert table.cells == [["ada@example.com", "Ada", "a,b;c\td|e"]]


@pytest.mark.parametrize("told", ["sep=;", "SEP=;", '"sep=;"', "sep=;\r"])
def test_a_sep_line_names_the_delimiter_and_is_no_row(told: str) -> None:
    table = read(f"{told}\nemail;name,with comma\nada@example.com;Ada\n")

    assert table.header == ["email", "name,with comma"]
    assert table.dialect == Dialect(
        encoding="utf-8", delimiter=";", header_line=2, newline=table.dialect.newline
    )
    assert [(row.line, row.cells) for row in table.rows] == [(3, ["ada@example.com", "Ada"])]


def test_a_sep_line_may_name_a_tab() -> None:
    table = read("sep=\t\nemail\tname\nada@example.com\tAda\n")
    assert table.header == ["email", "name"]


def test_a_sep_line_after_a_mark_is_found() -> None:
    table = read(BOM + "sep=;\nemail;name\nada@example.com;Ada\n")
    assert table.header == ["email", "name"]


def test_a_file_of_one_column_needs_no_delimiter() -> None:
    assert read("Email\nada@example.com\ngrace@example.com\n").cells == [
        ["ada@example.com"],
        ["grace@example.com"],
    ]


# ---------------------------------------------------------------- where the header is


@pytest.mark.parametrize(
    ("preamble", "header_line"),
    [
        ("", 1),
        ("\n\n", 3),
        ("Leads of spring\n", 2),
        ("Leads of spring,,\nMade by Ada,,\n,,\n", 4),
        ('Notes:\n"A sentence, with a comma,\nand a second line."\n\n', 5),
        ('Ada said "hello" today\n', 2),
        ("A line\n" * 19, 20),
    ],
)
def test_a_preamble_is_no_row(preamble: str, header_line: int) -> None:
    table = read(f"{preamble}email,first name,company\nada@example.com,Ada,Example\n")

    assert table.dialect.header_line == header_line
    assert [(row.row, row.line) for row in table.rows] == [(1, header_line + 1)]


def test_a_header_is_looked_for_in_the_first_twenty_lines_only() -> None:
    content = "A line\n" * 20 + "email,name\nada@example.com,Ada\n"
    assert rejection(content).reason == "no_usable_column"


def test_the_line_with_the_most_known_names_is_the_header() -> None:
    table = read("Company,Example Ltd\nemail,first name,last name\nada@example.com,Ada,L\n")
    assert table.header == ["email", "first name", "last name"]


def test_a_header_may_span_lines() -> None:
    table = read('email,"first\nname",company\nada@example.com,Ada,Example\n')
    assert table.header == ["email", "first\nname", "company"]
    assert [row.line for row in table.rows] == [3]


def test_a_header_is_found_by_the_names_that_a_route_adds() -> None:
    known = known_headers({"Kontaktadresse": "email"})
    table = read("Kontaktadresse,Sonstiges\nada@example.com,x\n", known)
    assert table.header == ["Kontaktadresse", "Sonstiges"]


def test_headers_are_trimmed() -> None:
    assert read(" Email , Name\nada@example.com,Ada\n").header == ["Email", "Name"]


@pytest.mark.parametrize(
    "content",
    [
        "ada@example.com,Ada,Lovelace\ngrace@example.com,Grace,Hopper\n",
        "Ada;Lovelace;https://www.linkedin.com/in/ada\n",
    ],
)
def test_a_file_that_starts_with_data_has_no_header(content: str) -> None:
    found = rejection(content)
    assert found.reason == "no_header"
    assert "Name the columns in a line above it." in found.text


def test_a_file_without_a_known_column_is_rejected() -> None:
    assert rejection("colour,shape\nred,round\n").reason == "no_usable_column"


@pytest.mark.parametrize(
    "content", [b"", codecs.BOM_UTF8, b"\n\r\n  \n", gzip.compress(b"", mtime=0)]
)
def test_an_empty_file_is_rejected(content: bytes) -> None:
    assert rejection(content).reason == "empty_file"


def test_a_file_with_only_a_header_has_no_rows() -> None:
    assert read("email,name\n").rows == []


def test_too_many_columns_are_rejected() -> None:
    header = ",".join(["email", *(f"c{number}" for number in range(MAX_COLUMNS))])
    assert rejection(f"{header}\nada@example.com\n").reason == "too_big"


# ---------------------------------------------------------------- rows and lines


def test_a_row_is_numbered_among_rows_and_placed_by_the_line_where_it_starts() -> None:
    content = (
        'email,notes\nada@example.com,"one\ntwo\n\nfour"\n'
        "grace@example.com,plain\n\n,\n"
        'hedy@example.com,"x\r\ny"\nlise@example.com,end'
    )
    assert places_of(content) == [
        (1, 2, "ada@example.com"),
        (2, 6, "grace@example.com"),
        (3, 9, "hedy@example.com"),
        (4, 11, "lise@example.com"),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_count_the_same_with_any_line_end(end: str) -> None:
    content = end.join(("email,notes", 'ada@example.com,"a', 'b"', "grace@example.com,c", ""))
    assert places_of(content) == [(1, 2, "ada@example.com"), (2, 4, "grace@example.com")]
    assert read(content).cells[0][1] == f"a{end}b"


def test_separators_of_other_kinds_do_not_end_a_line() -> None:
    content = "email,notes\nada@example.com,a\u2028b\x0bc\x0cd\x85e\ngrace@example.com,f\n"
    assert read(content).cells == [
        ["ada@example.com", "a\u2028b\x0bc\x0cd\x85e"],
        ["grace@example.com", "f"],
    ]


def test_cells_come_as_they_are() -> None:
    content = 'email,name,notes\n ada@example.com ,"  A ""Countess"" ",=1+1\n'
    assert read(content).cells == [[" ada@example.com ", '  A "Countess" ', "=1+1"]]


def test_a_quote_inside_an_unquoted_cell_is_a_letter() -> None:
    assert read('email,notes\nada@example.com,5" screen\n').cells == [
        ["ada@example.com", '5" screen']
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_cell_keeps_its_line_ends_beside_stray_quotes(end: str) -> None:
    rows = [
        'ada@example.com,5" screen,"two',
        'lines, ""even""',
        'quotes"',
        'grace@example.com,7" screen,',
        'edith@example.com,,"three',
        '""lines""',
        'each"',
        "joan@example.com,,",
    ]
    found = read(end.join(["email,size,notes", *rows, ""]))
    assert [cells[2] for cells in found.cells] == [
        f'two{end}lines, "even"{end}quotes',
        "",
        f'three{end}"lines"{end}each',
        "",
    ]
    assert [row.line for row in found.rows] == [2, 5, 6, 9]


def test_rows_of_any_width_come_as_they_are() -> None:
    assert read("email,name\nada@example.com\ngrace@example.com,G,extra,\n").cells == [
        ["ada@example.com"],
        ["grace@example.com", "G", "extra", ""],
    ]


def test_a_cell_too_many_is_not_the_next_rows() -> None:
    rows = ["ada@example.com,Ada,extra", "bo@example.com", '"cy@example.com","C,y"']
    assert read("\n".join(["email,name", *rows, ""])).cells == [
        ["ada@example.com", "Ada", "extra"],
        ["bo@example.com"],
        ["cy@example.com", "C,y"],
    ]


@pytest.mark.parametrize("blank", ["", ",", ",,,,", " , ", '"",""', "\t"])
def test_blank_and_delimiter_only_lines_are_no_rows(blank: str) -> None:
    content = f"email,name\n{blank}\nada@example.com,Ada\n{blank}\ngrace@example.com,G\n{blank}\n"
    assert places_of(content) == [(1, 3, "ada@example.com"), (2, 5, "grace@example.com")]


def test_a_cell_over_the_limit_is_rejected_with_its_line() -> None:
    rejected = rejection(f"email,notes\nada@example.com,{'x' * (MAX_CELL_CHARACTERS + 1)}\n")
    assert rejected.reason == "too_big"
    assert "Line 2" in rejected.text


def test_a_long_cell_within_the_limit_is_read() -> None:
    text = "x" * 200_000
    assert read(f"email,notes\nada@example.com,{text}\n").cells == [["ada@example.com", text]]


@pytest.mark.parametrize("rows", [70, 79, 80, 1_000, 100_000])
def test_a_file_of_any_length_is_read_to_its_end(rows: int) -> None:
    content = "email,name\n" + "".join(f"person{n}@example.com,P\n" for n in range(1, rows + 1))
    last = read(content).rows[-1]
    assert last == Row(rows, rows + 1, [f"person{rows}@example.com", "P"])


# ---------------------------------------------------------------- quoting


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('email,name\nada@example.com,"Ada\ngrace@example.com,G\n', 2),
        ('email,name\nada@example.com,"A\nb"\ngrace@example.com,"G\nhedy@example.com,H\n', 4),
        ('email,name\nada@example.com,"Ada" Lovelace\n', 2),
        ('Leads of spring\n\nemail,name\n\nada@example.com,"Ada', 5),
    ],
)
def test_a_quote_that_is_not_closed_is_rejected_with_the_line_where_it_began(
    content: str, line: int
) -> None:
    rejected = rejection(content)
    assert rejected.reason == "unreadable_quoting"
    assert f"Line {line}:" in rejected.text


def test_a_quote_open_to_the_limit_of_a_cell_is_unreadable_quoting_not_a_big_cell() -> None:
    rest = "grace@example.com,Grace\n" * (MAX_CELL_CHARACTERS // 20)
    rejected = rejection(f'email,name\nada@example.com,"Ada\n{rest}')
    assert rejected.reason == "unreadable_quoting"
    assert "Line 2:" in rejected.text


# ---------------------------------------------------------------- footers

FOOTER = '\n"Grand Totals (2 records)"\n\n"Confidential - do not share"\n"Copyright"\n'


def test_a_footer_is_no_row() -> None:
    content = f"email,name\nada@example.com,Ada\ngrace@example.com,Grace\n{FOOTER}"
    assert places_of(content) == [(1, 2, "ada@example.com"), (2, 3, "grace@example.com")]


def test_what_only_looked_like_a_footer_is_rows_with_their_own_lines() -> None:
    content = f"email,name\nada@example.com,Ada\n{FOOTER}grace@example.com,Grace\n"
    assert places_of(content) == [
        (1, 2, "ada@example.com"),
        (2, 4, "Grand Totals (2 records)"),
        (3, 6, "Confidential - do not share"),
        (4, 7, "Copyright"),
        (5, 8, "grace@example.com"),
    ]


def test_a_last_row_without_a_blank_line_before_it_is_no_footer() -> None:
    assert len(read("email,name\nada@example.com,Ada\ngrace@example.com\n").rows) == 2


def test_a_file_of_one_column_has_no_footer() -> None:
    content = "email\nada@example.com\n\ngrace@example.com\n"
    assert places_of(content) == [(1, 2, "ada@example.com"), (2, 4, "grace@example.com")]


def test_a_long_end_of_single_cells_is_rows_not_a_footer() -> None:
    ends = "".join(f"person{number}@example.com\n" for number in range(30))
    assert len(read(f"email,name\nada@example.com,Ada\n\n{ends}").rows) == 31


def test_a_person_with_nothing_but_an_address_after_a_blank_line_is_no_footer() -> None:
    content = "email,name,company\nada@example.com,Ada,Example\n\ngrace@example.com,,\n"
    assert places_of(content) == [(1, 2, "ada@example.com"), (2, 4, "grace@example.com")]


ADA, GRACE = "ada@example.com,Ada,Engine,", "grace@example.com,Grace,Navy,"
SUMS = [
    'Grand Totals (2 records),,,\n"Confidential Information - Do Not Distribute",,,\n',
    "Grand Totals (2 records)\n",
    "\nTotal,2,,\n",
    "Total,2,1,1\n",
    "TOTAL: 2\n",
    "Totals,2\n",
    "Subtotal,1,,\nSub-total,1,,\nGrand total,2,,\n",
    " Total ,2\n\n \n",
    '"Grand Totals (2 records)","","","2"\n\n"Confidential - do not share"\n',
    "Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved.\n",
    "\n© 2026 Example, Ltd., all rights\n",
    "Report run by dana@vendor.example\nExported on 2026-11-21 09:13\n",
    "Generated By:  Dana Cole,21/11/2026 09:13\nExample Ltd\n",
    "Generated on,2026-11-21",
]


@pytest.mark.parametrize("end", SUMS)
def test_sums_and_notices_at_the_end_are_no_rows_with_or_without_a_blank_line(end: str) -> None:
    content = f"email,name,company,notes\n{ADA}\n{GRACE}\n{end}"
    assert places_of(content) == [(1, 2, "ada@example.com"), (2, 3, "grace@example.com")]


@pytest.mark.parametrize("end", SUMS)
def test_sums_and_notices_in_the_middle_are_rows(end: str) -> None:
    content = f"email,name,company,notes\n{ADA}\n{end.rstrip()}\n{GRACE}\n"
    rows = [line for line in content.splitlines()[1:] if line.strip(" ,")]
    assert len(read(content).rows) == len(rows)


@pytest.mark.parametrize(
    "person",
    [
        "Total,Person,total@example.com,",
        "total@example.com,Total,,",
        "Total <total@example.com>,Total,,",
        "Total,Person,https://www.linkedin.com/in/total,",
        "Total,Person,in/total,",
        "Subtotal,,,mailto:total@example.com",
        "Total,total.example.com,,",
        "Totally Spies,Person,Company,",
        "Total-Energies SE,Person,Company,",
        "Copyrighter,Person,Company,",
        "Generated,by,me,",
        "Ada,Total,Generated by me,",
    ],
)
def test_a_person_at_the_end_is_a_row_whatever_their_name(person: str) -> None:
    assert len(read(f"name,email,company,notes\nAda,ada@example.com,,\n{person}\n").rows) == 2


def test_a_full_row_that_begins_with_such_a_word_is_a_row() -> None:
    header = "company,first name,last name,city,country,email\n"
    assert len(read(f"{header}Engine,Ada,King,London,UK,a@example.com\nTotal,A,B,C,D,\n").rows) == 2
    assert len(read(f"{header}Engine,Ada,King,London,UK,a@example.com\nTotal,A,B,C,,\n").rows) == 1


def test_a_sum_at_the_end_of_a_single_column_is_no_row() -> None:
    assert len(read("email\nada@example.com\nTotal: 1\n").rows) == 1


def test_a_long_end_of_sums_is_rows_not_a_footer() -> None:
    sums = "Total,2,,\n" * 30
    assert len(read(f"email,name,company,notes\n{ADA}\n{sums}").rows) == 31


@pytest.mark.parametrize("rows", [1, 3_000, 4_000, 5_000, 20_000])
def test_a_footer_is_found_wherever_a_read_ends(rows: int) -> None:
    content = "email,name,company,notes\n" + f"{ADA}\n" * rows + "Total,2,,\nCopyright\n"
    assert len(read(content).rows) == rows


# ---------------------------------------------------------------- gzip

PLAIN = b"email,name\n" + b"".join(b"person%d@example.com,P\n" % number for number in range(50))


def test_a_gzip_file_reads_like_its_content() -> None:
    assert read(gzip.compress(PLAIN, mtime=0)).rows == read(PLAIN).rows


def test_a_gzip_file_of_several_members_is_read_whole() -> None:
    content = (
        gzip.compress(PLAIN[:100], mtime=0)
        + gzip.compress(b"", mtime=0)
        + gzip.compress(PLAIN[100:], mtime=0)
    )
    for piece in (1, 10, 1 << 16):
        assert read(content, piece=piece).rows == read(PLAIN).rows


def test_zeros_after_a_gzip_file_are_padding() -> None:
    assert read(gzip.compress(PLAIN, mtime=0) + bytes(512)).rows == read(PLAIN).rows


@pytest.mark.parametrize("kept", [2, 10, 60, -8, -1])
def test_a_gzip_file_that_is_cut_off_is_rejected(kept: int) -> None:
    assert rejection(gzip.compress(PLAIN, mtime=0)[:kept]).reason == "bad_archive"


def test_a_gzip_file_whose_second_member_is_cut_off_is_rejected() -> None:
    content = gzip.compress(PLAIN, mtime=0) + gzip.compress(b"more@example.com,M\n", mtime=0)[:-4]
    assert rejection(content).reason == "bad_archive"


@pytest.mark.parametrize("at", [12, -6])
def test_a_damaged_gzip_file_is_rejected(at: int) -> None:
    content = bytearray(gzip.compress(PLAIN, mtime=0))
    content[at] ^= 0xFF
    assert rejection(bytes(content)).reason == "bad_archive"


def test_rubbish_after_a_gzip_file_is_not_ignored() -> None:
    assert rejection(gzip.compress(PLAIN, mtime=0) + b"not gzip").reason == "bad_archive"


@pytest.mark.parametrize("extra", [-1, 0, 1, 257])
def test_a_gzip_file_around_the_size_of_a_read_is_read_whole(extra: int) -> None:
    content = b"email\n" + b"x" * ((1 << 20) - 6 + extra)
    with spooled(gzip.compress(content, mtime=0), piece=64).file as file:
        assert file.read(1) == b""
        assert file.tell() == len(content)


def test_a_gzip_bomb_is_rejected_before_it_is_unpacked() -> None:
    bomb = zlib.compressobj(9, wbits=31)
    content = b"".join(bomb.compress(bytes(1 << 20)) for _ in range(300)) + bomb.flush()
    package = receive(in_pieces(content, 1 << 10))
    with pytest.raises(UploadRejectedError) as rejected:
        spool(package)
    assert rejected.value.reason == "too_big"


def test_a_large_file_that_packs_well_is_no_bomb() -> None:
    line = b"person@example.com,%d\n"
    content = b"email,name\n" + b"".join(line % number for number in range(1_000_000))
    packed = gzip.compress(content, 9, mtime=0)
    assert len(content) > 16 << 20
    with spooled(packed).file as file:
        assert file.tell() == len(content)


def test_a_file_over_the_limit_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MAX_BYTES", 1 << 21)
    with pytest.raises(UploadRejectedError) as rejected:
        receive([b"email\n"] + [b"x" * (1 << 20)] * 3)
    assert rejected.value.reason == "too_big"
    assert "2 MiB" in rejected.value.text


@pytest.mark.parametrize(("rows", "is_read"), [(3, True), (4, False)])
def test_a_file_may_have_as_many_rows_as_the_limit_says(
    monkeypatch: pytest.MonkeyPatch, rows: int, *, is_read: bool
) -> None:
    monkeypatch.setattr(reading, "MAX_ROWS", 3)
    text = "email\n" + "".join(f"p{number}@example.com\n" for number in range(rows))
    if is_read:
        assert len(places_of(text)) == rows
    else:
        assert rejection(text).reason == "too_big"


# ---------------------------------------------------------------- reading again


def test_a_file_is_read_the_same_way_again_with_the_dialect_it_was_read_with() -> None:
    content = 'Leads\n\nemail;notes\nada@example.com;"a\nb"\n\ngrace@example.com;c\n'.encode(
        "cp1252"
    )
    first = read(content)
    again = read(content, frozenset(), first.dialect)

    assert again.header == first.header
    assert again.rows == first.rows


def test_a_table_may_be_left_half_read() -> None:
    source = spooled("email\n" + "ada@example.com\n" * 1_000)
    with source.file:
        table = read_table(source, KNOWN)
        next(table.blocks)
    del table


# ---------------------------------------------------------------- exports as they are


def test_an_export_of_linkedin_connections_is_read() -> None:
    table = read((SAMPLES / "linkedin-connections.csv").read_bytes())
    rows = sample("linkedin-connections.csv")

    assert [(row.row, row.line) for row in table.rows] == [(1, 5), (2, 6), (3, 7), (4, 8)]
    assert rows[0].fields == {
        "first_name": "Ada",
        "last_name": "Lovelace",
        "company": "Engine Works",
        "job_title": "Head of Growth",
        "linkedin_url": "https://www.linkedin.com/in/ada-example-1",
    }
    assert (rows[1].fields["last_name"], rows[1].fields["email"]) == (
        "Exemple",
        "theo@example.com",
    )
    assert (rows[2].fields, rows[2].custom) == ({}, {"Connected On": "11 Feb 2022"})
    assert rows[3].fields["first_name"] == "健"


def test_an_export_of_apollo_is_read() -> None:
    rows = sample("apollo-contacts.csv")

    assert [row.fields.get("email") for row in rows] == [
        "ada@example.com",
        "joerg@example.org",
        "aoife@example.com",
    ]
    assert [row.fields.get("phone") for row in rows] == [
        "+44 20 7946 0011",
        "+49 30 23125 101",
        None,  # Do Not Call
    ]
    assert "linkedin_url" not in rows[2].fields
    assert rows[2].custom["Company Linkedin Url"] == "http://www.linkedin.com/company/oexample"
    assert rows[1].custom["Lists"] == "Magento 2, ICP-A"


def test_a_german_excel_file_is_read() -> None:
    table = read((SAMPLES / "excel-de-semicolon.csv").read_bytes())
    rows = sample("excel-de-semicolon.csv")

    assert [row.line for row in table.rows] == [2, 3, 4]
    assert rows[1].fields == {
        "email": "lucja@example.com",
        "first_name": "Łucja",
        "last_name": "Przykład",
        "company": "Przykład sp. z o.o.",
        "job_title": "CTO",
        "phone": "+48 58 555 01 02",
        "city": "Gdańsk",
        "country": "Poland",
    }


def test_a_report_of_salesforce_leads_is_read_without_its_footer() -> None:
    table = read((SAMPLES / "salesforce-leads-report.csv").read_bytes())
    rows = sample("salesforce-leads-report.csv")

    assert table.dialect.encoding == "cp1252"
    assert [(row.row, row.line) for row in table.rows] == [(1, 2), (2, 4), (3, 5), (4, 6)]
    assert rows[0].custom["Street"] == "1 Example Street\nSuite 0"
    assert rows[0].custom["Lead Owner"] == "Inès Exemple"
    assert "email" not in rows[2].fields
    assert "Rating" not in rows[1].custom
    assert rows[3].fields["company"] == "O'Example & Daughters"
