"""Recognises lists of people who opted out: by the name of the file or the sheet, or by a title."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain

from listdrop.cells.patterns import lazy
from listdrop.cells.values import cell_value
from listdrop.prospects.consent_columns import MAY
from listdrop.prospects.phrases import Phrases, words
from listdrop.prospects.vocabulary import consent_words, found_in, has, negators, phrases


def is_list_of_opt_outs(key: str, table: str = "") -> bool:
    """Whether a file is a list of people who opted out, by its name.

    `key` is an upload's, `inbox/<route>/<path>`, or a file's name alone. A folder in the path
    counts if that is all that it says, besides numbers. For a table of an archive, its own name and
    the folders in the archive count too.
    """
    *folders, name = _WITHOUT.sub("without", key).split("/")
    return any(map(_is_just, folders[_BEFORE_PATH:])) or any(
        map(_names_opt_outs, (name, *_WITHOUT.sub("without", table).split("/")))
    )


def is_sheet_of_opt_outs(name: str) -> bool:
    """Whether a sheet of a workbook is such a list, by its name."""
    return _names_opt_outs(name)


_WITHOUT = lazy(r"\bw/o(?=[ _-])", re.I)
"""Without, and no folder."""
_LONGEST_TITLE = 80
_MOST_TITLE_CELLS = 2
_MOST_OTHER_WORDS = 6
_ASIDE = frozenset({"to", "can", "may", "will"})
"""Words before a phrase with which it is about something that may happen: "to unsubscribe"."""
_NUMBER = lazy(r"\d(?:[\d.,/-]*\d)?", re.ASCII)
"""A number, or several with marks between them, such as a date."""
_UNKNOWN = frozenset({"unknown", "empty", "blank"})
_WHOM = frozenset(
    {
        "list", "lists", "liste", "lista", "lijst", "listan", "again", "anymore", "these", "the",
        "people", "persons", "contacts", "contact", "leads", "lead", "profiles", "members",
        "customers", "users", "subscribers", "addresses", "emails", "prospects", "companies",
        "following", "below", "segment", "export", "report",
    }
)  # fmt: skip
"""What may follow "do not contact" in a title; what else follows makes it an instruction."""
_DECORATION = "=-_*#~+:.<>| "
_VALUE = lazy(r"\s*[:=]\s*")
_REMARK = lazy(r"\s+[\u2013\u2014-]\s+|\s*[(\[:]")
"""Where a remark begins after what a line says: `DNC - legal`."""
_COUNT = lazy(r"\d[\d.,\s]*%?\s*(?:\([^()]*\))?")
_YEARS = range(1990, 2100)


def is_title_of_opt_outs(cells: Sequence[str]) -> bool:
    """Whether a line above people is a title that says that they opted out.

    It has one cell, or two: `List: Unsubscribes`. Neither a count (`Unsubscribed: 4`), a filter's
    no, a sentence nor an instruction for the file is such a title.
    """
    filled = [cell.strip() for cell in cells if cell.strip()]
    text = ": ".join(filled)
    if not 0 < len(filled) <= _MOST_TITLE_CELLS or len(text) > _LONGEST_TITLE:
        return False
    if "@" in text or "://" in text:
        return False
    text = text.strip(_DECORATION)
    label, *_, value = _VALUE.split(text) if _VALUE.search(text) else ("", text)
    said = words(text.lower())
    if not said or (value != text and (_COUNT.fullmatch(value) or not cell_value(value))):
        return False
    if phrases("beginning_sentences").are(said[:1]) or negators() - {MAY} >= {said[-1]}:
        return False
    numbers = [each.replace(",", "") for each in _NUMBER.findall(text)]
    if sum(each.isdecimal() and int(each) not in _YEARS for each in numbers) > 1:
        return False
    if said[-1] in _UNKNOWN or phrases("not_so").are(said[-1:]):
        return False
    about_else = phrases("about_else").are(words(label))
    return _is_just_no(said) or any(
        _is_title(said, *span, about_else=about_else) for span in _told(said)
    )


_OF_LISTS = _WHOM | {
    "please", "bitte", "status", "section", "group", "who", "have", "from", "newsletter", "mailing",
    "kontakte", "personen", "leute", "clients", "personnes", "contactos", "contatti", "contatos",
    "of", "von", "de", "des", "di", "da", "van",
}  # fmt: skip
"""What may stand beside the phrase in a line between rows, which may be a company's name, too."""
_DECORATED = lazy(r"[\W_]{2,}[^\W_].*[\W_]{2,}")


def is_divider_of_opt_outs(cell: str) -> bool:
    """Whether a line between rows says that the people below it opted out, and nothing else."""
    text = cell.strip(_DECORATION)
    said = _undated(words(text.lower()))
    if is_title_of_opt_outs([cell]) and (
        _is_just_no(said)
        or any(
            all(word in _OF_LISTS or word.isdecimal() for word in (*said[:place], *said[after:]))
            for place, after in _told(said)
        )
    ):
        return True
    before, *remark = _REMARK.split(text, maxsplit=1)
    return bool(remark) and _is_just_no(words(before.lower())) and _is_reason(remark[0])


