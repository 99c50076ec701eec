"""Zip archives and workbooks: whole, damaged, and made to do harm."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Mapping

from tests.unit.tables.hostile.kind import ADA, GRACE, Kind, in_pieces

_CSV = "email,first name,linkedin\n" + ",".join(ADA) + "\n" + ",".join(GRACE) + "\n"
_HEADER = ("email", "first name", "linkedin")


def _zip(
    members: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b""
) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
        archive.comment = comment
    return file.getvalue()


def _central(content: bytes) -> int:
    return content.index(b"PK\x01\x02")


def _patched(content: bytes, offset: int, value: bytes) -> bytes:
    """Change what both heads of the first member say; `offset` is that in the local one."""
    changed = bytearray(content)
    changed[offset : offset + len(value)] = value
    there = _central(content) + offset + 2
    changed[there : there + len(value)] = value
    return bytes(changed)


def _nested(depth: int) -> bytes:
    content = _zip({"people.csv": _CSV})
    for _ in range(depth):
        content = _zip({f"{number}.zip": content for number in range(16)})
    return content


def _overlapping() -> bytes:
    """Many entries of the central directory, each with the same member."""
    content = _zip({"a.csv": "email\n" + " " * 1_000_000})
    start = _central(content)
    end = content.index(b"PK\x05\x06")
    entries, times = content[start:end] * 1_000, 1_000
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, times, times, len(entries), start, 0)
    return content[:start] + entries + tail


def _ratio_bomb() -> bytes:
    return _zip({"people.csv": b"email\n" + bytes(40 << 20)})


_WHOLE = _zip({"people.csv": _CSV})
_DAMAGED = bytearray(_WHOLE)
_DAMAGED[_central(_WHOLE) : _central(_WHOLE) + 4] = b"XXXX"

_TYPES = """<?xml version="1.0"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>
<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>
</Types>"""  # noqa: E501 # names of parts are long
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_STYLES = f"""<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts>
<fills count="1"><fill><patternFill patternType="none"/></fill></fills>
<borders count="1"><border/></borders>
<cellStyleXfs count="1"><xf/></cellStyleXfs>
<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs>
</styleSheet>"""


def _text(value: str) -> str:
    return f'<c t="inlineStr"><is><t>{value}</t></is></c>'


def _row(*cells: str) -> str:
    return f"<row>{''.join(cells)}</row>"


_HEAD_ROW = _row(*map(_text, _HEADER))
_ADA_ROW, _GRACE_ROW = _row(*map(_text, ADA)), _row(*map(_text, GRACE))


def _workbook(rows: str, *, shared: str = "", doctype: str = "", without: str = "") -> bytes:
    """Return a workbook of one sheet, as small as a program will open."""
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="People" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId3" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        "xl/styles.xml": _STYLES,
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{shared}</sst>',
        "xl/worksheets/sheet1.xml": f'<?xml version="1.0"?>{doctype}<worksheet xmlns="{_MAIN}">'
        f"<sheetData>{rows}</sheetData></worksheet>",
    }
    return _zip({name: part for name, part in parts.items() if name != without})


_BOOK = _workbook(_HEAD_ROW + _ADA_ROW + _GRACE_ROW)
_LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "ha">' for n in range(10)
)


def _good(name: str, build: Callable[[], bytes], *rows: tuple[str, ...], file: str) -> Kind:
    return Kind(
        name,
        lambda: in_pieces(build()),
        rows=len(rows),
        cells=dict(enumerate(rows, 1)),
        file_name=file,
    )


def _bad(name: str, build: Callable[[], bytes], reason: str, file: str) -> Kind:
    return Kind(name, lambda: in_pieces(build()), reason=reason, file_name=file)


def _bad_zip(name: str, build: Callable[[], bytes], reason: str = "bad_archive") -> Kind:
    return _bad(f"zip: {name}", build, reason, "people.zip")


def _good_zip(name: str, build: Callable[[], bytes]) -> Kind:
    return _good(f"zip: {name}", build, ADA, GRACE, file="people.zip")


def _bad_book(name: str, build: Callable[[], bytes], reason: str = "bad_archive") -> Kind:
    return _bad(f"xlsx: {name}", build, reason, "people.xlsx")


def _good_book(name: str, rows: str, *expected: tuple[str, ...], shared: str = "") -> Kind:
    return _good(
        f"xlsx: {name}", lambda: _workbook(rows, shared=shared), *expected, file="people.xlsx"
    )


_ZIPS = [
    _good_zip("one file", lambda: _WHOLE),
    _good_zip("one file, stored", lambda: _zip({"people.csv": _CSV}, zipfile.ZIP_STORED)),
    _good_zip("a name that climbs", lambda: _zip({"../../etc/people.csv": _CSV})),
    _good_zip("an absolute name", lambda: _zip({"/etc/people.csv": _CSV})),
    _good_zip("a name of backslashes", lambda: _zip({"..\\..\\people.csv": _CSV})),
    _good_zip("a name in another script", lambda: _zip({"人々.csv": _CSV})),
    _good_zip("a folder before the file", lambda: _zip({"people/": b"", "people/a.csv": _CSV})),
    _good_zip(
        "what a Mac adds", lambda: _zip({"a.csv": _CSV, "__MACOSX/._a.csv": b"\x00\x05\x16\x07"})
    ),
    _good_zip("a comment", lambda: _zip({"people.csv": _CSV}, comment=b"xyzzy" * 99)),
    _bad_zip("nothing in it", lambda: _zip({}), "empty_file"),
    _bad_zip("nothing but folders", lambda: _zip({"a/": b"", "a/b/": b""}), "empty_file"),
    _bad_zip("an empty file", lambda: _zip({"people.csv": b""}), "empty_file"),
    _bad_zip("a picture called a table", lambda: _zip({"a.csv": b"\x89PNG\x00\x00"}), "not_text"),
    _bad_zip("archives in archives", lambda: _nested(3)),
    _bad_zip("members that overlap", _overlapping, "too_big"),
    _bad_zip("a member that expands beyond measure", _ratio_bomb, "too_big"),
    _bad_zip("a member with a password", lambda: _patched(_WHOLE, 6, b"\x01\x00")),
    _bad_zip("a member of an unknown method", lambda: _patched(_WHOLE, 8, b"\x63\x00")),
    _bad_zip(
        "a member that lies about its size", lambda: _patched(_WHOLE, 22, b"\x05\x00\x00\x00")
    ),
    _bad_zip("a member with a wrong sum", lambda: _patched(_WHOLE, 14, b"\x00\x00\x00\x00")),
    _bad_zip("a damaged central directory", lambda: bytes(_DAMAGED)),
    _bad_zip("cut in the middle", lambda: _WHOLE[: len(_WHOLE) // 2]),
    _bad_zip("cut before its last byte", lambda: _WHOLE[:-1]),
    _bad_zip("only the magic", lambda: b"PK\x03\x04"),
]
_BOOKS = [
    _good("xlsx: one sheet", lambda: _BOOK, ADA, GRACE, file="people.xlsx"),
    _good("xlsx: called .csv", lambda: _BOOK, ADA, GRACE, file="people.csv"),
    _good_book(
        "a formula is its last value",
        _HEAD_ROW + _row(_text(ADA[0]), '<c t="str"><f>1+1</f><v>Ada</v></c>', _text(ADA[2])),
        ADA,
    ),
    _good_book(
        "a date is a day",
        _row(*map(_text, ("email", "since"))) + _row(_text(ADA[0]), '<c s="1"><v>46082</v></c>'),
        (ADA[0], "2026-03-01"),
    ),
    _good_book(
        "a long number is whole",
        _row(*map(_text, ("email", "phone"))) + _row(_text(ADA[0]), "<c><v>491512345678</v></c>"),
        (ADA[0], "491512345678"),
    ),
    _good_book(
        "shared strings in pieces",
        _HEAD_ROW + _row(_text(ADA[0]), '<c t="s"><v>0</v></c>', _text(ADA[2])),
        ADA,
        shared="<si><r><t>A</t></r><r><t>da</t></r></si>",
    ),
    _good_book(
        "cells left out",
        _HEAD_ROW + f'<row r="9"><c r="A9" t="inlineStr"><is><t>{ADA[0]}</t></is></c>'
        f'<c r="C9" t="inlineStr"><is><t>{ADA[2]}</t></is></c></row>',
        (ADA[0], "", ADA[2]),
    ),
    _good_book("no rows but a header", _HEAD_ROW),
    _bad_book("an empty sheet", lambda: _workbook(""), "empty_file"),
    _bad_book("cut in the middle", lambda: _BOOK[: len(_BOOK) // 2]),
    _bad_book("no sheet", lambda: _workbook(_HEAD_ROW, without="xl/worksheets/sheet1.xml")),
    _bad_book("no workbook", lambda: _workbook(_HEAD_ROW, without="xl/workbook.xml")),
    _bad_book("broken XML", lambda: _workbook(_HEAD_ROW + "<row><c><v>xyzzy</row>")),
    _bad_book(
        "a shared string that is not there",
        lambda: _workbook(_HEAD_ROW + _row('<c t="s"><v>99</v></c>')),
    ),
    _bad_book(
        "huge shared strings",
        lambda: _workbook(_HEAD_ROW, shared=f"<si><t>{'x' * (40 << 20)}</t></si>"),
        "too_big",
    ),
    _bad_book(
        "entities of entities",
        lambda: _workbook(_HEAD_ROW + _row(_text("&l9;")), doctype=f"<!DOCTYPE x [{_LAUGHS}]>"),
    ),
    _bad_book(
        "an entity that reads a file",
        lambda: _workbook(
            _HEAD_ROW + _row(_text("&x;")),
            doctype='<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        ),
    ),
]

CONTAINERS = _ZIPS + _BOOKS
