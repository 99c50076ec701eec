from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from listdrop.errors import _PATTERNS, UploadRejectedError, words_of
from listdrop.models import (
    ROUTE_NAME,
    Account,
    BatchState,
    Destination,
    JobState,
    KeyAccount,
    Outcome,
    Route,
    Ticket,
    Turn,
    Upload,
    content_key,
    job_id_for,
    no_counts,
)
from listdrop.providers import REGISTRY
from listdrop.providers.routing import parse_account, parse_route
from listdrop.settings import Settings

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
UPLOAD = Upload(bucket="uploads", key="inbox/spring/leads.csv", version_id="v1", etag="e", size=10)
DESTINATION: dict[str, dict[str, Any]] = {
    "activecampaign": {"provider": "activecampaign", "lists": [12]},
    "kakiyo": {"provider": "kakiyo", "campaign_id": "camp_demo"},
    "saleshandy": {"provider": "saleshandy", "step_id": "stepDemo01"},
    "waalaxy": {"provider": "waalaxy", "prospect_list_id": "list-demo"},
    "which50": {"provider": "which50", "contact_list_id": 42},
}
SECRET = "sk_live_SECRET_7f3a"


def destination(provider: str = "kakiyo", **members: Any) -> Destination:
    return REGISTRY[provider].destination_model.model_validate(DESTINATION[provider] | members)


@pytest.mark.parametrize(
    ("stage", "is_local"), [("local", True), ("prod", False), ("Local", False)]
)
def test_only_the_stage_of_a_laptop_takes_simulators(stage: str, *, is_local: bool) -> None:
    assert Settings(stack_name="s", stage=stage, table_name="t").is_local is is_local


# ---------------------------------------------------------------- job ids and content keys


def test_a_job_id_names_route_and_provider() -> None:
    job_id = job_id_for(UPLOAD, "spring", destination())
    assert re.fullmatch(r"spring-kakiyo-[0-9a-f]{16}", job_id)


def test_a_job_id_is_the_same_each_time() -> None:
    assert job_id_for(UPLOAD, "spring", destination()) == job_id_for(
        Upload(**UPLOAD.model_dump()), "spring", destination()
    )


@pytest.mark.parametrize("change", [{"etag": "other"}, {"size": 99}, {"sha256": "0" * 64}])
def test_what_s3_may_tell_differently_does_not_change_a_job_id(change: dict[str, Any]) -> None:
    changed = UPLOAD.model_copy(update=change)
    assert job_id_for(changed, "spring", destination()) == job_id_for(
        UPLOAD, "spring", destination()
    )


@pytest.mark.parametrize(
    "change", [{"bucket": "b"}, {"key": "inbox/spring/other.csv"}, {"version_id": "v2"}]
)
def test_another_upload_version_is_another_job(change: dict[str, Any]) -> None:
    changed = UPLOAD.model_copy(update=change)
    assert job_id_for(changed, "spring", destination()) != job_id_for(
        UPLOAD, "spring", destination()
    )


def test_members_that_run_together_are_still_told_apart() -> None:
    one = Upload(bucket="b", key="inbox/r/x", version_id="1")
    other = Upload(bucket="b", key="inbox/r/", version_id="x1")
    assert job_id_for(one, "r", None) != job_id_for(other, "r", None)


def test_two_destinations_of_one_provider_are_two_jobs() -> None:
    ids = {
        job_id_for(UPLOAD, "spring", destination(campaign_id="one")),
        job_id_for(UPLOAD, "spring", destination(campaign_id="two")),
        job_id_for(UPLOAD, "spring", destination(campaign_id="one", account="second")),
    }
    assert len(ids) == 3


def test_a_destination_that_writes_its_defaults_out_is_the_same_job() -> None:
    plain = job_id_for(UPLOAD, "spring", destination())
    assert job_id_for(UPLOAD, "spring", destination(account="default")) == plain


def test_an_option_that_is_new_changes_no_job() -> None:
    class Before(Destination):
        pass

    class After(Destination):
        option: str = "as before"

    before, after = Before(provider="toy"), After(provider="toy")
    assert job_id_for(UPLOAD, "spring", after) == job_id_for(UPLOAD, "spring", before)
    assert content_key("0" * 64, after) == content_key("0" * 64, before)


