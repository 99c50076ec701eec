"""Staged files are sent: each by a copy into the inbox of each route, and once.

From then on it is an upload like any other, except that Submit lays over the route's columns what
was decided in the dashboard, and knows by it who has dropped it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import orjson

from listdrop.errors import NotAsSeenError
from listdrop.jobs.staged_names import inbox_key
from listdrop.models import STAGED, Route, Sent, Staged, Upload, job_id_for
from listdrop.ports import Clock, KnownJobs, Routes, Staging

COPYING = timedelta(minutes=5)
"""How long all copies may take: longer than the Dashboard function runs, and S3 after its end."""


class StagePorts(NamedTuple):
    """What staged files are looked at and sent with.

    `is_refused` says of an error whether AWS has refused what was asked of it. Plans are kept for
    `kept_days`; 0: that is not known.
    """

    staging: Staging
    routes: Routes
    jobs: KnownJobs
    clock: Clock
    is_refused: Callable[[Exception], bool] = lambda _: False
    kept_days: int = 0


# ---------------------------------------------------------------- as it was looked at


def seen(staged: Staged, file: Upload, texts: Mapping[str, str]) -> str:
    """Return a mark of what is looked at: the file, its mapping, the routes and what they say."""
    parts = (
        [file.key, file.version_id],
        sorted(staged.columns.items()),
        staged.routes,
        *(texts.get(name, "") for name in staged.routes),
    )
    return "-".join(hashlib.sha256(orjson.dumps(part)).hexdigest()[:16] for part in parts)


def what_changed(staged: Staged, before: str, now: str) -> str:
    """Say what is not as it was, by the marks of `seen`; empty if all is."""
    found = [
        "another file was uploaded in its place",
        "the mapping of its columns was changed",
        "other routes were chosen",
        *(f"the route {name} was changed" for name in staged.routes),
    ]
    marks, old = now.split("-"), before.split("-")
    if len(marks) != len(old) or marks[2] != old[2]:
        return found[2]
    pairs = zip(found, marks, old, strict=True)
    return " and ".join(text for text, mark, was in pairs if mark != was)


# ---------------------------------------------------------------- sending it


def send_staged(staged: Staged, file: Upload, who: str, ports: StagePorts) -> Staged:
    """Copy a staged file into the inbox of each route; returns it with the copies.

    Raises `NotAsSeenError` if it is sent already. Where a copy fails, those that were made stay,
    and `send_rest` makes the others later. If AWS refuses the first, nothing has happened.
    """
    wanted = tuple(Sent(route=name, key=inbox_key(name, file)) for name in staged.routes)
    changes = {
        "who": who,
        "bucket": file.bucket,
        "sent": wanted,
        "changed_at": ports.clock.now(),
    }
    staged = staged.model_copy(update=changes)
    if not ports.staging.keep(staged):
        raise NotAsSeenError("The file is sent already.")
    try:
        return _copied(staged, file, ports)
    except Exception as error:
        kept = ports.staging.staged(staged.staged_id)
        if ports.is_refused(error) and kept and not any(each.version_id for each in kept.sent):
            ports.staging.keep_sent(staged.model_copy(update={"sent": ()}))
        raise


def send_rest(staged: Staged, file: Upload, ports: StagePorts) -> Staged:
    """Make the copies that were not made, where a sending ended before it was complete.

    A copy that was made, but not noted, is found. Raises `NotAsSeenError` while the former sending
    may still go on, and if somebody else makes the copies.
    """
    now = ports.clock.now()
    if not is_cut_off(staged, now):
        raise NotAsSeenError("The file is sent already, or is being sent.")
    mine = staged.model_copy(update={"changed_at": now, "sent": made(staged, ports.staging)})
    if not ports.staging.take_over(mine, staged.changed_at):
        raise NotAsSeenError("Somebody else is sending the rest.")
    return _copied(mine, file, ports)


def is_cut_off(staged: Staged, now: datetime) -> bool:
    """Whether a sending has ended before all copies were made, or noted."""
    is_whole = all(each.version_id for each in staged.sent)
    return not is_whole and now >= staged.changed_at + COPYING


def made(staged: Staged, staging: Staging) -> tuple[Sent, ...]:
    """Return the copies with their versions, also those that were made and not noted."""
    return tuple(
        each
        if each.version_id
        else each.model_copy(update={"version_id": staging.copied(staged, each.key)})
        for each in staged.sent
    )


def _copied(staged: Staged, file: Upload, ports: StagePorts) -> Staged:
    """Make the copies that are missing, and note each, so that no other call makes it again."""
    ends_at = staged.changed_at + COPYING
    for place, each in enumerate(staged.sent):
        if each.version_id:
            continue
        if ports.clock.now() >= ends_at:
            raise NotAsSeenError("It took too long: not everything is sent.")
        version = ports.staging.copy(file, staged.staged_id, each.key)
        sent = list(staged.sent)
        sent[place] = each.model_copy(update={"version_id": version})
        staged = staged.model_copy(update={"sent": tuple(sent)})
        ports.staging.keep_sent(staged)
    return staged


def named_as_dropper(  # what there is to say of a file
    who: str, route: str, key: str, staged_id: str, staging: Staging, now: datetime
) -> dict[str, str]:
    """Note who drops a file that was not staged; returns what its object has to say of itself.

    S3 names whose credentials put it there, which is the hosted dashboard's function.
    """
    sent = (Sent(route=route, key=key),)
    staging.keep_sent(
        Staged(staged_id=staged_id, who=who, routes=(route,), sent=sent, changed_at=now)
    )
    return {STAGED: staged_id}


# ---------------------------------------------------------------- what it becomes


def jobs_of(sent: Sent, bucket: str, table: str, route: Route | None) -> list[str]:
    """Return the ids of the jobs that a copy becomes; `table` is the first one of an archive.

    A file whose rows name jobs becomes only some of them.
    """
    upload = _upload(sent, bucket, table)
    return [job_id_for(upload, sent.route, to) for to in (route.destinations if route else ())]


def rejections_of(sent: Sent, bucket: str, table: str, route: Route | None) -> list[str]:
    """Return the ids of the jobs that a copy becomes if Submit rejects it as a whole."""
    nowhere = [job_id_for(_upload(sent, bucket, each), sent.route, None) for each in {table, ""}]
    return [*nowhere, *(jobs_of(sent, bucket, "", route) if table else ())]


def _upload(sent: Sent, bucket: str, table: str) -> Upload:
    return Upload(bucket=bucket, key=sent.key, version_id=sent.version_id, table=table)
