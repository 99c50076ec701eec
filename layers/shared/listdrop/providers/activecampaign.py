"""ActiveCampaign: bulk contact import, API v3.

Source: `docs/providers/activecampaign.md`, from
https://developers.activecampaign.com/reference/bulk-import-contacts and
https://developers.activecampaign.com/reference/bulk-import-status-info (read 2026-11-20).
A batch is queued under a `batchId`. Failures are listed by address, successes only by new ids. So a
row is never `confirmed`: it is `accepted` if the batch completed and did not name it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, JsonValue, field_validator

from listdrop.cells.tags import tag_list
from listdrop.errors import FateUnknownError, ProviderBusyError, StopJobError
from listdrop.models import (
    Choices,
    ColumnPayloads,
    Destination,
    Entries,
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
    named,
    raise_for_fate,
    refused_whole,
    require_json,
    words,
)
from listdrop.providers.preparing import by_target, required_emails

if TYPE_CHECKING:
    from listdrop.providers.http import Answer, HttpClient

_RATE_LIMITED = re.compile(r"rate limit|per minute|retry this request", re.I)
_ID_REFUSED = re.compile(r"batchId\W+is a required", re.I)
_STARTING = frozenset({"waiting", "claimed", "active"})
_STOPPED = frozenset({"failed", "interrupted"})
_STATUSLESS_SECONDS = 600
_LONGEST_PAUSE = 60
_PAGE = 100
"""Of a list, the most that a call returns."""
_REFUSED_REPEAT = (
    "Said of a repeated request; the first, whose answer was lost, may have been taken."
)
_NOT_NAMED = RowResult(
    Outcome.UNKNOWN, "batch_failed", "ActiveCampaign failed the batch without naming this row."
)


class ActiveCampaignDestination(Destination):
    """`fields` maps a column to the numeric id of a custom field.

    `exclude_automations` keeps automations from running for imported contacts, which also makes a
    repeated request harmless. `exclude_automations_per_contact` repeats it inside each contact, as
    one of the vendor's examples does (`docs/providers/activecampaign.md`, 3.4, rule 6).
    """

    provider: Literal["activecampaign"]
    lists: tuple[int, ...] = ()
    unsubscribe_lists: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    fields: dict[str, int] = Field(default_factory=dict)
    exclude_automations: bool = True
    exclude_automations_per_contact: bool = False


class ActiveCampaignAccount(KeyAccount):
    """`base_url` is the account's own (Settings, Developer); `/api/3` is added if missing."""

    base_url: str = Field(
        description="the account's own address (Settings, Developer)",
        examples=["https://youraccount.api-us1.com"],
    )

    @field_validator("base_url")
    @classmethod
    def _with_version(cls, value: str) -> str:
        return value if value.endswith("/api/3") else f"{value}/api/3"


