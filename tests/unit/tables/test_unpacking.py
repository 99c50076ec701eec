"""What an upload is packed in, what is in it, and what its text is."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from datetime import time as time_of_day

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart

from listdrop.errors import UploadRejectedError
from listdrop.models import Container
from listdrop.tables import workbooks
from listdrop.tables.naming import is_archive
from listdrop.tables.unpacking import (
    MAX_COLUMNS,
    MAX_NAME_BYTES,
    MAX_TABLES,
    PIECE,
    Package,
    receive,
    tables,
    take_out,
    unpacked,
)
from tests.support.containers import saved, workbook, zipped
from tests.support.waiting import cheaply

PEOPLE = b"Email\r\nada@example.com\r\n"


def received(content: bytes) -> Package:
    return receive([content[:3], content[3:]])


def text_of(package: Package) -> bytes:
    with package.file:
        return b"".join(unpacked(package))


def changed(book: bytes, part: str, change: Callable[[str], str]) -> bytes:
    """A workbook in which one part is not what a program would write."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = parts[part].decode()
    parts[part] = change(text).encode()
    assert parts[part].decode() != text
    return zipped(parts)


def sheet(content: bytes) -> list[list[str]]:
    """The rows of a workbook, as they are read."""
    text = text_of(received(content)).decode()
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def rejection(action: Callable[[], object]) -> str:
    with pytest.raises(UploadRejectedError) as rejected:
        action()
    assert rejected.value.text.endswith(".")
    return rejected.value.reason


# ---------------------------------------------------------------- what came


@pytest.mark.parametrize(
    ("content", "container"),
    [
        (PEOPLE, Container.NONE),
        (b"PK is how this text begins", Container.NONE),
        (gzip.compress(PEOPLE, mtime=0), Container.GZIP),
        (zipped({"a.csv": PEOPLE}), Container.ZIP),
        (workbook(["Email"]), Container.XLSX),
    ],
)
def test_a_container_is_known_by_its_bytes_and_hashed_as_it_came(
    content: bytes, container: Container
) -> None:
    package = received(content)
    with package.file:
        assert package.container is container
        assert package.sha256 == hashlib.sha256(content).hexdigest()


def test_nothing_at_all_is_an_empty_file() -> None:
    assert rejection(lambda: receive([])) == "empty_file"
    assert rejection(lambda: receive([b"", b""])) == "empty_file"


def test_an_old_or_a_protected_workbook_is_no_text() -> None:
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    assert rejection(lambda: receive([old])) == "not_text"


def test_what_only_begins_like_an_archive_is_a_bad_one() -> None:
    assert rejection(lambda: receive([b"PK\x03\x04 and no more"])) == "bad_archive"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.zip", True), ("A.ZIP", True), ("a.csv", False), ("a.zip.csv", False), ("a.xlsx", False)],
)
def test_an_archive_is_named_as_one(name: str, expected: bool) -> None:
    assert is_archive(name) is expected


# ---------------------------------------------------------------- text and gzip


@pytest.mark.parametrize(
    "content",
    [
        PEOPLE,
        gzip.compress(PEOPLE, mtime=0),
        gzip.compress(PEOPLE[:5], mtime=0) + gzip.compress(PEOPLE[5:], mtime=0),
        gzip.compress(PEOPLE, mtime=0) + bytes(512),
    ],
    ids=["plain", "gzip", "two members", "padded"],
)
def test_text_is_unpacked_whole(content: bytes) -> None:
    assert text_of(received(content)) == PEOPLE


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (gzip.compress(PEOPLE, mtime=0)[:-9], "bad_archive"),
        (gzip.compress(PEOPLE, mtime=0) + b"something else", "bad_archive"),
        (gzip.compress(bytes(40 << 20), mtime=0), "too_big"),
    ],
    ids=["cut off", "followed by something else", "a bomb"],
)
def test_gzip_that_cannot_be_unpacked_is_rejected(content: bytes, reason: str) -> None:
    assert rejection(lambda: text_of(received(content))) == reason


# ---------------------------------------------------------------- ZIP


def test_every_file_of_an_archive_is_a_table_and_junk_is_none() -> None:
    junk = [
        "folder/", "__MACOSX/._b.csv", "folder/__MACOSX/x.csv", ".DS_Store", "folder/.hidden.csv",
        "folder/Thumbs.db", "desktop.ini", "folder\\.hidden",
    ]  # fmt: skip
    content = zipped({"b.csv": PEOPLE, **dict.fromkeys(junk, b""), "folder/a.txt": PEOPLE})
    package = received(content)
    with package.file:
        assert tables(package) == ["b.csv", "folder/a.txt"]


@pytest.mark.parametrize("content", [PEOPLE, gzip.compress(PEOPLE, mtime=0), workbook(["Email"])])
def test_what_is_no_archive_is_one_table_without_a_name(content: bytes) -> None:
    package = received(content)
    with package.file:
        assert tables(package) == [""]


