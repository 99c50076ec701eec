"""Saleshandy: imports prospects by field name into a step of a sequence, Open API v1.

Source: `docs/providers/saleshandy.md`, from
https://developer.saleshandy.com/api-reference/sequences/import-prospects and
https://developer.saleshandy.com/api-reference/prospects/import-status (read 2026-11-20). Where the
live gateway differs from those pages, this module follows the gateway: bodies wrapped in `payload`,
`failedProspectsURL`, errors as 400. An import is queued under a `requestId`. Its status has one
boolean, no counts, and a link to a CSV of refused prospects. So a row is never `confirmed`: it is
`accepted` if the import completed and that report does not name it.

One module, despite its length: a provider is one file (`docs/adding-a-provider.md`).
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Collection, Container, Iterable, Iterator, Sequence, Set
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from pydantic import Field, JsonValue, field_validator

from listdrop.cells.headers import fold
from listdrop.errors import (
    BatchRefusedError,
    FateUnknownError,
    ProviderBusyError,
    ReportUnavailableError,
    StopJobError,
)
from listdrop.models import (
    CUSTOM_DATA_NOT_SAVED,
    Choices,
    ColumnPayloads,
    Destination,
    Json,
    KeyAccount,
    Outcome,
    Prepared,
    Prospects,
    RowResult,
)
from listdrop.models.numbers import numbers_in, runs_of
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
    named,
    raise_for_fate,
    refused_whole,
    require_json,
    words,
)
from listdrop.providers.preparing import by_target, first_of, required_emails

if TYPE_CHECKING:
    from listdrop.providers.http import Answer, HttpClient

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
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_ABOUT_THE_ROUTE = re.compile(
    r"(?<![.\w])(?:stepId|sequenceId|conflictAction|verifyProspects)\b"
    r"|(?:^|; |\bproperty |\beach value in )tags (?:must|should)\b"
)
"""Members of the request that are the same for all rows, as validation names them; a fault of a row
may have the word `tags` as well, or the path of a member in its prospect."""
_BUSY_SECONDS = 5
_BUSY_TIMES = 5
_LONGEST_PAUSE = 60
_MOST_PAGES = 5
"""Of sequences. How many a page may hold is not documented, and neither is the rate."""
_REPORT_BYTES = 20 * 1024 * 1024
"""Of a batch, 5 MiB at most. In its report every cell may be twice as long, if it is all quotation
marks, and there is a reason with each row."""
_LINE_LENGTH = 1024 * 1024
"""Of a report, in characters: a line becomes a list of cells, which takes many times its size."""
_REPORT_SECONDS = 30
_REPORT_TRIES = 3

_ADDRESS_PART = r"[^\s\"<>(),;:\[\]@\\]"
# Matches only at the start of a word, so that a hostile report cannot take quadratic time.
_ADDRESS = re.compile(rf"(?<!{_ADDRESS_PART}){_ADDRESS_PART}+@[^\s\"'<>(),;:\[\]@\\]+")
_QUOTED = re.compile(r'(?<![^,;\t])"(?:[^"]|"")*(?:"|$)')
_AS_CODE = r"(?:^|[;(\[]\s*|(?<!postal )(?<!zip )\b(?:code|error)\W{0,3})"
"""Before a code of the import: any other number in a reason may be a value of the row."""
_CODE = re.compile(rf"{_AS_CODE}(1[0-9]{{4}})\b", re.I)
_SUPPRESSED = re.compile(
    rf"{_AS_CODE}(?:10700|10800)\b"
    r"|\bdnc\b|bounced|unsubscribed|do[ -]not[ -]contact|blacklist",
    re.I,
)
_IN_ANOTHER_SEQUENCE = re.compile(rf"{_AS_CODE}12000\b", re.I)
_IN_THIS_SEQUENCE = re.compile(rf"{_AS_CODE}10200\b|already present in another step", re.I)
_PRESENT = re.compile(rf"{_AS_CODE}10200\b|already present", re.I)
_DUPLICATE = re.compile(rf"{_AS_CODE}10600\b|\bduplicate|already exists", re.I)
_SUCCESS = re.compile(rf"{_AS_CODE}10000\b", re.I)
_SUCCESS_WORDS = frozenset(
    [
        "success",
        "successful",
        "successfully",
        "succeeded",
        "imported",
        "added",
        "enrolled",
        "created",
        "updated",
        "ok",
    ]
)
_BESIDE_SUCCESS = frozenset(
    ["10000", "code", "status", "prospect", "import", "was", "is", "has", "been"]
)

_COMPLETED = "isCompleted=true"
_PENDING = "isCompleted=false"
_ACCEPTED = RowResult(Outcome.ACCEPTED, raw_status=_COMPLETED)
_NOT_FOUND = RowResult(
    Outcome.UNKNOWN, "not_found", "Saleshandy does not know the import that it had accepted."
)
_UNTRACKABLE = RowResult(
    Outcome.UNKNOWN, "no_receipt", "Saleshandy took the request, but gave no requestId to poll."
)
_BAD = RowResult(
    Outcome.REFUSED,
    "verification_bad",
    "Saleshandy's verification calls the address bad, so nobody writes to it.",
    raw_status="bad",
)
_NOT_BAD = frozenset({"valid", "risky", "skip"})
"""Words of a verification that is over. `pending` and `inProgress` are not, and others unknown."""
_NOT_VERIFIED = RowResult(
    Outcome.UNKNOWN,
    "verification_not_reported",
    "Saleshandy did not say what the verification of the address found.",
)
_NO_REPORT = RowResult(
    Outcome.UNKNOWN, "report_unavailable", "Saleshandy's report of failed rows could not be read."
)
_AMBIGUOUS = RowResult(
    Outcome.UNKNOWN, "ambiguous_report", "An entry of Saleshandy's report names several rows."
)
_FROM_GOOD_TO_BAD = (
    Outcome.ACCEPTED,
    Outcome.EXISTING,
    Outcome.SUPPRESSED,
    Outcome.UNKNOWN,
    Outcome.REFUSED,
)
"""Of two lines about one row, nobody can tell which one holds: the worse one counts."""
_NOT_CERTAIN = RowResult(
    Outcome.UNKNOWN, "not_reported", "Saleshandy's report names failures that match no row."
)


class SaleshandyDestination(Destination):
    """`step_id` is the step that prospects are enrolled in; it also determines the sequence.

    `fields` maps a column or canonical field to the exact label of an account's field, and wins
    over the default labels. `tags` apply to every prospect. A file's own `tags` column is left out,
    because the API takes tags only for a whole request. `verify_prospects` is paid.
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
        """Refuse `Email` as a label: with another address, reports could not be joined to rows."""
        if any(fold(label) in ("", "email") for label in value.values()):
            raise ValueError("a label is empty, or it is Email, which the e-mail column fills")
        return value


