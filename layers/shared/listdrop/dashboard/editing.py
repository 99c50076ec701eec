"""Acts on routes: write one, by a form or as JSON, and delete one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request
from werkzeug.wrappers import Response

from listdrop.dashboard.acting import act_ports, acts_on, asked, done, recorded
from listdrop.dashboard.desk import desk, to
from listdrop.dashboard.managing import administering
from listdrop.dashboard.route_forms import RouteForm, filled_in, form_of, place_of
from listdrop.errors import NoAnswerError, RouteChangedError, UploadRejectedError
from listdrop.jobs.route_checks import (
    LAST_JOBS,
    STANDARD_BYTES,
    Doubts,
    doubts_about,
    is_dear,
    size_problem,
    unseen_headers,
)
from listdrop.models import ROUTE_NAME, Choices, Job, Route
from listdrop.notices.wording import plural
from listdrop.ports import AnyProvider
from listdrop.providers import REGISTRY
from listdrop.providers.routing import parse_route

pages = Blueprint("editing", __name__)

_CHANGED = (
    "Somebody has changed the route since you opened this page, so nothing was written. Open it in "
    "another window, and bring both together there."
)
_DEAR = (
    f"The route has more than {STANDARD_BYTES:,} bytes, so AWS keeps it as an advanced parameter, "
    "which costs 5 US cents a month."
)
_MOST_OFFERED = 500
"""Of what an account has, as many are shown beside a field."""
_BAD_NAME = (
    "A route's name has at most 40 letters, digits, `_`, `.` and `-`, and begins with a letter or "
    "digit."
)


# ---------------------------------------------------------------- write


@pages.get("/new-route")
def new() -> str | Response:
    """Ask for a route's name and its first provider, and go on to its form."""
    administering()
    name = request.args.get("name", "").strip()
    problem = ""
    if name and not ROUTE_NAME.fullmatch(name):
        problem = _BAD_NAME
    elif name and act_ports().routes.text(name) is not None:
        problem = f"There is a route {name} already."
    elif name:
        provider = request.args.get("provider", "")
        return redirect(to("editing.edit", name=name, provider=provider), 303)
    return render_template("new_route.html", name=name, problem=problem, providers=sorted(REGISTRY))


@pages.get("/routes/<name>/edit")
def edit(name: str) -> str:
    """Show a route's form; with `as=json`, or if it fits no form, its text."""
    administering()
    text = _text(name)
    provider = request.args.get("provider", "")
    if text is None and provider not in REGISTRY:
        abort(404)
    form = RouteForm([{"provider": provider}]) if text is None else form_of(text)
    if form is None or request.args.get("as") == "json":
        return _shown(name, _version(text), as_json=text or "")
    return _shown(name, _version(text), form=form)


@pages.post("/routes/<name>/edit")
def write(name: str) -> str | Response | tuple[str, int]:
    """Check a route, and write it; or show again what was filled in, with what is wrong."""
    administering()
    version, text = request.form.get("version", ""), request.form.get("text")
    form = filled_in(request.form) if text is None else None
    if form is not None and request.form.get("add") in REGISTRY:
        added = {"provider": request.form["add"]}
        return _shown(name, version, form=replace(form, destinations=[*form.destinations, added]))
    if form is not None and "ask" in request.form:
        return _shown(name, version, form=_with_choices(form, request.form["ask"]))
    if form is not None and not form.is_fine:
        return _shown(name, version, form=form, problems=["The route is not written yet."]), 422
    written = form.text if form is not None else str(text)
    shown: dict[str, Any] = {"form": form} if form is not None else {"as_json": written}
    try:
        route = parse_route(name, written, kept_days=act_ports().kept_days)
    except UploadRejectedError as error:
        return _shown(name, version, problems=[error.text], **shown), 422
    doubts = _doubts(name, route)
    wrong = [] if request.form.get("anyway") else doubts.errors
    if problems := [*filter(None, [size_problem(written)]), *wrong]:
        may_be_meant = not size_problem(written)
        page = _shown(name, version, problems=problems, may_be_meant=may_be_meant, **shown)
        return page, 422
    before = _text(name)
    if _version(before) != version:
        return _shown(name, version, problems=[_CHANGED], **shown), 409
    try:
        with recorded("write the route", f"ROUTE#{name}"):
            act_ports().routes.put(name, written, over=before)
    except RouteChangedError:
        return _shown(name, version, problems=[_CHANGED], **shown), 409
    notes = [*doubts.warnings, *([_DEAR] if is_dear(written) else [])]
    said = [f"The route {name} is written.", *(f"Note: {each}" for each in notes)]
    return done(" ".join(said), to("routes.routes"))


