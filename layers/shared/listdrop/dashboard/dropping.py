"""Dropping a file: it is uploaded, looked at, mapped, and then sent.

The browser posts the file straight to the uploads bucket, where nothing happens to it. What is
shown of it is made by the code of Submit. Sending it copies it to the inbox.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import accumulate, count, takewhile
from typing import NamedTuple

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from listdrop.cells.headers import CANONICAL, fold
from listdrop.dashboard.acting import act_ports, done, may_drop, record, recorded
from listdrop.dashboard.desk import desk, is_shown, to
from listdrop.dashboard.guard import allow_posts_to
from listdrop.dashboard.hiding import hidden
from listdrop.dashboard.visitors import Role, require, visitor
from listdrop.errors import NotAsSeenError, UploadRejectedError
from listdrop.jobs.staged_names import file_name
from listdrop.jobs.staged_sending import (
    StagePorts,
    is_cut_off,
    jobs_of,
    made,
    rejections_of,
    seen,
    send_rest,
    send_staged,
    what_changed,
)
from listdrop.jobs.staging import RoutePreview, cost_in_all, cost_of, look
from listdrop.models import Route, Sent, Staged
from listdrop.ports import Staging
from listdrop.providers import REGISTRY
from listdrop.providers.routing import parse_route

pages = Blueprint("dropping", __name__)
LEFT_OUT, OWN_NAME = "-", "="
"""What a column may be beside a field: left out, or a custom field under its own header."""
_PERSONAL = frozenset({"email", "first_name", "last_name", "full_name", "phone", "linkedin_url"})
_MOST_COLUMNS, _MOST_TABLES, _MOST_NAMES = 150, 10, 40
"""What a page shows, so that it stays small: of a table's columns and names, the first."""
_COLUMNS_BYTES, _LEAST_BYTES, _PART_BYTES, _COLUMN_BYTES = 110_000, 40_000, 1_500, 600
"""What all columns may take of a page, less what each destination takes, but never less than some;
and what one column takes beside its header."""
_NAMES_IN_ALL, _ROWS_IN_ALL = 200, 200
"""Names of columns, and rows with problems, of all routes of a page."""
_ID = re.compile(r"[0-9a-f]{32}")


class Column(NamedTuple):
    """A column as it is shown: its field, an example, and what somebody chose for it, if anything.

    `chosen` is a field, `LEFT_OUT` or `OWN_NAME`.
    """

    header: str
    field: str
    example: str
    chosen: str


@pages.get("/drop")
def drop() -> str:
    """Show the form for a file. Each page has a new place for one."""
    staging, staged_id = _staging(), secrets.token_hex(16)
    form = staging.form(staged_id, url_for("dropping.look_at", staged_id=staged_id, _external=True))
    allow_posts_to(form.url)
    return render_template(
        "drop.html", form=form, then=_page(staged_id), routes=_own_routes(_texts())
    )


