"""Kakiyo: imports prospects into a LinkedIn campaign, API v1.

Source: `docs/providers/kakiyo.md`, from https://docs.kakiyo.com/api-reference/introduction and
https://docs.kakiyo.com/api-reference/prospects/import-status (as of 2026-06-20). The page of the
batch call could not be read, so its shape is from the vendor's round-robin page and n8n node.
An import is queued under a `listId`, and its report names every row by its index in the request.
Only a chat created for the row confirms it. Being imported, or having a prospect id, does not.

One module, despite its length: a provider is one file (`docs/adding-a-provider.md`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence, Set
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import quote, unquote

from pydantic import BeforeValidator, Field, JsonValue, field_serializer

from listdrop.cells.headers import fold
from listdrop.cells.profiles import is_member_id, profile_slug, profile_urls
from listdrop.errors import FateUnknownError, StopJobError
from listdrop.models import (
    CUSTOM_DATA_NOT_SAVED,
    Choices,
    ColumnPayloads,
    Destination,
    Entries,
    Frozen,
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
    json_body,
    named,
    raise_for_fate,
    refused_whole,
    require_json,
    words,
)
from listdrop.providers.preparing import (
    first_of,
    full_names,
    named_columns,
    required_profiles,
    too_long,
)

if TYPE_CHECKING:
    from listdrop.providers.http import Answer, HttpClient

# Only `completed` is documented. The other words are guesses.
_STATES: dict[str, Literal["working", "completed", "stopped"]] = {
    "completed": "completed",
    **dict.fromkeys(("failed", "error", "cancelled", "canceled"), "stopped"),
    **dict.fromkeys(("pending", "queued", "processing", "in_progress", "running"), "working"),
    **dict.fromkeys(("importing", "enriching"), "working"),
}
# Words in a row's status, if `chatCreated` is exactly false. The first match counts.
_ROW_WORDS = (
    ("exist", Outcome.EXISTING, "Kakiyo already had this person, and started no new chat."),
    ("duplicate", Outcome.EXISTING, "Kakiyo already had this person, and started no new chat."),
    ("invalid", Outcome.REFUSED, "Kakiyo calls this row invalid."),
    ("dnc", Outcome.SUPPRESSED, "The profile is on a do-not-contact list in Kakiyo."),
    ("skip", Outcome.SUPPRESSED, "Kakiyo skipped the profile."),
    ("enrich", Outcome.REFUSED, "Kakiyo could not enrich the profile."),
)
_NOT_THERE = re.compile(r"(?:no[nt]|n't|doesnt)[\W_]*exist", re.I)
"""The opposite of the first of these words, as in `profile_does_not_exist`."""
_MAX_CUSTOM_DATA = 3000
_AUTH_CODES = frozenset({"forbidden", "subscription_inactive"})
_PLACED = frozenset(
    map(fold, ("linkedin_url", "first_name", "last_name", "full_name", "custom_data"))
)
"""Fields with their own key in a prospect."""

_UNTRACKABLE = RowResult(
    Outcome.UNKNOWN, "no_receipt", "Kakiyo took the request, but gave no listId to poll."
)
_NOT_FOUND = RowResult(
    Outcome.UNKNOWN, "not_found", "Kakiyo gave a listId for the import, but does not find it."
)
_NAMED_TWICE = RowResult(
    Outcome.UNKNOWN, "ambiguous_report", "Kakiyo's report names this row more than once."
)
_OTHER_PROFILE = RowResult(
    Outcome.UNKNOWN, "ambiguous_report", "Kakiyo's report has another profile for this row."
)


class KakiyoDestination(Destination):
    """`field_names` maps a column or canonical field to the name of a merge field.

    Columns that it does not map keep their own name. The profile, the names and the notes have
    their own keys, and are merge fields only if mapped. No limit for `batch_rows` is documented.
    """

    provider: Literal["kakiyo"]
    campaign_id: str = Field(min_length=1)
    batch_rows: int = Field(default=100, ge=1, le=1000)
    field_names: dict[str, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)


class KakiyoAccount(KeyAccount):
    """An account with the key of one team."""

    base_url: str = Field(default="https://api.kakiyo.com/v1", validate_default=True)


_IN_RANGES = BeforeValidator(numbers_in)


class _Receipt(Frozen):
    """A handle: the rows in the order in which they were sent. It is kept with ranges of numbers.

    `noted` had `customData`. `members` were sent by a member id, which Kakiyo may answer with the
    profile's public slug.
    """

    list_id: str
    rows: Annotated[tuple[int, ...], _IN_RANGES]
    noted: Annotated[frozenset[int], _IN_RANGES]
    members: Annotated[frozenset[int], _IN_RANGES] = frozenset()

    @field_serializer("rows", "noted", "members")
    def _ranges(self, rows: Collection[int]) -> list[list[int]]:
        return runs_of(rows if isinstance(rows, tuple) else sorted(rows))


class Kakiyo(Provider[KakiyoDestination, KakiyoAccount]):
    """Imports prospects into one campaign, by default 100 in a request."""

    name = "kakiyo"
    destination_model = KakiyoDestination
    account_model = KakiyoAccount
    limits = Limits(rows=1000, bytes=1024 * 1024)
    pace = Pace(failures=10)
    # 60 requests a minute for each endpoint.
    rates = Rates(send_gap=1.05, poll_gap=1.05)
    resends = 1

    @classmethod
    def probe(cls, http: HttpClient, account: KakiyoAccount) -> None:
        """Call `/verify`, the vendor's key test. It costs one credit, as every call does."""
        answer = http.request("GET", f"{account.base_url}/verify", headers=_headers(account))
        _stop_if_not_allowed(answer)
        require_json(answer)

    @classmethod
    def choices(cls, http: HttpClient, account: KakiyoAccount) -> Sequence[Choices]:
        """Read the first page of campaigns, which costs one credit.

        The form of the answer is not documented, nor how many a page holds
        (`docs/providers/kakiyo.md`, 4). So there may be more campaigns than these.
        """
        answer = http.request(
            "GET",
            f"{account.base_url}/campaigns",
            headers=_headers(account),
            params={"limit": "100"},
        )
        _stop_if_not_allowed(answer)
        require_json(answer)
        body = answer.object()
        listed = body.get("campaigns", body.get("data")) if body else answer.json()
        campaigns = named(listed, "id", "name")
        return (Choices("campaign", ("campaign_id",), campaigns, is_whole=False),)

    @property
    def needs(self) -> Sequence[str]:
        """See the base class."""
        return ("linkedin_url",)

    @property
    def after_crash(self) -> AfterCrash:
        """Sending again only counts under `existing`: no second chat, no new notes."""
        return AfterCrash.RESEND

    def batch_limits(self) -> Limits:
        """Return the limits with the route's number of rows."""
        return Limits(rows=self.destination.batch_rows, bytes=self.limits.bytes)

    def deadline_seconds(self, rows: int) -> float:
        """30 s for each row; at least 30 min and at most 6 h."""
        return float(min(max(30 * 60, 30 * rows), 6 * 3600))

    @property
    def asks_for(self) -> Set[str]:
        """See the base class."""
        return self.destination.field_names.keys()

    def prepare_all(self, prospects: Prospects) -> Prepared:
        """Build prospects. The API requires `name`, so a row without one gets the slug."""
        invalid = required_profiles(prospects)
        slugs = prospects.people.slugs
        notes = named_columns(prospects, ("custom_data", "notes"))
        custom_data = notes.get("custom_data")
        own = first_of(custom_data, notes["notes"]) if "notes" in notes else custom_data
        names = zip(full_names(prospects), slugs, strict=True)
        columns: dict[str, Sequence[JsonValue] | Entries] = {
            "name": [name or slug for name, slug in names],
            "url": profile_urls(slugs),
        }
        if own is not None:
            columns["customData"] = own
            text = f"The notes are longer than {_MAX_CUSTOM_DATA} characters."
            invalid |= too_long(own, _MAX_CUSTOM_DATA, text, invalid)
        if merged := self._merge_fields(prospects, custom_data):
            names_of, values = list(merged), list(merged.values())
            columns["additionalFields"] = Entries(("fieldName", "fieldValue"), names_of, values)
        payloads = ColumnPayloads(len(prospects), columns)
        return Prepared(prospects.people.profiles, payloads, invalid)

    @cached_property
    def _renamed(self) -> dict[str, str]:
        return {fold(column): name for column, name in self.destination.field_names.items()}

    def _merge_fields(
        self, prospects: Prospects, custom_data: Sequence[str] | None
    ) -> dict[str, Sequence[str]]:
        """Return the merge fields. Of two values for one name, the first that is not empty wins.

        Notes are one only where a row has `custom_data`, which then takes their place.
        """
        found: dict[str, Sequence[str]] = {}
        for column, values in (*prospects.fields.items(), *prospects.custom.items()):
            folded = fold(column)
            name = self._renamed.get(folded, "" if folded in _PLACED else column)
            if folded == "notes" and folded not in self._renamed:
                pairs = zip(values, custom_data or (), strict=bool(custom_data))
                values = [note if data else "" for note, data in pairs]
            if name and any(values):
                found[name] = first_of(found.get(name), values)
        return found

    def send(self, http: HttpClient, account: KakiyoAccount, batch: Batch) -> SendAnswer:
        """Post the prospects. A success without a `listId` is neither polled nor repeated.

        One bad prospect has the whole request refused, and the answer need not name it.
        """
        answer = http.request(
            "POST",
            f"{account.base_url}/prospects/batch",
            headers=_headers(account) | {"Content-Type": "application/json"},
            body=json_body(
                {
                    "campaignId": self.destination.campaign_id,
                    "prospects": [row.payload for row in batch.rows],
                }
            ),
        )
        raise_for_fate(answer)
        _stop_if_not_allowed(answer)
        body = answer.object()
        if answer.status == 404:
            raise StopJobError("bad_route", "Kakiyo does not know the route's campaign.")
        if not answer.is_success:
            said = words(body.get("message")) or words(body.get("error"))
            return refused_whole(answer, batch, said)
        list_id = body.get("listId")
        if not isinstance(list_id, str) or not list_id.strip():
            return SendAnswer(
                rest=_UNTRACKABLE, raw_status=str(answer.status), warnings=("no_list_id",)
            )
        receipt = _Receipt(
            list_id=list_id,
            rows=tuple(row.row for row in batch.rows),
            noted=frozenset(row.row for row in batch.rows if "customData" in row.payload),
            members=frozenset(
                row.row
                for row in batch.rows
                if is_member_id(profile_slug(str(row.payload.get("url", ""))))
            ),
        )
        return SendAnswer(handle=receipt.model_dump(mode="json"), raw_status="queued")

    def poll(self, http: HttpClient, account: KakiyoAccount, handle: Handle) -> PollAnswer:
        """Read the import's status. A 404 alone does not mean that it is lost (page, 3.3).

        An answer about another list or campaign says nothing.
        """
        receipt = _Receipt.model_validate(handle.value)
        answer = http.request(
            "GET",
            f"{account.base_url}/prospects/imports/{quote(receipt.list_id, safe='')}",
            headers=_headers(account),
        )
        raise_for_fate(answer)
        _stop_if_not_allowed(answer)
        if answer.status == 404:
            return PollAnswer(
                is_terminal=handle.is_lost(),
                is_missing=True,
                rest=_NOT_FOUND,
                raw_status="not_found",
            )
        body = answer.object()
        if not answer.is_success or not body:
            raise FateUnknownError(f"the status call answered {answer.status} without a status")
        ours = {"listId": receipt.list_id, "campaignId": self.destination.campaign_id}
        if any(body.get(key) not in (None, "", known) for key, known in ours.items()):
            raise FateUnknownError("the answer is about another import")
        return _progressed(body, handle, receipt)


