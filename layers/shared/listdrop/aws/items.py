"""Items of the one table, from models and back: `docs/design.md`, section 6."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from itertools import count, takewhile
from typing import Any

import orjson
from pydantic import BaseModel

from listdrop.aws import keys
from listdrop.cells.profiles import profile_slug
from listdrop.models import (
    WARNINGS,
    BatchItem,
    Job,
    PlannedRow,
    RowResult,
    Submission,
    Upload,
    iso,
)
from listdrop.providers.routing import parse_route

_OPAQUE = ("destination", "table", "session", "handle", "settled", "retried", "doubtful")
_TOLD = frozenset({"source", "reason", "reason_text"})
"""Members of a job that are there even when they are empty."""
_TEXTS = frozenset({"reason_text", "stop_text"})
"""Members of a job that may quote something long."""
_SPARSE = frozenset({"person", "warning", "warning_text"})
"""Attributes of a row that are there only if they say something; an index takes no empty key."""
_REMEMBERED = timedelta(days=30)
_DECIDED = "decided_route"
"""Not `route`: that is the key of an index, and DynamoDB refuses items whose keys are too long."""

MOST_BYTES = 2048
"""Bytes of an attribute, and of an index's partition key. Sort keys have 1,024 at most."""

_BYTES_PER_LETTER = 4
_CUT = "…".encode()


def _job_item(job: Job) -> dict[str, Any]:
    return _members(job) | keys.job(job.job_id) | {"day": iso(job.created_at)[:10]}


def job_of(item: Mapping[str, Any]) -> Job:
    """Return the job that an item holds."""
    return Job.model_validate(_decoded(item, Job))


def _batch_item(batch: BatchItem, job: Job) -> dict[str, Any]:
    members = _members(batch)
    del members["job_id"], members["number"]
    return members | keys.batch(batch.job_id, batch.number) | {"expires_at": job.expires_at}


def batch_of(job_id: str, item: Mapping[str, Any]) -> BatchItem:
    """Return the batch that an item holds."""
    number = keys.batch_number(str(item["sk"]))
    members = _decoded(item, BatchItem)
    return BatchItem.model_validate(members | {"job_id": job_id, "number": number})


def _submission_item(upload: Upload, decided: Submission, now: datetime) -> dict[str, Any]:
    item = keys.upload(upload) | {"expires_at": int((now + _REMEMBERED).timestamp())}
    if decided.route is None:
        return item | {"reason": decided.reason, "reason_text": decided.reason_text}
    destinations = [each.model_dump(mode="json") for each in decided.route.destinations]
    route = decided.route.model_dump(mode="json") | {"destinations": destinations}
    text = orjson.dumps(route).decode()
    return item | {"retry_of": decided.retry_of, **_in_parts(_DECIDED, text)}


def _in_parts(name: str, text: str) -> dict[str, str]:
    """Spread a long text over attributes; a route may be longer than one should be."""
    size = MOST_BYTES // _BYTES_PER_LETTER
    parts = (text[start : start + size] for start in range(0, len(text), size))
    return {f"{name}_{number}": part for number, part in enumerate(parts)}


def _from_parts(name: str, item: Mapping[str, Any]) -> str:
    parts = (str(item.get(f"{name}_{number}", "")) for number in count())
    return "".join(takewhile(bool, parts))


def _submission_of(upload: Upload, item: Mapping[str, Any]) -> Submission:
    is_done = bool(item.get("is_done"))
    text = _from_parts(_DECIDED, item)
    if not text:
        return Submission(None, "", str(item["reason"]), str(item["reason_text"]), is_done)
    route = parse_route(upload.route, text)
    return Submission(route, str(item["retry_of"]), is_done=is_done)


def _claim_item(content: str, job: Job) -> dict[str, Any]:
    return keys.content(content) | {"job_id": job.job_id, "expires_at": job.expires_at}


def _row_item(job: Job, planned: PlannedRow, result: RowResult) -> dict[str, Any]:
    key = keys.row(job.job_id, planned.row)
    item: dict[str, Any] = {
        **key,
        "job_id": job.job_id,
        "provider": job.provider,
        "row": planned.row,
        "line": planned.line,
        "outcome": result.outcome.value,
        "reason": result.reason,
        "reason_text": result.reason_text,
        "warning": planned.warning,
        "warning_text": WARNINGS.get(planned.warning, ""),
        "email": planned.email,
        "linkedin_url": planned.linkedin_url,
        "provider_ref": result.provider_ref,
        "raw_status": result.raw_status,
        "person": _person(planned),
        "created_at": iso(job.created_at),
        "expires_at": job.expires_at,
    }
    if result.outcome.is_bad:
        item["problem"] = key["pk"]
    return {
        name: clipped(value) if isinstance(value, str) else value
        for name, value in item.items()
        if value != "" or name not in _SPARSE
    }


def clipped(text: str) -> str:
    """Return a text that an item may hold: the files have what is longer, word for word.

    A cell may have a million characters, and DynamoDB refuses items over 400 KB:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
    """
    if len(text) * _BYTES_PER_LETTER <= MOST_BYTES or len(text.encode()) <= MOST_BYTES:
        return text
    return text.encode()[: MOST_BYTES - len(_CUT)].decode(errors="ignore") + _CUT.decode()


def _person(planned: PlannedRow) -> str:
    """The row's identity as the `by_person` index has it; of an unsent row, what it would be."""
    identity = planned.identity
    if not identity:
        return ""
    if "@" in identity:
        person = f"EMAIL#{identity}"
    elif identity == profile_slug(planned.linkedin_url).lower():
        person = f"LINKEDIN#{identity}"
    else:  # matched by something else, which is not how anybody is looked for
        return ""
    return person if len(person.encode()) <= MOST_BYTES else ""  # too long for an index


def _members(model: BaseModel) -> dict[str, Any]:
    """Members as DynamoDB takes them; those without a value are left out."""
    members = ((name, _value(name, getattr(model, name))) for name in type(model).model_fields)
    return {name: value for name, value in members if value is not None}


def _value(name: str, value: Any) -> Any:
    if value is None or (value == "" and name not in _TOLD):
        return None
    if name in _TEXTS:
        return clipped(value)
    if name in _OPAQUE:
        if isinstance(value, BaseModel):
            value = value.model_dump(mode="json")
        return _opaque(value) if value else None
    if isinstance(value, BaseModel):
        members = value.model_dump(mode="json")
        return {key: each for key, each in members.items() if each != "" or key != "table"}
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return Decimal(str(value))
    return dict(value) if isinstance(value, Mapping) else value


def _opaque(value: Any) -> str:
    """JSON text, for what no query looks into."""
    return orjson.dumps(value, default=list, option=orjson.OPT_NON_STR_KEYS).decode()


def _decoded(item: Mapping[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """Members of the model, from an item that also has keys and index attributes."""
    members = {name: item[name] for name in model.model_fields if name in item}
    for name in _OPAQUE:
        if isinstance(members.get(name), str):
            members[name] = orjson.loads(members[name])
    return members
