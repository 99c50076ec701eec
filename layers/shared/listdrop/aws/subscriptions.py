"""Subscriptions to the results topic, in SNS."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from listdrop.ports import Subscription

if TYPE_CHECKING:
    from mypy_boto3_sns.client import SNSClient

PENDING = "PendingConfirmation"
ENDED = "Deleted"
"""What SNS says instead of an ARN: before a subscription is confirmed, and after it has ended."""


class SnsSubscriptions:
    """The subscriptions port. SNS on a laptop `sends_mail` to nobody."""

    def __init__(self, client: SNSClient, topic: str, *, sends_mail: bool = True) -> None:
        self._client = client
        self._topic = topic
        self.sends_mail = sends_mail

    def all(self) -> Sequence[Subscription]:
        """See the port."""
        pages = self._client.get_paginator("list_subscriptions_by_topic")
        return [
            Subscription(
                each["Protocol"],
                each["Endpoint"],
                "" if each["SubscriptionArn"] == PENDING else each["SubscriptionArn"],
            )
            for page in pages.paginate(TopicArn=self._topic)
            for each in page.get("Subscriptions", ())
            if each["SubscriptionArn"] != ENDED
        ]

    def subscribe(self, protocol: str, endpoint: str, policy: Mapping[str, Any]) -> str:
        """See the port."""
        text = json.dumps(policy)
        for each in self.all():
            if (each.protocol, each.endpoint) == (protocol, endpoint) and each.name:
                self._client.set_subscription_attributes(
                    SubscriptionArn=each.name, AttributeName="FilterPolicy", AttributeValue=text
                )
                return each.name
        attributes = {"FilterPolicy": text}
        if protocol == "sqs":
            attributes["RawMessageDelivery"] = "true"
        made = self._client.subscribe(
            TopicArn=self._topic, Protocol=protocol, Endpoint=endpoint, Attributes=attributes
        )
        name = made["SubscriptionArn"]
        return name if name.startswith("arn:") else ""

    def end(self, name: str) -> None:
        """See the port."""
        self._client.unsubscribe(SubscriptionArn=name)