class SaleshandyAccount(KeyAccount):
    """A key works only on its own gateway host, so `base_url` can be another one."""

    base_url: str = "https://open-api.saleshandy.com"


class Saleshandy(Provider[SaleshandyDestination, SaleshandyAccount]):
    """Imports prospects into a step of a sequence, 5,000 in a request."""

    name = "saleshandy"
    destination_model = SaleshandyDestination
    account_model = SaleshandyAccount
    # 100,000 rows and 90 MB are allowed. With smaller requests, a lost one affects fewer rows.
    limits = Limits(rows=5_000, bytes=5 * 1024 * 1024)
    pace = Pace(failures=10)
    reads = _LABELS
    # No rate is published. For one user, polling every 3 s beside other calls reached the limit.
    rates = Rates(send_gap=_BUSY_SECONDS, poll_gap=_BUSY_SECONDS, together=True)
    # Always, because the class does not know the route. Without `fields`, no request is made.
    needs_open = True
    resends = 1

    @classmethod
    def probe(cls, http: HttpClient, account: SaleshandyAccount) -> None:
        """Read one sequence, as integrators do (`docs/providers/saleshandy.md`, 2)."""
        answer = http.request(
            "GET",
            f"{account.base_url}/v1/sequences",
            headers=_headers(account),
            params={"pageSize": "1", "page": "1"},
        )
        _raise_for_refusal(answer)
        require_json(answer)

    @classmethod
    def choices(cls, http: HttpClient, account: SaleshandyAccount) -> Sequence[Choices]:
        """Read the steps of all sequences (`docs/providers/saleshandy.md`, 5)."""
        return (_steps(http, account),)

    @property
    def after_crash(self) -> AfterCrash:
        """Nobody is enrolled twice. But `overwrite` could undo edits, and verification is paid."""
        wanted = self.destination
        harmless = wanted.conflict_action in ("addMissingFields", "noUpdate")
        if harmless and not wanted.verify_prospects:
            return AfterCrash.RESEND
        return AfterCrash.GIVE_UP

    def deadline_seconds(self, rows: int) -> float:
        """Two hours; six with over 20,000 rows or verification. A dead import never reports it."""
        return 21_600 if rows > 20_000 or self.destination.verify_prospects else 7_200

    @property
    def asks_for(self) -> Set[str]:
        """See the base class."""
        return self.destination.fields.keys()

    def prepare_all(self, prospects: Prospects) -> Prepared:
        """Build flat objects by label. Only the address is required; blanks are not sent.

        Rows are invalid with `missing_email` or `invalid_email`. `left_out` are rows that go
        without the address of a profile that is none.
        """
        identities, invalid = required_emails(prospects)
        columns = dict(prospects.fields)
        slugs = prospects.people.slugs
        left_out: set[int] = set()
        if (profiles := columns.get("LinkedIn")) and not all(slugs):
            pairs = list(zip(profiles, slugs, strict=True))
            columns["LinkedIn"] = [url if slug else "" for url, slug in pairs]
            left_out = {place for place, (url, slug) in enumerate(pairs) if url and not slug}
        for label, values in by_target(prospects.custom, self.destination.fields).items():
            columns[label] = first_of(values, columns[label]) if label in columns else values
        payloads = ColumnPayloads(len(prospects), columns)
        return Prepared(identities, payloads, invalid, left_out=left_out)

    def open(
        self, http: HttpClient, account: SaleshandyAccount, used: Set[str] | None = None
    ) -> Json:
        """Check the route's labels. Returns `{"number_labels": [label]}`, the number fields.

        Without a usable list of fields, the job goes on unchecked: `{}`. Raises `StopJobError` for
        an unknown label or a refused key, `ProviderBusyError`, `NotSentError`.
        """
        del used
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
        """Post the prospects. A refusal concerns the whole request and names no row.

        A success without a `requestId` is neither polled nor repeated.

        Text in a number field is left out, because Saleshandy would refuse the whole prospect. The
        handle keeps which rows go without it: `{"request_id": ..., "left_out": ranges of rows}`.
        """
        wanted = self.destination
        numbers = (batch.session or {}).get("number_labels")
        prospects = [_without_text(row.payload, numbers) for row in batch.rows]
        pairs = zip(prospects, batch.rows, strict=True)
        left_out = [row.row for sent, row in pairs if len(sent) != len(row.payload)]
        answer = http.request(
            "POST",
            f"{account.base_url}/v1/sequences/prospects/import-with-field-name",
            headers=_headers(account) | {"Content-Type": "application/json"},
            body=json_body(
                compact({"stepId": wanted.step_id, "tags": list(wanted.tags)})
                | {
                    "conflictAction": wanted.conflict_action,
                    # The page calls it optional, but the live gateway answers 400 without it.
                    "verifyProspects": wanted.verify_prospects,
                    "prospectList": prospects,
                }
            ),
        )
        _raise_for_refusal(answer, batch.attempts)
        if not answer.is_success:
            said, code = _error(answer)
            if _ABOUT_THE_ROUTE.search(said):  # whichever rows are sent
                raise BatchRefusedError(said, code or str(answer.status))
            return refused_whole(answer, batch, said, code)
        payload = answer.object().get("payload")
        request_id = payload.get("requestId") if isinstance(payload, dict) else None
        if not isinstance(request_id, str) or not request_id:
            return SendAnswer(
                results=dict.fromkeys(left_out, _warned(_UNTRACKABLE)),
                rest=_UNTRACKABLE,
                raw_status=str(answer.status),
            )
        told: Json = {"request_id": request_id}
        if left_out:
            told["left_out"] = [[first, last] for first, last in runs_of(left_out)]
        return SendAnswer(
            handle=told,
            raw_status="started",
            hold=_hold(answer),
            warnings=("number_field_left_out",) if left_out else (),
        )

    def poll(self, http: HttpClient, account: SaleshandyAccount, handle: Handle) -> PollAnswer:
        """Ask what became of the rows. Those that were sent without a value have a warning."""
        answer = self._polled(http, account, handle)
        return _with_warnings(answer, handle) if answer.is_terminal else answer

    def _polled(self, http: HttpClient, account: SaleshandyAccount, handle: Handle) -> PollAnswer:
        """Read the status. If it is completed with a link, read the report of failed prospects.

        The report's host is not known in advance. So it is fetched without the key, even from
        Saleshandy's own host: `fetch_report` never has credentials. `handle` keeps `report_tries`.
        """
        answer = http.request(
            "GET",
            f"{account.base_url}/v1/prospects/import-status/"
            f"{quote(str(handle.value['request_id']), safe='')}",
            headers=_headers(account),
        )
        _raise_for_refusal(answer, handle.failures)
        said, _ = _error(answer)
        if answer.status == 400 and "not found" in said.lower():
            # Code 40000 also means the rate limit. Only the message shows which one it is.
            return PollAnswer(
                is_terminal=handle.is_lost(),
                is_missing=True,
                rest=_NOT_FOUND,
                raw_status="not found",
            )
        body = answer.json()
        if not answer.is_success or not isinstance(body, dict):
            raise FateUnknownError(f"the status call answered {answer.status} without a status")
        flags = _members(body, "iscompleted")
        if not flags or not all(flag is True for flag in flags):
            is_pending = bool(flags) and all(flag is False for flag in flags)
            warnings = () if is_pending else ("unknown_status",)
            return PollAnswer(raw_status=_PENDING, warnings=warnings, hold=_hold(answer))
        links = [each for each in _members(body, "failedprospectsurl", "reporturl") if each != ""]
        try:
            settled = (
                _settled_by(_fetch(http, links), handle, self.destination.fields.values())
                if links
                else PollAnswer(is_terminal=True, rest=_ACCEPTED, raw_status=_COMPLETED)
            )
        except ReportUnavailableError:
            return _without_report(handle)
        settled = settled._replace(hold=_hold(answer))
        if self.destination.verify_prospects and settled.rest.outcome is Outcome.ACCEPTED:
            return _verified(http, account, settled, handle)
        return settled