_MOST_REASON_WORDS = 2


def _is_reason(remark: str) -> bool:
    """Whether a remark after a no leaves it as it is: `legal`, but not `excluded` or `4`."""
    said = words(remark.lower())
    turns = (has("left_out_before", said), has("left_out_after", said))
    return (
        0 < len(said) <= _MOST_REASON_WORDS
        and not any(word.isdecimal() for word in said)
        and negators().isdisjoint(said)
        and not any(turns)
        and "@" not in remark
    )


_SINCE = frozenset({"since", "seit", "depuis", "desde", "dal", "sinds", "od", "sedan", "siden"})


def _undated(said: Sequence[str]) -> Sequence[str]:
    """Return words without what says since when."""
    place = next((place for place, word in enumerate(said) if word in _SINCE), len(said))
    return said[:place] if said and said[-1].isdecimal() else said


def is_divider(cell: str) -> bool:
    """Whether a line between rows begins another part of a list: `=== Others ===`, `Customers`."""
    said = words(cell)
    is_decorated = _DECORATED.fullmatch(cell.strip()) is not None
    return is_decorated or not _WHOM.isdisjoint(said) or has("granted", said)


def _is_title(said: Sequence[str], place: int, after: int, *, about_else: bool) -> bool:
    others = [word for word in (*said[:place], *said[after:]) if not word.isdecimal()]
    if len(others) > _MOST_OTHER_WORDS or not _ASIDE.isdisjoint(said[max(place - 1, 0) : place]):
        return False
    is_instruction = not negators().isdisjoint(said[place:after])
    if (about_else and not is_instruction) or has("left_out_after", said[after:]):
        return False
    return not is_instruction or all(word in _WHOM or word.isdecimal() for word in said[after:])


_JUST_NO = ("no", "failed")
_OF_CALLS = frozenset({"unreachable", "injoignable", "irraggiungibile", "onbereikbaar"})
"""Of people, these words are about telephone calls, too."""


def _is_just_no(said: Sequence[str]) -> bool:
    """Whether words are nothing but a phrase of people who said no, or of failed addresses."""
    said = [word for word in _undated(said) if not word.isdecimal()]
    is_no = any(phrases(name).is_only(said) for name in _JUST_NO)
    return is_no and _OF_CALLS.isdisjoint(said) and not _excepts(said)


def _is_just(folder: str) -> bool:
    said = [word for word in words(folder) if not word.isdecimal()]
    return _is_just_no(said) or (_lists().is_just(said) and not _excepts(said))


_BEFORE_PATH = 2
"""What is before the path in a key: the inbox and the route."""


_ENDINGS = lazy(r"(?:\.(?:csv|tsv|txt|gz|xlsx|zip))+$", re.I)


def _names_opt_outs(name: str) -> bool:
    name = _ENDINGS.sub("", name)
    readings = {words(name), words(name.lower())}
    return any(_is_just_no(said) or next(_told(said), None) is not None for said in readings)


def _told(said: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where words name people who opted out, and nothing around them says the opposite."""
    if has("about_a_column", said):
        return
    lists = _lists()
    if _excepts(said):
        return
    turning = negators() - {MAY}
    subjects = {place for span in phrases("subjects").spans(said) for place in range(*span)}
    for place, after in lists.spans(said):
        before = said[max(place - 2, 0) : place]
        if place in subjects or _is_turned(said[place:after], before, said[after:]):
            continue
        if (
            turning.isdisjoint(before)
            and not has("left_out_before", before)
            and not has("left_out_after", said[after : after + 3])
        ):
            yield place, after


_EXCEPT = lazy("(?<!\u89e3)\u9664 ")
"""Except, directly before a phrase: `除退订`; not in a word for an end (`解除`)."""


def _excepts(said: Sequence[str]) -> bool:
    """Whether a name without spaces between words says the opposite: `未退订`, `除退订`."""
    text = " ".join(said)
    if text.isascii():
        return False
    if any(found_in(name, said) is False for name in _JUST_NO):
        return True
    known = (_lists(), *map(phrases, _JUST_NO))
    if any(_EXCEPT.search(each.without(word)) for each in known for word in said):
        return True
    for each in known:
        text = each.without(text)
    rest = words(text)
    return any(phrases(name).found_within(rest) for name in ("left_out_before", "left_out_after"))


def _is_turned(phrase: Sequence[str], before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether the words around say that a no is not for good, or that an address works again."""
    near = [word for word in after if not word.isdecimal()][:_NEAR_WORDS]
    if not negators().isdisjoint(phrase):
        return has("not_for_good", before) or has("not_for_good", near)
    return has("repaired", near) and has("failed", phrase)


_NEAR_WORDS = 4


@cache
def _lists() -> Phrases:
    return Phrases(chain.from_iterable(consent_words()["files"].values()), gap=" ")
