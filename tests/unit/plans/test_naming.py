from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest

from listdrop.models import NamedTable
from listdrop.plans.naming import NamedJobs, named_jobs
from tests.support.containers import workbook, zipped

ONE, TWO = "spring-toy-0123456789abcdef", "spring-toy-fedcba9876543210"
RETRY = f"Email,listdrop_job\na@example.com,{ONE}\nb@example.com,{TWO}\nc@example.com,{ONE}\n"


def named(content: bytes, name: str = "a.csv") -> NamedJobs | None:
    return named_jobs(iter([content]), name, {})


def test_jobs_are_named_in_the_order_of_the_rows() -> None:
    assert named(RETRY.encode()) == NamedJobs((ONE, TWO))


def test_rows_to_correct_say_why_they_are() -> None:
    content = f"Email,listdrop_job,listdrop_reason\na@example.com,{ONE},invalid_email\n"
    assert named(content.encode()) == NamedJobs((ONE,), is_correction=True)


@pytest.mark.parametrize(
    ("header", "is_correction"),
    [
        ("listdrop_job,listdrop_reason,listdrop_job", False),
        ("listdrop_job,listdrop_job,listdrop_reason", True),
        ("listdrop_reason,listdrop_job", True),
    ],
    ids=["retry of rejects", "rejects of retry", "in another order"],
)
def test_of_several_rounds_the_last_counts(header: str, *, is_correction: bool) -> None:
    last = [TWO if name == "listdrop_job" else "x" for name in header.split(",")]
    if header.count("listdrop_job") == 2:
        last[0] = ONE
    content = f"Email,{header}\na@example.com,{','.join(last)}\n"
    assert named(content.encode()) == NamedJobs((TWO,), is_correction=is_correction)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (gzip.compress(RETRY.encode(), mtime=0), "a.csv.gz"),
        (zipped({"x/retry.csv": RETRY.encode()}), "a.zip"),
        (workbook(["Email", "listdrop_job"], ["a@a.example", ONE], ["b@b.example", TWO]), "a.xlsx"),
        (RETRY.encode("utf-16"), "a.csv"),
        (RETRY.replace("listdrop_job", "LISTDROP_JOB").replace(",", ";").encode(), "a.csv"),
    ],
    ids=["gzip", "zip", "xlsx", "utf-16", "capitals"],
)
def test_jobs_are_found_in_whatever_a_spreadsheet_makes_of_the_file(
    content: bytes, name: str
) -> None:
    tables = (NamedTable("x/retry.csv", (ONE, TWO), is_correction=False),)
    assert named(content, name) == NamedJobs(
        (ONE, TWO), tables=tables if name.endswith(".zip") else ()
    )


def test_the_first_row_that_names_none_is_told() -> None:
    content = RETRY + "d@example.com,\ne@example.com,\n"
    assert named(content.encode()) == NamedJobs((ONE, TWO), nameless=4)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Email\na@example.com\n",
        b"Email,listdrop_job\na@example.com,\n",
        b"Email,Notes\na@example.com,see listdrop_job\n",
        b"\x1f\x8bno gzip",
        b"PK\x03\x04no archive",
    ],
)
def test_other_uploads_name_none(content: bytes) -> None:
    assert named(content) is None


def test_of_an_upload_without_the_column_nothing_more_is_read() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"Email\na@example.com\n"
        raise AssertionError

    assert named_jobs(chunks(), "a.csv", {}) is None
