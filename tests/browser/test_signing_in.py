"""Signing in, with identity providers on the loopback address: one by the book, one that lies."""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey
from werkzeug.test import TestResponse

from listdrop.dashboard.app import create_app
from listdrop.dashboard.guard import Guard
from listdrop.dashboard.ports import DashboardPorts, SignIn
from listdrop.dashboard.sessions import LASTS
from tests.support.clock import ManualClock
from tests.support.dashboards import NOW
from tests.support.identity import (
    CLIENT,
    Claims,
    Issuer,
    a_key,
    running,
    signed_with_public_key,
    unsigned,
)
from tests.support.waiting import PATIENCE
from tests.unit.dashboard.office import Office

# The deployed sign-in is tried by `make test`, too.
pytestmark = pytest.mark.slow

SITE = "https://dashboard.example"
ROLE = {"listdrop_roles": ["look"]}


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with running(Issuer(claims=dict(ROLE))) as found:
        yield found


def settings(issuer: str, **more: str) -> SignIn:
    return SignIn(issuer=issuer, client=CLIENT, session_key="k" * 40, **more)


def ports(clock: ManualClock | None = None) -> DashboardPorts:
    office = Office()
    office.put()
    return office.served()._replace(clock=clock or ManualClock(NOW))


def browser(given: SignIn, clock: ManualClock | None = None) -> FlaskClient:
    """Somebody's browser, in which nobody has signed in."""
    client = create_app(ports(clock), Guard(sign_in=given)).test_client()
    client.environ_base["wsgi.url_scheme"] = "https"
    client.environ_base["HTTP_HOST"] = urlsplit(SITE).netloc
    return client


@pytest.fixture
def client(issuer: Issuer) -> FlaskClient:
    return browser(settings(issuer.url))


def get(client: FlaskClient, address: str, **headers: str) -> TestResponse:
    return client.get(address, base_url=SITE, headers=headers)


def begin(client: FlaskClient, address: str = "/") -> str:
    """Open a page, and return the identity provider's address that the browser is sent to."""
    sent = get(client, address)
    assert sent.status_code == 303, sent.text
    on = get(client, sent.headers["Location"])
    assert on.status_code == 303, on.text
    return on.headers["Location"]


def come_back(address: str) -> str:
    """Sign in at the identity provider, and return the page that it sends the browser to."""
    sent = requests.get(address, allow_redirects=False, timeout=PATIENCE)
    return sent.headers["Location"]


def sign_in(client: FlaskClient, address: str = "/") -> TestResponse:
    return get(client, come_back(begin(client, address)))


def is_in(client: FlaskClient) -> bool:
    return get(client, "/").status_code == 200


# ---------------------------------------------------------------- as it should be


def test_somebody_with_a_role_comes_back_to_the_page_that_they_wanted(
    issuer: Issuer, client: FlaskClient
) -> None:
    done = sign_in(client, "/jobs?since=7d&state=failed")

    assert (done.status_code, done.headers["Location"]) == (303, "/jobs?since=7d&state=failed")
    assert is_in(client)
    (asked,) = issuer.asked
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{SITE}/sign-in/back"
    assert asked["scope"] == "openid email profile"
    assert len(asked["state"]) >= 20
    assert len(asked["nonce"]) >= 20
    assert "since" not in str(asked)


def test_a_client_with_a_secret_shows_it(issuer: Issuer) -> None:
    issuer.secret = "a-secret"

    without, with_it = (
        browser(settings(issuer.url)),
        browser(settings(issuer.url, client_secret="a-secret")),
    )

    assert sign_in(without).status_code == 400
    assert sign_in(with_it).status_code == 303


def test_groups_are_asked_for_where_they_are_offered(issuer: Issuer, client: FlaskClient) -> None:
    issuer.description["scopes_supported"] = ["openid", "groups"]

    begin(client)
    address = begin(client)

    assert parse_qs(urlsplit(address).query)["scope"] == ["openid email profile groups"]


