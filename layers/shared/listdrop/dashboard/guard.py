"""Who may open a page, and what a page may do: show itself, and send its own forms."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Set
from dataclasses import dataclass, field

from flask import Flask, Response, abort, g, redirect, request, url_for
from flask_wtf import CSRFProtect  # type: ignore[import-untyped] # has no types

from listdrop.dashboard import sessions
from listdrop.dashboard.desk import desk
from listdrop.dashboard.ports import SignIn
from listdrop.dashboard.visitors import Visitor, looker

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'{also}; "
    "img-src 'self'; form-action 'self'{also}; base-uri 'none'; frame-ancestors 'none'"
)
_FOR_ANYBODY = {"static", "signing_in.sign_in", "signing_in.back"}
"""What is answered before anybody has signed in: the look of pages, and the way in."""

_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # The check of a form's origin needs it; other sites get none.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Guard:
    """The hosts and the key that a request must have; an empty one is not checked.

    The hosts stop DNS rebinding: another site can make its own name point to this machine. The key
    keeps out the machine's other users. It is in the first URL, and then stays in a cookie. The
    cookie is `Lax`, so a link from another site works; that site cannot read the page anyway.
    """

    hosts: Set[str] = frozenset()
    key: str = ""
    visitor: Visitor = field(default_factory=looker)
    """Who opens the pages."""
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    """Signs the session, which forms are checked against."""
    sign_in: SignIn | None = None
    """How people sign in; then nobody opens a page without. The other members are for a laptop."""

    @property
    def session_cookie(self) -> str:
        """The session's name. Cookies of one host are shared by all its ports."""
        ports = sorted(host.rpartition(":")[2] for host in self.hosts)
        return "-".join(["listdrop-session", *ports[:1]])

    @property
    def _cookie(self) -> str:
        # Cookies of one host are shared by all its ports.
        return f"listdrop-{request.host.rpartition(':')[2]}"

    def check(self) -> Response | None:
        """Return `None` to let the request pass, or an answer. For `before_request`."""
        if self.hosts and request.host not in self.hosts:
            abort(403)
        if self.sign_in:
            return _signed_in_only()
        g.visitor = self.visitor
        if not self.key:
            return None
        if self._is_key(request.args.get("key", "")):
            entered = redirect(request.path, 303)
            entered.set_cookie(self._cookie, self.key, httponly=True, samesite="Lax")
            return entered  # type: ignore[return-value] # werkzeug's redirect makes a Flask response here
        if not self._is_key(request.cookies.get(self._cookie, "")):
            abort(403)
        return None

    def _is_key(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self.key.encode())


def guard(app: Flask, rules: Guard) -> None:
    """Check every request, every form's token, and add the headers to every answer."""
    app.config |= {
        "SECRET_KEY": rules.secret,
        "SESSION_COOKIE_NAME": rules.session_cookie,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session
    }
    app.before_request(rules.check)
    CSRFProtect(app)
    app.after_request(_harmless)
    app.jinja_env.globals["signs_in"] = rules.sign_in is not None
    if rules.sign_in:
        # Imported here, because what it uses takes time to import, and a laptop has no use for it.
        from listdrop.dashboard.signing_in import add_sign_in

        app.config |= {"SECRET_KEY": rules.sign_in.session_key, **sessions.COOKIE}
        add_sign_in(app, rules.sign_in)


def _signed_in_only() -> Response | None:
    """Let those pass who have signed in; send others to sign in, and then back to their page."""
    g.visitor = sessions.holder(desk().ports.clock.now()) or Visitor()
    if g.visitor.name or request.endpoint in _FOR_ANYBODY:
        return None
    # A script would follow, and end at the identity provider; a form would be lost on the way.
    is_page = request.headers.get("Sec-Fetch-Dest", "document") == "document"
    if request.method != "GET" or not is_page:
        abort(403, "You are not signed in, or no longer. Sign in, and then do it again.")
    return redirect(url_for("signing_in.sign_in", next=request.full_path.rstrip("?")), 303)  # type: ignore[return-value] # as above


def allow_posts_to(url: str) -> None:
    """Let this one page send a form to an address of another host."""
    g.posts_to = url


def _harmless(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers[name] = value
    also = f" {g.posts_to}" if "posts_to" in g else ""
    response.headers["Content-Security-Policy"] = _POLICY.format(also=also)
    if request.endpoint == "static" and response.status_code == 200:
        response.headers["Cache-Control"] = "private, max-age=600"
    return response
