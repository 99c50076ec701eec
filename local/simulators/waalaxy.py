"""Waalaxy's import of prospects, by `docs/providers/waalaxy.md`.

One synchronous POST returns every prospect's outcome, with 200 even if all of them failed. There
are the lists `list-demo` and `list-other`, and the campaigns `camp-demo` and `camp-archived`, which
is archived. Prospects are kept, so the second import of a profile is a duplicate. The rate limit is
two requests a second. Enrolment is decided 20 minutes later, and only a campaign's
`hasTravelingTravelers` shows it.

Markers in the profile's slug: `--existing` was in `list-other` before; `--deleted` is a deleted
profile; `--servererror` and `--unknownerror` fail only the first time; at `--busy` a call ends the
first time, with a 429 and the rows before it; with `--badurl` the whole call is refused; `--full`
is over the CRM's limit; `--precondition` does not match the campaign's precondition; `--word` gives
an undocumented import code.

Where nothing is documented, the simulator chooses: what ids of members look like, and that a
profile sent by one is answered with a public name.

With `is_full`, whole calls are refused because the list is full. `BASIC_PLAN_KEY` is a valid key of
a plan without the API. The simulator is stricter than the real API is known to be: it refuses
undocumented members.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Flask, Response, jsonify, request

from local.simulators.base import API_KEY, Answered, RateLimit, Simulator, marker

BASIC_PLAN_KEY = "basic-plan-key-0123456789"

_LISTS = {"list-demo": "Demo", "list-other": "Other"}
_CAMPAIGNS = {"camp-demo": "Demo", "camp-archived": "Archived"}
_FLAGS = frozenset(
    {
        "canCreateDuplicates",
        "moveDuplicatesToOtherList",
        "shouldOverwriteCustomProfileData",
        "addExistingProspectInCampaign",
    }
)
_MEMBERS = _FLAGS | {"prospects", "prospectListId", "origin", "campaignId"}
_PROFILE_TEXTS = frozenset({"firstName", "lastName", "email", "occupation", "region"})
_COMPANY_TEXTS = frozenset({"name", "linkedinUrl", "website"})
_VARIABLE_TEXTS = frozenset({"label", "value"})
_PHONE_TEXTS = frozenset({"number", "type"})
_PHONE_TYPES = frozenset({"mobile", "work", "home", "other"})
_PASSING = {"servererror": "server_error", "unknownerror": "unknown_error"}
"""Markers and import codes of failures that pass at the second try."""
_MAX_VARIABLE = 1000
_DECIDED_SECONDS = 20 * 60


@dataclass
class KnownProspect:
    """A prospect in the CRM: its id and its list."""

    identifier: str
    list_id: str


class WaalaxySimulator(Simulator):
    """Imports what it can of a call, but nothing if one profile URL is bad."""

    name = "waalaxy"

    def __init__(self, **options: Any) -> None:  # passed on as they are
        self.prospects: dict[str, KnownProspect] = {}
        self.enrolled: dict[str, float] = {}
        self.is_full = False
        self._failed_once: set[str] = set()
        self._calls = RateLimit(2, 1)
        super().__init__(**options)

    def add_routes(self, app: Flask) -> None:
        """Register the URLs of the public API's four endpoints."""
        import_path = "/prospects/addProspectFromIntegration"
        app.add_url_rule(import_path, view_func=self.create, methods=["POST"])
        app.add_url_rule("/integrations/test", view_func=self.test, methods=["GET"])
        app.add_url_rule("/prospectLists/getProspectLists", view_func=self.lists, methods=["GET"])
        app.add_url_rule("/campaigns/getAll", view_func=self.campaigns, methods=["GET"])

    def test(self) -> Answered:
        """Answer `true` to a good key."""
        return self._refuse_call() or jsonify(True)  # noqa: FBT003 # the documented body

    def lists(self) -> Answered:
        """Return the prospect lists, not paginated."""
        if refusal := self._refuse_call():
            return refusal
        homes = [known.list_id for known in self.prospects.values()]
        return jsonify(
            [
                {"_id": key, "user": "u1", "name": name, "totalProspects": homes.count(key)}
                for key, name in _LISTS.items()
            ]
        )

    def campaigns(self) -> Answered:
        """Return running and paused campaigns, without archived ones."""
        if refusal := self._refuse_call():
            return refusal
        travelling = any(decided_at <= self.now() for decided_at in self.enrolled.values())
        demo = {
            "_id": "camp-demo",
            "name": _CAMPAIGNS["camp-demo"],
            "hasTravelingTravelers": travelling,
        }
        return jsonify(total=1, campaigns=[demo])

    def create(self) -> Answered:
        """Import prospects, or refuse the whole call."""
        if refusal := self._refuse_call():
            return refusal
        body: Any = request.get_json(silent=True)
        if problem := _problem(body):
            return _refuse(400, "V000400-001", problem)
        if body["prospectListId"] not in _LISTS:
            return _refuse(404, "R000404-002", "Prospect list not found")
        slugs = [_slug(prospect["url"]) for prospect in body["prospects"]]
        if any(not slug or marker(slug) == "badurl" for slug in slugs):
            return _refuse(400, "R000401-003", "Invalid LinkedIn URL")
        if self.is_full:
            return _refuse(400, "R000401-004", "Prospect list size limit reached")
        with self.lock:
            taken = self._taken(slugs)
            result = [
                self._import(prospect, slug, body)
                for prospect, slug in zip(body["prospects"], taken, strict=False)
            ]
            self.imports.append({"list": body["prospectListId"], "slugs": taken})
        return jsonify(result=result), 200 if taken == slugs else 429

    def _taken(self, slugs: list[str]) -> list[str]:
        """Return the slugs of a call before the one that makes it too much, which it does once."""
        for place, slug in enumerate(slugs):
            if marker(slug) == "busy" and slug not in self._failed_once:
                self._failed_once.add(slug)
                return slugs[:place]
        return slugs

    def _import(self, prospect: dict[str, Any], slug: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return one prospect's outcome. A duplicate has no profile, and campaigns skip it."""
        failure = self._failure(prospect, slug)
        if failure:
            return {"importCode": failure, "message": f"The prospect was not imported: {failure}"}
        key = slug.lower()
        if marker(slug) == "existing" and key not in self.prospects:
            self.prospects[key] = KnownProspect(uuid.uuid4().hex, "list-other")
        known, code = self.prospects.get(key), "success"
        if known and body.get("moveDuplicatesToOtherList"):
            if known.list_id != body["prospectListId"]:
                code = "prospect_successfully_moved_to_another_list"
            else:
                code = "duplicated_prospect"
        elif known and not body.get("canCreateDuplicates"):
            code = "duplicated_prospect"
        element: dict[str, Any] = {"importCode": code}
        if code != "duplicated_prospect":
            element["prospect"] = self._placed(prospect, slug, body["prospectListId"], code)
        else:
            element["message"] = "The prospect already exists in your CRM"
        if body.get("campaignId") and (not known or body.get("addExistingProspectInCampaign")):
            element["addToCampaignCode"] = self._enrol(slug, body["campaignId"])
        return element

    def _failure(self, prospect: dict[str, Any], slug: str) -> str:
        """Return the import code of a prospect that fails; empty if it does not fail."""
        word = marker(slug)
        if word in _PASSING and slug not in self._failed_once:
            self._failed_once.add(slug)
            return _PASSING[word]
        if any(len(v["value"]) > _MAX_VARIABLE for v in prospect.get("customVariables", [])):
            return "custom_variable_exceeds_1000_chars"
        codes = {"deleted": "profile_deleted", "full": "max_limit_crm", "word": "held_for_review"}
        return codes.get(word, "")

    def _placed(
        self, prospect: dict[str, Any], slug: str, list_id: str, code: str
    ) -> dict[str, Any]:
        """Put a prospect into the list. A moved prospect keeps its id."""
        known = self.prospects.get(slug.lower())
        is_moved = known is not None and code != "success"
        identifier = known.identifier if known and is_moved else uuid.uuid4().hex
        self.prospects[slug.lower()] = KnownProspect(identifier, list_id)
        custom = prospect.get("customProfile", {})
        profile = {
            "firstName": custom.get("firstName", ""),
            "lastName": custom.get("lastName", ""),
            **_names(slug),
        }
        return {"_id": identifier, "profile": profile}

    def _enrol(self, slug: str, campaign_id: str) -> str:
        if campaign_id not in _CAMPAIGNS:
            return "cant_add_prospect_campaign_not_exist"
        if campaign_id == "camp-archived":
            return "cant_add_prospect_campaign_is_archived"
        if marker(slug) == "precondition":
            return "prospect_does_not_match_preconditions"
        if slug.lower() in self.enrolled:
            return "already_in_campaign"
        self.enrolled[slug.lower()] = self.after(_DECIDED_SECONDS)
        return "success"

    def _refuse_call(self) -> Answered | None:
        key = request.headers.get("Authorization")
        if key == f"Bearer {BASIC_PLAN_KEY}":
            return _refuse(401, "M000401-001", "Your plan does not allow this")
        if key != f"Bearer {API_KEY}":
            return _gateway_refuse(401, "Unauthorized", "No valid API key was given.")
        if not self._calls.allows(self.now()):
            return _gateway_refuse(429, "Too Many Requests", "Rate limit exceeded.")
        return None


def _refuse(status: int, code: str, message: str) -> Answered:
    return jsonify(code=code, message=message), status


def _gateway_refuse(status: int, title: str, detail: str) -> tuple[Response, int]:
    """Refuse as the gateway does: RFC 7807, without a code and without `Retry-After`."""
    answer = jsonify(
        type=f"https://httpproblems.com/http-status/{status}",
        title=title,
        status=status,
        detail=detail,
        instance=request.path,
    )
    answer.content_type = "application/problem+json"
    return answer, status


def _slug(url: str) -> str:
    """Return the decoded slug of a LinkedIn profile's URL; empty for any other URL."""
    parts = urlsplit(url)
    is_linkedin = re.fullmatch(r"([a-z]{2,3}\.)?linkedin\.com", parts.hostname or "")
    found = re.fullmatch(r"/in/([^/]+)/?", parts.path)
    if parts.scheme != "https" or not is_linkedin or not found:
        return ""
    return unquote(found[1])


def _names(slug: str) -> dict[str, str]:
    """Return the names of a profile: its public one, and its ids as a member."""
    digest = hashlib.sha256(slug.lower().encode()).hexdigest()
    is_member = re.fullmatch(r"A[CE][A-Za-z]AA[\w-]+", slug)
    return {
        "publicIdentifier": f"public-{digest[:8]}" if is_member else slug,
        "memberId": str(int(digest[:7], 16)),
        "salesMemberId": f"ACwAA{digest[:20]}",
    }


def _problem(body: object) -> str:
    """Return the first problem of a body's members; empty if there is none."""
    if not isinstance(body, dict):
        return "body must be an object"
    if unknown := set(body) - _MEMBERS:
        return f"{min(unknown)} is not allowed"
    if not _is_text(body.get("prospectListId")):
        return "prospectListId is required"
    origin = body.get("origin")
    if not isinstance(origin, dict) or set(origin) != {"name"} or not _is_text(origin["name"]):
        return "origin.name is required"
    if "campaignId" in body and not _is_text(body["campaignId"]):
        return "campaignId must be a string"
    for flag in sorted(_FLAGS & set(body)):
        if not isinstance(body[flag], bool):
            return f"{flag} must be a boolean"
    prospects = body.get("prospects")
    if not isinstance(prospects, list) or not prospects:
        return "prospects must hold at least one prospect"
    return next((p for prospect in prospects if (p := _prospect_problem(prospect))), "")


def _prospect_problem(prospect: object) -> str:
    if not isinstance(prospect, dict) or not _is_text(prospect.get("url")):
        return "prospects.url is required"
    if set(prospect) - {"url", "customProfile", "customVariables"}:
        return "prospects has a member that is not allowed"
    variables = prospect.get("customVariables", [])
    if not isinstance(variables, list) or not all(
        _has_texts(variable, _VARIABLE_TEXTS) and set(variable) == _VARIABLE_TEXTS
        for variable in variables
    ):
        return "prospects.customVariables must hold labels and values"
    profile = prospect.get("customProfile", {})
    return _profile_problem(profile) if isinstance(profile, dict) else "customProfile is no object"


def _profile_problem(profile: dict[str, Any]) -> str:
    rest = dict(profile)
    company = rest.pop("company", {})
    phones = rest.pop("phoneNumbers", [])
    birthday = rest.pop("birthday", {"day": 1, "month": 1})
    if not _has_texts(rest, _PROFILE_TEXTS):
        return "customProfile has a member that is empty or not allowed"
    if not _has_texts(company, _COMPANY_TEXTS):
        return "customProfile.company has a member that is empty or not allowed"
    if not isinstance(phones, list) or not all(
        _has_texts(phone, _PHONE_TEXTS) and "number" in phone and phone.get("type") in _PHONE_TYPES
        for phone in phones
    ):
        return "customProfile.phoneNumbers must hold numbers and types"
    is_date = isinstance(birthday, dict) and set(birthday) == {"day", "month"}
    if not is_date or not all(type(number) is int for number in birthday.values()):
        return "customProfile.birthday must have a day and a month"
    return ""


def _has_texts(members: object, allowed: frozenset[str]) -> bool:
    """Whether this is an object whose members are all allowed and all non-empty texts."""
    return (
        isinstance(members, dict)
        and set(members) <= allowed
        and all(_is_text(value) for value in members.values())
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