def test_an_upload_without_a_destination_has_one_job() -> None:
    assert re.fullmatch(r"spring-none-[0-9a-f]{16}", job_id_for(UPLOAD, "spring", None))


@pytest.mark.parametrize(
    ("route", "start"),
    [
        ("", "none-"),
        ("été 2026", "t-2026-"),
        ("a/b", "a-b-"),
        ("***", "none-"),
        ("-x-", "x-"),
        ("x" * 60, f"{'x' * 40}-"),
    ],
)
def test_a_route_that_cannot_stand_in_an_id_is_reduced(route: str, start: str) -> None:
    assert job_id_for(UPLOAD, route, None).startswith(f"{start}none-")


@pytest.mark.parametrize("provider", sorted(REGISTRY))
def test_a_job_id_leaves_room_for_the_numbers_of_continuations(provider: str) -> None:
    job_id = job_id_for(UPLOAD, "x" * 40, Destination(provider=provider))
    assert re.fullmatch(r"[A-Za-z0-9_.-]+", job_id)
    assert len(f"{job_id}.9999") <= 80


def test_a_content_key_depends_on_the_bytes_and_the_destination_only() -> None:
    key = content_key("a" * 64, destination())
    assert content_key("a" * 64, destination()) == key
    assert content_key("b" * 64, destination()) != key
    assert content_key("a" * 64, destination(campaign_id="two")) != key
    assert content_key("a" * 64, destination(account="second")) != key


# ---------------------------------------------------------------- uploads


@pytest.mark.parametrize(
    ("key", "route"),
    [
        ("inbox/spring/leads.csv", "spring"),
        ("inbox/spring/2026/03/leads.csv", "spring"),
        ("inbox/spring/", ""),
        ("inbox/spring", ""),
        ("inbox//leads.csv", ""),
        ("inbox/", ""),
        ("outbox/spring/leads.csv", ""),
        ("leads.csv", ""),
    ],
)
def test_an_uploads_key_names_its_route(key: str, route: str) -> None:
    assert Upload(bucket="b", key=key, version_id="v").route == route


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("spring", True),
        ("Spring_2026.v-1", True),
        ("9", True),
        ("x" * 40, True),
        ("x" * 41, False),
        ("", False),
        ("-spring", False),
        (".", False),
        ("sp ring", False),
        ("spring\n", False),
        ("été", False),
    ],
)
def test_a_routes_name_can_stand_in_a_job_id(name: str, is_one: bool) -> None:  # a case
    assert (ROUTE_NAME.fullmatch(name) is not None) == is_one


# ---------------------------------------------------------------- words


def test_the_words_are_those_of_the_contract() -> None:
    assert [outcome.value for outcome in Outcome] == [
        "confirmed", "accepted", "existing", "duplicate", "suppressed", "invalid", "refused",
        "unknown",
    ]  # fmt: skip
    assert {outcome.value for outcome in Outcome if outcome.is_bad} == {
        "invalid",
        "refused",
        "unknown",
    }
    assert [state.value for state in JobState if not state.is_terminal] == [
        "pending",
        "held",
        "running",
    ]
    assert {state.value for state in JobState if state.is_terminal} == {
        "succeeded", "partial", "failed", "expired", "rejected", "skipped", "cancelled",
    }  # fmt: skip
    assert {state.value for state in BatchState if not state.is_terminal} == {
        "planned",
        "sending",
        "sent",
    }


def test_counts_start_with_rows_and_every_outcome_at_zero() -> None:
    assert no_counts() == {"rows": 0} | {outcome.value: 0 for outcome in Outcome}


# ---------------------------------------------------------------- turns