# ---------------------------------------------------------------- answers


def _headers(account: SaleshandyAccount) -> dict[str, str]:
    """No Content-Type here: with one, the gateway answers a GET with 406."""
    return {"x-api-key": account.api_key, "Accept": "application/json"}


def _members(body: Json, *names: str) -> list[JsonValue]:
    """Return a status's members with these names in lower case that are not null, in this order.

    They are under `payload`, or at the top level (`docs/providers/saleshandy.md`, 4). The two
    names of the link differ in case as well, so none is relied on.
    """
    payload = body.get("payload")
    levels = [payload, body] if isinstance(payload, dict) else [body]
    return [
        value
        for name in names
        for level in levels
        for key, value in level.items()
        if key.lower() == name and value is not None
    ]


def _error(answer: Answer) -> tuple[str, str]:
    """Return an error's text and code. It may have one of three forms."""
    body = answer.object()
    text = (body.get(key) for key in ("message", "messages", "error_message"))
    code = (body.get(key) for key in ("code", "error_code", "statusCode"))
    return (
        words(next((value for value in text if value is not None), "")),
        str(next((value for value in code if isinstance(value, int | str)), ""))[:20],
    )


def _steps(http: HttpClient, account: SaleshandyAccount) -> Choices:
    steps: dict[str, str] = {}
    for page in range(1, _MOST_PAGES + 1):
        found = _steps_of(http, account, page)
        if found is None or (found and found.keys() <= steps.keys()):
            return Choices("step", ("step_id",), steps)
        steps |= found
    return Choices("step", ("step_id",), steps, is_whole=False)


