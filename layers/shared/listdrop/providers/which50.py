"""Which50 (CustomerMinds): the import job of a contact list.

Source: `docs/providers/which50.md`, from https://app.which50.com/Which50API/documentation and its
pages CREATE, LOAD, RUN and STATUS (read 2026-11-21). One import job takes all rows. It is created
(`open`), loaded (`send`), run (`commit`) and polled (`poll`). It ends with counters but without
names, and the values of `CurrentStatus` are not published. So rows are all `accepted`, all
`existing` or all `unknown`.

One module, despite its length: a provider is one file (`docs/adding-a-provider.md`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, cast

from pydantic import Field

from listdrop.cells.headers import fold
from listdrop.cells.phones import international_numbers
from listdrop.errors import (
    BatchRefusedError,
    FateUnknownError,
    ImportMissingError,
    ProviderBusyError,
    StopJobError,
)
from listdrop.models import (
    Account,
    Choices,
    ColumnPayloads,
    Destination,
    Json,
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
    json_body,
    named,
    raise_for_fate,
    refused_whole,
    require_json,
    words,
)
from listdrop.providers.preparing import first_of, invalid_emails, named_columns, wrong_emails

if TYPE_CHECKING:
    from listdrop.providers.http import Answer, HttpClient

_DEFAULT_FIELDS = {
    "email": "Email",
    "first_name": "FirstName",
    "last_name": "LastName",
    "phone": "Mobile",
}
# All words are guesses, because no value of `CurrentStatus` is documented.
_SUCCESS = frozenset(
    {
        "complete",
        "completed",
        "finished",
        "done",
        "success",
        "successful",
        "succeeded",
        "processed",
        "imported",
    }
)
_NO_SUCCESS = frozenset({"not", "partially", "never"})
_FAILURE = ("fail", "error", "abort", "abandon", "cancel", "terminat")
_NO_FAILURE = frozenset({"no", "without", "0"})
_WRITTEN = ("insertedcontacts", "updatedcontacts", "notupdatedcontacts")
_DECIDING = (*_WRITTEN, "droppedcontacts", "invalidemailcount")
_COUNTERS = (
    *_WRITTEN,
    "droppedcontacts",
    "totalcontacts",
    "invalidemailcount",
    "invalidsmscount",
)
_STALLED_SECONDS = 3600
_BUSY_SECONDS = 60
_PASSING = frozenset({408, 429, 502, 503, 504})
_FIRST_REAL_YEAR = 2000

_FAILED = RowResult(
    Outcome.UNKNOWN, "job_failed", "Which50 failed the import without naming this row."
)
_WITH_ERRORS = RowResult(
    Outcome.UNKNOWN, "finished_with_errors", "Which50 reports errors without naming the rows."
)
_UNACCOUNTED = RowResult(
    Outcome.UNKNOWN, "not_accounted", "Which50's counters do not account for every row."
)
_DROPPED = RowResult(
    Outcome.UNKNOWN,
    "contacts_dropped",
    "Which50's import deleted contacts, and does not say why.",
)
_STALLED = RowResult(
    Outcome.UNKNOWN, "no_progress", "Which50's import has not changed for an hour."
)
_MISSING = RowResult(
    Outcome.UNKNOWN, "job_not_found", "Which50 no longer knows the import job of this row."
)

_UNMATCHED = RowResult(
    Outcome.INVALID,
    "unmapped_required_field",
    "The row has no value for the field that contacts are matched by.",
)

Name = Annotated[str, Field(min_length=1)]


class Which50Destination(Destination):
    """`fields` maps a column or canonical field to the name of a field of the contact list.

    `match` names the list fields, separated by commas, by which Which50 finds an existing contact;
    empty leaves that to Which50. `custom_events` run for each written contact and may send mail, so
    with them an import is never started twice.
    """

    provider: Literal["which50"]
    contact_list_id: int = Field(gt=0)
    match: str = "Email"
    fields: dict[str, Name] = Field(default_factory=dict)
    custom_events: tuple[Name, ...] = ()


class Which50Account(Account):
    """One header, sent as it is, because the authentication is not documented."""

    base_url: str = "https://app.which50.com/Which50API"
    header: str = Field(default="Authorization", pattern=r"^[A-Za-z0-9-]+$")
    value: str = Field(pattern=r"^[!-~]([ -~]*[!-~])?$", repr=False)


class Which50(Provider[Which50Destination, Which50Account]):
    """Imports contacts into one list: loads of 5,000 rows, then one run.

    One class, despite its length: an import has four calls, and each reads its own answers.
    """

    name = "which50"
    destination_model = Which50Destination
    account_model = Which50Account
    # 10,000 contacts are allowed. No limit of bytes is documented; ASP.NET's default is 4 MB.
    limits = Limits(rows=5000, bytes=3_500_000)
    pace = Pace()
    # No rate is published, so all requests of an account are one second apart.
    rates = Rates(send_gap=1.0, poll_gap=1.0, together=True, one_at_a_time=True)
    needs_open = True
    opens_with = "Values"
    commits = True

    @property
    def runs_alone(self) -> str:
        """See the provider. Nothing is said of two running jobs on one list (page, 3.6)."""
        return f"list#{self.destination.contact_list_id}"

    def __init__(self, destination: Which50Destination) -> None:
        super().__init__(destination)
        self._match = tuple(name.strip() for name in destination.match.split(",") if name.strip())
        chosen = {fold(source) for source in destination.fields}
        self._names = destination.fields | {
            source: name for source, name in _DEFAULT_FIELDS.items() if fold(source) not in chosen
        }
        taken = {fold(name) for pair in self._names.items() for name in pair}
        self._names |= {name: name for name in self._match if fold(name) not in taken}
        self._sources = frozenset(fold(source) for source in self._names)
        by_source = {fold(source): name for source, name in self._names.items()}
        self._email = by_source["email"]
        self._phone = by_source["phone"]
        folded = {fold(name) for name in self._match}
        self._is_by_email = not folded or not folded.isdisjoint({"email", fold(self._email)})

    @classmethod
    def probe(cls, http: HttpClient, account: Which50Account) -> None:
        """List the contact lists, a read-only call (`docs/providers/which50.md`, 3.1)."""
        _contact_lists(http, account)

    @classmethod
    def choices(cls, http: HttpClient, account: Which50Account) -> Sequence[Choices]:
        """Read the contact lists (`docs/providers/which50.md`, 3.1)."""
        body = _contact_lists(http, account).json()
        listed = [_caseless(each) for each in body] if isinstance(body, list) else None
        return (Choices("list", ("contact_list_id",), named(listed, "id", "name")),)

    @property
    def after_crash(self) -> AfterCrash:
        """A job with a doubtful load is abandoned, as it changed nothing yet; a run can be seen."""
        return AfterCrash.LOOK_UP

    @property
    def may_commit_again(self) -> bool:
        """The import upserts. Only custom events would run twice."""
        return not self.destination.custom_events

    @property
    def needs(self) -> Sequence[str]:
        """The columns or fields that fill the field by which contacts are matched."""
        wanted = fold(self._email if self._is_by_email else self._match[0])
        return [source for source, name in self._names.items() if fold(name) == wanted]

    @property
    def asks_for(self) -> Set[str]:
        """See the base class."""
        return self._names.keys()

    def prepare_all(self, prospects: Prospects) -> Prepared:
        """Build contacts. A column without a mapping keeps its header until the schema is known.

        A row is also invalid for an e-mail address that is not the identity: Which50 would count it
        without naming the row, and all rows of the job would be `unknown`. `without_phone` are rows
        that go without a telephone number that they have.
        """
        rows = len(prospects)
        values = self._values(prospects)
        nothing = [""] * rows
        emails = values.get(self._email, nothing)
        is_own = emails is prospects.fields.get("email")
        invalid = (
            wrong_emails(prospects, is_needed=self._is_by_email)
            if is_own  # so it is decided already
            else invalid_emails(emails, is_needed=self._is_by_email)
        )
        if self._is_by_email:
            identities = list(prospects.people.addresses if is_own else map(str.lower, emails))
        else:
            wanted = fold(self._match[0])
            found: Sequence[str] = nothing
            for name, cells in values.items():
                found = first_of(found, cells) if fold(name) == wanted else found
            identities = list(found)
        for place, identity in enumerate(identities):
            if not identity:
                invalid.setdefault(place, _UNMATCHED)
        for place in invalid:
            identities[place] = ""
        phones, sent = prospects.fields.get("phone", nothing), values.get(self._phone, nothing)
        without = {place for place, phone in enumerate(phones) if phone and not sent[place]}
        payloads = ColumnPayloads(
            rows,
            {"Values": ColumnPayloads(rows, values)},
            {"ListId": self.destination.contact_list_id},
        )
        return Prepared(identities, payloads, invalid, without - invalid.keys())

    def _values(self, prospects: Prospects) -> dict[str, Sequence[str]]:
        """Return the values by field name. Mapped columns come first, so that they win."""
        named = named_columns(prospects, self._names)
        values: dict[str, Sequence[str]] = {}
        for source, name in self._names.items():
            if source in named:
                cells = self._clean(name, named[source], prospects)
                values[name] = first_of(values.get(name), cells)
        mapped = {name: cells for name, cells in values.items() if any(cells)}
        for header, cells in (*prospects.fields.items(), *prospects.custom.items()):
            folded = fold(header)
            if folded in self._sources:
                continue
            cells = self._clean(header, cells, prospects)
            for name, taken in mapped.items():
                if fold(name) == folded:  # only where no mapped column has a value
                    cells = ["" if own else cell for own, cell in zip(taken, cells, strict=True)]
            values[header] = first_of(cells, values[header]) if header in values else cells
        return values

    def _clean(self, name: str, cells: Sequence[str], prospects: Prospects) -> Sequence[str]:
        """Return values as they are, but telephone numbers in international digits, or empty."""
        if fold(name) != fold(self._phone):
            return cells
        countries = prospects.fields.get("country") or [""] * len(cells)
        return international_numbers(cells, countries)

    def open(self, http: HttpClient, account: Which50Account, used: Set[str] | None = None) -> Json:
        """Read the list's fields and create an import job that takes those that any row has.

        One that no row has could be emptied, or filled with its default, in contacts that are there
        already (`docs/providers/which50.md`, 3.3). After a second call, the first job is simply
        never run, which changes nothing. Returns `{"job_id": int, "fields": [name] or null,
        "created_status": str}`, with all fields of the list. Raises `StopJobError`,
        `ProviderBusyError`, `NotSentError`, `FateUnknownError`.
        """
        schema = self._schema(http, account)
        names = schema or list(dict.fromkeys(self._names.values()))
        if used is not None:
            known = _by_folded(names)
            taken = {_found(key, known) for key in used}
            names = [name for name in names if name in taken]
        answer = self._call(http, account, "POST", "/import", body={"FieldNames": names})
        _stop_if_impossible(answer)
        if 400 <= answer.status < 500:
            said = f"Which50 refused to create the import job ({_said(answer)})."
            raise StopJobError("bad_route", said)
        job = self._read_job(answer)
        return {
            "job_id": job.id,
            "fields": list(schema) if schema else None,
            "created_status": job.status,
        }

    def _schema(self, http: HttpClient, account: Which50Account) -> list[str] | None:
        """Return the names of the list's fields, or `None` if they cannot be read."""
        answer = self._call(http, account, "GET", "/fields")
        if answer.status == 401:
            _stop_if_impossible(answer)
        body = answer.json() if answer.is_success else None
        fields = [_caseless(field) for field in body] if isinstance(body, list) else []
        names = [name for field in fields if isinstance(name := field.get("name"), str) and name]
        if not names:
            return None
        known = {fold(name) for name in names}
        for name in (*(self._match or (self._email,)), *self.destination.fields.values()):
            if fold(name) not in known:
                raise StopJobError("bad_route", f"The contact list has no field named {name!r}.")
        return names

    def send(self, http: HttpClient, account: Which50Account, batch: Batch) -> SendAnswer:
        """Load the contacts into the job, where they wait for `commit`. Any 2xx means all taken."""
        session = batch.session or {}
        names = self._known_names(session)
        contacts = [_renamed(row.payload, names) for row in batch.rows]
        answer = self._call(http, account, "POST", f"/import/{session['job_id']}", body=contacts)
        _stop_if_missing(answer)
        if answer.status == 413 and len(batch.rows) > 1:
            return SendAnswer(max_rows=len(batch.rows) // 2, raw_status="413")
        if 400 <= answer.status < 500:
            return refused_whole(answer, batch, _said(answer))
        if not answer.is_success:
            raise FateUnknownError(f"the load was answered with {answer.status}")
        body = answer.json()
        warned = isinstance(body, list) and any(
            _caseless(c).get("validationwarnings") for c in body
        )
        return SendAnswer(
            handle={"loaded": True},
            raw_status="loaded",
            warnings=("validation_warnings",) if warned else (),
        )

    def _known_names(self, session: Json) -> dict[str, str]:
        """Return the names of the list's fields, by exact name and by folded name."""
        return _by_folded(cast("list[str]", session.get("fields") or list(self._names.values())))

    def commit(self, http: HttpClient, account: Which50Account, session: Json) -> Json:
        """Run the job. Raises `BatchRefusedError` if Which50 refuses: then nothing was imported.

        The status in the answer does not count as a poll (`docs/providers/which50.md`, 4.4).
        """
        known = self._known_names(session)
        params = {
            "match": ",".join(_found(name, known) or name for name in self._match),
            "customevents": ",".join(self.destination.custom_events),
        }
        answer = self._call(
            http,
            account,
            "POST",
            f"/import/{session['job_id']}/run",
            params={name: value for name, value in params.items() if value},
        )
        _stop_if_missing(answer)
        if 400 <= answer.status < 500:
            raise BatchRefusedError(_said(answer), str(answer.status))
        job = self._read_job(answer, session["job_id"])
        return _handle(job)

    def look_up(self, http: HttpClient, account: Which50Account, session: Json) -> Json | None:
        """Look for a sign of progress: a percentage, a counter, a finish date, another status."""
        answer = self._call(http, account, "GET", f"/import/{session['job_id']}")
        _stop_if_unauthorised(answer)
        if answer.status == 404:
            raise ImportMissingError(_MISSING.reason, _MISSING.reason_text)
        job = self._read_job(answer, session["job_id"])
        has_started = (
            job.percent > 0
            or job.is_finished
            or any(count and count > 0 for count in job.counts.values())
            or job.status != session.get("created_status")
        )
        return _handle(job) if has_started else None

    def poll(self, http: HttpClient, account: Which50Account, handle: Handle) -> PollAnswer:
        """Read the job once, and decide by `docs/providers/which50.md`, 4.2."""
        memory = cast("dict[str, Any]", handle.value)
        answer = self._call(http, account, "GET", f"/import/{memory['job_id']}")
        _stop_if_unauthorised(answer)
        if answer.status == 404:
            return PollAnswer(
                is_terminal=handle.is_lost(), is_missing=True, rest=_MISSING, raw_status="404"
            )
        job = self._read_job(answer, memory["job_id"])
        is_same = memory["digest"] == job.digest
        polls = memory["repeats"] + 1 if is_same else 1
        changed_at = memory["changed_at"] if is_same else handle.age
        # An interrupted Status may have settled some rows already. The import had all of them.
        rows = max(memory["rows"], len(handle.rows))
        ending = _ending(job, polls)
        if ending is not None:
            rest, warnings = _settled(job, rows, ending)
            return PollAnswer(
                is_terminal=True,
                rest=rest._replace(raw_status=job.status),
                raw_status=job.status,
                warnings=warnings,
            )
        if handle.age - changed_at >= _STALLED_SECONDS:
            return PollAnswer(
                is_terminal=True, rest=_STALLED, raw_status=job.status, warnings=("stalled",)
            )
        return PollAnswer(
            handle=_handle(job, polls, changed_at, rows),
            progress=min(max(job.percent / 100, 0.0), 1.0),
            raw_status=job.status,
        )

    def _call(
        self,
        http: HttpClient,
        account: Which50Account,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: object = None,
    ) -> Answer:
        """Make a request below the contact list's URL. Raises as `raise_for_fate` does."""
        answer = http.request(
            method,
            f"{account.base_url}/contactLists/{self.destination.contact_list_id}{path}",
            headers=_headers(account),
            params=params,
            body=None if body is None else json_body(body),
        )
        if method == "GET" and answer.status in _PASSING and "Retry-After" in answer.headers:
            raise ProviderBusyError(answer.retry_after(_BUSY_SECONDS))
        raise_for_fate(answer)
        return answer

    def _read_job(self, answer: Answer, job_id: object = None) -> _ImportJob:
        """Read an `ImportJob`, keys without case. Raises `FateUnknownError` for another job."""
        body = _caseless(answer.json()) if answer.is_success else {}
        number = _number(body.get("id"))
        if number is None or number <= 0:
            raise FateUnknownError(f"no import job in the answer ({answer.status})")
        if body.get("contactlistid", self.destination.contact_list_id) != (
            self.destination.contact_list_id
        ) or job_id not in (None, number):
            raise FateUnknownError("the answer is about another import job")
        percent, finish = body.get("progresspercent"), body.get("finishdate")
        counts = {name: _count(body, name) for name in _COUNTERS}
        seen = [body.get("currentstatus"), percent, finish, *counts.values()]
        return _ImportJob(
            id=number,
            status=words(body.get("currentstatus"), 100),
            percent=percent if isinstance(percent, float) else _number(percent) or 0,
            is_finished=_is_real_date(finish),
            counts=counts,
            digest=hashlib.sha256(json_body(seen)).hexdigest()[:16],
        )


class _ImportJob(NamedTuple):
    """An `ImportJob` of Which50. A counter that is missing is `None`, one that is none is -1."""

    id: int
    status: str
    percent: float
    is_finished: bool
    counts: Mapping[str, int | None]
    digest: str

    @property
    def is_possible(self) -> bool:
        """Whether all counters that there are, are counts."""
        return all(count is None or count >= 0 for count in self.counts.values())

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The words of the status in lower case, each after the word before it."""
        split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", self.status)
        found = [word.lower() for word in re.findall(r"[^\W_]+", split)]
        return list(zip(["", *found], found, strict=False))

    @property
    def says_success(self) -> bool:
        """Whether the status has a success word, not negated by the word before it."""
        return any(word in _SUCCESS and before not in _NO_SUCCESS for before, word in self.pairs)

    @property
    def says_failure(self) -> bool:
        """Whether the status has a failure word, not negated by the word before it."""
        return any(
            word.startswith(_FAILURE) and before not in _NO_FAILURE for before, word in self.pairs
        )


def _handle(job: _ImportJob, polls: int = 0, changed_at: float = 0, rows: int = 0) -> Json:
    """Return the handle for the next poll.

    `repeats` is the number of polls in a row with this `digest`. `changed_at` is the age in seconds
    at which the digest was first seen. `rows` is the number of loaded rows (0: not polled yet).
    """
    return {
        "job_id": job.id,
        "digest": job.digest,
        "repeats": polls,
        "changed_at": changed_at,
        "rows": rows,
    }


def _ending(job: _ImportJob, polls: int) -> str | None:
    """Return how a job ended: `failed`, `finished` or a warning's name; `None` while it runs.

    The conditions are those of `docs/providers/which50.md`, 4.2, in the same order. `polls` polls
    in a row gave this answer. A date, a percentage or a word alone may be temporary, so it needs a
    second sign, or a repeat.
    """
    success, failure, is_full = job.says_success, job.says_failure, job.percent >= 100
    if job.is_finished:
        if failure:
            return "finished" if success else "failed"
        if is_full or success:
            return "finished"
        return "unrecognised_status" if polls >= 2 else None
    if failure and not success:
        return "failed" if polls >= 3 else None
    return "no_finish_date" if is_full and success and polls >= 2 else None


def _settled(job: _ImportJob, rows: int, ending: str) -> tuple[RowResult, tuple[str, ...]]:
    """Return one result for all rows of a finished job, because Which50 names no rows.

    They are good only if the counters account for all loaded rows, no invalid address was counted
    (it is not documented whether such a row is dropped or stored), and no contact was deleted. With
    `match`, one row can update several contacts, so the counters may account for more, but none is
    inserted twice. Counters that cannot be right say nothing (`docs/providers/which50.md`, 4.3).
    """
    flags = {
        ending: ending not in ("finished", "failed"),
        "dropped_contacts": (job.counts["droppedcontacts"] or 0) > 0,
        "invalid_emails": (job.counts["invalidemailcount"] or 0) > 0,
        "invalid_numbers": (job.counts["invalidsmscount"] or 0) > 0,
    }
    warnings = tuple(name for name, is_up in flags.items() if is_up)
    if ending == "failed":
        return _FAILED, warnings
    if job.says_failure:
        return _WITH_ERRORS, warnings
    inserted, updated, unchanged = (job.counts[name] or 0 for name in _WRITTEN)
    accounted = inserted + updated + unchanged
    is_told = all(job.counts[name] is not None for name in _DECIDING)
    is_whole = accounted >= rows >= inserted and job.is_possible
    if not (is_told and is_whole) or job.counts["invalidemailcount"]:
        return _UNACCOUNTED, warnings
    if flags["dropped_contacts"]:
        return _DROPPED, warnings
    is_old = unchanged == accounted
    return RowResult(Outcome.EXISTING if is_old else Outcome.ACCEPTED), warnings


def _is_real_date(value: object) -> bool:
    """Whether a date is set: not null, not .NET's zero date, not another text."""
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).year >= _FIRST_REAL_YEAR
    except ValueError:
        return False


