from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

from listdrop.errors import (
    BatchRefusedError,
    FateUnknownError,
    ImportMissingError,
    InvalidRowError,
    ProviderBusyError,
    StopJobError,
)
from listdrop.models import Outcome, People, Prospects
from listdrop.providers.base import AfterCrash, Batch, BatchRow, Handle, json_body
from listdrop.providers.which50 import Which50, Which50Account
from local.simulators.base import Fault
from local.simulators.which50 import Which50Simulator
from tests.contracts.provider import Person, ProviderContract, prepare

ROWS = [(1, "a@example.com"), (2, "b@example.com"), (3, "c@example.com")]
HANDLE: dict[str, Any] = {"job_id": 901, "digest": "", "repeats": 0, "changed_at": 0, "rows": 0}
FINISHED = "2025-11-24T10:45:01.4007824+00:00"


class TestWhich50(ProviderContract):
    provider = Which50
    simulator = Which50Simulator
    destination: ClassVar[dict[str, Any]] = {"provider": "which50", "contact_list_id": 42}
    send_path = "/import/"  # a load; `commit` follows only where the test runs to the end
    poll_path = "/import/"
    good_outcome = Outcome.ACCEPTED

    # ------------------------------------------------------------------ rows to contacts

    def test_columns_are_named_as_the_list_names_them(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        self.send(api, http, account, self.batch(api, [self.prospect(1)]))

        create, load = sim.received("POST")
        assert create.path == "/contactLists/42/import"
        assert create.body == {
            "FieldNames": ["Email", "FirstName", "LastName", "Mobile", "Company"]
        }
        assert load.path == "/contactLists/42/import/901"
        assert load.body == [
            {
                "ListId": 42,
                "Values": {
                    "Email": "person1@example.com",
                    "FirstName": "Ada",
                    "LastName": "Number1",
                    "Mobile": "34600111222",
                    "Company": "Example Ltd",
                },
            }
        ]

    def test_a_field_that_no_row_has_is_not_taken(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        session = api.open(http, account, {"Email", "first-name", "Notes"})

        assert sim.received("POST")[0].body == {"FieldNames": ["Email", "FirstName"]}
        person = Person(row=1, fields={"email": "a@example.com"}, custom={"first-name": "Ada"})
        api.send(http, account, self.batch(api, [person], session=session))
        values = {"Email": "a@example.com", "FirstName": "Ada"}
        assert sim.received("POST")[1].body[0]["Values"] == values

    def test_a_match_field_that_no_row_has_keeps_the_list_s_spelling(
        self, sim: Any, http: Any, account: Any
    ) -> None:
        api: Any = self.make(match="email,mobile")
        session = api.open(http, account, {"Email"})
        person = Person(row=1, fields={"email": "a@example.com"}, custom={})
        api.send(http, account, self.batch(api, [person], session=session))
        api.commit(http, account, session)
        assert sim.imports[0]["match"] == "Email,Mobile"

    def test_of_a_list_that_cannot_be_read_only_names_that_rows_have_are_taken(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        sim.faults.append(Fault(when="before", method="GET", path="/fields", status=403))
        api.open(http, account, {"Email", "LastName", "Notes"})
        assert sim.received("POST")[0].body == {"FieldNames": ["Email", "LastName"]}

    def test_custom_columns_find_their_field_without_case_spaces_and_dashes(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        names = ["E-mail", "TEAM_SIZE", "Job-Title", "JobTitle"]
        fields = [{"id": 1, "name": name} for name in names]
        sim.faults.append(
            Fault(when="before", method="GET", path="/fields", status=200, body=text(fields))
        )
        sim.faults.append(Fault(when="before", path="/import", status=200, body=text(job())))
        session = self.make(match="").open(http, account)
        assert sim.ledger[-1].body == {"FieldNames": names}

        sim.faults.append(Fault(when="before", path="/import/", status=200))
        api.send(http, account, self.batch(api, [self.prospect(1)], session=session))
        assert sim.ledger[-1].body[0]["Values"] == {
            "E-mail": "person1@example.com",
            "TEAM_SIZE": "40",
            "Job-Title": "Head of Growth",
        }

    @pytest.mark.parametrize(
        "fault",
        [
            {"when": "before", "status": 403},
            {"when": "before", "status": 404},
            {"when": "after", "status": 200, "body": "<html>"},
            {"when": "after", "status": 200, "body": "[]"},
            {"when": "after", "status": 200, "body": '[{"Id": 1}, null]'},
        ],
    )
    def test_an_unreadable_schema_leaves_the_configured_map(
        self, sim: Any, http: Any, account: Any, fault: Any
    ) -> None:
        sim.faults.append(Fault(method="GET", path="/fields", **fault))
        api: Any = self.make(fields={"Employer": "Company"})
        person = Person(
            row=1,
            fields={"email": "ada@example.com", "job_title": "CTO"},
            custom={"Employer": "Example Ltd", "Team size": "40"},
        )
        _, batch = self.send(api, http, account, self.batch(api, [person]))

        assert batch.session is not None
        assert batch.session["fields"] is None
        create, load = sim.received("POST")
        assert sorted(create.body["FieldNames"]) == [
            "Company",
            "Email",
            "FirstName",
            "LastName",
            "Mobile",
        ]
        assert load.body[0]["Values"] == {"Email": "ada@example.com", "Company": "Example Ltd"}

    def test_a_field_named_exactly_wins_over_one_that_only_looks_alike(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        session = {"job_id": 901, "fields": ["Email", "First name", "FirstName"]}
        sim.faults.append(Fault(when="before", path="/import/", status=200))
        api.send(http, account, self.batch(api, [self.prospect(1)], session=session))
        assert sim.ledger[-1].body[0]["Values"] == {
            "Email": "person1@example.com",
            "FirstName": "Ada",
        }

    def test_a_match_column_is_loaded_even_without_a_schema(
        self, sim: Any, http: Any, account: Any
    ) -> None:
        api: Any = self.make(match="TeamSize")
        session = {"job_id": 901, "fields": None}
        sim.faults.append(Fault(when="before", path="/import/", status=200))
        api.send(http, account, self.batch(api, [self.prospect(1)], session=session))
        assert sim.ledger[-1].body[0]["Values"]["TeamSize"] == "40"

    def test_a_configured_column_wins_over_the_default_one(self) -> None:
        api = self.make(fields={"Work e-mail": "Email", "phone": "Landline"})
        person = Person(
            row=1,
            fields={"email": "home@example.com", "phone": "0034 600-111"},
            custom={"Work e-mail": "Work@Example.com"},
        )
        prepared = prepare(api, person)

        assert prepared.identity == "work@example.com"
        assert prepared.payload["Values"] == {"Email": "Work@Example.com", "Landline": "34600111"}

    @pytest.mark.parametrize(
        ("phone", "digits"),
        [
            ("+34 600 111-222", "34600111222"),
            ("0034600111222", "34600111222"),
            ("34600111222", "34600111222"),
            ("+34 600 111 222 ext. 7", "34600111222"),
            ("+44 (0)20 7946 0003", "442079460003"),
            ("+44 020 7946 0003", "442079460003"),
            ("+34 600 111 222 / +34 600 111 223", "34600111222"),
        ],
    )
    def test_a_phone_is_one_number_in_international_digits(
        self, api: Any, phone: str, digits: str
    ) -> None:
        assert prepare(api, self.prospect(1, phone=phone)).payload["Values"]["Mobile"] == digits

    @pytest.mark.parametrize(
        ("phone", "country", "digits"),
        [
            ("(650) 555-0101 ext. 42", "United States", "16505550101"),
            ("0151 23456789", "Deutschland", "4915123456789"),
            ("0151 23456789", "DE", "4915123456789"),
            ("34600111222", "Spain", "34600111222"),
        ],
    )
    def test_a_national_number_is_made_international_where_the_country_is_known(
        self, api: Any, phone: str, country: str, digits: str
    ) -> None:
        person = self.prospect(1, phone=phone, country=country)
        assert prepare(api, person).payload["Values"]["Mobile"] == digits

    def test_a_number_that_may_be_of_two_countries_is_left_out(self, api: Any) -> None:
        person = self.prospect(1, phone="34600111222", country="Germany")
        assert "Mobile" not in prepare(api, person).payload["Values"]

    @pytest.mark.parametrize("phone", ["n/a", "0600 111", "(650) 555-0101", "call after 18h"])
    def test_a_phone_that_is_no_international_number_is_left_out(
        self, api: Any, phone: str
    ) -> None:
        assert "Mobile" not in prepare(api, self.prospect(1, phone=phone)).payload["Values"]

    def test_a_row_whose_phone_is_left_out_says_so(self, api: Any) -> None:
        phones = ["0600 111", "+34 600 111 222", "0600 112", ""]
        emails = ["a@example.com", "b@example.com", "c@", "d@example.com"]
        valid = [None if email == "c@" else email for email in emails]
        found = api.prepare_all(
            Prospects({"email": emails, "phone": phones}, {}, valid, People(emails, [], []))
        )
        assert found.without_phone == {0}

    # ------------------------------------------------------------------ identity

    @pytest.mark.parametrize("match", ["Email", "EMAIL", "Mobile, email", ""])
    def test_identity_is_the_address_where_it_is_matched_by(self, match: str) -> None:
        person = self.prospect(1, email="Ada@Example.com")
        assert prepare(self.make(match=match), person).identity == "ada@example.com"

    @pytest.mark.parametrize(
        ("match", "identity"),
        [("Mobile", "34600111222"), ("teamsize,Mobile", "40"), ("Last Name", "Number1")],
    )
    def test_identity_is_the_first_match_field(self, match: str, identity: str) -> None:
        assert prepare(self.make(match=match), self.prospect(1)).identity == identity

    def test_a_row_without_its_match_field_is_invalid(self) -> None:
        with pytest.raises(InvalidRowError) as invalid:
            prepare(self.make(match="Mobile"), self.prospect(1, phone="n/a"))
        assert invalid.value.reason == "unmapped_required_field"

    @pytest.mark.parametrize("match", ["Email", "Mobile"])
    def test_a_bad_address_is_never_loaded(self, match: str) -> None:
        with pytest.raises(InvalidRowError) as invalid:
            prepare(self.make(match=match), self.prospect(1, email="ada@"))
        assert invalid.value.reason == "invalid_email"

    def test_a_row_without_an_address_can_be_matched_by_phone(self) -> None:
        prepared = prepare(self.make(match="Mobile"), self.prospect(1, email=""))
        assert "Email" not in str(prepared.payload)

    # ------------------------------------------------------------------ the account

    def test_the_configured_header_is_sent_as_it_is(self, sim: Any, http: Any) -> None:
        secret = {"base_url": sim.url, "header": "X-Api-Key", "value": "Key with space"}
        sim.faults.append(Fault(when="before", method="GET", path="/fields", status=403))
        sim.faults.append(Fault(when="before", path="/import", status=200, body=text(job())))
        self.make().open(http, self.account_of(secret))
        assert [r.headers["X-Api-Key"] for r in sim.ledger] == ["Key with space"] * 2

    @pytest.mark.parametrize("value", ["", "Bearer x\r\nHost: y", " Bearer x", "Bearer é"])
    def test_a_header_that_cannot_be_sent_is_refused(self, value: str) -> None:
        with pytest.raises(ValidationError):
            Which50Account(value=value)

    def test_the_secret_has_defaults_and_hides_its_value(self) -> None:
        account = Which50Account(value="Bearer abc")
        assert account.base_url == "https://app.which50.com/Which50API"
        assert account.header == "Authorization"
        assert "abc" not in repr(account)

    # ------------------------------------------------------------------ open

    @pytest.mark.parametrize("path", ["/fields", "/import"])
    def test_credentials_refused_while_opening_stop_the_job(
        self, api: Any, sim: Any, http: Any, account: Any, path: str
    ) -> None:
        method = "GET" if path == "/fields" else "POST"
        sim.faults.append(Fault(when="before", method=method, path=path, status=401))
        with pytest.raises(StopJobError) as stop:
            api.open(http, account)
        assert stop.value.reason == "provider_auth"

    def test_a_list_that_does_not_exist_stops_the_job(self, http: Any, account: Any) -> None:
        with pytest.raises(StopJobError) as stop:
            self.make(contact_list_id=43).open(http, account)
        assert stop.value.reason == "bad_route"

    @pytest.mark.parametrize(
        "options",
        [
            {"match": "Email,AccountNo"},
            {"match": "", "fields": {"email": "Address"}},
            {"fields": {"Industry": "Sector"}},
        ],
    )
    def test_a_field_that_the_list_lacks_stops_the_job_before_it_is_created(
        self, sim: Any, http: Any, account: Any, options: Any
    ) -> None:
        with pytest.raises(StopJobError) as stop:
            self.make(**options).open(http, account)
        assert stop.value.reason == "bad_route"
        assert sim.received("POST") == []

    def test_a_refused_create_stops_the_job_with_their_message_only(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        body = text({"message": "Bad field.", "ExceptionMessage": "secret", "StackTrace": "at X"})
        sim.faults.append(Fault(when="before", path="/import", status=417, body=body))
        with pytest.raises(StopJobError) as stop:
            api.open(http, account)
        assert stop.value.reason == "bad_route"
        assert "Bad field." in stop.value.text
        assert "secret" not in stop.value.text

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "<html>ok</html>",
            "[]",
            "null",
            "{}",
            '{"Id": null}',
            '{"Id": 0}',
            '{"Id": true}',
            '{"Id": 901, "ContactListId": 43}',
        ],
    )
    def test_a_create_without_its_job_is_no_success(
        self, api: Any, sim: Any, http: Any, account: Any, body: str
    ) -> None:
        sim.faults.append(Fault(when="after", path="/import", status=200, body=body))
        with pytest.raises(FateUnknownError):
            api.open(http, account)

    def test_a_busy_schema_call_waits_instead_of_dropping_columns(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        sim.faults.append(Fault(when="before", method="GET", path="/fields", status=429))
        with pytest.raises(ProviderBusyError):
            api.open(http, account)
        sim.faults.append(Fault(when="before", method="GET", path="/fields", status=500))
        with pytest.raises(FateUnknownError):
            api.open(http, account)
        assert sim.received("POST") == []

    def test_a_second_open_changes_no_contact(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        first = api.open(http, account)
        api.send(http, account, self.batch(api, [self.prospect(1)], session=first))
        second = api.open(http, account)

        assert second["job_id"] != first["job_id"]
        assert sim.contacts == []

    # ------------------------------------------------------------------ load

    def test_several_loads_are_one_import(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        session = api.open(http, account)
        rows: list[BatchRow] = []
        for numbers in ((1, 2), (3,)):
            batch = self.batch(api, [self.prospect(n) for n in numbers], session=session)
            assert api.send(http, account, batch).handle == {"loaded": True}
            rows += batch.rows
        assert sim.contacts == []
        handle = api.commit(http, account, session)
        results = self.poll_to_the_end(api, http, account, handle, rows)

        assert {row: result.outcome for row, result in results.items()} == dict.fromkeys(
            (1, 2, 3), "accepted"
        )
        assert [run["rows"] for run in sim.imports] == [3]

    @pytest.mark.parametrize("body", ["", "<html>ok</html>", "[]", "null", '{"Id": 901}', "[null]"])
    def test_any_2xx_loads_the_rows(
        self, api: Any, sim: Any, http: Any, account: Any, body: str
    ) -> None:
        sim.faults.append(Fault(when="after", path="/import/", status=202, body=body))
        answer, _ = self.send(api, http, account, self.batch(api, [self.prospect(1)]))
        assert (answer.handle, answer.warnings) == ({"loaded": True}, ())
        assert answer.results == {}
        assert answer.rest is None

    def test_validation_warnings_are_noticed(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        contacts = [{"validationWarnings": []}, {"validationWarnings": ["Mobile is short."]}]
        sim.faults.append(Fault(when="after", path="/import/", status=200, body=text(contacts)))
        answer, _ = self.send(api, http, account, self.batch(api, [self.prospect(1)]))
        assert answer.warnings == ("validation_warnings",)

    def test_a_load_that_is_too_large_is_halved(self, api: Any, http: Any, account: Any) -> None:
        people = [self.prospect(row, company="x" * 1_000_000) for row in range(1, 6)]
        answer, batch = self.send(api, http, account, self.batch(api, people))
        assert (answer.handle, answer.max_rows, answer.refusal) == (None, 2, None)

        half = Batch(rows=batch.rows[:2], session=batch.session)
        assert api.send(http, account, half).handle is not None

    def test_a_lone_row_that_is_too_large_is_refused(
        self, api: Any, http: Any, account: Any
    ) -> None:
        person = self.prospect(1, company="x" * 4_200_000)
        with pytest.raises(BatchRefusedError, match="refused") as refusal:
            self.send(api, http, account, self.batch(api, [person]))
        assert refusal.value.raw_status == "413"

    @pytest.mark.parametrize("status", [400, 417, 422])
    def test_a_refused_load_keeps_their_words(
        self, api: Any, sim: Any, http: Any, account: Any, status: int
    ) -> None:
        body = text({"Message": "Values are\n wrong.", "StackTrace": "at X"})
        sim.faults.append(Fault(when="before", path="/import/", status=status, body=body))
        with pytest.raises(BatchRefusedError) as refusal:
            self.send(api, http, account, self.batch(api, [self.prospect(1)]))
        assert (refusal.value.reason, refusal.value.raw_status) == (
            "Values are wrong.",
            str(status),
        )

    @pytest.mark.parametrize(("headers", "wait"), [({"Retry-After": "120"}, 120), ({}, 0)])
    def test_a_load_into_a_server_that_is_down_says_when_to_come_back(
        self, api: Any, sim: Any, http: Any, account: Any, headers: Any, wait: float
    ) -> None:
        session = api.open(http, account)
        sim.faults.append(Fault(when="before", path="/import/", status=503, headers=headers))
        with pytest.raises(FateUnknownError) as doubt:
            api.send(http, account, self.batch(api, [self.prospect(1)], session=session))
        assert doubt.value.retry_after == wait

    def test_a_load_into_no_job_stops_the_job(self, api: Any, http: Any, account: Any) -> None:
        session = api.open(http, account) | {"job_id": 7}
        with pytest.raises(StopJobError) as stop:
            api.send(http, account, self.batch(api, [self.prospect(1)], session=session))
        assert stop.value.reason == "bad_route"

    # ------------------------------------------------------------------ run

    @pytest.mark.parametrize(
        ("options", "query"),
        [
            ({}, {"match": "Email"}),
            ({"match": ""}, {}),
            ({"match": " mobile , e-mail"}, {"match": "Mobile,Email"}),
            (
                {"custom_events": ["welcome", "vip"]},
                {"match": "Email", "customevents": "welcome,vip"},
            ),
        ],
    )
    def test_a_run_says_what_to_match_by_and_which_events_to_run(
        self, sim: Any, http: Any, account: Any, options: Any, query: Any
    ) -> None:
        api: Any = self.make(**options)
        _, batch = self.send(api, http, account, self.batch(api, [self.prospect(1)]))
        api.commit(http, account, batch.session)

        run = sim.received("POST", "/run")[0]
        assert (run.path, run.query) == ("/contactLists/42/import/901/run", query)
        assert run.body is None

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "<html>ok</html>",
            "[]",
            "null",
            "{}",
            '{"Id": 900}',
            '{"Id": 901, "ContactListId": 1}',
        ],
    )
    def test_a_run_without_its_job_in_the_answer_is_no_success(
        self, api: Any, sim: Any, http: Any, account: Any, body: str
    ) -> None:
        _, batch = self.send(api, http, account, self.batch(api, [self.prospect(1)]))
        sim.faults.append(Fault(when="after", path="/run", status=200, body=body))
        with pytest.raises(FateUnknownError):
            api.commit(http, account, batch.session)
        assert api.look_up(http, account, batch.session)["job_id"] == 901

    @pytest.mark.parametrize(
        ("status", "error"),
        [
            (400, BatchRefusedError),
            (403, StopJobError),
            (404, StopJobError),
            (429, ProviderBusyError),
        ],
    )
    def test_a_refused_run_imported_nothing(
        self, api: Any, sim: Any, http: Any, account: Any, status: int, error: Any
    ) -> None:
        _, batch = self.send(api, http, account, self.batch(api, [self.prospect(1)]))
        sim.faults.append(Fault(when="before", path="/run", status=status))
        with pytest.raises(error):
            api.commit(http, account, batch.session)
        assert self.imported(sim) == 0

    def test_a_run_of_unclear_fate_can_be_looked_up(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        _, batch = self.send(api, http, account, self.batch(api, [self.prospect(1, "slow")]))
        lost = Fault(when="before", path="/run", status=500)
        for fault, started in ((lost, False), (replace(lost, when="after"), True)):
            sim.faults.append(fault)
            with pytest.raises(FateUnknownError):
                api.commit(http, account, batch.session)
            assert bool(api.look_up(http, account, batch.session)) is started
        assert self.imported(sim) == 1

    @pytest.mark.parametrize(
        ("change", "started"),
        [
            ({}, False),
            ({"FinishDate": "0001-01-01T00:00:00"}, False),
            ({"FinishDate": FINISHED}, True),
            ({"ProgressPercent": 1}, True),
            ({"UpdatedContacts": 1}, True),
            ({"InvalidSmsCount": 1}, True),
            ({"CurrentStatus": "Queued"}, True),
        ],
    )
    def test_any_sign_of_progress_is_a_start(
        self, api: Any, sim: Any, http: Any, account: Any, change: Any, *, started: bool
    ) -> None:
        session = {"job_id": 901, "fields": None, "created_status": "Created"}
        body = text(job(CurrentStatus="Created", ProgressPercent=0) | change)
        sim.faults.append(
            Fault(when="before", method="GET", path="/import/", status=200, body=body)
        )
        assert bool(api.look_up(http, account, session)) is started

    @pytest.mark.parametrize("status", [200, 500])
    def test_a_start_that_cannot_be_seen_is_not_guessed(
        self, api: Any, sim: Any, http: Any, account: Any, status: int
    ) -> None:
        session = {"job_id": 901, "fields": None, "created_status": "Created"}
        sim.faults.append(Fault(when="before", method="GET", path="/import/", status=status))
        with pytest.raises(FateUnknownError):
            api.look_up(http, account, session)

    def test_an_import_that_is_not_there_is_told_apart(
        self, api: Any, http: Any, account: Any
    ) -> None:
        session = api.open(http, account) | {"job_id": 7}
        with pytest.raises(ImportMissingError) as looked:
            api.look_up(http, account, session)
        assert looked.value.reason == "job_not_found"
        with pytest.raises(ImportMissingError):
            api.send(http, account, self.batch(api, [self.prospect(1)], session=session))
        with pytest.raises(ImportMissingError) as run:
            api.commit(http, account, session)
        assert run.value.reason == "bad_route"

    def test_only_an_import_without_events_may_be_started_again(self) -> None:
        assert self.make().may_commit_again
        assert not self.make(custom_events=["welcome"]).may_commit_again
        assert self.make().after_crash is AfterCrash.LOOK_UP

    # ------------------------------------------------------------------ the import, played out

    def test_a_second_import_updates_and_is_accepted(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        for _ in range(2):
            results = self.run(api, http, account, [self.prospect(1), self.prospect(2)])
            assert {result.outcome for result in results.values()} == {"accepted"}
        assert len(sim.contacts) == 2

    def test_an_import_that_leaves_every_contact_as_it_was_makes_no_row_new(
        self, api: Any, http: Any, account: Any
    ) -> None:
        kept = [self.prospect(1, "kept"), self.prospect(2, "kept")]
        first, second = (self.run(api, http, account, kept) for _ in range(2))
        assert {result.outcome for result in first.values()} == {"accepted"}
        assert {result.outcome for result in second.values()} == {"existing"}

    def test_a_row_may_update_several_contacts(self, api: Any, http: Any, account: Any) -> None:
        self.run(api, http, account, [self.prospect(1), self.prospect(2)])
        results = self.run(self.make(match="Mobile"), http, account, [self.prospect(1)])
        assert results[1].outcome == "accepted"

    @pytest.mark.parametrize("word", ["invalid", "drop", "failed"])
    def test_a_row_that_fails_unnamed_leaves_all_unknown(
        self, api: Any, http: Any, account: Any, word: str
    ) -> None:
        results = self.run(api, http, account, [self.prospect(1), self.prospect(2, word)])
        assert {result.outcome for result in results.values()} == {"unknown"}
        assert all(result.reason and result.reason_text for result in results.values())

    @pytest.mark.parametrize(
        ("word", "warning"), [("word", "unrecognised_status"), ("nofinish", "no_finish_date")]
    )
    def test_half_an_ending_is_believed_when_repeated(
        self, api: Any, sim: Any, http: Any, account: Any, word: str, warning: str
    ) -> None:
        _, batch = self.send(api, http, account, self.batch(api, [self.prospect(1, word)]))
        value = api.commit(http, account, batch.session)
        job_of_it = sim.jobs[value["job_id"]]
        job_of_it.begins_at = job_of_it.ends_at = 0
        first = api.poll(http, account, Handle(value=value, rows=ROWS[:1], age=30))
        second = api.poll(http, account, Handle(value=first.handle, rows=ROWS[:1], age=60))

        assert not first.is_terminal
        assert second.is_terminal
        assert second.rest.outcome == "accepted"
        assert second.warnings == (warning,)

    def test_a_stuck_import_ends_unknown_after_an_hour_without_a_change(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        _, batch = self.send(api, http, account, self.batch(api, [self.prospect(1, "stuck")]))
        value = api.commit(http, account, batch.session)
        sim.jobs[value["job_id"]].begins_at = 0
        answers = []
        for age in (100, 2000, 3699, 3700):
            answers.append(api.poll(http, account, Handle(value=value, rows=ROWS[:1], age=age)))
            value = answers[-1].handle or value

        assert [answer.is_terminal for answer in answers] == [False, False, False, True]
        assert answers[0].progress == pytest.approx(0.4)
        assert answers[-1].rest.outcome == "unknown"
        assert answers[-1].rest.reason == "no_progress"

    def test_a_change_starts_the_hour_again(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        percents = {100: 10, 3000: 20, 6599: 20, 6600: 20}
        bodies = [job(CurrentStatus="Importing", ProgressPercent=p) for p in percents.values()]
        answers = self._polls(api, sim, http, account, bodies, list(percents))
        assert [answer.is_terminal for answer in answers] == [False, False, False, True]

    # ------------------------------------------------------------------ the terminal rule

    @pytest.mark.parametrize(
        ("status", "percent", "finish", "expected"),
        [
            # 1: finish and failure, no success
            ("Failed", 100, FINISHED, "job_failed"),
            ("Import aborted", 100, FINISHED, "job_failed"),
            ("NotCompleted-Errors", 100, FINISHED, "job_failed"),
            ("SMSFailed", 10, FINISHED, "job_failed"),
            # 2: finish, failure and success
            ("CompletedWithErrors", 100, FINISHED, "finished_with_errors"),
            ("completed, 3 errors", 100, FINISHED, "finished_with_errors"),
            # 3: finish, and full or success
            ("Completed", 0, FINISHED, "accepted"),
            ("CompletedWithoutErrors", 0, FINISHED, "accepted"),
            ("completed_with_0_errors", 0, FINISHED, "accepted"),
            ("Whatever", 100, FINISHED, "accepted"),
            (None, 100, FINISHED, "accepted"),
            # 4 to 6 need repeats
            ("Whatever", 99, FINISHED, ""),
            ("Not completed", 99, FINISHED, ""),
            ("Unfinished", 99, FINISHED, ""),
            ("Failed", 100, None, ""),
            ("Completed", 100, None, ""),
            # 8: a date alone, a percentage alone, a word alone; dates that are none
            ("Importing", 100, None, ""),
            ("Completed", 99, None, ""),
            ("Completed", 100, "", ""),
            ("Completed", 100, "0001-01-01T00:00:00.0000000+00:00", ""),
            ("Completed", 100, "yesterday", ""),
            ("Completed", 100, "/Date(1732445101400)/", ""),
            ("Completed", 100, 1732445101, ""),
            ("Completed", 100, {"year": 2025}, ""),
            ("Queued", "100", None, ""),
        ],
    )
    def test_one_poll_ends_a_job_only_when_two_signs_agree(
        self,
        api: Any,
        sim: Any,
        http: Any,
        account: Any,
        status: Any,
        percent: Any,
        finish: Any,
        expected: str,
    ) -> None:
        body = job(
            CurrentStatus=status, ProgressPercent=percent, FinishDate=finish, InsertedContacts=3
        )
        (answer,) = self._polls(api, sim, http, account, [body])
        assert answer.is_terminal is bool(expected)
        if expected:
            assert expected in (answer.rest.outcome, answer.rest.reason)
            assert (answer.rest.outcome == "accepted") is (expected == "accepted")

    @pytest.mark.parametrize(
        "word",
        [
            "complete",
            "completed",
            "finished",
            "done",
            "success",
            "successful",
            "succeeded",
            "processed",
            "imported",
        ],
    )
    def test_each_word_of_a_success_is_one_unless_it_is_denied(
        self, api: Any, sim: Any, http: Any, account: Any, word: str
    ) -> None:
        ended = {"ProgressPercent": 0, "FinishDate": FINISHED, "InsertedContacts": 3}
        said = [word, f"not {word}", f"partially {word}", f"Never{word.title()}"]
        bodies = [job(CurrentStatus=status, **ended) for status in said]
        answers = self._polls(api, sim, http, account, bodies)
        assert [answer.is_terminal for answer in answers] == [True, False, False, False]
        assert answers[0].rest.outcome == "accepted"

    @pytest.mark.parametrize(
        "word", ["failure", "errors", "aborted", "abandoned", "cancelled", "canceled", "terminated"]
    )
    def test_each_word_of_a_failure_is_one_unless_it_is_denied(
        self, api: Any, sim: Any, http: Any, account: Any, word: str
    ) -> None:
        ended = {"ProgressPercent": 100, "FinishDate": FINISHED, "InsertedContacts": 3}
        said = [word, f"no {word}", f"Without{word.title()}", f"0 {word}"]
        bodies = [job(CurrentStatus=status, **ended) for status in said]
        answers = self._polls(api, sim, http, account, bodies)
        assert all(answer.is_terminal for answer in answers)
        assert [answer.rest.outcome for answer in answers] == ["unknown", *["accepted"] * 3]
        assert answers[0].rest.reason == "job_failed"

    def test_an_import_that_deletes_contacts_says_so(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        counters = {"InsertedContacts": 3, "DroppedContacts": 1}
        body = job(CurrentStatus="Completed", FinishDate=FINISHED, **counters)
        (answer,) = self._polls(api, sim, http, account, [body])
        assert answer.rest.reason == "contacts_dropped"

    def test_a_finish_counts_from_the_year_2000_on(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        for year, is_set in ((1999, False), (2000, True)):
            body = job(ProgressPercent=100, FinishDate=f"{year}-12-31T23:59:59", InsertedContacts=3)
            (answer,) = self._polls(api, sim, http, account, [body])
            assert answer.is_terminal is is_set

    @pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
    def test_a_passing_fault_of_a_poll_is_waited_out_as_it_says(
        self, api: Any, sim: Any, http: Any, account: Any, status: int
    ) -> None:
        fault = Fault(when="before", method="GET", status=status, headers={"Retry-After": "7"})
        sim.faults.append(fault)
        with pytest.raises(ProviderBusyError) as busy:
            api.poll(http, account, Handle(HANDLE, rows=ROWS, age=60))
        assert busy.value.retry_after == 7

    @pytest.mark.parametrize(
        ("status", "percent", "finish", "polls", "outcome"),
        [
            ("Whatever", 99, FINISHED, 2, "accepted"),
            ("Failed", 100, None, 3, "unknown"),
            ("Completed", 100, None, 2, "accepted"),
            # Errors are errors with a finish date or without.
            ("CompletedWithErrors", 100, None, 2, "unknown"),
        ],
    )
    def test_a_lone_sign_must_be_repeated_in_a_row(
        self,
        api: Any,
        sim: Any,
        http: Any,
        account: Any,
        status: str,
        percent: int,
        finish: Any,
        polls: int,
        outcome: str,
    ) -> None:
        body = job(
            CurrentStatus=status, ProgressPercent=percent, FinishDate=finish, InsertedContacts=3
        )
        other = body | {"ProgressPercent": 5, "FinishDate": None, "CurrentStatus": "Importing"}
        bodies = [body] * (polls - 1) + [other] + [body] * polls
        answers = self._polls(api, sim, http, account, bodies)

        assert [answer.is_terminal for answer in answers] == [False] * (2 * polls - 1) + [True]
        assert answers[-1].rest.outcome == outcome

    def test_the_answer_to_the_run_does_not_count_as_a_poll(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        session = {"job_id": 901, "fields": None, "created_status": ""}
        body = job(CurrentStatus="Completed", ProgressPercent=100, InsertedContacts=3)
        sim.faults.append(Fault(when="before", path="/run", status=200, body=text(body)))
        value = api.commit(http, account, session)
        answers = self._polls(api, sim, http, account, [body, body], value=value)
        assert [answer.is_terminal for answer in answers] == [False, True]

    def test_an_import_found_by_looking_it_up_is_polled_to_its_end(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        _, batch = self.send(api, http, account, self.batch(api, [self.prospect(1)]))
        sim.faults.append(Fault(when="after", path="/run", status=504))
        with pytest.raises(FateUnknownError):
            api.commit(http, account, batch.session)
        handle = api.look_up(http, account, batch.session)
        results = self.poll_to_the_end(api, http, account, handle, batch.rows)
        assert results[1].outcome == "accepted"

    def test_rows_settled_by_an_interrupted_poll_still_count(
        self, api: Any, sim: Any, http: Any, account: Any
    ) -> None:
        (running,) = self._polls(api, sim, http, account, [job(CurrentStatus="Importing")])
        body = job(CurrentStatus="Completed", FinishDate=FINISHED, InsertedContacts=3)
        sim.faults.append(Fault(when="before", method="GET", status=200, body=text(body)))
        answer = api.poll(http, account, Handle(value=running.handle, rows=ROWS[:1], age=60))
        assert answer.rest.outcome == "accepted"

    # ------------------------------------------------------------------ settling

    @pytest.mark.parametrize(
        ("counters", "outcome", "warnings"),
        [
            ({"InsertedContacts": 3}, "accepted", ()),
            ({"InsertedContacts": 1, "UpdatedContacts": 2}, "accepted", ()),
            ({"InsertedContacts": 2, "NotUpdatedContacts": 1}, "accepted", ()),
            ({"NotUpdatedContacts": 3}, "existing", ()),
            ({}, "unknown", ()),
            ({"TotalContacts": 3}, "unknown", ()),
            ({"InsertedContacts": 2}, "unknown", ()),
            ({"InsertedContacts": 3, "UpdatedContacts": 1}, "accepted", ()),
            ({"NotUpdatedContacts": 4}, "existing", ()),
            ({"InsertedContacts": 2, "InvalidEmailCount": 1}, "unknown", ("invalid_emails",)),
            ({"InsertedContacts": 3, "InvalidEmailCount": 1}, "unknown", ("invalid_emails",)),
            ({"InsertedContacts": 3, "InvalidEmailCount": None}, "unknown", ()),
            ({"InsertedContacts": 3, "InvalidSmsCount": 1}, "accepted", ("invalid_numbers",)),
            ({"InsertedContacts": 3, "DroppedContacts": 1}, "unknown", ("dropped_contacts",)),
            ({"InsertedContacts": 2, "DroppedContacts": 1}, "unknown", ("dropped_contacts",)),
            ({"InsertedContacts": "3"}, "unknown", ()),
            ({"InsertedContacts": 3, "NotUpdatedContacts": None}, "unknown", ()),
            ({"InsertedContacts": 4, "UpdatedContacts": -1}, "unknown", ()),
            ({"InsertedContacts": 4, "NotUpdatedContacts": -1}, "unknown", ()),
            ({"InsertedContacts": 3.0}, "unknown", ()),
            ({"InsertedContacts": 3, "UpdatedContacts": True}, "unknown", ()),
            ({"InsertedContacts": 3, "InvalidEmailCount": -1}, "unknown", ()),
            ({"InsertedContacts": 3, "InvalidEmailCount": False}, "unknown", ()),
            ({"InsertedContacts": 3, "InvalidSmsCount": -1}, "unknown", ()),
            ({"InsertedContacts": 3, "InvalidSmsCount": "many"}, "unknown", ()),
            ({"InsertedContacts": 3, "DroppedContacts": -1}, "unknown", ()),
            ({"InsertedContacts": 3, "DroppedContacts": "1"}, "unknown", ()),
            ({"InsertedContacts": 3, "TotalContacts": -1}, "unknown", ()),
            ({"InsertedContacts": 3, "DroppedContacts": None}, "unknown", ()),
            ({"InsertedContacts": 4}, "unknown", ()),
            ({"InsertedContacts": 4, "NotUpdatedContacts": 3}, "unknown", ()),
            ({"InsertedContacts": 1, "UpdatedContacts": 40}, "accepted", ()),
            ({"NotUpdatedContacts": 3, "TotalContacts": 3}, "existing", ()),
            ({"InsertedContacts": 2, "NotUpdatedContacts": 1, "TotalContacts": 2}, "accepted", ()),
        ],
    )
    def test_rows_are_good_only_when_the_counters_account_for_each(
        self,
        api: Any,
        sim: Any,
        http: Any,
        account: Any,
        counters: Mapping[str, Any],
        outcome: str,
        warnings: Any,
    ) -> None:
        body = job(CurrentStatus="Completed", ProgressPercent=100, FinishDate=FINISHED, **counters)
        (answer,) = self._polls(api, sim, http, account, [body])
        assert answer.is_terminal
        assert answer.results == {}
        assert answer.rest.outcome == outcome
        assert answer.warnings == warnings
        assert answer.raw_status == "Completed"

    @pytest.mark.parametrize(
        ("missing", "outcome"),
        [
            ("InsertedContacts", "unknown"),
            ("UpdatedContacts", "unknown"),
            ("NotUpdatedContacts", "unknown"),
            ("DroppedContacts", "unknown"),
            ("InvalidEmailCount", "unknown"),
            ("InvalidSmsCount", "accepted"),
            ("TotalContacts", "accepted"),
        ],
    )
    def test_a_counter_that_decides_must_be_there(
        self, api: Any, sim: Any, http: Any, account: Any, missing: str, outcome: str
    ) -> None:
        body = job(
            CurrentStatus="Completed", ProgressPercent=100, FinishDate=FINISHED, InsertedContacts=3
        )
        del body[missing]
        (answer,) = self._polls(api, sim, http, account, [body])
        assert (answer.is_terminal, answer.rest.outcome) == (True, outcome)

    def test_keys_are_read_without_case(self, api: Any, sim: Any, http: Any, account: Any) -> None:
        body = job(
            CurrentStatus="Completed", ProgressPercent=100, FinishDate=FINISHED, InsertedContacts=3
        )
        camel = {key[0].lower() + key[1:]: value for key, value in body.items()}
        (answer,) = self._polls(api, sim, http, account, [camel])
        assert answer.rest.outcome == "accepted"

    # ------------------------------------------------------------------ polls that say nothing

    @pytest.mark.parametrize("change", [{"Id": 902}, {"ContactListId": 7}, {"Id": None}])
    def test_another_jobs_answer_is_ignored(
        self, api: Any, sim: Any, http: Any, account: Any, change: Any
    ) -> None:
        body = job(
            CurrentStatus="Completed", ProgressPercent=100, FinishDate=FINISHED, InsertedContacts=3
        )
        with pytest.raises(FateUnknownError):
            self._polls(api, sim, http, account, [body | change])

    @pytest.mark.parametrize(
        ("age", "missing", "is_terminal"),
        [(0, 0, False), (119, 9, False), (20_000, 3, False), (20_000, 0, False), (120, 4, True)],
    )
    def test_a_job_is_lost_after_two_minutes_and_five_answers_in_a_row(
        self, api: Any, http: Any, account: Any, age: float, missing: int, *, is_terminal: bool
    ) -> None:
        handle = Handle(value={"job_id": 7}, rows=ROWS, age=age, missing=missing)
        answer = api.poll(http, account, handle)
        assert (answer.is_terminal, answer.is_missing) == (is_terminal, True)
        assert answer.raw_status == "404"
        assert answer.rest.outcome == "unknown"

    def _polls(
        self,
        api: Any,
        sim: Any,
        http: Any,
        account: Any,
        bodies: list[dict[str, Any]],
        ages: list[float] | None = None,
        value: Any = None,
    ) -> list[Any]:
        """Poll job 901, loaded with three rows, once for each body; the handle is handed on."""
        value = value or HANDLE
        answers = []
        for body, age in zip(bodies, ages or range(15, 1000, 30), strict=False):
            sim.faults.append(
                Fault(when="before", method="GET", path="/import/", status=200, body=text(body))
            )
            answers.append(api.poll(http, account, Handle(value=value, rows=ROWS, age=age)))
            value = answers[-1].handle or value
        return answers


def job(**members: Any) -> dict[str, Any]:
    """An `ImportJob` as the seed page shows it, with these members changed.

    The total is what it is by its description, unless it is given.
    """
    written = [members.get(f"{name}Contacts", 0) for name in ("Inserted", "Updated")]
    return {
        "Id": 901,
        "ContactListId": 42,
        "CurrentStatus": "",
        "ProgressPercent": 0,
        "StartDate": FINISHED,
        "FinishDate": None,
        "InsertedContacts": 0,
        "UpdatedContacts": 0,
        "DroppedContacts": 0,
        "NotUpdatedContacts": 0,
        "TotalContacts": sum(count for count in written if isinstance(count, int)),
        "InvalidEmailCount": 0,
        "InvalidSmsCount": 0,
    } | members


def text(value: Any) -> str:
    return json_body(value).decode()
