"""Kakiyo's batch import and its status, by `docs/providers/kakiyo.md`.

Markers in the profile's slug. For one row: `--existing`, `--dnc` (do-not-contact), `--gone`
(invalid) and `--enrich` (enrichment failed) are reported with that status and without a chat;
`--nochat` is imported without a chat; `--missing` is processed but never reported. For the whole
import: with `--slow` it takes 300 seconds longer; with `--lost` its status is always 404; and it
stops at the first row with `--stuck` (stays `processing`), `--failed` (ends with that status) or
`--word` (stays at an undocumented status).

Where nothing is documented, the simulator chooses: 200 for success; the status words of rows other
than `imported`; 0.1 seconds for each row; the bodies of `/verify` and `/campaigns`; 402 without
credits; unknown keys are refused; a 429 has no `Retry-After`.
"""

from __future__ import annotations

import re
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, jsonify, request

from local.simulators.base import API_KEY, Answered, RateLimit, Simulator, marker

_PROFILE = re.compile(r"(?:https?://)?(?:[a-z]{2,3}\.)?linkedin\.com/in/([^/?#]+)/?", re.I)
_KEYS = frozenset({"name", "url", "additionalFields", "ongoing", "customData"})
_MAX_CUSTOM_DATA = 3000
_HALTED = {"stuck": "processing", "failed": "failed", "word": "paused_for_review"}
# Marker: status, message. Any other row is imported with a chat.
_ROWS = {
    "existing": ("existing", "Prospect already exists in your team."),
    "dnc": ("skipped_dnc", "Profile is on the Do-Not-Contact list."),
    "gone": ("invalid", "Invalid LinkedIn profile."),
    "enrich": ("enrichment_failed", "Profile could not be enriched."),
    "nochat": ("imported", "Imported without a chat."),
}


@dataclass
class ProspectImport:
    """An import: its final report, when it starts and ends, and where it stops."""

    list_id: str
    campaign_id: str
    report: list[dict[str, Any]]
    markers: list[str]
    created: datetime
    created_at: float
    starts_at: float
    ends_at: float

    @property
    def halts_at(self) -> int | None:
        """The index of the row at which the import stops."""
        return next((i for i, word in enumerate(self.markers) if word in _HALTED), None)

    def processed(self, now: float) -> int:
        """Return the number of processed rows. The last 10 % of the time only writes chat flags."""
        rows = len(self.report)
        if now < self.ends_at:
            share = max(now - self.starts_at, 0) / (self.ends_at - self.starts_at)
            rows = min(rows, int(share / 0.9 * rows))
        return rows if self.halts_at is None else min(rows, self.halts_at)


