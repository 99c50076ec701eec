"""A table that takes from each key only as many writes a second as DynamoDB does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from listdrop.aws.rows import DynamoTurnJobs
from tests.support.clock import ManualClock
from tools.limits import UNITS_OF_A_KEY

SECONDS_A_REQUEST = 0.01
_UNIT_BYTES = 1024


class ThrottledTable:
    """A table and its client, as far as row items go: what is too much is not processed.

    Items of up to 1 KB are one unit each, in the second in which they come.
    """

    name = "jobs"

    def __init__(self, clock: ManualClock) -> None:
        self.items: dict[str, Mapping[str, Any]] = {}
        """By sort key."""
        self.refused = 0
        self._clock = clock
        self._spent: Counter[tuple[str, int]] = Counter()
        self.meta: Any = self  # of the table and of the client
        self.client: Any = self
        self.events: Any = self

    def register(self, *_: Any, **__: Any) -> None:
        """Take no handlers: what is written comes here as it is."""

    def jobs(self) -> DynamoTurnJobs:
        """Return the port that writes to it, and waits on its clock."""
        table: Any = self
        return DynamoTurnJobs(table, table, self._clock)

    def batch_write_item(self, RequestItems: Mapping[str, Any]) -> Any:  # noqa: N803 # as boto3 has it
        """Take what the keys take in this second."""
        self._clock.advance(SECONDS_A_REQUEST)
        second = int(self._clock.now().timestamp())
        left = []
        for write in RequestItems[self.name]:
            item = write["PutRequest"]["Item"]
            units = -(-_size(item) // _UNIT_BYTES)
            if self._spent[item["pk"]["S"], second] + units > UNITS_OF_A_KEY.most:
                left.append(write)
                continue
            self._spent[item["pk"]["S"], second] += units
            self.items[item["sk"]["S"]] = item
        self.refused += len(left)
        return {"UnprocessedItems": {self.name: left} if left else {}}


def _size(item: Mapping[str, Mapping[str, str]]) -> int:
    return sum(len(name) + sum(map(len, value.values())) for name, value in item.items())
