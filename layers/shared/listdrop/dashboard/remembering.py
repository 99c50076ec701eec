"""Keeps a dropped file's mapping for all later files of a route: it becomes the route's own."""

from __future__ import annotations

import json
from collections.abc import Mapping

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from listdrop.dashboard.acting import act_ports, done, recorded
from listdrop.dashboard.desk import to
from listdrop.dashboard.dropping import staged_or_none
from listdrop.dashboard.managing import administering
from listdrop.errors import RouteChangedError, UploadRejectedError
from listdrop.jobs.deciding import laid_over
from listdrop.jobs.route_checks import misspelt_fields, size_problem
from listdrop.providers import REGISTRY
from listdrop.providers.routing import parse_route

pages = Blueprint("remembering", __name__)


@pages.post("/drop/<staged_id>/remember")
def remember(staged_id: str) -> Response:
    """Write a mapping to a route's `columns`, checked as `route put` does."""
    administering()
    staged, name = staged_or_none(staged_id), request.form.get("route", "")
    book = act_ports().routes
    before = book.text(name)
    if staged is None or name not in staged.routes or before is None:
        abort(404)
    page = to("dropping.look_at", staged_id=staged_id)
    try:
        text = with_columns(name, before, staged.columns)
    except UploadRejectedError as error:
        return done(f"The route {name} is not written. {error.text}", page)
    try:
        with recorded("write the route", f"ROUTE#{name}", "the columns of a file"):
            book.put(name, text, over=before)
    except RouteChangedError:
        return done(f"Somebody changed the route {name} meanwhile, so it is not written.", page)
    return done(f"The route {name} knows these columns from now on.", page)


def with_columns(name: str, text: str, columns: Mapping[str, str | None]) -> str:
    """Return a route's text with columns laid over its own. Raises `UploadRejectedError`."""
    parse_route(name, text)
    route = json.loads(text)
    both = laid_over(route.get("columns", {}), columns)
    written = json.dumps(route | {"columns": both}, ensure_ascii=False, indent=2)
    parsed = parse_route(name, written, kept_days=act_ports().kept_days)
    problems = [*filter(None, [size_problem(written)]), *misspelt_fields(parsed, REGISTRY)]
    if problems:
        raise UploadRejectedError("bad_route", " ".join(problems))
    return written
