"""Signing in by OpenID Connect: the code flow, with PKCE, a state and a nonce.

Authlib speaks the protocol. What it leaves to others is here: only the configured issuer is
believed, only signatures by the issuer's own keys, and only tokens that are for this client.

https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth
https://datatracker.ietf.org/doc/html/rfc9700 (best practice)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from authlib.integrations.flask_client import (  # type: ignore[import-untyped] # has no types
    FlaskIntegration,
    FlaskOAuth2App,
    OAuthError,
)
from flask import (
    Blueprint,
    Flask,
    current_app,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from joserfc.errors import JoseError
from werkzeug.wrappers import Response

from listdrop.dashboard import sessions
from listdrop.dashboard.desk import desk
from listdrop.dashboard.ports import SignIn
from listdrop.dashboard.visitors import Visitor, roles_in, visitor

EXTENSION = "listdrop-sign-in"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""How a token may be signed: by a key that only the issuer has. So not `none`, and not `HS256`."""

_DISCOVERY = "/.well-known/openid-configuration"
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_PENDING = "_state_"
"""How Authlib's names of sign-ins that have begun start, in the session."""
_MOST_PENDING = 3
"""Several tabs may sign in at once; a cookie has room for a few."""
_LONGEST_NEXT = 500
_LONGEST_NAME = 200
_LARGEST_ROLES = 2_000
"""How many characters the names of routes and roles may have together: a cookie has 4 KB."""
_SLACK = 60
"""By how many seconds the issuer's clock may differ."""
_TIMEOUT = 10

pages = Blueprint("signing_in", __name__)


class WrongIssuerError(Exception):
    """The issuer's description is of another issuer, or lacks what is needed."""


class IdentityProvider(FlaskOAuth2App):  # type: ignore[misc] # Authlib has no types
    """Authlib's client, which believes less of what it reads at the issuer's address."""

    def __init__(self, given: SignIn) -> None:
        self.given = given
        self.server_metadata: dict[str, Any]
        method = {}
        if not given.client_secret:
            method = {"token_endpoint_auth_method": "none"}  # nosec B105 # a method's name
        super().__init__(
            FlaskIntegration("listdrop"),
            "listdrop",
            client_id=given.client,
            client_secret=given.client_secret or None,
            server_metadata_url=given.issuer.rstrip("/") + _DISCOVERY,
            client_kwargs={
                "code_challenge_method": "S256",
                "default_timeout": _TIMEOUT,
                **method,
            },
        )

    def load_server_metadata(self) -> dict[str, Any]:
        """Return the issuer's description, read once, and of that only what is needed."""
        known: dict[str, Any] = self.server_metadata
        if "_loaded_at" in known:
            return known
        found = super().load_server_metadata()
        needed = {name: str(found.get(name, "")) for name in ("issuer", *_ENDPOINTS)}
        scheme = self.given.issuer.partition(":")[0]
        is_ours = needed["issuer"].rstrip("/") == self.given.issuer.rstrip("/")
        if not is_ours or not all(each.startswith(f"{scheme}:") for each in needed.values()):
            self.server_metadata = {}
            raise WrongIssuerError
        # Authlib would take any setting of its HTTP client from here, and any algorithm.
        believed = {
            **needed,
            "_loaded_at": found["_loaded_at"],
            "id_token_signing_alg_values_supported": list(ALGORITHMS),
            "scope": " ".join(_scopes(found.get("scopes_supported") or ())),
        }
        self.server_metadata = believed
        return believed

    def claims_options(self) -> dict[str, Any]:
        """Return what a token must say. Authlib alone takes one for others that names us."""
        return {
            "iss": {"essential": True, "values": [self.load_server_metadata()["issuer"]]},
            "aud": {"essential": True, "values": [self.given.client]},
        }


def add_sign_in(app: Flask, given: SignIn) -> None:
    """Let people sign in to an app."""
    app.extensions[EXTENSION] = IdentityProvider(given)
    app.register_blueprint(pages)


@pages.get("/sign-in")
def sign_in() -> Response | tuple[str, int]:
    """Send the browser to the identity provider, and remember where it wanted to go."""
    provider = _provider()
    back = url_for("signing_in.back", _external=True)
    try:
        begun = provider.create_authorization_url(back)
    except (OSError, ValueError, WrongIssuerError) as error:
        return _out_of_reach(error)
    _forget_oldest()
    provider.save_authorize_data(
        redirect_uri=back,
        next=inside(request.args.get("next", "")),
        **{name: begun[name] for name in ("state", "nonce", "code_verifier")},
    )
    return redirect(begun["url"], 303)


