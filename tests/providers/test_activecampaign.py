from __future__ import annotations

from typing import Any

import pytest

from listdrop.errors import BatchRefusedError, FateUnknownError, ProviderBusyError
from listdrop.models import Outcome
from listdrop.providers.activecampaign import ActiveCampaign
from listdrop.providers.base import AfterCrash, Handle
from listdrop.providers.http import Answer
from local.simulators.activecampaign import ActiveCampaignSimulator
from local.simulators.base import API_KEY, Fault
from tests.contracts.provider import Person, ProviderContract, Replayed, prepare


class TestActiveCampaign(ProviderContract):
    provider = ActiveCampaign
    simulator = ActiveCampaignSimulator
    destination = {
        "provider": "activecampaign",
        "lists": [12],
        "tags": ["spring"],
        "fields": {"Team size": 7},
    }
    send_path = "bulk_import"
    poll_path = "/import/info"
    good_outcome = Outcome.ACCEPTED

    def test_requests_keep_the_published_limits(self) -> None:
        limits, rates = ActiveCampaign.limits, ActiveCampaign.rates
        around = len('{"contacts":[],"exclude_automations":false}') + limits.rows  # commas
        assert limits.rows == 250
        assert limits.bytes + around <= 399_999
        assert 60 / rates.send_gap <= 100
        assert rates.lone_gap is not None
        assert 60 / rates.lone_gap <= 20
        assert rates.poll_gap >= 1 / 3  # of five calls of any kind a second
        assert rates.together

    def test_contacts_have_snake_case_keys_and_mapped_fields(self, api: Any) -> None:
        payload = prepare(api, self.prospect(1, tags="fair; Spring|fair")).payload

        assert payload == {
            "email": "person1@example.com",
            "first_name": "Ada",
            "last_name": "Number1",
            "phone": "+34600111222",
            "customer_acct_name": "Example Ltd",
            "tags": ["spring", "fair", "Spring"],
            "fields": [{"id": 7, "value": "40"}],
            "subscribe": [{"listid": 12}],
        }

    def test_of_two_columns_for_one_field_the_route_s_first_that_is_not_empty_wins(self) -> None:
        api = self.make(fields={"Sector": 7, "Team size": 9, "Branche": 7})
        fields = self.prospect(1).fields
        for custom, value in (
            ({"Branche": "Handel", "Sector": "Retail"}, "Retail"),
            ({"Sector": "", "Branche": "Handel"}, "Handel"),
        ):
            payload = prepare(api, Person(1, fields, {**custom, "Team size": "40"})).payload
            assert payload["fields"] == [{"id": 7, "value": value}, {"id": 9, "value": "40"}]

    def test_automations_are_excluded_unless_the_route_says_otherwise(
        self, sim: Any, http: Any, account: Any
    ) -> None:
        for wanted in (True, False):
            api = self.make(exclude_automations=wanted)
            api.send(http, account, self.batch(api, [self.prospect(1), self.prospect(2)]))
            assert sim.ledger[-1].body["exclude_automations"] is wanted
        assert self.make().after_crash is AfterCrash.RESEND
        assert ActiveCampaign.resends == 4  # five tries (docs/providers/activecampaign.md, 3.4)
        assert self.make(exclude_automations=False).after_crash is AfterCrash.GIVE_UP

    def test_contacts_exclude_automations_themselves_only_where_the_route_says_so(self) -> None:
        for options, told in (
            ({}, None),
            ({"exclude_automations_per_contact": True}, True),
            ({"exclude_automations_per_contact": True, "exclude_automations": False}, False),
        ):
            payload = prepare(self.make(**options), self.prospect(1)).payload
            assert payload.get("exclude_automations") is told

    def test_listed_failures_are_refused_and_the_rest_accepted(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        upper = self.prospect(2, email="O'Brien+Refused@Example.com")
        results = self.run(api, http, account, [self.prospect(1), upper, self.prospect(3)])

        assert [results[row].outcome for row in (1, 2, 3)] == ["accepted", "refused", "accepted"]

    def test_named_rows_are_taken_out_and_the_rest_sent(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        results = self.run(
            api, http, account, [self.prospect(1), self.prospect(2, "badrow"), self.prospect(3)]
        )

        assert [results[row].outcome for row in (1, 2, 3)] == ["accepted", "refused", "accepted"]
        assert results[2].reason == "Email address is not valid."
        assert [r.status for r in sim.received("POST")] == [400, 200]
        assert self.imported(sim) == 1

    def test_a_remainder_that_is_refused_again_is_split_and_its_reasons_are_kept(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        people = [self.prospect(1), self.prospect(2, "badrow")]
        answer = api.send(http, account, self.batch(api, people, is_remainder=True))
        assert (answer.results, answer.max_rows, answer.is_about_rows) == ({}, 1, True)
        assert answer.refusal.reason == "Some contacts are invalid.; Email address is not valid."
        with pytest.raises(BatchRefusedError, match="refused") as refusal:
            api.send(http, account, self.batch(api, people[1:], is_remainder=True))
        assert "Email address is not valid." in refusal.value.reason

    @pytest.mark.parametrize("index", [0, -1, 3, 230, "1", None, True, 1.0])
    def test_an_index_out_of_range_names_no_row(
        self, api: Any, sim: Any, http: Any, account: Any, index: Any
    ) -> None:
        reasons = [{"contact": 1, "failureReason": "x"}, {"contact": index, "failureReason": "bad"}]
        body = api_body({"success": 0, "message": "no", "failureReasons": reasons})
        sim.faults.append(Fault(when="before", status=400, body=body))
        answer = api.send(http, account, self.batch(api, [self.prospect(1), self.prospect(2)]))
        assert (answer.results, answer.max_rows, answer.is_about_rows) == ({}, 1, True)
        assert answer.refusal.reason == "no; x; bad"

    def test_a_reason_without_words_has_those_of_the_refusal(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        body = api_body({"success": 0, "message": "Not valid.", "failureReasons": [{"contact": 2}]})
        sim.faults.append(Fault(when="before", status=400, body=body))
        answer = api.send(http, account, self.batch(api, [self.prospect(1), self.prospect(2)]))
        assert {row: result.reason for row, result in answer.results.items()} == {2: "Not valid."}

    def test_a_redirect_names_no_row(self, api: Any, sim: Any, http: Any, account: Any) -> None:
        reasons = [{"contact": 1, "failureReason": "bad"}]
        body = api_body({"success": 0, "message": "no", "failureReasons": reasons})
        sim.faults.append(Fault(when="before", status=302, body=body))
        with pytest.raises(BatchRefusedError):
            api.send(http, account, self.batch(api, [self.prospect(1), self.prospect(2)]))

    def test_rows_that_the_refusal_of_a_repeat_names_may_be_in_already(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        people = [self.prospect(1, "badrow"), self.prospect(2, "badrow"), self.prospect(3)]
        batch = self.batch(api, people, repeated=frozenset({2, 3}))
        answer = api.send(http, account, batch)
        outcomes = {row: result.outcome for row, result in answer.results.items()}
        assert outcomes == {1: "refused", 2: "unknown"}

    def test_the_bulk_rate_limit_arrives_as_400(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        body = {"success": 0, "message": "Rate limit exceeded.", "failureReasons": ["Slow down."]}
        sim.faults.append(Fault(when="before", status=400, body=api_body(body)))
        with pytest.raises(ProviderBusyError) as busy:
            api.send(http, account, self.batch(api, [self.prospect(1), self.prospect(2)]))
        assert busy.value.retry_after == 60

    @pytest.mark.parametrize("name", ["success", "Success"])
    @pytest.mark.parametrize(
        "more",
        [
            {"batchId": "b-1"},
            {"message": "Rate limit exceeded.", "batchId": "b-1"},
            {},
            {"failureReasons": ["broken"]},
            {"failureReasons": [{"contact": 1, "failureReason": "bad"}], "batchId": "b-1"},
        ],
    )
    def test_a_success_of_zero_may_have_queued_everything(
        self, api: Any, sim: Any, http: Any, account: Any, name: str, more: dict[str, Any]
    ) -> None:
        body = {name: 0, "message": "no", **more}
        sim.faults.append(Fault(when="before", status=200, body=api_body(body)))
        with pytest.raises(FateUnknownError):
            api.send(http, account, self.batch(api, [self.prospect(1), self.prospect(2)]))

    def test_a_success_of_zero_for_the_rate_limit_is_waited_out(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        body = {"success": 0, "message": "Rate limit exceeded.", "failureReasons": ["Slow down."]}
        sim.faults.append(Fault(when="before", status=200, body=api_body(body)))
        with pytest.raises(ProviderBusyError):
            api.send(http, account, self.batch(api, [self.prospect(1), self.prospect(2)]))

    def test_success_is_never_compared_with_one(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        body = {"success": 5, "queued_contacts": 2, "batchId": "b-1"}
        sim.faults.append(Fault(when="before", status=201, body=api_body(body)))
        answer = api.send(http, account, self.batch(api, [self.prospect(1), self.prospect(2)]))
        assert answer.handle == {"batch_id": "b-1"}

    @pytest.mark.parametrize("receipt", [{}, {"batchId": ""}, {"batchId": None}, {"batchId": 7}])
    def test_a_success_needs_a_receipt(
        self, api: Any, sim: Any, http: Any, account: Any, receipt: Any
    ) -> None:
        body = {"success": 1, "queued_contacts": 2} | receipt
        sim.faults.append(Fault(when="before", status=201, body=api_body(body)))
        with pytest.raises(FateUnknownError):
            api.send(http, account, self.batch(api, [self.prospect(1), self.prospect(2)]))

    @pytest.mark.parametrize("ending", ["failed", "interrupted"])
    def test_a_failed_batch_names_nobody(
        self, api: Any, sim: Any, http: Any, account: Any, ending: str
    ) -> None:
        results = self.run(api, http, account, [self.prospect(1), self.prospect(2, ending)])
        assert {result.outcome for result in results.values()} == {Outcome.UNKNOWN}

    @pytest.mark.parametrize(("attempts", "seconds"), [(0, 1), (1, 2), (3, 8), (6, 60), (999, 60)])
    def test_a_429_that_names_no_time_is_waited_out_ever_longer(
        self, api: Any, sim: Any, http: Any, account: Any, attempts: int, seconds: float
    ) -> None:
        for method in ("POST", "GET"):
            sim.faults.append(Fault(when="before", method=method, status=429))
        with pytest.raises(ProviderBusyError) as sent:
            api.send(http, account, self.batch(api, [self.prospect(1)], attempts=attempts))
        with pytest.raises(ProviderBusyError) as polled:
            api.poll(http, account, Handle({"batch_id": "b"}, [], age=20, failures=attempts))
        assert (sent.value.retry_after, polled.value.retry_after) == (seconds, seconds)

    @pytest.mark.parametrize(
        ("status", "warned"),
        [
            (False, False),
            ("waiting", False),
            ("active", False),
            ("Completed", True),
            (None, True),
            (True, True),
            (0, True),
            (["active"], True),
            ({"status": "active"}, True),
        ],
    )
    def test_only_exact_words_are_understood(
        self, api: Any, sim: Any, http: Any, account: Any, status: Any, warned: bool
    ) -> None:
        answer = self._poll(api, sim, http, account, {"status": status, "success": ["1", "2"]})
        assert not answer.is_terminal
        assert bool(answer.warnings) is warned

    @pytest.mark.parametrize(
        ("age", "missing", "is_terminal"),
        [(599, 9, False), (20_000, 3, False), (20_000, 0, False), (600, 4, True)],
    )
    def test_a_status_that_stays_false_for_ten_minutes_and_five_answers_ends_unknown(
        self,
        api: Any,
        sim: Any,
        http: Any,
        account: Any,
        age: float,
        missing: int,
        *,
        is_terminal: bool,
    ) -> None:
        answer = self._poll(api, sim, http, account, {"status": False}, age=age, missing=missing)
        assert (answer.is_terminal, answer.is_missing) == (is_terminal, True)
        assert answer.rest.outcome is Outcome.UNKNOWN
        assert answer.warnings == (("no_status",) if is_terminal else ())

    @pytest.mark.parametrize(
        ("age", "missing", "is_terminal"), [(599, 9, False), (20_000, 3, False), (600, 4, True)]
    )
    def test_an_id_that_is_refused_as_missing_is_a_lost_batch(
        self,
        api: Any,
        sim: Any,
        http: Any,
        account: Any,
        age: float,
        missing: int,
        *,
        is_terminal: bool,
    ) -> None:
        body = api_body({"success": 0, "message": "'batchId' is a required field."})
        sim.faults.append(Fault(when="before", method="GET", status=400, body=body))
        handle = Handle({"batch_id": "b-1"}, [(1, "person1@example.com")], age, missing=missing)
        answer = api.poll(http, account, handle)
        assert (answer.is_terminal, answer.is_missing) == (is_terminal, True)
        assert answer.rest.outcome is Outcome.UNKNOWN

    def test_another_refusal_of_a_poll_ends_nothing(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        sim.faults.append(Fault(when="before", method="GET", status=400, body="{}"))
        with pytest.raises(FateUnknownError):
            api.poll(http, account, Handle({"batch_id": "b-1"}, [], 20_000, missing=9))

    @pytest.mark.parametrize(
        ("body", "rest"),
        [
            ({"success": ["1"], "failure": []}, "accepted"),
            ({"success": ["1"]}, "unknown"),
            ({"success": 2}, "unknown"),
            ({"success": ["1", "2"]}, "accepted"),
            ({"success": [1, 2]}, "accepted"),
            ({"success": [1, "1"]}, "unknown"),
            ({"success": ["9", "9"]}, "unknown"),
            ({"success": [None, None]}, "unknown"),
            ({"success": [True, False]}, "unknown"),
            ({"success": ["1", " "]}, "unknown"),
            ({"success": [["1"], {"id": "2"}]}, "unknown"),
            ({"success": ["1"], "failure": ["stranger@example.org"]}, "unknown"),
            ({"success": ["1", "2"], "failure": ["stranger@example.org"]}, "accepted"),
            ({"success": ["1"], "failure": [" Person1@EXAMPLE.com "]}, "accepted"),
        ],
    )
    def test_a_completed_batch_is_as_good_as_its_report(
        self, api: Any, sim: Any, http: Any, account: Any, body: Any, rest: str
    ) -> None:
        answer = self._poll(api, sim, http, account, {"status": "completed"} | body)
        assert answer.is_terminal
        assert answer.rest.outcome == rest

    def test_lists_and_fields_are_shown_by_their_names(self, http: Any, account: Any) -> None:
        lists, fields = ActiveCampaign.choices(http, account)
        assert (lists.options, fields.options) == (("lists", "unsubscribe_lists"), ("fields",))
        assert all((*lists.names.values(), *fields.names.values()))

    def test_all_pages_of_lists_and_fields_are_read(self, account: Any) -> None:
        class Paged(Replayed):
            def request(self, *args: Any, **members: Any) -> Answer:
                first = int(members["params"]["offset"])
                rows = [
                    {"id": str(n), "name": f"n{n}"} for n in range(first, min(first + 100, 230))
                ]
                what = str(args[1]).rpartition("/")[2]
                return Answer(200, {}, api_body({what: rows}).encode())

        for found in ActiveCampaign.choices(Paged(Answer(200, {}, b"")), account):
            assert len(found.names) == 230

    def test_a_full_page_that_comes_again_is_the_last(self, account: Any) -> None:
        page = [{"id": str(number), "name": "x", "title": "x"} for number in range(100)]
        body = api_body({"lists": page, "fields": page}).encode()
        for found in ActiveCampaign.choices(Replayed(Answer(200, {}, body)), account):
            assert len(found.names) == 100

    @pytest.mark.parametrize(
        ("change", "is_taken"),
        [
            ({"firstName": "Ada", "lastName": 5}, True),
            ({"fields": [{"id": 7, "value": "x"}], "subscribe": [{"listid": "12"}]}, True),
            ({"exclude_automations": True, "unsubscribe": [{"listid": 4}]}, True),
            ({"first_name": 5}, False),
            ({"phone": ["+34600111222"]}, False),
            ({"fields": ["x"]}, False),
            ({"fields": "x"}, False),
            ({"fields": [{"id": True, "value": "x"}]}, False),
            ({"fields": [{"id": "7", "value": "x"}]}, False),
            ({"fields": [{"id": 7}]}, False),
            ({"tags": "spring"}, False),
            ({"tags": [5]}, False),
            ({"subscribe": [12]}, False),
            ({"unsubscribe": [{"listid": None}]}, False),
            ({"exclude_automations": "yes"}, False),
        ],
    )
    def test_the_simulator_is_as_strict_with_contacts_as_the_page(
        self, sim: Any, http: Any, change: dict[str, Any], *, is_taken: bool
    ) -> None:
        contact = {"email": "person1@example.com"} | change
        answer = self._create(sim, http, {"contacts": [contact]})
        assert answer.status == (200 if is_taken else 400)
        assert self.imported(sim) == is_taken
        if not is_taken:
            assert answer.object()["failureReasons"][0]["contact"] == 1

    @pytest.mark.parametrize(
        ("more", "is_taken"),
        [
            ({"exclude_automations": True}, True),
            ({"callback": {"url": "https://hooks.example/ac", "requestType": "POST"}}, True),
            ({"exclude_automations": "true"}, False),
            ({"callback": {"requestType": "POST"}}, False),
            ({"callback": {"url": "https://hooks.example/ac", "requestType": "PUT"}}, False),
        ],
    )
    def test_the_simulator_is_as_strict_with_the_request_as_the_page(
        self, sim: Any, http: Any, more: dict[str, Any], *, is_taken: bool
    ) -> None:
        answer = self._create(sim, http, {"contacts": [{"email": "person1@example.com"}]} | more)
        assert answer.status == (200 if is_taken else 400)
        assert self.imported(sim) == is_taken

    def _create(self, sim: Any, http: Any, body: dict[str, Any]) -> Any:
        return http.request(
            "POST",
            f"{sim.url}/api/3/import/bulk_import",
            headers={"Api-Token": API_KEY, "Content-Type": "application/json"},
            body=api_body(body).encode(),
        )

    def _poll(
        self,
        api: Any,
        sim: Any,
        http: Any,
        account: Any,
        body: Any,
        age: float = 20,
        missing: int = 0,
    ) -> Any:
        sim.faults.append(Fault(when="before", method="GET", status=200, body=api_body(body)))
        rows = [(1, "person1@example.com"), (2, "person2@example.com")]
        handle = Handle(value={"batch_id": "b-1"}, rows=rows, age=age, missing=missing)
        return api.poll(http, account, handle)


def api_body(value: Any) -> str:
    from listdrop.providers.base import json_body

    return json_body(value).decode()
