"""Providers' answers, mutated, for as long as it is told: `make fuzz`.

Each begins as the answer of a sample. An adapter hears it in `send` or `poll`, and settles rows, or
raises an error of ours; anything else is a failure, and is printed with its seed. What it returns
is about rows of the request and can be stored, and no row is good unless the answer was a
success.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from listdrop.errors import ListdropError
from listdrop.models import Account, Group, Json, RowResult
from listdrop.providers import REGISTRY
from listdrop.providers.base import Batch, BatchRow, Handle, PollAnswer, Provider, SendAnswer
from listdrop.providers.http import Answer, HttpClient, checked_link
from tests.contracts.provider import Person, prepare
from tests.support.samples import SAMPLES, Sample, sample

_KEY = "k" * 40
_ACCOUNTS: Mapping[str, dict[str, str]] = {
    "activecampaign": {"base_url": "https://account.api-us1.com", "api_key": _KEY},
    "which50": {"value": _KEY},
}
_OPTIONS: Mapping[str, dict[str, Any]] = {
    "activecampaign": {"lists": [1]},
    "kakiyo": {"campaign_id": "c1"},
    "saleshandy": {"step_id": "s1", "verify_prospects": True, "conflict_action": "noUpdate"},
    "waalaxy": {"prospect_list_id": "l1", "campaign_id": "c1"},
    "which50": {"contact_list_id": 42},
}
HANDLES: Mapping[str, Json] = {
    "activecampaign": {"batch_id": "b"},
    "kakiyo": {"list_id": "list", "rows": [1, 2, 3], "noted": [], "members": []},
    "saleshandy": {"request_id": "r"},
    "waalaxy": {},
    "which50": {"job_id": 901, "digest": "d", "repeats": 0, "changed_at": 0, "rows": 3},
}
SESSION: Json = {"job_id": 901, "fields": ["Email"], "created_status": ""}
_STATUSES = (200, 200, 201, 204, 302, 303, 400, 401, 403, 404, 408, 413, 417, 422, 429, 500, 503)
_HEADERS = ("Retry-After", "x-ratelimit-reset", "x-ratelimit-remaining")
ODD: Sequence[Any] = (
    None, True, False, 0, -1, 1, 2**53, 10**30, 1.5, -0.0, 1e308, "", " ", "0", "success",
    "completed", "\x00", "\u202e", "é" * 600, "9" * 400, "2025-11-24T10:45:01.4007824+00:00",
    "0001-01-01T00:00:00", [], [[]], {}, {"": None}, [None], [0], {"0": 0},
    "https://files.example.com/e.csv", "//",
)  # fmt: skip


class Replay(HttpClient):
    """A client that has the answers already."""

    def __init__(self, answers: Iterator[Answer], report: bytes) -> None:
        super().__init__()
        self._answers = answers
        self._report = report

    def request(self, *_: Any, **__: Any) -> Answer:
        """Return the next answer."""
        return next(self._answers)

    def fetch_report(self, url: str, **_: Any) -> bytes:
        """Return the report, if its link can be one: the check is the real one."""
        checked_link(url, allow_loopback=False)
        return self._report


def known() -> list[tuple[str, Sample]]:
    """Return the samples whose answers an adapter hears, by provider."""
    files = [(path.parent.name, path.name) for path in sorted(SAMPLES.glob("*/*.json"))]
    return [(name, one) for name, file in files if (one := sample(name, file)).adapter]


def changed(value: Any, luck: random.Random) -> Any:
    """Change a member or two of a JSON value: another value, none, one twice, of another place."""
    found = orjson.loads(orjson.dumps(value))
    for _ in range(luck.choice((0, 1, 1, 2, 4))):
        found = _changed_once(found, luck)
    return found


def _changed_once(value: Any, luck: random.Random) -> Any:
    if not isinstance(value, dict | list) or not value or luck.random() < 0.15:
        return luck.choice(ODD)
    if isinstance(value, list):
        place = luck.randrange(len(value))
        kind = luck.randrange(4)
        if kind == 0:
            return value[:place] + value[place + 1 :]
        if kind == 1:
            return [*value, value[place]]
        return [*value[:place], _changed_once(value[place], luck), *value[place + 1 :]]
    name = luck.choice(sorted(value))
    if luck.random() < 0.2:
        return {key: each for key, each in value.items() if key != name}
    return value | {name: _changed_once(value[name], luck)}


def answer_of(one: Sample, luck: random.Random) -> Answer:
    """Return a sample's answer with another body, status or header."""
    said = one.response.body
    if isinstance(said, dict | list):
        content = _encoded(changed(said, luck))
    else:
        content = one.response.text().encode() or _encoded(luck.choice(ODD))
    if luck.random() < 0.15:
        place = luck.randrange(len(content) + 1)
        content = (
            content[:place] + luck.choice((b"", b"\xff", b'"', b"{", b"[" * 200)) + content[place:]
        )
    status = one.response.status if luck.random() < 0.7 else luck.choice(_STATUSES)
    headers = one.response.header_values()
    if luck.random() < 0.3:
        headers[luck.choice(_HEADERS)] = str(luck.choice(ODD))[:300]
    return Answer(status, headers, content)