class ActiveCampaign(Provider[ActiveCampaignDestination, ActiveCampaignAccount]):
    """Imports contacts into lists, 250 in a request."""

    name = "activecampaign"
    destination_model = ActiveCampaignDestination
    account_model = ActiveCampaignAccount
    # 399,999 bytes are allowed. Requests of a single contact have a lower rate: 20 a minute.
    limits = Limits(rows=250, bytes=390_000, lone_rows=False)
    pace = Pace()
    reads: ClassVar = {
        "email": "email",
        "first_name": "first_name",
        "last_name": "last_name",
        "phone": "phone",
        "company": "customer_acct_name",
        "tags": "tags",
    }
    # 100 bulk requests a minute (20 with one contact), and 5 calls of any kind a second.
    rates = Rates(send_gap=0.667, poll_gap=0.34, lone_gap=3.1, together=True)
    resends = 4

    @classmethod
    def probe(cls, http: HttpClient, account: ActiveCampaignAccount) -> None:
        """Read the totals of imports, to check the key (`docs/providers/activecampaign.md`, 6)."""
        url = f"{account.base_url}/import/bulk_import"
        answer = http.request("GET", url, headers=_headers(account))
        _stop_if_unauthorised(answer)
        require_json(answer)

    @classmethod
    def choices(cls, http: HttpClient, account: ActiveCampaignAccount) -> Sequence[Choices]:
        """Read the lists and custom fields (`docs/providers/activecampaign.md`, 3.2)."""
        lists = _all_named(http, account, "lists", "name")
        fields = _all_named(http, account, "fields", "title")
        return (
            Choices("list", ("lists", "unsubscribe_lists"), lists),
            Choices("field", ("fields",), fields),
        )

    @property
    def after_crash(self) -> AfterCrash:
        """The import upserts by address. Only automations, if not excluded, would run twice."""
        if self.destination.exclude_automations:
            return AfterCrash.RESEND
        return AfterCrash.GIVE_UP

    @property
    def asks_for(self) -> Set[str]:
        """See the base class."""
        return self.destination.fields.keys()

    def prepare_all(self, prospects: Prospects) -> Prepared:
        """Build contacts with snake_case keys. Blanks are left out: they would overwrite values."""
        identities, invalid = required_emails(prospects)
        contacts: dict[str, Sequence[JsonValue] | Entries] = {**prospects.fields}
        own_tags = prospects.fields.get("tags")
        if own_tags:
            contacts["tags"] = [tags and self._tags(tags) for tags in own_tags]
        if prospects.custom:
            contacts["fields"] = self._fields(prospects.custom)
        payloads = ColumnPayloads(len(prospects), contacts, self._same_for_all)
        return Prepared(identities, payloads, invalid)

    def _tags(self, own: str) -> JsonValue:
        return list(dict.fromkeys((*self.destination.tags, *tag_list(own))))

    def _fields(self, custom: Mapping[str, Sequence[str]]) -> Entries:
        """Return the custom fields of each row, by the numbers of the fields."""
        values = by_target(custom, self.destination.fields)
        return Entries(("id", "value"), list(values), list(values.values()))

    @cached_property
    def _same_for_all(self) -> Json:
        wanted = self.destination
        return compact(
            {
                "tags": list(dict.fromkeys(wanted.tags)),
                "subscribe": [{"listid": number} for number in wanted.lists],
                "unsubscribe": [{"listid": number} for number in wanted.unsubscribe_lists],
                "exclude_automations": (
                    wanted.exclude_automations if wanted.exclude_automations_per_contact else None
                ),
            }
        )

    def send(self, http: HttpClient, account: ActiveCampaignAccount, batch: Batch) -> SendAnswer:
        """Post the contacts. A 4xx queues nothing: the rows that it names are taken out.

        Nobody says so of a 2xx whose success is 0. So its fate is unclear, unless its words are
        those of the rate limit and it has no receipt.
        """
        answer = http.request(
            "POST",
            f"{account.base_url}/import/bulk_import",
            headers=_headers(account) | {"Content-Type": "application/json"},
            body=json_body(
                {
                    "contacts": [row.payload for row in batch.rows],
                    "exclude_automations": self.destination.exclude_automations,
                }
            ),
        )
        raise_for_fate(answer, busy_seconds=_pause(batch.attempts))
        _stop_if_unauthorised(answer)
        body = answer.object()
        success = next((value for key, value in body.items() if key.lower() == "success"), None)
        if answer.is_success and success != 0:
            handle = body.get("batchId")
            if not isinstance(handle, str) or not handle:
                raise FateUnknownError("no batchId in the answer")
            return SendAnswer(handle={"batch_id": handle}, raw_status="queued")
        return self._refused(answer, body, batch)

    def _refused(self, answer: Answer, body: Mapping[str, Any], batch: Batch) -> SendAnswer:
        reasons = body.get("failureReasons")
        reasons = reasons if isinstance(reasons, list) else []
        said = words([body.get("message"), *(r for r in reasons if isinstance(r, str))])
        is_queued = answer.is_success and bool(body.get("batchId"))
        if _RATE_LIMITED.search(said) and not is_queued:
            raise ProviderBusyError(answer.retry_after(60))
        if answer.is_success:
            raise FateUnknownError(f"the import answered {answer.status} with a success of 0")
        objects = [reason for reason in reasons if isinstance(reason, dict)]
        is_first = answer.status >= 400 and not batch.is_remainder  # a redirect names no row
        named = _named(objects, said, batch) if is_first else {}
        if not named or len(objects) < len(reasons):
            told = words([said, *(each.get("failureReason") for each in objects)])
            return refused_whole(answer, batch, told, is_about_rows=bool(objects))
        return SendAnswer(results=named, raw_status=str(answer.status))

    def poll(self, http: HttpClient, account: ActiveCampaignAccount, handle: Handle) -> PollAnswer:
        """Read one batch's status. `status` is the JSON boolean `false` in the first second.

        It stays so for an id that is not known (`docs/providers/activecampaign.md`, 4), and a 400
        that the id is required means no more than that.
        """
        answer = http.request(
            "GET",
            f"{account.base_url}/import/info",
            headers=_headers(account),
            params={"batchId": str(handle.value["batch_id"])},
        )
        raise_for_fate(answer, busy_seconds=_pause(handle.failures))
        _stop_if_unauthorised(answer)
        body = answer.object()
        is_without_id = answer.status == 400 and bool(
            _ID_REFUSED.search(words(body.get("message")))
        )
        if not answer.is_success and not is_without_id:
            raise FateUnknownError(f"the status call answered {answer.status}")
        # That the id is missing is permanent, as there is one: no more is to come of the batch.
        status = False if is_without_id else body.get("status")
        if status == "completed":
            return _completed(body, handle)
        if isinstance(status, str) and status in _STOPPED:
            named, _ = _failures(body, handle)
            return PollAnswer(is_terminal=True, results=named, rest=_NOT_NAMED, raw_status=status)
        if status is False:
            is_lost = handle.is_lost(_STATUSLESS_SECONDS)
            warnings = ("no_status",) if is_lost else ()
            return PollAnswer(
                is_terminal=is_lost,
                is_missing=True,
                raw_status="400" if is_without_id else "false",
                warnings=warnings,
            )
        known = isinstance(status, str) and status in _STARTING
        return PollAnswer(
            raw_status=words(status) or "none", warnings=() if known else ("unknown_status",)
        )


