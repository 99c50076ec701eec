"""Waalaxy: imports prospects into a list and an optional campaign, and answers at once.

Source: `docs/providers/waalaxy.md`, from https://docs.waalaxy.com/api/prospect (its tables could
not be read, so the codes below are from the vendor's n8n node and from clients built on its
OpenAPI). One POST imports the rows, and its answer has every row's `importCode`. There is no
receipt, and nothing to poll. `addToCampaignCode` only means that enrolment was requested: Waalaxy
decides 15 to 30 minutes later and does not show it. So enrolment never makes a row better.

One module, despite its length: a provider is one file (`docs/adding-a-provider.md`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from urllib.parse import unquote

from pydantic import Field, JsonValue

from listdrop.cells.profiles import is_member_id, profile_slug, profile_urls
from listdrop.errors import FateUnknownError, StopJobError
from listdrop.models import (
    Choices,
    ColumnPayloads,
    Destination,
    Entries,
    Group,
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
    BatchRow,
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
from listdrop.providers.preparing import first_of, required_profiles, too_long

if TYPE_CHECKING:
    from listdrop.providers.http import Answer, HttpClient

_OUTCOMES = {
    "success": Outcome.CONFIRMED,
    "prospect_successfully_moved_to_another_list": Outcome.CONFIRMED,
    "duplicated_prospect": Outcome.EXISTING,
    "failed_to_change_prospect_list": Outcome.REFUSED,
    "max_limit_crm": Outcome.REFUSED,
    "custom_variable_exceeds_1000_chars": Outcome.REFUSED,
    "profile_deleted": Outcome.REFUSED,
    "server_error": Outcome.REFUSED,
    "unknown_error": Outcome.REFUSED,
}
_WORTH_ONE_MORE_TRY = frozenset({"server_error", "unknown_error"})
_ENROLMENTS = {
    "success": "Enrolment in the campaign was requested; Waalaxy decides later.",
    "already_in_campaign": "Waalaxy reports that the prospect is already in the campaign.",
}
_NO_ENROLMENT = "Waalaxy did not report the enrolment in the campaign."
_ENROLMENT_FAILURES = frozenset(
    {
        "cant_add_prospect_campaign_not_exist",
        "cant_add_prospect_campaign_is_archived",
        "prospect_does_not_match_preconditions",
        "unknown_error",
    }
)
_PRESUMED = "Already there when sent again: presumably imported the first time."
_FAILED_AGAIN = "Failed when sent again after a lost answer; the first one may have imported it."
_NOT_SENT_AGAIN = "It may be imported all the same, so sending it again could duplicate it."
_NOT_REPORTED = RowResult(
    Outcome.UNKNOWN, "not_reported", "Waalaxy's answer does not report this row's outcome."
)

# The "401" in these codes is not about the key. So look at the code before the HTTP status.
_BAD_URL = "R000401-003"
_FULL = StopJobError(
    "provider_quota", "Waalaxy reports that the list or the CRM is full (max_limit_crm)."
)
_ABOUT_THE_ROUTE = re.compile(r"\b(?:origin|prospectListId|campaignId)\b", re.IGNORECASE)
"""Members of the request that are the same for all rows."""
_BAD_INPUT = "V000400-001"
_UNREADABLE = "unreadable"
_BUSY_SECONDS, _LONGEST_PAUSE = 30.0, 300.0
_STOPS = {
    "R000401-004": ("provider_quota", "Waalaxy reports that the list or the CRM is full."),
    "M000401-001": ("provider_auth", "Waalaxy's plan of this account does not include the API."),
    "R000404-002": ("bad_route", "Waalaxy does not know the prospect list of the route."),
}

_MAX_VARIABLE = 1000
_FIELDS = (
    "linkedin_url", "email", "first_name", "last_name", "job_title", "phone", "company", "website",
    "city", "location",
)  # fmt: skip
_COLUMNS = frozenset({"company_website", "company_linkedin_url", "region"})
"""Custom columns with their own key in a profile."""


class WaalaxyDestination(Destination):
    """`variables` maps a column or canonical field to the label of a custom variable.

    `can_create_duplicates` needs a permission in Waalaxy. With it, a request of unclear fate is
    never sent again, because it could import rows twice. Waalaxy shows `origin` as `API-<origin>`.
    """

    provider: Literal["waalaxy"]
    prospect_list_id: str = Field(min_length=1)
    campaign_id: str | None = Field(default=None, min_length=1)
    origin: str = Field(default="listdrop", min_length=1)
    can_create_duplicates: bool = False
    move_duplicates_to_other_list: bool = False
    overwrite_custom_profile: bool = False
    add_existing_to_campaign: bool = False
    variables: dict[str, str] = Field(default_factory=dict)
    phone_type: Literal["mobile", "work", "home", "other"] = "work"
    batch_rows: int = Field(default=50, ge=1, le=100)


class WaalaxyAccount(KeyAccount):
    """The key is in Settings, CRM Sync, on an Advanced or Business plan."""

    base_url: str = "https://developers.waalaxy.com"


class Waalaxy(Provider[WaalaxyDestination, WaalaxyAccount]):
    """Imports LinkedIn profiles into a prospect list, by default 50 in a request."""

    name = "waalaxy"
    destination_model = WaalaxyDestination
    account_model = WaalaxyAccount
    # No maximum is published. No known client sends more than 100 rows, or 2 requests a second.
    limits = Limits(rows=100, bytes=1_048_576)
    pace = Pace(first=1, shortest=1, longest=1)
    reads: ClassVar = {name: name for name in _FIELDS}
    rates = Rates(send_gap=1.0, poll_gap=1.0, one_at_a_time=True)
    resends = 1

    @classmethod
    def probe(cls, http: HttpClient, account: WaalaxyAccount) -> None:
        """Call the vendor's own key test, which answers `true` for a good key."""
        url = f"{account.base_url}/integrations/test"
        if _asked(http, account, url) is not True:
            raise FateUnknownError("Waalaxy's test did not answer `true`")

    @classmethod
    def choices(cls, http: HttpClient, account: WaalaxyAccount) -> Sequence[Choices]:
        """Read lists and campaigns (`docs/providers/waalaxy.md`, 7)."""
        return _choices(http, account)

    @property
    def needs(self) -> Sequence[str]:
        """See the base class."""
        return ("linkedin_url",)

    @property
    def after_crash(self) -> AfterCrash:
        """If duplicates are forbidden, a repeat answers `duplicated_prospect` and does nothing."""
        if self.destination.can_create_duplicates:
            return AfterCrash.GIVE_UP
        return AfterCrash.RESEND

    def batch_limits(self) -> Limits:
        """Return the limits with the route's number of rows."""
        return self.limits._replace(rows=self.destination.batch_rows)

    @property
    def asks_for(self) -> Set[str]:
        """See the base class."""
        return self.destination.variables.keys() | _COLUMNS

    def prepare_all(self, prospects: Prospects) -> Prepared:
        """Build prospects. Their URLs keep the slug's case, which matters for member ids.

        `left_out` are rows that go without an e-mail address that is not valid.
        """
        rows = len(prospects)
        invalid = required_profiles(prospects)
        people = prospects.people
        columns: dict[str, Sequence[JsonValue] | ColumnPayloads | Entries] = {
            "url": profile_urls(people.slugs, "www.linkedin.com"),
            "customProfile": ColumnPayloads(
                rows, _profiles(prospects, self.destination.phone_type)
            ),
        }
        if variables := _variables(prospects, self.destination.variables):
            text = f"A custom variable has over {_MAX_VARIABLE} characters."
            for values in variables.values():
                invalid |= too_long(values, _MAX_VARIABLE, text, invalid)
            labels, values_of = list(variables), list(variables.values())
            columns["customVariables"] = Entries(("label", "value"), labels, values_of)
        left_out: set[int] = set()
        if None in prospects.emails:
            left_out = {place for place, email in enumerate(prospects.emails) if email is None}
        payloads = ColumnPayloads(rows, columns)
        return Prepared(people.profiles, payloads, invalid, left_out=left_out)

    def send(self, http: HttpClient, account: WaalaxyAccount, batch: Batch) -> SendAnswer:
        """Import the rows. The answer settles each row, or it is sent again."""
        answer = http.request(
            "POST",
            f"{account.base_url}/prospects/addProspectFromIntegration",
            headers=_headers(account) | {"Content-Type": "application/json"},
            body=json_body(self._request(batch)),
            seconds=60,
        )
        elements = _elements(answer.json())
        has_codes = any(_word(element, "importCode") for element in elements)
        if has_codes and (answer.is_success or 400 <= answer.status < 500):
            return self._settled(answer, elements, batch)
        if elements and answer.status == 429:
            raise FateUnknownError("busy, and the answer's rows have no codes")
        return _refused(answer, batch)

    def poll(self, http: HttpClient, account: WaalaxyAccount, handle: Handle) -> PollAnswer:
        """End the rows as `unknown`, without a request. Not called, as `send` gives no handle."""
        del http, account, handle
        return PollAnswer(is_terminal=True)

    def _request(self, batch: Batch) -> Json:
        wanted = self.destination
        flags = {
            "canCreateDuplicates": wanted.can_create_duplicates,
            "moveDuplicatesToOtherList": wanted.move_duplicates_to_other_list,
            "shouldOverwriteCustomProfileData": wanted.overwrite_custom_profile,
            "addExistingProspectInCampaign": wanted.add_existing_to_campaign,
        }
        return compact(
            {
                "prospectListId": wanted.prospect_list_id,
                "campaignId": wanted.campaign_id,
                "origin": {"name": wanted.origin},
                **{flag: True for flag, is_set in flags.items() if is_set},
                "prospects": [row.payload for row in batch.rows],
            }
        )

    def _settled(
        self, answer: Answer, elements: Sequence[Mapping[str, Any]], batch: Batch
    ) -> SendAnswer:
        """Settle the rows that the answer names; unless it is a 429, settle the others too.

        A 429 may contain the rows that were taken before the limit. Then the others are sent again.
        But if an element of the answer matches no row, it may be any of the others, so they are not
        simply sent again. Nor is a row with an error of Waalaxy's where that could duplicate it. An
        answer that calls the request wrong and a row imported proves neither.
        """
        joined = _joined(elements, batch.rows)
        codes = {row: code for row in joined if (code := _word(joined[row], "importCode"))}
        is_safe = self.after_crash is AfterCrash.RESEND
        is_busy = answer.status == 429
        goes_on = is_busy and len(codes) == len(elements)
        if is_busy and is_safe and not goes_on:
            raise FateUnknownError("busy, and the answer's rows cannot be matched")
        results: dict[int, RowResult] = {}
        retried = set(batch.retried)
        warnings: dict[str, None] = {}
        for row, _, _ in batch.rows:
            code = codes.get(row, "")
            if code in _WORTH_ONE_MORE_TRY and row not in batch.retried and is_safe:
                retried.add(row)
            elif code:
                result = self._result(joined[row], code, row, batch)
                is_proof = answer.is_success or is_busy or result.outcome.group is not Group.GOOD
                results[row] = result if is_proof else _doubted(result)
                warnings |= dict.fromkeys(self._warnings(joined[row], code))
            elif not goes_on:
                results[row] = _NOT_REPORTED
        return SendAnswer(
            results=results,
            retried=frozenset(retried - results.keys()),
            raw_status=str(answer.status),
            warnings=tuple(warnings),
            stop=_FULL if "crm_full" in warnings else _stop_of(answer),
            hold=answer.retry_after(_BUSY_SECONDS) if is_busy else None,
        )

    def _result(self, element: Mapping[str, Any], code: str, row: int, batch: Batch) -> RowResult:
        wanted = self.destination
        outcome = _OUTCOMES.get(code, Outcome.REFUSED)
        message = words(element.get("message"))
        enrolment = _word(element, "addToCampaignCode") if wanted.campaign_id else ""
        status = f"{code}/{enrolment}" if enrolment else code
        identifier = _inner(element, "prospect").get("_id")
        reference = identifier if isinstance(identifier, str) else ""
        if code == _UNREADABLE:
            return _NOT_REPORTED._replace(provider_ref=reference, raw_status=status)
        if code in _WORTH_ONE_MORE_TRY and self.after_crash is not AfterCrash.RESEND:
            text = f"{message} {_NOT_SENT_AGAIN}".strip()
            return RowResult(Outcome.UNKNOWN, code, text, reference, status)
        if code in _WORTH_ONE_MORE_TRY and row in batch.repeated:
            return RowResult(Outcome.UNKNOWN, code, _FAILED_AGAIN, reference, status)
        is_repeat = row in batch.repeated or row in batch.retried
        if outcome is Outcome.REFUSED:
            return RowResult(outcome, code, message, reference, status)
        is_presumed = outcome is Outcome.EXISTING and is_repeat
        is_skipped = outcome is Outcome.EXISTING and not is_repeat
        # An existing prospect is enrolled only if the route asks for it.
        is_enrolling = bool(wanted.campaign_id) and (
            wanted.add_existing_to_campaign or not is_skipped
        )
        is_told = enrolment not in {"", _UNREADABLE}
        if is_enrolling and not is_told and not is_skipped:
            text = "In Waalaxy, but its answer does not tell of an enrolment in the campaign."
            return RowResult(Outcome.UNKNOWN, "enrolment_not_reported", text, reference, status)
        if is_enrolling and is_told and enrolment not in _ENROLMENTS:
            text = f"In Waalaxy, but not enrolled in the campaign. {message}".strip()
            return RowResult(Outcome.REFUSED, enrolment, text, reference, status)
        told = _ENROLMENTS.get(enrolment, _NO_ENROLMENT) if is_enrolling else ""
        if is_presumed:
            text = f"{_PRESUMED} {told}".strip()
            return RowResult(Outcome.ACCEPTED, "", text, reference, status)
        if is_skipped:
            return RowResult(outcome, code, f"{message} {told}".strip(), reference, status)
        return RowResult(outcome, "", f"Imported. {told}" if told else "", reference, status)

    def _warnings(self, element: Mapping[str, Any], code: str) -> list[str]:
        """Return warnings. A full CRM stops the job, as it takes no other row either."""
        enrolment = _word(element, "addToCampaignCode") if self.destination.campaign_id else ""
        facts = {
            "crm_full": code == "max_limit_crm",
            "unknown_import_code": code not in _OUTCOMES,
            "unknown_enrolment_code": enrolment not in {"", *_ENROLMENTS, *_ENROLMENT_FAILURES},
        }
        return [name for name, is_so in facts.items() if is_so]