def test_a_session_has_a_name_roles_and_an_end_and_its_cookie_is_for_this_host_only(
    issuer: Issuer, client: FlaskClient
) -> None:
    issuer.claims |= {"email": "ada@example.com", "email_verified": True, "phone_number": "1"}
    done = sign_in(client)

    cookie = done.headers["Set-Cookie"]
    assert cookie.startswith("__Host-listdrop=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    with client.session_transaction(base_url=SITE) as session:
        assert dict(session) == {
            "name": "ada@example.com",
            "roles": {"*": ["look"]},
            "until": int((NOW + LASTS).timestamp()),
        }


def test_signing_out_ends_the_session(client: FlaskClient) -> None:
    sign_in(client)
    page = get(client, "/").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    fields = {"csrf_token": token[1]}

    forged = client.post("/sign-out", base_url=SITE, headers={"Referer": SITE})
    elsewhere = client.post(
        "/sign-out", base_url=SITE, data=fields, headers={"Referer": "https://evil.example/"}
    )
    assert (forged.status_code, elsewhere.status_code) == (400, 400)
    assert is_in(client)

    done = client.post("/sign-out", base_url=SITE, data=fields, headers={"Referer": f"{SITE}/"})

    assert done.status_code == 200
    assert 'href="/sign-in"' in done.text
    assert not is_in(client)


def test_a_session_ends_after_its_hours(issuer: Issuer) -> None:
    clock = ManualClock(NOW)
    client = browser(settings(issuer.url), clock)
    sign_in(client)

    clock.advance(LASTS.total_seconds() - 1)
    assert is_in(client)
    clock.advance(1)

    ended = get(client, "/routes")
    assert (ended.status_code, ended.headers["Location"]) == (303, "/sign-in?next=/routes")
    assert sign_in(client, "/routes").headers["Location"] == "/routes"


def test_two_tabs_sign_in_at_once_and_a_cookie_does_not_grow(client: FlaskClient) -> None:
    addresses = [begin(client, f"/jobs?text={'x' * 400}{number}") for number in range(6)]

    with client.session_transaction(base_url=SITE) as session:
        assert len(session) == 3
    cookie = client.get_cookie("__Host-listdrop", urlsplit(SITE).netloc)
    assert cookie is not None
    assert len(cookie.value) < 4_000
    assert get(client, come_back(addresses[-2])).status_code == 303
    late = get(client, come_back(addresses[-1]))
    assert "You are signed in already." in late.text


def test_a_key_that_the_issuer_has_changed_is_read_again(
    issuer: Issuer, client: FlaskClient
) -> None:
    sign_in(client)
    issuer.key = a_key("new")

    assert sign_in(browser_again(client)).status_code == 303


def browser_again(client: FlaskClient) -> FlaskClient:
    """Another browser, of the same dashboard."""
    other = client.application.test_client()
    other.environ_base |= client.environ_base
    return other


# ---------------------------------------------------------------- before somebody has signed in


@pytest.mark.parametrize(
    "address",
    ["/", "/jobs", "/routes", "/person?who=ada@example.com", "/nothing", "/jobs/a/files/b"],
)
def test_no_page_is_shown_before(client: FlaskClient, address: str) -> None:
    answer = get(client, address)

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in?next=/")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS"])
def test_nothing_else_is_done_before(client: FlaskClient, method: str) -> None:
    assert client.open("/jobs/a/cancel", method=method, base_url=SITE).status_code == 403


def test_a_script_is_not_sent_to_the_identity_provider(client: FlaskClient) -> None:
    assert get(client, "/", **{"Sec-Fetch-Dest": "empty"}).status_code == 403
    assert get(client, "/", **{"Sec-Fetch-Dest": "document"}).status_code == 303


