"""Which50's contact list import, by `docs/providers/which50.md`.

There is one list, 42, with the fields Email, FirstName, LastName, Mobile and Company. The duration,
status words and rates of an import are not documented. Here an import is `Queued` for 5 seconds
and ends after 20, the words are guesses, and no rate is enforced. Dates that are not set yet are
.NET's zero date. A row updates every contact with the same `match` fields (by default Email), and
is inserted if there is none. When an account leaves a contact as it was is not documented either.

Markers in the e-mail address: `+invalid` is counted as an invalid address and not imported; `+drop`
makes the job delete one contact instead of writing the row; `+kept` leaves a contact that is there
already as it was; with `+slow` it takes 600 seconds; with `+stuck` it stays `Importing` forever;
with `+failed` it ends as `Failed` and nothing is written; with `+word` it ends with an unknown
word; with `+nofinish` it ends without a finish date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, jsonify, request

from local.simulators.base import API_KEY, Answered, Simulator, marker

_LIST_ID = 42
_FIELDS = ("Email", "FirstName", "LastName", "Mobile", "Company")
_CONTACT_KEYS = frozenset({"ListId", "Values", "EncContactId"})
_MAX_CONTACTS = 10_000
_MAX_BYTES = 4 * 1024 * 1024
_ZERO_DATE = "0001-01-01T00:00:00+00:00"
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")

Values = dict[str, Any]


@dataclass
class ImportJob:
    """An import job: its fields, its loaded contacts, and once it runs its times and counts."""

    number: int
    field_names: list[str]
    loaded: list[Values] = field(default_factory=list)
    markers: set[str] = field(default_factory=set)
    started_on: str = _ZERO_DATE
    finished_on: str = _ZERO_DATE
    begins_at: float | None = None
    ends_at: float = 0
    counts: dict[str, int] = field(default_factory=dict)


class Which50Simulator(Simulator):
    """Import jobs of one contact list: create, load, run. `imports` lists the runs."""

    name = "which50"

    def __init__(self, *, delay_scale: float = 1.0, port: int = 0) -> None:
        self.jobs: dict[int, ImportJob] = {}
        self.contacts: list[Values] = []
        super().__init__(delay_scale=delay_scale, port=port)

    def account(self) -> dict[str, str]:
        """Return the secret: the header that works, exactly as it is sent."""
        return {"base_url": self.url, "header": "Authorization", "value": f"Bearer {API_KEY}"}

    def add_routes(self, app: Flask) -> None:
        """Register the URLs of the lists, the list's fields and the import's four calls."""
        jobs = "/contactLists/<int:list_id>/import"
        one = f"{jobs}/<int:job_id>"
        app.before_request(self.refuse_stranger)
        app.add_url_rule("/contactLists", view_func=self.lists)
        app.add_url_rule("/contactLists/<int:list_id>/fields", view_func=self.fields)
        app.add_url_rule(jobs, view_func=self.create, methods=["POST"])
        app.add_url_rule(one, view_func=self.load, methods=["POST"])
        app.add_url_rule(f"{one}/run", view_func=self.run, methods=["POST"])
        app.add_url_rule(one, view_func=self.status, methods=["GET"])

    def refuse_stranger(self) -> Answered | None:
        """Answer 401 to wrong or missing credentials."""
        if request.path.startswith("/_simulator"):
            return None
        if request.headers.get("Authorization") == f"Bearer {API_KEY}":
            return None
        return _refuse("Authorization has been denied for this request.", 401)

    def lists(self) -> Answered:
        """Return the one list, with its number of contacts."""
        return jsonify([{"Id": _LIST_ID, "Name": "Demo", "Count": len(self.contacts)}])

    def fields(self, list_id: int) -> Answered:
        """Return the list's schema."""
        if list_id != _LIST_ID:
            return _not_found()
        return jsonify(
            [
                {
                    "Id": 100 + position,
                    "Name": name,
                    "DefaultValue": "",
                    "MapType": "Text",
                    "Position": position,
                    "ContactSchemaFieldValues": [],
                }
                for position, name in enumerate(_FIELDS)
            ]
        )

    def create(self, list_id: int) -> Answered:
        """Create a job that takes these fields from the contacts."""
        if list_id != _LIST_ID:
            return _not_found()
        body = request.get_json(silent=True)
        names = body.get("FieldNames") if isinstance(body, dict) else None
        if not isinstance(names, list) or not names:
            return _refuse("FieldNames is required.")
        if unknown := [name for name in names if name not in _FIELDS]:
            return _refuse(f"The contact list has no field {unknown[0]}.")
        with self.lock:
            job = ImportJob(901 + len(self.jobs), names)
            self.jobs[job.number] = job
        return self._show_job(job)

    def load(self, list_id: int, job_id: int) -> Answered:
        """Add contacts to a job that does not run yet: all or none of them."""
        job = self._job(list_id, job_id)
        if job is None:
            return _not_found()
        if len(request.get_data()) > _MAX_BYTES:
            return _refuse("Maximum request length exceeded.", 413)
        contacts = request.get_json(silent=True)
        if not isinstance(contacts, list) or not 1 <= len(contacts) <= _MAX_CONTACTS:
            return _refuse(f"Between 1 and {_MAX_CONTACTS} contacts are expected.")
        if any(problem := _problem(contact, job.field_names) for contact in contacts):
            return _refuse(problem)
        with self.lock:
            if job.begins_at is not None:
                return _refuse("The import job is already running.")
            job.loaded += [contact["Values"] for contact in contacts]
            job.markers |= {marker(str(c["Values"].get("Email", ""))) for c in contacts}
        return jsonify([contact | {"ValidationWarnings": []} for contact in contacts])

    def run(self, list_id: int, job_id: int) -> Answered:
        """Start the import. Running a job twice writes everything twice."""
        job = self._job(list_id, job_id)
        if job is None:
            return _not_found()
        match = [name for name in request.args.get("match", "").split(",") if name]
        if request.get_data():
            return _refuse("A run has no body.")
        if any(name not in _FIELDS for name in match):
            return _refuse("A match field does not exist.")
        with self.lock:
            job.begins_at = self.after(5)
            job.ends_at = self.after(600 if "slow" in job.markers else 20)
            job.started_on, job.finished_on = _today(), _ZERO_DATE
            job.counts = self._write(job, match or ["Email"])
            self.imports.append(
                {
                    "job_id": job_id,
                    "rows": len(job.loaded),
                    "match": request.args.get("match"),
                    "customevents": request.args.get("customevents"),
                }
            )
        return self._show_job(job)

    def _write(self, job: ImportJob, match: list[str]) -> dict[str, int]:
        """Insert and update the loaded contacts. Return the counts to show at the job's end."""
        counts = dict.fromkeys(("inserted", "updated", "kept", "dropped", "invalid_email"), 0)
        if "failed" in job.markers:
            return counts
        known: dict[tuple[str, ...], list[Values]] = {}
        for contact in self.contacts:
            known.setdefault(_key(contact, match), []).append(contact)
        for values in job.loaded:
            email = str(values.get("Email", ""))
            if marker(email) == "invalid" or (email and not _ADDRESS.fullmatch(email)):
                counts["invalid_email"] += 1
            elif marker(email) == "drop":
                counts["dropped"] += 1
            elif all(key := _key(values, match)) and key in known and marker(email) == "kept":
                counts["kept"] += len(known[key])
            elif all(key) and key in known:
                for contact in known[key]:
                    contact.update(values)
                counts["updated"] += len(known[key])
            else:
                contact = dict(values)
                self.contacts.append(contact)
                known.setdefault(key, []).append(contact)
                counts["inserted"] += 1
        return counts

    def status(self, list_id: int, job_id: int) -> Answered:
        """Return a job's status."""
        job = self._job(list_id, job_id)
        return _not_found() if job is None else self._show_job(job)

    def _job(self, list_id: int, job_id: int) -> ImportJob | None:
        return self.jobs.get(job_id) if list_id == _LIST_ID else None

    def _show_job(self, job: ImportJob) -> Response:
        word, percent = self._progress(job)
        is_over = percent >= 90
        if is_over and job.finished_on == _ZERO_DATE:
            job.finished_on = _today()
        counts = job.counts if is_over else {}
        inserted, updated = counts.get("inserted", 0), counts.get("updated", 0)
        return jsonify(
            Id=job.number,
            ContactListId=_LIST_ID,
            CurrentStatus=word,
            ProgressPercent=percent,
            StartDate=job.started_on,
            FinishDate=None if is_over and "nofinish" in job.markers else job.finished_on,
            InsertedContacts=inserted,
            UpdatedContacts=updated,
            DroppedContacts=counts.get("dropped", 0),
            NotUpdatedContacts=counts.get("kept", 0),
            TotalContacts=inserted + updated,
            InvalidEmailCount=counts.get("invalid_email", 0),
            InvalidSmsCount=0,
        )

    def _progress(self, job: ImportJob) -> tuple[str, int]:
        """Return the status word and the percentage. From 90 % on, the job has ended."""
        now = self.now()
        if job.begins_at is None:
            return "Created", 0
        if now < job.begins_at:
            return "Queued", 0
        if self.keeps_stuck and "stuck" in job.markers:
            return "Importing", 40
        if now < job.ends_at:
            share = (now - job.begins_at) / (job.ends_at - job.begins_at)
            return "Importing", int(share * 89)
        if "failed" in job.markers:
            return "Failed", 100
        if "word" in job.markers:
            return "Archived", 90
        flawed = job.counts["invalid_email"] or job.counts["dropped"]
        return "CompletedWithErrors" if flawed else "Completed", 100


def _problem(contact: object, field_names: list[str]) -> str:
    """Return what is wrong with a contact's keys. Its values may have any type."""
    if not isinstance(contact, dict) or set(contact) - _CONTACT_KEYS:
        return "A contact has ListId, Values and EncContactId, and nothing else."
    if contact.get("ListId") != _LIST_ID:
        return "ListId is not the list of this import job."
    values = contact.get("Values")
    if not isinstance(values, dict) or not values:
        return "Values is required."
    if set(values) - set(field_names):
        return "Values has a field that FieldNames does not list."
    return ""


def _key(values: Values, match: list[str]) -> tuple[str, ...]:
    return tuple(str(values.get(name, "")).lower() for name in match)


def _today() -> str:
    """Return the current time as .NET writes it, with seven fraction digits."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}4+00:00"


def _refuse(message: str, status: int = 400) -> Answered:
    return jsonify(Message=message), status


def _not_found() -> Answered:
    return _refuse("The list or the import job was not found.", 404)