def _variables(prospects: Prospects, labels: Mapping[str, str]) -> dict[str, Sequence[str]]:
    """Return variables by label. Of two values for one label, the first that is not empty wins."""
    found: dict[str, Sequence[str]] = {}
    for name, label in labels.items():
        if name in prospects.custom:
            found[label] = first_of(found.get(label), prospects.custom[name])
    return found


def _profiles(
    prospects: Prospects, phone_type: str
) -> dict[str, Sequence[JsonValue] | ColumnPayloads | Entries]:
    """Return the members of the custom profiles, by column."""
    fields, custom = prospects.fields, prospects.custom
    # Optional here. An invalid address is left out: the whole batch could be refused.
    profiles = {
        "firstName": fields.get("first_name"),
        "lastName": fields.get("last_name"),
        "email": prospects.emails,
        "occupation": fields.get("job_title"),
        "region": _merged(custom.get("region"), fields.get("city"), fields.get("location")),
    }
    company = {
        "name": fields.get("company"),
        "linkedinUrl": custom.get("company_linkedin_url"),
        "website": _merged(fields.get("website"), custom.get("company_website")),
    }
    found: dict[str, Sequence[JsonValue] | ColumnPayloads | Entries] = {**_present(profiles)}
    if told := _present(company):
        found["company"] = ColumnPayloads(len(prospects), told)
    if phones := fields.get("phone"):
        found["phoneNumbers"] = Entries(("type", "number"), [phone_type], [phones])
    return found


