"""Files that somebody looks at before they are sent: what would become of them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from listdrop.costs.job_costs import Cost, sum_of
from listdrop.errors import UploadRejectedError
from listdrop.jobs.deciding import decide
from listdrop.jobs.holding import why_held
from listdrop.jobs.same_content import has_imported
from listdrop.jobs.staged_copies import MOST_ROWS, StagedCopy
from listdrop.jobs.staged_names import inbox_key
from listdrop.jobs.staged_sending import StagePorts
from listdrop.models import (
    STAGED,
    Destination,
    Route,
    Sent,
    Staged,
    Upload,
    content_key,
    no_counts,
)
from listdrop.plans.previewing import (
    ColumnPreview,
    DestinationPreview,
    Preview,
    Providers,
    preview_columns,
    preview_upload,
)
from listdrop.ports import StagedFiles, Staging

_WHOLE_BYTES = 64 << 20
"""Bytes of text, once for each destination, that are soon read as a whole."""


@dataclass(frozen=True, slots=True)
class RoutePreview:
    """What would become of a file on a route; with a `reason`, it would be rejected.

    `tables` has one preview, or for an archive one for each table. `columns` are those of a file
    that cannot be used. `earlier` has the jobs that took the same content before, by table and by
    the place of the destination: nothing would be sent there again. `held` says why the jobs would
    wait for approval; `sample` is how many rows are sent first, to see whether they go well.
    `is_cut`: only the beginning of the file was read.
    """

    name: str
    reason: str = ""
    reason_text: str = ""
    tables: Sequence[Preview] = ()
    columns: Sequence[ColumnPreview] = ()
    earlier: Mapping[tuple[str, int], str] = field(default_factory=dict)
    held: str = ""
    sample: int = 0
    is_cut: bool = False

    @property
    def sending(self) -> Iterator[DestinationPreview]:
        """The destinations to which any row would be sent."""
        for table in self.tables:
            for place, each in enumerate(table.destinations):
                if each.to_send and (table.table, place) not in self.earlier:
                    yield each

    @property
    def sends_anything(self) -> bool:
        """Whether any row would be sent to any destination."""
        return any(True for _ in self.sending)


# ---------------------------------------------------------------- what it would cost


def cost_of(destination: DestinationPreview) -> str:
    """Say what sending would cost, as `listdrop check` does; empty if nothing is known of it."""
    return Cost(**destination.cost).words


def cost_in_all(previews: Iterable[RoutePreview]) -> str:
    """Say what sending would cost in all; empty where it goes to one destination only."""
    costs = [Cost(**to.cost) for each in previews for to in each.sending]
    return sum_of(costs).words if len(costs) > 1 else ""


# ---------------------------------------------------------------- what would become of it


def look(
    staged: Staged, file: Upload, ports: StagePorts, providers: Providers
) -> list[RoutePreview]:
    """Return for each route what would become of a staged file, by the code of Submit."""
    with tempfile.TemporaryFile() as scratch:
        try:
            copied = StagedCopy(scratch, file, ports.staging, ports.clock)
        except UploadRejectedError as error:
            return [RoutePreview(name, error.reason, error.text) for name in staged.routes]
        return [_looked(name, staged, file, copied, ports, providers) for name in staged.routes]


def _looked(  # what there is to look with
    name: str,
    staged: Staged,
    file: Upload,
    copied: StagedCopy,
    ports: StagePorts,
    providers: Providers,
) -> RoutePreview:
    upload = file.model_copy(update={"key": inbox_key(name, file), "version_id": ""})
    decided = decide(upload, _AsSubmit(staged, upload, copied, ports))
    route = decided.route
    if route is None:
        return RoutePreview(name, decided.reason, decided.reason_text)
    most = 0 if copied.size * len(route.destinations) <= _WHOLE_BYTES else MOST_ROWS
    try:
        tables: Sequence[Preview] = preview_upload(
            copied.chunks(),
            upload.key,
            route,
            providers,
            _suppression(file, route, ports.staging),
            takes=[frozenset(named) for named in decided.named] if decided.by_row else (),
            most_rows=most,
            kept_days=ports.kept_days,
        )
    except UploadRejectedError as error:
        columns = _columns(copied, upload.key, route)
        return RoutePreview(name, error.reason, error.text, columns=columns)
    tables = copied.as_sent(tables)
    return RoutePreview(
        name,
        tables=tables,
        earlier={} if copied.is_cut else _earlier(tables, route, ports),
        held=_held(tables, route),
        sample=route.sample.rows if route.sample else 0,
        is_cut=copied.is_cut or any(each.is_cut for each in tables),
    )


def _columns(copied: StagedCopy, name: str, route: Route) -> Sequence[ColumnPreview]:
    try:
        return preview_columns(copied.chunks(), name, route)
    except UploadRejectedError:
        return ()


def _suppression(
    file: Upload, route: Route, staging: Staging
) -> Callable[[], Iterator[bytes]] | None:
    key = route.suppression_list
    return None if key is None else lambda: staging.read_list(file.bucket, key)


def _earlier(
    tables: Sequence[Preview], route: Route, ports: StagePorts
) -> dict[tuple[str, int], str]:
    """Return the jobs for which Submit would skip the same content."""
    if route.duplicate_content != "skip":
        return {}
    found = {}
    for table in tables:
        for place, to in enumerate(route.destinations):
            if job_id := _holder(table.sha256, to, ports):
                found[table.table, place] = job_id
    return found


def _holder(sha256: str, to: Destination, ports: StagePorts) -> str:
    job_id = ports.staging.holder(content_key(sha256, to)) if sha256 else ""
    try:
        job = ports.jobs.get(job_id) if job_id else None
    except KeyError:  # its retention is over
        return ""
    return job_id if job and (not job.state.is_terminal or has_imported(job)) else ""


def _held(tables: Sequence[Preview], route: Route) -> str:
    """Return why a job would wait for approval, whichever is the first; empty if none would."""
    for table in tables:
        for each in table.destinations:
            if each.to_send:
                counts = no_counts() | each.not_sent | {"rows": table.rows}
                if why := why_held(route, counts, table.warnings):
                    return why
    return ""


class _AsSubmit:
    """What Submit would decide with, if the file were in the inbox already."""

    def __init__(
        self, staged: Staged, upload: Upload, copied: StagedCopy, ports: StagePorts
    ) -> None:
        self.uploads = _CopiedUploads(copied, upload.key, staged.staged_id, ports.staging)
        self.staged = _Decided(staged, upload, ports.staging)
        self.routes = ports.routes
        self.jobs = ports.jobs


class _Decided:
    """The staged files port, as if this one were sent."""

    def __init__(self, staged: Staged, upload: Upload, others: StagedFiles) -> None:
        sent = (Sent(route=upload.route, key=upload.key),)
        self._staged = staged.model_copy(update={"sent": sent})
        self._others = others

    def staged(self, staged_id: str) -> Staged | None:
        """See the port. Rows that are sent again may be of another staged file."""
        is_this = staged_id == self._staged.staged_id
        return self._staged if is_this else self._others.staged(staged_id)


class _CopiedUploads:
    """The part of the uploads port that deciding uses, on a copy."""

    def __init__(self, copied: StagedCopy, key: str, staged_id: str, staging: Staging) -> None:
        self._copied = copied
        self._key = key
        self._staged_id = staged_id
        self._staging = staging

    def read(self, upload: Upload) -> Iterator[bytes]:
        """See the port."""
        del upload
        return self._copied.chunks()

    def metadata(self, upload: Upload) -> Mapping[str, str]:
        """See the port. Another upload is one whose rows are sent again."""
        is_this = upload.key == self._key and not upload.version_id
        return {STAGED: self._staged_id} if is_this else self._staging.metadata(upload)