@pages.get("/drop/<staged_id>")
def look_at(staged_id: str) -> str | Response | tuple[str, int]:
    """Show what would become of a file; or of one that is sent, its uploads."""
    staged = staged_or_none(staged_id)
    if staged and staged.sent:
        return _sent(staged)
    file = _staging().file(staged_id)
    if file is None:
        return render_template("drop_missing.html"), 404
    texts = _texts()
    previews = look(staged, file, _ports(texts), REGISTRY) if staged else []
    columns = _columns(previews, staged.columns) if staged else []
    return render_template(
        "preview.html",
        staged_id=staged_id,
        name=file_name(file),
        size=file.size,
        routes=_own_routes(texts),
        chosen=staged.routes if staged else (),
        previews=previews,
        columns=columns,
        fields=CANONICAL,
        mark=seen(staged, file, texts) if staged else "",
        first_table=next((each.table for found in previews for each in found.tables), ""),
        cost_of=cost_of,
        cost_in_all=cost_in_all(previews),
        is_cut=any(each.is_cut for each in previews),
        would_be_sent=any(each.sends_anything for each in previews),
        may_send=bool(previews) and all(each.sends_anything for each in previews),
        is_mapped=bool(staged and staged.columns),
        most_columns=_most_columns(columns, _parts(previews)),
        most_tables=_MOST_TABLES,
        most_names=min(_MOST_NAMES, _NAMES_IN_ALL // _parts(previews)),
        most_rows=_ROWS_IN_ALL // _parts(previews),
    )


def _parts(previews: Sequence[RoutePreview]) -> int:
    """Return among how many destinations a page divides what it shows in all; at least a few."""
    shown = (table for each in previews for table in each.tables[:_MOST_TABLES])
    return max(4, sum(len(table.destinations) for table in shown))


def _most_columns(columns: Sequence[Column], parts: int) -> int:
    """Return how many columns are shown: their whole headers are in the form."""
    sizes = accumulate(_COLUMN_BYTES + len(escape(each.header).encode()) for each in columns)
    most = max(_LEAST_BYTES, _COLUMNS_BYTES - _PART_BYTES * parts)
    return min(_MOST_COLUMNS, sum(size <= most for size in sizes))


@pages.post("/drop/<staged_id>")
def choose(staged_id: str) -> Response:
    """Keep what is chosen: the routes, and what the columns are."""
    before = staged_or_none(staged_id)
    routes = tuple(name for name in _own_routes(_texts()) if name in request.form.getlist("route"))
    if not routes:
        return done("Choose at least one route.", _page(staged_id))
    columns = before.columns if before else {}
    if "header-1" in request.form:
        columns = _chosen(request.form)
    try:
        is_kept = _staging().keep(_decided(staged_id, routes, columns))
    except UploadRejectedError as error:
        return done(error.text, _page(staged_id))
    if not is_kept:
        return done("The file is sent already: nothing was changed.", _page(staged_id))
    return redirect(_page(staged_id), 303)


@pages.post("/drop/<staged_id>/send")
def send(staged_id: str) -> Response:
    """Send a file, if all is as it was looked at."""
    staged, file = staged_or_none(staged_id), _staging().file(staged_id)
    if file is None:
        return done("The file is gone, and nothing was sent: drop it again.", to("dropping.drop"))
    if staged is None:
        return done("Nothing was sent: choose where the rows go.", _page(staged_id))
    texts = _texts()
    if changed := what_changed(staged, request.form.get("mark", ""), seen(staged, file, texts)):
        sentence = f"Nothing was sent: since you looked, {changed}. Look again, and then send it."
        return done(sentence, _page(staged_id))
    members = {"table": request.form.get("table", ""), "mark": seen(staged, file, texts)}
    staged = staged.model_copy(update=members)
    ports = _ports(texts)
    try:
        with recorded("drop", f"STAGED#{staged_id}", ", ".join(staged.routes)):
            sent = send_staged(staged, file, visitor().name, ports)
    except NotAsSeenError as error:
        return done(str(error), _page(staged_id))
    _record_jobs(sent, sent.sent, ports)
    return done("The file is sent.", _page(staged_id))


@pages.post("/drop/<staged_id>/rest")
def go_on(staged_id: str) -> Response:
    """Send a file to the routes that it did not reach, as a sending was cut off."""
    staged, file, texts = staged_or_none(staged_id), _staging().file(staged_id), _texts()
    if staged is None or not staged.sent:
        return done("Nothing of the file was sent.", _page(staged_id))
    if file is None:
        return done("The file is gone, and no more of it was sent.", _page(staged_id))
    if changed := what_changed(staged, staged.mark, seen(staged, file, texts)):
        sentence = f"No more was sent: since the file was sent, {changed}. Drop it again."
        return done(sentence, _page(staged_id))
    ports = _ports(texts)
    missing = {each.key for each in staged.sent if not each.version_id}
    try:
        with recorded("drop", f"STAGED#{staged_id}", "the rest"):
            sent = send_rest(staged, file, ports)
    except NotAsSeenError as error:
        return done(str(error), _page(staged_id))
    _record_jobs(sent, [each for each in sent.sent if each.key in missing], ports)
    return done("The rest is sent.", _page(staged_id))


def _record_jobs(staged: Staged, sent: Iterable[Sent], ports: StagePorts) -> None:
    for each in sent:
        route = _route(each.route, ports)
        for job_id in jobs_of(each, staged.bucket, staged.table, route):
            record("drop", f"JOB#{job_id}")


def _sent(staged: Staged) -> str | Response:
    """Show what a sent file became, as far as it has been read; one upload has its own page.

    Of a sending that was cut off, it is looked up what was sent.
    """
    ports = _ports(_texts())
    is_late = is_cut_off(staged, desk().ports.clock.now())
    copies = made(staged, ports.staging) if is_late else staged.sent
    found = {each: _first_job(each, staged, ports) for each in copies}
    jobs = list(found.values())
    if len(jobs) == 1 and jobs[0]:
        return redirect(to("uploads.upload", job_id=jobs[0]), 303)
    missing = [each.route for each in copies if not each.version_id] if is_late else []
    is_waited_for = any(not job and each.route not in missing for each, job in found.items())
    return render_template(
        "drop_sent.html",
        staged_id=staged.staged_id,
        found=found,
        missing=missing,
        is_read=not is_waited_for,
    )


def _first_job(sent: Sent, staged: Staged, ports: StagePorts) -> str:
    """Return a job that a copy has become; empty if it has not been read."""
    place = (sent, staged.bucket, staged.table, _route(sent.route, ports))
    for job_id in (*jobs_of(*place), *rejections_of(*place)):
        try:
            return desk().ports.records.job(job_id).job_id
        except KeyError:
            continue
    return ""


def _route(name: str, ports: StagePorts) -> Route | None:
    try:
        return ports.routes.get(name)
    except UploadRejectedError:
        return None


# ---------------------------------------------------------------- what there is to work with


class _StoredRoutes:
    """The routes port on texts that were read at once."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def get(self, name: str) -> Route:
        """See the port."""
        if name not in self._texts:
            raise UploadRejectedError("unknown_route", f"There is no route {name!r}.")
        return parse_route(name, self._texts[name], kept_days=act_ports().kept_days)


def _staging() -> Staging:
    """Return where files are staged, or end the request where the visitor may drop none."""
    act_ports()
    staging = desk().ports.staging
    if staging is None:
        abort(404)
    if not may_drop():
        abort(403, f"This takes the role `{Role.DROP}`, which you do not have for any route.")
    return staging


def staged_or_none(staged_id: str) -> Staged | None:
    """Return what is decided about a file; `None` if nothing is.

    Where there is only one route to drop on, that is decided. Ends the request where the visitor
    may not drop on a route of it.
    """
    staging = _staging()
    if not _ID.fullmatch(staged_id):
        abort(404)
    staged = staging.staged(staged_id)
    for name in staged.routes if staged else ():
        require(Role.DROP, name)
    mine = _own_routes(_texts()) if staged is None else ()
    return _decided(staged_id, tuple(mine), {}) if len(mine) == 1 else staged


def _decided(staged_id: str, routes: tuple[str, ...], columns: dict[str, str | None]) -> Staged:
    now = desk().ports.clock.now()
    return Staged(
        staged_id=staged_id, who=visitor().name, routes=routes, columns=columns, changed_at=now
    )


def _ports(texts: Mapping[str, str]) -> StagePorts:
    ports, acts = desk().ports, act_ports()
    return StagePorts(
        _staging(),
        _StoredRoutes(texts),
        acts.jobs,
        ports.clock,
        ports.is_refused,
        acts.kept_days,
    )


def _texts() -> dict[str, str]:
    return {each.name: each.text for each in desk().ports.directory.routes()}


def _own_routes(names: Iterable[str]) -> list[str]:
    return [name for name in names if visitor().may(Role.DROP, name)]


def _page(staged_id: str) -> str:
    return to("dropping.look_at", staged_id=staged_id)


# ---------------------------------------------------------------- columns


def _columns(previews: Sequence[RoutePreview], chosen: Mapping[str, str | None]) -> list[Column]:
    """Return each column once, as the first route reads it that can read it at all."""
    by_name = {fold(header): target for header, target in chosen.items()}
    found: dict[str, Column] = {}
    for preview in previews:
        for columns in (*(each.columns for each in preview.tables), preview.columns):
            for each in columns:
                name = fold(each.header)
                if name and name not in found:
                    choice = _choice(by_name[name]) if name in by_name else ""
                    example = _example(each.example, each.field)
                    found[name] = Column(each.header, each.field, example, choice)
    return list(found.values())


def _choice(target: str | None) -> str:
    if target is None:
        return LEFT_OUT
    return target if target in CANONICAL else OWN_NAME


def _example(text: str, field: str) -> str:
    """Shorten an example that is personal, unless the page shows such."""
    is_address = field in ("email", "linkedin_url") and hidden(text) != text  # as everywhere
    is_personal = field in _PERSONAL and not is_address
    return f"{text[:1]}…" if text and is_personal and not is_shown() else text


def _chosen(form: Mapping[str, str]) -> dict[str, str | None]:
    """Return the columns for which something was chosen, as a route's `columns` has them."""
    found: dict[str, str | None] = {}
    headers = takewhile(bool, (form.get(f"header-{number}", "") for number in count(1)))
    for number, header in enumerate(headers, 1):
        choice = form.get(f"column-{number}", "")
        if choice == LEFT_OUT:
            found[header] = None
        elif choice == OWN_NAME:
            found[header] = header
        elif choice in CANONICAL:
            found[header] = choice
    return found
