"""Adapters and simulators, each held to samples of what is known of the real APIs.

Each is tested against the other elsewhere, which finds no mistake that both make. Here an adapter
hears a sample's answer, and must have made the sample's request; a simulator hears the request, and
must answer in the sample's shape. A sample is never bent to what they do: where one of them differs
the sample says so, and no more of that than is known can slip in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from flask import Flask

from listdrop import errors
from listdrop.errors import ListdropError
from listdrop.models import Account, Json, RowResult
from listdrop.providers import REGISTRY
from listdrop.providers.base import Batch, BatchRow, Handle, PollAnswer, Provider, SendAnswer
from listdrop.providers.http import Answer, HttpClient
from local.simulators import SIMULATORS
from local.simulators.base import API_KEY, Fault, Simulator
from tests.contracts.provider import Person, prepare
from tests.support.samples import (
    SAMPLES,
    Expected,
    Request,
    Sample,
    at,
    differences,
    filled,
    in_any_order,
    sample,
    without,
)

ROOT = Path(__file__).parents[2]

BASES = {
    "activecampaign": "https://account.api-us1.com/api/3",
    "kakiyo": "https://api.kakiyo.com/v1",
    "saleshandy": "https://open-api.saleshandy.com",
    "waalaxy": "https://developers.waalaxy.com",
    "which50": "https://app.which50.com/Which50API",
}
"""Where each API is. What stands in its path stands in the samples' paths as well."""

REPORT_HOST = "https://files.example.com"
"""The sheets' own placeholder for the host of a report."""

IDS = frozenset({"batchId", "listId", "requestId", "Id"})
"""Members by which a provider names an import: a simulator's are its own."""


class Counts(NamedTuple):
    """Samples of a provider, and of them those that are not all that a sample should be."""

    samples: int
    unasked: int
    adapter_differs: int
    not_simulated: int
    simulator_differs: int


COUNTS = {
    "activecampaign": Counts(
        samples=45, unasked=3, adapter_differs=0, not_simulated=22, simulator_differs=3
    ),
    "kakiyo": Counts(
        samples=60, unasked=3, adapter_differs=0, not_simulated=31, simulator_differs=12
    ),
    "saleshandy": Counts(
        samples=59, unasked=5, adapter_differs=0, not_simulated=21, simulator_differs=0
    ),
    "waalaxy": Counts(
        samples=54, unasked=2, adapter_differs=0, not_simulated=18, simulator_differs=10
    ),
    "which50": Counts(
        samples=95, unasked=0, adapter_differs=0, not_simulated=48, simulator_differs=3
    ),
}

ALL = [(path.parent.name, path.name) for path in sorted(SAMPLES.glob("*/*.json"))]


def cases(side: str) -> list[Any]:
    """Return the samples that hold this side, as parameters; strict about those that differ."""
    found = []
    for name, file in ALL:
        one = sample(name, file)
        differs = one.adapter_differs if side == "adapter" else ""
        mark = pytest.mark.xfail(
            reason=differs, strict=True, raises=(AssertionError, ListdropError)
        )
        if getattr(one, side) is not None:
            case_id = f"{name}-{file.removesuffix('.json')}"
            found.append(pytest.param(name, file, id=case_id, marks=[mark] if differs else []))
    return found


# ---------------------------------------------------------------- the files


def test_every_folder_of_samples_is_counted() -> None:
    assert {name for name, _ in ALL} == COUNTS.keys() == BASES.keys()


@pytest.mark.parametrize("name", COUNTS)
def test_no_sample_quietly_stops_holding_a_side(name: str) -> None:
    samples = [sample(provider, file) for provider, file in ALL if provider == name]
    assert COUNTS[name] == Counts(
        samples=len(samples),
        unasked=sum(one.adapter is None for one in samples),
        adapter_differs=sum(bool(one.adapter_differs) for one in samples),
        not_simulated=sum(not one.simulated for one in samples),
        simulator_differs=sum(bool(one.simulator and one.simulator.differs) for one in samples),
    )


