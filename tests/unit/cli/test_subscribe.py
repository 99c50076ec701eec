"""`subscribe`: who is told, by which protocol, of which jobs."""

from __future__ import annotations

import json
from contextlib import nullcontext
from typing import Any

import pytest
from botocore.stub import Stubber

from listdrop.jobs.subscribing import (
    Kind,
    filter_policy,
    in_words,
    kind_of,
    queue_policy,
    subscriber_of,
)
from tests.unit.cli.faked_target import OUTPUTS, FakedTarget, run, stubbed

TOPIC = OUTPUTS["ResultsTopic"]
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:notices"
QUEUE_URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/notices"
SUBSCRIPTION = f"{TOPIC}:0a6ade47-f4f6-4773-863e-be7d1f3f0505"
LOCAL = "http://127.0.0.1:4566"


# ---------------------------------------------------------------- who, and what


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("you@example.com", "email"),
        ("https://hooks.example.com/listdrop?x=1", "https"),
        ("https://sqs.example.com/123456789012/notices", "https"),
        (QUEUE, "queue-arn"),
        ("arn:aws-cn:sqs:cn-north-1:123456789012:notices.fifo", "queue-arn"),
        (QUEUE_URL, "queue-url"),
        ("https://eu-west-1.queue.amazonaws.com/123456789012/notices", "queue-url"),
        (f"{LOCAL}/000000000000/notices", "queue-url"),
        ("notices", "queue-name"),
    ],
)
def test_the_form_tells_who_is_subscribed(text: str, kind: str) -> None:
    assert subscriber_of(text, LOCAL) == (kind, text)


@pytest.mark.parametrize(
    "text",
    [
        "http://hooks.example.com/",
        "arn:aws:lambda:eu-west-1:123456789012:function:x",
        "a b",
        "",
        "@",
    ],
)
def test_who_cannot_be_told_is_said_so(text: str) -> None:
    with pytest.raises(ValueError, match="is not an e-mail address, a queue"):
        subscriber_of(text, None)


def test_a_filter_names_only_what_was_asked_for() -> None:
    assert filter_policy([], [], [], None) == {}
    assert filter_policy(["partial"], ["kakiyo"], ["spring", "autumn"], 3) == {
        "state": ["partial"],
        "provider": ["kakiyo"],
        "route": ["spring", "autumn"],
        "bad_rows": [{"numeric": [">=", 3]}],
    }


@pytest.mark.parametrize(
    ("states", "providers", "routes", "is_fine"),
    [(8, 5, 3, True), (8, 5, 4, False), (0, 5, 30, True), (0, 5, 31, False), (0, 0, 150, True)],
)
def test_a_filter_is_one_that_sns_takes(
    states: int, providers: int, routes: int, is_fine: bool
) -> None:
    wanted = [[f"name-{n}" for n in range(count)] for count in (states, providers, routes)]

    with (
        nullcontext()
        if is_fine
        else pytest.raises(ValueError, match="SNS does not accept a filter")
    ):
        filter_policy(wanted[0], wanted[1], wanted[2], None)


def test_a_filter_has_no_more_keys_than_sns_takes() -> None:
    with pytest.raises(ValueError, match="SNS does not accept a filter"):
        filter_policy([], ["kakiyo"], ["spring"], 3, kind=Kind.JOB, problems=True)


def test_problems_are_bad_ends_and_warnings() -> None:
    assert filter_policy([], [], ["spring"], None, problems=True) == {
        "route": ["spring"],
        "$or": [
            {"state": ["held", "partial", "failed", "expired", "rejected"]},
            {"warnings": [{"numeric": [">", 0]}]},
        ],
    }
    with pytest.raises(ValueError, match="not both"):
        filter_policy(["partial"], [], [], None, problems=True)


