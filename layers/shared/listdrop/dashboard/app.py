"""The dashboard as a WSGI app over ports, for a laptop or a function."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Flask, Response, current_app, render_template, request
from flask_wtf.csrf import CSRFError  # type: ignore[import-untyped] # has no types
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException

from listdrop.cells.profiles import profile_slug
from listdrop.dashboard import (
    finding,
    grouping,
    hiding,
    jobs,
    overview,
    people,
    routes,
    rows,
    tabulating,
    uploads,
    wording,
)
from listdrop.dashboard.acting import may, may_drop
from listdrop.dashboard.desk import EXTENSION, Desk, desk, is_shown, to
from listdrop.dashboard.guard import Guard, guard
from listdrop.dashboard.history import History
from listdrop.dashboard.ports import DashboardPorts, SignIn
from listdrop.dashboard.stepping import command_of, way_of
from listdrop.dashboard.visitors import Role, visitor
from listdrop.models import JobState, Outcome, display_name
from listdrop.notices.advice import named
from listdrop.notices.wording import duration, moment, number, plural, share

_CELL = 160
"""How many characters of other people's text are shown."""
_SENTENCES = {
    403: "Open the address that `listdrop dashboard` printed.",
    404: "There is no such page. A job expires at the end of its route's retention.",
    413: "That is too much for a form: a file may have 4 MB. Drop a larger one on the route.",
    405: "That address is not for this. Go back, and use the page's own buttons.",
    500: "Something went wrong. The dashboard's log says what.",
    503: "AWS does not answer, or does not let this be read. The dashboard's log has its words. "
    "Is the stack running, and are the credentials valid? Then load this page again.",
}

_REFUSED = (
    "AWS refused it: the credentials that the dashboard runs with do not allow this. The "
    "dashboard's log says which right is missing."
)
_TOO_OLD = (
    "Nothing was done, as this page was open for too long, or is not from here. Go back, load it "
    "again, and repeat what you did."
)
_BESIDE_A_FILE = 64 << 10
"""Bytes of a form's other fields."""

NOBODY = Guard()


def create_app(ports: DashboardPorts, rules: Guard = NOBODY) -> Flask:
    """Return the app. It only reads, unless the ports have those of acts."""
    app = Flask(__name__)
    app.extensions[EXTENSION] = Desk(ports, History(ports.figures, ports.clock))
    guard(app, rules)
    for pages in (overview, finding, uploads, jobs, rows, people, routes, tabulating):
        app.register_blueprint(pages.pages)
    if ports.acts is not None:
        # Imported here, because a dashboard that only reads starts sooner without them.
        from listdrop.dashboard import again, answering, editing, erasing, managing, subscribers

        app.config["MAX_CONTENT_LENGTH"] = again.MOST_BYTES + _BESIDE_A_FILE
        for pages in (answering, again, managing, editing, subscribers, erasing):
            app.register_blueprint(pages.pages)
        if ports.staging is not None:
            from listdrop.dashboard import dropping, remembering

            app.register_blueprint(dropping.pages)
            app.register_blueprint(remembering.pages)
    app.register_error_handler(HTTPException, _problem)
    for kind in ports.outages:
        app.register_error_handler(kind, _outage)
    _prepare_templates(app)
    return app


def hosted_app(ports: DashboardPorts, sign_in: SignIn | None) -> Flask:
    """Return the app of a function, to which IAM lets people, or in which they sign in."""
    return create_app(ports, Guard(sign_in=sign_in))


def _prepare_templates(app: Flask) -> None:
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    filters = (number, plural, share, moment, duration)
    environment.filters |= {each.__name__: each for each in filters}
    environment.filters |= {
        "inert": hiding.inert,
        "said": _said,
        "person": _person,
        "slug": profile_slug,
        "why": wording.why,
        "reason": named,
        "command": command_of,
        "destination": grouping.destination_of,
        "account": grouping.account_of,
        "called": display_name,
    }
    environment.globals |= {
        "Outcome": Outcome,
        "OUTCOMES": wording.OUTCOMES,
        "STATES": wording.STATES,
        "TONES": wording.TONES,
        "JobState": JobState,
        "to": to,
        "may": may,
        "may_drop": may_drop,
        "visitor": visitor,
        "Role": Role,
        "is_shown": is_shown,
        "toggled": _toggled,
        "is_there": _is_there,
        "way_of": way_of,
    }


def _is_there(endpoint: str) -> bool:
    """Whether this dashboard has a page."""
    return endpoint in current_app.view_functions


def _said(text: str, limit: int = _CELL, names: tuple[str, ...] = ()) -> str:
    """Make other people's text harmless, and hide addresses unless the page shows them."""
    return hiding.inert(text if is_shown() else hiding.hidden(text, *names), limit)


def _person(person: str) -> str:
    """Show `EMAIL#...` or `LINKEDIN#...`."""
    kind, _, name = person.partition("#")
    if not is_shown():
        return hiding.inert(hiding.hidden_person(person), _CELL)
    return hiding.inert(name if kind == "EMAIL" else f"linkedin.com/in/{name}", _CELL)


def _toggled() -> str:
    """Return this page's URL with e-mail addresses shown instead of hidden, or the reverse."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "show"]
    query = urlencode(kept if is_shown() else [*kept, ("show", "1")])
    return f"{request.path}?{query}" if query else request.path


def _outage(error: Exception) -> tuple[str, int]:
    """Say that AWS is silent, or refuses. Its words are in the log: a page may be anybody's."""
    current_app.logger.warning("AWS: %s", error)
    if desk().ports.is_refused(error):
        return render_template("problem.html", sentence=_REFUSED, title="Not allowed"), 403
    return render_template("problem.html", sentence=_SENTENCES[503], title="No answer"), 503


def _problem(error: HTTPException) -> tuple[str, int] | Response:
    code = error.code or 500
    if code < 400:
        return error.get_response()  # type: ignore[return-value] # a redirect of the router
    if isinstance(error, CSRFError):
        return render_template(
            "problem.html", sentence=_TOO_OLD, title="This page is too old"
        ), code
    sentence = _SENTENCES.get(code, error.name)
    # Somebody's own words for it: those of the class are written for programmers.
    if error.description and error.description != type(error).description:
        sentence = error.description
    return render_template("problem.html", sentence=sentence, title=error.name), code