def _present(
    columns: Mapping[str, Sequence[JsonValue] | None],
) -> dict[str, Sequence[JsonValue]]:
    return {name: values for name, values in columns.items() if values is not None}


def _merged(*columns: Sequence[str] | None) -> Sequence[str] | None:
    """Return the first value that is not empty, row by row, of the columns that there are."""
    found = None
    for values in columns:
        found = first_of(found, values) if values is not None else found
    return found


def _choices(http: HttpClient, account: WaalaxyAccount) -> Sequence[Choices]:
    """Read lists and campaigns. Campaigns that are neither running nor paused are not shown."""
    base = account.base_url
    lists = named(_asked(http, account, f"{base}/prospectLists/getProspectLists"), "_id", "name")
    body = _asked(http, account, f"{base}/campaigns/getAll")
    listed = body.get("campaigns") if isinstance(body, dict) else None
    campaigns = named(listed, "_id", "name")
    return (
        Choices("list", ("prospect_list_id",), lists),
        Choices("campaign", ("campaign_id",), campaigns, is_whole=False),
    )


def _asked(http: HttpClient, account: WaalaxyAccount, url: str) -> Any:
    """Return the JSON of a call that only reads."""
    answer = http.request("GET", url, headers=_headers(account))
    if stop := _stop_of(answer):
        raise stop
    if answer.status in (401, 403):
        raise StopJobError("provider_auth", "Waalaxy refused the API key.")
    require_json(answer)
    return answer.json()


