"""Subscriptions: who is told, by which protocol, of which uploads and jobs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from math import prod
from typing import Any, Literal, NamedTuple

from listdrop.cells.emails import is_email
from listdrop.models import PROBLEMS
from listdrop.notices.wording import plural

_QUEUE_ARN = re.compile(r"arn:aws[a-z-]*:sqs:([a-z0-9-]+):(\d{12}):([A-Za-z0-9_.-]+)")
_QUEUE_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}(?:\.fifo)?")
_QUEUE_HOST = re.compile(
    r"https://(?:sqs\.[a-z0-9-]+|[a-z0-9-]+\.queue|queue)\.amazonaws\.com(?:\.cn)?/"
)
_STATEMENT = "ListdropResults"


class Kind(StrEnum):
    """Of what a notice is."""

    UPLOAD = "upload"
    JOB = "job"
    ALL = "all"


class Subscriber(NamedTuple):
    """Where notices go: an address, a web hook, or a queue by its ARN, address or name."""

    kind: Literal["email", "https", "queue-arn", "queue-url", "queue-name"]
    place: str


def subscriber_of(text: str, endpoint_url: str | None) -> Subscriber:
    """Tell from its form what to subscribe. Raises `ValueError` with a sentence."""
    if _QUEUE_ARN.fullmatch(text):
        return Subscriber("queue-arn", text)
    if _QUEUE_HOST.match(text) or (
        endpoint_url and text.startswith(f"{endpoint_url.rstrip('/')}/")
    ):
        return Subscriber("queue-url", text)
    if text.startswith("https://"):
        return Subscriber("https", text)
    if is_email(text):
        return Subscriber("email", text)
    if _QUEUE_NAME.fullmatch(text):
        return Subscriber("queue-name", text)
    raise ValueError(
        f"{text!r} is not an e-mail address, a queue (its ARN, address or name) or an https:// "
        "address."
    )


def queue_of_arn(arn: str) -> tuple[str, str]:
    """Return the account and the name of a queue."""
    found = _QUEUE_ARN.fullmatch(arn)
    if found is None:
        raise ValueError(f"{arn!r} is not the ARN of a queue.")
    return found[2], found[3]


def is_of(subscriber: Subscriber, protocol: str, endpoint: str) -> bool:
    """Whether a subscription is a subscriber's. Of a queue, which may be gone, by its name."""
    if subscriber.kind in ("email", "https", "queue-arn"):
        wanted = "sqs" if subscriber.kind == "queue-arn" else subscriber.kind
        return (protocol, endpoint) == (wanted, subscriber.place)
    name = subscriber.place.rsplit("/", 1)[-1]
    return protocol == "sqs" and endpoint.rsplit(":", 1)[-1] == name


def kind_of(asked: Kind | None, subscriber: Subscriber, providers: Sequence[str]) -> Kind:
    """Return of what somebody is told: as they asked, or else as suits them.

    People get one e-mail for an upload, programs everything. Only notices of jobs name a provider.
    Raises `ValueError` with a sentence where providers are asked for of others.
    """
    if providers:
        if asked not in (None, Kind.JOB):
            raise ValueError(
                "A notice of an upload names no provider, as it is of all destinations: leave out "
                "--provider, or pass --kind job."
            )
        return Kind.JOB
    return asked or (Kind.UPLOAD if subscriber.kind == "email" else Kind.ALL)


def filter_policy(
    states: Sequence[str],
    providers: Sequence[str],
    routes: Sequence[str],
    bad_rows: int | None,
    *,
    kind: Kind = Kind.ALL,
    problems: bool = False,
) -> dict[str, Any]:
    """Return the SNS filter policy that lets through only these; empty lets all through.

    `problems`: only what ended with bad rows, or with a warning. Raises `ValueError` where states
    are given as well.
    """
    policy: dict[str, Any] = {} if kind is Kind.ALL else {"kind": [kind.value]}
    if problems:
        if states:
            raise ValueError("Pass --problems or --state, but not both.")
        policy["$or"] = [
            {"state": [state.value for state in PROBLEMS]},
            {"warnings": [{"numeric": [">", 0]}]},
        ]
    for name, wanted in (("state", states), ("provider", providers), ("route", routes)):
        if wanted:
            policy[name] = list(wanted)
    if bad_rows is not None:
        policy["bad_rows"] = [{"numeric": [">=", bad_rows]}]
    _check_size(policy)
    return policy


MOST_KEYS, MOST_COMBINATIONS = 5, 150
"""https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html"""


def _check_size(policy: Mapping[str, Any]) -> None:
    """Raise `ValueError` if SNS would refuse a policy: for its keys, or combinations of values."""
    either: list[dict[str, Any]] = policy.get("$or", [{}])
    plain = {name: wanted for name, wanted in policy.items() if name != "$or"}
    combinations = sum(
        prod(map(len, values)) for values in ((plain | each).values() for each in either)
    )
    keys = plain.keys() | {name for each in either for name in each}
    if len(keys) > MOST_KEYS or combinations > MOST_COMBINATIONS:
        raise ValueError(
            "SNS does not accept a filter with this many states, providers and routes: name fewer, "
            "or leave out an option where all are meant."
        )


_OF_ALL = {"upload": "all uploads", "job": "all jobs"}


def in_words(policy: Mapping[str, Any]) -> str:
    """Return what such a filter policy lets through, for the end of a sentence."""
    found = [_OF_ALL.get(policy.get("kind", [""])[0], "all uploads and jobs")]
    if providers := policy.get("provider"):
        found.append(f"to {_any_of(providers)}")
    if routes := policy.get("route"):
        found.append(f"by the {'route' if len(routes) == 1 else 'routes'} {_any_of(routes)}")
    if bad_rows := policy.get("bad_rows"):
        found.append(f"with at least {plural(bad_rows[0]['numeric'][1], 'bad row')}")
    if states := policy.get("state"):
        found.append(f"that are {_any_of(states)}")
    if "$or" in policy:
        found.append(f"that are {_any_of(list(PROBLEMS))}, or have warnings")
    return " ".join(found)


def _any_of(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def queue_policy(existing: str, queue_arn: str, topic_arn: str) -> str | None:
    """Return a queue's policy with the topic let in; `None` if it is in already.

    What else it says is kept; of other topics of ours, too.
    """
    policy: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}
    if existing:
        policy = json.loads(existing)
    statements = policy["Statement"]
    if isinstance(statements, dict):
        statements = [statements]
    allowing = {
        "Sid": f"{_STATEMENT}{_digits(topic_arn)}",
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
    }
    if allowing in statements:
        return None
    kept = [each for each in statements if each.get("Sid") != allowing["Sid"]]
    return json.dumps(policy | {"Statement": [*kept, allowing]})


def _digits(topic_arn: str) -> str:
    """Return the topic's name as a statement's id may have it: letters and digits."""
    return re.sub(r"[^A-Za-z0-9]", "", topic_arn.rsplit(":", 1)[-1])
