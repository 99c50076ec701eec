"""What uploads are packed in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from openpyxl import Workbook


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
