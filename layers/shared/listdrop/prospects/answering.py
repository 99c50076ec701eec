"""What the words of an answer say: `Yes, but not by mail`, `No (please stop)`, `nicht erteilt`."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from listdrop.cells.patterns import lazy
from listdrop.prospects.clauses import Remark, remark
from listdrop.prospects.consent_columns import MAY, Column, Kind, denies
from listdrop.prospects.phrases import words
from listdrop.prospects.vocabulary import found_in, has, phrases


class Said(StrEnum):
    """What a value says, independent of its column's kind."""

    NOTHING = "nothing"
    YES = "yes"
    NO = "no"
    DATE = "date"
    ZERO = "zero"
    NUMBER = "number"
    OUT = "out"
    FAILED = "failed"
    DENIED = "denied"
    GRANTED = "granted"
    OPEN = "open"
    TEXT = "text"
    NO_CALLS = "no calls"


_LED = lazy(r"([^\W\d_]+)(?:\s*[(\[,;:/|]|\s+[\u2013\u2014-])")
"""A word, followed by an explanation: `No (never asked)`."""
_DATED = lazy(r"([^\W\d_]+)\s+\d")
_SHORT = 4
"""The most words in which a "not" can negate the rest. Longer texts are free text."""


def is_not_so(column: Column, said: Sequence[str]) -> bool:
    """Whether words are only a no, or a none where it is one."""
    return phrases("not_so").are(said) or (column.has_none and phrases("none").are(said))


def in_opt_out(value: str, said: Sequence[str]) -> Said:
    """Read words in an opt-out column. Only a clear denial is not an opt-out."""
    is_short = len(said) <= _SHORT
    told = {found_in("no", said), found_in("failed", said)}
    is_open = is_short and has("open", said)
    led = _LED.match(value)
    if led and phrases("not_so").are(words(led[1])):
        if _tells(_ENDS, said[1:]):
            return Said.OPEN  # "No (please stop)" is neither
        if True not in told and "(" in value:
            return Said.NO
    if is_open or True in told:
        return Said.OPEN if is_open else Said.OUT
    if is_short and (False in told or phrases("granted").are(said)):
        return Said.GRANTED
    if found_in("denied", said):
        return Said.DENIED
    return Said.YES if led and phrases("yes").are(words(led[1])) else Said.TEXT


def in_words(column: Column, value: str, said: Sequence[str]) -> Said:
    """Read words in any other column."""
    is_no = found_in("no", said)
    if column.kind is Kind.STATUS and (whole := _in_status(column, said)):
        return whole
    if is_no or (column.of_people and remark(value) is Remark.OUT):
        is_right = column.kind is not Kind.STATUS and has("possible", said)
        return Said.OPEN if is_right else Said.OUT  # "You can unsubscribe at any time"
    led = _LED.match(value) or _DATED.match(value)
    if led and said[0] != MAY and phrases("not_so").are(words(led[1])):
        is_listed = phrases("small_words").are(said[1:2]) and _tells(("no", "failed"), said[1:])
        return Said.OUT if is_listed else Said.NO  # "No - on blacklist"
    # "Yes, but not by mail" is neither.
    is_yes = led and phrases("yes").are(words(led[1])) and not denies(said)
    is_ended = is_yes and _tells(("denied", "failed", "turning"), said[1:])
    if is_yes and "(" in value and not is_ended:
        return Said.YES
    if has("open", said):
        return Said.TEXT if column.kind is Kind.STATUS else Said.OPEN
    if failed := _in_failed(column, value, said):
        return failed
    if is_no is not None:  # not unsubscribed
        return Said.GRANTED
    if column.of_marketing and found_in("denied", said):
        return Said.DENIED
    if is_ended and column.kind is not Kind.STATUS:  # "Yes (withdrawn)"
        rest = [word for word in said[1:] if not word.isdecimal()]
        return Said.DENIED if phrases("denied").is_only(rest) else Said.OPEN
    if is_yes or column.kind in (Kind.STATUS, Kind.VALID):
        return Said.YES if is_yes else Said.TEXT
    return _in_opt_in(value, said)


_ENDS = ("no", "failed", "turning", "status_only")


def _tells(sections: Sequence[str], said: Sequence[str]) -> bool:
    """Whether words contain a phrase of one of the sections that is not negated."""
    return any(found_in(name, said) for name in sections)


_REPLY = lazy(r"5\d\d[ -]5\.\d")
"""A mail server's final no: `550 5.1.1 user unknown`."""


def _in_status(column: Column, said: Sequence[str]) -> Said | None:
    """Read a status of which the whole says something, and perhaps not of mail: `Отказ`."""
    is_of_things = not column.of_people and phrases("unclear_alone").is_only(said)
    if is_of_things or phrases("unclear_status").are(said):
        return Said.OPEN
    return Said.OUT if phrases("status_only").are(said) else None


def _in_failed(column: Column, value: str, said: Sequence[str]) -> Said | None:
    """Read that an address does not take mail."""
    if found_in("failed", said) and not _is_of_others(column, said):
        return Said.OPEN if _may_be_of_leads(column, said) else Said.FAILED
    is_told = column.of_delivery and found_in("failed_delivery", said)
    return Said.FAILED if is_told or _REPLY.match(value) else None


def _may_be_of_leads(column: Column, said: Sequence[str]) -> bool:
    """Whether a status may be of calls or leads, and not of an address: `Injoignable`, `Rejeté`."""
    is_of_mail = column.of_delivery or column.of_marketing or has("email", said)
    is_status = column.kind is Kind.STATUS and column.of_people
    return is_status and not is_of_mail and has("unclear_failed", said)


def _is_of_others(column: Column, said: Sequence[str]) -> bool:
    """Whether a status is about what is no address: `Invalid phone number`."""
    is_of_others = has("phone", said) or has("not_of_addresses", said)
    return column.kind is Kind.STATUS and is_of_others and not has("email", said)


def _in_opt_in(value: str, said: Sequence[str]) -> Said:
    """Read what is neither a no nor a yes: words of what the column asks for."""
    for section, positive, negative in (
        ("denied", Said.DENIED, Said.GRANTED),
        ("granted", Said.GRANTED, Said.DENIED),
    ):
        found = found_in(section, said)
        if found and positive is Said.GRANTED and (denies(said) or _is_ended(said)):
            break  # a yes beside a no that is not understood
        if found is not None:
            return positive if found else negative
    return Said.NOTHING if "@" in value or "://" in value else Said.TEXT


def _is_ended(said: Sequence[str]) -> bool:
    """Whether a word for an end stands beside those of a yes: `Withdrawal confirmed`."""
    granted, turning = (
        {place for first, after in phrases(name).spans(said) for place in range(first, after)}
        for name in ("granted", "turning")
    )
    return not turning <= granted