@pytest.mark.parametrize(
    ("who", "asked", "providers", "kind"),
    [
        ("you@example.com", None, [], "upload"),
        ("you@example.com", Kind.ALL, [], "all"),
        ("you@example.com", None, ["kakiyo"], "job"),
        ("notices", None, [], "all"),
        ("https://hooks.example.com/", None, [], "all"),
        (QUEUE, Kind.UPLOAD, [], "upload"),
        (QUEUE, None, ["kakiyo"], "job"),
        (QUEUE, Kind.JOB, ["kakiyo"], "job"),
    ],
)
def test_people_are_told_of_uploads_and_programs_of_everything(
    who: str, asked: Kind | None, providers: list[str], kind: str
) -> None:
    assert kind_of(asked, subscriber_of(who, None), providers) == kind


@pytest.mark.parametrize("kind", [Kind.UPLOAD, Kind.ALL])
def test_only_jobs_may_be_selected_by_provider(kind: Kind) -> None:
    with pytest.raises(ValueError, match="leave out --provider, or pass --kind job"):
        kind_of(kind, subscriber_of(QUEUE, None), ["kakiyo"])


def test_a_filter_names_the_kind_unless_it_is_all() -> None:
    assert filter_policy([], [], [], None, kind=Kind.UPLOAD) == {"kind": ["upload"]}
    assert filter_policy([], [], [], None, kind=Kind.ALL) == {}


# ---------------------------------------------------------------- the queue's policy


def test_a_queue_lets_the_topic_in_and_nobody_else() -> None:
    policy = json.loads(queue_policy("", QUEUE, TOPIC) or "")

    (statement,) = policy["Statement"]
    assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
    assert (statement["Action"], statement["Resource"]) == ("sqs:SendMessage", QUEUE)
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": TOPIC}}


def test_a_queue_that_lets_the_topic_in_already_is_left_as_it_is() -> None:
    assert queue_policy(queue_policy("", QUEUE, TOPIC) or "", QUEUE, TOPIC) is None


@pytest.mark.parametrize("as_list", [True, False])
def test_what_else_a_queue_s_policy_says_is_kept(as_list: bool) -> None:
    own: Any = {"Sid": "Mine", "Effect": "Deny", "Principal": "*", "Action": "sqs:*"}
    existing = json.dumps(
        {"Version": "2012-10-17", "Id": "x", "Statement": [own] if as_list else own}
    )

    once = queue_policy(existing, QUEUE, TOPIC) or ""
    other = json.loads(queue_policy(once, QUEUE, f"{TOPIC}-2") or "")

    assert (other["Id"], other["Statement"][0]) == ("x", own)
    assert len(other["Statement"]) == 3


# ---------------------------------------------------------------- the command


def listed(topic: Stubber, *subscriptions: tuple[str, str, str]) -> None:
    names = ("Protocol", "Endpoint", "SubscriptionArn")
    found = [dict(zip(names, each, strict=True)) for each in subscriptions]
    topic.add_response("list_subscriptions_by_topic", {"Subscriptions": found}, {"TopicArn": TOPIC})


def test_an_address_is_subscribed_with_its_filter_and_has_to_be_confirmed() -> None:
    with stubbed("sns") as (sns, topic):
        listed(topic, ("email", "other@example.com", SUBSCRIPTION))
        asked = {
            "TopicArn": TOPIC,
            "Protocol": "email",
            "Endpoint": "you@example.com",
            "Attributes": {"FilterPolicy": '{"kind": ["upload"], "state": ["partial", "failed"]}'},
        }
        topic.add_response("subscribe", {"SubscriptionArn": "pending confirmation"}, asked)

        shown = run(
            FakedTarget(sns=sns), "subscribe", "you@example.com", "--state", "partial,failed"
        )

    assert shown.exit_code == 0
    assert shown.output.splitlines()[0] == (
        "Subscribed by email: you@example.com: all uploads that are partial or failed."
    )
    assert "AWS has sent a confirmation there" in shown.output
    assert "No e-mail will come" not in shown.output


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (filter_policy([], [], [], None), "all uploads and jobs"),
        (
            filter_policy([], [], [], None, kind=Kind.UPLOAD, problems=True),
            "all uploads that are held, partial, failed, expired or rejected, or have warnings",
        ),
        (
            filter_policy(["failed"], ["kakiyo"], ["a", "b"], 1, kind=Kind.JOB),
            "all jobs to kakiyo by the routes a or b with at least 1 bad row that are failed",
        ),
    ],
)
def test_people_are_told_in_words_what_they_get(policy: dict[str, Any], said: str) -> None:
    assert in_words(policy) == said


