"""Saleshandy's import by field name, its status and its report, by `docs/providers/saleshandy.md`.

Markers in the e-mail address: `+refused` is reported as an invalid e-mail, `+existing` as present
in another step, `+bounced` and `+unsubscribed` with their codes; with `+slow` the import takes 300
seconds; with `+stuck` it never completes; with `+lost` the status call never finds it; with
`+noreport` the report's link answers 404; verification calls `+bad` bad. Without any marker, the
report also has prospects that are in the sequence already, or that have text in a number field.

Imports use the four known forms of a status body in turn: wrapped in `payload` or not, with the
link in `failedProspectsURL` or in `reportURL`. Reports are served on another port. It refuses any
request with the API key, and records it in its ledger.

No rate is published. Here the limit is 30 calls in a (scaled) minute, which is refused with a 400,
and of calls about prospects 20, with headers about what is left, which is refused with a 429. How
long a window is, is not known.
"""

from __future__ import annotations

import csv
import io
import itertools
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from flask import Flask, Response, after_this_request, jsonify, request

from local.simulators.base import API_KEY, Answered, RateLimit, Simulator, marker

SYSTEM_FIELDS = (
    "First Name",
    "Last Name",
    "Email",
    "Company",
    "Job Title",
    "Phone Number",
    "Country",
    "City",
    "LinkedIn",
)
CUSTOM_FIELDS = {"Team Size": "NUMBER", "Industry": "TEXT"}

_ACTIONS = ("overwrite", "noUpdate", "addMissingFields", "upsert")
_BODY_KEYS = frozenset({"prospectList", "stepId", "conflictAction", "verifyProspects", "tags"})
_MAX_BYTES = 90_000_000
_MAX_PROSPECTS = 100_000
_CALLS_A_MINUTE = 30
_CALLS_ABOUT_PROSPECTS = 20
_FOUND_SECONDS = 2
_SECONDS = 30
_SLOW_SECONDS = 300
_REASONS = {
    "refused": "10100 - Invalid e-mail, please check the address",
    "bounced": "10700 - Prospect has bounced",
    "unsubscribed": "10800 - Prospect has unsubscribed",
}
_PRESENT = "Prospect already present in another step of same sequence"


@dataclass(frozen=True)
class StartedImport:
    """An accepted import: its report's lines, its status's form, and when it can be found."""

    failed: list[tuple[dict[str, str], str]]
    markers: frozenset[str]
    is_wrapped: bool
    link_name: str
    found_at: float
    ends_at: float


