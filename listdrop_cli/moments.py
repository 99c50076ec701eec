"""Moments as people read them, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

from listdrop_cli.output import is_terminal


def moment(at: datetime | None) -> str:
    """Return a moment to the minute; empty if there is none."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if at else ""


def listed_moment(at: datetime) -> str:
    """Return a moment for a list: on a terminal a short one, and in a pipe a whole one."""
    return short_moment(at, datetime.now(UTC)) if is_terminal() else moment(at)


def short_moment(at: datetime, now: datetime) -> str:
    """Return a moment in twelve letters: without the year, or else without the time."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%b %H:%M}" if at.year == now.year else f"{at.day} {at:%b %Y}"
