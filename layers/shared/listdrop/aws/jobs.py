"""Jobs, batches, rows, content claims and rate budgets in the one table (design: section 6)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

import orjson
from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError
from pydantic import BaseModel

from listdrop.cells.profiles import profile_slug
from listdrop.errors import ClaimLostError
from listdrop.models import (
    WARNINGS,
    BatchItem,
    Job,
    JobState,
    PlannedRow,
    RowResult,
    Session,
    Submission,
    Ticket,
    Upload,
    iso,
)
from listdrop.providers.routing import parse_route

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

ROWS_PER_KEY = 10_000
_OPEN_STATES = (JobState.PENDING.value, JobState.RUNNING.value)
_OPAQUE = ("destination", "table", "session", "handle", "settled", "retried", "doubtful")
_TOLD = frozenset({"source", "reason", "reason_text"})
"""Members of a job that are there even when they are empty."""
_SPARSE = frozenset({"person", "warning", "warning_text"})
"""Attributes of a row that are there only if they say something; an index takes no empty key."""
_CANCELLED = "TransactionCanceledException"
_PASSING = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
_TRANSACTIONS = 5
_TRIES = 20
_REMEMBERED = timedelta(days=30)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class DynamoJobs:
    """The jobs port on DynamoDB. Every write is keyed, and conditional where two may race."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._client = table.meta.client

    # ------------------------------------------------------------------ jobs

    def begin(self, job: Job, lease_until: datetime) -> Job | None:
        """See the port. The condition makes the first of any number of Submits the only one."""
        item = _job_item(job) | {"planning_until": iso(lease_until)}
        unplanned = Attr("planned_at").not_exists() & Attr("planning_until").lt(iso(job.updated_at))
        try:
            self._table.put_item(Item=item, ConditionExpression=Attr("pk").not_exists() | unplanned)
        except ClientError as error:
            _raise_unless_conflict(error)
            return self.get(job.job_id)
        return None

    def submission(self, upload: Upload) -> Submission | None:
        """See the port."""
        found = self._table.get_item(Key=_upload_key(upload), ConsistentRead=True).get("Item")
        return _submission_of(upload, found) if found else None

    def keep_submission(self, upload: Upload, decided: Submission, now: datetime) -> Submission:
        """See the port."""
        item = _submission_item(upload, decided, now)
        try:
            self._table.put_item(Item=item, ConditionExpression=Attr("pk").not_exists())
        except ClientError as error:
            _raise_unless_conflict(error)
            return self.submission(upload) or decided
        return decided

    def mark_submitted(self, upload: Upload) -> None:
        """See the port."""
        self._table.update_item(
            Key=_upload_key(upload),
            UpdateExpression="SET is_done = :done",
            ExpressionAttributeValues={":done": True},
        )

    def get(self, job_id: str) -> Job:
        """See the port."""
        found = self._table.get_item(Key=_job_key(job_id), ConsistentRead=True).get("Item")
        if found is None:
            raise KeyError(job_id)
        return job_of(found)

    def claim_content(self, content: str, job: Job) -> str:
        """See the port. The claim lives as long as the job."""
        try:
            self._table.put_item(
                Item=_claim_item(content, job), ConditionExpression=Attr("pk").not_exists()
            )
        except ClientError as error:
            _raise_unless_conflict(error)
            key = {"pk": f"CONTENT#{content}", "sk": "CONTENT"}
            found = self._table.get_item(Key=key, ConsistentRead=True).get("Item")
            return str(found["job_id"]) if found else self.claim_content(content, job)
        return job.job_id

    def take_over_content(self, content: str, job: Job, from_job_id: str) -> bool:
        """See the port."""
        try:
            self._table.put_item(
                Item=_claim_item(content, job), ConditionExpression=Attr("job_id").eq(from_job_id)
            )
        except ClientError as error:
            _raise_unless_conflict(error)
            return False
        return True

    def save_plan(self, job: Job, batches: Iterable[BatchItem]) -> None:
        """See the port. The job is stored last: with `planned_at`, its batches are all there."""
        last = 0
        with self._table.batch_writer() as writer:
            for batch in batches:
                writer.put_item(Item=_batch_item(batch, job))
                last = batch.number
            # A Submit that died may have planned more of them.
            for left in self.batches(job.job_id, last + 1):
                writer.delete_item(Key={"pk": f"JOB#{job.job_id}", "sk": _batch_sk(left.number)})
        try:
            self._table.put_item(
                Item=_job_item(job), ConditionExpression=Attr("planned_at").not_exists()
            )
        except ClientError as error:  # planned by another meanwhile: the same plan
            _raise_unless_conflict(error)

    def update(self, job_id: str, **changes: Any) -> None:
        """See the port."""
        self._set(job_id, changes, Attr("state").is_in(list(_OPEN_STATES)))

    def save_session(self, job: Job, session: Session | None) -> Job:
        """See the port."""
        changes = {"session": session, "version": job.version + 1}
        if not self._set(job.job_id, changes, Attr("version").eq(job.version)):
            raise ClaimLostError("another call changed the session")
        return job.model_copy(update=changes)

    def finish(self, job: Job) -> bool:
        """See the port. Batch counters are kept as they are."""
        names = (
            "state",
            "counts",
            "progress",
            "finished_at",
            "updated_at",
            "started_at",
            "results",
            "reason",
            "reason_text",
        )
        changes = {name: getattr(job, name) for name in names}
        return self._set(job.job_id, changes, Attr("state").is_in(list(_OPEN_STATES)))

    def mark_notified(self, job_id: str, now: datetime) -> None:
        """See the port."""
        self._set(job_id, {"notified_at": now}, Attr("pk").exists())

    def _set(self, job_id: str, changes: Mapping[str, Any], condition: Any) -> bool:
        names = {f"#{index}": name for index, name in enumerate(changes)}
        values = {
            f":{index}": _value(name, value) for index, (name, value) in enumerate(changes.items())
        }
        kept = [index for index in range(len(changes)) if values[f":{index}"] is not None]
        gone = [index for index in range(len(changes)) if values[f":{index}"] is None]
        expression = ""
        if kept:
            expression += "SET " + ", ".join(f"#{index} = :{index}" for index in kept)
        if gone:
            expression += " REMOVE " + ", ".join(f"#{index}" for index in gone)
        request: dict[str, Any] = {
            "Key": _job_key(job_id),
            "UpdateExpression": expression,
            "ExpressionAttributeNames": names,
            "ConditionExpression": condition,
        }
        if kept:
            request["ExpressionAttributeValues"] = {f":{i}": values[f":{i}"] for i in kept}
        try:
            self._table.update_item(**request)
        except ClientError as error:
            _raise_unless_conflict(error)
            return False
        return True

    # ------------------------------------------------------------------ batches

    def batches(self, job_id: str, first: int = 1) -> Iterator[BatchItem]:
        """See the port. Pages are read as they are asked for."""
        condition = Key("pk").eq(f"JOB#{job_id}") & Key("sk").between(_batch_sk(first), "BATCH#:")
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table.name,
            KeyConditionExpression=condition,  # type: ignore[arg-type] # a resource's client takes conditions
            ConsistentRead=True,
        )
        for page in pages:
            for item in page["Items"]:
                yield batch_of(job_id, item)

    def save_batch(
        self, batch: BatchItem, *, counts: Mapping[str, int] | None = None, sent: int = 0
    ) -> BatchItem:
        """See the port."""
        saved = batch.model_copy(update={"version": batch.version + 1})
        key = {"pk": f"JOB#{batch.job_id}", "sk": _batch_sk(batch.number)}
        changes = {
            name: value
            for name, value in _members(saved).items()
            if name not in ("job_id", "number")
        }
        names = {f"#{index}": name for index, name in enumerate(changes)} | {"#v": "version"}
        values = {f":{index}": value for index, value in enumerate(changes.values())}
        gone = [
            name
            for name in BatchItem.model_fields
            if name not in changes and name not in ("job_id", "number")
        ]
        names |= {f"#g{index}": name for index, name in enumerate(gone)}
        expression = "SET " + ", ".join(f"#{index} = :{index}" for index in range(len(changes)))
        if gone:
            expression += " REMOVE " + ", ".join(f"#g{index}" for index in range(len(gone)))
        update = {
            "TableName": self._table.name,
            "Key": key,
            "UpdateExpression": expression,
            "ConditionExpression": "#v = :v",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values | {":v": batch.version},
        }
        try:
            if not sent and not counts:
                self._client.update_item(**update)  # type: ignore[arg-type] # keys of a plain dict
            else:
                added = self._added(
                    batch.job_id, counts or {}, sent, int(batch.terminal_at is not None)
                )
                self._transact([{"Update": update}, {"Update": added}])
        except ClientError as error:
            _raise_unless_conflict(error)
            raise ClaimLostError("another call changed the batch") from error
        return saved

    def _transact(self, writes: list[dict[str, Any]]) -> None:
        """Write all or nothing; try again after a conflict with another transaction."""
        for left in reversed(range(_TRANSACTIONS)):
            try:
                self._client.transact_write_items(TransactItems=writes)  # type: ignore[arg-type] # plain dicts
            except ClientError as error:
                reasons: Any = error.response.get("CancellationReasons", [])
                codes = {reason.get("Code") for reason in reasons}
                if not left or "ConditionalCheckFailed" in codes or not codes & _PASSING:
                    raise
            else:
                return

    def _added(
        self, job_id: str, counts: Mapping[str, int], sent: int, ended: int
    ) -> dict[str, Any]:
        names = {"#b": "batches", "#s": "sent", "#t": "terminal"}
        values: dict[str, Any] = {":s": sent, ":t": ended}
        parts = ["#b.#s :s", "#b.#t :t"]
        if counts:
            names["#c"] = "counts"
        for index, (outcome, count) in enumerate(counts.items()):
            names[f"#{index}"] = outcome
            values[f":{index}"] = count
            parts.append(f"#c.#{index} :{index}")
        return {
            "TableName": self._table.name,
            "Key": _job_key(job_id),
            "UpdateExpression": "ADD " + ", ".join(parts),
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }

    # ------------------------------------------------------------------ rows

    def put_rows(self, job: Job, rows: Iterable[tuple[PlannedRow, RowResult]]) -> None:
        """See the port. The batch writer sends what DynamoDB left unprocessed again."""
        if job.row_items == "none":
            return
        with self._table.batch_writer() as writer:
            for planned, result in rows:
                if job.row_items == "all" or result.outcome.is_bad:
                    writer.put_item(Item=_row_item(job, planned, result))