def test_subscribing_again_changes_the_filter() -> None:
    with stubbed("sns") as (sns, topic):
        listed(topic, ("email", "you@example.com", SUBSCRIPTION))
        asked = {
            "SubscriptionArn": SUBSCRIPTION,
            "AttributeName": "FilterPolicy",
            "AttributeValue": '{"kind": ["upload"]}',
        }
        topic.add_response("set_subscription_attributes", {}, asked)

        shown = run(FakedTarget(sns=sns), "subscribe", "you@example.com", "--json")

    assert json.loads(shown.output) == {
        "subscription_arn": SUBSCRIPTION,
        "pending": False,
        "protocol": "email",
        "endpoint": "you@example.com",
        "filter_policy": {"kind": ["upload"]},
    }


def test_who_has_not_confirmed_yet_is_asked_again() -> None:
    with stubbed("sns") as (sns, topic):
        listed(topic, ("https", "https://hooks.example.com/", "PendingConfirmation"))
        topic.add_response("subscribe", {"SubscriptionArn": "pending confirmation"})

        shown = run(FakedTarget(sns=sns), "subscribe", "https://hooks.example.com/", "--json")

    assert json.loads(shown.output)["pending"] is True


def test_on_a_laptop_nobody_waits_for_an_e_mail() -> None:
    with stubbed("sns") as (sns, topic):
        listed(topic)
        topic.add_response("subscribe", {"SubscriptionArn": "pending confirmation"})
        target = FakedTarget(sns=sns)
        vars(target)["endpoint_url"] = LOCAL

        shown = run(target, "subscribe", "you@example.com")

    assert shown.exit_code == 0
    assert "No e-mail will come: a stack on this machine sends none." in shown.output
    assert "confirmation" not in shown.output


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ParameterNotFound", "There is no route nope yet: see `listdrop route list`.\n"),
        ("AccessDeniedException", ""),
    ],
)
def test_a_route_that_is_not_there_is_warned_of(code: str, said: str) -> None:
    with stubbed("sns") as (sns, topic), stubbed("ssm") as (ssm, routes):
        routes.add_client_error("get_parameter", code)
        listed(topic)
        topic.add_response("subscribe", {"SubscriptionArn": SUBSCRIPTION})

        target = FakedTarget(sns=sns, ssm=ssm)
        shown = run(target, "subscribe", "you@example.com", "--route", "nope")

    assert (shown.exit_code, shown.stderr) == (0, said)


@pytest.mark.parametrize("code", ["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"])
@pytest.mark.parametrize("who", ["wat", QUEUE, QUEUE_URL])
def test_a_queue_that_is_not_there_is_one_plain_sentence(who: str, code: str) -> None:
    with stubbed("sqs") as (sqs, queue):
        asked = "get_queue_attributes" if who == QUEUE_URL else "get_queue_url"
        queue.add_client_error(asked, code, "The specified queue does not exist.")

        shown = run(FakedTarget(sqs=sqs), "subscribe", who)

    assert shown.exit_code == 2
    assert shown.stderr == (
        f"There is no queue {who}. Give an e-mail address, a queue (its ARN, address or name), or "
        "an https:// address.\n"
    )


