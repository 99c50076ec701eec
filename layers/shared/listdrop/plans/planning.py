"""Rows to plans: what will be sent to each destination, in which batches, and what will not."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import chain
from types import MappingProxyType
from typing import IO, Any

from listdrop.cells.headers import fold
from listdrop.errors import UploadRejectedError
from listdrop.models import (
    JobWarning,
    Outcome,
    Route,
    RowResult,
    TableInfo,
)
from listdrop.plans.evening import Evener, identity_columns, without_identity
from listdrop.plans.plan import _OPTED_OUT, Plan
from listdrop.prospects.columns import Columns, known_headers, map_columns
from listdrop.prospects.mapping import Mapper
from listdrop.prospects.opt_outs import is_opt_out_file
from listdrop.prospects.suppression import SuppressionList, read_suppression_list
from listdrop.providers.base import Provider
from listdrop.tables.reading import Table, read_table
from listdrop.tables.spooling import spool
from listdrop.tables.unpacking import Package, contents

_OTHER_JOB = RowResult(
    Outcome.DUPLICATE, "other_job", "The row is for the destination of another job, and goes there."
)
_ON_LIST = RowResult(
    Outcome.SUPPRESSED, "opted_out", "The person is on the route's suppression list."
)
_PERSONAL_FIELDS = ("email", "first_name", "last_name", "full_name", "phone", "linkedin_url")
NO_JOBS: Mapping[str, frozenset[str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class UploadPlan:
    """What became of a table: how it was read, which column is what, a plan by destination.

    `first_rows` are rows of the first block, for examples; `sha256` is that of the upload. `plans`
    are in the order of the destinations, with an error for each that the file has nothing for; if
    it has nothing for any, `info` is `None`. `footer` is what was left out at the end.
    """

    header: Sequence[str]
    columns: Columns
    info: TableInfo | None
    first_rows: Sequence[Sequence[str]]
    sha256: str
    plans: Sequence[Plan | UploadRejectedError]
    footer: Sequence[Sequence[str]] = ()
    warnings: tuple[JobWarning, ...] = ()


def plan_upload(
    package: Package,
    name: str,
    route: Route,
    destinations: Sequence[tuple[str, Provider[Any, Any]]],
    files: ExitStack,
    *,
    table: str = "",
    takes: Mapping[str, frozenset[str]] = NO_JOBS,
    suppression: Callable[[], Iterable[bytes]] | None = None,
) -> UploadPlan:
    """Read an upload once, or one table of an archive, and plan what each destination will get.

    Submit and every preview call this, so a preview is what Submit will do. `name` is what the
    upload is called, `destinations` are job ids and providers; `files` closes the temporary files;
    `suppression` reads the route's suppression list, if it has one; `takes` has by job id the jobs
    whose rows are for it, where rows name jobs (`plans/naming.py`). Raises `UploadRejectedError`
    if the upload cannot be used.
    """
    notes = contents(package).warnings if table else ()
    source = spool(package, table, route.encoding)
    files.callback(source.file.close)
    read = read_table(source, known_headers(route.columns))
    columns = map_columns(read.header, route.columns)
    found = [
        _unusable(provider, columns)
        or Plan(job_id, provider, _scratch(files), takes.get(job_id, frozenset()))
        for job_id, provider in destinations
    ]
    plans = [plan for plan in found if isinstance(plan, Plan)]
    first = next(read.blocks, None)
    whole = replace(read, blocks=chain((first,) if first else (), read.blocks))
    is_opt_out = is_opt_out_file(table or name)
    suppressed = read_suppression_list(suppression()) if suppression else None
    info = None
    if plans:
        info = read_rows(whole, columns, plans, is_opt_out=is_opt_out, suppressed=suppressed)
    for plan in plans:
        plan.finish()
    first_rows = first.cells if first else ()
    return UploadPlan(
        read.header,
        columns,
        info,
        first_rows,
        source.sha256,
        found,
        footer=read.notes.footer,
        warnings=(*notes, *source.warnings),
    )


def _unusable(provider: Provider[Any, Any], columns: Columns) -> UploadRejectedError | None:
    """Return an error that names what is missing, if the file has no column that is needed."""
    names = (*columns.header, *columns.fields, *(name for _, name in columns.custom))
    if not {fold(name) for name in names}.isdisjoint(map(fold, provider.needs)):
        return None
    wanted = " or ".join(f"`{name}`" for name in provider.needs)
    return UploadRejectedError(
        "no_usable_column",
        f"The file has no column for {wanted}, without which {provider.name} takes no row. Add it, "
        "or name it in the route's `columns`.",
    )


def _scratch(stack: ExitStack) -> IO[bytes]:
    """Return a file for a plan. What does not fit on the disk is in its buffer until it closes."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 # closed by the stack

    def close() -> None:
        with suppress(OSError):
            file.close()

    stack.callback(close)
    return file


@contextmanager
def _no_cycles() -> Iterator[None]:
    """Rows hold no reference cycles: to look for some takes a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@_no_cycles()
def read_rows(
    table: Table,
    columns: Columns,
    plans: Sequence[Plan],
    *,
    is_opt_out: bool = False,
    suppressed: SuppressionList | None = None,
) -> TableInfo:
    """Read every row once, and add it to every plan.

    With `is_opt_out`, the upload is a list of people who opted out, and nothing of it is sent; who
    is `suppressed` is not sent either. Raises `UploadRejectedError`: what reading raises, and
    `empty_file` if there is no row.
    """
    mapper = _mapper(columns, plans)
    evener = Evener(table, columns)
    identities = [identity_columns(columns, plan.provider.needs) for plan in plans]
    for block, evened in evener.blocks():
        rows, problems = evened.rows, evened.problems
        mapped = mapper.map(rows)
        for place in range(len(rows)) if is_opt_out else mapped.opted_out:
            problems.setdefault(place, _OPTED_OUT)
        if suppressed is not None:
            for place in suppressed.places(mapped):
                problems.setdefault(place, _ON_LIST)
        for plan, needed in zip(plans, identities, strict=True):
            short = without_identity(evened, needed, len(columns.header))
            settled = {**short, **problems, **_not_for(plan, columns, rows)}
            plan.add(block, mapped, settled, evened.padded)
    if not plans[0].rows:
        raise UploadRejectedError("empty_file", "The file has a header, but no data rows.")
    personal = {index for name in _PERSONAL_FIELDS for index in columns.fields.get(name, ())}
    return TableInfo(
        **table.dialect.model_dump(),
        width=evener.widest,
        personal=tuple(sorted(personal)),
        footer_rows=len(table.notes.footer),
    )


def _not_for(
    plan: Plan, columns: Columns, rows: Sequence[Sequence[str]]
) -> Mapping[int, RowResult]:
    """Settle the rows that name another job than those that the plan takes."""
    if not plan.takes or columns.job is None:
        return {}
    place = columns.job
    named = (cells[place].strip() for cells in rows)
    return {
        number: _OTHER_JOB
        for number, job_id in enumerate(named)
        if job_id and job_id not in plan.takes
    }


def _mapper(columns: Columns, plans: Sequence[Plan]) -> Mapper:
    reads: set[str] | None = set()
    asks_for: set[str] = set()
    for plan in plans:
        asks_for |= plan.provider.asks_for
        names = plan.provider.reads
        reads = None if reads is None or names is None else reads | names.keys()
    return Mapper(columns, reads, asks_for)
