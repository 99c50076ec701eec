from __future__ import annotations

from typing import Any

import pytest

from listdrop.errors import (
    BatchRefusedError,
    FateUnknownError,
    InvalidRowError,
    ProviderBusyError,
    StopJobError,
)
from listdrop.models import Outcome, RowResult
from listdrop.providers.base import AfterCrash, Handle, json_body
from listdrop.providers.kakiyo import Kakiyo, KakiyoAccount
from local.simulators.base import API_KEY, Fault
from local.simulators.kakiyo import KakiyoSimulator
from tests.contracts.provider import ProviderContract, prepare


def body_of(value: Any) -> str:
    return json_body(value).decode()


class TestKakiyo(ProviderContract):
    provider = Kakiyo
    simulator = KakiyoSimulator
    destination = {"provider": "kakiyo", "campaign_id": "camp_demo"}  # as the suite declares it
    send_path = "/prospects/batch"
    poll_path = "/prospects/imports/"
    good_outcome = Outcome.CONFIRMED

    # ------------------------------------------------------------------ what is sent

    def test_a_prospect_has_one_name_a_plain_address_and_merge_fields(self, api: Any) -> None:
        identity, payload = prepare(api, self.prospect(1, notes="Met at the fair.", tags="a; b"))

        assert identity == "person1"
        assert payload == {
            "name": "Ada Number1",
            "url": "https://linkedin.com/in/person1",
            "customData": "Met at the fair.",
            "additionalFields": [
                {"fieldName": "email", "fieldValue": "person1@example.com"},
                {"fieldName": "company", "fieldValue": "Example Ltd"},
                {"fieldName": "job_title", "fieldValue": "Head of Growth"},
                {"fieldName": "phone", "fieldValue": "+34600111222"},
                {"fieldName": "tags", "fieldValue": "a; b"},
                {"fieldName": "Team size", "fieldValue": "40"},
            ],
        }

    def test_merge_fields_take_the_names_that_the_route_gives(self) -> None:
        api = self.make(
            field_names={"Team Size": "seats", "email": "mail", "first_name": "firstName"}
        )

        assert self._fields(prepare(api, self.prospect(1)).payload) == {
            "mail": "person1@example.com",
            "firstName": "Ada",
            "company": "Example Ltd",
            "job_title": "Head of Growth",
            "phone": "+34600111222",
            "seats": "40",
        }

    def test_a_custom_data_column_is_custom_data_and_leaves_notes_a_merge_field(
        self, api: Any
    ) -> None:
        prospect = self.prospect(1, notes="From the notes.")
        prospect.custom["Custom data"] = "From the column."
        payload = prepare(api, prospect).payload

        assert payload["customData"] == "From the column."
        assert self._fields(payload)["notes"] == "From the notes."
        assert "Custom data" not in self._fields(payload)

    def test_notes_are_a_merge_field_as_well_where_the_route_names_one(self) -> None:
        api = self.make(field_names={"notes": "hint"})
        payload = prepare(api, self.prospect(1, notes="From the notes.")).payload

        assert payload["customData"] == "From the notes."
        assert self._fields(payload)["hint"] == "From the notes."

    def test_a_person_without_a_name_is_called_by_the_slug(self, api: Any) -> None:
        nameless = self.prospect(
            1, first_name="", last_name="", linkedin_url="linkedin.com/in/Jos%C3%A9-x"
        )
        assert prepare(api, nameless).payload["name"] == "José-x"
        named = self.prospect(1, first_name="", last_name="", full_name="Ada Example")
        assert prepare(api, named).payload["name"] == "Ada Example"

    @pytest.mark.parametrize(
        "url",
        [
            "https://www.linkedin.com/in/Ada-Example/",
            "http://de.linkedin.com/in/ada-example?trk=x#top",
            "linkedin.com/in/ADA-EXAMPLE",
            "in/ada-example",
        ],
    )
    def test_one_person_has_one_identity(self, api: Any, url: str) -> None:
        identity, payload = prepare(api, self.prospect(1, linkedin_url=url))

        assert identity == "ada-example"
        assert payload["url"].lower() == "https://linkedin.com/in/ada-example"

    def test_percent_encoding_is_kept_in_the_address(self, api: Any) -> None:
        identity, payload = prepare(
            api, self.prospect(1, linkedin_url="https://www.linkedin.com/in/jos%c3%a9-x/")
        )
        assert (identity, payload["url"]) == ("josé-x", "https://linkedin.com/in/jos%C3%A9-x")

    @pytest.mark.parametrize(
        "url",
        [
            "https://www.linkedin.com/company/example",
            "https://www.linkedin.com/sales/lead/ACwAAA",
            "https://example.com/in/ada",
        ],
    )
    def test_an_address_that_is_no_profile_is_invalid(self, api: Any, url: str) -> None:
        with pytest.raises(InvalidRowError) as invalid:
            prepare(api, self.prospect(1, linkedin_url=url))
        assert invalid.value.reason == "invalid_linkedin_url"

    def test_notes_of_3001_characters_are_too_long(self, api: Any, http: Any, account: Any) -> None:
        with pytest.raises(InvalidRowError) as invalid:
            prepare(api, self.prospect(1, notes="x" * 3001))
        assert invalid.value.reason == "value_too_long"
        assert invalid.value.identity == prepare(api, self.prospect(1))[0]

        longest = self.prospect(1, notes="é" * 3000)
        assert self.run(api, http, account, [longest])[1].outcome is Outcome.CONFIRMED

    def test_the_request_names_the_campaign_and_carries_the_key(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        api.send(http, account, self.batch(api, [self.prospect(1), self.prospect(2)]))

        sent = sim.received("POST")[0]
        assert sent.path == "/v1/prospects/batch"
        assert set(sent.body) == {"campaignId", "prospects"}
        assert sent.body["campaignId"] == "camp_demo"
        assert [p["url"][-7:] for p in sent.body["prospects"]] == ["person1", "person2"]
        assert sent.headers["Authorization"] == f"Bearer {API_KEY}"
        assert sent.headers["Content-Type"] == "application/json"

    def test_the_account_has_the_published_address_and_takes_no_plain_one(self) -> None:
        assert KakiyoAccount(api_key="k").base_url == "https://api.kakiyo.com/v1"
        with pytest.raises(ValueError, match="https"):
            KakiyoAccount(api_key="k", base_url="http://api.kakiyo.com/v1")

    def test_the_route_sets_the_rows_of_a_request(self) -> None:
        assert self.make().batch_limits().rows == 100
        assert self.make(batch_rows=1000).batch_limits().rows == 1000
        assert self.make(batch_rows=7).batch_limits().bytes == 1024 * 1024
        for rows in (0, 1001):
            with pytest.raises(ValueError, match="batch_rows"):
                self.make(batch_rows=rows)

    def test_a_route_needs_a_campaign(self) -> None:
        with pytest.raises(ValueError, match="campaign_id"):
            self.make(campaign_id="")

    @pytest.mark.parametrize(
        ("rows", "seconds"), [(1, 1800), (60, 1800), (100, 3000), (720, 21_600), (1000, 21_600)]
    )
    def test_the_deadline_grows_with_the_rows(self, api: Any, rows: int, seconds: float) -> None:
        assert api.deadline_seconds(rows) == seconds

    # ------------------------------------------------------------------ answers to sending

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "<html>ok</html>",
            "{",
            "[]",
            "null",
            '{"message": "fine"}',
            '{"listId": ""}',
            '{"listId": 5}',
            '{"distribution": [{"campaignId": "camp_demo"}]}',
        ],
    )
    def test_a_success_without_a_receipt_is_no_success(
        self, api: Any, sim: Any, http: Any, account: Any, body: str
    ) -> None:
        """Override: it cannot be tracked, and is never sent again (docs/providers/kakiyo.md, 2.5).

        Its fate is known: taken, with nothing to poll. `FateUnknownError` would have it sent again,
        because this provider's `after_crash` rule is `resend`.
        """
        sim.faults.append(Fault(when="after", path=self.send_path, status=200, body=body))
        results = self.run(api, http, account, [self.prospect(1), self.prospect(2)])

        assert {row: result.outcome for row, result in results.items()} == {
            1: Outcome.UNKNOWN,
            2: Outcome.UNKNOWN,
        }
        assert len(sim.received("POST")) == 1
        assert sim.received("GET") == []

    @pytest.mark.parametrize("status", [200, 201, 202])
    def test_any_documented_success_is_one(
        self, api: Any, sim: Any, http: Any, account: Any, status: int
    ) -> None:
        # An `error` key stands in some successes: the status alone decides.
        body = body_of({"listId": "list_1", "error": "none", "data": {}})
        sim.faults.append(Fault(when="before", status=status, body=body))
        answer = api.send(http, account, self.batch(api, [self.prospect(1)]))
        assert answer.handle["list_id"] == "list_1"
        assert answer.rest is None

    def test_a_validation_error_refuses_the_batch_in_its_own_words(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        body = body_of({"error": "validation_error", "message": "prospects[0]: name is required"})
        sim.faults.append(Fault(when="before", status=400, body=body))
        with pytest.raises(BatchRefusedError) as refusal:
            api.send(http, account, self.batch(api, [self.prospect(1)]))
        assert refusal.value.reason == "prospects[0]: name is required"
        assert refusal.value.raw_status == "400"

    def test_an_unknown_campaign_is_a_bad_route(self, sim: Any, http: Any, account: Any) -> None:
        api = self.make(campaign_id="camp_gone")
        with pytest.raises(StopJobError) as stop:
            api.send(http, account, self.batch(api, [self.prospect(1)]))
        assert stop.value.reason == "bad_route"
        assert self.imported(sim) == 0

    def test_an_account_without_credits_stops_the_job(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        sim.credits = 1
        answer = api.send(http, account, self.batch(api, [self.prospect(1)]))
        handle = Handle(value=answer.handle, rows=[(1, "person1")], age=15)
        with pytest.raises(StopJobError) as polling:
            api.poll(http, account, handle)
        with pytest.raises(StopJobError) as sending:
            api.send(http, account, self.batch(api, [self.prospect(2)]))
        assert polling.value.reason == "provider_quota"
        assert sending.value.reason == "provider_quota"
        assert self.imported(sim) == 1

    @pytest.mark.parametrize(
        ("status", "body", "reason"),
        [
            (401, {"error": "missing_api_key"}, "provider_auth"),
            (401, {}, "provider_auth"),
            (402, {"error": "forbidden"}, "provider_quota"),
            (403, {"error": "forbidden"}, "provider_auth"),
            (403, {"error": "subscription_inactive"}, "provider_auth"),
            (403, {"error": "insufficient_credits"}, "provider_quota"),
            (403, {"error": ["forbidden"]}, "provider_quota"),
            (403, [], "provider_quota"),
        ],
    )
    @pytest.mark.parametrize("method", ["POST", "GET"])
    def test_a_refused_account_stops_the_job(
        self,
        api: Any,
        sim: Any,
        http: Any,
        account: Any,
        method: str,
        status: int,
        body: Any,
        reason: str,
    ) -> None:
        fault = Fault(when="before", method=method, status=status, body=body_of(body))
        sim.faults.append(fault)
        with pytest.raises(StopJobError) as stop:
            self._request(api, http, account, method)
        assert stop.value.reason == reason
        assert API_KEY not in stop.value.text

    @pytest.mark.parametrize("method", ["POST", "GET"])
    def test_a_rate_limit_without_a_header_waits_out_the_minute(
        self, api: Any, sim: Any, http: Any, account: Any, method: str
    ) -> None:
        sim.faults.append(Fault(when="before", method=method, status=429))
        with pytest.raises(ProviderBusyError) as busy:
            self._request(api, http, account, method)
        assert busy.value.retry_after == 60

    def test_each_endpoint_takes_sixty_requests_a_minute(self, api: Any, http: Any) -> None:
        with self.simulator() as sim:
            account = self.account_of(sim.account())
            batch = self.batch(api, [self.prospect(1)])
            handles = [api.send(http, account, batch).handle for _ in range(60)]
            with pytest.raises(ProviderBusyError):
                api.send(http, account, batch)
            handle = Handle(value=handles[0], rows=[(1, "person1")], age=1)
            assert not api.poll(http, account, handle).is_terminal

        assert self.imported(sim) == 60
        assert api.rates.send_gap >= 1
        assert api.rates.poll_gap >= 1

    # ------------------------------------------------------------------ what rows end in

    def test_every_marker_ends_as_the_report_says(self, api: Any, http: Any, account: Any) -> None:
        markers = ["", "existing", "dnc", "gone", "enrich", "nochat", "missing"]
        results = self.run(
            api, http, account, [self.prospect(row, word) for row, word in enumerate(markers, 1)]
        )

        assert [(results[row].outcome.value, results[row].raw_status) for row in range(1, 8)] == [
            ("confirmed", "imported"),
            ("existing", "existing"),
            ("suppressed", "skipped_dnc"),
            ("refused", "invalid"),
            ("refused", "enrichment_failed"),
            ("unknown", "imported"),
            ("unknown", ""),
        ]
        assert results[1].provider_ref.startswith("chat_")
        assert results[4].reason == "Invalid LinkedIn profile."
        assert results[6].reason == "Imported without a chat."
        assert results[7].reason == "not_reported"

    def test_a_completed_import_without_any_chat_confirms_nobody(
        self, api: Any, http: Any, account: Any
    ) -> None:
        results = self.run(api, http, account, [self.prospect(r, "nochat") for r in (1, 2, 3)])
        assert {result.outcome for result in results.values()} == {Outcome.UNKNOWN}

    def test_rows_are_joined_though_their_numbers_have_gaps_and_some_are_settled(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        prospects = [self.prospect(4), self.prospect(9, "dnc"), self.prospect(17)]
        batch = self.batch(api, prospects)
        handle = api.send(http, account, batch).handle
        rows = [(row.row, row.identity) for row in batch.rows[1:]]
        report = [self._entry(index, chatCreated=True) for index in range(3)]
        report[1] = self._entry(1, status="skipped_dnc", chatCreated=False)
        answer = self._poll(
            api,
            sim,
            http,
            account,
            {"status": "completed", "report": report},
            handle=Handle(value=handle, rows=rows, age=20),
        )
        assert {row: result.outcome.value for row, result in answer.results.items()} == {
            9: "suppressed",
            17: "confirmed",
        }

    def test_a_person_with_a_percent_encoded_slug_is_confirmed(
        self, api: Any, http: Any, account: Any
    ) -> None:
        accented = self.prospect(1, linkedin_url="https://www.linkedin.com/in/JOS%C3%89-%E6%9D%8E/")
        assert self.run(api, http, account, [accented])[1].outcome is Outcome.CONFIRMED

    @pytest.mark.parametrize("flag", [False, None, 1, "true", "True", [True], {}])
    @pytest.mark.parametrize("status", ["imported", "completed", "", None, "chat_created"])
    def test_only_true_itself_confirms_a_row(
        self, api: Any, sim: Any, http: Any, account: Any, flag: Any, status: Any
    ) -> None:
        entry = self._entry(0, status=status, chatCreated=flag, prospectId="p-1", chatId="c-1")
        assert self._result(api, sim, http, account, entry).outcome is Outcome.UNKNOWN

    def test_a_row_without_the_flag_is_not_judged_by_its_status(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        for status in ("imported", "existing", "invalid", "skipped_dnc", "enrichment_failed"):
            result = self._result(
                api, sim, http, account, {"index": 0, "status": status, "message": "as it says"}
            )
            assert result.outcome is Outcome.UNKNOWN
            assert (result.reason, result.raw_status) == ("as it says", status)

    @pytest.mark.parametrize(
        ("status", "outcome"),
        [
            ("existing", "existing"),
            ("Already_Exists", "existing"),
            ("DUPLICATE", "existing"),
            ("skipped_existing", "existing"),
            ("invalid_url", "refused"),
            ("skippedDnc", "suppressed"),
            ("dnc", "suppressed"),
            ("skipped", "suppressed"),
            ("enrichmentFailed", "refused"),
            ("failed", "unknown"),
            # Nobody is there already who is not there at all.
            ("profile_does_not_exist", "unknown"),
            ("notExisting", "unknown"),
            ("non-existent profile", "unknown"),
            ("nonexistent", "unknown"),
            ("Profile doesn't exist.", "unknown"),
            ("not_exist_invalid_url", "refused"),
            ("notified_existing", "existing"),
            (["existing"], "unknown"),
        ],
    )
    def test_words_are_found_in_whatever_case(
        self, api: Any, sim: Any, http: Any, account: Any, status: Any, outcome: str
    ) -> None:
        entry = self._entry(0, status=status, chatCreated=False)
        assert self._result(api, sim, http, account, entry).outcome == outcome

    def test_a_row_that_is_not_confirmed_without_a_word_has_a_code_as_its_reason(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        entry = self._entry(0, status="imported", chatCreated=False, message=" ")
        result = self._result(api, sim, http, account, entry)
        assert (result.outcome, result.reason) == ("unknown", "not_confirmed")

    def test_a_row_with_a_chat_is_confirmed_whatever_its_status(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        entry = self._entry(0, status="existing", chatCreated=True, prospectId="p-1", chatId=None)
        assert self._result(api, sim, http, account, entry) == RowResult(
            Outcome.CONFIRMED, provider_ref="p-1", raw_status="existing"
        )

    def test_a_row_keeps_the_ids_of_its_chat_and_of_its_prospect(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        entry = self._entry(0, chatCreated=True, prospectId="p-1", chatId="chat-1")
        assert self._result(api, sim, http, account, entry).provider_ref == "chat-1 p-1"

    @pytest.mark.parametrize(
        ("names", "outcome"),
        [
            ({"linkedinSlug": "ada-example"}, "confirmed"),
            ({"linkedinSlug": "ACoAAB12CdEfG"}, "confirmed"),
            ({"inputUrl": "in/ACoAAB12CdEfG", "linkedinSlug": "ada-example"}, "confirmed"),
            ({"inputUrl": "in/bo-example", "linkedinSlug": "ada-example"}, "unknown"),
            ({"linkedinSlug": "person2"}, "unknown"),
            ({"linkedinSlug": "ACoAAZ98YxWvU"}, "unknown"),
        ],
    )
    def test_a_member_id_may_be_answered_with_a_public_slug(
        self, api: Any, sim: Any, http: Any, account: Any, names: Any, outcome: str
    ) -> None:
        url = "https://www.linkedin.com/in/ACoAAB12CdEfG"
        batch = self.batch(api, [self.prospect(1, linkedin_url=url), self.prospect(2)])
        handle = api.send(http, account, batch).handle
        entry = {"index": 0, "status": "imported", "chatCreated": True} | names
        answer = self._poll(
            api,
            sim,
            http,
            account,
            {"status": "completed", "report": [entry]},
            handle=Handle(handle, [(row.row, row.identity) for row in batch.rows], age=20),
        )
        assert answer.results[1].outcome == outcome

    @pytest.mark.parametrize("index", [-1, -2, 2, 100, True, False, "0", 0.0, None, [0], {}])
    def test_an_index_that_is_no_place_joins_no_row(
        self, api: Any, sim: Any, http: Any, account: Any, index: Any
    ) -> None:
        report = [{"index": index, "status": "imported", "chatCreated": True}]
        answer = self._poll(api, sim, http, account, {"status": "completed", "report": report})
        assert answer.is_terminal
        assert answer.results == {}
        assert answer.rest.outcome is Outcome.UNKNOWN
        assert "unmatched_report_rows" in answer.warnings

    def test_a_row_named_twice_is_unknown(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        for times in (2, 3):
            report = [self._entry(0, chatCreated=True)] * times
            report.append(self._entry(1, chatCreated=True))
            answer = self._poll(api, sim, http, account, {"status": "completed", "report": report})
            assert answer.results[1].outcome is Outcome.UNKNOWN
            assert answer.results[2].outcome is Outcome.CONFIRMED
            assert answer.warnings == ("ambiguous_report_rows",)

    def test_a_report_out_of_order_is_joined_by_index(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        report = [
            self._entry(1, status="existing", chatCreated=False),
            self._entry(0, status="imported", chatCreated=True),
        ]
        answer = self._poll(api, sim, http, account, {"status": "completed", "report": report})
        assert [answer.results[row].outcome.value for row in (1, 2)] == ["confirmed", "existing"]

    @pytest.mark.parametrize(
        ("said", "is_ours"),
        [
            ({}, True),
            ({"inputUrl": None, "linkedinSlug": ""}, True),
            ({"inputUrl": "https://www.linkedin.com/in/PERSON1/"}, True),
            ({"inputUrl": "in/person1", "linkedinSlug": "Person1"}, True),
            ({"linkedinSlug": "perso%6E1"}, True),
            ({"inputUrl": "https://linkedin.com/in/person2"}, False),
            ({"linkedinSlug": "person2"}, False),
            ({"inputUrl": "https://linkedin.com/in/person1", "linkedinSlug": "person2"}, False),
            ({"inputUrl": "https://linkedin.com/in/person2", "linkedinSlug": "person1"}, False),
            ({"inputUrl": "nonsense"}, False),
            ({"linkedinSlug": 7}, False),
        ],
    )
    def test_a_row_of_another_profile_is_unknown(
        self, api: Any, sim: Any, http: Any, account: Any, said: Any, *, is_ours: bool
    ) -> None:
        entry = {"index": 0, "status": "imported", "chatCreated": True} | said
        answer = self._poll(api, sim, http, account, {"status": "completed", "report": [entry]})
        outcome = Outcome.CONFIRMED if is_ours else Outcome.UNKNOWN
        assert answer.results[1].outcome is outcome
        assert ("ambiguous_report_rows" in answer.warnings) is not is_ours
        assert "person2" not in str(answer)

    @pytest.mark.parametrize("report", [None, {}, "imported", 2, [], [None], ["x"], [[]]])
    def test_totals_without_names_make_no_row_good(
        self, api: Any, sim: Any, http: Any, account: Any, report: Any
    ) -> None:
        body = {"status": "completed", "total": 2, "processed": 2, "imported": 2, "report": report}
        answer = self._poll(api, sim, http, account, body)
        assert answer.is_terminal
        assert answer.results == {}
        assert answer.rest.outcome is Outcome.UNKNOWN

    def test_a_completed_import_without_a_report_is_warned_of(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        answer = self._poll(api, sim, http, account, {"status": "completed", "imported": 2})
        assert answer.warnings == ("no_report",)

    @pytest.mark.parametrize(("saved", "warned"), [(False, True), (True, False), (None, False)])
    def test_notes_that_were_not_saved_are_warned_of(
        self, api: Any, sim: Any, http: Any, account: Any, saved: Any, *, warned: bool
    ) -> None:
        batch = self.batch(api, [self.prospect(1, notes="Met at the fair."), self.prospect(2)])
        handle = Handle(
            value=api.send(http, account, batch).handle,
            rows=[(row.row, row.identity) for row in batch.rows],
            age=20,
        )
        report = [self._entry(0, chatCreated=True, customDataSaved=saved)]
        # No notes were sent with the second row, so none had to be saved.
        report.append(self._entry(1, chatCreated=True, customDataSaved=False))
        answer = self._poll(
            api, sim, http, account, {"status": "completed", "report": report}, handle=handle
        )
        assert {result.outcome for result in answer.results.values()} == {Outcome.CONFIRMED}
        warning = "custom_data_not_saved" if warned else ""
        assert [answer.results[row].warning for row in (1, 2)] == [warning, ""]
        assert [answer.results[row].reason for row in (1, 2)] == ["", ""]
        assert answer.warnings == (("custom_data_not_saved",) if warned else ())

    # ------------------------------------------------------------------ sending again

    def test_a_request_of_unclear_fate_is_sent_again_once(self, api: Any) -> None:
        assert api.after_crash is AfterCrash.RESEND
        assert api.resends == 1

    def test_a_person_met_again_after_a_resend_may_be_ours(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        sim.faults.append(Fault(when="after", path=self.send_path, status=500))
        prospects = [self.prospect(1), self.prospect(2, "dnc"), self.prospect(3, "gone")]
        with pytest.raises(FateUnknownError):
            api.send(http, account, self.batch(api, prospects))
        again = self.batch(api, prospects)
        handle = Handle(
            value=api.send(http, account, again).handle,
            rows=[(row.row, row.identity) for row in again.rows],
            age=20,
            is_repeat=True,
        )
        answer = self._poll_until_terminal(api, http, account, handle)

        assert [answer.results[row].outcome.value for row in (1, 2, 3)] == [
            "unknown",
            "suppressed",
            "refused",
        ]
        assert answer.results[1].raw_status == "existing"
        assert answer.results[1].reason == "Prospect already exists in your team."

    @pytest.mark.parametrize(
        ("status", "outcome"), [("skipped", "unknown"), ("skipped_dnc", "suppressed")]
    )
    def test_a_row_skipped_after_a_resend_may_be_ours_unless_it_is_not_to_be_contacted(
        self, api: Any, sim: Any, http: Any, account: Any, status: str, outcome: str
    ) -> None:
        message = "already in this campaign"
        entry = self._entry(0, status=status, chatCreated=False, message=message)
        body = {"status": "completed", "report": [entry]}
        again = self._handle()._replace(is_repeat=True)
        repeated = self._poll(api, sim, http, account, body, handle=again).results[1]
        assert (repeated.outcome, repeated.reason) == (outcome, message)

        first = self._poll(api, sim, http, account, body).results[1]
        assert first.outcome is Outcome.SUPPRESSED

    def test_a_resend_whose_first_request_never_arrived_is_confirmed(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        sim.faults.append(Fault(when="before", path=self.send_path, status=500))
        prospects = [self.prospect(1)]
        with pytest.raises(FateUnknownError):
            api.send(http, account, self.batch(api, prospects))
        again = api.send(http, account, self.batch(api, prospects))
        handle = Handle(value=again.handle, rows=[(1, "person1")], age=20, is_repeat=True)
        answer = self._poll_until_terminal(api, http, account, handle)
        assert answer.results[1].outcome is Outcome.CONFIRMED

    # ------------------------------------------------------------------ states of an import

    @pytest.mark.parametrize("ending", ["failed", "ERROR", "cancelled", "Canceled"])
    def test_a_stopped_import_keeps_what_its_report_settled(
        self, api: Any, sim: Any, http: Any, account: Any, ending: str
    ) -> None:
        handle = self._handle(rows=6)
        report = [
            self._entry(0, chatCreated=True),
            self._entry(1, chatCreated=False, message="Done."),
            self._entry(2, status="skipped_dnc", chatCreated=False),
            self._entry(3, status="invalid", chatCreated=False),
            self._entry(4, status="existing", chatCreated=False),
        ]
        answer = self._poll(
            api, sim, http, account, {"status": ending, "report": report}, handle=handle
        )
        assert answer.is_terminal
        assert answer.raw_status == ending
        assert [answer.results[row].outcome.value for row in (1, 2, 3, 4, 5)] == [
            "confirmed",
            "unknown",
            "suppressed",
            "refused",
            "existing",
        ]
        unknown = answer.results[2]
        assert (unknown.reason, unknown.raw_status) == ("Done.", "imported")
        assert "early" in unknown.reason_text
        assert "early" not in answer.results[3].reason_text
        assert answer.rest.outcome is Outcome.UNKNOWN
        assert answer.rest.reason == "batch_failed"

    def test_a_failing_import_confirms_the_rows_before_its_failure(
        self, api: Any, http: Any, account: Any
    ) -> None:
        prospects = [self.prospect(1), self.prospect(2, "failed"), self.prospect(3)]
        results = self.run(api, http, account, prospects)
        assert [results[row].outcome.value for row in (1, 2, 3)] == [
            "confirmed",
            "unknown",
            "unknown",
        ]

    @pytest.mark.parametrize(
        "status",
        ["pending", "queued", "processing", "in_progress", "Running", "importing", "ENRICHING"],
    )
    def test_a_working_import_goes_on_though_all_rows_are_processed(
        self, api: Any, sim: Any, http: Any, account: Any, status: str
    ) -> None:
        answer = self._poll(api, sim, http, account, {"status": status, "total": 2, "processed": 2})
        assert not answer.is_terminal
        assert answer.raw_status == status
        assert answer.warnings == ()

    @pytest.mark.parametrize("status", ["done", "complete", "", None, True, 1, ["completed"]])
    def test_an_unknown_status_ends_the_import_only_with_its_end_time(
        self, api: Any, sim: Any, http: Any, account: Any, status: Any
    ) -> None:
        report = [self._entry(0, chatCreated=True), self._entry(1, chatCreated=False)]
        body = {"status": status, "completedAt": None, "total": 2, "processed": 2, "report": report}
        answer = self._poll(api, sim, http, account, body)
        assert not answer.is_terminal
        assert answer.warnings == ("unknown_status",)

        ended = self._poll(
            api, sim, http, account, body | {"completedAt": "2026-07-01T09:00:30.000Z"}
        )
        assert ended.is_terminal
        assert ended.warnings == ("unknown_status",)
        assert [ended.results[row].outcome.value for row in (1, 2)] == ["confirmed", "unknown"]

    @pytest.mark.parametrize("word", ["stuck", "word"])
    def test_an_import_that_never_ends_settles_only_the_rows_with_chats(
        self, api: Any, sim: Any, http: Any, account: Any, word: str
    ) -> None:
        batch = self.batch(api, [self.prospect(1), self.prospect(2, word), self.prospect(3)])
        value = api.send(http, account, batch).handle
        rows = [(row.row, row.identity) for row in batch.rows]
        handle = Handle(value=value, rows=rows, age=20)
        while sim.now() < sim.lists[value["list_id"]].ends_at:
            assert not api.poll(http, account, handle).is_terminal

        answer = api.poll(http, account, handle)
        assert not answer.is_terminal
        assert {row: r.outcome for row, r in answer.results.items()} == {1: Outcome.CONFIRMED}
        assert answer.progress == pytest.approx(1 / 3)
        assert answer.warnings == (("unknown_status",) if word == "word" else ())

    def test_a_row_of_a_working_import_is_settled_only_by_its_chat(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        report = [
            self._entry(0, chatCreated=True),
            # Processed, but its flag is not written yet.
            self._entry(1, status="imported", chatCreated=False),
            self._entry(2, status="existing", chatCreated=False),
        ]
        answer = self._poll(
            api,
            sim,
            http,
            account,
            {"status": "processing", "report": report},
            handle=self._handle(rows=3),
        )
        assert list(answer.results) == [1]

    @pytest.mark.parametrize(
        ("processed", "total", "progress"),
        [
            (1, 4, 0.25),
            (4, 4, 1.0),
            (0, 4, 0.0),
            (5, 4, None),
            (0, 0, None),
            (-1, 4, None),
            ("1", "4", None),
            (True, True, None),
            (None, 4, None),
        ],
    )
    def test_progress_is_told_where_the_counters_make_sense(
        self, api: Any, sim: Any, http: Any, account: Any, processed: Any, total: Any, progress: Any
    ) -> None:
        body = {"status": "processing", "processed": processed, "total": total}
        assert self._poll(api, sim, http, account, body).progress == progress

    @pytest.mark.parametrize(
        ("age", "missing", "is_terminal"),
        [(119, 9, False), (20_000, 3, False), (20_000, 0, False), (120, 4, True)],
    )
    def test_a_list_is_lost_after_two_minutes_and_five_answers_in_a_row(
        self, api: Any, http: Any, account: Any, age: float, missing: int, *, is_terminal: bool
    ) -> None:
        value = api.send(http, account, self.batch(api, [self.prospect(1, "lost")])).handle
        handle = Handle(value=value, rows=[(1, "person1--lost")], age=age, missing=missing)
        answer = api.poll(http, account, handle)

        assert (answer.is_terminal, answer.is_missing) == (is_terminal, True)
        assert answer.results == {}
        assert (answer.rest.outcome, answer.rest.reason) == (Outcome.UNKNOWN, "not_found")

    def test_a_list_found_after_all_is_read(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        sim.faults.append(Fault(when="before", method="GET", status=404))
        results = self.run(api, http, account, [self.prospect(1), self.prospect(2)])
        assert sim.received("GET")[0].status == 404
        assert {result.outcome for result in results.values()} == {Outcome.CONFIRMED}

    @pytest.mark.parametrize("status", [204, 302, 400, 405])
    def test_an_odd_answer_to_a_poll_is_a_failure_not_an_end(
        self, api: Any, sim: Any, http: Any, account: Any, status: int
    ) -> None:
        sim.faults.append(Fault(when="before", method="GET", status=status))
        with pytest.raises(FateUnknownError):
            api.poll(http, account, self._handle())

    @pytest.mark.parametrize(
        ("echo", "is_ours"),
        [
            ({"listId": "list_1", "campaignId": "camp_demo"}, True),
            ({"listId": None, "campaignId": ""}, True),
            ({"listId": "list_2", "campaignId": "camp_demo"}, False),
            ({"listId": "list_1", "campaignId": "camp_spring"}, False),
            ({"listId": 7}, False),
        ],
    )
    def test_a_status_of_another_import_says_nothing_of_ours(
        self, api: Any, sim: Any, http: Any, account: Any, echo: dict[str, Any], *, is_ours: bool
    ) -> None:
        report = [self._entry(0, chatCreated=True)]
        body = echo | {"status": "completed", "report": report}
        if is_ours:
            assert self._poll(api, sim, http, account, body).results.keys() == {1}
        else:
            with pytest.raises(FateUnknownError, match="another import"):
                self._poll(api, sim, http, account, body)

    def test_polls_are_as_rare_as_credits_are_dear(self, api: Any) -> None:
        pace = api.pace
        assert (pace.first, pace.shortest, pace.longest, pace.failures) == (40, 60, 120, 10)

    def test_a_list_id_is_kept_inside_its_place_in_the_path(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        handle = self._handle(list_id="a/b?c=d")
        api.poll(http, account, handle)
        sent = sim.received("GET")[0]
        assert sent.path == "/v1/prospects/imports/a/b?c=d"
        assert sent.query == {}

    # ------------------------------------------------------------------ what these tests work with

    def _handle(self, rows: int = 2, list_id: str = "list_1") -> Handle:
        """Rows 1, 2, ... of an import that the simulator does not know."""
        numbers = range(1, rows + 1)
        return Handle(
            value={"list_id": list_id, "rows": [*numbers], "noted": []},
            rows=[(number, f"person{number}") for number in numbers],
            age=20,
        )

    def _poll(
        self, api: Any, sim: Any, http: Any, account: Any, body: Any, handle: Handle | None = None
    ) -> Any:
        """Poll once, and have this answered."""
        sim.faults.append(Fault(when="before", method="GET", status=200, body=body_of(body)))
        return api.poll(http, account, handle or self._handle())

    def _request(self, api: Any, http: Any, account: Any, method: str) -> None:
        """Send (POST) or poll (GET) once."""
        if method == "POST":
            api.send(http, account, self.batch(api, [self.prospect(1)]))
        else:
            api.poll(http, account, self._handle())

    def _poll_until_terminal(self, api: Any, http: Any, account: Any, handle: Handle) -> Any:
        for _ in range(1000):
            answer = api.poll(http, account, handle)
            if answer.is_terminal:
                return answer
        raise AssertionError("the simulator never finished")

    def _result(self, api: Any, sim: Any, http: Any, account: Any, entry: Any) -> RowResult:
        """Return what the first row ends in, if this is its entry in the report."""
        answer = self._poll(api, sim, http, account, {"status": "completed", "report": [entry]})
        assert answer.is_terminal
        result: RowResult = answer.results.get(1, answer.rest)
        return result

    def _entry(self, index: int, **members: Any) -> dict[str, Any]:
        """Build an entry of the report that does not say which profile it is about."""
        return {"index": index, "status": "imported", "message": "", **members}

    def _fields(self, payload: Any) -> dict[str, str]:
        return {f["fieldName"]: f["fieldValue"] for f in payload["additionalFields"]}
