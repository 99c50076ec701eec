from __future__ import annotations

import time
import tracemalloc
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, ClassVar

import pytest

from listdrop.errors import (
    BatchRefusedError,
    FateUnknownError,
    NotSentError,
    ProviderBusyError,
    StopJobError,
)
from listdrop.models import CUSTOM_DATA_NOT_SAVED, Outcome, People, Prospects, RowResult
from listdrop.providers import saleshandy
from listdrop.providers.base import AfterCrash, Handle, PollAnswer, Provider, json_body
from listdrop.providers.http import HttpClient
from listdrop.providers.saleshandy import Saleshandy, SaleshandyAccount
from local.simulators.base import API_KEY, Fault
from local.simulators.saleshandy import SaleshandySimulator
from tests.contracts.provider import Person, ProviderContract, prepare
from tests.support.waiting import cheaply

ROWS = [(1, "person1@example.com"), (2, "person2@example.com")]
PRESENT = "Prospect already present in another step of same sequence"


class TestSaleshandy(ProviderContract):
    provider = Saleshandy
    simulator = SaleshandySimulator
    destination: ClassVar[dict[str, Any]] = {
        "provider": "saleshandy",
        "step_id": "stepDemo01",
        "tags": ["spring"],
        "fields": {"Team size": "Team Size"},
    }
    send_path = "import-with-field-name"
    poll_path = "/import-status/"
    good_outcome = Outcome.ACCEPTED

    # ------------------------------------------------------------------ rows

    def test_prospects_are_flat_and_keyed_by_label(self, api: Saleshandy) -> None:
        prepared = prepare(
            api,
            self.prospect(
                1, email="Person1@Example.com", country="Spain", city="Vigo", tags="a;b", notes="x"
            ),
        )

        assert prepared.identity == "person1@example.com"
        assert prepared.payload == {
            "First Name": "Ada",
            "Last Name": "Number1",
            "Email": "Person1@Example.com",
            "Company": "Example Ltd",
            "Job Title": "Head of Growth",
            "Phone Number": "+34600111222",
            "Country": "Spain",
            "City": "Vigo",
            "LinkedIn": "https://www.linkedin.com/in/person1",
            "Team Size": "40",
        }

    def test_a_configured_label_wins_over_the_usual_column(self) -> None:
        api = self.make(fields={"notes": "Industry", "Firma": "Company"})
        row = Person(
            row=1,
            fields=self.prospect(1, notes="Retail").fields,
            custom={"Firma": "Other Ltd"},
        )

        payload = prepare(api, row).payload

        assert (payload["Industry"], payload["Company"]) == ("Retail", "Other Ltd")

    def test_of_two_columns_with_one_label_the_route_s_first_that_is_not_empty_wins(self) -> None:
        api = self.make(fields={"Firma": "Company", "Sector": "Industry", "Branche": "Industry"})
        fields = self.prospect(1).fields
        for custom, expected in (
            ({"Sector": "Retail", "Branche": "Handel"}, "Retail"),
            ({"Branche": "Handel", "Sector": "Retail"}, "Retail"),
            ({"Sector": "", "Branche": "Handel"}, "Handel"),
        ):
            payload = prepare(api, Person(1, fields, {**custom, "Firma": ""})).payload
            assert (payload["Industry"], payload["Company"]) == (expected, "Example Ltd")

    def test_a_profile_that_is_none_is_left_out_and_the_row_has_a_warning(
        self, api: Saleshandy
    ) -> None:
        urls = ["https://www.linkedin.com/in/ada", "https://www.linkedin.com/company/acme", ""]
        emails = [f"person{row}@example.com" for row in (1, 2, 3)]
        found = api.prepare_all(
            Prospects({"LinkedIn": urls}, {}, emails, People(emails, ["ada", "", ""], []))
        )

        assert found.left_out == {1}
        assert ["LinkedIn" in payload for payload in found.payloads] == [True, False, False]

    @pytest.mark.parametrize(
        ("whole", "first", "last"),
        [("Ada Example", "Ada", "Example"), (" Ada Maria  Example ", "Ada", "Maria Example")],
    )
    def test_a_whole_name_fills_both_names(
        self, api: Saleshandy, whole: str, first: str, last: str
    ) -> None:
        row = self.prospect(1, first_name="", last_name="", full_name=whole)
        payload = prepare(api, row).payload
        assert (payload["First Name"], payload["Last Name"]) == (first, last)

    @pytest.mark.parametrize(
        ("names", "sent"),
        [
            ({"first_name": "", "last_name": ""}, {}),
            ({"first_name": "Ada", "last_name": ""}, {"First Name": "Ada"}),
            (
                {"first_name": "", "last_name": "", "full_name": "Ada"},
                {"First Name": "Ada"},
            ),
        ],
    )
    def test_a_row_goes_with_the_names_that_it_has(
        self, api: Saleshandy, names: dict[str, str], sent: dict[str, str]
    ) -> None:
        payload = prepare(api, self.prospect(1, **names)).payload
        assert {label: payload[label] for label in payload if "Name" in label} == sent

    @pytest.mark.parametrize(
        "options",
        [
            {"conflict_action": "skip"},
            {"step_id": ""},
            {"step_id": 12},
            {"fields": {"Work mail": "Email"}},
            {"fields": {"Work mail": ""}},
        ],
    )
    def test_a_route_that_saleshandy_would_refuse_is_refused_at_once(
        self, options: dict[str, Any]
    ) -> None:
        with pytest.raises(ValueError, match=next(iter(options))):
            self.make(**options)

    def test_the_vendor_s_address_is_the_default(self) -> None:
        assert SaleshandyAccount(api_key="k").base_url == "https://open-api.saleshandy.com"

    # ------------------------------------------------------------------ open

    def test_without_fields_opening_asks_nothing(
        self, sim: SaleshandySimulator, http: HttpClient, account: SaleshandyAccount
    ) -> None:
        assert self.make(fields={}).open(http, account) == {}
        assert sim.ledger == []

    def test_opening_reads_all_fields_and_keeps_the_number_ones(
        self, sim: SaleshandySimulator, http: HttpClient, account: SaleshandyAccount
    ) -> None:
        api = self.make(fields={"a": "Team Size", "b": "Industry", "c": "Country"})
        assert api.open(http, account) == {"number_labels": ["Team Size"]}
        assert sim.ledger[-1].query == {"systemFields": "true"}

    def test_an_unknown_label_stops_the_job_and_is_named(
        self, http: HttpClient, account: SaleshandyAccount
    ) -> None:
        api = self.make(fields={"a": "Industry", "b": "team size"})
        with pytest.raises(StopJobError) as stop:
            api.open(http, account)
        assert stop.value.reason == "bad_route"
        assert "'team size'" in stop.value.text
        assert "Industry" not in stop.value.text

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (404, ""),
            (500, '{"code": 5001}'),
            (200, "<html>"),
            (200, "{}"),
            (200, '{"payload": []}'),
            (200, '{"payload": ["Industry"]}'),
            (200, '{"payload": [{"label": "Industry"}, {"label": 5}]}'),
        ],
    )
    def test_a_failing_lookup_of_fields_stops_nothing(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        status: int,
        body: str,
    ) -> None:
        sim.faults.append(Fault(when="before", method="GET", status=status, body=body))
        assert api.open(http, account) == {}

    def test_a_busy_or_unreachable_lookup_is_tried_again(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
    ) -> None:
        body = error(40000, "Rate Limit exceeded")
        sim.faults.append(Fault(when="before", method="GET", status=400, body=body))
        with pytest.raises(ProviderBusyError):
            api.open(http, account)
        with self.simulator() as gone:
            address = gone.url
        with pytest.raises(NotSentError):
            api.open(http, account.model_copy(update={"base_url": address}))

    @pytest.mark.parametrize("value", ["about forty", "40+", "1,000", "४०"])
    def test_text_for_a_number_field_is_left_out_and_its_row_sent(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        value: str,
    ) -> None:
        odd = self.with_team_size(2, value)
        batch = self.batch(api, [self.prospect(1), odd], session=api.open(http, account))
        answer = api.send(http, account, batch)

        first, second = sim.received("POST")[0].body["prospectList"]
        assert first["Team Size"] == "40"
        assert "Team Size" not in second
        assert second["Email"] == "person2@example.com"
        assert answer.warnings == ("number_field_left_out",)

    @pytest.mark.parametrize(
        ("marker", "outcome"), [("", Outcome.ACCEPTED), ("refused", Outcome.REFUSED)]
    )
    def test_a_row_that_goes_without_a_value_has_a_warning_whatever_becomes_of_it(
        self,
        api: Saleshandy,
        http: HttpClient,
        account: SaleshandyAccount,
        marker: str,
        outcome: Outcome,
    ) -> None:
        odd = self.with_team_size(2, "about forty", marker)
        rows = [self.prospect(1), odd, self.prospect(3)]
        results = self.run(api, http, account, rows, session=api.open(http, account))

        warnings = [results[row].warning for row in (1, 2, 3)]
        assert warnings == ["", CUSTOM_DATA_NOT_SAVED, ""]
        assert results[2].outcome is outcome
        assert results[1].outcome is results[3].outcome is Outcome.ACCEPTED

    def test_a_row_has_its_warning_without_a_receipt_too(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
    ) -> None:
        session = api.open(http, account)
        sim.faults.append(Fault(when="before", method="POST", status=201, body="{}"))
        batch = self.batch(api, [self.prospect(1), self.with_team_size(2, "x")], session=session)

        answer = api.send(http, account, batch)

        assert answer.rest is not None
        assert answer.results == {2: answer.rest._replace(warning=CUSTOM_DATA_NOT_SAVED)}

    def test_a_handle_from_before_there_were_warnings_is_polled_as_it_was(
        self,
        api: Saleshandy,
        http: HttpClient,
        account: SaleshandyAccount,
    ) -> None:
        batch = self.batch(api, [self.prospect(1)])
        handle = api.send(http, account, batch).handle

        assert handle is not None
        assert handle.keys() == {"request_id"}

    def test_text_in_a_number_field_that_nobody_checked_is_refused(
        self,
        api: Saleshandy,
        http: HttpClient,
        account: SaleshandyAccount,
    ) -> None:
        rows = [self.prospect(1), self.with_team_size(2, "about forty")]
        results = self.run(api, http, account, rows, session={})

        assert results[1].outcome is Outcome.ACCEPTED
        assert results[2].outcome is Outcome.REFUSED
        assert results[2].reason == "Mismatch in custom field type"

    # ------------------------------------------------------------------ send

    @pytest.mark.parametrize("verify", [False, True])
    def test_the_request_says_everything_every_time(
        self,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        verify: bool,  # a parametrized value
    ) -> None:
        api = self.make(verify_prospects=verify, conflict_action="noUpdate")
        answer = api.send(http, account, self.batch(api, [self.prospect(1)]))

        body = dict(sim.ledger[-1].body)
        assert len(body.pop("prospectList")) == 1
        assert body == {
            "stepId": "stepDemo01",
            "conflictAction": "noUpdate",
            "verifyProspects": verify,
            "tags": ["spring"],
        }
        assert answer.handle == {"request_id": sim.imports[0]["request_id"]}
        assert answer.warnings == ()

    def test_the_key_goes_in_its_header_and_gets_have_no_content_type(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
    ) -> None:
        self.run(api, http, account, [self.prospect(1)])

        assert {r.headers["X-Api-Key"] for r in sim.ledger} == {API_KEY}
        assert {r.method for r in sim.ledger if "Content-Type" in r.headers} == {"POST"}
        assert {r.status for r in sim.received("GET", "/fields")} == {200}

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (400, {"code": 1001, "type": "error", "message": "Invalid token"}),
            (400, {"code": "1001", "message": "no"}),
            (400, {"statusCode": 400, "message": "invalid token"}),
            (400, {"error": True, "error_code": 1001, "error_message": "no"}),
            (401, {}),
            (403, {}),
        ],
    )
    def test_a_bad_key_stops_the_job_in_whatever_envelope(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        status: int,
        body: dict[str, Any],
    ) -> None:
        sim.faults.append(Fault(when="before", status=status, body=text_of(body)))
        with pytest.raises(StopJobError) as stop:
            api.send(http, account, self.batch(api, [self.prospect(1)]))
        assert stop.value.reason == "provider_auth"

    def test_a_bad_key_without_a_lookup_stops_the_job_too(
        self, sim: SaleshandySimulator, http: HttpClient
    ) -> None:
        api = self.make(fields={})
        account = self.account_of(sim.account() | {"api_key": "wrong"})
        with pytest.raises(StopJobError) as stop:
            api.send(http, account, self.batch(api, [self.prospect(1)]))
        assert stop.value.reason == "provider_auth"
        assert [r.status for r in sim.ledger] == [400]

    @pytest.mark.parametrize("status", [408, 500, 503])
    @pytest.mark.parametrize("headers", [{}, {"Retry-After": "7"}])
    def test_words_of_a_rate_limit_do_not_show_that_a_server_error_took_nothing(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        status: int,
        headers: dict[str, str],
    ) -> None:
        body = error(5001, "Rate limit service failed")
        sim.faults.append(Fault(when="after", status=status, body=body, headers=headers))
        with pytest.raises(FateUnknownError):
            api.send(http, account, self.batch(api, [self.prospect(1)]))

    def test_the_rate_limit_arrives_as_400(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
    ) -> None:
        for message in ("Rate Limit exceeded", ["slow down:", "RATE LIMIT"]):
            body = error(40000, message)
            sim.faults.append(Fault(when="before", status=400, body=body))
            with pytest.raises(ProviderBusyError) as busy:
                api.send(http, account, self.batch(api, [self.prospect(1)]))
            assert busy.value.retry_after == 5

    @pytest.mark.parametrize(
        ("attempts", "seconds"), [(0, 5), (1, 10), (4, 25), (5, 60), (999, 60)]
    )
    def test_a_rate_limit_that_names_no_time_is_waited_out_ever_longer(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        attempts: int,
        seconds: float,
    ) -> None:
        body = error(40000, "Rate Limit exceeded")
        for status in (400, 429):
            for method in ("POST", "GET"):
                sim.faults.append(Fault(when="before", method=method, status=status, body=body))
            with pytest.raises(ProviderBusyError) as sent:
                api.send(http, account, self.batch(api, [self.prospect(1)], attempts=attempts))
            with pytest.raises(ProviderBusyError) as polled:
                api.poll(http, account, Handle({"request_id": "1"}, ROWS, 60, failures=attempts))
            assert (sent.value.retry_after, polled.value.retry_after) == (seconds, seconds)

    @pytest.mark.parametrize(
        ("message", "is_about_all"),
        [
            ("each value in tags must be a string", True),
            (["tags must be an array"], True),
            (["prospectList is empty", "property tags should not exist"], True),
            ("stepId must be a string", True),
            ("Invalid stepId", True),
            ("property sequenceId should not exist", True),
            ("First Name must not contain HTML tags", False),
            ("prospectList.0.First Name has tags", False),
            ("prospectList.3.tags must be a string", False),
            ("prospectList.3.stepId should not exist", False),
            ("Company: tags are not allowed", False),
        ],
    )
    def test_only_words_about_a_member_that_all_rows_share_refuse_them_all(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        message: str | list[str],
        is_about_all: bool,  # a parametrized value
    ) -> None:
        body = text_of({"statusCode": 400, "message": message})
        sim.faults.append(Fault(when="before", status=400, body=body))
        batch = self.batch(api, [self.prospect(1), self.prospect(2)])
        if is_about_all:
            with pytest.raises(BatchRefusedError):
                api.send(http, account, batch)
        else:
            assert api.send(http, account, batch).max_rows == 1

    @pytest.mark.parametrize(
        ("body", "reason", "code"),
        [
            (
                {"code": 4000, "type": "error", "message": "Failed to import prospects"},
                "Failed to import prospects",
                "4000",
            ),
            (
                {"statusCode": 400, "message": ["a must be b", "c should not exist"]},
                "a must be b; c should not exist",
                "400",
            ),
            ({"statusCode": 400, "messages": ["one"]}, "one", "400"),
            ({"error": "x", "error_code": 7, "error_message": "two"}, "two", "7"),
            ({}, "HTTP 400", "400"),
        ],
    )
    def test_any_other_refusal_keeps_the_provider_s_words(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        body: dict[str, Any],
        reason: str,
        code: str,
    ) -> None:
        sim.faults.append(Fault(when="before", status=400, body=text_of(body)))
        with pytest.raises(BatchRefusedError) as refusal:
            api.send(http, account, self.batch(api, [self.prospect(1)]))
        assert (refusal.value.reason, refusal.value.raw_status) == (reason, code)
        assert "person1" not in str(refusal.value)

    def test_an_unknown_label_that_nobody_checked_refuses_the_request(
        self, sim: SaleshandySimulator, http: HttpClient, account: SaleshandyAccount
    ) -> None:
        api = self.make(fields={"Team size": "Headcount"})
        with pytest.raises(BatchRefusedError) as refusal:
            api.send(http, account, self.batch(api, [self.prospect(1)], session={}))
        assert "Headcount" in refusal.value.reason
        assert self.imported(sim) == 0

    @pytest.mark.parametrize("payload", [{}, {"requestId": ""}, {"requestId": 5}, None, "1a2b3c4"])
    def test_a_created_answer_without_a_request_id_is_untraceable(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        payload: Any,  # any JSON
    ) -> None:
        body = text_of({"message": "Prospect import has started", "payload": payload})
        sim.faults.append(Fault(when="after", status=201, body=body))
        answer = api.send(http, account, self.batch(api, [self.prospect(1)]))
        assert answer.handle is None
        assert answer.rest is not None
        assert answer.rest[:2] == (Outcome.UNKNOWN, "no_receipt")

    @pytest.mark.parametrize("body", ["", "<html>ok</html>", "{", "[]", "null", '{"message": "m"}'])
    def test_a_success_without_a_receipt_is_no_success(
        self, api: Any, sim: Any, http: HttpClient, account: Any, body: str
    ) -> None:
        sim.faults.append(Fault(when="after", path=self.send_path, status=200, body=body))
        answer, _ = self.send(api, http, account, self.batch(api, [self.prospect(1)]))
        assert answer.handle is None
        assert answer.rest is not None
        assert answer.rest[:2] == (Outcome.UNKNOWN, "no_receipt")

    # ------------------------------------------------------------------ doubt and deadlines

    @pytest.mark.parametrize(
        ("action", "rule"),
        [
            ("addMissingFields", AfterCrash.RESEND),
            ("noUpdate", AfterCrash.RESEND),
            ("overwrite", AfterCrash.GIVE_UP),
            ("upsert", AfterCrash.GIVE_UP),
        ],
    )
    def test_only_what_changes_nothing_twice_is_sent_twice(
        self, action: str, rule: AfterCrash
    ) -> None:
        assert self.make(conflict_action=action).after_crash is rule
        assert self.make(conflict_action=action, verify_prospects=True).after_crash is (
            AfterCrash.GIVE_UP
        )

    def test_many_rows_and_verification_get_more_time(self, api: Saleshandy) -> None:
        assert api.deadline_seconds(20_000) == 7_200
        assert api.deadline_seconds(20_001) == 21_600
        assert self.make(verify_prospects=True).deadline_seconds(1) == 21_600

    @pytest.mark.parametrize("is_repeat", [True, False])
    def test_rows_enrolled_by_a_lost_request_are_good_on_its_repeat_only(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        is_repeat: bool,  # a parametrized value
    ) -> None:
        batch = self.batch(api, [self.prospect(1), self.prospect(2, "refused")])
        sim.faults.append(Fault(when="after", path=self.send_path, status=502))
        with pytest.raises(FateUnknownError):
            api.send(http, account, batch)
        answer = api.send(http, account, batch)

        rows = [(row.row, row.identity) for row in batch.rows]
        ended = self.poll_until_terminal(
            api, http, account, Handle(answer.handle or {}, rows, 30, is_repeat=is_repeat)
        )

        expected = Outcome.ACCEPTED if is_repeat else Outcome.EXISTING
        assert ended.results[1].outcome is expected
        assert ended.results[1].reason == PRESENT
        assert ended.results[2].outcome is Outcome.REFUSED
        assert sim.enrolled == {"person1@example.com": "stepDemo01"}

    # ------------------------------------------------------------------ status

    def test_every_shape_of_a_status_is_read_alike(
        self,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
    ) -> None:
        api = self.make(fields={})
        for row in (1, 3, 5, 7):
            rows = [self.prospect(row), self.prospect(row + 1, "refused")]
            results = self.run(api, http, account, rows)
            assert results[row].outcome is Outcome.ACCEPTED
            assert results[row + 1].outcome is Outcome.REFUSED
            time.sleep(0.13)  # a scaled minute: the simulator's rate limit is not the subject

        shapes = {(started.is_wrapped, started.link_name) for started in sim.started.values()}
        assert len(shapes) == 4

    def test_markers_end_as_they_say(
        self,
        api: Saleshandy,
        http: HttpClient,
        account: SaleshandyAccount,
    ) -> None:
        markers = ["", "refused", "existing", "bounced", "unsubscribed"]
        rows = [self.prospect(row, marker) for row, marker in enumerate(markers, start=1)]
        results = self.run(api, http, account, rows)

        assert [results[row].outcome for row in range(1, 6)] == [
            "accepted",
            "refused",
            "existing",
            "suppressed",
            "suppressed",
        ]
        assert results[2].reason == "10100 - Invalid e-mail, please check the address"
        assert [results[row].raw_status for row in range(1, 6)] == [
            "isCompleted=true",
            "10100",
            "reported",
            "10700",
            "10800",
        ]

    def test_completed_is_not_success_when_every_row_is_reported(
        self,
        api: Saleshandy,
        http: HttpClient,
        account: SaleshandyAccount,
    ) -> None:
        rows = [self.prospect(row, "refused") for row in (1, 2, 3)]
        results = self.run(api, http, account, rows)
        assert {result.outcome for result in results.values()} == {Outcome.REFUSED}

    def test_the_report_s_host_never_sees_the_key(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
    ) -> None:
        self.run(api, http, account, [self.prospect(1, "refused")])

        assert [r.status for r in sim.reports.ledger] == [200]
        sent = " ".join(f"{k}: {v}" for r in sim.reports.ledger for k, v in r.headers.items())
        assert API_KEY not in sent
        assert "api-key" not in sent.lower()

    @pytest.mark.parametrize("value", [False, None, "true", 1, "yes", {}])
    @pytest.mark.parametrize("is_wrapped", [True, False])
    def test_only_exactly_true_completes(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        value: Any,  # any JSON
        is_wrapped: bool,  # a parametrized value
    ) -> None:
        status = {"isCompleted": value, "failedProspectsURL": None, "status": "completed"}
        answer = self.poll_body(
            api, sim, http, account, {"payload": status} if is_wrapped else status
        )
        assert not answer.is_terminal
        assert answer.warnings == (() if value is False else ("unknown_status",))

    @pytest.mark.parametrize(
        "levels",
        [
            ({"failedProspectsURL": "LINK"}, {"isCompleted": True}),
            ({"isCompleted": True}, {"failedProspectsURL": "LINK"}),
            ({"isCompleted": True, "reportURL": "LINK"}, {"isCompleted": True}),
            ({}, {"isCompleted": True, "failedProspectsURL": None, "reportUrl": "LINK"}),
            ({"iscompleted": True, "failedProspectsUrl": "LINK"}, None),
        ],
    )
    def test_flag_and_link_are_read_on_both_levels_and_without_case(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        levels: tuple[dict[str, Any], dict[str, Any] | None],
    ) -> None:
        report = "Email,Error\nperson1@example.com,bad\nperson2@example.com,bad\n"
        sim.reports.faults.append(Fault(when="before", method="GET", status=200, body=report))
        link = f"{sim.reports.url}/any.csv"
        top, inner = ({k: link if v == "LINK" else v for k, v in (x or {}).items()} for x in levels)
        body = top if levels[1] is None else top | {"payload": inner}
        answer = self.poll_body(api, sim, http, account, body)
        assert [answer.results[row].outcome for row in (1, 2)] == ["refused", "refused"]

    def test_levels_that_contradict_each_other_complete_nothing(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
    ) -> None:
        body = {"isCompleted": False, "payload": {"isCompleted": True}}
        answer = self.poll_body(api, sim, http, account, body)
        assert not answer.is_terminal
        assert answer.warnings == ("unknown_status",)

    @pytest.mark.parametrize("link", [{}, {"failedProspectsURL": None}, {"reportURL": ""}])
    def test_completed_without_a_link_leaves_nothing_to_doubt(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        link: dict[str, Any],
    ) -> None:
        answer = self.poll_body(api, sim, http, account, {"isCompleted": True} | link)
        assert answer.is_terminal
        assert answer.rest.outcome is Outcome.ACCEPTED
        assert answer.results == {}

    @pytest.mark.parametrize(
        ("age", "missing", "is_terminal"),
        [(119, 9, False), (7_000, 3, False), (7_000, 0, False), (120, 4, True)],
    )
    def test_a_request_is_lost_after_two_minutes_and_five_answers_in_a_row(
        self,
        api: Saleshandy,
        http: HttpClient,
        account: SaleshandyAccount,
        age: float,
        missing: int,
        is_terminal: bool,  # a parametrized value
    ) -> None:
        sent, _ = self.send(api, http, account, self.batch(api, [self.prospect(1, "lost")]))
        handle = Handle(value=sent.handle or {}, rows=ROWS, age=age, missing=missing)
        answer = api.poll(http, account, handle)

        assert (answer.is_terminal, answer.is_missing) == (is_terminal, True)
        assert answer.rest.outcome is Outcome.UNKNOWN
        assert answer.results == {}

    def test_the_same_code_as_a_rate_limit_asks_to_wait(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
    ) -> None:
        with pytest.raises(ProviderBusyError):
            self.poll_body(
                api,
                sim,
                http,
                account,
                {"code": 40000, "message": "Rate Limit exceeded"},
                status=400,
                age=500,
            )

    @pytest.mark.parametrize("status", [307, 404, 406, 422])
    def test_an_undocumented_refusal_of_a_poll_ends_nothing(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        status: int,
    ) -> None:
        with pytest.raises(FateUnknownError):
            self.poll_body(
                api, sim, http, account, {"message": "not found"}, status=status, age=500
            )

    def test_an_import_that_died_stays_pending(
        self,
        api: Saleshandy,
        http: HttpClient,
        account: SaleshandyAccount,
    ) -> None:
        sent, _ = self.send(api, http, account, self.batch(api, [self.prospect(1, "stuck")]))
        time.sleep(0.1)  # 50 of the simulator's seconds: unmarked imports are completed by then
        answer = api.poll(http, account, Handle(value=sent.handle or {}, rows=ROWS, age=7_000))
        assert not answer.is_terminal
        assert answer.raw_status == "isCompleted=false"

    # ------------------------------------------------------------------ reports

    def test_a_report_that_cannot_be_read_is_tried_three_times(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
    ) -> None:
        batch = self.batch(api, [self.prospect(1), self.prospect(2, "noreport")])
        sent = api.send(http, account, batch)
        rows = [(row.row, row.identity) for row in batch.rows]

        ended = self.poll_until_terminal(api, http, account, Handle(sent.handle or {}, rows, 30))

        assert [r.status for r in sim.reports.ledger] == [404, 404, 404]
        assert ended.results == {}
        assert ended.rest.outcome is Outcome.UNKNOWN
        assert ended.warnings == ("report_unavailable",)

    def test_a_report_that_comes_late_is_read(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
    ) -> None:
        sim.reports.faults += [Fault(when="before", method="GET", status=503)] * 2
        results = self.run(api, http, account, [self.prospect(1), self.prospect(2, "refused")])

        assert [r.status for r in sim.reports.ledger] == [503, 503, 200]
        assert [results[row].outcome for row in (1, 2)] == ["accepted", "refused"]

    @pytest.mark.parametrize(
        "link",
        [
            "http://files.example.com/r.csv",
            "https://169.254.169.254/latest/meta-data",
            "https://user:pass@files.example.com/r.csv",
            "file:///etc/passwd",
            ["https://files.example.com/r.csv"],
            True,
            False,
            0,
            [],
            {},
            " ",
        ],
    )
    def test_a_link_that_may_not_be_followed_makes_no_row_good(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        link: Any,  # any JSON
    ) -> None:
        body = {"payload": {"isCompleted": True, "failedProspectsURL": link}}
        first = self.poll_body(api, sim, http, account, body)
        assert not first.is_terminal
        last = self.poll_body(api, sim, http, account, body, memory={"report_tries": 2})
        assert last.is_terminal
        assert last.rest.outcome is Outcome.UNKNOWN

    def test_a_link_that_is_none_is_not_outweighed_by_one_that_is(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
    ) -> None:
        link = f"{sim.reports.url}/any.csv"
        status = {"isCompleted": True, "failedProspectsURL": link, "reportURL": [link, link]}
        answer = self.poll_body(api, sim, http, account, {"payload": status})
        assert not answer.is_terminal
        assert sim.reports.ledger == []

    @pytest.mark.parametrize(
        "report",
        [
            "Email,Error\nPERSON2@Example.COM,Invalid email\n",
            "\ufeffEmail,Error\r\nperson2@example.com,Invalid email\r\n",
            'Name,"E-mail, main",Failure reason\n"Doe, A",person2@example.com,Invalid email\n',
            "Email Status;Prospect E-Mail;Failure Message\n;Person2@example.com;Invalid email\n",
            "Owner Email,Email,Status\nowner@example.org, person2@example.com ,Invalid email\n",
            "\n\nPROSPECT EMAIL ADDRESS\tREASON\nperson2@example.com\tInvalid email\n\n\t\n",
            'Email,Error\n<mailto:person2@example.com>,"Invalid\nemail"\n',
            "Who,Error message\nAda <person2@example.com>,Invalid email\n",
            "Email,Error\nperson2@example.com,Invalid email\nperson2@example.com,Other\n",
            '"E-mail Address";"Why, reason"\n"person2@example.com";"Invalid email"\n',
            '"Name, first, last";E-mail;Reason\nAda;person2@example.com;Invalid email\n',
            "person2@example.com,Invalid email\n",
            "Invalid email;Person2@example.com\n",
        ],
    )
    def test_odd_reports_are_read(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        report: str,
    ) -> None:
        answer = self.poll_report(api, sim, http, account, report)
        assert {row: result.outcome for row, result in answer.results.items()} == {2: "refused"}
        assert answer.results[2].reason == "Invalid email"
        assert answer.rest.outcome is Outcome.ACCEPTED
        assert answer.warnings == ()

    @pytest.mark.parametrize(
        "report",
        [
            "Email,Cause\nperson2@example.com,Invalid email\n",
            "Email,Error\nperson2@example.com,\n",
            "Name,Number\nAda <person2@example.com>,7\n",
            "Email\nperson2@example.com\n",
            "Failed e-mails\nPerson2@example.com\n\n",
            "person2@example.com\n",
        ],
    )
    def test_a_reported_row_without_a_readable_reason_is_refused_all_the_same(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        report: str,
    ) -> None:
        answer = self.poll_report(api, sim, http, account, report)
        assert answer.results[2].outcome is Outcome.REFUSED
        assert answer.results[2].reason == "listed as failure"
        assert list(answer.results) == [2]

    def test_a_reason_that_mentions_another_row_does_not_condemn_it(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
    ) -> None:
        report = "Email,Error\nperson2@example.com,Same phone as person1@example.com\n"
        answer = self.poll_report(api, sim, http, account, report)
        assert list(answer.results) == [2]
        assert answer.rest.outcome is Outcome.ACCEPTED

    @pytest.mark.parametrize(
        ("report", "outcomes", "rest"),
        [
            # Fields of the route, which the report repeats: the person beside it did not fail.
            (
                "Email,Manager Email,Error\nperson2@example.com,person1@example.com,bad\n",
                {2: "refused"},
                "accepted",
            ),
            (
                "Manager Email,Prospect email,Error\nperson1@example.com,person2@example.com,bad\n",
                {2: "refused"},
                "accepted",
            ),
            (
                "Referred by,Who,Error\nperson1@example.com,Bo <person2@example.com>,bad\n",
                {2: "refused"},
                "accepted",
            ),
            ("Email,Manager Email,Error\n,person1@example.com,bad\n", {}, "unknown"),
            ("Referred by,Who,Error\nperson1@example.com,Bo,bad\n", {}, "unknown"),
            # A column that is exactly the identity's is the one that counts.
            (
                "Owner Email,Email,Error\nperson1@example.com,person2@example.com,bad\n",
                {2: "refused"},
                "accepted",
            ),
            ("Email,Owner Email,Error\nnobody,person1@example.com,bad\n", {}, "unknown"),
            ("Email,Referrer,Error\n,person1@example.com,bad\n", {}, "unknown"),
            # Where the entry has its own column, an address in a reason is somebody else's.
            ("E-mail address,Error\nnobody,Same as person1@example.com\n", {}, "unknown"),
            ("Who,Error\nBo,No such address: person2@example.com\n", {2: "refused"}, "accepted"),
            # Of two whom an entry names, nobody can tell which one failed.
            (
                "Who,Why\nBo <person2@example.com>,Same as person1@example.com\n",
                {1: "unknown", 2: "unknown"},
                "accepted",
            ),
        ],
    )
    def test_an_address_beside_the_identity_condemns_nobody(
        self,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        report: str,
        outcomes: dict[int, str],
        rest: str,
    ) -> None:
        api = self.make(fields={"manager": "Manager Email", "referrer": "Referred by"})
        answer = self.poll_report(api, sim, http, account, report)
        assert {row: result.outcome for row, result in answer.results.items()} == outcomes
        assert answer.rest.outcome == rest

    def test_a_hostile_report_costs_no_quadratic_time(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
    ) -> None:
        with cheaply():
            report = f"Email,Error\n{'a' * 100_000},x\nperson2@example.com,bad\n"
            answer = self.poll_report(api, sim, http, account, report)
        assert answer.results[2].outcome is Outcome.REFUSED
        assert answer.rest.outcome is Outcome.UNKNOWN

    def test_the_report_of_a_batch_that_is_refused_to_the_last_row_is_read(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
    ) -> None:
        note = '"' * 2 * (Saleshandy.limits.bytes // 5_000)  # written twice by the CSV's rules
        lines = [f'person{row}@example.com,"{note}",Invalid email' for row in range(1, 5_001)]
        report = "\n".join(["Email,Note,Error", *lines])
        assert len(report) > 2 * Saleshandy.limits.bytes
        sim.reports.faults.append(Fault(when="before", method="GET", status=200, body=report))
        body = {"isCompleted": True, "reportURL": f"{sim.reports.url}/any.csv"}
        sim.faults.append(Fault(when="before", method="GET", status=200, body=text_of(body)))
        rows = [(row, f"person{row}@example.com") for row in range(1, 5_001)]

        answer = api.poll(http, account, Handle({"request_id": "1"}, rows, age=60))

        assert Counter(each.outcome for each in answer.results.values()) == {"refused": 5_000}

    def test_reading_a_report_takes_no_memory_for_all_of_its_entries(self) -> None:
        entry = "person2@example.com,bad," + ",".join(f"{cell:04}" for cell in range(500))
        report = "\n".join(["Email,Error", *[entry] * 1_000]).encode()
        tracemalloc.start()
        try:
            found = saleshandy._failures(report, Handle({}, ROWS, age=60), ())
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert found == ({2: RowResult(Outcome.REFUSED, "bad", raw_status="reported")}, 0)
        assert most < len(report) / 4

    def test_a_line_of_a_report_has_its_limit(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
    ) -> None:
        report = "Email,Error\nperson2@example.com,bad" + ",ab" * 400_000 + "\n"
        answer = self.poll_report(api, sim, http, account, report)
        assert not answer.is_terminal
        assert answer.handle is not None

    @pytest.mark.parametrize("stranger", ["stranger@example.org", "nobody", "person22@example.com"])
    def test_a_failure_that_is_none_of_ours_casts_doubt_on_the_rest(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        stranger: str,
    ) -> None:
        report = f"Email,Error\nperson2@example.com,bad\n{stranger},bad\n"
        answer = self.poll_report(api, sim, http, account, report)
        assert answer.results[2].outcome is Outcome.REFUSED
        assert answer.rest.outcome is Outcome.UNKNOWN
        assert answer.warnings == ("unmatched_failures",)

    @pytest.mark.parametrize(
        "report",
        [
            "",
            "\ufeff",
            ",,,\n",
            "Name,Error\nAda,bad\n",
            "Your link has expired. We sent a new one by email.",
            "Your link, alas, has expired.\nWe sent a new one, you know, by email.\n",
            "Email,Er",
            "First Name,Email,Error\n",
            "Email,Error\nperson2@example.com,Invalid\nperson1@exam",
            "person2@example.com,Ada,Invalid email\nperson1@example.com,Ada,Invalid email\n",
            "person22@example.com,Invalid email\nperson1@example.com,Invalid email\n",
            "person2@example.com,person1@example.com\n",
            "person2@example.com,Invalid email\nperson1@exam",
            "person2@example.com,Invalid email\nAda,Invalid email\n",
            "Prospect\nperson2@example.com\n",
            "Email\nperson2@example.com\nThe rest of the file\n",
            "Write an email to person2@example.com for help\n",
            'Email,Error\nperson1@example.com,"never closed\nperson2@example.com,bad\n',
            'Prospect,Error\n"Ada" person2@example.com,"never closed\n',
            "<html>email</html>",
            '{"error": "email not found"}',
            "P\0e\0r\0s\0o\0n",
        ],
    )
    def test_what_is_no_report_makes_no_row_good(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        report: str,
    ) -> None:
        first = self.poll_report(api, sim, http, account, report)
        assert not first.is_terminal
        last = self.poll_report(api, sim, http, account, report, memory={"report_tries": 2})
        assert last.is_terminal
        assert last.rest.outcome is Outcome.UNKNOWN
        assert last.warnings == ("report_unavailable",)

    def test_a_column_we_sent_is_not_taken_for_a_reason(
        self,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
    ) -> None:
        api = self.make(fields={"lead": "Lead Status"})
        report = "Email,Lead Status,Error\nperson2@example.com,unsubscribed last year,bad\n"
        answer = self.poll_report(api, sim, http, account, report)
        assert answer.results[2][:2] == (Outcome.REFUSED, "bad")

    @pytest.mark.parametrize(
        ("reason", "outcome", "on_a_repeat"),
        [
            (PRESENT, "existing", "accepted"),
            ("10200", "existing", "accepted"),
            ("Prospect already present", "refused", "accepted"),
            ("12000", "existing", "existing"),
            ("12000 already present in another sequence", "existing", "existing"),
            ("10700", "suppressed", "suppressed"),
            ("Email Bounced", "suppressed", "suppressed"),
            ("code 10800: gone", "suppressed", "suppressed"),
            ("Unsubscribed; already present in another step", "suppressed", "suppressed"),
            ("on the Do-Not-Contact list", "suppressed", "suppressed"),
            ("DNC", "suppressed", "suppressed"),
            ("domain is blacklisted", "suppressed", "suppressed"),
            ("10600", "refused", "unknown"),
            ("10600 - Duplicate prospect", "refused", "unknown"),
            ("Duplicate", "refused", "unknown"),
            ("Prospect already exists", "refused", "unknown"),
            ("10100", "refused", "refused"),
            ("imported", "unknown", "unknown"),
            ("Success", "unknown", "unknown"),
            ("Prospect was imported successfully.", "unknown", "unknown"),
            ("10000 prospects are the limit", "unknown", "unknown"),
            ("10000; 10100", "unknown", "unknown"),
            ("Could not be imported", "refused", "refused"),
            ("Not imported", "refused", "refused"),
            ("Unsuccessful", "refused", "refused"),
            ("110200", "refused", "refused"),
            ("Prospect has bounced (10700)", "suppressed", "suppressed"),
            ("Failed [12000]", "existing", "existing"),
            ("Error 12000: active in another sequence", "existing", "existing"),
            ("error: 10800", "suppressed", "suppressed"),
            # Numbers of the row, and no codes.
            ("Revenue 12000 is no date", "refused", "refused"),
            ("Mismatch in custom field type: 10700", "refused", "refused"),
            ("Postal code 12000 is not valid", "refused", "refused"),
            ("Zip code: 10800", "refused", "refused"),
            ("Team size 10200 is over the limit", "refused", "refused"),
            ("Revenue 10000 is no date", "refused", "refused"),
            ("No person at number 10600", "refused", "refused"),
            ("a word that nobody documented", "refused", "refused"),
        ],
    )
    def test_reasons_decide_the_outcome_and_are_kept(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        reason: str,
        outcome: str,
        on_a_repeat: str,
    ) -> None:
        report = f"Email,Error\nperson2@example.com,{reason}\n"
        for is_repeat, expected in ((False, outcome), (True, on_a_repeat)):
            answer = self.poll_report(api, sim, http, account, report, is_repeat=is_repeat)
            assert answer.results[2].outcome == expected
            assert answer.results[2].reason == reason

    @pytest.mark.parametrize(
        ("columns", "cells"),
        [
            ("Reason", "10000"),
            ("Reason", "10000 - Success"),
            ("Code,Reason", "10000,"),
            ("Code,Reason", "10000,Imported successfully"),
            ("Error Code,Status", "10000,ok"),
        ],
    )
    @pytest.mark.parametrize("is_repeat", [False, True])
    def test_a_row_that_the_report_calls_a_success_is_as_one_that_it_does_not_name(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        columns: str,
        cells: str,
        is_repeat: bool,  # a parametrized value
    ) -> None:
        other = "10100" + "," * columns.count(",")
        report = f"Email,{columns}\nperson1@example.com,{cells}\nperson2@example.com,{other}\n"
        answer = self.poll_report(api, sim, http, account, report, is_repeat=is_repeat)
        assert {row: result.outcome for row, result in answer.results.items()} == {2: "refused"}
        assert answer.rest.outcome is Outcome.ACCEPTED

    @pytest.mark.parametrize(
        ("lines", "outcome", "reason"),
        [
            (("10000", "10100 bad"), "refused", "10100 bad"),
            (("10100 bad", "10000"), "refused", "10100 bad"),
            (("10000", "imported"), "unknown", "imported"),
            (("10200", "10600"), "refused", "10600"),
            (("10600", "10200"), "refused", "10600"),
            (("bounced", "bad"), "refused", "bad"),
            (("bad", "worse"), "refused", "bad"),
        ],
    )
    def test_of_lines_that_contradict_each_other_the_worst_counts(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        lines: tuple[str, ...],
        outcome: str,
        reason: str,
    ) -> None:
        report = "Email,Error\n" + "".join(f"person2@example.com,{line}\n" for line in lines)
        answer = self.poll_report(api, sim, http, account, report)
        assert answer.results[2][:2] == (outcome, reason)

    @pytest.mark.parametrize(
        ("columns", "cells", "outcome", "reason", "raw_status"),
        [
            ("Code", "10800", "suppressed", "10800", "10800"),
            ("Code", " 10700 ", "suppressed", "10700", "10700"),
            ("Code", "12000", "existing", "12000", "12000"),
            ("Code", "10600", "refused", "10600", "10600"),
            ("Error Code", "10800", "suppressed", "10800", "10800"),
            (
                "ERROR_CODE,Message",
                "10700,It is gone.",
                "suppressed",
                "10700; It is gone.",
                "10700",
            ),
            ("Code,Reason", "10800,", "suppressed", "10800", "10800"),
            ("Reason,Code", "It is gone.,10800", "suppressed", "It is gone.; 10800", "10800"),
            # No code of the import: not five digits from 10000 on, or a column of another name.
            ("Code,Reason", "dnc,No.", "refused", "No.", "reported"),
            ("Code,Reason", "108,No.", "refused", "No.", "reported"),
            ("Postal Code,Reason", "10800,No.", "refused", "No.", "reported"),
            ("Zip,Reason", "10800,No.", "refused", "No.", "reported"),
        ],
    )
    def test_a_code_decides_in_whichever_column_it_stands(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        columns: str,
        cells: str,
        outcome: str,
        reason: str,
        raw_status: str,
    ) -> None:
        report = f"Email,{columns}\nperson2@example.com,{cells}\n"
        answer = self.poll_report(api, sim, http, account, report)
        result = answer.results[2]
        assert (result.outcome, result.reason, result.raw_status) == (outcome, reason, raw_status)

    def test_a_field_of_ours_that_is_called_code_is_none(
        self, sim: SaleshandySimulator, http: HttpClient, account: SaleshandyAccount
    ) -> None:
        api = self.make(fields={"postcode": "Code"})
        report = "Email,Code,Error\nperson2@example.com,10800,bad\n"
        answer = self.poll_report(api, sim, http, account, report)
        assert answer.results[2][:2] == (Outcome.REFUSED, "bad")

    def test_a_row_listed_without_a_reason_on_a_repeat_may_be_in_already(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
    ) -> None:
        report = "Email,Cause\nperson2@example.com,\n"
        for is_repeat, expected in ((False, "refused"), (True, "unknown")):
            answer = self.poll_report(api, sim, http, account, report, is_repeat=is_repeat)
            assert answer.results[2].outcome == expected

    # ------------------------------------------------------------------ verification and limits

    def test_what_verification_calls_bad_is_refused(
        self, sim: SaleshandySimulator, http: HttpClient, account: SaleshandyAccount
    ) -> None:
        api = self.make(verify_prospects=True)
        people = [self.prospect(1), self.prospect(2, "bad"), self.prospect(3, "refused")]
        results = self.run(api, http, account, people)

        assert {row: result.outcome for row, result in results.items()} == {
            1: "accepted",
            2: "refused",
            3: "refused",
        }
        assert results[2].reason == "verification_bad"
        (asked,) = [r for r in sim.ledger if r.path == "/v1/prospects/verification-status"]
        assert len(asked.body["emails"]) == 2

    @pytest.mark.parametrize(
        ("method", "headers", "seconds"),
        [
            ("GET", {}, 2 * Saleshandy.rates.poll_gap),
            ("GET", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "100"}, 100),
            ("POST", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "100"}, 100),
        ],
    )
    def test_the_call_about_the_verification_has_a_gap_of_its_own(
        self,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        method: str,
        headers: dict[str, str],
        seconds: float,
    ) -> None:
        answers: dict[str, dict[str, Any]] = {
            "GET": {"payload": {"isCompleted": True}},
            "POST": {"payload": []},
        }
        for each, body in answers.items():
            told = headers if each == method else {}
            sim.faults.append(
                Fault(when="before", method=each, status=200, body=text_of(body), headers=told)
            )
        handle = Handle({"request_id": "1"}, [(1, "person1@example.com")], age=60)

        answer = self.make(verify_prospects=True).poll(http, account, handle)

        assert answer.hold == pytest.approx(seconds, abs=3)

    def test_without_verification_nothing_is_asked(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
    ) -> None:
        assert self.run(api, http, account, [self.prospect(1)])[1].outcome is Outcome.ACCEPTED
        assert not [r for r in sim.ledger if r.path == "/v1/prospects/verification-status"]

    @pytest.mark.parametrize(
        ("payload", "expected"),
        [
            ([{"email": "Person1@Example.com ", "status": "BAD"}], {1: "refused"}),
            ([{"email": "person1@example.com", "verificationStatus": "risky"}], {1: "accepted"}),
            (
                {"person1@example.com": "bad", "person2@example.com": "skip"},
                {1: "refused", 2: "accepted"},
            ),
            ({"person1@example.com": "VALID", "person2@example.com": "pending"}, {1: "accepted"}),
            ([{"email": "person1@example.com", "status": "inProgress"}], {}),
            ({"person1@example.com": "excellent", "person2@example.com": ""}, {}),
            (
                [
                    {"email": "person1@example.com", "status": "bad"},
                    {"email": "person1@example.com", "status": "valid"},
                    {"email": "person2@example.com", "status": "valid"},
                    {"email": "person2@example.com", "status": "pending"},
                ],
                {1: "refused"},
            ),
            ({"person1@example.com": "bad", "Person1@example.com": "valid"}, {1: "refused"}),
            ([], {}),
            (None, {}),
            ([None, 5, {"email": 5, "status": "bad"}, {"email": "person1@example.com"}], {}),
        ],
    )
    def test_an_address_without_an_answer_is_not_good(
        self,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        payload: Any,  # any JSON
        expected: dict[int, str],
    ) -> None:
        api = self.make(verify_prospects=True)
        completed = text_of({"payload": {"isCompleted": True}})
        sim.faults.append(Fault(when="before", method="GET", status=200, body=completed))
        told = text_of({"payload": payload})
        sim.faults.append(Fault(when="before", method="POST", status=200, body=told))
        rows = [(row, f"person{row}@example.com") for row in (1, 2)]
        answer = api.poll(http, account, Handle({"request_id": "1"}, rows, age=60))

        assert {row: result.outcome for row, result in answer.results.items()} == expected
        assert answer.rest.outcome is Outcome.UNKNOWN

    @pytest.mark.parametrize(
        ("status", "body", "raised"),
        [
            (429, "", ProviderBusyError),
            (400, '{"code": 40000, "message": "Rate Limit exceeded"}', ProviderBusyError),
            (400, '{"code": 1001, "message": "Invalid token"}', StopJobError),
            (403, "", StopJobError),
            (500, "", FateUnknownError),
        ],
    )
    def test_a_verification_that_cannot_be_asked_for_now_ends_nothing(
        self,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        status: int,
        body: str,
        raised: type[Exception],
    ) -> None:
        completed = text_of({"payload": {"isCompleted": True}})
        sim.faults.append(Fault(when="before", method="GET", status=200, body=completed))
        sim.faults.append(Fault(when="before", method="POST", status=status, body=body))
        with pytest.raises(raised):
            self.make(verify_prospects=True).poll(
                http, account, Handle({"request_id": "1"}, ROWS, 60)
            )

    @pytest.mark.parametrize(("status", "body"), [(404, "{}"), (302, ""), (200, "<html>hm</html>")])
    def test_a_verification_without_an_answer_leaves_what_the_report_says(
        self,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        status: int,
        body: str,
    ) -> None:
        sim.faults.append(Fault(when="before", method="POST", status=status, body=body))
        report = "Email,Error\nperson2@example.com,bad\n"
        answer = self.poll_report(self.make(verify_prospects=True), sim, http, account, report)
        assert {row: result.outcome for row, result in answer.results.items()} == {2: "refused"}
        assert answer.rest.reason == "verification_not_reported"

    @pytest.mark.parametrize("form", ["date", "iso", "epoch", "milliseconds", "seconds"])
    @pytest.mark.parametrize("status", [200, 429, 400])
    def test_the_rate_headers_are_obeyed(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        form: str,
        status: int,
    ) -> None:
        moment = datetime.now(UTC) + timedelta(seconds=100)
        epoch = int(moment.timestamp())
        written = {
            "date": format_datetime(moment, usegmt=True),
            "iso": moment.isoformat(),
            "epoch": str(epoch),
            "milliseconds": f"{epoch}000",
            "seconds": "100",
        }[form]
        headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": written}
        body = {"payload": {"isCompleted": False}} if status == 200 else {"message": "Rate Limit"}
        sim.faults.append(
            Fault(when="before", method="GET", status=status, body=text_of(body), headers=headers)
        )
        handle = Handle({"request_id": "1"}, [(1, "person1@example.com")], age=60)
        if status == 200:
            assert api.poll(http, account, handle).hold == pytest.approx(100, abs=3)
            return
        with pytest.raises(ProviderBusyError) as busy:
            api.poll(http, account, handle)
        assert busy.value.retry_after == pytest.approx(100, abs=3)

    @pytest.mark.parametrize("left", ["19", "", "none"])
    def test_while_calls_are_left_nobody_waits(
        self,
        api: Saleshandy,
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        left: str,
    ) -> None:
        headers = {"x-ratelimit-remaining": left, "x-ratelimit-reset": "100"}
        body = text_of({"payload": {"isCompleted": True}})
        sim.faults.append(
            Fault(when="before", method="GET", status=200, body=body, headers=headers)
        )
        handle = Handle({"request_id": "1"}, [(1, "person1@example.com")], age=60)
        assert api.poll(http, account, handle).hold is None

    # ------------------------------------------------------------------ the simulator's strictness

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"verifyProspects": None}, "verifyProspects must be a boolean value"),
            ({"stepId": 12}, "stepId must be a string"),
            ({"sequenceId": "s"}, "property sequenceId should not exist"),
            ({"conflictAction": "skip"}, "conflictAction must be one of"),
            ({"prospectList": [{"email": "a@example.com"}]}, "no field 'email'"),
            ({"prospectList": [{"Email": "a@example.com", "fields": {}}]}, "object of strings"),
            ({"prospectList": [{"Email": "a@example.com"}] * 100_001}, "more than 100000"),
        ],
    )
    def test_the_simulator_refuses_what_the_gateway_refuses(
        self,
        sim: SaleshandySimulator,
        http: HttpClient,
        change: dict[str, Any],
        said: str,
    ) -> None:
        body = {
            "stepId": "stepDemo01",
            "conflictAction": "noUpdate",
            "verifyProspects": False,
            "prospectList": [{"Email": "a@example.com", "First Name": "A", "Last Name": "B"}],
        } | change
        headers = {"x-api-key": API_KEY, "Content-Type": "application/json"}
        answer = http.request(
            "POST",
            f"{sim.url}/v1/sequences/prospects/import-with-field-name",
            headers=headers,
            body=json_body({key: value for key, value in body.items() if value is not None}),
        )
        assert answer.status == 400
        assert said in str(answer.object()["message"])
        assert self.imported(sim) == 0

        got = http.request("GET", f"{sim.url}/v1/fields", headers=headers)
        assert got.status == 406

    def test_the_simulator_takes_twenty_calls_about_prospects_in_a_window(
        self, http: HttpClient
    ) -> None:
        with SaleshandySimulator() as sim:
            url = f"{sim.url}/v1/prospects/import-status/1a2b3c4"
            answers = [http.request("GET", url, headers={"x-api-key": API_KEY}) for _ in range(21)]
        assert [answer.status for answer in answers] == [400] * 20 + [429]
        left = [answer.headers["x-ratelimit-remaining"] for answer in answers]
        assert left == [str(number) for number in [*range(19, -1, -1), 0]]
        assert all(1 <= (answer.seconds_to("x-ratelimit-reset") or 0) <= 61 for answer in answers)
        assert 1 <= answers[-1].retry_after(0) <= 60

    # ------------------------------------------------------------------ what these tests work with

    def with_team_size(self, row: int, value: str, marker: str = "") -> Person:
        plain = self.prospect(row, marker)
        return Person(row=row, fields=plain.fields, custom={"Team size": value})

    def poll_until_terminal(
        self, api: Saleshandy, http: HttpClient, account: SaleshandyAccount, handle: Handle
    ) -> PollAnswer:
        for _ in range(100):
            answer = api.poll(http, account, handle)
            if answer.is_terminal:
                return answer
            handle = Handle(
                answer.handle or handle.value, handle.rows, handle.age, is_repeat=handle.is_repeat
            )
            time.sleep(0.01)
        pytest.fail("the simulator never finished")

    def poll_body(
        self,
        api: Provider[Any, Any],
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        body: dict[str, Any],
        *,
        status: int = 200,
        age: float = 30,
        memory: dict[str, Any] | None = None,
        is_repeat: bool = False,
    ) -> PollAnswer:
        sim.faults.append(Fault(when="before", method="GET", status=status, body=text_of(body)))
        value = {"request_id": "1a2b3c4"} | (memory or {})
        return api.poll(http, account, Handle(value, ROWS, age, is_repeat=is_repeat))

    def poll_report(
        self,
        api: Provider[Any, Any],
        sim: SaleshandySimulator,
        http: HttpClient,
        account: SaleshandyAccount,
        report: str,
        **options: Any,  # passed on
    ) -> PollAnswer:
        sim.reports.faults.append(Fault(when="before", method="GET", status=200, body=report))
        body = {"isCompleted": True, "reportURL": f"{sim.reports.url}/any.csv"}
        return self.poll_body(api, sim, http, account, body, **options)


def text_of(value: dict[str, Any]) -> str:
    return json_body(value).decode()


def error(code: int, message: str | list[str]) -> str:
    return text_of({"code": code, "type": "error", "message": message})