def _progressed(body: Mapping[str, Any], handle: Handle, receipt: _Receipt) -> PollAnswer:
    """Read a status. All rows being processed is not the end: chats may still be created."""
    results, warnings = _joined(body.get("report"), handle, receipt)
    confirmed = {row: r for row, r in results.items() if r.outcome is Outcome.CONFIRMED}
    raw = _word(body.get("status"))
    state = _STATES.get(raw.lower())
    if state is None:
        warnings.append("unknown_status")
        state = "completed" if body.get("completedAt") else "working"
    if state == "working":
        return PollAnswer(
            results=confirmed,
            progress=_share(body.get("processed"), body.get("total")),
            raw_status=raw or "none",
            warnings=tuple(warnings),
        )
    if not isinstance(body.get("report"), list):
        warnings.append("no_report")
    if state == "completed":
        return PollAnswer(
            is_terminal=True, results=results, raw_status=raw or "none", warnings=tuple(warnings)
        )
    stopped = RowResult(
        Outcome.UNKNOWN,
        words(body.get("message")) or "batch_failed",
        "Kakiyo ended the import early, without a chat for this row.",
        raw_status=raw,
    )
    left = {
        row: result._replace(reason_text=stopped.reason_text)
        for row, result in results.items()
        if result.outcome is Outcome.UNKNOWN
    }
    return PollAnswer(
        is_terminal=True,
        results=results | left,
        rest=stopped,
        raw_status=raw,
        warnings=tuple(warnings),
    )


