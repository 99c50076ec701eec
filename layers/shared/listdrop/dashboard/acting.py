"""What visitors do: each act has a page that says what will happen, a role, and a record.

An act is a pair of handlers under one address. GET shows `act.html`, which says what will happen
and has the form; POST does it, says what came of it on the next page, and redirects there. Every
POST must carry the session's CSRF token: see `guard.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from flask import abort, flash, redirect, render_template
from werkzeug.wrappers import Response

from listdrop.dashboard.desk import desk
from listdrop.dashboard.ports import ActPorts
from listdrop.dashboard.visitors import EVERYWHERE, Role, visitor
from listdrop.models import Act

_LONGEST = 1_500
"""Characters of a sentence, which is in a cookie until it is shown; that may have 4 KB."""


STACK = "STACK"
"""The subject of acts on what is the whole stack's."""


def act_ports() -> ActPorts:
    """Return what acts work with, or end the request with 404 where nothing can be done."""
    ports = desk().ports.acts
    if ports is None:
        abort(404)
    return ports


def may(role: Role, route: str = EVERYWHERE) -> bool:
    """Whether the visitor may act in this role here. For templates, which leave out what fails."""
    return desk().ports.acts is not None and visitor().may(role, route)


def may_act() -> bool:
    """Whether anything can be done here, by anybody."""
    return desk().ports.acts is not None


def may_drop() -> bool:
    """Whether the visitor may drop a file on any route."""
    ports = desk().ports
    is_possible = ports.acts is not None and ports.staging is not None
    return is_possible and visitor().may_somewhere(Role.DROP)


def acts_on(subject: str) -> Sequence[Act]:
    """Return what was done to something; nothing where nothing can be done."""
    ports = desk().ports.acts
    return ports.audit.acts_on(subject) if ports else []


def record(what: str, subject: str, detail: str = "", outcome: str = "") -> None:
    """Record that the visitor does something.

    `what` is a word for the act, `subject` what it is done to: `JOB#<id>`, `ROUTE#<name>` and so
    on. Neither they nor `detail` may name a person of a file.
    """
    at, who = desk().ports.clock.now(), visitor().name
    act = Act(at=at, who=who, what=what, subject=subject, detail=detail, outcome=outcome)
    act_ports().audit.record(act)


@contextmanager
def recorded(what: str, subject: str, detail: str = "") -> Iterator[None]:
    """Record an act before it is done; and that it failed, if it does."""
    record(what, subject, detail)
    try:
        yield
    except BaseException:
        record(what, subject, detail, "failed")
        raise


def asked(  # what a page says of an act
    title: str, will: str, *, button: str, back: str, is_grave: bool = False, **more: object
) -> str:
    """Render the page that says what will happen, with a button to do it and a link back."""
    return render_template(
        "act.html", title=title, will=will, button=button, back=back, is_grave=is_grave, **more
    )


def done(sentence: str, then: str) -> Response:
    """Say on the next page what came of an act, and go there."""
    flash(sentence if len(sentence) <= _LONGEST else f"{sentence[:_LONGEST]}…")
    return redirect(then, 303)