def _headers(account: WaalaxyAccount) -> dict[str, str]:
    return {"Authorization": f"Bearer {account.api_key}", "Accept": "application/json"}


def _doubted(result: RowResult) -> RowResult:
    reference, status = result.provider_ref, result.raw_status
    return _NOT_REPORTED._replace(provider_ref=reference, raw_status=status)


def _stop_of(answer: Answer) -> StopJobError | None:
    """Return why an answer's own code stops the job; `None` if it does not."""
    stop = _STOPS.get(_word(answer.object(), "code"))
    return StopJobError(*stop) if stop else None


def _pause(attempts: int) -> float:
    """Return the seconds to wait after a 429 that does not say: 30, and twice as long each time."""
    return float(min(_BUSY_SECONDS * 2 ** min(attempts, 10), _LONGEST_PAUSE))


def _refused(answer: Answer, batch: Batch) -> SendAnswer:
    """Raise for a request that settled no row, or have it split if it was refused.

    A code shows that nothing was taken only in a 4xx, with which codes come (page, 4). After a 5xx
    nobody can tell, and a success that cannot be read is not sent again automatically (page, 3).
    """
    if answer.is_success:
        return SendAnswer(
            rest=_NOT_REPORTED,
            raw_status=str(answer.status),
            warnings=("unreadable_answer",),
            stop=_stop_of(answer),
        )
    if not 400 <= answer.status < 500:
        raise_for_fate(answer)
    body = answer.object()
    code = _word(body, "code")
    texts = [words(body.get(key)) for key in ("title", "message", "detail")]
    said = next(filter(None, texts), "")
    if code == _BAD_URL:
        if len(batch.rows) > 1:
            return refused_whole(answer, batch, said or code, code, is_about_rows=True)
        row = batch.rows[0].row
        refusal = RowResult(Outcome.REFUSED, code, said, raw_status=code)
        return SendAnswer(results={row: refusal}, retried=batch.retried - {row}, raw_status=code)
    if stop := _stop_of(answer):
        raise stop
    if code == _BAD_INPUT:
        if _ABOUT_THE_ROUTE.search(" ".join(texts)):
            raise StopJobError("bad_route", "Waalaxy does not accept the route's origin or ids.")
        return refused_whole(answer, batch, said or code, code)
    if answer.status in (401, 403):
        raise StopJobError("provider_auth", "Waalaxy refused the API key.")
    raise_for_fate(answer, busy_seconds=_pause(batch.attempts))
    return refused_whole(answer, batch, said, code)


