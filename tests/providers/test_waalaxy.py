from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pytest

from listdrop.errors import (
    FateUnknownError,
    InvalidRowError,
    ProviderBusyError,
    StopJobError,
)
from listdrop.models import Account, Outcome, People, Prospects, RowResult
from listdrop.providers.base import AfterCrash, Batch, Handle, Provider, SendAnswer, json_body
from listdrop.providers.http import Answer, HttpClient
from listdrop.providers.waalaxy import _NOT_REPORTED, Waalaxy, WaalaxyAccount
from local.simulators.base import Fault
from local.simulators.waalaxy import BASIC_PLAN_KEY, WaalaxySimulator
from tests.contracts.provider import Person, ProviderContract, prepare

IMPORT = "/prospects/addProspectFromIntegration"


def element(code: object, name: str = "", **members: object) -> dict[str, object]:
    """One row of an answer, with a profile if it is named."""
    said: dict[str, object] = {"importCode": code, **members}
    if name:
        said["prospect"] = {"_id": f"id-{name}", "profile": {"publicIdentifier": name}}
    return said


def outcomes(results: Mapping[int, RowResult]) -> dict[int, str]:
    return {row: result.outcome.value for row, result in sorted(results.items())}


class TestWaalaxy(ProviderContract):
    provider = Waalaxy
    simulator = WaalaxySimulator
    destination: ClassVar[dict[str, Any]] = {
        "provider": "waalaxy",
        "prospect_list_id": "list-demo",
        "variables": {"Team size": "Team"},
    }
    send_path = "addProspectFromIntegration"
    good_outcome = Outcome.CONFIRMED

    _sent_at: tuple[float, ...] = ()

    def send(
        self,
        api: Provider[Any, Any],
        http: HttpClient,
        account: Account,
        batch: Batch,
    ) -> tuple[SendAnswer, Batch]:
        # Two requests a second are taken, unscaled, and the suite's `run` keeps no send gap.
        if len(self._sent_at) > 1:
            time.sleep(max(0.0, self._sent_at[-2] + 1.1 - time.monotonic()))
        try:
            return super().send(api, http, account, batch)
        finally:
            self._sent_at = (*self._sent_at, time.monotonic())

    def scripted(
        self,
        sim: WaalaxySimulator,
        http: HttpClient,
        account: WaalaxyAccount,
        body: object,
        *,
        api: Provider[Any, Any] | None = None,
        rows: int = 2,
        status: int = 200,
        headers: dict[str, str] | None = None,
        **members: object,
    ) -> SendAnswer:
        """Send plain rows person1 to person<rows>, and have this answered."""
        text = json_body(body).decode()
        sim.faults.append(
            Fault(when="before", path=IMPORT, status=status, body=text, headers=headers or {})
        )
        api = api or self.make()
        prospects = [self.prospect(row) for row in range(1, rows + 1)]
        return api.send(http, account, self.batch(api, prospects, **members))

    # ------------------------------------------------------------------ what is sent

    def test_a_prospect_is_a_profile_address_with_its_extras(self) -> None:
        prospect = Person(
            row=1,
            fields={
                "linkedin_url": "http://es.linkedin.com/in/Ada-Ex%C3%A1mple/?trk=x",
                "email": "ada@example.com",
                "first_name": "Ada",
                "last_name": "Example",
                "company": "Example Ltd",
                "job_title": "Head of Growth",
                "phone": "+34600111222",
                "website": "https://example.com",
                "city": "Madrid",
                "tags": "fair",
            },
            custom={"Team size": "40", "Company LinkedIn URL": "https://linkedin.com/company/ex"},
        )
        api = self.make(variables={"team_size": "Team", "tags": "Tags"}, phone_type="mobile")
        prepared = prepare(api, prospect)

        assert prepared.identity == "ada-exámple"
        assert prepared.payload == {
            "url": "https://www.linkedin.com/in/Ada-Ex%C3%A1mple",
            "customProfile": {
                "firstName": "Ada",
                "lastName": "Example",
                "email": "ada@example.com",
                "occupation": "Head of Growth",
                "region": "Madrid",
                "company": {
                    "name": "Example Ltd",
                    "linkedinUrl": "https://linkedin.com/company/ex",
                    "website": "https://example.com",
                },
                "phoneNumbers": [{"number": "+34600111222", "type": "mobile"}],
            },
            "customVariables": [
                {"label": "Team", "value": "40"},
                {"label": "Tags", "value": "fair"},
            ],
        }

    def test_an_address_that_is_not_valid_is_left_out_and_the_row_has_a_warning(
        self, api: Any
    ) -> None:
        slugs = ["ada", "bo", "cy"]
        valid = ["ada@example.com", None, ""]
        found = api.prepare_all(Prospects({}, {}, valid, People(["", "bo@", ""], slugs, slugs)))

        assert found.left_out == {1}
        told = ["email" in str(payload) for payload in found.payloads]
        assert told == [True, False, False]

    def test_a_profile_alone_is_enough(self) -> None:
        api = self.make()
        fields = {"linkedin_url": "linkedin.com/in/ada", "email": "not an address"}
        payload = prepare(api, Person(row=1, fields=fields, custom={})).payload
        assert payload == {"url": "https://www.linkedin.com/in/ada"}

    @pytest.mark.parametrize(
        ("custom", "fields", "region"),
        [
            ({"Region": "Bavaria"}, {"city": "Munich", "location": "Germany"}, "Bavaria"),
            ({}, {"city": "Munich", "location": "Germany"}, "Munich"),
            ({}, {"location": "Germany"}, "Germany"),
        ],
    )
    def test_the_nearest_place_is_the_region(
        self, custom: dict[str, str], fields: dict[str, str], region: str
    ) -> None:
        prospect = Person(row=1, fields={"linkedin_url": "in/ada"} | fields, custom=custom)
        payload: Any = prepare(self.make(), prospect).payload
        assert payload["customProfile"]["region"] == region

    @pytest.mark.parametrize("header", ["company_website", "Company Website", "website"])
    def test_a_company_has_its_website(self, header: str) -> None:
        fields = {"linkedin_url": "in/ada"}
        prospect = Person(row=1, fields=fields, custom={header: "https://example.com"})
        payload: Any = prepare(self.make(), prospect).payload
        assert payload["customProfile"]["company"] == {"website": "https://example.com"}

    def test_a_variable_may_have_1000_characters_and_no_more(self) -> None:
        api = self.make(variables={"Pitch": "Pitch"})
        fields = {"linkedin_url": "in/ada"}
        longest = Person(row=1, fields=fields, custom={"Pitch": "é" * 1000})
        payload: Any = prepare(api, longest).payload
        assert payload["customVariables"] == [{"label": "Pitch", "value": "é" * 1000}]

        longer = Person(row=1, fields=fields, custom={"Pitch": "é" * 1001})
        with pytest.raises(InvalidRowError) as invalid:
            prepare(api, longer)
        assert invalid.value.reason == "value_too_long"
        assert "é" not in str(invalid.value)

    def test_of_two_columns_for_one_variable_the_first_that_is_not_empty_wins(self) -> None:
        api = self.make(variables={"Seats": "Team", "Size": "Team", "Pitch": "Pitch"})
        fields = {"linkedin_url": "in/ada"}
        told: dict[str, Any] = {}
        for seats in ("40", ""):
            custom = {"Seats": seats, "Size": "50", "Pitch": "Hi"}
            told[seats] = prepare(api, Person(row=1, fields=fields, custom=custom)).payload
        assert [told[seats]["customVariables"] for seats in ("40", "")] == [
            [{"label": "Team", "value": "40"}, {"label": "Pitch", "value": "Hi"}],
            [{"label": "Team", "value": "50"}, {"label": "Pitch", "value": "Hi"}],
        ]

        unused = Person(row=1, fields=fields, custom={"Seats": "40", "Size": "x" * 1001})
        assert prepare(api, unused).payload["customVariables"] == [{"label": "Team", "value": "40"}]

    def test_a_long_column_that_is_no_variable_does_no_harm(self) -> None:
        prospect = Person(
            row=1, fields={"linkedin_url": "in/ada"}, custom={"Biography": "x" * 1001}
        )
        assert "customVariables" not in (prepare(self.make(), prospect).payload or {})

    @pytest.mark.parametrize(
        "url",
        [
            "https://www.linkedin.com/company/example",
            "https://www.linkedin.com/sales/lead/ACwAAA,NAME",
            "https://www.linkedin.com/",
            "https://example.com/in/ada",
            "ada",
        ],
    )
    def test_an_address_that_is_no_profile_is_invalid(self, url: str) -> None:
        with pytest.raises(InvalidRowError) as invalid:
            prepare(self.make(), self.prospect(1, linkedin_url=url))
        assert invalid.value.reason == "invalid_linkedin_url"

    def test_only_what_the_route_asks_for_is_asked(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        plain = self.make()
        plain.send(http, account, self.batch(plain, [self.prospect(1)]))
        full = self.make(
            campaign_id="camp-demo",
            origin="make",
            can_create_duplicates=True,
            move_duplicates_to_other_list=True,
            overwrite_custom_profile=True,
            add_existing_to_campaign=True,
        )
        full.send(http, account, self.batch(full, [self.prospect(1)]))

        first, second = (received.body for received in sim.received("POST"))
        del first["prospects"], second["prospects"]
        assert first == {"prospectListId": "list-demo", "origin": {"name": "listdrop"}}
        assert second == {
            "prospectListId": "list-demo",
            "campaignId": "camp-demo",
            "origin": {"name": "make"},
            "canCreateDuplicates": True,
            "moveDuplicatesToOtherList": True,
            "shouldOverwriteCustomProfileData": True,
            "addExistingProspectInCampaign": True,
        }

    def test_an_import_may_take_a_minute(self, account: WaalaxyAccount) -> None:
        class RecordingClient(HttpClient):
            def request(self, *args: Any, **options: Any) -> Answer:  # passed on
                allowed.append(options.get("seconds"))
                return super().request(*args, **options)

        allowed: list[float | None] = []
        api = self.make()
        batch = self.batch(api, [self.prospect(1)])
        api.send(RecordingClient(allow_loopback=True), account, batch)
        assert allowed == [60]

    def test_the_route_sets_the_size_of_a_batch(self) -> None:
        assert self.make().batch_limits().rows == 50
        assert self.make(batch_rows=100).batch_limits().rows == 100
        assert self.make(batch_rows=7).batch_limits().bytes == 1_048_576
        for rows in (0, 101):
            with pytest.raises(ValueError, match="batch_rows"):
                self.make(batch_rows=rows)

    def test_the_list_is_required_and_no_id_is_empty(self) -> None:
        with pytest.raises(ValueError, match="prospect_list_id"):
            Waalaxy.destination_model.model_validate({"provider": "waalaxy"})
        for option in ("prospect_list_id", "campaign_id", "origin"):
            with pytest.raises(ValueError, match=option):
                self.make(**{option: ""})

    def test_the_account_knows_the_address_of_the_api(self) -> None:
        account = WaalaxyAccount.model_validate({"api_key": "wa_live_x"})
        assert account.base_url == "https://developers.waalaxy.com"

    def test_an_import_is_sent_again_unless_it_could_create_duplicates(self) -> None:
        assert self.make().after_crash is AfterCrash.RESEND
        assert self.make(can_create_duplicates=True).after_crash is AfterCrash.GIVE_UP
        assert Waalaxy.resends == 1

    # ------------------------------------------------------------------ what becomes of rows

    def test_every_marker_ends_as_it_should(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        words = ["", "existing", "deleted", "full", "word", ""]
        api = self.make()
        prospects = [self.prospect(row, word) for row, word in enumerate(words, start=1)]
        answer = api.send(http, account, self.batch(api, prospects))

        assert outcomes(answer.results) == {
            1: "confirmed",
            2: "existing",
            3: "refused",
            4: "refused",
            5: "refused",
            6: "confirmed",
        }
        assert [answer.results[row].reason for row in range(1, 7)] == [
            "",
            "duplicated_prospect",
            "profile_deleted",
            "max_limit_crm",
            "held_for_review",
            "",
        ]
        assert answer.results[2].reason_text == "The prospect already exists in your CRM"
        assert answer.results[1].provider_ref == sim.prospects["person1"].identifier
        assert answer.results[6].provider_ref == sim.prospects["person6"].identifier
        assert answer.results[1].raw_status == "success"
        assert sorted(answer.warnings) == ["crm_full", "unknown_import_code"]
        assert (answer.handle, answer.rest, answer.max_rows) == (None, None, None)

    def test_a_call_may_succeed_with_every_row_failed(
        self, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        results = self.run(
            self.make(), http, account, [self.prospect(1, "deleted"), self.prospect(2, "deleted")]
        )
        assert outcomes(results) == {1: "refused", 2: "refused"}

    def test_a_profile_imported_before_is_existing_whatever_its_case(
        self, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        api = self.make()
        self.run(api, http, account, [self.prospect(1)])
        again = self.prospect(2, linkedin_url="https://www.linkedin.com/in/PERSON1")
        assert outcomes(self.run(api, http, account, [again])) == {2: "existing"}

    def test_a_moved_prospect_is_confirmed(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        api = self.make(move_duplicates_to_other_list=True)
        results = self.run(api, http, account, [self.prospect(1, "existing")])
        assert outcomes(results) == {1: "confirmed"}
        assert results[1].raw_status == "prospect_successfully_moved_to_another_list"
        assert results[1].provider_ref == sim.prospects["person1--existing"].identifier
        assert sim.prospects["person1--existing"].list_id == "list-demo"

    @pytest.mark.parametrize(
        ("code", "outcome", "warned"),
        [
            ("failed_to_change_prospect_list", "refused", False),
            ("custom_variable_exceeds_1000_chars", "refused", False),
            ("Success", "refused", True),
            ("imported", "refused", True),
            (True, "unknown", True),
            (["success"], "unknown", True),
            ("", "unknown", False),
            (None, "unknown", False),
        ],
    )
    def test_only_exact_codes_are_good(
        self,
        sim: WaalaxySimulator,
        http: HttpClient,
        account: WaalaxyAccount,
        code: object,
        outcome: str,
        *,
        warned: bool,
    ) -> None:
        body = {"result": [element("success"), element(code, message="Said so.")]}
        answer = self.scripted(sim, http, account, body)
        assert outcomes(answer.results) == {1: "confirmed", 2: outcome}
        assert ("unknown_import_code" in answer.warnings) is warned
        if code and not isinstance(code, str):
            assert answer.results[2].reason == "not_reported"
        if outcome == "refused":
            assert answer.results[2].reason_text == "Said so."

    @pytest.mark.parametrize("word", ["servererror", "unknownerror"])
    def test_a_server_error_gets_one_more_try(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount, word: str
    ) -> None:
        results = self.run(self.make(), http, account, [self.prospect(1), self.prospect(2, word)])
        assert outcomes(results) == {1: "confirmed", 2: "confirmed"}
        assert [len(received.body["prospects"]) for received in sim.received("POST")] == [2, 1]

    @pytest.mark.parametrize("code", ["server_error", "unknown_error"])
    def test_a_second_server_error_is_final(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount, code: str
    ) -> None:
        body = {"result": [element(code), element(code)]}
        answer = self.scripted(sim, http, account, body, retried=frozenset({2}))
        assert outcomes(answer.results) == {2: "refused"}
        assert answer.results[2].reason == code
        assert answer.retried == {1}
        assert (answer.handle, answer.rest) == (None, None)

    @pytest.mark.parametrize("code", ["server_error", "unknown_error"])
    @pytest.mark.parametrize("status", [200, 429])
    def test_a_server_error_gets_no_second_try_where_that_duplicates(
        self,
        sim: WaalaxySimulator,
        http: HttpClient,
        account: WaalaxyAccount,
        code: str,
        status: int,
    ) -> None:
        api = self.make(can_create_duplicates=True)
        body = {"result": [element(code, message="Try later."), element("success")]}
        answer = self.scripted(sim, http, account, body, api=api, status=status)
        assert outcomes(answer.results) == {1: "unknown", 2: "confirmed"}
        assert answer.results[1].reason == code
        assert answer.retried == frozenset()

    def test_a_duplicate_at_the_one_more_try_is_presumed_imported(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        body = {"result": [element("duplicated_prospect"), element("duplicated_prospect")]}
        answer = self.scripted(sim, http, account, body, retried=frozenset({2}))
        assert outcomes(answer.results) == {1: "existing", 2: "accepted"}
        assert "presumably" in answer.results[2].reason_text

    def test_a_row_keeps_its_one_try_until_it_is_settled(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        bad = {"code": "R000401-003", "message": "Invalid LinkedIn URL"}
        retried = frozenset({1, 9})
        halved = self.scripted(sim, http, account, bad, status=400, retried=retried)
        single = self.scripted(sim, http, account, bad, status=400, rows=1, retried=retried)
        settled = self.scripted(
            sim, http, account, {"result": [element("success")]}, rows=1, retried=retried
        )
        left = [set(answer.retried) for answer in (halved, single, settled)]
        assert left == [{1, 9}, {9}, {9}]

    def test_duplicates_after_a_lost_answer_are_presumed_imported(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        api = self.make()
        batch = self.batch(api, [self.prospect(1), self.prospect(2, "deleted")])
        sim.faults.append(Fault(when="after", path=IMPORT, status=504))
        with pytest.raises(FateUnknownError):
            api.send(http, account, batch)
        again = api.send(
            http, account, Batch(rows=batch.rows, repeated=frozenset(row.row for row in batch.rows))
        )

        assert outcomes(again.results) == {1: "accepted", 2: "refused"}
        assert again.results[1].raw_status == "duplicated_prospect"
        assert "presumably" in again.results[1].reason_text
        assert len(sim.prospects) == 1

    # ------------------------------------------------------------------ enrolment

    def test_enrolment_is_requested_and_never_confirmed(
        self, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        api = self.make(campaign_id="camp-demo")
        result = self.run(api, http, account, [self.prospect(1)])[1]
        assert result.outcome is Outcome.CONFIRMED
        assert result.reason_text == (
            "Imported. Enrolment in the campaign was requested; Waalaxy decides later."
        )
        assert result.raw_status == "success/success"

    @pytest.mark.parametrize(
        ("campaign", "word", "code"),
        [
            ("camp-gone", "", "cant_add_prospect_campaign_not_exist"),
            ("camp-archived", "", "cant_add_prospect_campaign_is_archived"),
            ("camp-demo", "precondition", "prospect_does_not_match_preconditions"),
        ],
    )
    def test_a_failed_enrolment_is_a_refusal_of_what_was_asked(
        self,
        sim: WaalaxySimulator,
        http: HttpClient,
        account: WaalaxyAccount,
        campaign: str,
        word: str,
        code: str,
    ) -> None:
        api = self.make(campaign_id=campaign)
        batch = self.batch(api, [self.prospect(1, word)])
        answer = api.send(http, account, batch)
        result = answer.results[1]
        assert result.outcome is Outcome.REFUSED
        assert result.reason == code
        assert result.raw_status == f"success/{code}"
        assert result.provider_ref == sim.prospects[batch.rows[0].identity].identifier
        assert answer.warnings == ()

    @pytest.mark.parametrize(
        ("code", "outcome", "told", "warned"),
        [
            ("success", "confirmed", "requested", False),
            ("already_in_campaign", "confirmed", "already", False),
            ("unknown_error", "refused", "not enrolled", False),
            ("Success", "refused", "not enrolled", True),
            ("queued", "refused", "not enrolled", True),
            (True, "unknown", "does not tell", True),
            (None, "unknown", "does not tell", False),
        ],
    )
    def test_only_exact_enrolment_codes_are_good(
        self,
        sim: WaalaxySimulator,
        http: HttpClient,
        account: WaalaxyAccount,
        code: object,
        outcome: str,
        told: str,
        *,
        warned: bool,
    ) -> None:
        body = {"result": [element("success", addToCampaignCode=code)]}
        api = self.make(campaign_id="camp-demo")
        answer = self.scripted(sim, http, account, body, api=api, rows=1)
        assert answer.results[1].outcome == outcome
        assert told in answer.results[1].reason_text
        assert ("unknown_enrolment_code" in answer.warnings) is warned

    def test_an_enrolment_that_nobody_asked_for_says_nothing(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        body = {"result": [element("success", addToCampaignCode="unknown_error")]}
        answer = self.scripted(sim, http, account, body, rows=1)
        assert answer.results[1] == RowResult(Outcome.CONFIRMED, raw_status="success")
        assert answer.warnings == ()

    def test_an_existing_prospect_is_enrolled_only_if_the_route_asks_for_it(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        plain = self.make(campaign_id="camp-demo")
        result = self.run(plain, http, account, [self.prospect(1, "existing")])[1]
        assert (result.outcome, result.raw_status) == ("existing", "duplicated_prospect")
        assert "ampaign" not in result.reason_text
        assert sim.enrolled == {}

        asking = self.make(campaign_id="camp-demo", add_existing_to_campaign=True)
        result = self.run(asking, http, account, [self.prospect(1, "existing")])[1]
        assert (result.outcome, result.raw_status) == ("existing", "duplicated_prospect/success")
        assert "requested" in result.reason_text
        assert set(sim.enrolled) == {"person1--existing"}

    def test_an_existing_prospect_that_could_not_be_enrolled_is_refused_if_asked_for(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        code = "cant_add_prospect_campaign_is_archived"
        body = {"result": [element("duplicated_prospect", addToCampaignCode=code)]}
        for asked, outcome in ((True, "refused"), (False, "existing")):
            api = self.make(campaign_id="camp-archived", add_existing_to_campaign=asked)
            answer = self.scripted(sim, http, account, body, api=api, rows=1)
            assert outcomes(answer.results) == {1: outcome}

    def test_an_existing_prospect_stays_one_where_nothing_is_said_of_its_enrolment(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        api = self.make(campaign_id="camp-demo", add_existing_to_campaign=True)
        body = {"result": [element("duplicated_prospect")]}
        result = self.scripted(sim, http, account, body, api=api, rows=1).results[1]
        assert (result.outcome, result.reason) == ("existing", "duplicated_prospect")
        assert result.reason_text == "Waalaxy did not report the enrolment in the campaign."

    def test_a_presumed_import_is_not_good_where_enrolment_failed(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        api = self.make(campaign_id="camp-demo")
        failed = element("duplicated_prospect", addToCampaignCode="unknown_error")
        body = {"result": [element("duplicated_prospect"), failed]}
        answer = self.scripted(sim, http, account, body, api=api, repeated=frozenset({1, 2}))
        assert outcomes(answer.results) == {1: "unknown", 2: "refused"}
        assert "but its answer does not tell of an enrolment" in answer.results[1].reason_text

    def test_a_full_crm_stops_the_job_after_the_rows_that_are_named(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        body = {"result": [element("success"), element("max_limit_crm")]}
        answer = self.scripted(sim, http, account, body)
        assert outcomes(answer.results) == {1: "confirmed", 2: "refused"}
        assert answer.stop is not None
        assert answer.stop.reason == "provider_quota"
        body = {"result": [element("success"), element("profile_deleted")]}
        assert self.scripted(sim, http, account, body).stop is None

    def test_a_fault_of_theirs_on_a_repeat_says_nothing_of_the_first_request(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        body = {"result": [element("server_error"), element("profile_deleted")]}
        retried = frozenset({1})
        answer = self.scripted(
            sim, http, account, body, repeated=frozenset({1, 2}), retried=retried
        )
        assert outcomes(answer.results) == {1: "unknown", 2: "refused"}

    # ------------------------------------------------------------------ joining answers to rows

    @pytest.mark.parametrize("container", ["result", "prospects", ""])
    def test_the_container_is_one_of_three(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount, container: str
    ) -> None:
        rows = [element("success"), element("profile_deleted")]
        body = {container: rows} if container else rows
        answer = self.scripted(sim, http, account, body)
        assert outcomes(answer.results) == {1: "confirmed", 2: "refused"}

    @pytest.mark.parametrize(
        "body",
        [
            {"result": []},
            {"result": "success"},
            {"result": {"importCode": "success"}},
            {"data": [{"importCode": "success"}, {"importCode": "success"}]},
            {"result": [{}, {}]},
            {"result": ["success", "success"]},
            {"prospects": [{"url": "x"}, {"url": "y"}]},
            "success",
            True,
        ],
    )
    def test_an_answer_without_an_import_code_settles_nothing(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount, body: object
    ) -> None:
        answer = self.scripted(sim, http, account, body)
        assert (answer.results, answer.rest) == ({}, _NOT_REPORTED)
        assert answer.warnings == ("unreadable_answer",)

    @pytest.mark.parametrize(
        "body", ["", "<html>ok</html>", "{", "[]", "null", '{"message": "fine"}']
    )
    def test_a_success_without_a_receipt_is_no_success(
        self, api: Any, sim: Any, http: Any, account: Any, body: str
    ) -> None:
        """Override: such rows are unknown and not sent again (docs/providers/waalaxy.md, 3)."""
        sim.faults.append(Fault(when="after", path=self.send_path, status=200, body=body))

        results = self.run(api, http, account, [self.prospect(1), self.prospect(2)])

        assert outcomes(results) == {1: "unknown", 2: "unknown"}
        assert len(sim.received("POST")) == 1

    @pytest.mark.parametrize(
        ("elements", "expected"),
        [
            (
                [element("success"), element("profile_deleted"), element("success")],
                ["confirmed", "refused", "confirmed"],
            ),
            (
                [
                    element("profile_deleted"),
                    element("success", "PERSON2"),
                    element("success", "%70erson3"),
                ],
                ["refused", "confirmed", "confirmed"],
            ),
            (
                [
                    element("profile_deleted", "person3"),
                    element("success", "person1"),
                    element("duplicated_prospect", "person2"),
                ],
                ["confirmed", "existing", "refused"],
            ),
            (
                [
                    element("success", "person2"),
                    element("profile_deleted", "person1"),
                    element("success"),
                ],
                ["refused", "confirmed", "unknown"],
            ),
            (
                [element("success", "person1"), element("success", "person3")],
                ["confirmed", "unknown", "confirmed"],
            ),
            ([element("success"), element("success")], ["unknown", "unknown", "unknown"]),
            (
                [element("success", f"person{row}") for row in (1, 2, 3, 4)],
                ["confirmed", "confirmed", "confirmed"],
            ),
            (
                [
                    element("success", "person1"),
                    element("profile_deleted", "person1"),
                    element("success", "person3"),
                ],
                ["unknown", "unknown", "confirmed"],
            ),
            (
                [element("success", "stranger"), element("success"), element("success")],
                ["unknown", "unknown", "unknown"],
            ),
        ],
        ids=[
            "in order without profiles",
            "in order with some profiles",
            "shuffled",
            "shuffled with one unnamed",
            "shorter",
            "shorter without profiles",
            "longer",
            "named twice",
            "a profile that was not sent",
        ],
    )
    def test_rows_are_joined_by_order_only_where_profiles_agree(
        self,
        sim: WaalaxySimulator,
        http: HttpClient,
        account: WaalaxyAccount,
        elements: list[dict[str, object]],
        expected: Sequence[str],
    ) -> None:
        answer = self.scripted(sim, http, account, {"result": elements}, rows=3)
        assert outcomes(answer.results) == dict(enumerate(expected, start=1))

    def test_a_row_sent_by_member_id_is_known_by_it(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        profile = {"publicIdentifier": "ada-example", "memberId": "ACoAAB12Cd"}
        elements = [
            {"importCode": "success", "prospect": {"_id": "p1", "profile": profile}},
            {"importCode": "duplicated_prospect"},
        ]
        sim.faults.append(
            Fault(when="before", status=200, body=json_body({"result": elements}).decode())
        )
        api = self.make()
        by_member = self.prospect(1, linkedin_url="https://www.linkedin.com/in/ACoAAB12Cd")
        answer = api.send(http, account, self.batch(api, [by_member, self.prospect(2)]))
        assert outcomes(answer.results) == {1: "confirmed", 2: "existing"}
        assert sim.received("POST")[0].body["prospects"][0]["url"].endswith("/in/ACoAAB12Cd")

    def test_a_row_sent_by_member_id_is_answered_with_a_public_name(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        by_member = self.prospect(1, linkedin_url="https://www.linkedin.com/in/ACwAAB12Cd")
        results = self.run(self.make(), http, account, [by_member, self.prospect(2)])
        assert outcomes(results) == {1: "confirmed", 2: "confirmed"}
        assert results[1].provider_ref == sim.prospects["acwaab12cd"].identifier

    @pytest.mark.parametrize(
        ("profile", "expected"),
        [
            ({"publicIdentifier": "ada-l"}, ["confirmed", "existing"]),
            ({"publicIdentifier": "ada-l", "memberId": "12345"}, ["confirmed", "existing"]),
            ({"publicIdentifier": "person2"}, ["unknown", "confirmed"]),
            ({"publicIdentifier": "ACwAAB99Zz"}, ["unknown", "unknown"]),
            ({"publicIdentifier": "ada-l", "memberId": "person2"}, ["unknown", "confirmed"]),
        ],
        ids=["a public name", "with a number", "another row's", "another member id", "of two"],
    )
    def test_a_public_name_of_no_other_row_may_be_that_of_a_row_sent_by_member_id(
        self,
        sim: WaalaxySimulator,
        http: HttpClient,
        account: WaalaxyAccount,
        profile: dict[str, str],
        expected: Sequence[str],
    ) -> None:
        elements = [
            {"importCode": "success", "prospect": {"_id": "p1", "profile": profile}},
            {"importCode": "duplicated_prospect"},
        ]
        sim.faults.append(
            Fault(when="before", status=200, body=json_body({"result": elements}).decode())
        )
        api = self.make()
        by_member = self.prospect(1, linkedin_url="https://www.linkedin.com/in/ACwAAB12Cd")
        answer = api.send(http, account, self.batch(api, [by_member, self.prospect(2)]))
        assert outcomes(answer.results) == dict(enumerate(expected, start=1))

    # ------------------------------------------------------------------ refused calls

    def test_one_bad_address_is_found_by_halving(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        prospects = [self.prospect(1), self.prospect(2, "badurl"), self.prospect(3)]
        results = self.run(self.make(), http, account, prospects)

        assert outcomes(results) == {1: "confirmed", 2: "refused", 3: "confirmed"}
        assert results[2].reason == "R000401-003"
        assert results[2].reason_text == "Invalid LinkedIn URL"
        assert set(sim.prospects) == {"person1", "person3"}

    @pytest.mark.parametrize(("rows", "most"), [(2, 1), (3, 1), (50, 25)])
    def test_a_call_with_a_bad_address_is_halved_and_settles_nothing(
        self, http: HttpClient, account: WaalaxyAccount, rows: int, most: int
    ) -> None:
        api = self.make()
        prospects = [self.prospect(1, "badurl"), *map(self.prospect, range(2, rows + 1))]
        answer = api.send(http, account, self.batch(api, prospects))
        assert (dict(answer.results), answer.rest, answer.handle) == ({}, None, None)
        assert answer.max_rows == most

    @pytest.mark.parametrize("status", [400, 401, 403, 422])
    def test_codes_count_before_the_http_status(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount, status: int
    ) -> None:
        bad = {"code": "R000401-003", "message": "Invalid LinkedIn URL"}
        split = self.scripted(sim, http, account, bad, status=status)
        assert (split.max_rows, split.is_about_rows) == (1, True)
        wordless = self.scripted(sim, http, account, {"code": bad["code"]}, status=status)
        told = [answer.refusal and answer.refusal.reason for answer in (split, wordless)]
        assert told == [bad["message"], bad["code"]]
        with pytest.raises(StopJobError) as stop:
            self.scripted(sim, http, account, {"code": "R000401-004"}, status=status)
        assert stop.value.reason == "provider_quota"

    @pytest.mark.parametrize(
        "code", ["R000401-003", "R000401-004", "M000401-001", "R000404-002", "V000400-001"]
    )
    @pytest.mark.parametrize("rows", [1, 2])
    def test_a_code_proves_a_refusal_only_in_a_4xx(
        self,
        sim: WaalaxySimulator,
        http: HttpClient,
        account: WaalaxyAccount,
        code: str,
        rows: int,
    ) -> None:
        body = {"code": code, "message": "origin is no profile, or full"}
        for status in (500, 503):
            with pytest.raises(FateUnknownError):
                self.scripted(sim, http, account, body, status=status, rows=rows)
        for status in (200, 202):
            answer = self.scripted(sim, http, account, body, status=status, rows=rows)
            assert (answer.results, answer.rest, answer.refusal) == ({}, _NOT_REPORTED, None)
            assert answer.warnings == ("unreadable_answer",)
            # Of these rows nobody can tell, but the other requests would fare no better.
            stops = code in {"R000401-004", "M000401-001", "R000404-002"}
            assert (answer.stop is not None) is stops

    def test_a_full_list_stops_the_job(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        sim.is_full = True
        with pytest.raises(StopJobError) as stop:
            self.run(self.make(), http, account, [self.prospect(1)])
        assert stop.value.reason == "provider_quota"

    def test_a_plan_without_the_api_is_told_from_a_wrong_key(
        self, sim: WaalaxySimulator, http: HttpClient
    ) -> None:
        texts = {}
        for key in (BASIC_PLAN_KEY, "wrong"):
            account = self.account_of(sim.account() | {"api_key": key})
            with pytest.raises(StopJobError) as stop:
                self.run(self.make(), http, account, [self.prospect(1)])
            assert stop.value.reason == "provider_auth"
            assert key not in str(stop.value)
            texts[key] = stop.value.text
        assert "plan" in texts[BASIC_PLAN_KEY]
        assert "plan" not in texts["wrong"]

    def test_the_probe_tells_a_plan_without_the_api(
        self, sim: WaalaxySimulator, http: HttpClient
    ) -> None:
        account = WaalaxyAccount.model_validate(
            sim.account() | {"api_key": BASIC_PLAN_KEY}, context={"allow_loopback": True}
        )
        with pytest.raises(StopJobError, match="plan"):
            Waalaxy.probe(http, account)

    @pytest.mark.parametrize("body", ["false", "{}", '"true"', "1"])
    def test_only_true_passes_the_probe(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount, body: str
    ) -> None:
        sim.faults.append(Fault(when="before", method="GET", status=200, body=body))
        with pytest.raises(FateUnknownError):
            Waalaxy.probe(http, account)

    def test_all_lists_are_shown_but_not_all_campaigns(
        self, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        lists, campaigns = Waalaxy.choices(http, account)
        assert (lists.is_whole, campaigns.is_whole) == (True, False)
        assert (campaigns.kind, campaigns.options) == ("campaign", ("campaign_id",))
        assert "camp-demo" in campaigns.names
        assert all((*lists.names.values(), *campaigns.names.values()))

    def test_an_unknown_list_is_a_bad_route(
        self, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        api = self.make(prospect_list_id="list-gone")
        with pytest.raises(StopJobError) as stop:
            self.run(api, http, account, [self.prospect(1)])
        assert stop.value.reason == "bad_route"

    def test_bad_input_refuses_the_batch_and_a_bad_origin_the_route(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        bad = {"code": "V000400-001", "message": "prospects[0].original is not allowed"}
        refusal = self.scripted(sim, http, account, bad, status=400).refusal
        assert refusal is not None
        assert refusal.reason == "prospects[0].original is not allowed"
        assert refusal.raw_status == "V000400-001"

        bad = {"code": "V000400-001", "message": '"origin.name" must be one of [make, zapier, n8n]'}
        no_list = {"code": "V000400-001", "message": "prospectListId is not an id"}
        for body in (bad, bad | {"title": "Bad Request"}, no_list):
            with pytest.raises(StopJobError) as stop:
                self.scripted(sim, http, account, body, status=400)
            assert stop.value.reason == "bad_route"

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            ({"title": "Conflict", "message": "m", "detail": "d"}, "Conflict"),
            ({"message": "m", "detail": "d"}, "m"),
            ({"title": "", "detail": "d"}, "d"),
            ({}, "HTTP 409"),
            ([], "HTTP 409"),
        ],
    )
    def test_any_other_refusal_keeps_its_words(
        self,
        sim: WaalaxySimulator,
        http: HttpClient,
        account: WaalaxyAccount,
        body: object,
        reason: str,
    ) -> None:
        refusal = self.scripted(sim, http, account, body, status=409).refusal
        assert refusal is not None
        assert refusal.reason == reason

    @pytest.mark.parametrize("status", [207, 400, 401, 408, 422])
    def test_rows_with_codes_are_settled_by_a_refusal_too(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount, status: int
    ) -> None:
        body = {"result": [element("success"), element("profile_deleted")]}
        answer = self.scripted(sim, http, account, body, status=status)
        # A request that is wrong, and a row that is imported: together they prove nothing.
        taken = "confirmed" if status == 207 else "unknown"
        assert outcomes(answer.results) == {1: taken, 2: "refused"}
        assert (answer.refusal, answer.stop) == (None, None)

        answer = self.scripted(sim, http, account, body, status=status, rows=3)
        assert set(outcomes(answer.results).values()) == {"unknown"}

    def test_a_full_list_stops_the_job_after_the_rows_that_are_named(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        rows = [element("success", "person1")]
        body = {"code": "R000401-004", "message": "Full", "result": rows}
        answer = self.scripted(sim, http, account, body, status=400)
        assert outcomes(answer.results) == {1: "unknown", 2: "unknown"}
        assert answer.results[1].provider_ref == "id-person1"
        assert answer.stop is not None
        assert answer.stop.reason == "provider_quota"

    def test_a_refusal_whose_rows_have_no_codes_took_nothing(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        body = {"message": "No", "result": [{"prospect": {"_id": "p1"}}, {}]}
        refused = self.scripted(sim, http, account, body, status=400)
        assert (dict(refused.results), refused.rest) == ({}, None)
        assert refused.refusal is not None

    def test_rows_in_a_fault_of_theirs_do_not_count(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        body = {"result": [element("success"), element("success")]}
        with pytest.raises(FateUnknownError):
            self.scripted(sim, http, account, body, status=500)

    # ------------------------------------------------------------------ too many requests

    def test_the_third_request_in_a_second_has_to_wait(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        api = self.make()
        for row in (1, 2):
            api.send(http, account, self.batch(api, [self.prospect(row)]))
        with pytest.raises(ProviderBusyError) as busy:
            api.send(http, account, self.batch(api, [self.prospect(3)]))
        assert busy.value.retry_after == 30
        assert set(sim.prospects) == {"person1", "person2"}

    def test_a_429_with_rows_settles_them_and_leaves_the_rest(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        body = {"result": [element("success", "person3"), element("profile_deleted", "person1")]}
        answer = self.scripted(sim, http, account, body, status=429, rows=4)
        assert outcomes(answer.results) == {1: "refused", 3: "confirmed"}
        assert (answer.handle, answer.rest) == (None, None)

    def test_a_call_that_becomes_too_much_is_gone_on_with(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        prospects = [self.prospect(1), self.prospect(2, "busy"), self.prospect(3)]
        results = self.run(self.make(can_create_duplicates=True), http, account, prospects)
        assert outcomes(results) == {1: "confirmed", 2: "confirmed", 3: "confirmed"}
        posts = sim.received("POST")
        assert [(post.status, len(post.body["prospects"])) for post in posts] == [
            (429, 3),
            (200, 2),
        ]

    def test_a_429_with_every_row_settles_them_all(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        body = {"result": [element("success"), element("duplicated_prospect")]}
        answer = self.scripted(sim, http, account, body, status=429)
        assert outcomes(answer.results) == {1: "confirmed", 2: "existing"}

    def test_a_429_whose_rows_cannot_be_told_apart_leaves_the_fate_unknown(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        body = {"result": [element("success"), element("success")]}
        with pytest.raises(FateUnknownError):
            self.scripted(sim, http, account, body, status=429, rows=3)

    def test_after_a_429_no_row_is_sent_twice_where_that_duplicates(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        api = self.make(can_create_duplicates=True)
        clear = {"result": [element("success", "person1")]}
        answer = self.scripted(sim, http, account, clear, api=api, status=429)
        assert outcomes(answer.results) == {1: "confirmed"}

        unclear = {"result": [element("success", "person1"), element("success")]}
        answer = self.scripted(sim, http, account, unclear, api=api, status=429, rows=3)
        assert outcomes(answer.results) == {1: "confirmed", 2: "unknown", 3: "unknown"}

    @pytest.mark.parametrize("body", [{"result": []}, {"title": "Too Many Requests"}, {}])
    def test_a_429_without_rows_took_nothing(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount, body: object
    ) -> None:
        with pytest.raises(ProviderBusyError) as busy:
            self.scripted(sim, http, account, body, status=429, headers={"Retry-After": "45"})
        assert busy.value.retry_after == 45

    @pytest.mark.parametrize("container", ["result", "prospects", ""])
    @pytest.mark.parametrize("entry", [{"prospect": {"_id": "p1"}}, {}, "success"])
    def test_a_429_whose_rows_have_no_codes_leaves_the_fate_unknown(
        self,
        sim: WaalaxySimulator,
        http: HttpClient,
        account: WaalaxyAccount,
        container: str,
        entry: object,
    ) -> None:
        body = {container: [entry]} if container else [entry]
        with pytest.raises(FateUnknownError):
            self.scripted(sim, http, account, body, status=429)

    @pytest.mark.parametrize(
        ("attempts", "seconds"), [(0, 30), (1, 60), (2, 120), (3, 240), (4, 300), (9999, 300)]
    )
    def test_each_429_doubles_the_wait_up_to_five_minutes(
        self,
        sim: WaalaxySimulator,
        http: HttpClient,
        account: WaalaxyAccount,
        attempts: int,
        seconds: float,
    ) -> None:
        with pytest.raises(ProviderBusyError) as busy:
            self.scripted(sim, http, account, {}, status=429, attempts=attempts)
        assert busy.value.retry_after == seconds

    @pytest.mark.parametrize(("headers", "hold"), [({"Retry-After": "120"}, 120), ({}, 30)])
    def test_a_429_with_rows_holds_the_account(
        self,
        sim: WaalaxySimulator,
        http: HttpClient,
        account: WaalaxyAccount,
        headers: dict[str, str],
        hold: float,
    ) -> None:
        body = {"result": [element("success", "person1")]}
        busy = self.scripted(sim, http, account, body, status=429, headers=headers, attempts=5)
        assert busy.hold == hold
        assert self.scripted(sim, http, account, body, headers=headers).hold is None

    # ------------------------------------------------------------------ polling

    def test_a_poll_ends_with_rows_unknown_and_asks_nobody(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        handle = Handle(value={}, rows=[(1, "person1")], age=1)
        answer = self.make().poll(http, account, handle)
        assert answer.is_terminal
        assert dict(answer.results) == {}
        assert answer.rest.outcome is Outcome.UNKNOWN
        assert sim.ledger == []

    def test_a_send_leaves_nothing_to_poll(self, http: HttpClient, account: WaalaxyAccount) -> None:
        api = self.make()
        answer = api.send(http, account, self.batch(api, [self.prospect(1)]))
        assert answer.handle is None
        assert set(answer.results) == {1}

    # ------------------------------------------------------------------ the simulator's own

    @pytest.mark.parametrize("birthday", [5, None, "1 May", [1, 5], {"day": "1", "month": 5}])
    def test_the_simulator_refuses_a_birthday_that_is_none(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount, birthday: object
    ) -> None:
        prospect = {"url": "https://linkedin.com/in/ada", "customProfile": {"birthday": birthday}}
        body = {"prospectListId": "list-demo", "origin": {"name": "x"}, "prospects": [prospect]}
        headers = {
            "Authorization": f"Bearer {account.api_key}",
            "Content-Type": "application/json",
        }
        answer = http.request("POST", f"{sim.url}{IMPORT}", headers=headers, body=json_body(body))
        assert (answer.status, answer.object()["code"]) == (400, "V000400-001")

    def test_the_simulator_shows_lists_and_the_campaigns_that_run(
        self, sim: WaalaxySimulator, http: HttpClient, account: WaalaxyAccount
    ) -> None:
        self.run(self.make(campaign_id="camp-demo"), http, account, [self.prospect(1)])
        headers = {"Authorization": f"Bearer {account.api_key}"}

        def look_up(path: str) -> Any:  # JSON
            time.sleep(0.6)  # two requests a second are taken
            return http.request("GET", f"{sim.url}{path}", headers=headers).json()

        assert look_up("/integrations/test") is True
        lists = look_up("/prospectLists/getProspectLists")
        assert {entry["_id"]: entry["totalProspects"] for entry in lists} == {
            "list-demo": 1,
            "list-other": 0,
        }
        campaigns = look_up("/campaigns/getAll")
        assert campaigns["total"] == 1
        assert [entry["_id"] for entry in campaigns["campaigns"]] == ["camp-demo"]