def test_a_table_is_taken_out_with_its_own_hash_and_container() -> None:
    members = {
        "a.csv": PEOPLE,
        "b.csv.gz": gzip.compress(PEOPLE, mtime=0),
        "c.xlsx": workbook(["Email"]),
    }
    package = received(zipped(members))
    with package.file:
        taken = {name: take_out(package, name) for name in tables(package)}
        assert {name: table.container for name, table in taken.items()} == {
            "a.csv": Container.NONE,
            "b.csv.gz": Container.GZIP,
            "c.xlsx": Container.XLSX,
        }
        for name, table in taken.items():
            assert table.sha256 == hashlib.sha256(members[name]).hexdigest()
    assert text_of(taken["a.csv"]) == text_of(taken["b.csv.gz"]) == PEOPLE
    assert text_of(taken["c.xlsx"]) == b"Email\r\n"


def test_a_hundred_tables_are_taken_and_one_more_is_too_many() -> None:
    most = {f"{number}.csv": b"x" for number in range(MAX_TABLES)}
    package = received(zipped(most))
    with package.file:
        assert len(tables(package)) == MAX_TABLES
    package = received(zipped(most | {"more.csv": b"x"}))
    with package.file:
        assert rejection(lambda: tables(package)) == "too_big"


@pytest.mark.parametrize(
    "longest",
    [
        f"{'a' * (MAX_NAME_BYTES - 4)}.csv",
        f"{'é' * (MAX_NAME_BYTES // 2 - 2)}.csv",
        f"{'f/' * (MAX_NAME_BYTES // 2 - 4)}list.csv",
        f"{'名' * 100}/{'单' * (MAX_NAME_BYTES // 3 - 102)}.csv",
    ],
    ids=["one name", "accents", "folders", "Chinese"],
)
def test_a_table_may_have_a_long_name_but_none_that_its_jobs_cannot_carry(longest: str) -> None:
    assert MAX_NAME_BYTES - 4 < len(longest.encode()) <= MAX_NAME_BYTES
    package = received(zipped({longest: PEOPLE, "b.csv": PEOPLE}))
    with package.file:
        assert tables(package) == [longest, "b.csv"]
    package = received(zipped({"b.csv": PEOPLE, f"more{longest}": PEOPLE}))
    with package.file:
        assert rejection(lambda: tables(package)) == "too_big"


def test_the_connections_of_linkedin_may_not_have_a_longer_name_than_another_table() -> None:
    package = received(zipped({f"{'x/' * 600}Connections.csv": PEOPLE, "Profile.csv": PEOPLE}))
    with package.file:
        assert rejection(lambda: tables(package)) == "too_big"


@pytest.mark.parametrize(
    "name",
    [f"{'folder/' * 200}", f"__MACOSX/{'a' * 2000}.csv", f"{'a/' * 500}.DS_Store", "Messages.csv"],
    ids=["folder", "of a Mac", "no upload", "of LinkedIn"],
)
def test_a_long_name_of_what_is_no_table_does_not_matter(name: str) -> None:
    long = f"{'x/' * 600}Profile.csv"
    others = {long: PEOPLE, name: PEOPLE} if name == "Messages.csv" else {name: b""}
    package = received(zipped({"Connections.csv": PEOPLE} | others))
    with package.file:
        assert tables(package) == ["Connections.csv"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (zipped({"a.csv": b"x", "b.csv": b"y"}).replace(b"b.csv", b"a.csv"), "bad_archive"),
        (zipped({"__MACOSX/a.csv": b"x"}), "empty_file"),
    ],
    ids=["two of one name", "only junk"],
)
def test_an_archive_whose_tables_cannot_be_told_is_rejected(content: bytes, reason: str) -> None:
    package = received(content)
    with package.file:
        assert rejection(lambda: tables(package)) == reason


def encrypted(content: bytes) -> bytes:
    """Set the flag of encryption in both heads of an archive's only member."""
    found = bytearray(content)
    found[6] |= 1
    found[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(found)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (encrypted(zipped({"a.csv": PEOPLE})), "bad_archive"),
        (zipped({"a.csv": zipped({"b.csv": PEOPLE})}), "bad_archive"),
        (zipped({"a.csv": bytes(40 << 20)}), "too_big"),
        (zipped({"a.csv": b""}), "empty_file"),
    ],
    ids=["encrypted", "an archive", "a bomb", "empty"],
)
def test_a_table_that_cannot_be_taken_out_is_rejected(content: bytes, reason: str) -> None:
    package = received(content)
    with package.file:
        assert rejection(lambda: take_out(package, "a.csv")) == reason


def test_an_archive_that_is_not_named_as_one_is_told_so() -> None:
    package = received(zipped({"a.csv": PEOPLE}))
    with package.file, pytest.raises(UploadRejectedError, match=r"ends in \.zip") as rejected:
        unpacked(package)
    assert rejected.value.reason == "bad_archive"