def test_every_answer_forbids_frames(issuer: Issuer, client: FlaskClient) -> None:
    sign_in(client)
    issuer.claims["nonce"] = "wrong"
    answers = [
        *(get(client, address) for address in ("/", "/jobs", "/nothing", "/sign-in")),
        get(browser_again(client), "/"),
        get(browser_again(client), "/static/dashboard.css"),
        get(browser_again(client), "/sign-in/back"),
        sign_in(browser_again(client)),
        browser_again(client).post("/sign-out", base_url=SITE),
    ]

    assert {answer.status_code for answer in answers} == {200, 303, 400, 403, 404}
    for answer in answers:
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        answer.close()


def test_a_session_that_somebody_made_up_is_none(issuer: Issuer, client: FlaskClient) -> None:
    forger = browser(SignIn(issuer.url, CLIENT, session_key="another-key"))
    sign_in(forger)
    cookie = forger.get_cookie("__Host-listdrop", urlsplit(SITE).netloc)
    assert cookie is not None

    client.set_cookie("__Host-listdrop", cookie.value, domain=urlsplit(SITE).netloc, secure=True)

    assert not is_in(client)


def test_the_way_back_is_by_the_hosts_own_name(client: FlaskClient) -> None:
    headers = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    address = get(client, "/sign-in", **headers).headers["Location"]

    assert parse_qs(urlsplit(address).query)["redirect_uri"] == [f"{SITE}/sign-in/back"]


@pytest.mark.parametrize(
    "next_",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example",
        "/%09/evil.example\r\n",
        "javascript:alert(1)",
        "evil.example",
        "",
        "/" + "x" * 600,
    ],
)
def test_nobody_is_sent_off_the_site(client: FlaskClient, next_: str) -> None:
    on = client.get("/sign-in", base_url=SITE, query_string={"next": next_})
    done = get(client, come_back(on.headers["Location"]))

    assert (done.status_code, done.headers["Location"]) == (303, "/")


# ---------------------------------------------------------------- who has no role


@pytest.mark.parametrize(
    "roles", [None, [], "", ["boss"], 7, {"look": True}, ["look:"], [["look"]]]
)
def test_nobody_without_a_role_gets_in(issuer: Issuer, client: FlaskClient, roles: Any) -> None:
    issuer.claims |= {"listdrop_roles": roles, "name": "Bob <b>"}

    done = sign_in(client)

    assert done.status_code == 403
    assert "You have signed in as Bob &lt;b&gt;, but have no role here." in done.text
    assert not is_in(client)


def test_roles_that_a_cookie_has_no_room_for_are_refused(
    issuer: Issuer, client: FlaskClient
) -> None:
    issuer.claims["listdrop_roles"] = [f"drop:route-{number}" for number in range(400)]

    assert "roles for too many routes" in sign_in(client).text
    assert not is_in(client)


# ---------------------------------------------------------------- what lies


def signed_with(key: Any, **header: str) -> Callable[[Claims], str]:
    def signing(claims: Claims) -> str:
        return jwt.encode(header, claims, key, algorithms=[header["alg"]])

    return signing


LIES: dict[str, Claims] = {
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "another-client"},
    "another audience, for us": {"aud": "another-client", "azp": CLIENT},
    "several, by another": {"aud": [CLIENT, "another-client"], "azp": "another-client"},
    "several, by nobody": {"aud": [CLIENT, "another-client"]},
    "no audience": {"aud": None},
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "expired": {"exp": int(time.time()) - 3_600},
    "no expiry": {"exp": None},
    "not yet": {"nbf": int(time.time()) + 3_600},
    "of the future": {"iat": int(time.time()) + 3_600},
    "of nobody": {"sub": None},
    "of another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_says_a_wrong_thing_is_refused(
    issuer: Issuer, client: FlaskClient, lie: str
) -> None:
    issuer.claims |= LIES[lie]

    assert sign_in(client).status_code == 400
    assert not is_in(client)