def _named(reasons: Sequence[Mapping[str, Any]], said: str, batch: Batch) -> dict[int, RowResult]:
    """Return the outcomes of the rows that a refusal names, by their place from 1 on.

    Empty if a place is none of the request's. A row that an earlier request may have imported is
    unknown: refused is only the repeat.
    """
    named: dict[int, RowResult] = {}
    for reason in reasons:
        place = reason.get("contact")
        if type(place) is not int or not 1 <= place <= len(batch.rows):
            return {}
        row = batch.rows[place - 1].row
        text = words(reason.get("failureReason")) or said
        named[row] = (
            RowResult(Outcome.UNKNOWN, text, _REFUSED_REPEAT, raw_status="400")
            if row in batch.repeated
            else RowResult(Outcome.REFUSED, text, raw_status="400")
        )
    return named


def _completed(body: Mapping[str, Any], handle: Handle) -> PollAnswer:
    """Settle a completed batch.

    Rows not in `failure` are `accepted`. But if the list is missing, or an address in it matches
    no row, a row may have failed without its name. Then they are `accepted` only if `success` has
    an id for each of them, and otherwise `unknown`.
    """
    named, unmatched = _failures(body, handle)
    ids = body.get("success")
    all_have_ids = isinstance(ids, list) and _count(ids) >= len(handle.rows) - len(named)
    certain = all_have_ids or (isinstance(body.get("failure"), list) and not unmatched)
    warnings = [] if all_have_ids else ["success_ids_differ"]
    if unmatched:
        warnings.append("unmatched_failures")
    return PollAnswer(
        is_terminal=True,
        results=named,
        rest=RowResult(Outcome.ACCEPTED, raw_status="completed")
        if certain
        else RowResult(
            Outcome.UNKNOWN,
            "not_reported",
            "ActiveCampaign completed the batch without its report.",
        ),
        raw_status="completed",
        warnings=tuple(warnings),
    )


def _count(ids: Sequence[object]) -> int:
    """Return how many contacts have an id: anything but text and whole numbers is none."""
    return len({str(each).strip() for each in ids if type(each) in (str, int)} - {""})


def _failures(body: Mapping[str, Any], handle: Handle) -> tuple[dict[int, RowResult], int]:
    """Join the addresses in `failure` to rows; also count the addresses that match no row."""
    listed = body.get("failure")
    rows = handle.by_identity
    named: dict[int, RowResult] = {}
    unmatched = 0
    for address in listed if isinstance(listed, list) else []:
        row = rows.get(address.strip().lower()) if isinstance(address, str) else None
        if row is None:
            unmatched += 1
            continue
        named[row] = RowResult(
            Outcome.REFUSED,
            "listed as failure",
            "ActiveCampaign did not import the address: badly formed, excluded, bounced, "
            "unsubscribed from the list, or over the account's limit.",
            raw_status="failure",
        )
    return named, unmatched


def _pause(attempts: int) -> float:
    """Return the seconds after a 429 that names none: one, then twice as long each time."""
    return float(min(2 ** min(attempts, 10), _LONGEST_PAUSE))


def _headers(account: ActiveCampaignAccount) -> dict[str, str]:
    return {"Api-Token": account.api_key, "Accept": "application/json"}


def _all_named(
    http: HttpClient, account: ActiveCampaignAccount, what: str, name: str
) -> dict[str, str]:
    """Return the names of all objects of a kind by their ids, page by page."""
    found: dict[str, str] = {}
    while True:
        answer = http.request(
            "GET",
            f"{account.base_url}/{what}",
            headers=_headers(account),
            params={"limit": str(_PAGE), "offset": str(len(found))},
        )
        _stop_if_unauthorised(answer)
        require_json(answer)
        page = named(answer.object().get(what), "id", name)
        is_last = len(page) < _PAGE or page.keys() <= found.keys()
        found |= page
        if is_last:
            return found


def _stop_if_unauthorised(answer: Answer) -> None:
    if answer.status in (401, 403):
        raise StopJobError("provider_auth", "ActiveCampaign refused the API key.")
    if answer.status == 402:
        raise StopJobError("provider_quota", "ActiveCampaign says that the account must be paid.")