@pytest.mark.parametrize(("name", "file"), ALL)
def test_a_sample_says_what_it_is_and_where_that_stands(name: str, file: str) -> None:
    one = sample(name, file)
    assert one.what.endswith(".")
    assert one.certainty.startswith(("page", "docs", "seen", "proposed"))
    sheet, cited = one.source.partition(";")[0].split(" section ")
    headings = re.findall(
        r"^#+ (\d[\d.]*\d|\d)\.? ", (ROOT / sheet).read_text("utf-8"), re.MULTILINE
    )
    assert sheet == f"docs/providers/{name}.md"
    assert set(cited.partition(", rule")[0].split(" and ")) <= set(headings)
    assert one.request.path.startswith((urlsplit(BASES[name]).path, "/err.csv"))


@pytest.mark.parametrize("name", sorted(BASES.keys() - {"activecampaign"}))
def test_an_account_without_an_address_is_at_the_providers_own(name: str) -> None:
    secret = {"value": API_KEY} if name == "which50" else {"api_key": API_KEY}
    assert REGISTRY[name].account_model.model_validate(secret).base_url == BASES[name]


# ---------------------------------------------------------------- adapters


class Replay(Simulator):
    """A provider that only gives the answers it was told to: its faults."""

    name = "replay"

    def add_routes(self, app: Flask) -> None:
        """Have no endpoint of its own."""


@dataclass
class Situation:
    """Where a job stands between two exchanges, and what the last call returned."""

    api: Provider[Any, Any]
    rows: Sequence[BatchRow] = ()
    session: Json | None = None
    handle: Json | None = None
    returned: Any = None


class Adapter:
    """An adapter that hears the answers of samples."""

    def __init__(self, name: str, replay: Replay) -> None:
        self.name = name
        self.replay = replay
        self.http = HttpClient(allow_loopback=True)
        self.account = self._account()

    def _account(self) -> Account:
        base = self.replay.url + urlsplit(BASES[self.name]).path
        secret = {"base_url": base} | (
            {"value": API_KEY} if self.name == "which50" else {"api_key": API_KEY}
        )
        model = REGISTRY[self.name].account_model
        return model.model_validate(secret, context={"allow_loopback": True})

    def play(self, one: Sample) -> Situation:
        """Make the call of a sample, after those that come before it."""
        assert one.adapter is not None
        given = one.adapter
        if not given.after:
            destination = {"provider": self.name} | given.destination
            model = REGISTRY[self.name].destination_model
            now = Situation(REGISTRY[self.name](model.model_validate(destination)))
        else:
            earlier = sample(self.name, given.after)
            assert earlier.adapter is not None
            changes = {
                name: getattr(given, name) or getattr(earlier.adapter, name)
                for name in ("destination", "rows")
            }
            call = earlier.adapter.model_copy(update=changes)
            now = self.play(earlier.model_copy(update={"adapter": call}))
        if given.call == "send":
            now.rows = [
                BatchRow(row, *prepare(now.api, Person(row, cells, {})))
                for row, cells in enumerate(given.rows, start=1)
            ]
        self.replay.ledger.clear()
        self._call(now, one)
        return now

    def _call(self, now: Situation, one: Sample) -> None:
        given, api = one.adapter, now.api
        assert given is not None
        if given.call == "poll":
            self._poll(now, one)
            return
        self._expect_requests(one)
        match given.call:
            case "probe":
                REGISTRY[self.name].probe(self.http, self.account)
            case "open":
                now.session = api.open(self.http, self.account)
            case "send":
                batch = Batch(now.rows, session=now.session)
                batch = batch._replace(
                    is_remainder=given.batch.get("is_remainder", False),
                    repeated=frozenset(given.batch.get("repeated", ())),
                    retried=frozenset(given.batch.get("retried", ())),
                )
                now.returned = api.send(self.http, self.account, batch)
                now.handle = now.returned.handle
            case "commit":
                assert now.session is not None
                now.handle = api.commit(self.http, self.account, now.session)
            case "look_up":
                assert now.session is not None
                now.returned = api.look_up(self.http, self.account, now.session)

    def _poll(self, now: Situation, one: Sample) -> None:
        assert one.adapter is not None
        rows = [(row.row, row.identity) for row in now.rows]
        for row, identity in enumerate(one.adapter.identities):
            rows[row] = (rows[row][0], identity)
        missing = 0
        for age in one.adapter.ages:
            assert now.returned is None or not getattr(now.returned, "is_terminal", False)
            assert now.handle is not None
            self._expect_requests(one)
            handle = Handle(now.handle, rows, age, is_repeat=one.adapter.is_repeat, missing=missing)
            polled = now.returned = now.api.poll(self.http, self.account, handle)
            now.handle = polled.handle or now.handle
            missing = missing + 1 if polled.is_missing else 0

    def _expect_requests(self, one: Sample) -> None:
        """Have the sample's answer ready, and those that are heard in the same call."""
        assert one.adapter is not None
        for heard in (one, *(sample(self.name, file) for file in one.adapter.also)):
            self.replay.faults.append(
                Fault(
                    when="before",
                    method=heard.request.method,
                    path=heard.request.path,
                    status=heard.response.status,
                    body=heard.response.text().replace(REPORT_HOST, self.replay.url),
                    headers=heard.response.header_values(),
                )
            )


