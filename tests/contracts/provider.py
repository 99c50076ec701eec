"""The contract: what every provider must do over real HTTP, whatever its API is like.

A provider's test class names its adapter, its simulator, a destination, and how its prospects
look; it inherits the tests below and adds only what is special to it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, NamedTuple

import pytest

from listdrop.errors import (
    FateUnknownError,
    InvalidRowError,
    ListdropError,
    NotSentError,
    ProviderBusyError,
    StopJobError,
)
from listdrop.models import Account, Json, Outcome, RowResult
from listdrop.prospects.columns import map_columns
from listdrop.prospects.mapping import Mapper
from listdrop.providers import REGISTRY
from listdrop.providers.base import Batch, BatchRow, Handle, Provider, SendAnswer
from listdrop.providers.http import Answer, HttpClient
from local.simulators.base import Fault, Simulator


class Person(NamedTuple):
    """A row of an upload: canonical fields, and other columns by their headers."""

    row: int
    fields: dict[str, str]
    custom: dict[str, str]


class Ready(NamedTuple):
    """What a provider prepared, for tests that look deep into it."""

    identity: str
    payload: Any


def prepare(api: Provider[Any, Any], person: Person) -> Ready:
    """Read the person from a table of one row, as Submit does, and prepare it."""
    columns = map_columns([*person.fields, *person.custom], {})
    cells = [*person.fields.values(), *person.custom.values()]
    reads = None if api.reads is None else api.reads.keys()
    mapper = Mapper(columns, reads, api.asks_for)
    prepared = api.prepare_all(mapper.map([cells]).prospects(api.reads, api.asks_for))
    for place, result in prepared.invalid.items():
        raise InvalidRowError(result.reason, result.reason_text, prepared.identities[place])
    return Ready(*prepared.identities, *prepared.payloads)


class Recorded(HttpClient):
    """Keeps the last answer that came."""

    last = Answer(0, {}, b"")

    def request(self, *args: Any, **members: Any) -> Answer:
        self.last = super().request(*args, **members)
        return self.last


class Replayed(HttpClient):
    """Has one answer to every request."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._answer = answer

    def request(self, *_: Any, **__: Any) -> Answer:
        return self._answer


GOOD = {Outcome.CONFIRMED, Outcome.ACCEPTED}
NO_SUCCESS = (302, 303, 400, 408, 409, 422, 429, 500, 503)
SCALE = 0.002
"""Simulated delays are this much shorter, so that a documented minute takes 0.12 s."""


