"""Reasons: each of our codes once, with the text that people see.

To add a code, add it to the table here, and raise or return it where the problem is found. Tests
compare the table with the code and with `docs/design.md#reasons`. Any other reason is in the
provider's own words, which are kept unchanged.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple


class Cause(StrEnum):
    """Where the cause lies, and so what can be done about it."""

    ROW = "row"
    """In the row: correct it."""
    FILE = "file"
    """In the file as a whole: correct that, and drop it again."""
    OUTSIDE = "outside"
    """In neither, but in the key, the route, the account or the provider: once that is fixed, the
    row can be sent again as it is."""
    NONE = "none"
    """Nothing is wrong: the row was left out on purpose."""


class Reason(NamedTuple):
    """One of our codes, and its texts. A text may contain `{provider}`.

    `phrase` follows a number of rows in a list. `subject` ends the subject line of a rejected
    job's e-mail, so it is short. `sentence` stands beside the code in files and items, unless a
    more exact one is known. `advice` says what to do before sending again; it may also contain
    `{account}` and `{route}`.
    """

    code: str
    cause: Cause
    phrase: str
    sentence: str = ""
    subject: str = ""
    advice: str = ""


class ReasonCount(NamedTuple):
    """Why rows are bad, and how many. `reason` is a code, or the provider's own words."""

    outcome: str
    reason: str
    rows: int


_NEW_KEY = "Store a key that works: listdrop account put {provider} --account {account}"

_TABLE = (
    # For a row that was not sent.
    Reason(
        "missing_email",
        Cause.ROW,
        "there is no e-mail address",
        sentence="The row has no e-mail address.",
    ),
    Reason(
        "invalid_email",
        Cause.ROW,
        "the e-mail address is not valid",
        sentence="The e-mail address is not valid.",
    ),
    Reason(
        "missing_linkedin_url",
        Cause.ROW,
        "there is no LinkedIn profile",
        sentence="The row has no LinkedIn profile.",
    ),
    Reason(
        "invalid_linkedin_url",
        Cause.ROW,
        "the LinkedIn address is not a public profile",
        sentence="The LinkedIn address is not a person's public profile.",
    ),
    Reason("value_too_long", Cause.ROW, "a value is too long"),
    Reason("unmapped_required_field", Cause.ROW, "a field that {provider} needs has no column"),
    Reason("row_too_short", Cause.ROW, "the row has too few cells"),
    Reason("row_too_long", Cause.ROW, "the row has too many cells"),
    Reason("row_too_big", Cause.ROW, "the row is too big for one request"),
    Reason(
        "opted_out",
        Cause.NONE,
        "the person opted out, or the address does not take mail",
        sentence="The file says that the person opted out, or that the address does not take mail.",
    ),
    Reason("other_job", Cause.NONE, "the row is for another destination"),
    # For a row that was sent, or would have been.
    Reason(
        "lost_answer",
        Cause.OUTSIDE,
        "the answer from {provider} was lost",
        sentence="The request was sent, but its answer was lost, and nobody can tell what became "
        "of it.",
    ),
    Reason(
        "not_reported",
        Cause.OUTSIDE,
        "{provider} did not report the row",
        sentence="The provider did not report this row.",
    ),
    Reason(
        "status_unavailable",
        Cause.OUTSIDE,
        "{provider} stopped answering questions about the row",
        sentence="The provider stopped answering questions about the row.",
    ),
    Reason(
        "deadline",
        Cause.OUTSIDE,
        "the deadline passed first",
        sentence="The provider had not finished with the row at the deadline.",
    ),
    Reason(
        "not_finished",
        Cause.OUTSIDE,
        "the job ended before {provider} had answered",
        sentence="The job ended before the provider had answered for the row.",
    ),
    Reason(
        "not_loaded",
        Cause.OUTSIDE,
        "{provider} did not say that it has the row, and its import was never started",
        sentence="The row may have been loaded into an import, but that import was never started, "
        "so nothing was imported.",
        subject="rows could not be loaded",
    ),
    Reason(
        "not_approved",
        Cause.OUTSIDE,
        "nobody approved sending the rows",
        sentence="The job waited for approval, and somebody refused it, or nobody answered.",
        subject="not approved",
    ),
    Reason(
        "sample_failed",
        Cause.OUTSIDE,
        "too many of the first rows were bad",
        sentence="Too many of the job's first rows were bad, and nobody approved sending the rest.",
        subject="its first rows were bad",
    ),
    Reason(
        "cancelled",
        Cause.OUTSIDE,
        "the job was cancelled before the row was sent",
        subject="somebody cancelled it",
    ),
    # For a job, and for the rows that it did not send.
    Reason(
        "unsubscribed_list",
        Cause.NONE,
        "the file is a list of people who opted out",
        sentence="The file's name, or a title in it, says that it is a list of people who opted "
        "out: none of it is sent. If it is not such a list, rename the file or remove the title, "
        "and drop it again.",
        subject="a list of people who opted out",
    ),
    Reason("same_content", Cause.NONE, "the same content was dropped for {provider} before"),
    Reason(
        "provider_auth",
        Cause.OUTSIDE,
        "{provider} refuses the key",
        advice=_NEW_KEY,
    ),
    Reason(
        "provider_quota",
        Cause.OUTSIDE,
        "a limit of the {provider} account is reached",
        subject="the account's limit is reached",
        advice="Have the limit raised at {provider}, or wait until it is renewed.",
    ),
    Reason(
        "unknown_route",
        Cause.OUTSIDE,
        "there is no such route",
        advice="Choose a route that exists, or write this one, in the dashboard or with listdrop "
        "route put.",
    ),
    Reason(
        "bad_route",
        Cause.OUTSIDE,
        "{provider} does not know what the route names",
        subject="the route cannot be used",
        advice="Correct the route: listdrop route put FILE --name {route}",
    ),
    Reason("unknown_account", Cause.OUTSIDE, "the account has no key", advice=_NEW_KEY),
    Reason("bad_account", Cause.OUTSIDE, "the account's key cannot be used", advice=_NEW_KEY),
    # For a file that cannot be used.
    Reason("empty_file", Cause.FILE, "the file is empty", advice="Export the list again."),
    Reason(
        "no_header",
        Cause.FILE,
        "the file has no header",
        advice="Name the columns in the first line of the file.",
    ),
    Reason(
        "no_usable_column",
        Cause.FILE,
        "the file has no column that {provider} needs",
        advice="Name the column of the e-mail addresses or profiles in the file, in the dashboard "
        "when you drop it, or in the route's `columns`.",
    ),
    Reason(
        "not_text",
        Cause.FILE,
        "the file is not readable text",
        advice="Save the file as CSV UTF-8, or as .xlsx.",
    ),
    Reason(
        "unsupported_file",
        Cause.FILE,
        "the file is of a kind that cannot be read",
        subject="the file cannot be read",
        advice="Save the list as CSV UTF-8, or as .xlsx.",
    ),
    Reason(
        "unreadable_quoting",
        Cause.FILE,
        "a quote in the file is never closed",
        advice="Save the file again from a spreadsheet program, or close the quote.",
    ),
    Reason("too_big", Cause.FILE, "the file is too big", advice="Split the file."),
    Reason(
        "bad_archive",
        Cause.FILE,
        "the archive is damaged",
        advice="Save or pack the file again.",
    ),
)