def _joined(
    report: object, handle: Handle, receipt: _Receipt
) -> tuple[dict[int, RowResult], list[str]]:
    """Join the report to the open rows by `index`; also return warnings about the report."""
    identities = dict(handle.rows)
    others = frozenset(identities.values())
    results: dict[int, RowResult] = {}
    warnings: set[str] = set()
    for entry in report if isinstance(report, list) else []:
        index = entry.get("index") if isinstance(entry, dict) else None
        # Not `isinstance`, because `True` is an int in Python. A negative index is wrong too.
        if type(index) is not int or not 0 <= index < len(receipt.rows):
            warnings.add("unmatched_report_rows")
            continue
        row = receipt.rows[index]
        if row not in identities:
            continue
        if row in results:
            warnings.add("ambiguous_report_rows")
            results[row] = _NAMED_TWICE
            continue
        if not _is_about(entry, identities[row], others if row in receipt.members else None):
            warnings.add("ambiguous_report_rows")
            results[row] = _OTHER_PROFILE._replace(raw_status=_word(entry.get("status")))
            continue
        result = _result(entry, is_repeat=handle.is_repeat)
        not_saved = row in receipt.noted and entry.get("customDataSaved") is False
        if result.outcome is Outcome.CONFIRMED and not_saved:
            warnings.add(CUSTOM_DATA_NOT_SAVED)
            result = result._replace(warning=CUSTOM_DATA_NOT_SAVED)
        results[row] = result
    return results, sorted(warnings)