def _steps_of(http: HttpClient, account: SaleshandyAccount, page: int) -> dict[str, str] | None:
    """Return the steps of a page of sequences by id, each with its sequence's title.

    `None`: the page has no sequences.
    """
    answer = http.request(
        "GET",
        f"{account.base_url}/v1/sequences",
        headers=_headers(account),
        params={"pageSize": "100", "page": str(page)},
    )
    _raise_for_refusal(answer)
    require_json(answer)
    sequences = answer.object().get("payload")
    if not isinstance(sequences, list):
        raise FateUnknownError("the answer has no sequences")
    if not sequences:
        return None
    found: dict[str, str] = {}
    for sequence in sequences:
        told = sequence if isinstance(sequence, dict) else {}
        steps = named(told.get("steps", []), "id", "name")
        title = words(told.get("title"), 200)
        found |= {step: ": ".join(filter(None, (title, name))) for step, name in steps.items()}
    return found


def _pause(attempts: int) -> float:
    """Return the seconds after a rate limit that names none: longer after each attempt (3.5)."""
    return (attempts + 1) * _BUSY_SECONDS if attempts < _BUSY_TIMES else _LONGEST_PAUSE


def _raise_for_refusal(answer: Answer, attempts: int = 0) -> None:
    """Raise for a bad key, a server error or the rate limit, in this order.

    Key and rate limit are mostly a 400. After a 5xx nobody can tell, whatever its words are.
    `attempts` were made before this one.
    """
    if answer.is_success:
        return
    said, code = _error(answer)
    said = said.lower()
    is_bad_key = answer.status == 400 and (code == "1001" or "invalid token" in said)
    if is_bad_key or answer.status in (401, 403):
        raise StopJobError("provider_auth", "Saleshandy refused the API key.")
    busy_seconds = _reset(answer) or _pause(attempts)
    raise_for_fate(answer, busy_seconds=busy_seconds)
    if "rate limit" in said:
        raise ProviderBusyError(answer.retry_after(busy_seconds))