class DynamoBudget:
    """Request slots of accounts: one item each, with the first moment that is still free.

    The moment is a number (microseconds since 1970), so that any number of jobs can move it on at
    once, and none has to try again because of another.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def reserve(self, account: str, *, count: int, gap: float, now: datetime) -> Ticket:
        """See the port. Slots are handed out in order, so jobs of one account queue up."""
        taken = timedelta(seconds=count * gap)
        for _ in range(_TRIES):
            at = self._queue(account, taken, now)
            if at is None and self._move(account, now, now + taken):
                at = now
            if at is not None:
                return Ticket(at=at, count=count, gap=gap)
        raise ClaimLostError("the account's budget is contended")

    def hold(self, account: str, until: datetime) -> None:
        """See the port."""
        self._move(account, until, until)

    def _queue(self, account: str, taken: timedelta, now: datetime) -> datetime | None:
        """Take the first free moments, if they are still to come; returns their beginning."""
        try:
            found = self._table.update_item(
                Key=budget_key(account),
                UpdateExpression="SET free_from = free_from + :taken",
                ConditionExpression="free_from >= :now",
                ExpressionAttributeValues={
                    ":taken": taken // _MICROSECOND,
                    ":now": _microseconds(now),
                },
                ReturnValues="UPDATED_OLD",
            )
        except ClientError as error:
            _raise_unless_conflict(error)
            return None
        return free_moment(found["Attributes"])

    def _move(self, account: str, now: datetime, to: datetime) -> bool:
        """Set the first free moment, if it is past by now; false if it is not."""
        try:
            self._table.update_item(
                Key=budget_key(account),
                UpdateExpression="SET free_from = :to",
                ConditionExpression="attribute_not_exists(free_from) OR free_from < :now",
                ExpressionAttributeValues={":to": _microseconds(to), ":now": _microseconds(now)},
            )
        except ClientError as error:  # held for longer, or another job was faster
            _raise_unless_conflict(error)
            return False
        return True


# ---------------------------------------------------------------- items


def free_moment(item: Mapping[str, Any]) -> datetime:
    """Return the first free moment that a budget's item holds."""
    return _EPOCH + int(str(item["free_from"])) * _MICROSECOND