# ---------------------------------------------------------------- Excel


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Ada", "Ada"),
        (None, ""),
        (True, "TRUE"),
        (False, "FALSE"),
        (0, "0"),
        (12.0, "12"),
        (19.99, "19.99"),
        (0.1 + 0.2, "0.3"),
        (491512345678, "491512345678"),
        (4.91512345678e11, "491512345678"),
        (999_999_999_999_999.0, "999999999999999"),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1), "2026-03-01"),  # noqa: DTZ001 # a sheet knows no time zones
        (datetime(2026, 3, 1, 10, 30), "2026-03-01 10:30:00"),  # noqa: DTZ001 # nor here
        (time_of_day(10, 30), "10:30:00"),
        ("00491512", "00491512"),
        ('say "hi", Ada\nor not', 'say "hi", Ada\nor not'),
    ],
)
def test_a_cell_is_what_a_person_sees(value: object, text: str) -> None:
    assert sheet(workbook(["Email", "x", "end"], ["ada", value, "."])) == [
        ["Email", "x", "end"],
        ["ada", text, "."],
    ]


def test_a_row_is_as_wide_as_those_before_it_and_a_blank_one_is_blank() -> None:
    rows = sheet(
        workbook(["Email", "Name", "City", None], ["ada"], [], ["bo", "Bo", "Ulm", "more"])
    )
    assert rows == [["Email", "Name", "City"], ["ada", "", ""], [], ["bo", "Bo", "Ulm", "more"]]


def test_the_first_visible_sheet_is_read() -> None:
    book = Workbook()
    book.worksheets[0].append(["Hidden"])
    book.worksheets[0].sheet_state = "hidden"
    for name in ("Email", "Other"):
        book.create_sheet(name).append([name])
    assert sheet(saved(book)) == [["Email"]]


def test_a_chart_before_the_sheet_is_no_table() -> None:
    book = Workbook()
    book.worksheets[0].append(["Email"])
    book.create_chartsheet("Chart", 0).add_chart(BarChart())
    assert sheet(saved(book)) == [["Email"]]


FIRST_SHEET = "xl/worksheets/sheet1.xml"
TWO_ROWS = workbook(["Email", "Name"], ["ada@example.com", "Ada"])
AS_WRITTEN = [["Email", "Name"], ["ada@example.com", "Ada"]]


@pytest.mark.parametrize("size", ["A1:XFD1048576", "A1", "A1:B1"])
def test_what_a_sheet_tells_of_its_size_is_not_believed(size: str) -> None:
    content = changed(TWO_ROWS, FIRST_SHEET, lambda text: text.replace("A1:B2", size))
    with cheaply():
        assert sheet(content) == AS_WRITTEN


def with_rows(rows: str) -> bytes:
    return changed(
        TWO_ROWS, FIRST_SHEET, lambda text: text.replace("</sheetData>", f"{rows}</sheetData>")
    )


def far_cell(row: int, column: str, value: str = "") -> str:
    return f'<row r="{row}"><c r="{column}{row}" s="0">{value}</c></row>'


def test_a_cell_in_the_last_row_takes_neither_time_nor_memory() -> None:
    content = with_rows(far_cell(1_048_576, "B", "<v>7</v>"))
    package = received(content)
    with package.file, cheaply():
        sizes = list(map(len, unpacked(package)))
    assert sum(sizes) < 4 << 20
    assert max(sizes) < 2 * PIECE


def test_formatted_cells_far_to_the_right_are_nothing() -> None:
    content = with_rows("".join(far_cell(row, "XFD") for row in range(3, 11_000)))
    with cheaply():
        assert [row for row in sheet(content) if row] == AS_WRITTEN


@pytest.mark.parametrize(
    "content",
    [
        with_rows(far_cell(3, "XFD", "<v>7</v>")),
        with_rows(far_cell(99_999_999_999, "A", "<v>7</v>")),
        workbook(["Email", *["x"] * MAX_COLUMNS]),
    ],
    ids=["a value far away", "a row beyond any sheet", "many columns"],
)
def test_a_sheet_that_is_too_large_is_rejected_soon(content: bytes) -> None:
    with cheaply():
        assert rejection(lambda: sheet(content)) == "too_big"


def test_as_many_columns_as_a_file_may_have_are_read() -> None:
    names = [f"c{number}" for number in range(MAX_COLUMNS)]
    assert sheet(workbook(names)) == [names]


@pytest.mark.parametrize(
    "content",
    [
        changed(TWO_ROWS, FIRST_SHEET, lambda text: text[:-20]),
        changed(TWO_ROWS, "xl/workbook.xml", lambda text: text.replace("visible", "hidden")),
    ],
    ids=["broken XML", "no visible sheet"],
)
def test_a_workbook_without_a_sheet_to_read_is_a_bad_one(content: bytes) -> None:
    assert rejection(lambda: sheet(content)) == "bad_archive"


def test_a_workbook_of_too_many_cells_is_to_be_saved_as_csv(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workbooks, "MAX_CELLS", 6)
    assert text_of(received(workbook(["a", "b"], [1, 2], [3, 4])))
    with pytest.raises(UploadRejectedError, match="over 6 cells") as rejected:
        text_of(received(workbook(["a", "b"], [1, 2], [3, 4], [5])))
    assert rejected.value.reason == "too_big"
