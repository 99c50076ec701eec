"""A job's files in the results bucket: their names, and the columns that they add."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

RESULTS = "results.csv"
REJECTS = "rejects.csv"
RETRY = "retry.csv"
SUMMARY = "summary.json"
PLAN = "parts/plan.jsonl"

_OUTCOMES = "parts/outcomes/"
_PIECES = "parts/report/"

JOB = "listdrop_job"
ROW = "listdrop_row"
LINE = "listdrop_line"
OUTCOME = "listdrop_outcome"
REASON = "listdrop_reason"
REASON_TEXT = "listdrop_reason_text"
WARNING = "listdrop_warning"
PROVIDER_REF = "listdrop_provider_ref"

ADDED: Mapping[str, Sequence[str]] = {
    RESULTS: (ROW, OUTCOME, REASON, REASON_TEXT, WARNING, PROVIDER_REF),
    REJECTS: (JOB, ROW, LINE, REASON, REASON_TEXT),
    RETRY: (JOB,),
}
"""The columns that a result file adds after the upload's columns, in order."""

_EXTRA = "listdrop_extra_"
_OWN = frozenset(name for names in ADDED.values() for name in names)


def extra(number: int) -> str:
    """Return the name of the column for surplus cells, counted from 1."""
    return f"{_EXTRA}{number}"


def is_own_column(header: str) -> bool:
    """Whether Listdrop added the column: people correct result files and drop them again."""
    return is_of_a_round(header) or _plain(header).startswith(_EXTRA)


def is_of_a_round(header: str) -> bool:
    """Whether each round of result files has the column with what is true then.

    That of the round before is left out of them. Surplus cells are the upload's own.
    """
    return _plain(header) in _OWN


def _plain(header: str) -> str:
    return header.strip().lower()


def folder(job_id: str) -> str:
    """Return the prefix of a job's files, with a slash at its end."""
    return f"jobs/{job_id}/"


def outcomes(name: str) -> str:
    """Return the file name for a batch's outcomes; `name` is the batch's `outcomes`."""
    return f"{_OUTCOMES}{name}.json"


def holds_outcomes(name: str) -> bool:
    """Whether a file name is that of a batch's outcomes."""
    return name.startswith(_OUTCOMES)


def piece(name: str) -> str:
    """Return the file name of a piece of a result file that is not finished yet."""
    return f"{_PIECES}{name}"


def holds_piece(name: str) -> bool:
    """Whether a file name is that of such a piece."""
    return name.startswith(_PIECES)


def split(file: str, cells: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Split a result file's row into the upload's cells and the added cells, by column name."""
    names = ADDED[file]
    end = len(cells) - len(names)
    return list(cells[:end]), dict(zip(names, cells[end:], strict=True))