@pytest.mark.parametrize("who", ["notices", QUEUE, QUEUE_URL])
def test_a_queue_is_opened_to_the_topic_and_subscribed(who: str) -> None:
    with stubbed("sns") as (sns, topic), stubbed("sqs") as (sqs, queue):
        if who != QUEUE_URL:
            named = {"QueueName": "notices"}
            owner = {} if who == "notices" else {"QueueOwnerAWSAccountId": "123456789012"}
            queue.add_response("get_queue_url", {"QueueUrl": QUEUE_URL}, named | owner)
        queue.add_response(
            "get_queue_attributes",
            {"Attributes": {"QueueArn": QUEUE}},
            {"QueueUrl": QUEUE_URL, "AttributeNames": ["QueueArn", "Policy"]},
        )
        policy = {"Policy": queue_policy("", QUEUE, TOPIC)}
        queue.add_response(
            "set_queue_attributes", {}, {"QueueUrl": QUEUE_URL, "Attributes": policy}
        )
        listed(topic)
        asked = {
            "TopicArn": TOPIC,
            "Protocol": "sqs",
            "Endpoint": QUEUE,
            "Attributes": {
                "FilterPolicy": '{"kind": ["job"], "provider": ["kakiyo"]}',
                "RawMessageDelivery": "true",
            },
        }
        topic.add_response("subscribe", {"SubscriptionArn": SUBSCRIPTION}, asked)

        shown = run(FakedTarget(sns=sns, sqs=sqs), "subscribe", who, "--provider", "kakiyo")

    assert (shown.exit_code, shown.stderr) == (0, "")


def test_a_queue_that_cannot_be_opened_is_not_subscribed() -> None:
    with stubbed("sqs") as (sqs, queue):
        queue.add_response("get_queue_attributes", {"Attributes": {"QueueArn": QUEUE}})
        queue.add_client_error("set_queue_attributes", "AccessDenied", "Not you.")

        shown = run(FakedTarget(sqs=sqs), "subscribe", QUEUE_URL)

    assert shown.exit_code == 2
    assert '"aws:SourceArn"' in shown.stderr


@pytest.mark.parametrize(
    "options",
    [
        ["--state", "good"],
        ["--state", "partial,running"],
        ["--provider", "hubspot"],
        ["--bad-rows-at-least", "0"],
        ["--kind", "person"],
        ["--kind", "upload", "--provider", "kakiyo"],
    ],
)
def test_a_filter_that_lets_nothing_through_is_wrong_use(options: list[str]) -> None:
    assert run(FakedTarget(), "subscribe", "you@example.com", *options).exit_code == 2


# ---------------------------------------------------------------- unsubscribe


def unsubscribed(who: str, *found: dict[str, str], gone: int = 1) -> Any:
    """Unsubscribe somebody from a topic with these subscriptions."""
    with stubbed("sns") as (client, sns):
        sns.add_response("list_subscriptions_by_topic", {"Subscriptions": list(found)})
        for each in found[:gone]:
            sns.add_response("unsubscribe", {}, {"SubscriptionArn": each["SubscriptionArn"]})
        return run(FakedTarget(sns=client), "unsubscribe", who)


@pytest.mark.parametrize(
    ("who", "protocol", "endpoint"),
    [
        ("you@example.com", "email", "you@example.com"),
        ("https://hooks.example.com/x", "https", "https://hooks.example.com/x"),
        (QUEUE, "sqs", QUEUE),
        (QUEUE_URL, "sqs", QUEUE),
        ("notices", "sqs", QUEUE),
    ],
)
def test_somebody_is_unsubscribed_by_what_they_were_subscribed_by(
    who: str, protocol: str, endpoint: str
) -> None:
    theirs = {"SubscriptionArn": SUBSCRIPTION, "Protocol": protocol, "Endpoint": endpoint}
    other = {"SubscriptionArn": f"{TOPIC}:1", "Protocol": "email", "Endpoint": "me@example.com"}

    shown = unsubscribed(who, theirs, other)

    assert (shown.exit_code, shown.output) == (0, f"{who} is no longer notified.\n")


def test_nobody_is_unsubscribed_who_is_not_subscribed() -> None:
    shown = unsubscribed("you@example.com")

    assert (shown.exit_code, shown.stderr) == (1, "you@example.com is not subscribed.\n")


def test_a_subscription_that_was_never_confirmed_ends_by_itself() -> None:
    pending = {
        "SubscriptionArn": "PendingConfirmation",
        "Protocol": "email",
        "Endpoint": "you@example.com",
    }

    shown = unsubscribed("you@example.com", pending, gone=0)

    assert shown.exit_code == 2
    assert "was never confirmed" in shown.stderr
