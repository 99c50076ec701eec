"""Files that hold no table that can be read: what they are, and what to do about it, in sentences.

What a file is, its first bytes tell; its name only says what it is called.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set

from listdrop.cells.patterns import lazy
from listdrop.errors import UploadRejectedError

START = 4096
"""How many bytes say what a file is."""

_SAVE_AGAIN = "Open it in Excel, save it as .xlsx or CSV, and drop that."
_EXPORT = "Export the list as CSV or .xlsx, and drop that."
_MARKS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", f"The file is a PDF, which is made to be read by people. {_EXPORT}"),
    (b"\x89PNG\r\n", f"The file is a picture (PNG). {_EXPORT}"),
    (b"\xff\xd8\xff", f"The file is a picture (JPEG). {_EXPORT}"),
    (b"GIF8", f"The file is a picture (GIF). {_EXPORT}"),
    (b"II*\x00", f"The file is a picture (TIFF). {_EXPORT}"),
    (b"MM\x00*", f"The file is a picture (TIFF). {_EXPORT}"),
    (b"{\\rtf", f"The file is a text document (RTF). {_EXPORT}"),
    (b"SQLite format 3\x00", f"The file is an SQLite database. {_EXPORT}"),
    (b"PAR1", f"The file is a Parquet file. {_EXPORT}"),
    (b"Rar!\x1a\x07", "The file is a RAR archive. Unpack it, and drop what is in it."),
    (b"7z\xbc\xaf\x27\x1c", "The file is a 7-Zip archive. Unpack it, and drop what is in it."),
    (b"BZh", "The file is packed with bzip2. Unpack it, and drop what is in it."),
    (b"\xfd7zXZ\x00", "The file is packed with xz. Unpack it, and drop what is in it."),
    (b"\x28\xb5\x2f\xfd", "The file is packed with zstd. Unpack it, and drop what is in it."),
    (b"BEGIN:VCARD", f"The file is a list of contacts as vCards. {_EXPORT}"),
    (b"BEGIN:VCALENDAR", f"The file is a calendar. {_EXPORT}"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLD = (
    "The file is an old Excel file (.xls) or one that is protected by a password. Save it as .xlsx "
    "or CSV, without a password, and drop that."
)
_HTML = lazy(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|table|meta)\b", re.I | re.S)
_XML_SHEET = lazy(rb"\s*<\?xml.*?<\??(?:mso-application|workbook|ss:workbook)\b", re.I | re.S)
_XML = lazy(rb"\s*<\?xml\b", re.I)
_JSON = lazy(rb'\s*(?:\[\s*)?\{\s*"', re.S)
_STRAY_UTF16 = (b"\xff\xfe", b"\xfe\xff")

_BY_SUFFIX: Mapping[str, str] = {
    ".xls": f"The file's name ends in .xls, as old Excel files do. {_SAVE_AGAIN}",
    ".xlsm": f"The file is a workbook with macros (.xlsm). {_SAVE_AGAIN}",
    ".xlsb": f"The file is a binary workbook (.xlsb). {_SAVE_AGAIN}",
    ".ods": f"The file is an OpenDocument spreadsheet (.ods). {_SAVE_AGAIN}",
    ".numbers": f"The file is an Apple Numbers spreadsheet. {_EXPORT}",
    ".docx": f"The file is a Word document (.docx). {_EXPORT}",
    ".doc": f"The file is a Word document (.doc). {_EXPORT}",
    ".pptx": f"The file is a presentation (.pptx). {_EXPORT}",
}
_PARTS: tuple[tuple[str, str], ...] = (
    ("xl/workbook.bin", _BY_SUFFIX[".xlsb"]),
    ("word/", _BY_SUFFIX[".docx"]),
    ("ppt/", _BY_SUFFIX[".pptx"]),
    ("visio/", f"The file is a drawing of Visio. {_EXPORT}"),
    ("Index/Document.iwa", _BY_SUFFIX[".numbers"]),
    ("Index.zip", _BY_SUFFIX[".numbers"]),
    ("META-INF/container.xml", f"The file is an electronic book (EPUB). {_EXPORT}"),
    ("AndroidManifest.xml", f"The file is a program. {_EXPORT}"),
)
_OPEN_DOCUMENTS: Mapping[str, str] = {
    "spreadsheet": _BY_SUFFIX[".ods"],
    "text": f"The file is an OpenDocument text (.odt). {_EXPORT}",
    "presentation": f"The file is an OpenDocument presentation (.odp). {_EXPORT}",
}


def is_old_or_protected(start: bytes) -> bool:
    """Whether bytes are of an old Excel file, or of a protected one of any age."""
    return start.startswith(_OLE)


def no_table(start: bytes) -> str:
    """Say what a file is that begins like something which is no table; empty for any other."""
    if is_old_or_protected(start):
        return _OLD
    for mark, said in _MARKS:
        if start.startswith(mark):
            return said
    text = start
    if start.startswith(_STRAY_UTF16):
        text = start.decode("utf-16", "ignore").encode()
    text = text.removeprefix(b"\xef\xbb\xbf")
    if _HTML.match(text):
        return (
            "The file is a web page (HTML), whatever it is called: some programs export one under "
            f"the name of a spreadsheet. {_SAVE_AGAIN}"
        )
    if _XML_SHEET.match(text):
        return f"The file is an old XML spreadsheet. {_SAVE_AGAIN}"
    if _XML.match(text):
        return f"The file is XML. {_EXPORT}"
    return f"The file is JSON. {_EXPORT}" if _JSON.match(text) else ""


def no_tables(names: Set[str], mimetype: str = "") -> str:
    """Say what a ZIP file is that is no workbook and no archive of files; empty for any other.

    `names` are of the files in it; `mimetype` is what an OpenDocument says of itself.
    """
    if mimetype.startswith("application/vnd.oasis.opendocument."):
        kind = mimetype.rpartition(".")[2].partition("-")[0]
        return _OPEN_DOCUMENTS.get(kind, f"The file is an OpenDocument file. {_EXPORT}")
    for part, said in _PARTS:
        if part in names or (part.endswith("/") and any(name.startswith(part) for name in names)):
            return said
    return ""


def unsupported(suffix: str, start: bytes) -> UploadRejectedError:
    """Return the error for a file whose name ends in what cannot be read."""
    said = no_table(start)
    if said and suffix == ".xls" and not is_old_or_protected(start):
        said = f"The file's name ends in .xls, but it is not an Excel file. {said}"
    said = said or _BY_SUFFIX.get(suffix, "")
    text = said or (
        f"A file whose name ends in {suffix} cannot be read. Drop a .csv, .tsv or .txt (each also "
        "with .gz), an .xlsx or a .zip."
    )
    return UploadRejectedError("unsupported_file", text)