class SaleshandySimulator(Simulator):
    """Starts imports under a request id, and enrols each address once in the only sequence.

    `enrolled` lists the addresses in lower case, in the order of their enrolment.
    """

    name = "saleshandy"

    def __init__(self, **options: Any) -> None:  # the base's options, passed on
        self.started: dict[str, StartedImport] = {}
        self.enrolled: dict[str, str] = {}
        self.reports = ReportHost(self.started)
        self._numbers = itertools.count()
        super().__init__(**options)
        self._calls = RateLimit(_CALLS_A_MINUTE, 60 * self.delay_scale)
        self._about_prospects = RateLimit(_CALLS_ABOUT_PROSPECTS, 60 * self.delay_scale)

    def start(self) -> SaleshandySimulator:
        """Start serving the API, and the reports on another port."""
        self.reports.start()
        return super().start()

    def stop(self) -> None:
        """Stop both."""
        super().stop()
        self.reports.stop()

    def add_routes(self, app: Flask) -> None:
        """Register the URLs of the import, its status, the account's fields and its sequences."""
        app.add_url_rule(
            "/v1/sequences/prospects/import-with-field-name",
            view_func=self.create,
            methods=["POST"],
        )
        app.add_url_rule("/v1/prospects/import-status/<request_id>", view_func=self.status)
        app.add_url_rule(
            "/v1/prospects/verification-status", view_func=self.verification, methods=["POST"]
        )
        app.add_url_rule("/v1/fields", view_func=self.fields)
        app.add_url_rule("/v1/sequences", view_func=self.sequences)

    def create(self) -> Answered:
        """Start an import, or refuse the whole request."""
        if refusal := self._refuse_call():
            return refusal
        body = request.get_json(silent=True)
        if len(request.get_data()) > _MAX_BYTES:
            return _refuse(4000, "Failed to import prospects: content is too large")
        if not isinstance(body, dict):
            return _invalid(["body must be an object"])
        if problems := _problems(body):
            return _invalid(problems)
        prospects = body["prospectList"]
        if len(prospects) > _MAX_PROSPECTS:
            return _refuse(4000, f"Failed to import prospects: more than {_MAX_PROSPECTS}")
        known = {*SYSTEM_FIELDS, *CUSTOM_FIELDS}
        for label in dict.fromkeys(label for prospect in prospects for label in prospect):
            if label not in known:
                return _refuse(4000, f"Failed to import prospects: no field '{label}'")
        if any(not prospect.get("Email") for prospect in prospects):
            return _refuse(4000, "Failed to import prospects: Email is required")
        return self._start(prospects, body["stepId"])

    def _start(self, prospects: list[dict[str, str]], step: str) -> Answered:
        markers = frozenset(marker(prospect["Email"]) for prospect in prospects)
        with self.lock:
            failed = [
                (prospect, reason)
                for prospect in prospects
                if (reason := self._enrol(prospect, step))
            ]
            number = next(self._numbers)
            request_id = f"{number + 1:07x}"
            self.started[request_id] = StartedImport(
                failed=failed,
                markers=markers,
                is_wrapped=number % 2 == 0,
                link_name="failedProspectsURL" if number // 2 % 2 == 0 else "reportURL",
                found_at=self.after(_FOUND_SECONDS),
                ends_at=self.after(_SLOW_SECONDS if "slow" in markers else _SECONDS),
            )
            self.imports.append(
                {"request_id": request_id, "emails": [prospect["Email"] for prospect in prospects]}
            )
        message = "Prospect import has started, check its status with the request id."
        return jsonify(message=message, payload={"requestId": request_id}), 201

    def _enrol(self, prospect: dict[str, str], step: str) -> str:
        """Enrol a prospect, or return the reason why not."""
        email = prospect["Email"].lower()
        if reason := _REASONS.get(marker(email)):
            return reason
        if any(
            not prospect[label].isdecimal()
            for label, kind in CUSTOM_FIELDS.items()
            if kind == "NUMBER" and label in prospect
        ):
            return "Mismatch in custom field type"
        if email in self.enrolled or marker(email) == "existing":
            return _PRESENT
        self.enrolled[email] = step
        return ""

    def status(self, request_id: str) -> Answered:
        """Return whether an import is completed, with a link if prospects were refused."""
        if refusal := self._refuse_call():
            return refusal
        started = self.started.get(request_id)
        now = self.now()
        if started is None or now < started.found_at or "lost" in started.markers:
            return _refuse(40000, "Prospect import request not found")
        is_stuck = self.keeps_stuck and "stuck" in started.markers
        is_completed = now >= started.ends_at and not is_stuck
        link = f"{self.reports.url}/{request_id}.csv" if is_completed else None
        has_report = bool(started.failed) or "noreport" in started.markers
        body = {"isCompleted": is_completed, started.link_name: link if has_report else None}
        return jsonify({"message": "ok", "payload": body} if started.is_wrapped else body)

    def verification(self) -> Answered:
        """Return what verification found of addresses, if a prospect with them was verified."""
        if refusal := self._refuse_call():
            return refusal
        body = request.get_json(silent=True)
        emails = body.get("emails") if isinstance(body, dict) else None
        if not isinstance(emails, list) or not all(isinstance(each, str) for each in emails):
            return _invalid(["emails must be an array of strings"])
        payload = [
            {"email": email, "status": "bad" if marker(email) == "bad" else "valid"}
            for email in emails
        ]
        return jsonify(message="ok", payload=payload)

    def sequences(self) -> Answered:
        """List the only sequence, with its only step; another page than the first is empty."""
        if refusal := self._refuse_call():
            return refusal
        if request.args.get("page", 1, int) > 1:
            return jsonify(message="ok", payload=[])
        steps = [{"id": "stepDemo01", "name": "Step 1"}]
        sequence = {"id": "sequenceDemo01", "title": "Demo", "active": True, "steps": steps}
        return jsonify(message="ok", payload=[sequence])

    def fields(self) -> Answered:
        """List the account's fields; system fields only with `systemFields=true`."""
        if refusal := self._refuse_call():
            return refusal
        wanted: dict[str, str] = {}
        if request.args.get("systemFields") == "true":
            wanted |= dict.fromkeys(SYSTEM_FIELDS, "TEXT")
        wanted |= CUSTOM_FIELDS
        payload = [
            {"id": f"field{number}", "label": label, "fieldType": kind}
            for number, (label, kind) in enumerate(wanted.items(), start=1)
        ]
        return jsonify(message="ok", payload=payload)

    def _refuse_call(self) -> Answered | None:
        if request.method == "GET" and "Content-Type" in request.headers:
            return Response("Not Acceptable", 406)
        if request.headers.get("x-api-key") != API_KEY:
            return _refuse(1001, "Invalid token")
        if not self._calls.allows(self.now()):
            return _refuse(40000, "Rate Limit exceeded")
        if request.path.startswith("/v1/prospects"):
            return self._refuse_window()
        return None

    def _refuse_window(self) -> Answered | None:
        """Count a call about prospects, and say on its answer how many are left, and until when."""
        is_allowed = self._about_prospects.allows(self.now())
        left, seconds = self._about_prospects.left(self.now())
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        headers = {"x-ratelimit-remaining": str(left), "x-ratelimit-reset": until.isoformat()}

        @after_this_request
        def _with_headers(answer: Response) -> Response:
            answer.headers.update(headers)
            return answer

        if is_allowed:
            return None
        return Response("", 429, {"retry-after": str(math.ceil(seconds))})