def _encoded(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # an integer of more than 64 bits
        return str(value).encode()


def heard(name: str, one: Sample, luck: random.Random) -> str:
    """Have an adapter hear an answer; returns what it did, or how it failed."""
    api = provider_of(name)
    rows = rows_of(api)
    first, later = answer_of(one, luck), answer_of(one, luck)
    http = Replay(iter([first, later]), later.body)
    account = account_of(name)
    kind = luck.choice(("send", "poll"))
    given: SendAnswer | PollAnswer
    try:
        if kind == "send":
            given = api.send(http, account, Batch(rows, session=SESSION))
        else:
            handle = Handle(
                HANDLES[name], [(row.row, row.identity) for row in rows], age=700, missing=9
            )
            given = api.poll(http, account, handle)
        wrong = _wrong(given, rows, first)
    except ListdropError as error:
        return type(error).__name__
    except Exception as error:  # noqa: BLE001 # that is what is looked for
        wrong = f"{type(error).__name__}: {error}"
    return f"FAILED in {kind}: {wrong} ({first.status} {first.body!r:.300})" if wrong else kind


def _wrong(given: SendAnswer | PollAnswer, rows: Sequence[BatchRow], answer: Answer) -> str:
    """Return what is wrong with an adapter's answer; empty if nothing is."""
    results = dict(given.results)
    if not results.keys() <= {row.row for row in rows}:
        return "rows that were not sent"
    rest = given.rest if isinstance(given, SendAnswer) or given.is_terminal else None
    told: list[RowResult] = [*results.values(), *([rest] if rest else [])]
    if any(not isinstance(text, str) for result in told for text in result):
        return "a result that is no text"
    orjson.dumps([list(map(list, told)), given.handle, list(given.warnings), given.raw_status])
    if any(result.outcome.group is Group.GOOD for result in told) and not (
        answer.is_success or answer.status == 429
    ):
        return "a good row without a success"
    return ""


def provider_of(name: str, **options: Any) -> Provider[Any, Any]:
    """Return an adapter, for a destination with these options."""
    model = REGISTRY[name].destination_model
    return REGISTRY[name](model.model_validate({"provider": name} | _OPTIONS[name] | options))


def account_of(name: str) -> Account:
    """Return an account of a provider."""
    return REGISTRY[name].account_model.model_validate(_ACCOUNTS.get(name, {"api_key": _KEY}))


def rows_of(api: Provider[Any, Any]) -> list[BatchRow]:
    """Return three rows as an adapter prepares them."""
    people = (("ada", "Ada"), ("bo", "Bo"), ("cy", "Cy"))
    return [
        BatchRow(
            row,
            *prepare(
                api,
                Person(
                    row,
                    {
                        "email": f"{short}@example.com",
                        "first_name": first,
                        "linkedin_url": f"https://www.linkedin.com/in/{short}-example",
                    },
                    {},
                ),
            ),
        )
        for row, (short, first) in enumerate(people, start=1)
    ]


def fuzz(seed: int, seconds: float) -> tuple[Counter[str], list[str]]:
    """Try answers for `seconds`; return what adapters did, and what failed."""
    luck = random.Random(seed)
    samples = known()
    counts: Counter[str] = Counter()
    failures: list[str] = []
    ends_at = time.monotonic() + seconds
    number = 0
    while time.monotonic() < ends_at:
        luck.seed(f"{seed}/{number}")
        name, one = luck.choice(samples)
        said = heard(name, one, luck)
        counts[said.partition(" ")[0]] += 1
        if said.startswith("FAILED"):
            failures.append(f"seed {seed}, answer {number} ({name}): {said}")
        number += 1
    return counts, failures
