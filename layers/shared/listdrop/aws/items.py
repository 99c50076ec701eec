"""Converts models to items of the table and back, see `docs/design.md#dynamodb`."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from itertools import count, takewhile
from typing import Any

import orjson
from boto3.dynamodb.types import Binary
from pydantic import BaseModel

from listdrop.aws import keys
from listdrop.cells.profiles import profile_slug
from listdrop.models import (
    BatchItem,
    EndedJob,
    Job,
    NamedTable,
    PlannedRow,
    ReasonCount,
    Route,
    RowResult,
    Submission,
    Upload,
    iso,
    warning_text,
    warnings_of,
)
from listdrop.models.routes import LONGEST_JOB

_OPAQUE = (
    "destination", "table", "session", "handle", "settled", "retried", "doubtful", "parts", "split",
    "left_out",
)  # fmt: skip
_RESULTS = "settled"
"""Of up to 5,000 rows, each with its provider's words."""
_LONG = frozenset({"destination", "table"})
"""Members of a job that are compressed if they are long, as lists of jobs read them, too."""
_TOLD = frozenset({"source", "reason", "reason_text", "raw_status"})
"""Members of a job or a batch that are stored even if they are empty."""
_TEXTS = frozenset({"reason_text", "stop_text"})
"""Members of a job that may quote a long text."""
_SPARSE = frozenset({"person", "warning", "warning_text"})
"""Attributes of a row that are left out if empty; an index does not allow an empty key."""
_REMEMBERED = LONGEST_JOB + timedelta(days=1)
"""How long is known what was decided of an upload, and how many jobs it has: Finish looks whether
all have ended."""
_HELD_LONGER = timedelta(days=2)
"""How long a job stays in the list of held ones after its time, for a Sweep that fails at times."""
_JOB_IDS = "job_ids"
_DECIDED = "decided_route"
"""Not `route`: that is an index key, and DynamoDB refuses items with too long keys."""

MOST_BYTES = 2048
"""The most bytes of an attribute and of a partition key; a sort key may have 1,024."""

_MOST_OF_A_REASON = 320
"""Bytes of each reason of an ended job, so that five of them stay under `MOST_BYTES`."""

_MOST_OPAQUE = 256 * 1024
"""The most bytes of one opaque attribute, so that the item stays under 400 KB."""
_PLAIN_BYTES = 16 * 1024
"""Longer ones are compressed."""

_BYTES_PER_LETTER = 4
_CUT = "…".encode()


def job_item(job: Job) -> dict[str, Any]:
    """Return the item of a job."""
    members = {name: value for name, value in members_of(job).items() if name != "items_of"}
    return members | keys.job(job.job_id) | {"day": iso(job.created_at)[:10]}


def job_of(item: Mapping[str, Any]) -> Job:
    """Return the job in an item."""
    return Job.model_validate(_decoded(item, Job))


def progress_item(job: Job) -> dict[str, Any]:
    """Return the item of a job's progress. It may not have a name that is an index's key."""
    told = {"counts": dict(job.counts), "batches": dict(job.batches), "expires_at": job.expires_at}
    moment = {"progressed_at": iso(job.progressed_at)} if job.progressed_at else {}
    return keys.progress(job.job_id) | told | moment


def batch_item(batch: BatchItem, job: Job) -> dict[str, Any]:
    """Return the item of a batch."""
    members = members_of(batch)
    del members["job_id"], members["number"]
    return members | keys.batch(batch.job_id, batch.number) | {"expires_at": job.expires_at}


def batch_of(job_id: str, item: Mapping[str, Any]) -> BatchItem:
    """Return the batch in an item."""
    number = keys.batch_number(str(item["sk"]))
    members = _decoded(item, BatchItem)
    if told := members.get("told"):
        members["told"] = bytes(told)
    return BatchItem.model_validate(members | {"job_id": job_id, "number": number})


