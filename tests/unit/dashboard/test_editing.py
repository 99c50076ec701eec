"""Routes are written in a browser: by a form that the destinations' models make, or as JSON."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from listdrop.dashboard.route_forms import form_of
from listdrop.dashboard.visitors import Role
from listdrop.errors import NoAnswerError, UploadRejectedError
from listdrop.jobs.route_checks import MOST_BYTES
from listdrop.models import Choices, JobState, StoredRoute
from listdrop.providers import REGISTRY
from listdrop.providers.routing import parse_route
from tests.support.dashboards import NOW
from tests.unit.dashboard.office import Office, fields_of, somebody

EDIT = "/routes/spring/edit"
DELETE = "/routes/spring/delete"
WAALAXY = {
    "provider": "waalaxy",
    "prospect_list_id": "l1",
    "can_create_duplicates": True,
    "variables": {"Größe = x": "size"},
    "phone_type": "mobile",
    "batch_rows": 7,
}
ACTIVE = {"provider": "activecampaign", "lists": [1, 2], "fields": {"Note": 5}, "tags": ["a, b"]}
ROUTE = {"destinations": [WAALAXY, ACTIVE], "columns": {"E": "email"}, "hold": {"above_rows": 10}}


@pytest.fixture
def office() -> Office:
    office = Office()
    put_route(office, json.dumps(ROUTE))
    return office


def put_route(office: Office, text: str) -> None:
    office.routes.texts["spring"] = text
    office.shelf.stored_routes = [StoredRoute("spring", text, NOW)]


def form_fields(page: TestResponse) -> dict[str, Any]:
    """What a browser would send of a form that nobody has touched."""
    found: dict[str, Any] = dict(fields_of(page))
    for name, value in re.findall(r'<input id="[^"]+" name="([^"]+)" value="([^"]*)"', page.text):
        found[name] = html.unescape(value)
    for name in re.findall(r'type="checkbox"[^>]* name="([^"]+)" value="1" checked', page.text):
        found[name] = "1"
    areas = re.findall(
        r'<textarea id="[^"]+" name="([^"]+)"[^>]*>\n(.*?)</textarea>', page.text, re.S
    )
    found |= {name: html.unescape(value) for name, value in areas}
    for name, choices in re.findall(
        r'<select id="[^"]+" name="([^"]+)" ?>(.*?)</select>', page.text
    ):
        found[name] = re.findall(r"<option selected>([^<]*)", choices)[0]
    return found


def send(client: FlaskClient, address: str, **fields: Any) -> TestResponse:
    """Open a form, change these fields, and send it. `None` takes one away."""
    page = client.get(address)
    assert page.status_code == 200, page.text
    given = {name: each for name, each in (form_fields(page) | fields).items() if each is not None}
    return client.post(address, data=given, follow_redirects=True)


def test_a_form_that_nobody_touches_writes_the_same_route(office: Office) -> None:
    client = office.client()
    assert f'href="{EDIT}"' in client.get("/routes").text

    page = send(client, EDIT)

    assert "The route spring is written." in page.text
    assert json.loads(office.routes.texts["spring"]) == ROUTE
    assert office.acts == [("ada", "write the route", "ROUTE#spring", "")]
    assert "write the route" in client.get(EDIT).text


def test_what_the_account_has_is_offered_beside_the_fields(office: Office) -> None:
    office.probes.offered["waalaxy", "agency"] = (
        Choices("list", ("prospect_list_id",), {"l1": "Fair", "l2": "<b>Ball</b>"}),
        Choices("campaign", ("campaign_id",), {}),
    )
    office.probes.offered["activecampaign", "default"] = (
        Choices("list", ("lists", "unsubscribe_lists"), {str(n): f"no. {n}" for n in range(501)}),
        Choices("field", ("fields",), {"5": "Note"}),
    )
    client = office.client()
    fields = {"0.prospect_list_id": "", "0.account": "agency", "0.phone_type": "home", "ask": "0"}

    page = send(client, EDIT, **fields)

    assert page.status_code == 200
    assert "waalaxy has 2 lists, 0 campaigns." in page.text
    assert 'name="0.prospect_list_id" value="" list="in-0-prospect_list_id-offered"' in page.text
    assert '<option value="l1">Fair</option>' in page.text
    assert "&lt;b&gt;Ball&lt;/b&gt;" in page.text
    assert "<b>Ball" not in page.text
    assert "aria-invalid" not in page.text  # it is still being filled in
    assert form_fields(page)["0.phone_type"] == "home"
    assert json.loads(office.routes.texts["spring"]) == ROUTE
    assert office.acts == [("ada", "ask what it has", "ACCOUNT#waalaxy/agency", "")]

    page = send(client, EDIT, **{"0.gone": "1", "ask": "1"})

    assert "activecampaign has 501 lists, 1 field." in page.text
    assert "unsubscribe lists: 501 to choose from" in page.text
    assert page.text.count("no. 499<") == 2
    assert "no. 500<" not in page.text


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NoAnswerError("refused", "The key is not accepted."), "The key is not accepted."),
        (UploadRejectedError("unknown_account", "There is no secret."), "There is no secret."),
        (PermissionError("denied"), "AWS does not allow its key to be read."),
    ],
)
def test_an_account_that_cannot_be_asked_is_a_sentence(
    office: Office, error: Exception, said: str
) -> None:
    office.probes.offered["waalaxy", "default"] = error
    page = send(office.client(), EDIT, ask="0")
    assert page.status_code == 200
    assert f"waalaxy, default: {said}" in page.text
    assert office.acts[-1][-1] == "failed"


def test_an_account_of_no_possible_name_is_not_asked(office: Office) -> None:
    page = send(office.client(), EDIT, **{"0.account": "../x", "ask": "0"})
    assert 'aria-describedby="in-0-account-error"' in page.text
    assert not office.acts
    for odd in ("2", "x", "9999"):
        assert send(office.client(), EDIT, ask=odd).status_code == 400


def test_every_kind_of_member_can_be_changed(office: Office) -> None:
    fields = {
        "0.prospect_list_id": " l2 ",
        "0.can_create_duplicates": None,
        "0.add_existing_to_campaign": "1",
        "0.phone_type": "home",
        "0.batch_rows": "50",
        "0.variables": "Size = größe\r\n\r\nNote=note",
        "1.lists": "3\r\n4",
        "1.fields": "",
        "1.exclude_automations": None,
        "rest": '{"hold": null}',
    }
    send(office.client(), EDIT, **fields)

    written = json.loads(office.routes.texts["spring"])
    assert written == {
        "destinations": [
            {
                "provider": "waalaxy",
                "prospect_list_id": "l2",
                "add_existing_to_campaign": True,
                "variables": {"Size": "größe", "Note": "note"},
                "phone_type": "home",
            },
            {
                "provider": "activecampaign",
                "lists": [3, 4],
                "tags": ["a, b"],
                "exclude_automations": False,
            },
        ],
        "hold": None,
    }
    parse_route("spring", office.routes.texts["spring"])


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("0.prospect_list_id", "", "field required"),
        ("0.batch_rows", "many", "valid integer"),
        ("0.batch_rows", "101", "less than or equal to 100"),
        ("0.account", "a b", "must be 1 to 64 letters"),
        ("0.variables", "only a column", "each line needs a column"),
        ("1.lists", "one", "valid integer"),
        ("1.fields", "Note = five", "valid integer"),
        ("rest", "{", "This is not JSON"),
        ("rest", '{"destinations": []}', "without the destinations"),
        ("rest", "[]", "must be an object"),
    ],
)
def test_an_error_stands_beside_its_field(
    office: Office, field: str, value: str, error: str
) -> None:
    page = send(office.client(), EDIT, **{field: value})

    assert page.status_code == 422
    name = f"in-{field.replace('.', '-')}-error"
    (said,) = re.findall(rf'id="{name}"><bdi>([^<]*)</bdi>', page.text)
    assert error in said
    assert f'aria-describedby="{name}"' in page.text
    assert json.loads(office.routes.texts["spring"]) == ROUTE
    assert not office.audit.acts


def test_what_the_rest_says_wrong_is_a_sentence(office: Office) -> None:
    page = send(office.client(), EDIT, rest='{"deadline_minute": 5}')
    assert page.status_code == 422
    assert "unknown key &#39;deadline_minute&#39;" in page.text


def test_a_destination_is_added_and_left_out(office: Office) -> None:
    client = office.client()
    page = send(client, EDIT, add="kakiyo")
    assert "Destination 3: kakiyo" in page.text
    assert json.loads(office.routes.texts["spring"]) == ROUTE

    given = form_fields(page) | {"2.campaign_id": "c1", "0.gone": "1"}
    client.post(EDIT, data=given)

    written = json.loads(office.routes.texts["spring"])["destinations"]
    assert written == [ACTIVE, {"provider": "kakiyo", "campaign_id": "c1"}]


def test_a_route_that_changed_meanwhile_is_not_written_over(office: Office) -> None:
    client = office.client()
    fields = form_fields(client.get(EDIT)) | {"0.prospect_list_id": "mine"}
    theirs = json.dumps(ROUTE | {"columns": {}})
    office.routes.texts["spring"] = theirs

    page = client.post(EDIT, data=fields)

    assert page.status_code == 409
    assert "Somebody has changed the route" in page.text
    assert 'value="mine"' in page.text
    assert office.routes.texts["spring"] == theirs
    again = client.post(EDIT, data=form_fields(page))
    assert again.status_code == 409


def test_a_new_route_does_not_replace_one_that_somebody_wrote_meanwhile(office: Office) -> None:
    client = office.client()
    address = "/routes/autumn/edit?provider=kakiyo"
    fields = form_fields(client.get(address)) | {"0.campaign_id": "c1"}
    office.routes.texts["autumn"] = "theirs"
    assert client.post("/routes/autumn/edit", data=fields).status_code == 409
    assert office.routes.texts["autumn"] == "theirs"


def test_a_new_route_is_made_from_its_name_and_its_first_provider(office: Office) -> None:
    client = office.client()
    assert 'href="/new-route"' in client.get("/routes").text
    assert "at most 40 letters" in client.get("/new-route?name=a+b&provider=kakiyo").text
    said = client.get("/new-route?name=.a&provider=kakiyo").text
    assert "begins with a letter or digit" in said
    assert "There is a route spring already" in client.get("/new-route?name=spring").text
    went = client.get("/new-route?name=autumn&provider=kakiyo")
    assert went.location == "/routes/autumn/edit?provider=kakiyo"

    send(client, went.location, **{"0.campaign_id": "c1"})

    written = json.loads(office.routes.texts["autumn"])
    assert written == {"destinations": [{"provider": "kakiyo", "campaign_id": "c1"}]}


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"destinations": [{"provider": "none"}]}',
        '{"destinations": [{"provider": "kakiyo", "x": 1}]}',
        "{}",
    ],
)
def test_a_route_that_fits_no_form_is_changed_as_json(office: Office, text: str) -> None:
    put_route(office, text)
    client = office.client()

    page = client.get(EDIT)
    assert form_fields(page)["text"] == text
    wrong = send(client, EDIT)
    assert wrong.status_code == 422
    assert "Route &#39;spring&#39;" in wrong.text
    send(client, EDIT, text=json.dumps(ROUTE))

    assert office.routes.texts["spring"] == json.dumps(ROUTE)


def test_any_route_may_be_changed_as_json(office: Office) -> None:
    address = f"{EDIT}?as=json"
    assert form_fields(office.client().get(address))["text"] == json.dumps(ROUTE)
    send(office.client(), address, text=json.dumps(ROUTE | {"columns": {}}))
    assert json.loads(office.routes.texts["spring"])["columns"] == {}


def test_what_cannot_be_meant_is_written_only_if_somebody_says_so(office: Office) -> None:
    office.probes.offered["waalaxy", "default"] = [
        Choices("list", ("prospect_list_id",), {"l9": "L"})
    ]
    client = office.client()

    page = send(client, EDIT)
    assert page.status_code == 422
    assert "has no list &#39;l1&#39;; it has l9 (L)" in page.text
    misspelt = send(client, EDIT, rest='{"columns": {"E": "e_mial"}}')
    assert "did you mean email?" in misspelt.text
    assert not office.audit.acts

    client.post(EDIT, data=form_fields(page) | {"anyway": "1"})
    assert len(office.acts) == 1


def test_a_provider_that_cannot_be_asked_is_only_noted(office: Office) -> None:
    office.probes.offered["waalaxy", "default"] = NoAnswerError("unreachable", "Nobody is there.")
    page = send(office.client(), EDIT)
    assert "The route spring is written. Note: waalaxy: it was not asked" in page.text


def test_a_route_that_is_too_large_is_not_written(office: Office) -> None:
    rest = json.dumps({"columns": {"x" * MOST_BYTES: None}})
    page = send(office.client(), EDIT, rest=rest)
    assert page.status_code == 422
    assert "AWS takes 8,192 at most" in page.text
    assert "anyway" not in page.text


@pytest.mark.parametrize("provider", REGISTRY)
def test_the_form_of_every_provider_has_every_member(office: Office, provider: str) -> None:
    page = office.client().get(f"/routes/new/edit?provider={provider}")
    names = REGISTRY[provider].destination_model.model_fields.keys() - {"provider"}
    assert all(f'name="0.{name}"' in page.text for name in names)
    assert "docs/" not in page.text


def test_a_form_keeps_what_it_does_not_show() -> None:
    form = form_of(json.dumps(ROUTE))
    assert form is not None
    assert json.loads(form.text) == ROUTE


def test_a_large_route_is_written_without_blanks_and_says_what_it_costs(office: Office) -> None:
    columns = {f"a column {number}": None for number in range(200)}
    page = send(office.client(), EDIT, rest=json.dumps({"columns": columns}))
    assert "5 US cents a month" in page.text
    assert ": " not in office.routes.texts["spring"]


# ---------------------------------------------------------------- delete


def test_a_route_is_deleted_and_its_text_is_shown_to_be_kept(office: Office) -> None:
    office.put(state=JobState.RUNNING)
    client = office.client()
    asked = client.get(DELETE)
    assert "1 job of it that has not ended will go on." in asked.text
    assert "prospect_list_id" in asked.text

    page = client.post(DELETE, data=fields_of(asked), follow_redirects=True)

    assert "The route spring is deleted." in page.text
    assert office.routes.texts == {}
    assert office.acts == [("ada", "delete the route", "ROUTE#spring", "")]
    assert client.get(DELETE).status_code == 404


def test_a_route_that_changed_is_not_deleted(office: Office) -> None:
    client = office.client()
    fields = fields_of(client.get(DELETE))
    office.routes.texts["spring"] = "{}"
    page = client.post(DELETE, data=fields, follow_redirects=True)
    assert "The route has changed: look at it again." in page.text
    assert office.routes.texts == {"spring": "{}"}


@pytest.mark.parametrize("address", [EDIT, DELETE, "/new-route"])
@pytest.mark.parametrize("role", [Role.DROP, Role.APPROVE, Role.ADMIN])
def test_only_those_who_administer_everything_may(office: Office, role: Role, address: str) -> None:
    client = office.client(somebody(role))
    client.application.config["WTF_CSRF_ENABLED"] = False
    assert address not in client.get("/routes").text
    assert client.get(address).status_code == 403
    assert client.post(address).status_code in (403, 405)
    assert json.loads(office.routes.texts["spring"]) == ROUTE


@pytest.mark.parametrize("name", ["a%20b", "x" * 41, "nobody"])
def test_what_is_no_route_is_not_edited(office: Office, name: str) -> None:
    assert office.client().get(f"/routes/{name}/edit").status_code == 404