def test_a_token_for_several_that_was_asked_for_by_us_is_good(
    issuer: Issuer, client: FlaskClient
) -> None:
    issuer.claims |= {"aud": [CLIENT, "another-client"], "azp": CLIENT}

    assert sign_in(client).status_code == 303


SHARED = OctKey.import_key(CLIENT.ljust(32))
FORGERIES: dict[str, Callable[[Issuer], Callable[[Claims], str]]] = {
    "none": lambda _: unsigned,
    "client id": lambda _: signed_with(OctKey.import_key(CLIENT), alg="HS256"),
    "public key": lambda issuer: partial(signed_with_public_key, issuer.key),
    "another key": lambda _: signed_with(a_key("evil"), alg="RS256"),
    "another key, same name": lambda issuer: signed_with(
        a_key("evil"), alg="RS256", kid=str(issuer.key.kid)
    ),
    "garbage": lambda _: lambda _: "not.a.token",
    "cut": lambda issuer: lambda claims: issuer.signed(claims)[:-4],
    "unsigned": lambda issuer: lambda claims: issuer.signed(claims).rpartition(".")[0] + ".",
}


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize(
    "offered",
    [
        ["RS256", "none", "HS256"],
        pytest.param(["RS256"], marks=pytest.mark.slow),
        pytest.param(None, marks=pytest.mark.slow),
    ],
    ids=str,
)
@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_token_that_the_issuer_has_not_signed_is_refused(
    issuer: Issuer, client: FlaskClient, forgery: str, offered: list[str] | None
) -> None:
    issuer.description["id_token_signing_alg_values_supported"] = offered
    issuer.signing = FORGERIES[forgery](issuer)

    assert sign_in(client).status_code == 400
    assert not is_in(client)


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_shared_key_signs_no_token_even_if_it_is_published(
    issuer: Issuer, client: FlaskClient
) -> None:
    issuer.description["id_token_signing_alg_values_supported"] = ["HS256"]
    issuer.keys = KeySet([SHARED]).as_dict(private=True)
    issuer.signing = signed_with(SHARED, alg="HS256")

    assert sign_in(client).status_code == 400


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"access_token": "a", "token_type": "Bearer"},
        {"access_token": "a", "token_type": "Bearer", "id_token": ""},
        {"error": "invalid_client", "error_description": "for ada@example.com"},
    ],
)
def test_an_answer_without_a_token_lets_nobody_in(
    issuer: Issuer, client: FlaskClient, answer: Claims, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.answer = answer

    assert sign_in(client).status_code == 400
    assert not is_in(client)
    assert "ada@example.com" not in caplog.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "http://evil.example"},
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": "https://evil.example/token"},
        {"token_endpoint": None},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_an_issuer_that_describes_another_is_not_used(
    issuer: Issuer, client: FlaskClient, wrong: Claims
) -> None:
    issuer.description |= wrong

    assert get(client, "/sign-in").status_code == 503

    issuer.description.clear()
    assert sign_in(client).status_code == 303


def test_settings_of_the_http_client_are_not_taken_from_the_issuer(
    issuer: Issuer, client: FlaskClient
) -> None:
    evil = {"http": "http://127.0.0.1:9"}
    issuer.description |= {"verify": False, "proxies": evil, "scope": "openid everything"}

    assert sign_in(client).status_code == 303
    assert issuer.asked[0]["scope"] == "openid email profile"


def test_an_issuer_that_does_not_answer_is_said_to(caplog: pytest.LogCaptureFixture) -> None:
    client = browser(settings("http://127.0.0.1:9"))

    answer = get(client, "/sign-in")

    assert answer.status_code == 503
    assert "The identity provider gives no answer" in answer.text
    assert "ConnectionError" in caplog.text


# ---------------------------------------------------------------- what is replayed or stolen


def test_a_code_is_good_once(client: FlaskClient) -> None:
    back = come_back(begin(client))
    cookie = client.get_cookie("__Host-listdrop", urlsplit(SITE).netloc)
    assert cookie is not None
    assert get(client, back).status_code == 303

    thief = browser_again(client)
    thief.set_cookie("__Host-listdrop", cookie.value, domain=urlsplit(SITE).netloc, secure=True)

    assert get(thief, back).status_code == 400
    assert not is_in(thief)


