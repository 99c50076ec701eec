"""Saleshandy: import prospects by field name into a step of a sequence, Open API v1.

Pages: https://developer.saleshandy.com/api-reference/sequences/import-prospects and
https://developer.saleshandy.com/api-reference/prospects/import-status (read 2026-11-20); where the
live gateway differs from them (bodies wrapped in `payload`, `failedProspectsURL`, errors as 400),
the gateway's way is built. An import is queued under a `requestId`; its status has one boolean, no
counts, and a link to a CSV of the prospects that were not taken. So a row is never `confirmed`:
it is `accepted` when the import completed and that report does not name it.

One module, although it is long: all that is known of the provider is read in one place.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Mapping, Set
from typing import Literal
from urllib.parse import quote

from pydantic import Field, JsonValue, field_validator

from listdrop.cells.headers import fold
from listdrop.cells.profiles import profile_slug
from listdrop.errors import (
    BatchRefusedError,
    FateUnknownError,
    ProviderBusyError,
    ReportUnavailableError,
    StopJobError,
)
from listdrop.models import (
    ColumnPayloads,
    Destination,
    Json,
    KeyAccount,
    Outcome,
    Prepared,
    Prospects,
    RowResult,
)
from listdrop.providers.base import (
    AfterCrash,
    Batch,
    Handle,
    Limits,
    Pace,
    PollAnswer,
    Provider,
    Rates,
    SendAnswer,
    compact,
    json_body,
    raise_for_fate,
    require_json,
    words,
)
from listdrop.providers.http import Answer, HttpClient
from listdrop.providers.preparing import required_emails

_LABELS = {
    "first_name": "First Name",
    "last_name": "Last Name",
    "email": "Email",
    "company": "Company",
    "job_title": "Job Title",
    "phone": "Phone Number",
    "country": "Country",
    "city": "City",
    "linkedin_url": "LinkedIn",
}
_MISSING_NAME = RowResult(
    Outcome.INVALID, "missing_name", "Saleshandy needs a first and a last name."
)
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_BUSY_SECONDS = 5
_NOT_FOUND_SECONDS = 120
_REPORT_BYTES = 5 * 1024 * 1024
_REPORT_SECONDS = 30
_REPORT_TRIES = 3

_ADDRESS_PART = r"[^\s\"<>(),;:\[\]@\\]"
# Begins at a word's start only: a hostile report costs no quadratic time.
_ADDRESS = re.compile(rf"(?<!{_ADDRESS_PART}){_ADDRESS_PART}+@[^\s\"'<>(),;:\[\]@\\]+")
_CODE = re.compile(r"\b1[0-9]{4}\b")
_SUPPRESSED = re.compile(
    r"\b(?:10700|10800|dnc)\b|bounced|unsubscribed|do[ -]not[ -]contact|blacklist", re.I
)
_IN_ANOTHER_SEQUENCE = re.compile(r"\b12000\b")
_IN_THIS_SEQUENCE = re.compile(r"\b10200\b|already present in another step", re.I)
_PRESENT = re.compile(r"\b10200\b|already present", re.I)

_COMPLETED = "isCompleted=true"
_PENDING = "isCompleted=false"
_NOT_FOUND = RowResult(
    Outcome.UNKNOWN, "not_found", "Saleshandy does not know the import that it had accepted."
)
_NO_REPORT = RowResult(
    Outcome.UNKNOWN, "report_unavailable", "Saleshandy's report of failed rows could not be read."
)
_NOT_CERTAIN = RowResult(
    Outcome.UNKNOWN, "not_reported", "Saleshandy's report names failures that match no row."
)


class SaleshandyDestination(Destination):
    """`step_id` is the step that prospects are enrolled in; it stands for its sequence as well.

    `fields` maps a column or a canonical field to the exact label of a field of the account, and
    wins over the labels used anyway. `tags` go to every prospect; a file's own `tags` column is
    left out, because the API takes tags for a whole request only. `verify_prospects` is paid.
    """

    provider: Literal["saleshandy"]
    step_id: str = Field(min_length=1)
    conflict_action: Literal["overwrite", "noUpdate", "addMissingFields", "upsert"] = (
        "addMissingFields"
    )
    verify_prospects: bool = False
    tags: tuple[str, ...] = ()
    fields: dict[str, str] = Field(default_factory=dict)

    @field_validator("fields")
    @classmethod
    def _leaves_the_identity_alone(cls, value: dict[str, str]) -> dict[str, str]:
        """Refuse another column as `Email`: reports could not be joined back to rows."""
        if any(fold(label) in ("", "email") for label in value.values()):
            raise ValueError("a label is empty, or is Email, which the e-mail column fills")
        return value


class SaleshandyAccount(KeyAccount):
    """A key is bound to its host, so accounts elsewhere name theirs."""

    base_url: str = "https://open-api.saleshandy.com"


class Saleshandy(Provider[SaleshandyDestination, SaleshandyAccount]):
    """Prospects into a sequence's step, 5,000 at a time."""

    name = "saleshandy"
    destination_model = SaleshandyDestination
    account_model = SaleshandyAccount
    # 100,000 rows and 90 MB are allowed; smaller requests put fewer rows at the mercy of one.
    limits = Limits(rows=5_000, bytes=5 * 1024 * 1024)
    pace = Pace(first=20, shortest=30, longest=120, failures=10)
    reads = _LABELS
    # No rate is published; polling every 3 s beside other calls was too much for one user.
    rates = Rates(send_gap=_BUSY_SECONDS, poll_gap=_BUSY_SECONDS, together=True)
    # Always, since a class cannot know the route: without `fields` it makes no request.
    needs_open = True
    resends = 1

    @classmethod
    def probe(cls, http: HttpClient, account: SaleshandyAccount) -> None:
        """Read one sequence, which integrators use as a probe."""
        answer = http.request(
            "GET",
            f"{account.base_url}/v1/sequences",
            headers=_headers(account),
            params={"pageSize": "1", "page": "1"},
        )
        _raise_for_refusal(answer)
        require_json(answer)

    @property
    def after_crash(self) -> AfterCrash:
        """Nobody is enrolled twice, but `overwrite` could undo edits, and verification costs."""
        wanted = self.destination
        harmless = wanted.conflict_action in ("addMissingFields", "noUpdate")
        if harmless and not wanted.verify_prospects:
            return AfterCrash.RESEND
        return AfterCrash.GIVE_UP

    def deadline_seconds(self, rows: int) -> float:
        """Two hours; six for many rows or with verification. An import that died never says so."""
        return 21_600 if rows > 20_000 or self.destination.verify_prospects else 7_200

    @property
    def asks_for(self) -> Set[str]:
        """See the base class."""
        return self.destination.fields.keys()

    def prepare_all(self, prospects: Prospects) -> Prepared:
        """Build flat objects by label; both names are mandatory, and no blank is sent.

        Rows are invalid for `missing_email`, `invalid_email`, `missing_name`.
        """
        identities, invalid = required_emails(prospects.emails)
        columns = dict(prospects.fields)
        if profiles := columns.get("LinkedIn"):
            columns["LinkedIn"] = [url if url and profile_slug(url) else "" for url in profiles]
        nothing = [""] * len(prospects)
        for name, values in prospects.custom.items():
            label = self.destination.fields[name]
            others = columns.get(label, nothing)
            columns[label] = [one or other for one, other in zip(values, others, strict=True)]
        names = zip(
            *(columns.get(label, nothing) for label in ("First Name", "Last Name")), strict=True
        )
        for place, both in enumerate(names):
            if not all(both):
                invalid.setdefault(place, _MISSING_NAME)
        return Prepared(identities, ColumnPayloads(len(prospects), columns), invalid)

    def open(self, http: HttpClient, account: SaleshandyAccount) -> Json:
        """Check the route's labels, and keep which of them are numbers: `number_labels`.

        The list of fields is a courtesy: without a usable one the job goes on unchecked. Raises
        `StopJobError` for an unknown label or a refused key, `ProviderBusyError`, `NotSentError`.
        """
        wanted = set(self.destination.fields.values())
        if not wanted:
            return {}
        try:
            answer = http.request(
                "GET",
                f"{account.base_url}/v1/fields",
                headers=_headers(account),
                params={"systemFields": "true"},
            )
            _raise_for_refusal(answer)
        except FateUnknownError:
            return {}
        types = _field_types(answer)
        if not types:
            return {}
        if unknown := sorted(wanted - types.keys()):
            labels = ", ".join(repr(label) for label in unknown)
            raise StopJobError("bad_route", f"The Saleshandy account has no field {labels}.")
        numbers: list[JsonValue] = [label for label in sorted(wanted) if types[label] == "number"]
        return {"number_labels": numbers}

    def send(self, http: HttpClient, account: SaleshandyAccount, batch: Batch) -> SendAnswer:
        """Post the prospects. A refusal is of the whole request and names no row.

        Text in a number field would get its whole prospect refused, so the value is left out.
        """
        wanted = self.destination
        numbers = (batch.session or {}).get("number_labels")
        prospects = [_without_text(row.payload, numbers) for row in batch.rows]
        is_whole = all(len(p) == len(r.payload) for p, r in zip(prospects, batch.rows, strict=True))
        answer = http.request(
            "POST",
            f"{account.base_url}/v1/sequences/prospects/import-with-field-name",
            headers=_headers(account) | {"Content-Type": "application/json"},
            body=json_body(
                compact({"stepId": wanted.step_id, "tags": list(wanted.tags)})
                | {
                    "conflictAction": wanted.conflict_action,
                    # The page calls it optional; the live gateway answers 400 when it is missing.
                    "verifyProspects": wanted.verify_prospects,
                    "prospectList": prospects,
                }
            ),
        )
        _raise_for_refusal(answer)
        if not answer.is_success:
            said, code = _error(answer)
            raise BatchRefusedError(said or f"HTTP {answer.status}", code or str(answer.status))
        payload = answer.object().get("payload")
        request_id = payload.get("requestId") if isinstance(payload, dict) else None
        if not isinstance(request_id, str) or not request_id:
            raise FateUnknownError("no requestId in the answer")
        return SendAnswer(
            handle={"request_id": request_id},
            raw_status="started",
            warnings=() if is_whole else ("number_field_left_out",),
        )

    def poll(self, http: HttpClient, account: SaleshandyAccount, handle: Handle) -> PollAnswer:
        """Read the status, and when it is completed with a link, the report of failed prospects.

        The report comes from a host that is not known beforehand, so it is fetched without the
        key, also where that host is Saleshandy's own: `fetch_report` has no credentials by design.
        `handle` remembers `report_tries`.
        """
        answer = http.request(
            "GET",
            f"{account.base_url}/v1/prospects/import-status/"
            f"{quote(str(handle.value['request_id']), safe='')}",
            headers=_headers(account),
        )
        _raise_for_refusal(answer)
        said, _ = _error(answer)
        if answer.status == 400 and "not found" in said.lower():
            # The rate limit's code, 40000, is this one's too: only the message tells them apart.
            too_late = handle.age >= _NOT_FOUND_SECONDS
            return PollAnswer(is_terminal=too_late, rest=_NOT_FOUND, raw_status="not found")
        body = answer.json()
        if not answer.is_success or not isinstance(body, dict):
            raise FateUnknownError(f"the status call answered {answer.status} without a status")
        status = body["payload"] if isinstance(body.get("payload"), dict) else body
        if status.get("isCompleted") is not True:
            known = status.get("isCompleted") is False
            return PollAnswer(raw_status=_PENDING, warnings=() if known else ("unknown_status",))
        link = status.get("failedProspectsURL") or status.get("reportURL")
        if not link:
            return PollAnswer(is_terminal=True, rest=_accepted(), raw_status=_COMPLETED)
        try:
            return self._settled_by(_fetch(http, link), handle)
        except ReportUnavailableError:
            return _without_report(handle)

    def _settled_by(self, report: str, handle: Handle) -> PollAnswer:
        """Settle a completed import: rows that the report does not name are accepted.

        Not so where some entry of the report is none of ours: it may stand for any of them.
        """
        reasons, unmatched = _failures(report, handle.by_identity, self.destination.fields.values())
        warnings = ["unmatched_failures"] if unmatched else []
        if not reasons and not unmatched:
            warnings.append("empty_report")
        return PollAnswer(
            is_terminal=True,
            results={
                row: _failed(said, is_repeat=handle.is_repeat) for row, said in reasons.items()
            },
            rest=_NOT_CERTAIN if unmatched else _accepted(),
            raw_status=_COMPLETED,
            warnings=tuple(warnings),
        )


