"""Good answers of which one member at a time is odd: a row is good only where the answer proves it.

What proves it is said here once more, from the pages in `docs/providers` and not from the adapters:
if either is wrong, they differ. Which member is odd, and how, is not left to luck. An adapter may
be stricter than that, and leave a row unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from listdrop.errors import ListdropError
from listdrop.models import Group, Outcome
from listdrop.providers.base import Batch, BatchRow, Handle
from listdrop.providers.http import Answer
from tests.fuzz.answers import HANDLES, ODD, SESSION, Replay, account_of, provider_of, rows_of

_MORE: Sequence[Any] = ("true", "1", 3, "3", 3.0, {"a": 1}, ["x"], "bo@example.com", "bo-example")
_NO_NUMBER_OF_JSON = 2**63
_GOOD, _REFUSED = Group.GOOD, Outcome.REFUSED

Rows = Sequence[BatchRow]
Proof = Callable[[Any, Rows], Mapping[int, Group | Outcome]]


class Case(NamedTuple):
    """A good answer to a call of a provider, and which rows an answer of its kind proves what."""

    name: str
    call: str
    body: Any
    proof: Proof


def odd_ones(body: Any) -> Iterator[Any]:
    """Yield a body with each of its members odd in turn, missing, twice, or of another place."""
    odd = [each for each in ODD if not isinstance(each, int) or abs(each) < _NO_NUMBER_OF_JSON]
    for place in _places(body):
        yield from (_with(body, place, each) for each in (*odd, *_MORE))
        if place:
            *before, last = place
            around = _at(body, before)
            if isinstance(around, dict):
                yield _with(
                    body, before, {key: each for key, each in around.items() if key != last}
                )
            else:
                yield _with(body, before, [*around[:last], *around[last + 1 :]])
                yield _with(body, before, [*around, around[last]])
                yield _with(body, before, [around[last], *around[:last], *around[last + 1 :]])


def _places(body: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield place
    if isinstance(body, dict | list):
        for key in body if isinstance(body, dict) else range(len(body)):
            yield from _places(body[key], (*place, key))


def _at(body: Any, place: Sequence[Any]) -> Any:
    for key in place:
        body = body[key]
    return body


def _with(body: Any, place: Sequence[Any], value: Any) -> Any:
    if not place:
        return value
    changed = orjson.loads(orjson.dumps(body))
    _at(changed, place[:-1])[place[-1]] = value
    return changed


# ---------------------------------------------------------------- what proves it


def _queued(body: Any, rows: Rows) -> Mapping[int, Group | Outcome]:
    """Prove nothing: a receipt makes no row good."""
    del body, rows
    return {}


def _by_failures(body: Any, rows: Rows) -> Mapping[int, Group | Outcome]:
    """ActiveCampaign, 4: who is not in `failure`, if that says all, or all others have an id."""
    status = body.get("status") if isinstance(body, dict) else None
    if not isinstance(status, str) or status not in ("completed", "failed", "interrupted"):
        return {}
    listed = body.get("failure")
    failed = [str(each).strip().lower() for each in listed] if isinstance(listed, list) else []
    proven: dict[int, Group | Outcome] = {r.row: _REFUSED for r in rows if r.identity in failed}
    ids = body.get("success") if isinstance(body.get("success"), list) else []
    told = {str(each).strip() for each in ids if type(each) in (int, str)} - {""}
    says_all = isinstance(listed, list) and {*failed} <= {row.identity for row in rows}
    if status == "completed" and (says_all or len(told) >= len(rows) - len(proven)):
        return {row.row: _GOOD for row in rows} | proven
    return proven


def _by_chats(body: Any, rows: Rows) -> Mapping[int, Group | Outcome]:
    """Kakiyo, 3.2: whose only entry, by its place, is of the profile and has a chat (`true`)."""
    report = body.get("report") if isinstance(body, dict) else None
    entries = (
        [each for each in report if isinstance(each, dict)] if isinstance(report, list) else []
    )
    proven: dict[int, Group | Outcome] = {}
    for place, row in enumerate(rows):
        ours = [each for each in entries if type(each.get("index")) is int]
        ours = [each for each in ours if each["index"] == place]
        said = [str(ours[0].get(key) or "") for key in ("inputUrl", "linkedinSlug")] if ours else []
        if len(ours) != 1 or any(each.strip() and row.identity not in each for each in said):
            continue
        if ours[0].get("chatCreated") is True:
            proven[row.row] = _GOOD
        elif ours[0].get("chatCreated") is False and "invalid" in str(ours[0].get("status")):
            proven[row.row] = _REFUSED
    return proven


def _by_completion(body: Any, rows: Rows) -> Mapping[int, Group | Outcome]:
    """Saleshandy, 4: all, if it is completed on every level that says so, without any link."""
    levels = [body, body.get("payload")] if isinstance(body, dict) else []
    said = [pair for level in levels if isinstance(level, dict) for pair in level.items()]
    flags = [value for key, value in said if key == "isCompleted" and value is not None]
    links = [value for key, value in said if key in ("failedProspectsURL", "reportURL")]
    is_over = bool(flags) and all(flag is True for flag in flags)
    if is_over and all(link is None or link == "" for link in links):
        return {row.row: _GOOD for row in rows}
    return {}


def _by_codes(body: Any, rows: Rows) -> Mapping[int, Group | Outcome]:
    """Waalaxy, 3: whose element says `success` for the import and for the enrolment."""
    listed = body.get("result") or body.get("prospects") if isinstance(body, dict) else body
    elements = listed if isinstance(listed, list) else []
    names = [_name_of(element) for element in elements]
    in_order = len(elements) == len(rows) and all(
        name in ("", row.identity) for name, row in zip(names, rows, strict=True)
    )
    proven: dict[int, Group | Outcome] = {}
    for place, row in enumerate(rows):
        ours = (
            [place] if in_order else [at for at, name in enumerate(names) if name == row.identity]
        )
        element = elements[ours[0]] if len(ours) == 1 else None
        told = element if isinstance(element, dict) else {}
        codes = [told.get(key) for key in ("importCode", "addToCampaignCode")]
        if codes == ["success", "success"]:
            proven[row.row] = _GOOD
        elif isinstance(codes[0], str) and codes[0].strip() and codes[0] != "duplicated_prospect":
            is_told = codes[0] != "success" or isinstance(codes[1], str)
            proven |= {row.row: _REFUSED} if is_told else {}
    return proven


def _name_of(element: Any) -> str:
    prospect = element.get("prospect") if isinstance(element, dict) else None
    profile = prospect.get("profile") if isinstance(prospect, dict) else None
    name = profile.get("publicIdentifier") if isinstance(profile, dict) else None
    return name.strip() if isinstance(name, str) else ""


def _by_counters(body: Any, rows: Rows) -> Mapping[int, Group | Outcome]:
    """Which50, 4.2 and 4.3: all, if a job that has ended well counts each, and no fault."""
    told = {key.lower(): each for key, each in body.items()} if isinstance(body, dict) else {}
    wrote: list[Any] = [
        told.get(f"{each}contacts") for each in ("inserted", "updated", "notupdated")
    ]
    faults = [told.get("droppedcontacts"), told.get("invalidemailcount")]
    if any(type(each) is not int or each < 0 for each in (*wrote, *faults)) or any(faults):
        return {}
    others: list[Any] = [told.get(key) for key in ("totalcontacts", "invalidsmscount")]
    if any(each is not None and (type(each) is not int or each < 0) for each in others):
        return {}
    status, percent = str(told.get("currentstatus")), told.get("progresspercent", 0)
    is_full = type(percent) in (int, float) and percent >= 100
    has_ended = re.match("2[0-9]{3}-", str(told.get("finishdate"))) and (
        is_full or re.search("complete|success", status, re.I)
    )
    is_ours = (told.get("id"), told.get("contactlistid", 42)) == (901, 42)
    if has_ended and is_ours and sum(wrote) >= len(rows) >= wrote[0] and sum(wrote) > wrote[2]:
        return {row.row: _GOOD for row in rows}
    return {}


_CHATS = {
    "listId": "list",
    "campaignId": "c1",
    "status": "completed",
    "completedAt": "2026-07-01T09:00:30.000Z",
    "report": [
        {
            "index": 0,
            "inputUrl": "https://linkedin.com/in/ada-example",
            "linkedinSlug": "ada-example",
            "status": "imported",
            "message": "",
            "chatCreated": True,
        },
        {"index": 1, "status": "existing", "chatCreated": False, "message": "known"},
        {"index": 2, "status": "invalid_url", "chatCreated": False},
    ],
}
_CODES = {
    "result": [
        {
            "importCode": "success",
            "addToCampaignCode": "success",
            "prospect": {"_id": "p1", "profile": {"publicIdentifier": "ada-example"}},
        },
        {"importCode": "duplicated_prospect", "message": "known"},
        {"importCode": "profile_deleted", "addToCampaignCode": "success"},
    ]
}
_COUNTERS = {
    "Id": 901,
    "ContactListId": 42,
    "CurrentStatus": "Completed",
    "ProgressPercent": 100,
    "FinishDate": "2025-11-24T10:45:01.4007824+00:00",
    "InsertedContacts": 2,
    "UpdatedContacts": 1,
    "NotUpdatedContacts": 0,
    "DroppedContacts": 0,
    "TotalContacts": 3,
    "InvalidEmailCount": 0,
    "InvalidSmsCount": 0,
}
_FAILURES = {"success": ["501", "502"], "failure": ["bo@example.com"]}
CASES = (
    Case("activecampaign", "poll", {"status": "completed", **_FAILURES}, _by_failures),
    Case("activecampaign", "poll", {"status": "failed", **_FAILURES}, _by_failures),
    Case("activecampaign", "send", {"Success": 1, "queued_contacts": 3, "batchId": "b"}, _queued),
    Case("kakiyo", "poll", _CHATS, _by_chats),
    Case("kakiyo", "send", {"message": "ok", "listId": "list"}, _queued),
    Case("saleshandy", "poll", {"payload": {"isCompleted": True, "reportURL": ""}}, _by_completion),
    Case("saleshandy", "poll", {"isCompleted": True, "payload": None}, _by_completion),
    Case("saleshandy", "send", {"message": "ok", "payload": {"requestId": "r"}}, _queued),
    Case("waalaxy", "send", _CODES, _by_codes),
    Case("which50", "poll", _COUNTERS, _by_counters),
    Case("which50", "send", [{"ListId": 42, "ValidationWarnings": []}], _queued),
)


def unproven(case: Case) -> list[str]:
    """Return each odd answer of which an adapter makes a row good or refused without a proof."""
    options = {"verify_prospects": False} if case.name == "saleshandy" else {}
    api, account = provider_of(case.name, **options), account_of(case.name)
    rows = rows_of(api)
    handle = Handle(HANDLES[case.name], [(row.row, row.identity) for row in rows], age=700)
    wrong: list[str] = []
    for body in (case.body, *odd_ones(case.body)):
        http = Replay(iter([Answer(200, {}, orjson.dumps(body))] * 2), b"")
        try:
            if case.call == "send":
                sent = api.send(http, account, Batch(rows, session=SESSION))
                told, rest = sent.results, sent.rest
            else:
                polled = api.poll(http, account, handle)
                told, rest = polled.results, polled.rest if polled.is_terminal else None
        except ListdropError:
            continue
        proven = case.proof(body, rows)
        for row in rows:
            result = told.get(row.row, rest)
            if result is None:
                continue
            wanted = proven.get(row.row)
            is_more = result.outcome.group is _GOOD and wanted is not _GOOD
            is_worse = result.outcome is _REFUSED and wanted is not _REFUSED
            if is_more or is_worse:
                wrong.append(f"row {row.row} is {result.outcome}: {body!r:.500}")
    return wrong