def budget_key(account: str) -> dict[str, str]:
    """Return the key of an account's budget."""
    return {"pk": f"BUDGET#{account}", "sk": "BUDGET"}


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _job_key(job_id: str) -> dict[str, str]:
    return {"pk": f"JOB#{job_id}", "sk": "JOB"}


def _batch_sk(number: int) -> str:
    return f"BATCH#{number:06d}"


def _job_item(job: Job) -> dict[str, Any]:
    return _members(job) | _job_key(job.job_id) | {"day": iso(job.created_at)[:10]}


def job_of(item: Mapping[str, Any]) -> Job:
    """Return the job that an item holds."""
    return Job.model_validate(_decoded(item, Job))


def _batch_item(batch: BatchItem, job: Job) -> dict[str, Any]:
    key = {"pk": f"JOB#{batch.job_id}", "sk": _batch_sk(batch.number)}
    members = _members(batch)
    del members["job_id"], members["number"]
    return members | key | {"expires_at": job.expires_at}


def batch_of(job_id: str, item: Mapping[str, Any]) -> BatchItem:
    """Return the batch that an item holds."""
    number = int(str(item["sk"]).removeprefix("BATCH#"))
    members = _decoded(item, BatchItem)
    return BatchItem.model_validate(members | {"job_id": job_id, "number": number})