# ---------------------------------------------------------------- answers


def _headers(account: SaleshandyAccount) -> dict[str, str]:
    """Without a Content-Type, for which the gateway answers a GET with 406."""
    return {"x-api-key": account.api_key, "Accept": "application/json"}


def _error(answer: Answer) -> tuple[str, str]:
    """Return what an error says and its code, from whichever of the three envelopes it came in."""
    body = answer.object()
    text = (body.get(key) for key in ("message", "messages", "error_message"))
    code = (body.get(key) for key in ("code", "error_code", "statusCode"))
    return (
        words(next((value for value in text if value is not None), "")),
        str(next((value for value in code if isinstance(value, int | str)), ""))[:20],
    )


def _raise_for_refusal(answer: Answer) -> None:
    """Raise for a bad key, a rate limit (both mostly 400) and server errors, in that order."""
    if answer.is_success:
        return
    said, code = _error(answer)
    said = said.lower()
    is_bad_key = answer.status == 400 and (code == "1001" or "invalid token" in said)
    if is_bad_key or answer.status in (401, 403):
        raise StopJobError("provider_auth", "Saleshandy refused the API key.")
    if "rate limit" in said:
        raise ProviderBusyError(answer.retry_after(_BUSY_SECONDS))
    raise_for_fate(answer, busy_seconds=_BUSY_SECONDS)