def test_a_turn_survives_the_workflow() -> None:
    turn = Turn(
        job_id="spring-kakiyo-0123456789abcdef",
        provider="kakiyo",
        turn=4,
        generation=2,
        wait_until=NOW,
        send_ticket=Ticket(at=NOW, count=5, gap=1.05),
    )
    assert Turn.model_validate(json.loads(json.dumps(turn.state()))) == turn


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("changes", [None, {}, {"version_id": "v2"}])
def test_a_copy_is_the_one_that_pydantic_makes(
    changes: dict[str, Any] | None, deep: bool
) -> None:  # a case
    copied = UPLOAD.model_copy(update=changes, deep=deep)
    expected = BaseModel.model_copy(UPLOAD, update=changes, deep=deep)

    assert copied == expected
    assert repr(copied) == repr(expected)
    assert hash(copied) == hash(expected)
    assert copied.model_dump(exclude_unset=True) == expected.model_dump(exclude_unset=True)
    assert copied.model_extra is expected.model_extra
    assert UPLOAD.version_id == "v1"
    with pytest.raises(ValidationError):
        copied.version_id = "v3"  # type: ignore[misc] # that it cannot be changed is the point


def test_a_turn_without_a_wait_says_so_by_leaving_it_out() -> None:
    state = Turn(job_id="j", provider="kakiyo").state()
    assert "wait_until" not in state
    assert "send_ticket" not in state


def test_a_wait_is_written_as_step_functions_reads_it() -> None:
    state = Turn(job_id="j", provider="kakiyo", wait_until=NOW + timedelta(seconds=1.5)).state()
    assert re.fullmatch(r"2026-03-01T12:00:01(\.\d+)?Z", state["wait_until"])


def test_the_next_turn_counts_on_and_forgets_the_last_wait() -> None:
    turn = Turn(
        job_id="j", provider="kakiyo", turn=4, generation=2, wait_until=NOW,
        send_ticket=Ticket(at=NOW, count=1, gap=1), poll_ticket=Ticket(at=NOW, count=2, gap=1),
    )  # fmt: skip
    following = turn.then("poll", poll_ticket=None)
    assert (following.turn, following.generation, following.next) == (5, 2, "poll")
    assert (following.wait_until, following.poll_ticket) == (None, None)
    assert following.send_ticket == turn.send_ticket


# ---------------------------------------------------------------- account addresses


def account(base_url: str, *, allow_loopback: bool = False) -> Account:
    return Account.model_validate(
        {"base_url": base_url}, context={"allow_loopback": allow_loopback}
    )


@pytest.mark.parametrize(
    ("base_url", "kept"),
    [
        ("https://api.example.com", "https://api.example.com"),
        ("https://api.example.com/", "https://api.example.com"),
        ("https://api.example.com/v1/", "https://api.example.com/v1"),
        ("https://api.example.com:8443/v1", "https://api.example.com:8443/v1"),
    ],
)
def test_an_https_address_is_taken_without_its_last_slash(base_url: str, kept: str) -> None:
    assert account(base_url).base_url == kept


NOT_ADDRESSES = [
    "",
    "api.example.com",
    "http://api.example.com",
    "ftp://api.example.com",
    "https://",
    "https:///v1",
    "https://user@api.example.com",
    "https://user:password@api.example.com",
    "https://:password@api.example.com",
    "https://api.example.com?key=1",
    "https://api.example.com#part",
    "https://[::1",
    "https://api.example.com/v1 ",
    "https://api example.com",
    "https://api.example.com\n",
    "https://api.example.com\\@evil.example.com",
]


@pytest.mark.parametrize("base_url", NOT_ADDRESSES)
@pytest.mark.parametrize("allow_loopback", [False, True])
def test_anything_but_a_plain_https_address_is_refused(
    base_url: str,
    allow_loopback: bool,  # a case
) -> None:
    with pytest.raises(ValidationError):
        account(base_url, allow_loopback=allow_loopback)


LOOPBACK = ["http://127.0.0.1:9001", "http://localhost:9001/v1", "http://[::1]:9001"]


@pytest.mark.parametrize("base_url", LOOPBACK)
def test_plain_http_is_for_a_loopback_host_of_a_local_stack_only(base_url: str) -> None:
    assert account(base_url, allow_loopback=True).base_url == base_url
    with pytest.raises(ValidationError):
        account(base_url)


