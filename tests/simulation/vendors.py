"""The five providers, as their sheets describe them, each with a ledger of what it truly did.

They stand where the HTTP client stands. The ledger knows for every row of every job how often a
request with it was taken, and whether the person is really there: what the checker believes.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from listdrop.errors import ReportUnavailableError
from listdrop.models import Outcome
from listdrop.providers.base import AfterCrash

if TYPE_CHECKING:
    from datetime import datetime

    from tests.simulation.world import World

Row = tuple[str, str]
"""A job and the identity of one of its rows."""


@dataclass
class Reply:
    """What a provider answers."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        """Return the body's bytes: JSON, unless they are bytes already."""
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else orjson.dumps(self.body)


@dataclass
class Ledger:
    """What truly happened."""

    taken: Counter[Row] = field(default_factory=Counter)
    """In how many requests that were taken each row of a job was."""
    runs: Counter[Row] = field(default_factory=Counter)
    """How often something that must not happen twice happened for a row."""
    brought: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Which jobs' requests brought a person in, or wrote them; `before`: they were there before."""
    doubtful: set[Row] = field(default_factory=set)
    """Rows of requests whose answer did not come back as it should."""
    wrong: list[str] = field(default_factory=list)
    """What a provider saw that must not be."""
    culprits: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Rows of a job each of which has the whole request refused that it is in."""
    values: dict[Row, str] = field(default_factory=dict)
    """A cell of each row, as the provider got it."""


@dataclass
class Import:
    """Something the provider works on for a while."""

    job_id: str
    rows: list[str]
    created: datetime
    seconds: float
    ending: str
    """`completed`, `failed`, `endless` or `lost`."""
    data: dict[str, Any] = field(default_factory=dict)


class Vendor:
    """A provider: answers requests, and keeps the ledger."""

    name: ClassVar[str]
    base: ClassVar[str]
    key_header: ClassVar[tuple[str, str]]
    cell: ClassVar[str]
    """Which cell of a row the ledger keeps."""
    denied: ClassVar[tuple[int, Any]] = (401, {"message": "no"})

    def __init__(self, world: World) -> None:
        self.world = world
        self.faults = world.faults
        self.ledger = Ledger()
        self.keys = {"key-1"}
        self.imports: dict[str, Import] = {}
        self._fates: dict[str, str] = {}
        self._odd: dict[tuple[str, str], bool] = {}

    # ------------------------------------------------------------------ the world's side

    @classmethod
    def destination(cls, rng: Any, rows: int) -> dict[str, Any]:
        """Choose a destination's options."""
        raise NotImplementedError

    def endpoint(self, method: str, path: str) -> str:
        """Name what is asked: `send`, `poll`, `open`, `commit`."""
        return "poll" if method == "GET" else "send"

    def rows_of(self, path: str, body: Any) -> list[str]:
        """Return the identities of a request's rows."""
        raise NotImplementedError

    def serve(self, endpoint: str, path: str, body: Any, job_id: str) -> Reply:
        """Do what is asked, and answer."""
        raise NotImplementedError

    def busy(self) -> Reply:
        """Answer that there were too many requests; nothing was done."""
        drawn = self.faults.draw("busy")
        after = ("3", "90", "", "soon", "99999999", "Wed, 21 Oct 2015 07:28:00 GMT")[int(drawn * 6)]
        return Reply(429, {"message": "slow down"}, {"Retry-After": after} if after else {})

    def key_of(self, headers: Mapping[str, str]) -> str:
        """Return the key of a request's headers."""
        name, prefix = self.key_header
        return headers.get(name, "").removeprefix(prefix)

    def report(self, url: str) -> bytes:
        """Return the file behind a link. Raises `ReportUnavailableError`."""
        raise ReportUnavailableError(f"no such report: {url}")

    # ------------------------------------------------------------------ what they share

    def now(self) -> datetime:
        """Return the moment."""
        return self.world.now

    def fate(self, identity: str) -> str:
        """What becomes of a person here: `ok`, `bad`, `known`, `suppressed`."""
        found = self._fates.get(identity)
        if found is None:
            found = "ok"
            for kind in ("bad", "known", "suppressed"):
                if self.faults.hit(f"row.{kind}", identity, lasting=True):
                    found = kind
                    break
            self._fates[identity] = found
            if found == "known":
                self.ledger.brought[identity].add("before")
        return found

    def take(self, job_id: str, body: Iterable[tuple[str, str]]) -> list[str]:
        """Write into the ledger that a request with these rows was taken."""
        rows = []
        for identity, value in body:
            rows.append(identity)
            self.ledger.taken[job_id, identity] += 1
            self.ledger.values[job_id, identity] = value
        return rows

    def begin(self, key: str, job_id: str, rows: list[str], **data: Any) -> Import:
        """Begin something that takes time."""
        endings = [e for e in ("endless", "lost", "failed") if self.odd(f"job.{e}", key)]
        is_slow = self.odd("job.slow", key)
        seconds = self.faults.draw(f"seconds {job_id}") * (700 if is_slow else 40)
        begun = Import(
            job_id, rows, self.now(), seconds, endings[0] if endings else "completed", data
        )
        self.imports[key] = begun
        return begun

    def odd(self, kind: str, key: str) -> bool:
        """Whether the provider is odd in this way about this; once it is, it stays so."""
        found = self._odd.get((kind, key))
        if found is None:
            found = self._odd[kind, key] = self.faults.hit(kind, key, lasting=True)
        return found

    def share(self, begun: Import) -> float:
        """How much of it is done, from 0 to 1."""
        if begun.ending == "endless":
            return 0.5
        passed = (self.now() - begun.created).total_seconds()
        return min(passed / begun.seconds, 1.0) if begun.seconds else 1.0

    def refused_for(self, job_id: str, rows: Iterable[str]) -> bool:
        """Whether a request is refused whole, because of one of its rows."""
        bad = {row for row in rows if self.odd("said.refused_rows", row)}
        self.ledger.culprits[job_id] |= bad
        return bool(bad)

    def new_key(self, job_id: str) -> str:
        """Return an id for something new."""
        return f"{job_id}.{len(self.imports) + 1}"

    def bring(self, job_id: str, identity: str) -> None:
        """Write into the ledger that a person is there because of a job."""
        self.ledger.brought[identity].add(job_id)

    def tell(self, job_id: str, outcomes: Mapping[str, bool | None]) -> None:
        """Remember what a final answer says of rows without leaving doubt: in, or not in."""
        self.world.told(job_id, outcomes)

    def truth(self, job_id: str, identity: str) -> frozenset[Outcome]:
        """Return the outcomes that would be true of a row that was for sending."""
        raise NotImplementedError

    def most(self, rule: AfterCrash, resends: int) -> int:
        """How often a row may be taken."""
        return 1 + resends if rule is AfterCrash.RESEND else 1


