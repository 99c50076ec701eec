"""Who is told of uploads and jobs: shown, subscribed by e-mail, and unsubscribed."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from listdrop.cells.emails import is_email
from listdrop.dashboard.acting import STACK, act_ports, acts_on, asked, done, recorded
from listdrop.dashboard.desk import to
from listdrop.dashboard.hiding import hidden, inert
from listdrop.dashboard.managing import administering
from listdrop.jobs.subscribing import Kind, filter_policy
from listdrop.ports import Subscription

pages = Blueprint("subscribers", __name__)


@pages.get("/subscriptions")
def subscriptions() -> str:
    """Show who is told."""
    administering()
    found = sorted(act_ports().subscriptions.all())
    return render_template("subscriptions.html", found=found, acts=acts_on(STACK))


@pages.get("/subscriptions/new")
def ask_to_subscribe() -> str:
    """Ask for an address."""
    administering()
    return render_template(
        "subscribe.html",
        title="Subscribe an e-mail address",
        will="It gets one e-mail for each upload, when all of its jobs have ended, or when one "
        "waits for approval. AWS asks it first to confirm this. Subscribing it again changes "
        "which uploads those are.",
        button="Subscribe",
        is_grave=False,
        back=to("subscribers.subscriptions"),
    )


@pages.post("/subscriptions/new")
def subscribe() -> Response:
    """Subscribe an address, with the filter that `listdrop subscribe` has for it."""
    administering()
    address = request.form.get("email", "").strip()
    if not is_email(address):
        again = to("subscribers.ask_to_subscribe")
        return done("That is no e-mail address. Nobody was subscribed.", again)
    is_filtered = bool(request.form.get("problems"))
    policy = filter_policy([], [], [], None, kind=Kind.UPLOAD, problems=is_filtered)
    ports = act_ports()
    # Not which address: the record names nobody but who acts.
    with recorded("subscribe an address", STACK, "problems only" if is_filtered else ""):
        name = ports.subscriptions.subscribe("email", address, policy)
    if not ports.subscriptions.sends_mail:
        said = "Subscribed. No e-mail will come: a stack on this machine sends none."
    elif name:
        said = "The address was subscribed before: which uploads it is told of has changed."
    else:
        said = "AWS has sent a confirmation there: its link starts the subscription."
    return done(said, to("subscribers.subscriptions"))


@pages.get("/subscriptions/end")
def ask_to_end() -> str:
    """Say what it means to be unsubscribed."""
    administering()
    found = _subscription()
    return asked(
        "Unsubscribe",
        f"{inert(hidden(found.endpoint), 300)} is no longer told of uploads and jobs. A queue keeps"
        " its policy. Alarms are another topic, and stay.",
        button="Unsubscribe",
        back=to("subscribers.subscriptions"),
        hidden={"name": found.name},
    )


@pages.post("/subscriptions/end")
def end() -> Response:
    """Unsubscribe somebody."""
    administering()
    found = _subscription()
    with recorded("unsubscribe", STACK, found.protocol):
        act_ports().subscriptions.end(found.name)
    return done("Unsubscribed.", to("subscribers.subscriptions"))


def _subscription() -> Subscription:
    """Return the subscription to this topic that is named, or end the request with 404."""
    name = request.form.get("name") or request.args.get("name", "")
    everybody = act_ports().subscriptions.all()
    found = next((each for each in everybody if name and each.name == name), None)
    if found is None:
        abort(404)
    return found
