"""What uploads are packed in."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook


def rows_as_csv(*rows: Sequence[str]) -> bytes:
    """Write rows as a CSV file in UTF-8."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def zipped(members: Mapping[str, bytes]) -> bytes:
    """Return a ZIP archive of files by name."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def saved(book: Workbook) -> bytes:
    """Return the file of a workbook."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def workbook(*rows: list[Any]) -> bytes:
    """Return the file of a workbook with one sheet."""
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    return saved(book)
