"""The session of somebody who has signed in: a signed cookie with a name, roles and an end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import session

from listdrop.dashboard.visitors import Role, Visitor

LASTS = timedelta(hours=8)
"""After this, people sign in again. What they may do is looked at then."""

COOKIE: Mapping[str, Any] = {
    # Browsers take a cookie of this name only from this very host, over TLS.
    "SESSION_COOKIE_NAME": "__Host-listdrop",
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "SESSION_COOKIE_PATH": "/",
}
"""Flask's settings for it."""


def begin(who: Visitor, now: datetime) -> None:
    """Begin somebody's session. Nothing of an earlier one is left."""
    session.clear()
    session["name"] = who.name
    session["roles"] = {route: sorted(roles) for route, roles in who.roles.items()}
    session["until"] = int((now + LASTS).timestamp())


def holder(now: datetime) -> Visitor | None:
    """Return who has signed in, unless the session has ended."""
    if now.timestamp() >= session.get("until", 0):
        return None
    roles = {
        route: frozenset(role for role in Role if role in words)
        for route, words in session["roles"].items()
    }
    return Visitor(session["name"], roles)


def end() -> None:
    """End the session in this browser."""
    session.clear()