def _reset(answer: Answer) -> float | None:
    """Return the seconds until more calls are allowed; the header's form is not documented."""
    return answer.seconds_to("x-ratelimit-reset")


def _hold(answer: Answer) -> float | None:
    """Return how long to make no request after an answer that says that none is left."""
    left = answer.headers.get("x-ratelimit-remaining", "").strip()
    return _reset(answer) if left == "0" else None


def _verified(
    http: HttpClient, account: SaleshandyAccount, settled: PollAnswer, handle: Handle
) -> PollAnswer:
    """Ask what the verification found of the rows that are accepted otherwise.

    A `bad` prospect stays waiting, is never contacted, and is not in the report. Nobody can tell
    what an address without an answer is, or with a word that is none of `_NOT_BAD`. The call
    leaves right after the one for the status, so the account waits for two gaps after them.
    Raises as `poll` does.
    """
    asked = {email: row for row, email in handle.rows if row not in settled.results}
    if not asked:
        return settled
    answer = http.request(
        "POST",
        f"{account.base_url}/v1/prospects/verification-status",
        headers=_headers(account) | {"Content-Type": "application/json"},
        body=json_body({"emails": list(asked)}),
    )
    _raise_for_refusal(answer)
    told = _verifications(answer)
    found: dict[int, RowResult] = {}
    for email, row in asked.items():
        said = told.get(email, set())
        if "bad" in said:
            found[row] = _BAD
        elif said and said <= _NOT_BAD:
            found[row] = settled.rest
    return settled._replace(
        results={**settled.results, **found},
        rest=_NOT_VERIFIED,
        hold=_hold(answer) or max(settled.hold or 0, 2 * Saleshandy.rates.poll_gap),
    )