@pytest.mark.parametrize(
    "base_url",
    [
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://user@127.0.0.1",
        "http://example.com@127.0.0.1:80@example.com",
    ],
)
def test_a_local_stack_takes_no_other_host_over_plain_http(base_url: str) -> None:
    with pytest.raises(ValidationError):
        account(base_url, allow_loopback=True)


def test_a_key_is_not_shown() -> None:
    shown = repr(KeyAccount(base_url="https://api.example.com", api_key=SECRET))
    assert SECRET not in shown


# ---------------------------------------------------------------- account secrets


def secret_of(provider: str, **members: Any) -> dict[str, Any]:
    secret = {"base_url": "https://api.example.com"}
    if provider == "which50":
        secret |= {"header": "Authorization", "value": SECRET}
    else:
        secret |= {"api_key": SECRET}
    return secret | members


def refused_account(provider: str, text: str) -> UploadRejectedError:
    with pytest.raises(UploadRejectedError) as refused:
        parse_account(REGISTRY[provider], "listdrop/x/default", text, allow_loopback=False)
    assert refused.value.reason == "bad_account"
    assert "listdrop/x/default" in refused.value.text
    return refused.value


def everything_said(error: BaseException | None) -> Iterator[str]:
    """Yield what an error and those behind it would print."""
    while error is not None:
        yield f"{error!r} {error}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


@pytest.mark.parametrize("provider", sorted(REGISTRY))
def test_a_secret_is_read(provider: str) -> None:
    text = json.dumps(secret_of(provider))
    read = parse_account(REGISTRY[provider], "listdrop/x/default", text, allow_loopback=False)
    assert read.base_url.startswith("https://api.example.com")
    assert SECRET in read.model_dump().values()


@pytest.mark.parametrize("provider", sorted(REGISTRY))
@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "the document"),
        (SECRET, "the document"),
        (f'"{SECRET}"', "the document"),
        (f'["{SECRET}"]', "the document"),
        (f'{{"api_key": "{SECRET}", "value": "{SECRET}"', "the document"),
    ],
)
def test_a_secret_that_is_no_json_object_is_refused_without_quoting_it(
    provider: str, text: str, key: str
) -> None:
    refused = refused_account(provider, text)
    assert key in refused.text
    assert not any(SECRET in said for said in everything_said(refused))


@pytest.mark.parametrize("provider", sorted(REGISTRY))
@pytest.mark.parametrize(
    ("members", "key"),
    [
        ({"base_url": f"http://{SECRET}.example.com"}, "base_url"),
        ({"base_url": f"https://{SECRET}@example.com"}, "base_url"),
        ({"base_url": [SECRET]}, "base_url"),
        ({"surplus": SECRET}, "surplus"),
    ],
)
def test_a_bad_member_of_a_secret_is_named_and_not_quoted(
    provider: str, members: dict[str, Any], key: str
) -> None:
    refused = refused_account(provider, json.dumps(secret_of(provider, **members)))
    assert key in refused.text
    assert not any(SECRET in said for said in everything_said(refused))


@pytest.mark.parametrize("provider", sorted(REGISTRY))
@pytest.mark.parametrize(
    "value", ["", None, 7, [SECRET], f"{SECRET}\n", f"{SECRET}\u20ac", "a\x00b"]
)
def test_a_key_that_cannot_stand_in_a_header_is_a_bad_account(provider: str, value: Any) -> None:
    key = "value" if provider == "which50" else "api_key"
    refused = refused_account(provider, json.dumps(secret_of(provider, **{key: value})))
    assert key in refused.text
    assert not any(SECRET in said for said in everything_said(refused))


# ---------------------------------------------------------------- routes


def bad_route(route: Any) -> str:
    """Parse a bad route and return what is said of it."""
    text = route if isinstance(route, str) else json.dumps(route)
    with pytest.raises(UploadRejectedError) as refused:
        parse_route("spring", text)
    assert refused.value.reason == "bad_route"
    assert "'spring'" in refused.value.text
    assert refused.value.text.endswith(".")
    return refused.value.text


