"""Plans of uploads, made once: the same bytes become the same plan, in whichever run they come.

Reading an upload can fail before it is planned, and storing the plan after it. In between nothing
can, and a run whose upload was planned before is a seventh cheaper.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import ExitStack
from copy import copy
from dataclasses import replace
from typing import Any

from listdrop.models import Route
from listdrop.plans.plan import Plan
from listdrop.plans.planning import UploadPlan, plan_upload
from listdrop.providers.base import Provider
from listdrop.tables.unpacking import Package

_MOST_PLANS, _MOST_BYTES = 5_000, 2_000
_kept: dict[object, tuple[UploadPlan, Plan, bytes]] = {}
"""By what they depend on, plans with what is in their files."""


def forget() -> None:
    """Forget all plans, as other code may make others."""
    _kept.clear()


def plan_once(
    package: Package,
    name: str,
    route: Route,
    destinations: Sequence[tuple[str, Provider[Any, Any]]],
    files: ExitStack,
    *,
    table: str = "",
    **more: Any,
) -> UploadPlan:
    """Plan an upload as Submit does, or return the plan that the same bytes had before."""
    ((job_id, provider),) = destinations
    wanted = provider.destination.model_dump_json()
    asked = (package.sha256, name, table, provider.name, wanted, provider.batch_limits())
    if asked in _kept:
        return _again(*_kept[asked], job_id, provider)
    planned = plan_upload(package, name, route, destinations, files, table=table, **more)
    (plan,) = planned.plans
    if isinstance(plan, Plan) and not more["takes"] and len(_kept) < _MOST_PLANS:
        plan.file.seek(0)
        if len(content := plan.file.read()) <= _MOST_BYTES:
            _kept[asked] = planned, copy(plan), content
    return planned


def _again(
    planned: UploadPlan, plan: Plan, content: bytes, job_id: str, provider: Provider[Any, Any]
) -> UploadPlan:
    """Return a plan for another job: neither its id nor its file is that of the first."""
    following = copy(plan)
    following.job_id, following.provider = job_id, provider
    following.counts = {**plan.counts}
    following.file = io.BytesIO(content)
    return replace(planned, plans=(following,))
