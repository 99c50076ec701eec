"""Whether a stack works: what `doctor` looks at. Nothing is changed, and nothing is imported."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import BotoCoreError, ClientError

from listdrop.aws import keys
from listdrop.aws.subscriptions import ENDED, PENDING
from listdrop.errors import UploadRejectedError
from listdrop.notices.wording import plural
from listdrop.providers import REGISTRY
from listdrop.providers.routing import parse_route
from listdrop_cli.account_probes import probe_stored
from listdrop_cli.lookups import missing_list
from listdrop_cli.target import Target

SWEPT_WITHIN = timedelta(minutes=45)
"""Sweep runs each quarter of an hour."""
OVERDUE = timedelta(hours=1)
"""How long after its deadline a job has surely ended, if all is well."""
_READ_FOLDERS = ("inbox/", "suppression/", "staged/")
"""Of the uploads bucket: what is dropped, lists of people who are never written to, and files that
somebody looks at in the dashboard."""
_MOST_NAMES = 1_000
_SHOWN_NAMES = 3
_MANUAL = "docs/operations.md"


class Finding(NamedTuple):
    """What was looked at, whether it is as it should be, and a sentence: if not, what to do."""

    item: str
    is_ok: bool
    text: str


Check = Callable[[Target, datetime], Iterator[Finding]]


def examine(target: Target, now: datetime, *, accounts: bool = True) -> Iterator[Finding]:
    """Yield what is found, item by item. What may not be looked at is a problem, too.

    With `accounts`, each provider is asked whether it takes the account's key.
    """
    checks: dict[str, Check] = {
        "stack": _stack,
        "uploads": _uploads,
        "outside inbox": _outside,
        "queue": _queue,
        "dead letters": _dead_letters,
        "alarms": _alarms,
        "subscriptions": _subscriptions,
        "routes": _routes,
        **({"accounts": _accounts} if accounts else {}),
        "workflows": _workflows,
        "sweep": _sweep,
        "quotas": _quotas,
    }
    for item, check in checks.items():
        try:
            yield from check(target, now)
        except (ClientError, BotoCoreError) as error:
            yield Finding(item, False, f"It could not be looked at. AWS: {error}")


def _stack(target: Target, now: datetime) -> Iterator[Finding]:
    del now
    state = _described(target)["StackStatus"]
    if state in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"):
        yield Finding("stack", True, f"It is deployed ({state}).")
    elif state.endswith("_IN_PROGRESS"):
        yield Finding("stack", False, f"A deployment is going on ({state}): look again afterwards.")
    else:
        yield Finding(
            "stack",
            False,
            f"The last deployment failed ({state}): `aws cloudformation describe-stack-events "
            f"--stack-name {target.stack}` says why. Then run `make deploy` again.",
        )


def _described(target: Target) -> Any:
    return target.client("cloudformation").describe_stacks(StackName=target.stack)["Stacks"][0]


def _uploads(target: Target, now: datetime) -> Iterator[Finding]:
    del now
    s3, bucket = target.client("s3"), target.outputs["UploadsBucket"]
    queue = target.outputs["SubmitQueue"].rsplit("/", 1)[-1]
    told = s3.get_bucket_notification_configuration(Bucket=bucket)
    is_told = any(
        each["QueueArn"].rsplit(":", 1)[-1] == queue for each in told.get("QueueConfigurations", ())
    )
    is_versioned = s3.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled"
    if is_told and is_versioned:
        yield Finding("uploads", True, f"Files under s3://{bucket}/inbox/ are announced.")
    if not is_told:
        yield Finding(
            "uploads",
            False,
            f"Nobody is told of files in {bucket}: its event for the queue {queue} is gone. Run "
            "`make deploy` again after a change to the template, or set the event by hand.",
        )
    if not is_versioned:
        yield Finding("uploads", False, f"The bucket {bucket} keeps no versions: turn them on.")


def _outside(target: Target, now: datetime) -> Iterator[Finding]:
    """Look for files that nothing happens to. Of a folder, only its first page is read."""
    del now
    s3, bucket = target.client("s3"), target.outputs["UploadsBucket"]
    top = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    names = [each["Key"] for each in top.get("Contents", ())]
    is_all = not top.get("IsTruncated")
    folders = [each["Prefix"] for each in top.get("CommonPrefixes", ())]
    for folder in (each for each in folders if each not in _READ_FOLDERS):
        if len(names) >= _MOST_NAMES:
            is_all = False
            break
        found = s3.list_objects_v2(Bucket=bucket, Prefix=folder)
        names += [each["Key"] for each in found.get("Contents", ())]
        is_all = is_all and not found.get("IsTruncated")
    names = [name for name in names if not name.endswith("/")]
    if not names:
        yield Finding(
            "outside inbox", True, "Every file in the uploads bucket is where it is read."
        )
        return
    count = plural(len(names), "file") if is_all else f"At least {plural(len(names), 'file')}"
    are = "is" if is_all and len(names) == 1 else "are"
    shown = ", ".join(f"{name[:80]!r}" for name in names[:_SHOWN_NAMES])
    yield Finding(
        "outside inbox",
        False,
        f"{count} in {bucket} {are} outside inbox/, and not imported: {shown}"
        f"{', …' if len(names) > _SHOWN_NAMES else ''}. Move what you want imported, as with "
        f"`aws s3 mv s3://{bucket}/people.csv s3://{bucket}/inbox/ROUTE/people.csv`, and delete "
        "the rest.",
    )


def _queue(target: Target, now: datetime) -> Iterator[Finding]:
    del now
    mapping = _mapping(target)
    state = mapping.get("State", "missing")
    waiting = _messages(target, target.outputs["SubmitQueue"])
    if state == "Enabled":
        yield Finding("queue", True, f"Submit is called; uploads that wait: {waiting}.")
    else:
        text = f"Submit is not called, as its event source is {state}: {_manual('OldUploads')}."
        yield Finding("queue", False, text)


def _mapping(target: Target) -> Any:
    found = target.client("lambda").list_event_source_mappings(
        FunctionName=f"{target.stack}-submit"
    )["EventSourceMappings"]
    return found[0] if found else {}


def _dead_letters(target: Target, now: datetime) -> Iterator[Finding]:
    del now
    resource = target.client("cloudformation").describe_stack_resource(
        StackName=target.stack, LogicalResourceId="FinishDeadLetterQueue"
    )["StackResourceDetail"]
    queues = {
        "upload": (target.outputs["SubmitDeadLetterQueue"], "DeadLetters"),
        "job": (resource["PhysicalResourceId"], "UnfinishedJobs"),
    }
    is_ok = True
    for what, (url, section) in queues.items():
        if count := _messages(target, url):
            is_ok = False
            text = f"{plural(count, what)} could not be processed: {_manual(section)}."
            yield Finding("dead letters", False, text)
    if is_ok:
        yield Finding("dead letters", True, "There are none.")


def _messages(target: Target, url: str) -> int:
    name = "ApproximateNumberOfMessages"
    found = target.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[name])
    return int(found["Attributes"][name])


def _alarms(target: Target, now: datetime) -> Iterator[Finding]:
    del now
    prefix = f"{target.stack}-"
    # The stack's name, the name in the template, and what CloudFormation puts behind: the prefix is
    # also that of a stack with a longer name.
    name = re.compile(rf"{re.escape(prefix)}([A-Za-z0-9]+)-[A-Za-z0-9]+")
    pages = target.client("cloudwatch").get_paginator("describe_alarms")
    ringing = [
        found[1]
        for page in pages.paginate(AlarmNamePrefix=prefix, StateValue="ALARM")
        for each in page["MetricAlarms"]
        if (found := name.fullmatch(each["AlarmName"]))
    ]
    if ringing:
        names = ", ".join(sorted(ringing))
        yield Finding("alarms", False, f"In alarm: {names}. {_MANUAL} has a section on each.")
    else:
        yield Finding("alarms", True, "No alarm is raised.")


def _subscriptions(target: Target, now: datetime) -> Iterator[Finding]:
    del now
    pages = target.client("sns").get_paginator("list_subscriptions_by_topic")
    is_ok = True
    for what, output in (("uploads", "ResultsTopic"), ("alarms", "AlarmsTopic")):
        found = [
            each
            for page in pages.paginate(TopicArn=target.outputs[output])
            for each in page["Subscriptions"]
            if each["SubscriptionArn"] != ENDED
        ]
        pending = sum(each["SubscriptionArn"] == PENDING for each in found)
        if pending:
            is_ok = False
            are = "is" if pending == 1 else "are"
            text = f"{plural(pending, 'subscription')} to news of {what} {are} not confirmed yet."
            yield Finding("subscriptions", False, f"{text} AWS has sent a link to confirm it.")
        elif not found and not target.is_local:
            is_ok = False
            yield Finding("subscriptions", False, f"Nobody is told of {what}: {_HOW[what]}.")
        if what == "uploads" and (twice := sum(_is_told_twice(target, each) for each in found)):
            is_ok = False
            get = "gets" if twice == 1 else "get"
            text = f"{plural(twice, 'e-mail subscription')} without a filter on `kind` {get} each"
            how = "`listdrop subscribe` with the same address limits it to uploads"
            yield Finding(
                "subscriptions", False, f"{text} upload's e-mail and its jobs', too: {how}."
            )
    if is_ok:
        yield Finding("subscriptions", True, "All are confirmed.")


def _is_told_twice(target: Target, subscription: dict[str, str]) -> bool:
    """Whether somebody gets e-mails of both uploads and jobs; older versions subscribed so."""
    arn = subscription["SubscriptionArn"]
    if subscription.get("Protocol") != "email" or not arn.startswith("arn:"):
        return False
    asked = target.client("sns").get_subscription_attributes(SubscriptionArn=arn)
    return "kind" not in json.loads(asked["Attributes"].get("FilterPolicy") or "{}")


_HOW = {
    "uploads": "`listdrop subscribe you@example.com`",
    "alarms": f"see Be told of alarms in {_MANUAL}",
}


def _routes(target: Target, now: datetime) -> Iterator[Finding]:
    del now
    is_ok, names = True, []
    for name, text in _stored_routes(target):
        names.append(name)
        try:
            route = parse_route(name, text, kept_days=target.kept_days)
        except UploadRejectedError as error:
            is_ok = False
            yield Finding("routes", False, f"{error.text} Correct it with `listdrop route put`.")
        else:
            if said := missing_list(target, route):
                is_ok = False
                yield Finding("routes", False, f"Route {name!r}: {said}")
    if not names:
        yield Finding("routes", False, "There are none yet: `listdrop route put FILE`.")
    elif is_ok:
        yield Finding("routes", True, f"Each can be used: {', '.join(names)}.")


def _stored_routes(target: Target) -> list[tuple[str, str]]:
    folder = f"/{target.stack}/routes/"
    pages = target.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=folder)
    found = pages.search("Parameters[]")
    return sorted((each["Name"].removeprefix(folder), each["Value"]) for each in found if each)


def _accounts(target: Target, now: datetime) -> Iterator[Finding]:
    del now
    for provider, account in _used_accounts(target):
        item = f"account {provider}/{account}"
        try:
            result, text = probe_stored(target, REGISTRY[provider], account)
        except UploadRejectedError as error:
            yield Finding(item, False, error.text)
        except GetParameterError as error:
            yield Finding(item, False, f"It could not be read. AWS: {error}")
        else:
            yield Finding(item, result in ("good", "untestable"), text)


def _used_accounts(target: Target) -> Sequence[tuple[str, str]]:
    """Return the accounts that routes send to."""
    used = set()
    for name, text in _stored_routes(target):
        try:
            route = parse_route(name, text)
        except UploadRejectedError:
            continue
        used |= {(each.provider, each.account) for each in route.destinations}
    return sorted(used)


def _workflows(target: Target, now: datetime) -> Iterator[Finding]:
    states = target.client("stepfunctions")
    pages = states.get_paginator("list_executions").paginate(
        stateMachineArn=target.outputs["ImportStateMachine"], statusFilter="RUNNING"
    )
    # Every page: the newest come first, and what is overdue is old.
    # https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html
    running = [each for page in pages for each in page["executions"]]
    overdue = []
    for each in running:
        if each["startDate"] > now - OVERDUE:
            continue
        turn = json.loads(
            states.describe_execution(executionArn=each["executionArn"]).get("input", "{}")
        )
        ends_at = turn.get("deadline_at")
        if ends_at and datetime.fromisoformat(ends_at) < now - OVERDUE:
            overdue.append(turn["job_id"])
    if overdue:
        names = ", ".join(overdue[:5])
        text = f"{plural(len(overdue), 'job')} should have ended over an hour ago: {names}."
        yield Finding("workflows", False, f"{text} {_manual('UnfinishedJobs')}.")
    else:
        yield Finding("workflows", True, f"Jobs that run: {len(running)}, none past its deadline.")


def _sweep(target: Target, now: datetime) -> Iterator[Finding]:
    found = target.table().get_item(Key=keys.SWEEP).get("Item", {})
    if swept_at := found.get("swept_at"):
        is_ok = datetime.fromisoformat(str(swept_at)) > now - SWEPT_WITHIN
        text = f"Lost uploads were last looked for at {swept_at}."
        yield Finding("sweep", is_ok, text if is_ok else f"{text} {_manual('FunctionErrors')}.")
        return
    is_young = _described(target)["CreationTime"].astimezone(UTC) > now - SWEPT_WITHIN
    if is_young or target.is_local:
        yield Finding("sweep", True, "Lost uploads have not been looked for yet.")
    else:
        text = f"Lost uploads have not been looked for: {_manual('FunctionErrors')}."
        yield Finding("sweep", False, text)


def _quotas(target: Target, now: datetime) -> Iterator[Finding]:
    del now
    settings = target.client("lambda").get_account_settings()["AccountLimit"]
    most, free = settings["ConcurrentExecutions"], settings["UnreservedConcurrentExecutions"]
    uploads = _mapping(target).get("ScalingConfig", {}).get("MaximumConcurrency", 0)
    text = f"{most} functions may run at once in this account, {uploads} of them to read uploads."
    if free > uploads:
        yield Finding("quotas", True, text)
    else:
        more = (
            "Jobs would have to wait for uploads: lower the parameter UploadsAtOnce, or ask AWS for"
            " more concurrent executions."
        )
        yield Finding("quotas", False, f"{text} {more}")


def _manual(section: str) -> str:
    return f"see {section} in {_MANUAL}"
