"""Warnings of a job: what somebody should know about an upload that was not rejected."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from listdrop.models.base import Frozen

POSSIBLE_MOJIBAKE = "possible_mojibake"
SHEETS_NOT_READ = "sheets_not_read"
HIDDEN_ROWS = "hidden_rows"
LINKS_NOT_READ = "links_not_read"

JOB_WARNINGS: Mapping[str, str] = MappingProxyType(
    {
        POSSIBLE_MOJIBAKE: "letters look as if they had been read in a wrong encoding before",
        SHEETS_NOT_READ: "sheets of the workbook, or files of the archive, are not read",
        HIDDEN_ROWS: "rows that the sheet hides are sent all the same",
        LINKS_NOT_READ: "links to profiles stand where they are not read",
    }
)
"""Every code, and what it means in a few words."""


class JobWarning(Frozen):
    """A warning: its code, and one sentence or two. It names headers, and never a person."""

    code: str
    text: str
