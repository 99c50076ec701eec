"""Formats numbers, shares, moments and durations for e-mails, pages and terminals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from listdrop.models import LastError, display_name

LONGEST_TEXT = 1_024
"""Characters of a text in a notice. SNS takes 256 KB for all protocols together, and a provider
may say more: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""


def shortened(text: str) -> str:
    """Return a text of at most `LONGEST_TEXT` characters. The result files have all of it."""
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def number(value: float) -> str:
    """Return `12,345`, or `0.5`."""
    return f"{value:,.10g}"


def plural(count: float, one: str, many: str = "") -> str:
    """Return `1 row`, `2 rows`."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def share(part: float, whole: float) -> str:
    """Return a percentage, never rounded up to 100%: `99.9%` for 9,999 of 10,000."""
    if not whole:
        return "-"
    tenths = int(1000 * part / whole)
    if tenths == 0 and part:
        return "< 0.1%"
    return f"{tenths // 10}%" if tenths % 10 == 0 else f"{tenths / 10:.1f}%"


def moment(value: datetime) -> str:
    """Return `21 Nov 2026, 14:05:09`, in UTC."""
    return f"{value.day} {value:%b %Y, %H:%M:%S}"


def duration(value: timedelta) -> str:
    """Return the two largest parts: `3 min 20 s`."""
    seconds = max(0, round(value.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    sizes = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
    parts: list[str] = []
    for unit, size in sizes:
        count, seconds = divmod(seconds, size)
        if count or parts:
            parts.append(f"{count} {unit}" if count else "")
    return " ".join(part for part in parts[:2] if part)


_TROUBLES = {
    "unreachable": ("cannot be reached", "could not be reached"),
    "no_answer": ("gives no usable answer", "gave no usable answer"),
    "busy": ("asks to wait", "asked to wait"),
}


def trouble(
    provider: str,
    error: LastError,
    shown: Callable[[datetime], str],
    now: datetime | None = None,
) -> str:
    """Say what is wrong with a provider, without a full stop; `now` is `None` once a job has ended.

    `Kakiyo cannot be reached: the connection was refused (35 tries since 01:58, the next in 40 s)`
    """
    is_now, was = _TROUBLES[error.kind]
    cause = "" if error.is_busy else f": {error.text}"
    preposition = "at" if error.attempts == 1 else "since"
    tries = f"{plural(error.attempts, 'try', 'tries')} {preposition} {shown(error.since)}"
    after = ""
    if now is not None and error.next_at is not None:
        after = f", the next {_in(error.next_at - now)}"
    return f"{_capital(display_name(provider))} {is_now if now else was}{cause} ({tries}{after})"


def sentence(text: str) -> str:
    """Return a text that begins with a capital and ends with a full stop."""
    return f"{_capital(text)}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _in(left: timedelta) -> str:
    return f"in {duration(left)}" if left > timedelta(seconds=1) else "now"
