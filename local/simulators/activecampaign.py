"""ActiveCampaign's bulk import, by `docs/providers/activecampaign.md`.

Markers in the e-mail address: `+refused` is listed in `failure`; `+badrow` makes the API refuse the
whole request and name its index; with `+slow` the batch takes 60 seconds; with `+stuck` it stays
`active` forever; with `+failed` and `+interrupted` it ends with that status; `+word` gives an
undocumented status.

There are the lists 4 and 12, and the custom fields 7 and 9; the import takes any other id as well.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, jsonify, request

from local.simulators.base import API_KEY, Answered, RateLimit, Simulator, marker

_TEXTS = ("first_name", "last_name", "phone", "customer_acct_name")
_CONTACT_KEYS = frozenset(
    {*_TEXTS, "email", "tags", "fields", "subscribe", "unsubscribe", "exclude_automations"}
)
_DROPPED = frozenset({"firstName", "lastName", "customerAcctName"})
"""Keys as the rest of the API writes them, which the import drops silently."""
_LISTS = {"4": "Former customers", "12": "Newsletter"}
_FIELDS = {"7": "Industry", "9": "Interests"}
_PAGE, _LARGEST_PAGE = 20, 100
_MAX_BYTES = 399_999
_MAX_CONTACTS = 250


@dataclass
class QueuedBatch:
    """A queued import: its addresses, and when it gets a status, starts and ends."""

    emails: list[str]
    shown_at: float
    active_at: float
    ends_at: float
    markers: set[str] = field(default_factory=set)


class ActiveCampaignSimulator(Simulator):
    """Queues batches under a UUID. All contacts are checked before any is queued."""

    name = "activecampaign"

    def __init__(self, **options: Any) -> None:
        self.batches: dict[str, QueuedBatch] = {}
        self._bulk = RateLimit(100, 60)
        self._single = RateLimit(20, 60)
        self._calls = RateLimit(5, 1)
        super().__init__(**options)

    def add_routes(self, app: Flask) -> None:
        """Register the URLs of the import, its status, the totals, the lists and the fields."""
        app.add_url_rule("/api/3/import/bulk_import", view_func=self.create, methods=["POST"])
        app.add_url_rule(
            "/api/3/import/bulk_import", view_func=self.totals, methods=["GET"], endpoint="totals"
        )
        app.add_url_rule("/api/3/import/info", view_func=self.info, methods=["GET"])
        app.add_url_rule("/api/3/lists", view_func=self.lists, methods=["GET"])
        app.add_url_rule("/api/3/fields", view_func=self.fields, methods=["GET"])

    def create(self) -> Answered:
        """Queue a batch, or refuse the whole request."""
        if refusal := self._refuse_call():
            return refusal
        raw = request.get_data()
        body = request.get_json(silent=True)
        if len(raw) > _MAX_BYTES or not isinstance(body, dict):
            return _refuse("The request could not be parsed.", ["Invalid JSON or too large."])
        contacts = body.get("contacts")
        if not isinstance(contacts, list) or not contacts:
            return _refuse("The request could not be parsed.", ["contacts is required."])
        if problem := _request_problem(body):
            return _refuse("The request is invalid.", [problem])
        if len(contacts) > _MAX_CONTACTS:
            return _refuse("Too many contacts.", [f"At most {_MAX_CONTACTS} contacts are allowed."])
        limit = self._single if len(contacts) == 1 else self._bulk
        if not limit.allows(self.now()):
            return _refuse("Rate limit exceeded.", ["Please retry this request in a minute."])
        problems = [
            {"contact": number, "failureReason": problem}
            for number, contact in enumerate(contacts, start=1)
            if (problem := _problem(contact))
        ]
        if problems:
            return _refuse("Some contacts are invalid.", problems)
        return self._queue([contact["email"] for contact in contacts])

    def _queue(self, emails: list[str]) -> Answered:
        markers = {marker(email) for email in emails}
        batch_id = str(uuid.uuid4())
        with self.lock:
            self.batches[batch_id] = QueuedBatch(
                emails=emails,
                shown_at=self.after(1),
                active_at=self.after(3),
                ends_at=self.after(60 if "slow" in markers else 6),
                markers=markers,
            )
            self.imports.append({"batch_id": batch_id, "emails": emails})
        return jsonify(
            Success=1,
            queued_contacts=len(emails),
            batchId=batch_id,
            message="Contact import queued.",
        )

    def info(self) -> Answered:
        """Return a batch's status; `false` until it has one."""
        if refusal := self._refuse_call():
            return refusal
        batch_id = request.args.get("batchId")
        if not batch_id:
            return jsonify(success=0, message="'batchId' is a required field."), 400
        batch = self.batches.get(batch_id)
        status = self._status(batch) if batch else False
        if batch is None or (
            status is not None and status not in ("completed", "failed", "interrupted")
        ):
            return jsonify(status=status, success=[], failure=[])
        if status != "completed":
            return jsonify(status=status, success=[], failure=[])
        failure = [email for email in batch.emails if marker(email) == "refused"]
        ids = [str(500 + number) for number in range(len(batch.emails) - len(failure))]
        return jsonify(status="completed", success=ids, failure=failure)

    def _status(self, batch: QueuedBatch) -> str | bool:
        now = self.now()
        if now < batch.shown_at:
            return False
        if now < batch.active_at:
            return "waiting"
        if now < batch.ends_at or (self.keeps_stuck and "stuck" in batch.markers):
            return "active"
        for ending in ("failed", "interrupted"):
            if ending in batch.markers:
                return ending
        return "paused_for_review" if "word" in batch.markers else "completed"

    def totals(self) -> Answered:
        """Return the account's totals, with counts as strings."""
        if refusal := self._refuse_call():
            return refusal
        return jsonify(
            outstanding=[],
            recentlyCompleted=[
                {"forDate": "2026-11-20", "batches": str(len(self.batches)), "contacts": "0"}
            ],
        )

    def lists(self) -> Answered:
        """Return a page of lists."""
        return self._refuse_call() or _page("lists", "name", _LISTS)

    def fields(self) -> Answered:
        """Return a page of custom fields."""
        return self._refuse_call() or _page("fields", "title", _FIELDS)

    def _refuse_call(self) -> Answered | None:
        if request.headers.get("Api-Token") != API_KEY:
            return jsonify(message="Forbidden"), 403
        if not self._calls.allows(self.now()):
            answer = jsonify(message="Too many requests.")
            answer.headers["Retry-After"] = "1"
            return answer, 429
        return None


