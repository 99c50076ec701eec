"""Columns about consent: what a header says a column is about. The words are in `consent.toml`."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from listdrop.prospects.phrases import words
from listdrop.prospects.vocabulary import (
    answers_to,
    denies_within,
    found_in,
    has,
    negators,
    phrases,
)

MAY = "mai"
"""May in German and French dates, but "never" in Italian."""


class Kind(StrEnum):
    """What a column is about."""

    OPT_OUT = "opt_out"
    """People who do not want to be written to. Any value that is not a no is a yes."""
    LIKELY_OUT = "likely_out"
    """The same, most likely: but a text may be about something else, and is told."""
    BOUNCE = "bounce"
    """Addresses that do not accept mail, or are blocked."""
    OPT_IN = "opt_in"
    """People who want to be written to. A no suppresses; an empty cell means nothing."""
    VALID = "valid"
    """Addresses that are valid."""
    STATUS = "status"
    """A status: one of many words, some of which mean no."""
    TAGS = "tags"
    """Any number of tags, each of which may mean no."""
    DOUBTFUL = "doubtful"
    """People who want to be written to, or who do not any more: a no suppresses all the same."""
    UNCLEAR = "unclear"
    """About consent, but it is not clear what a yes means."""
    ASKED = "asked"
    """It may ask for consent: its header has a word for mailing. A no is told."""
    REFUSED = "refused"
    """It may say who refuses mail: it has a word for a refusal, too. A yes is told as well."""
    NAMES = "names"
    """Names, as of companies, places and topics. Some are words of no: only a clear no counts."""
    NUMBERS = "numbers"
    """Telephone numbers: the same, but a short no is one to calls."""
    OTHER = "other"
    """About anything else: only a cell that is nothing but a no of the person counts."""


NOT_OF_CONSENT = frozenset({Kind.ASKED, Kind.REFUSED, Kind.OTHER, Kind.NAMES, Kind.NUMBERS})
"""Kinds of columns that are about something else."""


class Column(NamedTuple):
    """A column about consent.

    `of_calls`: it is about telephone calls. `has_dates`: it has dates, so zero means no date.
    `has_details`: an opt-out column with free text, such as a reason. `of_people`: a status of the
    person or the address, not of an order, for example. `of_marketing`: a status about marketing,
    in which "not subscribed" is a no, too. `of_delivery`: a status of e-mails, in which "failed" is
    one. `is_whole`: only a value that says nothing else counts. `unless`: the columns of the
    addresses that are preferred to the one whose state this column tells; it counts only where they
    are empty. `has_numbers`: it may number something, so a number is no yes or no.
    `may_list`: people who are named in it opted out, whichever row names them. `has_none`: a word
    for none is a no, and no empty cell.
    """

    kind: Kind
    of_calls: bool = False
    has_dates: bool = False
    has_details: bool = False
    of_people: bool = True
    of_marketing: bool = False
    of_delivery: bool = False
    is_whole: bool = False
    unless: tuple[int, ...] = ()
    has_numbers: bool = False
    may_list: bool = False
    has_none: bool = False


@lru_cache(maxsize=4096)
def column_of(header: str) -> Column | None:
    """Return what a column is by its header; `None` if it is not about consent."""
    said = words(header)
    if not said or len(header) > _LONGEST_HEADER or _is_never(said):
        return None
    kind = _kind_of(said)
    if header.isascii() and phrases("accented").are(said):
        return Column(Kind.LIKELY_OUT, has_numbers=True, may_list=True)
    if kind is Kind.STATUS:
        if phrases("pushed").are(said):
            return None
        is_reply = has("whole_columns", said) or has("reports", said)
        of_texts = has("texting", said)
        of_people = (is_reply and of_texts) or not has("other_things", said)
        of_marketing = has("advertising", said) and not _is_of_else(said)
        return Column(
            kind,
            of_calls=of_texts and not is_reply and not has("email", said),
            of_people=of_people,
            of_marketing=of_marketing,
            of_delivery=of_people and (has("email", said) or has("of_delivery", said)),
            is_whole=_is_whole(said),
        )
    if kind is None or kind in (Kind.TAGS, Kind.VALID):
        return Column(kind) if kind else None
    of_mail = has("email", said)
    of_calls = not of_mail and (has("phone", said) or has("do_not_call", said))
    if has("post", said) and not of_mail:
        return None
    is_no = kind in (Kind.OPT_OUT, Kind.LIKELY_OUT, Kind.BOUNCE)
    is_unsure = kind in (Kind.UNCLEAR, Kind.ASKED, Kind.REFUSED)
    if (of_calls and is_unsure) or (not is_no and _is_of_else(said)):
        return None
    return Column(
        kind,
        of_calls,
        has_dates=has("dates", said),
        has_details=is_no and has("details", said),
        may_list=is_no and not of_calls and not has("circumstances", said),
    )


def _is_whole(said: Sequence[str]) -> bool:
    """Whether only a value that says nothing else counts: of a category, but not of its status."""
    spans = list(phrases("whole_columns").spans(said))
    covered = {place for first, after in spans for place in range(first, after)}
    rest = [word for place, word in enumerate(said) if place not in covered]
    return bool(spans) and not has("status_columns", rest)


def _is_of_topics(said: Sequence[str]) -> bool:
    """Whether cells name something of which a no may be the name: `Venue`, `Song`."""
    if has("reports", said):
        return False
    if has("not_of_people", said):
        return True
    return has("topics", said) and not (has("email", said) or has("advertising", said))


def _is_never(said: Sequence[str]) -> bool:
    """Whether a header is not about consent despite a word of it."""
    return has("never_consent", said) and not has("consent_after_all", said)


def _is_of_else(said: Sequence[str]) -> bool:
    """Whether a consent is about something else, or a column only says where it is from."""
    is_noted = any(after == len(said) for _, after in phrases("noted").spans(said))
    if is_noted or has("about_something_else", said):
        return True
    return has("other_consents", said) and not _is_about_mail(said)


_LONGEST_HEADER = 200


@lru_cache(maxsize=4096)
def other_column(header: str) -> Column | None:
    """Return what a column is that `column_of` does not know, and that fills no field.

    `None` if a no in it is not one of the person, but of something that the header names.
    """
    said = words(header[:_LONGEST_HEADER])
    if _is_never(said) or has("post", said):
        return None
    if said and (kind := _kind_of(said)) not in (None, Kind.ASKED, Kind.REFUSED):
        # About consent to something else, or who noted it: a word such as `opt out` may name that.
        is_else = kind in (Kind.OPT_IN, Kind.UNCLEAR, Kind.DOUBTFUL) and not has("phone", said)
        return Column(Kind.NAMES) if is_else and _is_of_else(said) else None
    if phrases("attending").are([word for word in said if not word.isdecimal()]):
        return None
    if _is_of_topics(said):
        return Column(Kind.NAMES, is_whole=True)  # of several topics, one may be called like a no
    is_of_things = has("phone", said) or has("other_things", said)
    return None if is_of_things and not has("reports", said) else Column(Kind.OTHER)


_FIRST = (
    ("both_ways", Kind.UNCLEAR),
    ("valid_columns", Kind.VALID),
    ("likely_out_columns", Kind.LIKELY_OUT),
)


def _kind_of(said: Sequence[str]) -> Kind | None:
    if phrases("tag_columns").are(said):
        return Kind.TAGS
    for name, kind in _FIRST:
        if has(name, said):
            return kind
    for name, kind, opposite in (
        ("do_not_call", Kind.OPT_OUT, Kind.OPT_IN),
        ("no", Kind.OPT_OUT, Kind.OPT_IN),
        ("opt_out_columns", Kind.OPT_OUT, Kind.OPT_IN),
        ("failed", Kind.BOUNCE, Kind.VALID),
        ("opt_in_columns", Kind.OPT_IN, Kind.OPT_OUT),
    ):
        found = found_in(name, said)
        is_asked = found_in("opt_in_columns", said) or (found and _is_question(said))
        if found and name == "no" and is_asked and has("possible", said):
            continue  # "You can unsubscribe at any time" names a right, which nobody has used yet
        if found and kind is Kind.OPT_IN:
            return _of_opt_in(said)
        if found and _is_end_of_else(kind, said):
            return Kind.UNCLEAR
        if found is not None:
            return kind if found else opposite
    if has("advertising", said) and found_in("turning", said) and _is_turned(said):
        return Kind.OPT_OUT
    if has("unclear_columns", said) and not _is_question(said):
        return Kind.UNCLEAR
    return _of_other_words(said)


def _is_end_of_else(kind: Kind, said: Sequence[str]) -> bool:
    """Whether what bounced, is blocked or suppressed is no address: `Check bounced`."""
    is_else = has("ends_of_else", said) or (kind is Kind.BOUNCE and has("not_of_addresses", said))
    return is_else and not (_is_about_mail(said) or has("phone", said))


def _of_other_words(said: Sequence[str]) -> Kind | None:
    """Return the kind of a column whose header has no phrase about consent."""
    if has("status_columns", said):
        return Kind.STATUS
    if _is_question(said):
        return _of_opt_in(said)
    if not _offers(said) or has("not_asked", said):
        return None
    is_ended = has("turning", said) and _is_turned(said)
    return Kind.REFUSED if is_ended or denies(said[:-1]) else Kind.ASKED


def _is_question(said: Sequence[str]) -> bool:
    """Whether a header asks what people want or allow: `May we send you news?`."""
    return has("asking", said) and _is_about_mail(said) and not has("status_columns", said)


def _is_about_mail(said: Sequence[str]) -> bool:
    return _offers(said) or has("contacting", said)


def _offers(said: Sequence[str]) -> bool:
    return any(has(name, said) for name in ("advertising", "email", "offering"))


def _of_opt_in(said: Sequence[str]) -> Kind:
    """Return the kind of a column whose header has a phrase of people who agree.

    A word for an end turns it, if nothing else is said: `Newsletter cancelled`. Otherwise it is
    doubtful, as in `Stop smoking newsletter`, but never read the wrong way round.
    """
    if has("engaged", said) and not has("asking", said):
        return Kind.STATUS
    if has("possible", said):
        return Kind.OPT_IN
    if (is_turned := found_in("turning", said)) is not None:
        if not is_turned:
            return Kind.OPT_IN
        return Kind.OPT_OUT if _is_turned(said) else Kind.DOUBTFUL
    return Kind.UNCLEAR if _is_negated(said) else Kind.OPT_IN


_ABOUT_TURNING = ("opt_in_columns", "advertising", "turning", "email", "phone", "plain_words")


def _is_turned(said: Sequence[str]) -> bool:
    """Whether a header says nothing but that a consent or advertising ends."""
    if has("also_paid", said) and not has("email", said) and not has("advertising", said):
        return False
    known = {
        place
        for name in _ABOUT_TURNING
        for first, after in phrases(name).spans(said)
        for place in range(first, after)
    }
    return all(place in known or word.isdecimal() for place, word in enumerate(said))


def _is_negated(said: Sequence[str]) -> bool:
    """Whether a header denies what it names: `Newsletter nicht gewünscht`, `Newsletter declined`.

    It does not where it only says how to answer (`yes/no`), or since which May (`Mai 2024`).
    """
    return has("denied", said) or denies(said)


def denies(said: Sequence[str]) -> bool:
    """Whether words deny something, whatever it is, and do not only say how to answer."""
    turning = negators()
    return denies_within(said) or any(
        word in turning
        and not (word == MAY and all(map(str.isdecimal, said[place + 1 :])))
        and answers_to(word).isdisjoint(said[max(place - 2, 0) : place + 3])
        for place, word in enumerate(said)
    )