def _elements(body: object) -> list[Mapping[str, Any]]:
    """Return an answer's elements in order; empty if it has none.

    They are in `result`. Some clients also expect `prospects`, or a bare array.
    """
    if isinstance(body, dict):
        body = body.get("result") or body.get("prospects")
    if not isinstance(body, list):
        return []
    return [item if isinstance(item, dict) else {} for item in body]


def _joined(
    elements: Sequence[Mapping[str, Any]], rows: Sequence[BatchRow]
) -> dict[int, Mapping[str, Any]]:
    """Join the answer's elements to row numbers.

    Elements have no index, and their order is not documented. So they are joined by order only if
    there are as many elements as rows and no profile disagrees. Otherwise they are joined by
    profile, if only one element has it; other rows are left out.
    """
    identities = frozenset(row.identity for row in rows)
    if len(elements) == len(rows) and all(
        _agree(element, row, identities) for element, row in zip(elements, rows, strict=True)
    ):
        return {row.row: element for row, element in zip(rows, elements, strict=True)}
    profiles = [_profile_names(element) for element in elements]
    joined: dict[int, Mapping[str, Any]] = {}
    for row in rows:
        places = [place for place, names in enumerate(profiles) if row.identity in names]
        if len(places) == 1:
            joined[row.row] = elements[places[0]]
    return joined


def _agree(element: Mapping[str, Any], row: BatchRow, identities: Set[str]) -> bool:
    """Whether an element's profile, if it has one, may be the row's.

    A row that was sent by a member id may be answered with a public name instead, unless that is
    another row's.
    """
    names = _profile_names(element)
    if not names or row.identity in names:
        return True
    was_member = is_member_id(profile_slug(str(row.payload.get("url", ""))))
    is_public = not is_member_id(unquote(_profile(element)["publicIdentifier"]).strip())
    return was_member and is_public and names.isdisjoint(identities)


def _profile_names(element: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of an element's profile in lower case; empty without a public name.

    A profile that was sent by its member id is answered with its public name as well.
    """
    profile = _profile(element)
    if not isinstance(profile.get("publicIdentifier"), str):
        return frozenset()
    names = (profile.get(key) for key in ("publicIdentifier", "memberId", "salesMemberId"))
    return frozenset(unquote(name).strip().lower() for name in names if isinstance(name, str))


def _profile(element: Mapping[str, Any]) -> Mapping[str, Any]:
    return _inner(_inner(element, "prospect"), "profile")


def _inner(members: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = members.get(key)
    return value if isinstance(value, dict) else {}


def _word(members: Mapping[str, Any], key: str) -> str:
    """Return a code unchanged; `_UNREADABLE` if it is not a text."""
    value = members.get(key)
    if value is None or value == "":
        return ""
    return (words(value, 100) if isinstance(value, str) else "") or _UNREADABLE
