"""Bytes that are text, half text, or no text at all."""

from __future__ import annotations

import bz2
import codecs
import lzma

from tests.unit.tables.hostile.kind import ADA, Kind, read, rejected

_HEADER = "email,first name,company"
_TEXT = f"{_HEADER}\nada@example.com,Zoë,Société Ünique\n"
_ROW = ("ada@example.com", "Zoë", "Société Ünique")
_PLAIN = b"email,first name,company\nada@example.com,Ada,"
_LE, _BE = codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE
_LONE = "not text: half of a surrogate pair"


def _little(*units: bytes) -> bytes:
    start = f"{_HEADER}\nada@example.com,Ada,".encode("utf-16-le")
    return _LE + start + b"".join(units) + "\n".encode("utf-16-le")


def _company(name: str, content: bytes, value: str) -> Kind:
    return read(name, content, ("ada@example.com", "Ada", value), sent=(1, 0))


TEXTS = [
    read("UTF-16 without its mark, little end first", _TEXT.encode("utf-16-le"), _ROW, sent=(1, 0)),
    read("UTF-16 without its mark, big end first", _TEXT.encode("utf-16-be"), _ROW, sent=(1, 0)),
    _company("Shift JIS", _PLAIN + "有限会社、アダ\n".encode("shift_jis"), "有限会社、アダ"),
    read("UTF-8", _TEXT, _ROW, sent=(1, 0)),
    read("UTF-8 with its mark", codecs.BOM_UTF8 + _TEXT.encode(), _ROW, sent=(1, 0)),
    read("UTF-8 with its mark twice", codecs.BOM_UTF8 * 2 + _TEXT.encode(), _ROW, sent=(1, 0)),
    read(
        "UTF-8 with its mark before a header in quotes",
        codecs.BOM_UTF8 + b'"email","first name"\n"ada@example.com","Ada"\n',
        ("ada@example.com", "Ada"),
        header=("email", "first name"),
        sent=(1, 0),
    ),
    read(
        "two files with marks, one after the other",
        codecs.BOM_UTF8
        + b"email,first name\nada@example.com,Ada\n"
        + codecs.BOM_UTF8
        + b"grace@example.com,Grace\n",
        ("ada@example.com", "Ada"),
        ("\ufeffgrace@example.com", "Grace"),
        sent=(2, 0),
    ),
    read("UTF-16, little end first", _LE + _TEXT.encode("utf-16-le"), _ROW, sent=(1, 0)),
    read("UTF-16, big end first", _BE + _TEXT.encode("utf-16-be"), _ROW, sent=(1, 0)),
    read(
        "UTF-16 with letters beyond its first plane",
        _LE + f"{_HEADER}\nada@example.com,𝒜𝒹𝒶,👩🏽‍🚀\n".encode("utf-16-le"),
        ("ada@example.com", "𝒜𝒹𝒶", "👩🏽‍🚀"),
    ),
    read(
        "UTF-16 with letters whose bytes are line ends, commas and quotes",
        _LE + f"{_HEADER}\nada@example.com,\u0a0d\u0d0a,\u2c2c\u2222\u2c22\n".encode("utf-16-le"),
        ("ada@example.com", "\u0a0d\u0d0a", "\u2c2c\u2222\u2c22"),
        lines=(2,),
    ),
    read(
        "UTF-16 with tabs, as a spreadsheet's Unicode text",
        _LE + "email\tfirst name\r\nada@example.com\tZoë, the\r\n".encode("utf-16-le"),
        ("ada@example.com", "Zoë, the"),
        sent=(1, 0),
    ),
    read(
        "UTF-16 of CR alone",
        _LE + _TEXT.replace("\n", "\r").encode("utf-16-le"),
        _ROW,
        lines=(2,),
    ),
    read("Windows-1252", _TEXT.encode("cp1252"), _ROW, sent=(1, 0)),
    _company(
        "Windows-1252 with curly quotes, dashes and the euro",
        _PLAIN + "“5 €” \u2013 it\u2019s…\n".encode("cp1252"),
        "“5 €” \u2013 it\u2019s…",
    ),
    _company("Latin-1", _PLAIN + "Ærøskøbing ÿ\n".encode("latin-1"), "Ærøskøbing ÿ"),
    read("Mac Roman, CR alone", _TEXT.replace("\n", "\r").encode("mac_roman"), _ROW, sent=(1, 0)),
    _company(
        "Mac Roman with a byte that Windows-1252 does not define",
        _PLAIN.replace(b"\n", b"\r") + "Crème\r".encode("mac_roman"),
        "Crème",
    ),
    read("UTF-8, CR alone", _TEXT.replace("\n", "\r"), _ROW, sent=(1, 0)),
    _company("one byte that is no UTF-8 at the very end", _PLAIN + b"caf\xe9", "café"),
    _company("UTF-7 is what it looks like", _PLAIN + b"Zo+AOs-\n", "Zo+AOs-"),
    _company("a letter decomposed", _PLAIN + "Zoe\u0308\n".encode(), "Zoe\u0308"),
    _company(
        "noncharacters", _PLAIN + "\ufffe\uffff\U0010ffff\n".encode(), "\ufffe\uffff\U0010ffff"
    ),
    _company("the replacement character", _PLAIN + "Zo\ufffd\n".encode(), "Zo\ufffd"),
    _company("mojibake stays what it is", _PLAIN + "ZoÃ«\n".encode(), "ZoÃ«"),
    _company(
        "control characters", _PLAIN + b"\x01\x07\x08\x1b[31m\x7f\n", "\x01\x07\x08\x1b[31m\x7f"
    ),
]