def _page(what: str, name: str, found: dict[str, str]) -> Answered:
    """Return the page that `limit` and `offset` ask for; ids are strings, and so is the total."""
    limit = min(request.args.get("limit", _PAGE, int), _LARGEST_PAGE)
    offset = request.args.get("offset", 0, int)
    entries = [{"id": key, name: text} for key, text in found.items()]
    return jsonify({what: entries[offset : offset + limit], "meta": {"total": str(len(found))}})


def _refuse(message: str, reasons: list[Any]) -> Answered:
    return jsonify(success=0, message=message, failureReasons=reasons), 400


def _problem(contact: Any) -> str:
    """Return what is wrong with a contact, by the published address rules and the keys' types."""
    if not isinstance(contact, dict) or not isinstance(contact.get("email"), str):
        return "Email is required."
    if set(contact) - _CONTACT_KEYS - _DROPPED:
        return "Unknown contact key."
    email = contact["email"]
    local, at, domain = email.partition("@")
    if not at or not local or re.search(r'[\s"(),:;<>@\[\\\]]', local + domain):
        return "Email address is not valid."
    if not re.search(r"\.[^\W\d_]{2,}$", domain) or marker(email) == "badrow":
        return "Email address is not valid."
    return _type_problem(contact)


def _type_problem(contact: dict[str, Any]) -> str:
    """Return which of a contact's optional members has another type than the page says."""
    for key in _TEXTS:
        if not isinstance(contact.get(key, ""), str):
            return f"{key} must be a string."
    if not _is_list_of(contact.get("tags", []), lambda tag: isinstance(tag, str)):
        return "tags must be an array of strings."
    if not _is_list_of(contact.get("fields", []), _is_field):
        return "A field needs a numeric id and a value."
    for key in ("subscribe", "unsubscribe"):
        if not _is_list_of(contact.get(key, []), _is_list_id):
            return f"{key} must be an array of objects with a listid."
    if not isinstance(contact.get("exclude_automations", False), bool):
        return "exclude_automations must be a boolean."
    return ""


def _is_list_of(value: object, is_one: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and all(map(is_one, value))


def _is_field(entry: Any) -> bool:
    if not isinstance(entry, dict):
        return False
    return type(entry.get("id")) is int and isinstance(entry.get("value"), str)


def _is_list_id(entry: Any) -> bool:
    """Whether this is an object with a `listid`: the schema has text, the example a number."""
    listid = entry.get("listid") if isinstance(entry, dict) else None
    return type(listid) in (int, str) and str(listid).isdecimal()


def _request_problem(body: dict[str, Any]) -> str:
    """Return which member that all contacts share has another type than the page says."""
    if not isinstance(body.get("exclude_automations", False), bool):
        return "exclude_automations must be a boolean."
    callback = body.get("callback", {"url": "", "requestType": "GET"})
    if not isinstance(callback, dict) or not isinstance(callback.get("url"), str):
        return "callback.url is required."
    if callback.get("requestType") not in ("GET", "POST"):
        return "callback.requestType must be GET or POST."
    return ""