def test_a_route_has_defaults_for_everything_but_its_destinations() -> None:
    route = parse_route("spring", json.dumps({"destinations": [DESTINATION["kakiyo"]]}))

    assert isinstance(route, Route)
    assert route.destinations == (destination(),)
    assert route.columns == {}
    assert route.deadline == timedelta(minutes=360)
    assert (route.retention_days, route.duplicate_content, route.row_items) == (30, "skip", "all")


def test_the_route_of_the_design_is_read() -> None:
    route = parse_route(
        "spring",
        """{
          "destinations": [
            {"provider": "activecampaign", "account": "default", "lists": [12], "tags": ["spring"], "fields": {"Industry": 7}},
            {"provider": "kakiyo", "campaign_id": "camp_demo"},
            {"provider": "saleshandy", "step_id": "stepDemo01", "conflict_action": "addMissingFields", "verify_prospects": false, "tags": []},
            {"provider": "waalaxy", "prospect_list_id": "list-demo", "campaign_id": null},
            {"provider": "which50", "contact_list_id": 42, "match": "Email"}
          ],
          "columns": {"Email": "email", "Profil": "linkedin_url", "Salary": null},
          "deadline_minutes": 90.5, "retention_days": 7, "duplicate_content": "send", "row_items": "bad"
        }""",  # noqa: E501 # as the design has it
    )
    for each in route.destinations:
        assert type(each) is REGISTRY[each.provider].destination_model
    assert [each.provider for each in route.destinations] == list(DESTINATION)
    assert route.columns == {"Email": "email", "Profil": "linkedin_url", "Salary": None}
    assert route.deadline == timedelta(minutes=90.5)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '"spring"', '{"destinations": [}', '{"destinations": NaN}']
)
def test_a_route_that_is_no_json_object_is_refused(text: str) -> None:
    bad_route(text)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"destinations": None}, "destinations"),
        ({"destinations": {}}, "destinations"),
        ({"destinations": []}, "destinations"),
        ({"destinations": ["kakiyo"]}, "destination 1: must be a JSON object"),
        ({"deadline": 5}, "'deadline'"),
        ({"deadline_minutes": 0}, "deadline_minutes"),
        ({"deadline_minutes": -1}, "deadline_minutes"),
        ({"deadline_minutes": 1e9}, "deadline_minutes"),
        ({"deadline_minutes": "soon"}, "deadline_minutes"),
        ({"retention_days": 0}, "retention_days"),
        ({"retention_days": 1.5}, "retention_days"),
        ({"duplicate_content": "maybe"}, "duplicate_content"),
        ({"row_items": "some"}, "row_items"),
        ({"columns": ["email"]}, "columns"),
        ({"columns": {"Email": 7}}, "columns.Email"),
    ],
)
def test_a_bad_member_of_a_route_is_named(change: dict[str, Any], key: str) -> None:
    assert key in bad_route({"destinations": [DESTINATION["kakiyo"]]} | change)


def test_a_missing_list_of_destinations_is_named() -> None:
    assert "destinations" in bad_route({"row_items": "all"})


@pytest.mark.parametrize(
    "provider", [{}, {"provider": None}, {"provider": "nobody"}, {"provider": []}]
)
def test_an_unknown_provider_is_answered_with_the_known_ones(provider: dict[str, Any]) -> None:
    said = bad_route({"destinations": [DESTINATION["kakiyo"], provider]})
    assert "destination 2: provider: must be one of" in said
    assert all(name in said for name in REGISTRY)


@pytest.mark.parametrize("provider", sorted(REGISTRY))
def test_an_unknown_key_of_a_destination_is_named(provider: str) -> None:
    said = bad_route({"destinations": [{"provider": provider, "surplus": 1}]})
    assert f"destination 1 ({provider}): " in said
    assert "unknown key 'surplus'" in said