def _verifications(answer: Answer) -> dict[str, set[str]]:
    """Return the addresses in lower case with all that verification says of each.

    The answer is a list of objects, or an object by address; it is not documented.
    """
    listed = answer.object().get("payload") if answer.is_success else None
    if isinstance(listed, dict):
        listed = [{"email": email, "status": status} for email, status in listed.items()]
    told: dict[str, set[str]] = {}
    for entry in listed if isinstance(listed, list) else []:
        if not isinstance(entry, dict):
            continue
        email, status = entry.get("email"), entry.get("status", entry.get("verificationStatus"))
        if isinstance(email, str) and isinstance(status, str):
            told.setdefault(email.strip().lower(), set()).add(status.strip().lower())
    return told


def _field_types(answer: Answer) -> dict[str, str]:
    """Return the account's fields: label to type in lower case; empty if the answer is unusable."""
    listed = answer.object().get("payload") if answer.is_success else None
    types: dict[str, str] = {}
    for entry in listed if isinstance(listed, list) else []:
        label = entry.get("label") if isinstance(entry, dict) else None
        if not isinstance(label, str):
            return {}
        types[label] = str(entry.get("fieldType", "")).lower()
    return types


def _without_text(payload: Json, numbers: JsonValue) -> Json:
    """Leave out values of number fields that are not numbers."""
    if not isinstance(numbers, list):
        return payload
    return {
        label: value
        for label, value in payload.items()
        if label not in numbers or _NUMBER.fullmatch(str(value).strip())
    }


def _warned(result: RowResult) -> RowResult:
    return result._replace(warning=CUSTOM_DATA_NOT_SAVED)


def _with_warnings(answer: PollAnswer, handle: Handle) -> PollAnswer:
    """Return the last answer, with a warning for each row that was sent without a value."""
    told = handle.value.get("left_out")
    if not isinstance(told, list):
        return answer
    left_out = set(numbers_in(told))
    warned = {
        row: _warned(answer.results.get(row, answer.rest))
        for row, _ in handle.rows
        if row in left_out
    }
    return answer._replace(results={**answer.results, **warned})


def _reported(said: str, *, is_repeat: bool) -> RowResult:
    """Return the outcome of a row in the report, by its code or its words.

    The code of a success makes it as good as a row that is not in the report, unless other words
    contradict it; words of a success alone are not documented. On a repeated request, a row that
    is already in the step was taken with the first one, and so may be a duplicate of whatever.
    """
    code = _CODE.search(said)
    raw_status = code[1] if code else "reported"
    spoken = set(re.findall(r"\w+", said.lower()))
    is_praise = spoken <= _SUCCESS_WORDS | _BESIDE_SUCCESS
    if is_praise and "10000" in spoken:
        return _ACCEPTED
    if _SUPPRESSED.search(said):
        return RowResult(Outcome.SUPPRESSED, said, raw_status=raw_status)
    if _SUCCESS.search(said) or (is_praise and spoken & _SUCCESS_WORDS):
        text = "Saleshandy's report names the row, but not clearly as a failure."
        return RowResult(Outcome.UNKNOWN, said, text, raw_status=raw_status)
    if _IN_ANOTHER_SEQUENCE.search(said):
        return RowResult(Outcome.EXISTING, said, raw_status=raw_status)
    if is_repeat and _PRESENT.search(said):
        text = "Presumably taken with the first request, whose answer was lost."
        return RowResult(Outcome.ACCEPTED, said, text, raw_status=raw_status)
    if is_repeat and (not said or _DUPLICATE.search(said)):
        return RowResult(
            Outcome.UNKNOWN,
            said or "listed as failure",
            "Perhaps because it was taken with the first request, whose answer was lost.",
            raw_status=raw_status,
        )
    if _IN_THIS_SEQUENCE.search(said):
        return RowResult(Outcome.EXISTING, said, raw_status=raw_status)
    text = "" if said else "Saleshandy's report names the row, and gives no reason."
    return RowResult(Outcome.REFUSED, said or "listed as failure", text, raw_status=raw_status)