def _field_types(answer: Answer) -> dict[str, str]:
    """Return the account's fields, label to type in lower case; empty if the answer is odd."""
    listed = answer.object().get("payload") if answer.is_success else None
    types: dict[str, str] = {}
    for entry in listed if isinstance(listed, list) else []:
        label = entry.get("label") if isinstance(entry, dict) else None
        if not isinstance(label, str):
            return {}
        types[label] = str(entry.get("fieldType", "")).lower()
    return types


def _without_text(payload: Json, numbers: JsonValue) -> Json:
    """Leave out values of number fields that are no number."""
    if not isinstance(numbers, list):
        return payload
    return {
        label: value
        for label, value in payload.items()
        if label not in numbers or _NUMBER.fullmatch(str(value).strip())
    }


def _accepted() -> RowResult:
    return RowResult(Outcome.ACCEPTED, raw_status=_COMPLETED)


def _failed(said: str, *, is_repeat: bool) -> RowResult:
    """Return the outcome of a reported row: by the engine's code or by its words.

    On a repeated request, rows that are already in the step came there with the first one.
    """
    code = _CODE.search(said)
    raw_status = code[0] if code else "reported"
    if _SUPPRESSED.search(said):
        return RowResult(Outcome.SUPPRESSED, said, raw_status=raw_status)
    if _IN_ANOTHER_SEQUENCE.search(said):
        return RowResult(Outcome.EXISTING, said, raw_status=raw_status)
    if is_repeat and _PRESENT.search(said):
        text = "Presumed taken with the first request, whose answer was lost."
        return RowResult(Outcome.ACCEPTED, said, text, raw_status=raw_status)
    if is_repeat and not said:
        return RowResult(
            Outcome.UNKNOWN,
            "listed as failure",
            "Perhaps because it was taken with the first request, whose answer was lost.",
            raw_status=raw_status,
        )
    if _IN_THIS_SEQUENCE.search(said):
        return RowResult(Outcome.EXISTING, said, raw_status=raw_status)
    return RowResult(Outcome.REFUSED, said or "listed as failure", raw_status=raw_status)