@pytest.mark.parametrize(
    ("provider", "change", "key"),
    [
        ("kakiyo", {"campaign_id": ""}, "campaign_id"),
        ("kakiyo", {"campaign_id": None}, "campaign_id"),
        ("kakiyo", {"account": "a/b"}, "account"),
        ("kakiyo", {"account": ""}, "account"),
        ("activecampaign", {"lists": ["twelve"]}, "lists.0"),
        ("saleshandy", {"conflict_action": "replace"}, "conflict_action"),
        ("waalaxy", {"prospect_list_id": 7}, "prospect_list_id"),
        ("which50", {"contact_list_id": "x"}, "contact_list_id"),
    ],
)
def test_a_bad_member_of_a_destination_is_named(
    provider: str, change: dict[str, Any], key: str
) -> None:
    said = bad_route({"destinations": [DESTINATION[provider] | change]})
    assert f"destination 1 ({provider}): {key}" in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"destinations": []}, "destinations: name at least one."),
        ({"destinations": 7}, "destinations: must be a list."),
        ({"hold": {"above_row": 5}}, "hold: unknown key 'above_row' (did you mean above_rows?)."),
        ({"hold": 5}, "hold: must be a JSON object."),
        ({"deadline": 5}, "unknown key 'deadline' (did you mean deadline_minutes?)."),
        ({"surplus": 5}, "unknown key 'surplus'."),
        ({"deadline_minutes": 0}, "deadline_minutes: must be greater than 0."),
        ({"row_items": "some"}, "row_items: must be 'all', 'bad' or 'none'."),
        ({"suppression_list": "dnc.csv"}, "suppression_list: must begin with suppression/."),
        (
            {"destinations": [DESTINATION["kakiyo"] | {"campain_id": "c"}]},
            "destination 1 (kakiyo): unknown key 'campain_id' (did you mean campaign_id?).",
        ),
        (
            {"destinations": [DESTINATION["kakiyo"] | {"account": "a b"}]},
            "destination 1 (kakiyo): account: must be 1 to 64 letters, digits, `_`, `.` or `-`.",
        ),
        (
            {"destinations": [DESTINATION["kakiyo"] | {"campaign_id": ""}]},
            "destination 1 (kakiyo): campaign_id: must not be empty.",
        ),
        (
            {
                "destinations": [
                    DESTINATION["kakiyo"],
                    DESTINATION["waalaxy"],
                    DESTINATION["kakiyo"],
                ]
            },
            "destination 3 (kakiyo) is the same as destination 1.",
        ),
    ],
)
def test_what_is_wrong_with_a_route_is_said_in_our_words(change: dict[str, Any], said: str) -> None:
    assert bad_route({"destinations": [DESTINATION["kakiyo"]]} | change) == (
        f"Route 'spring': {said}"
    )


def test_destinations_that_make_jobs_of_their_own_may_look_alike() -> None:
    alike = [DESTINATION["kakiyo"], DESTINATION["kakiyo"] | {"account": "other"}]

    assert len(parse_route("spring", json.dumps({"destinations": alike})).destinations) == 2
    default = [DESTINATION["kakiyo"], DESTINATION["kakiyo"] | {"account": "default"}]
    assert "the same as destination 1" in bad_route({"destinations": default})


def test_a_key_that_appears_twice_is_named() -> None:
    one = json.dumps([DESTINATION["kakiyo"]])
    said = bad_route(f'{{"destinations": {one}, "columns": {{"A": "email", "A": null}}}}')

    assert said == "Route 'spring': the key 'A' appears twice."


def patterns_in(schema: object) -> Iterator[str]:
    """Every pattern in a JSON schema, however deep."""
    if isinstance(schema, dict) and isinstance(schema.get("pattern"), str):
        yield schema["pattern"]
    if isinstance(schema, dict | list):
        for part in schema.values() if isinstance(schema, dict) else schema:
            yield from patterns_in(part)


def test_every_pattern_of_a_model_is_put_into_words_and_no_other() -> None:
    models: list[type[BaseModel]] = [Route, KeyAccount]
    models += [each.destination_model for each in REGISTRY.values()]
    models += [each.account_model for each in REGISTRY.values()]
    patterns = {each for model in models for each in patterns_in(model.model_json_schema())}

    assert patterns == _PATTERNS.keys()
    for pattern in patterns:
        problem = {"type": "string_pattern_mismatch", "msg": f"String should match '{pattern}'"}
        assert words_of(problem).startswith("must ")