def submission_item(upload: Upload, decided: Submission, now: datetime) -> dict[str, Any]:
    """Return the item of what was decided about an upload."""
    item = keys.upload(upload) | {"expires_at": int((now + _REMEMBERED).timestamp())}
    if decided.route is None:
        return item | {"reason": decided.reason, "reason_text": decided.reason_text}
    destinations = [each.model_dump(mode="json") for each in decided.route.destinations]
    route = decided.route.model_dump(mode="json") | {"destinations": destinations}
    text = orjson.dumps(route).decode()
    named = {
        "named": [list(ids) for ids in decided.named],
        "is_correction": decided.is_correction,
        "by_row": decided.by_row,
        "dropped_by": decided.dropped_by,
        "tables": [[each.table, list(each.job_ids), each.is_correction] for each in decided.tables],
    }
    return item | named | _in_parts(_DECIDED, text)


def ended_item(job: Job, ended: EndedJob) -> dict[str, Any]:
    """Return the item of a job of an upload that has ended."""
    return keys.ended(job.upload, job.job_id) | {
        "reasons": [
            [each.outcome, clipped(each.reason, _MOST_OF_A_REASON), each.rows]
            for each in ended.reasons
        ],
        "expires_at": job.expires_at,
    }


def ended_of(item: Mapping[str, Any]) -> EndedJob:
    """Return the ended job in an item."""
    return EndedJob(
        str(item["sk"]).removeprefix(keys.ENDED),
        tuple(ReasonCount(outcome, text, int(rows)) for outcome, text, rows in item["reasons"]),
    )


def held_item(job: Job, until: datetime) -> dict[str, Any]:
    """Return the item of a held job in the list of them, by when it is refused."""
    expires_at = int((until + _HELD_LONGER).timestamp())
    return keys.held(job.job_id, iso(until)) | {"job_id": job.job_id, "expires_at": expires_at}


def update_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of an `UpdateItem` that stores an item, for who may not `PutItem`."""
    members = [(name, value) for name, value in item.items() if name not in ("pk", "sk")]
    numbers = range(len(members))
    return {
        "Key": {"pk": item["pk"], "sk": item["sk"]},
        "UpdateExpression": "SET " + ", ".join(f"#{number} = :{number}" for number in numbers),
        "ExpressionAttributeNames": {f"#{number}": members[number][0] for number in numbers},
        "ExpressionAttributeValues": {f":{number}": members[number][1] for number in numbers},
    }


def _in_parts(name: str, text: str) -> dict[str, str]:
    """Split a long text into several attributes, as a route may be longer than one may be."""
    size = MOST_BYTES // (1 if text.isascii() else _BYTES_PER_LETTER)
    parts = (text[start : start + size] for start in range(0, len(text), size))
    return {f"{name}_{number}": part for number, part in enumerate(parts)}


def _from_parts(name: str, item: Mapping[str, Any]) -> str:
    parts = (str(item.get(f"{name}_{number}", "")) for number in count())
    return "".join(takewhile(bool, parts))


def submission_of(
    upload: Upload, item: Mapping[str, Any], parse: Callable[[str, str], Route]
) -> Submission:
    """Return what was decided about an upload, from its item."""
    is_done = bool(item.get("is_done"))
    text = _from_parts(_DECIDED, item)
    if not text:
        return Submission.rejected(str(item["reason"]), str(item["reason_text"]), is_done=is_done)
    return Submission(
        parse(upload.route, text),
        tuple(tuple(map(str, ids)) for ids in item["named"]),
        is_correction=bool(item["is_correction"]),
        by_row=bool(item["by_row"]),
        is_done=is_done,
        dropped_by=str(item.get("dropped_by", "")),
        tables=tuple(
            NamedTable(str(table), tuple(map(str, job_ids)), bool(is_correction))
            for table, job_ids, is_correction in item.get("tables", ())
        ),
        job_ids=_unpacked(_from_parts(_JOB_IDS, item)),
    )


def expected_item(upload: Upload, jobs: int, job_ids: Sequence[str]) -> dict[str, Any]:
    """Return the members of an upload's item that tell of its jobs, and its key."""
    return keys.upload(upload) | {"jobs": jobs} | _in_parts(_JOB_IDS, _packed(job_ids))


def _packed(job_ids: Sequence[str]) -> str:
    """Return ids in a few letters each: a hundred tables may have thousands of jobs."""
    return b64encode(zlib.compress(" ".join(job_ids).encode())).decode() if job_ids else ""


def _unpacked(packed: str) -> tuple[str, ...]:
    return tuple(zlib.decompress(b64decode(packed)).decode().split()) if packed else ()