def _submission_item(upload: Upload, decided: Submission, now: datetime) -> dict[str, Any]:
    item = _upload_key(upload) | {"expires_at": int((now + _REMEMBERED).timestamp())}
    if decided.route is None:
        return item | {"reason": decided.reason, "reason_text": decided.reason_text}
    destinations = [each.model_dump(mode="json") for each in decided.route.destinations]
    route = decided.route.model_dump(mode="json") | {"destinations": destinations}
    return item | {"route": orjson.dumps(route).decode(), "retry_of": decided.retry_of}


def _submission_of(upload: Upload, item: Mapping[str, Any]) -> Submission:
    is_done = bool(item.get("is_done"))
    if "route" not in item:
        return Submission(None, "", str(item["reason"]), str(item["reason_text"]), is_done)
    route = parse_route(upload.route, str(item["route"]))
    return Submission(route, str(item["retry_of"]), is_done=is_done)


def _upload_key(upload: Upload) -> dict[str, str]:
    """Hashed, as a key may be of any length, and may hold a name."""
    version = "\n".join((upload.bucket, upload.key, upload.version_id))
    return {"pk": f"UPLOAD#{hashlib.sha256(version.encode()).hexdigest()}", "sk": "UPLOAD"}


def _claim_item(content: str, job: Job) -> dict[str, Any]:
    key = {"pk": f"CONTENT#{content}", "sk": "CONTENT"}
    return key | {"job_id": job.job_id, "expires_at": job.expires_at}


def row_pk(job_id: str, part: int) -> str:
    """Return the key of some of a job's rows; part 0 has the first `ROWS_PER_KEY` - 1."""
    return f"JOB#{job_id}#{part:04d}"


def _row_item(job: Job, planned: PlannedRow, result: RowResult) -> dict[str, Any]:
    key = row_pk(job.job_id, planned.row // ROWS_PER_KEY)
    item: dict[str, Any] = {
        "pk": key,
        "sk": f"ROW#{planned.row:010d}",
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
        item["problem"] = key
    return {name: value for name, value in item.items() if value != "" or name not in _SPARSE}


def _person(planned: PlannedRow) -> str:
    """The row's identity as the `by_person` index has it; of an unsent row, what it would be."""
    identity = planned.identity
    if not identity:
        return ""
    if "@" in identity:
        return f"EMAIL#{identity}"
    if identity == profile_slug(planned.linkedin_url).lower():
        return f"LINKEDIN#{identity}"
    return ""  # matched by something else, which is not how anybody is looked for


def _members(model: BaseModel) -> dict[str, Any]:
    """Members as DynamoDB takes them; those without a value are left out."""
    members = ((name, _value(name, getattr(model, name))) for name in type(model).model_fields)
    return {name: value for name, value in members if value is not None}


def _value(name: str, value: Any) -> Any:
    if value is None or (value == "" and name not in _TOLD):
        return None
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


def _raise_unless_conflict(error: ClientError) -> None:
    """Raise again what is no failed condition; a transaction may also fail for other reasons."""
    code = error.response.get("Error", {}).get("Code")
    reasons: Any = error.response.get("CancellationReasons", [])
    cancelled = any(reason.get("Code") == "ConditionalCheckFailed" for reason in reasons)
    if code != "ConditionalCheckFailedException" and not (code == _CANCELLED and cancelled):
        raise error