def _renamed(payload: Json, names: Mapping[str, str]) -> Json:
    """Rename values to the list's own fields. Leave out values without a field in the list."""
    values: Json = {}
    for header, value in cast("Json", payload["Values"]).items():
        if name := _found(header, names):
            values.setdefault(name, value)
    return payload | {"Values": values}


def _by_folded(names: Sequence[str]) -> dict[str, str]:
    """Return names by themselves, and by their folded form: of two with the same, the first."""
    return {fold(name): name for name in reversed(names)} | {name: name for name in names}


def _found(header: str, names: Mapping[str, str]) -> str | None:
    return names.get(header) or names.get(fold(header))


def _caseless(value: object) -> dict[str, Any]:
    """Return an object with lower-case keys; an empty one for anything else."""
    return {key.lower(): item for key, item in value.items()} if isinstance(value, dict) else {}


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _count(body: Mapping[str, Any], name: str) -> int | None:
    """Return a counter; `None` if it is missing, and -1 if it is no whole number."""
    value = body.get(name)
    if value is None:
        return None
    number = _number(value)
    return -1 if number is None else number


def _said(answer: Answer) -> str:
    """Return the `Message` of a refusal, never the exception or stack trace beside it."""
    return words(_caseless(answer.json()).get("message"), 500) or f"HTTP {answer.status}"


def _headers(account: Which50Account) -> dict[str, str]:
    return {
        "Accept": "application/json",
        "Content-Type": "application/json",
        account.header: account.value,
    }


def _contact_lists(http: HttpClient, account: Which50Account) -> Answer:
    answer = http.request("GET", f"{account.base_url}/contactLists", headers=_headers(account))
    _stop_if_unauthorised(answer)
    require_json(answer)
    return answer


def _stop_if_impossible(answer: Answer) -> None:
    _stop_if_unauthorised(answer)
    if answer.status == 404:
        raise StopJobError("bad_route", "Which50 has no such contact list.")


def _stop_if_missing(answer: Answer) -> None:
    _stop_if_unauthorised(answer)
    if answer.status == 404:
        raise ImportMissingError("bad_route", "Which50 has no such contact list or import job.")


def _stop_if_unauthorised(answer: Answer) -> None:
    if answer.status in (401, 403):
        raise StopJobError("provider_auth", "Which50 refused the credentials.")