# ---------------------------------------------------------------- the report


def _fetch(http: HttpClient, links: Sequence[JsonValue]) -> bytes:
    """Download the report by its first link. Raises `ReportUnavailableError`.

    A link that is no text is no proof that there is no report.
    """
    link = links[0]
    if not isinstance(link, str) or not all(isinstance(each, str) for each in links):
        raise ReportUnavailableError("the report's link is not text")
    return http.fetch_report(link, max_bytes=_REPORT_BYTES, seconds=_REPORT_SECONDS)


def _settled_by(report: bytes, handle: Handle, labels: Collection[str]) -> PollAnswer:
    """Settle a completed import: rows that the report does not name are `accepted`.

    But if an entry of the report matches no row, they are `unknown`: it may be any of them.
    """
    failed, unmatched = _failures(report, handle, labels)
    return PollAnswer(
        is_terminal=True,
        results={row: result for row, result in failed.items() if result != _ACCEPTED},
        rest=_NOT_CERTAIN if unmatched else _ACCEPTED,
        raw_status=_COMPLETED,
        warnings=("unmatched_failures",) if unmatched else (),
    )


def _without_report(handle: Handle) -> PollAnswer:
    """Try again at the next poll. After the last try, the rows are unknown."""
    tries = handle.value.get("report_tries")
    tries = tries + 1 if isinstance(tries, int) else 1
    if tries < _REPORT_TRIES:
        return PollAnswer(handle=handle.value | {"report_tries": tries}, raw_status=_COMPLETED)
    return PollAnswer(
        is_terminal=True, rest=_NO_REPORT, raw_status=_COMPLETED, warnings=("report_unavailable",)
    )


def _failures(
    report: bytes, handle: Handle, sent: Collection[str]
) -> tuple[dict[int, RowResult], int]:
    """Join a report to rows: the worst that it says of each, and how many entries match no row.

    The columns are not documented. Whose an entry is, `_address_columns` says. Its reason is in the
    columns whose header contains "error", "reason", "message" or "status", and a code of the import
    (page, 3.6) also in one called "code". A field of that name in `sent` is not a reason: the
    report only repeats it. Raises `ReportUnavailableError` if this is not a whole report.
    """
    rows = handle.by_identity
    entries = _entries(report, rows)
    header = [fold(cell) for cell in next(entries)]
    repeated = {fold(label) for label in sent}
    told = {
        index
        for index, name in enumerate(header)
        if name not in repeated and re.search("error|reason|message|status", name)
    }
    codes = {index for index, name in enumerate(header) if name == "code" and name not in repeated}
    places = _address_columns(header, repeated, told)
    worst: dict[int, RowResult] = {}
    unmatched = 0
    for entry in entries:
        found = (_addresses(_cells(entry, columns)) for columns in places)
        addresses = next(filter(None, found), [])
        ours = [rows[address] for address in addresses if address in rows]
        unmatched += not ours
        said = [
            cell
            for index, cell in enumerate(entry)
            if (index in told and cell.strip())
            or (index in codes and _CODE.fullmatch(cell.strip()))
        ]
        result = _reported(words(said), is_repeat=handle.is_repeat)
        if len(set(ours)) > 1:
            result = _AMBIGUOUS
        for row in ours:
            worst[row] = max(worst.get(row, result), result, key=_badness)
    return worst, unmatched


