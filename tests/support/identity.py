"""An identity provider on the loopback address that says whatever a test wants it to say."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode

from flask import Flask, redirect, request
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

CLIENT = "listdrop-client"
Claims = dict[str, Any]
Signing = Callable[[Claims], str]


@cache
def a_key(_name: str) -> RSAKey:
    """Return a key, always the same one for a name: making one takes long."""
    return RSAKey.generate_key(2048, auto_kid=True)


@dataclass
class Issuer:
    """What it says, and what it was asked."""

    url: str = ""
    claims: Claims = field(default_factory=dict)
    """What a token says beside, or in place of, what is right."""
    description: Claims = field(default_factory=dict)
    """What its description says beside, or in place of, what is right."""
    keys: Any = None
    """What it publishes in place of its keys."""
    signing: Signing | None = None
    answer: Claims | None = None
    """What the token endpoint answers in place of a token."""
    secret: str = ""
    """The client's secret, if it has one."""
    key: RSAKey = field(default_factory=lambda: a_key("own"))
    begun: dict[str, dict[str, str]] = field(default_factory=dict)
    """What each code was given for. It is good once."""
    asked: list[dict[str, str]] = field(default_factory=list)

    def signed(self, claims: Claims) -> str:
        """Return a token, as it should be."""
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def described(self) -> Claims:
        """Return the description of the discovery."""
        right = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        return right | self.description

    def published(self) -> Any:
        """Return the keys that it publishes."""
        return self.keys or KeySet([self.key]).as_dict(private=False)

    def authorize(self) -> Response:
        """Send the browser back with a code, as for somebody who is known already."""
        asked = request.args.to_dict()
        self.asked.append(asked)
        code = f"code-{len(self.asked)}"
        self.begun[code] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        return redirect(f"{asked['redirect_uri']}?{back}")

    def token(self) -> tuple[Claims, int]:
        """Give a token for a code, once, to who has begun."""
        if self.answer is not None:
            return self.answer, 200
        given = request.form.to_dict()
        begun = self.begun.pop(given.get("code", ""), None)
        if begun is None or not self._is_same(begun, given):
            return {"error": "invalid_grant"}, 400
        now = int(time.time())
        right = {"iss": self.url, "aud": CLIENT, "sub": "s-1", "nonce": begun["nonce"]}
        claims = right | {"iat": now, "exp": now + 300} | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        token = (self.signing or self.signed)(claims)
        return {"access_token": "a", "token_type": "Bearer", "id_token": token}, 200

    def _is_same(self, begun: dict[str, str], given: dict[str, str]) -> bool:
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = _encoded(digest)
        basic = request.authorization
        client = (basic.username, basic.password) if basic else (given.get("client_id"), "")
        return (
            begun["code_challenge_method"] == "S256"
            and begun["code_challenge"] == challenge
            and begun["redirect_uri"] == given.get("redirect_uri")
            and client == (CLIENT, self.secret)
        )


def signed_with_public_key(key: RSAKey, claims: Claims) -> str:
    """Return a token signed with what everybody knows, as if it were a secret.

    By hand, because the library refuses to.
    """
    text = f"{_part({'alg': 'HS256', 'kid': key.kid})}.{_part(claims)}"
    digest = hmac.digest(key.as_pem(private=False), text.encode(), "sha256")
    return f"{text}.{_encoded(digest)}"


def unsigned(claims: Claims) -> str:
    """Return a token with the algorithm `none`."""
    return f"{_part({'alg': 'none'})}.{_part(claims)}."


def _part(content: Claims) -> str:
    return _encoded(json.dumps(content).encode())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""


@contextmanager
def running(issuer: Issuer) -> Iterator[Issuer]:
    """Have it answer while in the context."""
    app = Flask(__name__)
    app.get("/.well-known/openid-configuration")(issuer.described)
    app.get("/keys")(issuer.published)
    app.get("/authorize")(issuer.authorize)
    app.post("/token")(issuer.token)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    issuer.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