REASONS: Mapping[str, Reason] = {reason.code: reason for reason in _TABLE}
"""Every code except `duplicate_of_row_<n>`, which contains a row number."""


ERASED = "[erased]"
"""Stands where a reason stood, which may have quoted a person."""

_IN_WORDS = "The reason is in the provider's own words."
_REFUSED_IN_WORDS = "The provider refused the row; the reason is in its own words."

_IN_THE_ROW = re.compile(r"\b(?:characters?|length|long|short|digits|bytes|values?|format)\b", re.I)
_OUTSIDE = "|".join(
    (
        r"server.?error|unknown.?error|internal error|unavailable|overload|\bbusy\b",
        r"time[d -]*out|tempor|try again|retry|rate limit|too many requests|maintenance|enrich",
        r"limit crm|\bquota\b|\bcredits?\b|\b(?:is|are|already) full\b(?! name)|^\w+ full$",
        r"\b(?:limit|maximum)\b.*\b(?:reached|exceeded)\b",
        r"\b(?:reached|exceeded|exceeds|over)\b.*\b(?:limit|maximum)\b",
        r"\b(?:campaign|sequence)\b.*\b(?:archived|paused|closed|deleted|inactive|not exist)\b",
    )
)
"""Providers' words for what passes, or is fixed elsewhere, unless they name what is in the row.

What is neither is in the row, as most of what a provider says of a row is. Few rows need this, and
it takes long to compile: so the first that does compiles it.
"""


def cause_of(reason: str, raw_status: str = "") -> Cause:
    """Return where the cause of a bad row lies, by its reason and by its provider's raw word."""
    known = REASONS.get(reason)
    if known is not None:
        return known.cause
    return Cause.OUTSIDE if any(map(_is_outside, (reason, raw_status))) else Cause.ROW


@lru_cache(maxsize=1_000)
def _is_outside(said: str) -> bool:
    """Whether words name a cause outside the row. The same are said of many rows."""
    text = said.replace("_", " ")
    return bool(re.search(_OUTSIDE, text, re.I) and not _IN_THE_ROW.search(text))


def sentence_of(reason: str, *, is_refusal: bool = False) -> str:
    """Return the sentence for a reason that came without one; empty for an erased one."""
    known = REASONS.get(reason)
    if known is not None:
        phrase = known.phrase.format(provider="the provider")
        return known.sentence or f"{phrase[0].upper()}{phrase[1:]}."
    if is_code(reason):
        return "The provider gave no other reason than this code."
    if reason == ERASED:
        return ""
    return _REFUSED_IN_WORDS if is_refusal else _IN_WORDS


def is_code(reason: str) -> bool:
    """Whether a reason is a code, of ours or of a provider's adapter, and not words."""
    return re.fullmatch(r"[a-z0-9]+(?:_[a-z0-9]+)*", reason) is not None


def duplicate_of(row: int) -> tuple[str, str]:
    """Return the code and the sentence for a row that repeats an earlier one."""
    return f"duplicate_of_row_{row}", f"The row repeats row {row}."