def _address_columns(
    header: Sequence[str], repeated: Container[str], told: Container[int]
) -> list[list[int]]:
    """Return where an entry's address is looked for: in the next columns if it is not in the first.

    It is in the column called like the identity, `Email`. Without one, it is in a column whose
    header contains "email", or else anywhere; in a reason only if no header does. The fields that
    the route fills are never its place: somebody else's address in them is of no failed row.
    """
    exact = [index for index, name in enumerate(header) if name == "email"]
    if exact:
        return [exact]
    free = [index for index, name in enumerate(header) if name not in repeated]
    named = [index for index in free if "email" in header[index]]
    others = [index for index in free if index not in told]
    return [named, others] if named else [others, free]


def _badness(result: RowResult) -> int:
    return _FROM_GOOD_TO_BAD.index(result.outcome)


def _entries(report: bytes, ours: Container[str]) -> Iterator[list[str]]:
    """Read a report's header, and then its entries one by one, because it may be large.

    Any other text, such as an error message, would refuse nobody. So it is a report only if it is
    well-formed CSV with a header and an entry, no entry is cut off, and one has an address. Where
    there is a single column, or no header because the first line has an address of `ours`, each
    entry must be an address with at most a reason beside it; the header is made up then. Raises
    `ReportUnavailableError`, perhaps only after the last entry.
    """
    start = next((line.lstrip() for line in _lines(report) if line.strip()), "")
    delimiter = max(",;\t", key=_QUOTED.sub("", start).count)
    lines = csv.reader(_lines(report), delimiter=delimiter, strict=True)
    entries = (entry for entry in lines if any(cell.strip() for cell in entry))
    has_address = False
    try:
        first = next(entries, [])
        bare = _bare(first, ours)
        headless = [first] if bare else []
        if not headless and (not first or start[0] in "<{[" or _addresses(first)):
            raise ReportUnavailableError("the report is empty or not CSV, or has no header")
        if not headless and len(first) == 1:
            bare = ["email"]
            if "email" not in fold(first[0]):
                raise ReportUnavailableError("the only column of the report is not of addresses")
        yield bare or first
        for entry in itertools.chain(headless, entries):
            if len(entry) < len(first):
                raise ReportUnavailableError("an entry of the report is cut off")
            if bare and _bare(entry) != bare:
                raise ReportUnavailableError("an entry of a bare report is not like the others")
            has_address = has_address or bool(_addresses(entry))
            yield entry
    except csv.Error as error:
        raise ReportUnavailableError("the report is not CSV, or is cut off") from error
    if not has_address:
        raise ReportUnavailableError("the report has no addresses")


def _bare(entry: list[str], ours: Container[str] | None = None) -> list[str]:
    """Return the columns of an entry that is an address with at most a reason beside it.

    Empty if it is anything else, or if the address is none of `ours`.
    """
    columns = ["email" if _ADDRESS.fullmatch(cell.strip()) else "reason" for cell in entry]
    addresses = _addresses(entry)
    is_bare = len(entry) <= 2 and columns.count("email") == len(addresses) == 1
    return columns if is_bare and (ours is None or addresses[0] in ours) else []


def _lines(report: bytes) -> Iterator[str]:
    """Decode a report line by line. Raises `ReportUnavailableError` for a line that is too long."""
    text = io.TextIOWrapper(io.BytesIO(report), "utf-8-sig", errors="replace", newline="")
    while line := text.readline(_LINE_LENGTH):
        if len(line) == _LINE_LENGTH:
            raise ReportUnavailableError("a line of the report is too long")
        yield line


def _cells(entry: list[str], indexes: Iterable[int]) -> list[str]:
    return [entry[index] for index in indexes if index < len(entry)]


def _addresses(cells: Iterable[str]) -> list[str]:
    """Find the addresses in cells, in lower case as identities are."""
    return [found.rstrip(".").lower() for cell in cells for found in _ADDRESS.findall(cell)]
