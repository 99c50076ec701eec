"""Warnings of a job: facts about an upload that people should know, although it was read."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from listdrop.models.base import Frozen

UNSUBSCRIBED_LIST = "unsubscribed_list"
UNSUBSCRIBED_PART = "unsubscribed_part"
UNCLEAR_CONSENT = "unclear_consent"
POSSIBLE_MOJIBAKE = "possible_mojibake"
SHEETS_NOT_READ = "sheets_not_read"
HIDDEN_ROWS = "hidden_rows"
LINKS_NOT_READ = "links_not_read"
FORMULAS_NOT_READ = "formulas_not_read"
NO_SAMPLE = "no_sample"

JOB_WARNINGS: Mapping[str, str] = MappingProxyType(
    {
        UNSUBSCRIBED_LIST: "its name or title says that the file is a list of people who opted out",
        UNSUBSCRIBED_PART: "a line between rows says that the people below it opted out",
        UNCLEAR_CONSENT: "the values of a column about consent are not understood",
        POSSIBLE_MOJIBAKE: "another program once read the file in the wrong encoding",
        SHEETS_NOT_READ: "other sheets of the workbook, or files of the archive, are not read",
        HIDDEN_ROWS: "rows that the sheet hides are sent like the others",
        LINKS_NOT_READ: "cells lead to profiles by links that are not read",
        FORMULAS_NOT_READ: "cells have formulas whose results are not in the file",
        NO_SAMPLE: "all rows are sent at once, as the provider takes no sample",
    }
)
"""Every code with its meaning in a few words."""


def enumerated(parts: Sequence[str], last: str = "and") -> str:
    """Return parts as a sentence names them, `last` before the last one: `A, B and 3 more`."""
    *others, end = parts
    return f"{', '.join(others)} {last} {end}" if others else end


class JobWarning(Frozen):
    """A warning: its code, and one or two sentences. It may name headers, but never a person."""

    code: str
    text: str