class ProviderContract:
    provider: ClassVar[type[Provider[Any, Any]]]
    simulator: ClassVar[type[Simulator]]
    destination: ClassVar[dict[str, Any]]
    send_path: ClassVar[str]
    """What the path of the request that imports contains."""
    poll_path: ClassVar[str] = ""
    """What the path of the status request contains; empty if the provider never polls."""
    good_outcome: ClassVar[Outcome]
    """What a row without a marker ends in."""

    # ------------------------------------------------------------------ what tests work with

    @pytest.fixture
    def sim(self) -> Iterator[Any]:
        with self.simulator(delay_scale=SCALE) as simulator:
            yield simulator

    @pytest.fixture
    def http(self) -> HttpClient:
        return HttpClient(allow_loopback=True)

    @pytest.fixture
    def api(self) -> Any:
        return self.make()

    @pytest.fixture
    def account(self, sim: Simulator) -> Any:
        return self.account_of(sim.account())

    def make(self, **options: Any) -> Provider[Any, Any]:
        """Build the adapter for this class's destination, with these options changed."""
        model = self.provider.destination_model
        return self.provider(model.model_validate(self.destination | options))

    def account_of(self, secret: dict[str, str]) -> Account:
        model = self.provider.account_model
        return model.model_validate(secret, context={"allow_loopback": True})

    def prospect(self, row: int, marker: str = "", **fields: str) -> Person:
        """A whole prospect; the marker decides what the simulator does with it."""
        name = f"person{row}"
        plain = {
            "email": f"{name}+{marker}@example.com" if marker else f"{name}@example.com",
            "first_name": "Ada",
            "last_name": f"Number{row}",
            "company": "Example Ltd",
            "job_title": "Head of Growth",
            "phone": "+34600111222",
            "linkedin_url": f"https://www.linkedin.com/in/{name}"
            + (f"--{marker}" if marker else ""),
        }
        merged = {key: value for key, value in (plain | fields).items() if value}
        return Person(row=row, fields=merged, custom={"Team size": "40"})

    def batch(self, api: Provider[Any, Any], prospects: Sequence[Person], **members: Any) -> Batch:
        rows = [BatchRow(p.row, *prepare(api, p)) for p in prospects]
        return Batch(rows=rows, **members)

    def send(
        self, api: Any, http: HttpClient, account: Any, batch: Batch
    ) -> tuple[SendAnswer, Batch]:
        """Open where the provider wants it, then send; returns the batch as it was sent."""
        if api.needs_open and batch.session is None:
            batch = batch._replace(session=api.open(http, account))
        return api.send(http, account, batch), batch

    def run(
        self,
        api: Any,
        http: HttpClient,
        account: Any,
        prospects: Sequence[Person],
        **members: Any,
    ) -> dict[int, RowResult]:
        """Send and poll to the end, as the use cases would; returns every row's result."""
        results: dict[int, RowResult] = {}
        batch = self.batch(api, prospects, **members)
        while left := [row for row in batch.rows if row.row not in results]:
            turn = left[: self._most] if self._most else left
            answer, sent = self.send(api, http, account, batch._replace(rows=turn))
            results.update(answer.results)
            pending = [row for row in turn if row.row not in results]
            if answer.rest is not None:
                results.update({row.row: answer.rest for row in pending})
            elif answer.handle is not None and pending:
                handle = api.commit(http, account, sent.session) if api.commits else answer.handle
                results.update(self.poll_to_the_end(api, http, account, handle, pending))
            self._most = answer.max_rows
            batch = sent._replace(rows=left, is_remainder=True, retried=answer.retried)
        return results

    _most: int | None = None

    def poll_to_the_end(
        self, api: Any, http: HttpClient, account: Any, handle: Json, rows: Sequence[BatchRow]
    ) -> dict[int, RowResult]:
        sent_at, missing = time.monotonic(), 0
        pairs = [(row.row, row.identity) for row in rows]
        while True:
            age = (time.monotonic() - sent_at) / SCALE
            asked = Handle(value=handle, rows=pairs, age=age, missing=missing)
            answer = api.poll(http, account, asked)
            if answer.is_terminal:
                return {row: answer.results.get(row, answer.rest) for row, _ in pairs}
            handle = answer.handle or handle
            missing = missing + 1 if answer.is_missing else 0
            assert age < 36_000, "the simulator never finished"
            time.sleep(0.01)

    def imported(self, sim: Simulator) -> int:
        """How many imports the simulator took."""
        return len(sim.imports)

    # ------------------------------------------------------------------ the tests

    def test_is_registered_under_its_name(self) -> None:
        assert REGISTRY[self.provider.name] is self.provider
        assert self.simulator.name == self.provider.name

    def test_good_rows_end_good_with_one_import(
        self, api: Any, sim: Any, http: HttpClient, account: Any
    ) -> None:
        results = self.run(api, http, account, [self.prospect(row) for row in range(1, 4)])

        assert {row: result.outcome for row, result in results.items()} == dict.fromkeys(
            (1, 2, 3), self.good_outcome
        )
        assert self.imported(sim) == 1

    def test_a_full_batch_is_taken(
        self, api: Any, sim: Any, http: HttpClient, account: Any
    ) -> None:
        rows = min(api.batch_limits().rows, 500)
        results = self.run(api, http, account, [self.prospect(row) for row in range(1, rows + 1)])

        assert len(results) == rows
        assert {result.outcome for result in results.values()} == {self.good_outcome}

    def test_a_wrong_key_stops_the_job(self, api: Any, sim: Any, http: HttpClient) -> None:
        secret = sim.account()
        secret["value" if "value" in secret else "api_key"] = "wrong"
        with pytest.raises(StopJobError) as stop:
            self.send(api, http, self.account_of(secret), self.batch(api, [self.prospect(1)]))
        assert stop.value.reason == "provider_auth"
        assert self.imported(sim) == 0

    @pytest.mark.parametrize("status", [303, 408, 500, 502, 503, 504, 520])
    @pytest.mark.parametrize("when", ["before", "after"])
    def test_a_server_error_leaves_the_fate_unknown(
        self, api: Any, sim: Any, http: HttpClient, account: Any, when: Any, status: int
    ) -> None:
        sim.faults.append(Fault(when=when, path=self.send_path, status=status))
        with pytest.raises(FateUnknownError):
            self.send(api, http, account, self.batch(api, [self.prospect(1), self.prospect(2)]))

    @pytest.mark.parametrize(
        "body", ["", "<html>ok</html>", "{", "[]", "null", '{"message": "fine"}']
    )
    def test_a_success_without_a_receipt_is_no_success(
        self, api: Any, sim: Any, http: HttpClient, account: Any, body: str
    ) -> None:
        if api.commits:
            pytest.skip("this provider's load has no receipt; its own tests cover create and run")
        sim.faults.append(Fault(when="after", path=self.send_path, status=200, body=body))
        with pytest.raises(FateUnknownError):
            self.send(api, http, account, self.batch(api, [self.prospect(1), self.prospect(2)]))

    def test_a_rate_limit_asks_to_wait_and_took_nothing(
        self, api: Any, sim: Any, http: HttpClient, account: Any
    ) -> None:
        fault = Fault(when="before", path=self.send_path, status=429, headers={"Retry-After": "7"})
        sim.faults.append(fault)
        with pytest.raises(ProviderBusyError) as busy:
            self.send(api, http, account, self.batch(api, [self.prospect(1), self.prospect(2)]))
        assert busy.value.retry_after == 7
        assert self.imported(sim) == 0

    def test_an_unreachable_provider_was_sent_nothing(
        self, api: Any, sim: Any, http: HttpClient
    ) -> None:
        secret = sim.account()
        session = api.open(http, self.account_of(secret)) if api.needs_open else None
        with self.simulator() as gone:
            secret["base_url"] = secret["base_url"].replace(sim.url, gone.url)
        batch = self.batch(api, [self.prospect(1)], session=session)
        with pytest.raises(NotSentError):
            api.send(http, self.account_of(secret), batch)

    def test_a_redirect_is_not_followed(
        self, api: Any, sim: Any, http: HttpClient, account: Any
    ) -> None:
        with self.simulator() as other:
            fault = Fault(
                when="before", path=self.send_path, status=307, headers={"Location": other.url}
            )
            sim.faults.append(fault)
            batch = self.batch(api, [self.prospect(1), self.prospect(2)])
            with pytest.raises(ListdropError):
                self.send(api, http, account, batch)
            assert other.ledger == []

    @pytest.mark.parametrize("body", ["", "<html>ok</html>", "{", "[]", "null", "{}"])
    def test_a_poll_without_an_answer_makes_no_row_good(
        self, api: Any, sim: Any, http: HttpClient, account: Any, body: str
    ) -> None:
        handle, _ = self._pending(api, http, account)
        sim.faults.append(
            Fault(when="after", method="GET", path=self.poll_path, status=200, body=body)
        )
        try:
            answer = api.poll(http, account, handle)
        except (FateUnknownError, ProviderBusyError):
            return
        assert not answer.is_terminal

    def test_a_good_answer_under_another_status_than_a_success_took_nothing(
        self, api: Any, account: Any
    ) -> None:
        http = Recorded(allow_loopback=True)
        _, batch = self.send(api, http, account, self.batch(api, [self.prospect(1)]))
        for status in NO_SUCCESS:
            try:
                answer = api.send(Replayed(http.last._replace(status=status)), account, batch)
            except ListdropError:
                continue
            assert (answer.handle, answer.rest) == (None, None)
            # Only in a 429 may there be rows that were taken before it (docs/providers/waalaxy.md).
            told = {result.outcome for result in answer.results.values()}
            assert status == 429 or told.isdisjoint(GOOD)

    def test_the_end_of_an_import_under_another_status_than_a_success_is_none(
        self, api: Any, account: Any
    ) -> None:
        if not self.poll_path:
            pytest.skip("this provider answers at once and is never polled")
        http = Recorded(allow_loopback=True)
        answer, batch = self.send(api, http, account, self.batch(api, [self.prospect(1)]))
        value = api.commit(http, account, batch.session) if api.commits else answer.handle
        assert value is not None
        results = self.poll_to_the_end(api, http, account, value, batch.rows)
        assert {result.outcome for result in results.values()} == {self.good_outcome}
        handle = Handle(value, [(row.row, row.identity) for row in batch.rows], age=60)
        for status in NO_SUCCESS:
            ended = Replayed(http.last._replace(status=status))
            with pytest.raises((FateUnknownError, ProviderBusyError)):
                api.poll(ended, account, handle)

    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_a_failing_poll_ends_nothing(
        self, api: Any, sim: Any, http: HttpClient, account: Any, status: int
    ) -> None:
        handle, _ = self._pending(api, http, account)
        sim.faults.append(Fault(when="before", method="GET", path=self.poll_path, status=status))
        with pytest.raises((FateUnknownError, ProviderBusyError)):
            api.poll(http, account, handle)

    def test_a_key_revoked_while_polling_stops_the_job(
        self, api: Any, sim: Any, http: HttpClient, account: Any
    ) -> None:
        handle, _ = self._pending(api, http, account)
        secret = sim.account()
        secret["value" if "value" in secret else "api_key"] = "revoked"
        with pytest.raises(StopJobError):
            api.poll(http, self.account_of(secret), handle)

    # ------------------------------------------------------------------ the probe

    @pytest.fixture
    def probe(self) -> Any:
        if "probe" not in vars(self.provider):
            pytest.skip("this provider has no call that only tests a key")
        return self.provider.probe

    def test_a_good_key_passes_the_probe_and_nothing_is_imported(
        self, probe: Any, sim: Any, http: HttpClient, account: Any
    ) -> None:
        probe(http, account)

        assert [asked.method for asked in sim.ledger] == ["GET"]
        assert self.imported(sim) == 0

    def test_the_probe_of_a_wrong_key_is_refused_without_naming_it(
        self, probe: Any, sim: Any, http: HttpClient
    ) -> None:
        secret = sim.account()
        secret["value" if "value" in secret else "api_key"] = "revoked"
        with pytest.raises(StopJobError) as stop:
            probe(http, self.account_of(secret))
        assert stop.value.reason == "provider_auth"
        assert "revoked" not in stop.value.text

    def test_the_probe_of_an_unreachable_provider_tells_nothing(
        self, probe: Any, sim: Any, http: HttpClient
    ) -> None:
        secret = sim.account()
        with self.simulator() as gone:
            secret["base_url"] = secret["base_url"].replace(sim.url, gone.url)
        with pytest.raises(NotSentError):
            probe(http, self.account_of(secret))

    @pytest.mark.parametrize(
        ("status", "body"),
        [(200, ""), (200, "<html>log in</html>"), (302, "{}"), (404, "{}"), (500, "{}")],
    )
    def test_a_probe_without_its_answer_tells_nothing(
        self, probe: Any, sim: Any, http: HttpClient, account: Any, status: int, body: str
    ) -> None:
        sim.faults.append(Fault(when="before", method="GET", status=status, body=body))
        with pytest.raises(FateUnknownError):
            probe(http, account)

    def test_a_probe_over_the_rate_tells_nothing(
        self, probe: Any, sim: Any, http: HttpClient, account: Any
    ) -> None:
        sim.faults.append(Fault(when="before", method="GET", status=429))
        with pytest.raises(ProviderBusyError):
            probe(http, account)

    # ------------------------------------------------------------------ what a route may name

    @pytest.fixture
    def choices(self) -> Any:
        if "choices" not in vars(self.provider):
            pytest.skip("this provider has no call that lists what a route may name")
        return self.provider.choices

    def test_what_the_destination_names_is_among_the_choices_and_nothing_is_imported(
        self, choices: Any, sim: Any, http: HttpClient, account: Any
    ) -> None:
        found = {option: each.names for each in choices(http, account) for option in each.options}

        assert found
        assert {asked.method for asked in sim.ledger} == {"GET"}
        assert self.imported(sim) == 0
        for option in found.keys() & self.destination.keys():
            named = self.destination[option]
            for each in named.values() if isinstance(named, dict) else [named]:
                wanted = each if isinstance(each, list) else [each]
                assert {str(one) for one in wanted} <= found[option].keys(), option

    def test_every_choice_is_for_an_option_of_the_destination(
        self, choices: Any, sim: Any, http: HttpClient, account: Any
    ) -> None:
        options = {option for each in choices(http, account) for option in each.options}

        assert options <= self.provider.destination_model.model_fields.keys()

    def test_the_choices_of_a_wrong_key_are_refused_without_naming_it(
        self, choices: Any, sim: Any, http: HttpClient
    ) -> None:
        secret = sim.account()
        secret["value" if "value" in secret else "api_key"] = "revoked"
        with pytest.raises(StopJobError) as stop:
            choices(http, self.account_of(secret))
        assert stop.value.reason == "provider_auth"
        assert "revoked" not in stop.value.text

    @pytest.mark.parametrize(
        ("status", "body"),
        [(200, ""), (200, "<html>log in</html>"), (200, "{}"), (200, "7"), (404, "{}"), (500, "")],
    )
    def test_an_answer_without_a_list_does_not_mean_that_there_is_nothing(
        self, choices: Any, sim: Any, http: HttpClient, account: Any, status: int, body: str
    ) -> None:
        sim.faults.append(Fault(when="before", method="GET", status=status, body=body))
        with pytest.raises(FateUnknownError):
            choices(http, account)

    # ------------------------------------------------------------------ rows and routes

    def test_a_row_without_its_identity_is_invalid(self, api: Any) -> None:
        with pytest.raises(InvalidRowError) as invalid:
            prepare(api, Person(row=1, fields={"company": "Example Ltd"}, custom={}))
        assert invalid.value.reason in ("missing_email", "missing_linkedin_url")
        assert invalid.value.text.endswith(".")

    def test_empty_values_are_left_out(self, api: Any) -> None:
        payload = str(prepare(api, self.prospect(1, company="", job_title="", phone="")).payload)
        assert "''" not in payload
        assert "None" not in payload

    def test_unknown_route_keys_are_refused(self) -> None:
        with pytest.raises(ValueError, match="no_such_option"):
            self.make(no_such_option=True)

    def _pending(self, api: Any, http: HttpClient, account: Any) -> tuple[Handle, Batch]:
        if not self.poll_path:
            pytest.skip("this provider answers at once and is never polled")
        batch = self.batch(api, [self.prospect(1, "slow"), self.prospect(2)])
        answer, batch = self.send(api, http, account, batch)
        value = api.commit(http, account, batch.session) if api.commits else answer.handle
        rows = [(row.row, row.identity) for row in batch.rows]
        assert value is not None
        return Handle(value=value, rows=rows, age=1), batch