@pytest.fixture(scope="module")
def server() -> Iterator[Replay]:
    with Replay() as replay:
        yield replay


@pytest.fixture
def replay(server: Replay) -> Replay:
    server.faults.clear()
    return server


@pytest.mark.parametrize(("name", "file"), cases("adapter"))
def test_an_adapter_makes_the_request_and_understands_the_answer(
    name: str, file: str, replay: Replay
) -> None:
    one = sample(name, file)
    assert one.expect is not None
    check_adapter(Adapter(name, replay), one, one.expect)

    assert replay.faults == []
    asked = [r for r in replay.ledger if (r.method, r.path) == one.request_line]
    assert asked, [(r.method, r.path) for r in replay.ledger]
    for received in asked:
        check_request(one, received.query, received.headers, received.body)


@pytest.mark.parametrize(
    ("name", "file"),
    [pytest.param(*case, id="-".join(case)) for case in ALL if sample(*case).instead],
)
def test_an_adapter_that_differs_does_what_is_known_of_it(
    name: str, file: str, replay: Replay
) -> None:
    one = sample(name, file)
    assert one.instead is not None
    check_adapter(Adapter(name, replay), one, one.instead)


def check_adapter(adapter: Adapter, one: Sample, expected: Expected) -> None:
    """Play the sample to the adapter, and check what it returns or raises."""
    assert one.adapter is not None
    if expected.raises:
        with pytest.raises(getattr(errors, expected.raises)) as raised:
            adapter.play(one)
        check_error(raised.value, expected)
        return
    now = adapter.play(one)
    if expected.started is not None:
        assert (now.returned is not None) is expected.started
    if expected.rows:
        check_answer(now.returned, [row.row for row in now.rows], expected)


def check_error(error: Any, expected: Expected) -> None:
    if expected.reason is not None:
        assert error.reason == expected.reason
    if expected.retry_after is not None:
        assert error.retry_after == pytest.approx(expected.retry_after, abs=2)
    for text in expected.unsaid:
        assert text not in f"{error} {error.reason}"


def check_answer(answer: SendAnswer | PollAnswer, rows: Sequence[int], expected: Expected) -> None:
    results: dict[int, RowResult] = dict(answer.results)
    if isinstance(answer, PollAnswer):
        other = "waiting"
        rest = answer.rest if answer.is_terminal else None
    else:
        other = "again" if answer.handle is None else "taken"
        rest = answer.rest
        assert answer.max_rows == expected.max_rows
        assert answer.retried == expected.retried
    if rest is not None:
        results |= {row: rest for row in rows if row not in results}
    words = {row: results[row].outcome.value if row in results else other for row in rows}
    allowed = {
        row: (word,) if isinstance(word, str) else word for row, word in expected.rows.items()
    }
    assert words.keys() == allowed.keys()
    assert all(words[row] in allowed[row] for row in rows), words
    assert {row: results[row].reason for row in expected.reasons} == expected.reasons
    found = {row: results[row].warning for row in expected.row_warnings}
    assert found == expected.row_warnings
    assert {row: results[row].provider_ref for row in expected.refs} == expected.refs
    assert set(answer.warnings) == expected.warnings


def check_request(one: Sample, query: Any, headers: Any, body: Any) -> None:
    """Check what arrived against the sample: everything but headers that it does not name."""
    assert one.adapter is not None
    assert query == one.request.query
    arrived = {name.lower(): value for name, value in headers.items()}
    for name, value in one.request.headers.items():
        wanted = None if value is None else value.replace("{key}", API_KEY)
        assert arrived.get(name.lower()) == wanted, name
    if not one.adapter.sends_other_body:
        known = without(one.request.body, one.adapter.leaves_out)
        order = one.adapter.any_order
        assert in_any_order(body, order) == in_any_order(known, order)


