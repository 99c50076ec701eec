"""Acts on what all uploads share: keys are tested, and people subscribed."""

from __future__ import annotations

import re

from flask import Blueprint, abort
from werkzeug.wrappers import Response

from listdrop.dashboard.acting import act_ports, asked, done, recorded
from listdrop.dashboard.desk import to
from listdrop.dashboard.visitors import Role, require
from listdrop.errors import UploadRejectedError
from listdrop.models import display_name
from listdrop.ports import AnyProvider
from listdrop.providers import REGISTRY

pages = Blueprint("managing", __name__)

_ACCOUNT = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def administering() -> None:
    """End the request unless the visitor administers the stack."""
    act_ports()
    require(Role.ADMIN)


# ---------------------------------------------------------------- keys


@pages.get("/accounts/<provider>/<name>/test")
def ask_to_test(provider: str, name: str) -> str:
    """Say how a key is tested."""
    administering()
    _provider(provider, name)
    return asked(
        "Test a key",
        f"{display_name(provider)} is asked, with one call that changes nothing, whether it "
        f"accepts the key of the account {name}. Kakiyo charges one credit for it. The key is not "
        "shown.",
        button="Test the key",
        back=to("routes.routes"),
    )


@pages.post("/accounts/<provider>/<name>/test")
def test_key(provider: str, name: str) -> Response:
    """Ask a provider whether it accepts a key."""
    administering()
    model = _provider(provider, name)
    try:
        with recorded("test the key", f"ACCOUNT#{provider}/{name}"):
            _, said = act_ports().probes.probe(model, name)
    except UploadRejectedError as error:
        said = error.text
    return done(f"{display_name(provider)}, {name}: {said}", to("routes.routes"))


def _provider(provider: str, name: str) -> AnyProvider:
    if provider not in REGISTRY or not _ACCOUNT.fullmatch(name):
        abort(404)
    return REGISTRY[provider]