class ReportHost(Simulator):
    """The other host, for downloads of reports: plain GETs, never with the API key."""

    name = "saleshandy-reports"

    def __init__(self, started: dict[str, StartedImport]) -> None:
        self._started = started
        super().__init__()

    def add_routes(self, app: Flask) -> None:
        """Register the URL of the download."""
        app.add_url_rule("/<request_id>.csv", view_func=self.download)

    def download(self, request_id: str) -> Answered:
        """Serve a report like a spreadsheet export: BOM, CRLF, addresses in capitals."""
        if "x-api-key" in request.headers or "Authorization" in request.headers:
            return Response("this host must never see the key", 500)
        started = self._started.get(request_id)
        if started is None or "noreport" in started.markers:
            return Response("Not Found", 404)
        out = io.StringIO()
        lines = csv.writer(out)
        lines.writerow(
            ["First Name", "Last Name", "E-mail Address", "Company", "Failed reason, if any"]
        )
        for prospect, reason in started.failed:
            names = (prospect.get(label, "") for label in ("First Name", "Last Name"))
            email, company = prospect["Email"].upper(), prospect.get("Company", "")
            lines.writerow([*names, email, company, reason])
        return Response(out.getvalue().encode("utf-8-sig"), 200, content_type="text/csv")


def _refuse(code: int, message: str) -> Answered:
    return jsonify(code=code, type="error", message=message), 400


def _invalid(problems: list[str]) -> Answered:
    return jsonify(statusCode=400, message=problems), 400


def _problems(body: dict[str, Any]) -> list[str]:
    """Return all problems of a body's keys and types."""
    problems = [f"property {key} should not exist" for key in body if key not in _BODY_KEYS]
    if not isinstance(body.get("stepId"), str) or not body["stepId"]:
        problems.append("stepId must be a string")
    if body.get("conflictAction") not in _ACTIONS:
        problems.append(f"conflictAction must be one of: {', '.join(_ACTIONS)}")
    if not isinstance(body.get("verifyProspects"), bool):
        problems.append("verifyProspects must be a boolean value")
    tags = body.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        problems.append("each value in tags must be a string")
    prospects = body.get("prospectList")
    if not isinstance(prospects, list) or not prospects:
        problems.append("prospectList must contain at least 1 element")
    elif not all(_is_flat(prospect) for prospect in prospects):
        problems.append("each value in prospectList must be an object of strings")
    return problems


def _is_flat(prospect: object) -> bool:
    if not isinstance(prospect, dict):
        return False
    return all(isinstance(value, str) for value in cast("dict[str, object]", prospect).values())
