"""The base of all models, and their JSON and time formats."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, JsonValue

Json = dict[str, JsonValue]


def iso(moment: datetime) -> str:
    """Format a moment for items and messages: ISO 8601 in UTC with milliseconds and `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Frozen(BaseModel):
    """An immutable value. Unknown keys are an error.

    What validates it is built when it is first needed: each function needs few of all models.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
