"""What an upload is called: whether it is one, and whether it can be read."""

from __future__ import annotations

import io
import zipfile

import pytest

from listdrop.errors import UploadRejectedError
from listdrop.jobs.sweeping import LOOK_BACK
from listdrop.models import JobState
from listdrop.tables.naming import is_no_upload, unreadable_suffix
from listdrop.tables.unpacking import contents, receive
from tests.support.world import World, csv_of

JUNK = [
    ".DS_Store", "Thumbs.db", "THUMBS.DB", "desktop.ini", "~$people.xlsx", "._people.csv",
    "people.csv.part", "people.csv.filepart", "people.csv.crdownload", "people.tmp",
]  # fmt: skip
UNSUPPORTED = [
    "a.pdf",
    "a.docx",
    "a.xls",
    "A.PNG",
    "a.json",
    "a.csv.bak",
    "a.xlsm",
    "a.ods",
    "a.7z",
]


@pytest.mark.parametrize("name", JUNK)
def test_a_file_that_no_person_meant_makes_no_job(name: str) -> None:
    world = World()
    upload = world.uploads.put(f"inbox/spring/{name}", csv_of(3))
    assert is_no_upload(upload.key)
    assert world.submit(upload) == []
    assert world.sweep() == []
    assert LOOK_BACK


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_a_file_that_cannot_be_read_makes_one_rejected_job(name: str) -> None:
    world = World()
    upload = world.uploads.put(f"inbox/spring/{name}", b"%PDF-1.7\n")
    (job_id,) = world.submit(upload)
    job = world.jobs.get(job_id)
    assert (job.provider, job.verdict, job.reason) == (
        "none", JobState.REJECTED, "unsupported_file",
    )  # fmt: skip
    assert job.reason_text.endswith(".")


@pytest.mark.parametrize(
    "name",
    ["people", "a.csv", "A.CSV", "a.tsv.gz", "a.txt", "a.gz", "a.xlsx", "a.zip", "Q3 2.5", "v1.2"],
)
def test_these_names_are_of_files_that_may_be_read(name: str) -> None:
    assert (unreadable_suffix(name), is_no_upload(name)) == ("", False)


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def test_of_an_archive_a_file_that_cannot_be_read_is_one_rejected_job() -> None:
    world = World()
    content = zipped(**{"a.csv": csv_of(3), "b.pdf": b"%PDF-1.7", "._a.csv": b"x", "c.part": b"x"})
    upload = world.uploads.put("inbox/spring/all.zip", content)
    jobs = [world.jobs.get(job_id) for job_id in world.submit(upload)]
    assert sorted((job.upload.table, job.provider, job.reason) for job in jobs) == [
        ("a.csv", "toy", ""),
        ("b.pdf", "none", "unsupported_file"),
    ]


def test_of_linkedins_archive_only_the_connections_are_sent_and_that_is_said() -> None:
    names = ["Connections.csv", "messages.csv", "Invitations.csv", "Jobs/Job Seeker.csv"]
    content = zipped(**dict.fromkeys((f"Basic/{name}" for name in names), b"Email\na@x.com\n"))
    package = receive([content], "LinkedIn.zip")
    with package.file:
        found = contents(package)
    assert found.names == ["Basic/Connections.csv"]
    (warning,) = found.warnings
    assert (warning.code, "3 other files" in warning.text) == ("sheets_not_read", True)


def _office(*names: str) -> bytes:
    return zipped(**dict.fromkeys(("[Content_Types].xml", *names), b"<x/>"))


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.csv", b"<!DOCTYPE html><html><body><table></table></body></html>", "web page"),
        ("a.xls", b"<table><tr><td>Email</td></tr></table>", "it is not an Excel file"),
        ("a.xls", b"Email\tName\n", ".xls"),
        ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel"),
        ("a.xlsx", b"%PDF-1.4\n", "PDF"),
        ("a.csv", b"\x89PNG\r\n\x1a\n", "picture"),
        ("a.xlsx", _office("word/document.xml"), "Word"),
        ("a.xlsx", _office("xl/workbook.bin"), "binary workbook"),
        ("a.xlsx", zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), ".ods"),
        ("a.csv", b'[{"email": "a"}]', "JSON"),
        ("a.csv", b"<?xml version='1.0'?><?mso-application progid='Excel.Sheet'?>", "XML"),
        ("a.txt", b"BEGIN:VCARD\n", "vCard"),
    ],
)
def test_a_file_that_holds_no_table_is_called_what_it_is(
    name: str, content: bytes, word: str
) -> None:
    with pytest.raises(UploadRejectedError) as rejected:
        receive([content], name)
    assert word in rejected.value.text
    assert rejected.value.reason in ("not_text", "unsupported_file")