def test_a_state_is_good_once(client: FlaskClient) -> None:
    back = come_back(begin(client))
    get(client, back)

    again = get(client, back)

    assert again.status_code == 400
    assert "You are signed in already." in again.text


@pytest.mark.parametrize("query", ["", "?code=a", "?state=a", "?code=a&state=a", "?state=&code="])
def test_who_has_not_begun_a_sign_in_cannot_end_it(client: FlaskClient, query: str) -> None:
    assert get(client, f"/sign-in/back{query}").status_code == 400
    assert not is_in(client)


def test_a_sign_in_that_another_browser_began_is_not_taken(client: FlaskClient) -> None:
    back = come_back(begin(client))
    victim = browser_again(client)
    begin(victim)

    assert get(victim, back).status_code == 400
    assert not is_in(victim)


def test_a_code_of_another_sign_in_is_refused(client: FlaskClient) -> None:
    stolen = come_back(begin(browser_again(client)))
    own = come_back(begin(client))
    code = parse_qs(urlsplit(stolen).query)["code"][0]
    state = parse_qs(urlsplit(own).query)["state"][0]

    # PKCE: it was given for another verifier.
    assert get(client, f"/sign-in/back?code={code}&state={state}").status_code == 400


def test_what_the_identity_provider_refuses_is_said(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    state = parse_qs(urlsplit(begin(client)).query)["state"][0]
    said = f"error_description=<script>alert(1)</script>&state={state}"

    refused = get(client, f"/sign-in/back?error=access_denied&{said}")
    odd = get(client, f"/sign-in/back?error=ada@example.com&{said}")

    assert (refused.status_code, odd.status_code) == (400, 400)
    assert "did not let you in" in refused.text
    assert "alert(1)" not in refused.text + odd.text
    assert "ada@example.com" not in caplog.text


# ---------------------------------------------------------------- by the book


@pytest.fixture(scope="module")
def real() -> Iterator[str]:
    """The address of a provider of a package."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses what its own libraries discourage
        from oidc_provider_mock import (  # type: ignore[import-untyped] # says nothing of types
            User,
            run_server_in_thread,
        )

        people = [
            User(sub="ada", claims={"listdrop_roles": "look drop:spring"}),
            User(sub="bob", claims={}),
        ]
        with run_server_in_thread(user_claims=people) as server:
            yield f"http://localhost:{server.server_port}"


@pytest.mark.filterwarnings("ignore")
def test_a_provider_by_the_book_lets_in_who_has_a_role(real: str) -> None:
    ada, bob = (browser(settings(real, client_secret="any")) for _ in range(2))

    in_, out = (
        get(client, signed_at(begin(client, "/routes"), name))
        for client, name in ((ada, "ada"), (bob, "bob"))
    )

    assert (in_.status_code, in_.headers["Location"]) == (303, "/routes")
    assert is_in(ada)
    assert (out.status_code, is_in(bob)) == (403, False)


@pytest.mark.filterwarnings("ignore")
def test_a_provider_by_the_book_takes_a_code_once(real: str) -> None:
    client = browser(settings(real, client_secret="any"))
    address = begin(client)
    back = signed_at(address, "ada")
    cookie = client.get_cookie("__Host-listdrop", urlsplit(SITE).netloc)
    assert cookie is not None
    get(client, back)

    client.set_cookie("__Host-listdrop", cookie.value, domain=urlsplit(SITE).netloc, secure=True)

    assert get(client, back).status_code == 400


def signed_at(address: str, who: str) -> str:
    """Fill in the provider's form."""
    sent = requests.post(address, data={"sub": who}, allow_redirects=False, timeout=PATIENCE)
    return sent.headers["Location"]