def _result(entry: Mapping[str, Any], *, is_repeat: bool) -> RowResult:
    """Return one row's outcome. Only `chatCreated: true` confirms it.

    Its reference is the id of the chat, a space, and the id of the prospect, which a bulk delete
    takes; only one of them if there is no other.
    """
    raw = _word(entry.get("status"))
    said = words(entry.get("message"))
    ids = (words(entry.get(key), 200) for key in ("chatId", "prospectId"))
    reference = " ".join(filter(None, ids))
    if entry.get("chatCreated") is True:
        return RowResult(Outcome.CONFIRMED, provider_ref=reference, raw_status=raw)
    status = _NOT_THERE.sub("", raw).lower()
    found = next((known for known in _ROW_WORDS if known[0] in status), None)
    if found is None or entry.get("chatCreated") is not False:
        text = "Kakiyo reported the row, but no chat for it."
        return RowResult(Outcome.UNKNOWN, said or "not_confirmed", text, reference, raw)
    word, outcome, text = found
    if is_repeat and (outcome is Outcome.EXISTING or word == "skip"):
        outcome = Outcome.UNKNOWN
        text = "Kakiyo may have this person from the first request, whose answer was lost."
    return RowResult(outcome, said or raw, text, reference, raw)


def _is_about(entry: Mapping[str, Any], identity: str, others: Set[str] | None) -> bool:
    """Whether the profile in the report, if there is one, is the row's profile.

    With `others`, the row was sent by a member id: then `linkedinSlug` may be a public slug, unless
    it is that of another row.
    """
    url, slug = entry.get("inputUrl"), entry.get("linkedinSlug")
    if url and profile_slug(str(url)).lower() != identity:
        return False
    name = unquote(str(slug or "")).strip()
    if not name or name.lower() == identity:
        return True
    return others is not None and name.lower() not in others and not is_member_id(name)


def _share(processed: object, total: object) -> float | None:
    if type(processed) is int and type(total) is int and 0 <= processed <= total and total > 0:
        return float(processed / total)
    return None


def _word(status: object) -> str:
    return words(status, 60) if isinstance(status, str) else ""


def _headers(account: KakiyoAccount) -> dict[str, str]:
    return {"Authorization": f"Bearer {account.api_key}", "Accept": "application/json"}


def _stop_if_not_allowed(answer: Answer) -> None:
    """Stop the job at 401, 402 and 403. The answer for an account without credits is a guess."""
    code = _word(answer.object().get("error"))
    if answer.status == 401 or (answer.status == 403 and code in _AUTH_CODES):
        raise StopJobError("provider_auth", "Kakiyo refused the API key or the subscription.")
    if answer.status in (402, 403):
        raise StopJobError("provider_quota", "Kakiyo says that the account has no credits left.")