NO_TEXTS = [
    rejected(
        "every byte that Windows-1252 defines above ASCII",
        _PLAIN + bytes(sorted({*range(0x80, 0x100)} - {0x81, 0x8D, 0x8F, 0x90, 0x9D})) + b"\n",
        "not_text",
    ),
    rejected("UTF-8 of ASCII cut in mid-letter", _PLAIN + b"Zo\xc3", "not_text"),
    rejected("overlong UTF-8", _PLAIN + b"\xc0\xaf\n", "not_text"),
    rejected("nothing at all", b"", "empty_file"),
    rejected("nothing but UTF-8's mark", codecs.BOM_UTF8, "empty_file"),
    rejected("nothing but UTF-16's mark", _LE, "empty_file"),
    rejected(
        "UTF-8's mark before Windows-1252", codecs.BOM_UTF8 + _TEXT.encode("cp1252"), "not_text"
    ),
    rejected(
        "UTF-8's mark before a letter cut short", codecs.BOM_UTF8 + _PLAIN + b"\xc3", "not_text"
    ),
    rejected(
        "UTF-8 with letters, cut in mid-letter",
        _TEXT.encode() + "grace@example.com,Zoë".encode()[:-1],
        "not_text",
    ),
    rejected("UTF-16 of an odd length", _little() + b"x", "not_text"),
    rejected("UTF-16 with a first half alone", _little(b"\x3d\xd8"), "not_text"),
    rejected("UTF-16 with a second half alone", _little(b"\x00\xde"), "not_text"),
    rejected("UTF-16 with the halves turned round", _little(b"\x00\xde", b"\x3d\xd8"), "not_text"),
    rejected("UTF-16 that ends with a first half", _little()[:-2] + b"\x3d\xd8", "not_text"),
    rejected("UTF-16 with a zero letter", _little(b"\x00\x00"), "not_text"),
    rejected(
        "UTF-32, little end first", codecs.BOM_UTF32_LE + _TEXT.encode("utf-32-le"), "not_text"
    ),
    rejected("UTF-32, big end first", codecs.BOM_UTF32_BE + _TEXT.encode("utf-32-be"), "not_text"),
    rejected("UTF-32 without its mark", _TEXT.encode("utf-32-le"), "not_text"),
    rejected(
        "bytes that Windows-1252 does not define", _PLAIN + b"\x81\x8d\x8f\x90\x9d\n", "not_text"
    ),
    rejected("EBCDIC", _TEXT.encode("cp037"), "not_text"),
    rejected("a zero byte in a cell", _PLAIN + b"A\x00da\n", "not_text"),
    rejected("a zero byte after the last line", _PLAIN + b"Ada\n\x00", "not_text"),
    rejected("zeros alone", bytes(4096), "not_text"),
    rejected("a PNG", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01", "not_text"),
    rejected("a JPEG", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01", "not_text"),
    rejected("a PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\nstream\nx\x9c\x00\x81\n", "not_text"),
    rejected("a PDF of text alone", b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\n", "not_text"),
    rejected("an ELF program", b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00", "not_text"),
    rejected(
        "a Windows program", b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff", "not_text"
    ),
    rejected(
        "an .xls or .doc of old (OLE)",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b"\x3e\x00\x03\x00\xfe\xff\x09\x00" * 60,
        "not_text",
    ),
    rejected("an SQLite database", b"SQLite format 3\x00\x10\x00\x01\x01\x00@  ", "not_text"),
    rejected(
        "a Parquet file", b"PAR1\x15\x04\x15\x10\x15\x14L\x15\x02\x15\x00\x00\x00PAR1", "not_text"
    ),
    rejected("xz", lzma.compress(_TEXT.encode()), "not_text"),
    rejected("bzip2", bz2.compress(_TEXT.encode() * 50), "not_text"),
    rejected("RTF", rb"{\rtf1\ansi{\fonttbl\f0 Arial;}Email, Name\par}", "not_text"),
    rejected(
        "an HTML table called a spreadsheet",
        "<html><body><table><tr><td>xyzzy</td></tr><tr><td>Ada</td></tr></table></body></html>\n",
        "not_text",
    ),
    rejected("XML", '<?xml version="1.0"?>\n<people><person>Ada</person></people>\n', "not_text"),
    rejected("JSON lines", f'{{"mail": "{ADA[0]}", "name": "Ada"}}\n' * 3, "not_text"),
    rejected("a vCard", f"BEGIN:VCARD\nVERSION:4.0\nEMAIL:{ADA[0]}\nEND:VCARD\n", "not_text"),
    rejected("prose", "Dear Ada,\nas we said, xyzzy.\nYours, Grace\n", "no_usable_column"),
]