def claim_item(content: str, job: Job) -> dict[str, Any]:
    """Return the item of a claim on a content."""
    return keys.content(content) | {"job_id": job.job_id, "expires_at": job.expires_at}


def row_item(job: Job, planned: PlannedRow, result: RowResult) -> dict[str, Any]:
    """Return the item of a row."""
    key = keys.row(job.job_id, planned.row)
    warning = warnings_of(planned, result) if result.warning else planned.warning
    item: dict[str, Any] = {
        **key,
        "job_id": job.job_id,
        "provider": job.provider,
        "row": planned.row,
        "line": planned.line,
        "outcome": result.outcome.value,
        "reason": result.reason,
        "reason_text": result.sentence,
        "warning": warning,
        "warning_text": warning_text(warning),
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


def clipped(text: str, most: int = MOST_BYTES) -> str:
    """Cut a text to `most` bytes for an item. The result files have the complete text.

    A cell may have a million characters, but DynamoDB refuses items over 400 KB:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
    """
    if len(text) * _BYTES_PER_LETTER <= most or len(text.encode()) <= most:
        return text
    return text.encode()[: most - len(_CUT)].decode(errors="ignore") + _CUT.decode()


def _person(planned: PlannedRow) -> str:
    """Return the row's key in the index `by_person`, also for a row that was not sent."""
    identity = planned.identity
    if not identity:
        return ""
    if "@" in identity:
        person = f"EMAIL#{identity}"
    elif identity == profile_slug(planned.linkedin_url).lower():
        person = f"LINKEDIN#{identity}"
    else:  # matched by another field, by which nobody searches
        return ""
    return person if len(person.encode()) <= MOST_BYTES else ""  # too long for an index


def members_of(model: BaseModel) -> dict[str, Any]:
    """Return a model's members for DynamoDB, without those that are `None`."""
    members = ((name, value_of(name, getattr(model, name))) for name in type(model).model_fields)
    return {name: value for name, value in members if value is not None}


def value_of(name: str, value: Any) -> Any:
    """Return a member's value for DynamoDB; `None` for one that is not stored."""
    if value is None or value == b"" or (value == "" and name not in _TOLD):
        return None
    if name in _TEXTS:
        return clipped(value)
    if name in _OPAQUE:
        return _opaque_value(name, value) if value else None
    if isinstance(value, BaseModel):
        members = value.model_dump(mode="json", exclude_none=True)
        members |= {key: iso(each) for key, each in value if isinstance(each, datetime)}
        return {key: each for key, each in members.items() if each != "" or key != "table"}
    if isinstance(value, tuple):
        return [value_of("", each) for each in value]
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return Decimal(str(value))
    return dict(value) if isinstance(value, Mapping) else value


def _opaque_value(name: str, value: Any) -> str | bytes:
    if name == _RESULTS:
        return _results(value)
    text = _opaque(value)
    return zlib.compress(text.encode()) if name in _LONG and len(text) > MOST_BYTES else text


def _opaque(value: Any) -> str:
    """Return JSON text, for members that queries never look into."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return list(value.members if isinstance(value, RowResult) else value)


def _results(settled: Mapping[int, RowResult]) -> str | bytes:
    """Return results of rows as JSON, compressed if it is long.

    Only where even that is too long, reasons and references are cut: an item that DynamoDB refuses
    would lose them all.
    """
    text = _opaque(settled)
    if len(text) <= _PLAIN_BYTES:
        return text
    most = MOST_BYTES
    while len(packed := zlib.compress(text.encode())) > _MOST_OPAQUE:
        most //= 2
        text = _opaque(
            {
                row: result._replace(
                    reason=result.reason[:most],
                    reason_text="",
                    provider_ref=result.provider_ref[:most],  # else it might never be short enough
                    raw_status="",
                )
                for row, result in settled.items()
            }
        )
    return packed


def _decoded(item: Mapping[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """Return the model's members from an item that also has keys and index attributes."""
    members = {name: item[name] for name in model.model_fields if name in item}
    for name in _OPAQUE:
        value = members.get(name)
        if isinstance(value, Binary | bytes):
            packed: Any = value  # boto3 gives what it read in a box
            value = zlib.decompress(getattr(packed, "value", packed))
        if isinstance(value, str | bytes):
            members[name] = orjson.loads(value)
    return members