# ---------------------------------------------------------------- simulators


class Clock:
    """Time that only passes where a sample says so."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def now(self) -> float:
        return self.seconds


class Caller:
    """Somebody who knows no adapter, and sends a simulator the requests of samples."""

    def __init__(self, name: str, simulator: Simulator, clock: Clock) -> None:
        secret = simulator.account()
        model = REGISTRY[name].account_model
        account: Any = model.model_validate(secret, context={"allow_loopback": True})
        self.name = name
        self.clock = clock
        self.base = account.base_url
        self.key = secret.get("value") or secret["api_key"]
        self.http = HttpClient(allow_loopback=True)
        self.ids: dict[str, str] = {}
        self.link = ""

    def send(self, one: Sample, swap: dict[str, str], headers: dict[str, str | None]) -> Answer:
        """Send a sample's request, with other texts and headers where they are given."""
        asked = self._asked(one, swap)
        body = asked.body if isinstance(asked.body, str | None) else json.dumps(asked.body)
        answer = self.http.request(
            asked.method,
            self.base + asked.path.removeprefix(urlsplit(BASES[self.name]).path),
            headers={
                name: value.replace("{key}", self.key)
                for name, value in (self._headers(one) | headers).items()
                if value is not None
            },
            params=asked.query,
            body=None if body is None else body.encode(),
        )
        self._remember(one.response.body, answer.json())
        return answer

    def _asked(self, one: Sample, swap: dict[str, str]) -> Request:
        """Return the request with its texts swapped, about the import that the simulator named."""
        place = json.dumps([one.request.path, one.request.query])
        for old, new in self.ids.items():
            place = place.replace(old, new)
        path, query = json.loads(place)
        text = filled(json.dumps({"path": path, "query": query, "body": one.request.body}))
        for old, new in swap.items():
            text = text.replace(old, new)
        return Request.model_validate(
            json.loads(text) | {"method": one.request.method, "headers": {}}
        )

    def _headers(self, one: Sample) -> dict[str, str | None]:
        """Return the headers of a request, with a good key where the sample says nothing of it."""
        kind = {} if one.request.body is None else {"Content-Type": "application/json"}
        keys = {
            "activecampaign": {"Api-Token": "{key}"},
            "saleshandy": {"x-api-key": "{key}"},
            "which50": {"Authorization": "{key}"},
        }
        key = keys.get(self.name, {"Authorization": "Bearer {key}"})
        return {**key, **kind, **one.request.headers}

    def _remember(self, known: Any, said: Any) -> None:
        """Note what a simulator calls the imports that samples name, and what it links to."""
        if not isinstance(known, dict) or not isinstance(said, dict):
            return
        for name, value in said.items():
            if name in IDS and name in known:
                self.ids[str(known[name])] = str(value)
            if isinstance(value, str) and value.startswith("http"):
                self.link = value
            self._remember(known.get(name), value)

    def play(self, one: Sample) -> Answer:
        """Do what leads to the sample, then send its own request."""
        assert one.simulator is not None
        for step in one.simulator.before:
            for _ in range(step.times):
                self.clock.seconds += step.wait
                self.send(sample(self.name, step.sample), one.simulator.swap, {})
        self.clock.seconds += one.simulator.wait
        if one.simulator.link:
            assert self.link
            return self.http.request("GET", self.link, headers={})
        return self.send(one, one.simulator.swap, one.simulator.headers)


@pytest.mark.parametrize(("name", "file"), cases("simulator"))
def test_a_simulator_answers_in_the_shape_of_the_sample(
    name: str, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = sample(name, file)
    assert one.simulator is not None
    with SIMULATORS[name]() as simulator:
        clock = Clock()
        monkeypatch.setattr(simulator, "now", clock.now)
        for member, value in one.simulator.set.items():
            assert hasattr(simulator, member)
            setattr(simulator, member, value)
        answer = Caller(name, simulator, clock).play(one)

    assert answer.status == one.response.status
    found = [
        f"{header}: left out" for header in one.response.headers if not answer.headers.get(header)
    ]
    if isinstance(one.response.body, str):
        assert answer.body
        assert answer.json() is None
    elif one.response.body is not None:
        found += differences(one.response.body, answer.json())
    assert sorted(found) == sorted(one.simulator.differs)
    for path in one.simulator.same:
        assert at(answer.json(), path) == at(one.response.body, path), path