@pages.get("/sign-in/back")
def back() -> Response | tuple[str, int]:
    """Take what the identity provider says, and begin a session for whom it names."""
    provider = _provider()
    begun = provider.framework.get_state_data(session, request.args.get("state", "")) or {}
    try:
        token = provider.authorize_access_token(
            claims_options=provider.claims_options(), leeway=_SLACK
        )
    except OAuthError as error:
        return _refused(_word(error.error))
    except JoseError as error:
        return _refused(_word(error.error))
    except (OSError, ValueError, WrongIssuerError) as error:
        return _out_of_reach(error)
    claims = token.get("userinfo")
    if not claims:
        return _refused("no_id_token")
    who = visitor_of(claims, provider.given)
    if not any(who.roles.values()):
        return _nobody(who)
    if sum(len(f"{route}{roles}") for route, roles in who.roles.items()) > _LARGEST_ROLES:
        return _refused("too_many_roles")
    sessions.begin(who, desk().ports.clock.now())
    return redirect(inside(begun.get("next", "")), 303)


@pages.post("/sign-out")
def sign_out() -> str:
    """End the session in this browser."""
    sessions.end()
    g.visitor = Visitor()
    return _page(
        "Signed out",
        "You are signed out of Listdrop in this browser. Your identity provider may still know "
        "you: on a computer that others use, sign out there too.",
    )


def visitor_of(claims: Mapping[str, Any], given: SignIn) -> Visitor:
    """Return whom the claims of a verified token name, with the roles that they give."""
    is_verified = claims.get("email_verified") is True
    email = str(claims.get("email") or "") if is_verified else ""
    names = (email, claims.get("preferred_username"), claims.get("name"), claims.get("sub"))
    name = next(str(each) for each in names if each)[:_LONGEST_NAME]
    words = [*_words(claims.get(given.roles_claim)), *_words_for(email, given.people)]
    return Visitor(name, roles_in(words))


def inside(address: str) -> str:
    """Return an address of this site, or that of the first page in place of any other."""
    is_path = address.startswith("/") and not address.startswith("//")
    is_plain = address.isprintable() and "\\" not in address and len(address) <= _LONGEST_NEXT
    return address if is_path and is_plain else "/"


def _provider() -> IdentityProvider:
    return cast("IdentityProvider", current_app.extensions[EXTENSION])


def _scopes(offered: Iterable[str]) -> list[str]:
    # Okta gives groups only to those who ask for them; others do not know the word.
    return ["openid", "email", "profile", *(["groups"] if "groups" in offered else [])]


def _words(claim: object) -> list[str]:
    """Return the words of a claim, which is a list or a text with spaces."""
    texts = claim if isinstance(claim, list) else [claim]
    return [word for text in texts if isinstance(text, str) for word in text.split()]


def _words_for(email: str, people: str) -> list[str]:
    """Return the roles of an address in `a@example.com=look b@example.com=drop,approve`."""
    named = (each.partition("=") for each in people.split())
    return [
        role
        for name, _, roles in named
        if email and name.casefold() == email.casefold()
        for role in roles.split(",")
    ]


def _forget_oldest() -> None:
    pending = [name for name in session if name.startswith(_PENDING)]
    for name in sorted(pending, key=lambda name: float(session[name]["exp"]))[: -_MOST_PENDING + 1]:
        session.pop(name)


def _word(text: object) -> str:
    """Return the name of an error, if it is one: the browser's address has it, and so the log."""
    return str(text) if re.fullmatch(r"[a-z_]{1,40}", str(text)) else "another_error"


def _refused(why: str) -> tuple[str, int]:
    current_app.logger.warning("sign-in refused: %s", why)
    if visitor().name:  # another tab has signed in
        return _page("Signed in", "You are signed in already. Go on to any page."), 400
    sentence = "The sign-in did not succeed, or was begun too long ago. Sign in again."
    if why == "access_denied":
        sentence = "Your identity provider did not let you in, or you stopped. Sign in again."
    if why == "too_many_roles":
        sentence = "You have roles for too many routes to keep in a cookie. Ask for fewer of them."
    return _page("Not signed in", sentence), 400


def _nobody(who: Visitor) -> tuple[str, int]:
    current_app.logger.warning("sign-in refused: no_role")
    sentence = (
        f"You have signed in as {who.name}, but have no role here. Ask the people who run this "
        "Listdrop for one, such as `look`, and then sign in again."
    )
    return _page("No role", sentence), 403


def _out_of_reach(error: Exception) -> tuple[str, int]:
    # Its words may have an address in them with what was sent.
    current_app.logger.warning("the identity provider gives no answer: %s", type(error).__name__)
    sentence = (
        "The identity provider gives no answer that can be used. Try again in a minute. If it "
        "stays like this, the parameter SignInIssuer may be wrong."
    )
    return _page("Not signed in", sentence), 503


def _page(title: str, sentence: str) -> str:
    return render_template("signing_in.html", title=title, sentence=sentence)