_NOT_GOOD = frozenset({Outcome.UNKNOWN, Outcome.REFUSED})


# ---------------------------------------------------------------- ActiveCampaign


class ActiveCampaignVendor(Vendor):
    """Queues batches; lists by address what failed, by new ids what did not."""

    name = "activecampaign"
    base = "https://acme.api-us1.com/api/3"
    key_header = ("Api-Token", "")
    cell = "first_name"
    denied = (403, {"message": "Forbidden"})

    @classmethod
    def destination(cls, rng: Any, rows: int) -> dict[str, Any]:
        del rows
        return {"lists": [1], "exclude_automations": rng.random() < 0.65}

    def rows_of(self, path: str, body: Any) -> list[str]:
        return [contact["email"].lower() for contact in body["contacts"]]

    def busy(self) -> Reply:
        if self.faults.draw("busy form") < 0.5:
            said = {"success": 0, "message": "Rate limit exceeded.", "failureReasons": ["slow"]}
            return Reply(400, said)
        return super().busy()

    def serve(self, endpoint: str, path: str, body: Any, job_id: str) -> Reply:
        if endpoint == "poll":
            return self._info(path)
        rows = self.rows_of(path, body)
        place = f"{job_id} {rows[0]}"
        if self.faults.hit("said.refused_request", place):
            return Reply(400, {"success": 0, "message": "no", "failureReasons": ["broken"]})
        bad = [n for n, row in enumerate(rows, 1) if self.odd("said.refused_rows", row)]
        if bad:
            reasons = [{"contact": n, "failureReason": "bad e-mail"} for n in bad]
            if self.faults.hit("said.out_of_range", place):
                reasons[0]["contact"] = len(rows) + 1
            return Reply(400, {"success": 0, "message": "bad", "failureReasons": reasons})
        self.take(job_id, ((c["email"].lower(), c.get("first_name", "")) for c in body["contacts"]))
        begun = self.begin(key := self.new_key(job_id), job_id, rows)
        if not body["exclude_automations"]:
            self.ledger.runs.update((job_id, row) for row in rows)
        if begun.ending != "lost":
            got = rows if begun.ending == "completed" else rows[: len(rows) // 2]
            for row in got:
                if self.fate(row) not in ("bad", "suppressed"):
                    self.bring(job_id, row)
        if self.faults.hit("said.no_receipt", place):
            self.ledger.doubtful |= {(job_id, row) for row in rows}
            return Reply(200, {"Success": 1, "message": "ok"})
        return Reply(
            200, {"Success": 1, "queued_contacts": len(rows), "batchId": key, "message": "q"}
        )

    def _info(self, path: str) -> Reply:
        begun = self.imports.get(path.partition("batchId=")[2])
        if begun is None or begun.ending == "lost":
            return Reply(200, {"status": False})
        share = self.share(begun)
        key = path
        if share < 1:
            word: Any = "waiting" if share < 0.2 else "claimed" if share < 0.3 else "active"
            if self.faults.hit("said.unknown_word", key):
                word = "importing"
            return Reply(200, {"status": False if share < 0.05 else word})
        failed = [row for row in begun.rows if begun.job_id not in self.ledger.brought[row]]
        ids = [str(n) for n in range(len(begun.rows) - len(failed))]
        if begun.ending == "failed":
            named = [row for row in failed if self.fate(row) in ("bad", "suppressed")]
            return Reply(200, {"status": "interrupted", "success": ids, "failure": named})
        said: dict[str, Any] = {"status": "completed", "success": ids, "failure": failed}
        is_clear = True
        if failed and self.odd("said.foreign", key):
            said["failure"] = ["someone@else.example", *failed[1:]]
            is_clear = False
        if failed and self.odd("said.duplicate", key):
            said["failure"] = [*said["failure"], *(row.upper() for row in failed)]
        if self.odd("said.missing", key):
            del said["failure"]
            is_clear = False
            if self.odd("said.unreadable", key):
                said["success"] = len(ids)
        elif self.odd("said.shuffled", key):
            said["success"] = []  # only those that are new have an id
        if is_clear:
            self.tell(begun.job_id, {row: row not in failed for row in begun.rows})
        return Reply(200, said)

    def truth(self, job_id: str, identity: str) -> frozenset[Outcome]:
        if job_id in self.ledger.brought[identity]:
            return frozenset({Outcome.ACCEPTED, Outcome.UNKNOWN})
        return _NOT_GOOD


# ---------------------------------------------------------------- Kakiyo


class KakiyoVendor(Vendor):
    """Begins chats; its report names rows by their place."""

    name = "kakiyo"
    base = "https://api.kakiyo.com/v1"
    key_header = ("Authorization", "Bearer ")
    cell = "full_name"

    @classmethod
    def destination(cls, rng: Any, rows: int) -> dict[str, Any]:
        del rng
        return {"campaign_id": "c1", "batch_rows": rows}

    def rows_of(self, path: str, body: Any) -> list[str]:
        return [slug_of(prospect["url"]) for prospect in body["prospects"]]

    def serve(self, endpoint: str, path: str, body: Any, job_id: str) -> Reply:
        if endpoint == "poll":
            return self._status(path.rpartition("/")[2])
        rows = self.rows_of(path, body)
        place = f"{job_id} {rows[0]}"
        if self.faults.hit("said.refused_request", place):
            return Reply(400, {"error": "validation_error", "message": "no"})
        if self.refused_for(job_id, rows):
            return Reply(400, {"error": "validation_error", "message": "a prospect is wrong"})
        self.take(job_id, ((slug_of(p["url"]), p["name"]) for p in body["prospects"]))
        begun = self.begin(key := self.new_key(job_id), job_id, rows)
        got = {"lost": 0, "endless": 0, "failed": len(rows) // 2}.get(begun.ending, len(rows))
        begun.data["report"] = [
            self._processed(job_id, row, index) for index, row in enumerate(rows[:got])
        ]
        if self.faults.hit("said.no_receipt", place):
            return Reply(201, {"message": "ok"})
        return Reply(201, {"message": "ok", "listId": key})

    def _processed(self, job_id: str, row: str, index: int) -> dict[str, Any]:
        fate = self.fate(row)
        entry: dict[str, Any] = {"index": index, "linkedinSlug": row, "chatCreated": False}
        if fate == "bad":
            word = ("invalid", "enrichment_failed", "imported")[index % 3]
            return entry | {"status": word, "message": "no"}
        if fate == "suppressed":
            return entry | {"status": "skipped_dnc"}
        if self.ledger.brought[row]:
            return entry | {"status": "existing"}
        if self.odd("said.unreadable", row):  # imported, but no chat was begun
            return entry | {"status": "imported", "prospectId": "p", "chatCreated": None}
        self.bring(job_id, row)
        return entry | {"status": "imported", "chatId": f"chat-{row}", "chatCreated": True}

    def _status(self, key: str) -> Reply:
        begun = self.imports.get(key)
        if begun is None or begun.ending == "lost":
            return Reply(404, {"error": "not_found", "message": "no such import"})
        share = self.share(begun)
        report = begun.data["report"]
        total = len(begun.rows)
        if share < 1:
            shown = report[: int(share * total)] if self.odd("said.shuffled", key) else []
            word = "warming_up" if self.faults.hit("said.unknown_word", key) else "processing"
            body = {"listId": key, "status": word, "total": total, "processed": int(share * total)}
            return Reply(200, body | ({"report": shown} if shown else {}))
        word = "failed" if begun.ending == "failed" else "completed"
        shown, clear = self._shown(key, report, total)
        done = {"completedAt": "2026-03-02T09:00:30.000Z"} if word == "completed" else {}
        if word == "completed" and self.odd("said.unknown_word", f"{key} end"):
            word = "wrapped_up"
        if done:
            self.tell(
                begun.job_id,
                {
                    begun.rows[entry["index"]]: entry["chatCreated"]
                    for entry in report
                    if entry["index"] in clear
                    and (entry["chatCreated"] or entry["status"] != "imported")
                },
            )
        body = {"listId": key, "status": word, "total": total, "processed": total, **done}
        return Reply(200, body if shown is None else body | {"report": shown})

    def _shown(self, key: str, report: list[Any], total: int) -> tuple[list[Any] | None, set[int]]:
        clear = set(range(len(report)))
        shown = list(report)
        if self.odd("said.missing", key):
            if self.odd("said.unreadable", key):
                return None, set()
            clear.discard(shown.pop()["index"] if shown else -1)
        is_moved = bool(shown) and self.odd("said.out_of_range", key)
        if is_moved:
            moved = dict(shown.pop())
            clear.discard(moved["index"])
            places = (-1, total, True, "0", None)
            moved["index"] = places[sum(map(ord, key)) % len(places)]
            shown.append(moved | {"chatCreated": True, "linkedinSlug": None})
        if shown and self.odd("said.duplicate", key):
            twin = dict(shown[0])
            clear.discard(twin["index"])
            shown.append(twin | {"chatCreated": True})
        if len(shown) > 1 and not is_moved and self.odd("said.foreign", key):
            one, two = shown[0]["index"], shown[1]["index"]
            clear -= {one, two}
            shown[0], shown[1] = shown[0] | {"index": two}, shown[1] | {"index": one}
        if self.odd("said.shuffled", key):
            shown.reverse()
        return shown, clear

    def truth(self, job_id: str, identity: str) -> frozenset[Outcome]:
        brought = self.ledger.brought[identity]
        if job_id in brought:
            good = {Outcome.CONFIRMED, Outcome.UNKNOWN}
            return frozenset(good)
        if brought:
            return frozenset({Outcome.EXISTING, Outcome.UNKNOWN, Outcome.REFUSED})
        if self.fate(identity) == "suppressed":
            return _NOT_GOOD | {Outcome.SUPPRESSED}
        return _NOT_GOOD


# ---------------------------------------------------------------- Saleshandy


class SaleshandyVendor(Vendor):
    """Says whether it is completed, and links to a file of those that it did not take."""

    name = "saleshandy"
    base = "https://open-api.saleshandy.com"
    key_header = ("x-api-key", "")
    cell = "first_name"
    denied = (400, {"code": 1001, "message": "Invalid token"})

    @classmethod
    def destination(cls, rng: Any, rows: int) -> dict[str, Any]:
        del rows
        return {
            "step_id": "s1",
            "conflict_action": rng.choice(["addMissingFields", "noUpdate", "overwrite"]),
            "fields": {"Company": "Team"} if rng.random() < 0.3 else {},
        }

    def endpoint(self, method: str, path: str) -> str:
        if path.startswith("/v1/fields"):
            return "open"
        return super().endpoint(method, path)

    def rows_of(self, path: str, body: Any) -> list[str]:
        return [prospect["Email"].lower() for prospect in body["prospectList"]]

    def busy(self) -> Reply:
        if self.faults.draw("busy form") < 0.7:
            return Reply(400, {"code": 40000, "message": "Rate Limit exceeded"})
        return super().busy()

    def serve(self, endpoint: str, path: str, body: Any, job_id: str) -> Reply:
        if endpoint == "open":
            kind = "number" if self.odd("said.unknown_word", job_id) else "text"
            return Reply(200, {"payload": [{"id": "1", "label": "Team", "fieldType": kind}]})
        if endpoint == "poll":
            return self._status(path.rpartition("/")[2])
        rows = self.rows_of(path, body)
        place = f"{job_id} {rows[0]}"
        if self.faults.hit("said.refused_request", place):
            return Reply(400, {"code": 4000, "message": "Failed to import prospects"})
        if self.refused_for(job_id, rows):
            return Reply(400, {"statusCode": 400, "message": ["Email is wrong"]})
        listed = body["prospectList"]
        self.take(job_id, ((p["Email"].lower(), p["First Name"]) for p in listed))
        if body["conflictAction"] == "overwrite":
            self.ledger.runs.update((job_id, row) for row in rows)
        begun = self.begin(key := self.new_key(job_id), job_id, rows)
        got = {"lost": 0, "endless": 0, "failed": 0}.get(begun.ending, len(rows))
        begun.data["failures"] = [
            (row, reason) for row in rows[:got] if (reason := self._reason(job_id, row))
        ]
        if self.faults.hit("said.no_receipt", place):
            self.ledger.doubtful |= {(job_id, row) for row in rows}
            return Reply(201, {"message": "Prospect import has started", "payload": {}})
        return Reply(201, {"message": "started", "payload": {"requestId": key}})

    def _reason(self, job_id: str, row: str) -> str:
        fate = self.fate(row)
        if fate == "bad":
            return "10100 invalid e-mail"
        if fate == "suppressed":
            return "10800 unsubscribed"
        if fate == "known":
            return "12000 active in another sequence"
        if self.ledger.brought[row]:
            return "Prospect already present in another step of same sequence"
        self.bring(job_id, row)
        return ""

    def _status(self, key: str) -> Reply:
        begun = self.imports.get(key)
        if begun is None or begun.ending == "lost":
            return Reply(400, {"code": 40000, "message": "Prospect import request not found"})
        # One that died never says so: it just stays false.
        if self.share(begun) < 1 or begun.ending == "failed":
            if self.faults.hit("said.unknown_word", key):
                return Reply(200, {"message": "ok", "payload": {"isCompleted": "soon"}})
            return Reply(200, {"message": "ok", "payload": {"isCompleted": False}})
        failures = begun.data["failures"]
        link = f"https://files.example.com/{key}.csv" if failures else None
        named = "reportURL" if self.odd("said.shuffled", key) else "failedProspectsURL"
        status = {"isCompleted": True, named: link}
        if not failures:
            self.tell(begun.job_id, dict.fromkeys(begun.rows, True))
        if self.odd("said.duplicate", key):
            return Reply(200, status)
        return Reply(200, {"message": "ok", "payload": status})

    def report(self, url: str) -> bytes:
        key = url.removeprefix("https://files.example.com/").removesuffix(".csv")
        begun = self.imports[key]
        failures = begun.data["failures"]
        if self.faults.hit("said.missing", url):
            raise ReportUnavailableError("the report's host answered 500")
        if self.odd("said.unreadable", key):
            return (b"<html>sorry</html>", b"", b"\xff\xfe\x00")[len(failures) % 3]
        text = io.StringIO()
        writer = csv.writer(text)
        if not self.odd("said.out_of_range", key):
            writer.writerow(["Email Address", "Error Reason"])
        is_clear = not self.odd("said.out_of_range", key)
        for place, (row, reason) in enumerate(failures):
            shown = row.upper() if place % 2 else row
            if place == 0 and self.odd("said.foreign", key):
                shown, is_clear = "someone@else.example", False
            writer.writerow([shown, reason])
        if is_clear:
            bad = {row for row, _ in failures}
            self.tell(begun.job_id, {row: row not in bad for row in begun.rows})
        return text.getvalue().encode("utf-8-sig")

    def truth(self, job_id: str, identity: str) -> frozenset[Outcome]:
        brought = self.ledger.brought[identity]
        if job_id in brought:
            good = {Outcome.ACCEPTED, Outcome.UNKNOWN}
            return frozenset(good)
        if brought:
            allowed = {Outcome.EXISTING, Outcome.UNKNOWN, Outcome.REFUSED}
            if (job_id, identity) in self.ledger.doubtful:
                allowed.add(Outcome.ACCEPTED)  # presumed
            return frozenset(allowed)
        if self.fate(identity) == "suppressed":
            return _NOT_GOOD | {Outcome.SUPPRESSED}
        return _NOT_GOOD


# ---------------------------------------------------------------- Waalaxy


class WaalaxyVendor(Vendor):
    """Answers row by row at once, without a place and perhaps without an order."""

    name = "waalaxy"
    base = "https://developers.waalaxy.com"
    key_header = ("Authorization", "Bearer ")
    cell = "first_name"

    @classmethod
    def destination(cls, rng: Any, rows: int) -> dict[str, Any]:
        return {
            "prospect_list_id": "l1",
            "batch_rows": rows,
            "can_create_duplicates": rng.random() < 0.35,
        }

    def rows_of(self, path: str, body: Any) -> list[str]:
        return [slug_of(prospect["url"]) for prospect in body["prospects"]]

    def serve(self, endpoint: str, path: str, body: Any, job_id: str) -> Reply:
        prospects = body["prospects"]
        rows = self.rows_of(path, body)
        place = f"{job_id} {rows[0]}"
        if self.faults.hit("said.refused_request", place):
            return Reply(400, {"code": "V000400-001", "message": "prospects is wrong"})
        if self.refused_for(job_id, rows):
            return Reply(401, {"code": "R000401-003", "message": "bad LinkedIn URL"})
        is_busy = len(rows) > 1 and self.faults.hit("said.too_large", place)
        twice = body.get("canCreateDuplicates", False)
        elements = []
        for prospect in prospects[: len(rows) // 2] if is_busy else prospects:
            slug = slug_of(prospect["url"])
            code = self._imported(job_id, slug, twice=twice)
            if code not in ("server_error", "profile_deleted"):
                name = prospect.get("customProfile", {}).get("firstName", "")
                self.take(job_id, [(slug, name)])
                if twice:
                    self.ledger.runs[job_id, slug] += 1
            elements.append(self._element(slug, code))
        elements, clear = self._shown(place, elements, is_busy=is_busy)
        if len(clear) == len(prospects) and not is_busy:
            self.tell(job_id, clear)
        else:
            self.ledger.doubtful |= {(job_id, row) for row in rows}
        key = "prospects" if self.odd("said.unknown_word", place) else "result"
        return Reply(429 if is_busy else 200, {key: elements})

    def _imported(self, job_id: str, slug: str, *, twice: bool) -> str:
        fate = self.fate(slug)
        if fate == "bad":
            return "profile_deleted"
        if fate == "suppressed":
            return "unknown_word_of_theirs"
        if self.faults.hit("said.refused_request", f"row {slug}"):
            return "server_error"
        if self.ledger.brought[slug] and not twice:
            return "duplicated_prospect"
        self.bring(job_id, slug)
        return "success"

    def _element(self, slug: str, code: str) -> dict[str, Any]:
        profile = {"profile": {"publicIdentifier": slug}, "_id": f"p-{slug}"}
        return {"importCode": code, "prospect": profile}

    def _shown(
        self, place: str, elements: list[dict[str, Any]], *, is_busy: bool
    ) -> tuple[list[dict[str, Any]], dict[str, bool | None]]:
        """Return what is shown, and of which rows it leaves no doubt."""
        clear: dict[str, bool | None] = {
            e["prospect"]["profile"]["publicIdentifier"]: e["importCode"] == "success"
            for e in elements
            if e["importCode"] in ("success", "profile_deleted", "duplicated_prospect")
        }
        names = [e["prospect"]["profile"]["publicIdentifier"] for e in elements]
        if self.faults.hit("said.shuffled", place):
            elements = elements[::-1]
        # A 429 names all that was taken: what it leaves out must be sent again.
        if elements and not is_busy and self.faults.hit("said.missing", place):
            elements, clear = elements[:-1], {}
        if elements and self.faults.hit("said.foreign", place):
            elements = [self._element("someone-else", "success"), *elements[1:]]
            clear = {}
        if elements and self.faults.hit("said.duplicate", place):
            elements, clear = [*elements, elements[0]], {}
        # Without names only the order is left, and it has to be the true one.
        shown = [e["prospect"]["profile"]["publicIdentifier"] for e in elements]
        if shown == names and self.faults.hit("said.unreadable", place):
            elements = [{"importCode": e["importCode"]} for e in elements]
        return elements, clear

    def truth(self, job_id: str, identity: str) -> frozenset[Outcome]:
        brought = self.ledger.brought[identity]
        if job_id in brought:
            good = {Outcome.CONFIRMED, Outcome.UNKNOWN}
            if (job_id, identity) in self.ledger.doubtful:
                good.add(Outcome.ACCEPTED)
            return frozenset(good)
        if brought:
            allowed = {Outcome.EXISTING, Outcome.UNKNOWN, Outcome.REFUSED}
            if (job_id, identity) in self.ledger.doubtful:
                allowed.add(Outcome.ACCEPTED)
            return frozenset(allowed)
        return _NOT_GOOD


# ---------------------------------------------------------------- Which50


_LOOKED_AFTER = timedelta(minutes=10)
"""After this long without a word, nobody need believe that an import is still running."""


class Which50Vendor(Vendor):
    """Creates a job, loads it, runs it, and ends with counters."""

    name = "which50"
    base = "https://app.which50.com/Which50API"
    key_header = ("Authorization", "")
    cell = "FirstName"

    _WORDS = ("Completed", "Finished", "ImportComplete", "done", "Processed OK")

    @classmethod
    def destination(cls, rng: Any, rows: int) -> dict[str, Any]:
        del rows
        events = ["Welcome"] if rng.random() < 0.35 else []
        return {"contact_list_id": 42, "custom_events": events}

    def endpoint(self, method: str, path: str) -> str:
        plain = path.partition("?")[0]
        if plain.endswith("/run"):
            return "commit"
        if plain.endswith(("/fields", "/import")):
            return "open"
        return super().endpoint(method, path)

    def rows_of(self, path: str, body: Any) -> list[str]:
        if isinstance(body, list):
            return [contact["Values"]["Email"].lower() for contact in body]
        begun = self.imports.get(_number_in(path))
        return list(begun.rows) if begun else []

    def serve(self, endpoint: str, path: str, body: Any, job_id: str) -> Reply:
        if endpoint == "open":
            return self._open(path, body, job_id)
        key = _number_in(path)
        begun = self.imports.get(key)
        if begun is None:
            return Reply(404, {"Message": "no such job"})
        if endpoint == "send":
            return self._load(begun, body, job_id, key)
        if endpoint == "commit":
            return self._run(begun, path, key)
        begun.data["seen"] = self.now()
        if begun.data["runs"] and begun.ending == "lost":
            return Reply(404, {"Message": "no such job"})
        return Reply(200, self._job(key, begun))

    def _look_beside(self, key: str, begun: Import) -> None:
        """See whether another import is running on the list, of a job that still looks after it."""
        if self.world.frame.is_zombie or self.world.frame.label == "nobody":
            return
        for other_key, other in self.imports.items():
            job = self.world.jobs.jobs[other.job_id]
            is_running = other.data["runs"] and self.share(other) < 1 and other.ending != "lost"
            if other_key == key or job.state.is_terminal or not is_running:
                continue
            if self.now() - other.data["seen"] < _LOOKED_AFTER:
                self.ledger.wrong.append(f"§8.8 jobs {other_key} and {key} ran at once on a list")

    def _open(self, path: str, body: Any, job_id: str) -> Reply:
        if path.endswith("/fields"):
            if self.odd("said.missing", f"{job_id} fields"):
                return Reply(403)
            return Reply(200, [{"Name": name} for name in ("Email", "FirstName", "LastName")])
        names = set(body["FieldNames"])
        begun = self.begin(key := str(900 + len(self.imports)), job_id, [], runs=0, names=names)
        return Reply(200, self._job(key, begun))

    def _load(self, begun: Import, body: Any, job_id: str, key: str) -> Reply:
        rows = self.rows_of("", body)
        place = f"{job_id} {rows[0]}"
        if self.faults.hit("said.refused_request", place):
            return Reply(417, {"Message": "invalid parameters"})
        if self.refused_for(job_id, rows):
            return Reply(400, {"Message": "a contact is wrong"})
        if len(rows) > 1 and self.faults.hit("said.too_large", place):
            return Reply(413)
        if begun.data["runs"]:
            self.ledger.wrong.append(f"job {key} was loaded after it had been run")
        if not all(set(contact["Values"]) <= begun.data["names"] for contact in body):
            self.ledger.wrong.append(f"job {key} was loaded with fields that it does not take")
        self.take(job_id, ((c["Values"]["Email"].lower(), c["Values"]["FirstName"]) for c in body))
        begun.rows += rows
        return Reply(200, body)

    def _run(self, begun: Import, path: str, key: str) -> Reply:
        if begun.data["runs"] and self.odd("said.refused_rows", f"run {key}"):
            return Reply(417, {"Message": "the job is running"})
        if not begun.data["runs"]:
            if self.odd("said.refused_rows", f"first run {key}"):
                return Reply(417, {"Message": "the job cannot be run"})
            begun.created = self.now()
        self._look_beside(key, begun)
        begun.data["seen"] = self.now()
        if len(set(begun.rows)) != len(begun.rows):
            self.ledger.wrong.append(f"job {key} was run with a doubtful load")
        begun.data["runs"] += 1
        if "customevents=" in path:
            self.ledger.runs.update((begun.job_id, row) for row in begun.rows)
        if begun.ending in ("completed", "lost"):
            for row in begun.rows:
                if self.fate(row) not in ("bad", "suppressed"):
                    self.bring(begun.job_id, row)
        return Reply(200, self._job(key, begun))

    def _job(self, key: str, begun: Import) -> dict[str, Any]:
        said: dict[str, Any] = {
            "Id": int(key),
            "ContactListId": 42,
            "CurrentStatus": "Created",
            "ProgressPercent": 0,
            "FinishDate": "0001-01-01T00:00:00",
        }
        counters = ("Inserted", "Updated", "NotUpdated", "Dropped", "Total")
        said |= {f"{name}Contacts": 0 for name in counters}
        said |= {"InvalidEmailCount": 0, "InvalidSmsCount": 0}
        if not begun.data["runs"]:
            return said
        share = self.share(begun)
        if share < 1:
            word = "Completing" if self.faults.hit("said.unknown_word", key) else "Running"
            return said | {"CurrentStatus": word, "ProgressPercent": int(share * 100)}
        if begun.ending == "failed":
            said |= {"CurrentStatus": "Import failed", "ProgressPercent": 30}
            return said | {"FinishDate": "2026-03-02T10:00:00.1234567+00:00"}
        good = [row for row in begun.rows if begun.job_id in self.ledger.brought[row]]
        known = [row for row in good if self.fate(row) == "known"]
        said |= {
            "CurrentStatus": self._WORDS[len(begun.rows) % len(self._WORDS)],
            "ProgressPercent": 100,
            "FinishDate": "2026-03-02T10:00:00.1234567+00:00",
            "InsertedContacts": len(good) - len(known),
            "UpdatedContacts": len(known),
            "TotalContacts": len(good),
        }
        is_clear = len(good) == len(begun.rows)
        if self.odd("said.foreign", key):  # a row that is not taken, for one that is counted twice
            said["InvalidEmailCount"] = len(begun.rows) - len(good)
            is_clear = is_clear and not said["InvalidEmailCount"]
        if self.odd("said.missing", key):
            del said["UpdatedContacts"]
            is_clear = False
        if self.odd("said.unknown_word", f"{key} end"):
            said["CurrentStatus"] = "CompletedWithErrors"
            is_clear = False
        if self.odd("said.duplicate", key):
            said["FinishDate"] = None
            is_clear = False
        if is_clear:
            self.tell(begun.job_id, dict.fromkeys(begun.rows, True))
        return {k.lower(): v for k, v in said.items()} if self.odd("said.shuffled", key) else said

    def most(self, rule: AfterCrash, resends: int) -> int:
        """Loads change nothing; what counts is how often a job with the row is run."""
        return 12

    def truth(self, job_id: str, identity: str) -> frozenset[Outcome]:
        if job_id in self.ledger.brought[identity]:
            return frozenset({Outcome.ACCEPTED, Outcome.UNKNOWN})
        return _NOT_GOOD


def slug_of(url: str) -> str:
    """Return the last part of a profile's address."""
    return url.rstrip("/").rpartition("/")[2].lower()


def _number_in(path: str) -> str:
    found = re.search(r"/import/(\d+)", path)
    return found[1] if found else ""


VENDORS: dict[str, Callable[[World], Vendor]] = {
    vendor.name: vendor
    for vendor in (
        ActiveCampaignVendor,
        KakiyoVendor,
        SaleshandyVendor,
        WaalaxyVendor,
        Which50Vendor,
    )
}