class KakiyoSimulator(Simulator):
    """Imports prospects under a `listId`; a person who has a chat already is `existing`.

    `campaigns` are those that exist; `credits` is what is left, each call costing one.
    """

    name = "kakiyo"

    def __init__(self, *, delay_scale: float = 1.0, port: int = 0) -> None:
        self.campaigns = {"camp_demo", "camp_spring"}
        self.credits = 1_000_000
        self.lists: dict[str, ProspectImport] = {}
        self._chats: set[tuple[str, str]] = set()
        # Scaled minutes, like all delays, so that clients with scaled waits keep the limit too.
        minute = 60 * delay_scale
        self._limits = {
            name: RateLimit(60, minute) for name in ("batch", "status", "verify", "list")
        }
        super().__init__(delay_scale=delay_scale, port=port)

    def add_routes(self, app: Flask) -> None:
        """Register the URLs. Any other is `not_found`."""
        app.add_url_rule("/v1/prospects/batch", view_func=self.batch, methods=["POST"])
        app.add_url_rule("/v1/prospects/imports/<list_id>", view_func=self.status, methods=["GET"])
        app.add_url_rule("/v1/verify", view_func=self.verify, methods=["GET"])
        app.add_url_rule("/v1/campaigns", view_func=self.all_campaigns, methods=["GET"])
        app.register_error_handler(404, lambda _: _error(404, "not_found", "Not found."))

    def account(self) -> dict[str, str]:
        """Return the secret that works here. Its `base_url` has the API's version as path."""
        return super().account() | {"base_url": f"{self.url}/v1"}

    def verify(self) -> Answered:
        """Answer 200 to a good key, for one credit. The real body is not documented."""
        return self._refuse_call("verify") or jsonify(message="API key is valid.")

    def all_campaigns(self) -> Answered:
        """List the campaigns. The real body is not documented."""
        found = [{"id": each, "name": each.replace("_", " ")} for each in sorted(self.campaigns)]
        return self._refuse_call("list") or jsonify(campaigns=found)

    def batch(self) -> Answered:
        """Import a batch into a campaign, or refuse the whole request."""
        if refusal := self._refuse_call("batch"):
            return refusal
        body = request.get_json(silent=True)
        if not isinstance(body, dict) or set(body) != {"campaignId", "prospects"}:
            return _error(400, "validation_error", "campaignId and prospects are required.")
        campaign_id, prospects = body["campaignId"], body["prospects"]
        if not isinstance(campaign_id, str) or not isinstance(prospects, list) or not prospects:
            return _error(400, "validation_error", "prospects must be a non-empty array.")
        for number, prospect in enumerate(prospects):
            if problem := _problem(prospect):
                return _error(400, "validation_error", f"prospects[{number}]: {problem}")
        if campaign_id not in self.campaigns:
            return _error(404, "not_found", "Campaign not found.")
        list_id = f"list_{uuid.uuid4().hex[:12]}"
        with self.lock:
            self._import(list_id, campaign_id, prospects)
        return jsonify(message=f"Importing {len(prospects)} prospects.", listId=list_id)

    def _import(self, list_id: str, campaign_id: str, prospects: list[dict[str, Any]]) -> None:
        markers = [marker(prospect["url"]) for prospect in prospects]
        takes = 10 + 0.1 * (len(prospects) - 1) + (300 if "slow" in markers else 0)
        found = ProspectImport(
            list_id=list_id,
            campaign_id=campaign_id,
            report=[],
            markers=markers,
            created=datetime.now(UTC),
            created_at=self.now(),
            starts_at=self.after(2),
            ends_at=self.after(takes),
        )
        for index, prospect in enumerate(prospects):
            is_reached = found.halts_at is None or index < found.halts_at
            found.report.append(self._entry(index, campaign_id, prospect, is_reached=is_reached))
        self.lists[list_id] = found
        urls = [prospect["url"] for prospect in prospects]
        self.imports.append({"list_id": list_id, "campaign_id": campaign_id, "urls": urls})

    def _entry(
        self, index: int, campaign_id: str, prospect: dict[str, Any], *, is_reached: bool
    ) -> dict[str, Any]:
        profile = _PROFILE.fullmatch(prospect["url"])
        slug = profile[1].lower() if profile else ""
        word = marker(prospect["url"]) if slug else "gone"
        if (campaign_id, slug) in self._chats:
            word = "existing"
        status, message = _ROWS.get(word, ("imported", "Prospect imported."))
        has_chat = word not in _ROWS
        if has_chat and is_reached:
            self._chats.add((campaign_id, slug))
        known = status in ("imported", "existing")
        return {
            "index": index,
            "inputUrl": prospect["url"],
            "linkedinSlug": slug or None,
            "status": status,
            "prospectId": f"prospect_{uuid.uuid4().hex[:8]}" if known else None,
            "chatId": f"chat_{uuid.uuid4().hex[:8]}" if has_chat else None,
            "message": message,
            "chatCreated": has_chat,
            "customDataSaved": has_chat and bool(prospect.get("customData")),
        }

    def status(self, list_id: str) -> Answered:
        """Return counters and the rows finished so far. The newest has no chat flag yet."""
        if refusal := self._refuse_call("status"):
            return refusal
        found = self.lists.get(list_id)
        if found is None or "lost" in found.markers:
            return _error(404, "not_found", "Import not found.")
        now = self.now()
        processed = found.processed(now)
        entries = [dict(entry) for entry in found.report[:processed]]
        status = _status(found, now)
        if now < found.ends_at and entries:
            entries[-1] |= {"chatCreated": False, "chatId": None, "customDataSaved": False}
        counts = Counter(entry["status"] for entry in entries)
        ended = found.created + timedelta(seconds=found.ends_at - found.created_at)
        return jsonify(
            listId=found.list_id,
            campaignId=found.campaign_id,
            status=status,
            total=len(found.report),
            processed=processed,
            imported=counts["imported"],
            existing=counts["existing"],
            invalid=counts["invalid"],
            skippedDnc=counts["skipped_dnc"],
            enrichmentFailed=counts["enrichment_failed"],
            currentIndex=processed,
            startedAt=found.created.isoformat(),
            completedAt=ended.isoformat() if status == "completed" else None,
            report=[entry for entry in entries if found.markers[entry["index"]] != "missing"],
        )

    def _refuse_call(self, endpoint: str) -> Answered | None:
        sent = request.headers.get("Authorization", "")
        if not sent:
            return _error(401, "missing_api_key", "API key is required.")
        if not sent.startswith("Bearer "):
            return _error(401, "invalid_api_key_format", "Use a Bearer token.")
        if sent.removeprefix("Bearer ") != API_KEY:
            return _error(401, "invalid_api_key", "API key is not valid.")
        if not self._limits[endpoint].allows(self.now()):
            return _error(429, "rate_limit_exceeded", "At most 60 requests per minute.")
        with self.lock:
            if self.credits < 1:
                return _error(402, "insufficient_credits", "No credits left.")
            self.credits -= 1
        return None


def _status(found: ProspectImport, now: float) -> str:
    if now < found.starts_at:
        return "pending"
    if now < found.ends_at:
        return "processing"
    return "completed" if found.halts_at is None else _HALTED[found.markers[found.halts_at]]


def _problem(prospect: object) -> str:
    """Return what is wrong with a prospect's keys. A wrong profile is only in the report."""
    if not isinstance(prospect, dict) or set(prospect) - _KEYS:
        return "unknown property"
    for key in ("name", "url"):
        if not isinstance(prospect.get(key), str) or not prospect[key].strip():
            return f"{key} is required"
    custom_data = prospect.get("customData", "")
    if not isinstance(custom_data, str) or len(custom_data) > _MAX_CUSTOM_DATA:
        return f"customData must be at most {_MAX_CUSTOM_DATA} characters"
    if not isinstance(prospect.get("ongoing", False), bool):
        return "ongoing must be a boolean"
    fields = prospect.get("additionalFields", [])
    if not isinstance(fields, list) or not all(map(_is_field, fields)):
        return "additionalFields must be pairs of fieldName and fieldValue"
    return ""


def _is_field(field: object) -> bool:
    return (
        isinstance(field, dict)
        and set(field) == {"fieldName", "fieldValue"}
        and all(isinstance(text, str) and text for text in field.values())
    )


def _error(status: int, code: str, message: str) -> Answered:
    return jsonify(error=code, message=message), status
