"""`subscribe` and `unsubscribe`: who is notified when uploads and jobs have ended."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from botocore.exceptions import ClientError

from listdrop.aws.subscriptions import PENDING, SnsSubscriptions
from listdrop.jobs.subscribing import (
    Kind,
    Subscriber,
    filter_policy,
    in_words,
    is_of,
    kind_of,
    queue_of_arn,
    queue_policy,
    subscriber_of,
)
from listdrop.models import JobState
from listdrop.providers import REGISTRY
from listdrop_cli.options import JsonOption
from listdrop_cli.output import NO, err, fail, out, show_json
from listdrop_cli.questions import words_of
from listdrop_cli.target import Target, with_target

_TOLD = [state for state in JobState if state.is_terminal or state is JobState.HELD]
_NO_QUEUE = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")


@with_target
def subscribe(
    target: Target,
    who: Annotated[
        str,
        typer.Argument(metavar="WHO", help="An e-mail address, a queue, or an https:// address."),
    ],
    kind: Annotated[
        Kind | None,
        typer.Option(
            help="One notice for an upload, one for each of its jobs, or all of them: by default "
            "upload for an e-mail address, job with --provider, and all for others."
        ),
    ] = None,
    state: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STATE",
            help=f"Only what is in these states: {', '.join(_TOLD)}. An upload's is the worst "
            "of its jobs.",
        ),
    ] = None,
    problems: Annotated[
        bool,
        typer.Option("--problems", help="Only what did not go well, or has warnings."),
    ] = False,
    provider: Annotated[
        list[str] | None, typer.Option(metavar="PROVIDER", help="Only jobs of these providers.")
    ] = None,
    route: Annotated[
        list[str] | None, typer.Option(metavar="ROUTE", help="Only what came by these routes.")
    ] = None,
    bad_rows_at_least: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Only with at least this many bad rows; an upload's are those of all its jobs.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Be notified when uploads have ended: all, or only those that the options select.

    An e-mail address gets one notice for an upload, when all of its jobs have ended. A queue or an
    https address gets that, and one for each job. Subscribing again changes the
    selection. A queue's policy is changed to let the topic in. AWS first sends a confirmation to an
    e-mail address, and nothing more until its link is followed; a stack on a laptop sends no
    e-mail.

    Example: listdrop subscribe you@example.com --problems
    """
    routes = [part.strip() for each in route or () for part in each.split(",")]
    try:
        subscriber = subscriber_of(who, target.endpoint_url)
        states = [each.value for each in words_of(JobState, state or (), _TOLD)]
        providers = _providers(provider or [])
        policy = filter_policy(
            states,
            providers,
            routes,
            bad_rows_at_least,
            kind=kind_of(kind, subscriber, providers),
            problems=problems,
        )
    except ValueError as error:
        fail(str(error))
    topic = target.outputs["ResultsTopic"]
    protocol, endpoint = _reachable(target, subscriber, topic)
    for name in routes:
        _warn_of_route(target, name)
    arn = SnsSubscriptions(target.client("sns"), topic).subscribe(protocol, endpoint, policy)
    if as_json:
        told = {"protocol": protocol, "endpoint": endpoint, "filter_policy": policy}
        show_json({"subscription_arn": arn or PENDING, "pending": not arn} | told)
        return
    out.print(f"Subscribed by {protocol}: {endpoint}: {in_words(policy)}.", markup=False)
    if protocol == "email" and target.is_local:
        out.print("No e-mail will come: a stack on this machine sends none. Subscribe a queue.")
    elif not arn:
        out.print("AWS has sent a confirmation there: follow its link to start the subscription.")


@with_target
def unsubscribe(
    target: Target,
    who: Annotated[
        str,
        typer.Argument(metavar="WHO", help="An e-mail address, a queue, or an https:// address."),
    ],
    as_json: JsonOption = False,
) -> None:
    """No longer notify somebody of uploads and jobs. Alarms are another topic, and stay.

    Exits with 1 if nobody of this name is subscribed. A queue keeps its policy.

    Example: listdrop unsubscribe you@example.com
    """
    try:
        subscriber = subscriber_of(who, target.endpoint_url)
    except ValueError as error:
        fail(str(error))
    subscriptions = SnsSubscriptions(target.client("sns"), target.outputs["ResultsTopic"])
    everybody = subscriptions.all()
    found = [each for each in everybody if is_of(subscriber, each.protocol, each.endpoint)]
    if not found:
        err.print(f"{who} is not subscribed.", markup=False)
        raise typer.Exit(NO)
    ended = [each.name for each in found if each.name]
    if not ended:
        fail(
            f"The subscription of {who} was never confirmed, so nothing is sent there. AWS removes "
            "it by itself after two days."
        )
    for name in ended:
        subscriptions.end(name)
    if as_json:
        show_json({"unsubscribed": ended})
    else:
        out.print(f"{who} is no longer notified.", markup=False)


def _warn_of_route(target: Target, name: str) -> None:
    """Tell of a name that no route has; it may be written later, so it is no error."""
    ssm = target.client("ssm")
    try:
        ssm.get_parameter(Name=f"/{target.stack}/routes/{name}")
    except ssm.exceptions.ParameterNotFound:
        err.print(f"There is no route {name} yet: see `listdrop route list`.", markup=False)
    except ClientError:
        return  # somebody who may subscribe need not be allowed to read routes


def _providers(given: list[str]) -> list[str]:
    names = [part.strip() for each in given for part in each.split(",")]
    for name in names:
        if name not in REGISTRY:
            raise ValueError(f"{name!r} is not one of {', '.join(sorted(REGISTRY))}.")
    return names


def _reachable(target: Target, subscriber: Subscriber, topic: str) -> tuple[str, str]:
    """Return protocol and endpoint; a queue lets the topic in."""
    if subscriber.kind in ("email", "https"):
        return subscriber.kind, subscriber.place
    try:
        arn = _opened_queue(target.client("sqs"), subscriber, topic)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _NO_QUEUE:
            raise
        fail(
            f"There is no queue {subscriber.place}. Give an e-mail address, a queue (its ARN, "
            "address or name), or an https:// address."
        )
    return "sqs", arn


def _opened_queue(sqs: Any, subscriber: Subscriber, topic: str) -> str:
    """Have a queue let the topic in; returns its ARN."""
    url = subscriber.place
    if subscriber.kind == "queue-arn":
        account, name = queue_of_arn(url)
        url = sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
    elif subscriber.kind == "queue-name":
        url = sqs.get_queue_url(QueueName=url)["QueueUrl"]
    wanted = ["QueueArn", "Policy"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=wanted)["Attributes"]
    policy = queue_policy(found.get("Policy", ""), found["QueueArn"], topic)
    if policy is not None:
        try:
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        except ClientError as error:
            fail(f"The queue does not let the topic in, and needs this policy: {policy} ({error})")
    return str(found["QueueArn"])
