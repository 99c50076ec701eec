"""Subscriptions to the results topic, as SNS lists them."""

from __future__ import annotations

from typing import Any

import pytest

from listdrop.aws.subscriptions import SnsSubscriptions

TOPIC = "arn:aws:sns:eu-central-1:111122223333:results"


class Sns:
    """SNS with subscriptions of one address, by what it says of their ARNs."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.changed: list[str] = []
        self.made: list[str] = []

    def get_paginator(self, _: str) -> Any:
        """Return what lists one subscription a page."""
        return self

    def paginate(self, **_: Any) -> Any:
        """List one subscription a page, and an empty page at the end."""
        for name in self.names:
            yield {
                "Subscriptions": [
                    {"Protocol": "email", "Endpoint": "ada@example.com", "SubscriptionArn": name}
                ]
            }
        yield {}

    def set_subscription_attributes(self, **asked: Any) -> None:
        """Remember what was changed."""
        self.changed.append(asked["SubscriptionArn"])

    def subscribe(self, **asked: Any) -> Any:
        """Remember what was made."""
        self.made.append(asked["Endpoint"])
        return {"SubscriptionArn": "pending confirmation"}


@pytest.mark.parametrize(
    ("names", "listed"),
    [
        ((), []),
        (("Deleted",), []),
        (("PendingConfirmation",), [""]),
        ((f"{TOPIC}:1",), [f"{TOPIC}:1"]),
        (("Deleted", "PendingConfirmation", f"{TOPIC}:1"), ["", f"{TOPIC}:1"]),
        ((f"{TOPIC}:1", "Deleted"), [f"{TOPIC}:1"]),
    ],
)
def test_a_subscription_that_was_ended_is_not_listed(names: Any, listed: list[str]) -> None:
    sns: Any = Sns(*names)

    assert [each.name for each in SnsSubscriptions(sns, TOPIC).all()] == listed


@pytest.mark.parametrize(
    ("names", "changed"),
    [
        ((), []),
        (("Deleted",), []),
        (("PendingConfirmation",), []),
        (("Deleted", f"{TOPIC}:1"), [f"{TOPIC}:1"]),
    ],
)
def test_who_ended_a_subscription_subscribes_again(names: Any, changed: list[str]) -> None:
    sns: Any = Sns(*names)

    SnsSubscriptions(sns, TOPIC).subscribe("email", "ada@example.com", {"kind": ["upload"]})

    assert sns.changed == changed
    assert len(sns.made) == (0 if changed else 1)