def _shown(  # what the page is made of
    name: str,
    version: str,
    *,
    form: RouteForm | None = None,
    as_json: str | None = None,
    problems: Sequence[str] = (),
    may_be_meant: bool = False,
) -> str:
    return render_template(
        "edit_route.html",
        title=f"{'Change' if version else 'Create'} the route {name}",
        will="Files that are dropped on the route from then on go where it says. Uploads that "
        "were dropped before are not affected. Each provider is asked whether it has what the "
        "route names; Kakiyo charges one credit.",
        button="Check and write the route",
        is_grave=False,
        back=to("routes.routes"),
        name=name,
        version=version,
        form=form,
        parts=list(form.parts()) if form else [],
        as_json=as_json,
        problems=problems,
        may_be_meant=may_be_meant,
        providers=sorted(REGISTRY),
        most_offered=_MOST_OFFERED,
        acts=acts_on(f"ROUTE#{name}"),
    )


def _with_choices(form: RouteForm, number: str) -> RouteForm:
    """Ask the account of a destination what it has, to be offered beside the fields."""
    place = place_of(int(number), request.form) if number.isdigit() and len(number) < 4 else -1
    if not 0 <= place < len(form.destinations):
        abort(400)
    members = form.destinations[place]
    provider, account = REGISTRY[members["provider"]], members.get("account", "default")
    if wrong := form.errors.get((place, "account")):
        return replace(form, errors={(place, "account"): wrong})
    form = replace(form, errors={})
    try:
        with recorded("ask what it has", f"ACCOUNT#{provider.name}/{account}"):
            found = _choices(provider, account)
    except (NoAnswerError, UploadRejectedError) as error:
        return replace(form, answers={place: f"{provider.name}, {account}: {error.text}"})
    offered = {(place, option): each.names for each in found for option in each.options}
    counts = ", ".join(plural(len(each.names), each.kind) for each in found)
    return replace(form, offered=offered, answers={place: f"{provider.name} has {counts}."})


def _doubts(name: str, route: Route) -> Doubts:
    found = doubts_about(route, REGISTRY, _choices)
    unseen = unseen_headers(name, route, _jobs_of(name)) if route.columns else ()
    return Doubts(found.errors, [*found.warnings, *unseen])


def _choices(provider: AnyProvider, account: str) -> Sequence[Choices]:
    try:
        return act_ports().probes.choices(provider, account)
    except desk().ports.outages as error:
        raise NoAnswerError("unreachable", "AWS does not allow its key to be read.") from error


def _jobs_of(name: str) -> Sequence[Job]:
    return desk().ports.records.jobs_of_route(name, limit=LAST_JOBS).items


def _text(name: str) -> str | None:
    """Return a route's text, or end the request for what cannot be one's name."""
    if not ROUTE_NAME.fullmatch(name):
        abort(404)
    return act_ports().routes.text(name)


def _version(text: str | None) -> str:
    """Return what tells a route's text from any other; empty where there is no route."""
    return "" if text is None else hashlib.sha256(text.encode()).hexdigest()[:32]


# ---------------------------------------------------------------- delete


@pages.get("/routes/<name>/delete")
def ask_to_delete(name: str) -> str:
    """Say what is lost with a route."""
    administering()
    text = _existing(name)
    running = sum(not job.state.is_terminal for job in _jobs_of(name))
    going = f"{plural(running, 'job')} of it that {_have(running)} not ended will go on. "
    return asked(
        f"Delete the route {name}",
        "Files that are dropped on it from then on are rejected, and no row of its jobs can be "
        f"sent again or corrected. {going if running else ''}Keep its text below, to put it back.",
        button="Delete the route",
        back=to("routes.routes"),
        is_grave=True,
        kept=text,
        hidden={"version": _version(text)},
    )


@pages.post("/routes/<name>/delete")
def delete(name: str) -> Response:
    """Delete a route."""
    administering()
    text = _existing(name)
    said = f"The route {name} is deleted."
    if request.form.get("version") != _version(text):
        return done("The route has changed: look at it again.", to(".ask_to_delete", name=name))
    try:
        with recorded("delete the route", f"ROUTE#{name}"):
            act_ports().routes.delete(name, over=text)
    except RouteChangedError:
        said = "The route has changed, and was not deleted: look at it again."
    return done(said, to("routes.routes"))


def _existing(name: str) -> str:
    text = _text(name)
    if text is None:
        abort(404)
    return text


def _have(count: int) -> str:
    return "has" if count == 1 else "have"
