"""The files of a job in the results bucket: what they are called, and what they add to the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

RESULTS = "results.csv"
REJECTS = "rejects.csv"
RETRY = "retry.csv"
SUMMARY = "summary.json"
PLAN = "parts/plan.jsonl"

_OUTCOMES = "parts/outcomes/"

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
"""The columns that a result file has after those of the upload, in order."""

_EXTRA = "listdrop_extra_"
_OWN = frozenset(name for names in ADDED.values() for name in names)


def extra(number: int) -> str:
    """Return the name of the column for surplus cells, counted from 1."""
    return f"{_EXTRA}{number}"


def is_own_column(header: str) -> bool:
    """Whether Listdrop added the column: result files are corrected and dropped again."""
    plain = header.strip().lower()
    return plain in _OWN or plain.startswith(_EXTRA)


def folder(job_id: str) -> str:
    """Return the prefix of a job's files, which ends with a slash."""
    return f"jobs/{job_id}/"


def outcomes(name: str) -> str:
    """Return the name of the file with the outcomes of a batch, whose `outcomes` is `name`."""
    return f"{_OUTCOMES}{name}.json"


def holds_outcomes(name: str) -> bool:
    """Whether a file has the outcomes of a batch."""
    return name.startswith(_OUTCOMES)


def split(file: str, cells: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Return a row's own cells, and what a result file says beside them, by column."""
    names = ADDED[file]
    end = len(cells) - len(names)
    return list(cells[:end]), dict(zip(names, cells[end:], strict=True))