# ---------------------------------------------------------------- the report


def _fetch(http: HttpClient, link: object) -> str:
    """Download the report as text. Raises `ReportUnavailableError`."""
    if not isinstance(link, str):
        raise ReportUnavailableError("the report's link is not text")
    content = http.fetch_report(link, max_bytes=_REPORT_BYTES, seconds=_REPORT_SECONDS)
    return content.decode("utf-8-sig", errors="replace")


def _without_report(handle: Handle) -> PollAnswer:
    """Try again at the next poll; after the last try the rows are unknown."""
    tries = handle.value.get("report_tries")
    tries = tries + 1 if isinstance(tries, int) else 1
    if tries < _REPORT_TRIES:
        return PollAnswer(handle=handle.value | {"report_tries": tries}, raw_status=_COMPLETED)
    return PollAnswer(
        is_terminal=True, rest=_NO_REPORT, raw_status=_COMPLETED, warnings=("report_unavailable",)
    )


def _failures(
    report: str, rows: Mapping[str, int], sent: Collection[str]
) -> tuple[dict[int, str], int]:
    """Join a report back to rows: what it says of each, and how many entries are none of ours.

    The columns are not documented. An entry's address stands in a column whose header contains
    "email", else anywhere in it; its reason in those whose header contains "error", "reason",
    "message" or "status", unless we `sent` a field of that name, which is only repeated there.
    Raises `ReportUnavailableError` for what is no report: empty, a page, or without any address
    or place for one. A report that has the place but no entry is one, and names nobody.
    """
    entries = _entries(report)
    if not entries or report.lstrip()[:1] in ("<", "{", "["):
        raise ReportUnavailableError("the report is empty or no CSV")
    header = [] if _addresses(entries[0]) else [fold(cell) for cell in entries.pop(0)]
    emails = [index for index, name in enumerate(header) if "email" in name]
    if not emails and not any(_addresses(entry) for entry in entries):
        raise ReportUnavailableError("the report has no addresses")
    repeated = {fold(label) for label in sent}
    told = [
        index
        for index, name in enumerate(header)
        # A header of one cell is a line that could not be split: it holds more than a reason.
        if len(header) > 1
        and name not in repeated
        and re.search("error|reason|message|status", name)
    ]
    reasons: dict[int, str] = {}
    unmatched = 0
    for entry in entries:
        addresses = _addresses(_cells(entry, emails)) or _addresses(entry)
        ours = [rows[address] for address in addresses if address in rows]
        unmatched += not ours
        for row in ours:
            reasons.setdefault(row, words([cell for cell in _cells(entry, told) if cell.strip()]))
    return reasons, unmatched


def _entries(report: str) -> list[list[str]]:
    """Split a report into its non-blank records; by lines only, where it is no well-formed CSV."""
    delimiter = max(",;\t", key=report.lstrip().partition("\n")[0].count)
    try:
        source = io.StringIO(report, newline="")
        entries = list(csv.reader(source, delimiter=delimiter, strict=True))
    except csv.Error:
        entries = [[line] for line in report.splitlines()]
    return [entry for entry in entries if any(cell.strip() for cell in entry)]


def _cells(entry: list[str], indexes: Iterable[int]) -> list[str]:
    return [entry[index] for index in indexes if index < len(entry)]


def _addresses(cells: Iterable[str]) -> list[str]:
    """Find the addresses in cells, lower-cased as identities are."""
    return [found.rstrip(".").lower() for cell in cells for found in _ADDRESS.findall(cell)]
