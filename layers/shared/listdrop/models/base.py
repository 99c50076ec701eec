"""What all models are made of."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, JsonValue

Json = dict[str, JsonValue]


def iso(moment: datetime) -> str:
    """Return a moment as items and messages have it: ISO-8601 UTC with milliseconds and `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Frozen(BaseModel):
    """A value passed between parts: immutable, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")
